/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: the directories and files that represent a machine. It implements inode numbers, names,
 * modes, texts and stores, independently of FUSE: both the mount and memhpsim use it.
 *
 * An inode number consists of an object's serial (never reused) and a slot in the table of the
 * object's kind; the tables are static, so a file costs no memory.
 *
 * A negative int is the errno of the emulated kernel. Nothing here blocks: functions that may have
 * to wait take a struct tree_req and answer through its @done.
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
 * tree_new() - create the tree of @machine, which must outlive it
 *
 * Return: NULL when out of memory.
 */
struct tree *tree_new(struct machine *machine);
/**
 * tree_boot() - boot a machine, and create its tree
 * @spec, @clock: must outlive both
 *
 * Return: 0, or -errno of machine_new().
 */
int tree_boot(const struct machine_spec *spec, struct base_clock *clock,
	      struct machine **ret_machine, struct tree **ret_tree);
/**
 * tree_add_devices() - create the devices and workloads of the machine file
 * @tree: has just been booted; not to be loaded by tree_load(), which restores them
 * @err: gets a line if one is refused: "FILE:LINE: FIELD: what is wrong and what is allowed"
 *
 * They are created in the same way as by a user below machine/.
 *
 * Return: 0; -EINVAL for a kind, key or value that is not valid; or the emulated kernel's error for
 * the write.
 */
int tree_add_devices(struct tree *tree, FILE *err);
/**
 * tree_free() - free a tree; a no-op for NULL
 *
 * All its files and directories must be closed, and all requests finished.
 */
void tree_free(struct tree *tree);

#endif
