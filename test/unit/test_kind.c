/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables prepared for lookups: the hash of names, the resulting order, parents, and the file system
 * of a row.
 */
#include "world.h"

#include "../../src/tree/tree_private.h"

static void hashes(void **state)
{
	static const struct {
		const char *name;
		uint32_t hash;
	} cases[] = {
		{ "uevent", 0x02afd76f },    { "node0", 0x23a561f0 },	    { "power", 0x243fd916 },
		{ "online", 0x3117ddce },    { "phys_device", 0x398ab199 }, { "state", 0x5b947061 },
		{ "removable", 0x60c68087 },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++)
		assert_int_equal(tree_name_hash(cases[i].name), cases[i].hash);
	/* 0 and 1 stand for "." and "..". */
	assert_int_equal(tree_name_hash(""), 2);
	assert_int_equal(tree_name_hash("fz6k8z0urpk"), 2); /* hash 0 */
	assert_int_equal(tree_name_hash("m7o8kl9lem9"), 3); /* hash 1 */
	/* Bytes are unsigned. */
	assert_int_equal(tree_name_hash("\xff"), 0x28b2b375);
}

static void hashes_are_positions(void **state)
{
	char name[32];

	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "memory%d", i);
		assert_in_range(tree_name_hash(name), 2, 0x7ffffffe);
	}
}

static void names_compare(void **state)
{
	assert_int_equal(tree_name_cmp(1, "b", 2, "a"), -1);
	assert_int_equal(tree_name_cmp(0x7ffffffe, "a", 2, "b"), 1);
	assert_true(tree_name_cmp(5, "a", 5, "b") < 0);
	assert_true(tree_name_cmp(5, "b", 5, "a") > 0);
	assert_int_equal(tree_name_cmp(5, "a", 5, "a"), 0);
}

/* ---- a kind of two tables ------------------------------------------------------------------- */

static const struct tree_row first_rows[] = {
	{ TREE_DIR_ROW("") },
	{ TREE_DIR_ROW("a") },
	{ TREE_DIR_ROW("ab") },
	{ .path = "a/x", .mode = S_IFREG | 0444 },
	{ .path = "ab/x", .mode = S_IFREG | 0444 },
	{ TREE_DIR_ROW("a/b") },
};

static const struct tree_row second_rows[] = {
	{ .path = "a/b/x", .mode = S_IFREG | 0444 },
	{ .path = "x", .mode = S_IFREG | 0444 },
	{ .path = "a/y", .mode = S_IFREG | 0444 },
};

static const struct tree_table first_table = TREE_TABLE(first_rows);
static const struct tree_table second_table = TREE_TABLE(second_rows);

enum { DIR_TOP = TREE_SLOT_DIR, DIR_A, DIR_AB, A_X, AB_X, DIR_AB_B, A_B_X, TOP_X, A_Y };

static void kind_init(struct tree_kind *kind, enum tree_fs fs)
{
	static const struct tree_table *const tables[] = { &first_table, &second_table };

	assert_int_equal(tree_kind_init(kind, "test", fs, tables, 2), 0);
}

static void slots(void **state)
{
	static const unsigned int parents[] = {
		0, 0, 1, 1, DIR_A, DIR_AB, DIR_A, DIR_AB_B, 1, DIR_A
	};
	struct tree_kind kind;

	kind_init(&kind, TREE_PROCFS);
	assert_string_equal(kind.name, "test");
	assert_int_equal(kind.nr, 10);
	for (size_t i = 1; i < kind.nr; i++) {
		assert_int_equal(kind.slots[i].parent, parents[i]);
		assert_int_equal(kind.slots[i].fs, TREE_PROCFS);
		assert_int_equal(kind.slots[i].hash, tree_name_hash(kind.slots[i].leaf));
	}
	assert_ptr_equal(kind.slots[A_B_X].row, &second_rows[0]);
	assert_string_equal(kind.slots[A_B_X].leaf, "x");
	assert_string_equal(kind.slots[DIR_AB].leaf, "ab");
	tree_kind_fini(&kind);
}

static void find(void **state)
{
	struct tree_kind kind;

	kind_init(&kind, TREE_SYSFS);
	assert_int_equal(tree_kind_find(&kind, DIR_TOP, "a"), DIR_A);
	assert_int_equal(tree_kind_find(&kind, DIR_TOP, "ab"), DIR_AB);
	assert_int_equal(tree_kind_find(&kind, DIR_TOP, "x"), TOP_X);
	assert_int_equal(tree_kind_find(&kind, DIR_A, "x"), A_X);
	assert_int_equal(tree_kind_find(&kind, DIR_AB, "x"), AB_X);
	assert_int_equal(tree_kind_find(&kind, DIR_AB_B, "x"), A_B_X);
	assert_int_equal(tree_kind_find(&kind, DIR_AB, "y"), 0);
	assert_int_equal(tree_kind_find(&kind, DIR_AB_B, "y"), 0);
	assert_int_equal(tree_kind_find(&kind, DIR_TOP, "b"), 0);
	assert_int_equal(tree_kind_find(&kind, DIR_TOP, ""), 0);
	assert_int_equal(tree_kind_find(&kind, DIR_TOP, "a/x"), 0);
	assert_int_equal(tree_kind_find(&kind, A_X, "x"), 0);
	assert_int_equal(tree_kind_find(&kind, 4000, "x"), 0);
	tree_kind_fini(&kind);
}

/* Every slot of a directory once, in order. */
static size_t walk(const struct tree_kind *kind, unsigned int parent)
{
	const struct tree_slot *before = NULL;
	unsigned int slot = tree_kind_next(kind, parent, 0, "");
	size_t nr = 0;

	for (; slot; nr++) {
		const struct tree_slot *s = &kind->slots[slot];

		assert_int_equal(s->parent, parent);
		if (before) {
			assert_true(tree_name_cmp(before->hash, before->leaf, s->hash, s->leaf) <
				    0);
			assert_int_equal(before->next, slot);
		}
		before = s;
		slot = tree_kind_next(kind, parent, s->hash, s->leaf);
	}
	assert_true(!before || !before->next);
	return nr;
}

static void next(void **state)
{
	struct tree_kind kind;
	unsigned int first;

	kind_init(&kind, TREE_SYSFS);
	assert_int_equal(walk(&kind, DIR_TOP), 3);
	assert_int_equal(walk(&kind, DIR_A), 3);
	assert_int_equal(walk(&kind, DIR_AB), 1);
	assert_int_equal(walk(&kind, DIR_AB_B), 1);
	assert_int_equal(walk(&kind, A_X), 0);
	assert_int_equal(walk(&kind, 4000), 0);
	/* A position need not be that of a name. */
	first = tree_kind_next(&kind, DIR_TOP, 0, "");
	assert_int_equal(tree_kind_next(&kind, DIR_TOP, kind.slots[first].hash, ""), first);
	assert_int_equal(tree_kind_next(&kind, DIR_TOP, kind.slots[first].hash - 1, "zzz"), first);
	assert_int_not_equal(tree_kind_next(&kind, DIR_TOP, kind.slots[first].hash, "zzz"), first);
	assert_int_equal(tree_kind_next(&kind, DIR_TOP, 0x7fffffff, ""), 0);
	tree_kind_fini(&kind);
}

static void file_systems(void **state)
{
	static const struct tree_row rows[] = {
		{ TREE_DIR_ROW("") },
		{ TREE_DIR_ROW("sys") },
		{ TREE_DIR_ROW("sys/kernel") },
		{ TREE_DIR_ROW("sys/kernel/debug") },
		{ TREE_DIR_ROW("sys/kernel/debug/x") },
		{ TREE_DIR_ROW("sys/kernel/debugger") },
		{ TREE_DIR_ROW("system") },
		{ TREE_DIR_ROW("proc") },
		{ TREE_DIR_ROW("proc/meminfo") },
		{ TREE_DIR_ROW("machine") },
		{ TREE_DIR_ROW("machine/dimm") },
	};
	static const enum tree_fs fs[] = {
		TREE_MACHINE, TREE_MACHINE, TREE_SYSFS,	 TREE_SYSFS,  TREE_DEBUGFS, TREE_DEBUGFS,
		TREE_SYSFS,   TREE_MACHINE, TREE_PROCFS, TREE_PROCFS, TREE_MACHINE, TREE_MACHINE,
	};
	static const struct tree_table table = TREE_TABLE(rows);
	static const struct tree_table *const tables[] = { &table };
	struct tree_kind kind;

	assert_int_equal(tree_kind_init(&kind, "root", TREE_MACHINE, tables, 1), 0);
	for (size_t i = 1; i < kind.nr; i++)
		assert_int_equal(kind.slots[i].fs, fs[i]);
	tree_kind_fini(&kind);
}

/* Rows of the real tables: a directory precedes the rows below it, and names are unique. */
static void tables(void **state)
{
	struct world *w = *state;

	for (int k = 0; k < TREE_NR_KINDS; k++) {
		const struct tree_kind *kind = &w->tree->kind[k];

		assert_true(kind->nr < TREE_SLOT_LINK);
		for (unsigned int i = TREE_SLOT_DIR + 1; i < kind->nr; i++) {
			const struct tree_slot *slot = &kind->slots[i];
			const struct tree_slot *dir = &kind->slots[slot->parent];
			size_t len = strlen(dir->row->path);

			assert_true(S_ISDIR(dir->row->mode));
			assert_true(slot->parent < i);
			assert_memory_equal(slot->row->path, dir->row->path, len);
			assert_string_equal(slot->row->path + len + (len > 0), slot->leaf);
			assert_int_equal(tree_kind_find(kind, slot->parent, slot->leaf), i);
			assert_int_equal(!S_ISLNK(slot->row->mode), !slot->row->target);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes),	 cmocka_unit_test(hashes_are_positions),
		cmocka_unit_test(names_compare), cmocka_unit_test(slots),
		cmocka_unit_test(find),		 cmocka_unit_test(next),
		cmocka_unit_test(file_systems),	 WORLD_TEST(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
