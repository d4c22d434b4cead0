// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A random walk over the page allocator of a small machine, 10,000 operations a seed: holders of
 * all kinds grow, shrink, come and go, blocks are isolated and emptied, pools change, pages are
 * poisoned. After each step every page is looked at: who has it, and whether all sums agree; and
 * what the operation had no business with is where it was.
 *
 *	test_pages [FIRST-SEED [COUNT [STEPS]]]
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
	uint64_t random;
	unsigned int step;
	const char *doing;
	struct mm_hold *hold[HOLDS];
	enum mm_kind kind[HOLDS];
	int64_t isolated; /* block, or -1 */
	uint8_t owner[PAGES];
	uint8_t before[PAGES];
};

static const enum mm_kind kinds[] = {
	MM_KIND_KERNEL, MM_KIND_SLAB,	   MM_KIND_ANON,   MM_KIND_ANON,	    MM_KIND_THP,
	MM_KIND_MLOCK,	MM_KIND_PAGECACHE, MM_KIND_PINNED, MM_KIND_BALLOON_MOVABLE, MM_KIND_HUGETLB,
};

static uint64_t below(struct walk *w, uint64_t n)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random % n;
}

#define CHECK(w, condition)                                                                        \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("step %u (%s): %s", (w)->step, (w)->doing, #condition);           \
	} while (0)

/* Names of holders are their numbers. */
static uint8_t owner_number(const struct mm_use *use)
{
	return use->owner[0] == 'h' && use->owner[1] >= '0' && use->owner[1] <= '9' ?
		       (uint8_t)atoi(use->owner + 1) :
		       OTHERS;
}

/* Looks at every page; counts by node, zone and kind must be what mm says. */
static void look(struct walk *w)
{
	uint64_t kind_pages[2][MM_NR_KINDS] = { { 0 } };
	uint64_t held[HOLDS] = { 0 }, free[2][2] = { { 0 } };
	uint64_t pfn = 0;
	struct mm_use use;

	memset(w->owner, NOBODY, sizeof(w->owner));
	while (mm_use_find(w->mm, pfn, PAGES, &use)) {
		uint64_t end = use.start_pfn + use.nr_pages;

		CHECK(w, use.start_pfn >= pfn && use.nr_pages && end <= PAGES);
		for (pfn = use.start_pfn; pfn < end; pfn++) {
			w->owner[pfn] = owner_number(&use);
			kind_pages[pfn >= PAGES / 2][use.kind]++;
			if (w->owner[pfn] < HOLDS)
				held[w->owner[pfn]]++;
			/* What cannot move is never in CMA, unless poison found it there. */
			CHECK(w, mm_kind_info(use.kind)->movable || use.kind == MM_KIND_POISON ||
					 use.kind == MM_KIND_RESERVED || pfn < CMA_START ||
					 pfn >= CMA_START + CMA_PAGES);
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
		CHECK(w, mm_hold_pages(w->hold[i]) == held[i]);
}

/* All pages but those of @hold, of page caches and of pools are where they were. */
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
		mm_huge_give(w->mm, w->hold[i], mm_hold_pages(w->hold[i]));
	mm_hold_free(w->mm, w->hold[i]);
	snprintf(name, sizeof(name), "h%u", i);
	w->kind[i] = kind;
	w->hold[i] = mm_hold_new(w->mm, name, kind);
	assert_non_null(w->hold[i]);
}

static void step_grow(struct walk *w)
{
	unsigned int i = (unsigned int)below(w, HOLDS);
	struct mm_want want = {
		.nid = (int)below(w, 3) - 1,
		.not_nid = MM_NODE_NONE,
		.nr_pages = 1 + below(w, below(w, 3) ? 64 : 3000),
	};
	uint64_t had = mm_hold_pages(w->hold[i]);
	int ret;

	w->doing = "grow";
	want.nr_pages = mm_round_up_unit(w->mm, w->kind[i], want.nr_pages);
	want.bind = want.nid >= 0 && below(w, 2);
	ret = w->kind[i] == MM_KIND_HUGETLB ? mm_huge_take(w->mm, w->hold[i], &want) :
					      mm_hold_grow(w->mm, w->hold[i], &want);
	look(w);
	CHECK(w, mm_hold_pages(w->hold[i]) == had + (ret ? 0 : want.nr_pages));
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
	uint64_t had = mm_hold_pages(w->hold[i]), nr = below(w, had / unit + 1) * unit;

	w->doing = "shrink";
	if (w->kind[i] == MM_KIND_HUGETLB)
		mm_huge_give(w->mm, w->hold[i], nr);
	else
		mm_hold_shrink(w->mm, w->hold[i], nr);
	look(w);
	CHECK(w, mm_hold_pages(w->hold[i]) == had - nr);
	others_unchanged(w, i);
}

static void step_renew(struct walk *w)
{
	unsigned int i = (unsigned int)below(w, HOLDS);

	w->doing = "renew";
	hold_renew(w, i, kinds[below(w, sizeof(kinds) / sizeof(*kinds))]);
	look(w);
	others_unchanged(w, i);
}

static void step_pool(struct walk *w)
{
	struct mm_huge_info info;
	int nid = (int)below(w, 2);
	uint64_t nr = below(w, 12);

	w->doing = "pool";
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
		before[i] = mm_hold_pages(w->hold[i]);
	if (w->isolated < 0) {
		int64_t block = 1 + (int64_t)below(w, PAGES / BLOCK - 1);

		w->doing = "isolate";
		if (!mm_isolate(w->mm, (uint64_t)block * BLOCK, BLOCK, &use))
			w->isolated = block;
		look(w);
		others_unchanged(w, HOLDS);
	} else if (below(w, 3)) {
		int ret;

		w->doing = "migrate";
		ret = mm_migrate(w->mm, (uint64_t)w->isolated * BLOCK, BLOCK, 1 + below(w, 2000),
				 &moved, &left, &use);
		look(w);
		CHECK(w, !ret);
		/* Reclaim for the sake of migration may take page cache. */
		for (int i = 0; i < HOLDS; i++)
			CHECK(w, mm_hold_pages(w->hold[i]) == before[i] ||
					 w->kind[i] == MM_KIND_PAGECACHE);
		if (!left) {
			w->doing = "dissolve";
			assert_int_equal(
				mm_dissolve_huge(w->mm, (uint64_t)w->isolated * BLOCK, BLOCK), 0);
			look(w);
			for (uint64_t pfn = (uint64_t)w->isolated * BLOCK, n = BLOCK; n--; pfn++)
				CHECK(w, w->owner[pfn] == NOBODY || mm_is_poisoned(w->mm, pfn));
		}
	} else {
		w->doing = "unisolate";
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
	int ret;

	if (below(w, 3) == 0) {
		w->doing = "unpoison";
		ret = mm_unpoison(w->mm, pfn);
		look(w);
		CHECK(w, mm_poisoned_pages(w->mm) == poisoned - !ret);
		return;
	}
	w->doing = "poison";
	ret = below(w, 2) ? mm_poison_soft(w->mm, pfn) : mm_poison_hard(w->mm, pfn, &failure);
	look(w);
	CHECK(w, mm_poisoned_pages(w->mm) ==
			 poisoned + (!was && mm_is_poisoned(w->mm, pfn)));
	CHECK(w, ret || mm_is_poisoned(w->mm, pfn));
}

static void walk_run(unsigned int seed, unsigned int steps)
{
	static void (*const step[])(struct walk *) = {
		step_grow,  step_grow,	step_grow,    step_grow,    step_shrink, step_shrink,
		step_shrink, step_renew, step_isolate, step_isolate, step_pool,
	};
	const struct mm_config config = {
		.page_shift = 12,
		.section_pages = BLOCK,
		.block_pages = BLOCK,
		.subsection_pages = 512,
		.pageblock_pages = 512, .max_order_pages = 1024,
		.zone_end_pfn = { BLOCK, 1 << 20 },
		.nr_cpus = 2,
	};
	struct walk *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->random = 88172645463325252ULL + seed * 7919;
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
	w->doing = "boot";
	look(w);
	for (w->step = 0; w->step < steps; w->step++) {
		memcpy(w->before, w->owner, sizeof(w->before));
		/* Rarely: what is poisoned is lost to the rest of the walk. */
		if (below(w, 400) == 0)
			step_poison(w);
		else
			step[below(w, sizeof(step) / sizeof(*step))](w);
	}
	for (unsigned int i = 0; i < HOLDS; i++) {
		hold_renew(w, i, MM_KIND_KERNEL);
		mm_hold_free(w->mm, w->hold[i]);
	}
	mm_free(w->mm);
	free(w);
}

static unsigned int steps_wanted(char **argv, int argc)
{
	return argc > 3 ? (unsigned int)atoi(argv[3]) : STEPS;
}

static void one_seed(void **state)
{
	const unsigned int *args = *state;

	walk_run(args[0], args[1]);
}

int main(int argc, char **argv)
{
	unsigned int first = argc > 1 ? (unsigned int)atoi(argv[1]) : 0;
	unsigned int count = argc > 2 ? (unsigned int)atoi(argv[2]) : SEEDS;
	int failed = 0;

	for (unsigned int seed = first; seed < first + count; seed++) {
		unsigned int args[2] = { seed, steps_wanted(argv, argc) };
		const struct CMUnitTest test[] = {
			{ .name = "pages", .test_func = one_seed, .initial_state = args },
		};

		printf("seed %u\n", seed);
		failed += cmocka_run_group_tests(test, NULL, NULL);
	}
	return failed != 0;
}
