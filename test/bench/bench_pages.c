// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The page allocator: order-0 allocations and frees in a second, and the CPU time in which a block
 * of 32,768 movable pages is emptied. Prints figures, judges nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "memhp/mm.h"

#define BLOCK 32768
#define MILLION 1000000

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(int ret)
{
	if (!ret)
		return;
	fprintf(stderr, "bench_pages: %d\n", ret);
	exit(1);
}

/* Two nodes with 1 GiB and 15 GiB. */
static struct mm *machine(void)
{
	const struct mm_config config = {
		.page_shift = 12,
		.section_pages = BLOCK,
		.block_pages = BLOCK,
		.subsection_pages = 512,
		.pageblock_pages = 512,
		.thp_pages = 512,
		.huge_pages = { [MM_HUGE_PMD] = 512, [MM_HUGE_PUD] = 512 * 512 },
		.max_order = 10,
		.zone_end_pfn = { 4096, 1 << 20 },
		.nr_cpus = 2,
	};
	struct mm *mm = mm_new(&config);

	must(!mm);
	must(mm_boot_add(mm, 256, 1 << 18, 0));
	must(mm_boot_add(mm, 1 << 18, 1 << 22, 1));
	must(mm_boot_finish(mm));
	return mm;
}

static void allocations(enum mm_kind kind)
{
	struct mm_alloc_request want = { .nr_pages = 1, .nid = 1, .not_nid = MM_NODE_NONE };
	struct mm *mm = machine();
	struct mm_holder *hold = mm_holder_new(mm, "bench", kind);
	double start = cpu_s(), grown, pairs;

	must(!hold);
	for (int i = 0; i < MILLION; i++)
		must(mm_holder_grow(mm, hold, &want));
	for (int i = 0; i < MILLION; i++)
		mm_holder_shrink(mm, hold, 1);
	grown = cpu_s() - start;
	start = cpu_s();
	for (int i = 0; i < MILLION; i++) {
		must(mm_holder_grow(mm, hold, &want));
		mm_holder_shrink(mm, hold, 1);
	}
	pairs = cpu_s() - start;
	printf("order-0 alloc+free, %-8s a million, then back: %6.2f M/s   one by one: %6.2f M/s\n",
	       mm_kind_info(kind)->name, 1 / grown, 1 / pairs);
	mm_holder_free(mm, hold);
	mm_free(mm);
}

static void offlining(int holders)
{
	const uint64_t first = 10 * BLOCK;
	struct mm_alloc_request want = {
		.nr_pages = 1,
		.nid = MM_NODE_NONE,
		.not_nid = MM_NODE_NONE,
		.start_pfn = first,
		.end_pfn = first + BLOCK,
	};
	struct mm *mm = machine();
	struct mm_holder *hold[64];
	uint64_t moved, left;
	struct mm_use use;
	double start;

	for (int i = 0; i < holders; i++)
		must(!(hold[i] = mm_holder_new(mm, "bench", MM_KIND_ANON)));
	for (int i = 0; i < BLOCK; i++)
		must(mm_holder_grow(mm, hold[i % holders], &want));
	start = cpu_s();
	must(mm_isolate(mm, first, BLOCK, &use));
	must(mm_migrate(mm, first, BLOCK, UINT64_MAX / 2, &moved, &left, &use));
	printf("a block of %llu movable pages of %2d holders: %6.2f ms of CPU\n",
	       (unsigned long long)moved, holders, (cpu_s() - start) * 1e3);
	must((int)left);
	for (int i = 0; i < holders; i++)
		mm_holder_free(mm, hold[i]);
	mm_free(mm);
}

int main(void)
{
	allocations(MM_KIND_KERNEL);
	allocations(MM_KIND_ANON);
	offlining(1);
	offlining(64);
	return 0;
}
