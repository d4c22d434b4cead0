/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/: its kinds of objects, and what their files have in common. */
#ifndef MACHINE_TREE_H
#define MACHINE_TREE_H

#include "tree_private.h"

/* ---- objects that mkdir makes (machine_class.c) ---------------------------------------------- */

int tree_machine_make(struct tree *tree, enum tree_collection collection, const char *name);
/* -EBUSY while it is in use, or somebody waits for a write to one of its files. */
int tree_machine_unmake(struct tree_obj *obj);
/* Of the row of a directory where mkdir makes objects of the first of its children. */
#define TREE_MAKER .make = tree_machine_make, .unmake = tree_machine_unmake

/* ---- files of machine/ with a source file of their own (machine_map.c, machine_clock.c) ------ */

tree_size_fn tree_map_size;
tree_show_fn tree_map_show, tree_clock_mode_show, tree_clock_now_show, tree_clock_migrate_show;
tree_store_fn tree_clock_advance_store, tree_clock_migrate_store;

/* Making and freeing a container (sys_container.c); 0 or -errno. */
int tree_container_new(struct tree_obj *obj);
int tree_container_free(struct tree_obj *obj);
void tree_container_forget(struct tree_obj *obj);
/* Saving and loading what one has of its own, and its place over the machine's, once loaded. */
void tree_container_save(struct base_save *s, struct tree_obj *obj);
void tree_container_attach(struct tree *tree, struct tree_obj *obj,
			   struct machine_container *container);

/* ---- texts (machine_text.c) ------------------------------------------------------------------ */

/* A number as the files of machine/ have it: "auto" for none, in hex with @format "x". */
int tree_show_number(struct base_buf *buf, uint64_t value, const char *format);
/*
 * What the stores of machine/ take from a text: 0 (or the number of a word), or an errno whose
 * reason is said, with what the row takes instead (@takes).
 */
int tree_take_size(struct tree_obj *obj, const struct tree_row *row, const char *text,
		   uint64_t *ret_value);
int tree_take_size_or_auto(struct tree_obj *obj, const struct tree_row *row, const char *text,
			   uint64_t *ret_value);
int tree_take_number(struct tree_obj *obj, const struct tree_row *row, const char *text,
		     uint64_t *ret_value);
int tree_take_switch(struct tree_obj *obj, const char *text, bool *ret_on);
int tree_take_word(struct tree_obj *obj, const char *const *words, size_t nr_words,
		   const char *text);
/* -1: none; else up to @most. */
int tree_take_optional(struct tree_obj *obj, const struct tree_row *row, const char *text,
		       uint64_t most, int64_t *ret_value);
/* The reason for a text that is not what the row takes; @err. */
int tree_refuse_text(struct tree_obj *obj, const struct tree_row *row, const char *text, int err);

#endif
