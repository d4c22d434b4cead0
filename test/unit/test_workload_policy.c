/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a workload's memory comes from, and what happens when none is left: an error, or the
 * largest workload is killed.
 */
#include "world.h"

#define W(name, attr) "machine/workload/" name "/" attr
#define GROUP "machine/workload/"

/* The kernel's log, without refusals. */
static const char *kernel_log(struct world *w)
{
	static const char refused[] = "machine: ";
	const char *line = base_buf_text(machine_log_text(w->machine)), *end;
	struct base_buf *buf = &w->text[w->next_text++ % BASE_ARRAY_SIZE(w->text)];

	base_buf_reset(buf);
	for (; (end = strchr(line, '\n')); line = end + 1) {
		if (strncmp(line, refused, strlen(refused)))
			base_buf_add(buf, line, (size_t)(end + 1 - line));
	}
	return base_buf_text(buf);
}

static uint64_t free_kb(struct world *w)
{
	return world_number(w, "proc/meminfo", "MemFree:");
}

/* A workload without any memory. */
static void make(struct world *w, const char *name, const char *kind)
{
	char path[80];

	snprintf(path, sizeof(path), GROUP "%s", name);
	assert_int_equal(world_mkdir(w, path), 0);
	snprintf(path, sizeof(path), GROUP "%s/kind", name);
	assert_takes(w, path, kind);
}

static ssize_t resize(struct world *w, const char *name, uint64_t kb)
{
	char path[80], text[32];

	snprintf(path, sizeof(path), GROUP "%s/size", name);
	snprintf(text, sizeof(text), "%" PRIu64 "K", kb);
	return world_write(w, path, text);
}

static uint64_t size_kb(struct world *w, const char *name)
{
	char path[80];

	snprintf(path, sizeof(path), GROUP "%s/size", name);
	return world_number(w, path, "") / 1024;
}

/* kB available from a node's zone: free memory above its min watermark. */
static uint64_t room_kb(struct world *w, int nid, enum mm_zone_type type)
{
	struct mm_zone_info zone;

	mm_zone_info(w->mm, nid, type, &zone);
	return (zone.free - zone.min) * 4;
}

/* Blocks 8 to 14 of node 1 in Movable. */
static void make_movable(struct world *w)
{
	char path[64];

	for (int id = 8; id < 15; id++) {
		snprintf(path, sizeof(path), SYS_MEMORY "memory%d/state", id);
		assert_takes(w, path, "offline");
		assert_takes(w, path, "online_movable");
	}
}

static void attributes(void **state)
{
	struct world *w = *state;

	make(w, "a", "anon");
	assert_reads(w, W("a", "policy"), "bind\n");
	assert_reads(w, W("a", "oom"), "fail\n");
	assert_reads(w, W("a", "resident"), "");
	assert_takes(w, W("a", "policy"), "prefer\n");
	assert_reads(w, W("a", "policy"), "prefer\n");
	assert_takes(w, W("a", "oom"), "kill");
	assert_reads(w, W("a", "oom"), "kill\n");
	assert_writes(w, W("a", "policy"), "interleave", -EINVAL);
	assert_writes(w, W("a", "policy"), "", 0);
	assert_writes(w, W("a", "oom"), "Kill", -EINVAL);
	assert_writes(w, W("a", "resident"), "x", -EACCES);
	assert_reads(w, W("a", "policy"), "prefer\n");
	assert_reads(w, W("a", "oom"), "kill\n");
	/* They may be changed while it holds memory. */
	assert_takes(w, W("a", "size"), "4K");
	assert_takes(w, W("a", "policy"), "bind");
	assert_takes(w, W("a", "oom"), "fail");
}

static void bind_or_prefer(void **state)
{
	struct world *w = *state;
	uint64_t room, free = free_kb(w);

	make_movable(w);
	room = room_kb(w, 1, MM_ZONE_MOVABLE);
	make(w, "a", "anon");
	assert_takes(w, W("a", "node"), "1");
	/* Movable, then the kernel zone; then the node has no more. */
	assert_int_equal(resize(w, "a", 1024 * 1024), -ENOMEM);
	assert_reads(w, W("a", "resident"), "");
	assert_int_equal(free_kb(w), free);
	assert_takes(w, W("a", "size"), "64M");
	assert_reads(w, W("a", "resident"), "node1 Movable 67108864\n");
	assert_takes(w, W("a", "policy"), "prefer");
	assert_true(resize(w, "a", room + 200 * 1024) > 0);
	/* with a page table for each 2 MiB */
	assert_int_equal(free_kb(w), free - room - 200 * 1024 - ((room + 2047) / 2048 + 100) * 4);
	assert_int_equal(size_kb(w, "a"), room + 200 * 1024);
	assert_non_null(strstr(world_read(w, W("a", "resident")), "node0 DMA32 "));
	assert_non_null(strstr(world_read(w, W("a", "resident")), "node1 Movable "));
	/* Bound again, it can shrink but not grow. */
	assert_takes(w, W("a", "policy"), "bind");
	assert_int_equal(resize(w, "a", room + 300 * 1024), -ENOMEM);
	assert_int_equal(size_kb(w, "a"), room + 200 * 1024);
	assert_takes(w, W("a", "size"), "4K");
	assert_int_equal(free_kb(w), free - 4 - 4);
}

/* A node that is not there is no memory policy (mpol_set_nodemask()). */
static void absent_node(void **state)
{
	struct world *w = *state;

	make(w, "a", "anon");
	assert_takes(w, W("a", "node"), "5");
	assert_writes(w, W("a", "size"), "4K", -EINVAL);
	assert_takes(w, W("a", "policy"), "prefer");
	assert_writes(w, W("a", "size"), "4K", -EINVAL);
	make(w, "k", "kernel");
	assert_takes(w, W("k", "node"), "5");
	assert_writes(w, W("k", "size"), "4K", -ENOMEM);
}

/* Nothing changes, whatever the error. */
static void errors_change_nothing(void **state)
{
	static const struct {
		const char *size;
		int ret;
	} cases[] = {
		{ "3T", -ENOMEM },
		{ "18446744073709551615", -ENOMEM },
		{ "18446744073709551616", -ERANGE },
		{ "16777216T", -ERANGE },
		{ "-1", -EINVAL },
		{ "1.5G", -EINVAL },
		{ "M", -EINVAL },
	};
	struct world *w = *state;
	char meminfo[8192], resident[256];

	make(w, "cache", "pagecache");
	make(w, "a", "anon");
	make(w, "none", "shmem");
	assert_takes(w, W("cache", "size"), "100M");
	assert_takes(w, W("a", "size"), "10M");
	snprintf(meminfo, sizeof(meminfo), "%s", world_read(w, "proc/meminfo"));
	snprintf(resident, sizeof(resident), "%s", world_read(w, W("cache", "resident")));
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		assert_writes(w, W("a", "size"), cases[i].size, cases[i].ret);
		assert_writes(w, W("none", "size"), cases[i].size, cases[i].ret);
		assert_reads(w, W("a", "size"), "10485760\n");
		assert_reads(w, W("none", "size"), "0\n");
		assert_reads(w, "proc/meminfo", meminfo);
		assert_reads(w, W("cache", "resident"), resident);
	}
	assert_null(strstr(kernel_log(w), "Killed"));
}

/* Page cache is reclaimed before any workload is killed. */
static void cache_goes_first(void **state)
{
	struct world *w = *state;
	uint64_t free = free_kb(w);

	make(w, "cache", "pagecache");
	make(w, "a", "anon");
	assert_takes(w, W("a", "oom"), "kill");
	assert_takes(w, W("cache", "size"), "1G");
	assert_true(resize(w, "a", free - 512 * 1024) > 0);
	assert_true(size_kb(w, "cache") < 512 * 1024);
	assert_true(size_kb(w, "cache") > 400 * 1024);
	assert_string_equal(kernel_log(w), "");
}

static void kills_the_largest(void **state)
{
	struct world *w = *state;

	make(w, "small", "anon");
	make(w, "large", "shmem");
	make(w, "new", "anon");
	assert_takes(w, W("small", "size"), "300M");
	assert_takes(w, W("large", "size"), "700M");
	assert_writes(w, W("new", "size"), "1G", -ENOMEM);
	assert_int_equal(size_kb(w, "large"), 700 * 1024);
	assert_takes(w, W("new", "oom"), "kill");
	assert_takes(w, W("new", "size"), "1G");
	assert_int_equal(size_kb(w, "large"), 0);
	assert_int_equal(size_kb(w, "small"), 300 * 1024);
	assert_int_equal(size_kb(w, "new"), 1024 * 1024);
	assert_string_equal(kernel_log(w),
			    "new: page allocation failure: order:0, "
			    "mode:0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), "
			    "nodemask=(null),cpuset=/,mems_allowed=0-1\n"
			    "new invoked oom-killer: "
			    "gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), "
			    "order=0, oom_score_adj=0\n"
			    "Out of memory: Killed process (large) total-vm:716800kB\n");
	/* A killed workload can be used again. */
	assert_takes(w, W("large", "size"), "4K");
	/* Now it is the largest itself. */
	assert_writes(w, W("new", "size"), "1800M", -ENOMEM);
	assert_int_equal(size_kb(w, "new"), 0);
	assert_int_equal(size_kb(w, "small"), 300 * 1024);
	assert_int_equal(size_kb(w, "large"), 4);
	assert_non_null(
		strstr(kernel_log(w), "Out of memory: Killed process (new) total-vm:1048576kB\n"));
}

/* The kernel is short of memory although Movable is nearly empty, and killing does not help. */
static void zone_imbalance(void **state)
{
	struct world *w = *state;
	uint64_t movable;

	make_movable(w);
	movable = room_kb(w, 1, MM_ZONE_MOVABLE);
	assert_true(movable > 800 * 1024);
	make(w, "db", "anon");
	make(w, "small", "anon");
	make(w, "drv", "kernel");
	assert_takes(w, W("db", "size"), "100M");
	assert_takes(w, W("small", "size"), "10M");
	assert_takes(w, W("drv", "oom"), "kill");
	assert_writes(w, W("drv", "size"), "1400M", -ENOMEM);
	assert_int_equal(size_kb(w, "drv"), 0);
	assert_int_equal(size_kb(w, "db"), 0);
	assert_int_equal(size_kb(w, "small"), 0);
	assert_non_null(strstr(kernel_log(w),
			       "drv invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
			       "oom_score_adj=0\n"
			       "Out of memory: Killed process (db) total-vm:102400kB\n"
			       "drv invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
			       "oom_score_adj=0\n"
			       "Out of memory: Killed process (small) total-vm:10240kB\n"));
	assert_true(room_kb(w, 1, MM_ZONE_MOVABLE) > 800 * 1024);
}

/* Pools of huge pages never cause a kill. */
static void pools_kill_nobody(void **state)
{
	struct world *w = *state;

	make(w, "a", "anon");
	make(w, "vm", "hugetlb");
	assert_takes(w, W("a", "size"), "100M");
	assert_takes(w, W("vm", "oom"), "kill");
	assert_writes(w, W("vm", "size"), "2M", -ENOMEM);
	assert_int_equal(size_kb(w, "a"), 100 * 1024);
	assert_string_equal(kernel_log(w), "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(attributes),	      WORLD_TEST(bind_or_prefer),
		WORLD_TEST(absent_node),      WORLD_TEST(errors_change_nothing),
		WORLD_TEST(cache_goes_first), WORLD_TEST(kills_the_largest),
		WORLD_TEST(zone_imbalance),   WORLD_TEST(pools_kill_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
