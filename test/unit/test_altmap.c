/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memmap_on_memory: its cost, how zones count it, and when it does not apply. */
#include "world.h"

#define ZERO_GIB                                                                                   \
	PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"                                 \
	       "hotplug:\n  - {start: 4G, end: 0x1ffffffff, node: 0}\n" ONE_CPU
#define ARM64(page)                                                                                \
	"arch: arm64\npage_size: " page "\n"                                                       \
	"memory:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n"                                     \
	"hotplug:\n  - {start: 4G, end: 0x1ffffffff, node: 0}\n" ONE_CPU
#define MEMMAP "memory_hotplug.memmap_on_memory="

static uint64_t zone_field(struct world *w, const char *name)
{
	struct mm_zone_info zone;

	mm_zone_info(w->mm, 0, MM_ZONE_NORMAL, &zone);
	return !strcmp(name, "present") ? zone.present :
	       !strcmp(name, "managed") ? zone.managed :
	       !strcmp(name, "spanned") ? zone.spanned :
					  zone.free;
}

static uint64_t vmstat(struct world *w, const char *name)
{
	return world_number(w, "proc/vmstat", name);
}

/* 512 pages at the start of each block of 128 MiB. */
static void counted(void **state)
{
	struct world *w = world_new_cmdline(ZERO_GIB, MEMMAP "Y");
	uint64_t free = world_number(w, "proc/meminfo", "MemFree:");
	uint64_t total = world_number(w, "proc/meminfo", "MemTotal:");
	uint64_t memmap = vmstat(w, "nr_memmap_pages ");

	assert_plugs(w, "d0", "size=256M");
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free);
	assert_int_equal(vmstat(w, "nr_memmap_pages "), memmap + 2 * 512);
	assert_takes(w, SYS_MEMORY "memory32/state", "online");
	assert_takes(w, SYS_MEMORY "memory33/state", "online");
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:"), total + 258048);
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free + 258048);
	assert_int_equal(zone_field(w, "present"), 65536);
	assert_int_equal(zone_field(w, "managed"), 64512);
	assert_int_equal(zone_field(w, "spanned"), 65536);
	assert_int_equal(zone_field(w, "free"), 64512);
	/* The memmap is not available to others, and cannot be allocated. */
	assert_non_null(strstr(world_read(w, "proc/pagetypeinfo"),
			       "Node 0, zone   Normal            2          126"));
	assert_takes(w, SYS_MEMORY "memory32/state", "offline");
	assert_int_equal(zone_field(w, "present"), 32768);
	assert_int_equal(zone_field(w, "managed"), 32256);
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:"), total + 129024);
	assert_int_equal(vmstat(w, "nr_memmap_pages "), memmap + 2 * 512);
	assert_takes(w, SYS_MEMORY "memory33/state", "offline");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(vmstat(w, "nr_memmap_pages "), memmap);
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free);
	world_free(w);
}

/* A failure at any step leaves nothing behind. */
static void undone(void **state)
{
	struct world *w = world_new_cmdline(ZERO_GIB, MEMMAP "Y");
	uint64_t total = world_number(w, "proc/meminfo", "MemTotal:");

	assert_plugs(w, "d0", "size=128M");
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "-12");
	assert_writes(w, SYS_MEMORY "memory32/state", "online", -ENOMEM);
	assert_int_equal(zone_field(w, "spanned"), 0);
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:"), total);
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "0");
	assert_takes(w, SYS_MEMORY "memory32/state", "online");
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "-12");
	assert_writes(w, SYS_MEMORY "memory32/state", "offline", -ENOMEM);
	assert_int_equal(zone_field(w, "present"), 32768);
	assert_int_equal(zone_field(w, "managed"), 32256);
	assert_int_equal(zone_field(w, "free"), 32256);
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "0");
	/* A block with a poisoned page in its memmap does go offline, and stays offline. */
	assert_writes(w, SYS_MEMORY "hard_offline_page", "0x100000000", -EBUSY);
	assert_takes(w, SYS_MEMORY "memory32/state", "offline");
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:"), total);
	assert_writes(w, SYS_MEMORY "memory32/state", "online", -EHWPOISON);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	world_free(w);
}

static void applies(void **state)
{
	static const struct {
		const char *machine;
		const char *cmdline;
		const char *log;
		uint64_t managed; /* of a block in Normal */
		uint64_t block;
	} cases[] = {
		{ ZERO_GIB, "", "", 32768, 32 },
		{ ZERO_GIB, MEMMAP "N", "", 32768, 32 },
		{ ZERO_GIB, MEMMAP "Force", "", 32768, 32 },
		{ ZERO_GIB, MEMMAP "1", "", 32256, 32 },
		{ ZERO_GIB, MEMMAP "force",
		  "Memory hotplug will waste 0 pages in each memory block\n", 32256, 32 },
		/* The last word counts; earlier words are still logged. */
		{ ZERO_GIB, MEMMAP "FORCE " MEMMAP "off",
		  "Memory hotplug will waste 0 pages in each memory block\n", 32768, 32 },
		/* Large blocks: 32 MiB of memmap for 2 GiB. */
		{ "block_size: 2G\n" ZERO_GIB, MEMMAP "Y", "", 524288 - 8192, 2 },
		{ ARM64("4K"), MEMMAP "Y", "", 32256, 32 },
		/* Half a MiB of memmap for a block, where a PMD maps 32 or 512 MiB. */
		{ ARM64("16K"), MEMMAP "Y", "", 8192, 32 },
		{ ARM64("64K"), MEMMAP "Y", "", 8192, 8 },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct world *w = world_new_cmdline(cases[i].machine, cases[i].cmdline);
		char path[64];

		assert_string_equal(base_buf_text(machine_log_text(w->machine)), cases[i].log);
		assert_plugs(w, "d0", "size=2G");
		snprintf(path, sizeof(path), SYS_MEMORY "memory%" PRIu64 "/state", cases[i].block);
		assert_takes(w, path, "online_kernel");
		if (zone_field(w, "managed") != cases[i].managed)
			fail_msg("case %zu: %" PRIu64, i, zone_field(w, "managed"));
		world_free(w);
	}
}

/* Probing does not request it. */
static void not_probed(void **state)
{
	struct world *w = world_new_cmdline(ZERO_GIB, MEMMAP "Y");

	assert_takes(w, SYS_MEMORY "probe", "0x100000000");
	assert_takes(w, SYS_MEMORY "memory32/state", "online");
	assert_int_equal(zone_field(w, "managed"), 32768);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counted),
		cmocka_unit_test(undone),
		cmocka_unit_test(applies),
		cmocka_unit_test(not_probed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
