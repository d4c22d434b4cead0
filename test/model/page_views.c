/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Consistency of the owners of pages, block by block, with machine/map and proc/iomem. */
#include "views_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_boot_memory(const struct views *v, uint64_t id)
{
	uint64_t first = id * block_pages(v), start, end;
	int nid;

	return mm_boot_range(v->mm, first, &start, &end, &nid) && start < first + block_pages(v);
}

static struct views_owner *find_owner(struct views *v, const char *name)
{
	struct views_owner *owner;

	for (unsigned int i = 0; i < v->nr_owners; i++) {
		if (!strcmp(v->owner[i].name, name))
			return &v->owner[i];
	}
	v->owner = reallocarray(v->owner, v->nr_owners + 1, sizeof(*v->owner));
	if (!v->owner)
		abort();
	owner = &v->owner[v->nr_owners++];
	*owner = (struct views_owner){ .pages = 0 };
	snprintf(owner->name, sizeof(owner->name), "%s", name);
	return owner;
}

/* Owners of a block's pages; visits each page once, in ascending order. */
static void owners_of_block(struct views *v, uint64_t id, uint64_t *ret_used, uint64_t *ret_hole)
{
	uint64_t pfn = id * block_pages(v), block_end = pfn + block_pages(v);
	struct mm_use use;

	*ret_used = *ret_hole = 0;
	while (mm_use_find(v->mm, pfn, block_end, &use)) {
		uint64_t end = use.start_pfn + use.nr_pages;

		if (use.start_pfn < pfn || !use.nr_pages)
			views_wrong(v, "page %llu has two owners", ull(use.start_pfn));
		if (end > block_end)
			views_wrong(v, "pages %llu-%llu lie in two blocks", ull(use.start_pfn),
				    ull(end));
		find_owner(v, use.owner)->pages += use.nr_pages;
		*ret_used += use.nr_pages;
		if (use.kind == MM_KIND_HOLE || use.kind == MM_KIND_POISON_HOLE)
			*ret_hole += use.nr_pages;
		pfn = BASE_MAX(end, pfn + 1);
	}
}

/* @present: in all columns; @leaving: free in blocks that are going offline */
struct map_sums {
	struct views *views;
	uint64_t present, free, leaving;
};

/* Every page of a block is in one column, and owned pages are not free. */
static void take_map(const char *line, void *arg)
{
	uint64_t block, count[5], sum = 0, used, hole;
	struct map_sums *m = arg;
	struct views *v = m->views;
	char zone[16], state[16];

	if (sscanf(line,
		   "%" SCNu64 " %*d %15s %15s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		   " %" SCNu64,
		   &block, zone, state, &count[0], &count[1], &count[2], &count[3], &count[4]) != 8)
		return;
	for (int i = 0; i < 5; i++)
		sum += count[i];
	owners_of_block(v, block, &used, &hole);
	if (!strcmp(state, "offline"))
		return;
	m->present += sum;
	/* Added memory has no holes; boot memory may be less than a block. */
	if (sum + hole > block_pages(v) || (sum != block_pages(v) && !has_boot_memory(v, block)))
		views_wrong(v, "machine/map: memory%llu has %llu pages and %llu of hole",
			    ull(block), ull(sum), ull(hole));
	if (sum - count[0] != used - hole)
		views_wrong(v, "machine/map: memory%llu: %llu pages in use, owners have %llu",
			    ull(block), ull(sum - count[0]), ull(used - hole));
	/* Free pages of a block going offline count in no file, once isolated. */
	if (!strcmp(state, "online"))
		m->free += count[0];
	else
		m->leaving += count[0];
}

void views_check_map(struct views *v, uint64_t zone_free, uint64_t present)
{
	struct map_sums m = { .views = v };

	v->nr_owners = 0;
	views_each_line(v->read(v->ctx, "machine/map"), take_map, &m);
	if (m.free > zone_free || zone_free > m.free + m.leaving)
		views_wrong(v, "%llu pages of online blocks have no owner, %llu are free",
			    ull(m.free), ull(zone_free));
	if (m.present != present)
		views_wrong(v, "machine/map has %llu pages, zones %llu", ull(m.present),
			    ull(present));
}

/* Blocks [from, below) have no System RAM: boot memory that firmware has reserved entirely. */
static void check_without_ram(struct views *v, uint64_t from, uint64_t below)
{
	for (struct hp_block *b = hp_block_next(v->hp, from); b && hp_block_id(b) < below;
	     b = hp_block_next(v->hp, hp_block_id(b) + 1)) {
		if (!has_boot_memory(v, hp_block_id(b)))
			views_wrong(v, "memory/ has block %llu, proc/iomem has not",
				    ull(hp_block_id(b)));
	}
}

/* @next: the first block after those read */
struct iomem {
	struct views *views;
	uint64_t next;
};

/* Each block of a range exists. */
static void take_iomem(const char *line, void *arg)
{
	struct iomem *iomem = arg;
	struct views *v = iomem->views;
	unsigned int shift = mm_config(v->mm)->page_shift;
	uint64_t start, end, size = block_pages(v) << shift;

	if (!strstr(line, "System RAM") || sscanf(line, " %" SCNx64 "-%" SCNx64, &start, &end) != 2)
		return;
	/* Partial pages are no memory. */
	start = BASE_ROUND_UP(start, 1ULL << shift);
	end = BASE_ROUND_DOWN(end + 1, 1ULL << shift) - 1;
	for (uint64_t id = start / size; !v->busy && start < end && id <= end / size; id++) {
		if (!hp_block_find(v->hp, id))
			views_wrong(v, "proc/iomem has memory of block %llu, memory/ has not",
				    ull(id));
	}
	check_without_ram(v, iomem->next, start / size);
	iomem->next = BASE_MAX(iomem->next, end / size + 1);
}

void views_check_iomem(struct views *v)
{
	struct iomem iomem = { .views = v };

	views_each_line(v->read(v->ctx, "proc/iomem"), take_iomem, &iomem);
	check_without_ram(v, iomem.next, UINT64_MAX);
}
