// SPDX-License-Identifier: GPL-2.0-or-later
/* virtio-mem: what its driver adds and removes, and what it does when it cannot. */
#include "world.h"

#define VM                                                                                         \
	PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"                                 \
	       "hotplug:\n  - {start: 4G, end: 0x7ffffffff, node: 0}\n" ONE_CPU
#define ONLINE "memhp_default_state=online"
#define MOVABLE "memhp_default_state=online_movable"
#define BLOCK (MIB(128) >> 12)

#define NS_PER_S UINT64_C(1000000000)

/* Writes an attribute of device @name. */
static ssize_t device_write(struct world *w, const char *name, const char *attr, const char *text)
{
	char path[80];

	snprintf(path, sizeof(path), "machine/virtio-mem/%s/%s", name, attr);
	return world_write(w, path, text);
}

#define assert_device_takes(w, name, attr, text)                                                   \
	assert_int_equal(device_write(w, name, attr, text), strlen(text))

/* A plugged device of 4 GiB, still empty. */
static void device_plug(struct world *w, const char *name)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "machine/virtio-mem/%s", name);
	assert_int_equal(world_mkdir(w, dir), 0);
	assert_device_takes(w, name, "size", "4G");
	assert_device_takes(w, name, "plugged", "1");
}

static uint64_t plugged(struct world *w, const char *name)
{
	char path[80];

	snprintf(path, sizeof(path), "machine/virtio-mem/%s/plugged_size", name);
	return strtoull(world_read(w, path), NULL, 10) >> 20;
}

/* The plugged size, in MiB, after the hypervisor requested @size. */
static uint64_t resized(struct world *w, const char *name, const char *size)
{
	assert_device_takes(w, name, "requested_size", size);
	return plugged(w, name);
}

static struct world *vm_new(const char *cmdline)
{
	struct world *w = world_new_cmdline(VM, cmdline);

	device_plug(w, "v0");
	return w;
}

static uint64_t total(struct world *w)
{
	return world_number(w, "proc/meminfo", "MemTotal:");
}

static bool block_there(struct world *w, unsigned int block)
{
	char path[64];

	snprintf(path, sizeof(path), SYS_MEMORY "memory%u", block);
	return world_exists(w, path);
}

static ssize_t block_write(struct world *w, unsigned int block, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), SYS_MEMORY "memory%u/state", block);
	return world_write(w, path, text);
}

static const char *block_state(struct world *w, unsigned int block)
{
	char path[64];

	snprintf(path, sizeof(path), SYS_MEMORY "memory%u/state", block);
	return world_read(w, path);
}

static void pass_s(struct world *w, uint64_t seconds)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, seconds * NS_PER_S);
	assert_takes(w, "machine/clock/advance_ns", text);
}

static bool logged(struct world *w, const char *text)
{
	return strstr(world_read(w, "machine/log"), text) != NULL;
}

static struct mm_zone_info zone(struct world *w, enum mm_zone_type type)
{
	struct mm_zone_info info;

	mm_zone_info(w->mm, 0, type, &info);
	return info;
}

/* ---- sub-blocks ------------------------------------------------------------------------------ */

/* 200 MiB are a block and 72 MiB of the next, which is entirely present. */
static void partial_block(void **state)
{
	struct world *w = vm_new(MOVABLE);
	uint64_t before = total(w);
	struct mm_zone_info movable;

	assert_int_equal(resized(w, "v0", "200M"), 200);
	assert_int_equal(total(w) - before, 200 << 10);
	assert_true(block_there(w, 33) && !block_there(w, 34));
	movable = zone(w, MM_ZONE_MOVABLE);
	assert_int_equal(movable.present, 2 * BLOCK);
	assert_int_equal(movable.managed, MIB(200) >> 12);
	assert_int_equal(movable.free, MIB(200) >> 12);
	/* The half-filled block is filled up first. */
	assert_int_equal(resized(w, "v0", "256M"), 256);
	assert_int_equal(zone(w, MM_ZONE_MOVABLE).managed, 2 * BLOCK);
	assert_false(block_there(w, 34));
	world_free(w);
}

/* The partly filled block goes first, then sub-blocks from the top. */
static void shrinks(void **state)
{
	struct world *w = vm_new(MOVABLE);
	uint64_t before = total(w);

	assert_int_equal(resized(w, "v0", "200M"), 200);
	assert_int_equal(resized(w, "v0", "100M"), 100);
	assert_true(block_there(w, 32) && !block_there(w, 33));
	assert_int_equal(zone(w, MM_ZONE_MOVABLE).managed, MIB(100) >> 12);
	assert_int_equal(total(w) - before, 100 << 10);
	assert_int_equal(resized(w, "v0", "0"), 0);
	assert_false(block_there(w, 32));
	assert_int_equal(total(w), before);
	assert_int_equal(zone(w, MM_ZONE_MOVABLE).present, 0);
	world_free(w);
}

/* Onlining and offlining a partly plugged block by hand does not expose unplugged memory. */
static void offline_by_hand(void **state)
{
	struct world *w = vm_new(MOVABLE);
	uint64_t before = total(w);

	assert_int_equal(resized(w, "v0", "200M"), 200);
	assert_int_equal(block_write(w, 33, "offline"), 7);
	assert_int_equal(total(w) - before, 128 << 10);
	assert_int_equal(plugged(w, "v0"), 200);
	/* Offline ones are filled up as well, without any visible change. */
	assert_int_equal(resized(w, "v0", "210M"), 210);
	assert_int_equal(total(w) - before, 128 << 10);
	assert_int_equal(block_write(w, 33, "online_kernel"), 13);
	assert_int_equal(total(w) - before, 210 << 10);
	assert_int_equal(zone(w, MM_ZONE_MOVABLE).managed, BLOCK);
	/* Movable is emptied before kernel zones, but partly filled blocks before full ones. */
	assert_int_equal(resized(w, "v0", "128M"), 128);
	assert_false(block_there(w, 33));
	world_free(w);
}

/* An offline block is removed before online ones. */
static void offline_goes_first(void **state)
{
	struct world *w = vm_new(MOVABLE);

	assert_int_equal(resized(w, "v0", "384M"), 384);
	assert_int_equal(block_write(w, 32, "offline"), 7);
	assert_int_equal(resized(w, "v0", "256M"), 256);
	assert_false(block_there(w, 32));
	assert_true(block_there(w, 33) && block_there(w, 34));
	/* And the hole is filled before anything is added above. */
	assert_int_equal(resized(w, "v0", "384M"), 384);
	assert_true(block_there(w, 32) && !block_there(w, 35));
	world_free(w);
}

/* Movable blocks are emptied before those of kernel zones. */
static void movable_goes_first(void **state)
{
	struct world *w = vm_new("");

	assert_int_equal(resized(w, "v0", "256M"), 256);
	assert_int_equal(block_write(w, 32, "online_movable"), 14);
	assert_int_equal(block_write(w, 33, "online_kernel"), 13);
	assert_int_equal(resized(w, "v0", "128M"), 128);
	assert_false(block_there(w, 32));
	assert_string_equal(block_state(w, 33), "online\n");
	world_free(w);
}

/* Of partly filled blocks, those in Movable are emptied first. */
static void partial_movable_goes_first(void **state)
{
	struct world *w = vm_new("");

	assert_int_equal(resized(w, "v0", "256M"), 256);
	assert_int_equal(block_write(w, 32, "online_kernel"), 13);
	assert_int_equal(block_write(w, 33, "online_movable"), 14);
	assert_int_equal(resized(w, "v0", "254M"), 254);
	assert_int_equal(zone(w, MM_ZONE_MOVABLE).managed, MIB(126) >> 12);
	/* nothing more can be unplugged from that one, so two remain */
	assert_true(world_hold(w, "stuck", "block=33 size=126M") > 0);
	assert_int_equal(resized(w, "v0", "252M"), 252);
	assert_int_equal(zone(w, MM_ZONE_NORMAL).managed, MIB(126) >> 12);
	assert_int_equal(world_rmdir(w, "machine/workload/stuck"), 0);
	assert_int_equal(resized(w, "v0", "250M"), 250);
	assert_int_equal(zone(w, MM_ZONE_MOVABLE).managed, MIB(124) >> 12);
	assert_int_equal(zone(w, MM_ZONE_NORMAL).managed, MIB(126) >> 12);
	world_free(w);
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* At most 1 GiB is added without being onlined. */
static void offline_threshold(void **state)
{
	struct world *w = vm_new("memhp_default_state=offline");

	assert_int_equal(resized(w, "v0", "2G"), 1024);
	assert_true(block_there(w, 39) && !block_there(w, 40));
	pass_s(w, 1000);
	assert_int_equal(plugged(w, "v0"), 1024);
	/* Half of it must be online before more is added. */
	for (unsigned int block = 32; block < 35; block++)
		assert_int_equal(block_write(w, block, "online_movable"), 14);
	assert_int_equal(plugged(w, "v0"), 1024);
	assert_int_equal(block_write(w, 35, "online_movable"), 14);
	assert_int_equal(plugged(w, "v0"), 1024 + 512);
	world_free(w);
}

/* Blocks that user space offlines count as well. */
static void offlined_counts(void **state)
{
	struct world *w = vm_new(MOVABLE);

	assert_int_equal(resized(w, "v0", "1G"), 1024);
	for (unsigned int block = 32; block < 40; block++)
		assert_int_equal(block_write(w, block, "offline"), 7);
	assert_int_equal(resized(w, "v0", "2G"), 1024);
	for (unsigned int block = 32; block < 35; block++)
		assert_int_equal(block_write(w, block, "online_movable"), 14);
	assert_int_equal(plugged(w, "v0"), 1024);
	assert_int_equal(block_write(w, 35, "online_movable"), 14);
	assert_int_equal(plugged(w, "v0"), 2048);
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
		assert_int_equal(device_write(w, "v0", bad[i].attr, bad[i].text), -bad[i].error);
	assert_int_equal(resized(w, "v0", "64M"), 64);
	assert_int_equal(device_write(w, "v0", "plugged", "0"), -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/virtio-mem/v0"), -EBUSY);
	assert_int_equal(resized(w, "v0", "0"), 0);
	assert_int_equal(device_write(w, "v0", "plugged", "0"), 1);
	assert_int_equal(device_write(w, "v0", "block_size", "3M"), -EINVAL);
	assert_int_equal(device_write(w, "v0", "block_size", "512K"), -EINVAL);
	assert_int_equal(device_write(w, "v0", "node", "1"), -EINVAL);
	assert_int_equal(device_write(w, "v0", "size", "3M"), 2);
	assert_int_equal(device_write(w, "v0", "plugged", "1"), -EINVAL);
	assert_int_equal(world_rmdir(w, "machine/virtio-mem/v0"), 0);
	world_free(w);
}

/* ---- obstacles ------------------------------------------------------------------------------- */

/* A kernel page keeps its sub-block and thus the block; the driver retries at growing intervals. */
static void retries(void **state)
{
	struct world *w = vm_new(ONLINE);

	assert_int_equal(resized(w, "v0", "128M"), 128);
	assert_true(world_hold(w, "stuck", "block=32 size=4K") > 0);
	assert_int_equal(resized(w, "v0", "0"), 2);
	assert_true(block_there(w, 32));
	assert_int_equal(zone(w, MM_ZONE_NORMAL).managed, MIB(2) >> 12);
	assert_int_equal(world_rmdir(w, "machine/workload/stuck"), 0);
	pass_s(w, 49);
	assert_int_equal(plugged(w, "v0"), 2);
	pass_s(w, 1);
	assert_int_equal(plugged(w, "v0"), 0);
	assert_false(block_there(w, 32));
	world_free(w);
}

/* 50 s, 100 s, 200 s, then every 300 s. */
static void backs_off(void **state)
{
	static const unsigned int wait_s[] = { 50, 100, 200, 300 };
	struct world *w = vm_new(ONLINE);

	assert_int_equal(resized(w, "v0", "128M"), 128);
	assert_true(world_hold(w, "stuck", "block=32 size=4K") > 0);
	assert_int_equal(resized(w, "v0", "0"), 2);
	for (size_t i = 0; i < sizeof(wait_s) / sizeof(wait_s[0]); i++)
		pass_s(w, wait_s[i]);
	assert_int_equal(plugged(w, "v0"), 2);
	assert_int_equal(world_rmdir(w, "machine/workload/stuck"), 0);
	pass_s(w, 299);
	assert_int_equal(plugged(w, "v0"), 2);
	pass_s(w, 1);
	assert_int_equal(plugged(w, "v0"), 0);
	world_free(w);
}

/* A block with nothing plugged that cannot be removed is retried until it can. */
static void empty_block_stays(void **state)
{
	struct world *w = vm_new(MOVABLE);

	assert_int_equal(resized(w, "v0", "128M"), 128);
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "-16");
	assert_int_equal(resized(w, "v0", "0"), 0);
	assert_true(block_there(w, 32));
	pass_s(w, 50);
	assert_true(block_there(w, 32));
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "0");
	pass_s(w, 99);
	assert_true(block_there(w, 32));
	pass_s(w, 1);
	assert_false(block_there(w, 32));
	world_free(w);
}

/* Movable pages migrate. */
static void moves_out(void **state)
{
	struct world *w = vm_new(MOVABLE);
	uint64_t anon;

	assert_int_equal(resized(w, "v0", "256M"), 256);
	assert_int_equal(world_mkdir(w, "machine/workload/a"), 0);
	assert_takes(w, "machine/workload/a/kind", "anon");
	assert_takes(w, "machine/workload/a/block", "33");
	assert_takes(w, "machine/workload/a/size", "100M");
	anon = world_number(w, "proc/vmstat", "nr_inactive_anon ") +
	       world_number(w, "proc/vmstat", "nr_active_anon ");
	assert_int_equal(resized(w, "v0", "128M"), 128);
	assert_false(block_there(w, 33));
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
	assert_int_equal(resized(w, "v0", "256M"), 256);
	assert_int_equal(resized(w, "v0", "128M"), 256);
	assert_int_equal(block_write(w, 32, "offline"), 7);
	assert_int_equal(plugged(w, "v0"), 128);
	assert_false(block_there(w, 32));
	world_free(w);
}

/*
 * A page that is poisoned in an unplugged sub-block is only marked. It is plugged and unplugged with
 * the others, and its block goes; but offlining the block lowers the managed pages by one too many.
 */
static void poisoned(void **state)
{
	struct world *w = vm_new(ONLINE);
	uint64_t before = total(w);

	assert_int_equal(resized(w, "v0", "64M"), 64);
	assert_int_equal(world_write(w, SYS_MEMORY "hard_offline_page", "0x107fff000"), -EBUSY);
	assert_int_equal(zone(w, MM_ZONE_NORMAL).managed, MIB(64) >> 12);
	assert_int_equal(resized(w, "v0", "128M"), 128);
	assert_int_equal(zone(w, MM_ZONE_NORMAL).managed, BLOCK);
	assert_int_equal(zone(w, MM_ZONE_NORMAL).free, BLOCK - 1);
	assert_int_equal(resized(w, "v0", "0"), 0);
	assert_int_equal(total(w), before - 4);
	world_free(w);
}

/* A second device has its own region, and its own name in iomem. */
static void two_devices(void **state)
{
	struct world *w = vm_new(MOVABLE);
	const char *iomem;

	device_plug(w, "v1");
	assert_int_equal(resized(w, "v0", "130M"), 130);
	assert_int_equal(resized(w, "v1", "128M"), 128);
	iomem = world_read(w, "proc/iomem");
	assert_non_null(strstr(iomem, "100000000-1ffffffff : virtio0\n"
				      "  100000000-10fffffff : System RAM (virtio_mem)\n"
				      "200000000-2ffffffff : virtio1\n"
				      "  200000000-207ffffff : System RAM (virtio_mem)\n"));
	assert_int_equal(resized(w, "v0", "0"), 0);
	assert_int_equal(device_write(w, "v0", "plugged", "0"), 1);
	iomem = world_read(w, "proc/iomem");
	assert_null(strstr(iomem, "virtio0"));
	assert_non_null(strstr(iomem, "virtio1"));
	assert_int_equal(plugged(w, "v1"), 128);
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
	assert_true(logged(w, "virtio_mem virtio0: big block size: 0x10000000"));
	assert_int_equal(resized(w, "v0", "512M"), 512);
	assert_true(block_there(w, 35) && !block_there(w, 36));
	assert_int_equal(block_write(w, 33, "offline"), 7);
	/* The upper one is entirely online, but no device block is entirely offline. */
	assert_int_equal(resized(w, "v0", "256M"), 256);
	assert_true(block_there(w, 33) && !block_there(w, 34));
	assert_int_equal(resized(w, "v0", "0"), 0);
	assert_false(block_there(w, 32));
	world_free(w);
}

/* Unmovable pages keep a big block whole: sub-blocks already taken from it are returned. */
static void big_block_stays(void **state)
{
	struct world *w = vm_new(ONLINE " virtio_mem.force_bbm=1"
					" virtio_mem.bbm_block_size=268435456");
	uint64_t before;

	assert_int_equal(resized(w, "v0", "256M"), 256);
	assert_true(world_hold(w, "stuck", "block=33 size=4K") > 0);
	before = total(w);
	assert_int_equal(resized(w, "v0", "0"), 256);
	assert_int_equal(total(w), before);
	assert_int_equal(zone(w, MM_ZONE_NORMAL).managed, 2 * BLOCK);
	assert_int_equal(world_rmdir(w, "machine/workload/stuck"), 0);
	pass_s(w, 50);
	assert_int_equal(plugged(w, "v0"), 0);
	assert_false(block_there(w, 32));
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
		assert_int_equal(resized(w, "v0", "256M"), 256);
		if (!strcmp(cases[i].state, "offline\n"))
			assert_int_equal(block_write(w, 33, "online_kernel"), 13);
		assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
		assert_takes(w, "machine/fault/f/phase", "going_offline");
		assert_takes(w, "machine/fault/f/block", "33");
		assert_takes(w, "machine/fault/f/enabled", "1");
		assert_int_equal(resized(w, "v0", "0"), 256);
		assert_true(world_number(w, "machine/fault/f/failures", "") > 0);
		assert_string_equal(block_state(w, 32), cases[i].state);
		assert_reads(w, SYS_MEMORY "memory32/valid_zones", cases[i].zone);
		assert_string_equal(block_state(w, 33), "online\n");
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
		assert_int_equal(resized(w, "v0", "256M"), 0);
		assert_true(logged(w, "virtio_mem virtio0: adding memory failed: -12"));
		assert_false(block_there(w, 32));
		assert_int_equal(world_rmdir(w, "machine/fault/f"), 0);
		pass_s(w, 50);
		assert_int_equal(plugged(w, "v0"), 256);
		assert_int_equal(zone(w, MM_ZONE_MOVABLE).managed, 2 * BLOCK);
		world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(partial_block),
		cmocka_unit_test(shrinks),
		cmocka_unit_test(offline_by_hand),
		cmocka_unit_test(offline_goes_first),
		cmocka_unit_test(movable_goes_first),
		cmocka_unit_test(partial_movable_goes_first),
		cmocka_unit_test(offline_threshold),
		cmocka_unit_test(offlined_counts),
		cmocka_unit_test(bad_sizes),
		cmocka_unit_test(retries),
		cmocka_unit_test(backs_off),
		cmocka_unit_test(empty_block_stays),
		cmocka_unit_test(moves_out),
		cmocka_unit_test(unplug_online),
		cmocka_unit_test(poisoned),
		cmocka_unit_test(two_devices),
		cmocka_unit_test(big_blocks),
		cmocka_unit_test(big_block_stays),
		cmocka_unit_test(big_block_comes_back),
		cmocka_unit_test(adding_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
