/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine/clock, machine/map and machine/state: time that passes on request, how much of a block
 * has been migrated by then, the use of memory meanwhile, and what a state is. Also debugfs's
 * hwpoison.
 */
#include "world.h"

#define CLOCK "machine/clock/"
#define HWPOISON "sys/kernel/debug/hwpoison/"
#define STATE9 SYS_MEMORY "memory9/state"
#define PFN9 (9 * 32768) /* first page of block 9 */
#define MS 1000000

static void hold(struct world *w, const char *name, const char *kind, const char *size)
{
	char path[80];

	snprintf(path, sizeof(path), "machine/workload/%s", name);
	assert_int_equal(world_mkdir(w, path), 0);
	snprintf(path, sizeof(path), "machine/workload/%s/kind", name);
	assert_takes(w, path, kind);
	snprintf(path, sizeof(path), "machine/workload/%s/block", name);
	assert_takes(w, path, "9");
	snprintf(path, sizeof(path), "machine/workload/%s/size", name);
	assert_takes(w, path, size);
}

static void advance(struct world *w, uint64_t ns)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, ns);
	assert_takes(w, CLOCK "advance_ns", text);
}

/* The line of block 9. */
static const char *map_line(struct world *w)
{
	static char line[128];
	const char *at = strstr(world_read(w, "machine/map"), "\n     9 ");

	assert_non_null(at);
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
	return line;
}

static void time_passes(void **state)
{
	struct world *w = *state;

	assert_reads(w, CLOCK "mode", "virtual\n");
	assert_reads(w, CLOCK "now_ns", "0\n");
	assert_takes(w, CLOCK "advance_ns", "1500\n");
	assert_reads(w, CLOCK "now_ns", "1500\n");
	assert_takes(w, CLOCK "advance_ns", "0x10");
	assert_reads(w, CLOCK "now_ns", "1516\n");
	assert_takes(w, CLOCK "advance_ns", "0");
	assert_writes(w, CLOCK "advance_ns", "1 ms", -EINVAL);
	assert_writes(w, CLOCK "advance_ns", "-1", -EINVAL);
	assert_writes(w, CLOCK "advance_ns", "18446744073709551616", -ERANGE);
	assert_reads(w, CLOCK "now_ns", "1516\n");
	assert_writes(w, CLOCK "now_ns", "1", -EACCES);
	assert_writes(w, CLOCK "mode", "real", -EACCES);
	assert_int_equal(world_open(w, CLOCK "advance_ns", O_RDONLY, NULL), -EACCES);
}

static void rate_of_time(void **state)
{
	struct world *w = *state;

	assert_reads(w, CLOCK "rate", "1\n");
	assert_takes(w, CLOCK "rate", "0.25\n");
	assert_reads(w, CLOCK "rate", "0.25\n");
	assert_takes(w, CLOCK "rate", "0.000001");
	assert_reads(w, CLOCK "rate", "0.000001\n");
	assert_takes(w, CLOCK "rate", "1000.000000");
	assert_reads(w, CLOCK "rate", "1000\n");
	assert_takes(w, CLOCK "rate", "0");
	assert_reads(w, CLOCK "rate", "0\n");
	for (const char *const *text =
		     (const char *const[]){ "fast", "-1", "1.", ".5", "1.5x", "0.0000001", "1\n\n",
					    "1e3", "0x1", NULL };
	     *text; text++)
		assert_writes(w, CLOCK "rate", *text, -EINVAL);
	assert_writes(w, CLOCK "rate", "1000.000001", -ERANGE);
	assert_writes(w, CLOCK "rate", "99999999999999999999999", -ERANGE);
	assert_reads(w, CLOCK "rate", "0\n");
}

/* From event to event: a plan delays a step for 30 ms, and nothing else is going to happen. */
static void skips_to_the_next_event(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, STATE9, O_WRONLY);
	struct world_req r;

	assert_writes(w, CLOCK "rate", "skip", -ENOENT);
	assert_true(world_logged(w, "machine: clock/rate: nothing is going to happen by itself"));
	assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
	assert_takes(w, "machine/fault/f/phase", "going_offline");
	assert_takes(w, "machine/fault/f/errno", "none");
	assert_takes(w, "machine/fault/f/delay_ms", "30");
	assert_takes(w, "machine/fault/f/enabled", "1");
	world_req_write(&r, file, "offline", 7);
	assert_false(r.done);
	assert_takes(w, CLOCK "rate", "skip\n");
	assert_true(r.done);
	assert_int_equal(r.result, 7);
	assert_reads(w, CLOCK "now_ns", "30000000\n");
	assert_reads(w, CLOCK "rate", "1\n");
	world_req_fini(&r);
	tree_release(file);
}

static void rate(void **state)
{
	struct world *w = *state;

	assert_reads(w, CLOCK "migrate_pages_per_ms", "0\n");
	assert_takes(w, CLOCK "migrate_pages_per_ms", "0x10\n");
	assert_reads(w, CLOCK "migrate_pages_per_ms", "16\n");
	assert_writes(w, CLOCK "migrate_pages_per_ms", "fast", -EINVAL);
	assert_writes(w, CLOCK "migrate_pages_per_ms", "4294967296", -ERANGE);
	assert_takes(w, CLOCK "migrate_pages_per_ms", "4294967295");
	assert_reads(w, CLOCK "migrate_pages_per_ms", "4294967295\n");
}

/* 1000 pages at 10 a millisecond: 100 ms. */
static void limited_rate(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, STATE9, O_WRONLY);
	struct world_req r;

	hold(w, "db", "anon", "4000K");
	assert_takes(w, CLOCK "migrate_pages_per_ms", "10");
	world_req_write(&r, file, "offline", 7);
	assert_false(r.done);
	assert_reads(w, STATE9, "going-offline\n");
	advance(w, 49 * MS);
	assert_reads(w, STATE9, "going-offline\n");
	assert_string_equal(map_line(w), "     9    1 DMA32   going-offline     32268       500"
					 "         0         0         0");
	advance(w, 50 * MS);
	assert_false(r.done);
	advance(w, 1 * MS);
	assert_true(r.done);
	assert_int_equal(r.result, 7);
	assert_reads(w, STATE9, "offline\n");
	assert_reads(w, "machine/workload/db/resident", "node0 DMA32 4096000\n");
	world_req_fini(&r);
	tree_release(file);
}

/* A started millisecond counts as a whole one. */
static void whole_milliseconds(void **state)
{
	static const struct {
		const char *size, *pages_per_ms;
		unsigned int ms;
	} cases[] = {
		{ "4K", "1000", 1 },
		{ "80K", "3", 7 },
		{ "4004K", "10", 101 },
		{ "4000K", "10", 100 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct tree_file *file = world_open_good(w, STATE9, O_WRONLY);
		struct world_req r;

		hold(w, "db", "anon", cases[i].size);
		assert_takes(w, CLOCK "migrate_pages_per_ms", cases[i].pages_per_ms);
		world_req_write(&r, file, "offline", 7);
		advance(w, (uint64_t)cases[i].ms * MS - 1);
		assert_false(r.done);
		advance(w, 1);
		assert_int_equal(r.result, 7);
		assert_int_equal(world_rmdir(w, "machine/workload/db"), 0);
		assert_takes(w, STATE9, "online");
		tree_release(file);
	}
}

/* Retried indefinitely, and logged now and then; a signal ends it. */
static void stuck(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, STATE9, O_WRONLY);
	const char *log;
	struct world_req r;

	hold(w, "rdma", "pinned", "12K");
	world_req_write(&r, file, "offline", 7);
	advance(w, 3600ULL * 1000 * MS);
	assert_false(r.done);
	log = base_buf_text(machine_log_text(w->machine));
	assert_non_null(strstr(log, "migrating pfn 48000 failed ret:3, 3 pages left, round 1\n"
				    "page: pfn:0x48000 held by rdma (pinned), 3 pages\n"
				    "page dumped because: migration failure\n"));
	assert_non_null(strstr(log, "3 pages left, round 64\n"));
	assert_null(strstr(log, "round 65\n"));
	tree_interrupt(&r.req, false);
	assert_true(r.done);
	assert_int_equal(r.result, -EINTR);
	assert_reads(w, STATE9, "online\n");
	assert_non_null(strstr(base_buf_text(machine_log_text(w->machine)),
			       "memory offlining [mem 0x48000000-0x4fffffff] failed due to "
			       "signal backoff\n"));
	assert_string_equal(map_line(w), "     9    1 DMA32   online            32765         0"
					 "         0         3         0");
	world_req_fini(&r);
	/* It continues as soon as the page is unpinned. */
	world_req_write(&r, file, "offline", 7);
	advance(w, 1000ULL * MS);
	assert_false(r.done);
	assert_int_equal(world_rmdir(w, "machine/workload/rdma"), 0);
	advance(w, 10 * MS);
	assert_true(r.done);
	assert_int_equal(r.result, 7);
	world_req_fini(&r);
	tree_release(file);
}

static void map(void **state)
{
	struct world *w = *state;

	assert_int_equal(strncmp(world_read(w, "machine/map"),
				 " block node zone    state              free   movable unmovable"
				 "    pinned      huge\n",
				 83),
			 0);
	assert_string_equal(map_line(w), "     9    1 DMA32   online            32768         0"
					 "         0         0         0");
	hold(w, "a", "anon", "40K");
	hold(w, "b", "pagecache", "8K");
	hold(w, "c", "slab", "20K");
	hold(w, "d", "balloon", "4K");
	hold(w, "e", "pinned", "12K");
	assert_string_equal(map_line(w), "     9    1 DMA32   online            32747        12"
					 "         6         3         0");
	assert_takes(w, SYS_NODE "node1/hugepages/hugepages-2048kB/nr_hugepages", "10000");
	/* All except the pageblock in use: movable pages lie at its other end. */
	assert_non_null(strstr(map_line(w), "        12         6         3     3"));
	assert_takes(w, SYS_NODE "node1/hugepages/hugepages-2048kB/nr_hugepages", "0");
	for (const char *name = "abcde"; *name; name++) {
		char path[40];

		snprintf(path, sizeof(path), "machine/workload/%c", *name);
		assert_int_equal(world_rmdir(w, path), 0);
	}
	assert_takes(w, STATE9, "offline");
	assert_string_equal(map_line(w), "     9    1 offline offline               0         0"
					 "         0         0         0");
	assert_takes(w, STATE9, "online_movable");
	assert_string_equal(map_line(w), "     9    1 Movable online            32768         0"
					 "         0         0         0");
	assert_writes(w, "machine/map", "x", -EACCES);
}

static size_t assert_size(struct world *w, const char *path)
{
	size_t len = strlen(world_read(w, path));
	struct tree_attr attr;

	assert_int_equal(tree_getattr(w->tree, world_ino(w, path), &attr), 0);
	assert_int_equal(attr.size, len);
	assert_false(attr.attr_fixed);
	return len;
}

/* The sizes are computed; numbers of blocks may be wider than their column. */
static void sizes(void **state)
{
	static const char *const states[] = { "offline", "online_movable", "offline", "online" };
	struct world *w = *state;
	size_t len;

	hold(w, "a", "anon", "40K");
	assert_size(w, "machine/workload/a/resident");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(states); i++) {
		assert_size(w, "machine/map");
		assert_takes(w, STATE9, states[i]);
	}
	len = assert_size(w, "machine/log");
	hp_log(w->hp, "a line");
	assert_int_equal(assert_size(w, "machine/log"), len + 7);
	assert_int_equal(world_rmdir(w, "machine/workload/a"), 0);
	w = world_new("arch: aarch64\nphys_bits: 52\ncpus: [{list: 0, node: 0}]\nmemory:\n"
		      "  - {start: 1G, end: 0x47ffffff, node: 0}\n"
		      "  - {start: 0x7a11f8000000, end: 0x7a1217ffffff, node: 0}\n"
		      "  - {start: 0x4c4b3f8000000, end: 0x4c4b407ffffff, node: 0}\n");
	/* of seven digits four, of eight one */
	assert_int_equal(assert_size(w, "machine/map") % 84, 4 + 2);
	world_free(w);
}

/* What belongs to the state, and what does not. */
static void state_of_all(void **state)
{
	struct world *w = world_new("cpus: [{list: 0, node: 0}]\nmemory:\n"
				    "  - {start: 0, end: 0xfffffff, node: 0}\n");
	char *before;

	assert_int_equal(world_mkdir(w, "machine/virtio-mem/v"), 0);
	assert_int_equal(world_mkdir(w, "machine/dimm/d"), 0);
	assert_takes(w, "machine/dimm/d/size", "128M");
	assert_takes(w, "machine/dimm/d/addr", "4G");
	assert_int_equal(world_mkdir(w, "machine/workload/a"), 0);
	assert_takes(w, "machine/workload/a/kind", "slab");
	assert_takes(w, "machine/workload/a/size", "40K");
	before = strdup(world_read(w, "machine/state"));
	assert_string_equal(before, "memory0 online node0\n"
				    "memory1 online DMA32 node0\n"
				    "machine/dimm/d/plugged 0\n"
				    "machine/virtio-mem/v/requested_size 0\n"
				    "machine/virtio-mem/v/plugged_size 0\n"
				    "machine/virtio-mem/v/plugged 0\n" SYS_MEMORY
				    "auto_online_blocks offline\n" SYS_PARAM
				    "online_policy contig-zones\n" SYS_PARAM
				    "auto_movable_ratio 301\n" SYS_PARAM
				    "auto_movable_numa_aware Y\n" SYS_PARAM "memmap_on_memory N\n");
	assert_int_equal(world_rmdir(w, "machine/workload/a"), 0);
	assert_string_equal(world_read(w, "machine/state"), before);
	assert_takes(w, "machine/dimm/d/plugged", "1");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_movable");
	assert_takes(w, SYS_PARAM "auto_movable_ratio", "150");
	assert_non_null(strstr(world_read(w, "machine/state"), "\nmemory1 online DMA32 node0\n"
							       "memory32 online Movable node0\n"
							       "machine/dimm/d/plugged 1\n"));
	assert_non_null(strstr(world_read(w, "machine/state"), "/auto_movable_ratio 150\n"));
	assert_size(w, "machine/state");
	assert_writes(w, "machine/state", "x", -EACCES);
	free(before);
	world_free(w);
}

static ssize_t write_pfn(struct world *w, const char *file, uint64_t pfn)
{
	char path[64], text[24];
	ssize_t n;

	snprintf(path, sizeof(path), HWPOISON "%s", file);
	snprintf(text, sizeof(text), "%" PRIu64, pfn);
	n = world_write(w, path, text);
	return n == (ssize_t)strlen(text) ? 0 : n;
}

static uint64_t corrupted_kb(struct world *w)
{
	return world_number(w, "proc/meminfo", "HardwareCorrupted:");
}

static void hwpoison(void **state)
{
	struct world *w = *state;
	uint64_t free = world_number(w, "proc/meminfo", "MemFree:");
	uint64_t total = world_number(w, "proc/meminfo", "MemTotal:");

	hold(w, "c", "slab", "4K");
	assert_int_equal(write_pfn(w, "corrupt-pfn", PFN9 + 10), 0);
	assert_int_equal(write_pfn(w, "corrupt-pfn", PFN9 + 10), -EHWPOISON);
	assert_int_equal(write_pfn(w, "corrupt-pfn", PFN9), -EBUSY);
	assert_int_equal(corrupted_kb(w), 8);
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free - 8);
	assert_int_equal(world_number(w, "proc/meminfo", "MemTotal:"), total);
	assert_reads(w, SYS_NODE "node1/memory_failure/total", "2\n");
	assert_reads(w, SYS_NODE "node1/memory_failure/recovered", "1\n");
	assert_reads(w, SYS_NODE "node1/memory_failure/ignored", "1\n");
	assert_int_equal(write_pfn(w, "unpoison-pfn", PFN9), -EBUSY);
	assert_int_equal(write_pfn(w, "unpoison-pfn", PFN9 + 9), -EBUSY);
	assert_int_equal(write_pfn(w, "unpoison-pfn", PFN9 + 10), 0);
	assert_int_equal(write_pfn(w, "unpoison-pfn", PFN9 + 10), -EBUSY);
	assert_int_equal(corrupted_kb(w), 4);
	assert_int_equal(world_number(w, "proc/meminfo", "MemFree:"), free - 4);
	/* Counters stay. */
	assert_reads(w, SYS_NODE "node1/memory_failure/total", "2\n");
	assert_writes(w, HWPOISON "corrupt-pfn", "x", -EINVAL);
	assert_writes(w, HWPOISON "unpoison-pfn", "", -EINVAL);
}

/* Offline memory, and addresses without memory. */
static void hwpoison_elsewhere(void **state)
{
	struct world *w = *state;

	assert_int_equal(write_pfn(w, "corrupt-pfn", PFN9 + 10), 0);
	assert_takes(w, STATE9, "offline");
	assert_int_equal(corrupted_kb(w), 4);
	assert_int_equal(write_pfn(w, "corrupt-pfn", PFN9 + 11), -ENXIO);
	assert_int_equal(write_pfn(w, "corrupt-pfn", PFN9 + 10), -ENXIO);
	assert_int_equal(write_pfn(w, "unpoison-pfn", PFN9 + 10), -EIO);
	assert_writes(w, STATE9, "online", -EHWPOISON);
	assert_int_equal(write_pfn(w, "corrupt-pfn", GIB(4) >> 12), -ENXIO);
	assert_int_equal(write_pfn(w, "corrupt-pfn", UINT64_MAX), -ENXIO);
	assert_int_equal(write_pfn(w, "unpoison-pfn", UINT64_MAX), -EIO);
	/* these take addresses; only one of them can distinguish offline memory from none */
	assert_writes(w, SYS_MEMORY "soft_offline_page", "0x48000000", -EIO);
	assert_writes(w, SYS_MEMORY "hard_offline_page", "0x48000000", -ENXIO);
	assert_writes(w, SYS_MEMORY "soft_offline_page", "0x100000000", -ENXIO);
	assert_writes(w, SYS_MEMORY "hard_offline_page", "0x100000000", -ENXIO);
	assert_int_equal(corrupted_kb(w), 4);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(time_passes),
		WORLD_TEST(rate_of_time),
		WORLD_TEST(skips_to_the_next_event),
		WORLD_TEST(rate),
		WORLD_TEST(limited_rate),
		WORLD_TEST(stuck),
		WORLD_TEST(map),
		WORLD_TEST(sizes),
		cmocka_unit_test(state_of_all),
		WORLD_TEST(hwpoison),
		WORLD_TEST(hwpoison_elsewhere),
		WORLD_TEST(whole_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
