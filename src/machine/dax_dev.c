// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices of DAX regions: which parts of the region each of them has (the kernel's
 * drivers/dax/bus.c).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dax.h"

/* What memory of a device can begin and end at (memremap_compat_align()). */
#define SUBSECTION (2ULL << 20)

const char *const machine_dax_drivers[MACHINE_DAX_NR_DRIVERS] = { "device_dax", "kmem" };

/* ---- regions --------------------------------------------------------------------------------- */

unsigned int machine_dax_id(const struct machine_dax *dax)
{
	return dax->id;
}

/* All other nodes are equally distant, so the first one is the nearest. */
int machine_dax_nid(const struct machine_dax *dax)
{
	const struct base_mask *online = hp_nodes_online(dax->machine->hp);
	unsigned int nid = (unsigned int)dax->field[MACHINE_DAX_NODE];

	return (int)(base_mask_test(online, nid) ? nid : base_mask_next(online, 0));
}

static uint64_t pmd_size(const struct machine *m)
{
	return mm_huge_pages(m->mm, MM_HUGE_PMD) << m->spec->page_shift;
}

uint64_t machine_dax_align(const struct machine_dax *dax)
{
	uint64_t pmd = pmd_size(dax->machine);

	return pmd && BASE_ALIGNED(dax->region.start, pmd) && BASE_ALIGNED(dax->region.size, pmd) ?
		       pmd :
		       SUBSECTION;
}

uint64_t machine_dax_available(const struct machine_dax *dax)
{
	const struct machine_dax_dev *dev;
	uint64_t size = dax->region.size;

	TAILQ_FOREACH(dev, &dax->devs, link)
		size -= dax_dev_size(dev);
	return size;
}

static struct machine_dax_dev *dev_of_id(const struct machine_dax *dax, int64_t id)
{
	struct machine_dax_dev *dev;

	TAILQ_FOREACH(dev, &dax->devs, link) {
		if (dev->id == id)
			return dev;
	}
	return NULL;
}

const struct machine_dax_dev *machine_dax_seed(const struct machine_dax *dax)
{
	return dev_of_id(dax, dax->seed);
}

const struct machine_dax_dev *machine_dax_youngest(const struct machine_dax *dax)
{
	return dev_of_id(dax, dax->youngest);
}

/* ---- creating and deleting devices ----------------------------------------------------------- */

static bool minor_is_used(const struct machine *m, unsigned int minor)
{
	const struct machine_dax_dev *dev;
	const struct machine_dax *dax;

	TAILQ_FOREACH(dax, &m->daxes, link) {
		TAILQ_FOREACH(dev, &dax->devs, link) {
			if (dev->minor == minor)
				return true;
		}
	}
	return false;
}

struct machine_dax_dev *dax_dev_new(struct machine_dax *dax, uint64_t size)
{
	struct machine_dax_dev *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return NULL;
	dev->dax = dax;
	dev->align = machine_dax_align(dax);
	dev->driver = MACHINE_DAX_UNBOUND;
	while (dev_of_id(dax, dev->id))
		dev->id++;
	while (minor_is_used(dax->machine, dev->minor))
		dev->minor++;
	snprintf(dev->name, sizeof(dev->name), "dax%u.%u", dax->id, dev->id);
	if (size) {
		dev->range[0].start = dax->region.start;
		dev->range[0].end = dax->region.start + size - 1;
		dev->nr_ranges = 1;
	}
	TAILQ_INSERT_TAIL(&dax->devs, dev, link);
	return dev;
}

void dax_dev_remove(struct machine_dax_dev *dev)
{
	TAILQ_REMOVE(&dev->dax->devs, dev, link);
	free(dev);
}

int machine_dax_create(struct machine_dax *dax)
{
	struct machine_dax_dev *dev;

	if (!machine_dax_available(dax))
		return -ENOSPC;
	dev = dax_dev_new(dax, 0);
	if (!dev)
		return -ENOMEM;
	dax_dev_uevent(dev, "add");
	if (dax->seed < 0)
		dax->seed = dev->id;
	dax->youngest = dev->id;
	return 0;
}

int machine_dax_delete(struct machine_dax *dax, const char *name)
{
	struct machine_dax_dev *dev = machine_dax_dev_find(dax->machine, name);

	if (!dev || dev->dax != dax)
		return -ENXIO;
	if (dev->driver != MACHINE_DAX_UNBOUND || dev->nr_ranges || !dev->id)
		return -EBUSY;
	if (dax->seed == dev->id)
		dax->seed = -1;
	if (dax->youngest == dev->id)
		dax->youngest = -1;
	dax_dev_uevent(dev, "remove");
	dax_dev_remove(dev);
	return 0;
}

struct machine_dax_dev *machine_dax_dev_next(const struct machine_dax *dax,
					     const struct machine_dax_dev *dev)
{
	return dev ? TAILQ_NEXT(dev, link) : TAILQ_FIRST(&dax->devs);
}

struct machine_dax_dev *machine_dax_dev_find(const struct machine *m, const char *name)
{
	struct machine_dax_dev *dev;
	struct machine_dax *dax;

	TAILQ_FOREACH(dax, &m->daxes, link) {
		TAILQ_FOREACH(dev, &dax->devs, link) {
			if (base_sysfs_streq(dev->name, name))
				return dev;
		}
	}
	return NULL;
}

/* ---- what a device shows --------------------------------------------------------------------- */

const char *machine_dax_dev_name(const struct machine_dax_dev *dev)
{
	return dev->name;
}

uint64_t dax_dev_size(const struct machine_dax_dev *dev)
{
	uint64_t size = 0;

	for (unsigned int i = 0; i < dev->nr_ranges; i++)
		size += dev->range[i].end + 1 - dev->range[i].start;
	return size;
}

void machine_dax_dev_info(const struct machine_dax_dev *dev, struct machine_dax_info *ret_info)
{
	const struct machine_dax *dax = dev->dax;

	*ret_info = (struct machine_dax_info){
		.dax = dax,
		.align = dev->align,
		.size = dax_dev_size(dev),
		.resource = dev->nr_ranges ? dev->range[0].start : dax->region.start,
		.target_node = (int)dax->field[MACHINE_DAX_NODE],
		.numa_node = machine_dax_nid(dax),
		.minor = dev->minor,
		.memmap_on_memory = dev->memmap_on_memory,
		.driver = dev->driver,
	};
}

bool machine_dax_dev_mapping(const struct machine_dax_dev *dev, unsigned int id,
			     struct machine_dax_mapping *ret_mapping)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < dev->nr_ranges; i++) {
		const struct dax_range *range = &dev->range[i];

		if (range->id == id) {
			*ret_mapping = (struct machine_dax_mapping){
				.start = range->start,
				.end = range->end,
				.pgoff = bytes >> dev->dax->machine->spec->page_shift,
			};
			return true;
		}
		bytes += range->end + 1 - range->start;
	}
	return false;
}

static void __attribute__((format(printf, 2, 3)))
add_key(struct machine_dax_event *event, const char *fmt, ...)
{
	char *text = event->text[event->nr_keys];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(event->text[0]), fmt, ap);
	va_end(ap);
	event->keys[event->nr_keys++] = text;
}

void machine_dax_dev_event(const struct machine_dax_dev *dev, struct machine_dax_event *ret_event)
{
	ret_event->nr_keys = 0;
	snprintf(ret_event->devpath, sizeof(ret_event->devpath), "/devices/platform/hmem.%u/%s",
		 dev->dax->id, dev->name);
	add_key(ret_event, "MAJOR=%u", MACHINE_DAX_MAJOR);
	add_key(ret_event, "MINOR=%u", dev->minor);
	add_key(ret_event, "DEVNAME=%s", dev->name);
	if (dev->driver != MACHINE_DAX_UNBOUND)
		add_key(ret_event, "DRIVER=%s", machine_dax_drivers[dev->driver]);
	add_key(ret_event, "MODALIAS=dax:t0");
}

void dax_dev_uevent(const struct machine_dax_dev *dev, const char *action)
{
	struct machine_dax_event event;

	machine_dax_dev_event(dev, &event);
	hp_uevent_send_keys(dev->dax->machine->hp, action, event.devpath, "dax", event.keys,
			    event.nr_keys);
}

/* ---- memory of a device ---------------------------------------------------------------------- */

/* The lowest range of any device of the region at or above @from; NULL: none. */
static struct dax_range *range_next(struct machine_dax *dax, uint64_t from)
{
	struct dax_range *lowest = NULL;
	struct machine_dax_dev *dev;

	TAILQ_FOREACH(dev, &dax->devs, link) {
		for (unsigned int i = 0; i < dev->nr_ranges; i++) {
			struct dax_range *range = &dev->range[i];

			if (range->start >= from && (!lowest || range->start < lowest->start))
				lowest = range;
		}
	}
	return lowest;
}

static bool range_is_free(struct machine_dax *dax, uint64_t start, uint64_t end)
{
	struct machine_dax_dev *dev;

	if (start < dax->region.start || end < start || end - dax->region.start >= dax->region.size)
		return false;
	TAILQ_FOREACH(dev, &dax->devs, link) {
		for (unsigned int i = 0; i < dev->nr_ranges; i++) {
			if (dev->range[i].start <= end && dev->range[i].end >= start)
				return false;
		}
	}
	return true;
}

static bool mapping_is_used(const struct machine_dax_dev *dev, unsigned int id)
{
	struct machine_dax_mapping mapping;

	return machine_dax_dev_mapping(dev, id, &mapping);
}

/* alloc_dev_dax_range() */
static int range_add(struct machine_dax_dev *dev, uint64_t start, uint64_t size)
{
	unsigned int id = 0;

	if (!size)
		return dev->nr_ranges ? -EBUSY : 0;
	if (dev->nr_ranges == MACHINE_DAX_RANGES ||
	    !range_is_free(dev->dax, start, start + size - 1))
		return -ENOMEM;
	while (mapping_is_used(dev, id))
		id++;
	dev->range[dev->nr_ranges++] = (struct dax_range){
		.start = start,
		.end = start + size - 1,
		.id = id,
	};
	return 0;
}

/* dev_dax_shrink() */
static int dev_shrink(struct machine_dax_dev *dev, uint64_t size)
{
	uint64_t less = dax_dev_size(dev) - size;

	while (less) {
		struct dax_range *range = &dev->range[dev->nr_ranges - 1];
		uint64_t all = range->end + 1 - range->start, cut = BASE_MIN(less, all);

		range->end -= cut;
		dev->nr_ranges -= cut == all;
		less -= cut;
	}
	return 0;
}

/*
 * Adds up to @want bytes in the first gap of the region, behind the device's last range if that is
 * where the gap begins; returns how many, or -errno.
 */
static int64_t dev_fill(struct machine_dax_dev *dev, uint64_t want)
{
	struct machine_dax *dax = dev->dax;
	uint64_t start = dax->region.start, end = start + dax->region.size, size;
	struct dax_range *range = range_next(dax, start), *before = NULL;
	int ret;

	while (range && range->start == start) {
		before = range;
		start = range->end + 1;
		range = range_next(dax, start);
	}
	size = BASE_MIN((range ? range->start : end) - start, want);
	if (!size)
		return -ENOSPC;
	if (before && dev->nr_ranges && before == &dev->range[dev->nr_ranges - 1]) {
		before->end += size;
		return (int64_t)size;
	}
	ret = range_add(dev, start, size);
	return ret ? ret : (int64_t)size;
}

static bool is_aligned(const struct machine_dax_dev *dev, uint64_t size)
{
	return BASE_ALIGNED(size, BASE_MAX(dev->align, SUBSECTION));
}

int machine_dax_dev_resize(struct machine_dax_dev *dev, uint64_t size)
{
	uint64_t now = dax_dev_size(dev);

	if (!is_aligned(dev, size))
		return -EINVAL;
	if (dev->driver != MACHINE_DAX_UNBOUND)
		return -EBUSY;
	if (size > now && size - now > machine_dax_available(dev->dax))
		return -ENOSPC;
	if (size <= now)
		return dev_shrink(dev, size);
	if (!is_aligned(dev, size - now))
		return -ENXIO;
	/* QUIRK: what was added before an error stays. */
	while (now < size) {
		int64_t added = dev_fill(dev, size - now);

		if (added < 0)
			return (int)added;
		now += (uint64_t)added;
	}
	return 0;
}

static bool align_is_valid(const struct machine *m, uint64_t align)
{
	uint64_t pud = m->spec->arch->thp_pud ?
			       mm_huge_pages(m->mm, MM_HUGE_PUD) << m->spec->page_shift :
			       0;

	return align &&
	       (align == pud || align == pmd_size(m) || align == 1ULL << m->spec->page_shift);
}

int machine_dax_dev_set_align(struct machine_dax_dev *dev, uint64_t align)
{
	uint64_t was = dev->align;

	if (!align_is_valid(dev->dax->machine, align))
		return -EINVAL;
	if (dev->driver != MACHINE_DAX_UNBOUND)
		return -EBUSY;
	dev->align = align;
	for (unsigned int i = 0; i < dev->nr_ranges; i++) {
		if (is_aligned(dev, dev->range[i].end + 1 - dev->range[i].start))
			continue;
		dev->align = was;
		return -EINVAL;
	}
	return 0;
}

int machine_dax_dev_map(struct machine_dax_dev *dev, uint64_t start, uint64_t end)
{
	/* QUIRK: nothing happens if the length is not aligned. */
	if (!is_aligned(dev, end - start + 1))
		return 0;
	return range_add(dev, start, end - start + 1);
}

int machine_dax_dev_set_memmap_on_memory(struct machine_dax_dev *dev, bool on)
{
	if (on && !hp_supports_memmap_on_memory(dev->dax->machine->hp))
		return -EOPNOTSUPP;
	if (on != dev->memmap_on_memory && dev->driver == MACHINE_DAX_KMEM)
		return -EBUSY;
	dev->memmap_on_memory = on;
	return 0;
}
