// SPDX-License-Identifier: GPL-2.0-or-later
/* DAX devices: which part becomes System RAM, and which part remains. */
#include "world.h"

#define TAKE(attr, text) assert_takes(w, "machine/dax/d/" attr, text)
#define REFUSE(attr, text, err) assert_writes(w, "machine/dax/d/" attr, text, err)

static const char *iomem_has(struct world *w, const char *line)
{
	return strstr(world_read(w, "proc/iomem"), line);
}

/* A device with half a block before and after three whole ones. */
static void plug(struct world *w)
{
	assert_int_equal(world_mkdir(w, "machine/dax/d"), 0);
	TAKE("size", "512M");
	TAKE("node", "1");
	TAKE("addr", "0x104000000");
	TAKE("plugged", "1");
}

static void whole_blocks(void **state)
{
	struct world *w = *state;

	plug(w);
	assert_false(world_exists(w, SYS_MEMORY "memory33"));
	assert_reads(w, "machine/dax/d/system_ram", "0\n");
	world_watch(w);
	TAKE("system_ram", "1");
	TAKE("system_ram", "1");
	assert_string_equal(world_events(w), "add@/devices/system/memory/memory33 "
					     "add@/devices/system/memory/memory34 "
					     "add@/devices/system/memory/memory35 ");
	assert_reads(w, "machine/dax/d/system_ram", "1\n");
	assert_non_null(iomem_has(w, "108000000-11fffffff : d\n"
				     "  108000000-11fffffff : System RAM (kmem)\n"));
	assert_int_equal(hp_block_nid(hp_block_find(w->hp, 33)), 1);
	REFUSE("plugged", "0", -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/dax/d"), -EBUSY);
	TAKE("system_ram", "0");
	assert_false(world_exists(w, SYS_MEMORY "memory33"));
	assert_null(iomem_has(w, "kmem"));
	TAKE("system_ram", "1");
	TAKE("system_ram", "0");
	TAKE("plugged", "0");
	assert_int_equal(world_rmdir(w, "machine/dax/d"), 0);
}

/* Unbinding the driver leaves online memory in place. */
static void one_shot(void **state)
{
	struct world *w = *state;

	plug(w);
	TAKE("system_ram", "1");
	assert_takes(w, SYS_MEMORY "memory34/state", "online_movable");
	TAKE("system_ram", "0");
	assert_reads(w, "machine/dax/d/system_ram", "0\n");
	assert_true(world_logged(w,
				 "kmem d: mapping0: 0x108000000-0x11fffffff cannot be hotremoved "
				 "until the next reboot\n"));
	assert_reads(w, SYS_MEMORY "memory34/state", "online\n");
	assert_takes(w, SYS_MEMORY "memory34/state", "offline");
	REFUSE("system_ram", "1", -EBUSY);
	REFUSE("plugged", "0", -EBUSY);
	TAKE("system_ram", "0");
	assert_true(world_exists(w, SYS_MEMORY "memory34"));
}

static void refused(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/dax/d"), 0);
	REFUSE("system_ram", "1", -ENODEV);
	REFUSE("plugged", "1", -EINVAL);
	TAKE("size", "3M");
	REFUSE("plugged", "1", -EINVAL);
	REFUSE("node", "2", -EINVAL);
	TAKE("size", "128M");
	TAKE("addr", "0x104000000");
	TAKE("plugged", "1");
	REFUSE("size", "4M", -EBUSY);
	/* no whole block */
	REFUSE("system_ram", "1", -EINVAL);
	assert_true(world_logged(w, "rejecting DAX region without any memory after alignment"));
	TAKE("plugged", "0");
	TAKE("addr", "auto");
	assert_plugs(w, "b", "size=256M node=1");
	TAKE("plugged", "1");
	assert_reads(w, "machine/dax/d/addr", "0x110000000\n");
	/* a range that was probed is occupied */
	assert_takes(w, SYS_MEMORY "probe", "0x110000000");
	REFUSE("system_ram", "1", -EBUSY);
	assert_true(world_logged(w, "could not reserve region"));
	REFUSE("memmap_on_memory", "1", -EOPNOTSUPP);
}

static void memmap_in_it(void **state)
{
	struct world *w = world_new_cmdline(NULL, "memory_hotplug.memmap_on_memory=1");
	uint64_t before;

	plug(w);
	TAKE("memmap_on_memory", "1");
	assert_reads(w, "machine/dax/d/memmap_on_memory", "1\n");
	before = world_number(w, "proc/meminfo", "MemFree:");
	TAKE("system_ram", "1");
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), before);
	REFUSE("memmap_on_memory", "0", -EBUSY);
	TAKE("memmap_on_memory", "1");
	TAKE("system_ram", "0");
	TAKE("memmap_on_memory", "0");
	TAKE("system_ram", "1");
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), before - 3 * 2048);
	world_free(w);
}

/* A write waits for the lock; auto-movable considers the group as a whole. */
static void waits(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	plug(w);
	file = world_open_good(w, "machine/dax/d/system_ram", O_WRONLY);
	world_lock(w);
	world_req_write(&r, file, "1", 1);
	tree_interrupt(&r.req, true);
	assert_false(r.done);
	/* it may be unplugged, but not removed while a write is pending */
	TAKE("plugged", "0");
	assert_int_equal(world_rmdir(w, "machine/dax/d"), -EBUSY);
	TAKE("plugged", "1");
	world_unlock(w);
	assert_true(r.done);
	assert_int_equal(r.result, 1);
	world_req_fini(&r);
	tree_release(file);
	assert_takes(w, SYS_PARAM "online_policy", "auto-movable");
	assert_reads(w, SYS_MEMORY "memory33/valid_zones", "Movable Normal\n");
	TAKE("system_ram", "0");
	TAKE("plugged", "0");
	assert_int_equal(world_rmdir(w, "machine/dax/d"), 0);
	assert_false(world_exists(w, SYS_MEMORY "memory33"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(whole_blocks),	WORLD_TEST(one_shot), WORLD_TEST(refused),
		cmocka_unit_test(memmap_in_it), WORLD_TEST(waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
