/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A DIMM, for the slots (dimm.c) and for the two kinds of firmware that notify the kernel
 * (dimm_acpi.c, dimm_dlpar.c).
 */
#ifndef DIMM_PRIVATE_H
#define DIMM_PRIVATE_H

#include "dlpar.h"
#include "machine_private.h"

/*
 * @place: position in the list, from 1, while DIMMs are saved or loaded
 * @field: as configured
 * @slot, @region: where it is plugged
 * @notifier, @unbacked: for pages without backing; NULL: all are backed
 * @ost: status that the kernel has reported to the firmware (enum machine_ost)
 * @ost_before: of the request before, while @busy
 * @claimed: it has its place, and its insertion has not begun yet
 * @ost_source: what the eject in progress is reported for; 0: the usual
 * @call: the insertion or eject while @busy; @asker: gets the result; NULL: no longer wanted
 * @group and all below it: used by dimm_acpi.c
 * @put_online: blocks that the eject in progress took offline, by position
 * @kept_block: the block that made it fail
 */
struct machine_dimm {
	struct machine *machine;
	uint32_t place;
	uint64_t field[MACHINE_DIMM_NR_FIELDS];
	bool plugged;
	int ost;
	int ost_before;
	uint64_t slot;
	struct machine_region region;
	struct hp_notifier notifier;
	struct mm_holder *unbacked;
	bool unanswered; /* DLPAR: the hypervisor still waits for the guest to release it */
	TAILQ_ENTRY(machine_dimm) link;

	struct hp_call call;
	bool busy;
	bool claimed;
	unsigned int ost_source;
	struct hp_completion *asker;

	struct hp_group *group;
	uint64_t kept_block;
	bool *put_online;
};

/*
 * struct machine_dimm_driver - how firmware and kernel communicate about DIMMs
 * @first_ost: @ost before the first request
 * @in_blocks: sizes and addresses are multiples of the block size
 * @insert: notifies the kernel of a DIMM in its slot: 0, even if the kernel does not add it; or
 *	    -ENOMEM and nothing has happened
 * @eject: asks the kernel to release a DIMM: 0, and machine_dimm_ejected() was called, or -EBUSY
 *
 * @boot: the kernel that boots finds the DIMM in its slot
 *
 * Context: the hotplug lock is held; both may wait. At boot, there is no lock.
 */
struct machine_dimm_driver {
	int first_ost;
	bool in_blocks;
	int (*insert)(struct machine_dimm *dimm);
	int (*eject)(struct machine_dimm *dimm);
	void (*boot)(struct machine_dimm *dimm);
};
extern const struct machine_dimm_driver machine_acpi_driver, machine_dlpar_driver;

/* The unit of sizes and addresses in the hypervisor (QEMU's pc-dimm). */
#define MACHINE_DIMM_ALIGN (2ULL << 20)

/* Sets what the listener for pages without backing does. */
void dimm_unbacked_listen(struct machine_dimm *dimm);
/* The node of a plugged DIMM. */
int machine_dimm_nid(const struct machine_dimm *dimm);
/* Sets the status that the guest reports, and tells the hypervisor. */
void machine_dimm_report(struct machine_dimm *dimm, unsigned int source, int status);
/* Called when the kernel has released the DIMM. */
void machine_dimm_ejected(struct machine_dimm *dimm);

#endif
