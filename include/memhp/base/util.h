/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic that every layer needs, and random numbers (percent.c). */
#ifndef MEMHP_BASE_UTIL_H
#define MEMHP_BASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

#define BASE_ALIGNED(x, a) (((x) & ((a)-1)) == 0)
#define BASE_ROUND_DOWN(x, a) ((x) & ~((uint64_t)(a)-1))
#define BASE_ROUND_UP(x, a) (((x) + (uint64_t)(a)-1) & ~((uint64_t)(a)-1))
#define BASE_MIN(a, b) ((a) < (b) ? (a) : (b))
#define BASE_MAX(a, b) ((a) > (b) ? (a) : (b))
#define base_container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/** base_percent() - the @nr-th random number of a seed: below 100, and the same each time. */
unsigned int base_percent(uint64_t seed, uint64_t nr);

#endif
