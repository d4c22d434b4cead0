/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../src/sim/random_private.h"

static const char machine_1[] =
	"kernel: 6.12.117\n"
	"arch: x86_64\n"
	"cmdline: \"memhp_default_state=online_kernel "
	"memory_hotplug.auto_movable_numa_aware=1 memory_hotplug.auto_movable_ratio=100\"\n"
	"block_size: 0x8000000\n"
	"possible_nodes: \"0\"\n"
	"memory:\n"
	"  - {start: 0x1000, end: 0x9fbff, node: 0}\n"
	"  - {start: 0x100000, end: 0x47fdffff, node: 0}\n"
	"hotplug:\n"
	"  - {start: 0x100000000, end: 0xcb7ffffff, node: 0}\n"
	"cpus:\n"
	"  - {list: \"0\", node: 0}\n";

/* The reference values of splitmix64 for 1234567: a seed has to mean the same in every build. */
static void test_dice(void **state)
{
	struct random_dice dice = { 1234567 };

	assert_int_equal(random_roll(&dice, UINT64_MAX), 6457827717110365317ULL);
	assert_int_equal(random_roll(&dice, UINT64_MAX), 3203168211198807973ULL);
	assert_int_equal(random_roll(&dice, UINT64_MAX), 9817491932198370423ULL);
	assert_int_equal(random_roll(&dice, 10), 4593380528125082431ULL % 10);
}

static void test_chance(void **state)
{
	struct random_dice dice = { 1 };
	unsigned int hits = 0;

	for (unsigned int i = 0; i < 1000; i++) {
		assert_false(random_chance(&dice, 0));
		assert_true(random_chance(&dice, 100));
		hits += random_chance(&dice, 25);
	}
	assert_in_range(hits, 200, 300);
}

/* Each is chosen as often as its weight says, and never with weight 0. */
static void test_weighted(void **state)
{
	static const unsigned int weights[] = { 1, 0, 3, 0 };
	struct random_dice dice = { 2 };
	unsigned int hits[4] = { 0 };

	for (unsigned int i = 0; i < 1000; i++)
		hits[random_weighted(&dice, weights, 4)]++;
	assert_in_range(hits[0], 200, 300);
	assert_int_equal(hits[1], 0);
	assert_in_range(hits[2], 700, 800);
	assert_int_equal(hits[3], 0);
}

static void test_words(void **state)
{
	static const char *const words[] = { "online", "offline", NULL };
	struct random r = { .dice = { 3 } };
	unsigned int valid = 0;

	for (unsigned int i = 0; i < 1000; i++) {
		struct base_buf word;

		base_buf_init(&word);
		random_word(&r, words, &word);
		valid += !strcmp(base_buf_text(&word), "online") ||
			 !strcmp(base_buf_text(&word), "offline");
		base_buf_fini(&word);
	}
	/* The others are almost valid, or not at all. */
	assert_in_range(valid, 700, 850);
}

/* The machine of a seed does not change: files that somebody wrote down stay what they are. */
static void test_machine(void **state)
{
	struct base_buf one, again, other;

	base_buf_init(&one);
	base_buf_init(&again);
	base_buf_init(&other);
	random_machine(1, &one);
	random_machine(1, &again);
	random_machine(2, &other);
	assert_string_equal(base_buf_text(&one), base_buf_text(&again));
	assert_string_not_equal(base_buf_text(&one), base_buf_text(&other));
	assert_string_equal(base_buf_text(&one), machine_1);
	base_buf_fini(&one);
	base_buf_fini(&again);
	base_buf_fini(&other);
}

/* Every machine is valid. */
static void test_machines(void **state)
{
	for (uint64_t seed = 0; seed < 500; seed++) {
		struct machine_spec *spec;
		struct base_buf text;

		base_buf_init(&text);
		random_machine(seed, &text);
		assert_int_equal(machine_spec_parse(base_buf_text(&text), text.len, "random", 1,
						    stderr, &spec),
				 0);
		assert_true(spec->nr_memory);
		machine_spec_free(spec);
		base_buf_fini(&text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dice),	 cmocka_unit_test(test_chance),
		cmocka_unit_test(test_weighted), cmocka_unit_test(test_words),
		cmocka_unit_test(test_machine),	 cmocka_unit_test(test_machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
