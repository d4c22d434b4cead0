// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Workloads: memory in use. The kind determines whether it can migrate and where it may be; node
 * and block, where it should be; the size grows and shrinks at run time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine_private.h"

const char *const machine_oom_names[MACHINE_NR_OOM] = { "fail", "kill" };
const char *const machine_mempolicy_names[MACHINE_NR_MEMPOLICIES] = { "bind", "prefer" };

/*
 * @needs: what the kernel must be built with, MACHINE_...
 * @is_bound: by the memory policy of a process, which must name a node with memory (mbind())
 */
static const struct {
	const char *name;
	enum mm_kind kind;
	bool from_pool;
	bool is_bound;
	uint64_t needs;
} kinds[] = {
	{ "anon", MM_KIND_ANON, .is_bound = true },
	{ "mlock", MM_KIND_MLOCK, .is_bound = true },
	{ "pagecache", MM_KIND_PAGECACHE, .is_bound = true },
	{ "shmem", MM_KIND_SHMEM, .is_bound = true },
	{ "kernel", MM_KIND_KERNEL },
	{ "slab", MM_KIND_SLAB },
	{ "pagetable", MM_KIND_PAGETABLE },
	{ "pinned", MM_KIND_PINNED, .is_bound = true },
	{ "thp", MM_KIND_THP, .is_bound = true, .needs = MACHINE_THP },
	{ "balloon", MM_KIND_BALLOON, .needs = MACHINE_BALLOON },
	{ "balloon_compaction", MM_KIND_BALLOON_MOVABLE, .needs = MACHINE_BALLOON_COMPACTION },
	{ "hugetlb", MM_KIND_HUGETLB, .from_pool = true, .is_bound = true,
	  .needs = MACHINE_HUGETLB },
	{ "gigantic", MM_KIND_GIGANTIC, .from_pool = true, .is_bound = true,
	  .needs = MACHINE_HUGETLB },
};

#define NO_KIND (-1)

struct machine_workload {
	char *name;
	int kind; /* index in kinds, or NO_KIND */
	int64_t block;
	int nid;
	enum machine_mempolicy mempolicy;
	enum machine_oom oom;
	struct mm_holder *hold;
	TAILQ_ENTRY(machine_workload) link;
};

int machine_workload_new(struct machine *m, const char *name,
			 struct machine_workload **ret_workload)
{
	struct machine_workload *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->name = strdup(name);
	if (!w->name) {
		free(w);
		return -ENOMEM;
	}
	w->kind = NO_KIND;
	w->block = -1;
	w->nid = MM_NODE_NONE;
	TAILQ_INSERT_TAIL(&m->workloads, w, link);
	*ret_workload = w;
	return 0;
}

uint64_t machine_workload_size(const struct machine *m, const struct machine_workload *w)
{
	return w->hold ? mm_holder_pages(w->hold) << m->spec->page_shift : 0;
}

static bool workload_holds(const struct machine_workload *w)
{
	return w->hold && mm_holder_pages(w->hold);
}

/* 0 (always when all pages are freed), -ENOMEM. */
static int workload_shrink(struct machine *m, struct machine_workload *w, uint64_t nr_pages)
{
	if (kinds[w->kind].from_pool)
		return mm_huge_give(m->mm, w->hold, nr_pages);
	mm_holder_shrink(m->mm, w->hold, nr_pages);
	return 0;
}

void machine_workload_free(struct machine *m, struct machine_workload *w)
{
	if (workload_holds(w))
		workload_shrink(m, w, mm_holder_pages(w->hold));
	mm_holder_free(m->mm, w->hold);
	TAILQ_REMOVE(&m->workloads, w, link);
	free(w->name);
	free(w);
}

const char *machine_workload_kind_word(size_t i)
{
	return i < BASE_ARRAY_SIZE(kinds) ? kinds[i].name : NULL;
}

const char *machine_workload_kind(const struct machine_workload *w)
{
	return w->kind == NO_KIND ? "" : kinds[w->kind].name;
}

/* Memory in use can be pinned and unpinned: anon and pinned are the same pages. */
static int workload_pin(struct machine *m, struct machine_workload *w, int kind)
{
	enum mm_kind from = kinds[w->kind].kind, to = kinds[kind].kind;
	int ret = 0;

	if (from == MM_KIND_ANON && to == MM_KIND_PINNED)
		ret = mm_holder_pin(m->mm, w->hold);
	else if (from == MM_KIND_PINNED && to == MM_KIND_ANON)
		mm_holder_set_kind(m->mm, w->hold, to);
	else
		return machine_refuse(m, -EBUSY,
				      "it holds memory, which cannot become '%s': write 0 to size "
				      "first (anon and pinned can become each other)",
				      kinds[kind].name);
	if (ret)
		return machine_refuse(m, ret,
				      "its pages in Movable or CMA have nowhere to "
				      "migrate to");
	w->kind = kind;
	return 0;
}

static int refuse_kind(struct machine *m, const char *kind)
{
	struct base_buf names;

	base_buf_init(&names);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(kinds); i++)
		base_buf_printf(&names, "%s%s", i ? ", " : "", kinds[i].name);
	machine_refuse(m, -EINVAL, "'%s' is not a valid kind (use %s)", base_quote(kind).s,
		       base_buf_text(&names));
	base_buf_fini(&names);
	return -EINVAL;
}

static int refuse_holding(struct machine *m)
{
	return machine_refuse(m, -EBUSY, "it holds memory: write 0 to size first");
}

int machine_workload_set_kind(struct machine *m, struct machine_workload *w, const char *kind)
{
	struct mm_holder *hold;
	size_t i = 0;

	while (i < BASE_ARRAY_SIZE(kinds) && !base_sysfs_streq(kinds[i].name, kind))
		i++;
	if (i == BASE_ARRAY_SIZE(kinds))
		return refuse_kind(m, kind);
	if (!machine_spec_has(m->spec, kinds[i].needs))
		return machine_refuse(m, -EINVAL, "there is no %s: the kernel is built without %s",
				      kinds[i].name, machine_config_name(kinds[i].needs));
	if (!mm_kind_exists(m->mm, kinds[i].kind))
		return machine_refuse(m, -EINVAL,
				      "there are no gigantic pages on this machine (use hugetlb)");
	if (workload_holds(w))
		return workload_pin(m, w, (int)i);
	hold = mm_holder_new(m->mm, w->name, kinds[i].kind);
	if (!hold)
		return -ENOMEM;
	mm_holder_free(m->mm, w->hold);
	w->hold = hold;
	w->kind = (int)i;
	return 0;
}

int64_t machine_workload_block(const struct machine_workload *w)
{
	return w->block;
}

int machine_workload_set_block(struct machine *m, struct machine_workload *w, int64_t block)
{
	if (workload_holds(w))
		return refuse_holding(m);
	if (block >= 0 && !hp_block_find(m->hp, (uint64_t)block))
		return machine_refuse(m, -ENODEV,
				      "there is no block %lld: see "
				      "sys/devices/system/memory",
				      (long long)block);
	w->block = block;
	return 0;
}

int machine_workload_node(const struct machine_workload *w)
{
	return w->nid;
}

int machine_workload_set_node(struct machine *m, struct machine_workload *w, int nid)
{
	if (workload_holds(w))
		return refuse_holding(m);
	w->nid = nid;
	return 0;
}

enum machine_mempolicy machine_workload_mempolicy(const struct machine_workload *w)
{
	return w->mempolicy;
}

void machine_workload_set_mempolicy(struct machine_workload *w, enum machine_mempolicy mempolicy)
{
	w->mempolicy = mempolicy;
}

enum machine_oom machine_workload_oom(const struct machine_workload *w)
{
	return w->oom;
}

void machine_workload_set_oom(struct machine_workload *w, enum machine_oom oom)
{
	w->oom = oom;
}

void machine_workload_resident(const struct machine *m, const struct machine_workload *w,
			       struct base_buf *buf)
{
	for (int nid = mm_node_next(m->mm, 0); w->hold && nid >= 0;
	     nid = mm_node_next(m->mm, nid + 1)) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			uint64_t pages = mm_holder_pages_on(m->mm, w->hold, nid, type);

			if (pages)
				base_buf_printf(buf, "node%d %s %llu\n", nid, mm_zone_name(type),
						(unsigned long long)pages << m->spec->page_shift);
		}
	}
}

static int workload_grow(struct machine *m, struct machine_workload *w, uint64_t nr_pages)
{
	struct mm_alloc_request want = {
		.nr_pages = nr_pages,
		.nid = w->nid,
		.not_nid = MM_NODE_NONE,
		.bind = w->nid != MM_NODE_NONE && w->mempolicy == MACHINE_MEMPOLICY_BIND,
	};

	if (w->block >= 0) {
		want.start_pfn = (uint64_t)w->block * hp_block_pages(m->hp);
		want.end_pfn = want.start_pfn + hp_block_pages(m->hp);
	}
	if (kinds[w->kind].from_pool)
		return mm_huge_take(m->mm, w->hold, &want);
	return mm_holder_grow(m->mm, w->hold, &want);
}

/* A simple OOM killer: kills the largest workload; false if there is none or it is @w. */
static bool oom_kill(struct machine *m, const struct machine_workload *w)
{
	struct machine_workload *victim = NULL, *other;

	TAILQ_FOREACH(other, &m->workloads, link) {
		if (workload_holds(other) &&
		    (!victim || mm_holder_pages(other->hold) > mm_holder_pages(victim->hold)))
			victim = other;
	}
	if (!victim)
		return false;
	hp_log(m->hp, "Out of memory: Killed process (%s) total-vm:%llukB", victim->name,
	       (unsigned long long)machine_workload_size(m, victim) >> 10);
	workload_shrink(m, victim, mm_holder_pages(victim->hold));
	return victim != w;
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

/* Explains why there is no room for @nr_pages more, and how much is free. */
static int refuse_to_grow(struct machine *m, const struct machine_workload *w, uint64_t nr_pages)
{
	unsigned int shift = m->spec->page_shift;
	bool bound = w->nid != MM_NODE_NONE && w->mempolicy == MACHINE_MEMPOLICY_BIND;
	struct base_text more = base_size_text(nr_pages << shift);
	const char *kind = kinds[w->kind].name;
	struct mm_usage usage;

	if (kinds[w->kind].from_pool)
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
	if (bound)
		return machine_refuse(m, -ENOMEM,
				      "no room for %s more of %s: node %d has %s free, not all of "
				      "it for this kind",
				      more.s, kind, w->nid,
				      base_size_text(free_pages(m, w->nid) << shift).s);
	return machine_refuse(m, -ENOMEM,
			      "no room for %s more of %s: the nodes have %s free, not all of it "
			      "for this kind",
			      more.s, kind, base_size_text(free_pages(m, MM_NODE_NONE) << shift).s);
}

int machine_workload_set_size(struct machine *m, struct machine_workload *w, uint64_t bytes)
{
	uint64_t pages, held;
	int ret;

	if (w->kind == NO_KIND && !bytes)
		return 0;
	if (w->kind == NO_KIND)
		return machine_refuse(m, -EINVAL, "it has no kind: write one to kind first");
	if (bytes > UINT64_MAX - (1ULL << m->spec->page_shift))
		return machine_refuse(m, -ENOMEM, "no machine has %s", base_size_text(bytes).s);
	pages = BASE_ROUND_UP(bytes, 1ULL << m->spec->page_shift) >> m->spec->page_shift;
	pages = mm_round_up_unit(m->mm, kinds[w->kind].kind, pages);
	held = mm_holder_pages(w->hold);
	if (pages <= held) {
		ret = workload_shrink(m, w, held - pages);
		return ret ? machine_refuse(m, ret,
					    "no memory is left to put its huge pages back "
					    "into their pool") :
			     0;
	}
	if (kinds[w->kind].is_bound && w->nid != MM_NODE_NONE &&
	    !base_mask_test(mm_nodes_with_memory(m->mm), (unsigned int)w->nid))
		return machine_refuse(m, -EINVAL, "node %d has no memory that is online", w->nid);
	do {
		ret = workload_grow(m, w, pages - held);
		/* An empty pool of huge pages is not an OOM condition: nothing is killed. */
	} while (ret == -ENOMEM && w->oom == MACHINE_OOM_KILL && !kinds[w->kind].from_pool &&
		 oom_kill(m, w));
	return ret ? refuse_to_grow(m, w, pages - held) : 0;
}

/* ---- saving and loading ---------------------------------------------------------------------- */

static void workload_kind(struct base_save *s, struct machine_workload *w, struct machine *m)
{
	w->kind =
		(int)base_save_below(s, (uint64_t)(w->kind - NO_KIND), BASE_ARRAY_SIZE(kinds) + 1) +
		NO_KIND;
	mm_holder_save(m->mm, s, &w->hold);
	if (!w->name || (w->kind == NO_KIND) != !w->hold)
		base_save_fail(s, -EINVAL, "a workload is invalid");
}

#define WORKLOAD_ROWS(ROW)                                                                         \
	ROW(STRING, name)                                                                          \
	ROW(WITH, kind, workload_kind)                                                             \
	ROW(NUMBER, block)                                                                         \
	ROW(NUMBER, nid)                                                                           \
	ROW(BELOW, mempolicy, MACHINE_NR_MEMPOLICIES)                                              \
	ROW(BELOW, oom, MACHINE_NR_OOM)                                                            \
	ROW(SKIP, hold, "saved by workload_kind()")                                                \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(workload_save, struct machine_workload, struct machine, WORKLOAD_ROWS)

static struct machine_workload *workload_make(struct machine *m)
{
	struct machine_workload *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->kind = NO_KIND;
	TAILQ_INSERT_TAIL(&m->workloads, w, link);
	return w;
}

void machine_workloads_save(struct machine *m, struct base_save *s)
{
	BASE_SAVE_TAILQ(s, &m->workloads, link, workload_save, m, workload_make(m));
}

void machine_workloads_drop(struct machine *m)
{
	struct machine_workload *w;

	while ((w = TAILQ_FIRST(&m->workloads))) {
		mm_holder_free(m->mm, w->hold);
		w->hold = NULL;
		machine_workload_free(m, w);
	}
}

struct machine_workload *machine_workload_next(const struct machine *m, struct machine_workload *w)
{
	return w ? TAILQ_NEXT(w, link) : TAILQ_FIRST(&m->workloads);
}
