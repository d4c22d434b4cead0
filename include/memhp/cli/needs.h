/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs require of the system, and messages for when it is missing: mostly in
 * containers, whose options must allow it.
 */
#ifndef NEEDS_H
#define NEEDS_H

#include <stdbool.h>

/**
 * needs_fuse() - check whether /dev/fuse can be used; if not, report on stderr what is missing
 * @by_itself: the program opens it without fusermount3
 */
bool needs_fuse(bool by_itself);
/** needs_namespaces() - report on stderr that namespaces cannot be used, and what helps. */
void needs_namespaces(const char *what, int error);
/** needs_mount() - report on stderr what helps if a file system cannot be mounted. */
void needs_mount(void);

#endif
