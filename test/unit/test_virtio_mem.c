/* SPDX-License-Identifier: GPL-2.0-or-later */
/* virtio-mem: what its driver adds and removes, in sub-blocks and in big blocks. */
#include "virtio_mem.h"

/* ---- sub-blocks ------------------------------------------------------------------------------ */

/* 200 MiB are a block and 72 MiB of the next, which is entirely present. */
static void partial_block(void **state)
{
	struct world *w = vm_new(MOVABLE);
	uint64_t before = vm_total(w);
	struct mm_zone_info movable;

	assert_int_equal(vm_resized(w, "v0", "200M"), 200);
	assert_int_equal(vm_total(w) - before, 200 << 10);
	assert_true(vm_has_block(w, 33) && !vm_has_block(w, 34));
	movable = vm_zone(w, MM_ZONE_MOVABLE);
	assert_int_equal(movable.present, 2 * BLOCK);
	assert_int_equal(movable.managed, MIB(200) >> 12);
	assert_int_equal(movable.free, MIB(200) >> 12);
	/* The half-filled block is filled up first. */
	assert_int_equal(vm_resized(w, "v0", "256M"), 256);
	assert_int_equal(vm_zone(w, MM_ZONE_MOVABLE).managed, 2 * BLOCK);
	assert_false(vm_has_block(w, 34));
	world_free(w);
}

/* The partly filled block goes first, then sub-blocks from the top. */
static void shrinks(void **state)
{
	struct world *w = vm_new(MOVABLE);
	uint64_t before = vm_total(w);

	assert_int_equal(vm_resized(w, "v0", "200M"), 200);
	assert_int_equal(vm_resized(w, "v0", "100M"), 100);
	assert_true(vm_has_block(w, 32) && !vm_has_block(w, 33));
	assert_int_equal(vm_zone(w, MM_ZONE_MOVABLE).managed, MIB(100) >> 12);
	assert_int_equal(vm_total(w) - before, 100 << 10);
	assert_int_equal(vm_resized(w, "v0", "0"), 0);
	assert_false(vm_has_block(w, 32));
	assert_int_equal(vm_total(w), before);
	assert_int_equal(vm_zone(w, MM_ZONE_MOVABLE).present, 0);
	world_free(w);
}

/* Onlining and offlining a partly plugged block by hand does not expose unplugged memory. */
static void offline_by_hand(void **state)
{
	struct world *w = vm_new(MOVABLE);
	uint64_t before = vm_total(w);

	assert_int_equal(vm_resized(w, "v0", "200M"), 200);
	assert_int_equal(vm_block_write(w, 33, "offline"), 7);
	assert_int_equal(vm_total(w) - before, 128 << 10);
	assert_int_equal(vm_plugged(w, "v0"), 200);
	/* Offline ones are filled up as well, without any visible change. */
	assert_int_equal(vm_resized(w, "v0", "210M"), 210);
	assert_int_equal(vm_total(w) - before, 128 << 10);
	assert_int_equal(vm_block_write(w, 33, "online_kernel"), 13);
	assert_int_equal(vm_total(w) - before, 210 << 10);
	assert_int_equal(vm_zone(w, MM_ZONE_MOVABLE).managed, BLOCK);
	/* Movable is emptied before kernel zones, but partly filled blocks before full ones. */
	assert_int_equal(vm_resized(w, "v0", "128M"), 128);
	assert_false(vm_has_block(w, 33));
	world_free(w);
}

/* An offline block is removed before online ones. */
static void offline_goes_first(void **state)
{
	struct world *w = vm_new(MOVABLE);

	assert_int_equal(vm_resized(w, "v0", "384M"), 384);
	assert_int_equal(vm_block_write(w, 32, "offline"), 7);
	assert_int_equal(vm_resized(w, "v0", "256M"), 256);
	assert_false(vm_has_block(w, 32));
	assert_true(vm_has_block(w, 33) && vm_has_block(w, 34));
	/* And the hole is filled before anything is added above. */
	assert_int_equal(vm_resized(w, "v0", "384M"), 384);
	assert_true(vm_has_block(w, 32) && !vm_has_block(w, 35));
	world_free(w);
}

/* Movable blocks are emptied before those of kernel zones. */
static void movable_goes_first(void **state)
{
	struct world *w = vm_new("");

	assert_int_equal(vm_resized(w, "v0", "256M"), 256);
	assert_int_equal(vm_block_write(w, 32, "online_movable"), 14);
	assert_int_equal(vm_block_write(w, 33, "online_kernel"), 13);
	assert_int_equal(vm_resized(w, "v0", "128M"), 128);
	assert_false(vm_has_block(w, 32));
	assert_string_equal(vm_block_state(w, 33), "online\n");
	world_free(w);
}

/* Of partly filled blocks, those in Movable are emptied first. */
static void partial_movable_goes_first(void **state)
{
	struct world *w = vm_new("");

	assert_int_equal(vm_resized(w, "v0", "256M"), 256);
	assert_int_equal(vm_block_write(w, 32, "online_kernel"), 13);
	assert_int_equal(vm_block_write(w, 33, "online_movable"), 14);
	assert_int_equal(vm_resized(w, "v0", "254M"), 254);
	assert_int_equal(vm_zone(w, MM_ZONE_MOVABLE).managed, MIB(126) >> 12);
	/* nothing more can be unplugged from that one, so two remain */
	assert_true(world_hold(w, "stuck", "block=33 size=126M") > 0);
	assert_int_equal(vm_resized(w, "v0", "252M"), 252);
	assert_int_equal(vm_zone(w, MM_ZONE_NORMAL).managed, MIB(126) >> 12);
	assert_int_equal(world_rmdir(w, "machine/workload/stuck"), 0);
	assert_int_equal(vm_resized(w, "v0", "250M"), 250);
	assert_int_equal(vm_zone(w, MM_ZONE_MOVABLE).managed, MIB(124) >> 12);
	assert_int_equal(vm_zone(w, MM_ZONE_NORMAL).managed, MIB(126) >> 12);
	world_free(w);
}

/* A second device has its own region, and its own name in iomem. */
static void two_devices(void **state)
{
	struct world *w = vm_new(MOVABLE);
	const char *iomem;

	vm_device_plug(w, "v1");
	assert_int_equal(vm_resized(w, "v0", "130M"), 130);
	assert_int_equal(vm_resized(w, "v1", "128M"), 128);
	iomem = world_read(w, "proc/iomem");
	assert_non_null(strstr(iomem, "100000000-1ffffffff : virtio0\n"
				      "  100000000-10fffffff : System RAM (virtio_mem)\n"
				      "200000000-2ffffffff : virtio1\n"
				      "  200000000-207ffffff : System RAM (virtio_mem)\n"));
	assert_int_equal(vm_resized(w, "v0", "0"), 0);
	assert_int_equal(vm_device_write(w, "v0", "plugged", "0"), 1);
	iomem = world_read(w, "proc/iomem");
	assert_null(strstr(iomem, "virtio0"));
	assert_non_null(strstr(iomem, "virtio1"));
	assert_int_equal(vm_plugged(w, "v1"), 128);
	world_free(w);
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* At most 1 GiB is added without being onlined. */
static void offline_threshold(void **state)
{
	struct world *w = vm_new("memhp_default_state=offline");

	assert_int_equal(vm_resized(w, "v0", "2G"), 1024);
	assert_true(vm_has_block(w, 39) && !vm_has_block(w, 40));
	vm_pass_s(w, 1000);
	assert_int_equal(vm_plugged(w, "v0"), 1024);
	/* Half of it must be online before more is added. */
	for (unsigned int block = 32; block < 35; block++)
		assert_int_equal(vm_block_write(w, block, "online_movable"), 14);
	assert_int_equal(vm_plugged(w, "v0"), 1024);
	assert_int_equal(vm_block_write(w, 35, "online_movable"), 14);
	assert_int_equal(vm_plugged(w, "v0"), 1024 + 512);
	world_free(w);
}

/* Blocks that user space offlines count as well. */
static void offlined_counts(void **state)
{
	struct world *w = vm_new(MOVABLE);

	assert_int_equal(vm_resized(w, "v0", "1G"), 1024);
	for (unsigned int block = 32; block < 40; block++)
		assert_int_equal(vm_block_write(w, block, "offline"), 7);
	assert_int_equal(vm_resized(w, "v0", "2G"), 1024);
	for (unsigned int block = 32; block < 35; block++)
		assert_int_equal(vm_block_write(w, block, "online_movable"), 14);
	assert_int_equal(vm_plugged(w, "v0"), 1024);
	assert_int_equal(vm_block_write(w, 35, "online_movable"), 14);
	assert_int_equal(vm_plugged(w, "v0"), 2048);
	world_free(w);
}

/* The usable region extends only slightly above the requested size, and is limited to its size. */
static void bad_sizes(void **state)
{
	static const struct {
		const char *attr, *text;
		int error;
	} bad[] = {
		{ "requested_size", "3M", EINVAL },
		{ "requested_size", "5G", EINVAL },
		{ "requested_size", "1x", EINVAL },
		{ "requested_size", "-2M", EINVAL },
		{ "size", "1G", EBUSY },
		{ "node", "0", EBUSY },
		{ "addr", "5G", EBUSY },
		{ "block_size", "4M", EBUSY },
		{ "plugged", "2", EINVAL },
	};
	struct world *w = vm_new(MOVABLE);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(vm_device_write(w, "v0", bad[i].attr, bad[i].text), -bad[i].error);
	assert_int_equal(vm_resized(w, "v0", "64M"), 64);
	assert_int_equal(vm_device_write(w, "v0", "plugged", "0"), -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/virtio-mem/v0"), -EBUSY);
	assert_int_equal(vm_resized(w, "v0", "0"), 0);
	assert_int_equal(vm_device_write(w, "v0", "plugged", "0"), 1);
	assert_int_equal(vm_device_write(w, "v0", "block_size", "3M"), -EINVAL);
	assert_int_equal(vm_device_write(w, "v0", "block_size", "512K"), -EINVAL);
	assert_int_equal(vm_device_write(w, "v0", "node", "256"), -EINVAL);
	assert_int_equal(vm_device_write(w, "v0", "size", "3M"), 2);
	assert_int_equal(vm_device_write(w, "v0", "plugged", "1"), -EINVAL);
	assert_int_equal(world_rmdir(w, "machine/virtio-mem/v0"), 0);
	world_free(w);
}

/* ---- big blocks ------------------------------------------------------------------------------ */

/* A device block of two memory blocks is added and removed as a whole. */
static void big_blocks(void **state)
{
	struct world *w = world_new_cmdline(VM, MOVABLE);

	assert_int_equal(world_mkdir(w, "machine/virtio-mem/v0"), 0);
	assert_device_takes(w, "v0", "size", "4G");
	assert_device_takes(w, "v0", "block_size", "256M");
	assert_device_takes(w, "v0", "plugged", "1");
	assert_true(world_logged(w, "virtio_mem virtio0: big block size: 0x10000000"));
	assert_int_equal(vm_resized(w, "v0", "512M"), 512);
	assert_true(vm_has_block(w, 35) && !vm_has_block(w, 36));
	assert_int_equal(vm_block_write(w, 33, "offline"), 7);
	/* The upper one is entirely online, but no device block is entirely offline. */
	assert_int_equal(vm_resized(w, "v0", "256M"), 256);
	assert_true(vm_has_block(w, 33) && !vm_has_block(w, 34));
	assert_int_equal(vm_resized(w, "v0", "0"), 0);
	assert_false(vm_has_block(w, 32));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(partial_block),      cmocka_unit_test(shrinks),
		cmocka_unit_test(offline_by_hand),    cmocka_unit_test(offline_goes_first),
		cmocka_unit_test(movable_goes_first), cmocka_unit_test(partial_movable_goes_first),
		cmocka_unit_test(offline_threshold),  cmocka_unit_test(offlined_counts),
		cmocka_unit_test(bad_sizes),	      cmocka_unit_test(big_blocks),
		cmocka_unit_test(two_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
