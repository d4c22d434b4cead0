/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys/module/memory_hotplug: the parameters as files.
 */
#include "world.h"

struct word {
	const char *text;
	int ret;
	const char *reads;
};

static void assert_words(struct world *w, const char *path, const struct word *words, size_t nr)
{
	const char *reads = words[0].reads;

	for (size_t i = 0; i < nr; i++) {
		assert_writes(w, path, words[i].text, words[i].ret);
		reads = words[i].reads ? words[i].reads : reads;
		assert_reads(w, path, reads);
	}
}

static void entries(void **state)
{
	struct world *w = *state;

	assert_string_equal(world_list(w, "sys/module/memory_hotplug"), "uevent parameters ");
	assert_string_equal(world_list(w, SYS_PARAM),
			    "online_policy memmap_on_memory auto_movable_numa_aware "
			    "auto_movable_ratio ");
	assert_reads(w, SYS_PARAM "online_policy", "contig-zones\n");
	assert_reads(w, SYS_PARAM "auto_movable_ratio", "301\n");
	assert_reads(w, SYS_PARAM "auto_movable_numa_aware", "Y\n");
	assert_reads(w, SYS_PARAM "memmap_on_memory", "N\n");
}

static void policy(void **state)
{
	static const struct word words[] = {
		{ "contig-zones", 12, "contig-zones\n" },
		{ "auto-movable\n", 13, "auto-movable\n" },
		{ "auto_movable", -EINVAL },
		{ "Auto-movable", -EINVAL },
		{ "contig-zones ", -EINVAL },
		{ "contig", -EINVAL },
		{ "0", -EINVAL },
		{ "\n", -EINVAL },
		{ "contig-zones\n\n", -EINVAL },
		{ "contig-zones", 12, "contig-zones\n" },
	};

	assert_words(*state, SYS_PARAM "online_policy", words, BASE_ARRAY_SIZE(words));
}

static void ratio(void **state)
{
	static const struct word words[] = {
		{ "0", 1, "0\n" },
		{ "0x10\n", 5, "16\n" },
		{ "010", 3, "8\n" },
		{ "+5", 2, "5\n" },
		{ "4294967295", 10, "4294967295\n" },
		{ "4294967296", -ERANGE },
		{ "99999999999999999999", -ERANGE },
		{ "99999999999999999999x", -ERANGE },
		{ "-1", -EINVAL },
		{ "08", -EINVAL },
		{ "0x", -EINVAL },
		{ "1 ", -EINVAL },
		{ " 1", -EINVAL },
		{ "1%", -EINVAL },
		{ "\n", -EINVAL },
		{ "1\n\n", -EINVAL },
		{ "301", 3, "301\n" },
	};

	assert_words(*state, SYS_PARAM "auto_movable_ratio", words, BASE_ARRAY_SIZE(words));
}

static void numa_aware(void **state)
{
	static const struct word words[] = {
		{ "0", 1, "N\n" },  { "1", 1, "Y\n" },	     { "n\n", 2, "N\n" },
		{ "on", 2, "Y\n" }, { "offhand", 7, "N\n" }, { "Yes", 3, "Y\n" },
		{ "2", -EINVAL },   { "o", -EINVAL },	     { " 0", -EINVAL },
		{ "\n", -EINVAL },  { "false", 5, "N\n" },
	};

	assert_words(*state, SYS_PARAM "auto_movable_numa_aware", words, BASE_ARRAY_SIZE(words));
}

static void memmap_is_read_only(void **state)
{
	struct world *w = *state;

	assert_writes(w, SYS_PARAM "memmap_on_memory", "Y", -EACCES);
	assert_int_equal(world_stat(w, SYS_PARAM "memmap_on_memory").mode, S_IFREG | 0444);
}

static void uevent(void **state)
{
	struct world *w = *state;
	struct world_req r;

	world_watch(w);
	assert_takes(w, "sys/module/memory_hotplug/uevent", "add");
	assert_true(world_file_read(&r, w->events, 4096, 0) > 0);
	assert_memory_equal(base_buf_text(&r.text),
			    "add@/module/memory_hotplug\nACTION=add\n"
			    "DEVPATH=/module/memory_hotplug\nSUBSYSTEM=module\n",
			    86);
	world_req_fini(&r);
	assert_writes(w, "sys/module/memory_hotplug/uevent", "add x", -EINVAL);
	assert_string_equal(base_buf_text(machine_log_text(w->machine)),
			    "synth uevent: /module/memory_hotplug: incorrect uevent action "
			    "arguments\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(entries),
		WORLD_TEST(policy),
		WORLD_TEST(ratio),
		WORLD_TEST(numa_aware),
		WORLD_TEST(memmap_is_read_only),
		WORLD_TEST(uevent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
