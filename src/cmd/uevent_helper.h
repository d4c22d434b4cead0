/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys/kernel/uevent_helper: a program of the user is run for each event, as the kernel does it
 * (kobject_uevent_env() and call_usermodehelper()), but by the daemon and with its rights.
 */
#ifndef UEVENT_HELPER_H
#define UEVENT_HELPER_H

#include "memhp/hotplug.h"
#include "memhp/loop.h"
#include "memhp/machine.h"

struct uevent_helper;

/** uevent_helper_new() - @root: where the tree is, for MEMHPFS_ROOT; NULL: out of memory. */
struct uevent_helper *uevent_helper_new(struct loop *loop, struct machine *machine,
					const char *root);
/** uevent_helper_free() - helpers that still run are left alone. */
void uevent_helper_free(struct uevent_helper *helper);

/**
 * uevent_helper_event() - run @path for an event, once those for the events before it have ended
 *
 * One that takes longer than UEVENT_HELPER_PATIENCE_S is reported in the log, and no longer waited
 * for; so is one that fails. Never blocks.
 */
void uevent_helper_event(void *helper, const char *path, const struct hp_uevent *event);

#define UEVENT_HELPER_PATIENCE_S 5

#endif
