// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Workloads: memory in use. The kind determines whether it can migrate and where it may be; node
 * and block, where it should be; the size grows and shrinks at run time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "workload_private.h"

const char *const machine_oom_names[MACHINE_NR_OOM] = { "fail", "kill" };
const char *const machine_mempolicy_names[MACHINE_NR_MEMPOLICIES] = { "bind", "prefer" };

static const struct workload_kind kinds[] = {
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
	w->machine = m;
	w->kind = NO_KIND;
	w->block = -1;
	w->nid = MM_NODE_NONE;
	TAILQ_INSERT_TAIL(&m->workloads, w, link);
	*ret_workload = w;
	return 0;
}

uint64_t workload_held(const struct machine_workload *w)
{
	return workload_pages_of(w, w->hold);
}

uint64_t machine_workload_size(const struct machine *m, const struct machine_workload *w)
{
	return workload_held(w) << m->spec->page_shift;
}

bool workload_holds(const struct machine_workload *w)
{
	return workload_held(w) > 0;
}

const struct workload_kind *workload_kind_of(const struct machine_workload *w)
{
	return &kinds[w->kind];
}

struct mm_alloc_request workload_place(const struct machine_workload *w)
{
	uint64_t block_pages = hp_block_pages(w->machine->hp);
	struct mm_alloc_request want = {
		.nid = w->nid,
		.not_nid = MM_NODE_NONE,
		.bind = w->nid != MM_NODE_NONE && w->mempolicy == MACHINE_MEMPOLICY_BIND,
	};

	if (w->block >= 0) {
		want.start_pfn = (uint64_t)w->block * block_pages;
		want.end_pfn = want.start_pfn + block_pages;
	}
	return want;
}

int workload_shrink(struct machine *m, struct machine_workload *w, uint64_t nr_pages)
{
	if (kinds[w->kind].from_pool)
		return mm_huge_give(m->mm, w->hold, nr_pages);
	mm_holder_shrink(m->mm, w->hold, nr_pages);
	workload_unmap(w);
	return 0;
}

void machine_workload_free(struct machine *m, struct machine_workload *w)
{
	workload_pin_drop(w);
	if (workload_holds(w))
		workload_shrink(m, w, workload_held(w));
	mm_holder_free(m->mm, w->hold);
	mm_holder_free(m->mm, w->tables);
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

/* -EBUSY if it holds memory or is about to. */
static int check_empty(struct machine *m, const struct machine_workload *w)
{
	if (machine_workload_is_pinning(w))
		return workload_refuse_pinning(m);
	return workload_holds(w) ?
		       machine_refuse(m, -EBUSY, "it holds memory: write 0 to size first") :
		       0;
}

/* Memory in use can be pinned and unpinned: anon and pinned are the same pages. */
static int change_kind(struct machine *m, struct machine_workload *w, int kind)
{
	enum mm_kind from = kinds[w->kind].kind, to = kinds[kind].kind;
	struct mm_alloc_request policy = workload_place(w);

	if (from == MM_KIND_ANON && to == MM_KIND_PINNED)
		return workload_pin(w, kind, &policy);
	if (from != MM_KIND_PINNED || to != MM_KIND_ANON)
		return machine_refuse(m, -EBUSY,
				      "it holds memory, which cannot become '%s': write 0 to size "
				      "first (anon and pinned can become each other)",
				      kinds[kind].name);
	mm_holder_set_kind(m->mm, w->hold, to);
	w->kind = kind;
	return 0;
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
	if (machine_workload_is_pinning(w))
		return workload_refuse_pinning(m);
	if (workload_holds(w))
		return change_kind(m, w, (int)i);
	hold = mm_holder_new(m->mm, w->name, kinds[i].kind);
	if (!hold)
		return -ENOMEM;
	mm_holder_free(m->mm, w->hold);
	w->hold = hold;
	mm_holder_set_busy(hold, &w->busy);
	w->kind = (int)i;
	/* A poisoned page leaves the holder, but not its place in a page table. */
	workload_unmap(w);
	return 0;
}

int64_t machine_workload_block(const struct machine_workload *w)
{
	return w->block;
}

int machine_workload_set_block(struct machine *m, struct machine_workload *w, int64_t block)
{
	int ret = check_empty(m, w);

	if (ret)
		return ret;
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
	int ret = check_empty(m, w);

	if (!ret)
		w->nid = nid;
	return ret;
}

uint64_t machine_workload_busy(const struct machine_workload *w, enum machine_busy field)
{
	return (field == MACHINE_BUSY_MS ? w->busy.busy_ns : w->busy.idle_ns) / NS_PER_MS;
}

int machine_workload_set_busy(struct machine *m, struct machine_workload *w,
			      enum machine_busy field, uint64_t ms)
{
	if (ms > UINT32_MAX)
		return machine_refuse(m, -ERANGE, "%llu ms are too long: %u at most",
				      (unsigned long long)ms, UINT32_MAX);
	*(field == MACHINE_BUSY_MS ? &w->busy.busy_ns : &w->busy.idle_ns) = ms * NS_PER_MS;
	w->busy.since_ns = m->clock->now_ns(m->clock);
	if (w->hold)
		mm_holder_set_busy(w->hold, &w->busy);
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

/* ---- saving and loading ---------------------------------------------------------------------- */

static void workload_pages(struct base_save *s, struct machine_workload *w, struct machine *m)
{
	w->kind =
		(int)base_save_below(s, (uint64_t)(w->kind - NO_KIND), BASE_ARRAY_SIZE(kinds) + 1) +
		NO_KIND;
	mm_holder_save(m->mm, s, &w->hold);
	mm_holder_save(m->mm, s, &w->tables);
	if (w->hold)
		mm_holder_set_busy(w->hold, &w->busy);
	if (!w->name || (w->kind == NO_KIND) != !w->hold)
		base_save_fail(s, -EINVAL, "a workload is invalid");
}

#define BUSY_ROWS(ROW)                                                                             \
	ROW(NUMBER, since_ns)                                                                      \
	ROW(BELOW, busy_ns, UINT32_MAX *NS_PER_MS + 1)                                             \
	ROW(BELOW, idle_ns, UINT32_MAX *NS_PER_MS + 1)
BASE_SAVE_STRUCT(busy_save, struct mm_busy, void, BUSY_ROWS)

static void workload_busy(struct base_save *s, struct machine_workload *w, struct machine *m)
{
	BASE_SAVE_ONE(s, busy_save, &w->busy, NULL);
}

#define WORKLOAD_ROWS(ROW)                                                                         \
	ROW(SKIP, machine, "the owner, set on creation")                                           \
	ROW(STRING, name)                                                                          \
	ROW(WITH, busy, workload_busy)                                                             \
	ROW(WITH, kind, workload_pages)                                                            \
	ROW(NUMBER, block)                                                                         \
	ROW(NUMBER, nid)                                                                           \
	ROW(BELOW, mempolicy, MACHINE_NR_MEMPOLICIES)                                              \
	ROW(BELOW, oom, MACHINE_NR_OOM)                                                            \
	ROW(SKIP, hold, "saved by workload_pages()")                                               \
	ROW(SKIP, tables, "saved by workload_pages()")                                             \
	ROW(SKIP, pin, "no request is in progress")                                                \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(workload_save, struct machine_workload, struct machine, WORKLOAD_ROWS)

static struct machine_workload *workload_make(struct machine *m)
{
	struct machine_workload *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->machine = m;
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
		workload_pin_drop(w);
		mm_holder_free(m->mm, w->hold);
		w->hold = NULL;
		machine_workload_free(m, w);
	}
}

bool machine_workloads_are_quiet(const struct machine *m)
{
	const struct machine_workload *w;

	TAILQ_FOREACH(w, &m->workloads, link) {
		if (machine_workload_is_pinning(w))
			return false;
	}
	return true;
}

struct machine_workload *machine_workload_next(const struct machine *m, struct machine_workload *w)
{
	return w ? TAILQ_NEXT(w, link) : TAILQ_FIRST(&m->workloads);
}
