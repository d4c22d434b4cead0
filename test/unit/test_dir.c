/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories: the order of entries, their positions, reading in pieces and from any position,
 * names with one hash, entries added and removed meanwhile, and the invariants of every directory.
 */
#include "world.h"

#include "../../src/tree/tree_private.h"

#define MAX_ENTRIES 128
#define POS_END 0x7fffffff

/* Three names with the same hash, in the order of strcmp(). */
static const char *const twins[] = { "d1ada13", "d1f12fe", "df0c7" };

struct entry {
	char name[64];
	uint64_t ino;
	mode_t type;
	off_t next;
};

struct listing {
	struct entry entry[MAX_ENTRIES];
	size_t nr;
	size_t room;
};

static bool take(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next)
{
	struct listing *l = ctx;
	struct entry *e = &l->entry[l->nr];

	if (!l->room)
		return false;
	assert_in_range(l->nr, 0, MAX_ENTRIES - 1);
	snprintf(e->name, sizeof(e->name), "%s", name);
	e->ino = ino;
	e->type = type;
	e->next = next;
	l->nr++;
	l->room--;
	return true;
}

static struct tree_dir *dir_open(struct world *w, const char *path)
{
	struct tree_dir *dir;

	assert_int_equal(tree_opendir(w->tree, world_ino(w, path), 0, &dir), 0);
	return dir;
}

/* Up to @room more entries from @off on. */
static off_t more(struct tree_dir *dir, struct listing *l, off_t off, size_t room)
{
	l->room = room;
	assert_int_equal(tree_readdir(dir, off, take, l), 0);
	return l->nr ? l->entry[l->nr - 1].next : off;
}

static void assert_names(const struct listing *l, const char *names)
{
	struct base_buf buf;

	base_buf_init(&buf);
	for (size_t i = 0; i < l->nr; i++)
		base_buf_printf(&buf, "%s%s", i ? " " : "", l->entry[i].name);
	assert_string_equal(base_buf_text(&buf), names);
	base_buf_fini(&buf);
}

/* ---- order and positions -------------------------------------------------------------------- */

static void order(void **state)
{
	struct world *w = *state;

	assert_string_equal(world_list(w, SYS_MEMORY "memory1"),
			    "uevent node0 power online phys_device phys_index valid_zones "
			    "subsystem state removable ");
	assert_string_equal(world_list(w, "machine"),
			    "uevents clock map dax log spec virtio-mem dimm workload race "
			    "container trace fault ");
	assert_plugs(w, "d0", "size=128M node=1");
	assert_string_equal(world_list(w, SYS_MEMORY "memory32"),
			    "uevent firmware_node power online phys_device phys_index valid_zones "
			    "subsystem state node1 removable ");
	assert_string_equal(world_list(w, "machine/dimm/d0"),
			    "ost backed plugged size slot node addr ");
}

static void positions(void **state)
{
	struct world *w = *state;
	struct tree_dir *dir = dir_open(w, SYS_MEMORY);
	struct listing l = { .nr = 0 };

	assert_int_equal(more(dir, &l, 0, MAX_ENTRIES), POS_END);
	assert_int_equal(l.nr, 2 + 8 + 16);
	assert_string_equal(l.entry[0].name, ".");
	assert_int_equal(l.entry[0].next, 1);
	assert_string_equal(l.entry[1].name, "..");
	for (size_t i = 2; i < l.nr; i++) {
		assert_int_equal(l.entry[i - 1].next, tree_name_hash(l.entry[i].name));
		assert_true(i == 2 || l.entry[i - 2].next < l.entry[i - 1].next);
	}
	tree_closedir(dir);
}

static void empty(void **state)
{
	struct world *w = *state;
	struct tree_dir *dir = dir_open(w, "sys/bus/memory/drivers");
	struct listing l = { .nr = 0 };

	assert_int_equal(more(dir, &l, 0, MAX_ENTRIES), POS_END);
	assert_names(&l, ". ..");
	tree_closedir(dir);
}

static void types(void **state)
{
	struct world *w = *state;
	struct tree_dir *dir;
	struct listing l = { .nr = 0 };

	assert_plugs(w, "d0", "size=128M node=1");
	dir = dir_open(w, SYS_MEMORY "memory32");
	more(dir, &l, 0, MAX_ENTRIES);
	for (size_t i = 0; i < l.nr; i++) {
		mode_t type = S_IFREG;

		if (strchr(".p", *l.entry[i].name) && strncmp(l.entry[i].name, "phys", 4))
			type = S_IFDIR;
		else if (strstr("subsystem firmware_node node1", l.entry[i].name))
			type = S_IFLNK;
		assert_int_equal(l.entry[i].type, type);
	}
	tree_closedir(dir);
}

/* ---- in pieces, from any position ----------------------------------------------------------- */

static void assert_same(const struct listing *a, const struct listing *b, size_t skip)
{
	assert_int_equal(a->nr, b->nr + skip);
	for (size_t i = skip; i < a->nr; i++) {
		assert_string_equal(a->entry[i].name, b->entry[i - skip].name);
		assert_int_equal(a->entry[i].ino, b->entry[i - skip].ino);
		assert_int_equal(a->entry[i].next, b->entry[i - skip].next);
	}
}

static void in_pieces(void **state)
{
	static const char *const paths[] = { "", SYS_MEMORY, SYS_MEMORY "memory3", SYS_NODE "node1",
					     "machine/dimm" };
	struct world *w = *state;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(paths); i++) {
		struct tree_dir *dir = dir_open(w, paths[i]);
		struct listing whole = { .nr = 0 };

		more(dir, &whole, 0, MAX_ENTRIES);
		for (size_t piece = 1; piece < 5; piece++) {
			struct listing l = { .nr = 0 };
			size_t before;
			off_t off = 0;

			do {
				before = l.nr;
				off = more(dir, &l, off, piece);
				/* A buffer without room consumes nothing and loses nothing. */
				assert_int_equal(more(dir, &l, off, 0), off);
			} while (l.nr > before);
			assert_same(&whole, &l, 0);
		}
		tree_closedir(dir);
	}
}

static void seek_back(void **state)
{
	struct world *w = *state;
	struct tree_dir *dir = dir_open(w, SYS_MEMORY);
	struct listing whole = { .nr = 0 };

	more(dir, &whole, 0, MAX_ENTRIES);
	for (size_t i = whole.nr; i > 0; i--) {
		struct listing l = { .nr = 0 };

		more(dir, &l, whole.entry[i - 1].next, MAX_ENTRIES);
		assert_same(&whole, &l, i);
	}
	tree_closedir(dir);
}

/* Positions that no entry returned: the next name after them. */
static void seek_anywhere(void **state)
{
	struct world *w = *state;
	struct tree_dir *dir = dir_open(w, SYS_MEMORY "memory1");
	struct listing l = { .nr = 0 };

	more(dir, &l, 0x60c68086, MAX_ENTRIES);
	assert_names(&l, "removable");
	l.nr = 0;
	more(dir, &l, 0x60c68088, MAX_ENTRIES);
	assert_names(&l, "");
	more(dir, &l, POS_END, MAX_ENTRIES);
	more(dir, &l, (off_t)1 << 32, MAX_ENTRIES);
	more(dir, &l, -1, MAX_ENTRIES);
	assert_names(&l, "");
	more(dir, &l, 2, 1);
	assert_names(&l, "uevent");
	tree_closedir(dir);
}

static void two_readers(void **state)
{
	struct world *w = *state;
	struct tree_dir *a = dir_open(w, SYS_NODE), *b = dir_open(w, SYS_NODE);
	struct listing la = { .nr = 0 }, lb = { .nr = 0 };
	off_t off = 0;

	more(b, &lb, 0, MAX_ENTRIES);
	while (off != POS_END)
		off = more(a, &la, off, 1);
	assert_same(&lb, &la, 0);
	tree_closedir(a);
	tree_closedir(b);
}

/* ---- names with the same hash --------------------------------------------------------------- */

static void make_twins(struct world *w)
{
	char path[64];

	/* Last first: the order is not that of creation. */
	for (size_t i = BASE_ARRAY_SIZE(twins); i-- > 0;) {
		assert_int_equal(tree_name_hash(twins[i]), tree_name_hash(twins[0]));
		snprintf(path, sizeof(path), "machine/dimm/%s", twins[i]);
		assert_int_equal(world_mkdir(w, path), 0);
	}
	/* One before and one after them. */
	assert_int_equal(world_mkdir(w, "machine/dimm/b"), 0);
	assert_int_equal(world_mkdir(w, "machine/dimm/a"), 0);
}

static void equal_hashes(void **state)
{
	struct world *w = *state;
	struct listing whole = { .nr = 0 };
	struct tree_dir *dir;

	make_twins(w);
	dir = dir_open(w, "machine/dimm");
	more(dir, &whole, 0, MAX_ENTRIES);
	assert_names(&whole, ". .. a d1ada13 d1f12fe df0c7 b");
	for (size_t piece = 1; piece < 6; piece++) {
		struct listing l = { .nr = 0 };
		off_t off = 0;

		while (off != POS_END)
			off = more(dir, &l, off, piece);
		assert_same(&whole, &l, 0);
	}
	for (size_t i = 0; i < 3; i++) {
		char path[64];

		snprintf(path, sizeof(path), "machine/dimm/%s", twins[i]);
		assert_int_equal(world_ino(w, path), whole.entry[3 + i].ino);
	}
	tree_closedir(dir);
}

/* Another reader that seeks to their position sees all of them. */
static void equal_hashes_from_afar(void **state)
{
	struct world *w = *state;
	struct listing l = { .nr = 0 };
	struct tree_dir *dir;

	make_twins(w);
	dir = dir_open(w, "machine/dimm");
	more(dir, &l, tree_name_hash(twins[0]), MAX_ENTRIES);
	assert_names(&l, "d1ada13 d1f12fe df0c7 b");
	/* Where one reader stopped among them does not affect other positions. */
	l.nr = 0;
	more(dir, &l, 0, 4);
	more(dir, &l, tree_name_hash("a"), 1);
	assert_names(&l, ". .. a d1ada13 a");
	tree_closedir(dir);
}

static void equal_hashes_vanish(void **state)
{
	struct world *w = *state;
	struct listing l = { .nr = 0 };
	struct tree_dir *dir;
	off_t off;

	make_twins(w);
	dir = dir_open(w, "machine/dimm");
	off = more(dir, &l, 0, 4);
	assert_names(&l, ". .. a d1ada13");
	/* The one that was read and the one that would follow: the third is next. */
	assert_int_equal(world_rmdir(w, "machine/dimm/d1ada13"), 0);
	assert_int_equal(world_rmdir(w, "machine/dimm/d1f12fe"), 0);
	more(dir, &l, off, MAX_ENTRIES);
	assert_names(&l, ". .. a d1ada13 df0c7 b");
	tree_closedir(dir);
}

/* ---- changes meanwhile ---------------------------------------------------------------------- */

static void entries_come_and_go(void **state)
{
	struct world *w = *state;
	struct listing l = { .nr = 0 };
	struct tree_dir *dir;
	off_t off;

	make_twins(w);
	dir = dir_open(w, "machine/dimm");
	off = more(dir, &l, 0, 6);
	assert_names(&l, ". .. a d1ada13 d1f12fe df0c7");
	assert_int_equal(off, tree_name_hash("b"));
	assert_int_equal(world_rmdir(w, "machine/dimm/b"), 0);
	off = more(dir, &l, off, 1);
	assert_names(&l, ". .. a d1ada13 d1f12fe df0c7");
	/* An entry added after the position is seen. */
	assert_int_equal(world_mkdir(w, "machine/dimm/b"), 0);
	more(dir, &l, off, MAX_ENTRIES);
	assert_names(&l, ". .. a d1ada13 d1f12fe df0c7 b");
	tree_closedir(dir);
}

static void removed(void **state)
{
	struct world *w = *state;
	struct listing l = { .nr = 0 };
	struct tree_dir *dir, *power;

	assert_plugs(w, "d0", "size=128M node=1");
	dir = dir_open(w, SYS_MEMORY "memory32");
	power = dir_open(w, SYS_MEMORY "memory32/power");
	more(dir, &l, 0, 3);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(tree_readdir(dir, l.entry[2].next, take, &l), -ENOENT);
	assert_int_equal(tree_readdir(dir, 0, take, &l), -ENOENT);
	assert_int_equal(tree_readdir(power, 0, take, &l), -ENOENT);
	assert_int_equal(l.nr, 3);
	tree_closedir(dir);
	tree_closedir(power);
}

static void no_directory(void **state)
{
	struct world *w = *state;
	struct tree_dir *dir;

	assert_int_equal(tree_opendir(w->tree, world_ino(w, SYS_MEMORY "probe"), 0, &dir),
			 -ENOTDIR);
	assert_int_equal(tree_opendir(w->tree, world_ino(w, SYS_MEMORY "memory1/subsystem"), 0,
				      &dir),
			 -ENOTDIR);
	assert_int_equal(tree_opendir(w->tree, world_ino(w, SYS_MEMORY "memory1/node0"), 0, &dir),
			 -ENOTDIR);
	assert_int_equal(tree_opendir(w->tree, (uint64_t)999 << 40 | 1, 0, &dir), -ENOENT);
	assert_int_equal(tree_opendir(w->tree, 0, 0, &dir), -ENOENT);
}

/* ---- every directory ------------------------------------------------------------------------ */

struct walk {
	struct world *w;
	uint64_t *inos;
	size_t nr_inos;
};

static int ino_cmp(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Listed entries can be looked up and are the same; nlink counts the directories. */
static void walk_dir(struct walk *walk, const char *path, uint64_t parent)
{
	struct tree_attr self = world_stat(walk->w, path);
	struct listing *l = calloc(1, sizeof(*l));
	struct tree_dir *dir = dir_open(walk->w, path);
	nlink_t nlink = 2;

	more(dir, l, 0, MAX_ENTRIES);
	tree_closedir(dir);
	assert_string_equal(l->entry[0].name, ".");
	assert_int_equal(l->entry[0].ino, self.ino);
	assert_string_equal(l->entry[1].name, "..");
	assert_int_equal(l->entry[1].ino, parent);
	for (size_t i = 2; i < l->nr; i++) {
		const struct entry *e = &l->entry[i];
		struct tree_attr attr;
		char child[256];

		snprintf(child, sizeof(child), "%s%s%s", path, *path ? "/" : "", e->name);
		attr = world_stat(walk->w, child);
		assert_int_equal(attr.ino, e->ino);
		assert_int_equal(attr.mode & S_IFMT, e->type);
		walk->inos = reallocarray(walk->inos, walk->nr_inos + 1, sizeof(*walk->inos));
		walk->inos[walk->nr_inos++] = attr.ino;
		if (S_ISDIR(attr.mode)) {
			nlink++;
			walk_dir(walk, child, self.ino);
		} else {
			assert_int_equal(attr.nlink, 1);
		}
	}
	assert_int_equal(self.nlink, nlink);
	free(l);
}

static size_t walk_tree(struct world *w)
{
	struct walk walk = { .w = w };

	walk_dir(&walk, "", TREE_ROOT_INO);
	qsort(walk.inos, walk.nr_inos, sizeof(*walk.inos), ino_cmp);
	for (size_t i = 1; i < walk.nr_inos; i++)
		assert_true(walk.inos[i - 1] < walk.inos[i]);
	assert_true(walk.inos[0] > TREE_ROOT_INO);
	free(walk.inos);
	return walk.nr_inos;
}

static void every_directory(void **state)
{
	struct world *w = *state;
	size_t nr = walk_tree(w);

	assert_plugs(w, "d0", "size=128M node=1");
	assert_int_equal(world_hold(w, "w0", "size=4K"), 2);
	/*
	 * d0 with 7 files, w0 with 7, memory32 with 16 entries of its own and its node's link, on
	 * the bus, in the node; the slot's ACPI device with 14, and its link on the bus;
	 * the range in firmware's map with 3
	 */
	assert_int_equal(walk_tree(w), nr + 8 + 8 + 1 + 16 + 2 + 15 + 1 + 4);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
	assert_int_equal(world_rmdir(w, "machine/workload/w0"), 0);
	assert_int_equal(walk_tree(w), nr + 15 + 1);
}

static void every_directory_of_other_machines(void **state)
{
	static const char *const machines[] = {
		"arch: arm64\nmemory:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n" ONE_CPU,
		"arch: ppc64le\nblock_size: 256M\nmemory:\n  - {start: 0, end: 0x3fffffff, node: "
		"0}\n",
		"arch: s390x\nblock_size: 256M\nmemory:\n  - {start: 0, end: 0x3fffffff, node: "
		"0}\n",
		/* one block on three nodes */
		"block_size: 1G\n" PC_LOW "  - {start: 1M, end: 0xfffffff, node: 0}\n"
		"  - {start: 256M, end: 0x1fffffff, node: 1}\n"
		"  - {start: 512M, end: 0x3fffffff, node: 1023}\n" ONE_CPU
		"  - {list: \"1-3,1023\", node: 1023}\n",
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(machines); i++) {
		struct world *w = world_new(machines[i]);

		walk_tree(w);
		world_free(w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(order),
		WORLD_TEST(positions),
		WORLD_TEST(empty),
		WORLD_TEST(types),
		WORLD_TEST(in_pieces),
		WORLD_TEST(seek_back),
		WORLD_TEST(seek_anywhere),
		WORLD_TEST(two_readers),
		WORLD_TEST(equal_hashes),
		WORLD_TEST(equal_hashes_from_afar),
		WORLD_TEST(equal_hashes_vanish),
		WORLD_TEST(entries_come_and_go),
		WORLD_TEST(removed),
		WORLD_TEST(no_directory),
		WORLD_TEST(every_directory),
		cmocka_unit_test(every_directory_of_other_machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
