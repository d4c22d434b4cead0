// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A random walk over random machines, each step compared with the model: results, news, zones,
 * counters, the resource tree.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/kernel_hold.h"
#include "walk.h"

#define SEEDS 200
#define STEPS 120

static uint64_t below(struct walk *w, uint64_t n)
{
	return seeds_below(w->trial, n);
}

static bool one_in(struct walk *w, uint64_t n)
{
	return !below(w, n);
}

/* ---- a machine ------------------------------------------------------------------------------ */

static void random_kind(struct walk *w)
{
	struct engine_config *c = &w->m.config;

	*c = (struct engine_config){ .page_shift = 12,
				     .section_size = MIB(128),
				     .dma_end = MIB(16),
				     .dma32_end = GIB(4),
				     .phys_bits = 37,
				     .nr_cpus = 4,
				     .possible = "0-3" };
	switch (below(w, 4)) {
	case 0:
		c->dma_end = GIB(4);
		c->guard_boot = one_in(w, 2);
		break;
	case 1:
		c->page_shift = 16;
		c->section_size = MIB(16);
		c->no_low_zones = true;
		c->dma_end = c->dma32_end = 0;
		break;
	}
	c->block_size = c->section_size << below(w, c->section_size == MIB(16) ? 6 : 4);
}

/* Ranges with holes, of nodes that may alternate, most of them cut at unaligned addresses. */
static void random_memory(struct walk *w)
{
	struct model *m = &w->m;
	uint64_t block = m->config.block_size, unit, at, page = 1ULL << m->config.page_shift;
	int nid = (int)below(w, 2);

	m->tidy = one_in(w, 2);
	unit = m->tidy ? MIB(2) : page;
	at = one_in(w, 2) ? 0 : below(w, 40) * block + below(w, 4) * unit;
	if (one_in(w, 3) && block > MIB(32))
		at = GIB(4) - below(w, 4) * block;
	m->nr_boot = 1 + (unsigned int)below(w, 6);
	for (unsigned int i = 0; i < m->nr_boot; i++) {
		uint64_t size = (1 + below(w, 6)) * block;

		if (one_in(w, 2))
			at += one_in(w, 2) ? below(w, 3 * block / unit) * unit :
					     below(w, 4) * block;
		if (one_in(w, 3))
			size += below(w, 100) * unit;
		m->boot[i] = (struct engine_range){ at, at + size, nid };
		at += size;
		if (!m->tidy && one_in(w, 4)) {
			m->boot[i].end += page / 4; /* firmware's ranges need not be page-aligned */
			at += page;
		}
		if (one_in(w, 3))
			nid = (int)below(w, MODEL_NODES);
	}
	m->config.memory = m->boot;
	for (int n = 0; n < 3; n++)
		m->node_cpu[n] = one_in(w, 3);
}

static int listen(struct hp_notifier *notifier, enum hp_action action, const struct hp_notify *arg)
{
	struct walk *w = base_container_of(notifier, struct walk, listener);

	return (int)action == w->m.veto_action ? w->m.veto : 0;
}

static void random_windows(struct walk *w)
{
	struct model *m = &w->m;

	for (int i = 0; i < 3; i++) {
		uint64_t start = below(w, MODEL_BLOCKS) * m->config.block_size + below(w, 2) * 4096;
		uint64_t end = start + (1 + below(w, 8)) * m->config.block_size / 2;

		if (!hp_resource_insert(w->e.hp, start, end - 1, "PCI Bus 0000:00", false))
			m->windows[m->nr_windows++] = (struct model_span){ start, end };
	}
}

/* Boot allocations at the end of some ranges. */
static void random_reserved(struct walk *w)
{
	struct model *m = &w->m;

	for (unsigned int i = 0; i < m->nr_boot; i++) {
		uint64_t end = m->boot[i].end / m->page, nr = 1 + below(w, 100);

		if (one_in(w, 2) || m->boot[i].end - m->boot[i].start < 200 * m->page)
			continue;
		assert_int_equal(mm_reserve_boot(w->e.mm, end - nr, nr, "firmware"), 0);
	}
	mm_wmark_update(w->e.mm);
}

static void walk_init(struct walk *w)
{
	static const char *const cpu_nodes[] = { "", "0", "1", "0-1", "2", "0,2", "1-2", "0-2" };
	unsigned int cpus;

	random_kind(w);
	random_memory(w);
	cpus = w->m.node_cpu[0] + 2u * w->m.node_cpu[1] + 4u * w->m.node_cpu[2];
	w->m.config.cpu_nodes = cpu_nodes[cpus];
	w->touch_boot = one_in(w, 2);
	model_init(&w->m);
	engine_init(&w->e, &w->m.config);
	hp_params(w->e.hp)->movable_node = w->m.params.movable_node = one_in(w, 4);
	w->m.params.auto_movable_ratio = 301;
	w->m.params.auto_movable_numa_aware = true;
	random_windows(w);
	random_reserved(w);
	w->listener = (struct hp_notifier){ .call = listen };
	hp_notifier_register(w->e.hp, &w->listener);
	w->boot_managed = mm_total_managed(w->e.mm);
	for (int nid = 0; nid < MODEL_NODES; nid++) {
		for (int type = 0; type < MM_NR_ZONES; type++)
			mm_zone_info(w->e.mm, nid, type, &w->boot_zone[nid][type]);
	}
}

static void walk_fini(struct walk *w)
{
	hp_notifier_unregister(w->e.hp, &w->listener);
	engine_fini(&w->e);
	model_fini(&w->m);
}

static void check_answer(struct walk *w, int got, int want)
{
	EQUAL(w, got, want);
	if (got)
		w->nr_refused++;
	else
		w->nr_ok++;
}

/* ---- steps ---------------------------------------------------------------------------------- */

static uint64_t random_block(struct walk *w)
{
	for (;;) {
		uint64_t id = below(w, MODEL_BLOCKS);

		if (w->m.block[id].exists)
			return id;
	}
}

static void step_add(struct walk *w)
{
	uint64_t block = w->m.config.block_size, size = (1 + below(w, 4)) * block;
	uint64_t start = below(w, MODEL_BLOCKS - 4) * block;
	int nid = (int)below(w, MODEL_NODES), want;
	struct model_group *group = NULL;

	if (w->m.nr_adds == MODEL_ADDS)
		return;
	if (one_in(w, 20))
		start += MIB(2) / (1 + below(w, 2));
	if (one_in(w, 20))
		nid = MODEL_NODES + 9;
	if (one_in(w, 40))
		start |= 1ULL << (w->m.config.phys_bits + below(w, 64 - w->m.config.phys_bits));
	if (one_in(w, 2) && nid < MODEL_NODES) {
		group = calloc(1, sizeof(*group));
		assert_non_null(group);
		*group = (struct model_group){ .max_pages = size / w->m.page, .nid = nid };
		group->hp = hp_group_new_static(w->e.hp, nid, group->max_pages);
	}
	DOING(w, "add %#llx+%#llx node %d%s", (unsigned long long)start, (unsigned long long)size,
	      nid, group ? " in a group" : "");
	want = model_add_memory(&w->m, start, size, nid, group, w->e.mm);
	check_answer(w, engine_add(&w->e, start, size, nid, group ? group->hp : NULL), want);
	if (want && group) {
		hp_group_free(w->e.hp, group->hp);
		free(group);
	}
}

static void step_probe(struct walk *w)
{
	uint64_t start = below(w, MODEL_BLOCKS) * w->m.config.block_size;
	int nid = (int)below(w, MODEL_NODES), want;

	if (w->m.nr_adds == MODEL_ADDS)
		return;
	DOING(w, "probe %#llx node %d", (unsigned long long)start, nid);
	w->e.add_nid = nid;
	want = model_add_memory(&w->m, start, w->m.config.block_size, nid, NULL, w->e.mm);
	check_answer(w, engine_probe(&w->e, start), want);
}

static void remove_added(struct walk *w, unsigned int i)
{
	struct model_add add = w->m.add[i];
	int want;

	DOING(w, "remove %#llx-%#llx", (unsigned long long)add.start, (unsigned long long)add.end);
	want = model_remove_memory(&w->m, i);
	check_answer(w, engine_remove(&w->e, add.start, add.end - add.start), want);
	if (!want && add.group) {
		hp_group_free(w->e.hp, add.group->hp);
		free(add.group);
	}
}

static void step_remove(struct walk *w)
{
	if (w->m.nr_adds)
		remove_added(w, (unsigned int)below(w, w->m.nr_adds));
}

static void step_state(struct walk *w)
{
	uint64_t id = random_block(w);
	enum hp_type type = one_in(w, 2) ? HP_OFFLINE : (enum hp_type)below(w, HP_NR_TYPES);
	enum mm_zone_type zones[3], promised = MM_NR_ZONES;
	unsigned int nr;
	int want;

	if (w->m.block[id].boot && type == HP_OFFLINE && !w->touch_boot)
		return;
	DOING(w, "state of memory%llu: %s", (unsigned long long)id, hp_type_names[type]);
	/* valid_zones: the default, the kernel zone if it differs, Movable likewise */
	nr = hp_block_valid_zones(w->e.hp, engine_block(&w->e, id), zones);
	if (type == HP_ONLINE && nr)
		promised = zones[0];
	else if (type == HP_ONLINE_KERNEL && nr)
		promised = nr == 3 || zones[0] == MM_ZONE_MOVABLE ? zones[1] : zones[0];
	else if (type == HP_ONLINE_MOVABLE && nr)
		promised = zones[0] == MM_ZONE_MOVABLE ? zones[0] : zones[nr - 1];

	want = model_store_state(&w->m, id, type, w->e.mm);
	check_answer(w, engine_state(&w->e, id, type), want);
	if (!want && type != HP_OFFLINE) {
		EQUAL(w, hp_block_valid_zones(w->e.hp, engine_block(&w->e, id), zones), 1);
		EQUAL(w, zones[0], promised);
	}
}

static void step_online(struct walk *w)
{
	uint64_t id = random_block(w);
	bool online = one_in(w, 2);
	int want;

	if (w->m.block[id].boot && !online && !w->touch_boot)
		return;
	DOING(w, "online of memory%llu: %d", (unsigned long long)id, online);
	want = model_store_online(&w->m, id, online, w->e.mm);
	check_answer(w, engine_online(&w->e, id, online), want);
}

static void step_params(struct walk *w)
{
	static const uint32_t ratios[] = { 0, 1, 50, 100, 301, 1000, UINT32_MAX };
	struct hp_params *p = &w->m.params;

	DOING(w, "parameters");
	p->auto_online = one_in(w, 2) ? HP_OFFLINE : (enum hp_type)below(w, HP_NR_TYPES);
	p->policy = (enum hp_policy)below(w, HP_NR_POLICIES);
	p->auto_movable_ratio = ratios[below(w, BASE_ARRAY_SIZE(ratios))];
	p->auto_movable_numa_aware = one_in(w, 2);
	*hp_params(w->e.hp) = *p;
}

/* Errors come from the injector and from another listener; most of the time there are none. */
static void step_errors(struct walk *w)
{
	static const int actions[] = { HP_PREPARE_ONLINE, HP_GOING_ONLINE, HP_GOING_OFFLINE };

	DOING(w, "errors");
	for (int i = 0; i < HP_NR_INJECTS; i++)
		*hp_inject_error(w->e.hp, i) = w->m.inject[i] =
			one_in(w, 8) ? -1 - (int)below(w, 133) : 0;
	w->m.veto_action = one_in(w, 4) ? actions[below(w, BASE_ARRAY_SIZE(actions))] : -1;
	w->m.veto = -1 - (int)below(w, 133);
}

static void step_hold(struct walk *w)
{
	uint64_t i = below(w, WALK_HOLDS), start = 0, end = UINT64_MAX, nr, room;
	int nid = one_in(w, 2) ? MM_NODE_NONE : (int)below(w, MODEL_NODES);
	struct mm_holder *hold = NULL;
	int ret;

	mm_holder_free(w->e.mm, w->hold[i]);
	w->hold[i] = NULL;
	w->held[i] = 0;
	if (one_in(w, 2))
		return;
	if (one_in(w, 2)) {
		start = random_block(w) * w->m.block_pages +
			below(w, 2) * below(w, w->m.block_pages);
		end = start + w->m.block_pages - start % w->m.block_pages;
	}
	room = model_free_pages(&w->m, w->e.mm, start, end, nid, MODEL_ALL_ZONES);
	nr = one_in(w, 4) ? room + below(w, 3) - 1 : below(w, BASE_MIN(room, 5000) + 1);
	if (nr > room + 1 || !nr)
		return;
	DOING(w, "hold %llu of %llu pages on node %d, %#llx-%#llx", (unsigned long long)nr,
	      (unsigned long long)room, nid, (unsigned long long)start, (unsigned long long)end);
	ret = kernel_hold(w->e.mm, start, end, nid, nr, "somebody", &hold);
	EQUAL(w, ret, nr <= room ? 0 : -ENOMEM);
	w->hold[i] = hold;
	w->held[i] = ret ? 0 : nr;
}

static void random_step(struct walk *w)
{
	static void (*const steps[])(struct walk *) = {
		step_add,    step_add,	  step_probe, step_remove, step_state,
		step_state,  step_state,  step_state, step_online, step_online,
		step_params, step_errors, step_hold,
	};

	steps[below(w, BASE_ARRAY_SIZE(steps))](w);
}

/* ---- and back ------------------------------------------------------------------------------- */

static void undo(struct walk *w)
{
	memset(w->m.inject, 0, sizeof(w->m.inject));
	*hp_inject_error(w->e.hp, HP_INJECT_GOING_ONLINE) = 0;
	*hp_inject_error(w->e.hp, HP_INJECT_GOING_OFFLINE) = 0;
	w->m.veto_action = -1;
	for (int i = 0; i < WALK_HOLDS; i++) {
		mm_holder_free(w->e.mm, w->hold[i]);
		w->hold[i] = NULL;
		w->held[i] = 0;
	}
	/*
	 * memmap may lie in added memory in a hole of boot memory: repeat while any can be removed
	 */
	for (unsigned int left = w->m.nr_adds + 1; w->m.nr_adds && w->m.nr_adds != left;) {
		left = w->m.nr_adds;
		for (unsigned int i = left; i-- > 0;) {
			for (uint64_t id = w->m.add[i].start / w->m.config.block_size;
			     id < w->m.add[i].end / w->m.config.block_size; id++) {
				DOING(w, "memory%llu offline at the end", (unsigned long long)id);
				EQUAL(w, engine_online(&w->e, id, false),
				      model_store_online(&w->m, id, false, w->e.mm));
			}
			remove_added(w, i);
			walk_check_all(w);
		}
	}
}

static void walk_run(struct seeds_trial *trial)
{
	struct walk *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->trial = trial;
	walk_init(w);
	walk_check_all(w);
	while (seeds_next(trial)) {
		random_step(w);
		walk_check_all(w);
	}
	undo(w);
	walk_check_end(w);
	if (getenv("MODEL_VERBOSE"))
		printf("%u succeeded, %u refused, %u ranges\n", w->nr_ok, w->nr_refused,
		       w->m.nr_boot);
	walk_fini(w);
	free(w);
}

int main(int argc, char **argv)
{
	static const struct seeds_walk walk = { .seeds = SEEDS, .steps = STEPS, .run = walk_run };

	return seeds_main(&walk, argc, argv);
}
