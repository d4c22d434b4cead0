/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A DIMM, for the slots (dimm.c) and for the two kinds of firmware that tell the kernel of it
 * (dimm_acpi.c, dimm_dlpar.c).
 */
#ifndef DIMM_PRIVATE_H
#define DIMM_PRIVATE_H

#include "dlpar.h"
#include "machine_private.h"

/*
 * @place: among all, from 1 on, while they are saved or loaded
 * @field: what was set
 * @slot, @region: where it is plugged
 * @notifier, @unbacked: for what the hypervisor has no memory for; NULL: it has for all
 * @ost: what the kernel has told the firmware (ACPI_OST_SC_*); -1: nothing
 * @call: the insertion or eject while @busy; @asker: whom it answers, NULL: nobody any more
 * @nobody: an asker that does not wait
 * @group and all below it: dimm_acpi.c's
 * @put_online: blocks that the eject under way took offline, by position
 * @kept_block: the block that made it fail
 */
struct machine_dimm {
	struct machine *machine;
	uint32_t place;
	uint64_t field[MACHINE_DIMM_NR_FIELDS];
	bool plugged;
	int ost;
	uint64_t slot;
	struct machine_region region;
	struct hp_notifier notifier;
	struct mm_hold *unbacked;
	TAILQ_ENTRY(machine_dimm) link;

	struct hp_call call;
	bool busy;
	struct hp_completion *asker;
	struct hp_completion nobody;

	struct hp_group *group;
	uint64_t kept_block;
	bool *put_online;
};

/*
 * struct machine_dimm_driver - how firmware and kernel tell each other of DIMMs
 * @first_ost: what the kernel has told the firmware before there is anything to tell
 * @in_blocks: sizes and addresses are multiples of a block's
 * @insert: tells the kernel of a DIMM in its slot. What the kernel makes of it is its own matter:
 *	    0, or -ENOMEM and nothing has happened
 * @eject: asks the kernel to give a DIMM back: 0, and machine_dimm_ejected() was called, or -EBUSY
 *
 * Context: the lock is held; both may wait.
 */
struct machine_dimm_driver {
	int first_ost;
	bool in_blocks;
	int (*insert)(struct machine_dimm *dimm);
	int (*eject)(struct machine_dimm *dimm);
};
extern const struct machine_dimm_driver machine_acpi_driver, machine_dlpar_driver;

/* Nothing of it is used any more. */
void machine_dimm_ejected(struct machine_dimm *dimm);

#endif
