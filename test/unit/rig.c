/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations on a machine of which each allocation fails once; see rig.h. */
#include <errno.h>

#include "rig.h"

#define MS 1000000ULL

void rig_init(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	assert_int_equal(machine_spec_default(&rig->spec), 0);
	rig->clock = base_vclock_new();
	assert_non_null(rig->clock);
	assert_int_equal(machine_new(rig->spec, rig->clock, &rig->machine), 0);
	rig->mm = machine_mm(rig->machine);
	rig->hp = machine_hp(rig->machine);
}

void rig_fini(struct rig *rig)
{
	for (unsigned int i = 0; i < rig->nr_workloads; i++)
		machine_workload_free(rig->machine, rig->workload[i]);
	machine_free(rig->machine);
	base_vclock_free(rig->clock);
	machine_spec_free(rig->spec);
}

static void snap_zone(const struct rig *rig, int nid, int type, bool pages_may_move,
		      struct snapshot *s)
{
	struct mm_free_lists lists;
	struct mm_zone_info zone;

	mm_zone_info(rig->mm, nid, type, &zone);
	s->zone[nid][type].present = zone.present;
	s->zone[nid][type].managed = zone.managed;
	s->zone[nid][type].spanned = zone.spanned;
	s->zone[nid][type].start = zone.start_pfn;
	s->zone[nid][type].min = zone.min;
	s->zone[nid][type].low = zone.low;
	s->zone[nid][type].free = pages_may_move ? 0 : zone.free;
	mm_zone_free_lists(rig->mm, nid, type, &lists);
	s->isolated += lists.blocks[MM_MIGRATE_ISOLATE];
	for (int migrate = 0; migrate < MM_NR_MIGRATE_TYPES; migrate++) {
		for (int order = 0; order < MM_NR_ORDERS; order++)
			s->chunks += lists.chunks[migrate][order] << order;
	}
}

struct snapshot rig_snapshot(const struct rig *rig, bool pages_may_move)
{
	struct snapshot s;

	memset(&s, 0, sizeof(s));
	for (int nid = 0; nid < 2; nid++) {
		for (int type = 0; type < MM_NR_ZONES; type++)
			snap_zone(rig, nid, type, pages_may_move, &s);
		for (int size = 0; size < MM_NR_HUGE; size++)
			mm_huge_info(rig->mm, pages_may_move ? MM_NODE_NONE : nid, size,
				     &s.pool[nid][size]);
	}
	for (int kind = 0; kind < MM_NR_KINDS; kind++)
		s.kind[kind] = mm_kind_pages(rig->mm, MM_NODE_NONE, kind);
	for (unsigned int i = 0; i < rig->nr_workloads; i++)
		s.size[i] = machine_workload_size(rig->machine, rig->workload[i]);
	for (struct hp_block *b = hp_block_next(rig->hp, 0); b;
	     b = hp_block_next(rig->hp, hp_block_id(b) + 1)) {
		s.blocks += hp_block_id(b) + 1;
		s.online += hp_block_is_online(b) ? hp_block_id(b) + 1 : 0;
	}
	s.free = mm_total_free(rig->mm);
	assert_int_equal(s.chunks, s.free);
	s.corrupted = mm_poisoned_pages(rig->mm);
	s.memmap = mm_memmap_pages(rig->mm);
	s.plugged = rig->dimm && machine_dimm_plugged(rig->dimm);
	return s;
}

#define assert_same(a, b) assert_memory_equal(&(a), &(b), sizeof(struct snapshot))

void rig_each_fails(const struct scenario *scenario, long at_least)
{
	struct snapshot before, done, after;
	struct rig rig;
	long needed;
	int ret;

	rig_init(&rig);
	scenario->prepare(&rig);
	before = rig_snapshot(&rig, scenario->pages_may_move);
	nomem_counted = 0;
	assert_int_equal(scenario->op(&rig), 0);
	needed = nomem_counted;
	done = rig_snapshot(&rig, scenario->pages_may_move);
	rig_fini(&rig);
	assert_true(needed >= at_least);
	for (long n = 0; n < needed; n++) {
		rig_init(&rig);
		scenario->prepare(&rig);
		nomem_fail_at = n;
		ret = scenario->op(&rig);
		assert_true(nomem_fail_at < 0);
		after = rig_snapshot(&rig, scenario->pages_may_move);
		if (ret) {
			if (ret != scenario->error)
				assert_int_equal(ret, -ENOMEM);
			assert_same(after, before);
			assert_int_equal(scenario->op(&rig), 0);
			after = rig_snapshot(&rig, scenario->pages_may_move);
		}
		assert_same(after, done);
		rig_fini(&rig);
	}
}

/* ---- calls ----------------------------------------------------------------------------------- */

static void plug_done(struct hp_completion *then, int ret)
{
	struct rig *rig = base_container_of(then, struct rig, then);

	rig->result = ret;
	rig->done = true;
}

static void call_done(struct hp_call *call, int ret)
{
	struct rig *rig = base_container_of(call, struct rig, call);

	rig->done = true;
	rig->result = ret;
}

/* Advances time until the call is answered. */
static int call_result(struct rig *rig)
{
	for (int i = 0; !rig->done && i < 1000; i++)
		base_vclock_advance(rig->clock, 10 * MS);
	assert_true(rig->done);
	return rig->result;
}

int rig_set_state(struct rig *rig, uint64_t id, enum hp_type type)
{
	rig->call = (struct hp_call){ .done = call_done };
	rig->done = false;
	hp_store_state(rig->hp, hp_block_find(rig->hp, id), type, &rig->call);
	return call_result(rig);
}

int rig_plug(struct rig *rig, bool in)
{
	rig->then.fn = plug_done;
	rig->done = false;
	machine_dimm_plug(rig->machine, rig->dimm, in, &rig->then);
	return call_result(rig);
}

struct machine_workload *rig_workload(struct rig *rig, const char *kind)
{
	struct machine_workload *w;

	assert_int_equal(machine_workload_new(rig->machine, kind, &w), 0);
	assert_int_equal(machine_workload_set_kind(rig->machine, w, kind), 0);
	rig->workload[rig->nr_workloads++] = w;
	return w;
}

void rig_resize(struct rig *rig, struct machine_workload *w, uint64_t bytes)
{
	assert_int_equal(machine_workload_set_size(rig->machine, w, bytes), 0);
}

void rig_in_block(struct rig *rig, const char *kind, uint64_t block, uint64_t bytes)
{
	struct machine_workload *w = rig_workload(rig, kind);

	assert_int_equal(machine_workload_set_block(rig->machine, w, (int64_t)block), 0);
	rig_resize(rig, w, bytes);
}
