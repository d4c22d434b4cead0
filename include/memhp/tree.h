/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: the directories and files that a user sees, over one machine. It knows inode numbers,
 * names, modes, texts and stores, and nothing of FUSE: the mount and memhpsim both sit on it.
 *
 * An inode number is an object's serial (never reused) and a slot in the table of the object's
 * kind; the tables are static, so a file costs no memory.
 *
 * A negative int is the errno that the emulated kernel answers. Nothing here blocks: what may
 * have to wait takes a struct tree_req and answers through its @done.
 */
#ifndef MEMHP_TREE_H
#define MEMHP_TREE_H

#include <stdio.h>

#include "memhp/base.h"
#include "memhp/tree/inode.h"
#include "memhp/tree/journal.h"
#include "memhp/tree/listen.h"
#include "memhp/tree/request.h"

struct machine;
struct machine_spec;

/**
 * tree_new() - the tree of @machine, which must outlive it
 *
 * Return: NULL when out of memory.
 */
struct tree *tree_new(struct machine *machine);
/**
 * tree_boot() - a machine that has booted, and its tree
 * @spec, @clock: outlive both
 *
 * Return: 0, or -errno of machine_new().
 */
int tree_boot(const struct machine_spec *spec, struct base_clock *clock,
	      struct machine **ret_machine, struct tree **ret_tree);
/**
 * tree_add_devices() - make the devices and workloads of the machine file
 * @tree: has just booted, and gets no tree_load(), with which they come
 * @err: gets a line if one is refused: "FILE:LINE: FIELD: what is wrong and what is allowed"
 *
 * They are made as a user makes them below machine/.
 *
 * Return: 0; -EINVAL for a kind, key or value that is not valid; or what the emulated kernel
 * answers to the write.
 */
int tree_add_devices(struct tree *tree, FILE *err);
/** tree_free() - all files and directories must be closed, all requests finished; NULL is fine. */
void tree_free(struct tree *tree);

#endif
