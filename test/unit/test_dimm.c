/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DIMMs: where they are plugged, what the kernel makes of them, and ejecting them: two passes, and
 * the rollback when a block does not go offline.
 */
#include "world.h"

#define OST_BUSY "130\n"
#define OFFLINE(n) "offline@/devices/system/memory/memory" #n " "
#define ONLINE(n) "online@/devices/system/memory/memory" #n " "
#define ADD(n) "add@/devices/system/memory/memory" #n " "
#define REMOVE(n) "remove@/devices/system/memory/memory" #n " "
#define STATE(n) SYS_MEMORY "memory" #n "/state"
#define ZONES(n) SYS_MEMORY "memory" #n "/valid_zones"

/* The start of a window for devices, and the first byte after it. */
static uint64_t window(struct world *w, size_t i)
{
	return w->spec->hotplug[i].start;
}

static uint64_t window_end(struct world *w, size_t i)
{
	return w->spec->hotplug[i].end + 1;
}

static void assert_at(struct world *w, const char *name, uint64_t addr, const char *slot)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%" PRIx64 "\n", addr);
	assert_string_equal(world_dimm_read(w, name, "addr"), text);
	assert_string_equal(world_dimm_read(w, name, "slot"), slot);
}

/* Not plugged: automatic choices are forgotten. */
static void assert_auto(struct world *w, const char *name, const char *slot)
{
	assert_string_equal(world_dimm_read(w, name, "addr"), "auto\n");
	assert_string_equal(world_dimm_read(w, name, "slot"), slot);
}

/* The result of plugging it at an address. */
static ssize_t plug_at(struct world *w, const char *name, uint64_t addr)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%" PRIx64, addr);
	assert_int_equal(world_dimm_write(w, name, "addr", text), strlen(text));
	return world_dimm_write(w, name, "plugged", "1");
}

/* A DIMM that is not plugged yet. */
static void make(struct world *w, const char *name, const char *size)
{
	char path[64];

	snprintf(path, sizeof(path), "machine/dimm/%s", name);
	assert_int_equal(world_mkdir(w, path), 0);
	assert_int_equal(world_dimm_write(w, name, "size", size), strlen(size));
	assert_int_equal(world_dimm_write(w, name, "node", "1"), 1);
}

/* The block at an address. */
static const char *state_at(struct world *w, uint64_t addr)
{
	char path[80];

	snprintf(path, sizeof(path), SYS_MEMORY "memory%" PRIu64 "/state",
		 addr / w->spec->block_size);
	return world_read(w, path);
}

static void unplug(struct world *w, const char *name)
{
	assert_int_equal(world_dimm_write(w, name, "plugged", "0"), 1);
}

static bool log_has(struct world *w, const char *text)
{
	return strstr(base_buf_text(machine_log_text(w->machine)), text);
}

/* Whether proc/iomem has System RAM of a size at an address, on a line of its own. */
static bool is_ram(struct world *w, uint64_t start, uint64_t size)
{
	char line[80];

	snprintf(line, sizeof(line), "\n%08" PRIx64 "-%08" PRIx64 " : System RAM\n", start,
		 start + size - 1);
	return strstr(world_read(w, "proc/iomem"), line);
}

/* ---- placement ------------------------------------------------------------------------------ */

static void first_fit(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "a", "size=256M node=1");
	assert_plugs(w, "b", "size=128M node=1");
	assert_plugs(w, "c", "size=512M node=1");
	assert_at(w, "a", window(w, 0), "0\n");
	assert_at(w, "b", window(w, 0) + MIB(256), "1\n");
	assert_at(w, "c", window(w, 0) + MIB(384), "2\n");
	/* A gap is filled by a DIMM that fits. */
	unplug(w, "a");
	assert_plugs(w, "d", "size=384M node=1");
	assert_at(w, "d", window(w, 0) + MIB(896), "0\n");
	assert_plugs(w, "e", "size=128M node=1");
	assert_at(w, "e", window(w, 0), "3\n");
	assert_plugs(w, "f", "size=256M node=1");
	assert_at(w, "f", window(w, 0) + MIB(1280), "4\n");
	assert_plugs(w, "g", "size=128M node=1");
	assert_at(w, "g", window(w, 0) + MIB(128), "5\n");
}

/* Addresses are aligned to 2 MiB, regardless of the block size. */
static void alignment(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "a", "size=2M node=1");
	assert_plugs(w, "b", "size=6M node=1");
	assert_plugs(w, "c", "size=128M node=1");
	assert_at(w, "b", window(w, 0) + MIB(2), "1\n");
	assert_at(w, "c", window(w, 0) + MIB(8), "2\n");
}

static void fixed_address(void **state)
{
	struct world *w = *state;
	uint64_t start = window(w, 0), end = window_end(w, 0);

	make(w, "a", "256M");
	assert_int_equal(plug_at(w, "a", start + MIB(256)), 1);
	assert_at(w, "a", start + MIB(256), "0\n");
	assert_string_equal(state_at(w, start + MIB(256)), "offline\n");
	/* Others are placed around it. */
	assert_plugs(w, "b", "size=512M node=1");
	assert_at(w, "b", start + MIB(512), "1\n");
	assert_plugs(w, "c", "size=256M node=1");
	assert_at(w, "c", start, "2\n");

	make(w, "d", "256M");
	assert_int_equal(plug_at(w, "d", start + MIB(384)), -EEXIST);
	assert_int_equal(plug_at(w, "d", start + MIB(512) - MIB(2)), -EEXIST);
	/* unaligned; below, across the end of and above the window */
	assert_int_equal(plug_at(w, "d", start + GIB(4) + MIB(1)), -EINVAL);
	assert_int_equal(plug_at(w, "d", start - MIB(256)), -EINVAL);
	assert_int_equal(plug_at(w, "d", end - MIB(128)), -EINVAL);
	assert_int_equal(plug_at(w, "d", end), -EINVAL);
	assert_string_equal(world_dimm_read(w, "d", "plugged"), "0\n");
	/* the last possible address */
	assert_int_equal(plug_at(w, "d", end - MIB(256)), 1);
	assert_string_equal(state_at(w, end - 1), "offline\n");
	assert_int_equal(world_rmdir(w, "machine/dimm/d"), -EBUSY);
}

static void several_windows(void **state)
{
	struct world *w = world_new(PC_LOW "  - {start: 1M, end: 0x7fffffff, node: 0}\n"
					   "hotplug:\n"
					   "  - {start: 4G, end: 0x10fffffff, node: 0}\n"
					   "  - {start: 8G, end: 0x20fffffff, node: 0}\n");

	assert_plugs(w, "a", "size=128M");
	assert_plugs(w, "b", "size=256M");
	assert_plugs(w, "c", "size=128M");
	assert_at(w, "a", window(w, 0), "0\n");
	assert_at(w, "b", window(w, 1), "1\n");
	assert_at(w, "c", window(w, 0) + MIB(128), "2\n");
	assert_int_equal(world_plug(w, "d", "size=2M"), -ENOSPC);
	assert_int_equal(world_mkdir(w, "machine/dimm/e"), 0);
	assert_int_equal(world_dimm_write(w, "e", "size", "128M"), 4);
	assert_int_equal(plug_at(w, "e", window(w, 0) + MIB(128)), -EEXIST);
	unplug(w, "b");
	assert_int_equal(world_dimm_write(w, "d", "plugged", "1"), 1);
	assert_at(w, "d", window(w, 1), "1\n");
	world_free(w);
}

/* Without a window: from the first GiB above memory on, up to the CPU's limit. */
static void no_window(void **state)
{
	struct world *w =
		world_new("phys_bits: 36\n" PC_LOW "  - {start: 1M, end: 0x7ffdffff, node: 0}\n");
	uint64_t start = BASE_ROUND_UP(w->spec->memory[w->spec->nr_memory - 1].end + 1, GIB(1));
	uint64_t end = UINT64_C(1) << w->spec->phys_bits;

	assert_plugs(w, "a", "size=128M");
	assert_at(w, "a", start, "0\n");
	assert_string_equal(state_at(w, start), "offline\n");
	assert_int_equal(world_mkdir(w, "machine/dimm/b"), 0);
	assert_int_equal(world_dimm_write(w, "b", "size", "128M"), 4);
	assert_int_equal(plug_at(w, "b", end), -EINVAL);
	assert_int_equal(plug_at(w, "b", start - MIB(128)), -EINVAL);
	assert_int_equal(plug_at(w, "b", end - MIB(128)), 1);
	assert_string_equal(state_at(w, end - 1), "offline\n");
	assert_int_equal(world_plug(w, "d", "size=64G"), -ENOSPC);
	world_free(w);
}

static void slots(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "a", "size=2M node=1 slot=1");
	assert_plugs(w, "b", "size=2M node=1");
	assert_plugs(w, "c", "size=2M node=1");
	assert_at(w, "a", window(w, 0), "1\n");
	assert_at(w, "b", window(w, 0) + MIB(2), "0\n");
	assert_at(w, "c", window(w, 0) + MIB(4), "2\n");
	assert_int_equal(world_plug(w, "d", "size=2M node=1 slot=2"), -EEXIST);
	unplug(w, "c");
	assert_int_equal(world_dimm_write(w, "d", "plugged", "1"), 1);
	/* Automatic choices are forgotten, settings are not. */
	assert_auto(w, "c", "auto\n");
	unplug(w, "a");
	assert_auto(w, "a", "1\n");
}

static void all_slots(void **state)
{
	struct world *w = *state;
	char name[16];

	for (int i = 0; i < 256; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		assert_plugs(w, name, "size=2M node=1");
	}
	assert_string_equal(world_dimm_read(w, "d255", "slot"), "255\n");
	assert_int_equal(world_plug(w, "one-more", "size=2M node=1"), -ENOSPC);
	unplug(w, "d77");
	assert_int_equal(world_dimm_write(w, "one-more", "plugged", "1"), 1);
	assert_at(w, "one-more", window(w, 0) + MIB(154), "77\n");
}

/* ---- settings ------------------------------------------------------------------------------- */

static void settings(void **state)
{
	static const struct {
		const char *attr, *text;
		int ret;
		const char *reads;
	} cases[] = {
		{ "size", "512M", 4, "536870912\n" },
		{ "size", "0x100000\n", 9, "1048576\n" },
		{ "size", "1g", 2, "1073741824\n" },
		{ "size", "1.5G", -EINVAL, "1073741824\n" },
		{ "size", "1GB", -EINVAL, "1073741824\n" },
		{ "size", "auto", -EINVAL, "1073741824\n" },
		{ "size", "-1", -EINVAL, "1073741824\n" },
		{ "size", "\n", -EINVAL, "1073741824\n" },
		{ "size", "18446744073709551615", -ERANGE, "1073741824\n" },
		{ "size", "16E", -ERANGE, "1073741824\n" },
		{ "size", "0", 1, "0\n" },
		{ "node", "1", 1, "1\n" },
		{ "node", "2", -EINVAL, "1\n" },
		{ "node", "1K", -EINVAL, "1\n" },
		{ "node", "4294967296", -EINVAL, "1\n" },
		{ "node", "auto", -EINVAL, "1\n" },
		{ "addr", "4G", 2, "0x100000000\n" },
		{ "addr", "0", 1, "0x0\n" },
		{ "addr", "automatic", -EINVAL, "0x0\n" },
		{ "addr", "auto\n", 5, "auto\n" },
		{ "slot", "255", 3, "255\n" },
		{ "slot", "256", -EINVAL, "255\n" },
		{ "slot", "auto", 4, "auto\n" },
		{ "plugged", "0", 1, "0\n" },
		{ "plugged", "maybe", -EINVAL, "0\n" },
		{ "ost", "0", -EACCES, "0\n" },
	};
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/dimm/d0"), 0);
	assert_string_equal(world_dimm_read(w, "d0", "size"), "0\n");
	assert_string_equal(world_dimm_read(w, "d0", "node"), "0\n");
	assert_auto(w, "d0", "auto\n");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		assert_int_equal(world_dimm_write(w, "d0", cases[i].attr, cases[i].text),
				 cases[i].ret);
		assert_string_equal(world_dimm_read(w, "d0", cases[i].attr), cases[i].reads);
	}
}

static void cannot_be_plugged(void **state)
{
	struct world *w = *state;

	world_watch(w);
	assert_int_equal(world_plug(w, "a", "node=1"), -EINVAL);
	assert_int_equal(world_plug(w, "b", "size=1M node=1"), -EINVAL);
	assert_int_equal(world_plug(w, "c", "size=3M node=1"), -EINVAL);
	assert_int_equal(world_plug(w, "d", "size=1T node=1"), -ENOSPC);
	assert_string_equal(world_events(w), "");
	/* It may be corrected. */
	assert_int_equal(world_dimm_write(w, "d", "size", "128M"), 4);
	assert_int_equal(world_dimm_write(w, "d", "plugged", "1"), 1);
	assert_int_equal(world_rmdir(w, "machine/dimm/a"), 0);
}

static void plugged_is_fixed(void **state)
{
	static const char *const attrs[] = { "size", "node", "addr", "slot" };
	struct world *w = *state;

	assert_plugs(w, "d0", "size=128M node=1");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(attrs); i++)
		assert_int_equal(world_dimm_write(w, "d0", attrs[i], "0"), -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), -EBUSY);
	world_watch(w);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "y"), 1);
	assert_string_equal(world_events(w), "");
	unplug(w, "d0");
	unplug(w, "d0");
	assert_string_equal(world_events(w), REMOVE(32));
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
}

/* ---- what the kernel makes of it ------------------------------------------------------------ */

static void insertion(void **state)
{
	struct world *w = *state;
	uint64_t free = world_number(w, "proc/meminfo", "MemFree:");
	uint64_t total = world_number(w, "proc/meminfo", "MemTotal:");

	world_watch(w);
	assert_plugs(w, "d0", "size=384M node=1");
	assert_string_equal(world_events(w), ADD(32) ADD(33) ADD(34));
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "0\n");
	assert_true(is_ram(w, window(w, 0), MIB(384)));
	/* 64 bytes a page for its memmap */
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free - 3 * 2048);
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:"), total);
	assert_plugs(w, "d1", "size=128M node=1");
	/* Each keeps its own line. */
	assert_true(is_ram(w, window(w, 0), MIB(384)));
	assert_true(is_ram(w, window(w, 0) + MIB(384), MIB(128)));
	unplug(w, "d0");
	assert_false(is_ram(w, window(w, 0), MIB(384)));
	unplug(w, "d1");
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free);
}

static void insertion_with_auto_online(void **state)
{
	struct world *w = *state;

	assert_takes(w, SYS_MEMORY "auto_online_blocks", "online_movable");
	world_watch(w);
	assert_plugs(w, "d0", "size=256M node=0");
	assert_string_equal(world_events(w), ADD(32) ADD(33) ONLINE(32) ONLINE(33));
	assert_reads(w, ZONES(32), "Movable\n");
	assert_string_equal(world_link(w, SYS_MEMORY "memory33/node0"), "../../node/node0");
	unplug(w, "d0");
	assert_string_equal(world_events(w), OFFLINE(32) OFFLINE(33) REMOVE(32) REMOVE(33));
}

/* Firmware accepts what the kernel cannot use. */
static void not_a_multiple_of_a_block(void **state)
{
	struct world *w = *state;
	char line[120];

	world_watch(w);
	assert_plugs(w, "d0", "size=64M node=1");
	assert_string_equal(world_events(w), "");
	assert_string_equal(world_dimm_read(w, "d0", "plugged"), "1\n");
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "0\n");
	assert_at(w, "d0", window(w, 0), "0\n");
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
	assert_false(is_ram(w, window(w, 0), MIB(64)));
	snprintf(line, sizeof(line),
		 "Block size [0x%" PRIx64 "] unaligned hotplug range: start 0x%" PRIx64
		 ", size 0x%" PRIx64 "\n",
		 w->spec->block_size, window(w, 0), MIB(64));
	assert_true(log_has(w, line));
	assert_true(log_has(w, "acpi PNP0C80:00: add_memory failed\n"));
	assert_true(log_has(w, "acpi PNP0C80:00: acpi_memory_enable_device() error\n"));
	/* Its address is occupied nevertheless. */
	assert_plugs(w, "d1", "size=128M node=1");
	assert_at(w, "d1", window(w, 0) + MIB(64), "1\n");
	unplug(w, "d0");
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "0\n");
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
}

static void no_memory_for_the_memmap(void **state)
{
	struct world *w = *state;
	uint64_t size = 0, free;
	char text[32];

	/* As much as watermarks allow. */
	assert_int_equal(world_hold(w, "hog", "size=0"), 1);
	for (uint64_t step = 1ULL << 30; step >= 4096; step /= 2) {
		snprintf(text, sizeof(text), "%" PRIu64, size + step);
		while (world_write(w, "machine/workload/hog/size", text) > 0) {
			size += step;
			snprintf(text, sizeof(text), "%" PRIu64, size + step);
		}
	}
	free = world_number(w, "proc/meminfo", "MemFree:");
	world_watch(w);
	assert_plugs(w, "d0", "size=128M node=1");
	assert_string_equal(world_events(w), "");
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "0\n");
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
	assert_false(is_ram(w, window(w, 0), MIB(128)));
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free);
	unplug(w, "d0");
	assert_takes(w, "machine/workload/hog/size", "0");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "1"), 1);
	assert_reads(w, STATE(32), "offline\n");
}

/* A DIMM that the kernel rejected does not own memory added at its address. */
static void not_taken(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
	assert_takes(w, "machine/fault/f/phase", "memmap_alloc");
	assert_takes(w, "machine/fault/f/enabled", "1");
	assert_plugs(w, "d0", "size=128M node=1");
	assert_int_equal(world_rmdir(w, "machine/fault/f"), 0);
	assert_true(strstr(world_read(w, "machine/log"), "acpi PNP0C80:00: add_memory failed\n"));
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
	assert_takes(w, SYS_MEMORY "probe", "0x100000000");
	assert_takes(w, STATE(32), "online_movable");
	unplug(w, "d0");
	assert_reads(w, STATE(32), "online\n");
}

static void of_block(void **state)
{
	struct world *w = *state;
	char addr[32];

	assert_plugs(w, "a", "size=256M node=1 slot=7");
	assert_plugs(w, "b", "size=128M node=1 slot=200");
	assert_int_equal(machine_dimm_of_block(w->machine, hp_block_find(w->hp, 32)), 7);
	assert_int_equal(machine_dimm_of_block(w->machine, hp_block_find(w->hp, 33)), 7);
	assert_int_equal(machine_dimm_of_block(w->machine, hp_block_find(w->hp, 34)), 200);
	assert_int_equal(machine_dimm_of_block(w->machine, hp_block_find(w->hp, 9)), -1);
	unplug(w, "a");
	snprintf(addr, sizeof(addr), "0x%" PRIx64, window(w, 0));
	assert_takes(w, SYS_MEMORY "probe", addr);
	assert_int_equal(machine_dimm_of_block(w->machine, hp_block_find(w->hp, 32)), -1);
}

/* ---- ejecting ------------------------------------------------------------------------------- */

static void eject_mixed(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=512M node=1");
	assert_takes(w, STATE(32), "online_kernel");
	assert_takes(w, STATE(34), "online_movable");
	assert_takes(w, STATE(35), "online");
	world_watch(w);
	unplug(w, "d0");
	assert_string_equal(world_events(w), OFFLINE(32) OFFLINE(34) OFFLINE(35) REMOVE(32)
						     REMOVE(33) REMOVE(34) REMOVE(35));
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "0\n");
	assert_false(log_has(w, "Offline failed."));
}

/* 32 Movable, 33 held, 34 offline, 35 Movable. */
static void plug_with_a_held_block(struct world *w)
{
	assert_plugs(w, "d0", "size=512M node=1");
	assert_takes(w, STATE(32), "online_movable");
	assert_takes(w, STATE(33), "online_kernel");
	assert_takes(w, STATE(35), "online_movable");
	assert_int_equal(world_hold(w, "w0", "block=33 size=4K"), 2);
}

static void eject_rolls_back(void **state)
{
	struct world *w = *state;
	const char *log;

	plug_with_a_held_block(w);
	world_watch(w);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w), OFFLINE(32) OFFLINE(35) ONLINE(32) ONLINE(35));
	assert_string_equal(world_dimm_read(w, "d0", "ost"), OST_BUSY);
	assert_string_equal(world_dimm_read(w, "d0", "plugged"), "1\n");
	/* With the plain type: Movable blocks come back as Normal. Offline ones stay offline. */
	assert_reads(w, ZONES(32), "Normal\n");
	assert_reads(w, ZONES(33), "Normal\n");
	assert_reads(w, STATE(34), "offline\n");
	assert_reads(w, ZONES(35), "Normal\n");
	assert_true(world_exists(w, SYS_MEMORY "memory32/firmware_node"));
	/* Once, for the block that stopped the second pass. */
	log = strstr(base_buf_text(machine_log_text(w->machine)), "memory33: Offline failed.\n");
	assert_non_null(log);
	assert_null(strstr(strchr(log, '\n'), "Offline failed."));

	assert_takes(w, "machine/workload/w0/size", "0");
	unplug(w, "d0");
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "0\n");
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
}

/* A type remembered from an earlier, refused word is used. */
static void eject_rolls_back_to_the_remembered_type(void **state)
{
	struct world *w = *state;

	plug_with_a_held_block(w);
	assert_writes(w, STATE(32), "online_movable", -EINVAL);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_reads(w, ZONES(32), "Movable\n");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_reads(w, ZONES(32), "Normal\n");
}

static void eject_cannot_roll_back(void **state)
{
	struct world *w = *state;

	plug_with_a_held_block(w);
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "-12");
	world_watch(w);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w), OFFLINE(32) OFFLINE(35));
	assert_string_equal(world_dimm_read(w, "d0", "ost"), OST_BUSY);
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "0");
	/* The next eject finds them offline, and leaves them offline. */
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w), "");
	assert_reads(w, STATE(32), "offline\n");
}

static void eject_vetoed(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=256M node=1");
	assert_takes(w, STATE(32), "online");
	assert_takes(w, STATE(33), "online");
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "-28");
	world_watch(w);
	/* Whatever the reason, the error is EBUSY. */
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w), "");
	assert_string_equal(world_dimm_read(w, "d0", "ost"), OST_BUSY);
	assert_reads(w, STATE(32), "online\n");
	assert_true(log_has(w, "memory memory32: Offline failed.\n"));
	assert_false(log_has(w, "memory memory33: Offline failed.\n"));
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "0");
	unplug(w, "d0");
}

/* ---- the two passes ------------------------------------------------------------------------- */

/* Vetoes offlining of block @block @vetoes times, and counts the calls. */
struct vetoer {
	struct hp_notifier notifier;
	uint64_t start_pfn;
	unsigned int vetoes;
	unsigned int asked;
};

static int veto(struct hp_notifier *notifier, enum hp_action action, const struct hp_notify *arg)
{
	struct vetoer *v = base_container_of(notifier, struct vetoer, notifier);

	if (action != HP_GOING_OFFLINE)
		return 0;
	v->asked++;
	if (arg->start_pfn != v->start_pfn || !v->vetoes)
		return 0;
	v->vetoes--;
	return -EAGAIN;
}

static void veto_register(struct world *w, struct vetoer *v, uint64_t block, unsigned int vetoes)
{
	*v = (struct vetoer){
		.notifier.call = veto,
		.start_pfn = block * hp_block_pages(w->hp),
		.vetoes = vetoes,
	};
	hp_notifier_register(w->hp, &v->notifier);
}

static void plug_online(struct world *w)
{
	assert_takes(w, SYS_MEMORY "auto_online_blocks", "online");
	assert_plugs(w, "d0", "size=512M node=1");
	world_watch(w);
}

static void second_pass_helps(void **state)
{
	struct world *w = *state;
	struct vetoer v;

	plug_online(w);
	veto_register(w, &v, 33, 1);
	unplug(w, "d0");
	assert_string_equal(world_events(w), OFFLINE(32) OFFLINE(34) OFFLINE(35) OFFLINE(33)
						     REMOVE(32) REMOVE(33) REMOVE(34) REMOVE(35));
	assert_int_equal(v.asked, 5);
	assert_false(log_has(w, "Offline failed."));
	hp_notifier_unregister(w->hp, &v.notifier);
}

static void second_pass_stops(void **state)
{
	struct world *w = *state;
	struct vetoer first, second;

	plug_online(w);
	veto_register(w, &first, 33, 2);
	veto_register(w, &second, 34, 99);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	/* 32 to 35, then 33 again, and no more. */
	assert_int_equal(first.asked, 5);
	assert_int_equal(second.vetoes, 98);
	assert_string_equal(world_events(w), OFFLINE(32) OFFLINE(35) ONLINE(32) ONLINE(35));
	/* 33 goes offline in the first pass now, 34 never. */
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w),
			    OFFLINE(32) OFFLINE(33) OFFLINE(35) ONLINE(32) ONLINE(33) ONLINE(35));
	hp_notifier_unregister(w->hp, &first.notifier);
	hp_notifier_unregister(w->hp, &second.notifier);
	unplug(w, "d0");
}

/* Blocks that the second pass took offline are also onlined again. */
static void second_pass_rolls_back(void **state)
{
	struct world *w = *state;
	struct vetoer first, second;

	plug_online(w);
	veto_register(w, &first, 33, 1);
	veto_register(w, &second, 34, 99);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w),
			    OFFLINE(32) OFFLINE(35) OFFLINE(33) ONLINE(32) ONLINE(33) ONLINE(35));
	hp_notifier_unregister(w->hp, &first.notifier);
	hp_notifier_unregister(w->hp, &second.notifier);
}

/* Many blocks: an eject must not nest. */
static void many_blocks(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=64G node=1");
	assert_reads(w, SYS_MEMORY "memory543/state", "offline\n");
	assert_takes(w, SYS_MEMORY "memory543/online", "1");
	unplug(w, "d0");
	assert_false(world_exists(w, SYS_MEMORY "memory543"));
}

/* The writer of an eject may be killed; the kernel continues. */
static void interrupted(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	assert_plugs(w, "d0", "size=128M node=1");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_movable");
	assert_int_equal(world_mkdir(w, "machine/workload/a"), 0);
	assert_takes(w, "machine/workload/a/kind", "anon");
	assert_takes(w, "machine/workload/a/block", "32");
	assert_takes(w, "machine/workload/a/size", "4M");
	assert_takes(w, "machine/clock/migrate_pages_per_ms", "1");
	file = world_open_good(w, "machine/dimm/d0/plugged", O_WRONLY);
	world_req_write(&r, file, "0", 1);
	assert_false(r.done);
	assert_reads(w, SYS_MEMORY "memory32/state", "going-offline\n");
	tree_interrupt(&r.req, false);
	assert_true(r.done);
	assert_int_equal(r.result, -EINTR);
	world_req_fini(&r);
	/* No other eject is accepted meanwhile, and it cannot be removed. */
	assert_int_equal(world_file_write(file, "0", 1), -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), -EBUSY);
	tree_release(file);
	assert_takes(w, "machine/clock/advance_ns", "2000000000");
	assert_reads(w, "machine/dimm/d0/plugged", "0\n");
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
}

/* While it waits for the lock, a fatal signal cancels it. */
static void interrupted_in_queue(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	assert_plugs(w, "d0", "size=128M node=1");
	file = world_open_good(w, "machine/dimm/d0/plugged", O_WRONLY);
	world_lock(w);
	world_req_write(&r, file, "0", 1);
	tree_interrupt(&r.req, false);
	assert_false(r.done);
	tree_interrupt(&r.req, true);
	assert_true(r.done);
	assert_int_equal(r.result, -EINTR);
	world_req_fini(&r);
	world_unlock(w);
	assert_reads(w, "machine/dimm/d0/plugged", "1\n");
	assert_int_equal(world_file_write(file, "0", 1), 1);
	tree_release(file);
}

/* ---- missing memory ------------------------------------------------------------------------- */

static void not_backed(void **state)
{
	struct world *w = *state;
	uint64_t total = world_number(w, "proc/meminfo", "MemTotal:");

	assert_plugs(w, "d0", "size=384M node=1 backed=160M");
	assert_takes(w, STATE(32), "online_movable");
	assert_takes(w, STATE(33), "online_movable");
	assert_takes(w, STATE(34), "online_movable");
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:") - total, 160 << 10);
	/* a hole keeps its block */
	assert_writes(w, STATE(33), "offline", -EBUSY);
	assert_writes(w, STATE(34), "offline", -EBUSY);
	assert_takes(w, STATE(32), "offline");
	assert_takes(w, STATE(32), "online_movable");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	/* the hypervisor provides more */
	assert_int_equal(world_dimm_write(w, "d0", "backed", "128M"), -EBUSY);
	assert_int_equal(world_dimm_write(w, "d0", "backed", "3K"), -EINVAL);
	assert_int_equal(world_dimm_write(w, "d0", "backed", "256M"), 4);
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:") - total, 256 << 10);
	assert_takes(w, STATE(33), "offline");
	assert_writes(w, STATE(34), "offline", -EBUSY);
	assert_int_equal(world_dimm_write(w, "d0", "backed", "auto"), 4);
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:") - total, 256 << 10);
	assert_takes(w, STATE(33), "online");
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:") - total, 384 << 10);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:"), total);
	/* also while it is offline */
	assert_plugs(w, "d1", "size=256M node=1 backed=2M");
	assert_int_equal(world_dimm_write(w, "d1", "backed", "130M"), 4);
	assert_takes(w, STATE(32), "online");
	assert_takes(w, STATE(33), "online");
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:") - total, 130 << 10);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(not_backed),
		WORLD_TEST(first_fit),
		WORLD_TEST(alignment),
		WORLD_TEST(fixed_address),
		cmocka_unit_test(several_windows),
		cmocka_unit_test(no_window),
		WORLD_TEST(slots),
		WORLD_TEST(all_slots),
		WORLD_TEST(settings),
		WORLD_TEST(cannot_be_plugged),
		WORLD_TEST(plugged_is_fixed),
		WORLD_TEST(insertion),
		WORLD_TEST(insertion_with_auto_online),
		WORLD_TEST(not_a_multiple_of_a_block),
		WORLD_TEST(no_memory_for_the_memmap),
		WORLD_TEST(not_taken),
		WORLD_TEST(of_block),
		WORLD_TEST(eject_mixed),
		WORLD_TEST(eject_rolls_back),
		WORLD_TEST(eject_rolls_back_to_the_remembered_type),
		WORLD_TEST(eject_cannot_roll_back),
		WORLD_TEST(eject_vetoed),
		WORLD_TEST(second_pass_helps),
		WORLD_TEST(second_pass_stops),
		WORLD_TEST(second_pass_rolls_back),
		WORLD_TEST(many_blocks),
		WORLD_TEST(interrupted),
		WORLD_TEST(interrupted_in_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
