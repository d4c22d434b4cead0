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
 * @group and all below it: dimm_acpi.c's, but @dlpar
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
	struct hp_then *asker;
	struct hp_then nobody;
	struct machine_dlpar dlpar;

	struct hp_group *group;
	struct hp_then then;
	uint64_t next_block;
	bool second_pass;
	bool failed;
	uint64_t kept_block;
	bool in_offline;
	int offline_result;
	bool *put_online;
};

/*
 * A DIMM is in its slot: the kernel is told. What it makes of that is its own matter: 0, HP_PENDING
 * when it is not through yet, or -ENOMEM and nothing has happened.
 */
int machine_dimm_acpi_insert(struct machine_dimm *dimm);
int machine_dimm_dlpar_insert(struct machine_dimm *dimm);
/*
 * The kernel is asked to give a DIMM back: HP_PENDING, and hp_call_finish() has or will have the
 * answer: 0, and machine_dimm_ejected() was called, or -EBUSY.
 */
int machine_dimm_acpi_eject(struct machine_dimm *dimm);
int machine_dimm_dlpar_eject(struct machine_dimm *dimm);
/* Nothing of it is used any more. */
void machine_dimm_ejected(struct machine_dimm *dimm);

#endif
