/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/: its kinds of objects, and code shared by their files. */
#ifndef MACHINE_TREE_H
#define MACHINE_TREE_H

#include "tree_private.h"

/* ---- objects created by mkdir (machine_class.c) ---------------------------------------------- */

/*
 * struct tree_class - a kind of objects that mkdir makes
 * @name: also of the directory below machine/
 * @collection: the objects
 * @dir: the row of the directory; its first child is the collection
 * @table: the rows of an object; those that make it live come last
 * @make: 0 or -errno
 * @unmake: 0; -EBUSY while the machine uses it
 * @follows: whether a file shows what another object's file has set, or what it shows without
 *	     being written to; NULL: none does
 * @next: the machine's part of an object of this kind, which the machine saves: the first one
 *	  (NULL), or the one after @last; NULL: the object has no such part
 * @attach: a loaded object stands for @thing from now on; NULL: @thing of struct tree_obj is set
 * @save: an object's own state (see BASE_SAVE_STRUCT()); @thing is NULL while loading. NULL: none
 * @forget: frees that state, when the tree ends; NULL: nothing to free
 */
struct tree_class {
	const char *name;
	enum tree_collection collection;
	struct tree_row dir;
	struct tree_table table;
	int (*make)(struct tree_obj *obj);
	int (*unmake)(struct tree_obj *obj);
	bool (*follows)(const struct tree_obj *obj, const struct tree_row *row);
	void *(*next)(const struct tree *tree, void *last);
	void (*attach)(struct tree *tree, struct tree_obj *obj, void *thing);
	void (*save)(struct base_save *s, struct tree_obj *obj);
	void (*forget)(struct tree_obj *obj);
};

#define CLASS(NAME, name) extern const struct tree_class tree_##name##_class;
TREE_CLASSES(CLASS)
#undef CLASS
/* By kind; NULL: mkdir makes none of that kind. */
extern const struct tree_class *const tree_classes[TREE_NR_KINDS];

int tree_machine_make(struct tree *tree, enum tree_collection collection, const char *name);
/* -EBUSY while it is in use, or a write to one of its files is pending. */
int tree_machine_unmake(struct tree_obj *obj);
/* &tree_class.dir, and further members of the row. */
#define TREE_CLASS_DIR(p, c, ...)                                                                  \
	.dir = { TREE_DIR_ROW(p),                                                                  \
		 .children = { &(const struct tree_children){ .collection = (c) } },               \
		 .makes = true, __VA_ARGS__ }

/* ---- files of machine/ with their own source file (machine_map.c, machine_state.c ...) ------- */

tree_size_fn tree_map_size, tree_spec_size;
tree_show_fn tree_spec_show, tree_map_show, tree_state_show, tree_clock_mode_show,
	tree_clock_now_show, tree_clock_migrate_show;
tree_store_fn tree_clock_advance_store, tree_clock_migrate_store;
uint64_t tree_clock_rate(const struct tree_obj *obj, unsigned int arg);
int tree_clock_set_rate(struct tree_obj *obj, unsigned int arg, uint64_t value);

/* The zone of a block, "none" if it spans several, or "offline" (machine_map.c). */
const char *tree_block_zone(const struct hp *hp, const struct hp_block *block);

/* A status of _OST, for DIMMs and containers (machine_dimm.c). */
void tree_print_ost(struct base_buf *buf, int ost);

/* ---- settings and texts (machine_text.c) ----------------------------------------------------- */

/* What a setting accepts; the words that describe it in machine/log are in machine_text.c. */
enum tree_type {
	TREE_SWITCH,
	TREE_NUMBER,
	TREE_WORD,
	TREE_SIZE,
	TREE_SIZE_OR_AUTO,
	TREE_DEVICE_BLOCK_SIZE,
	TREE_HELD_SIZE,
	TREE_NODE,
	TREE_ADDRESS,
	TREE_SLOT,
	TREE_OPTIONAL_BLOCK,
	TREE_OPTIONAL_NODE,
	TREE_DELAY,
	TREE_PRIORITY,
	TREE_RATE,
};

/* Instead of a rate: time goes on to the next event at once. */
#define TREE_RATE_SKIP UINT64_MAX

/*
 * struct tree_setting - a value of an object of machine/
 * @get: the value of the row's @arg
 * @set: 0, or -errno once the reason is in machine/log; NULL: the file is read-only
 * @words: for a TREE_WORD: the value is an index into it
 *
 * An absent optional value is -1.
 */
struct tree_setting {
	enum tree_type type;
	uint64_t (*get)(const struct tree_obj *obj, unsigned int arg);
	int (*set)(struct tree_obj *obj, unsigned int arg, uint64_t value);
	const char *const *words;
	size_t nr_words;
};

tree_show_fn tree_setting_show;
tree_store_fn tree_setting_store;

/* The row of a writable setting; further members of the setting may follow. */
#define TREE_SETTING_ROW(name, which, ...)                                                         \
	{                                                                                          \
		.path = (name), .mode = S_IFREG | 0644, .show = tree_setting_show,                 \
		.store = tree_setting_store, .arg = (which),                                       \
		.setting = &(const struct tree_setting)                                            \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}
/* The row of a read-only value. */
#define TREE_VALUE_ROW(name, which, ...)                                                           \
	{                                                                                          \
		.path = (name), .mode = S_IFREG | 0444, .show = tree_setting_show, .arg = (which), \
		.setting = &(const struct tree_setting)                                            \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

/* For other stores: 0, or -errno once the reason is in machine/log. */
int tree_take_number(struct tree_obj *obj, const struct tree_row *row, const char *text,
		     uint64_t *ret_value);
int tree_take_switch(struct tree_obj *obj, const char *text, bool *ret_on);
/* Logs that the row does not accept @text; returns @err. */
int tree_refuse_text(struct tree_obj *obj, const struct tree_row *row, const char *text, int err);

#endif
