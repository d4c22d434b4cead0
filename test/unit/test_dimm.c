/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DIMMs: what the kernel makes of them, and memory that the hypervisor does not provide. */
#include "dimm.h"

/* Whether proc/iomem has System RAM of a size at an address, on a line of its own. */
static bool is_ram(struct world *w, uint64_t start, uint64_t size)
{
	char line[80];

	snprintf(line, sizeof(line), "\n%08" PRIx64 "-%08" PRIx64 " : System RAM\n", start,
		 start + size - 1);
	return strstr(world_read(w, "proc/iomem"), line);
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
	assert_unplugs(w, "d0");
	assert_false(is_ram(w, window(w, 0), MIB(384)));
	assert_unplugs(w, "d1");
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
	assert_unplugs(w, "d0");
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
	assert_true(world_logged(w, line));
	assert_true(world_logged(w, "acpi PNP0C80:00: add_memory failed\n"));
	assert_true(world_logged(w, "acpi PNP0C80:00: acpi_memory_enable_device() error\n"));
	/* Its address is occupied nevertheless. */
	assert_plugs(w, "d1", "size=128M node=1");
	assert_at(w, "d1", window(w, 0) + MIB(64), "1\n");
	assert_unplugs(w, "d0");
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
	assert_unplugs(w, "d0");
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
	assert_unplugs(w, "d0");
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
	assert_unplugs(w, "a");
	snprintf(addr, sizeof(addr), "0x%" PRIx64, window(w, 0));
	assert_takes(w, SYS_MEMORY "probe", addr);
	assert_int_equal(machine_dimm_of_block(w->machine, hp_block_find(w->hp, 32)), -1);
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
		WORLD_TEST(insertion),
		WORLD_TEST(insertion_with_auto_online),
		WORLD_TEST(not_a_multiple_of_a_block),
		WORLD_TEST(no_memory_for_the_memmap),
		WORLD_TEST(not_taken),
		WORLD_TEST(of_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
