/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each allocation fails once while memory goes offline and pages migrate, while DIMMs are plugged
 * and unplugged, and while workloads and pools change. Either the result is -ENOMEM and nothing has
 * changed, or the operation succeeds nevertheless; afterwards the next attempt succeeds.
 */
#include <errno.h>

#include "rig.h"

/* ---- offlining ------------------------------------------------------------------------------- */

static void block_in_use(struct rig *rig)
{
	rig_in_block(rig, "anon", 9, MIB(3));
	rig_in_block(rig, "thp", 9, MIB(8));
	rig_in_block(rig, "pagecache", 9, 40960);
	rig_in_block(rig, "shmem", 9, MIB(1));
}

static void block_in_use_slowly(struct rig *rig)
{
	block_in_use(rig);
	hp_params(rig->hp)->migrate_pages_per_ms = 20;
}

static int op_offline(struct rig *rig)
{
	return rig_set_state(rig, 9, HP_OFFLINE);
}

/* Huge pages in use and in the pool; pool pages elsewhere replace some of them. */
static void block_with_huge_pages(struct rig *rig)
{
	struct machine_workload *vm = rig_workload(rig, "hugetlb");

	mm_huge_set_nr(rig->mm, 1, MM_HUGE_PMD, 100);
	assert_int_equal(machine_workload_set_node(rig->machine, vm, 1), 0);
	rig_resize(rig, vm, MIB(160));
	mm_huge_set_nr(rig->mm, 0, MM_HUGE_PMD, 7);
}

static void offlining(void **state)
{
	static const struct scenario at_once = { block_in_use, op_offline, true };
	static const struct scenario slowly = { block_in_use_slowly, op_offline, true };
	static const struct scenario huge = { block_with_huge_pages, op_offline, true };

	(void)state;
	rig_each_fails(&at_once, 4);
	rig_each_fails(&slowly, 20);
	rig_each_fails(&huge, 2);
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
	assert_int_equal(rig_plug(rig, true), 0);
	assert_int_equal(rig_set_state(rig, 32, HP_ONLINE_MOVABLE), 0);
	assert_int_equal(rig_set_state(rig, 33, HP_ONLINE_MOVABLE), 0);
	rig_in_block(rig, "anon", 32, MIB(10));
	rig_in_block(rig, "mlock", 33, MIB(1));
}

static int op_eject(struct rig *rig)
{
	return rig_plug(rig, false);
}

/*
 * As with real firmware, a DIMM whose memory the kernel could not add stays plugged; it is
 * unplugged and plugged again.
 */
static int op_plug(struct rig *rig)
{
	int ret = rig_plug(rig, true);

	if (ret || hp_block_find(rig->hp, 32))
		return ret;
	assert_int_equal(rig_plug(rig, false), 0);
	return -ENOMEM;
}

static void dimms(void **state)
{
	static const struct scenario plugging = { dimm_outside, op_plug };
	static const struct scenario ejecting = { dimm_in_use, op_eject, true };

	(void)state;
	/* group, resource, range, memmap: hold, name and run, four blocks */
	rig_each_fails(&plugging, 10);
	rig_each_fails(&ejecting, 3);
}

/* ---- workloads ------------------------------------------------------------------------------- */

/* Free memory in pieces. */
static void pieces(struct rig *rig)
{
	struct machine_workload *sieve = rig_workload(rig, "slab");

	assert_int_equal(machine_workload_set_block(rig->machine, sieve, 14), 0);
	rig_resize(rig, sieve, MIB(1));
	rig_in_block(rig, "slab", 12, MIB(1));
	rig_workload(rig, "anon");
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
		rig_resize(&rig, rig_workload(&rig, "pagecache"), MIB(900));
		rig_workload(&rig, "kernel");
		rig_workload(&rig, "anon");
		before = rig_snapshot(&rig, true);
		nomem_fail_at = n++;
		ret = op_grow(&rig);
		nomem_fail_at = -1;
		after = rig_snapshot(&rig, true);
		/* with a page table for each 2 MiB */
		assert_int_equal(after.free * 4096 + after.size[0] + after.size[2] +
					 after.size[2] / 512,
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
	assert_int_equal(rig_set_state(rig, 10, HP_OFFLINE), 0);
	assert_int_equal(rig_set_state(rig, 10, HP_ONLINE_MOVABLE), 0);
	rig_in_block(rig, "anon", 10, MIB(64));
	rig_in_block(rig, "anon", 9, MIB(64));
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
	rig_each_fails(&growing, 3);
	rig_each_fails(&shrinking, 0);
	rig_each_fails(&pinning, 1);
	rig_each_fails(&making, 4);
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
	rig_workload(rig, "hugetlb");
	rig_resize(rig, rig->workload[0], MIB(20));
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
	rig_each_fails(&one, 1);
	rig_each_fails(&growing, 2);
	rig_each_fails(&shrinking, 0);
	rig_each_fails(&taking, 1);
	rig_each_fails(&giving, 1);
	rig_each_fails(&surplus, 1);
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
	rig_each_fails(&soft, 2);
	rig_each_fails(&soft_thp, 4);
	rig_each_fails(&hard, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(offlining),  cmocka_unit_test(dimms), cmocka_unit_test(workloads),
		cmocka_unit_test(reclaiming), cmocka_unit_test(pools), cmocka_unit_test(poison),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
