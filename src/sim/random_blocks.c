// SPDX-License-Identifier: GPL-2.0-or-later
/* Random operations: blocks, policies, parameters, injected errors, and reading any file. */
#include <string.h>

#include "random_private.h"

#define INJECT "sys/kernel/debug/notifier-error-inject/memory/actions"
#define WRITE_MS 10000 /* until a write that may never end is killed; a slow guest needs seconds */

static const char *const state_words[] = { "online", "online_movable", "online_kernel", "offline",
					   NULL };
static const char *const online_words[] = { "online", "online_movable", "online_movable",
					    "online_kernel", NULL };
static const char *const binary_words[] = { "0", "1", "y", "n", NULL };

/* Writes a word to a file. */
static void write_word(struct random *r, const char *path, const char *const *words)
{
	struct base_buf text;

	base_buf_init(&text);
	random_word(r, words, &text);
	random_write(r, path, &text);
	base_buf_fini(&text);
}

/* Writes a number to a file. */
static void write_value(struct random *r, const char *path, uint64_t value)
{
	struct base_buf text;

	base_buf_init(&text);
	random_value(r, value, &text);
	random_write(r, path, &text);
	base_buf_fini(&text);
}

/* It may wait forever for pages that are in use. */
void random_offline(struct random *r, const struct hp_block *block)
{
	unsigned long long id = hp_block_id(block);
	bool by_number = random_chance(&r->dice, 20);

	random_do(r, "timed-write %u " RANDOM_MEMORY "/memory%llu/%s %s", WRITE_MS, id,
		  by_number ? "online" : "state", by_number ? "0" : "offline");
}

void random_gen_state(struct random *r)
{
	const struct hp_block *block = random_block(r);
	char path[64];

	if (!block)
		return;
	snprintf(path, sizeof(path), RANDOM_MEMORY "/memory%llu/state",
		 (unsigned long long)hp_block_id(block));
	if (hp_block_is_online(block) && random_chance(&r->dice, 70))
		random_offline(r, block);
	else if (hp_block_is_online(block))
		write_word(r, path, online_words);
	else
		write_word(r, path, state_words);
}

void random_gen_online(struct random *r)
{
	const struct hp_block *block = random_block(r);
	char path[64];

	if (!block)
		return;
	snprintf(path, sizeof(path), RANDOM_MEMORY "/memory%llu/online",
		 (unsigned long long)hp_block_id(block));
	if (hp_block_is_online(block) && random_chance(&r->dice, 80))
		random_offline(r, block);
	else if (!hp_block_is_online(block))
		write_word(r, path, binary_words);
}

/* Several blocks at once, in any order: what a policy does with a new device. */
void random_gen_all_online(struct random *r)
{
	const char *word = random_of(&r->dice, online_words);

	for (uint64_t i = random_roll(&r->dice, 8) + 1; i; i--) {
		const struct hp_block *block = random_block(r);

		if (block && !hp_block_is_online(block))
			random_do(r, "write " RANDOM_MEMORY "/memory%llu/state %s",
				  (unsigned long long)hp_block_id(block), word);
	}
}

/* In the background only what ends by itself: nothing can end it later. */
void random_gen_background(struct random *r)
{
	const struct hp_block *block = random_block(r);

	if (!block || hp_block_is_online(block))
		return;
	random_do(r, "start-write w%u " RANDOM_MEMORY "/memory%llu/state %s", r->nr_made,
		  (unsigned long long)hp_block_id(block), random_of(&r->dice, state_words));
	random_do(r, "join w%u %u", r->nr_made++, WRITE_MS);
}

void random_gen_auto_online(struct random *r)
{
	write_word(r, RANDOM_MEMORY "/auto_online_blocks", state_words);
}

/* Blocks of boot memory that have no block: mem= has hidden them. */
static bool hidden_block(struct random *r, uint64_t *ret_addr)
{
	const struct machine_spec *spec = r->sim->spec;
	const struct hp *hp = machine_hp(r->sim->machine);

	for (size_t i = 0; i < spec->nr_memory; i++) {
		const struct machine_range *range = &spec->memory[i];
		uint64_t from = (range->start + spec->block_size - 1) / spec->block_size;

		for (uint64_t id = from; (id + 1) * spec->block_size - 1 <= range->end; id++) {
			*ret_addr = id * spec->block_size;
			if (!hp_block_find(hp, id))
				return true;
		}
	}
	return false;
}

/*
 * Probes hidden memory, memory that has a block, or a part of a block: a kernel would use other
 * addresses, too, and crash because nothing is there.
 */
void random_gen_probe(struct random *r)
{
	const struct hp_block *block = random_block(r);
	uint64_t addr = block ? hp_block_id(block) * r->sim->spec->block_size : 0;
	struct base_buf text;

	base_buf_init(&text);
	if (random_chance(&r->dice, 70) && hidden_block(r, &addr)) {
		base_buf_printf(&text, "0x%llx", (unsigned long long)addr);
	} else {
		if (random_chance(&r->dice, 30))
			addr += r->sim->spec->block_size / (1 + random_roll(&r->dice, 64));
		base_buf_printf(&text, "0x%llx%s", (unsigned long long)addr,
				random_chance(&r->dice, 30) ? "\n" : "");
	}
	random_write(r, RANDOM_MEMORY "/probe", &text);
	base_buf_fini(&text);
}

void random_gen_given(struct random *r)
{
	const struct hp_block *block = random_block(r);
	char name[RANDOM_NAME];

	if (random_object(r, "machine/workload", 'g', name))
		random_given(r, "movable", name + strlen("given-"));
	else if (block && hp_block_is_online(block)) {
		snprintf(name, sizeof(name), "memory%llu", (unsigned long long)hp_block_id(block));
		random_given(r, "unmovable", name);
	}
}

/* ---- files beside the blocks ----------------------------------------------------------------- */

void random_gen_uevent(struct random *r)
{
	static const char *const words[] = { "add",
					     "change",
					     "remove",
					     "online",
					     "offline",
					     "bind",
					     "move",
					     "unbind",
					     "change 12345678-1234-1234-1234-123456789abc A=b",
					     "change 12345678-1234-1234-1234-123456789abc",
					     "change 1234",
					     NULL };
	const struct hp_block *block = random_block(r);
	char path[64];

	if (block && random_chance(&r->dice, 70))
		snprintf(path, sizeof(path), RANDOM_MEMORY "/memory%llu/uevent",
			 (unsigned long long)hp_block_id(block));
	else if (random_chance(&r->dice, 50))
		snprintf(path, sizeof(path), RANDOM_NODE "/node%d/uevent", random_node(r));
	else
		snprintf(path, sizeof(path), "%s/uevent",
			 random_chance(&r->dice, 50) ? RANDOM_MEMORY : RANDOM_NODE);
	write_word(r, path, words);
}

/* An error is injected for the next operation only. */
void random_gen_inject(struct random *r)
{
	static const char *const actions[] = { "MEM_GOING_ONLINE", "MEM_GOING_OFFLINE", NULL };
	static const char *const errors[] = { "-12", "-16", "-1", "-22", "7", NULL };
	const char *action = random_of(&r->dice, actions);
	char path[128];

	snprintf(path, sizeof(path), INJECT "/%s/error", action);
	write_word(r, path, errors);
	random_do(r, "read %s", path);
	random_gen_state(r);
	random_do(r, "write %s 0", path);
}

void random_gen_parameter(struct random *r)
{
	static const char *const policies[] = { "contig-zones", "auto-movable", "auto-movable",
						NULL };
	static const char *const bools[] = { "Y", "N", "1", "0", "on", "off", "y", NULL };
	static const char *const modes[] = { "Y", "N", "force", NULL };

	switch (random_roll(&r->dice, 7)) {
	case 0:
	case 1:
	case 2:
		write_word(r, RANDOM_PARAMETERS "/online_policy", policies);
		break;
	case 3:
	case 4:
		write_value(r, RANDOM_PARAMETERS "/auto_movable_ratio",
			    random_roll(&r->dice, 8) * 50);
		break;
	case 5:
		write_word(r, RANDOM_PARAMETERS "/auto_movable_numa_aware", bools);
		break;
	default:
		write_word(r, RANDOM_PARAMETERS "/memmap_on_memory", modes);
	}
}

/* Writes to a file that is no control of its own, mostly one that cannot be written. */
void random_gen_any_file(struct random *r)
{
	static const char *const files[] = { "phys_index",  "phys_device",   "removable",
					     "valid_zones", "power/control", "absent",
					     NULL };
	static const char *const words[] = { "online", "0", "1", "auto", "on", "-1", NULL };
	const struct hp_block *block = random_block(r);
	char path[96];

	if (!block)
		return;
	snprintf(path, sizeof(path), RANDOM_MEMORY "/memory%llu/%s",
		 (unsigned long long)hp_block_id(block), random_of(&r->dice, files));
	write_word(r, path, words);
}

/* Whether the text of a file follows from the machine, unlike counters and free memory. */
static bool is_certain(const char *name)
{
	static const char *const uncertain[] = { "meminfo",
						 "vmstat",
						 "numastat",
						 "uevent_seqnum",
						 "runtime_active_time",
						 "runtime_suspended_time",
						 NULL };

	for (unsigned int i = 0; uncertain[i]; i++)
		if (!strcmp(name, uncertain[i]))
			return false;
	return true;
}

/* Goes down from a directory by names chosen at random, and looks at what is there. */
void random_gen_walk(struct random *r)
{
	static const char *const roots[] = { RANDOM_MEMORY,	RANDOM_MEMORY,
					     RANDOM_NODE,	RANDOM_NODE,
					     "sys/bus/memory",	"sys/bus/node",
					     RANDOM_PARAMETERS, NULL };
	char path[256], name[RANDOM_NAME];
	struct tree_attr attr = { .mode = S_IFDIR };
	size_t len;

	strcpy(path, random_of(&r->dice, roots));
	for (unsigned int depth = 0; depth < 4 && S_ISDIR(attr.mode); depth++) {
		if (!random_name(r, path, "", name) || !strncmp(name, "cpu", 3))
			break;
		len = strlen(path);
		snprintf(path + len, sizeof(path) - len, "/%s", name);
		random_do(r, "stat %s", path);
		if (sim_path_stat(r->sim->tree, path, &attr))
			break;
		if (S_ISLNK(attr.mode))
			random_do(r, "link %s", path);
		else if (S_ISDIR(attr.mode))
			random_do(r, "list %s", path);
		else if (is_certain(name))
			random_do(r, "read %s", path);
	}
}

void random_gen_sleep(struct random *r)
{
	random_do(r, "sleep %u", (unsigned int)random_roll(&r->dice, 200));
}
