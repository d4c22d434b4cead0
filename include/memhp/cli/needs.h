/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs require of the system, and messages for when it is missing: mostly in
 * containers, whose options must allow it.
 */
#ifndef NEEDS_H
#define NEEDS_H

#include <stdbool.h>

#include "memhp/base.h"

/**
 * needs_fuse() - check whether /dev/fuse can be used; if not, report on stderr what is missing
 * @by_itself: the program opens it without fusermount3
 */
bool needs_fuse(bool by_itself);
/** needs_fuse_why() - the same; @why gets the message, of several lines. */
bool needs_fuse_why(bool by_itself, struct base_buf *why);
/** needs_namespaces() - report on stderr that namespaces cannot be used, and what helps. */
void needs_namespaces(const char *what, int error);
/** needs_mount() - report on stderr what helps if a file system cannot be mounted. */
void needs_mount(void);
/** needs_mount_why() - add that message. */
void needs_mount_why(struct base_buf *why);

#endif
