/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swap areas: machine files, machine/swap and proc/swaps; saving and loading what is in them. */
#include "swap.h"

static void no_swap(void **state)
{
	struct world *w = world_new(RAM);

	(void)state;
	assert_reads(w, "proc/swaps", HEADER);
	assert_int_equal(meminfo(w, "SwapTotal:"), 0);
	make(w, "a", "anon");
	assert_writes(w, A("size"), "1G", -ENOMEM);
	assert_reads(w, A("size"), "0\n");
	assert_takes(w, A("size"), "4K");
	assert_writes(w, A("swapped"), "4K", -ENOMEM);
	assert_takes(w, A("swapped"), "0");
	assert_null(strstr(world_read(w, "machine/spec"), "swap"));
	world_free(w);
}

static void areas_of_a_file(void **state)
{
	struct world *w = world_new(RAM "swap: 512M\n");
	uint64_t limit = meminfo(w, "CommitLimit:");

	(void)state;
	assert_reads(w, "proc/swaps",
		     HEADER
		     "/dev/swap0                              partition\t524284\t\t0\t\t-2\n");
	assert_true(world_logged(w, "Adding 524284k swap on /dev/swap0.  Priority:-2 extents:1 "
				    "across:524284k \n"));
	assert_int_equal(meminfo(w, "SwapTotal:"), 524284);
	assert_int_equal(meminfo(w, "SwapFree:"), 524284);
	assert_reads(w, SWAP0("size"), "536870912\n");
	assert_takes(w, SWAP0("on"), "0");
	assert_int_equal(meminfo(w, "CommitLimit:"), limit - 524284);
	world_free(w);

	w = world_new(RAM "swap:\n"
			  "  - {size: 16G, type: file, path: '/my swap\\', priority: 5}\n"
			  "  - {size: 40K}\n"
			  "  - {size: 1G, path: "
			  "/dev/disk/by-uuid/0123456789012345678901234567890123456789}\n"
			  "  - {size: 1G, type: file}\n");
	assert_reads(w, "proc/swaps",
		     HEADER "/my\\040swap\\134                         file\t\t16777212\t0\t\t5\n"
			    "/dev/swap1                              partition\t36\t\t0\t\t-2\n"
			    "/dev/disk/by-uuid/0123456789012345678901234567890123456789 "
			    "partition\t1048572\t\t0\t\t-3\n"
			    "/swap3                                  file\t\t1048572\t\t0\t\t-4\n");
	world_free(w);
}

static void turning(void **state)
{
	struct world *w = world_new(RAM);

	(void)state;
	assert_int_equal(world_mkdir(w, "machine/swap/x"), 0);
	assert_reads(w, "machine/swap/x/path", "/dev/x\n");
	assert_reads(w, "machine/swap/x/type", "partition\n");
	assert_reads(w, "machine/swap/x/priority", "-1\n");
	assert_writes(w, "machine/swap/x/on", "1", -EINVAL);
	assert_takes(w, "machine/swap/x/size", "39K");
	assert_writes(w, "machine/swap/x/on", "1", -EINVAL);
	assert_takes(w, "machine/swap/x/size", "17592186044416");
	assert_writes(w, "machine/swap/x/on", "1", -EINVAL);
	assert_takes(w, "machine/swap/x/size", "40K");
	assert_writes(w, "machine/swap/x/path", "swap", -EINVAL);
	assert_takes(w, "machine/swap/x/path", "/swap\n");
	assert_writes(w, "machine/swap/x/priority", "32768", -EINVAL);
	assert_writes(w, "machine/swap/x/priority", "-2", -EINVAL);
	assert_takes(w, "machine/swap/x/priority", "32767");
	assert_writes(w, "machine/swap/x/type", "disk", -EINVAL);
	assert_takes(w, "machine/swap/x/type", "file");
	assert_takes(w, "machine/swap/x/on", "1");
	assert_takes(w, "machine/swap/x/on", "1");
	assert_reads(w, "proc/swaps",
		     HEADER "/swap                                   file\t\t36\t\t0\t\t32767\n");
	assert_writes(w, "machine/swap/x/size", "80K", -EBUSY);
	assert_writes(w, "machine/swap/x/type", "file", -EBUSY);
	assert_writes(w, "machine/swap/x/path", "/y", -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/swap/x"), -EBUSY);
	assert_int_equal(world_mkdir(w, "machine/swap/y"), 0);
	assert_takes(w, "machine/swap/y/size", "40K");
	assert_takes(w, "machine/swap/y/path", "/swap");
	assert_writes(w, "machine/swap/y/on", "1", -EBUSY);
	assert_true(world_logged(w, "machine: swap/y/on: /swap is in use by x\n"));
	assert_takes(w, "machine/swap/x/on", "0");
	assert_int_equal(world_rmdir(w, "machine/swap/x"), 0);
	assert_takes(w, "machine/swap/y/on", "1");
	world_free(w);
}

/* Areas without a priority follow each other; the lowest free number is the next one's. */
static void priorities(void **state)
{
	struct world *w = world_new(RAM "swap: [{size: 1M}, {size: 1M}, {size: 1M}]\n");

	(void)state;
	assert_takes(w, SWAP0("on"), "0");
	assert_reads(w, "proc/swaps",
		     HEADER "/dev/swap1                              partition\t1020\t\t0\t\t-2\n"
			    "/dev/swap2                              partition\t1020\t\t0\t\t-3\n");
	assert_takes(w, SWAP0("on"), "1");
	assert_takes(w, "machine/swap/swap2/on", "0");
	assert_reads(w, "proc/swaps",
		     HEADER "/dev/swap0                              partition\t1020\t\t0\t\t-3\n"
			    "/dev/swap1                              partition\t1020\t\t0\t\t-2\n");
	world_free(w);
}

static void too_many(void **state)
{
	struct world *w = world_new(RAM);
	char path[64];

	(void)state;
	for (int i = 0; i < 24; i++) {
		snprintf(path, sizeof(path), "machine/swap/s%d", i);
		assert_int_equal(world_mkdir(w, path), 0);
		snprintf(path, sizeof(path), "machine/swap/s%d/size", i);
		assert_takes(w, path, "40K");
		snprintf(path, sizeof(path), "machine/swap/s%d/on", i);
		assert_writes(w, path, "1", i < 23 ? 1 : -EPERM);
	}
	world_free(w);
}

/* ---- saving and loading ---------------------------------------------------------------------- */

static void saved(void **state)
{
	static const char machine[] = RAM "swap: [{size: 512M}, {size: 100M, priority: 3}]\n";
	static const char *const files[] = { "proc/swaps",  "proc/meminfo", "proc/vmstat",
					     A("swapped"),  B("swapped"),   A("resident"),
					     "machine/spec" };
	struct world *w = world_new(machine), *other = world_new_to_load(machine, "");
	struct base_moment when;
	struct base_buf buf, why;

	(void)state;
	make(w, "a", "anon");
	make(w, "b", "shmem");
	assert_takes(w, A("size"), "700M");
	assert_takes(w, B("size"), "600M");
	assert_takes(w, A("swapped"), "250M");
	base_buf_init(&buf);
	base_buf_init(&why);
	assert_int_equal(tree_save(w->tree, &buf), 0);
	assert_int_equal(tree_load(other->tree, buf.data, buf.len, &when, &why), 0);
	base_buf_fini(&buf);
	base_buf_fini(&why);
	for (int step = 0; step < 2; step++) {
		for (size_t i = 0; i < BASE_ARRAY_SIZE(files); i++)
			assert_string_equal(world_read(w, files[i]), world_read(other, files[i]));
		/* Reclaim goes on with the same pages. */
		assert_takes(w, B("size"), "650M");
		assert_takes(other, B("size"), "650M");
	}
	assert_agrees(other);
	world_free(w);
	world_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_swap),  cmocka_unit_test(areas_of_a_file),
		cmocka_unit_test(turning),  cmocka_unit_test(priorities),
		cmocka_unit_test(too_many), cmocka_unit_test(saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
