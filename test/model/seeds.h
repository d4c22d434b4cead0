/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks of random steps, one seed after the other, each in a process of its own. Steps do not share
 * a random sequence, so that a seed that fails can be tried again without some of them: what is
 * printed is the shortest list of steps that still fails.
 *
 *	test_NAME [FIRST-SEED [COUNT [STEPS]]]
 */
#ifndef TEST_SEEDS_H
#define TEST_SEEDS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * struct seeds_trial - one run of one seed
 * @skip: a byte for each step, from 1 on; NULL: nothing is left out
 * @random: state of the random sequence
 * @step, @doing: the current step; 0: before the first, or after the last
 */
struct seeds_trial {
	uint64_t seed;
	unsigned int steps;
	const uint8_t *skip;
	bool trace;
	uint64_t random;
	unsigned int step;
	char doing[256];
};

struct seeds_walk {
	unsigned int seeds, steps;
	/* Runs all steps; returns only on success. */
	void (*run)(struct seeds_trial *trial);
};

int seeds_main(const struct seeds_walk *walk, int argc, char **argv);

/* Continues with the next step that is not left out; false when there is none. */
bool seeds_next(struct seeds_trial *trial);
/* Describes the step: for the trace, and for messages. */
void seeds_doing(struct seeds_trial *trial, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Ends the run. */
void seeds_fail(struct seeds_trial *trial, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5), noreturn));

uint64_t seeds_below(struct seeds_trial *trial, uint64_t n);

/*
 * seeds_shorten() - leave out steps of a failing run as long as it still fails
 * @fails: whether a run without these steps fails; @skip has @steps + 1 bytes
 */
void seeds_shorten(uint8_t *skip, unsigned int steps, bool (*fails)(void *arg, const uint8_t *skip),
		   void *arg);

#endif
