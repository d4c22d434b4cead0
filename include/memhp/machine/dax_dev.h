/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices of DAX regions, and their drivers (dax_dev.c, dax_driver.c). */
#ifndef MEMHP_MACHINE_DAX_DEV_H
#define MEMHP_MACHINE_DAX_DEV_H

#include "memhp/machine/dax.h"

struct machine_dax_dev;

/** MACHINE_DAX_NAME - bytes of a device's name; MACHINE_DAX_RANGES - ranges that one may have */
#define MACHINE_DAX_NAME 30
#define MACHINE_DAX_RANGES 16
/** MACHINE_DAX_MAJOR - of the character devices, which the kernel chooses at boot */
#define MACHINE_DAX_MAJOR 254

/** enum machine_dax_driver - the drivers of the bus, in the order in which they registered. */
enum machine_dax_driver {
	MACHINE_DAX_DEVICE,
	MACHINE_DAX_KMEM,
	MACHINE_DAX_NR_DRIVERS,
	MACHINE_DAX_UNBOUND = MACHINE_DAX_NR_DRIVERS,
};
/** machine_dax_drivers - their names, as in sys/bus/dax/drivers. */
extern const char *const machine_dax_drivers[MACHINE_DAX_NR_DRIVERS];

/** machine_dax_id() - the number of a plugged region. */
unsigned int machine_dax_id(const struct machine_dax *dax);
/** machine_dax_nid() - the online node that is nearest to it (numa_map_to_online_node()). */
int machine_dax_nid(const struct machine_dax *dax);
/** machine_dax_align() - bytes to which the region and its new devices are aligned. */
uint64_t machine_dax_align(const struct machine_dax *dax);
/** machine_dax_available() - bytes that no device has. */
uint64_t machine_dax_available(const struct machine_dax *dax);
/** machine_dax_seed(), machine_dax_youngest() - as in its attributes; NULL: none. */
const struct machine_dax_dev *machine_dax_seed(const struct machine_dax *dax);
const struct machine_dax_dev *machine_dax_youngest(const struct machine_dax *dax);
/** machine_dax_create() - create a device without memory; 0, -ENOSPC, -ENOMEM. */
int machine_dax_create(struct machine_dax *dax);
/** machine_dax_delete() - delete one: 0, -ENXIO (not there), -EBUSY (has memory or a driver). */
int machine_dax_delete(struct machine_dax *dax, const char *name);

/** machine_dax_dev_next() - the region's first device (NULL), or the one after @dev; NULL: none. */
struct machine_dax_dev *machine_dax_dev_next(const struct machine_dax *dax,
					     const struct machine_dax_dev *dev);
/** machine_dax_dev_find() - a device of any region by its name, as sysfs_streq(); NULL: none. */
struct machine_dax_dev *machine_dax_dev_find(const struct machine *machine, const char *name);
const char *machine_dax_dev_name(const struct machine_dax_dev *dev);

/**
 * struct machine_dax_info - what a device's attributes show
 * @driver: MACHINE_DAX_UNBOUND: none
 */
struct machine_dax_info {
	const struct machine_dax *dax;
	uint64_t align;
	uint64_t size;
	uint64_t resource;
	int target_node;
	int numa_node;
	unsigned int minor;
	bool memmap_on_memory;
	enum machine_dax_driver driver;
};
void machine_dax_dev_info(const struct machine_dax_dev *dev, struct machine_dax_info *ret_info);

/** struct machine_dax_mapping - a range of a device; @end is inclusive, @pgoff in pages. */
struct machine_dax_mapping {
	uint64_t start;
	uint64_t end;
	uint64_t pgoff;
};
/** machine_dax_dev_mapping() - the range whose mapping has the number @id; false: none. */
bool machine_dax_dev_mapping(const struct machine_dax_dev *dev, unsigned int id,
			     struct machine_dax_mapping *ret_mapping);

/** machine_dax_dev_resize() - the store of `size` with a valid number (size_store()). */
int machine_dax_dev_resize(struct machine_dax_dev *dev, uint64_t size);
/** machine_dax_dev_set_align() - that of `align` (align_store()). */
int machine_dax_dev_set_align(struct machine_dax_dev *dev, uint64_t align);
/** machine_dax_dev_map() - that of `mapping`: adds [start, end] (mapping_store()). */
int machine_dax_dev_map(struct machine_dax_dev *dev, uint64_t start, uint64_t end);
/** machine_dax_dev_set_memmap_on_memory() - 0, -EOPNOTSUPP, -EBUSY (memmap_on_memory_store()). */
int machine_dax_dev_set_memmap_on_memory(struct machine_dax_dev *dev, bool on);

/** MACHINE_DAX_KEYS - room for the keys of a device's events */
#define MACHINE_DAX_KEYS 5
/** struct machine_dax_event - what the events of a device have besides what all have */
struct machine_dax_event {
	char devpath[64];
	char text[MACHINE_DAX_KEYS][48];
	const char *keys[MACHINE_DAX_KEYS];
	size_t nr_keys;
};
void machine_dax_dev_event(const struct machine_dax_dev *dev, struct machine_dax_event *ret_event);

/** enum machine_dax_verb - the writable files of the bus and of a driver that name a device */
enum machine_dax_verb {
	MACHINE_DAX_BIND,
	MACHINE_DAX_UNBIND,
	MACHINE_DAX_NEW_ID,
	MACHINE_DAX_REMOVE_ID,
	MACHINE_DAX_PROBE, /* drivers_probe, of no driver */
};
/** struct machine_dax_order - a write to one of them */
struct machine_dax_order {
	struct machine *machine;
	enum machine_dax_verb verb;
	enum machine_dax_driver driver;
	char name[MACHINE_DAX_NAME + 1];
};
/**
 * machine_dax_check() - refuse a text that the file would not take, before it waits for the lock
 * @ret_order: gets a copy of the text
 *
 * Return: 0; -EINVAL (no id); -ENODEV (no device).
 */
int machine_dax_check(struct machine *machine, enum machine_dax_verb verb,
		      enum machine_dax_driver driver, const char *text,
		      struct machine_dax_order *ret_order);
/** machine_dax_obey() - carry out an order; the hotplug lock is held. 0 or -errno. */
int machine_dax_obey(const struct machine_dax_order *order);
/** machine_dax_autoprobe() - whether drivers bind to new devices (drivers_autoprobe). */
bool machine_dax_autoprobe(const struct machine *machine);
void machine_dax_set_autoprobe(struct machine *machine, bool on);

#endif
