/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why something is refused (refuse.c). */
#ifndef MEMHP_MACHINE_REFUSE_H
#define MEMHP_MACHINE_REFUSE_H

#include "memhp/base.h"

struct machine;

/**
 * machine_refuse() - say why something is refused
 * @machine: NULL: nobody hears it
 * @err: the answer, a negative errno
 * @fmt: what is wrong, and what is allowed, free or to be done first, as in a machine file's errors
 *
 * The last reason counts, until machine_refusal() has taken it. To be called directly before the
 * answer: what takes time in between may refuse something else.
 *
 * Return: @err.
 */
int machine_refuse(struct machine *machine, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** machine_refuse_nothing() - what was refused until now is nobody's answer. */
void machine_refuse_nothing(struct machine *machine);
/**
 * machine_refusal() - the log's line for a refusal
 * @path: below machine/
 *
 * Takes the reason that was said with @err; without any it makes one of @err.
 */
void machine_refusal(struct machine *machine, const char *path, int err, struct base_buf *ret_line);

#endif
