/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workloads: pages that the kernel holds, where they are allocated, how they grow and shrink, and
 * what they keep from going offline.
 */
#include "world.h"

#define W0 "machine/workload/w0/"
#define STATE(n) SYS_MEMORY "memory" #n "/state"

static uint64_t free_kb(struct world *w)
{
	return world_number(w, "proc/meminfo", "MemFree:");
}

static void inert(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	assert_reads(w, W0 "kind", "\n");
	assert_reads(w, W0 "block", "-1\n");
	assert_reads(w, W0 "node", "-1\n");
	assert_reads(w, W0 "size", "0\n");
	assert_writes(w, W0 "size", "4K", -EINVAL);
	assert_takes(w, W0 "size", "0");
	assert_writes(w, W0 "kind", "none", -EINVAL);
	assert_writes(w, W0 "kind", "Kernel", -EINVAL);
	assert_reads(w, W0 "kind", "\n");
	assert_takes(w, W0 "kind", "kernel\n");
	assert_reads(w, W0 "kind", "kernel\n");
	assert_int_equal(world_rmdir(w, "machine/workload/w0"), 0);
}

static void settings(void **state)
{
	static const struct {
		const char *attr, *text;
		int ret;
		const char *reads;
	} cases[] = {
		{ W0 "block", "9", 1, "9\n" },
		{ W0 "block", "0xa\n", 4, "10\n" },
		{ W0 "block", "99", -ENODEV, "10\n" },
		{ W0 "block", "4294967295", -ENODEV, "10\n" },
		{ W0 "block", "4294967296", -EINVAL, "10\n" },
		{ W0 "block", "-2", -EINVAL, "10\n" },
		{ W0 "block", "none", -EINVAL, "10\n" },
		{ W0 "block", "99999999999999999999", -ERANGE, "10\n" },
		{ W0 "block", "-1", 2, "-1\n" },
		{ W0 "node", "1023", 4, "1023\n" },
		{ W0 "node", "1024", -EINVAL, "1023\n" },
		{ W0 "node", "-2", -EINVAL, "1023\n" },
		{ W0 "node", "-1\n", 3, "-1\n" },
		{ W0 "size", "x", -EINVAL, "0\n" },
		{ W0 "size", "4K x", -EINVAL, "0\n" },
		{ W0 "size", "99999999999999999999", -ERANGE, "0\n" },
		{ W0 "size", "1", 1, "4096\n" },
		{ W0 "size", "4097", 4, "8192\n" },
		{ W0 "size", "1M\n", 3, "1048576\n" },
		/* while it holds memory */
		{ W0 "block", "9", -EBUSY, "-1\n" },
		{ W0 "node", "1", -EBUSY, "-1\n" },
		{ W0 "kind", "kernel", -EBUSY, "kernel\n" },
		{ W0 "size", "0", 1, "0\n" },
		{ W0 "block", "9", 1, "9\n" },
	};
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	assert_takes(w, W0 "kind", "kernel");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		assert_writes(w, cases[i].attr, cases[i].text, cases[i].ret);
		assert_reads(w, cases[i].attr, cases[i].reads);
	}
}

static void holds(void **state)
{
	struct world *w = *state;
	uint64_t free = free_kb(w), total = world_number(w, "proc/meminfo", "MemTotal:");

	assert_int_equal(world_hold(w, "w0", "size=100M"), 4);
	assert_int_equal(free_kb(w), free - 102400);
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:"), total);
	assert_takes(w, W0 "size", "300M");
	assert_int_equal(free_kb(w), free - 307200);
	assert_takes(w, W0 "size", "12K");
	assert_int_equal(free_kb(w), free - 12);
	assert_int_equal(world_hold(w, "w1", "size=8K"), 2);
	assert_int_equal(free_kb(w), free - 20);
	assert_int_equal(world_rmdir(w, "machine/workload/w0"), 0);
	assert_int_equal(free_kb(w), free - 8);
	assert_takes(w, "machine/workload/w1/size", "0");
	assert_int_equal(free_kb(w), free);
}

/* In a single block: only that one stays online. */
static void in_a_block(void **state)
{
	struct world *w = *state;
	const char *log;

	assert_int_equal(world_hold(w, "cache-9", "block=9 size=4K"), 2);
	assert_writes(w, STATE(9), "offline", -EBUSY);
	assert_takes(w, STATE(8), "offline");
	assert_takes(w, STATE(10), "offline");
	log = base_buf_text(machine_log_text(w->machine));
	assert_non_null(strstr(log, "pfn:0x48000 held by cache-9 (kernel), 1 pages\n"));
	assert_non_null(strstr(log, "page dumped because: unmovable page\n"
				    "memory offlining [mem 0x48000000-0x4fffffff] failed due to "
				    "failure to isolate range\n"));
	assert_takes(w, "machine/workload/cache-9/size", "0");
	assert_takes(w, STATE(9), "offline");
}

static void on_a_node(void **state)
{
	struct world *w = *state;
	uint64_t node0 = world_number(w, SYS_NODE "node0/meminfo", "MemFree:");
	uint64_t node1 = world_number(w, SYS_NODE "node1/meminfo", "MemFree:");
	char config[64];

	assert_int_equal(world_hold(w, "w0", "node=1 size=1M"), 2);
	assert_int_equal(world_number(w, SYS_NODE "node0/meminfo", "MemFree:"), node0);
	assert_int_equal(world_number(w, SYS_NODE "node1/meminfo", "MemFree:"), node1 - 1024);
	snprintf(config, sizeof(config), "node=0 size=%" PRIu64 "K", node0 + 4);
	assert_int_equal(world_hold(w, "w1", config), -ENOMEM);
	/* Watermarks remain reserved for the kernel. */
	snprintf(config, sizeof(config), "%" PRIu64 "K", node0);
	assert_writes(w, "machine/workload/w1/size", config, -ENOMEM);
	snprintf(config, sizeof(config), "%" PRIu64 "K", node0 / 2);
	assert_takes(w, "machine/workload/w1/size", config);
	assert_int_equal(world_number(w, SYS_NODE "node0/meminfo", "MemFree:"),
			 node0 - node0 / 8 * 4);
	assert_int_equal(world_number(w, SYS_NODE "node1/meminfo", "MemFree:"), node1 - 1024);
	assert_int_equal(world_hold(w, "w2", "node=7 size=4K"), -ENOMEM);
}

static void not_there(void **state)
{
	struct world *w = *state;
	uint64_t free = free_kb(w);

	assert_int_equal(world_hold(w, "w0", "block=9 size=129M"), -ENOMEM);
	assert_reads(w, W0 "size", "0\n");
	assert_int_equal(free_kb(w), free);
	assert_takes(w, W0 "size", "128M");
	/* Nothing changes on failure. */
	assert_writes(w, W0 "size", "128M1", -EINVAL);
	assert_writes(w, W0 "size", "134217729", -ENOMEM);
	assert_writes(w, W0 "size", "18446744073709551615", -ENOMEM);
	assert_reads(w, W0 "size", "134217728\n");
	assert_int_equal(free_kb(w), free - 131072);
	assert_writes(w, STATE(9), "offline", -EBUSY);
	/* a block on another node, an offline one, an absent one */
	assert_int_equal(world_hold(w, "w1", "block=9 node=0 size=4K"), -ENOMEM);
	assert_takes(w, STATE(10), "offline");
	assert_int_equal(world_hold(w, "w2", "block=10 size=4K"), -ENOMEM);
	assert_int_equal(world_hold(w, "w3", "block=99 size=4K"), -ENODEV);
}

/* The kernel places no unmovable pages in Movable; a workload with an explicit block may. */
static void never_in_movable(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;
	char path[64];

	for (int id = 8; id < 15; id++) {
		snprintf(path, sizeof(path), SYS_MEMORY "memory%d/state", id);
		assert_takes(w, path, "offline");
		assert_takes(w, path, "online_movable");
	}
	/* Only the block with the node data is available to it. */
	assert_int_equal(world_hold(w, "w0", "node=1 size=512M"), -ENOMEM);
	assert_takes(w, W0 "block", "9");
	assert_takes(w, W0 "size", "4K");
	assert_reads(w, W0 "resident", "node1 Movable 4096\n");
	/* There it is found only when it fails to migrate: the writer waits until it is killed. */
	file = world_open_good(w, STATE(9), O_WRONLY);
	world_req_write(&r, file, "offline", 7);
	assert_false(r.done);
	assert_reads(w, STATE(9), "going-offline\n");
	tree_interrupt(&r.req, false);
	assert_true(r.done);
	assert_int_equal(r.result, -EINTR);
	world_req_fini(&r);
	tree_release(file);
	assert_reads(w, STATE(9), "online\n");
}

/* It grows and shrinks within its own and free memory, even when that is nearly everything. */
static void grows_and_shrinks(void **state)
{
	struct world *w = *state;
	uint64_t free = free_kb(w);

	assert_int_equal(world_hold(w, "w0", "block=9 size=100M"), 4);
	assert_takes(w, W0 "size", "90M");
	assert_int_equal(free_kb(w), free - 90 * 1024);
	assert_takes(w, W0 "size", "120M");
	assert_int_equal(free_kb(w), free - 120 * 1024);
	assert_int_equal(world_hold(w, "w1", "block=9 size=8M"), 2);
	assert_writes(w, W0 "size", "121M", -ENOMEM);
	assert_reads(w, W0 "size", "125829120\n");
	assert_takes(w, W0 "size", "119M");
	assert_takes(w, "machine/workload/w1/size", "9M");
	assert_int_equal(free_kb(w), free - 128 * 1024);
}

/* Pinned pages first migrate out of Movable, and stay in place in a kernel zone. */
static void pinned(void **state)
{
	struct world *w = *state;
	char path[64];

	for (int id = 8; id < 15; id++) {
		snprintf(path, sizeof(path), SYS_MEMORY "memory%d/state", id);
		assert_takes(w, path, "offline");
		assert_takes(w, path, "online_movable");
	}
	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	assert_takes(w, W0 "kind", "anon");
	assert_takes(w, W0 "node", "1");
	assert_takes(w, W0 "size", "16M");
	assert_reads(w, W0 "resident", "node1 Movable 16777216\n");
	assert_writes(w, W0 "kind", "shmem", -EBUSY);
	assert_takes(w, W0 "kind", "pinned");
	assert_reads(w, W0 "kind", "pinned\n");
	assert_null(strstr(world_read(w, W0 "resident"), "Movable"));
	assert_reads(w, W0 "size", "16777216\n");
	/* More of it is allocated and pinned at once; the node's kernel zones are nearly full. */
	assert_writes(w, W0 "size", "512M", -ENOMEM);
	assert_reads(w, W0 "size", "16777216\n");
	assert_takes(w, W0 "size", "32M");
	assert_null(strstr(world_read(w, W0 "resident"), "Movable"));
	/* Unpinned, they are anonymous pages in a kernel zone. */
	assert_takes(w, W0 "kind", "anon");
	assert_null(strstr(world_read(w, W0 "resident"), "Movable"));
	assert_takes(w, W0 "size", "512M");
	assert_writes(w, W0 "kind", "pinned", strlen("pinned"));
	assert_takes(w, W0 "size", "0");
}

static void many(void **state)
{
	struct world *w = *state;
	uint64_t free = free_kb(w);
	char path[64], name[16];

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "w%d", i);
		assert_int_equal(world_hold(w, name, "node=1 size=16K"), 3);
	}
	assert_int_equal(free_kb(w), free - 200 * 16);
	/* Every second one is removed; later allocations fill the gaps. */
	for (int i = 0; i < 200; i += 2) {
		snprintf(path, sizeof(path), "machine/workload/w%d", i);
		assert_int_equal(world_rmdir(w, path), 0);
	}
	assert_int_equal(world_hold(w, "large", "node=1 size=1600K"), 5);
	assert_int_equal(free_kb(w), free - 200 * 16);
	assert_takes(w, STATE(9), "offline");
	assert_writes(w, STATE(8), "offline", -EBUSY);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(inert),
		WORLD_TEST(settings),
		WORLD_TEST(holds),
		WORLD_TEST(in_a_block),
		WORLD_TEST(on_a_node),
		WORLD_TEST(not_there),
		WORLD_TEST(never_in_movable),
		WORLD_TEST(grows_and_shrinks),
		WORLD_TEST(pinned),
		WORLD_TEST(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
