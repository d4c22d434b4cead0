/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypervisor's monitor: clients that speak QMP to memhpfs. */
#ifndef MONITOR_H
#define MONITOR_H

#include "memhp/loop.h"
#include "memhp/tree.h"

struct monitor;

/**
 * monitor_new() - let clients connect
 * @address: a path, or tcp:127.0.0.1:PORT (0: any free port)
 * @quit: called when a client has ended the machine
 *
 * What is wrong is explained on standard error.
 *
 * Return: 0 or -errno.
 */
int monitor_new(struct tree *tree, struct loop *loop, const char *address, void (*quit)(void *ctx),
		void *ctx, struct monitor **ret_monitor);
/**
 * monitor_free() - disconnect all clients; NULL is allowed
 *
 * Requests that have not ended are left to the tree, which must end with them.
 */
void monitor_free(struct monitor *monitor);

#endif
