/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of DAX regions, their devices and the drivers of these. */
#ifndef MACHINE_DAX_PRIVATE_H
#define MACHINE_DAX_PRIVATE_H

#include "machine_private.h"

/* Addresses of a device; @end is inclusive. @id: of its mappingN */
struct dax_range {
	uint64_t start;
	uint64_t end;
	unsigned int id;
};

/* A range that kmem has claimed and added as System RAM; @size 0: it is not */
struct dax_ram {
	uint64_t start;
	uint64_t size;
};

/*
 * What the kmem driver keeps of a device, and for ever if it cannot remove all of its memory
 * (struct dax_kmem_data)
 */
struct dax_kmem {
	const char *name; /* of dax_name() */
	struct hp_group *group;
	struct dax_ram ram[MACHINE_DAX_RANGES];
	TAILQ_ENTRY(dax_kmem) link;
};
TAILQ_HEAD(dax_kmems, dax_kmem);

/*
 * A device of a region (struct dev_dax)
 * @minor: of its character device
 * @kmem: NULL: the kmem driver is not bound to it
 * @has_pagemap: device_dax has made one, even if it failed afterwards (pgmap)
 */
struct machine_dax_dev {
	struct machine_dax *dax;
	unsigned int id;
	unsigned int minor;
	char name[MACHINE_DAX_NAME];
	uint64_t align;
	bool memmap_on_memory;
	enum machine_dax_driver driver;
	struct dax_range range[MACHINE_DAX_RANGES];
	unsigned int nr_ranges;
	struct dax_kmem *kmem;
	bool has_pagemap;
	TAILQ_ENTRY(machine_dax_dev) link;
};

/*
 * A DAX region, or one that may be plugged (struct dax_region)
 * @memmap_on_memory: of the device that plugging makes
 * @id: of the region, while it is plugged
 * @seed, @youngest: ids of devices; -1: none
 * @kept: memory of devices that kmem could not remove
 */
struct machine_dax {
	struct machine *machine;
	char *name;
	uint64_t field[MACHINE_DAX_NR_FIELDS];
	bool memmap_on_memory;
	bool plugged;
	unsigned int id;
	int64_t seed;
	int64_t youngest;
	struct machine_region region;
	TAILQ_HEAD(dax_devs, machine_dax_dev) devs;
	struct dax_kmems kept;
	TAILQ_ENTRY(machine_dax) link;
};

/* A device that a driver was told to bind to (new_id). */
struct dax_id {
	enum machine_dax_driver driver;
	char name[MACHINE_DAX_NAME];
	TAILQ_ENTRY(dax_id) link;
};

struct dax_text {
	char text[MACHINE_DAX_NAME];
	TAILQ_ENTRY(dax_text) link;
};

/* Names in /proc/iomem. */
extern const char dax_soft_reserved[], dax_ram_name[];
/* A name that stays valid until the machine ends; NULL: out of memory. */
const char *dax_name(struct machine *machine, const char *text);
void dax_names_free(struct machine *machine);

/* dax_dev.c: a new device of @size at the beginning of an empty region; NULL: out of memory */
struct machine_dax_dev *dax_dev_new(struct machine_dax *dax, uint64_t size);
/* Frees a device that no driver is bound to. */
void dax_dev_remove(struct machine_dax_dev *dev);
void dax_dev_uevent(const struct machine_dax_dev *dev, const char *action);
/* Bytes of its ranges. */
uint64_t dax_dev_size(const struct machine_dax_dev *dev);

/* dax_driver.c: binds a driver to a device that has none (__driver_probe_device()); 0 or -errno. */
int dax_driver_bind(struct machine_dax_dev *dev, enum machine_dax_driver driver);
/* Tells device_dax the id of a new device and binds it, as daxctl reconfigure-device does. */
void dax_driver_start(struct machine_dax_dev *dev);
/* Ends the binding, which cannot fail. */
void dax_driver_unbind(struct machine_dax_dev *dev);
void dax_ids_free(struct machine *machine);

#endif
