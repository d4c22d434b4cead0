// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The use of the pages of a zone or a range, counted from its runs, and what the kernel derives
 * from such sums: MemAvailable and the memory that may be dirty (the kernel's si_mem_available()
 * and global_dirtyable_memory()).
 */
#include <string.h>

#include "mm_private.h"

/* Returns how much of [start, end) is in use, and adds it up by kind. */
static uint64_t used_add(const struct mm *mm, uint64_t start, uint64_t end, uint64_t *kind_pages)
{
	uint64_t used = 0;

	mm_for_each_run(mm, run, start, end) {
		uint64_t nr = BASE_MIN(run->end, end) - BASE_MAX(run->start, start);

		used += nr;
		kind_pages[run->hold->kind] += nr;
	}
	return used;
}

static uint64_t cma_free(const struct mm *mm, uint64_t start, uint64_t end)
{
	uint64_t kinds[MM_NR_KINDS] = { 0 }, from, to, pages = 0;

	for (; mm_cma_next(mm, start, end, &from, &to); start = to)
		pages += to - from - used_add(mm, from, to, kinds);
	return pages;
}

static void usage_add(const struct mm *mm, const struct mm_extent *e, uint64_t start, uint64_t end,
		      struct mm_usage *usage)
{
	start = BASE_MAX(start, e->start);
	end = BASE_MIN(end, e->end);
	usage->zones |= 1u << e->type;
	usage->free += end - start - used_add(mm, start, end, usage->kind);
	if (mm_extent_zone(mm, e)->cma)
		usage->free_cma += cma_free(mm, start, end);
}

void mm_range_usage(const struct mm *mm, uint64_t start_pfn, uint64_t nr_pages,
		    struct mm_usage *ret_usage)
{
	uint64_t end = start_pfn + nr_pages;

	memset(ret_usage, 0, sizeof(*ret_usage));
	mm_for_each_extent(mm, e, start_pfn, end)
		usage_add(mm, e, start_pfn, end, ret_usage);
}

void mm_zone_usage(const struct mm *mm, int nid, enum mm_zone_type type, struct mm_usage *ret_usage)
{
	const struct mm_zone *zone;

	memset(ret_usage, 0, sizeof(*ret_usage));
	if (!mm_zone_populated(mm, nid, type))
		return;
	zone = &mm->node[nid]->zone[type];
	mm_for_each_extent(mm, e, zone->start_pfn, mm_zone_end(zone)) {
		if (e->nid == nid && e->type == type)
			usage_add(mm, e, e->start, e->end, ret_usage);
	}
}

/* The memmap of a section that was present at boot is online as a whole. */
static bool is_boot_hole(const struct mm *mm, uint64_t pfn)
{
	uint64_t start = BASE_ROUND_DOWN(pfn, mm->config.section_pages);
	const struct mm_extent *e = mm_extent_at(mm, start);

	return mm_early_section(mm, pfn) && e && e->start < start + mm->config.section_pages;
}

enum mm_page_state mm_page_span(const struct mm *mm, uint64_t pfn, uint64_t end, uint64_t *ret_end,
				struct mm_use *ret_use)
{
	const struct mm_extent *e = mm_extent_at(mm, pfn);
	const struct mm_run *run;

	if (!e || e->start > pfn) {
		end = BASE_MIN(end, BASE_ROUND_DOWN(pfn, mm->config.section_pages) +
					    mm->config.section_pages);
		*ret_end = e ? BASE_MIN(end, e->start) : end;
		return is_boot_hole(mm, pfn) ? MM_PAGE_HOLE : MM_PAGE_ABSENT;
	}
	end = BASE_MIN(end, e->end);
	run = mm_run_at(mm, pfn);
	if (!run || run->start > pfn) {
		*ret_end = run ? BASE_MIN(end, run->start) : end;
		return MM_PAGE_FREE;
	}
	*ret_end = BASE_MIN(end, run->end);
	*ret_use = (struct mm_use){
		.start_pfn = run->start,
		.nr_pages = run->end - run->start,
		.kind = run->hold->kind,
		.owner = run->hold->owner,
	};
	return MM_PAGE_USED;
}

/* Pages kept by watermarks and lowmem reserves (totalreserve_pages); the sum of low watermarks. */
static void keep_back(const struct mm *mm, uint64_t *ret_reserve, uint64_t *ret_low)
{
	uint64_t total = 0, low = 0;

	for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1)) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			const struct mm_zone *zone = &mm->node[nid]->zone[type];
			uint64_t most = 0;

			for (int upper = type; upper < MM_NR_ZONES; upper++)
				most = BASE_MAX(most, zone->reserve[upper]);
			total += BASE_MIN(zone->managed, most + zone->high);
			low += zone->low;
		}
	}
	*ret_reserve = total;
	*ret_low = low;
}

uint64_t mm_available(const struct mm *mm)
{
	uint64_t cache = mm_kind_pages(mm, MM_NODE_NONE, MM_KIND_PAGECACHE), reserve, low, have;

	keep_back(mm, &reserve, &low);
	have = mm_total_free(mm) + cache - BASE_MIN(cache / 2, low);
	return have > reserve ? have - reserve : 0;
}

uint64_t mm_dirtyable(const struct mm *mm)
{
	uint64_t free = mm_total_free(mm), reserve, low;

	keep_back(mm, &reserve, &low);
	return free - BASE_MIN(free, reserve) + mm_kind_pages(mm, MM_NODE_NONE, MM_KIND_PAGECACHE) +
	       1;
}
