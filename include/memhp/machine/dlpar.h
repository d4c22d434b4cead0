/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logical partitions (dlpar_words.c). */
#ifndef MEMHP_MACHINE_DLPAR_H
#define MEMHP_MACHINE_DLPAR_H

#include "memhp/hotplug.h"

struct machine;

/**
 * machine_dlpar_store() - a write to sys/kernel/dlpar (dlpar_store())
 * @call: the caller sets only @done, which gets 0 or -errno
 *
 * Return: 0, and @call has been submitted; -EINVAL for a request that cannot be parsed (reported
 * in the log), -ENOMEM.
 */
int machine_dlpar_store(struct machine *machine, const char *text, struct hp_call *call);

#endif
