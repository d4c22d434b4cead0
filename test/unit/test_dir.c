/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories: the order of entries, their positions, reading in pieces and from any position,
 * names with one hash, and entries added and removed meanwhile.
 */
#include "listing.h"

#include "../../src/tree/tree_private.h"

#define POS_END 0x7fffffff

/* Three names with the same hash, in the order of strcmp(). */
static const char *const twins[] = { "d1ada13", "d1f12fe", "df0c7" };

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
			    "uevents clock map qmp cmdline dax log reboot spec virtio-mem dimm "
			    "workload race container trace state fault swap kexec ");
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
	struct tree_dir *dir = listing_open(w, SYS_MEMORY);
	struct listing l = { .nr = 0 };

	assert_int_equal(listing_more(dir, &l, 0, MAX_ENTRIES), POS_END);
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
	struct tree_dir *dir = listing_open(w, "sys/bus/memory/drivers");
	struct listing l = { .nr = 0 };

	assert_int_equal(listing_more(dir, &l, 0, MAX_ENTRIES), POS_END);
	assert_names(&l, ". ..");
	tree_closedir(dir);
}

static void types(void **state)
{
	struct world *w = *state;
	struct tree_dir *dir;
	struct listing l = { .nr = 0 };

	assert_plugs(w, "d0", "size=128M node=1");
	dir = listing_open(w, SYS_MEMORY "memory32");
	listing_more(dir, &l, 0, MAX_ENTRIES);
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
		struct tree_dir *dir = listing_open(w, paths[i]);
		struct listing whole = { .nr = 0 };

		listing_more(dir, &whole, 0, MAX_ENTRIES);
		for (size_t piece = 1; piece < 5; piece++) {
			struct listing l = { .nr = 0 };
			size_t before;
			off_t off = 0;

			do {
				before = l.nr;
				off = listing_more(dir, &l, off, piece);
				/* A buffer without room consumes nothing and loses nothing. */
				assert_int_equal(listing_more(dir, &l, off, 0), off);
			} while (l.nr > before);
			assert_same(&whole, &l, 0);
		}
		tree_closedir(dir);
	}
}

static void seek_back(void **state)
{
	struct world *w = *state;
	struct tree_dir *dir = listing_open(w, SYS_MEMORY);
	struct listing whole = { .nr = 0 };

	listing_more(dir, &whole, 0, MAX_ENTRIES);
	for (size_t i = whole.nr; i > 0; i--) {
		struct listing l = { .nr = 0 };

		listing_more(dir, &l, whole.entry[i - 1].next, MAX_ENTRIES);
		assert_same(&whole, &l, i);
	}
	tree_closedir(dir);
}

/* Positions that no entry returned: the next name after them. */
static void seek_anywhere(void **state)
{
	struct world *w = *state;
	struct tree_dir *dir = listing_open(w, SYS_MEMORY "memory1");
	struct listing l = { .nr = 0 };

	listing_more(dir, &l, 0x60c68086, MAX_ENTRIES);
	assert_names(&l, "removable");
	l.nr = 0;
	listing_more(dir, &l, 0x60c68088, MAX_ENTRIES);
	assert_names(&l, "");
	listing_more(dir, &l, POS_END, MAX_ENTRIES);
	listing_more(dir, &l, (off_t)1 << 32, MAX_ENTRIES);
	listing_more(dir, &l, -1, MAX_ENTRIES);
	assert_names(&l, "");
	listing_more(dir, &l, 2, 1);
	assert_names(&l, "uevent");
	tree_closedir(dir);
}

static void two_readers(void **state)
{
	struct world *w = *state;
	struct tree_dir *a = listing_open(w, SYS_NODE), *b = listing_open(w, SYS_NODE);
	struct listing la = { .nr = 0 }, lb = { .nr = 0 };
	off_t off = 0;

	listing_more(b, &lb, 0, MAX_ENTRIES);
	while (off != POS_END)
		off = listing_more(a, &la, off, 1);
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
	dir = listing_open(w, "machine/dimm");
	listing_more(dir, &whole, 0, MAX_ENTRIES);
	assert_names(&whole, ". .. a d1ada13 d1f12fe df0c7 b");
	for (size_t piece = 1; piece < 6; piece++) {
		struct listing l = { .nr = 0 };
		off_t off = 0;

		while (off != POS_END)
			off = listing_more(dir, &l, off, piece);
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
	dir = listing_open(w, "machine/dimm");
	listing_more(dir, &l, tree_name_hash(twins[0]), MAX_ENTRIES);
	assert_names(&l, "d1ada13 d1f12fe df0c7 b");
	/* Where one reader stopped among them does not affect other positions. */
	l.nr = 0;
	listing_more(dir, &l, 0, 4);
	listing_more(dir, &l, tree_name_hash("a"), 1);
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
	dir = listing_open(w, "machine/dimm");
	off = listing_more(dir, &l, 0, 4);
	assert_names(&l, ". .. a d1ada13");
	/* The one that was read and the one that would follow: the third is next. */
	assert_int_equal(world_rmdir(w, "machine/dimm/d1ada13"), 0);
	assert_int_equal(world_rmdir(w, "machine/dimm/d1f12fe"), 0);
	listing_more(dir, &l, off, MAX_ENTRIES);
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
	dir = listing_open(w, "machine/dimm");
	off = listing_more(dir, &l, 0, 6);
	assert_names(&l, ". .. a d1ada13 d1f12fe df0c7");
	assert_int_equal(off, tree_name_hash("b"));
	assert_int_equal(world_rmdir(w, "machine/dimm/b"), 0);
	off = listing_more(dir, &l, off, 1);
	assert_names(&l, ". .. a d1ada13 d1f12fe df0c7");
	/* An entry added after the position is seen. */
	assert_int_equal(world_mkdir(w, "machine/dimm/b"), 0);
	listing_more(dir, &l, off, MAX_ENTRIES);
	assert_names(&l, ". .. a d1ada13 d1f12fe df0c7 b");
	tree_closedir(dir);
}

static void removed(void **state)
{
	struct world *w = *state;
	struct listing l = { .nr = 0 };
	struct tree_dir *dir, *power;

	assert_plugs(w, "d0", "size=128M node=1");
	dir = listing_open(w, SYS_MEMORY "memory32");
	power = listing_open(w, SYS_MEMORY "memory32/power");
	listing_more(dir, &l, 0, 3);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(tree_readdir(dir, l.entry[2].next, listing_take, &l), -ENOENT);
	assert_int_equal(tree_readdir(dir, 0, listing_take, &l), -ENOENT);
	assert_int_equal(tree_readdir(power, 0, listing_take, &l), -ENOENT);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
