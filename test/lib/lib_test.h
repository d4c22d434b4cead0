/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of libmemhp have in common. They see its public header only. */
#ifndef LIB_TEST_H
#define LIB_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <memhp.h>

#define MIB (1ull << 20)
#define GIB (1ull << 30)
#define MS 1000000ull
#define SECOND 1000000000ull
#define BLOCKS "sys/devices/system/memory/"

/* A PC with 2 GiB on node 0, of which memory8 to memory15 can go offline, and an empty node 1. */
#define SMALL                                                                                      \
	"block_size: 128M\n"                                                                       \
	"memory:\n"                                                                                \
	"  - {start: 0x0, end: 0x7fffffff, node: 0}\n"                                             \
	"hotplug:\n"                                                                               \
	"  - {start: 0x100000000, end: 0x4ffffffff, node: 0}\n"                                    \
	"  - {start: 0x500000000, end: 0x8ffffffff, node: 1}\n"

/** lib_boot() - boot the small machine. */
static inline struct memhp *lib_boot(void)
{
	struct memhp *m;

	assert_int_equal(memhp_new(&m), 0);
	assert_int_equal(memhp_load_text(m, SMALL, strlen(SMALL)), 0);
	if (memhp_boot(m))
		fail_msg("%s", memhp_error(m));
	return m;
}

/** lib_expect() - check the whole text of a file. */
static inline void lib_expect(struct memhp *m, const char *path, const char *text)
{
	char *got;

	if (memhp_read(m, path, &got, NULL))
		fail_msg("%s", memhp_error(m));
	assert_string_equal(got, text);
	memhp_text_free(got);
}

/** lib_write() - write a text, which must succeed. */
static inline void lib_write(struct memhp *m, const char *path, const char *text)
{
	if (memhp_write(m, path, text))
		fail_msg("%s", memhp_error(m));
}

#endif
