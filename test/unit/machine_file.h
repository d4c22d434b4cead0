/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of machine files share: parsing them, and comparing the errors. */
#ifndef TEST_MACHINE_FILE_H
#define TEST_MACHINE_FILE_H

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "memhp/machine.h"

#define RAM "memory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n"

struct bad_file {
	const char *text;
	const char *errors; /* each error line begins with a line of these */
};

/* The result of machine_spec_parse() for the file m.yaml; the caller frees the errors. */
int machine_file_parse(const char *text, unsigned int first_line, char **ret_errors,
		       struct machine_spec **ret_spec);
/* The machine of a valid file. */
struct machine_spec *machine_file_good(const char *text);
/* Each line of @errors begins with a line of @expected. */
void assert_errors(const char *text, const char *expected, const char *errors);
void assert_refused(const struct bad_file *rows, size_t nr);

#endif
