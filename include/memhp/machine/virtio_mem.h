/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virtio-mem devices (virtio_mem.c). */
#ifndef MEMHP_MACHINE_VIRTIO_MEM_H
#define MEMHP_MACHINE_VIRTIO_MEM_H

#include "memhp/hotplug.h"

struct machine;

struct machine_vmem;

/** struct machine_vmem_params - module parameters of the driver */
struct machine_vmem_params {
	bool unplug_online;
	bool force_bbm;
	uint64_t bbm_block_size;
};
struct machine_vmem_params *machine_vmem_params(struct machine *machine);

/** enum machine_vmem_field - attributes of a device; in bytes except the node. */
enum machine_vmem_field {
	MACHINE_VMEM_SIZE, /* of its region */
	MACHINE_VMEM_NODE,
	MACHINE_VMEM_ADDR,	 /* MACHINE_DIMM_AUTO: chosen when it is plugged */
	MACHINE_VMEM_BLOCK_SIZE, /* unit in which the hypervisor plugs and unplugs memory */
	MACHINE_VMEM_REQUESTED,	 /* what the guest should have */
	MACHINE_VMEM_PLUGGED,	 /* what it has; read only */
	MACHINE_VMEM_NR_FIELDS,
};

/** machine_vmem_new() - create a device that is not plugged; 0 or -ENOMEM. */
int machine_vmem_new(struct machine *machine, struct machine_vmem **ret_vmem);
/** machine_vmem_next() - the first one (NULL), or the one after @vmem; NULL: none. */
struct machine_vmem *machine_vmem_next(const struct machine *machine, struct machine_vmem *vmem);
/** machine_vmem_free() - free it; -EBUSY while it is plugged. */
int machine_vmem_free(struct machine *machine, struct machine_vmem *vmem);
uint64_t machine_vmem_get(const struct machine_vmem *vmem, enum machine_vmem_field field);
/**
 * machine_vmem_set() - set the requested size at any time, other fields while it is not plugged
 *
 * The driver acts at once, or as soon as the hotplug lock is free, and retries what fails.
 *
 * Return: 0; -EBUSY while it is plugged; -EINVAL (a node that is not possible, a block size that
 * is not a power of two of at least 1 MiB, a requested size that is larger than the size or not a
 * multiple of the block size).
 */
int machine_vmem_set(struct machine *machine, struct machine_vmem *vmem,
		     enum machine_vmem_field field, uint64_t value);
bool machine_vmem_plugged(const struct machine_vmem *vmem);
/**
 * machine_vmem_plug() - plug the device, or unplug it when it has no memory
 *
 * Return: 0 (also if nothing changes); -EINVAL (size is 0 or not a multiple of the block size),
 * -EEXIST (address taken), -ENOSPC (no room), -EBUSY (it has memory, or its requested size is not
 * 0), -ENOMEM.
 */
int machine_vmem_plug(struct machine *machine, struct machine_vmem *vmem, bool on);

#endif
