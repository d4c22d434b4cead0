/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocations that fail on demand, but for the buffers of texts (realloc()). A test that takes this
 * in is linked with the allocator's functions wrapped (test/meson.build).
 */
#ifndef TEST_NOMEM_H
#define TEST_NOMEM_H

/* Counts down to the allocation that fails; below 0: none will. */
extern long nomem_fail_at;
/* How many there were. */
extern long nomem_counted;

#endif
