/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who calls: the names of processes on this machine. */
#ifndef CALLER_H
#define CALLER_H

#include "memhp/tree.h"

/** caller_command() - as tree_set_command() wants it; "" for a process that is gone. */
void caller_command(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE]);

#endif
