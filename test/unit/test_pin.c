// SPDX-License-Identifier: GPL-2.0-or-later
/* Pinning takes the time that its pages need to leave Movable. */
#include "world.h"

#define W(attr) "machine/workload/rdma/" attr
#define MS 1000000ULL

static void advance(struct world *w, uint64_t ms)
{
	w->clock->advance(w->clock, ms * MS);
}

/* 4 MiB (1024 pages) of anon memory in block 32, which is Movable; 4 pages per millisecond. */
static void setup(struct world *w)
{
	assert_plugs(w, "d", "size=128M node=1");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_movable");
	assert_takes(w, "machine/clock/migrate_pages_per_ms", "4");
	assert_int_equal(world_mkdir(w, "machine/workload/rdma"), 0);
	assert_takes(w, W("kind"), "anon");
	assert_takes(w, W("block"), "32");
	assert_takes(w, W("size"), "4M");
}

static void write_to(struct world *w, const char *path, const char *text, struct world_req *r,
		     struct tree_file **ret_file)
{
	*ret_file = world_open_good(w, path, O_WRONLY);
	world_req_write(r, *ret_file, text, strlen(text));
}

static void finish(struct world_req *r, struct tree_file *file, ssize_t result)
{
	assert_true(r->done);
	assert_int_equal(r->result, result);
	world_req_fini(r);
	tree_release(file);
}

static void takes_time(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	setup(w);
	write_to(w, W("kind"), "pinned", &r, &file);
	advance(w, 128);
	/* Half of it, and the batch that is being moved; none of it is pinned yet. */
	assert_reads(w, W("resident"), "node1 DMA32 2129920\nnode1 Movable 2064384\n");
	assert_reads(w, W("kind"), "anon\n");
	assert_non_null(strstr(world_read(w, "machine/map"), "    32    1 Movable online"));
	assert_false(machine_is_quiet(w->machine));
	advance(w, 127);
	assert_false(r.done);
	advance(w, 1);
	finish(&r, file, 6);
	assert_reads(w, W("kind"), "pinned\n");
	assert_reads(w, W("resident"), "node1 DMA32 4194304\n");
	assert_true(machine_is_quiet(w->machine));
}

/* Its settings wait for the end; what does not concern it goes on. */
static void meanwhile(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	setup(w);
	write_to(w, W("kind"), "pinned", &r, &file);
	assert_writes(w, W("kind"), "anon", -EBUSY);
	assert_writes(w, W("size"), "8M", -EBUSY);
	assert_writes(w, W("node"), "0", -EBUSY);
	assert_writes(w, W("block"), "-1", -EBUSY);
	assert_true(world_logged(w, "workload/rdma/size: its pages are just being pinned"));
	assert_int_equal(world_rmdir(w, "machine/workload/rdma"), -EBUSY);
	assert_takes(w, SYS_MEMORY "memory9/state", "offline");
	advance(w, 256);
	finish(&r, file, 6);
	assert_takes(w, W("size"), "0");
}

/* As the kernel's, it heeds fatal signals only; what has moved stays, unpinned. */
static void interrupted(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	setup(w);
	write_to(w, W("kind"), "pinned", &r, &file);
	advance(w, 100);
	tree_interrupt(&r.req, false);
	assert_false(r.done);
	tree_interrupt(&r.req, true);
	finish(&r, file, -EINTR);
	assert_reads(w, W("kind"), "anon\n");
	assert_reads(w, W("resident"), "node1 DMA32 1802240\nnode1 Movable 2392064\n");
	advance(w, 1000);
	assert_reads(w, W("resident"), "node1 DMA32 1802240\nnode1 Movable 2392064\n");
	assert_int_equal(world_rmdir(w, "machine/workload/rdma"), 0);
}

/* More memory is allocated in Movable, moved, and pinned; if that fails, it is freed. */
static void grows(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;
	uint64_t free;

	setup(w);
	assert_takes(w, W("size"), "0");
	assert_takes(w, W("block"), "-1");
	assert_takes(w, W("node"), "1");
	assert_takes(w, W("kind"), "pinned");
	free = world_number(w, "proc/meminfo", "MemFree:");
	write_to(w, W("size"), "400K", &r, &file);
	assert_reads(w, W("size"), "0\n");
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free - 404);
	advance(w, 24);
	assert_false(r.done);
	advance(w, 1);
	finish(&r, file, 4);
	assert_reads(w, W("size"), "409600\n");
	assert_reads(w, W("resident"), "node1 DMA32 409600\n");
	write_to(w, W("size"), "800K", &r, &file);
	advance(w, 10);
	tree_interrupt(&r.req, true);
	finish(&r, file, -EINTR);
	assert_reads(w, W("size"), "409600\n");
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free - 404);
}

/* Pages have their page tables from the start, and until they are freed. */
static void page_tables(void **state)
{
	static const char tables[] = "PageTables:";
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	setup(w);
	assert_int_equal(world_number(w, "proc/meminfo", tables), 8);
	assert_takes(w, W("size"), "0");
	assert_takes(w, W("block"), "-1");
	assert_takes(w, W("node"), "1");
	assert_takes(w, W("kind"), "pinned");
	assert_int_equal(world_number(w, "proc/meminfo", tables), 0);
	write_to(w, W("size"), "4M", &r, &file);
	assert_int_equal(world_number(w, "proc/meminfo", tables), 8);
	advance(w, 100);
	tree_interrupt(&r.req, true);
	finish(&r, file, -EINTR);
	assert_int_equal(world_number(w, "proc/meminfo", tables), 0);
	write_to(w, W("size"), "4M", &r, &file);
	advance(w, 256);
	finish(&r, file, 2);
	assert_int_equal(world_number(w, "proc/meminfo", tables), 8);
	assert_takes(w, W("kind"), "anon");
	assert_int_equal(world_number(w, "proc/meminfo", tables), 8);
	assert_int_equal(world_rmdir(w, "machine/workload/rdma"), 0);
	assert_int_equal(world_number(w, "proc/meminfo", tables), 0);
}

/* The same pages are on their way out of the block for another reason, too. */
static void while_block_goes_offline(void **state)
{
	struct world *w = *state;
	struct tree_file *pin_file, *file;
	struct world_req pin, r;

	setup(w);
	write_to(w, W("kind"), "pinned", &pin, &pin_file);
	write_to(w, SYS_MEMORY "memory32/state", "offline", &r, &file);
	/* Each moves its share. */
	advance(w, 120);
	assert_false(r.done);
	advance(w, 20);
	finish(&r, file, 7);
	finish(&pin, pin_file, 6);
	assert_reads(w, W("kind"), "pinned\n");
	assert_reads(w, SYS_MEMORY "memory32/state", "offline\n");
	assert_null(strstr(world_read(w, W("resident")), "Movable"));
}

/* There is no room for all of it: what has moved stays, and nothing is pinned. */
static void no_room(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	setup(w);
	write_to(w, W("kind"), "pinned", &r, &file);
	advance(w, 50);
	assert_int_equal(world_mkdir(w, "machine/workload/drv"), 0);
	assert_takes(w, "machine/workload/drv/kind", "kernel");
	for (unsigned int kb = 2 << 20; kb >= 4; kb /= 2) {
		uint64_t size = world_number(w, "machine/workload/drv/size", "") / 1024;
		char text[24];

		snprintf(text, sizeof(text), "%" PRIu64 "K", size + kb);
		(void)world_write(w, "machine/workload/drv/size", text);
	}
	advance(w, 10);
	finish(&r, file, -ENOMEM);
	assert_true(
		world_logged(w, "workload/rdma/kind: its pages in Movable or CMA have nowhere"));
	assert_reads(w, W("kind"), "anon\n");
}

/* A slower or faster rate counts from the next batch on. */
static void rate_changes(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	setup(w);
	write_to(w, W("kind"), "pinned", &r, &file);
	assert_takes(w, "machine/clock/migrate_pages_per_ms", "0");
	advance(w, 9);
	assert_false(r.done);
	advance(w, 1);
	finish(&r, file, 6);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(takes_time),	 WORLD_TEST(meanwhile),
		WORLD_TEST(interrupted), WORLD_TEST(grows),
		WORLD_TEST(page_tables), WORLD_TEST(while_block_goes_offline),
		WORLD_TEST(no_room),	 WORLD_TEST(rate_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
