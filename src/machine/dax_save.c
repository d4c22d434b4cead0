// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving and loading DAX regions, their devices, and what their drivers know. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dax.h"

#define RANGE_ROWS(ROW)                                                                            \
	ROW(NUMBER, start)                                                                         \
	ROW(NUMBER, end)                                                                           \
	ROW(NUMBER, id)
BASE_SAVE_STRUCT(range_save, struct dax_range, void, RANGE_ROWS)

#define RAM_ROWS(ROW)                                                                              \
	ROW(NUMBER, start)                                                                         \
	ROW(NUMBER, size)
BASE_SAVE_STRUCT(ram_save, struct dax_ram, void, RAM_ROWS)

static void kmem_name(struct base_save *s, struct dax_kmem *kmem, struct machine *m)
{
	char *text = (char *)kmem->name;

	base_save_string(s, &text);
	if (!base_save_loads(s))
		return;
	if (!text || strlen(text) >= MACHINE_DAX_NAME)
		base_save_fail(s, -EINVAL, "memory of a DAX device has no name");
	else
		kmem->name = dax_name(m, text);
	free(text);
	if (!kmem->name)
		base_save_fail(s, -ENOMEM, "out of memory");
}

static void kmem_group(struct base_save *s, struct dax_kmem *kmem, struct machine *m)
{
	hp_group_save(s, &kmem->group);
	if (!kmem->group)
		base_save_fail(s, -EINVAL, "memory of a DAX device has no group");
}

static void kmem_ram(struct base_save *s, struct dax_kmem *kmem, struct machine *m)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(kmem->ram); i++)
		BASE_SAVE_ONE(s, ram_save, &kmem->ram[i], NULL);
}

#define KMEM_ROWS(ROW)                                                                             \
	ROW(WITH, name, kmem_name)                                                                 \
	ROW(WITH, group, kmem_group)                                                               \
	ROW(WITHS, ram, kmem_ram)                                                                  \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(kmem_save, struct dax_kmem, struct machine, KMEM_ROWS)

static void dev_range(struct base_save *s, struct machine_dax_dev *dev, struct machine *m)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(dev->range); i++)
		BASE_SAVE_ONE(s, range_save, &dev->range[i], NULL);
}

static void dev_kmem(struct base_save *s, struct machine_dax_dev *dev, struct machine *m)
{
	/* Its name is needed by hp_resources_save(). */
	if (dev->driver != MACHINE_DAX_UNBOUND && base_save_loads(s) && !dax_name(m, dev->name))
		base_save_fail(s, -ENOMEM, "out of memory");
	if (dev->driver != MACHINE_DAX_KMEM)
		return;
	if (base_save_loads(s))
		dev->kmem = calloc(1, sizeof(*dev->kmem));
	if (dev->kmem)
		BASE_SAVE_ONE(s, kmem_save, dev->kmem, m);
	else
		base_save_fail(s, -ENOMEM, "out of memory");
}

#define DEV_ROWS(ROW)                                                                              \
	ROW(SKIP, dax, "the owner, set on creation")                                               \
	ROW(NUMBER, id)                                                                            \
	ROW(NUMBER, minor)                                                                         \
	ROW(TEXT, name)                                                                            \
	ROW(NUMBER, align)                                                                         \
	ROW(NUMBER, memmap_on_memory)                                                              \
	ROW(BELOW, driver, MACHINE_DAX_UNBOUND + 1)                                                \
	ROW(WITHS, range, dev_range)                                                               \
	ROW(BELOW, nr_ranges, MACHINE_DAX_RANGES + 1)                                              \
	ROW(WITH, kmem, dev_kmem)                                                                  \
	ROW(NUMBER, has_pagemap)                                                                   \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(dev_save, struct machine_dax_dev, struct machine, DEV_ROWS)

static struct machine_dax_dev *dev_make(struct machine_dax *dax)
{
	struct machine_dax_dev *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return NULL;
	dev->dax = dax;
	TAILQ_INSERT_TAIL(&dax->devs, dev, link);
	return dev;
}

static void dax_region(struct base_save *s, struct machine_dax *dax, struct machine *m)
{
	machine_region_save(m, s, &dax->region, dax->plugged);
}

static void dax_devs(struct base_save *s, struct machine_dax *dax, struct machine *m)
{
	BASE_SAVE_TAILQ(s, &dax->devs, link, dev_save, m, dev_make(dax));
	if (!dax->name || (dax->plugged && TAILQ_EMPTY(&dax->devs)))
		base_save_fail(s, -EINVAL, "a DAX region has no name, or no device");
}

static struct dax_kmem *kept_make(struct machine_dax *dax)
{
	struct dax_kmem *kmem = calloc(1, sizeof(*kmem));

	if (kmem)
		TAILQ_INSERT_TAIL(&dax->kept, kmem, link);
	return kmem;
}

static void dax_kept(struct base_save *s, struct machine_dax *dax, struct machine *m)
{
	BASE_SAVE_TAILQ(s, &dax->kept, link, kmem_save, m, kept_make(dax));
}

/* -1 becomes 0 */
static void dax_seed(struct base_save *s, struct machine_dax *dax, struct machine *m)
{
	dax->seed = (int64_t)base_save_number(s, (uint64_t)(dax->seed + 1)) - 1;
}

static void dax_youngest(struct base_save *s, struct machine_dax *dax, struct machine *m)
{
	dax->youngest = (int64_t)base_save_number(s, (uint64_t)(dax->youngest + 1)) - 1;
}

#define DAX_ROWS(ROW)                                                                              \
	ROW(SKIP, machine, "the owner, set on creation")                                           \
	ROW(STRING, name)                                                                          \
	ROW(NUMBERS, field)                                                                        \
	ROW(NUMBER, memmap_on_memory)                                                              \
	ROW(NUMBER, plugged)                                                                       \
	ROW(NUMBER, id)                                                                            \
	ROW(WITH, seed, dax_seed)                                                                  \
	ROW(WITH, youngest, dax_youngest)                                                          \
	ROW(WITH, region, dax_region)                                                              \
	ROW(WITH, devs, dax_devs)                                                                  \
	ROW(WITH, kept, dax_kept)                                                                  \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(dax_save, struct machine_dax, struct machine, DAX_ROWS)

static struct machine_dax *dax_make(struct machine *m)
{
	struct machine_dax *dax = calloc(1, sizeof(*dax));

	if (!dax)
		return NULL;
	dax->machine = m;
	TAILQ_INIT(&dax->devs);
	TAILQ_INIT(&dax->kept);
	TAILQ_INSERT_TAIL(&m->daxes, dax, link);
	return dax;
}

void machine_daxes_save(struct machine *m, struct base_save *s)
{
	BASE_SAVE_TAILQ(s, &m->daxes, link, dax_save, m, dax_make(m));
}

#define ID_ROWS(ROW)                                                                               \
	ROW(BELOW, driver, MACHINE_DAX_NR_DRIVERS)                                                 \
	ROW(TEXT, name)                                                                            \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(id_save, struct dax_id, void, ID_ROWS)

static struct dax_id *id_make(struct machine *m)
{
	struct dax_id *id = calloc(1, sizeof(*id));

	if (id)
		TAILQ_INSERT_TAIL(&m->dax_ids, id, link);
	return id;
}

void machine_dax_ids_save(struct machine *m, struct base_save *s)
{
	BASE_SAVE_TAILQ(s, &m->dax_ids, link, id_save, NULL, id_make(m));
}

const char *machine_dax_resource(struct machine *m, uint64_t start, const char *text)
{
	const struct machine_dax_dev *dev;
	const struct machine_dax *dax;
	const struct dax_kmem *kmem;

	TAILQ_FOREACH(dax, &m->daxes, link) {
		TAILQ_FOREACH(dev, &dax->devs, link) {
			if (!strcmp(dev->name, text))
				return dax_name(m, text);
		}
		TAILQ_FOREACH(kmem, &dax->kept, link) {
			if (!strcmp(kmem->name, text))
				return kmem->name;
		}
	}
	if (!strcmp(text, dax_soft_reserved))
		return dax_soft_reserved;
	return strcmp(text, dax_ram_name) ? NULL : dax_ram_name;
}
