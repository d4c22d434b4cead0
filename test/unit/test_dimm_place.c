/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DIMMs: their settings, the addresses and slots that they are plugged at, and when they cannot be
 * plugged.
 */
#include "dimm.h"

/* The first byte after a window. */
static uint64_t window_end(struct world *w, size_t i)
{
	return w->spec->hotplug[i].end + 1;
}

/* Not plugged: automatic choices are forgotten. */
static void assert_auto(struct world *w, const char *name, const char *slot)
{
	assert_string_equal(world_dimm_read(w, name, "addr"), "auto\n");
	assert_string_equal(world_dimm_read(w, name, "slot"), slot);
}

/* The result of plugging it at an address. */
static ssize_t plug_at(struct world *w, const char *name, uint64_t addr)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%" PRIx64, addr);
	assert_int_equal(world_dimm_write(w, name, "addr", text), strlen(text));
	return world_dimm_write(w, name, "plugged", "1");
}

/* A DIMM that is not plugged yet. */
static void make(struct world *w, const char *name, const char *size)
{
	char path[64];

	snprintf(path, sizeof(path), "machine/dimm/%s", name);
	assert_int_equal(world_mkdir(w, path), 0);
	assert_int_equal(world_dimm_write(w, name, "size", size), strlen(size));
	assert_int_equal(world_dimm_write(w, name, "node", "1"), 1);
}

/* The block at an address. */
static const char *state_at(struct world *w, uint64_t addr)
{
	char path[80];

	snprintf(path, sizeof(path), SYS_MEMORY "memory%" PRIu64 "/state",
		 addr / w->spec->block_size);
	return world_read(w, path);
}

/* ---- placement ------------------------------------------------------------------------------ */

static void first_fit(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "a", "size=256M node=1");
	assert_plugs(w, "b", "size=128M node=1");
	assert_plugs(w, "c", "size=512M node=1");
	assert_at(w, "a", window(w, 0), "0\n");
	assert_at(w, "b", window(w, 0) + MIB(256), "1\n");
	assert_at(w, "c", window(w, 0) + MIB(384), "2\n");
	/* A gap is filled by a DIMM that fits. */
	assert_unplugs(w, "a");
	assert_plugs(w, "d", "size=384M node=1");
	assert_at(w, "d", window(w, 0) + MIB(896), "0\n");
	assert_plugs(w, "e", "size=128M node=1");
	assert_at(w, "e", window(w, 0), "3\n");
	assert_plugs(w, "f", "size=256M node=1");
	assert_at(w, "f", window(w, 0) + MIB(1280), "4\n");
	assert_plugs(w, "g", "size=128M node=1");
	assert_at(w, "g", window(w, 0) + MIB(128), "5\n");
}

/* Addresses are aligned to 2 MiB, regardless of the block size. */
static void alignment(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "a", "size=2M node=1");
	assert_plugs(w, "b", "size=6M node=1");
	assert_plugs(w, "c", "size=128M node=1");
	assert_at(w, "b", window(w, 0) + MIB(2), "1\n");
	assert_at(w, "c", window(w, 0) + MIB(8), "2\n");
}

static void fixed_address(void **state)
{
	struct world *w = *state;
	uint64_t start = window(w, 0), end = window_end(w, 0);

	make(w, "a", "256M");
	assert_int_equal(plug_at(w, "a", start + MIB(256)), 1);
	assert_at(w, "a", start + MIB(256), "0\n");
	assert_string_equal(state_at(w, start + MIB(256)), "offline\n");
	/* Others are placed around it. */
	assert_plugs(w, "b", "size=512M node=1");
	assert_at(w, "b", start + MIB(512), "1\n");
	assert_plugs(w, "c", "size=256M node=1");
	assert_at(w, "c", start, "2\n");

	make(w, "d", "256M");
	assert_int_equal(plug_at(w, "d", start + MIB(384)), -EEXIST);
	assert_int_equal(plug_at(w, "d", start + MIB(512) - MIB(2)), -EEXIST);
	/* unaligned; below, across the end of and above the window */
	assert_int_equal(plug_at(w, "d", start + GIB(4) + MIB(1)), -EINVAL);
	assert_int_equal(plug_at(w, "d", start - MIB(256)), -EINVAL);
	assert_int_equal(plug_at(w, "d", end - MIB(128)), -EINVAL);
	assert_int_equal(plug_at(w, "d", end), -EINVAL);
	assert_string_equal(world_dimm_read(w, "d", "plugged"), "0\n");
	/* the last possible address */
	assert_int_equal(plug_at(w, "d", end - MIB(256)), 1);
	assert_string_equal(state_at(w, end - 1), "offline\n");
	assert_int_equal(world_rmdir(w, "machine/dimm/d"), -EBUSY);
}

static void several_windows(void **state)
{
	struct world *w = world_new(PC_LOW "  - {start: 1M, end: 0x7fffffff, node: 0}\n"
					   "hotplug:\n"
					   "  - {start: 4G, end: 0x10fffffff, node: 0}\n"
					   "  - {start: 8G, end: 0x20fffffff, node: 0}\n");

	assert_plugs(w, "a", "size=128M");
	assert_plugs(w, "b", "size=256M");
	assert_plugs(w, "c", "size=128M");
	assert_at(w, "a", window(w, 0), "0\n");
	assert_at(w, "b", window(w, 1), "1\n");
	assert_at(w, "c", window(w, 0) + MIB(128), "2\n");
	assert_int_equal(world_plug(w, "d", "size=2M"), -ENOSPC);
	assert_int_equal(world_mkdir(w, "machine/dimm/e"), 0);
	assert_int_equal(world_dimm_write(w, "e", "size", "128M"), 4);
	assert_int_equal(plug_at(w, "e", window(w, 0) + MIB(128)), -EEXIST);
	assert_unplugs(w, "b");
	assert_int_equal(world_dimm_write(w, "d", "plugged", "1"), 1);
	assert_at(w, "d", window(w, 1), "1\n");
	world_free(w);
}

/* Without a window: from the first GiB above memory on, up to the CPU's limit. */
static void no_window(void **state)
{
	struct world *w =
		world_new("phys_bits: 36\n" PC_LOW "  - {start: 1M, end: 0x7ffdffff, node: 0}\n");
	uint64_t start = BASE_ROUND_UP(w->spec->memory[w->spec->nr_memory - 1].end + 1, GIB(1));
	uint64_t end = UINT64_C(1) << w->spec->phys_bits;

	assert_plugs(w, "a", "size=128M");
	assert_at(w, "a", start, "0\n");
	assert_string_equal(state_at(w, start), "offline\n");
	assert_int_equal(world_mkdir(w, "machine/dimm/b"), 0);
	assert_int_equal(world_dimm_write(w, "b", "size", "128M"), 4);
	assert_int_equal(plug_at(w, "b", end), -EINVAL);
	assert_int_equal(plug_at(w, "b", start - MIB(128)), -EINVAL);
	assert_int_equal(plug_at(w, "b", end - MIB(128)), 1);
	assert_string_equal(state_at(w, end - 1), "offline\n");
	assert_int_equal(world_plug(w, "d", "size=64G"), -ENOSPC);
	world_free(w);
}

static void slots(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "a", "size=2M node=1 slot=1");
	assert_plugs(w, "b", "size=2M node=1");
	assert_plugs(w, "c", "size=2M node=1");
	assert_at(w, "a", window(w, 0), "1\n");
	assert_at(w, "b", window(w, 0) + MIB(2), "0\n");
	assert_at(w, "c", window(w, 0) + MIB(4), "2\n");
	assert_int_equal(world_plug(w, "d", "size=2M node=1 slot=2"), -EEXIST);
	assert_unplugs(w, "c");
	assert_int_equal(world_dimm_write(w, "d", "plugged", "1"), 1);
	/* Automatic choices are forgotten, settings are not. */
	assert_auto(w, "c", "auto\n");
	assert_unplugs(w, "a");
	assert_auto(w, "a", "1\n");
}

static void all_slots(void **state)
{
	struct world *w = *state;
	char name[16];

	for (int i = 0; i < 256; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		assert_plugs(w, name, "size=2M node=1");
	}
	assert_string_equal(world_dimm_read(w, "d255", "slot"), "255\n");
	assert_int_equal(world_plug(w, "one-more", "size=2M node=1"), -ENOSPC);
	assert_unplugs(w, "d77");
	assert_int_equal(world_dimm_write(w, "one-more", "plugged", "1"), 1);
	assert_at(w, "one-more", window(w, 0) + MIB(154), "77\n");
}

/* ---- settings ------------------------------------------------------------------------------- */

static void settings(void **state)
{
	static const struct {
		const char *attr, *text;
		int ret;
		const char *reads;
	} cases[] = {
		{ "size", "512M", 4, "536870912\n" },
		{ "size", "0x100000\n", 9, "1048576\n" },
		{ "size", "1g", 2, "1073741824\n" },
		{ "size", "1.5G", -EINVAL, "1073741824\n" },
		{ "size", "1GB", -EINVAL, "1073741824\n" },
		{ "size", "auto", -EINVAL, "1073741824\n" },
		{ "size", "-1", -EINVAL, "1073741824\n" },
		{ "size", "\n", -EINVAL, "1073741824\n" },
		{ "size", "18446744073709551615", -ERANGE, "1073741824\n" },
		{ "size", "16E", -ERANGE, "1073741824\n" },
		{ "size", "0", 1, "0\n" },
		{ "node", "1", 1, "1\n" },
		{ "node", "2", -EINVAL, "1\n" },
		{ "node", "1K", -EINVAL, "1\n" },
		{ "node", "4294967296", -EINVAL, "1\n" },
		{ "node", "auto", -EINVAL, "1\n" },
		{ "addr", "4G", 2, "0x100000000\n" },
		{ "addr", "0", 1, "0x0\n" },
		{ "addr", "automatic", -EINVAL, "0x0\n" },
		{ "addr", "auto\n", 5, "auto\n" },
		{ "slot", "255", 3, "255\n" },
		{ "slot", "256", -EINVAL, "255\n" },
		{ "slot", "auto", 4, "auto\n" },
		{ "plugged", "0", 1, "0\n" },
		{ "plugged", "maybe", -EINVAL, "0\n" },
		{ "ost", "0", -EACCES, "0\n" },
	};
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/dimm/d0"), 0);
	assert_string_equal(world_dimm_read(w, "d0", "size"), "0\n");
	assert_string_equal(world_dimm_read(w, "d0", "node"), "0\n");
	assert_auto(w, "d0", "auto\n");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		assert_int_equal(world_dimm_write(w, "d0", cases[i].attr, cases[i].text),
				 cases[i].ret);
		assert_string_equal(world_dimm_read(w, "d0", cases[i].attr), cases[i].reads);
	}
}

static void cannot_be_plugged(void **state)
{
	struct world *w = *state;

	world_watch(w);
	assert_int_equal(world_plug(w, "a", "node=1"), -EINVAL);
	assert_int_equal(world_plug(w, "b", "size=1M node=1"), -EINVAL);
	assert_int_equal(world_plug(w, "c", "size=3M node=1"), -EINVAL);
	assert_int_equal(world_plug(w, "d", "size=1T node=1"), -ENOSPC);
	assert_string_equal(world_events(w), "");
	/* It may be corrected. */
	assert_int_equal(world_dimm_write(w, "d", "size", "128M"), 4);
	assert_int_equal(world_dimm_write(w, "d", "plugged", "1"), 1);
	assert_int_equal(world_rmdir(w, "machine/dimm/a"), 0);
}

static void plugged_is_fixed(void **state)
{
	static const char *const attrs[] = { "size", "node", "addr", "slot" };
	struct world *w = *state;

	assert_plugs(w, "d0", "size=128M node=1");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(attrs); i++)
		assert_int_equal(world_dimm_write(w, "d0", attrs[i], "0"), -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), -EBUSY);
	world_watch(w);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "y"), 1);
	assert_string_equal(world_events(w), "");
	assert_unplugs(w, "d0");
	assert_unplugs(w, "d0");
	assert_string_equal(world_events(w), REMOVE(32));
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(first_fit),	       WORLD_TEST(alignment),
		WORLD_TEST(fixed_address),     cmocka_unit_test(several_windows),
		cmocka_unit_test(no_window),   WORLD_TEST(slots),
		WORLD_TEST(all_slots),	       WORLD_TEST(settings),
		WORLD_TEST(cannot_be_plugged), WORLD_TEST(plugged_is_fixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
