// SPDX-License-Identifier: GPL-2.0-or-later
/* The tree behind /proc/iomem: what can be inserted where, and what counts as System RAM. */
#include <errno.h>
#include <string.h>

#include "../../src/hotplug/hp_private.h"
#include "engine.h"

static const struct engine_range nothing[] = { { 0 } };
static const struct engine_config empty = { .memory = nothing, .phys_bits = 32 };

static void line(void *ctx, unsigned int depth, uint64_t start, uint64_t end, const char *name)
{
	base_buf_printf(ctx, "%*s%llx-%llx %s\n", (int)depth * 2, "", (unsigned long long)start,
			(unsigned long long)end, name);
}

static void assert_tree(const struct engine *e, const char *want)
{
	struct base_buf text;

	base_buf_init(&text);
	hp_resource_walk(e->hp, line, &text);
	assert_string_equal(base_buf_text(&text), want);
	base_buf_fini(&text);
}

static int insert(struct engine *e, uint64_t start, uint64_t end, const char *name, bool busy)
{
	return hp_resource_insert(e->hp, start, end, name, busy);
}

static void inserted(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &empty);
	assert_tree(&e, "");
	assert_int_equal(insert(&e, 0x3000, 0x3fff, "c", true), 0);
	assert_int_equal(insert(&e, 0x1000, 0x1fff, "a", true), 0);
	assert_int_equal(insert(&e, 0x2000, 0x2fff, "b", true), 0);
	assert_int_equal(insert(&e, 0x8000, 0x8fff, "d", true), 0);
	/* inside one, which is busy or not */
	assert_int_equal(insert(&e, 0x2800, 0x28ff, "in b", true), 0);
	assert_int_equal(insert(&e, 0x2810, 0x281f, "in in b", true), 0);
	assert_int_equal(insert(&e, 0x2100, 0x21ff, "in b, before", true), 0);
	/* around several */
	assert_int_equal(insert(&e, 0x1000, 0x2fff, "a and b", true), 0);
	assert_int_equal(insert(&e, 0x2000, 0x28ff, "of b", true), 0);
	assert_tree(&e, "1000-2fff a and b\n"
			"  1000-1fff a\n"
			"  2000-2fff b\n"
			"    2000-28ff of b\n"
			"      2100-21ff in b, before\n"
			"      2800-28ff in b\n"
			"        2810-281f in in b\n"
			"3000-3fff c\n"
			"8000-8fff d\n");
	engine_fini(&e);
}

static void straddling(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &empty);
	assert_int_equal(insert(&e, 0x1000, 0x1fff, "a", false), 0);
	assert_int_equal(insert(&e, 0x3000, 0x3fff, "b", false), 0);
	assert_int_equal(insert(&e, 0x1800, 0x27ff, "x", true), -EBUSY);
	assert_int_equal(insert(&e, 0x0800, 0x17ff, "x", true), -EBUSY);
	assert_int_equal(insert(&e, 0x0800, 0x37ff, "x", true), -EBUSY);
	assert_int_equal(insert(&e, 0x1fff, 0x2000, "x", true), -EBUSY);
	assert_int_equal(insert(&e, 0x1001, 0x3fff, "x", true), -EBUSY);
	assert_tree(&e, "1000-1fff a\n3000-3fff b\n");
	assert_int_equal(insert(&e, 0x2000, 0x2fff, "between", true), 0);
	assert_int_equal(insert(&e, 0x0, 0xffff, "all", true), 0);
	assert_tree(&e, "0-ffff all\n  1000-1fff a\n  2000-2fff between\n  3000-3fff b\n");
	engine_fini(&e);
}

static void requested(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &empty);
	assert_int_equal(insert(&e, 0x10000, 0x1ffff, "RAM", true), 0);
	assert_int_equal(insert(&e, 0x20000, 0x5ffff, "window", false), 0);
	assert_int_equal(insert(&e, 0x40000, 0x4ffff, "inner window", false), 0);
	assert_int_equal(insert(&e, 0x50000, 0x50fff, "device", true), 0);

	assert_int_equal(hp_resource_request(e.hp, 0x70000, 0x1000, "free"), 0);
	assert_int_equal(hp_resource_request(e.hp, 0x70000, 0x1000, "again"), -EEXIST);
	assert_int_equal(hp_resource_request(e.hp, 0x70800, 0x100, "within"), -EEXIST);
	assert_int_equal(hp_resource_request(e.hp, 0x6ff00, 0x2000, "around"), -EEXIST);
	assert_int_equal(hp_resource_request(e.hp, 0x1f000, 0x1000, "RAM"), -EEXIST);
	assert_int_equal(hp_resource_request(e.hp, 0x1f000, 0x2000, "edge"), -EEXIST);
	assert_int_equal(hp_resource_request(e.hp, 0x5f000, 0x2000, "edge"), -EEXIST);
	/* inside an unused one */
	assert_int_equal(hp_resource_request(e.hp, 0x30000, 0x1000, "deep"), 0);
	assert_int_equal(hp_resource_request(e.hp, 0x40000, 0x10000, "deeper"), 0);
	assert_int_equal(hp_resource_request(e.hp, 0x4f000, 0x1000, "taken"), -EEXIST);
	assert_int_equal(hp_resource_request(e.hp, 0x50000, 0x2000, "device"), -EEXIST);
	assert_int_equal(hp_resource_request(e.hp, 0x3f000, 0x2000, "inner edge"), -EEXIST);
	assert_tree(&e, "10000-1ffff RAM\n"
			"20000-5ffff window\n"
			"  30000-30fff deep\n"
			"  40000-4ffff inner window\n"
			"    40000-4ffff deeper\n"
			"  50000-50fff device\n"
			"70000-70fff free\n");
	engine_fini(&e);
}

static void width_of_addresses(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &empty);
	assert_int_equal(hp_resource_request(e.hp, GIB(4) - MIB(1), MIB(1), "last"), 0);
	assert_int_equal(hp_resource_request(e.hp, GIB(4), MIB(1), "above"), -EEXIST);
	assert_int_equal(hp_resource_request(e.hp, GIB(4) - MIB(2), MIB(3), "over"), -EEXIST);
	engine_fini(&e);

	engine_init(&e, &(struct engine_config){ .memory = nothing, .phys_bits = 64 });
	assert_int_equal(hp_resource_request(e.hp, UINT64_MAX - MIB(1) + 1, MIB(1), "last"), 0);
	engine_fini(&e);
}

static void released(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &empty);
	assert_int_equal(insert(&e, 0x20000, 0x5ffff, "window", false), 0);
	assert_int_equal(hp_resource_request(e.hp, 0x30000, 0x1000, "a"), 0);
	assert_int_equal(hp_resource_request(e.hp, 0x31000, 0x1000, "b"), 0);
	assert_int_equal(hp_resource_request(e.hp, 0x70000, 0x1000, "c"), 0);
	assert_int_equal(insert(&e, 0x70000, 0x7000f, "on c", true), 0);
	/* not in one piece: no effect */
	hp_resource_release(e.hp, 0x30000, 0x2000);
	hp_resource_release(e.hp, 0x90000, 0x1000);
	hp_resource_release(e.hp, 0x20000, 0x40000); /* not busy */
	hp_resource_release(e.hp, 0x30000, 0x1000);
	assert_tree(&e, "20000-5ffff window\n  31000-31fff b\n70000-70fff c\n  70000-7000f on c\n");
	assert_int_equal(hp_resource_request(e.hp, 0x30000, 0x1000, "a again"), 0);
	hp_resource_release(e.hp, 0x31000, 0x1000);
	hp_resource_release(e.hp, 0x70000, 0x1000);
	assert_tree(&e, "20000-5ffff window\n  30000-30fff a again\n");
	/* a part: at an edge, and in the middle */
	hp_resource_release(e.hp, 0x30000, 0x400);
	hp_resource_release(e.hp, 0x30c00, 0x400);
	hp_resource_release(e.hp, 0x30700, 0x100);
	assert_tree(&e, "20000-5ffff window\n  30400-306ff a again\n  30800-30bff a again\n");
	/* but not a part below another resource */
	assert_int_equal(insert(&e, 0x30400, 0x3040f, "on a", true), 0);
	hp_resource_release(e.hp, 0x30400, 0x100);
	hp_resource_release(e.hp, 0x30400, 0x10);
	hp_resource_release(e.hp, 0x30680, 0x80);
	assert_tree(&e, "20000-5ffff window\n  30400-3067f a again\n    30400-3040f on a\n"
			"  30800-30bff a again\n");
	engine_fini(&e);
}

/*
 * Memory that virtio-mem adds merges with what it added before, also around resources in between.
 */
static void merged(void **state)
{
	static const char name[] = "ram";
	struct engine e;

	(void)state;
	engine_init(&e, &empty);
	for (uint64_t start = 0x1000; start <= 0x5000; start += 0x1000)
		assert_int_equal(hp_resource_request(e.hp, start, 0x1000, name), 0);
	assert_int_equal(hp_resource_request(e.hp, 0x6000, 0x1000, "other"), 0);
	hp_resource_merge(e.hp, 0x6000, 0x1000);
	/* both must be mergeable: the one below, the one above, both */
	hp_resource_merge(e.hp, 0x2000, 0x1000);
	hp_resource_merge(e.hp, 0x4000, 0x1000);
	hp_resource_merge(e.hp, 0x5000, 0x1000);
	assert_tree(&e, "1000-1fff ram\n2000-2fff ram\n3000-3fff ram\n4000-5fff ram\n"
			"6000-6fff other\n");
	hp_resource_merge(e.hp, 0x1000, 0x1000);
	hp_resource_merge(e.hp, 0x3000, 0x1000);
	assert_tree(&e, "1000-5fff ram\n6000-6fff other\n");
	/* removed from the middle, and added again */
	hp_resource_release(e.hp, 0x3000, 0x1000);
	assert_tree(&e, "1000-2fff ram\n4000-5fff ram\n6000-6fff other\n");
	assert_int_equal(hp_resource_request(e.hp, 0x3000, 0x1000, name), 0);
	hp_resource_merge(e.hp, 0x3000, 0x1000);
	assert_tree(&e, "1000-5fff ram\n6000-6fff other\n");
	/* not around a resource that is part of it */
	hp_resource_release(e.hp, 0x3000, 0x1000);
	assert_int_equal(insert(&e, 0x4000, 0x47ff, "part", true), 0);
	assert_int_equal(hp_resource_request(e.hp, 0x3000, 0x1000, name), 0);
	hp_resource_merge(e.hp, 0x3000, 0x1000);
	assert_tree(&e, "1000-3fff ram\n4000-5fff ram\n  4000-47ff part\n6000-6fff other\n");
	engine_fini(&e);
}

static void ram(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &empty);
	assert_int_equal(insert(&e, 0x1000, 0x9fbff, "System RAM", true), 0);
	assert_int_equal(insert(&e, 0x100000, 0x1fffff, "System RAM", true), 0);
	assert_int_equal(insert(&e, 0x110000, 0x11ffff, "Kernel code", true), 0);
	assert_int_equal(insert(&e, 0x200000, 0x2fffff, "virtio0", false), 0);
	assert_int_equal(insert(&e, 0x200000, 0x27ffff, "System RAM (virtio_mem)", true), 0);
	assert_int_equal(insert(&e, 0x300000, 0x3fffff, "System Rom", true), 0);
	assert_int_equal(insert(&e, 0x400000, 0x4fffff, "System", true), 0);
	assert_int_equal(insert(&e, 0x500800, 0x5007ff + 0x2000, "System RAM", true), 0);

	assert_false(hp_resource_is_ram(e.hp, 0, 0x1000));
	assert_true(hp_resource_is_ram(e.hp, 0x1000, 0x9e000));
	assert_false(hp_resource_is_ram(e.hp, 0x1000, 0x9f000));   /* the last page is incomplete */
	assert_true(hp_resource_is_ram(e.hp, 0x100000, 0x100000)); /* resources within it are RAM */
	assert_true(hp_resource_is_ram(e.hp, 0x110000, 0x10000));
	assert_true(hp_resource_is_ram(e.hp, 0x100000, 0x180000)); /* and what a device added */
	assert_false(hp_resource_is_ram(e.hp, 0x100000, 0x181000));
	assert_false(hp_resource_is_ram(e.hp, 0x280000, 0x1000));
	assert_false(hp_resource_is_ram(e.hp, 0x300000, 0x1000));
	assert_false(hp_resource_is_ram(e.hp, 0x400000, 0x1000));
	assert_true(hp_resource_is_ram(e.hp, 0x501000, 0x1000));
	assert_false(hp_resource_is_ram(e.hp, 0x500000, 0x1000));
	assert_false(hp_resource_is_ram(e.hp, 0x501000, 0x2000));
	engine_fini(&e);
}

/* The boot map of formats/proc_iomem, with its DIMM. */
static void recorded(void **state)
{
	struct engine e;

	(void)state;
	engine_init(&e, &(struct engine_config){ .memory = nothing, .phys_bits = 40 });
	assert_int_equal(insert(&e, 0x100000, 0x7ffdffff, "System RAM", true), 0);
	assert_int_equal(insert(&e, 0x1000, 0x9fbff, "System RAM", true), 0);
	assert_int_equal(insert(&e, 0x80000000, 0xfebfffff, "PCI Bus 0000:00", false), 0);
	assert_int_equal(insert(&e, 0xfd00000000, 0xffffffffff, "Reserved", false), 0);
	assert_int_equal(insert(&e, 0xfebff000, 0xfebfffff, "0000:00:02.0", true), 0);
	assert_int_equal(insert(&e, 0x1000000, 0x17fffff, "Kernel code", true), 0);
	assert_int_equal(hp_resource_request(e.hp, GIB(4), MIB(512), "System RAM"), 0);
	assert_int_equal(hp_resource_request(e.hp, GIB(2), MIB(128), "System RAM"), 0);
	assert_int_equal(hp_resource_request(e.hp, 0xf8000000, MIB(128), "System RAM"), -EEXIST);
	assert_tree(&e, "1000-9fbff System RAM\n"
			"100000-7ffdffff System RAM\n"
			"  1000000-17fffff Kernel code\n"
			"80000000-febfffff PCI Bus 0000:00\n"
			"  80000000-87ffffff System RAM\n"
			"  febff000-febfffff 0000:00:02.0\n"
			"100000000-11fffffff System RAM\n"
			"fd00000000-ffffffffff Reserved\n");
	engine_fini(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(inserted),  cmocka_unit_test(straddling),
		cmocka_unit_test(requested), cmocka_unit_test(width_of_addresses),
		cmocka_unit_test(released),  cmocka_unit_test(merged),
		cmocka_unit_test(ram),	     cmocka_unit_test(recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
