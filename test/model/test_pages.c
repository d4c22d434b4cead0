// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A random walk over the page allocator of a small machine, 10,000 operations a seed: holders of
 * all kinds grow, shrink, are created and freed, blocks are isolated and emptied, pools change,
 * pages are poisoned. After each step every page is checked: its owner, and whether all sums agree;
 * and pages that the operation does not concern are where they were.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/mm.h"
#include "seeds.h"

#define SEEDS 8
#define STEPS 10000
#define PAGES 32768
#define BLOCK 4096
#define HOLDS 16
#define NOBODY 0xff
#define OTHERS 0xfe /* boot allocations, pools, poison */
#define CMA_START 20480
#define CMA_PAGES 1024

struct walk {
	struct mm *mm;
	struct seeds_trial *trial;
	struct mm_holder *hold[HOLDS];
	enum mm_kind kind[HOLDS];
	int64_t isolated; /* block, or -1 */
	uint8_t owner[PAGES];
	uint8_t before[PAGES];
};

static const enum mm_kind kinds[] = {
	MM_KIND_KERNEL,	   MM_KIND_SLAB,   MM_KIND_ANON,
	MM_KIND_ANON,	   MM_KIND_THP,	   MM_KIND_MLOCK,
	MM_KIND_PAGECACHE, MM_KIND_PINNED, MM_KIND_BALLOON_MOVABLE,
	MM_KIND_HUGETLB,
};

static uint64_t below(struct walk *w, uint64_t n)
{
	return seeds_below(w->trial, n);
}

#define DOING(w, ...) seeds_doing((w)->trial, __VA_ARGS__)
#define CHECK(w, condition)                                                                        \
	do {                                                                                       \
		if (!(condition))                                                                  \
			seeds_fail((w)->trial, __FILE__, __LINE__, "%s", #condition);              \
	} while (0)

/* Names of holders are their numbers. */
static uint8_t owner_number(const struct mm_use *use)
{
	return use->owner[0] == 'h' && use->owner[1] >= '0' && use->owner[1] <= '9' ?
		       (uint8_t)atoi(use->owner + 1) :
		       OTHERS;
}

/* Visits every page; counts by node, zone and kind must equal mm's. */
static void look(struct walk *w)
{
	uint64_t kind_pages[2][MM_NR_KINDS] = { { 0 } };
	uint64_t held[HOLDS] = { 0 }, free[2][2] = { { 0 } };
	uint64_t pfn = 0;
	struct mm_use use;

	memset(w->owner, NOBODY, sizeof(w->owner));
	while (mm_use_find(w->mm, pfn, PAGES, &use)) {
		const struct mm_kind_info *info = mm_kind_info(use.kind);
		uint64_t end = use.start_pfn + use.nr_pages;
		uint8_t owner = owner_number(&use);

		CHECK(w, use.start_pfn >= pfn && use.nr_pages && end <= PAGES);
		for (pfn = use.start_pfn; pfn < end; pfn++) {
			w->owner[pfn] = owner;
			kind_pages[pfn >= PAGES / 2][use.kind]++;
			if (w->owner[pfn] < HOLDS)
				held[w->owner[pfn]]++;
			/* Unmovable pages are never in CMA, unless poison found them there. */
			CHECK(w, info->movable || info->poison || use.kind == MM_KIND_RESERVED ||
					 pfn < CMA_START || pfn >= CMA_START + CMA_PAGES);
		}
	}
	for (pfn = 1; pfn < PAGES; pfn++) {
		if (w->owner[pfn] == NOBODY && (int64_t)(pfn / BLOCK) != w->isolated)
			free[pfn >= PAGES / 2][pfn >= BLOCK]++;
	}
	for (int nid = 0; nid < 2; nid++) {
		for (int type = 0; type < 2; type++) {
			struct mm_zone_info zone;

			mm_zone_info(w->mm, nid, type, &zone);
			CHECK(w, zone.free == free[nid][type]);
			CHECK(w, zone.managed <= zone.present && zone.present <= zone.spanned);
		}
		for (int kind = 0; kind < MM_NR_KINDS; kind++)
			CHECK(w, kind == MM_KIND_HOLE ||
					 mm_kind_pages(w->mm, nid, kind) == kind_pages[nid][kind]);
	}
	for (int i = 0; i < HOLDS; i++)
		CHECK(w, mm_holder_pages(w->hold[i]) == held[i]);
}

/* All pages except those of @hold, of page caches and of pools are where they were. */
static void others_unchanged(struct walk *w, unsigned int hold)
{
	for (uint64_t pfn = 0; pfn < PAGES; pfn++) {
		uint8_t was = w->before[pfn], is = w->owner[pfn];
		bool was_other = was < HOLDS && was != hold && w->kind[was] != MM_KIND_PAGECACHE;
		bool is_other = is < HOLDS && is != hold && w->kind[is] != MM_KIND_PAGECACHE;

		CHECK(w, (!was_other && !is_other) || was == is);
	}
}

static void hold_renew(struct walk *w, unsigned int i, enum mm_kind kind)
{
	char name[8];

	if (w->hold[i] && w->kind[i] == MM_KIND_HUGETLB)
		mm_huge_give(w->mm, w->hold[i], mm_holder_pages(w->hold[i]));
	mm_holder_free(w->mm, w->hold[i]);
	snprintf(name, sizeof(name), "h%u", i);
	w->kind[i] = kind;
	w->hold[i] = mm_holder_new(w->mm, name, kind);
	assert_non_null(w->hold[i]);
}

static void step_grow(struct walk *w)
{
	unsigned int i = (unsigned int)below(w, HOLDS);
	struct mm_alloc_request want = {
		.nid = (int)below(w, 3) - 1,
		.not_nid = MM_NODE_NONE,
		.nr_pages = 1 + below(w, below(w, 3) ? 64 : 3000),
	};
	uint64_t had = mm_holder_pages(w->hold[i]);
	int ret;

	want.nr_pages = mm_round_up_unit(w->mm, w->kind[i], want.nr_pages);
	want.bind = want.nid >= 0 && below(w, 2);
	DOING(w, "h%u (%s) grows by %llu pages on node %d%s", i, mm_kind_info(w->kind[i])->name,
	      (unsigned long long)want.nr_pages, want.nid, want.bind ? " only" : "");
	ret = w->kind[i] == MM_KIND_HUGETLB ? mm_huge_take(w->mm, w->hold[i], &want) :
					      mm_holder_grow(w->mm, w->hold[i], &want);
	look(w);
	CHECK(w, mm_holder_pages(w->hold[i]) == had + (ret ? 0 : want.nr_pages));
	CHECK(w, !ret || ret == -ENOMEM);
	others_unchanged(w, i);
	for (uint64_t pfn = 0; pfn < PAGES; pfn++) {
		bool fresh = w->owner[pfn] == i && w->before[pfn] != i;

		CHECK(w, !fresh || !want.bind || (int)(pfn >= PAGES / 2) == want.nid);
		CHECK(w, !fresh || (int64_t)(pfn / BLOCK) != w->isolated);
	}
}

static void step_shrink(struct walk *w)
{
	unsigned int i = (unsigned int)below(w, HOLDS);
	uint64_t unit = mm_round_up_unit(w->mm, w->kind[i], 1);
	uint64_t had = mm_holder_pages(w->hold[i]), nr = below(w, had / unit + 1) * unit;

	DOING(w, "h%u (%s) shrinks by %llu pages", i, mm_kind_info(w->kind[i])->name,
	      (unsigned long long)nr);
	if (w->kind[i] == MM_KIND_HUGETLB)
		mm_huge_give(w->mm, w->hold[i], nr);
	else
		mm_holder_shrink(w->mm, w->hold[i], nr);
	look(w);
	CHECK(w, mm_holder_pages(w->hold[i]) == had - nr);
	others_unchanged(w, i);
}

static void step_renew(struct walk *w)
{
	unsigned int i = (unsigned int)below(w, HOLDS);

	enum mm_kind kind = kinds[below(w, sizeof(kinds) / sizeof(*kinds))];

	DOING(w, "h%u is new, %s", i, mm_kind_info(kind)->name);
	hold_renew(w, i, kind);
	look(w);
	others_unchanged(w, i);
}

static void step_pool(struct walk *w)
{
	struct mm_huge_info info;
	int nid = (int)below(w, 2);
	uint64_t nr = below(w, 12);

	DOING(w, "pool of node %d: %llu", nid, (unsigned long long)nr);
	mm_huge_set_nr(w->mm, nid, MM_HUGE_PMD, nr);
	look(w);
	mm_huge_info(w->mm, nid, MM_HUGE_PMD, &info);
	CHECK(w, info.nr - info.surplus <= nr && info.free <= info.nr);
	others_unchanged(w, HOLDS);
}

static void step_isolate(struct walk *w)
{
	uint64_t before[HOLDS], moved, left;
	struct mm_use use;

	for (int i = 0; i < HOLDS; i++)
		before[i] = mm_holder_pages(w->hold[i]);
	if (w->isolated < 0) {
		int64_t block = 1 + (int64_t)below(w, PAGES / BLOCK - 1);

		DOING(w, "isolate block %d", (int)block);
		if (!mm_isolate(w->mm, (uint64_t)block * BLOCK, BLOCK, &use))
			w->isolated = block;
		look(w);
		others_unchanged(w, HOLDS);
	} else if (below(w, 3)) {
		uint64_t most = 1 + below(w, 2000);
		int ret;

		DOING(w, "migrate at most %llu pages", (unsigned long long)most);
		ret = mm_migrate(w->mm, (uint64_t)w->isolated * BLOCK, BLOCK, most, &moved, &left,
				 &use);
		look(w);
		CHECK(w, !ret);
		/* Reclaim for migration may take page cache. */
		for (int i = 0; i < HOLDS; i++)
			CHECK(w, mm_holder_pages(w->hold[i]) == before[i] ||
					 w->kind[i] == MM_KIND_PAGECACHE);
		if (!left) {
			assert_int_equal(
				mm_dissolve_huge(w->mm, (uint64_t)w->isolated * BLOCK, BLOCK), 0);
			look(w);
			for (uint64_t pfn = (uint64_t)w->isolated * BLOCK, n = BLOCK; n--; pfn++)
				CHECK(w, w->owner[pfn] == NOBODY || mm_is_poisoned(w->mm, pfn));
		}
	} else {
		DOING(w, "unisolate");
		mm_unisolate(w->mm, (uint64_t)w->isolated * BLOCK, BLOCK);
		w->isolated = -1;
		look(w);
		others_unchanged(w, HOLDS);
	}
}

static void step_poison(struct walk *w)
{
	uint64_t pfn = 1 + below(w, PAGES - 1), poisoned = mm_poisoned_pages(w->mm);
	bool was = mm_is_poisoned(w->mm, pfn);
	enum mm_failure failure;
	bool soft;
	int ret;

	if (below(w, 3) == 0) {
		DOING(w, "unpoison page %llu", (unsigned long long)pfn);
		ret = mm_unpoison(w->mm, pfn);
		look(w);
		CHECK(w, mm_poisoned_pages(w->mm) == poisoned - !ret);
		return;
	}
	soft = below(w, 2);
	DOING(w, "poison page %llu%s", (unsigned long long)pfn, soft ? " softly" : "");
	ret = soft ? mm_poison_soft(w->mm, pfn) : mm_poison_hard(w->mm, pfn, &failure);
	look(w);
	CHECK(w, mm_poisoned_pages(w->mm) == poisoned + (!was && mm_is_poisoned(w->mm, pfn)));
	CHECK(w, ret || mm_is_poisoned(w->mm, pfn));
}

static void walk_run(struct seeds_trial *trial)
{
	static void (*const steps[])(struct walk *) = {
		step_grow,   step_grow,	 step_grow,    step_grow,    step_shrink, step_shrink,
		step_shrink, step_renew, step_isolate, step_isolate, step_pool,
	};
	const struct mm_config config = {
		.page_shift = 12,
		.section_pages = BLOCK,
		.block_pages = BLOCK,
		.subsection_pages = 512,
		.pageblock_pages = 512,
		.thp_pages = 512,
		.huge_pages = { [MM_HUGE_PMD] = 512, [MM_HUGE_PUD] = 512 * 512 },
		.max_order = 10,
		.zone_end_pfn = { BLOCK, 1 << 20 },
		.nr_cpus = 2,
	};
	struct walk *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->trial = trial;
	w->isolated = -1;
	w->mm = mm_new(&config);
	assert_non_null(w->mm);
	assert_int_equal(mm_boot_add(w->mm, 1, PAGES / 2, 0), 0);
	assert_int_equal(mm_boot_add(w->mm, PAGES / 2, PAGES, 1), 0);
	assert_int_equal(mm_boot_finish(w->mm), 0);
	assert_int_equal(mm_reserve_boot(w->mm, 100, 700, "boot"), 0);
	assert_int_equal(mm_cma_add(w->mm, CMA_START, CMA_PAGES), 0);
	mm_wmark_update(w->mm);
	for (unsigned int i = 0; i < HOLDS; i++)
		hold_renew(w, i, kinds[below(w, sizeof(kinds) / sizeof(*kinds))]);
	look(w);
	while (seeds_next(trial)) {
		memcpy(w->before, w->owner, sizeof(w->before));
		/* Rarely: poisoned pages are lost to the rest of the walk. */
		if (below(w, 400) == 0)
			step_poison(w);
		else
			steps[below(w, sizeof(steps) / sizeof(*steps))](w);
	}
	for (unsigned int i = 0; i < HOLDS; i++) {
		hold_renew(w, i, MM_KIND_KERNEL);
		mm_holder_free(w->mm, w->hold[i]);
	}
	mm_free(w->mm);
	free(w);
}

int main(int argc, char **argv)
{
	static const struct seeds_walk walk = { .seeds = SEEDS, .steps = STEPS, .run = walk_run };

	return seeds_main(&walk, argc, argv);
}
