// SPDX-License-Identifier: GPL-2.0-or-later
/* Expected results and effects of calls. */
#include "model_private.h"

#include <errno.h>

/* ---- operations on blocks ------------------------------------------------------------------- */

static int vetoed(const struct model *m, enum hp_action action)
{
	if (action == HP_GOING_ONLINE && m->inject[HP_INJECT_GOING_ONLINE])
		return m->inject[HP_INJECT_GOING_ONLINE];
	if (action == HP_GOING_OFFLINE && m->inject[HP_INJECT_GOING_OFFLINE])
		return m->inject[HP_INJECT_GOING_OFFLINE];
	return (int)action == m->veto_action ? m->veto : 0;
}

static void group_count(struct model_block *b, enum mm_zone_type zone, int64_t pages)
{
	if (!b->group)
		return;
	if (zone == MM_ZONE_MOVABLE)
		b->group->movable += (uint64_t)pages;
	else
		b->group->kernel += (uint64_t)pages;
}

int model_device_online(struct model *m, uint64_t id)
{
	struct model_block *b = &m->block[id];
	uint64_t start = id * m->block_pages, end = start + m->block_pages;
	enum mm_zone_type zone = model_zone(m, id, b->remembered ? b->remembered : HP_ONLINE);
	int ret;

	if (b->online)
		return 1;
	b->remembered = HP_OFFLINE;
	ret = vetoed(m, HP_PREPARE_ONLINE);
	if (ret)
		return ret;
	model_span_grow(&m->zone[b->nid][zone], start, end);
	model_span_grow(&m->node[b->nid], start, end);
	ret = vetoed(m, HP_GOING_ONLINE);
	if (ret) {
		model_zone_shrink(m, b->nid, zone, start, end);
		return ret;
	}
	b->online = true;
	b->zone = zone;
	group_count(b, zone, (int64_t)m->block_pages);
	base_buf_printf(&m->news, " online@memory%llu", (unsigned long long)id);
	return 0;
}

/* The first pages in use; no held page can migrate here. */
static bool held_for_good(const struct mm *mm, uint64_t start, uint64_t end,
			  struct mm_use *ret_held)
{
	return mm_use_find(mm, start, end, ret_held);
}

int model_device_offline(struct model *m, uint64_t id, const struct mm *mm)
{
	struct model_block *b = &m->block[id];
	uint64_t start = id * m->block_pages, end = start + m->block_pages;
	enum mm_zone_type zone = b->zone;
	struct mm_use held;
	bool stuck;
	int ret;

	if (!b->online)
		return 1;
	if (zone == MM_NR_ZONES || !b->whole_ram)
		return -EINVAL;
	/* Isolation does not check for kernel pages in Movable. */
	stuck = held_for_good(mm, start, end, &held);
	if (stuck && (zone != MM_ZONE_MOVABLE || held.kind == MM_KIND_RESERVED))
		return -EBUSY;
	if (m->config.guard_boot && b->boot)
		return -EPERM;
	ret = vetoed(m, HP_GOING_OFFLINE);
	if (ret)
		return ret;
	if (stuck)
		return -EINTR;
	b->online = false;
	b->pristine = false;
	b->zone = MM_NR_ZONES;
	group_count(b, zone, -(int64_t)m->block_pages);
	model_zone_shrink(m, b->nid, zone, start, end);
	base_buf_printf(&m->news, " offline@memory%llu", (unsigned long long)id);
	return 0;
}

int model_store_state(struct model *m, uint64_t id, enum hp_type type, const struct mm *mm)
{
	int ret;

	if (type == HP_OFFLINE) {
		ret = model_device_offline(m, id, mm);
	} else {
		m->block[id].remembered = type;
		ret = model_device_online(m, id);
	}
	return ret > 0 ? -EINVAL : ret;
}

int model_store_online(struct model *m, uint64_t id, bool online, const struct mm *mm)
{
	int ret = online ? model_device_online(m, id) : model_device_offline(m, id, mm);

	return ret > 0 ? 0 : ret;
}

/* ---- adding and removing memory ------------------------------------------------------------- */

static bool range_is_free(const struct model *m, uint64_t start, uint64_t end)
{
	if (end > 1ULL << m->config.phys_bits)
		return false;
	for (unsigned int i = 0; i < m->nr_boot; i++) {
		if (model_overlap(start, end, m->boot[i].start, m->boot[i].end))
			return false;
	}
	for (unsigned int i = 0; i < m->nr_adds; i++) {
		if (model_overlap(start, end, m->add[i].start, m->add[i].end))
			return false;
	}
	for (unsigned int i = 0; i < m->nr_windows; i++) {
		const struct model_span *w = &m->windows[i];

		if (model_overlap(start, end, w->start, w->end) &&
		    (start < w->start || end > w->end))
			return false;
	}
	return true;
}

static int add_check(const struct model *m, uint64_t start, uint64_t end, int nid,
		     const struct mm *mm)
{
	uint64_t block = m->config.block_size, memmap;

	if (start >= end || end > 1ULL << 46)
		return -E2BIG;
	if (!range_is_free(m, start, end))
		return -EEXIST;
	if (start % block || end % block || nid < 0 || nid >= MODEL_NODES)
		return -EINVAL;
	memmap = model_memmap(m, start, end);
	if (model_kernel_room(m, mm, model_boot_pfns(m, m->nr_boot - 1).end) < memmap)
		return -ENOMEM;
	return 0;
}

int model_add_memory(struct model *m, uint64_t start, uint64_t size, int nid,
		     struct model_group *group, const struct mm *mm)
{
	uint64_t end = start + size, block = m->config.block_size;
	int ret;

	nid = group ? group->nid : nid;
	ret = add_check(m, start, end, nid, mm);
	if (ret)
		return ret;
	m->add[m->nr_adds++] = (struct model_add){ start, end, group };
	for (uint64_t id = start / block; id < end / block; id++) {
		m->block[id] = (struct model_block){
			.exists = true,
			.whole_ram = true,
			.nid = nid,
			.zone = MM_NR_ZONES,
			.group = group,
		};
		base_buf_printf(&m->news, " +memory%llu add@memory%llu", (unsigned long long)id,
				(unsigned long long)id);
	}
	if (!m->node_online[nid])
		base_buf_printf(&m->news, " +node%d add@node%d", nid, nid);
	m->node_online[nid] = true;
	if (m->params.auto_online == HP_OFFLINE)
		return 0;
	for (uint64_t id = start / block; id < end / block; id++) {
		m->block[id].remembered = m->params.auto_online;
		if (model_device_online(m, id))
			break;
	}
	return 0;
}

int model_remove_memory(struct model *m, unsigned int i)
{
	uint64_t first = m->add[i].start / m->config.block_size;
	uint64_t end = m->add[i].end / m->config.block_size;
	int nid = m->block[first].nid;

	for (uint64_t id = first; id < end; id++) {
		if (m->block[id].online)
			return -EBUSY;
	}
	for (uint64_t id = first; id < end; id++) {
		m->block[id] = (struct model_block){ .zone = MM_NR_ZONES };
		base_buf_printf(&m->news, " remove@memory%llu -memory%llu", (unsigned long long)id,
				(unsigned long long)id);
	}
	m->add[i] = m->add[--m->nr_adds];
	for (uint64_t id = 0; id < MODEL_BLOCKS; id++) {
		if (m->block[id].exists && m->block[id].nid == nid)
			return 0;
	}
	if (m->node[nid].end || m->node_cpu[nid])
		return 0;
	m->node_online[nid] = false;
	base_buf_printf(&m->news, " remove@node%d -node%d", nid, nid);
	return 0;
}
