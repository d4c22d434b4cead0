// SPDX-License-Identifier: GPL-2.0-or-later
/* Growing and shrinking workloads, and what happens when there is no memory left. */
#include <errno.h>

#include "workload_private.h"

static int workload_grow(struct machine *m, struct machine_workload *w, uint64_t nr_pages)
{
	struct mm_alloc_request want = workload_place(w);
	int ret;

	want.nr_pages = nr_pages;
	if (workload_kind_of(w)->from_pool)
		return mm_huge_take(m->mm, w->hold, &want);
	/* What is forced on a block is pinned where it is. */
	if (workload_kind_of(w)->kind == MM_KIND_PINNED && !want.end_pfn)
		return workload_pin_more(w, &want);
	ret = mm_holder_grow(m->mm, w->hold, &want);
	/* A fault allocates its page table first. Here, nothing is reclaimed for pages in vain. */
	if (!ret && workload_map(w, 0)) {
		(void)workload_shrink(m, w, nr_pages);
		ret = -ENOMEM;
	}
	return ret;
}

/* The flags of an allocation, as the kernel prints them. */
static const char *alloc_flags(const struct workload_kind *kind)
{
	if (!kind->is_bound)
		return "0xcc0(GFP_KERNEL)";
	if (kind->kind == MM_KIND_PAGECACHE || kind->kind == MM_KIND_SHMEM)
		return "0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP)";
	return "0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO)";
}

static int alloc_order(const struct machine *m, const struct workload_kind *kind)
{
	return __builtin_ctzll(mm_round_up_unit(m->mm, kind->kind, 1));
}

/* What the kernel prints first when there is no memory: dump_header() or warn_alloc(). */
static void log_no_memory(struct machine *m, const struct machine_workload *w)
{
	const struct workload_kind *kind = workload_kind_of(w);
	int order = alloc_order(m, kind);
	struct base_buf allowed;

	/* A pool that is empty is no failure of the page allocator, and it never takes a block. */
	if (kind->from_pool || w->block >= 0)
		return;
	if (w->oom == MACHINE_OOM_KILL) {
		hp_log(m->hp, "%s invoked oom-killer: gfp_mask=%s, order=%d, oom_score_adj=0",
		       w->name, alloc_flags(kind), order);
		return;
	}
	base_buf_init(&allowed);
	base_mask_print_list(mm_nodes_with_memory(m->mm), &allowed);
	hp_log(m->hp,
	       "%s: page allocation failure: order:%d, mode:%s, "
	       "nodemask=(null),cpuset=/,mems_allowed=%s",
	       w->name, order, alloc_flags(kind), base_buf_text(&allowed));
	base_buf_fini(&allowed);
}

/* A simple OOM killer: kills the largest workload; false if there is none or it is @w. */
static bool oom_kill(struct machine *m, const struct machine_workload *w)
{
	struct machine_workload *victim = NULL, *other;

	TAILQ_FOREACH(other, &m->workloads, link) {
		if (workload_held(other) > (victim ? workload_held(victim) : 0))
			victim = other;
	}
	if (!victim)
		return false;
	hp_log(m->hp, "Out of memory: Killed process (%s) total-vm:%llukB", victim->name,
	       (unsigned long long)machine_workload_size(m, victim) >> 10);
	workload_shrink(m, victim, workload_held(victim));
	return victim != w;
}

bool workload_no_memory(struct machine *m, const struct machine_workload *w)
{
	log_no_memory(m, w);
	/* An empty pool of huge pages is not an OOM condition: nothing is killed. */
	return w->oom == MACHINE_OOM_KILL && !workload_kind_of(w)->from_pool && oom_kill(m, w);
}

/* Free pages of a node, or of all (MM_NODE_NONE). */
static uint64_t free_pages(const struct machine *m, int only)
{
	uint64_t free = 0;

	for (int nid = mm_node_next(m->mm, 0); nid >= 0; nid = mm_node_next(m->mm, nid + 1)) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			struct mm_usage usage;

			if (only != nid && only != MM_NODE_NONE)
				continue;
			mm_zone_usage(m->mm, nid, type, &usage);
			free += usage.free;
		}
	}
	return free;
}

int workload_refuse_more(struct machine *m, const struct machine_workload *w, uint64_t nr_pages)
{
	unsigned int shift = m->spec->page_shift;
	bool bound = w->nid != MM_NODE_NONE && w->mempolicy == MACHINE_MEMPOLICY_BIND;
	struct base_text more = base_size_text(nr_pages << shift);
	const char *kind = workload_kind_of(w)->name;
	struct mm_usage usage;
	char swap[96];

	if (workload_kind_of(w)->from_pool)
		return machine_refuse(m, -ENOMEM,
				      "no room for %s more of %s: the pool has too few free huge "
				      "pages",
				      more.s, kind);
	if (w->block >= 0) {
		mm_range_usage(m->mm, (uint64_t)w->block * hp_block_pages(m->hp),
			       hp_block_pages(m->hp), &usage);
		return machine_refuse(m, -ENOMEM,
				      "no room for %s more of %s: memory%lld has %s free", more.s,
				      kind, (long long)w->block,
				      base_size_text(usage.free << shift).s);
	}
	snprintf(swap, sizeof(swap), "; swap has %s free",
		 base_size_text(mm_swap_free(m->mm) << shift).s);
	if (!mm_swap_total(m->mm))
		*swap = '\0';
	if (bound)
		return machine_refuse(m, -ENOMEM,
				      "no room for %s more of %s: node %d has %s free, not all of "
				      "it for this kind%s",
				      more.s, kind, w->nid,
				      base_size_text(free_pages(m, w->nid) << shift).s, swap);
	return machine_refuse(m, -ENOMEM,
			      "no room for %s more of %s: the nodes have %s free, not all of it "
			      "for this kind%s",
			      more.s, kind, base_size_text(free_pages(m, MM_NODE_NONE) << shift).s,
			      swap);
}

int machine_workload_set_size(struct machine *m, struct machine_workload *w, uint64_t bytes)
{
	uint64_t pages, held;
	int ret;

	if (machine_workload_is_pinning(w))
		return workload_refuse_pinning(m);
	if (w->kind == NO_KIND && !bytes)
		return 0;
	if (w->kind == NO_KIND)
		return machine_refuse(m, -EINVAL, "it has no kind: write one to kind first");
	if (bytes > UINT64_MAX - (1ULL << m->spec->page_shift))
		return machine_refuse(m, -ENOMEM, "no machine has %s", base_size_text(bytes).s);
	pages = BASE_ROUND_UP(bytes, 1ULL << m->spec->page_shift) >> m->spec->page_shift;
	pages = mm_round_up_unit(m->mm, workload_kind_of(w)->kind, pages);
	held = workload_held(w);
	if (pages <= held) {
		ret = workload_shrink(m, w, held - pages);
		return ret ? machine_refuse(m, ret,
					    "no memory is left to put its huge pages back "
					    "into their pool") :
			     0;
	}
	if (workload_kind_of(w)->is_bound && w->nid != MM_NODE_NONE &&
	    !base_mask_test(mm_nodes_with_memory(m->mm), (unsigned int)w->nid))
		return machine_refuse(m, -EINVAL, "node %d has no memory that is online", w->nid);
	if (machine_commits(workload_kind_of(w)->kind) &&
	    !machine_may_commit(m, held, pages - held))
		return machine_refuse(m, -ENOMEM,
				      "it would exceed CommitLimit: see proc/sys/vm/"
				      "overcommit_memory");
	do {
		ret = workload_grow(m, w, pages - held);
	} while (ret == -ENOMEM && workload_no_memory(m, w));
	if (ret)
		return workload_refuse_more(m, w, pages - held);
	if (workload_kind_of(w)->kind == MM_KIND_THP)
		m->events[MACHINE_EVENT_THP_FAULT_ALLOC] +=
			(pages - held) / mm_round_up_unit(m->mm, MM_KIND_THP, 1);
	return 0;
}
