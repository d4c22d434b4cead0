/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys/kernel/uevent_helper: a program of the user is run for each event, as the kernel does it
 * (kobject_uevent_env() and call_usermodehelper()), but by the daemon and with its rights, and one
 * after the other.
 *
 * One that takes longer than UEVENT_HELPER_PATIENCE_S is reported in the log, and no longer waited
 * for; one that fails is reported, too, and one that does nothing else is slowed down. Events that
 * wait are bounded in bytes; those for which there is no room are not run, nor those that wait when
 * the helper is cleared: the log says how many.
 */
#ifndef UEVENT_HELPER_H
#define UEVENT_HELPER_H

#include "memhp/loop.h"
#include "memhp/machine.h"
#include "memhp/tree.h"

struct uevent_helper;

#define UEVENT_HELPER_PATIENCE_S 5

/**
 * uevent_helper_new() - @root: where the tree is, for MEMHPFS_ROOT; NULL: out of memory.
 *
 * From here on the program is the parent of whatever loses its own below it. The children that it
 * has already (of a shell that has become this program) are none of the helper's.
 */
struct uevent_helper *uevent_helper_new(struct loop *loop, struct machine *machine,
					const char *root);
/**
 * uevent_helper_free() - end all that still runs, and what it has started
 *
 * May take a third of a second, for those who do not listen to SIGTERM.
 */
void uevent_helper_free(struct uevent_helper *helper);

/** uevent_helper_calls - for tree_set_helper(), with what uevent_helper_new() made; none blocks. */
extern const struct tree_helper uevent_helper_calls;

#endif
