// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory whose blocks exist since boot, offline, and the recorded texts of recorded machines, shown
 * until something happens to a block.
 */
#include "world.h"

/* 256 MiB a block: 0 to 3 are memory, 4 to 7 and 10 to 11 are on standby. */
#define S390                                                                                       \
	"arch: s390x\nmemory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n"                         \
	"standby:\n  - {start: 0x40000000, end: 0x7fffffff, node: 0}\n"                            \
	"  - {start: 0xa0000000, end: 0xbfffffff, node: 0}\n"

#define RECORDED                                                                                   \
	"recorded:\n"                                                                              \
	"  - {blocks: \"0\", zones: none, removable: \"0\"}\n"                                     \
	"  - {blocks: \"3\", removable: \"0\"}\n"                                                  \
	"  - {blocks: \"4-5\", zones: Movable, removable: \"0\"}\n"                                \
	"  - {blocks: \"6\", state: offline, zones: Normal Movable}\n"                             \
	"  - {blocks: \"10\", zones: Normal}\n"

static void standby(void **state)
{
	struct world *w = world_new(S390 "block_size: 256M\nincrement: 512M\n");

	(void)state;
	for (unsigned int id = 0; id < 13; id++) {
		bool is_standby = (id >= 4 && id <= 7) || (id >= 10 && id <= 11);
		char path[80], device[8];

		snprintf(path, sizeof(path), SYS_MEMORY "memory%u/state", id);
		assert_int_equal(world_exists(w, path), id <= 3 || is_standby);
		if (!world_exists(w, path))
			continue;
		assert_reads(w, path, is_standby ? "offline\n" : "online\n");
		snprintf(path, sizeof(path), SYS_MEMORY "memory%u/phys_device", id);
		snprintf(device, sizeof(device), "%u\n", id / 2);
		assert_reads(w, path, device);
	}
	assert_takes(w, SYS_MEMORY "memory10/state", "online");
	assert_takes(w, SYS_MEMORY "memory10/state", "offline");
	world_free(w);
}

/* Recorded texts hold for each block by itself, whatever the emulation would show. */
static void recorded(void **state)
{
	static const struct {
		const char *file, *text;
	} shown[] = {
		{ "memory0/removable", "0\n" },
		{ "memory0/valid_zones", "none\n" },
		{ "memory1/removable", "1\n" },
		{ "memory1/valid_zones", "DMA\n" },
		{ "memory3/removable", "0\n" },
		{ "memory4/state", "online\n" },
		{ "memory4/valid_zones", "Movable\n" },
		{ "memory5/state", "online\n" },
		{ "memory5/valid_zones", "Movable\n" },
		{ "memory5/removable", "0\n" },
		{ "memory6/state", "offline\n" },
		{ "memory6/valid_zones", "Normal Movable\n" },
		{ "memory7/state", "offline\n" },
		{ "memory7/removable", "1\n" },
		{ "memory10/state", "online\n" },
		{ "memory10/valid_zones", "Normal\n" },
		{ "memory10/removable", "1\n" },
		{ "memory11/state", "offline\n" },
	};
	struct world *w = world_new(S390 RECORDED);

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(shown); i++) {
		char path[80];

		snprintf(path, sizeof(path), SYS_MEMORY "%s", shown[i].file);
		assert_reads(w, path, shown[i].text);
	}
	/* until something happens to a block, but not to another one */
	assert_takes(w, SYS_MEMORY "memory5/state", "offline");
	assert_reads(w, SYS_MEMORY "memory5/removable", "1\n");
	assert_reads(w, SYS_MEMORY "memory5/valid_zones", "Normal Movable\n");
	assert_reads(w, SYS_MEMORY "memory4/removable", "0\n");
	assert_reads(w, SYS_MEMORY "memory0/valid_zones", "none\n");
	world_free(w);
}

/* Only whole blocks are used; ranges that follow each other are one (align_to_block_size()). */
static void unaligned(void **state)
{
	struct world *w =
		world_new("arch: s390x\nmemory:\n  - {start: 0, end: 0x43ffffff, node: 0}\n"
			  "standby:\n  - {start: 0x44000000, end: 0x677fffff, node: 0}\n"
			  "  - {start: 0x67800000, end: 0x8fefffff, node: 0}\n"
			  "  - {start: 0x90100000, end: 0x9fffffff, node: 0}\n");

	(void)state;
	assert_reads(w, SYS_MEMORY "memory5/state", "offline\n");
	assert_reads(w, SYS_MEMORY "memory6/state", "offline\n");
	assert_reads(w, SYS_MEMORY "memory7/state", "offline\n");
	assert_false(world_exists(w, SYS_MEMORY "memory8"));
	assert_false(world_exists(w, SYS_MEMORY "memory9"));
	assert_string_equal(world_read(w, "machine/log"),
			    "sclp_cmd: Standby memory at 0x44000000 (768M of 1215M usable)\n"
			    "sclp_cmd: Standby memory at 0x90100000 (0M of 255M usable)\n");
	assert_takes(w, SYS_MEMORY "memory6/state", "online");
	world_free(w);
}

/* setup_resources() of s390x */
static void image(void **state)
{
	struct world *w = world_new(S390);

	(void)state;
	assert_non_null(strstr(world_read(w, "proc/iomem"), "00000000-3fffffff : System RAM\n"
							    "  00100000-00d5ffff : Kernel code\n"
							    "  00d60000-015fffff : Kernel data\n"
							    "  01700000-01afffff : Kernel bss\n"));
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(standby),
		cmocka_unit_test(recorded),
		cmocka_unit_test(unaligned),
		cmocka_unit_test(image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
