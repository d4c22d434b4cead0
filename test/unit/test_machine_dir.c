/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine/: creating and removing objects, and its files. The attributes of DIMMs and workloads are
 * tested in test_dimm and test_workload.
 */
#include "world.h"

#include "../../src/tree/tree_private.h"

static int mkdir_in(struct world *w, const char *dir, const char *name)
{
	struct tree_attr attr;
	int ret = tree_mkdir(w->tree, world_ino(w, dir), name, &attr);

	if (!ret)
		tree_forget(w->tree, attr.ino, 1);
	return ret;
}

static void makes(void **state)
{
	struct world *w = *state;
	struct tree_attr attr, again;

	assert_int_equal(tree_mkdir(w->tree, world_ino(w, "machine/dimm"), "d0", &attr), 0);
	assert_int_equal(attr.mode, S_IFDIR | 0755);
	assert_int_equal(attr.nlink, 2);
	assert_int_equal(attr.ino, world_ino(w, "machine/dimm/d0"));
	/* It holds a reference, like a lookup. */
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
	assert_int_equal(tree_getattr(w->tree, attr.ino, &again), 0);
	tree_forget(w->tree, attr.ino, 1);
	assert_int_equal(tree_getattr(w->tree, attr.ino, &again), -ENOENT);
	assert_int_equal(mkdir_in(w, "machine/dimm", "d0"), 0);
	assert_true(world_ino(w, "machine/dimm/d0") > attr.ino);
}

static void names(void **state)
{
	static const char *const good[] = { "a", "...", ".a", " ", "d 0", "\xc3\xa9", "plugged" };
	static const char *const bad[] = { "", ".", ".." };
	struct world *w = *state;
	char name[257];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(good); i++) {
		assert_int_equal(mkdir_in(w, "machine/dimm", good[i]), 0);
		assert_int_equal(mkdir_in(w, "machine/dimm", good[i]), -EEXIST);
		assert_int_equal(mkdir_in(w, "machine/workload", good[i]), 0);
		assert_int_equal(mkdir_in(w, "machine/workload", good[i]), -EEXIST);
	}
	for (size_t i = 0; i < BASE_ARRAY_SIZE(bad); i++)
		assert_int_equal(mkdir_in(w, "machine/dimm", bad[i]), -EINVAL);
	memset(name, 'n', sizeof(name));
	name[256] = '\0';
	assert_int_equal(mkdir_in(w, "machine/dimm", name), -ENAMETOOLONG);
	name[255] = '\0';
	assert_int_equal(mkdir_in(w, "machine/dimm", name), 0);
	assert_int_equal(world_stat(w, "machine/dimm").nlink, 2 + 8);
	assert_int_equal(world_stat(w, "machine/workload").nlink, 2 + 7);
}

static void nowhere_else(void **state)
{
	static const char *const dirs[] = { "",
					    "machine",
					    "sys",
					    SYS_MEMORY,
					    SYS_MEMORY "memory9",
					    "machine/dimm/d0",
					    "machine/log",
					    "proc",
					    SYS_MEMORY "memory9/subsystem",
					    SYS_MEMORY "memory9/node1" };
	struct world *w = *state;
	struct tree_attr attr;

	assert_int_equal(world_mkdir(w, "machine/dimm/d0"), 0);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(dirs); i++) {
		assert_int_equal(mkdir_in(w, dirs[i], "x"), -EPERM);
		assert_int_equal(tree_rmdir(w->tree, world_ino(w, dirs[i]), "x"), -EPERM);
	}
	assert_int_equal(world_rmdir(w, SYS_MEMORY "memory9"), -EPERM);
	assert_int_equal(world_rmdir(w, "machine/dimm"), -EPERM);
	assert_int_equal(tree_mkdir(w->tree, (uint64_t)999 << 12 | 1, "x", &attr), -EPERM);
	assert_int_equal(world_rmdir(w, "machine/dimm/d1"), -ENOENT);
	assert_int_equal(world_rmdir(w, "machine/workload/d0"), -ENOENT);
}

static void objects(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/dimm/x"), 0);
	assert_int_equal(world_mkdir(w, "machine/workload/x"), 0);
	assert_string_equal(world_list(w, "machine/dimm/x"),
			    "ost backed plugged size slot node addr ");
	assert_string_equal(world_list(w, "machine/workload/x"),
			    "kind busy_ms oom swapped policy size block idle_ms resident node ");
	assert_int_equal(world_stat(w, "machine/dimm/x/size").mode, S_IFREG | 0644);
	assert_int_equal(world_stat(w, "machine/dimm/x/ost").mode, S_IFREG | 0444);
	/* Inert: the kernel does not know it. */
	assert_int_equal(world_dimm_write(w, "x", "size", "128M"), 4);
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
	assert_int_equal(world_rmdir(w, "machine/dimm/x"), 0);
	assert_false(world_exists(w, "machine/dimm/x"));
	assert_true(world_exists(w, "machine/workload/x"));
}

/* A removed workload frees its memory; a DIMM must be unplugged first. */
static void removal(void **state)
{
	struct world *w = *state;
	uint64_t free = world_number(w, "proc/meminfo", "MemFree:");

	assert_int_equal(world_hold(w, "w0", "size=4M"), 2);
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free - 4096);
	assert_int_equal(world_rmdir(w, "machine/workload/w0"), 0);
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free);
	assert_plugs(w, "d0", "size=2M node=1");
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), -EBUSY);
	assert_true(world_exists(w, "machine/dimm/d0/plugged"));
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
}

static void open_file_of_a_removed_workload(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	assert_int_equal(world_hold(w, "w0", "size=4M"), 2);
	file = world_open_good(w, "machine/workload/w0/size", O_RDWR);
	assert_int_equal(world_rmdir(w, "machine/workload/w0"), 0);
	assert_int_equal(world_file_read(&r, file, 10, 0), -ENODEV);
	assert_int_equal(world_file_write(file, "8M", 2), -ENODEV);
	tree_release(file);
}

/* ---- log ------------------------------------------------------------------------------------ */

static void log_reads(void **state)
{
	struct world *w = *state;

	assert_reads(w, "machine/log", "");
	assert_writes(w, SYS_MEMORY "memory9/uevent", "x", -EINVAL);
	assert_reads(w, "machine/log",
		     "synth uevent: /devices/system/memory/memory9: unknown uevent action string\n"
		     "memory memory9: uevent: failed to send synthetic uevent: -22\n");
	assert_writes(w, "machine/log", "x", -EACCES);
	assert_int_equal(world_chmod(w, "machine/log", 0600), 0);
	assert_writes(w, "machine/log", "x", -EIO);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(makes),	  WORLD_TEST(names),
		WORLD_TEST(nowhere_else), WORLD_TEST(objects),
		WORLD_TEST(removal),	  WORLD_TEST(open_file_of_a_removed_workload),
		WORLD_TEST(log_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
