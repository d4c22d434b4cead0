/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks over every directory of a tree: what is listed can be looked up, no two entries are the
 * same, and link counts are right.
 */
#include "listing.h"

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
	struct tree_dir *dir = listing_open(walk->w, path);
	nlink_t nlink = 2;

	listing_more(dir, l, 0, MAX_ENTRIES);
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
	 * d0 with 7 files, w0 with 10, memory32 with 16 entries of its own and its node's link, on
	 * the bus, in the node, in the slot's ACPI device; the range in firmware's map with 3
	 */
	assert_int_equal(walk_tree(w), nr + 8 + 11 + 1 + 16 + 3 + 4);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
	assert_int_equal(world_rmdir(w, "machine/workload/w0"), 0);
	assert_int_equal(walk_tree(w), nr);
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
		WORLD_TEST(every_directory),
		cmocka_unit_test(every_directory_of_other_machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
