/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocations that fail on demand, except for text buffers (realloc()). A test that includes this
 * is linked with the allocator's functions wrapped (test/meson.build).
 */
#ifndef TEST_NOMEM_H
#define TEST_NOMEM_H

/* Counts down to the allocation that fails; below 0: none fails. */
extern long nomem_fail_at;
/* Number of allocations. */
extern long nomem_counted;

#endif
