/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reasons for refusals (refuse.c). */
#ifndef MEMHP_MACHINE_REFUSE_H
#define MEMHP_MACHINE_REFUSE_H

#include "memhp/base.h"

struct machine;

/**
 * machine_refuse() - set the reason for a refusal
 * @machine: NULL: the reason is not reported
 * @err: the result, a negative errno
 * @fmt: what is wrong, and what is allowed, free or to be done first, as in a machine file's errors
 *
 * The last reason counts until machine_refusal() takes it. Call this immediately before returning
 * the error: if the caller waits in between, another operation may be refused, too.
 *
 * Return: @err.
 */
int machine_refuse(struct machine *machine, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** machine_refuse_nothing() - discard the reason of an earlier refusal. */
void machine_refuse_nothing(struct machine *machine);
/**
 * machine_refusal() - the log's line for a refusal
 * @path: below machine/
 *
 * Takes the reason that was set with @err; without one, derives the line from @err.
 */
void machine_refusal(struct machine *machine, const char *path, int err, struct base_buf *ret_line);

#endif
