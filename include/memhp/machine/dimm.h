/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DIMMs (dimm.c). */
#ifndef MEMHP_MACHINE_DIMM_H
#define MEMHP_MACHINE_DIMM_H

#include "memhp/hotplug.h"

struct machine;

struct machine_dimm;

/** enum machine_dimm_field - what can be set before a DIMM is plugged. */
enum machine_dimm_field {
	MACHINE_DIMM_SIZE,
	MACHINE_DIMM_NODE,
	MACHINE_DIMM_ADDR,
	MACHINE_DIMM_SLOT,
	MACHINE_DIMM_BACKED, /* bytes from its start that are backed; MACHINE_DIMM_AUTO: all */
	MACHINE_DIMM_NR_FIELDS,
};

/**
 * enum machine_ost - what the kernel reports to firmware with _OST (ACPI_OST_SC_*)
 * @MACHINE_OST_NONE: nothing yet for the request in progress; nothing ever without ACPI
 */
enum machine_ost {
	MACHINE_OST_NONE = -1,
	MACHINE_OST_SUCCESS = 0,
	MACHINE_OST_NON_SPECIFIC_FAILURE = 1,
	MACHINE_OST_EJECT_NOT_SUPPORTED = 0x80,
	MACHINE_OST_DEVICE_BUSY = 0x82,
	MACHINE_OST_EJECT_IN_PROGRESS = 0x84,
};

#define MACHINE_DIMM_AUTO UINT64_MAX /* address or slot: chosen when it is plugged */

/** machine_region_room() - bytes of the largest free range for devices; 0: there is none. */
uint64_t machine_region_room(const struct machine *machine);

/** machine_dimm_new() - create a DIMM that is not plugged; 0 or -ENOMEM. */
int machine_dimm_new(struct machine *machine, struct machine_dimm **ret_dimm);
/** machine_dimm_next() - the first one (NULL), or the one after @dimm; NULL: none. */
struct machine_dimm *machine_dimm_next(const struct machine *machine, struct machine_dimm *dimm);
/** machine_dimm_free() - free it; -EBUSY while it is in use. It must be in no container. */
int machine_dimm_free(struct machine *machine, struct machine_dimm *dimm);
uint64_t machine_dimm_get(const struct machine_dimm *dimm, enum machine_dimm_field field);
/**
 * machine_dimm_set() - set a field; 0, -EBUSY while it is plugged, or -EINVAL
 *
 * MACHINE_DIMM_BACKED may grow while it is plugged.
 */
int machine_dimm_set(struct machine *machine, struct machine_dimm *dimm,
		     enum machine_dimm_field field, uint64_t value);
/**
 * machine_dimm_claim() - choose slot and address of a DIMM, and occupy them; the guest is not told
 *
 * The DIMM is plugged from now on; machine_dimm_plug() inserts it.
 *
 * Return: 0, or an error as of machine_dimm_plug().
 */
int machine_dimm_claim(struct machine *machine, struct machine_dimm *dimm);
/** machine_dimm_busy() - whether an insertion or eject is in progress. */
bool machine_dimm_busy(const struct machine_dimm *dimm);
bool machine_dimm_plugged(const struct machine_dimm *dimm);
/** machine_dimm_ost() - the status of the last insertion or eject, enum machine_ost. */
int machine_dimm_ost(const struct machine_dimm *dimm);
/**
 * machine_dimm_plug() - insert or eject a DIMM, once the hotplug lock is free
 *
 * @asker, if it is not NULL, gets 0 (also if nothing changes); -EINVAL (size is 0 or not a multiple
 * of 2 MiB; a node that is not possible), -EEXIST (address taken), -ENOSPC (no room), -EBUSY
 * (another request is in progress), and for an eject -EBUSY when the kernel refuses it. As with
 * real firmware, an insertion succeeds even if the kernel cannot use the memory: see the log.
 */
void machine_dimm_plug(struct machine *machine, struct machine_dimm *dimm, bool plug,
		       struct hp_completion *asker);
/**
 * machine_dimm_interrupt() - deliver a signal to the asker
 *
 * A request that waits for the lock is cancelled if the signal is @fatal. One in progress
 * continues, and the asker gets -EINTR: a guest completes what the hypervisor has requested.
 */
void machine_dimm_interrupt(struct machine *machine, struct machine_dimm *dimm, bool fatal);
/** MACHINE_DIMM_SLOTS - the number of slots, each of which is an ACPI device. */
#define MACHINE_DIMM_SLOTS 256
/** machine_acpi_slots() - the number of memory devices that ACPI describes from the start. */
unsigned int machine_acpi_slots(const struct machine *machine);
/** machine_acpi_blocks() - the blocks bound to the device of a slot: how many, the first's id. */
uint64_t machine_acpi_blocks(const struct machine *machine, uint64_t slot, uint64_t *ret_first);
/** machine_acpi_present() - whether there is a DIMM in a slot. */
bool machine_acpi_present(const struct machine *machine, uint64_t slot);
/**
 * machine_acpi_eject() - a write to a memory device's eject file (eject_store())
 *
 * Return: 0, and the DIMM is ejected later unless the kernel refuses; -ENODEV when the slot is
 * empty or ejecting is disabled.
 */
int machine_acpi_eject(struct machine *machine, uint64_t slot);
/** machine_acpi_has_memhotplug() - whether the kernel has a handler for memory devices. */
bool machine_acpi_has_memhotplug(const struct machine *machine);
/** machine_acpi_enabled() - whether DIMMs may be ejected (hotplug/memory/enabled). */
bool machine_acpi_enabled(const struct machine *machine);
void machine_acpi_enable(struct machine *machine, bool enable);
/** machine_dimm_of_block() - the number of the ACPI device that a block belongs to; -1: none. */
int machine_dimm_of_block(const struct machine *machine, const struct hp_block *block);

#endif
