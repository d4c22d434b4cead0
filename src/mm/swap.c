// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Swap areas (the kernel's mm/swapfile.c). Only numbers are kept: how many slots of an area each
 * holder has. A page that is written to gives up its slot at once, so there is no swap cache.
 */
#include <errno.h>
#include <stdlib.h>

#include "mm_private.h"

#define FIRST_CHOSEN_PRIO (-2)

static bool area_takes(const struct mm_swap_area *area)
{
	return area->pages && !area->retired && area->used < area->pages;
}

int mm_swap_on(struct mm *mm, uint64_t pages, int prio, int most)
{
	int area = 0, chosen = FIRST_CHOSEN_PRIO;

	while (area < most && mm->swap[area].pages)
		area++;
	if (area == most)
		return -EPERM;
	for (int i = 0; i < MM_MAX_SWAP_AREAS; i++)
		chosen -= mm->swap[i].pages && mm->swap[i].prio < 0;
	mm->swap[area].pages = pages;
	mm->swap[area].prio = prio == MM_SWAP_PRIO_AUTO ? chosen : prio;
	return area;
}

void mm_swap_retire(struct mm *mm, int area, bool retire)
{
	mm->swap[area].retired = retire;
}

void mm_swap_off(struct mm *mm, int area)
{
	int prio = mm->swap[area].prio;

	mm->swap[area].pages = 0;
	mm->swap[area].retired = false;
	for (int i = 0; prio < 0 && i < MM_MAX_SWAP_AREAS; i++)
		mm->swap[i].prio += mm->swap[i].pages && mm->swap[i].prio < prio;
}

bool mm_swap_info(const struct mm *mm, int area, struct mm_swap_info *ret_info)
{
	const struct mm_swap_area *a = &mm->swap[area];

	*ret_info = (struct mm_swap_info){ a->pages, a->used, a->prio };
	return a->pages;
}

uint64_t mm_swap_total(const struct mm *mm)
{
	uint64_t pages = 0;

	for (int i = 0; i < MM_MAX_SWAP_AREAS; i++)
		pages += mm->swap[i].pages;
	return pages;
}

uint64_t mm_swap_free(const struct mm *mm)
{
	uint64_t pages = 0;

	for (int i = 0; i < MM_MAX_SWAP_AREAS; i++)
		pages += area_takes(&mm->swap[i]) ? mm->swap[i].pages - mm->swap[i].used : 0;
	return pages;
}

uint64_t mm_swap_events(const struct mm *mm, enum mm_swap_event event)
{
	return mm->swap_events[event];
}

/* ---- slots ----------------------------------------------------------------------------------- */

static struct mm_swap_slots *slots_find(const struct mm_swap_area *area,
					const struct mm_holder *hold)
{
	struct mm_swap_slots *slots;

	TAILQ_FOREACH(slots, &area->slots, link) {
		if (slots->hold == hold)
			break;
	}
	return slots;
}

uint64_t mm_holder_swapped(const struct mm *mm, const struct mm_holder *hold, int area)
{
	const struct mm_swap_slots *slots;

	if (area == MM_SWAP_ANY)
		return hold->nr_swapped;
	slots = slots_find(&mm->swap[area], hold);
	return slots ? slots->nr : 0;
}

static int slots_add(struct mm_swap_area *area, struct mm_holder *hold, uint64_t nr)
{
	struct mm_swap_slots *slots = slots_find(area, hold);

	if (!slots) {
		slots = calloc(1, sizeof(*slots));
		if (!slots)
			return -ENOMEM;
		slots->hold = hold;
		TAILQ_INSERT_TAIL(&area->slots, slots, link);
	}
	slots->nr += nr;
	area->used += nr;
	hold->nr_swapped += nr;
	return 0;
}

static void slots_give(struct mm_swap_area *area, struct mm_swap_slots *slots, uint64_t nr)
{
	slots->nr -= nr;
	area->used -= nr;
	slots->hold->nr_swapped -= nr;
	if (slots->nr)
		return;
	TAILQ_REMOVE(&area->slots, slots, link);
	free(slots);
}

void mm_swap_give(struct mm *mm, struct mm_holder *hold, int area, uint64_t nr)
{
	for (int i = 0; nr && i < MM_MAX_SWAP_AREAS; i++) {
		struct mm_swap_slots *slots = slots_find(&mm->swap[i], hold);
		uint64_t most = slots ? BASE_MIN(slots->nr, nr) : 0;

		if (!most || (area != MM_SWAP_ANY && area != i))
			continue;
		slots_give(&mm->swap[i], slots, most);
		nr -= most;
	}
}

/*
 * The area to use next: of those with the highest priority, which are used in turn, the one with
 * the fewest pages; @ret_equal: how many there are.
 */
static struct mm_swap_area *area_next(struct mm *mm, uint64_t *ret_equal)
{
	struct mm_swap_area *best = NULL;

	*ret_equal = 0;
	for (int i = 0; i < MM_MAX_SWAP_AREAS; i++) {
		struct mm_swap_area *area = &mm->swap[i];

		if (!area_takes(area) || (best && area->prio < best->prio))
			continue;
		*ret_equal = best && area->prio == best->prio ? *ret_equal + 1 : 1;
		if (!best || area->prio > best->prio || area->used < best->used)
			best = area;
	}
	return best;
}

/* Takes slots for a holder; 0, or -ENOMEM without changes. */
static int slots_take(struct mm *mm, struct mm_holder *hold, uint64_t nr)
{
	uint64_t left = nr, equal, most;

	while (left) {
		struct mm_swap_area *area = area_next(mm, &equal);

		most = area ? BASE_MIN((left + equal - 1) / equal, area->pages - area->used) : 0;
		if (!most || slots_add(area, hold, most)) {
			mm_swap_give(mm, hold, MM_SWAP_ANY, nr - left);
			return -ENOMEM;
		}
		left -= most;
	}
	return 0;
}

uint64_t mm_swap_out(struct mm *mm, struct mm_run *run, uint64_t nr)
{
	struct mm_holder *hold = run->hold;
	uint64_t unit = mm_kind_unit(mm, hold->kind);

	nr = BASE_MIN(BASE_ROUND_UP(nr, unit), run->end - run->start);
	nr = BASE_ROUND_DOWN(BASE_MIN(nr, mm_swap_free(mm)), unit);
	if (!nr || slots_take(mm, hold, nr))
		return 0;
	mm_run_cut_high(mm, run, nr);
	mm->swap_events[MM_SWAP_OUT] += nr;
	if (hold->kind == MM_KIND_THP)
		mm->swap_events[MM_SWAP_THP_OUT] += nr / unit;
	return nr;
}

/* ---- lifetime -------------------------------------------------------------------------------- */

void mm_swap_init(struct mm *mm)
{
	for (int i = 0; i < MM_MAX_SWAP_AREAS; i++)
		TAILQ_INIT(&mm->swap[i].slots);
}

void mm_swap_move(struct mm *mm, struct mm_holder *to, struct mm_holder *from)
{
	for (int i = 0; i < MM_MAX_SWAP_AREAS; i++) {
		struct mm_swap_slots *slots = slots_find(&mm->swap[i], from);
		struct mm_swap_slots *there = slots_find(&mm->swap[i], to);

		if (!slots)
			continue;
		to->nr_swapped += slots->nr;
		from->nr_swapped -= slots->nr;
		slots->hold = to;
		if (!there)
			continue;
		there->nr += slots->nr;
		TAILQ_REMOVE(&mm->swap[i].slots, slots, link);
		free(slots);
	}
}

/* ---- saving and loading ---------------------------------------------------------------------- */

#define SWAP_ROWS(ROW)                                                                             \
	ROW(NUMBER, pages)                                                                         \
	ROW(SKIP, used, "counted when the holders are loaded")                                     \
	ROW(NUMBER, prio)                                                                          \
	ROW(SKIP, retired, "no area is being emptied between operations")                          \
	ROW(SKIP, slots, "saved with their holders")
BASE_SAVE_STRUCT(swap_save, struct mm_swap_area, void, SWAP_ROWS)

void mm_swaps_save(struct base_save *s, struct mm *mm)
{
	for (int i = 0; i < MM_MAX_SWAP_AREAS; i++)
		BASE_SAVE_ONE(s, swap_save, &mm->swap[i], NULL);
}

void mm_swap_slots_save(struct base_save *s, struct mm_holder *hold, struct mm *mm)
{
	/* Holders without pages in swap, which are most, take one byte. */
	if (!base_save_below(s, hold->nr_swapped != 0, 2))
		return;
	for (int i = 0; i < MM_MAX_SWAP_AREAS; i++) {
		uint64_t nr = base_save_number(s, mm_holder_swapped(mm, hold, i));
		struct mm_swap_area *area = &mm->swap[i];

		if (!base_save_loads(s) || !nr || s->error)
			continue;
		if (nr > area->pages - area->used || !mm_kind_info(hold->kind)->swaps)
			base_save_fail(s, -EINVAL, "%s has pages in swap that it cannot have",
				       hold->owner ? hold->owner : "a holder");
		else if (slots_add(area, hold, nr))
			base_save_fail(s, -ENOMEM, "out of memory");
	}
}
