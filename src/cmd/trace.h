/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traces: a JSON object per line for each thing that happens, to a file and to machine/trace. */
#ifndef TRACE_H
#define TRACE_H

#include "memhp/tree.h"

struct trace;

/**
 * trace_new() - tells of all that happens in @tree
 * @path: a file that gets the lines; NULL: none, only who reads machine/trace does
 *
 * Return: 0 or -errno.
 */
int trace_new(struct tree *tree, const char *path, struct trace **ret_trace);
/** trace_free() - NULL is fine; before the tree. */
void trace_free(struct trace *trace);

#endif
