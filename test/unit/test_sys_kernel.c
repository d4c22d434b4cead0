/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys/kernel: the number of the last uevent, and injected errors of notifiers.
 */
#include "world.h"

#define ONLINE_ERROR SYS_INJECT "MEM_GOING_ONLINE/error"
#define OFFLINE_ERROR SYS_INJECT "MEM_GOING_OFFLINE/error"
#define STATE SYS_MEMORY "memory9/state"

static uint64_t seqnum(struct world *w)
{
	return strtoull(world_read(w, "sys/kernel/uevent_seqnum"), NULL, 10);
}

static void event_numbers(void **state)
{
	struct world *w = *state;
	uint64_t before = seqnum(w);

	/* Blocks and nodes were announced at boot. */
	assert_true(before >= 16 + 2);
	assert_takes(w, STATE, "offline");
	assert_int_equal(seqnum(w), before + 1);
	assert_takes(w, SYS_MEMORY "memory9/uevent", "change");
	assert_int_equal(seqnum(w), before + 2);
	/* Refused and filtered events have no number. */
	assert_writes(w, STATE, "offline", -EINVAL);
	assert_writes(w, SYS_MEMORY "memory9/uevent", "x", -EINVAL);
	assert_takes(w, SYS_MEMORY "uevent", "change");
	assert_int_equal(seqnum(w), before + 2);
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		int ret;
		const char *reads;
	} cases[] = {
		{ "0", 1, "0\n" },
		{ "-12", 3, "-12\n" },
		{ "-0xc\n", 5, "-12\n" },
		{ "-014", 4, "-12\n" },
		{ "5", 1, "0\n" },
		{ "-4095", 5, "-4095\n" },
		{ "-4096", 5, "-4095\n" },
		{ "-99999", 6, "-4095\n" },
		/* truncated to an int first */
		{ "4294967284", 10, "-12\n" },
		{ "-4294967295", 11, "0\n" },
		{ "-4294967300", 11, "-4\n" },
		{ "2147483648", 10, "-4095\n" },
		{ "-9223372036854775808", 20, "0\n" },
		{ "-7", 2, "-7\n" },
		{ "9223372036854775808", -ERANGE, "-7\n" },
		{ "-9223372036854775809", -ERANGE, "-7\n" },
		{ "-1 ", -EINVAL, "-7\n" },
		{ " -1", -EINVAL, "-7\n" },
		{ "-1\n\n", -EINVAL, "-7\n" },
		{ "--1", -EINVAL, "-7\n" },
		{ "-", -EINVAL, "-7\n" },
		{ "", -EINVAL, "-7\n" },
		{ "\n", -EINVAL, "-7\n" },
		{ "-ENOMEM", -EINVAL, "-7\n" },
		{ "0x", -EINVAL, "-7\n" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		assert_writes(w, ONLINE_ERROR, cases[i].text, cases[i].ret);
		assert_reads(w, ONLINE_ERROR, cases[i].reads);
	}
	assert_reads(w, OFFLINE_ERROR, "0\n");
}

/* 23 characters are examined; all count as written. */
static void long_numbers(void **state)
{
	struct world *w = *state;
	char text[5000];

	assert_writes(w, ONLINE_ERROR, "-0000000000000000000003", 23);
	assert_reads(w, ONLINE_ERROR, "-3\n");
	assert_writes(w, ONLINE_ERROR, "-00000000000000000000045", 24);
	assert_reads(w, ONLINE_ERROR, "-4\n");
	assert_writes(w, ONLINE_ERROR, "-0000000000000000000006 and more", 32);
	assert_reads(w, ONLINE_ERROR, "-6\n");
	assert_writes(w, ONLINE_ERROR, "-5                     6", -EINVAL);
	/* nor is it truncated at a page */
	memset(text, '0', sizeof(text));
	text[22] = '7';
	text[0] = '-';
	assert_int_equal(world_write_bytes(w, ONLINE_ERROR, text, sizeof(text)), sizeof(text));
	assert_reads(w, ONLINE_ERROR, "-7\n");
}

static void injected(void **state)
{
	struct world *w = *state;
	const char *log = "";

	assert_takes(w, OFFLINE_ERROR, "-12");
	assert_writes(w, STATE, "offline", -ENOMEM);
	assert_writes(w, STATE, "offline", -ENOMEM);
	assert_reads(w, STATE, "online\n");
	assert_takes(w, OFFLINE_ERROR, "0");
	assert_takes(w, STATE, "offline");
	assert_takes(w, ONLINE_ERROR, "-4095");
	assert_writes(w, STATE, "online", -4095);
	assert_reads(w, STATE, "offline\n");
	assert_takes(w, ONLINE_ERROR, "0");
	assert_takes(w, STATE, "online");
	log = base_buf_text(machine_log_text(w->machine));
	assert_non_null(strstr(log, "Injecting error (-12) to MEM_GOING_OFFLINE\n"));
	assert_non_null(strstr(log, "Injecting error (-4095) to MEM_GOING_ONLINE\n"));
}

/* The first block that fails ends the onlining; the memory stays. */
static void injected_into_auto_online(void **state)
{
	struct world *w = *state;

	assert_takes(w, SYS_MEMORY "auto_online_blocks", "online");
	assert_takes(w, ONLINE_ERROR, "-1");
	assert_plugs(w, "d0", "size=256M node=1");
	assert_reads(w, SYS_MEMORY "memory32/state", "offline\n");
	assert_reads(w, SYS_MEMORY "memory33/state", "offline\n");
	assert_takes(w, ONLINE_ERROR, "0");
	assert_reads(w, SYS_MEMORY "memory32/state", "offline\n");
}

#define HWPOISON "sys/kernel/debug/hwpoison/"
#define FILTER HWPOISON "corrupt-filter-"
#define PFN9 (9 * 32768) /* first page of block 9 */

static const char *corrupt(struct world *w, uint64_t pfn)
{
	static char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, pfn);
	assert_takes(w, HWPOISON "corrupt-pfn", text);
	return world_read(w, SYS_NODE "node1/memory_failure/total");
}

/* Any text is a path, as written except for a trailing newline. */
static void helper(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "/sbin/hotplug\n", "/sbin/hotplug\n" },
		{ "/sbin/hotplug", "/sbin/hotplug\n" },
		{ " a b\n\n", " a b\n\n" },
		{ "\n", "\n" },
	};
	struct world *w = *state;

	assert_reads(w, "sys/kernel/uevent_helper", "\n");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		assert_takes(w, "sys/kernel/uevent_helper", cases[i].text);
		assert_reads(w, "sys/kernel/uevent_helper", cases[i].shown);
	}
}

static void filter_files(void **state)
{
	struct world *w = *state;

	assert_reads(w, FILTER "enable", "0\n");
	assert_reads(w, FILTER "dev-major", "4294967295\n");
	assert_reads(w, FILTER "dev-minor", "4294967295\n");
	assert_reads(w, FILTER "flags-mask", "0\n");
	assert_reads(w, FILTER "memcg", "0\n");
	/* the first three are those of 32-bit variables */
	assert_takes(w, FILTER "enable", "0x100000000");
	assert_reads(w, FILTER "enable", "0\n");
	assert_takes(w, FILTER "flags-value", "0x100000001\n");
	assert_reads(w, FILTER "flags-value", "4294967297\n");
	assert_writes(w, FILTER "flags-mask", "x", -EINVAL);
	/* A text that is too long counts as written. */
	assert_takes(w, FILTER "memcg", "00000000000000000000007x9");
	assert_reads(w, FILTER "memcg", "7\n");
}

static void filters(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_hold(w, "kernel", "block=9 size=4K"), 2);
	assert_int_equal(world_mkdir(w, "machine/workload/anon"), 0);
	assert_takes(w, "machine/workload/anon/kind", "anon");
	assert_takes(w, "machine/workload/anon/block", "9");
	assert_takes(w, "machine/workload/anon/size", "8K");
	assert_takes(w, FILTER "enable", "1");
	/* With the filter on, kernel pages are ignored silently. */
	assert_string_equal(corrupt(w, PFN9), "0\n");
	/* Neither anonymous nor free pages belong to a device. */
	assert_takes(w, FILTER "dev-major", "8");
	assert_string_equal(corrupt(w, PFN9 + 1), "0\n");
	assert_string_equal(corrupt(w, PFN9 + 100), "0\n");
	assert_takes(w, FILTER "dev-major", "0xffffffff");
	/* Only free pages have KPF_BUDDY. */
	assert_takes(w, FILTER "flags-mask", "0x400");
	assert_takes(w, FILTER "flags-value", "0x400");
	assert_string_equal(corrupt(w, PFN9), "0\n");
	assert_string_equal(corrupt(w, PFN9 + 100), "1\n");
	assert_takes(w, FILTER "flags-mask", "0");
	assert_takes(w, FILTER "memcg", "5");
	assert_string_equal(corrupt(w, PFN9 + 101), "1\n");
	assert_takes(w, FILTER "memcg", "0");
	assert_string_equal(corrupt(w, PFN9 + 101), "2\n");
	assert_takes(w, FILTER "enable", "0");
	/* the kernel's own page: marked, and EBUSY */
	assert_writes(w, HWPOISON "corrupt-pfn", "294912", -EBUSY);
}

/* All flags in the mask must equal the value's, and both of a device's numbers must match. */
static void filters_match_as_a_whole(void **state)
{
	static const struct {
		const char *mask, *value, *major, *minor, *kind;
		bool spared;
	} cases[] = {
		/* KPF_ANON and KPF_LRU, which it has, KPF_BUDDY, which it has not */
		{ "0x1020", "0x1020", "-1", "-1", "anon", false },
		{ "0x1020", "0x1000", "-1", "-1", "anon", true },
		{ "0x1400", "0x1000", "-1", "-1", "anon", false },
		{ "0x1400", "0x1400", "-1", "-1", "anon", true },
		{ "0x1000", "0", "-1", "-1", "anon", true },
		{ "0x400", "0", "-1", "-1", "anon", false },
		{ "0", "0", "8", "1", "pagecache", false },
		{ "0", "0", "8", "2", "pagecache", true },
		{ "0", "0", "0", "1", "pagecache", true },
		{ "0", "0", "-1", "1", "pagecache", false },
		{ "0", "0", "0", "1", "shmem", false },
	};
	struct world *w = *state;
	uint64_t failures = 0;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		uint64_t pfn = PFN9 + failures;
		char before[24], after[24];

		assert_int_equal(world_mkdir(w, "machine/workload/a"), 0);
		assert_takes(w, "machine/workload/a/kind", cases[i].kind);
		assert_takes(w, "machine/workload/a/block", "9");
		assert_takes(w, "machine/workload/a/size", "4K");
		assert_takes(w, FILTER "flags-mask", cases[i].mask);
		assert_takes(w, FILTER "flags-value", cases[i].value);
		assert_takes(w, FILTER "dev-major",
			     *cases[i].major == '-' ? "0xffffffff" : cases[i].major);
		assert_takes(w, FILTER "dev-minor",
			     *cases[i].minor == '-' ? "0xffffffff" : cases[i].minor);
		assert_takes(w, FILTER "enable", "1");
		snprintf(before, sizeof(before), "%" PRIu64 "\n", failures);
		failures += !cases[i].spared;
		snprintf(after, sizeof(after), "%" PRIu64 "\n", failures);
		assert_reads(w, SYS_NODE "node1/memory_failure/total", before);
		assert_string_equal(corrupt(w, pfn), after);
		assert_int_equal(world_rmdir(w, "machine/workload/a"), 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(event_numbers),
		WORLD_TEST(numbers),
		WORLD_TEST(helper),
		WORLD_TEST(filter_files),
		WORLD_TEST(filters),
		WORLD_TEST(filters_match_as_a_whole),
		WORLD_TEST(long_numbers),
		WORLD_TEST(injected),
		WORLD_TEST(injected_into_auto_online),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
