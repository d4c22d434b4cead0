// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random machines, changed at random, and every file of them read: what test/fuzz/fuzz_read.c does,
 * for inputs that follow from seeds.
 *
 *	test_every_file [FIRST-SEED [COUNT]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "../fuzz/fuzz.h"

#define COUNT 300
#define MAX_SIZE 1200

static void run_seed(uint64_t seed)
{
	uint64_t random = seed * 0x9e3779b97f4a7c15ULL + 1;
	uint8_t data[MAX_SIZE];
	size_t size = 100 + seed * 7 % (MAX_SIZE - 100);

	for (size_t i = 0; i < size; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		data[i] = (uint8_t)(random >> 32);
	}
	LLVMFuzzerTestOneInput(data, size);
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 0) : COUNT;

	for (uint64_t seed = first; seed < first + count; seed++) {
		/* The last seed printed is the one that failed. */
		printf("seed %llu\n", (unsigned long long)seed);
		fflush(stdout);
		run_seed(seed);
	}
	return 0;
}
