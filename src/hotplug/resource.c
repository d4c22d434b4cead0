// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tree of physical address ranges behind /proc/iomem (the kernel's kernel/resource.c). The
 * range of memory to be added must be free, or inside one range that is not busy.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hp_private.h"

#define SYSTEM_RAM "System RAM"

void hp_resource_init(struct hp *hp)
{
	unsigned int bits = hp->config.phys_bits;

	TAILQ_INIT(&hp->iomem.children);
	hp->iomem.name = "PCI mem";
	hp->iomem.end = bits < 64 ? (1ULL << bits) - 1 : UINT64_MAX;
}

static void resource_free_children(struct hp_resource *parent)
{
	struct hp_resource *res;

	while ((res = TAILQ_FIRST(&parent->children))) {
		TAILQ_REMOVE(&parent->children, res, link);
		resource_free_children(res);
		free(res);
	}
}

void hp_resource_fini(struct hp *hp)
{
	resource_free_children(&hp->iomem);
}

static struct hp_resource *resource_new(uint64_t start, uint64_t end, const char *name, bool busy)
{
	struct hp_resource *res = calloc(1, sizeof(*res));

	if (!res)
		return NULL;
	*res = (struct hp_resource){ .start = start, .end = end, .name = name, .busy = busy };
	TAILQ_INIT(&res->children);
	return res;
}

struct hp_resource *hp_resource_child(struct hp_resource *parent)
{
	struct hp_resource *res = resource_new(0, 0, NULL, false);

	if (res)
		TAILQ_INSERT_TAIL(&parent->children, res, link);
	return res;
}

/* The first child of @parent that overlaps [start, end]; NULL with @ret_before when none does. */
static struct hp_resource *resource_conflict(struct hp_resource *parent, uint64_t start,
					     uint64_t end, struct hp_resource **ret_before)
{
	struct hp_resource *child = TAILQ_LAST(&parent->children, hp_resources);

	*ret_before = NULL;
	/* standby memory is added block by block, each after the last */
	if (!child || child->end < start)
		return NULL;
	TAILQ_FOREACH(child, &parent->children, link) {
		if (child->start > end)
			break;
		if (child->end >= start)
			return child;
	}
	*ret_before = child;
	return NULL;
}

static void resource_link(struct hp_resource *parent, struct hp_resource *before,
			  struct hp_resource *res)
{
	if (before)
		TAILQ_INSERT_BEFORE(before, res, link);
	else
		TAILQ_INSERT_TAIL(&parent->children, res, link);
}

int hp_resource_insert(struct hp *hp, uint64_t start, uint64_t end, const char *name, bool busy)
{
	struct hp_resource *parent = &hp->iomem, *res, *child, *next, *before = NULL;

	while ((child = resource_conflict(parent, start, end, &before)) && child->start <= start &&
	       child->end >= end)
		parent = child;
	for (next = child; next && next->start <= end; next = TAILQ_NEXT(next, link)) {
		if (next->start < start || next->end > end)
			return -EBUSY;
	}
	res = resource_new(start, end, name, busy);
	if (!res)
		return -ENOMEM;
	for (; child && child->start <= end; child = next) {
		next = TAILQ_NEXT(child, link);
		TAILQ_REMOVE(&parent->children, child, link);
		TAILQ_INSERT_TAIL(&res->children, child, link);
		before = next;
	}
	resource_link(parent, before, res);
	return 0;
}

int hp_resource_request(struct hp *hp, uint64_t start, uint64_t size, const char *name)
{
	struct hp_resource *parent = &hp->iomem, *before, *conflict, *res;
	uint64_t end = start + size - 1;

	for (;;) {
		if (start < parent->start || end > parent->end)
			return -EEXIST;
		conflict = resource_conflict(parent, start, end, &before);
		if (!conflict)
			break;
		if (conflict->busy)
			return -EEXIST;
		parent = conflict;
	}
	res = resource_new(start, end, name, true);
	if (!res)
		return -ENOMEM;
	resource_link(parent, before, res);
	return 0;
}

const struct hp_resource *hp_resource_busy(const struct hp *hp, uint64_t start, uint64_t size)
{
	const struct hp_resource *parent = &hp->iomem;
	uint64_t end = start + size - 1;

	while (start >= parent->start && end <= parent->end) {
		struct hp_resource *before;
		const struct hp_resource *conflict =
			resource_conflict((struct hp_resource *)parent, start, end, &before);

		if (!conflict || conflict->busy)
			return conflict;
		parent = conflict;
	}
	return parent;
}

static void resource_remove(struct hp_resource *parent, struct hp_resource *res)
{
	TAILQ_REMOVE(&parent->children, res, link);
	resource_free_children(res);
	free(res);
}

/* Whether a resource can shrink to [start, end], which must include its children. */
static bool resource_fits(const struct hp_resource *res, uint64_t start, uint64_t end)
{
	const struct hp_resource *child;

	TAILQ_FOREACH(child, &res->children, link) {
		if (child->start < start || child->end > end)
			return false;
	}
	return true;
}

/* Cuts [start, end] out of the resource around it (release_mem_region_adjustable()). */
static void resource_cut(struct hp_resource *parent, struct hp_resource *res, uint64_t start,
			 uint64_t end)
{
	struct hp_resource *high;

	if (res->start == start && res->end == end) {
		resource_remove(parent, res);
	} else if (res->start == start) {
		if (resource_fits(res, end + 1, res->end))
			res->start = end + 1;
	} else if (!resource_fits(res, res->start, start - 1)) {
		return;
	} else if (res->end == end) {
		res->end = start - 1;
	} else {
		high = resource_new(end + 1, res->end, res->name, true);
		if (!high)
			return;
		high->mergeable = res->mergeable;
		res->end = start - 1;
		TAILQ_INSERT_AFTER(&parent->children, res, high, link);
	}
}

void hp_resource_release(struct hp *hp, uint64_t start, uint64_t size)
{
	struct hp_resource *parent = &hp->iomem, *before, *res;
	uint64_t end = start + size - 1;

	while ((res = resource_conflict(parent, start, end, &before))) {
		if (res->busy && res->start <= start && res->end >= end) {
			resource_cut(parent, res, start, end);
			return;
		}
		parent = res;
	}
}

static bool resource_joins(const struct hp_resource *low, const struct hp_resource *high)
{
	return low && high && low->mergeable && high->mergeable && low->name == high->name &&
	       low->end + 1 == high->start && TAILQ_EMPTY(&low->children) &&
	       TAILQ_EMPTY(&high->children);
}

void hp_resource_merge(struct hp *hp, uint64_t start, uint64_t size)
{
	struct hp_resource *parent = &hp->iomem, *before, *res, *next, *prev;
	uint64_t end = start + size - 1;

	while ((res = resource_conflict(parent, start, end, &before)) && !res->busy)
		parent = res;
	if (!res)
		return;
	res->mergeable = true;
	next = TAILQ_NEXT(res, link);
	if (resource_joins(res, next)) {
		res->end = next->end;
		resource_remove(parent, next);
	}
	prev = TAILQ_PREV(res, hp_resources, link);
	if (resource_joins(prev, res)) {
		prev->end = res->end;
		resource_remove(parent, res);
	}
}

int hp_resource_reserve(struct hp *hp, uint64_t start, uint64_t size, const char *name)
{
	struct hp_resource *parent = &hp->iomem, *before, *res;
	int ret = hp_resource_request(hp, start, size, name);

	if (ret)
		return ret;
	while ((res = resource_conflict(parent, start, start + size - 1, &before)) && !res->busy)
		parent = res;
	res->busy = false;
	return 0;
}

void hp_resource_unreserve(struct hp *hp, uint64_t start, uint64_t size, const char *name)
{
	struct hp_resource *parent = &hp->iomem, *before, *res;

	while ((res = resource_conflict(parent, start, start + size - 1, &before))) {
		if (res->name == name) {
			resource_remove(parent, res);
			return;
		}
		parent = res;
	}
}

static uint64_t resource_ram_pages(const struct hp_resource *parent, uint64_t start, uint64_t end,
				   unsigned int shift)
{
	const struct hp_resource *res;
	uint64_t pages = 0;

	TAILQ_FOREACH(res, &parent->children, link) {
		uint64_t from = BASE_MAX(res->start, start), to = BASE_MIN(res->end + 1, end);

		if (from >= to)
			continue;
		if (strncmp(res->name, SYSTEM_RAM, strlen(SYSTEM_RAM))) {
			pages += resource_ram_pages(res, start, end, shift);
			continue;
		}
		from = BASE_ROUND_UP(from, 1ULL << shift);
		to = BASE_ROUND_DOWN(to, 1ULL << shift);
		if (from < to)
			pages += (to - from) >> shift;
	}
	return pages;
}

bool hp_resource_is_ram(const struct hp *hp, uint64_t start, uint64_t size)
{
	unsigned int shift = mm_config(hp->mm)->page_shift;

	return resource_ram_pages(&hp->iomem, start, start + size, shift) == size >> shift;
}

static void resource_walk(const struct hp_resource *parent, unsigned int depth, hp_resource_fn *fn,
			  void *ctx)
{
	const struct hp_resource *res;

	TAILQ_FOREACH(res, &parent->children, link) {
		fn(ctx, depth, res->start, res->end, res->name);
		resource_walk(res, depth + 1, fn, ctx);
	}
}

void hp_resource_walk(const struct hp *hp, hp_resource_fn *fn, void *ctx)
{
	resource_walk(&hp->iomem, 0, fn, ctx);
}
