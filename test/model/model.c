// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boot memory, pages, spans and the choice of zones.
 */
#include "model_private.h"

#define SUBSECTION_BYTES MIB(2)

bool model_overlap(uint64_t a_start, uint64_t a_end, uint64_t b_start, uint64_t b_end)
{
	return a_start < b_end && b_start < a_end;
}

static uint64_t common(uint64_t a_start, uint64_t a_end, uint64_t b_start, uint64_t b_end)
{
	uint64_t start = BASE_MAX(a_start, b_start), end = BASE_MIN(a_end, b_end);

	return start < end ? end - start : 0;
}

struct model_span model_boot_pfns(const struct model *m, unsigned int i)
{
	return (struct model_span){ (m->boot[i].start + m->page - 1) / m->page,
				    m->boot[i].end / m->page };
}

static enum mm_zone_type boot_zone(const struct model *m, uint64_t pfn)
{
	if (pfn < m->dma_end)
		return MM_ZONE_DMA;
	return pfn < m->dma32_end ? MM_ZONE_DMA32 : MM_ZONE_NORMAL;
}

bool model_ram_page(const struct model *m, uint64_t pfn)
{
	for (unsigned int i = 0; i < m->nr_boot; i++) {
		struct model_span r = model_boot_pfns(m, i);

		if (pfn >= r.start && pfn < r.end)
			return true;
	}
	return !m->block[pfn / m->block_pages].boot;
}

static bool early_subsection(const struct model *m, uint64_t pfn)
{
	uint64_t nr = SUBSECTION_BYTES / m->page, first = pfn / nr * nr;

	for (unsigned int i = 0; i < m->nr_boot; i++) {
		struct model_span r = model_boot_pfns(m, i);

		if (model_overlap(r.start, r.end, first, first + nr))
			return true;
	}
	return false;
}

/* Struct pages in holes are those of the next memory, those above all memory those of the last. */
static bool boot_page(const struct model *m, uint64_t pfn, int *ret_nid,
		      enum mm_zone_type *ret_type)
{
	struct model_span last = model_boot_pfns(m, m->nr_boot - 1);

	if (!early_subsection(m, pfn))
		return false;
	for (unsigned int i = 0; i < m->nr_boot; i++) {
		struct model_span r = model_boot_pfns(m, i);

		if (pfn >= r.end)
			continue;
		*ret_nid = m->boot[i].nid;
		*ret_type = boot_zone(m, BASE_MAX(pfn, r.start));
		return true;
	}
	*ret_nid = m->boot[m->nr_boot - 1].nid;
	*ret_type = boot_zone(m, last.end - 1);
	return true;
}

bool model_page(const struct model *m, uint64_t pfn, int *ret_nid, enum mm_zone_type *ret_type)
{
	uint64_t id = pfn / m->block_pages;

	if (id >= MODEL_BLOCKS || !m->block[id].exists || !m->block[id].online)
		return false;
	if (m->block[id].pristine)
		return boot_page(m, pfn, ret_nid, ret_type);
	*ret_nid = m->block[id].nid;
	*ret_type = m->block[id].zone;
	return true;
}

/* Boot memory of a zone in [start, end); MM_NR_ZONES: of all zones. */
static uint64_t boot_present(const struct model *m, int nid, int type, uint64_t start, uint64_t end)
{
	uint64_t pages = 0, low = 0, high = UINT64_MAX;

	if (type == MM_ZONE_DMA || type == MM_ZONE_DMA32)
		high = type == MM_ZONE_DMA ? m->dma_end : m->dma32_end;
	if (type == MM_ZONE_DMA32 || type == MM_ZONE_NORMAL)
		low = type == MM_ZONE_DMA32 ? m->dma_end : m->dma32_end;
	if (type == MM_ZONE_MOVABLE || type == MM_ZONE_DEVICE || low >= high)
		return 0;
	start = BASE_MAX(start, low);
	end = BASE_MIN(end, high);
	for (unsigned int i = 0; i < m->nr_boot; i++) {
		struct model_span r = model_boot_pfns(m, i);

		if (nid == MM_NODE_NONE || m->boot[i].nid == nid)
			pages += common(r.start, r.end, start, end);
	}
	return pages;
}

uint64_t model_present(const struct model *m, int nid, int type, uint64_t start, uint64_t end)
{
	uint64_t pages = 0;

	for (uint64_t id = 0; id < MODEL_BLOCKS; id++) {
		const struct model_block *b = &m->block[id];
		uint64_t from = id * m->block_pages, to = from + m->block_pages;

		if (!b->exists || !b->online || !model_overlap(from, to, start, end))
			continue;
		from = BASE_MAX(from, start);
		to = BASE_MIN(to, end);
		if (b->pristine)
			pages += boot_present(m, nid, BASE_MIN(type, MM_NR_ZONES), from, to);
		else if ((nid == MM_NODE_NONE || b->nid == nid) &&
			 (type == MODEL_ALL_ZONES ||
			  (type == MM_NR_ZONES ? b->zone <= MM_ZONE_NORMAL : (int)b->zone == type)))
			pages += to - from;
	}
	return pages;
}

uint64_t model_early(const struct model *m, int nid, enum mm_zone_type type)
{
	uint64_t pages = 0;

	for (uint64_t id = 0; id < MODEL_BLOCKS; id++) {
		if (m->block[id].boot)
			pages += model_present(m, nid, type, id * m->block_pages,
					       (id + 1) * m->block_pages);
	}
	return pages;
}

uint64_t model_free_pages(const struct model *m, const struct mm *mm, uint64_t start, uint64_t end,
			  int nid, int type)
{
	uint64_t pages = model_present(m, nid, type, start, end);
	struct mm_use held;

	for (uint64_t pfn = start; mm_use_find(mm, pfn, end, &held);
	     pfn = held.start_pfn + held.nr_pages) {
		enum mm_zone_type held_type;
		int held_nid;

		if (held.kind != MM_KIND_HOLE &&
		    model_page(m, held.start_pfn, &held_nid, &held_type) &&
		    (nid == MM_NODE_NONE || held_nid == nid) &&
		    (type == MODEL_ALL_ZONES || (int)held_type == type))
			pages -= common(held.start_pfn, held.start_pfn + held.nr_pages, start, end);
	}
	return pages;
}

uint64_t model_kernel_room(const struct model *m, const struct mm *mm, uint64_t end)
{
	uint64_t pages = 0;

	for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1)) {
		for (int type = 0; type <= MM_ZONE_NORMAL; type++) {
			uint64_t free = model_free_pages(m, mm, 0, end, nid, type), keep;
			struct mm_zone_info zone;

			mm_zone_info(mm, nid, type, &zone);
			keep = zone.min + zone.reserve[MM_ZONE_NORMAL];
			if (zone.free > keep)
				pages += BASE_MIN(free, zone.free - keep);
		}
	}
	return pages;
}

/* ---- spans ---------------------------------------------------------------------------------- */

void model_span_grow(struct model_span *span, uint64_t start, uint64_t end)
{
	if (span->start == span->end) {
		*span = (struct model_span){ start, end };
		return;
	}
	span->start = BASE_MIN(span->start, start);
	span->end = BASE_MAX(span->end, end);
}

/* Removes an offlined range from the zone: page by page of the subsections. */
void model_zone_shrink(struct model *m, int nid, enum mm_zone_type zone, uint64_t start,
		       uint64_t end)
{
	struct model_span *span = &m->zone[nid][zone];
	uint64_t step = SUBSECTION_BYTES / m->page, pfn;
	enum mm_zone_type type;
	int page_nid;

	if (span->start == start) {
		for (pfn = end; pfn < span->end; pfn += step) {
			if (model_page(m, pfn, &page_nid, &type) && page_nid == nid && type == zone)
				break;
		}
		span->start = pfn;
		if (pfn >= span->end)
			*span = (struct model_span){ 0, 0 };
	} else if (span->end == end) {
		for (pfn = start; pfn > span->start; pfn -= BASE_MIN(step, pfn)) {
			if (model_page(m, pfn - 1, &page_nid, &type) && page_nid == nid &&
			    type == zone)
				break;
		}
		span->end = pfn;
		if (pfn <= span->start)
			*span = (struct model_span){ 0, 0 };
	}
	m->node[nid] = (struct model_span){ 0, 0 };
	for (int t = 0; t < MM_NR_ZONES; t++) {
		if (m->zone[nid][t].end)
			model_span_grow(&m->node[nid], m->zone[nid][t].start, m->zone[nid][t].end);
	}
}

/* ---- boot ----------------------------------------------------------------------------------- */

static void boot_spans(struct model *m)
{
	for (unsigned int i = 0; i < m->nr_boot; i++) {
		struct model_span r = model_boot_pfns(m, i);

		model_span_grow(&m->node[m->boot[i].nid], r.start, r.end);
		m->node_online[m->boot[i].nid] = true;
	}
	for (int nid = 0; nid < MODEL_NODES; nid++) {
		const uint64_t limit[] = { 0, m->dma_end, m->dma32_end, UINT64_MAX };

		for (int type = 0; type <= MM_ZONE_NORMAL; type++) {
			uint64_t start = BASE_MAX(m->node[nid].start, limit[type]);
			uint64_t end = BASE_MIN(m->node[nid].end, limit[type + 1]);

			if (start < end)
				m->zone[nid][type] = (struct model_span){ start, end };
		}
		m->node_online[nid] |= m->node_cpu[nid];
	}
}

/* The zone of a boot block that is in one zone of one node: judged by spans of zones with pages. */
static enum mm_zone_type boot_block_zone(const struct model *m, uint64_t start, uint64_t end,
					 int *ret_nid)
{
	enum mm_zone_type zone = MM_NR_ZONES;
	unsigned int nodes = 0, zones = 0;

	for (int nid = 0; nid < MODEL_NODES; nid++) {
		if (!boot_present(m, nid, MM_NR_ZONES, start, end))
			continue;
		nodes++;
		*ret_nid = nid;
		for (int type = 0; type <= MM_ZONE_NORMAL; type++) {
			const struct model_span *span = &m->zone[nid][type];

			if (!model_overlap(span->start, span->end, start, end) ||
			    !boot_present(m, nid, type, 0, UINT64_MAX))
				continue;
			zones++;
			zone = type;
		}
	}
	return nodes == 1 && zones == 1 ? zone : MM_NR_ZONES;
}

void model_init(struct model *m)
{
	m->page = 1ULL << m->config.page_shift;
	m->block_pages = m->config.block_size / m->page;
	m->dma_end = m->config.dma_end / m->page;
	m->dma32_end = m->config.dma32_end / m->page;
	m->veto_action = -1;
	base_buf_init(&m->news);
	boot_spans(m);
	for (uint64_t id = 0; id < MODEL_BLOCKS; id++) {
		uint64_t start = id * m->block_pages, end = start + m->block_pages;
		struct model_block *b = &m->block[id];

		b->zone = MM_NR_ZONES;
		if (!boot_present(m, MM_NODE_NONE, MM_NR_ZONES, start, end))
			continue;
		b->exists = b->online = b->boot = b->pristine = true;
		b->whole_ram = boot_present(m, MM_NODE_NONE, MM_NR_ZONES, start, end) ==
			       m->block_pages;
		b->zone = boot_block_zone(m, start, end, &b->nid);
	}
}

void model_fini(struct model *m)
{
	base_buf_fini(&m->news);
}

/* ---- zones ---------------------------------------------------------------------------------- */

static bool in_zone(const struct model *m, int nid, enum mm_zone_type type, uint64_t start,
		    uint64_t nr)
{
	return model_overlap(m->zone[nid][type].start, m->zone[nid][type].end, start, start + nr);
}

static enum mm_zone_type kernel_zone(const struct model *m, int nid, uint64_t start, uint64_t nr)
{
	if (in_zone(m, nid, MM_ZONE_DMA, start, nr))
		return MM_ZONE_DMA;
	return in_zone(m, nid, MM_ZONE_DMA32, start, nr) ? MM_ZONE_DMA32 : MM_ZONE_NORMAL;
}

static bool ratio_holds(const struct model *m, int nid, uint64_t more)
{
	uint64_t kernel = 0, movable = 0;

	for (int n = 0; n < MODEL_NODES; n++) {
		if (nid != MM_NODE_NONE && n != nid)
			continue;
		kernel += model_early(m, n, MM_ZONE_DMA) + model_early(m, n, MM_ZONE_DMA32) +
			  model_early(m, n, MM_ZONE_NORMAL);
		movable += model_present(m, n, MM_ZONE_MOVABLE, 0, UINT64_MAX);
	}
	return kernel && movable + more <= m->params.auto_movable_ratio * kernel / 100;
}

static enum mm_zone_type auto_movable(const struct model *m, int nid, const struct model_group *g,
				      uint64_t start)
{
	uint64_t more = g ? g->max_pages - g->movable : m->block_pages;

	if (!m->params.auto_movable_ratio || (g && g->kernel))
		return kernel_zone(m, nid, start, m->block_pages);
	if (ratio_holds(m, MM_NODE_NONE, more) &&
	    (!m->params.auto_movable_numa_aware || ratio_holds(m, nid, more)))
		return MM_ZONE_MOVABLE;
	return kernel_zone(m, nid, start, more);
}

enum mm_zone_type model_zone(const struct model *m, uint64_t id, enum hp_type type)
{
	const struct model_block *b = &m->block[id];
	uint64_t start = id * m->block_pages;
	enum mm_zone_type kernel = kernel_zone(m, b->nid, start, m->block_pages);
	bool in_kernel = in_zone(m, b->nid, kernel, start, m->block_pages);
	bool in_movable = in_zone(m, b->nid, MM_ZONE_MOVABLE, start, m->block_pages);

	if (type == HP_ONLINE_MOVABLE)
		return MM_ZONE_MOVABLE;
	if (type == HP_ONLINE_KERNEL)
		return kernel;
	if (m->params.policy == HP_POLICY_AUTO_MOVABLE)
		return auto_movable(m, b->nid, b->group, start);
	if (in_kernel && !in_movable)
		return kernel;
	if (in_movable && !in_kernel)
		return MM_ZONE_MOVABLE;
	return m->params.movable_node ? MM_ZONE_MOVABLE : kernel;
}

uint64_t model_memmap(const struct model *m, uint64_t start, uint64_t end)
{
	uint64_t section = m->config.section_size;

	return (end - start) / section * ((section / m->page * 64 + m->page - 1) / m->page);
}
