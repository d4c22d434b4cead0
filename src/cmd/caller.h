/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Callers: the names of processes on the host. */
#ifndef CALLER_H
#define CALLER_H

#include "memhp/tree.h"

/** caller_command() - get a process's name, for tree_set_command(); "" if it no longer exists. */
void caller_command(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE]);

#endif
