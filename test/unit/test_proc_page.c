// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/kpageflags and the like: what each page is. */
#include "world.h"

/* Reads, also if @r, which was set to zero at first, has the data of an earlier read. */
static ssize_t read_again(struct world_req *r, struct tree_file *file, size_t size, off_t off)
{
	world_req_fini(r);
	return world_file_read(r, file, size, off);
}

#define FLAG(bit) (1ULL << (bit))
#define ANON_PAGE (FLAG(3) | FLAG(5) | FLAG(11) | FLAG(12) | FLAG(14))
#define HEAD FLAG(15)
#define TAIL FLAG(16)
#define HUGE FLAG(17)
#define NOPAGE FLAG(20)
#define BUDDY FLAG(10)
#define RESERVED FLAG(32)
#define BLOCK 32768

static uint64_t value_of(struct world *w, const char *file, uint64_t pfn)
{
	struct tree_file *f = world_open_good(w, file, O_RDONLY);
	struct world_req r = { .done = false };
	uint64_t value;

	assert_int_equal(read_again(&r, f, 8, (off_t)(8 * pfn)), 8);
	memcpy(&value, r.text.data, sizeof(value));
	world_req_fini(&r);
	tree_release(f);
	return value;
}

#define assert_flags(w, pfn, flags) assert_int_equal(value_of(w, "proc/kpageflags", pfn), flags)

/* A workload of @kind at the start of block 9. */
static void hold(struct world *w, const char *kind, const char *size)
{
	assert_int_equal(world_mkdir(w, "machine/workload/w"), 0);
	assert_takes(w, "machine/workload/w/kind", kind);
	assert_takes(w, "machine/workload/w/block", "9");
	assert_takes(w, "machine/workload/w/size", size);
}

/* The first pfn of block 9 with @flags. */
static uint64_t find(struct world *w, uint64_t flags)
{
	uint64_t pfn = 9 * BLOCK;

	while (pfn < 10 * BLOCK && value_of(w, "proc/kpageflags", pfn) != flags)
		pfn++;
	assert_true(pfn < 10 * BLOCK);
	return pfn;
}

static void kinds(void **state)
{
	static const struct {
		const char *kind;
		uint64_t flags, count, cgroup;
	} cases[] = {
		{ "anon", ANON_PAGE, 1, 1 },
		{ "mlock", ANON_PAGE | FLAG(18) | FLAG(33), 1, 1 },
		{ "pagecache", FLAG(3) | FLAG(5), 0, 1 },
		{ "kernel", 0, 0, 0 },
		{ "slab", FLAG(7), 0, 0 },
		{ "pagetable", FLAG(26), 0, 0 },
		{ "balloon", FLAG(23), 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct world *w = world_new(NULL);
		uint64_t pfn;

		hold(w, cases[i].kind, "8K");
		pfn = find(w, cases[i].flags);
		assert_flags(w, pfn + 1, cases[i].flags);
		assert_int_equal(value_of(w, "proc/kpagecount", pfn), cases[i].count);
		assert_int_equal(value_of(w, "proc/kpagecgroup", pfn), cases[i].cgroup);
		world_free(w);
	}
}

static void compound(void **state)
{
	struct world *w = *state;
	uint64_t pfn;

	hold(w, "thp", "2M");
	pfn = find(w, ANON_PAGE | FLAG(22) | HEAD);
	assert_int_equal(pfn % 512, 0);
	assert_flags(w, pfn + 1, ANON_PAGE | FLAG(22) | TAIL);
	assert_flags(w, pfn + 511, ANON_PAGE | FLAG(22) | TAIL);
	assert_takes(w, "machine/workload/w/size", "0");
	assert_takes(w, SYS_NODE "node1/hugepages/hugepages-2048kB/nr_hugepages", "40");
	for (pfn = 8 * BLOCK; value_of(w, "proc/kpageflags", pfn) != (HUGE | HEAD);)
		pfn++;
	assert_flags(w, pfn + 1, HUGE | TAIL);
	assert_int_equal(value_of(w, "proc/kpagecount", pfn), 0);
}

static void states(void **state)
{
	struct world *w = *state;

	assert_flags(w, 0, RESERVED);
	assert_flags(w, 9 * BLOCK, BUDDY);
	assert_takes(w, SYS_MEMORY "hard_offline_page", "0x48001000");
	assert_flags(w, 9 * BLOCK + 1, FLAG(19));
	assert_flags(w, 9 * BLOCK + 2, BUDDY);
	assert_takes(w, SYS_MEMORY "memory10/state", "offline");
	assert_flags(w, 10 * BLOCK - 1, BUDDY);
	assert_flags(w, 10 * BLOCK, NOPAGE);
	assert_flags(w, 11 * BLOCK - 1, NOPAGE);
	assert_flags(w, 11 * BLOCK, BUDDY);
}

/* All sections of boot memory, and what is added; it does not become shorter. */
static void sizes(void **state)
{
	struct world *w = *state;
	struct tree_file *f = world_open_good(w, "proc/kpageflags", O_RDONLY);
	struct world_req r = { .done = false };

	assert_int_equal(world_stat(w, "proc/kpageflags").mode, S_IFREG | 0400);
	assert_int_equal(world_stat(w, "proc/kpageflags").size, 0);
	assert_int_equal(read_again(&r, f, 32, 16 * BLOCK * 8 - 16), 16);
	assert_int_equal(read_again(&r, f, 32, 16 * BLOCK * 8), 0);
	assert_int_equal(read_again(&r, f, 32, 4), -EINVAL);
	assert_int_equal(read_again(&r, f, 12, 0), -EINVAL);
	assert_plugs(w, "d0", "size=128M node=1 addr=4G");
	assert_int_equal(read_again(&r, f, 32, 33 * BLOCK * 8 - 8), 8);
	assert_flags(w, 20 * BLOCK, NOPAGE);
	assert_flags(w, 32 * BLOCK, NOPAGE);
	assert_unplugs(w, "d0");
	assert_int_equal(read_again(&r, f, 32, 33 * BLOCK * 8 - 8), 8);
	world_req_fini(&r);
	tree_release(f);
}

/* The memmap of a section with boot memory is complete; what has no memory is reserved. */
static void holes(void **state)
{
	struct world *w = world_new("memory:\n"
				    "  - {start: 0, end: 0x3fffffff, node: 0}\n"
				    "  - {start: 0x42000000, end: 0x43ffffff, node: 0}\n"
				    "  - {start: 0x50000000, end: 0x57ffffff, node: 0}\n");

	(void)state;
	assert_flags(w, 8 * BLOCK, RESERVED);
	assert_flags(w, 8 * BLOCK + 8191, RESERVED);
	assert_flags(w, 8 * BLOCK + 8192, BUDDY);
	assert_flags(w, 9 * BLOCK - 1, RESERVED);
	assert_flags(w, 9 * BLOCK, NOPAGE);
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds), WORLD_TEST(compound),	  WORLD_TEST(states),
		WORLD_TEST(sizes),	 cmocka_unit_test(holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
