// SPDX-License-Identifier: GPL-2.0-or-later
/* A failing walk is found, and reduced to the steps that make it fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "seeds.h"

#define STEPS 1000

/* Fails once three steps that depend on the seed have been taken, in order. */
static void three_matter(struct seeds_trial *t)
{
	const unsigned int wanted[] = { 17, 400 + (unsigned int)t->seed, 771 };
	unsigned int met = 0;

	while (seeds_next(t)) {
		seeds_doing(t, "number %llu", (unsigned long long)seeds_below(t, 1000));
		met += met < 3 && t->step == wanted[met];
		if (met == 3)
			seeds_fail(t, __FILE__, __LINE__, "all three");
	}
}

static void crashes(struct seeds_trial *t)
{
	while (seeds_next(t)) {
		seeds_doing(t, "step");
		if (t->step == 5)
			abort();
	}
}

static void all_well(struct seeds_trial *t)
{
	while (seeds_next(t))
		seeds_doing(t, "step");
}

/* The result of main(), and its output. */
static int output_of(const struct seeds_walk *walk, char *text, size_t size)
{
	char arg[3][8] = { "test", "7", "1" }, *argv[] = { arg[0], arg[1], arg[2], NULL };
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), ret;
	FILE *file = tmpfile();

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	ret = seeds_main(walk, 3, argv);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	rewind(file);
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
	return ret;
}

/* The random numbers of a step do not depend on the steps before it. */
static void shortest_trace(void **state)
{
	static const struct seeds_walk walk = { .steps = STEPS, .run = three_matter };
	char text[4096], number[3][40];
	const char *trace;
	unsigned int step[3];
	int end = 0;

	assert_int_equal(output_of(&walk, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "all three\n  seed 7, step 771: number "));
	trace = strstr(text, "the shortest that still fails:\n");
	assert_non_null(trace);
	trace = strchr(trace, '\n');
	assert_int_equal(sscanf(trace, "%u number %39s%u number %39s%u number %39s%n", &step[0],
				number[0], &step[1], number[1], &step[2], number[2], &end),
			 6);
	assert_int_equal(step[0], 17);
	assert_int_equal(step[1], 407);
	assert_int_equal(step[2], 771);
	snprintf(text, sizeof(text), "step 771: number %s", number[2]);
	assert_non_null(strstr(trace + end, text));
}

static void crash(void **state)
{
	static const struct seeds_walk walk = { .steps = 10, .run = crashes };
	char text[4096];

	assert_int_equal(output_of(&walk, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "still fails:\n     5  step\n1 seeds"));
}

static void good(void **state)
{
	static const struct seeds_walk walk = { .steps = 10, .run = all_well };
	char text[4096];

	assert_int_equal(output_of(&walk, text, sizeof(text)), 0);
	assert_string_equal(text, "1 seeds of 10 steps, 0 failed\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shortest_trace),
		cmocka_unit_test(crash),
		cmocka_unit_test(good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
