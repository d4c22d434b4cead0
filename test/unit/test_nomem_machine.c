// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each allocation fails once while memory goes offline and pages migrate, while DIMMs are plugged
 * and unplugged, and while workloads and pools change. Either the result is -ENOMEM and nothing has
 * changed, or the operation succeeds nevertheless; afterwards the next attempt succeeds.
 */
#include <errno.h>
#include <string.h>

#include "nomem.h"
#include "world.h"

#define MAX_WORKLOADS 4
#define MS 1000000ULL

/*
 * A machine without a tree.
 * @result: of the last call, once it is done
 */
struct rig {
	struct machine_spec *spec;
	struct base_clock *clock;
	struct machine *machine;
	struct mm *mm;
	struct hp *hp;
	struct machine_workload *workload[MAX_WORKLOADS];
	unsigned int nr_workloads;
	struct machine_dimm *dimm;
	struct hp_call call;
	struct hp_completion then;
	bool done;
	int result;
};

/*
 * State that an operation must not change, or must bring about. It does not include the location of
 * pages: pages migrated before memory ran out stay where they are.
 */
struct snapshot {
	struct {
		uint64_t present, managed, spanned, start, min, low, free;
	} zone[2][MM_NR_ZONES];
	uint64_t kind[MM_NR_KINDS];
	uint64_t size[MAX_WORKLOADS];
	struct mm_huge_info pool[2][MM_NR_HUGE];
	uint64_t isolated, chunks, free;
	uint64_t blocks, online, corrupted, memmap;
	bool plugged;
};

/* @error: a permitted result instead of -ENOMEM */
struct scenario {
	void (*prepare)(struct rig *rig);
	int (*op)(struct rig *rig);
	bool pages_may_move;
	int error;
};

static void rig_init(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	assert_int_equal(machine_spec_default(&rig->spec), 0);
	rig->clock = base_vclock_new();
	assert_non_null(rig->clock);
	assert_int_equal(machine_new(rig->spec, rig->clock, &rig->machine), 0);
	rig->mm = machine_mm(rig->machine);
	rig->hp = machine_hp(rig->machine);
}

static void rig_fini(struct rig *rig)
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

static struct snapshot snapshot(const struct rig *rig, bool pages_may_move)
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

/* Runs the operation on new machines with its first, second, ... allocation failing. */
static void each_fails(const struct scenario *scenario, long at_least)
{
	struct snapshot before, done, after;
	struct rig rig;
	long needed;
	int ret;

	rig_init(&rig);
	scenario->prepare(&rig);
	before = snapshot(&rig, scenario->pages_may_move);
	nomem_counted = 0;
	assert_int_equal(scenario->op(&rig), 0);
	needed = nomem_counted;
	done = snapshot(&rig, scenario->pages_may_move);
	rig_fini(&rig);
	assert_true(needed >= at_least);
	for (long n = 0; n < needed; n++) {
		rig_init(&rig);
		scenario->prepare(&rig);
		nomem_fail_at = n;
		ret = scenario->op(&rig);
		assert_true(nomem_fail_at < 0);
		after = snapshot(&rig, scenario->pages_may_move);
		if (ret) {
			if (ret != scenario->error)
				assert_int_equal(ret, -ENOMEM);
			assert_same(after, before);
			assert_int_equal(scenario->op(&rig), 0);
			after = snapshot(&rig, scenario->pages_may_move);
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

static int set_state(struct rig *rig, uint64_t id, enum hp_type type)
{
	rig->call = (struct hp_call){ .done = call_done };
	rig->done = false;
	hp_store_state(rig->hp, hp_block_find(rig->hp, id), type, &rig->call);
	return call_result(rig);
}

static int plug(struct rig *rig, bool in)
{
	rig->then.fn = plug_done;
	rig->done = false;
	machine_dimm_plug(rig->machine, rig->dimm, in, &rig->then);
	return call_result(rig);
}

static struct machine_workload *workload(struct rig *rig, const char *kind)
{
	struct machine_workload *w;

	assert_int_equal(machine_workload_new(rig->machine, kind, &w), 0);
	assert_int_equal(machine_workload_set_kind(rig->machine, w, kind), 0);
	rig->workload[rig->nr_workloads++] = w;
	return w;
}

static void resize(struct rig *rig, struct machine_workload *w, uint64_t bytes)
{
	assert_int_equal(machine_workload_set_size(rig->machine, w, bytes), 0);
}

static void in_block(struct rig *rig, const char *kind, uint64_t block, uint64_t bytes)
{
	struct machine_workload *w = workload(rig, kind);

	assert_int_equal(machine_workload_set_block(rig->machine, w, (int64_t)block), 0);
	resize(rig, w, bytes);
}

/* ---- offlining ------------------------------------------------------------------------------- */

static void block_in_use(struct rig *rig)
{
	in_block(rig, "anon", 9, MIB(3));
	in_block(rig, "thp", 9, MIB(8));
	in_block(rig, "pagecache", 9, 40960);
	in_block(rig, "shmem", 9, MIB(1));
}

static void block_in_use_slowly(struct rig *rig)
{
	block_in_use(rig);
	hp_params(rig->hp)->migrate_pages_per_ms = 20;
}

static int op_offline(struct rig *rig)
{
	return set_state(rig, 9, HP_OFFLINE);
}

/* Huge pages in use and in the pool; pool pages elsewhere replace some of them. */
static void block_with_huge_pages(struct rig *rig)
{
	struct machine_workload *vm = workload(rig, "hugetlb");

	mm_huge_set_nr(rig->mm, 1, MM_HUGE_PMD, 100);
	assert_int_equal(machine_workload_set_node(rig->machine, vm, 1), 0);
	resize(rig, vm, MIB(160));
	mm_huge_set_nr(rig->mm, 0, MM_HUGE_PMD, 7);
}

static void offlining(void **state)
{
	static const struct scenario at_once = { block_in_use, op_offline, true };
	static const struct scenario slowly = { block_in_use_slowly, op_offline, true };
	static const struct scenario huge = { block_with_huge_pages, op_offline, true };

	(void)state;
	each_fails(&at_once, 4);
	each_fails(&slowly, 20);
	each_fails(&huge, 2);
}

/* ---- DIMMs ----------------------------------------------------------------------------------- */

static void dimm_outside(struct rig *rig)
{
	assert_int_equal(machine_dimm_new(rig->machine, &rig->dimm), 0);
	assert_int_equal(machine_dimm_set(rig->machine, rig->dimm, MACHINE_DIMM_SIZE, MIB(512)), 0);
	assert_int_equal(machine_dimm_set(rig->machine, rig->dimm, MACHINE_DIMM_NODE, 1), 0);
}

static void dimm_in_use(struct rig *rig)
{
	dimm_outside(rig);
	assert_int_equal(plug(rig, true), 0);
	assert_int_equal(set_state(rig, 32, HP_ONLINE_MOVABLE), 0);
	assert_int_equal(set_state(rig, 33, HP_ONLINE_MOVABLE), 0);
	in_block(rig, "anon", 32, MIB(10));
	in_block(rig, "mlock", 33, MIB(1));
}

static int op_eject(struct rig *rig)
{
	return plug(rig, false);
}

/*
 * As with real firmware, a DIMM whose memory the kernel could not add stays plugged; it is
 * unplugged and plugged again.
 */
static int op_plug(struct rig *rig)
{
	int ret = plug(rig, true);

	if (ret || hp_block_find(rig->hp, 32))
		return ret;
	assert_int_equal(plug(rig, false), 0);
	return -ENOMEM;
}

static void dimms(void **state)
{
	static const struct scenario plugging = { dimm_outside, op_plug };
	static const struct scenario ejecting = { dimm_in_use, op_eject, true };

	(void)state;
	/* group, resource, range, memmap: hold, name and run, four blocks */
	each_fails(&plugging, 10);
	each_fails(&ejecting, 3);
}

/* ---- workloads ------------------------------------------------------------------------------- */

/* Free memory in pieces. */
static void pieces(struct rig *rig)
{
	struct machine_workload *sieve = workload(rig, "slab");

	assert_int_equal(machine_workload_set_block(rig->machine, sieve, 14), 0);
	resize(rig, sieve, MIB(1));
	in_block(rig, "slab", 12, MIB(1));
	workload(rig, "anon");
}

static int op_grow(struct rig *rig)
{
	return machine_workload_set_size(rig->machine, rig->workload[2], MIB(1300));
}

static int op_shrink(struct rig *rig)
{
	return machine_workload_set_size(rig->machine, rig->workload[2], MIB(100) + 4096);
}

/* Dropped page cache may be lost, but no page at all. */
static void reclaiming(void **state)
{
	struct snapshot before, after;
	struct rig rig;
	long n = 0;
	int ret;

	(void)state;
	do {
		rig_init(&rig);
		resize(&rig, workload(&rig, "pagecache"), MIB(900));
		workload(&rig, "kernel");
		workload(&rig, "anon");
		before = snapshot(&rig, true);
		nomem_fail_at = n++;
		ret = op_grow(&rig);
		nomem_fail_at = -1;
		after = snapshot(&rig, true);
		assert_int_equal(after.free * 4096 + after.size[0] + after.size[2],
				 before.free * 4096 + before.size[0]);
		assert_int_equal(after.size[2], ret ? 0 : MIB(1300));
		rig_fini(&rig);
	} while (ret == -ENOMEM);
	assert_int_equal(ret, 0);
	assert_true(n > 3);
}

static void grown(struct rig *rig)
{
	pieces(rig);
	assert_int_equal(op_grow(rig), 0);
}

static void anon_in_movable(struct rig *rig)
{
	assert_int_equal(set_state(rig, 10, HP_OFFLINE), 0);
	assert_int_equal(set_state(rig, 10, HP_ONLINE_MOVABLE), 0);
	in_block(rig, "anon", 10, MIB(64));
	in_block(rig, "anon", 9, MIB(64));
	assert_int_equal(machine_workload_set_kind(rig->machine, rig->workload[1], "pinned"), 0);
}

static int op_pin(struct rig *rig)
{
	return machine_workload_set_kind(rig->machine, rig->workload[0], "pinned");
}

static void nothing(struct rig *rig)
{
}

static int op_new(struct rig *rig)
{
	struct machine_workload *w;
	int ret = machine_workload_new(rig->machine, "anon", &w);

	if (ret)
		return ret;
	ret = machine_workload_set_kind(rig->machine, w, "anon");
	if (!ret)
		assert_string_equal(machine_workload_kind(w), "anon");
	else
		assert_string_equal(machine_workload_kind(w), "");
	machine_workload_free(rig->machine, w);
	return ret;
}

static void workloads(void **state)
{
	static const struct scenario growing = { pieces, op_grow };
	static const struct scenario shrinking = { grown, op_shrink };
	static const struct scenario pinning = { anon_in_movable, op_pin, true };
	static const struct scenario making = { nothing, op_new };

	(void)state;
	each_fails(&growing, 3);
	each_fails(&shrinking, 0);
	each_fails(&pinning, 1);
	each_fails(&making, 4);
}

/* ---- pools of huge pages --------------------------------------------------------------------- */

static int set_nr(struct rig *rig, uint64_t nr)
{
	struct mm_huge_info info;

	mm_huge_set_nr(rig->mm, 1, MM_HUGE_PMD, nr);
	mm_huge_info(rig->mm, 1, MM_HUGE_PMD, &info);
	return info.nr == nr ? 0 : -ENOMEM;
}

static int op_pool_one(struct rig *rig)
{
	return set_nr(rig, 1);
}

static int op_pool_grow(struct rig *rig)
{
	return set_nr(rig, 200);
}

static int op_pool_shrink(struct rig *rig)
{
	return set_nr(rig, 90);
}

static void vm(struct rig *rig)
{
	assert_int_equal(set_nr(rig, 100), 0);
	workload(rig, "hugetlb");
	resize(rig, rig->workload[0], MIB(20));
}

static int op_vm_grow(struct rig *rig)
{
	return machine_workload_set_size(rig->machine, rig->workload[0], MIB(180));
}

static int op_vm_shrink(struct rig *rig)
{
	return machine_workload_set_size(rig->machine, rig->workload[0], MIB(6));
}

static void vm_with_surplus(struct rig *rig)
{
	vm(rig);
	mm_huge_set_nr(rig->mm, 1, MM_HUGE_PMD, 8);
}

static void pools(void **state)
{
	static const struct scenario one = { nothing, op_pool_one };
	static const struct scenario growing = { vm, op_pool_grow };
	static const struct scenario shrinking = { vm, op_pool_shrink };
	static const struct scenario taking = { vm, op_vm_grow };
	static const struct scenario giving = { vm, op_vm_shrink };
	static const struct scenario surplus = { vm_with_surplus, op_vm_shrink };

	(void)state;
	each_fails(&one, 1);
	each_fails(&growing, 2);
	each_fails(&shrinking, 0);
	each_fails(&taking, 1);
	each_fails(&giving, 1);
	each_fails(&surplus, 1);
}

/* ---- poison ---------------------------------------------------------------------------------- */

#define PFN9 (9 * 32768)

/* Within anonymous memory, and within a huge page. */
static int op_soft(struct rig *rig)
{
	return hp_soft_offline(rig->hp, (PFN9 + 100) << 12);
}

static int op_soft_thp(struct rig *rig)
{
	return hp_soft_offline(rig->hp, (PFN9 + 1200) << 12);
}

static int op_hard(struct rig *rig)
{
	return hp_hard_offline(rig->hp, (PFN9 + 100) << 12);
}

static void poison(void **state)
{
	static const struct scenario soft = { block_in_use, op_soft, true, -EBUSY };
	/* No room for the contents, as far as the kernel can tell. */
	static const struct scenario soft_thp = { block_in_use, op_soft_thp, true, -EBUSY };
	static const struct scenario hard = { block_in_use, op_hard };

	(void)state;
	each_fails(&soft, 2);
	each_fails(&soft_thp, 4);
	each_fails(&hard, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(offlining),  cmocka_unit_test(dimms), cmocka_unit_test(workloads),
		cmocka_unit_test(reclaiming), cmocka_unit_test(pools), cmocka_unit_test(poison),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
