/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of refusals share: writes that may be refused, and the lines that must follow. */
#ifndef TEST_REFUSAL_H
#define TEST_REFUSAL_H

#include "world.h"

#define NAME "1"
#define PREFIX "machine: "

/* Counts lines of refusals after @from; the last one is @ret_line. */
unsigned int refusal_count(struct world *w, size_t from, char ret_line[512]);
/*
 * A write was answered by @result: when it was refused, one line after @from must say why.
 * @path: below machine/
 */
void refusal_check(struct world *w, size_t from, const char *path, const char *text,
		   ssize_t result);
/* Writes a text, waits for the answer, and checks the line. */
void refusal_try(struct world *w, const char *path, const char *text);
/* One object of each kind. */
void refusal_make_all(struct world *w);

#endif
