/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI containers (container.c). */
#ifndef MEMHP_MACHINE_CONTAINER_H
#define MEMHP_MACHINE_CONTAINER_H

#include "memhp/hotplug.h"
#include "memhp/machine/dimm.h"

struct machine;

struct machine_container;

/** enum machine_container_hid - ids of ACPI devices that are containers. */
enum machine_container_hid {
	MACHINE_CONTAINER_ACPI0004,
	MACHINE_CONTAINER_PNP0A05,
	MACHINE_CONTAINER_PNP0A06,
	MACHINE_NR_CONTAINER_HIDS,
};
extern const char *const machine_container_hids[MACHINE_NR_CONTAINER_HIDS];

/** machine_container_new() - create a container that is not plugged; 0 or -ENOMEM. */
int machine_container_new(struct machine *machine, struct machine_container **ret_container);
/** machine_container_free() - free it; -EBUSY while it is plugged, or being plugged or ejected. */
int machine_container_free(struct machine *machine, struct machine_container *container);
/** machine_container_next() - the first one (NULL), or the one after @container; NULL: none. */
struct machine_container *machine_container_next(const struct machine *machine,
						 struct machine_container *container);
int machine_container_hid(const struct machine_container *container);
/** machine_container_set_hid() - set its id; -EBUSY while it is plugged. */
int machine_container_set_hid(struct machine_container *container, int hid);
/** machine_container_ost() - the status of the last plugging or eject, enum machine_ost. */
int machine_container_ost(const struct machine_container *container);
bool machine_container_plugged(const struct machine_container *container);
/** machine_container_name() - the name of its device, as "ACPI0004:00", once it was plugged. */
const char *machine_container_name(const struct machine_container *container);
/** machine_container_holds() - whether a DIMM is plugged and ejected with a container. */
bool machine_container_holds(const struct machine *machine, const struct machine_dimm *dimm);
/**
 * machine_container_plug() - name a container; machine_container_start() then plugs its DIMMs
 * @asker: gets 0, or the error of plugging one of them; then neither they nor it are plugged
 *
 * Return: 0; -EBUSY (a DIMM is plugged or in another container), -ENOMEM: @asker is not called.
 */
int machine_container_plug(struct machine *machine, struct machine_container *container,
			   struct machine_dimm *const *dimms, size_t nr_dimms,
			   struct hp_completion *asker);
void machine_container_start(struct machine_container *container);
/**
 * machine_container_eject() - make the firmware request an eject
 *
 * Return: 0, and @asker gets 0 or -EBUSY; -EBUSY when user space has not taken it offline: a uevent
 * asks it to, and @asker is not called.
 */
int machine_container_eject(struct machine *machine, struct machine_container *container,
			    struct hp_completion *asker);
/** machine_slots_container_name() - the name of the firmware's container of the DIMM slots. */
const char *machine_slots_container_name(const struct machine *machine);
/** machine_slots_offline() - whether user space has taken the container of the slots offline. */
bool machine_slots_offline(const struct machine *machine);
/** machine_slots_set_offline() - set that; 0, or -EBUSY while a block of a slot is online. */
int machine_slots_set_offline(struct machine *machine, bool offline);
/** machine_container_offline() - whether user space has taken it offline. */
bool machine_container_offline(const struct machine_container *container);
/** machine_container_set_offline() - set that; 0, or -EBUSY while one of its blocks is online. */
int machine_container_set_offline(struct machine_container *container, bool offline);

#endif
