/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON as QEMU reads it. */
#ifndef QMP_SYNTAX_H
#define QMP_SYNTAX_H

#include <jansson.h>

#include "memhp/base.h"

/*
 * Reads a message; strings may be in single quotes. Returns NULL, with what is wrong in @ret_why as
 * QEMU says it.
 */
json_t *qmp_read(const char *text, size_t len, struct base_buf *ret_why);

#endif
