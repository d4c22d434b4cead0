// SPDX-License-Identifier: GPL-2.0-or-later
/* Swap, and pages that are busy or on their way to be pinned: these have to be in memory. */
#include "swap.h"

#define MS 1000000ULL
/* Block 8 is added memory, which is Movable. */
#define MORE RAM "hotplug:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n"

static void advance(struct world *w, uint64_t ms)
{
	w->clock->advance(w->clock, ms * MS);
}

static void busy_pages_stay(void **state)
{
	struct world *w = world_new(RAM "swap: 512M\n");

	(void)state;
	make(w, "a", "anon");
	make(w, "b", "mlock");
	assert_takes(w, A("size"), "600M");
	assert_takes(w, A("idle_ms"), "10");
	assert_takes(w, A("busy_ms"), "20");
	assert_writes(w, B("size"), "600M", -ENOMEM);
	assert_writes(w, A("swapped"), "4K", -EBUSY);
	assert_true(world_logged(w, "workload/a/swapped: its pages are busy now"));
	assert_reads(w, A("swapped"), "0\n");
	assert_int_equal(vmstat(w, "pswpout"), 0);
	advance(w, 20);
	assert_takes(w, B("size"), "600M");
	assert_true(kb(w, A("swapped")) > 200 * 1024);
	/* What is in swap is not busy, and comes back. */
	advance(w, 10);
	assert_takes(w, B("size"), "0");
	assert_takes(w, A("swapped"), "0");
	assert_reads(w, A("swapped"), "0\n");
	assert_agrees(w);
	world_free(w);
}

/* A workload that is always busy cannot make room for itself, and nothing is dropped in vain. */
static void busy_growth(void **state)
{
	struct world *w = world_new(RAM "swap: 1G\n");

	(void)state;
	make(w, "a", "anon");
	make(w, "b", "pagecache");
	assert_takes(w, B("size"), "100M");
	assert_takes(w, A("busy_ms"), "1");
	assert_writes(w, A("size"), "1200M", -ENOMEM);
	assert_reads(w, A("size"), "0\n");
	assert_reads(w, B("size"), "104857600\n");
	assert_takes(w, A("busy_ms"), "0");
	assert_takes(w, A("size"), "1200M");
	assert_true(kb(w, A("swapped")) > 200 * 1024);
	assert_reads(w, B("size"), "0\n");
	assert_agrees(w);
	world_free(w);
}

/* ---- pinning that takes time ----------------------------------------------------------------- */

struct pinning {
	struct tree_file *file;
	struct world_req r;
};

static void pin_begin(struct world *w, struct pinning *p, const char *path, const char *text)
{
	p->file = world_open_good(w, path, O_WRONLY);
	world_req_write(&p->r, p->file, text, strlen(text));
}

static void pin_end(struct pinning *p, ssize_t result)
{
	assert_true(p->r.done);
	assert_int_equal(p->r.result, result);
	world_req_fini(&p->r);
	tree_release(p->file);
}

static struct world *world_movable(void)
{
	struct world *w = world_new(MORE "swap: 1G\n");

	assert_plugs(w, "d", "size=128M node=0");
	assert_takes(w, SYS_MEMORY "memory8/state", "online_movable");
	make(w, "a", "anon");
	make(w, "b", "anon");
	return w;
}

/* Pages that go to swap before all of them are pinned come back for that. */
static void pinned_pages_come_back(void **state)
{
	struct world *w = world_movable();
	struct pinning p;

	(void)state;
	assert_takes(w, A("size"), "64M");
	assert_reads(w, A("resident"), "node0 Movable 67108864\n");
	assert_takes(w, A("swapped"), "16M");
	assert_takes(w, "machine/clock/migrate_pages_per_ms", "16");
	pin_begin(w, &p, A("kind"), "pinned");
	assert_reads(w, A("swapped"), "0\n");
	advance(w, 100);
	assert_takes(w, B("size"), "1200M");
	assert_true(kb(w, A("swapped")) > 0);
	assert_agrees(w);
	advance(w, 5000);
	pin_end(&p, 6);
	assert_reads(w, A("swapped"), "0\n");
	assert_reads(w, A("kind"), "pinned\n");
	assert_reads(w, A("resident"), "node0 DMA32 67108864\n");
	assert_takes(w, B("size"), "1500M");
	assert_reads(w, A("swapped"), "0\n");
	assert_agrees(w);
	world_free(w);
}

/* There is no room for what is in swap, so the request fails. */
static void no_room_to_come_back(void **state)
{
	struct world *w = world_movable();

	(void)state;
	assert_takes(w, A("size"), "64M");
	assert_takes(w, A("swapped"), "64M");
	assert_takes(w, B("kind"), "mlock");
	assert_takes(w, B("size"), "1070M");
	assert_writes(w, A("kind"), "pinned", -ENOMEM);
	assert_true(world_logged(w, "workload/a/kind: no room for the 64M of it that are in swap"));
	assert_reads(w, A("kind"), "anon\n");
	assert_agrees(w);
	world_free(w);
}

/* Pages that are to be added have a holder of their own, which swapoff must find. */
static void swapoff_finds_all(void **state)
{
	struct world *w = world_movable();
	struct pinning p;

	(void)state;
	assert_takes(w, A("kind"), "pinned");
	assert_takes(w, "machine/clock/migrate_pages_per_ms", "16");
	pin_begin(w, &p, A("size"), "64M");
	assert_false(p.r.done);
	assert_takes(w, B("size"), "1200M");
	assert_true(meminfo(w, "SwapTotal:") - meminfo(w, "SwapFree:") > kb(w, B("swapped")));
	assert_takes(w, B("size"), "0");
	assert_takes(w, SWAP0("on"), "0");
	assert_int_equal(vmstat(w, "pswpin"), 64 * 256);
	assert_takes(w, SWAP0("on"), "1");
	assert_reads(w, SWAP0("used"), "0\n");
	advance(w, 5000);
	pin_end(&p, 3);
	assert_reads(w, A("size"), "67108864\n");
	assert_agrees(w);
	world_free(w);
}

/* What is pinned has to fit into memory, however much swap there is. */
static void pinned_growth_fits(void **state)
{
	struct world *w = world_movable();

	(void)state;
	assert_takes(w, A("kind"), "pinned");
	assert_writes(w, A("size"), "1200M", -ENOMEM);
	assert_int_equal(vmstat(w, "pswpout"), 0);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(busy_pages_stay),	  cmocka_unit_test(busy_growth),
		cmocka_unit_test(pinned_pages_come_back), cmocka_unit_test(no_room_to_come_back),
		cmocka_unit_test(swapoff_finds_all),	  cmocka_unit_test(pinned_growth_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
