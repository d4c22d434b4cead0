/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What virtio-mem does when it cannot add or remove memory: it retries, ever more rarely. */
#include "virtio_mem.h"

/* ---- obstacles ------------------------------------------------------------------------------- */

/* A kernel page keeps its sub-block and thus the block; the driver retries at growing intervals. */
static void retries(void **state)
{
	struct world *w = vm_new(ONLINE);

	assert_int_equal(vm_resized(w, "v0", "128M"), 128);
	assert_true(world_hold(w, "stuck", "block=32 size=4K") > 0);
	assert_int_equal(vm_resized(w, "v0", "0"), 2);
	assert_true(vm_has_block(w, 32));
	assert_int_equal(vm_zone(w, MM_ZONE_NORMAL).managed, MIB(2) >> 12);
	assert_int_equal(world_rmdir(w, "machine/workload/stuck"), 0);
	vm_pass_s(w, 49);
	assert_int_equal(vm_plugged(w, "v0"), 2);
	vm_pass_s(w, 1);
	assert_int_equal(vm_plugged(w, "v0"), 0);
	assert_false(vm_has_block(w, 32));
	world_free(w);
}

/* 50 s, 100 s, 200 s, then every 300 s. */
static void backs_off(void **state)
{
	static const unsigned int wait_s[] = { 50, 100, 200, 300 };
	struct world *w = vm_new(ONLINE);

	assert_int_equal(vm_resized(w, "v0", "128M"), 128);
	assert_true(world_hold(w, "stuck", "block=32 size=4K") > 0);
	assert_int_equal(vm_resized(w, "v0", "0"), 2);
	for (size_t i = 0; i < sizeof(wait_s) / sizeof(wait_s[0]); i++)
		vm_pass_s(w, wait_s[i]);
	assert_int_equal(vm_plugged(w, "v0"), 2);
	assert_int_equal(world_rmdir(w, "machine/workload/stuck"), 0);
	vm_pass_s(w, 299);
	assert_int_equal(vm_plugged(w, "v0"), 2);
	vm_pass_s(w, 1);
	assert_int_equal(vm_plugged(w, "v0"), 0);
	world_free(w);
}

/* A block with nothing plugged that cannot be removed is retried until it can. */
static void empty_block_stays(void **state)
{
	struct world *w = vm_new(MOVABLE);

	assert_int_equal(vm_resized(w, "v0", "128M"), 128);
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "-16");
	assert_int_equal(vm_resized(w, "v0", "0"), 0);
	assert_true(vm_has_block(w, 32));
	vm_pass_s(w, 50);
	assert_true(vm_has_block(w, 32));
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "0");
	vm_pass_s(w, 99);
	assert_true(vm_has_block(w, 32));
	vm_pass_s(w, 1);
	assert_false(vm_has_block(w, 32));
	world_free(w);
}

/* Movable pages migrate. */
static void moves_out(void **state)
{
	struct world *w = vm_new(MOVABLE);
	uint64_t anon;

	assert_int_equal(vm_resized(w, "v0", "256M"), 256);
	assert_int_equal(world_mkdir(w, "machine/workload/a"), 0);
	assert_takes(w, "machine/workload/a/kind", "anon");
	assert_takes(w, "machine/workload/a/block", "33");
	assert_takes(w, "machine/workload/a/size", "100M");
	anon = world_number(w, "proc/vmstat", "nr_inactive_anon ") +
	       world_number(w, "proc/vmstat", "nr_active_anon ");
	assert_int_equal(vm_resized(w, "v0", "128M"), 128);
	assert_false(vm_has_block(w, 33));
	assert_int_equal(world_number(w, "proc/vmstat", "nr_inactive_anon ") +
				 world_number(w, "proc/vmstat", "nr_active_anon "),
			 anon);
	world_free(w);
}

/* Without unplug_online the driver waits for user space to offline blocks. */
static void unplug_online(void **state)
{
	struct world *w = vm_new(MOVABLE " virtio_mem.unplug_online=N");

	assert_reads(w, "sys/module/virtio_mem/parameters/unplug_online", "N\n");
	assert_int_equal(vm_resized(w, "v0", "256M"), 256);
	assert_int_equal(vm_resized(w, "v0", "128M"), 256);
	assert_int_equal(vm_block_write(w, 32, "offline"), 7);
	assert_int_equal(vm_plugged(w, "v0"), 128);
	assert_false(vm_has_block(w, 32));
	world_free(w);
}

/*
 * A page that is poisoned in an unplugged sub-block is only marked. It is plugged and unplugged
 * with the others, and its block goes; but offlining the block lowers the managed pages by one too
 * many.
 */
static void poisoned(void **state)
{
	struct world *w = vm_new(ONLINE);
	uint64_t before = vm_total(w);

	assert_int_equal(vm_resized(w, "v0", "64M"), 64);
	assert_int_equal(world_write(w, SYS_MEMORY "hard_offline_page", "0x107fff000"), -EBUSY);
	assert_int_equal(vm_zone(w, MM_ZONE_NORMAL).managed, MIB(64) >> 12);
	assert_int_equal(vm_resized(w, "v0", "128M"), 128);
	assert_int_equal(vm_zone(w, MM_ZONE_NORMAL).managed, BLOCK);
	assert_int_equal(vm_zone(w, MM_ZONE_NORMAL).free, BLOCK - 1);
	assert_int_equal(vm_resized(w, "v0", "0"), 0);
	assert_int_equal(vm_total(w), before - 4);
	world_free(w);
}

/* ---- big blocks ------------------------------------------------------------------------------ */

/* Unmovable pages keep a big block whole: sub-blocks already taken from it are returned. */
static void big_block_stays(void **state)
{
	struct world *w = vm_new(ONLINE " virtio_mem.force_bbm=1"
					" virtio_mem.bbm_block_size=268435456");
	uint64_t before;

	assert_int_equal(vm_resized(w, "v0", "256M"), 256);
	assert_true(world_hold(w, "stuck", "block=33 size=4K") > 0);
	before = vm_total(w);
	assert_int_equal(vm_resized(w, "v0", "0"), 256);
	assert_int_equal(vm_total(w), before);
	assert_int_equal(vm_zone(w, MM_ZONE_NORMAL).managed, 2 * BLOCK);
	assert_int_equal(world_rmdir(w, "machine/workload/stuck"), 0);
	vm_pass_s(w, 50);
	assert_int_equal(vm_plugged(w, "v0"), 0);
	assert_false(vm_has_block(w, 32));
	world_free(w);
}

/* Memory blocks already offlined when another one refuses are restored to their previous state. */
static void big_block_comes_back(void **state)
{
	static const struct {
		const char *cmdline, *zone, *state;
	} cases[] = {
		{ MOVABLE, "Movable\n", "online\n" },
		/* where Movable is the default */
		{ "memhp_default_state=online_kernel movable_node", "Normal\n", "online\n" },
		{ "memhp_default_state=offline", "Normal Movable\n", "offline\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char cmdline[160];
		struct world *w;

		snprintf(cmdline, sizeof(cmdline),
			 "%s virtio_mem.force_bbm=1 "
			 "virtio_mem.bbm_block_size=268435456",
			 cases[i].cmdline);
		w = vm_new(cmdline);
		assert_int_equal(vm_resized(w, "v0", "256M"), 256);
		if (!strcmp(cases[i].state, "offline\n"))
			assert_int_equal(vm_block_write(w, 33, "online_kernel"), 13);
		assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
		assert_takes(w, "machine/fault/f/phase", "going_offline");
		assert_takes(w, "machine/fault/f/block", "33");
		assert_takes(w, "machine/fault/f/enabled", "1");
		assert_int_equal(vm_resized(w, "v0", "0"), 256);
		assert_true(world_number(w, "machine/fault/f/failures", "") > 0);
		assert_string_equal(vm_block_state(w, 32), cases[i].state);
		assert_reads(w, SYS_MEMORY "memory32/valid_zones", cases[i].zone);
		assert_string_equal(vm_block_state(w, 33), "online\n");
		world_free(w);
	}
}

/*
 * A block without plugged memory that cannot be removed: the driver tries again, but before 6.5
 * only when it unplugs something in it.
 */
static void removed_later(void **state)
{
	static const char *const kernels[] = { "6.1", "6.5" };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(kernels); i++) {
		struct world *w;
		char yaml[512];

		snprintf(yaml, sizeof(yaml), "kernel: %s\n" VM, kernels[i]);
		w = world_new_cmdline(yaml, MOVABLE);
		vm_device_plug(w, "v0");
		assert_int_equal(vm_resized(w, "v0", "256M"), 256);
		assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
		assert_takes(w, "machine/fault/f/phase", "going_offline");
		assert_takes(w, "machine/fault/f/block", "33");
		assert_takes(w, "machine/fault/f/enabled", "1");
		assert_int_equal(vm_resized(w, "v0", "128M"), 128);
		assert_true(vm_has_block(w, 33));
		assert_takes(w, "machine/fault/f/enabled", "0");
		vm_pass_s(w, 3600);
		assert_int_equal(vm_has_block(w, 33), i == 0);
		world_free(w);
	}
}

/* ---- both ------------------------------------------------------------------------------------ */

/* Memory that Linux cannot add is not plugged; it is retried. */
static void adding_fails(void **state)
{
	static const char *const cmdlines[] = { MOVABLE, MOVABLE " virtio_mem.force_bbm=1" };

	for (size_t i = 0; i < sizeof(cmdlines) / sizeof(cmdlines[0]); i++) {
		struct world *w = vm_new(cmdlines[i]);

		assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
		assert_takes(w, "machine/fault/f/phase", "memmap_alloc");
		assert_takes(w, "machine/fault/f/errno", "ENOMEM");
		assert_takes(w, "machine/fault/f/enabled", "1");
		assert_int_equal(vm_resized(w, "v0", "256M"), 0);
		assert_true(world_logged(w, "virtio_mem virtio0: adding memory failed: -12"));
		assert_false(vm_has_block(w, 32));
		assert_int_equal(world_rmdir(w, "machine/fault/f"), 0);
		vm_pass_s(w, 50);
		assert_int_equal(vm_plugged(w, "v0"), 256);
		assert_int_equal(vm_zone(w, MM_ZONE_MOVABLE).managed, 2 * BLOCK);
		world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retries),	     cmocka_unit_test(backs_off),
		cmocka_unit_test(empty_block_stays), cmocka_unit_test(moves_out),
		cmocka_unit_test(unplug_online),     cmocka_unit_test(poisoned),
		cmocka_unit_test(big_block_stays),   cmocka_unit_test(big_block_comes_back),
		cmocka_unit_test(adding_fails),	     cmocka_unit_test(removed_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
