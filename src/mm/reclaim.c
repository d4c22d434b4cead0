// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reclaim (the kernel's mm/vmscan.c): page cache is dropped first, as prepare_scan_control() has it
 * while there is any that nobody has used again; then pages of programs are swapped out.
 */
#include "mm_private.h"

void mm_lru_add(struct mm *mm, struct mm_holder *hold)
{
	TAILQ_INSERT_TAIL(&mm->lru, hold, link);
	hold->on_lru = true;
}

void mm_lru_remove(struct mm *mm, struct mm_holder *hold)
{
	TAILQ_REMOVE(&mm->lru, hold, link);
	hold->on_lru = false;
}

void mm_lru_used(struct mm *mm, struct mm_holder *hold)
{
	mm_lru_remove(mm, hold);
	mm_lru_add(mm, hold);
}

/* Whether a page there would satisfy the allocation. */
static bool wants(const struct mm_reclaim *r, const struct mm_extent *e)
{
	const struct mm_alloc_request *want = r->want;

	if (e->type > r->class_zone || e->isolated || e->nid == want->not_nid)
		return false;
	return !want->bind || e->nid == want->nid;
}

/* The same, for pages to swap out: outside boot memory, that would be in vain for some. */
static bool wants_out(const struct mm_reclaim *r, const struct mm_extent *e)
{
	const struct mm *mm = r->mm;

	if (r->want->boot_only && mm->nr_boot && e->start >= mm->boot[mm->nr_boot - 1].end)
		return false;
	return wants(r, e);
}

/* Somebody has an extra reference to pages that are busy, or writes them back. */
static bool is_idle(const struct mm_reclaim *r, const struct mm_holder *hold)
{
	return !mm_busy_until(r->mm, hold);
}

static bool is_cache(const struct mm_reclaim *r, const struct mm_holder *hold)
{
	return hold->kind == MM_KIND_PAGECACHE && hold != r->owner && is_idle(r, hold);
}

static bool is_swappable(const struct mm_reclaim *r, const struct mm_holder *hold)
{
	return mm_kind_info(hold->kind)->swaps && !(r->want->keeps_owner && hold == r->owner) &&
	       is_idle(r, hold);
}

uint64_t mm_reclaim_cache_in(const struct mm_reclaim *r, int nid, enum mm_zone_type type)
{
	const struct mm_holder *hold;
	uint64_t pages = 0;

	TAILQ_FOREACH(hold, &r->mm->lru, link) {
		if (is_cache(r, hold))
			pages += mm_holder_pages_on(r->mm, hold, nid, type);
	}
	return pages;
}

uint64_t mm_reclaim_swap_in(const struct mm_reclaim *r, int nid, enum mm_zone_type type)
{
	const struct mm_holder *hold;
	const struct mm_run *run;
	uint64_t pages = 0;

	TAILQ_FOREACH(hold, &r->mm->lru, link) {
		if (!is_swappable(r, hold))
			continue;
		TAILQ_FOREACH(run, &hold->runs, of_hold) {
			const struct mm_extent *e = mm_extent_of(r->mm, run->start);

			if (e->nid == nid && e->type == type && wants_out(r, e))
				pages += run->end - run->start;
		}
	}
	return pages;
}

uint64_t mm_reclaim_cache(const struct mm_reclaim *r, uint64_t most)
{
	struct mm_run *run, *next;
	struct mm_holder *hold;
	uint64_t left = most;

	TAILQ_FOREACH(hold, &r->mm->lru, link) {
		if (!is_cache(r, hold))
			continue;
		TAILQ_FOREACH_SAFE(run, &hold->runs, of_hold, next) {
			uint64_t nr = BASE_MIN(run->end - run->start, left);

			if (!nr || !wants(r, mm_extent_of(r->mm, run->start)))
				continue;
			mm_run_cut_high(r->mm, run, nr);
			left -= nr;
		}
	}
	return most - left;
}

/* Swaps out at least @most pages of a node, if there are so many: the oldest ones first. */
static uint64_t swap_node(const struct mm_reclaim *r, int nid, uint64_t most)
{
	struct mm_run *run, *next;
	struct mm_holder *hold;
	uint64_t done = 0;

	TAILQ_FOREACH(hold, &r->mm->lru, link) {
		if (!is_swappable(r, hold))
			continue;
		TAILQ_FOREACH_SAFE(run, &hold->runs, of_hold, next) {
			const struct mm_extent *e = mm_extent_of(r->mm, run->start);

			if (done < most && e->nid == nid && wants_out(r, e))
				done += mm_swap_out(r->mm, run, most - done);
		}
	}
	return done;
}

/* All nodes of the zonelist give the same, as far as they can (shrink_zones()). */
uint64_t mm_reclaim_swap(const struct mm_reclaim *r, uint64_t most)
{
	uint64_t done = 0, before, nodes;

	do {
		before = done;
		nodes = base_mask_weight(&r->mm->up);
		for (int nid = mm_node_next(r->mm, 0); nid >= 0 && done < most;
		     nid = mm_node_next(r->mm, nid + 1), nodes--)
			done += swap_node(r, nid, (most - done + nodes - 1) / nodes);
	} while (done > before && done < most);
	r->mm->swap_events[r->proactive ? MM_SWAP_PROACTIVE : MM_SWAP_RECLAIMED] += done;
	return done;
}

uint64_t mm_reclaim_node(struct mm *mm, int nid, uint64_t nr_pages, bool cache, bool swap)
{
	const struct mm_alloc_request want = { .nid = nid, .not_nid = MM_NODE_NONE, .bind = true };
	const struct mm_reclaim r = {
		.mm = mm,
		.want = &want,
		.class_zone = MM_ZONE_NORMAL,
		.proactive = true,
	};
	uint64_t done = cache ? mm_reclaim_cache(&r, nr_pages) : 0;

	if (swap && done < nr_pages)
		done += mm_reclaim_swap(&r, nr_pages - done);
	return done;
}
