// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DAX regions (persistent memory, CXL, soft-reserved memory), as objects that are plugged and
 * unplugged (the kernel's drivers/dax/hmem/hmem.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dax.h"
#include "reboot.h"

#define DAX_ALIGN (2ULL << 20)
const char dax_soft_reserved[] = "Soft Reserved";

#define BOUND "the kmem driver has it: write 0 to system_ram first"
#define LEFT_OVER                                                                                  \
	"some of its memory is in use, or stayed when the driver went, until the machine boots "   \
	"again"

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
	dax->seed = -1;
	dax->youngest = -1;
	TAILQ_INIT(&dax->devs);
	TAILQ_INIT(&dax->kept);
	TAILQ_INSERT_TAIL(&m->daxes, dax, link);
	*ret_dax = dax;
	return 0;
}

static struct machine_dax_dev *first_dev(const struct machine_dax *dax)
{
	return TAILQ_FIRST(&dax->devs);
}

/* When the kernel ends, whatever is bound. */
static void dax_forget(struct machine_dax *dax)
{
	struct machine_dax_dev *dev;
	struct dax_kmem *kmem;

	while ((dev = first_dev(dax))) {
		free(dev->kmem);
		dev->kmem = NULL;
		dax_dev_remove(dev);
	}
	while ((kmem = TAILQ_FIRST(&dax->kept))) {
		TAILQ_REMOVE(&dax->kept, kmem, link);
		free(kmem);
	}
	dax->seed = -1;
	dax->youngest = -1;
}

static void dax_destroy(struct machine *m, struct machine_dax *dax)
{
	dax_forget(dax);
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
	dax_ids_free(m);
	dax_names_free(m);
}

void machine_daxes_detach(struct machine *m)
{
	struct machine_dax *dax;

	TAILQ_FOREACH(dax, &m->daxes, link)
		dax_forget(dax);
	dax_ids_free(m);
	dax_names_free(m);
}

/* At the address where it is. */
static void dax_attach(struct machine *m, struct machine_dax *dax)
{
	uint64_t want = dax->field[MACHINE_DAX_ADDR];

	TAILQ_REMOVE(&m->regions, &dax->region, link);
	dax->plugged = false;
	dax->field[MACHINE_DAX_ADDR] = dax->region.start;
	if (machine_dax_plug(m, dax, true))
		machine_log(m, "memhpfs: a DAX region is not found again");
	dax->field[MACHINE_DAX_ADDR] = want;
}

void machine_daxes_attach(struct machine *m)
{
	struct machine_dax *dax;

	TAILQ_FOREACH(dax, &m->daxes, link) {
		if (dax->plugged)
			dax_attach(m, dax);
	}
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
	return dax->plugged ? first_dev(dax)->memmap_on_memory : dax->memmap_on_memory;
}

int machine_dax_set_memmap_on_memory(struct machine *m, struct machine_dax *dax, bool on)
{
	int ret = 0;

	if (on && !hp_supports_memmap_on_memory(m->hp))
		return machine_refuse(m, -EOPNOTSUPP,
				      "the kernel does not do that: see "
				      "sys/module/memory_hotplug/parameters/memmap_on_memory");
	if (dax->plugged)
		ret = machine_dax_dev_set_memmap_on_memory(first_dev(dax), on);
	if (ret)
		return machine_refuse(m, ret, BOUND);
	dax->memmap_on_memory = on;
	return 0;
}

bool machine_dax_plugged(const struct machine_dax *dax)
{
	return dax->plugged;
}

static bool id_is_used(const struct machine *m, unsigned int id)
{
	const struct machine_dax *dax;

	TAILQ_FOREACH(dax, &m->daxes, link) {
		if (dax->plugged && dax->id == id)
			return true;
	}
	return false;
}

/* The number in its name, or the lowest that is free (memregion_alloc()). */
static unsigned int choose_id(const struct machine_dax *dax)
{
	char again[MACHINE_DAX_NAME];
	unsigned int id = 0;

	if (sscanf(dax->name, "dax%u.0", &id) == 1) {
		snprintf(again, sizeof(again), "dax%u.0", id);
		if (!strcmp(again, dax->name) && id <= INT32_MAX && !id_is_used(dax->machine, id))
			return id;
	}
	for (id = 0; id_is_used(dax->machine, id); id++)
		;
	return id;
}

/* The platform device; @bound: a driver is bound to it. */
static void region_uevent(struct machine_dax *dax, const char *action, bool bound)
{
	const char *const keys[] = { "DRIVER=hmem", "MODALIAS=platform:hmem" };
	char devpath[48];

	snprintf(devpath, sizeof(devpath), "/devices/platform/hmem.%u", dax->id);
	hp_uevent_send_keys(dax->machine->hp, action, devpath, "platform", &keys[!bound],
			    BASE_ARRAY_SIZE(keys) - !bound);
}

static int dax_unplug(struct machine *m, struct machine_dax *dax)
{
	struct machine_dax_dev *dev;

	TAILQ_FOREACH(dev, &dax->devs, link) {
		if (dev->driver == MACHINE_DAX_KMEM)
			return machine_refuse(m, -EBUSY, BOUND);
	}
	if (!TAILQ_EMPTY(&dax->kept))
		return machine_refuse(m, -EBUSY, LEFT_OVER);
	while ((dev = TAILQ_LAST(&dax->devs, dax_devs))) {
		dax_driver_unbind(dev);
		dax_dev_uevent(dev, "remove");
		dax_dev_remove(dev);
	}
	region_uevent(dax, "unbind", false);
	region_uevent(dax, "remove", false);
	hp_resource_unreserve(m->hp, dax->region.start, dax->region.size, dax_soft_reserved);
	TAILQ_REMOVE(&m->regions, &dax->region, link);
	dax->plugged = false;
	dax->seed = -1;
	dax->youngest = -1;
	return 0;
}

int machine_dax_plug(struct machine *m, struct machine_dax *dax, bool plug)
{
	uint64_t size = dax->field[MACHINE_DAX_SIZE], addr = dax->field[MACHINE_DAX_ADDR];
	struct machine_dax_dev *dev;
	int ret;

	if (plug == dax->plugged)
		return 0;
	if (!plug)
		return dax_unplug(m, dax);
	ret = machine_check_device(m, size, addr, DAX_ALIGN, dax->field[MACHINE_DAX_NODE]);
	if (!ret)
		ret = machine_region_place(m, addr, size, DAX_ALIGN, &dax->region);
	if (ret)
		return ret;
	dax->id = choose_id(dax);
	dev = dax_dev_new(dax, size);
	if (!dev)
		return -ENOMEM;
	dev->memmap_on_memory = dax->memmap_on_memory;
	TAILQ_INSERT_TAIL(&m->regions, &dax->region, link);
	dax->plugged = true;
	/* It may straddle what a user has added there; then nothing can be bound. */
	(void)hp_resource_insert(m->hp, dax->region.start, dax->region.start + size - 1,
				 dax_soft_reserved, false);
	region_uevent(dax, "add", false);
	dax_dev_uevent(dev, "add");
	region_uevent(dax, "bind", true);
	dax_driver_start(dev);
	return 0;
}

/* ---- changing the driver --------------------------------------------------------------------- */

bool machine_dax_bound(const struct machine_dax *dax)
{
	return dax->plugged && first_dev(dax)->driver == MACHINE_DAX_KMEM;
}

static bool has_block(const struct machine_dax_dev *dev)
{
	uint64_t block = dev->dax->machine->spec->block_size;

	for (unsigned int i = 0; i < dev->nr_ranges; i++) {
		if (BASE_ROUND_UP(dev->range[i].start, block) <
		    BASE_ROUND_DOWN(dev->range[i].end + 1, block))
			return true;
	}
	return false;
}

static int system_ram(struct hp_call *call)
{
	struct machine_dax *dax = call->data;
	struct machine *m = dax->machine;
	struct machine_dax_dev *dev;
	int ret;

	if (!dax->plugged)
		return machine_refuse(m, -ENODEV, "it is not plugged: write 1 to plugged first");
	if (!machine_spec_has(m->spec, MACHINE_DEV_DAX_KMEM))
		return machine_refuse(m, -ENODEV, "the kernel is built without DEV_DAX_KMEM");
	dev = first_dev(dax);
	if (dev->driver == MACHINE_DAX_KMEM)
		return 0;
	if (!TAILQ_EMPTY(&dax->kept))
		return machine_refuse(m, -EBUSY, LEFT_OVER);
	if (!dev->nr_ranges)
		return machine_refuse(m, -ENXIO,
				      "its first device has no memory: see size in "
				      "sys/bus/dax/devices");
	dax_driver_unbind(dev);
	ret = dax_driver_bind(dev, MACHINE_DAX_KMEM);
	if (ret == -EINVAL && !has_block(dev))
		return machine_refuse(m, ret, "it has no whole memory block, which is %s",
				      base_size_text(m->spec->block_size).s);
	if (ret == -EBUSY)
		return machine_refuse(m, ret, "its addresses are in use, see proc/iomem");
	if (ret)
		return machine_refuse(m, ret, "the kernel does not add its memory, see above");
	return 0;
}

/* One attempt; the driver is unbound whether or not it succeeds. */
static int device_memory(struct hp_call *call)
{
	struct machine_dax *dax = call->data;
	struct machine_dax_dev *dev = dax->plugged ? first_dev(dax) : NULL;

	if (!dev || dev->driver == MACHINE_DAX_DEVICE)
		return 0;
	dax_driver_unbind(dev);
	if (TAILQ_EMPTY(&dax->kept))
		dax_driver_start(dev);
	return 0;
}

void machine_dax_bind(struct machine *m, struct machine_dax *dax, bool bind, struct hp_call *call)
{
	call->run = bind ? system_ram : device_memory;
	call->data = dax;
	call->waits_always = true;
	hp_submit(m->hp, call);
}
