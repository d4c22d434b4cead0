// SPDX-License-Identifier: GPL-2.0-or-later
/* DAX devices: which part becomes System RAM, and which part remains. */
#include "world.h"

#define TAKE(attr, text) assert_takes(w, "machine/dax/d/" attr, text)
#define REFUSE(attr, text, err) assert_writes(w, "machine/dax/d/" attr, text, err)

#define DEVICE "/devices/platform/hmem.0/dax0.0"
#define SYS_DEVICE "sys" DEVICE "/"
#define SYS_DRIVERS "sys/bus/dax/drivers/"

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
	assert_string_equal(world_events(w),
			    "unbind@" DEVICE " add@/devices/system/memory/memory33 "
			    "add@/devices/system/memory/memory34 "
			    "add@/devices/system/memory/memory35 bind@" DEVICE " ");
	assert_reads(w, "machine/dax/d/system_ram", "1\n");
	assert_non_null(iomem_has(w, "  108000000-11fffffff : dax0.0\n"
				     "    108000000-11fffffff : System RAM (kmem)\n"));
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
	assert_true(world_logged(
		w, "kmem dax0.0: mapping0: 0x108000000-0x11fffffff cannot be hotremoved "
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
	/* device_dax has claimed it */
	assert_writes(w, SYS_MEMORY "probe", "0x110000000", -EEXIST);
	assert_takes(w, SYS_DRIVERS "device_dax/unbind", "dax0.0");
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
	TAKE("system_ram", "1");
	before = world_number(w, "proc/meminfo", "MemFree:");
	REFUSE("memmap_on_memory", "0", -EBUSY);
	TAKE("memmap_on_memory", "1");
	TAKE("system_ram", "0");
	/* two of the eight pages of memmap of each 2 MiB */
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), before - 256 * 2 * 4);
	TAKE("memmap_on_memory", "0");
	assert_reads(w, SYS_DEVICE "memmap_on_memory", "0\n");
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

static uint64_t memmap_pages(struct world *w)
{
	return world_number(w, "proc/vmstat", "nr_memmap_pages");
}

/* The memmap of device_dax depends on the alignment; the Device zone spans it for ever. */
static void device_memory(void **state)
{
	static const struct {
		const char *align;
		unsigned int pages;
	} aligns[] = { { "4096", 2048 }, { "2097152", 512 } };
	static const char span[] = "zone   Device\n  pages free     0\n        boost    0\n"
				   "        min      0\n        low      0\n        high     0\n"
				   "        promo    0\n        spanned  131072\n"
				   "        present  0\n        managed  0\n";
	struct world *w = *state;
	uint64_t before = memmap_pages(w), total = world_number(w, "proc/meminfo", "MemTotal:");

	assert_null(strstr(world_read(w, "proc/zoneinfo"), span));
	plug(w);
	assert_int_equal(memmap_pages(w), before + 512);
	assert_non_null(strstr(world_read(w, "proc/zoneinfo"), span));
	assert_null(strstr(world_read(w, "proc/pagetypeinfo"), "Device"));
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:"), total);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(aligns); i++) {
		assert_takes(w, SYS_DRIVERS "device_dax/unbind", "dax0.0");
		assert_int_equal(memmap_pages(w), before);
		assert_takes(w, SYS_DEVICE "align", aligns[i].align);
		assert_takes(w, SYS_DRIVERS "device_dax/bind", "dax0.0");
		assert_int_equal(memmap_pages(w), before + aligns[i].pages);
	}
	TAKE("plugged", "0");
	assert_int_equal(memmap_pages(w), before);
	assert_non_null(strstr(world_read(w, "proc/zoneinfo"), span));
	assert_false(world_exists(w, "sys/devices/platform/hmem.0"));
	assert_null(iomem_has(w, "Soft Reserved"));
}

/* Names of regions say their numbers; each has devices and minors of its own. */
static void two_regions(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/dax/dax1.0"), 0);
	assert_takes(w, "machine/dax/dax1.0/size", "256M");
	assert_takes(w, "machine/dax/dax1.0/addr", "0x140000000");
	assert_takes(w, "machine/dax/dax1.0/plugged", "1");
	plug(w);
	assert_reads(w, SYS_DEVICE "dev", "254:1\n");
	assert_reads(w, "sys/devices/platform/hmem.1/dax1.0/dev", "254:0\n");
	assert_false(world_exists(w, "sys/devices/platform/hmem.1/dax0.0"));
	assert_reads(w, SYS_DEVICE "numa_node", "1\n");
	assert_reads(w, SYS_DEVICE "target_node", "1\n");
	assert_takes(w, SYS_DRIVERS "device_dax/unbind", "dax1.0");
	assert_false(world_exists(w, "sys/devices/platform/hmem.1/dax1.0/driver"));
	assert_true(world_exists(w, SYS_DEVICE "driver"));
	assert_takes(w, "sys/devices/platform/hmem.1/dax1.0/size", "0x8000000");
	assert_takes(w, "sys/devices/platform/hmem.1/dax_region/create", "1");
	assert_true(world_exists(w, "sys/devices/platform/hmem.1/dax1.1"));
	assert_writes(w, "sys/devices/platform/hmem.0/dax_region/delete", "dax1.1", -ENXIO);
	assert_takes(w, "sys/devices/platform/hmem.1/dax_region/delete", "dax1.1");
	assert_false(world_exists(w, "sys/bus/dax/devices/dax1.1"));
	assert_takes(w, "machine/dax/dax1.0/plugged", "0");
	assert_true(world_exists(w, "sys/bus/dax/devices/dax0.0"));
	assert_false(world_exists(w, "sys/bus/dax/devices/dax1.0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(whole_blocks),	WORLD_TEST(one_shot), WORLD_TEST(refused),
		cmocka_unit_test(memmap_in_it), WORLD_TEST(waits),    WORLD_TEST(device_memory),
		WORLD_TEST(two_regions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
