/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traces: a line with a JSON object for each event, to a file and to machine/trace. */
#ifndef TRACE_H
#define TRACE_H

#include "memhp/tree.h"

struct trace;

/**
 * trace_new() - trace everything that happens in @tree
 * @path: a file that gets the lines; NULL: only readers of machine/trace get them
 * @only_changes: the file gets no opens and reads
 * @clock: the file gets the lines within 50 ms by it, many with one write(2); NULL: each at once
 *
 * Return: 0 or -errno.
 */
int trace_new(struct tree *tree, const char *path, bool only_changes, struct base_clock *clock,
	      struct trace **ret_trace);
/** trace_free() - to be called before tree_free(); accepts NULL. */
void trace_free(struct trace *trace);

#endif
