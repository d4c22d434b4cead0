/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inodes: which one a name stands for, their lifetime, links, and what may be cached. */
#include "world.h"

#include "../../src/tree/tree_private.h"

#define STATE SYS_MEMORY "memory9/state"

static bool negative_is_fixed(struct world *w, const char *dir, const char *name)
{
	struct tree_attr attr;
	bool fixed;

	assert_int_equal(tree_lookup(w->tree, world_ino(w, dir), name, &attr, &fixed), -ENOENT);
	return fixed;
}

/* ---- names ---------------------------------------------------------------------------------- */

static void names(void **state)
{
	static const char *const absent[] = {
		"memory09",
		"memory-9",
		"memory99999999",
		"Memory9",
		"memory",
		"memory9 ",
		"memory9x",
		"memory0x9",
		"memory18446744073709551625",
		"",
		".",
		"..",
		"memory9/state",
	};
	struct world *w = *state;
	struct tree_attr attr;
	char longest[256];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(absent); i++)
		assert_int_equal(world_lookup(w, world_ino(w, SYS_MEMORY), absent[i], &attr),
				 -ENOENT);
	memset(longest, 'x', 255);
	longest[255] = '\0';
	assert_int_equal(world_lookup(w, world_ino(w, SYS_MEMORY), longest, &attr), -ENOENT);
	assert_int_equal(world_lookup(w, world_ino(w, STATE), "x", &attr), -ENOTDIR);
	assert_int_equal(world_lookup(w, world_ino(w, SYS_MEMORY "memory9/subsystem"), "x", &attr),
			 -ENOTDIR);
	assert_int_equal(world_lookup(w, world_ino(w, SYS_NODE "node1/memory9"), "x", &attr),
			 -ENOTDIR);
	assert_int_equal(world_lookup(w, (uint64_t)999 << 20, "x", &attr), -ENOENT);
	assert_int_equal(world_lookup(w, 0, "x", &attr), -ENOENT);
}

static void same_name_same_inode(void **state)
{
	struct world *w = *state;
	uint64_t ino = world_ino(w, STATE);

	assert_int_equal(world_ino(w, STATE), ino);
	assert_takes(w, STATE, "offline");
	assert_takes(w, STATE, "online_movable");
	assert_int_equal(world_ino(w, STATE), ino);
	assert_plugs(w, "d0", "size=128M node=1");
	assert_int_equal(world_ino(w, STATE), ino);
	assert_int_equal(world_ino(w, ""), TREE_ROOT_INO);
}

static void a_new_object_has_new_inodes(void **state)
{
	static const char *const paths[] = {
		SYS_MEMORY "memory32",	     SYS_MEMORY "memory32/state",
		SYS_MEMORY "memory32/power", SYS_MEMORY "memory32/power/control",
		SYS_MEMORY "memory32/node1", "sys/bus/memory/devices/memory32",
		SYS_NODE "node1/memory32",   "machine/dimm/d0",
		"machine/dimm/d0/size",
	};
	struct world *w = *state;
	uint64_t ino[BASE_ARRAY_SIZE(paths)];

	assert_plugs(w, "d0", "size=128M node=1");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(paths); i++)
		ino[i] = world_ino(w, paths[i]);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(paths); i++) {
		struct tree_attr attr;

		assert_false(world_exists(w, paths[i]));
		assert_int_equal(tree_getattr(w->tree, ino[i], &attr), -ENOENT);
	}
	assert_plugs(w, "d0", "size=128M node=1");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(paths); i++)
		assert_true(world_ino(w, paths[i]) > ino[i]);
}

/* ---- references ----------------------------------------------------------------------------- */

static void references(void **state)
{
	struct world *w = *state;
	struct tree_attr dir, file, attr;

	assert_plugs(w, "d0", "size=128M node=1");
	assert_int_equal(world_lookup(w, world_ino(w, SYS_MEMORY), "memory32", &dir), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(world_lookup(w, dir.ino, "state", &file), 0);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	/* Four references to one object: the last of them frees it. */
	tree_forget(w->tree, file.ino, 1);
	assert_int_equal(tree_getattr(w->tree, dir.ino, &attr), 0);
	assert_int_equal(attr.nlink, 3);
	assert_int_equal(world_lookup(w, dir.ino, "state", &attr), -ENOENT);
	tree_forget(w->tree, file.ino, 2);
	assert_int_equal(tree_getattr(w->tree, file.ino, &attr), 0);
	assert_int_equal(attr.mode, S_IFREG | 0644);
	tree_forget(w->tree, dir.ino, 1);
	assert_int_equal(tree_getattr(w->tree, dir.ino, &attr), -ENOENT);
	assert_int_equal(tree_getattr(w->tree, file.ino, &attr), -ENOENT);
	tree_forget(w->tree, dir.ino, 1);
}

/* Links, open files and open directories also hold the object. */
static void what_refers(void **state)
{
	struct world *w = *state;
	struct tree_attr link, attr;
	struct tree_file *file;
	struct tree_dir *dir;
	struct base_buf text;
	uint64_t ino;

	assert_plugs(w, "d0", "size=128M node=1");
	ino = world_ino(w, SYS_MEMORY "memory32");
	assert_int_equal(world_lookup(w, world_ino(w, SYS_NODE "node1"), "memory32", &link), 0);
	file = world_open_good(w, SYS_MEMORY "memory32/state", O_RDONLY);
	assert_int_equal(tree_opendir(w->tree, ino, 0, &dir), 0);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);

	tree_release(file);
	assert_int_equal(tree_getattr(w->tree, ino, &attr), 0);
	tree_closedir(dir);
	assert_int_equal(tree_getattr(w->tree, ino, &attr), 0);
	base_buf_init(&text);
	assert_int_equal(tree_readlink(w->tree, link.ino, &text), 0);
	assert_string_equal(base_buf_text(&text), "../../memory/memory32");
	base_buf_fini(&text);
	tree_forget(w->tree, link.ino, 1);
	assert_int_equal(tree_getattr(w->tree, ino, &attr), -ENOENT);
}

/* More references are dropped than were taken; the root is never freed. */
static void too_much_forgotten(void **state)
{
	struct world *w = *state;
	struct tree_attr attr;

	assert_int_equal(world_lookup(w, world_ino(w, SYS_MEMORY), "memory9", &attr), 0);
	tree_forget(w->tree, attr.ino, 1000);
	assert_int_equal(tree_getattr(w->tree, attr.ino, &attr), 0);
	tree_forget(w->tree, TREE_ROOT_INO, 1000);
	tree_forget(w->tree, world_ino(w, "proc/meminfo"), 1000);
	tree_forget(w->tree, (uint64_t)12345 << 12, 1);
	assert_true(world_exists(w, "proc/meminfo"));
}

/* Trees with dead and live objects that are still referenced. */
static void free_with_references(void **state)
{
	struct world *w = world_new(NULL);
	struct tree_attr attr;

	assert_plugs(w, "d0", "size=128M node=1");
	assert_int_equal(world_lookup(w, world_ino(w, SYS_MEMORY), "memory32", &attr), 0);
	assert_int_equal(world_lookup(w, world_ino(w, "machine/dimm"), "d0", &attr), 0);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(world_chmod(w, STATE, 0600), 0);
	assert_int_equal(world_mkdir(w, "machine/dimm/d1"), 0);
	assert_int_equal(world_hold(w, "w0", "size=1M"), 2);
	assert_int_equal(world_hold(w, "w1", "size=1M"), 2);
	assert_int_equal(world_lookup(w, world_ino(w, "machine/workload"), "w1", &attr), 0);
	assert_int_equal(world_rmdir(w, "machine/workload/w1"), 0);
	world_free(w);
}

/* ---- what may be cached --------------------------------------------------------------------- */

static void what_is_fixed(void **state)
{
	static const struct {
		const char *path;
		bool name, attr;
	} cases[] = {
		{ "sys", true, true },
		{ SYS_MEMORY, true, false },
		/* whose stores may wait */
		{ SYS_MEMORY "probe", false, true },
		{ SYS_MEMORY "memory32", false, true },
		{ SYS_MEMORY "memory32/state", false, true },
		{ SYS_MEMORY "memory32/phys_index", true, true },
		{ SYS_MEMORY "memory32/power", true, true },
		{ SYS_MEMORY "memory32/subsystem", true, true },
		{ SYS_MEMORY "memory32/node1", false, true },
		/* removed before its block */
		{ SYS_MEMORY "memory32/firmware_node", false, true },
		{ SYS_NODE "node1", false, true },
		{ SYS_NODE "node1/memory32", false, true },
		{ SYS_NODE "node1/meminfo", true, true },
		{ "sys/bus/memory/devices", true, true },
		{ "sys/bus/memory/devices/memory32", false, true },
		{ "proc/meminfo", true, false },
		{ "machine/dimm", true, false },
		{ "machine/dimm/d0", false, true },
		{ "machine/dimm/d0/size", false, true },
		{ "machine/dimm/d0/ost", true, true },
	};
	struct world *w = *state;

	assert_plugs(w, "d0", "size=128M node=1");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct tree_attr attr = world_stat(w, cases[i].path);

		assert_int_equal(attr.name_fixed, cases[i].name);
		assert_int_equal(attr.attr_fixed, cases[i].attr);
	}
}

struct gone {
	char names[64];
	int nr_texts;
};

static void name_gone(void *ctx, uint64_t dir, const char *name)
{
	struct gone *gone = ctx;

	strcat(strcat(gone->names, name), " ");
}

static void text_gone(void *ctx, uint64_t ino)
{
	struct gone *gone = ctx;

	gone->nr_texts++;
}

static void what_is_kept(void **state)
{
	static const struct tree_cache_listener cache_listener = { .name_gone = name_gone,
								   .text_gone = text_gone };
	struct world *w = *state;
	struct gone gone = { "", 0 };
	struct tree_attr attr;

	assert_plugs(w, "d0", "size=256M node=1");
	assert_false(world_stat(w, SYS_MEMORY "memory32").name_kept);
	assert_int_equal(world_stat(w, SYS_MEMORY "memory32/phys_index").size, 4096);
	tree_set_cache_listener(w->tree, &cache_listener, &gone);
	attr = world_stat(w, SYS_MEMORY "memory32");
	assert_true(attr.name_kept);
	assert_false(attr.name_fixed);
	assert_false(world_stat(w, SYS_NODE "node1").name_kept);
	assert_false(world_stat(w, "machine/dimm/d0").name_kept);
	assert_int_equal(world_stat(w, SYS_MEMORY "memory32/phys_index").size, 9);
	assert_int_equal(world_stat(w, SYS_MEMORY "block_size_bytes").size, 8);
	assert_int_equal(world_stat(w, SYS_MEMORY "memory32/state").size, 4096);
	/* a name that was never looked up needs no notification */
	assert_int_equal(world_lookup(w, world_ino(w, SYS_MEMORY), "memory33", &attr), 0);
	assert_takes(w, "machine/dimm/d0/plugged", "0");
	assert_string_equal(gone.names, "memory33 ");
	assert_int_equal(gone.nr_texts, 3);
	tree_forget(w->tree, attr.ino, 1);
	tree_set_cache_listener(w->tree, NULL, NULL);
}

/* Number of notifications for a directory. */
struct watched {
	uint64_t ino;
	unsigned int nr;
};

static void watch(void *ctx, uint64_t ino)
{
	struct watched *watched = ctx;

	watched->nr += ino == watched->ino;
}

/* A client that knows a directory's link count is notified, once, when it changes. */
static void who_counts_is_told(void **state)
{
	struct world *w = *state;
	struct watched watched = { .ino = world_ino(w, "sys/devices/system/memory") };

	assert_false(world_stat(w, "sys/devices/system/memory").attr_fixed);
	tree_set_watcher(w->tree, watch, &watched);
	assert_plugs(w, "d0", "size=256M node=1");
	assert_int_equal(watched.nr, 0);
	assert_true(world_stat(w, "sys/devices/system/memory").attr_fixed);
	assert_plugs(w, "d1", "size=256M node=1");
	assert_int_equal(watched.nr, 1);
	assert_true(world_stat(w, "sys/devices/system/memory").attr_fixed);
	assert_takes(w, "machine/dimm/d0/plugged", "0");
	assert_int_equal(watched.nr, 2);
	/* no lookup since */
	assert_takes(w, "machine/dimm/d1/plugged", "0");
	assert_int_equal(watched.nr, 2);
	tree_set_watcher(w->tree, NULL, NULL);
}

static void what_never_comes(void **state)
{
	struct world *w = *state;

	assert_true(negative_is_fixed(w, "", "etc"));
	assert_true(negative_is_fixed(w, "sys/devices/system", "cpus"));
	assert_true(negative_is_fixed(w, "sys/bus/memory", "memory9"));
	assert_false(negative_is_fixed(w, SYS_MEMORY, "memory32"));
	assert_false(negative_is_fixed(w, SYS_NODE, "node2"));
	assert_false(negative_is_fixed(w, "sys/bus/memory/devices", "memory32"));
	assert_false(negative_is_fixed(w, "machine/dimm", "d0"));
	assert_false(negative_is_fixed(w, SYS_MEMORY "memory9", "firmware_node"));
	assert_false(negative_is_fixed(w, SYS_NODE "node1", "memory32"));
}

/* ---- links ---------------------------------------------------------------------------------- */

static void links(void **state)
{
	static const char *const cases[][2] = {
		{ SYS_MEMORY "memory9/subsystem", "../../../../bus/memory" },
		{ SYS_MEMORY "memory9/node1", "../../node/node1" },
		{ SYS_NODE "node1/memory9", "../../memory/memory9" },
		{ SYS_NODE "node1/cpu1", "../../cpu/cpu1" },
		{ SYS_NODE "node1/subsystem", "../../../../bus/node" },
		{ "sys/bus/memory/devices/memory9", "../../../devices/system/memory/memory9" },
		{ "sys/bus/node/devices/node1", "../../../devices/system/node/node1" },
		{ SYS_MEMORY "memory32/firmware_node",
		  "../../../LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:00" },
		{ SYS_MEMORY "memory33/firmware_node",
		  "../../../LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:1f" },
	};
	struct world *w = *state;

	assert_plugs(w, "d0", "size=128M node=1");
	assert_plugs(w, "d1", "size=128M node=1 slot=31");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++)
		assert_string_equal(world_link(w, cases[i][0]), cases[i][1]);
}

static void no_links(void **state)
{
	struct world *w = *state;
	struct base_buf text;

	base_buf_init(&text);
	assert_int_equal(tree_readlink(w->tree, world_ino(w, STATE), &text), -EINVAL);
	assert_int_equal(tree_readlink(w->tree, world_ino(w, SYS_MEMORY), &text), -EINVAL);
	assert_int_equal(tree_readlink(w->tree, TREE_ROOT_INO, &text), -EINVAL);
	/* slots of links that the kind does not have */
	assert_int_equal(tree_readlink(w->tree, TREE_SLOT_BUS, &text), -EINVAL);
	assert_int_equal(tree_readlink(w->tree, (uint64_t)54321 << 12 | 1, &text), -ENOENT);
	assert_int_equal(text.len, 0);
	base_buf_fini(&text);
}

/* ---- several -------------------------------------------------------------------------------- */

static void two_worlds(void **state)
{
	struct world *w = *state, *other = world_new(NULL);

	assert_takes(w, STATE, "offline");
	assert_int_equal(world_chmod(w, STATE, 0600), 0);
	assert_int_equal(world_mkdir(w, "machine/dimm/d0"), 0);
	assert_reads(other, STATE, "online\n");
	assert_int_equal(world_stat(other, STATE).mode, S_IFREG | 0644);
	assert_false(world_exists(other, "machine/dimm/d0"));
	world_free(other);
	assert_reads(w, STATE, "offline\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(names),
		WORLD_TEST(same_name_same_inode),
		WORLD_TEST(a_new_object_has_new_inodes),
		WORLD_TEST(references),
		WORLD_TEST(what_refers),
		WORLD_TEST(too_much_forgotten),
		cmocka_unit_test(free_with_references),
		WORLD_TEST(what_is_fixed),
		WORLD_TEST(what_is_kept),
		WORLD_TEST(who_counts_is_told),
		WORLD_TEST(what_never_comes),
		WORLD_TEST(links),
		WORLD_TEST(no_links),
		WORLD_TEST(two_worlds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
