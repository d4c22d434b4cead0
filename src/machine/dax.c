// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DAX devices (persistent memory, CXL, soft-reserved memory) whose memory the kmem driver adds as
 * System RAM (the kernel's drivers/dax/kmem.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine_private.h"

#define DAX_ALIGN (2ULL << 20)
static const char resource_name[] = "System RAM (kmem)";

#define BOUND "the kmem driver has it: write 0 to system_ram first"
#define LEFT_OVER                                                                                  \
	"some of its memory is in use, or stayed when the driver went, until the machine boots "   \
	"again"

#define dax_log(dax, fmt, ...)                                                                     \
	hp_log((dax)->machine->hp, "kmem %s: " fmt, (dax)->name, ##__VA_ARGS__)

/*
 * @bound: the driver is bound to it
 * @start, @size: its whole memory blocks, while any of them is System RAM
 * @group: NULL: none is
 */
struct machine_dax {
	struct machine *machine;
	char *name;
	uint64_t field[MACHINE_DAX_NR_FIELDS];
	bool memmap_on_memory;
	bool plugged;
	bool bound;
	struct machine_region region;
	uint64_t start;
	uint64_t size;
	struct hp_group *group;
	TAILQ_ENTRY(machine_dax) link;
};

int machine_dax_new(struct machine *m, const char *name, struct machine_dax **ret_dax)
{
	struct machine_dax *dax = calloc(1, sizeof(*dax));

	if (!dax)
		return -ENOMEM;
	dax->machine = m;
	dax->name = strdup(name);
	if (!dax->name) {
		free(dax);
		return -ENOMEM;
	}
	dax->field[MACHINE_DAX_ADDR] = MACHINE_DIMM_AUTO;
	TAILQ_INSERT_TAIL(&m->daxes, dax, link);
	*ret_dax = dax;
	return 0;
}

static void dax_destroy(struct machine *m, struct machine_dax *dax)
{
	TAILQ_REMOVE(&m->daxes, dax, link);
	free(dax->name);
	free(dax);
}

static int refuse_plugged(struct machine *m)
{
	return machine_refuse(m, -EBUSY, "it is plugged: write 0 to plugged first");
}

struct machine_dax *machine_dax_next(const struct machine *m, struct machine_dax *dax)
{
	return dax ? TAILQ_NEXT(dax, link) : TAILQ_FIRST(&m->daxes);
}

int machine_dax_free(struct machine *m, struct machine_dax *dax)
{
	if (dax->plugged)
		return refuse_plugged(m);
	dax_destroy(m, dax);
	return 0;
}

void machine_dax_free_all(struct machine *m)
{
	struct machine_dax *dax;

	while ((dax = TAILQ_FIRST(&m->daxes)))
		dax_destroy(m, dax);
}

uint64_t machine_dax_get(const struct machine_dax *dax, enum machine_dax_field field)
{
	if (dax->plugged && field == MACHINE_DAX_ADDR)
		return dax->region.start;
	return dax->field[field];
}

int machine_dax_set(struct machine *m, struct machine_dax *dax, enum machine_dax_field field,
		    uint64_t value)
{
	if (dax->plugged)
		return refuse_plugged(m);
	if (field == MACHINE_DAX_NODE && machine_check_node(m, value))
		return -EINVAL;
	dax->field[field] = value;
	return 0;
}

bool machine_dax_memmap_on_memory(const struct machine_dax *dax)
{
	return dax->memmap_on_memory;
}

int machine_dax_set_memmap_on_memory(struct machine *m, struct machine_dax *dax, bool on)
{
	if (on && !hp_supports_memmap_on_memory(m->hp))
		return machine_refuse(m, -EOPNOTSUPP,
				      "the kernel does not do that: see "
				      "sys/module/memory_hotplug/parameters/memmap_on_memory");
	if (on != dax->memmap_on_memory && dax->bound)
		return machine_refuse(m, -EBUSY, BOUND);
	dax->memmap_on_memory = on;
	return 0;
}

bool machine_dax_plugged(const struct machine_dax *dax)
{
	return dax->plugged;
}

int machine_dax_plug(struct machine *m, struct machine_dax *dax, bool plug)
{
	uint64_t size = dax->field[MACHINE_DAX_SIZE], addr = dax->field[MACHINE_DAX_ADDR];
	int ret;

	if (plug == dax->plugged)
		return 0;
	if (!plug) {
		if (dax->bound)
			return machine_refuse(m, -EBUSY, BOUND);
		if (dax->group)
			return machine_refuse(m, -EBUSY, LEFT_OVER);
		TAILQ_REMOVE(&m->regions, &dax->region, link);
		dax->plugged = false;
		return 0;
	}
	ret = machine_check_device(m, size, addr, DAX_ALIGN, dax->field[MACHINE_DAX_NODE]);
	if (!ret)
		ret = machine_region_place(m, addr, size, DAX_ALIGN, &dax->region);
	if (ret)
		return ret;
	TAILQ_INSERT_TAIL(&m->regions, &dax->region, link);
	dax->plugged = true;
	return 0;
}

/* ---- the kmem driver ------------------------------------------------------------------------- */

bool machine_dax_bound(const struct machine_dax *dax)
{
	return dax->bound;
}

static int kmem_add(struct machine_dax *dax)
{
	struct hp *hp = dax->machine->hp;
	const struct hp_add add = {
		.start = dax->start,
		.size = dax->size,
		.group = dax->group,
		.name = resource_name,
		.memmap_on_memory = dax->memmap_on_memory,
	};
	int ret = hp_resource_reserve(hp, dax->start, dax->size, dax->name);

	if (ret) {
		dax_log(dax, "mapping0: %#llx-%#llx could not reserve region",
			(unsigned long long)dax->start,
			(unsigned long long)(dax->start + dax->size - 1));
		return machine_refuse(dax->machine, -EBUSY,
				      "its addresses are in use, see proc/iomem");
	}
	ret = hp_add_memory(hp, &add);
	if (ret) {
		dax_log(dax, "mapping0: %#llx-%#llx memory add failed",
			(unsigned long long)dax->start,
			(unsigned long long)(dax->start + dax->size - 1));
		hp_resource_unreserve(hp, dax->start, dax->size, dax->name);
		machine_refuse(dax->machine, ret, "the kernel does not add its memory, see above");
	}
	return ret;
}

/* dev_dax_kmem_probe() */
static int kmem_bind(struct hp_call *call)
{
	struct machine_dax *dax = call->data;
	struct machine *m = dax->machine;
	uint64_t block_size = m->spec->block_size;
	int ret;

	if (!dax->plugged)
		return machine_refuse(m, -ENODEV, "it is not plugged: write 1 to plugged first");
	if (!machine_spec_has(m->spec, MACHINE_DAX_KMEM))
		return machine_refuse(m, -ENODEV, "the kernel is built without DEV_DAX_KMEM");
	if (dax->bound)
		return 0;
	/* Memory that it could not remove is still reserved. */
	if (dax->group)
		return machine_refuse(m, -EBUSY, LEFT_OVER);
	dax->start = BASE_ROUND_UP(dax->region.start, block_size);
	dax->size = BASE_ROUND_DOWN(dax->region.start + dax->region.size, block_size);
	if (dax->size <= dax->start) {
		dax_log(dax, "rejecting DAX region without any memory after alignment");
		return machine_refuse(m, -EINVAL, "it has no whole memory block, which is %s",
				      base_size_text(block_size).s);
	}
	dax->size -= dax->start;
	dax->group = hp_group_new_static(m->hp, (int)dax->field[MACHINE_DAX_NODE],
					 dax->size >> m->spec->page_shift);
	if (!dax->group)
		return -ENOMEM;
	ret = kmem_add(dax);
	if (ret) {
		hp_group_free(m->hp, dax->group);
		dax->group = NULL;
		return ret;
	}
	dax->bound = true;
	return 0;
}

/* dev_dax_kmem_remove(): one attempt; the driver is unbound whether or not it succeeds. */
static int kmem_unbind(struct hp_call *call)
{
	struct machine_dax *dax = call->data;
	struct hp *hp = dax->machine->hp;

	if (!dax->bound)
		return 0;
	dax->bound = false;
	/* Then it lets go without a word, and its memory stays. */
	if (!machine_spec_has(dax->machine->spec, MACHINE_MEMORY_HOTREMOVE))
		return 0;
	if (hp_remove_memory(hp, dax->start, dax->size)) {
		dax_log(dax, "mapping0: %#llx-%#llx cannot be hotremoved until the next reboot",
			(unsigned long long)dax->start,
			(unsigned long long)(dax->start + dax->size - 1));
		return 0;
	}
	hp_resource_unreserve(hp, dax->start, dax->size, dax->name);
	hp_group_free(hp, dax->group);
	dax->group = NULL;
	return 0;
}

void machine_dax_bind(struct machine *m, struct machine_dax *dax, bool bind, struct hp_call *call)
{
	call->run = bind ? kmem_bind : kmem_unbind;
	call->data = dax;
	call->waits_always = true;
	hp_submit(m->hp, call);
}

/* ---- saving and loading ---------------------------------------------------------------------- */

static void dax_region(struct base_save *s, struct machine_dax *dax, struct machine *m)
{
	machine_region_save(m, s, &dax->region, dax->plugged);
}

static void dax_group(struct base_save *s, struct machine_dax *dax, struct machine *m)
{
	hp_group_save(s, &dax->group);
	if (!dax->name)
		base_save_fail(s, -EINVAL, "a DAX device has no name");
}

#define DAX_ROWS(ROW)                                                                              \
	ROW(SKIP, machine, "the owner, set on creation")                                           \
	ROW(STRING, name)                                                                          \
	ROW(NUMBERS, field)                                                                        \
	ROW(NUMBER, memmap_on_memory)                                                              \
	ROW(NUMBER, plugged)                                                                       \
	ROW(NUMBER, bound)                                                                         \
	ROW(WITH, region, dax_region)                                                              \
	ROW(NUMBER, start)                                                                         \
	ROW(NUMBER, size)                                                                          \
	ROW(WITH, group, dax_group)                                                                \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(dax_save, struct machine_dax, struct machine, DAX_ROWS)

static struct machine_dax *dax_make(struct machine *m)
{
	struct machine_dax *dax = calloc(1, sizeof(*dax));

	if (!dax)
		return NULL;
	dax->machine = m;
	TAILQ_INSERT_TAIL(&m->daxes, dax, link);
	return dax;
}

void machine_daxes_save(struct machine *m, struct base_save *s)
{
	BASE_SAVE_TAILQ(s, &m->daxes, link, dax_save, m, dax_make(m));
}

const char *machine_dax_resource(const struct machine *m, uint64_t start, const char *text)
{
	const struct machine_dax *dax;

	TAILQ_FOREACH(dax, &m->daxes, link) {
		if (dax->group && dax->start == start && !strcmp(dax->name, text))
			return dax->name;
	}
	return strcmp(text, resource_name) ? NULL : resource_name;
}
