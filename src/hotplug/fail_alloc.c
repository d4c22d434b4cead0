// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Injected page allocation failures: the kernel's fail_page_alloc (mm/fail_page_alloc.c on top of
 * lib/fault-inject.c), for the allocations of adding and onlining memory. Random numbers have a
 * fixed seed, so that the same operations fail at the same place each time.
 */
#include <errno.h>

#include "hp_private.h"

void hp_fail_alloc_init(struct hp_fail_alloc *fail)
{
	*fail = (struct hp_fail_alloc){
		.value = {
			[HP_FAIL_INTERVAL] = 1,
			[HP_FAIL_TIMES] = 1,
			[HP_FAIL_VERBOSE] = 2,
			[HP_FAIL_VERBOSE_BURST] = 10,
			[HP_FAIL_IGNORE_WAIT] = 1,
			[HP_FAIL_IGNORE_HIGHMEM] = 1,
			[HP_FAIL_MIN_ORDER] = 1,
		},
	};
}

int64_t hp_fail_alloc_get(const struct hp *hp, enum hp_fail_field field)
{
	return hp->fail_alloc.value[field];
}

/* Converts the value as the variable behind the file does. */
void hp_fail_alloc_set(struct hp *hp, enum hp_fail_field field, int64_t value)
{
	static const enum {
		LONG,
		INT,
		UINT
	} types[HP_NR_FAIL_FIELDS] = {
		[HP_FAIL_TIMES] = INT,
		[HP_FAIL_SPACE] = INT,
		[HP_FAIL_VERBOSE_INTERVAL_MS] = INT,
		[HP_FAIL_VERBOSE_BURST] = INT,
		[HP_FAIL_MIN_ORDER] = UINT,
	};

	hp->fail_alloc.value[field] = types[field] == INT  ? (int)value :
				      types[field] == UINT ? (unsigned int)value :
							     value;
}

/* should_fail_ex() for an allocation of @size pages */
static bool should_fail(struct hp_fail_alloc *fail, int64_t size)
{
	int64_t *value = fail->value;

	/* No program here is marked to fail (make-it-fail). */
	if (!value[HP_FAIL_PROBABILITY] || value[HP_FAIL_TASK_FILTER] || !value[HP_FAIL_TIMES])
		return false;
	if (value[HP_FAIL_SPACE] > size) {
		value[HP_FAIL_SPACE] -= size;
		return false;
	}
	if ((uint64_t)value[HP_FAIL_INTERVAL] > 1 &&
	    ++fail->count % (uint64_t)value[HP_FAIL_INTERVAL])
		return false;
	if ((uint64_t)value[HP_FAIL_PROBABILITY] <= base_percent(0, ++fail->nr_thrown))
		return false;
	if (value[HP_FAIL_TIMES] != -1)
		value[HP_FAIL_TIMES]--;
	return true;
}

/* should_fail_alloc_page() for an allocation with GFP_KERNEL, which may wait */
static bool alloc_fails(struct hp *hp, unsigned int order)
{
	struct hp_fail_alloc *fail = &hp->fail_alloc;

	if (order < fail->value[HP_FAIL_MIN_ORDER] || fail->value[HP_FAIL_IGNORE_WAIT] ||
	    !should_fail(fail, (int64_t)1 << order))
		return false;
	if (fail->value[HP_FAIL_VERBOSE]) {
		hp_log(hp, "FAULT_INJECTION: forcing a failure.");
		hp_log(hp,
		       "name fail_page_alloc, interval %llu, probability %llu, space %d, times %d",
		       (unsigned long long)fail->value[HP_FAIL_INTERVAL],
		       (unsigned long long)fail->value[HP_FAIL_PROBABILITY],
		       (int)fail->value[HP_FAIL_SPACE], (int)fail->value[HP_FAIL_TIMES]);
	}
	return true;
}

/* A huge page at a time, else single pages (vmemmap_populate_hugepages()). */
int hp_fail_alloc_memmap(struct hp *hp, uint64_t memmap_pages)
{
	uint64_t huge = mm_config(hp->mm)->pageblock_pages;
	unsigned int order = (unsigned int)__builtin_ctzll(huge);

	if (!hp->fail_alloc.value[HP_FAIL_PROBABILITY])
		return 0;
	for (uint64_t done = 0; done < memmap_pages; done += huge) {
		if (memmap_pages - done >= huge && !alloc_fails(hp, order))
			continue;
		for (uint64_t i = done; i < BASE_MIN(done + huge, memmap_pages); i++) {
			if (alloc_fails(hp, 0))
				return -ENOMEM;
		}
	}
	return 0;
}

/*
 * The node's part of each slab cache, allocated when its first normal memory goes online
 * (slab_mem_going_online_callback()).
 */
int hp_fail_alloc_online(struct hp *hp, int nid, enum mm_zone_type zone)
{
	if (zone > MM_ZONE_NORMAL ||
	    base_mask_test(mm_nodes_with_normal_memory(hp->mm), (unsigned int)nid))
		return 0;
	return alloc_fails(hp, 0) ? -ENOMEM : 0;
}
