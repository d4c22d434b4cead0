/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pointers by number, compared with an array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "memhp/base.h"

static void empty(void **state)
{
	struct base_map map;

	(void)state;
	base_map_init(&map);
	assert_null(base_map_find(&map, 0));
	assert_null(base_map_find(&map, UINT64_MAX));
	assert_null(base_map_next(&map, 0));
	base_map_erase(&map, 5);
	base_map_fini(&map);
}

static void far_apart(void **state)
{
	static const uint64_t keys[] = { 0,	  1,	      63,	  64,	     4095,
					 1 << 20, 1ULL << 40, 1ULL << 63, UINT64_MAX };
	static int values[BASE_ARRAY_SIZE(keys)];
	struct base_map map;

	(void)state;
	base_map_init(&map);
	for (size_t i = BASE_ARRAY_SIZE(keys); i-- > 0;)
		assert_int_equal(base_map_insert(&map, keys[i], &values[i]), 0);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(keys); i++) {
		assert_ptr_equal(base_map_find(&map, keys[i]), &values[i]);
		assert_ptr_equal(base_map_next(&map, keys[i]), &values[i]);
		if (i)
			assert_ptr_equal(base_map_next(&map, keys[i - 1] + 1), &values[i]);
	}
	assert_null(base_map_find(&map, 2));
	for (size_t i = 0; i < BASE_ARRAY_SIZE(keys); i++) {
		base_map_erase(&map, keys[i]);
		assert_null(base_map_find(&map, keys[i]));
		assert_ptr_equal(base_map_next(&map, 0),
				 i + 1 < BASE_ARRAY_SIZE(keys) ? &values[i + 1] : NULL);
	}
	assert_null(map.root);
	base_map_fini(&map);
}

/* The first number is a large one: removing it frees the levels that it needed. */
static void first_is_large(void **state)
{
	struct base_map map;
	int value;

	(void)state;
	base_map_init(&map);
	assert_int_equal(base_map_insert(&map, 1 << 20, &value), 0);
	assert_ptr_equal(base_map_next(&map, 0), &value);
	base_map_erase(&map, 1 << 20);
	assert_null(map.root);
	/* again, growing from a small number that was removed */
	assert_int_equal(base_map_insert(&map, 3, &value), 0);
	assert_int_equal(base_map_insert(&map, 1 << 20, &value), 0);
	assert_ptr_equal(base_map_find(&map, 3), &value);
	base_map_erase(&map, 3);
	base_map_erase(&map, 1 << 20);
	assert_null(map.root);
}

/* Numbers beyond the map's height are not confused with low ones. */
static void too_high(void **state)
{
	struct base_map map;
	int value;

	(void)state;
	base_map_init(&map);
	assert_int_equal(base_map_insert(&map, 3, &value), 0);
	assert_null(base_map_find(&map, 64 + 3));
	assert_null(base_map_find(&map, (1ULL << 40) + 3));
	assert_null(base_map_next(&map, 64));
	base_map_erase(&map, 64 + 3);
	assert_ptr_equal(base_map_find(&map, 3), &value);
	base_map_fini(&map);
}

#define WALK_KEYS 9000

static void walk(void **state)
{
	static char there[WALK_KEYS];
	struct base_map map;

	(void)state;
	base_map_init(&map);
	srand(1);
	for (int step = 0; step < 60000; step++) {
		int key = rand() % WALK_KEYS, next = rand() % WALK_KEYS;

		/* mostly growing, then mostly shrinking */
		if (rand() % 4 ? step < 30000 : step >= 30000) {
			assert_int_equal(base_map_insert(&map, (uint64_t)key, &there[key]), 0);
			there[key] = 1;
		} else {
			base_map_erase(&map, (uint64_t)key);
			there[key] = 0;
		}
		assert_ptr_equal(base_map_find(&map, (uint64_t)key),
				 there[key] ? &there[key] : NULL);
		while (key < WALK_KEYS && !there[key])
			key++;
		assert_ptr_equal(base_map_next(&map, (uint64_t)key),
				 key < WALK_KEYS ? &there[key] : NULL);
		assert_ptr_equal(base_map_find(&map, (uint64_t)next),
				 there[next] ? &there[next] : NULL);
	}
	base_map_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),	  cmocka_unit_test(far_apart),
		cmocka_unit_test(first_is_large), cmocka_unit_test(too_high),
		cmocka_unit_test(walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
