// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Saving and loading hotplug: blocks, groups, added memory, the map of addresses, and all settings
 * made by stores. No operation may be in progress, so there are no calls in it.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hp_private.h"

/* The kind of groups for base_save_keep(). */
#define KEPT_GROUP 0

bool hp_is_quiet(const struct hp *hp)
{
	return !hp->lock.holder && TAILQ_EMPTY(&hp->waiters) && !hp->onlining &&
	       TAILQ_EMPTY(&hp->late.events);
}

/* ---- groups ---------------------------------------------------------------------------------- */

#define GROUP_ROWS(ROW)                                                                            \
	ROW(NUMBER, nid)                                                                           \
	ROW(SKIP, place, "assigned while groups are saved or loaded")                              \
	ROW(NUMBER, is_dynamic)                                                                    \
	ROW(NUMBER, max_pages)                                                                     \
	ROW(NUMBER, unit_pages)                                                                    \
	ROW(NUMBER, present_kernel)                                                                \
	ROW(NUMBER, present_movable)                                                               \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(group_save, struct hp_group, struct hp, GROUP_ROWS)

static void hp_groups(struct base_save *s, struct hp *hp, void *ctx)
{
	struct hp_group *group;
	uint32_t place = 0;

	BASE_SAVE_TAILQ(s, &hp->groups, link, group_save, hp, hp_group_new_static(hp, 0, 0));
	TAILQ_FOREACH(group, &hp->groups, link) {
		group->place = ++place;
		if (base_save_loads(s))
			base_save_keep(s, KEPT_GROUP, place, group);
		if (group->is_dynamic && !group->unit_pages)
			base_save_fail(s, -EINVAL, "a group has units without pages");
	}
}

void hp_group_save(struct base_save *s, struct hp_group **group)
{
	uint64_t place = base_save_number(s, *group ? (*group)->place : 0);

	if (base_save_loads(s))
		*group = base_save_kept(s, KEPT_GROUP, place);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* @id: of the previous block */
struct block_context {
	uint64_t id;
};

static void block_group(struct base_save *s, struct hp_block *block, struct block_context *ctx)
{
	hp_group_save(s, &block->group);
}

static void block_nodes(struct base_save *s, struct hp_block *block, struct block_context *ctx)
{
	if (!base_save_below(s, block->nodes != NULL, 2))
		return;
	if (base_save_loads(s))
		block->nodes = calloc(1, sizeof(*block->nodes));
	if (block->nodes)
		base_save_mask(s, block->nodes);
	else
		base_save_fail(s, -ENOMEM, "out of memory");
}

#define BLOCK_ROWS(ROW)                                                                            \
	ROW(NEAR, id, ctx->id)                                                                     \
	ROW(NUMBER, serial)                                                                        \
	ROW(WITH, group, block_group)                                                              \
	ROW(WITH, nodes, block_nodes)                                                              \
	ROW(NUMBER, altmap_pages)                                                                  \
	ROW(NUMBER, nid)                                                                           \
	ROW(BELOW, state, HP_STATE_OFFLINE + 1)                                                    \
	ROW(BELOW, zone, MM_NR_ZONES + 1)                                                          \
	ROW(BELOW, remembered, HP_NR_TYPES)                                                        \
	ROW(NUMBER, offline)                                                                       \
	ROW(NUMBER, as_booted)
BASE_SAVE_STRUCT(block_save, struct hp_block, struct block_context, BLOCK_ROWS)

static struct hp_block *block_load(struct base_save *s, struct hp *hp, struct block_context *ctx)
{
	struct hp_block *block = calloc(1, sizeof(*block));

	if (!block) {
		base_save_fail(s, -ENOMEM, "out of memory");
		return NULL;
	}
	block_save(s, block, ctx);
	if (!s->error && (block->id < ctx->id || !mm_node_is_up(hp->mm, block->nid)))
		base_save_fail(s, -EINVAL, "a block is out of order or on no node");
	if (!s->error && base_map_insert(&hp->blocks, block->id, block))
		base_save_fail(s, -ENOMEM, "out of memory");
	if (!s->error)
		return block;
	free(block->nodes);
	free(block);
	return NULL;
}

static void hp_blocks(struct base_save *s, struct hp *hp, void *none)
{
	struct block_context ctx = { .id = 0 };
	struct hp_block *block;
	uint64_t nr = 0;

	base_save_mark(s, block_save_layout);
	if (base_save_loads(s)) {
		for (nr = base_save_count(s, 0); nr-- && (block = block_load(s, hp, &ctx));)
			ctx.id = block->id + 1;
		return;
	}
	for (block = hp_block_next(hp, 0); block; block = hp_block_next(hp, block->id + 1))
		nr++;
	base_save_count(s, nr);
	for (block = hp_block_next(hp, 0); block; block = hp_block_next(hp, block->id + 1)) {
		block_save(s, block, &ctx);
		ctx.id = block->id + 1;
	}
}

static void hp_groups_and_blocks(struct base_save *s, struct hp *hp, void *ctx)
{
	hp_groups(s, hp, ctx);
	hp_blocks(s, hp, ctx);
}

/* ---- added memory ---------------------------------------------------------------------------- */

static void range_memmap(struct base_save *s, struct hp_range *range, struct hp *hp)
{
	mm_holder_save(hp->mm, s, &range->memmap);
}

#define RANGE_ROWS(ROW)                                                                            \
	ROW(NUMBER, start)                                                                         \
	ROW(NUMBER, size)                                                                          \
	ROW(WITH, memmap, range_memmap)                                                            \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(range_save, struct hp_range, struct hp, RANGE_ROWS)

static struct hp_range *range_new(struct hp *hp)
{
	struct hp_range *range = calloc(1, sizeof(*range));

	if (range)
		TAILQ_INSERT_TAIL(&hp->ranges, range, link);
	return range;
}

static void hp_direct(struct base_save *s, struct hp *hp, void *ctx)
{
	hp->direct_map.bytes = base_save_number(s, hp->direct_map.bytes);
	hp->direct_map.giant_bytes = base_save_number(s, hp->direct_map.giant_bytes);
}

static void hp_ranges(struct base_save *s, struct hp *hp, void *ctx)
{
	BASE_SAVE_TAILQ(s, &hp->ranges, link, range_save, hp, range_new(hp));
}

/* ---- settings -------------------------------------------------------------------------------- */

#define PARAMS_ROWS(ROW)                                                                           \
	ROW(BELOW, auto_online, HP_NR_TYPES)                                                       \
	ROW(BELOW, policy, HP_NR_POLICIES)                                                         \
	ROW(NUMBER, auto_movable_ratio)                                                            \
	ROW(NUMBER, auto_movable_numa_aware)                                                       \
	ROW(BELOW, memmap_on_memory, HP_MEMMAP_FORCE + 1)                                          \
	ROW(NUMBER, movable_node)                                                                  \
	ROW(NUMBER, enable_soft_offline)                                                           \
	ROW(NUMBER, migrate_pages_per_ms)                                                          \
	ROW(BELOW, clock_rate_ppm, BASE_CLOCK_PPM_MAX + 1)
BASE_SAVE_STRUCT(params_save, struct hp_params, struct hp, PARAMS_ROWS)

static void hp_params_of(struct base_save *s, struct hp *hp, void *ctx)
{
	BASE_SAVE_ONE(s, params_save, &hp->params, hp);
	if (base_save_loads(s))
		hp_set_clock_rate(hp, hp->params.clock_rate_ppm);
}

#define FILTER_ROWS(ROW) ROW(NUMBERS, value)
BASE_SAVE_STRUCT(filter_save, struct hp_poison_filter, struct hp, FILTER_ROWS)

static void hp_filter(struct base_save *s, struct hp *hp, void *ctx)
{
	BASE_SAVE_ONE(s, filter_save, &hp->poison_filter, hp);
}

#define FAIL_ROWS(ROW)                                                                             \
	ROW(NUMBERS, value)                                                                        \
	ROW(NUMBER, count)                                                                         \
	ROW(NUMBER, nr_thrown)
BASE_SAVE_STRUCT(fail_save, struct hp_fail_alloc, struct hp, FAIL_ROWS)

static void hp_fail(struct base_save *s, struct hp *hp, void *ctx)
{
	BASE_SAVE_ONE(s, fail_save, &hp->fail_alloc, hp);
}

/* ---- the whole state ------------------------------------------------------------------------- */

#define HP_ROWS(ROW)                                                                               \
	ROW(SKIP, mm, "saved by mm_save()")                                                        \
	ROW(SKIP, config, "derived from the description")                                          \
	ROW(WITH, params, hp_params_of)                                                            \
	ROW(NUMBER, told_no_soft_offline)                                                          \
	ROW(SKIP, observer, "set by the layer above")                                              \
	ROW(SKIP, observer_ctx, "set by the layer above")                                          \
	ROW(SKIP, lock, "no call holds it or waits for it")                                        \
	ROW(SKIP, origin, "no call is in progress")                                                \
	ROW(SKIP, blocks, "saved with their groups")                                               \
	ROW(NUMBER, last_serial)                                                                   \
	ROW(MASK, nodes_online)                                                                    \
	ROW(WITH, groups, hp_groups_and_blocks)                                                    \
	ROW(WITH, ranges, hp_ranges)                                                               \
	ROW(WITH, direct_map, hp_direct)                                                           \
	ROW(SKIP, iomem, "saved by hp_resources_save(), once the names exist")                     \
	ROW(SKIP, notifiers, "saved by hp_notifier_save()")                                        \
	ROW(SKIP, boot_veto, "derived from the description")                                       \
	ROW(SKIP, injector, "registered when hp is created")                                       \
	ROW(NUMBERS, inject)                                                                       \
	ROW(WITH, poison_filter, hp_filter)                                                        \
	ROW(WITH, fail_alloc, hp_fail)                                                             \
	ROW(SKIP, fault, "set by the layer above")                                                 \
	ROW(SKIP, fault_ctx, "set by the layer above")                                             \
	ROW(SKIP, onlining, "no block is going online")                                            \
	ROW(NUMBER, max_pfn)                                                                       \
	ROW(NUMBER, seqnum)                                                                        \
	ROW(SKIP, late, "no uevent is late")                                                       \
	ROW(SKIP, offlining, "no block is going offline")                                          \
	ROW(SKIP, offlined_types, "used by requests only")                                         \
	ROW(SKIP, waiters, "no request is waiting")
BASE_SAVE_STRUCT(hp_save_rows, struct hp, void, HP_ROWS)

void hp_save(struct hp *hp, struct base_save *s)
{
	struct hp_notifier *notifier;
	uint32_t place = 0;

	TAILQ_FOREACH(notifier, &hp->notifiers, link)
		notifier->place = ++place;
	BASE_SAVE_ONE(s, hp_save_rows, hp, NULL);
}

void hp_notifier_save(struct hp *hp, struct base_save *s, struct hp_notifier *notifier)
{
	struct hp_notifier *before;

	notifier->place = (uint32_t)base_save_number(s, notifier->place);
	if (!base_save_loads(s))
		return;
	assert(notifier->name && notifier->call);
	TAILQ_FOREACH_REVERSE(before, &hp->notifiers, hp_notifiers, link) {
		if (before->place <= notifier->place)
			break;
	}
	if (before)
		TAILQ_INSERT_AFTER(&hp->notifiers, before, notifier, link);
	else
		TAILQ_INSERT_HEAD(&hp->notifiers, notifier, link);
}

/* ---- resources of /proc/iomem ---------------------------------------------------------------- */

#define MAX_NAMES 32
#define MAX_DEPTH 16

/*
 * @names: names of resources of a machine that has just booted, which have no claimant
 * @find: finds the other names
 */
struct resource_context {
	const char *names[MAX_NAMES];
	size_t nr_names;
	hp_resource_name_fn *find;
	void *find_ctx;
	unsigned int depth;
};

static void names_collect(struct resource_context *ctx, const struct hp_resource *parent)
{
	const struct hp_resource *res;

	TAILQ_FOREACH(res, &parent->children, link) {
		size_t i = 0;

		while (i < ctx->nr_names && strcmp(ctx->names[i], res->name))
			i++;
		if (i == ctx->nr_names && i < MAX_NAMES)
			ctx->names[ctx->nr_names++] = res->name;
		names_collect(ctx, res);
	}
}

static const char *name_find(const struct resource_context *ctx, uint64_t start, const char *text)
{
	const char *name = text ? ctx->find(ctx->find_ctx, start, text) : NULL;

	for (size_t i = 0; text && !name && i < ctx->nr_names; i++) {
		if (!strcmp(ctx->names[i], text))
			name = ctx->names[i];
	}
	return name;
}

/* Resources do not own their names, which are compared as pointers. */
static void resource_name(struct base_save *s, struct hp_resource *res,
			  struct resource_context *ctx)
{
	char *text = (char *)res->name;

	base_save_string(s, &text);
	if (!base_save_loads(s))
		return;
	res->name = name_find(ctx, res->start, text);
	if (!res->name) {
		base_save_fail(s, -EINVAL, "unknown memory range %.40s", text ? text : "nothing");
		res->name = "";
	}
	free(text);
}

static void resource_children(struct base_save *s, struct hp_resource *parent,
			      struct resource_context *ctx);

#define RESOURCE_ROWS(ROW)                                                                         \
	ROW(NUMBER, start)                                                                         \
	ROW(NEAR, end, x->start)                                                                   \
	ROW(WITH, name, resource_name)                                                             \
	ROW(NUMBER, busy)                                                                          \
	ROW(NUMBER, mergeable)                                                                     \
	ROW(WITH, children, resource_children)                                                     \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(resource_save, struct hp_resource, struct resource_context, RESOURCE_ROWS)

static void resource_children(struct base_save *s, struct hp_resource *parent,
			      struct resource_context *ctx)
{
	if (++ctx->depth > MAX_DEPTH)
		base_save_fail(s, -EINVAL, "ranges are nested too deeply");
	else
		BASE_SAVE_TAILQ(s, &parent->children, link, resource_save, ctx,
				hp_resource_child(parent));
	ctx->depth--;
}

void hp_resources_save(struct hp *hp, struct base_save *s, hp_resource_name_fn *find,
		       void *find_ctx)
{
	struct resource_context ctx = { .find = find, .find_ctx = find_ctx };

	if (base_save_loads(s)) {
		names_collect(&ctx, &hp->iomem);
		hp_resource_fini(hp);
	}
	resource_children(s, &hp->iomem, &ctx);
}
