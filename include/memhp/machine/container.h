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

/** machine_container_new() - an inert container; 0 or -ENOMEM. */
int machine_container_new(struct machine *machine, struct machine_container **ret_container);
/** machine_container_free() - -EBUSY while it is plugged or on its way. */
int machine_container_free(struct machine *machine, struct machine_container *container);
/** machine_container_next() - the first one (NULL), or the one after @container; NULL: none. */
struct machine_container *machine_container_next(const struct machine *machine,
						 struct machine_container *container);
int machine_container_hid(const struct machine_container *container);
/** machine_container_set_hid() - -EBUSY while it is plugged. */
int machine_container_set_hid(struct machine_container *container, int hid);
bool machine_container_plugged(const struct machine_container *container);
/** machine_container_name() - of its device, as "ACPI0004:00", when it was ever plugged. */
const char *machine_container_name(const struct machine_container *container);
/** machine_container_holds() - whether a DIMM came with a container, and goes with it. */
bool machine_container_holds(const struct machine *machine, const struct machine_dimm *dimm);
/**
 * machine_container_plug() - it has a name, and machine_container_start() plugs its DIMMs
 * @asker: gets 0, or what plugging one of them answered; then none is plugged, nor is it
 *
 * Return: 0; -EBUSY (a DIMM is plugged, or another's), -ENOMEM: @asker is not called.
 */
int machine_container_plug(struct machine *machine, struct machine_container *container,
			   struct machine_dimm *const *dimms, size_t nr_dimms,
			   struct hp_completion *asker);
void machine_container_start(struct machine_container *container);
/**
 * machine_container_eject() - firmware asks for it back
 *
 * Return: 0, and @asker gets 0 or -EBUSY; -EBUSY when user space has not taken it offline, which is
 * asked to by a uevent: @asker is not called.
 */
int machine_container_eject(struct machine *machine, struct machine_container *container,
			    struct hp_completion *asker);
/** machine_container_offline() - whether user space has taken it offline. */
bool machine_container_offline(const struct machine_container *container);
/** machine_container_set_offline() - 0, or -EBUSY while one of its blocks is online. */
int machine_container_set_offline(struct machine_container *container, bool offline);

#endif
