/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys/kernel/uevent_helper: runs the user's program for each event, as the kernel does
 * (kobject_uevent_env() and call_usermodehelper()), but with the privileges of the daemon, and one
 * after the other.
 *
 * A helper that takes longer than UEVENT_HELPER_PATIENCE_S is reported in the log and no longer
 * waited for; one that fails is also reported, and one that always fails is slowed down. Waiting
 * events are bounded in bytes. The helper is not run for events that exceed this, nor for those
 * still waiting when it is cleared: the log reports their number.
 */
#ifndef UEVENT_HELPER_H
#define UEVENT_HELPER_H

#include "memhp/loop.h"
#include "memhp/machine.h"
#include "memhp/tree.h"

struct uevent_helper;

#define UEVENT_HELPER_PATIENCE_S 5

/**
 * uevent_helper_new() - prepare for running helpers
 * @root: the mount point of the tree, for MEMHPFS_ROOT
 *
 * The program becomes the parent of descendants that lose theirs (see children_adopt()). Children
 * that it already has (of a shell that has become this program) are left alone.
 *
 * Return: NULL when out of memory.
 */
struct uevent_helper *uevent_helper_new(struct loop *loop, struct machine *machine,
					const char *root);
/**
 * uevent_helper_free() - end all helpers that still run, and their descendants
 *
 * This may take a third of a second if some of them ignore SIGTERM.
 */
void uevent_helper_free(struct uevent_helper *helper);

/** uevent_helper_calls - for tree_set_helper() with a struct uevent_helper; no call blocks. */
extern const struct tree_helper uevent_helper_calls;

#endif
