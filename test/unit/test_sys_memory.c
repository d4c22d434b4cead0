/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys/devices/system/memory and its blocks: the words that the files accept, their results, and
 * their effects.
 */
#include "world.h"

#define M(name) SYS_MEMORY name

static void assert_words(struct world *w, const char *path, const char *const *words, size_t nr,
			 int ret)
{
	for (size_t i = 0; i < nr; i++)
		assert_writes(w, path, words[i], ret);
}
#define assert_refused(w, path, words, ret)                                                        \
	assert_words(w, path, words, BASE_ARRAY_SIZE(words), ret)

/* ---- the directory -------------------------------------------------------------------------- */

static void entries(void **state)
{
	struct world *w = *state, *arm;
	const char *list = world_list(w, SYS_MEMORY);

	assert_non_null(strstr(list, "probe "));
	assert_non_null(strstr(list, "crash_hotplug "));
	assert_non_null(strstr(list, "memory0 "));
	assert_non_null(strstr(list, "memory15 "));
	assert_null(strstr(list, "memory16 "));
	assert_reads(w, M("crash_hotplug"), "0\n");
	arm = world_new("arch: arm64\nmemory:\n  - {start: 1G, end: 0x4fffffff, node: 0}\n");
	assert_false(world_exists(arm, M("probe")));
	assert_false(world_exists(arm, M("crash_hotplug")));
	assert_true(world_exists(arm, M("soft_offline_page")));
	assert_true(world_exists(arm, M("memory8")));
	assert_false(world_exists(arm, M("memory7")));
	assert_false(world_exists(arm, M("memory10")));
	world_free(arm);
}

static void block_size(void **state)
{
	static const struct {
		const char *yaml, *text;
	} cases[] = {
		{ PC_LOW "  - {start: 1M, end: 0x3fffffff, node: 0}\n", "8000000\n" },
		{ "block_size: 2G\n" PC_LOW "  - {start: 1M, end: 0xffffffff, node: 0}\n",
		  "80000000\n" },
		{ "arch: ppc64le\nblock_size: 16M\nmemory:\n  - {start: 0, end: 0xfffffff, node: "
		  "0}\n",
		  "1000000\n" },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct world *w = world_new(cases[i].yaml);

		assert_reads(w, M("block_size_bytes"), cases[i].text);
		world_free(w);
	}
}

static void auto_online_words(void **state)
{
	static const char *const good[] = { "offline", "online", "online_kernel",
					    "online_movable" };
	static const char *const bad[] = { "0",	     "1",	  "auto",	  "Online",
					   "ONLINE", " online",	  "online ",	  "online\n\n",
					   "\n",     "onlin",	  "online\r\n",	  "online-kernel",
					   "keep",   "online\tx", "offlineonline" };
	struct world *w = *state;
	char text[32];

	assert_reads(w, M("auto_online_blocks"), "offline\n");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(good); i++) {
		snprintf(text, sizeof(text), "%s\n", good[i]);
		assert_takes(w, M("auto_online_blocks"), good[i]);
		assert_reads(w, M("auto_online_blocks"), text);
		assert_takes(w, M("auto_online_blocks"), text);
		assert_reads(w, M("auto_online_blocks"), text);
		assert_refused(w, M("auto_online_blocks"), bad, -EINVAL);
		assert_reads(w, M("auto_online_blocks"), text);
	}
}

static void auto_online_is_for_later(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=128M node=1");
	assert_takes(w, M("auto_online_blocks"), "online_movable");
	assert_reads(w, M("memory32/state"), "offline\n");
	assert_plugs(w, "d1", "size=128M node=1");
	assert_reads(w, M("memory33/state"), "online\n");
	assert_reads(w, M("memory33/valid_zones"), "Movable\n");
	assert_takes(w, M("auto_online_blocks"), "online");
	assert_takes(w, M("probe"), "0x180000000");
	assert_reads(w, M("memory48/valid_zones"), "Normal\n");
}

static void probe_numbers(void **state)
{
	static const struct {
		const char *text;
		int ret;
	} cases[] = {
		{ "0x88000000", 10 },
		{ "+0x90000000\n", 12 },
		{ "2550136832", 10 },
		{ "024000000000", 12 },
		{ "0XA8000000", 10 },
		{ "0x88000000", -EEXIST },
		{ "0x", -EINVAL },
		{ "08000000", -EINVAL },
		{ "-134217728", -EINVAL },
		{ " 0xb8000000", -EINVAL },
		{ "0xb8000000 ", -EINVAL },
		{ "0xb8000000\n\n", -EINVAL },
		{ "b8000000", -EINVAL },
		{ "\n", -EINVAL },
		{ "++0xb8000000", -EINVAL },
		{ "128M", -EINVAL },
		{ "0x8000001", -EINVAL },
		{ "4096", -EINVAL },
		{ "0", -EEXIST },
		{ "0x8000000", -EEXIST },
		{ "0x78000000", -EEXIST },
		{ "18446744073709551616", -ERANGE },
		{ "99999999999999999999999x", -ERANGE },
		/* above the CPU's address width, and above what the kernel maps */
		{ "0x10000000000", -EEXIST },
		{ "0x400000000000", -E2BIG },
		{ "0xfffffffff8000000", -E2BIG },
		/* the HyperTransport range is reserved, and unused */
		{ "0xfd00000000", 12 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++)
		assert_writes(w, M("probe"), cases[i].text, cases[i].ret);
	for (unsigned int id = 17; id <= 21; id++) {
		char path[64];

		snprintf(path, sizeof(path), M("memory%u/state"), id);
		assert_reads(w, path, "offline\n");
	}
	assert_false(world_exists(w, M("memory23")));
	assert_non_null(strstr(base_buf_text(machine_log_text(w->machine)),
			       "Hotplug memory [0x400000000000-0x400008000000] exceeds maximum "
			       "addressable range [0x0-0x3fffffffffff]\n"));
}

static void probed_block(void **state)
{
	struct world *w = *state;

	world_watch(w);
	assert_takes(w, M("probe"), "0x88000000\n");
	assert_string_equal(world_events(w), "add@/devices/system/memory/memory17 ");
	/* The kernel assigns it to the first node; only DIMMs have a firmware_node. */
	assert_string_equal(world_link(w, M("memory17/node0")), "../../node/node0");
	assert_false(world_exists(w, M("memory17/firmware_node")));
	assert_reads(w, M("memory17/valid_zones"), "Normal Movable\n");
	assert_takes(w, M("memory17/state"), "online");
	assert_reads(w, M("memory17/valid_zones"), "Normal\n");
}

static void root_uevent(void **state)
{
	struct world *w = *state;
	uint64_t before = hp_uevent_seqnum(w->hp);
	const char *log;

	world_watch(w);
	assert_reads(w, M("uevent"), "");
	assert_takes(w, M("uevent"), "change\n");
	assert_writes(w, M("uevent"), "chang", -EINVAL);
	assert_int_equal(hp_uevent_seqnum(w->hp), before);
	assert_string_equal(world_events(w), "");
	log = base_buf_text(machine_log_text(w->machine));
	assert_non_null(strstr(log, "synth uevent: /devices/system/memory: unknown uevent action "
				    "string\n"));
	assert_non_null(strstr(log, " memory: uevent: failed to send synthetic uevent: -22\n"));
}

static void power(void **state)
{
	static const char *const dirs[] = { M("power/"), M("memory3/power/"), M("memory9/power/"),
					    SYS_NODE "power/", SYS_NODE "node0/power/" };
	static const char *const bad[] = { "On", "on ", "off", "auto\n\n", "1" };
	static const char *const texts[][2] = {
		{ "control", "auto\n" },
		{ "runtime_active_time", "0\n" },
		{ "runtime_suspended_time", "0\n" },
		{ "runtime_status", "unsupported\n" },
	};
	struct world *w = *state;
	char path[80];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(dirs); i++) {
		assert_string_equal(world_list(w, dirs[i]),
				    "runtime_active_time runtime_status autosuspend_delay_ms "
				    "runtime_suspended_time control ");
		for (size_t k = 0; k < BASE_ARRAY_SIZE(texts); k++) {
			snprintf(path, sizeof(path), "%s%s", dirs[i], texts[k][0]);
			assert_reads(w, path, texts[k][1]);
		}
		snprintf(path, sizeof(path), "%sautosuspend_delay_ms", dirs[i]);
		assert_int_equal(world_read_result(w, path), -EIO);
		assert_writes(w, path, "1", -EIO);
		snprintf(path, sizeof(path), "%scontrol", dirs[i]);
		assert_refused(w, path, bad, -EINVAL);
		assert_takes(w, path, "on\n");
		assert_reads(w, path, "on\n");
		/* The next ones are still "auto". */
	}
	assert_takes(w, M("memory3/power/control"), "auto");
	assert_reads(w, M("memory3/power/control"), "auto\n");
	assert_reads(w, M("memory9/power/control"), "on\n");
}

/* ---- a block -------------------------------------------------------------------------------- */

static void constants(void **state)
{
	static const char *const cases[][2] = {
		{ M("memory0/phys_index"), "00000000\n" },
		{ M("memory9/phys_index"), "00000009\n" },
		{ M("memory15/phys_index"), "0000000f\n" },
		{ M("memory32/phys_index"), "00000020\n" },
		{ M("memory9/removable"), "1\n" },
		{ M("memory0/removable"), "1\n" },
		{ M("memory32/removable"), "1\n" },
		{ M("memory9/phys_device"), "0\n" },
		{ M("memory9/uevent"), "" },
		{ M("memory9/online"), "1\n" },
		{ M("memory32/online"), "0\n" },
	};
	struct world *w = *state;

	assert_plugs(w, "d0", "size=128M node=1");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++)
		assert_reads(w, cases[i][0], cases[i][1]);
}

static void state_words(void **state)
{
	static const char *const bad[] = {
		"0",	       "1",  "off",	      "Offline", "offline ",	   " online",
		"offline\n\n", "\n", "going-offline", "online_", "online_kernel_", "none"
	};
	struct world *w = *state;

	assert_refused(w, M("memory9/state"), bad, -EINVAL);
	assert_reads(w, M("memory9/state"), "online\n");
	assert_takes(w, M("memory9/state"), "offline\n");
	assert_refused(w, M("memory9/state"), bad, -EINVAL);
	assert_reads(w, M("memory9/state"), "offline\n");
}

static void online_words(void **state)
{
	static const char *const off[] = { "0",	  "n",	     "N",     "f",	  "F",
					   "of",  "oF",	     "Off\n", "Nonsense", "0x1",
					   "000", "offline", "false" };
	static const char *const on[] = { "1",	  "y",	  "Y",	    "t",   "T",	  "on",	 "oN",
					  "ON\n", "1abc", "online", "yes", "1 0", "True" };
	static const char *const bad[] = { "2", "o", "O", " 1", "\n", "x", "-1", "+1", "o\n" };
	struct world *w = *state;

	assert_refused(w, M("memory9/online"), bad, -EINVAL);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(on); i++) {
		assert_takes(w, M("memory9/online"), off[i]);
		assert_reads(w, M("memory9/online"), "0\n");
		assert_reads(w, M("memory9/state"), "offline\n");
		assert_refused(w, M("memory9/online"), bad, -EINVAL);
		assert_takes(w, M("memory9/online"), on[i]);
		assert_reads(w, M("memory9/online"), "1\n");
		assert_reads(w, M("memory9/state"), "online\n");
	}
}

/* `state` refuses the state that the block is already in, `online` does not. */
static void already_so(void **state)
{
	static const char *const words[] = { "online", "online_kernel", "online_movable" };
	struct world *w = *state;

	world_watch(w);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(words); i++)
		assert_writes(w, M("memory9/state"), words[i], -EINVAL);
	assert_takes(w, M("memory9/online"), "1");
	assert_string_equal(world_events(w), "");
	assert_takes(w, M("memory9/online"), "0");
	assert_takes(w, M("memory9/online"), "0\n");
	assert_writes(w, M("memory9/state"), "offline", -EINVAL);
	assert_string_equal(world_events(w), "offline@/devices/system/memory/memory9 ");
}

static void zones(void **state)
{
	static const char *const cases[][2] = {
		{ "online", "DMA32\n" },
		{ "online_kernel", "DMA32\n" },
		{ "online_movable", "Movable\n" },
	};
	struct world *w = *state;

	assert_reads(w, M("memory0/valid_zones"), "none\n");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		assert_reads(w, M("memory9/valid_zones"), "DMA32\n");
		assert_takes(w, M("memory9/state"), "offline");
		assert_reads(w, M("memory9/valid_zones"), "DMA32 Movable\n");
		assert_takes(w, M("memory9/state"), cases[i][0]);
		assert_reads(w, M("memory9/valid_zones"), cases[i][1]);
		if (i < 2)
			continue;
		/* A span of Movable that consists of the block alone disappears with it. */
		assert_takes(w, M("memory9/state"), "offline");
		assert_reads(w, M("memory9/valid_zones"), "DMA32 Movable\n");
	}
	assert_takes(w, SYS_PARAM "online_policy", "auto-movable");
	assert_reads(w, M("memory9/valid_zones"), "Movable DMA32\n");
}

/* A refused word is remembered, and used once. */
static void stale_request(void **state)
{
	struct world *w = *state;

	assert_writes(w, M("memory9/state"), "online_movable", -EINVAL);
	assert_takes(w, M("memory9/state"), "offline");
	assert_reads(w, M("memory9/valid_zones"), "DMA32 Movable\n");
	assert_takes(w, M("memory9/online"), "1");
	assert_reads(w, M("memory9/valid_zones"), "Movable\n");
	assert_takes(w, M("memory9/online"), "0");
	assert_takes(w, M("memory9/online"), "1");
	assert_reads(w, M("memory9/valid_zones"), "DMA32\n");
	/* A later word replaces it. */
	assert_writes(w, M("memory9/state"), "online_movable", -EINVAL);
	assert_takes(w, M("memory9/state"), "offline");
	assert_takes(w, M("memory9/state"), "online");
	assert_reads(w, M("memory9/valid_zones"), "DMA32\n");
	/* A failed attempt also consumed it. */
	assert_writes(w, M("memory9/state"), "online_movable", -EINVAL);
	assert_takes(w, M("memory9/online"), "0");
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "-12");
	assert_writes(w, M("memory9/online"), "1", -ENOMEM);
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "0");
	assert_takes(w, M("memory9/online"), "1");
	assert_reads(w, M("memory9/valid_zones"), "DMA32\n");
}

static void refusals(void **state)
{
	struct world *w = *state;

	world_watch(w);
	/* two zones; kernel image or memmap inside; a hole at the end */
	assert_writes(w, M("memory0/state"), "offline", -EINVAL);
	assert_writes(w, M("memory7/online"), "0", -EBUSY);
	assert_writes(w, M("memory15/state"), "offline", -EINVAL);
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "-28");
	assert_writes(w, M("memory9/state"), "offline", -ENOSPC);
	assert_writes(w, M("memory9/online"), "0", -ENOSPC);
	assert_reads(w, M("memory9/state"), "online\n");
	assert_reads(w, M("memory9/online"), "1\n");
	assert_string_equal(world_events(w), "");
}

static void block_uevent(void **state)
{
	struct world *w = *state;
	const char *log;

	world_watch(w);
	assert_takes(w, M("memory9/uevent"), "offline");
	assert_reads(w, M("memory9/state"), "online\n");
	assert_string_equal(world_events(w), "offline@/devices/system/memory/memory9 ");
	assert_int_equal(world_write_bytes(w, M("memory9/uevent"), "change", 7), 7);
	assert_writes(w, M("memory9/uevent"), "change ", -EINVAL);
	assert_string_equal(world_events(w), "change@/devices/system/memory/memory9 ");
	log = base_buf_text(machine_log_text(w->machine));
	assert_non_null(strstr(log,
			       "synth uevent: /devices/system/memory/memory9: incorrect uevent "
			       "action arguments\n"
			       "memory memory9: uevent: failed to send synthetic uevent: -22\n"));
}

/* ---- nodes and firmware --------------------------------------------------------------------- */

static void block_of_two_nodes(void **state)
{
	struct world *w = world_new(PC_LOW "  - {start: 1M, end: 0x13ffffff, node: 0}\n"
					   "  - {start: 0x14000000, end: 0x1fffffff, node: 1}\n");

	assert_reads(w, M("memory2/valid_zones"), "none\n");
	assert_writes(w, M("memory2/state"), "offline", -EINVAL);
	assert_string_equal(world_link(w, M("memory2/node0")), "../../node/node0");
	assert_string_equal(world_link(w, M("memory2/node1")), "../../node/node1");
	assert_string_equal(world_link(w, SYS_NODE "node0/memory2"), "../../memory/memory2");
	assert_string_equal(world_link(w, SYS_NODE "node1/memory2"), "../../memory/memory2");
	assert_false(world_exists(w, M("memory1/node1")));
	assert_false(world_exists(w, SYS_NODE "node1/memory1"));
	assert_false(world_exists(w, M("memory3/node0")));
	world_free(w);
}

static void firmware_nodes(void **state)
{
	struct world *w = *state, *ppc;

	assert_plugs(w, "d0", "size=256M node=1");
	assert_true(world_exists(w, M("memory32/firmware_node")));
	assert_true(world_exists(w, M("memory33/firmware_node")));
	assert_false(world_exists(w, M("memory9/firmware_node")));
	ppc = world_new("arch: ppc64le\nblock_size: 256M\n"
			"memory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n");
	assert_plugs(ppc, "d0", "size=256M");
	assert_true(world_exists(ppc, M("memory4")));
	assert_false(world_exists(ppc, M("memory4/firmware_node")));
	world_free(ppc);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(entries),
		cmocka_unit_test(block_size),
		WORLD_TEST(auto_online_words),
		WORLD_TEST(auto_online_is_for_later),
		WORLD_TEST(probe_numbers),
		WORLD_TEST(probed_block),
		WORLD_TEST(root_uevent),
		WORLD_TEST(power),
		WORLD_TEST(constants),
		WORLD_TEST(state_words),
		WORLD_TEST(online_words),
		WORLD_TEST(already_so),
		WORLD_TEST(zones),
		WORLD_TEST(stale_request),
		WORLD_TEST(refusals),
		WORLD_TEST(block_uevent),
		cmocka_unit_test(block_of_two_nodes),
		WORLD_TEST(firmware_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
