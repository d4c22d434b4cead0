// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Watermarks and other values that depend on the amount of memory: min_free_kbytes, lowmem reserves
 * (the kernel's init_per_zone_wmark_min(), __setup_per_zone_wmarks(),
 * setup_per_zone_lowmem_reserve(), set_recommended_min_free_kbytes()); and whether there is enough
 * of it to group pages by mobility (build_all_zonelists()).
 */
#include "mm_private.h"

#define for_each_zone(mm, nid, type)                                                               \
	for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1))             \
		for (int type = 0; type < MM_NR_ZONES; type++)

#define MIGRATE_PCPTYPES 3

static uint64_t int_sqrt(uint64_t x)
{
	uint64_t root = 0;

	for (uint64_t bit = 1ULL << 31; bit; bit >>= 1) {
		if ((root | bit) * (root | bit) <= x)
			root |= bit;
	}
	return root;
}

/* Pages above the high watermark in zones usable by the kernel itself. */
static uint64_t buffer_pages(const struct mm *mm)
{
	uint64_t pages = 0;

	for_each_zone(mm, nid, type) {
		const struct mm_zone *zone = &mm->node[nid]->zone[type];

		if (type <= MM_ZONE_NORMAL && zone->managed > zone->high)
			pages += zone->managed - zone->high;
	}
	return pages;
}

static void setup_watermarks(struct mm *mm)
{
	uint64_t pages_min = mm->min_free_kbytes >> (mm->config.page_shift - 10), lowmem = 0;

	for_each_zone(mm, nid, type) {
		if (type != MM_ZONE_MOVABLE || mm->config.movable_keeps_share)
			lowmem += mm->node[nid]->zone[type].managed;
	}
	for_each_zone(mm, nid, type) {
		struct mm_zone *zone = &mm->node[nid]->zone[type];
		uint64_t share = lowmem ? pages_min * zone->managed / lowmem : 0, gap;

		if (type == MM_ZONE_MOVABLE && !mm->config.movable_keeps_share) {
			zone->min = zone->managed / 1024;
			zone->min = BASE_MIN(BASE_MAX(zone->min, 32), 128);
		} else {
			zone->min = share;
		}
		gap = BASE_MAX(share / 4,
			       zone->managed * mm->tuning.watermark_scale_factor / 10000);
		zone->low = zone->min + gap;
		zone->high = zone->low + gap;
		zone->promo = zone->high + gap;
	}
}

static void setup_reserves(struct mm *mm)
{
	for_each_zone(mm, nid, type) {
		uint64_t ratio = mm->tuning.lowmem_reserve_ratio[type], above = 0;
		struct mm_zone *zone = mm->node[nid]->zone;

		for (int upper = type + 1; upper < MM_NR_ZONES; upper++) {
			above += zone[upper].managed;
			zone[type].reserve[upper] = ratio && zone[type].managed ? above / ratio : 0;
		}
	}
}

/* calculate_min_free_kbytes(): what the user has set is only ever raised. */
static void calculate(struct mm *mm, struct mm_wmark_news *news)
{
	uint64_t kbytes = buffer_pages(mm) << (mm->config.page_shift - 10);

	kbytes = int_sqrt(kbytes * 16);
	if (mm->tuning.user_min_free_kbytes == MM_NEVER_SET ||
	    kbytes > mm->tuning.user_min_free_kbytes)
		mm->min_free_kbytes = BASE_MIN(BASE_MAX(kbytes, 128), 262144);
	else
		news->not_updated_to = kbytes;
}

/* khugepaged wants enough free pageblocks of each migrate type in every kernel zone. */
static void recommend(struct mm *mm, struct mm_wmark_news *news)
{
	uint64_t zones = 0, pages;

	if (!mm->tuning.huge_pages) {
		calculate(mm, news);
		setup_watermarks(mm);
		return;
	}
	for_each_zone(mm, nid, type)
		zones += type <= MM_ZONE_NORMAL && mm->node[nid]->zone[type].present;
	pages = mm->config.pageblock_pages * zones * (2 + MIGRATE_PCPTYPES * MIGRATE_PCPTYPES);
	pages = BASE_MIN(pages, buffer_pages(mm) / 20);
	pages <<= mm->config.page_shift - 10;
	if (pages > mm->min_free_kbytes) {
		if (mm->tuning.user_min_free_kbytes != MM_NEVER_SET) {
			news->raised_from = mm->min_free_kbytes;
			news->raised_to = pages;
		}
		mm->min_free_kbytes = pages;
	}
	setup_watermarks(mm);
}

struct mm_wmark_news mm_wmark_update(struct mm *mm)
{
	struct mm_wmark_news news = { .user_kbytes = mm->tuning.user_min_free_kbytes };

	calculate(mm, &news);
	setup_watermarks(mm);
	setup_reserves(mm);
	/* khugepaged_min_free_kbytes_update() */
	if (mm->config.thp_pages && mm->tuning.huge_pages)
		recommend(mm, &news);
	return news;
}

/* ---- what can be set ------------------------------------------------------------------------- */

const struct mm_tuning *mm_tuning(const struct mm *mm)
{
	return &mm->tuning;
}

void mm_set_min_free_kbytes(struct mm *mm, uint64_t kbytes)
{
	mm->min_free_kbytes = kbytes;
	mm->tuning.user_min_free_kbytes = kbytes;
	setup_watermarks(mm);
}

void mm_set_watermark_scale_factor(struct mm *mm, uint64_t factor)
{
	mm->tuning.watermark_scale_factor = factor;
	setup_watermarks(mm);
}

void mm_set_lowmem_reserve_ratio(struct mm *mm, enum mm_zone_type type, uint64_t ratio)
{
	mm->tuning.lowmem_reserve_ratio[type] = ratio;
	setup_reserves(mm);
}

struct mm_wmark_news mm_set_huge_pages(struct mm *mm, bool huge_pages)
{
	struct mm_wmark_news news = { .user_kbytes = mm->tuning.user_min_free_kbytes };

	mm->tuning.huge_pages = huge_pages;
	recommend(mm, &news);
	return news;
}

uint64_t mm_zonelists_update(struct mm *mm)
{
	uint64_t pages = 0;

	for_each_zone(mm, nid, type) {
		const struct mm_zone *zone = &mm->node[nid]->zone[type];

		if (zone->managed > zone->high)
			pages += zone->managed - zone->high;
	}
	mm->ungrouped = pages < mm->config.pageblock_pages * MM_NR_MIGRATE_TYPES;
	return pages;
}

bool mm_groups_by_mobility(const struct mm *mm)
{
	return !mm->ungrouped;
}

uint64_t mm_min_free_kbytes(const struct mm *mm)
{
	return mm->min_free_kbytes;
}

uint64_t mm_total_managed(const struct mm *mm)
{
	uint64_t pages = 0;

	for_each_zone(mm, nid, type)
		pages += mm->node[nid]->zone[type].managed;
	return pages;
}

uint64_t mm_total_free(const struct mm *mm)
{
	uint64_t pages = 0;

	for_each_zone(mm, nid, type)
		pages += mm->node[nid]->zone[type].free;
	return pages;
}

uint64_t mm_memmap_pages(const struct mm *mm)
{
	return mm_kind_pages(mm, MM_NODE_NONE, MM_KIND_MEMMAP) + mm->memmap_self_pages;
}

uint64_t mm_memmap_boot_pages(const struct mm *mm)
{
	return mm->memmap_boot_pages;
}
