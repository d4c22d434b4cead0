/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reproducible random numbers. */
#include "memhp/base.h"

/* splitmix64 */
unsigned int base_percent(uint64_t seed, uint64_t nr)
{
	uint64_t x = seed + nr * 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return (unsigned int)((x ^ x >> 31) % 100);
}
