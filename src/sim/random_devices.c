// SPDX-License-Identifier: GPL-2.0-or-later
/* Random operations: DIMMs, virtio-mem devices, and the partition of a POWER machine. */
#include <stdlib.h>
#include <string.h>

#include "random_private.h"

#define MAX_DIMMS 12	    /* a PC has 16 slots */
#define MAX_PLUGGED 4	    /* times the memory at boot, from which memmaps are taken */
#define SLOT_GAP RANDOM_GIB /* QEMU's announced window is that much longer for each slot */
#define PC_SLOTS 16
#define EJECT_MS 1000 /* the kernel ejects after it has answered */

static unsigned int nr_objects(struct random *r, const char *dir)
{
	struct base_buf names;
	unsigned int nr = 0;

	base_buf_init(&names);
	if (!sim_path_list(r->sim->tree, dir, "", &names) && names.len)
		for (const char *p = base_buf_text(&names); p; p = strchr(p + 1, ' '))
			nr++;
	base_buf_fini(&names);
	return nr;
}

static uint64_t plugged_bytes(struct random *r)
{
	static const char *const dirs[] = { "machine/dimm", "machine/virtio-mem" };
	struct base_buf names;
	uint64_t bytes = 0;
	char *save;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(dirs); i++) {
		base_buf_init(&names);
		if (!sim_path_list(r->sim->tree, dirs[i], "", &names) && names.len)
			for (char *name = strtok_r(names.data, " ", &save); name;
			     name = strtok_r(NULL, " ", &save))
				bytes += random_number(r, NULL, "%s/%s/size", dirs[i], name);
		base_buf_fini(&names);
	}
	return bytes;
}

/* What may still be plugged. */
static uint64_t room(struct random *r)
{
	const struct machine_spec *spec = r->sim->spec;
	uint64_t window = 0, taken = plugged_bytes(r), most;

	for (size_t i = 0; i < spec->nr_hotplug; i++)
		window += spec->hotplug[i].end - spec->hotplug[i].start + 1;
	window -= BASE_MIN(window, PC_SLOTS * SLOT_GAP);
	most = BASE_MIN(window, MAX_PLUGGED * machine_boot_bytes(r->sim->machine));
	return most - BASE_MIN(most, taken);
}

bool random_has_window(struct random *r)
{
	return r->sim->spec->nr_hotplug && nr_objects(r, "machine/dimm") < MAX_DIMMS &&
	       room(r) >= r->sim->spec->block_size;
}

static uint64_t device_size(struct random *r, uint64_t most)
{
	uint64_t block = r->sim->spec->block_size;

	return block * (1 + random_roll(&r->dice, BASE_MIN(most / block, 16)));
}

static int possible_node(struct random *r)
{
	const struct base_mask *possible = &r->sim->spec->possible_nodes;
	unsigned int bit, at = (unsigned int)random_roll(&r->dice, base_mask_weight(possible));

	BASE_MASK_FOREACH(bit, possible)
		if (!at--)
			break;
	return (int)bit;
}

void random_gen_plug_dimm(struct random *r)
{
	unsigned long long size = device_size(r, room(r));
	const char *word;

	/* A size that is no multiple of a block: a DIMM without use. */
	if (random_chance(&r->dice, 4))
		size -= r->sim->spec->block_size / 2;
	random_do(r, "plug dimm d%u size=0x%llx node=%d", r->nr_made++, size, possible_node(r));
	if (random_chance(&r->dice, 40))
		return;
	word = random_chance(&r->dice, 60) ? "online_movable" : "online";
	for (const struct hp_block *b = hp_block_next(machine_hp(r->sim->machine), r->boot_blocks);
	     b; b = hp_block_next(machine_hp(r->sim->machine), hp_block_id(b) + 1))
		if (!hp_block_is_online(b) && random_chance(&r->dice, 70))
			random_do(r, "write " RANDOM_MEMORY "/memory%llu/state %s",
				  (unsigned long long)hp_block_id(b), word);
}

bool random_has_dimm(struct random *r)
{
	return nr_objects(r, "machine/dimm");
}

/* Whether memory is in use that would have to move: the removal of its DIMM may never end. */
static bool memory_in_use(struct random *r)
{
	char name[RANDOM_NAME];

	return random_name(r, "machine/workload", "", name) ||
	       random_number(r, "Hugetlb", "proc/meminfo");
}

/* Takes the blocks of the DIMM offline, one after the other; false if one stays online. */
static bool empty_dimm(struct random *r, const char *name)
{
	const struct hp *hp = machine_hp(r->sim->machine);
	uint64_t block = r->sim->spec->block_size;
	uint64_t from = random_number(r, NULL, "machine/dimm/%s/addr", name) / block;
	uint64_t to = from + random_number(r, NULL, "machine/dimm/%s/size", name) / block;

	for (uint64_t id = from; id < to; id++) {
		const struct hp_block *b = hp_block_find(hp, id);

		if (b && hp_block_is_online(b))
			random_offline(r, b);
		if (b && hp_block_is_online(b))
			return false;
	}
	return true;
}

void random_gen_unplug_dimm(struct random *r)
{
	char name[RANDOM_NAME];

	if (!random_object(r, "machine/dimm", 'd', name) ||
	    random_number(r, NULL, "machine/dimm/%s/plugged", name) != 1)
		return;
	if ((!memory_in_use(r) && random_chance(&r->dice, 50)) || empty_dimm(r, name))
		random_do(r, "unplug %s", name);
}

bool random_has_acpi(struct random *r)
{
	return random_has_dimm(r) && random_exists(r, "sys/bus/acpi/devices/PNP0C80:00/eject");
}

/* The kernel looks at the first letter only; a word that begins with 1 removes the DIMM later. */
void random_gen_eject(struct random *r)
{
	static const char *const words[] = { "0", "2", "x", "", "\n", " 1", NULL };
	char path[96], slot[RANDOM_NAME];
	struct base_buf text;

	if (!random_name(r, "sys/bus/acpi/devices", "PNP0C80:", slot))
		return;
	snprintf(path, sizeof(path), "sys/bus/acpi/devices/%s/eject", slot);
	base_buf_init(&text);
	if (!memory_in_use(r) && random_chance(&r->dice, 50))
		base_buf_puts(&text, random_chance(&r->dice, 80) ? "1" : "11");
	else
		base_buf_puts(&text, random_of(&r->dice, words));
	random_write(r, path, &text);
	base_buf_fini(&text);
	random_do(r, "sleep %u", EJECT_MS);
}

/* ---- virtio-mem ------------------------------------------------------------------------------ */

bool random_has_virtio_mem(struct random *r)
{
	return nr_objects(r, "machine/virtio-mem");
}

bool random_takes_virtio_mem(struct random *r)
{
	return random_has_window(r) && random_exists(r, "sys/module/virtio_mem") &&
	       nr_objects(r, "machine/virtio-mem") < 2;
}

void random_gen_plug_virtio_mem(struct random *r)
{
	static const char *const blocks[] = { "0x200000", "0x200000", "0x200000", "0x8000000",
					      NULL };
	uint64_t size = device_size(r, room(r)), block, requested;
	const char *text = random_of(&r->dice, blocks);

	(void)base_kstrtoull(text, 0, &block);
	if (size % block)
		return;
	requested = random_roll(&r->dice, size / block + 1) * block;
	random_do(r, "plug virtio-mem v%u size=0x%llx node=%d requested=0x%llx block=0x%llx",
		  r->nr_made++, (unsigned long long)size, possible_node(r),
		  (unsigned long long)requested, (unsigned long long)block);
}

void random_gen_resize(struct random *r)
{
	char name[RANDOM_NAME];
	uint64_t size, block;

	if (!random_object(r, "machine/virtio-mem", 'v', name))
		return;
	size = random_number(r, NULL, "machine/virtio-mem/%s/size", name);
	block = random_number(r, NULL, "machine/virtio-mem/%s/block_size", name);
	if (size && block)
		random_do(r, "resize %s requested=0x%llx", name,
			  (unsigned long long)(random_roll(&r->dice, size / block + 1) * block));
}

/* ---- DLPAR ----------------------------------------------------------------------------------- */

bool random_has_dlpar(struct random *r)
{
	return random_exists(r, "sys/kernel/dlpar");
}

void random_gen_dlpar(struct random *r)
{
	static const char *const wrong[] = { "memory add",	 "memory grow count 1",
					     "pci add",		 "memory add count x",
					     "memory add index", "memory remove count -1",
					     "memory remove by", NULL };
	const struct hp_block *block = random_block(r);
	bool add = random_chance(&r->dice, 50);
	unsigned int count = 1 + (unsigned int)random_roll(&r->dice, 4);
	const char *verb = add ? "add" : "remove";
	unsigned long long index = 0x80000000 + (block ? hp_block_id(block) : 0);
	struct base_buf text;

	base_buf_init(&text);
	switch (random_roll(&r->dice, 8)) {
	case 0:
		base_buf_puts(&text, random_of(&r->dice, wrong));
		break;
	case 1:
	case 2:
		base_buf_printf(&text, "memory %s index 0x%llx", verb, index);
		break;
	case 3:
		base_buf_printf(&text, "memory %s indexed-count %u 0x%llx", verb, count, index);
		break;
	default:
		base_buf_printf(&text, "memory %s count %u", verb, count);
	}
	if (random_chance(&r->dice, 20))
		base_buf_puts(&text, "\n");
	random_write(r, "sys/kernel/dlpar", &text);
	base_buf_fini(&text);
}
