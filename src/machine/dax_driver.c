// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The drivers of DAX devices, and which one is bound to each (the kernel's drivers/dax/bus.c,
 * device.c and kmem.c): device_dax gives the memory a memmap, so that programs can map the device;
 * kmem adds it as System RAM.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dax.h"

const char dax_ram_name[] = "System RAM (kmem)";

#define dax_log(dev, driver, fmt, ...)                                                             \
	hp_log((dev)->dax->machine->hp, "%s %s: " fmt, machine_dax_drivers[driver], (dev)->name,   \
	       ##__VA_ARGS__)

static void log_mapping(const struct machine_dax_dev *dev, enum machine_dax_driver driver,
			unsigned int i, uint64_t start, uint64_t end, const char *what)
{
	dax_log(dev, driver, "mapping%u: %#llx-%#llx %s", i, (unsigned long long)start,
		(unsigned long long)end, what);
}

/* ---- names that outlive their devices -------------------------------------------------------- */

const char *dax_name(struct machine *m, const char *text)
{
	struct dax_text *name;

	TAILQ_FOREACH(name, &m->dax_names, link) {
		if (!strcmp(name->text, text))
			return name->text;
	}
	name = calloc(1, sizeof(*name));
	if (!name)
		return NULL;
	snprintf(name->text, sizeof(name->text), "%s", text);
	TAILQ_INSERT_TAIL(&m->dax_names, name, link);
	return name->text;
}

void dax_names_free(struct machine *m)
{
	struct dax_text *name;

	while ((name = TAILQ_FIRST(&m->dax_names))) {
		TAILQ_REMOVE(&m->dax_names, name, link);
		free(name);
	}
}

/* ---- device_dax ------------------------------------------------------------------------------ */

static void device_release(struct machine_dax_dev *dev, unsigned int nr_mapped,
			   unsigned int nr_claimed, const char *name)
{
	struct hp *hp = dev->dax->machine->hp;

	for (unsigned int i = 0; i < nr_claimed; i++) {
		uint64_t start = dev->range[i].start, size = dev->range[i].end + 1 - start;

		if (i < nr_mapped)
			hp_pagemap_remove(hp, start, size);
		hp_resource_unreserve(hp, start, size, name);
	}
}

/* dev_dax_probe() */
static int device_bind(struct machine_dax_dev *dev)
{
	struct machine *m = dev->dax->machine;
	const char *name = dax_name(m, dev->name);
	unsigned int claimed, mapped = 0;
	int ret = name ? 0 : -ENOMEM;

	/* QUIRK: an attempt that failed is not cleaned up. */
	if (dev->has_pagemap) {
		dax_log(dev, MACHINE_DAX_DEVICE, "dynamic-dax with pre-populated page map");
		return -EINVAL;
	}
	dev->has_pagemap = true;

	for (claimed = 0; !ret && claimed < dev->nr_ranges; claimed += !ret) {
		const struct dax_range *range = &dev->range[claimed];

		if (hp_resource_request(m->hp, range->start, range->end + 1 - range->start, name)) {
			log_mapping(dev, MACHINE_DAX_DEVICE, claimed, range->start, range->end,
				    "could not reserve range");
			ret = -EBUSY;
		}
	}
	for (; !ret && mapped < dev->nr_ranges; mapped += !ret) {
		const struct hp_pagemap map = {
			.nid = machine_dax_nid(dev->dax),
			.start = dev->range[mapped].start,
			.size = dev->range[mapped].end + 1 - dev->range[mapped].start,
			.compound = dev->align,
			.optimized = m->spec->arch->optimizes_dax_memmap,
		};

		ret = hp_pagemap_add(m->hp, &map);
	}
	if (ret)
		device_release(dev, mapped, claimed, name);
	return ret;
}

static void device_unbind(struct machine_dax_dev *dev)
{
	device_release(dev, dev->nr_ranges, dev->nr_ranges, dax_name(dev->dax->machine, dev->name));
	dev->has_pagemap = false;
}

/* ---- kmem ------------------------------------------------------------------------------------ */

/* The whole blocks of a range; false with the range itself if it has none (dax_kmem_range()). */
static bool whole_blocks(const struct machine_dax_dev *dev, unsigned int i, uint64_t *ret_start,
			 uint64_t *ret_end)
{
	uint64_t block = dev->dax->machine->spec->block_size;

	*ret_start = BASE_ROUND_UP(dev->range[i].start, block);
	*ret_end = BASE_ROUND_DOWN(dev->range[i].end + 1, block) - 1;
	if (*ret_start < *ret_end)
		return true;
	*ret_start = dev->range[i].start;
	*ret_end = dev->range[i].end;
	return false;
}

static int ram_add(struct machine_dax_dev *dev, struct dax_kmem *kmem, unsigned int i)
{
	struct hp *hp = dev->dax->machine->hp;
	struct hp_add add = {
		.group = kmem->group,
		.name = dax_ram_name,
		.memmap_on_memory = dev->memmap_on_memory,
	};
	uint64_t end;
	int ret;

	if (!whole_blocks(dev, i, &add.start, &end))
		return 0;
	add.size = end + 1 - add.start;
	if (hp_resource_reserve(hp, add.start, add.size, kmem->name)) {
		log_mapping(dev, MACHINE_DAX_KMEM, i, add.start, end, "could not reserve region");
		return -EBUSY;
	}
	ret = hp_add_memory(hp, &add);
	if (ret) {
		log_mapping(dev, MACHINE_DAX_KMEM, i, add.start, end, "memory add failed");
		hp_resource_unreserve(hp, add.start, add.size, kmem->name);
		return ret;
	}
	kmem->ram[i] = (struct dax_ram){ add.start, add.size };
	return 0;
}

static uint64_t kmem_bytes(const struct machine_dax_dev *dev)
{
	uint64_t bytes = 0, start, end;

	for (unsigned int i = 0; i < dev->nr_ranges; i++) {
		if (whole_blocks(dev, i, &start, &end))
			bytes += end + 1 - start;
		else
			log_mapping(dev, MACHINE_DAX_KMEM, i, start, end,
				    "too small after alignment");
	}
	return bytes;
}

/* dev_dax_kmem_probe() */
static int kmem_bind(struct machine_dax_dev *dev)
{
	struct machine *m = dev->dax->machine;
	uint64_t bytes = kmem_bytes(dev);
	struct dax_kmem *kmem;
	bool any = false;
	int ret = 0;

	if (!bytes) {
		dax_log(dev, MACHINE_DAX_KMEM,
			"rejecting DAX region without any memory after alignment");
		return -EINVAL;
	}
	kmem = calloc(1, sizeof(*kmem));
	if (!kmem)
		return -ENOMEM;
	kmem->name = dax_name(m, dev->name);
	kmem->group = hp_group_new_static(m->hp, (int)dev->dax->field[MACHINE_DAX_NODE],
					  bytes >> m->spec->page_shift);
	if (!kmem->name || !kmem->group)
		ret = -ENOMEM;
	/* Once some memory has been added, the rest may fail. */
	for (unsigned int i = 0; (!ret || any) && i < dev->nr_ranges; i++) {
		ret = ram_add(dev, kmem, i);
		any = any || kmem->ram[i].size;
	}
	if (any) {
		dev->kmem = kmem;
		return 0;
	}
	if (kmem->group)
		hp_group_free(m->hp, kmem->group);
	free(kmem);
	return ret ? ret : -EINVAL;
}

/* dev_dax_kmem_remove() */
static void kmem_unbind(struct machine_dax_dev *dev)
{
	struct hp *hp = dev->dax->machine->hp;
	struct dax_kmem *kmem = dev->kmem;
	/* Without hot-remove it lets go without a word, and its memory stays. */
	bool removes = machine_spec_has(dev->dax->machine->spec, MACHINE_MEMORY_HOTREMOVE);
	bool all = removes;

	for (unsigned int i = 0; removes && i < BASE_ARRAY_SIZE(kmem->ram); i++) {
		struct dax_ram *ram = &kmem->ram[i];

		if (!ram->size)
			continue;
		if (hp_remove_memory(hp, ram->start, ram->size)) {
			log_mapping(dev, MACHINE_DAX_KMEM, i, ram->start,
				    ram->start + ram->size - 1,
				    "cannot be hotremoved until the next reboot");
			all = false;
			continue;
		}
		hp_resource_unreserve(hp, ram->start, ram->size, kmem->name);
		ram->size = 0;
	}
	dev->kmem = NULL;
	if (!all) {
		TAILQ_INSERT_TAIL(&dev->dax->kept, kmem, link);
		return;
	}
	hp_group_free(hp, kmem->group);
	free(kmem);
}

/* ---- binding --------------------------------------------------------------------------------- */

static const struct {
	int (*bind)(struct machine_dax_dev *dev);
	void (*unbind)(struct machine_dax_dev *dev);
} drivers[MACHINE_DAX_NR_DRIVERS] = {
	[MACHINE_DAX_DEVICE] = { device_bind, device_unbind },
	[MACHINE_DAX_KMEM] = { kmem_bind, kmem_unbind },
};

int dax_driver_bind(struct machine_dax_dev *dev, enum machine_dax_driver driver)
{
	int ret;

	if (dev->driver != MACHINE_DAX_UNBOUND)
		return -EBUSY;
	if (!dev->nr_ranges)
		return -ENXIO;
	ret = drivers[driver].bind(dev);
	if (ret) {
		if (ret != -ENODEV && ret != -ENXIO)
			dax_log(dev, driver, "probe with driver %s failed with error %d",
				machine_dax_drivers[driver], ret);
		return ret;
	}
	dev->driver = driver;
	if (dev->dax->seed == dev->id)
		dev->dax->seed = -1;
	dax_dev_uevent(dev, "bind");
	return 0;
}

void dax_driver_unbind(struct machine_dax_dev *dev)
{
	enum machine_dax_driver driver = dev->driver;

	if (driver == MACHINE_DAX_UNBOUND)
		return;
	drivers[driver].unbind(dev);
	dev->driver = MACHINE_DAX_UNBOUND;
	dax_dev_uevent(dev, "unbind");
}

static struct dax_id *id_find(const struct machine *m, enum machine_dax_driver driver,
			      const char *name)
{
	struct dax_id *id;

	TAILQ_FOREACH(id, &m->dax_ids, link) {
		if (id->driver == driver && base_sysfs_streq(id->name, name))
			return id;
	}
	return NULL;
}

/* By its id, or by the type of its region (dax_bus_match()); older kernels know no types. */
static bool matches(const struct machine_dax_dev *dev, enum machine_dax_driver driver)
{
	const struct machine *m = dev->dax->machine;
	bool has_types = machine_kernel_has(&m->spec->profile, MACHINE_KERNEL(6, 3), 0);

	return driver == (has_types ? MACHINE_DAX_KMEM : MACHINE_DAX_DEVICE) ||
	       id_find(m, driver, dev->name);
}

static bool exists(const struct machine *m, enum machine_dax_driver driver)
{
	return machine_spec_has(m->spec, driver == MACHINE_DAX_KMEM ? MACHINE_DEV_DAX_KMEM :
								      MACHINE_ZONE_DEVICE);
}

/* device_attach() */
static void attach(struct machine_dax_dev *dev)
{
	for (int d = 0; dev->driver == MACHINE_DAX_UNBOUND && d < MACHINE_DAX_NR_DRIVERS; d++) {
		if (exists(dev->dax->machine, d) && matches(dev, d))
			(void)dax_driver_bind(dev, d);
	}
}

bool machine_dax_autoprobe(const struct machine *m)
{
	return !m->dax_no_autoprobe;
}

void machine_dax_set_autoprobe(struct machine *m, bool on)
{
	m->dax_no_autoprobe = !on;
}

/* ---- writes to the files of the bus and of the drivers --------------------------------------- */

/* do_id_store() */
static bool is_id(const char *text)
{
	char name[MACHINE_DAX_NAME];
	int region, id;

	if (sscanf(text, "dax%d.%d", &region, &id) != 2)
		return false;
	snprintf(name, sizeof(name), "dax%d.%d", region, id);
	return base_sysfs_streq(text, name);
}

int machine_dax_check(struct machine *m, enum machine_dax_verb verb, enum machine_dax_driver driver,
		      const char *text, struct machine_dax_order *ret_order)
{
	bool names_id = verb == MACHINE_DAX_NEW_ID || verb == MACHINE_DAX_REMOVE_ID;

	if (names_id && !is_id(text))
		return -EINVAL;
	if (strlen(text) >= sizeof(ret_order->name) ||
	    (!names_id && !machine_dax_dev_find(m, text)))
		return -ENODEV;
	*ret_order = (struct machine_dax_order){ .machine = m, .verb = verb, .driver = driver };
	snprintf(ret_order->name, sizeof(ret_order->name), "%s", text);
	return 0;
}

static int id_note(struct machine *m, enum machine_dax_driver driver, const char *text)
{
	struct dax_id *id;

	if (id_find(m, driver, text))
		return 0;
	id = calloc(1, sizeof(*id));
	if (!id)
		return -ENOMEM;
	id->driver = driver;
	snprintf(id->name, sizeof(id->name), "%.*s", (int)strcspn(text, "\n"), text);
	TAILQ_INSERT_HEAD(&m->dax_ids, id, link);
	return 0;
}

void dax_driver_start(struct machine_dax_dev *dev)
{
	struct machine *m = dev->dax->machine;

	if (exists(m, MACHINE_DAX_DEVICE) && !id_note(m, MACHINE_DAX_DEVICE, dev->name))
		(void)dax_driver_bind(dev, MACHINE_DAX_DEVICE);
}

static int id_add(struct machine *m, enum machine_dax_driver driver, const char *text)
{
	struct machine_dax_dev *dev;
	struct machine_dax *dax;
	int ret = id_note(m, driver, text);

	if (ret)
		return ret;
	/* driver_attach() */
	TAILQ_FOREACH(dax, &m->daxes, link) {
		TAILQ_FOREACH(dev, &dax->devs, link) {
			if (dev->driver == MACHINE_DAX_UNBOUND && matches(dev, driver))
				(void)dax_driver_bind(dev, driver);
		}
	}
	return 0;
}

static void id_free(struct machine *m, struct dax_id *id)
{
	if (!id)
		return;
	TAILQ_REMOVE(&m->dax_ids, id, link);
	free(id);
}

void dax_ids_free(struct machine *m)
{
	while (!TAILQ_EMPTY(&m->dax_ids))
		id_free(m, TAILQ_FIRST(&m->dax_ids));
}

int machine_dax_obey(const struct machine_dax_order *order)
{
	struct machine *m = order->machine;
	struct machine_dax_dev *dev = machine_dax_dev_find(m, order->name);
	enum machine_dax_driver driver = order->driver;

	switch (order->verb) {
	case MACHINE_DAX_NEW_ID:
		return id_add(m, driver, order->name);
	case MACHINE_DAX_REMOVE_ID:
		id_free(m, id_find(m, driver, order->name));
		return 0;
	case MACHINE_DAX_BIND:
		return dev && matches(dev, driver) ? dax_driver_bind(dev, driver) : -ENODEV;
	case MACHINE_DAX_UNBIND:
		if (!dev || dev->driver != driver)
			return -ENODEV;
		dax_driver_unbind(dev);
		return 0;
	default:
		if (!dev)
			return -ENODEV;
		attach(dev);
		return 0;
	}
}
