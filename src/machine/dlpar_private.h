/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logical memory blocks, for the hypervisor (dlpar.c) and for the guest (dlpar_request.c). */
#ifndef DLPAR_PRIVATE_H
#define DLPAR_PRIVATE_H

#include <bsd/sys/queue.h>

#include "dlpar.h"
#include "machine_private.h"

#define DRC_LMB 0x80000000u
#define DRC_TYPE_MASK 0xf0000000u

/*
 * @nr: of its memory block
 * @exists: not taken by the hypervisor
 * @present: the guest has acquired it, and the hypervisor has not seen it released
 * @assigned: the guest uses it
 * @marked: the request under way has changed it
 * @want_back: the hypervisor takes it when it is released
 * @lent: the guest may release it, and have it again, at any time
 */
struct lmb {
	uint32_t nr;
	int16_t nid;
	bool exists : 1;
	bool present : 1;
	bool assigned : 1;
	bool marked : 1;
	bool want_back : 1;
	bool lent : 1;
};

/* LMBs that came together; it goes with the last. @nr_exist: of @nr */
struct lmb_bank {
	uint64_t first;
	uint64_t nr;
	uint64_t nr_exist;
	TAILQ_ENTRY(lmb_bank) link;
	struct lmb lmb[];
};

struct machine_lmbs {
	TAILQ_HEAD(lmb_banks, lmb_bank) banks; /* by address */
	uint64_t nr_assigned;
	uint64_t nr_lent;
	bool seen; /* there was a device: so there is room for some */
};

/* The LMB with the lowest number at or above @nr; NULL: none. */
struct lmb *lmb_next(const struct machine *m, uint64_t nr);
/* The guest uses it, or not any more. */
void lmb_set_assigned(struct machine *m, struct lmb *lmb, bool assigned);
/* Bytes where LMBs can be: the windows for devices; without any, once there was a device. */
uint64_t lmb_table_bytes(const struct machine *m);
/* Whether the device tree lists an LMB. */
bool lmb_in_table(const struct machine *m, uint64_t nr);
/*
 * dlpar_acquire_drc(): 0; -EINVAL for NULL, since what is not there is no indicator; -EPERM for
 * what has not been released.
 */
int lmb_acquire(struct lmb *lmb);
/*
 * dlpar_release_drc(): a part of a device that nobody has asked to remove stays where it is. The
 * LMB may be gone then.
 */
void lmb_release(struct machine *m, struct lmb *lmb);

#endif
