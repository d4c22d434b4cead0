// SPDX-License-Identifier: GPL-2.0-or-later
/* sys/firmware/memmap: ranges announced at boot, and ranges added since. */
#include "world.h"

#define MEMMAP "sys/firmware/memmap/"

/* The numbers that a directory lists, in ascending order. */
static unsigned int highest(struct world *w, unsigned int *ret_nr)
{
	const char *list = world_list(w, "sys/firmware/memmap");
	unsigned int most = 0, number;
	int used;

	for (*ret_nr = 0; sscanf(list, "%u %n", &number, &used) == 1; list += used) {
		most = number > most ? number : most;
		(*ret_nr)++;
	}
	return most;
}

static void ranges(void **state)
{
	struct world *w = *state;
	unsigned int nr, before, last = highest(w, &before);
	char path[64];

	assert_reads(w, MEMMAP "1/start", "0x1000\n");
	assert_reads(w, MEMMAP "1/end", "0x9fbff\n");
	assert_reads(w, MEMMAP "1/type", "System RAM\n");
	assert_reads(w, MEMMAP "0/type", "Reserved\n");
	assert_plugs(w, "d0", "size=256M node=1");
	snprintf(path, sizeof(path), MEMMAP "%u/start", last + 1);
	assert_reads(w, path, "0x100000000\n");
	snprintf(path, sizeof(path), MEMMAP "%u/end", last + 1);
	assert_reads(w, path, "0x10fffffff\n");
	assert_int_equal(highest(w, &nr), last + 1);
	assert_int_equal(nr, before + 1);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_false(world_exists(w, path));
	/* numbers are not reused */
	assert_takes(w, SYS_MEMORY "probe", "0x110000000");
	assert_int_equal(highest(w, &nr), last + 2);
	assert_int_equal(nr, before + 1);
	/* driver-managed memory is not listed */
	assert_int_equal(world_mkdir(w, "machine/dax/d"), 0);
	assert_takes(w, "machine/dax/d/size", "128M");
	assert_takes(w, "machine/dax/d/node", "1");
	assert_takes(w, "machine/dax/d/plugged", "1");
	assert_takes(w, "machine/dax/d/system_ram", "1");
	assert_int_equal(highest(w, &nr), last + 2);
}

/* An open file outlives its entry. */
static void removed(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;
	unsigned int nr;
	char path[64];

	assert_plugs(w, "d0", "size=128M node=1");
	snprintf(path, sizeof(path), MEMMAP "%u/type", highest(w, &nr));
	file = world_open_good(w, path, O_RDONLY);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(world_file_read(&r, file, 100, 0), -ENODEV);
	world_req_fini(&r);
	tree_release(file);
}

static void others(void **state)
{
	struct world *w =
		world_new("arch: arm64\nmemory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n");

	(void)state;
	assert_false(world_exists(w, "sys/firmware/memmap"));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(ranges),
		WORLD_TEST(removed),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
