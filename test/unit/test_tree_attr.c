/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attributes of inodes, and which changes to them persist. */
#include <time.h>
#include <unistd.h>

#include "world.h"

#include "../../src/tree/tree_private.h"

#define STATE SYS_MEMORY "memory9/state"

static void modes(void **state)
{
	static const struct {
		const char *path;
		mode_t mode;
		nlink_t nlink;
		off_t size;
	} cases[] = {
		{ "", S_IFDIR | 0755, 6, 0 },
		{ "sys", S_IFDIR | 0555, 9, 0 },
		{ SYS_MEMORY, S_IFDIR | 0755, 2 + 16 + 1, 0 },
		{ SYS_MEMORY "memory9", S_IFDIR | 0755, 3, 0 },
		{ SYS_MEMORY "memory9/power", S_IFDIR | 0755, 2, 0 },
		{ SYS_MEMORY "memory9/state", S_IFREG | 0644, 1, 4096 },
		{ SYS_MEMORY "memory9/phys_index", S_IFREG | 0444, 1, 4096 },
		{ SYS_MEMORY "memory9/uevent", S_IFREG | 0644, 1, 4096 },
		{ SYS_MEMORY "memory9/subsystem", S_IFLNK | 0777, 1, 0 },
		{ SYS_MEMORY "memory9/node1", S_IFLNK | 0777, 1, 0 },
		{ SYS_MEMORY "probe", S_IFREG | 0200, 1, 4096 },
		{ SYS_NODE, S_IFDIR | 0755, 2 + 2 + 1, 0 },
		/* power, memory_failure, hugepages: links do not count */
		{ SYS_NODE "node1", S_IFDIR | 0755, 2 + 3, 0 },
		{ SYS_NODE "node1/hugepages", S_IFDIR | 0755, 2 + 2, 0 },
		{ SYS_NODE "node1/memory9", S_IFLNK | 0777, 1, 0 },
		{ SYS_NODE "node1/cpu1", S_IFLNK | 0777, 1, 0 },
		{ SYS_NODE "node1/cpumap", S_IFREG | 0444, 1, 4096 },
		{ SYS_NODE "node1/compact", S_IFREG | 0200, 1, 4096 },
		{ "sys/bus/memory", S_IFDIR | 0755, 4, 0 },
		{ "sys/bus/memory/devices", S_IFDIR | 0755, 2, 0 },
		{ "sys/bus/memory/devices/memory9", S_IFLNK | 0777, 1, 0 },
		{ SYS_PARAM "memmap_on_memory", S_IFREG | 0444, 1, 4096 },
		{ "sys/kernel/debug", S_IFDIR | 0700, 5, 0 },
		{ SYS_INJECT, S_IFDIR | 0755, 4, 0 },
		{ SYS_INJECT "MEM_GOING_ONLINE/error", S_IFREG | 0600, 1, 0 },
		{ "machine/uevents", S_IFREG | 0444, 1, 0 },
		{ "machine/dimm", S_IFDIR | 0755, 2, 0 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct tree_attr attr = world_stat(w, cases[i].path);

		assert_int_equal(attr.mode, cases[i].mode);
		assert_int_equal(attr.nlink, cases[i].nlink);
		assert_int_equal(attr.size, cases[i].size);
		assert_int_equal(attr.blksize, 4096);
		assert_int_equal(attr.uid, geteuid());
		assert_int_equal(attr.gid, getegid());
		assert_int_equal(attr.ino, world_ino(w, cases[i].path));
	}
}

/* For sendfile(2), a file of proc is as long as its text. */
static void size_of_proc_files(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_stat(w, "proc/meminfo").size, strlen(world_read(w, "proc/meminfo")));
	assert_int_equal(world_stat(w, "proc/cmdline").size, 1);
}

static void links_count_directories(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=256M node=1");
	assert_int_equal(world_stat(w, SYS_MEMORY).nlink, 2 + 1 + 18);
	assert_int_equal(world_stat(w, SYS_NODE "node1").nlink, 5);
	assert_int_equal(world_stat(w, "machine/dimm").nlink, 3);
	assert_int_equal(world_stat(w, "machine/dimm/d0").nlink, 2);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(world_stat(w, SYS_MEMORY).nlink, 2 + 1 + 16);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
	assert_int_equal(world_stat(w, "machine/dimm").nlink, 2);
}

static void changes_stick(void **state)
{
	struct world *w = *state;
	struct tree_attr was = world_stat(w, STATE), set = { 0 }, attr;
	uint64_t ino = was.ino;

	set.mode = S_IFDIR | 04600;
	assert_int_equal(tree_setattr(w->tree, ino, &set, TREE_SET_MODE), 0);
	attr = world_stat(w, STATE);
	assert_int_equal(attr.mode, S_IFREG | 04600);
	assert_int_equal(attr.uid, was.uid);
	assert_int_equal(attr.mtime.tv_sec, was.mtime.tv_sec);
	assert_true(
		attr.ctime.tv_sec > was.ctime.tv_sec ||
		(attr.ctime.tv_sec == was.ctime.tv_sec && attr.ctime.tv_nsec > was.ctime.tv_nsec));

	set = (struct tree_attr){ .uid = 7, .gid = 8, .mtime = { 1, 2 }, .atime = { 3, 4 } };
	assert_int_equal(tree_setattr(w->tree, ino, &set, TREE_SET_UID | TREE_SET_MTIME), 0);
	attr = world_stat(w, STATE);
	assert_int_equal(attr.mode, S_IFREG | 04600);
	assert_int_equal(attr.uid, 7);
	assert_int_equal(attr.gid, was.gid);
	assert_int_equal(attr.mtime.tv_sec, 1);
	assert_int_equal(attr.mtime.tv_nsec, 2);
	assert_int_equal(attr.atime.tv_sec, was.atime.tv_sec);
	assert_int_equal(tree_setattr(w->tree, ino, &set, TREE_SET_GID | TREE_SET_ATIME), 0);
	attr = world_stat(w, STATE);
	assert_int_equal(attr.uid, 7);
	assert_int_equal(attr.gid, 8);
	assert_int_equal(attr.atime.tv_sec, 3);

	/* Only this inode. */
	assert_int_equal(world_stat(w, SYS_MEMORY "memory9/online").mode, S_IFREG | 0644);
	assert_int_equal(world_stat(w, SYS_MEMORY "memory10/state").uid, was.uid);
	/* Reading and writing do not change them. */
	assert_takes(w, STATE, "offline");
	assert_reads(w, STATE, "offline\n");
	assert_int_equal(world_stat(w, STATE).mtime.tv_sec, 1);
	assert_int_equal(world_stat(w, STATE).atime.tv_sec, 3);
}

static void changes_of_nothing(void **state)
{
	struct world *w = *state;
	struct tree_attr was = world_stat(w, STATE), attr = { .mode = 0 };

	assert_int_equal(tree_setattr(w->tree, was.ino, &attr, 0), 0);
	attr = world_stat(w, STATE);
	assert_int_equal(attr.mode, was.mode);
	assert_int_equal(attr.ctime.tv_nsec, was.ctime.tv_nsec);
	assert_int_equal(tree_setattr(w->tree, (uint64_t)77777 << 12 | 1, &attr, TREE_SET_MODE),
			 -ENOENT);
}

/* Directories, links, and inodes of the root object can be changed, too. */
static void changes_of_all_types(void **state)
{
	static const char *const paths[] = { "",
					     SYS_MEMORY,
					     SYS_MEMORY "memory9",
					     SYS_MEMORY "memory9/subsystem",
					     "proc/meminfo",
					     SYS_MEMORY "memory9/node1" };
	struct world *w = *state;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(paths); i++) {
		struct tree_attr was = world_stat(w, paths[i]);

		assert_int_equal(world_chmod(w, paths[i], 0511), 0);
		assert_int_equal(world_stat(w, paths[i]).mode, (was.mode & S_IFMT) | 0511);
	}
}

static void changes_go_with_the_object(void **state)
{
	struct world *w = *state;
	struct tree_attr attr;

	assert_plugs(w, "d0", "size=128M node=1");
	assert_int_equal(world_chmod(w, SYS_MEMORY "memory32/state", 0600), 0);
	assert_int_equal(world_chmod(w, SYS_MEMORY "memory32", 0700), 0);
	assert_int_equal(world_chmod(w, SYS_MEMORY "memory32/node1", 0700), 0);
	assert_takes(w, SYS_MEMORY "memory32/power/control", "on");
	assert_int_equal(world_lookup(w, world_ino(w, SYS_MEMORY "memory32"), "state", &attr), 0);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	/* Changes persist as long as the inode is referenced. */
	assert_int_equal(tree_getattr(w->tree, attr.ino, &attr), 0);
	assert_int_equal(attr.mode, S_IFREG | 0600);
	attr.mode = 0640;
	assert_int_equal(tree_setattr(w->tree, attr.ino, &attr, TREE_SET_MODE), 0);
	assert_int_equal(tree_getattr(w->tree, attr.ino, &attr), 0);
	assert_int_equal(attr.mode, S_IFREG | 0640);
	tree_forget(w->tree, attr.ino, 1);
	assert_true(RB_EMPTY(&w->tree->overrides));
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "1"), 1);
	assert_int_equal(world_stat(w, SYS_MEMORY "memory32/state").mode, S_IFREG | 0644);
	assert_int_equal(world_stat(w, SYS_MEMORY "memory32").mode, S_IFDIR | 0755);
	assert_reads(w, SYS_MEMORY "memory32/power/control", "auto\n");
}

static void times(void **state)
{
	struct world *w = *state;
	struct tree_attr attr;
	struct timespec before;

	clock_gettime(CLOCK_REALTIME, &before);
	assert_plugs(w, "d0", "size=128M node=1");
	attr = world_stat(w, SYS_MEMORY "memory32/state");
	assert_true(attr.mtime.tv_sec > before.tv_sec ||
		    (attr.mtime.tv_sec == before.tv_sec && attr.mtime.tv_nsec >= before.tv_nsec));
	assert_memory_equal(&attr.mtime, &attr.ctime, sizeof(attr.mtime));
	assert_memory_equal(&attr.mtime, &attr.atime, sizeof(attr.mtime));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(modes),
		WORLD_TEST(size_of_proc_files),
		WORLD_TEST(links_count_directories),
		WORLD_TEST(changes_stick),
		WORLD_TEST(changes_of_nothing),
		WORLD_TEST(changes_of_all_types),
		WORLD_TEST(changes_go_with_the_object),
		WORLD_TEST(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
