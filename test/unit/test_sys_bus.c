/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sys/bus/memory and sys/bus/node: links to the devices, and files with little effect. */
#include "world.h"

static const char *const buses[] = { "memory", "node" };

static const char *bus_path(const char *bus, const char *name)
{
	static __thread char path[64];

	snprintf(path, sizeof(path), "sys/bus/%s/%s", bus, name);
	return path;
}

static void entries(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(buses); i++) {
		assert_string_equal(world_list(w, bus_path(buses[i], "")),
				    "uevent drivers_autoprobe devices drivers_probe drivers ");
		assert_string_equal(world_list(w, bus_path(buses[i], "drivers")), "");
		assert_int_equal(world_stat(w, bus_path(buses[i], "uevent")).mode, S_IFREG | 0200);
		assert_int_equal(world_stat(w, bus_path(buses[i], "drivers_probe")).mode,
				 S_IFREG | 0200);
		assert_int_equal(world_stat(w, bus_path(buses[i], "drivers_autoprobe")).mode,
				 S_IFREG | 0644);
	}
}

static void devices(void **state)
{
	struct world *w = *state;

	assert_string_equal(world_list(w, "sys/bus/node/devices"), "node0 node1 ");
	assert_plugs(w, "d0", "size=128M node=1");
	assert_string_equal(world_link(w, "sys/bus/memory/devices/memory32"),
			    "../../../devices/system/memory/memory32");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_false(world_exists(w, "sys/bus/memory/devices/memory32"));
	assert_false(world_exists(w, "sys/bus/memory/devices/node0"));
}

static void autoprobe(void **state)
{
	static const char *const off[] = { "0", "0\n", "01", "0 yes" };
	static const char *const on[] = { "1", "\n", "yes", " 0", "n", "off" };
	struct world *w = *state;
	char other[64], path[64];

	for (size_t b = 0; b < BASE_ARRAY_SIZE(buses); b++) {
		snprintf(path, sizeof(path), "%s", bus_path(buses[b], "drivers_autoprobe"));
		snprintf(other, sizeof(other), "%s", bus_path(buses[!b], "drivers_autoprobe"));
		for (size_t i = 0; i < BASE_ARRAY_SIZE(on); i++) {
			assert_reads(w, path, "1\n");
			assert_takes(w, path, off[i % BASE_ARRAY_SIZE(off)]);
			assert_reads(w, path, "0\n");
			assert_reads(w, other, "1\n");
			assert_takes(w, path, on[i]);
		}
	}
	/* It is stored next to the settings of power/. */
	assert_reads(w, SYS_MEMORY "power/control", "auto\n");
	assert_reads(w, SYS_NODE "power/control", "auto\n");
}

static void probe(void **state)
{
	static const struct {
		const char *bus, *text;
		int ret;
	} cases[] = {
		{ "memory", "memory9", 7 },	   { "memory", "memory9\n", 8 },
		{ "memory", "memory16", -ENODEV }, { "memory", "memory9\n\n", -ENODEV },
		{ "memory", "memory9 ", -ENODEV }, { "memory", "memory09", -ENODEV },
		{ "memory", "\n", -ENODEV },	   { "memory", "node0", -ENODEV },
		{ "memory", "memory", -ENODEV },   { "node", "node1", 5 },
		{ "node", "node2", -ENODEV },	   { "node", "memory9", -ENODEV },
	};
	struct world *w = *state;
	char text[300];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++)
		assert_writes(w, bus_path(cases[i].bus, "drivers_probe"), cases[i].text,
			      cases[i].ret);
	memset(text, 'm', sizeof(text));
	assert_int_equal(world_write_bytes(w, "sys/bus/memory/drivers_probe", text, sizeof(text)),
			 -ENODEV);
	assert_int_equal(world_write_bytes(w, "sys/bus/memory/drivers_probe", "memory9\0x", 9), 9);
}

static void uevents(void **state)
{
	struct world *w = *state;
	struct world_req r;

	world_watch(w);
	assert_takes(w, "sys/bus/memory/uevent", "change");
	assert_takes(w, "sys/bus/node/uevent", "add\n");
	assert_writes(w, "sys/bus/memory/uevent", "x", -EINVAL);
	assert_true(world_file_read(&r, w->events, 4096, 0) > 0);
	assert_memory_equal(base_buf_text(&r.text),
			    "change@/bus/memory\nACTION=change\nDEVPATH=/bus/memory\n"
			    "SUBSYSTEM=bus\nSYNTH_UUID=0\n",
			    79);
	assert_non_null(strstr(base_buf_text(&r.text), "\n\nadd@/bus/node\n"));
	world_req_fini(&r);
	/* No device: one line only. */
	assert_string_equal(base_buf_text(machine_log_text(w->machine)),
			    "synth uevent: /bus/memory: unknown uevent action string\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(entries), WORLD_TEST(devices), WORLD_TEST(autoprobe),
		WORLD_TEST(probe),   WORLD_TEST(uevents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
