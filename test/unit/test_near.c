// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "memhp/base.h"

static void assert_near(const char *a, const char *b, bool want)
{
	if (base_is_near(a, b) != want)
		fail_msg("%s is %s %s", a, want ? "not near to" : "near to", b);
}

static void long_words(void **state)
{
	static const char *const near[] = {
		"movable_node", "movable_nod",	  "movable_nodes", "ovable_node",  "movablenode",
		"movable-node", "MOVABLE_NODE",	  "mvoable_node",  "movable_ndoe", "movabel_onde",
		"movablenod",	"xmovable_nodex", "nmovable_ode",
	};
	static const char *const far[] = { "",
					   "movable",
					   "movablecore",
					   "movableno",
					   "xmovable_nodexx",
					   "vomable_onedd",
					   "node_movable" };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(near); i++)
		assert_near(near[i], "movable_node", true);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(far); i++)
		assert_near(far[i], "movable_node", false);
}

/* In short words, one letter may be wrong. */
static void short_words(void **state)
{
	static const char *const near[] = { "mem", "men", "me", "emm", "mem1", "xmem", "MEM" };
	static const char *const far[] = { "", "m", "mce", "memmap", "emem2", "eem2", "nmi" };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(near); i++)
		assert_near(near[i], "mem", true);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(far); i++)
		assert_near(far[i], "mem", false);
	assert_near("abcdxy", "abcdef", false);
	assert_near("abcdexy", "abcdefg", true);
}

static void very_long_words(void **state)
{
	char a[70];

	memset(a, 'a', sizeof(a));
	a[63] = '\0';
	assert_near(a, a, true);
	assert_near(a, "", false);
	a[63] = 'a';
	a[64] = '\0';
	assert_near(a, a, false);
	assert_near(a, a + 1, false);
	assert_near(a + 1, a, false);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_words),
		cmocka_unit_test(short_words),
		cmocka_unit_test(very_long_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
