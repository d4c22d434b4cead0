// SPDX-License-Identifier: GPL-2.0-or-later
/* Transparent huge pages: the settings of a distribution's kernel, and whether khugepaged runs. */
#include "machine_private.h"

struct machine_thp *machine_thp(struct machine *m)
{
	return &m->thp;
}

unsigned int machine_thp_pmd_order(const struct machine *m)
{
	unsigned int order = 0;

	while (1ULL << order < mm_config(m->mm)->thp_pages)
		order++;
	return order;
}

/* hugepage_pmd_enabled(), with READ_ONLY_THP_FOR_FS */
void machine_thp_enabled_changed(struct machine *m)
{
	uint64_t anon = m->thp.anon[machine_thp_pmd_order(m)];

	hp_set_huge_pages(m->hp, m->thp.setting[MACHINE_THP_ENABLED] != MACHINE_THP_NEVER ||
					 anon == MACHINE_ANON_ALWAYS ||
					 anon == MACHINE_ANON_MADVISE);
}

void machine_thp_boot(struct machine *m)
{
	unsigned int pmd_order = machine_thp_pmd_order(m);
	uint64_t entries = 1ULL << pmd_order, *setting = m->thp.setting;

	setting[MACHINE_THP_ENABLED] = MACHINE_THP_ALWAYS;
	setting[MACHINE_THP_DEFRAG] = 3; /* madvise */
	setting[MACHINE_THP_SHMEM] = MACHINE_SHMEM_NEVER;
	setting[MACHINE_THP_USE_ZERO_PAGE] = 1;
	setting[MACHINE_THP_SHRINK_UNDERUSED] = 1;
	setting[MACHINE_THP_KHUGEPAGED_DEFRAG] = 1;
	setting[MACHINE_THP_MAX_PTES_NONE] = entries - 1;
	setting[MACHINE_THP_MAX_PTES_SWAP] = entries / 8;
	setting[MACHINE_THP_MAX_PTES_SHARED] = entries / 2;
	setting[MACHINE_THP_PAGES_TO_SCAN] = entries * 8;
	setting[MACHINE_THP_SCAN_SLEEP] = 10000;
	setting[MACHINE_THP_ALLOC_SLEEP] = 60000;
	for (unsigned int order = 0; order < MACHINE_THP_ORDERS; order++) {
		m->thp.anon[order] = MACHINE_ANON_NEVER;
		m->thp.shmem[order] = MACHINE_SHMEM_SIZE_NEVER;
	}
	m->thp.anon[pmd_order] = MACHINE_ANON_INHERIT;
	m->thp.shmem[pmd_order] = MACHINE_SHMEM_SIZE_INHERIT;
}

#define THP_ROWS(ROW)                                                                              \
	ROW(NUMBERS, setting)                                                                      \
	ROW(NUMBERS, anon)                                                                         \
	ROW(NUMBERS, shmem)
BASE_SAVE_STRUCT(thp_save, struct machine_thp, void, THP_ROWS)

void machine_thp_save(struct machine *m, struct base_save *s)
{
	BASE_SAVE_ONE(s, thp_save, &m->thp, NULL);
}
