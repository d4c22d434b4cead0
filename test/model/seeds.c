// SPDX-License-Identifier: GPL-2.0-or-later
#include "seeds.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRY_SECONDS 60
#define SHORTEN_SECONDS 100 /* for one seed; the steps left then are printed */

/* The last step that a run began; in memory shared with it. */
static unsigned int *last_step;

/* ---- in the run ------------------------------------------------------------------------------ */

/* Spreads seed and step over all bits (the finalizer of SplitMix64). */
static uint64_t mix(uint64_t seed, uint64_t step)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15ULL + step * 0xd1b54a32d192ed03ULL + 1;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return (x ^ (x >> 31)) | 1;
}

uint64_t seeds_below(struct seeds_trial *t, uint64_t n)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (t->random >> 11) % n;
}

bool seeds_next(struct seeds_trial *t)
{
	do {
		t->step++;
	} while (t->skip && t->step <= t->steps && t->skip[t->step]);
	if (t->step > t->steps) {
		t->step = 0;
		return false;
	}
	*last_step = t->step;
	t->random = mix(t->seed, t->step);
	return true;
}

void seeds_doing(struct seeds_trial *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(t->doing, sizeof(t->doing), fmt, args);
	va_end(args);
	if (!t->trace)
		return;
	printf("%6u  %s\n", t->step, t->doing);
	fflush(stdout); /* it may crash */
}

void seeds_fail(struct seeds_trial *t, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\n  seed %llu, step %u: %s\n", (unsigned long long)t->seed, t->step,
		t->doing);
	exit(1);
}

/* ---- outside the run ------------------------------------------------------------------------- */

struct attempt {
	const struct seeds_walk *walk;
	uint64_t seed;
	unsigned int steps;
	time_t deadline;
};

static void run_child(const struct attempt *a, const uint8_t *skip, bool quiet)
{
	struct seeds_trial t = { .seed = a->seed,
				 .steps = a->steps,
				 .skip = skip,
				 .trace = skip && !quiet,
				 .random = mix(a->seed, 0) };
	int null;

	if (quiet) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		alarm(TRY_SECONDS);
	}
	strcpy(t.doing, "boot");
	a->walk->run(&t);
	exit(0);
}

static bool run(const struct attempt *a, const uint8_t *skip, bool quiet)
{
	int status;
	pid_t pid;

	fflush(stdout);
	*last_step = 0;
	pid = fork();
	if (!pid)
		run_child(a, skip, quiet);
	return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}

static bool still_fails(void *arg, const uint8_t *skip)
{
	struct attempt *a = arg;

	return time(NULL) < a->deadline && run(a, skip, true);
}

/* Tries to leave out each @chunk of steps; returns whether any could be. */
static bool shorten_by(uint8_t *skip, unsigned int steps, unsigned int chunk, uint8_t *trial,
		       bool (*fails)(void *arg, const uint8_t *skip), void *arg)
{
	bool shorter = false;

	for (unsigned int first = 1; first <= steps; first += chunk) {
		unsigned int nr = steps + 1 - first < chunk ? steps + 1 - first : chunk;

		memcpy(trial, skip, steps + 1);
		memset(trial + first, 1, nr);
		if (!memcmp(trial, skip, steps + 1) || !fails(arg, trial))
			continue;
		memcpy(skip, trial, steps + 1);
		shorter = true;
	}
	return shorter;
}

/*
 * Halves, quarters and so on (as Zeller's ddmin), then single steps until all of them are needed.
 */
void seeds_shorten(uint8_t *skip, unsigned int steps, bool (*fails)(void *arg, const uint8_t *skip),
		   void *arg)
{
	uint8_t *trial = malloc(steps + 1);

	for (unsigned int chunk = (steps + 1) / 2; trial && chunk;) {
		if (!shorten_by(skip, steps, chunk, trial, fails, arg) || chunk > 1)
			chunk /= 2;
	}
	free(trial);
}

static void explain(struct attempt *a)
{
	unsigned int failed_at = *last_step;
	uint8_t *skip = calloc(a->steps + 1, 1);

	if (!skip)
		return;
	a->deadline = time(NULL) + SHORTEN_SECONDS;
	/* Later steps cannot be the cause, unless it failed at the end. */
	memset(skip + failed_at + 1, 1, a->steps - failed_at);
	if (!still_fails(a, skip))
		memset(skip, 0, a->steps + 1);
	seeds_shorten(skip, a->steps, still_fails, a);
	printf("seed %llu: the shortest that still fails:\n", (unsigned long long)a->seed);
	if (!run(a, skip, false))
		printf("  (it does not fail every time)\n");
	free(skip);
}

int seeds_main(const struct seeds_walk *walk, int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 0) : 0;
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 0) : argc > 1 ? 1 : walk->seeds;
	unsigned int steps = argc > 3 ? (unsigned int)strtoul(argv[3], NULL, 0) : walk->steps;
	unsigned int failed = 0;

	last_step = mmap(NULL, sizeof(*last_step), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (last_step == MAP_FAILED || !count)
		return 1;
	for (uint64_t seed = first; seed < first + count; seed++) {
		struct attempt a = { .walk = walk, .seed = seed, .steps = steps };

		if (!run(&a, NULL, false))
			continue;
		failed++;
		explain(&a);
	}
	printf("%llu seeds of %u steps, %u failed\n", (unsigned long long)count, steps, failed);
	munmap(last_step, sizeof(*last_step));
	return failed != 0;
}
