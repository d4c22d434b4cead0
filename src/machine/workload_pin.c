// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pinning takes as long as its pages need to migrate out of Movable and CMA. As with the kernel's
 * pin_user_pages(), the hotplug lock is not involved, only a fatal signal ends it, and pages that
 * have moved by then stay where they are, unpinned.
 */
#include <errno.h>

#include "workload_private.h"

#define BATCH_MS 10 /* as long as an offlining's */

bool machine_workload_is_pinning(const struct machine_workload *w)
{
	return w->pin.hold;
}

int workload_refuse_pinning(struct machine *m)
{
	return machine_refuse(m, -EBUSY, "its pages are just being pinned: wait for that");
}

/* Frees pages that were to be added, or leaves the ones that it had. */
static void pin_forget(struct machine_workload *w)
{
	if (w->pin.hold != w->hold)
		mm_holder_free(w->machine->mm, w->pin.hold);
	w->pin.hold = NULL;
	workload_unmap(w);
}

/* All pages are where they can be pinned. */
static void pin_all(struct machine_workload *w)
{
	struct mm *mm = w->machine->mm;

	mm_holder_set_kind(mm, w->pin.hold, MM_KIND_PINNED);
	if (w->pin.hold != w->hold)
		mm_holder_take_over(mm, w->hold, w->pin.hold);
	w->kind = w->pin.kind;
	pin_forget(w);
}

/* Moves the pages of one batch; 0: all are pinned; 1: it goes on later; or -ENOMEM. */
static int pin_step(struct machine_workload *w)
{
	struct machine *m = w->machine;
	uint64_t rate = hp_params(m->hp)->migrate_pages_per_ms, moved;
	int ret;

	/* While it waits, pages are not pinned, so that some may have gone to swap again. */
	ret = mm_swap_in(m->mm, w->pin.hold, MM_SWAP_ANY,
			 mm_holder_swapped(m->mm, w->pin.hold, MM_SWAP_ANY), &w->pin.policy);
	if (!ret)
		ret = mm_pin_step(m->mm, w->pin.hold, &w->pin.place,
				  rate ? rate * BATCH_MS : UINT64_MAX / 2, &moved);
	if (!ret && moved && rate) {
		ret = m->clock->start(m->clock, &w->pin.timer,
				      (moved + rate - 1) / rate * NS_PER_MS);
		if (!ret)
			return 1;
	}
	if (ret)
		pin_forget(w);
	else
		pin_all(w);
	return ret;
}

static void pin_answer(struct machine_workload *w, int ret)
{
	struct hp_completion *asker = w->pin.asker;

	w->pin.asker = NULL;
	if (asker)
		asker->fn(asker, ret);
}

static int refuse_pin(struct machine_workload *w)
{
	struct machine *m = w->machine;
	uint64_t swapped = mm_holder_swapped(m->mm, w->hold, MM_SWAP_ANY);

	if (swapped)
		return machine_refuse(m, -ENOMEM, "no room for the %s of it that are in swap",
				      base_size_text(swapped << m->spec->page_shift).s);
	return machine_refuse(
		m, -ENOMEM, "its pages in Movable or CMA have nowhere to migrate to, or are busy");
}

static void pin_timer(struct base_timer *timer)
{
	struct machine_workload *w = base_container_of(timer, struct machine_workload, pin.timer);
	int ret = pin_step(w);

	if (ret <= 0)
		pin_answer(w, ret ? refuse_pin(w) : 0);
}

static int pin_begin(struct machine_workload *w, struct mm_holder *hold, int kind,
		     const struct mm_alloc_request *place, const struct mm_alloc_request *policy)
{
	int ret;

	w->pin = (struct workload_pin){
		.hold = hold,
		.place = *place,
		.policy = *policy,
		.kind = kind,
		.timer.fn = pin_timer,
	};
	/* Pages that are to be pinned do not make room for each other. */
	w->pin.policy.keeps_owner = true;
	ret = pin_step(w);
	return ret < 0 ? ret : 0;
}

int workload_pin(struct machine_workload *w, int kind, const struct mm_alloc_request *policy)
{
	const struct mm_alloc_request anywhere = { .nid = MM_NODE_NONE, .not_nid = MM_NODE_NONE };
	int ret = pin_begin(w, w->hold, kind, &anywhere, policy);

	return ret ? refuse_pin(w) : 0;
}

int workload_pin_more(struct machine_workload *w, const struct mm_alloc_request *want)
{
	struct mm *mm = w->machine->mm;
	struct mm_holder *hold = mm_holder_new(mm, w->name, MM_KIND_ANON);
	struct mm_alloc_request in_memory = *want;

	if (!hold)
		return -ENOMEM;
	in_memory.keeps_owner = true;
	if (mm_holder_grow(mm, hold, &in_memory) || workload_map(w, want->nr_pages)) {
		mm_holder_free(mm, hold);
		return -ENOMEM;
	}
	return pin_begin(w, hold, w->kind, want, want);
}

void workload_pin_drop(struct machine_workload *w)
{
	if (!w->pin.hold)
		return;
	w->machine->clock->stop(w->machine->clock, &w->pin.timer);
	pin_forget(w);
}

void machine_workload_wait(struct machine_workload *w, struct hp_completion *asker)
{
	w->pin.asker = asker;
}

void machine_workload_interrupt(struct machine_workload *w, bool fatal)
{
	if (!fatal)
		return;
	workload_pin_drop(w);
	pin_answer(w, -EINTR);
}
