/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs need of the system that they run on, and what to say where it is not there:
 * mostly in containers, whose options must allow it.
 */
#ifndef NEEDS_H
#define NEEDS_H

#include <stdbool.h>

/**
 * needs_fuse() - whether /dev/fuse can be used; else says on stderr what is missing
 * @by_itself: no fusermount3 opens it for us
 */
bool needs_fuse(bool by_itself);
/** needs_namespaces() - say on stderr that namespaces could not be made, or used, and what helps */
void needs_namespaces(const char *what, int error);
/** needs_mount() - say on stderr what helps where a file system cannot be mounted */
void needs_mount(void);

#endif
