/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings of transparent huge pages, sys/kernel/mm/transparent_hugepage (thp.c). */
#ifndef MEMHP_MACHINE_THP_H
#define MEMHP_MACHINE_THP_H

#include "memhp/machine/machine.h"

/** enum machine_thp_setting - what is the same for all sizes; the last ones are of khugepaged */
enum machine_thp_setting {
	MACHINE_THP_ENABLED,
	MACHINE_THP_DEFRAG,
	MACHINE_THP_SHMEM,
	MACHINE_THP_USE_ZERO_PAGE,
	MACHINE_THP_SHRINK_UNDERUSED,
	MACHINE_THP_KHUGEPAGED_DEFRAG,
	MACHINE_THP_MAX_PTES_NONE,
	MACHINE_THP_MAX_PTES_SWAP,
	MACHINE_THP_MAX_PTES_SHARED,
	MACHINE_THP_PAGES_TO_SCAN,
	MACHINE_THP_SCAN_SLEEP,
	MACHINE_THP_ALLOC_SLEEP,
	MACHINE_NR_THP,
};

/** The words of `enabled`, `shmem_enabled`, and of those of one size, in the kernel's order. */
enum machine_thp_enabled { MACHINE_THP_ALWAYS, MACHINE_THP_MADVISE, MACHINE_THP_NEVER };
enum machine_thp_shmem {
	MACHINE_SHMEM_ALWAYS,
	MACHINE_SHMEM_WITHIN_SIZE,
	MACHINE_SHMEM_ADVISE,
	MACHINE_SHMEM_NEVER,
	MACHINE_SHMEM_DENY,
	MACHINE_SHMEM_FORCE,
};
enum machine_thp_anon_size {
	MACHINE_ANON_ALWAYS,
	MACHINE_ANON_INHERIT,
	MACHINE_ANON_MADVISE,
	MACHINE_ANON_NEVER,
};
enum machine_thp_shmem_size {
	MACHINE_SHMEM_SIZE_ALWAYS,
	MACHINE_SHMEM_SIZE_INHERIT,
	MACHINE_SHMEM_SIZE_WITHIN_SIZE,
	MACHINE_SHMEM_SIZE_ADVISE,
	MACHINE_SHMEM_SIZE_NEVER,
};

#define MACHINE_THP_ORDERS 20 /* more than any size has */

/** struct machine_thp - all of them; @anon, @shmem: by the order of the size */
struct machine_thp {
	uint64_t setting[MACHINE_NR_THP];
	uint64_t anon[MACHINE_THP_ORDERS];
	uint64_t shmem[MACHINE_THP_ORDERS];
};

/** machine_thp() - the settings, which may be changed; see machine_thp_enabled_changed(). */
struct machine_thp *machine_thp(struct machine *machine);
/** machine_thp_pmd_order() - the order of the largest size; 0: there are none. */
unsigned int machine_thp_pmd_order(const struct machine *machine);
/** machine_thp_enabled_changed() - whether huge pages are wanted may have changed. */
void machine_thp_enabled_changed(struct machine *machine);

#endif
