/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DAX regions, as objects that can be plugged (dax.c). */
#ifndef MEMHP_MACHINE_DAX_H
#define MEMHP_MACHINE_DAX_H

#include "memhp/hotplug.h"

struct machine;

struct machine_dax;

/** enum machine_dax_field - what can be set before a region is plugged; bytes except the node. */
enum machine_dax_field {
	MACHINE_DAX_SIZE,
	MACHINE_DAX_NODE,
	MACHINE_DAX_ADDR, /* MACHINE_DIMM_AUTO: chosen when it is plugged */
	MACHINE_DAX_NR_FIELDS,
};

/**
 * machine_dax_new() - create a region; 0 or -ENOMEM
 * @name: if it is daxN.0, the region gets the number N, unless another one has it
 */
int machine_dax_new(struct machine *machine, const char *name, struct machine_dax **ret_dax);
/** machine_dax_next() - the first one (NULL), or the one after @dax; NULL: none. */
struct machine_dax *machine_dax_next(const struct machine *machine, struct machine_dax *dax);
/** machine_dax_free() - free it; -EBUSY while it is plugged. */
int machine_dax_free(struct machine *machine, struct machine_dax *dax);
uint64_t machine_dax_get(const struct machine_dax *dax, enum machine_dax_field field);
/** machine_dax_set() - set a field; -EBUSY while it is plugged; -EINVAL: the node is impossible. */
int machine_dax_set(struct machine *machine, struct machine_dax *dax, enum machine_dax_field field,
		    uint64_t value);
/** machine_dax_memmap_on_memory() - whether its memmap may be in its own memory. */
bool machine_dax_memmap_on_memory(const struct machine_dax *dax);
/** machine_dax_set_memmap_on_memory() - set that; 0, -EOPNOTSUPP, or -EBUSY while it is bound. */
int machine_dax_set_memmap_on_memory(struct machine *machine, struct machine_dax *dax, bool on);
bool machine_dax_plugged(const struct machine_dax *dax);
/**
 * machine_dax_plug() - plug or unplug the region
 *
 * Plugging makes a device of all of it, and binds device_dax to that, if the kernel has it.
 *
 * Return: 0 (also if nothing changes); -EINVAL (size is 0 or not a multiple of 2 MiB),
 * -EEXIST (address taken), -ENOSPC (no room), -EBUSY (some of it is System RAM).
 */
int machine_dax_plug(struct machine *machine, struct machine_dax *dax, bool plug);
/** machine_dax_bound() - whether the kmem driver is bound to the region's first device. */
bool machine_dax_bound(const struct machine_dax *dax);
/**
 * machine_dax_bind() - change the driver of the region's first device to kmem, or to device_dax
 * @call: the caller sets only @done, which gets 0 or the driver's error: -ENODEV (not plugged),
 *	  -EINVAL (no whole memory block), -EBUSY (some is still reserved), or as hp_add_memory()
 *
 * Memory that is online when the driver is unbound stays until the machine reboots.
 */
void machine_dax_bind(struct machine *machine, struct machine_dax *dax, bool bind,
		      struct hp_call *call);

#endif
