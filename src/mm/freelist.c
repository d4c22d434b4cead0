// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The free lists of the buddy allocator and the migrate types of pageblocks, derived from the gaps
 * between runs (the kernel's __free_one_page(), pagetypeinfo_showblockcount_print()).
 *
 * Free memory is always fully merged: each gap consists of the fewest possible aligned chunks.
 * Nothing merges with memory that is going offline or with CMA. Pageblocks start as Movable and
 * become Unmovable when the allocator first gives out an unmovable page in them; pages that
 * memblock kept at boot have no effect. On a machine with too few pages to group them by mobility,
 * all pages count as unmovable, and pageblocks that are set up meanwhile stay Unmovable.
 */
#include <string.h>

#include "mm_private.h"

/* Unmovable kinds that were not taken from the free lists for unmovable use. */
#define LEAVES_TYPE                                                                                \
	(1u << MM_KIND_RESERVED | 1u << MM_KIND_POISON | 1u << MM_KIND_POISON_RESERVED |           \
	 1u << MM_KIND_POISON_HOLE | 1u << MM_KIND_GIGANTIC | 1u << MM_KIND_GIGANTIC_FREE |        \
	 1u << MM_KIND_CONT_PMD_FREE | 1u << MM_KIND_FAKE_OFFLINE | 1u << MM_KIND_UNBACKED)

/*
 * struct walk - a walk over the free pages of a zone
 * @start, @end: the gap so far, all of one @type
 * @block, @block_type: the last pageblock that was examined
 */
struct walk {
	const struct mm *mm;
	const struct mm_zone *zone;
	struct mm_free_lists *lists;
	uint64_t start;
	uint64_t end;
	enum mm_migrate_type type;
	uint64_t block;
	enum mm_migrate_type block_type;
};

/* Pageblocks [first, end) that a run makes Unmovable. */
static void run_blocks(const struct mm *mm, const struct mm_run *run, uint64_t *ret_first,
		       uint64_t *ret_end)
{
	uint64_t pages = mm->config.pageblock_pages;

	enum mm_kind kind = run->hold->kind;

	*ret_first = *ret_end = 0;
	if ((mm_kind_is_movable(mm, kind) && !mm->ungrouped) || 1u << kind & LEAVES_TYPE)
		return;
	/* A pageblock whose first page is missing was never made Movable. */
	*ret_first = kind == MM_KIND_HOLE ? (run->start + pages - 1) / pages : run->start / pages;
	*ret_end = (run->end - 1) / pages + 1;
}

static enum mm_migrate_type block_type(struct walk *w, uint64_t pfn)
{
	uint64_t pages = w->mm->config.pageblock_pages, block = pfn / pages, first, end;

	if (block == w->block)
		return w->block_type;
	w->block = block;
	w->block_type = MM_MIGRATE_MOVABLE;
	mm_for_each_run(w->mm, run, block * pages, (block + 1) * pages) {
		run_blocks(w->mm, run, &first, &end);
		if (first <= block && block < end)
			w->block_type = MM_MIGRATE_UNMOVABLE;
	}
	return w->block_type;
}

static unsigned int chunk_order(const struct mm *mm, uint64_t pfn, uint64_t end)
{
	unsigned int order = mm->config.max_order;

	while (!BASE_ALIGNED(pfn, 1ULL << order) || 1ULL << order > end - pfn)
		order--;
	return order;
}

static void gap_flush(struct walk *w)
{
	for (uint64_t pfn = w->start; pfn < w->end;) {
		unsigned int order = chunk_order(w->mm, pfn, w->end);
		enum mm_migrate_type type = w->type;
		uint64_t nr = order == w->mm->config.max_order ? (w->end - pfn) >> order : 1;

		/* Larger chunks are pageblocks without any page in use. */
		if (type == MM_MIGRATE_MOVABLE && 1ULL << order < w->mm->config.pageblock_pages)
			type = block_type(w, pfn);
		w->lists->chunks[type][order] += nr;
		pfn += nr << order;
	}
	w->start = w->end;
}

static void gap_add(struct walk *w, uint64_t start, uint64_t end, enum mm_migrate_type usual)
{
	uint64_t cma, cma_end;

	for (uint64_t next; start < end; start = next) {
		enum mm_migrate_type type = usual;

		next = end;
		if (w->zone->cma && mm_cma_next(w->mm, start, end, &cma, &cma_end)) {
			if (cma == start)
				type = MM_MIGRATE_CMA;
			next = cma == start ? cma_end : cma;
		}
		if (w->end != start || w->type != type) {
			gap_flush(w);
			w->start = start;
			w->type = type;
		}
		w->end = next;
	}
}

static void extent_chunks(struct walk *w, const struct mm_extent *e)
{
	enum mm_migrate_type type = e->isolated	 ? MM_MIGRATE_ISOLATE :
				    e->ungrouped ? MM_MIGRATE_UNMOVABLE :
						   MM_MIGRATE_MOVABLE;
	uint64_t pfn = e->start;

	mm_for_each_run(w->mm, run, e->start, e->end) {
		gap_add(w, pfn, run->start, type);
		pfn = run->end;
	}
	gap_add(w, pfn, e->end, type);
}

/* Pageblocks below @pfn as the kernel counts them, stepping from the start of the zone. */
static uint64_t steps_below(const struct walk *w, uint64_t pfn)
{
	uint64_t pages = w->mm->config.pageblock_pages;

	pfn = BASE_MIN(pfn, mm_zone_end(w->zone));
	return pfn > w->zone->start_pfn ? (pfn - w->zone->start_pfn + pages - 1) / pages : 0;
}

static uint64_t extent_blocks_unmovable(const struct walk *w, const struct mm_extent *e)
{
	uint64_t pages = w->mm->config.pageblock_pages, nr = 0, first, end;
	uint64_t zone_first = w->zone->start_pfn / pages;
	uint64_t counted = zone_first + steps_below(w, e->start);
	uint64_t last = zone_first + steps_below(w, e->end);

	mm_for_each_run(w->mm, run, e->start, e->end) {
		run_blocks(w->mm, run, &first, &end);
		/* Two runs may share a pageblock. */
		first = BASE_MAX(first, counted);
		end = BASE_MIN(end, last);
		if (first >= end)
			continue;
		nr += end - first;
		counted = end;
	}
	return nr;
}

static uint64_t extent_blocks_cma(const struct walk *w, const struct mm_extent *e)
{
	uint64_t nr = 0, cma, cma_end;

	if (!w->zone->cma)
		return 0;
	for (uint64_t pfn = e->start; mm_cma_next(w->mm, pfn, e->end, &cma, &cma_end);
	     pfn = cma_end)
		nr += (cma_end - cma) / w->mm->config.pageblock_pages;
	return nr;
}

static void extent_blocks(const struct walk *w, const struct mm_extent *e)
{
	uint64_t nr = steps_below(w, e->end) - steps_below(w, e->start), cma, unmovable;
	uint64_t *blocks = w->lists->blocks;

	if (e->isolated) {
		blocks[MM_MIGRATE_ISOLATE] += nr;
		return;
	}
	cma = extent_blocks_cma(w, e);
	unmovable = e->ungrouped ? nr - cma : extent_blocks_unmovable(w, e);
	blocks[MM_MIGRATE_CMA] += cma;
	blocks[MM_MIGRATE_UNMOVABLE] += unmovable;
	blocks[MM_MIGRATE_MOVABLE] += nr - cma - unmovable;
}

void mm_zone_free_lists(const struct mm *mm, int nid, enum mm_zone_type type,
			struct mm_free_lists *ret_lists)
{
	struct walk w = { .mm = mm, .lists = ret_lists, .block = UINT64_MAX };

	memset(ret_lists, 0, sizeof(*ret_lists));
	if (!mm_zone_populated(mm, nid, type))
		return;
	w.zone = &mm->node[nid]->zone[type];
	mm_for_each_extent(mm, e, w.zone->start_pfn, mm_zone_end(w.zone)) {
		if (e->nid != nid || e->type != type)
			continue;
		extent_chunks(&w, e);
		extent_blocks(&w, e);
	}
	gap_flush(&w);
}
