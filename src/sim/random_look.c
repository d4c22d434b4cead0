// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the machine has, for the generators, and reading what an operation may have changed.
 *
 * Files are read only if their text follows from the machine: no amounts of free memory, and
 * nothing that counts events, because these differ between a machine and its emulation.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "random_private.h"

#define MAX_LOOK_BLOCKS 8 /* blocks that are looked at after one operation */
#define ALL_LOOKS 6	  /* percent of operations after which everything is read */

static uint64_t nr_blocks_from(const struct hp *hp, uint64_t id)
{
	uint64_t nr = 0;

	for (const struct hp_block *b = hp_block_next(hp, id); b;
	     b = hp_block_next(hp, hp_block_id(b) + 1))
		nr++;
	return nr;
}

static const struct hp_block *nth_block(const struct hp *hp, uint64_t from, uint64_t n)
{
	const struct hp_block *block = hp_block_next(hp, from);

	while (block && n--)
		block = hp_block_next(hp, hp_block_id(block) + 1);
	return block;
}

/* Memory at boot has hardly any gaps, and may have very many blocks. */
static const struct hp_block *boot_block(struct random *r)
{
	const struct hp *hp = machine_hp(r->sim->machine);
	const struct hp_block *block;

	block = hp_block_next(hp, r->boot_blocks ? random_roll(&r->dice, r->boot_blocks) : 0);
	return block ? block : hp_block_next(hp, 0);
}

const struct hp_block *random_block(struct random *r)
{
	const struct hp *hp = machine_hp(r->sim->machine);
	uint64_t nr = nr_blocks_from(hp, r->boot_blocks);

	if (!nr || random_chance(&r->dice, 10))
		return boot_block(r);
	return nth_block(hp, r->boot_blocks, random_roll(&r->dice, nr));
}

/* A node of @mask; 0 if it is empty. */
static int node_of(struct random *r, const struct base_mask *mask)
{
	unsigned int bit, nr = base_mask_weight(mask);
	uint64_t at = nr ? random_roll(&r->dice, nr) : 0;

	BASE_MASK_FOREACH(bit, mask)
		if (!at--)
			return (int)bit;
	return 0;
}

int random_node(struct random *r)
{
	if (random_chance(&r->dice, 20))
		return node_of(r, &r->sim->spec->possible_nodes);
	return node_of(r, hp_nodes_online(machine_hp(r->sim->machine)));
}

bool random_name(struct random *r, const char *dir, const char *prefix, char ret_name[RANDOM_NAME])
{
	struct base_buf names;
	uint64_t nr = 0, at;
	char *name, *save;
	bool found = false;

	base_buf_init(&names);
	if (!sim_path_list(r->sim->tree, dir, prefix, &names) && names.len) {
		for (const char *p = base_buf_text(&names); p; p = strchr(p + 1, ' '))
			nr++;
		at = random_roll(&r->dice, nr);
		name = strtok_r(names.data, " ", &save);
		while (name && at--)
			name = strtok_r(NULL, " ", &save);
		found = name && strlen(name) < RANDOM_NAME;
		if (found)
			strcpy(ret_name, name);
	}
	base_buf_fini(&names);
	return found;
}

bool random_object(struct random *r, const char *dir, char letter, char ret_name[RANDOM_NAME])
{
	return random_name(r, dir, (char[]){ letter, '\0' }, ret_name);
}

bool random_exists(struct random *r, const char *path)
{
	struct tree_attr attr;

	return !sim_path_stat(r->sim->tree, path, &attr);
}

static bool has_field(const char *text, const char *field, uint64_t *ret_value)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sim_text_field(line, field, ret_value))
			return true;
	}
	return false;
}

uint64_t random_number(struct random *r, const char *field, const char *fmt, ...)
{
	struct base_buf path, text;
	uint64_t value = 0;
	va_list ap;

	base_buf_init(&path);
	base_buf_init(&text);
	va_start(ap, fmt);
	base_buf_vprintf(&path, fmt, ap);
	va_end(ap);
	if (sim_read(r->sim, base_buf_text(&path), &text))
		value = 0;
	else if (field && !has_field(base_buf_text(&text), field, &value))
		value = 0;
	else if (!field && !sim_text_number(base_buf_text(&text), &value))
		value = 0;
	base_buf_fini(&text);
	base_buf_fini(&path);
	return value;
}

/* ---- looks ----------------------------------------------------------------------------------- */

/* Performs "delta" if the file has the field: which it has depends on the architecture. */
static void look_delta(struct random *r, const char *path, const char *field)
{
	struct base_buf text;
	uint64_t value;

	base_buf_init(&text);
	if (!sim_read(r->sim, path, &text) && has_field(base_buf_text(&text), field, &value))
		random_do(r, "delta %s %s", path, field);
	base_buf_fini(&text);
}

static void look_block(struct random *r, const struct hp_block *block, bool all)
{
	static const char *const often[] = { "state", "valid_zones", "online", NULL };
	static const char *const rarely[] = { "removable", "phys_device", "phys_index", NULL };
	unsigned long long id = hp_block_id(block);
	unsigned int rare = (unsigned int)random_roll(&r->dice, 12);

	for (unsigned int i = 0; often[i]; i++)
		if (all || random_chance(&r->dice, 75))
			random_do(r, "read " RANDOM_MEMORY "/memory%llu/%s", id, often[i]);
	if (rare < 3)
		random_do(r, "read " RANDOM_MEMORY "/memory%llu/%s", id, rarely[rare]);
	if (rare == 3)
		random_do(r, "list " RANDOM_MEMORY "/memory%llu", id);
}

static void look_blocks(struct random *r, bool all)
{
	const struct hp *hp = machine_hp(r->sim->machine);
	uint64_t nr = nr_blocks_from(hp, r->boot_blocks), first = 0;
	const struct hp_block *block;
	unsigned int most = all ? 4 * MAX_LOOK_BLOCKS : MAX_LOOK_BLOCKS;

	if (all || random_chance(&r->dice, 40))
		random_do(r, "list " RANDOM_MEMORY " memory");
	if (nr > most)
		first = random_roll(&r->dice, nr - most + 1);
	for (uint64_t i = 0; i < BASE_MIN(nr, most); i++) {
		block = nth_block(hp, r->boot_blocks, first + i);
		if (block)
			look_block(r, block, all);
	}
	block = boot_block(r);
	if (block)
		look_block(r, block, all);
}

static void look_zones(struct random *r, bool all)
{
	static const char *const zones[] = { "DMA", "DMA32", "Normal", "Movable", NULL };
	static const char *const total[] = { "nr_memmap_pages", "nr_memmap_boot_pages", NULL };
	static const char *const mapped[] = { "MemTotal", "DirectMap2M", "DirectMap1G", "CmaTotal",
					      NULL };
	unsigned int nid;
	char path[64];

	BASE_MASK_FOREACH(nid, hp_nodes_online(machine_hp(r->sim->machine))) {
		for (unsigned int i = all ? 0 : 1; zones[i]; i++)
			random_do(r, "zone %u %s", nid, zones[i]);
		snprintf(path, sizeof(path), RANDOM_NODE "/node%u/meminfo", nid);
		look_delta(r, path, "MemTotal");
	}
	for (unsigned int i = 0; mapped[i]; i++)
		if (all || random_chance(&r->dice, 60))
			look_delta(r, "proc/meminfo", mapped[i]);
	for (unsigned int i = 0; total[i]; i++)
		if (all || random_chance(&r->dice, 60))
			look_delta(r, "proc/vmstat", total[i]);
}

static void look_nodes(struct random *r, bool all)
{
	static const char *const masks[] = { "online",	"possible",	     "has_memory",
					     "has_cpu", "has_normal_memory", NULL };
	int nid = random_node(r);

	for (unsigned int i = 0; masks[i]; i++)
		if (all || random_chance(&r->dice, 40))
			random_do(r, "read " RANDOM_NODE "/%s", masks[i]);
	random_do(r, "list " RANDOM_NODE "/node%d memory", nid);
	if (all || random_chance(&r->dice, 20)) {
		random_do(r, "list " RANDOM_NODE " node");
		random_do(r, "read " RANDOM_NODE "/node%d/distance", nid);
	}
}

static void look_pools(struct random *r, bool all)
{
	static const char *const files[] = { "nr_hugepages", "free_hugepages", "surplus_hugepages",
					     NULL };
	static const char *const totals[] = { "HugePages_Total", "HugePages_Free", "HugePages_Rsvd",
					      "HugePages_Surp",	 "Hugetlb",	   NULL };
	char size[RANDOM_NAME], dir[64];
	unsigned int nid;

	BASE_MASK_FOREACH(nid, hp_nodes_online(machine_hp(r->sim->machine))) {
		snprintf(dir, sizeof(dir), RANDOM_NODE "/node%u/hugepages", nid);
		if (!random_name(r, dir, "hugepages-", size))
			continue;
		for (unsigned int i = 0; files[i]; i++)
			random_do(r, "read %s/%s/%s", dir, size, files[i]);
	}
	for (unsigned int i = 0; totals[i]; i++)
		if (all || random_chance(&r->dice, 60))
			look_delta(r, "proc/meminfo", totals[i]);
}

static void look_poison(struct random *r, bool all)
{
	static const char *const files[] = { "total",	"ignored",   "failed",
					     "delayed", "recovered", NULL };
	int nid = random_node(r);

	look_delta(r, "proc/meminfo", "HardwareCorrupted");
	for (unsigned int i = 0; files[i]; i++)
		if (all || random_chance(&r->dice, 40))
			random_do(r, "read " RANDOM_NODE "/node%d/memory_failure/%s", nid,
				  files[i]);
}

static void look_parameters(struct random *r, bool all)
{
	static const char *const files[] = { RANDOM_MEMORY "/auto_online_blocks",
					     RANDOM_PARAMETERS "/online_policy",
					     RANDOM_PARAMETERS "/auto_movable_ratio",
					     RANDOM_PARAMETERS "/auto_movable_numa_aware",
					     RANDOM_PARAMETERS "/memmap_on_memory",
					     NULL };

	for (unsigned int i = 0; files[i]; i++)
		if (all || random_chance(&r->dice, 60))
			random_do(r, "read %s", files[i]);
}

static const struct {
	unsigned int look;
	void (*fn)(struct random *r, bool all);
} look_table[] = {
	{ RANDOM_LOOK_BLOCKS, look_blocks }, { RANDOM_LOOK_ZONES, look_zones },
	{ RANDOM_LOOK_POOLS, look_pools },   { RANDOM_LOOK_POISON, look_poison },
	{ RANDOM_LOOK_NODES, look_nodes },   { RANDOM_LOOK_PARAMETERS, look_parameters },
};

void random_look(struct random *r, unsigned int looks)
{
	bool all = random_chance(&r->dice, ALL_LOOKS);

	if (all || random_chance(&r->dice, 70))
		random_do(r, "uevents");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(look_table); i++)
		if (all || (looks & look_table[i].look))
			look_table[i].fn(r, all);
}
