// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Saving and loading mm. Runs are saved with their holders, in the holders' order; loading checks
 * just enough to exclude overlaps and missing pages.
 */
#include <errno.h>
#include <stdlib.h>

#include "mm_private.h"

/* ---- nodes and zones ------------------------------------------------------------------------- */

#define ZONE_ROWS(ROW)                                                                             \
	ROW(NUMBER, start_pfn)                                                                     \
	ROW(NUMBER, spanned)                                                                       \
	ROW(NUMBER, present)                                                                       \
	ROW(NUMBER, present_early)                                                                 \
	ROW(NUMBER, managed)                                                                       \
	ROW(NUMBER, free)                                                                          \
	ROW(NUMBER, cma)                                                                           \
	ROW(NUMBER, min)                                                                           \
	ROW(NUMBER, low)                                                                           \
	ROW(NUMBER, high)                                                                          \
	ROW(NUMBER, promo)                                                                         \
	ROW(NUMBERS, reserve)                                                                      \
	ROW(NEAR, free_low, x->start_pfn)                                                          \
	ROW(SKIP, avail, "follows from the places of the extents")
BASE_SAVE_STRUCT(zone_save, struct mm_zone, void, ZONE_ROWS)

static void node_zones(struct base_save *s, struct mm_node *node, void *ctx)
{
	for (int type = 0; type < MM_NR_ZONES; type++)
		BASE_SAVE_ONE(s, zone_save, &node->zone[type], NULL);
}

#define NODE_ROWS(ROW)                                                                             \
	ROW(SKIP, nid, "given by its index")                                                       \
	ROW(NUMBER, start_pfn)                                                                     \
	ROW(NUMBER, spanned)                                                                       \
	ROW(NUMBER, movable_start)                                                                 \
	ROW(WITHS, zone, node_zones)                                                               \
	ROW(NUMBERS, kind_pages)                                                                   \
	ROW(NUMBERS, surplus_huge)
BASE_SAVE_STRUCT(node_save, struct mm_node, void, NODE_ROWS)

static void mm_nodes(struct base_save *s, struct mm *mm, void *ctx)
{
	struct base_mask up = mm->up;
	unsigned int nid;

	base_save_mask(s, &up);
	BASE_MASK_FOREACH(nid, &up) {
		if (base_save_loads(s) && mm_node_bring_up(mm, (int)nid)) {
			base_save_fail(s, -ENOMEM, "out of memory");
			return;
		}
		BASE_SAVE_ONE(s, node_save, mm->node[nid], NULL);
	}
}

/* ---- online memory --------------------------------------------------------------------------- */

/* The end of the previous extent, and where the next one is expected in the list of its zone. */
struct extent_context {
	uint64_t end;
	uint64_t place;
};

#define EXTENT_ROWS(ROW)                                                                           \
	ROW(NEAR, start, ctx->end)                                                                 \
	ROW(NEAR, end, x->start)                                                                   \
	ROW(NEAR, free_low, x->start)                                                              \
	ROW(SKIP, link, "linkage of the tree")                                                     \
	ROW(SKIP, of_zone, "follows from the place")                                               \
	ROW(NUMBER, nr_free)                                                                       \
	ROW(NEAR, place, ctx->place)                                                               \
	ROW(NUMBER, nid)                                                                           \
	ROW(BELOW, type, MM_NR_ZONES)                                                              \
	ROW(NUMBER, ungrouped)                                                                     \
	ROW(SKIP, isolated, "set only while a block goes offline")
BASE_SAVE_STRUCT(extent_save, struct mm_extent, struct extent_context, EXTENT_ROWS)

static void extent_load(struct base_save *s, struct mm *mm, struct extent_context *ctx)
{
	struct mm_extent *e = calloc(1, sizeof(*e));

	if (!e) {
		base_save_fail(s, -ENOMEM, "out of memory");
		return;
	}
	extent_save(s, e, ctx);
	if (!s->error && e->start >= ctx->end && e->start < e->end &&
	    e->nr_free <= e->end - e->start && mm_node_is_up(mm, e->nid)) {
		RB_INSERT(mm_extents, &mm->extents, e);
		return;
	}
	base_save_fail(s, -EINVAL, "pages are online that cannot be");
	free(e);
}

static int place_cmp(const void *a, const void *b)
{
	const struct mm_extent *const *x = a, *const *y = b;

	return (*x)->place < (*y)->place ? -1 : (*x)->place > (*y)->place;
}

/* Puts the @nr extents with free pages into the lists of their zones. */
static void extents_list(struct base_save *s, struct mm *mm, uint64_t nr)
{
	struct mm_extent **sorted = calloc(nr + 1, sizeof(struct mm_extent *)), *e;
	uint64_t i = 0;

	if (!sorted) {
		base_save_fail(s, -ENOMEM, "out of memory");
		return;
	}
	RB_FOREACH(e, mm_extents, &mm->extents)
		if (e->nr_free)
			sorted[i++] = e;
	qsort(sorted, i, sizeof(struct mm_extent *), place_cmp);
	for (uint64_t j = 0; j < i; j++)
		TAILQ_INSERT_TAIL(&mm_extent_zone(mm, sorted[j])->avail, sorted[j], of_zone);
	free(sorted);
}

static void extents_number(const struct mm *mm)
{
	uint32_t place = 0;
	unsigned int nid;

	BASE_MASK_FOREACH(nid, &mm->up) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			struct mm_extent *e;

			TAILQ_FOREACH(e, &mm->node[nid]->zone[type].avail, of_zone)
				e->place = place++;
		}
	}
}

static void extents_load(struct base_save *s, struct mm *mm)
{
	struct extent_context ctx = { 0 };
	uint64_t nr = base_save_count(s, 0);

	for (uint64_t i = 0; i < nr && !s->error; i++) {
		const struct mm_extent *last;

		extent_load(s, mm, &ctx);
		last = RB_MAX(mm_extents, &mm->extents);
		if (last)
			ctx = (struct extent_context){ last->end, last->place + 1ULL };
	}
	extents_list(s, mm, nr);
}

static void mm_extents_of(struct base_save *s, struct mm *mm, void *none)
{
	struct extent_context ctx = { 0 };
	struct mm_extent *e;
	uint64_t nr = 0;

	base_save_mark(s, extent_save_layout);
	if (base_save_loads(s)) {
		extents_load(s, mm);
		return;
	}
	extents_number(mm);
	RB_FOREACH(e, mm_extents, &mm->extents)
		nr++;
	base_save_count(s, nr);
	RB_FOREACH(e, mm_extents, &mm->extents) {
		extent_save(s, e, &ctx);
		ctx = (struct extent_context){ e->end, e->place + 1ULL };
	}
}

/* ---- holders --------------------------------------------------------------------------------- */

/* Holders embedded in struct mm, whose owner and kind are fixed. */
static bool hold_is_part(const struct mm *mm, const struct mm_holder *hold)
{
	const char *at = (const char *)hold;

	return at >= (const char *)mm && at < (const char *)(mm + 1);
}

static void hold_owner(struct base_save *s, struct mm_holder *hold, struct mm *mm)
{
	if (!hold_is_part(mm, hold))
		base_save_string(s, (char **)&hold->owner);
}

/* The order of reclaim is its own; it is usually that of the holders. */
static void lru_insert(struct mm *mm, struct mm_holder *hold)
{
	struct mm_holder *before;

	TAILQ_FOREACH_REVERSE(before, &mm->lru, mm_holds, link) {
		if (before->place <= hold->place)
			break;
	}
	if (before)
		TAILQ_INSERT_AFTER(&mm->lru, before, hold, link);
	else
		TAILQ_INSERT_HEAD(&mm->lru, hold, link);
	hold->on_lru = true;
}

static void hold_kind(struct base_save *s, struct mm_holder *hold, struct mm *mm)
{
	enum mm_kind kind = hold->kind;

	if (hold_is_part(mm, hold))
		return;
	hold->kind = (enum mm_kind)base_save_below(s, kind, MM_NR_KINDS);
	if (!mm_kind_info(hold->kind)->on_lru)
		return;
	hold->place = (uint32_t)base_save_number(s, hold->place);
	if (base_save_loads(s))
		lru_insert(mm, hold);
}

/* Holders of memmaps are loaded in order of creation, so LIST_INSERT_HEAD() restores the list. */
static void hold_memmap(struct base_save *s, struct mm_holder *hold, struct mm *mm)
{
	hold->memmap_end = base_save_near(s, hold->memmap_end, hold->memmap_start);
	if (base_save_loads(s) && hold->memmap_end)
		LIST_INSERT_HEAD(&mm->memmaps, hold, of_memmaps);
}

/* Only poisoned pages may be offline, since they remain when their memory goes offline. */
static bool run_may_lie(const struct mm *mm, const struct mm_holder *hold, uint64_t start,
			uint64_t end)
{
	const struct mm_extent *e = mm_extent_of(mm, start);
	const struct mm_run *next = mm_run_at(mm, start);

	return start < end && (!next || next->start >= end) &&
	       (e ? end <= e->end : hold->kind == MM_KIND_POISON);
}

/* Loads a run; returns its number of pages, 0 on error. */
static uint64_t run_load(struct base_save *s, struct mm *mm, struct mm_holder *hold, uint64_t start,
			 uint64_t end)
{
	struct mm_run *run;

	if (s->error)
		return 0;
	if (!run_may_lie(mm, hold, start, end)) {
		base_save_fail(s, -EINVAL, "pages 0x%llx to 0x%llx cannot be in use",
			       (unsigned long long)start, (unsigned long long)end);
		return 0;
	}
	run = malloc(sizeof(*run));
	if (!run) {
		base_save_fail(s, -ENOMEM, "out of memory");
		return 0;
	}
	*run = (struct mm_run){ .start = start, .end = end, .hold = hold };
	RB_INSERT(mm_runs, &mm->runs, run);
	TAILQ_INSERT_TAIL(&hold->runs, run, of_hold);
	return end - start;
}

static void hold_runs(struct base_save *s, struct mm_holder *hold, struct mm *mm)
{
	uint64_t nr = 0, pages = 0, last = 0;
	struct mm_run *run;

	if (!base_save_loads(s)) {
		TAILQ_FOREACH(run, &hold->runs, of_hold)
			nr++;
	}
	nr = base_save_count(s, nr);
	if (!base_save_loads(s)) {
		TAILQ_FOREACH(run, &hold->runs, of_hold) {
			/* Saving should fail rather than loading. */
			if (!mm_extent_of(mm, run->start) && hold->kind != MM_KIND_POISON)
				base_save_fail(s, -EINVAL, "pages are in use but not online");
			base_save_near(s, run->start, last);
			base_save_number(s, run->end - run->start);
			last = run->end;
		}
		return;
	}
	while (nr-- && !s->error) {
		uint64_t start = base_save_near(s, 0, last);

		last = start + base_save_number(s, 0);
		pages += run_load(s, mm, hold, start, last);
	}
	if (pages != hold->nr_pages)
		base_save_fail(s, -EINVAL, "a holder has the wrong number of pages");
	/* Freeing the holder relies on this number. */
	hold->nr_pages = pages;
}

#define HOLD_ROWS(ROW)                                                                             \
	ROW(WITH, owner, hold_owner)                                                               \
	ROW(WITH, kind, hold_kind)                                                                 \
	ROW(SKIP, place, "saved by hold_kind(), if reclaim may find it")                           \
	ROW(SKIP, on_lru, "follows from the kind")                                                 \
	ROW(NUMBER, nr_pages)                                                                      \
	ROW(WITH, nr_swapped, mm_swap_slots_save)                                                  \
	ROW(SKIP, busy, "set by the owner of the holder")                                          \
	ROW(WITH, runs, hold_runs)                                                                 \
	ROW(SKIP, link, "linkage of the list")                                                     \
	ROW(NUMBER, memmap_start)                                                                  \
	ROW(WITH, memmap_end, hold_memmap)                                                         \
	ROW(SKIP, of_memmaps, "linkage of the list")
BASE_SAVE_STRUCT(hold_save, struct mm_holder, struct mm, HOLD_ROWS)

static struct mm_holder *hold_alloc(void)
{
	struct mm_holder *hold = calloc(1, sizeof(*hold));

	if (hold)
		mm_holder_init(hold, NULL, MM_KIND_KERNEL);
	return hold;
}

void mm_holder_save(struct mm *mm, struct base_save *s, struct mm_holder **hold)
{
	if (!base_save_below(s, *hold != NULL, 2))
		return;
	if (base_save_loads(s)) {
		*hold = hold_alloc();
		if (!*hold) {
			base_save_fail(s, -ENOMEM, "out of memory");
			return;
		}
	}
	hold_save(s, *hold, mm);
	if (!(*hold)->owner)
		base_save_fail(s, -EINVAL, "a holder has no name");
}

/* ---- the whole state ------------------------------------------------------------------------- */

static struct mm_holder *reserved_new(struct mm *mm)
{
	struct mm_holder *hold = hold_alloc();

	if (hold)
		TAILQ_INSERT_TAIL(&mm->reserved, hold, link);
	return hold;
}

static void mm_holds(struct base_save *s, struct mm *mm, void *ctx)
{
	struct mm_holder *const own[] = {
		&mm->holes,
		&mm->poisoned,
		&mm->poisoned_in_use,
		&mm->poisoned_offline,
		&mm->poisoned_reserved,
		&mm->poisoned_holes,
		&mm->altmaps,
		&mm->memmap_again,
		&mm->huge_free[MM_HUGE_CONT_PTE],
		&mm->huge_free[MM_HUGE_PMD],
		&mm->huge_free[MM_HUGE_CONT_PMD],
		&mm->huge_free[MM_HUGE_PUD],
	};

	_Static_assert(MM_NR_HUGE == 4, "each pool is saved");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(own); i++)
		BASE_SAVE_ONE(s, hold_save, own[i], mm);
	BASE_SAVE_TAILQ(s, &mm->reserved, link, hold_save, mm, reserved_new(mm));
}

static void mm_swaps(struct base_save *s, struct mm *mm, void *none)
{
	mm_swaps_save(s, mm);
}

#define TUNING_ROWS(ROW)                                                                           \
	ROW(NUMBER, user_min_free_kbytes)                                                          \
	ROW(NUMBER, watermark_scale_factor)                                                        \
	ROW(NUMBERS, lowmem_reserve_ratio)                                                         \
	ROW(NUMBER, huge_pages)
BASE_SAVE_STRUCT(tuning_save, struct mm_tuning, void, TUNING_ROWS)

static void mm_tuning_of(struct base_save *s, struct mm *mm, void *ctx)
{
	BASE_SAVE_ONE(s, tuning_save, &mm->tuning, ctx);
	/* A mask of nodes has no bit for more. */
	for (int size = 0; size < MM_NR_HUGE; size++) {
		if (mm->huge_next_alloc[size] >= BASE_MASK_BITS ||
		    mm->huge_next_free[size] >= BASE_MASK_BITS)
			base_save_fail(s, -EINVAL, "there is no such node");
	}
}

#define MM_ROWS(ROW)                                                                               \
	ROW(SKIP, config, "derived from the description")                                          \
	ROW(SKIP, movable, "derived from the description")                                         \
	ROW(WITHS, node, mm_nodes)                                                                 \
	ROW(SKIP, up, "saved with the nodes")                                                      \
	ROW(MASK, has_memory)                                                                      \
	ROW(MASK, has_normal_memory)                                                               \
	ROW(SKIP, boot, "derived from the description")                                            \
	ROW(SKIP, nr_boot, "derived from the description")                                         \
	ROW(WITH, extents, mm_extents_of)                                                          \
	ROW(SKIP, runs, "rebuilt from the holders")                                                \
	ROW(WITH, holes, mm_holds)                                                                 \
	ROW(SKIP, poisoned, "saved by mm_holds()")                                                 \
	ROW(SKIP, poisoned_in_use, "saved by mm_holds()")                                          \
	ROW(SKIP, poisoned_offline, "saved by mm_holds()")                                         \
	ROW(SKIP, poisoned_reserved, "saved by mm_holds()")                                        \
	ROW(SKIP, poisoned_holes, "saved by mm_holds()")                                           \
	ROW(NUMBER, poison_lost)                                                                   \
	ROW(NUMBERS, failures)                                                                     \
	ROW(SKIPS, huge_free, "saved by mm_holds()")                                               \
	ROW(NUMBERS, huge_overcommit)                                                              \
	ROW(NUMBERS, huge_next_alloc)                                                              \
	ROW(NUMBERS, huge_next_free)                                                               \
	ROW(SKIP, lru, "rebuilt from the holders")                                                 \
	ROW(WITHS, swap, mm_swaps)                                                                 \
	ROW(NUMBERS, swap_events)                                                                  \
	ROW(SKIP, reserved, "saved by mm_holds()")                                                 \
	ROW(SKIP, cma, "derived from the description")                                             \
	ROW(SKIP, nr_cma, "derived from the description")                                          \
	ROW(NUMBER, min_free_kbytes)                                                               \
	ROW(NUMBER, ungrouped)                                                                     \
	ROW(WITH, tuning, mm_tuning_of)                                                            \
	ROW(NUMBER, memmap_boot_pages)                                                             \
	ROW(SKIP, memmaps, "rebuilt from the holders")                                             \
	ROW(SKIP, memmap_again, "saved by mm_holds()")                                             \
	ROW(SKIP, altmaps, "saved by mm_holds()")                                                  \
	ROW(NUMBER, memmap_self_pages)
BASE_SAVE_STRUCT(mm_save_rows, struct mm, void, MM_ROWS)

void mm_save(struct mm *mm, struct base_save *s)
{
	struct mm_holder *hold;
	uint32_t place = 0;

	if (base_save_loads(s))
		mm_clear(mm);
	else
		TAILQ_FOREACH(hold, &mm->lru, link)
			hold->place = place++;
	BASE_SAVE_ONE(s, mm_save_rows, mm, NULL);
}
