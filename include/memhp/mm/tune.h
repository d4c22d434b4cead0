/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watermarks, and what a system's administrator sets of them (wmark.c). */
#ifndef MEMHP_MM_TUNE_H
#define MEMHP_MM_TUNE_H

#include "memhp/mm/types.h"

#define MM_NEVER_SET UINT64_MAX

/**
 * struct mm_tuning - settings on which watermarks and reserves depend
 * @user_min_free_kbytes: what was written to min_free_kbytes last, or MM_NEVER_SET
 * @watermark_scale_factor: the distance of the watermarks, in ten thousandths of a zone
 * @lowmem_reserve_ratio: a zone keeps back this fraction of the memory in the zones above; 0: none
 * @huge_pages: khugepaged runs, which wants pageblocks to be free
 */
struct mm_tuning {
	uint64_t user_min_free_kbytes;
	uint64_t watermark_scale_factor;
	uint64_t lowmem_reserve_ratio[MM_NR_ZONES];
	bool huge_pages;
};

/**
 * struct mm_wmark_news - what the kernel logs when it computes min_free_kbytes
 * @user_kbytes: what the user has set, or MM_NEVER_SET
 * @not_updated_to: the computed value, which is not used because the user's is preferred; 0: used
 * @raised_from, @raised_to: the user's value was raised for huge pages; 0: it was not
 */
struct mm_wmark_news {
	uint64_t user_kbytes;
	uint64_t not_updated_to;
	uint64_t raised_from;
	uint64_t raised_to;
};

/** mm_wmark_update() - init_per_zone_wmark_min(): called after managed pages change. */
struct mm_wmark_news mm_wmark_update(struct mm *mm);
uint64_t mm_min_free_kbytes(const struct mm *mm);
const struct mm_tuning *mm_tuning(const struct mm *mm);
/** mm_set_min_free_kbytes() - set the user's value and the watermarks that follow from it. */
void mm_set_min_free_kbytes(struct mm *mm, uint64_t kbytes);
/** mm_set_watermark_scale_factor() - from 1 to 3000. */
void mm_set_watermark_scale_factor(struct mm *mm, uint64_t factor);
void mm_set_lowmem_reserve_ratio(struct mm *mm, enum mm_zone_type type, uint64_t ratio);
/** mm_set_huge_pages() - start or stop khugepaged (start_stop_khugepaged()). */
struct mm_wmark_news mm_set_huge_pages(struct mm *mm, bool huge_pages);

#endif
