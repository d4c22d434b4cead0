// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices and workloads of machine files: what they become, and how they are described. */
#include <errno.h>

#include "world.h"

#define MACHINE                                                                                    \
	PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"                                 \
	       "hotplug:\n  - {start: 4G, end: 0x2ffffffff, node: 0}\n" ONE_CPU

static const char all[] = MACHINE
	"devices:\n"
	"  - {plugged: true, kind: dimm, name: d0, size: 1G, node: 0}\n"
	"  - {kind: dimm, name: d1, size: 256M, backed: 128M}\n"
	"  - {kind: virtio-mem, name: v, size: 1G, requested_size: 256M, plugged: 1}\n"
	"  - {kind: container, name: c, dimms: d1, plugged: 1}\n"
	"  - {kind: fault, name: f, phase: eject, delay_ms: hang, enabled: 1}\n"
	"  - {kind: race, name: r, path: \"sys/*\", op: open}\n"
	"  - {kind: dax, name: x, size: 256M, plugged: 1, system_ram: 1}\n"
	"workloads:\n"
	"  - {name: w, kind: pagecache, size: 100M}\n"
	"  - {name: idle}\n";

static void are_made(void **state)
{
	struct world *w = world_new(all);

	assert_string_equal(world_read(w, "machine/dimm/d0/plugged"), "1\n");
	assert_string_equal(world_read(w, "machine/dimm/d0/addr"), "0x100000000\n");
	assert_string_equal(world_read(w, "machine/dimm/d1/plugged"), "1\n");
	assert_string_equal(world_read(w, "machine/virtio-mem/v/plugged_size"), "268435456\n");
	assert_string_equal(world_read(w, "machine/fault/f/delay_ms"), "hang\n");
	assert_string_equal(world_read(w, "machine/race/r/path"), "sys/*\n");
	assert_string_equal(world_read(w, "machine/workload/w/size"), "104857600\n");
	assert_string_equal(world_read(w, SYS_MEMORY "memory39/state"), "offline\n");
	world_free(w);
}

/* machine/spec boots a machine with the same machine/spec, objects and blocks. */
static void are_described(void **state)
{
	struct world *w = world_new(all), *again;
	char *spec, *blocks;

	assert_takes(w, "machine/fault/f/enabled", "0");
	assert_takes(w, "machine/virtio-mem/v/requested_size", "512M");
	spec = strdup(world_read(w, "machine/spec"));
	blocks = strdup(world_list(w, "sys/devices/system/memory"));
	again = world_new(spec);
	assert_string_equal(world_read(again, "machine/spec"), spec);
	assert_string_equal(world_list(again, "sys/devices/system/memory"), blocks);
	assert_string_equal(world_read(again, "machine/fault/f/enabled"), "0\n");
	assert_string_equal(world_read(again, "machine/virtio-mem/v/plugged_size"), "536870912\n");
	free(blocks);
	free(spec);
	world_free(again);
	world_free(w);
}

/* A name that no machine file can have is refused as such, not read as another one. */
static void odd_names(void **state)
{
	struct world *w = world_new(MACHINE);

	assert_int_equal(world_mkdir(w, "machine/dimm/a\nb"), 0);
	assert_int_equal(world_mkdir(w, "machine/dimm/\"c\\"), 0);
	assert_non_null(strstr(world_read(w, "machine/spec"), "name: \"a\\x0ab\""));
	assert_non_null(strstr(world_read(w, "machine/spec"), "name: \"\\\"c\\\\\""));
	world_free(w);
}

/* Steps that wait at boot complete by themselves. */
static void wait_after_boot(void **state)
{
	static const char slow[] = MACHINE
		"faults:\n  - {name: slow, phase: plug, delay_ms: 50, errno: none}\n"
		"devices:\n  - {kind: dimm, name: d0, size: 1G, plugged: 1}\n";
	struct world *w = world_new(slow);

	assert_string_equal(world_read(w, "machine/dimm/d0/plugged"), "0\n");
	base_vclock_advance(w->clock, 60 * 1000000);
	assert_string_equal(world_read(w, "machine/dimm/d0/plugged"), "1\n");
	world_free(w);
}

static void assert_refused(const char *devices, const char *says)
{
	struct machine_spec *spec;
	struct base_clock *clock = base_vclock_new();
	struct machine *machine;
	struct tree *tree;
	struct base_buf text;
	char *said;
	size_t len;
	FILE *err = open_memstream(&said, &len);

	base_buf_init(&text);
	base_buf_printf(&text, MACHINE "%s", devices);
	if (!machine_spec_parse(base_buf_text(&text), text.len, "m.yaml", 1, err, &spec)) {
		assert_int_equal(tree_boot(spec, clock, &machine, &tree), 0);
		assert_true(tree_add_devices(tree, err) < 0);
		tree_free(tree);
		machine_free(machine);
		machine_spec_free(spec);
	}
	fclose(err);
	assert_string_equal(said, says);
	free(said);
	base_buf_fini(&text);
	base_vclock_free(clock);
}

static void are_refused(void **state)
{
	assert_refused("devices:\n  - {kind: dim, name: d0}\n",
		       "m.yaml:9: devices[0].kind: \"dim\" is not a valid kind (dimm, virtio-mem, "
		       "dax, container, swap, race, fault)\n");
	assert_refused("devices:\n  - {kind: workload, name: w}\n",
		       "m.yaml:9: devices[0].kind: \"workload\" is not a valid kind (dimm, "
		       "virtio-mem, dax, container, swap, race, fault)\n");
	assert_refused("devices:\n  - {kind: dimm, name: d0, ost: 0}\n",
		       "m.yaml:9: devices[0].ost: unknown key (known of a dimm: name, size, node, "
		       "addr, slot, backed, plugged)\n");
	assert_refused("devices:\n  - {kind: dimm, name: d0, size: 8GB}\n",
		       "m.yaml:9: devices[0].size: '8GB' is not a valid size (use 4G or 512M)\n");
	assert_refused("devices:\n  - {kind: dimm, name: d0}\n  - {kind: dimm, name: d0}\n",
		       "m.yaml:10: devices[1].name: there is one of that name already\n");
	assert_refused("devices:\n  - {kind: dimm, name: d0, size: 1G, size: 2G}\n",
		       "m.yaml:9: devices[0].size: given twice, first in line 9 (each key once)\n");
	assert_refused("devices:\n  - {kind: dimm, name: d0, size: [1]}\n",
		       "m.yaml:9: devices[0].size: must be a single value\n");
	assert_refused("devices:\n  - {kind: dimm, name: d0, size: \"1\\n\"}\n",
		       "m.yaml:9: devices[0].size: contains a control character (printable "
		       "text)\n");
	assert_refused("devices:\n  - {kind: dimm}\n",
		       "m.yaml:9: devices[0].name: missing (name of its directory below "
		       "machine/)\n");
	assert_refused("workloads:\n  - {name: w, kind: foo}\n",
		       "m.yaml:9: workloads[0].kind: 'foo' is not a valid kind (use anon, mlock, "
		       "pagecache, shmem, kernel, slab, pagetable, pinned, thp, balloon, "
		       "balloon_compaction, hugetlb, gigantic)\n");
}

/* A mapping of the maximum file length is examined at once. */
static void too_many_keys(void **state)
{
	struct base_buf text;

	base_buf_init(&text);
	base_buf_puts(&text, "devices:\n  - {kind: dimm, name: d0");
	for (int i = 0; i < 31; i++)
		base_buf_printf(&text, ", k%d: 1", i);
	base_buf_puts(&text, "}\n");
	assert_refused(base_buf_text(&text), "m.yaml:9: devices[0]: has more than 32 keys\n");
	base_buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_names),	 cmocka_unit_test(are_made),
		cmocka_unit_test(are_described), cmocka_unit_test(wait_after_boot),
		cmocka_unit_test(are_refused),	 cmocka_unit_test(too_many_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
