// SPDX-License-Identifier: GPL-2.0-or-later
/* Proximity domains: on which node the memory of a device comes to lie. */
#include "world.h"

#define MEMORY                                                                                     \
	PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"                                 \
	       "hotplug:\n  - {start: 0x100000000, end: 0x1ffffffff, node: 1}\n"
#define NODES "possible_nodes: \"0-1\"\n"

static bool on_node(struct world *w, unsigned int block, unsigned int nid)
{
	char path[64];

	snprintf(path, sizeof(path), SYS_MEMORY "memory%u/node%u", block, nid);
	return world_exists(w, path);
}

/* The kernel numbers the nodes that SRAT names; memory of others goes where its address belongs. */
static void named(void **state)
{
	struct world *w = world_new(MEMORY NODES "proximity_domains:\n  - {domain: 0, node: 0}\n"
						 "  - {domain: 2, node: 1}\n");

	(void)state;
	assert_plugs(w, "d2", "size=128M node=2");
	assert_true(on_node(w, 32, 1));
	assert_plugs(w, "d1", "size=128M node=1");
	assert_true(on_node(w, 33, 0));
	assert_string_equal(world_dimm_read(w, "d2", "node"), "2\n");
	assert_int_equal(world_plug(w, "d3", "size=128M node=256"), -EINVAL);
	assert_int_equal(world_mkdir(w, "machine/virtio-mem/v0"), 0);
	assert_takes(w, "machine/virtio-mem/v0/size", "1G");
	assert_takes(w, "machine/virtio-mem/v0/node", "2");
	assert_takes(w, "machine/virtio-mem/v0/requested_size", "128M");
	assert_takes(w, "machine/virtio-mem/v0/plugged", "1");
	assert_non_null(strstr(world_read(w, "machine/log"), "nid: 1"));
	world_free(w);
}

/* Without a topology, the kernel ignores domains. */
static void numa_off(void **state)
{
	struct world *w = world_new(PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"
					   "hotplug:\n"
					   "  - {start: 0x100000000, end: 0x1ffffffff, node: 0}\n");

	(void)state;
	assert_plugs(w, "d0", "size=128M node=1");
	assert_true(on_node(w, 32, 0));
	world_free(w);
}

/* With one, but without domains of its own, a wrong number is a mistake. */
static void not_possible(void **state)
{
	struct world *w = world_new(MEMORY NODES);

	(void)state;
	assert_int_equal(world_plug(w, "d0", "size=128M node=2"), -EINVAL);
	assert_non_null(strstr(world_read(w, "machine/log"), "node 2 is not possible"));
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(named),
		cmocka_unit_test(numa_off),
		cmocka_unit_test(not_possible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
