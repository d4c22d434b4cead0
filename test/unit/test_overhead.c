// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory used by KASAN, and its effect on offlining. */
#include "world.h"

#define VM PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n" ONE_CPU

static uint64_t total(struct world *w)
{
	return world_number(w, "proc/meminfo", "MemTotal:");
}

static uint64_t free_kb(struct world *w)
{
	return world_number(w, "proc/meminfo", "MemFree:");
}

/* An eighth of memory: at boot, and of each block when it goes online. */
static void kasan(void **state)
{
	struct world *plain = world_new(VM), *w = world_new("kasan: true\n" VM);
	uint64_t before, shadow = (GIB(1) >> 10) / 8;

	(void)state;
	assert_in_range(total(plain) - total(w), shadow - 128, shadow);
	assert_plugs(w, "d0", "size=256M node=0");
	before = free_kb(w);
	assert_takes(w, SYS_MEMORY "memory8/state", "online_movable");
	assert_int_equal(free_kb(w) - before, (128 - 16) << 10);
	assert_takes(w, SYS_MEMORY "memory8/state", "offline");
	assert_int_equal(free_kb(w), before);
	/* the shadow of boot memory stays */
	assert_takes(w, SYS_MEMORY "memory2/state", "offline");
	before = free_kb(w);
	assert_takes(w, SYS_MEMORY "memory2/state", "online");
	assert_int_equal(free_kb(w) - before, 128 << 10);
	/* when another listener refuses */
	before = free_kb(w);
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "-12");
	assert_writes(w, SYS_MEMORY "memory8/state", "online", -ENOMEM);
	assert_int_equal(free_kb(w), before);
	world_free(plain);
	world_free(w);
}

static int refuse(struct hp_notifier *notifier, enum hp_action action, const struct hp_notify *arg)
{
	return action == HP_GOING_ONLINE ? -EIO : 0;
}

/* An existing shadow is freed when a later listener refuses. */
static void kasan_then_refused(void **state)
{
	struct world *w = world_new("kasan: true\n" VM);
	struct hp_notifier last = { .priority = -1, .call = refuse };
	uint64_t before;

	(void)state;
	assert_plugs(w, "d0", "size=256M node=0");
	before = free_kb(w);
	hp_notifier_register(w->hp, &last);
	assert_writes(w, SYS_MEMORY "memory8/state", "online", -EIO);
	assert_int_equal(free_kb(w), before);
	hp_notifier_unregister(w->hp, &last);
	assert_takes(w, SYS_MEMORY "memory8/state", "online");
	world_free(w);
}

static void kasan_without_room(void **state)
{
	struct world *w = world_new("kasan: true\n" VM);
	char text[32];

	(void)state;
	assert_plugs(w, "d0", "size=256M node=0");
	assert_int_equal(world_mkdir(w, "machine/workload/k"), 0);
	assert_takes(w, "machine/workload/k/kind", "kernel");
	/* as much as possible */
	for (uint64_t mib = free_kb(w) >> 10;; mib--) {
		snprintf(text, sizeof(text), "%" PRIu64 "M", mib);
		if (world_write(w, "machine/workload/k/size", text) > 0)
			break;
	}
	assert_writes(w, SYS_MEMORY "memory8/state", "online_movable", -EPERM);
	assert_reads(w, SYS_MEMORY "memory8/state", "offline\n");
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kasan),
		cmocka_unit_test(kasan_then_refused),
		cmocka_unit_test(kasan_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
