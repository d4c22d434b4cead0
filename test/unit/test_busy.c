// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Workloads whose pages are busy now and then: what has to move them waits, tries again, or fails
 * for the time being.
 */
#include "virtio_mem.h"

#define W(attr) "machine/workload/db/" attr
#define STATE9 SYS_MEMORY "memory9/state"
#define MS 1000000ULL

/* A workload in block 9, and the two parts of its period. */
static void hold(struct world *w, const char *kind, const char *size, const char *busy,
		 const char *idle)
{
	assert_int_equal(world_mkdir(w, "machine/workload/db"), 0);
	assert_takes(w, W("kind"), kind);
	assert_takes(w, W("block"), "9");
	assert_takes(w, W("size"), size);
	assert_takes(w, W("idle_ms"), idle);
	assert_takes(w, W("busy_ms"), busy);
}

static void advance(struct world *w, uint64_t ms)
{
	w->clock->advance(w->clock, ms * MS);
}

/* Whether block 9 goes offline at once; it is online again afterwards. */
static bool goes(struct world *w)
{
	struct tree_file *file = world_open_good(w, STATE9, O_WRONLY);
	struct world_req r;
	bool done;

	world_req_write(&r, file, "offline", 7);
	done = r.done;
	if (!done)
		tree_interrupt(&r.req, false);
	assert_true(r.done);
	assert_int_equal(r.result, done ? 7 : -EINTR);
	world_req_fini(&r);
	tree_release(file);
	if (done)
		assert_takes(w, STATE9, "online");
	return done;
}

static void settings(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/workload/db"), 0);
	assert_reads(w, W("busy_ms"), "0\n");
	assert_reads(w, W("idle_ms"), "0\n");
	assert_takes(w, W("busy_ms"), "0x10\n");
	assert_reads(w, W("busy_ms"), "16\n");
	assert_takes(w, W("idle_ms"), "4294967295");
	assert_writes(w, W("idle_ms"), "4294967296", -ERANGE);
	assert_reads(w, W("idle_ms"), "4294967295\n");
	assert_writes(w, W("busy_ms"), "now", -EINVAL);
	assert_true(world_logged(w, "workload/db/idle_ms: 4294967296 ms are too long"));
}

/* Offlining waits for exactly as long as they are busy, even if that is no multiple of its step. */
static void offline_waits(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, STATE9, O_WRONLY);
	struct world_req r;

	hold(w, "anon", "12K", "35", "5");
	world_req_write(&r, file, "offline", 7);
	assert_true(world_logged(w, "migrating pfn 48000 failed ret:3, 3 pages left, round 1\n"
				    "page: pfn:0x48000 held by db (anon), 3 pages\n"
				    "page dumped because: migration failure\n"
				    "memhpfs: memory9: 3 pages of db (anon) are busy, but not any "
				    "more in 35 ms\n"));
	advance(w, 34);
	assert_false(r.done);
	assert_reads(w, STATE9, "going-offline\n");
	advance(w, 1);
	assert_true(r.done);
	assert_int_equal(r.result, 7);
	assert_reads(w, W("resident"), "node0 DMA32 12288\n");
	world_req_fini(&r);
	tree_release(file);
}

/* Busy from 0 to 35 ms, then idle until 40 ms, and so on. A new setting begins a new period. */
static void period(void **state)
{
	static const struct {
		unsigned int at;
		bool idle;
	} at[] = { { 0, false },  { 34, false }, { 35, true },	{ 39, true },
		   { 40, false }, { 74, false }, { 395, true }, { 400, false } };
	struct world *w = *state;
	unsigned int now = 0;

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		if (!i)
			hold(w, "anon", "4K", "35", "5");
		advance(w, at[i].at - now);
		now = at[i].at;
		assert_int_equal(goes(w), at[i].idle);
		/* It has moved away; back to where it was. */
		assert_takes(w, W("size"), "0");
		assert_takes(w, W("size"), "4K");
	}
	advance(w, 36);
	assert_takes(w, W("busy_ms"), "35");
	assert_false(goes(w));
	assert_takes(w, W("busy_ms"), "0");
	assert_true(goes(w));
}

/* Busy for ever: only a signal ends it. An eject cannot be interrupted, and shows that. */
static void never_idle(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	assert_plugs(w, "d", "size=128M node=1");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_movable");
	hold(w, "anon", "4K", "1", "0");
	assert_takes(w, W("size"), "0");
	assert_takes(w, W("block"), "32");
	assert_takes(w, W("size"), "4K");
	file = world_open_good(w, "machine/dimm/d/plugged", O_WRONLY);
	world_req_write(&r, file, "0", 1);
	advance(w, 3600 * 1000);
	assert_false(r.done);
	assert_reads(w, "machine/dimm/d/ost", "132\n");
	assert_true(world_logged(w, "memory32: 1 page of db (anon) are busy, and stay so"));
	assert_takes(w, W("busy_ms"), "0");
	advance(w, 10);
	assert_true(r.done);
	assert_int_equal(r.result, 1);
	assert_reads(w, "machine/dimm/d/ost", "0\n");
	world_req_fini(&r);
	tree_release(file);
}

/* Other pages of the block move meanwhile. */
static void others_move(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, STATE9, O_WRONLY);
	struct world_req r;

	hold(w, "anon", "4K", "20", "20");
	assert_int_equal(world_mkdir(w, "machine/workload/other"), 0);
	assert_takes(w, "machine/workload/other/kind", "anon");
	assert_takes(w, "machine/workload/other/block", "9");
	assert_takes(w, "machine/workload/other/size", "1M");
	world_req_write(&r, file, "offline", 7);
	assert_false(r.done);
	assert_reads(w, "machine/workload/other/resident", "node0 DMA32 1048576\n");
	assert_reads(w, W("resident"), "node1 DMA32 4096\n");
	advance(w, 20);
	assert_true(r.done);
	world_req_fini(&r);
	tree_release(file);
}

/* Soft offlining, reclaim, and pinning what has to leave Movable give up at once. */
static void gives_up(void **state)
{
	struct world *w = *state;

	assert_takes(w, SYS_MEMORY "memory9/state", "offline");
	assert_takes(w, SYS_MEMORY "memory9/state", "online_movable");
	hold(w, "anon", "4K", "10", "10");
	assert_writes(w, SYS_MEMORY "soft_offline_page", "0x48000000", -EBUSY);
	assert_writes(w, W("kind"), "pinned", -ENOMEM);
	advance(w, 10);
	assert_takes(w, SYS_MEMORY "soft_offline_page", "0x48000000");
	assert_takes(w, W("kind"), "pinned");
}

/* Other cache is dropped instead, but none if that does not suffice. */
static void cache_stays(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/workload/db"), 0);
	assert_takes(w, W("kind"), "pagecache");
	assert_takes(w, W("size"), "1200M");
	assert_takes(w, W("busy_ms"), "1");
	assert_int_equal(world_mkdir(w, "machine/workload/idle"), 0);
	assert_takes(w, "machine/workload/idle/kind", "pagecache");
	assert_takes(w, "machine/workload/idle/size", "300M");
	assert_int_equal(world_mkdir(w, "machine/workload/a"), 0);
	assert_takes(w, "machine/workload/a/kind", "anon");
	assert_writes(w, "machine/workload/a/size", "900M", -ENOMEM);
	assert_reads(w, W("size"), "1258291200\n");
	assert_reads(w, "machine/workload/idle/size", "314572800\n");
	assert_takes(w, "machine/workload/a/size", "600M");
	assert_reads(w, W("size"), "1258291200\n");
	assert_true(world_number(w, "machine/workload/idle/size", "") < 300 << 20);
	assert_takes(w, W("busy_ms"), "0");
	assert_takes(w, "machine/workload/a/size", "900M");
}

/* A gigantic page is made only of what can move now. */
static void gigantic(void **state)
{
	static const char nr[] = SYS_NODE "node0/hugepages/hugepages-1048576kB/nr_hugepages";
	struct world *w = world_new("memory:\n  - {start: 0, end: 0xffffffff, node: 0}\n");

	hold(w, "anon", "4K", "10", "10");
	assert_takes(w, nr, "4");
	assert_reads(w, nr, "1\n");
	advance(w, 10);
	assert_takes(w, nr, "4");
	assert_reads(w, nr, "2\n");
	world_free(w);
}

static void saved(void **state)
{
	static const char machine[] = "memory:\n  - {start: 0, end: 0x7fffffff, node: 0}\n";
	struct world *w = world_new(machine), *loaded = world_new_to_load(machine, NULL);
	struct base_buf saved, why;
	struct base_moment when;

	base_buf_init(&saved);
	base_buf_init(&why);
	hold(w, "anon", "4K", "10", "20");
	assert_int_equal(tree_save(w->tree, &saved), 0);
	assert_int_equal(tree_load(loaded->tree, saved.data, saved.len, &when, &why), 0);
	assert_reads(loaded, W("busy_ms"), "10\n");
	assert_reads(loaded, W("idle_ms"), "20\n");
	assert_false(goes(loaded));
	/* Its page table is among what has been loaded. */
	assert_int_equal(world_number(loaded, "proc/meminfo", "PageTables:"), 4);
	assert_takes(loaded, W("size"), "0");
	assert_int_equal(world_number(loaded, "proc/meminfo", "PageTables:"), 0);
	base_buf_fini(&saved);
	base_buf_fini(&why);
	world_free(loaded);
	world_free(w);
}

/* virtio-mem leaves out the sub-blocks whose pages are busy, and comes back for them. */
static void virtio_mem(void **state)
{
	struct world *w = vm_new("memhp_default_state=online_movable");

	assert_int_equal(vm_resized(w, "v0", "128M"), 128);
	assert_int_equal(world_mkdir(w, "machine/workload/db"), 0);
	assert_takes(w, W("kind"), "anon");
	assert_takes(w, W("block"), "32");
	assert_takes(w, W("size"), "4K");
	assert_takes(w, W("busy_ms"), "60000");
	assert_takes(w, W("idle_ms"), "600000");
	assert_int_equal(vm_resized(w, "v0", "0"), 2);
	vm_pass_s(w, 50);
	assert_int_equal(vm_plugged(w, "v0"), 2);
	vm_pass_s(w, 40);
	assert_int_equal(vm_plugged(w, "v0"), 2);
	vm_pass_s(w, 60);
	assert_int_equal(vm_plugged(w, "v0"), 0);
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(settings),	 WORLD_TEST(offline_waits),  WORLD_TEST(period),
		WORLD_TEST(never_idle),	 WORLD_TEST(others_move),    WORLD_TEST(gives_up),
		WORLD_TEST(cache_stays), cmocka_unit_test(gigantic), cmocka_unit_test(virtio_mem),
		cmocka_unit_test(saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
