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
 * @exists: not taken back by the hypervisor
 * @present: the guest has acquired it, and the hypervisor has not seen it released
 * @assigned: the guest uses it
 * @marked: changed by the request in progress
 * @want_back: the hypervisor takes it back when it is released
 * @lent: the guest may release it, and acquire it again, at any time
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

/* LMBs that were added together; freed with the last one. @nr_exist: how many of @nr exist */
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
	bool seen; /* a device was plugged: so there is room for devices */
};

/* The LMB with the lowest number at or above @nr; NULL: none. */
struct lmb *lmb_next(const struct machine *m, uint64_t nr);
/* The guest starts or stops using it. */
void lmb_set_assigned(struct machine *m, struct lmb *lmb, bool assigned);
/* Bytes for LMBs: the windows for devices; without windows, 0 until a device is plugged. */
uint64_t lmb_table_bytes(const struct machine *m);
/* Whether the device tree lists an LMB. */
bool lmb_in_table(const struct machine *m, uint64_t nr);
/*
 * dlpar_acquire_drc(): 0; -EINVAL for NULL, as an LMB that does not exist has no indicator; -EPERM
 * for one that has not been released.
 */
int lmb_acquire(struct lmb *lmb);
/*
 * dlpar_release_drc(): part of a device stays unless its removal was requested. May free the LMB.
 */
void lmb_release(struct machine *m, struct lmb *lmb);

#endif
