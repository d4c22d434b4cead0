// SPDX-License-Identifier: GPL-2.0-or-later
/* Compares the engine with the model. */
#include "walk.h"

#include <string.h>

void walk_check(struct walk *w, bool ok, const char *text, const char *file, int line)
{
	if (!ok)
		seeds_fail(w->trial, file, line, "%s", text);
}

void walk_check_equal(struct walk *w, uint64_t got, uint64_t want, const char *what,
		      const char *file, int line)
{
	if (got != want)
		seeds_fail(w->trial, file, line, "%s: %lld, should be %lld", what, (long long)got,
			   (long long)want);
}

/* Held pages lie in memory that is online in a kernel zone; counts them by zone. */
static void check_holds(struct walk *w, uint64_t ret_held[MODEL_NODES][MM_NR_ZONES],
			uint64_t ret_reserved[MODEL_NODES][MM_NR_ZONES])
{
	uint64_t kernel = 0, wanted = mm_memmap_pages(w->e.mm), last = 0;
	struct mm_use held;

	for (uint64_t pfn = 0; mm_use_find(w->e.mm, pfn, UINT64_MAX, &held);
	     pfn = held.start_pfn + held.nr_pages) {
		uint64_t end = held.start_pfn + held.nr_pages - 1;
		enum mm_zone_type type = MM_NR_ZONES, end_type;
		int nid = MM_NODE_NONE, end_nid;

		if (held.kind == MM_KIND_HOLE)
			continue;
		CHECK(w, held.start_pfn >= last && held.nr_pages > 0);
		CHECK(w, model_page(&w->m, held.start_pfn, &nid, &type));
		CHECK(w, model_page(&w->m, end, &end_nid, &end_type));
		CHECK(w, nid == end_nid && type == end_type);
		CHECK(w, model_ram_page(&w->m, held.start_pfn) && model_ram_page(&w->m, end));
		last = end + 1;
		if (held.kind == MM_KIND_KERNEL || held.kind == MM_KIND_MEMMAP)
			kernel += held.nr_pages;
		else
			ret_reserved[nid][type] += held.nr_pages;
		ret_held[nid][type] += held.nr_pages;
	}
	for (int i = 0; i < WALK_HOLDS; i++)
		wanted += w->held[i];
	EQUAL(w, kernel, wanted);
}

static void check_zone(struct walk *w, int nid, enum mm_zone_type type, uint64_t held,
		       uint64_t reserved)
{
	const struct model_span *span = &w->m.zone[nid][type];
	struct mm_zone_info zone;

	mm_zone_info(w->e.mm, nid, type, &zone);
	EQUAL(w, zone.present, model_present(&w->m, nid, type, 0, UINT64_MAX));
	EQUAL(w, zone.present_early, model_early(&w->m, nid, type));
	EQUAL(w, zone.managed, zone.present - reserved);
	EQUAL(w, zone.free, zone.present - held);
	EQUAL(w, zone.start_pfn, span->start);
	EQUAL(w, zone.spanned, span->end - span->start);
	CHECK(w, zone.free <= zone.managed && zone.managed <= zone.present);
	CHECK(w, zone.present <= zone.spanned || !w->m.tidy);
	CHECK(w, zone.min <= zone.low && zone.low <= zone.high && zone.high <= zone.promo);
	for (int upper = 0; upper <= (int)type; upper++)
		EQUAL(w, zone.reserve[upper], 0);
}

static void check_nodes(struct walk *w)
{
	uint64_t held[MODEL_NODES][MM_NR_ZONES] = { 0 }, reserved[MODEL_NODES][MM_NR_ZONES] = { 0 };

	check_holds(w, held, reserved);
	for (int nid = 0; nid < MODEL_NODES; nid++) {
		uint64_t normal = model_present(&w->m, nid, MM_NR_ZONES, 0, UINT64_MAX);
		uint64_t all = normal + model_present(&w->m, nid, MM_ZONE_MOVABLE, 0, UINT64_MAX);

		for (int type = 0; type < MM_NR_ZONES; type++)
			check_zone(w, nid, type, held[nid][type], reserved[nid][type]);
		EQUAL(w, mm_node_spanned(w->e.mm, nid), w->m.node[nid].end - w->m.node[nid].start);
		EQUAL(w, base_mask_test(mm_nodes_with_memory(w->e.mm), (unsigned int)nid), all > 0);
		EQUAL(w, base_mask_test(mm_nodes_with_normal_memory(w->e.mm), (unsigned int)nid),
		      normal > 0);
		EQUAL(w, base_mask_test(hp_nodes_online(w->e.hp), (unsigned int)nid),
		      w->m.node_online[nid]);
		EQUAL(w, mm_node_is_up(w->e.mm, nid), w->m.node_online[nid]);
	}
}

static void check_block(struct walk *w, uint64_t id)
{
	static const enum hp_type types[] = { HP_ONLINE, HP_ONLINE_KERNEL, HP_ONLINE_MOVABLE };
	const struct model_block *want = &w->m.block[id];
	const struct hp_block *block = hp_block_find(w->e.hp, id);
	enum mm_zone_type zones[3], wanted[3];
	unsigned int nr = 0;

	EQUAL(w, block != NULL, want->exists);
	if (!block)
		return;
	EQUAL(w, hp_block_nid(block), want->nid);
	EQUAL(w, hp_block_is_online(block), want->online);
	EQUAL(w, hp_block_state(block), want->online ? HP_STATE_ONLINE : HP_STATE_OFFLINE);
	if (want->online) {
		wanted[nr] = want->zone;
		nr += want->zone != MM_NR_ZONES;
	} else {
		for (size_t i = 0; i < BASE_ARRAY_SIZE(types); i++) {
			wanted[nr] = model_zone(&w->m, id, types[i]);
			nr += !nr || wanted[nr] != wanted[0];
		}
	}
	EQUAL(w, hp_block_valid_zones(w->e.hp, block, zones), nr);
	for (unsigned int i = 0; i < nr; i++)
		EQUAL(w, zones[i], wanted[i]);
}

/* @end: where the next range may begin, by depth; @limit: where a range's children must end */
struct tree_check {
	struct walk *w;
	uint64_t end[8], limit[8];
	unsigned int depth, nr_ram;
};

static void check_resource(void *ctx, unsigned int depth, uint64_t start, uint64_t end,
			   const char *name)
{
	struct tree_check *t = ctx;

	CHECK(t->w, depth < 7 && depth <= t->depth + 1);
	CHECK(t->w, start <= end && start >= t->end[depth]);
	CHECK(t->w, !depth || end < t->limit[depth]);
	t->end[depth] = t->limit[depth + 1] = end + 1;
	t->end[depth + 1] = start;
	t->depth = depth;
	t->nr_ram += !strcmp(name, "System RAM");
}

void walk_check_all(struct walk *w)
{
	struct tree_check tree = { .w = w };
	uint64_t memmap = 0;

	assert_string_equal(*base_buf_text(&w->m.news) ? base_buf_text(&w->m.news) + 1 : "",
			    engine_news(&w->e));
	base_buf_reset(&w->m.news);
	check_nodes(w);
	for (uint64_t id = 0; id < MODEL_BLOCKS; id++)
		check_block(w, id);
	hp_resource_walk(w->e.hp, check_resource, &tree);
	EQUAL(w, tree.nr_ram, w->m.nr_boot + w->m.nr_adds);
	for (unsigned int i = 0; i < w->m.nr_adds; i++)
		memmap += model_memmap(&w->m, w->m.add[i].start, w->m.add[i].end);
	EQUAL(w, mm_memmap_pages(w->e.mm), memmap);
	EQUAL(w, hp_uevent_seqnum(w->e.hp), w->e.last_seqnum);
}

/* Whether a zone begins and ends with memory: at a hole, shrinking goes beyond it. */
static bool has_firm_edges(const struct walk *w, int nid, int type, const struct mm_zone_info *zone)
{
	enum mm_zone_type first, last;
	int first_nid, last_nid;

	if (!zone->spanned)
		return true;
	return w->m.tidy && model_page(&w->m, zone->start_pfn, &first_nid, &first) &&
	       model_page(&w->m, zone->start_pfn + zone->spanned - 1, &last_nid, &last) &&
	       first_nid == nid && (int)first == type && last_nid == nid && (int)last == type;
}

/* Untouched boot memory is unchanged. */
static void check_untouched(struct walk *w)
{
	for (int nid = 0; nid < MODEL_NODES; nid++) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			const struct mm_zone_info *boot = &w->boot_zone[nid][type];
			struct mm_zone_info now;

			mm_zone_info(w->e.mm, nid, type, &now);
			EQUAL(w, now.present, boot->present);
			EQUAL(w, now.managed, boot->managed);
			EQUAL(w, now.free, boot->free);
			if (!has_firm_edges(w, nid, type, boot))
				continue;
			EQUAL(w, now.start_pfn, boot->start_pfn);
			EQUAL(w, now.spanned, boot->spanned);
		}
	}
}

/* Memory that can be added or onlined again is complete. */
void walk_check_end(struct walk *w)
{
	DOING(w, "the end");
	EQUAL(w, w->m.nr_adds, 0);
	EQUAL(w, mm_memmap_pages(w->e.mm), 0);
	for (uint64_t id = 0; id < MODEL_BLOCKS; id++) {
		EQUAL(w, hp_block_find(w->e.hp, id) != NULL, w->m.block[id].boot);
		if (w->m.block[id].boot && !w->m.block[id].online)
			EQUAL(w, engine_state(&w->e, id, HP_ONLINE_KERNEL),
			      model_store_state(&w->m, id, HP_ONLINE_KERNEL, w->e.mm));
	}
	walk_check_all(w);
	EQUAL(w, mm_total_managed(w->e.mm), w->boot_managed);
	EQUAL(w, mm_total_free(w->e.mm), w->boot_managed);
	if (!w->touch_boot)
		check_untouched(w);
}
