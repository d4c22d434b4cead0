// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must hold of the zones of any machine: boot memory split by kernelcore=, movablecore=,
 * mirrored and hot-pluggable memory, then DIMMs that come online under any policy and go again.
 *
 *	test_zones [FIRST-SEED [COUNT]]
 */
#include "../unit/world.h"

#define SEEDS 1000
#define MAX_NODES 4
#define MAX_RANGES 10
#define MAX_DIMMS 6
#define BLOCK MIB(128)
#define BLOCK_PAGES (BLOCK >> 12)
#define FIRST_WINDOW GIB(64)

struct range {
	uint64_t start, end; /* bytes, @end exclusive */
	int nid;
	bool hotpluggable, mirrored;
};

/*
 * @mirror: Movable may lie within Normal
 * @online: online pages of DIMMs, by node
 */
struct trial {
	uint64_t seed, random;
	int nr_nodes;
	struct range range[MAX_RANGES];
	size_t nr_ranges;
	bool mirror;
	struct base_buf yaml, cmdline;
	struct world *w;
	struct mm_zone_info boot[MAX_NODES][MM_NR_ZONES];
	uint64_t online[MAX_NODES];
	unsigned int nr_dimms;
};

#define CHECK(t, ok)                                                                               \
	do {                                                                                       \
		if (!(ok))                                                                         \
			fail_msg("seed %" PRIu64 ": %s\n%s%s", (t)->seed, #ok,                     \
				 base_buf_text(&(t)->cmdline), base_buf_text(&(t)->yaml));         \
	} while (0)

static uint64_t below(struct trial *t, uint64_t n)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (t->random >> 11) % n;
}

/* ---- a machine ------------------------------------------------------------------------------- */

static void add_range(struct trial *t, uint64_t start, uint64_t end, int nid)
{
	struct range *r = &t->range[t->nr_ranges++];

	*r = (struct range){ start, end, nid, !below(t, 3), !below(t, 3) };
	base_buf_printf(&t->yaml, "  - {start: 0x%" PRIx64 ", end: 0x%" PRIx64 ", node: %d%s%s}\n",
			start, end - 1, nid, r->hotpluggable ? ", hotpluggable: true" : "",
			r->mirrored ? ", mirrored: true" : "");
}

/* Multiples of 2 MiB, so that zones return to their original spans. */
static void random_memory(struct trial *t)
{
	uint64_t at = MIB(2) * below(t, 8);

	t->nr_nodes = 1 + (int)below(t, MAX_NODES);
	base_buf_puts(&t->yaml, "memory:\n");
	for (int nid = 0; nid < t->nr_nodes; nid++) {
		for (uint64_t n = 1 + below(t, 2); n; n--) {
			uint64_t size = below(t, 2) ? MIB(2) * (128 + below(t, 600)) :
						      BLOCK * (2 + below(t, 20));

			if (!below(t, 3))
				at += MIB(2) * below(t, 200);
			uint64_t below_4g = GIB(4) - MIB(2) * below(t, 100);

			if (!below(t, 5))
				at = BASE_MAX(at, below_4g);
			add_range(t, at, at + size, nid);
			at += size;
		}
	}
	base_buf_puts(&t->yaml, "hotplug:\n");
	base_buf_printf(&t->yaml, "  - {start: 64G, end: 0x1fffffffff, node: 0}\n" ONE_CPU);
}

static void random_core(struct trial *t, const char *name)
{
	if (below(t, 2))
		base_buf_printf(&t->cmdline, "%s=%" PRIu64 "%% ", name, below(t, 101));
	else
		base_buf_printf(&t->cmdline, "%s=%" PRIu64 "M ", name, 1 + below(t, 9000));
}

static void random_cmdline(struct trial *t)
{
	t->mirror = !below(t, 5);
	if (t->mirror)
		base_buf_puts(&t->cmdline, "kernelcore=mirror ");
	if (!below(t, 5))
		base_buf_puts(&t->cmdline, "movable_node ");
	if (below(t, 2))
		random_core(t, "kernelcore");
	if (below(t, 2))
		random_core(t, "movablecore");
	if (!below(t, 3))
		base_buf_puts(&t->cmdline, "memory_hotplug.memmap_on_memory=Y ");
	if (below(t, 2))
		base_buf_printf(&t->cmdline,
				"memory_hotplug.online_policy=auto-movable "
				"memory_hotplug.auto_movable_ratio=%" PRIu64 " ",
				below(t, 900));
}

/* ---- invariants ------------------------------------------------------------------------------ */

static uint64_t boot_pages(const struct trial *t, int nid)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < t->nr_ranges; i++) {
		if (t->range[i].nid == nid)
			pages += (t->range[i].end - t->range[i].start) >> 12;
	}
	return pages;
}

static uint64_t node_end(const struct trial *t, int nid)
{
	uint64_t end = 0;

	for (size_t i = 0; i < t->nr_ranges; i++) {
		if (t->range[i].nid == nid)
			end = BASE_MAX(end, t->range[i].end >> 12);
	}
	return end;
}

static bool overlap(const struct mm_zone_info *a, const struct mm_zone_info *b)
{
	return a->spanned && b->spanned && a->start_pfn < b->start_pfn + b->spanned &&
	       b->start_pfn < a->start_pfn + a->spanned;
}

static void check_sums(struct trial *t)
{
	for (int nid = 0; nid < MAX_NODES; nid++) {
		uint64_t present = 0;

		for (int type = 0; type < MM_NR_ZONES; type++) {
			struct mm_zone_info zone;

			mm_zone_info(t->w->mm, nid, type, &zone);
			CHECK(t, zone.present <= zone.spanned);
			CHECK(t, zone.managed <= zone.present);
			CHECK(t, zone.free <= zone.managed);
			CHECK(t, zone.present_early <= zone.present);
			present += zone.present;
		}
		CHECK(t, present == boot_pages(t, nid) + t->online[nid]);
	}
}

/* At boot, zones do not overlap and ascend, Movable last. */
static void check_boot(struct trial *t)
{
	for (int nid = 0; nid < t->nr_nodes; nid++) {
		struct mm_zone_info zone[MM_NR_ZONES];

		for (int type = 0; type < MM_NR_ZONES; type++) {
			mm_zone_info(t->w->mm, nid, type, &zone[type]);
			t->boot[nid][type] = zone[type];
			CHECK(t, zone[type].present_early == zone[type].present);
			for (int lower = 0; !t->mirror && lower < type; lower++) {
				CHECK(t, !overlap(&zone[lower], &zone[type]));
				CHECK(t, !zone[type].spanned || !zone[lower].spanned ||
						 zone[lower].start_pfn < zone[type].start_pfn);
			}
		}
		CHECK(t, zone[MM_ZONE_MOVABLE].start_pfn % 1024 == 0);
		CHECK(t, !zone[MM_ZONE_MOVABLE].spanned ||
				 zone[MM_ZONE_MOVABLE].start_pfn + zone[MM_ZONE_MOVABLE].spanned ==
					 node_end(t, nid));
	}
}

/* Every online block lies in the span of its zone, and valid_zones shows that zone. */
static void check_blocks(struct trial *t)
{
	for (struct hp_block *b = hp_block_next(t->w->hp, 0); b;
	     b = hp_block_next(t->w->hp, hp_block_id(b) + 1)) {
		enum mm_zone_type zones[3];
		unsigned int n = hp_block_valid_zones(t->w->hp, b, zones);
		uint64_t pfn = hp_block_start_pfn(t->w->hp, b);
		struct mm_zone_info zone;

		if (hp_block_state(b) == HP_STATE_OFFLINE) {
			CHECK(t, n == 2 && zones[0] != zones[1]);
			continue;
		}
		if (pfn < FIRST_WINDOW >> 12)
			continue;
		CHECK(t, n == 1);
		mm_zone_info(t->w->mm, hp_block_nid(b), zones[0], &zone);
		CHECK(t, zone.start_pfn <= pfn);
		CHECK(t, pfn + BLOCK_PAGES <= zone.start_pfn + zone.spanned);
	}
}

/* ---- DIMMs ----------------------------------------------------------------------------------- */

static void dimm_comes(struct trial *t)
{
	static const char *const types[] = { "online", "online_kernel", "online_movable" };
	int nid = (int)below(t, t->nr_nodes);
	uint64_t blocks = 1 + below(t, 6), first;
	char name[16], config[64], path[64];

	snprintf(name, sizeof(name), "d%u", t->nr_dimms++);
	snprintf(config, sizeof(config), "size=%" PRIu64 "M node=%d", blocks * 128, nid);
	CHECK(t, world_plug(t->w, name, config) == 1);
	first = strtoull(world_dimm_read(t->w, name, "addr"), NULL, 0) / BLOCK;
	if (!world_exists(t->w, "sys/devices/system/memory/memory512"))
		return; /* No kernel memory for its memmap. */
	for (uint64_t id = first; id < first + blocks; id++) {
		const char *type = types[below(t, 3)];

		snprintf(path, sizeof(path), SYS_MEMORY "memory%" PRIu64 "/state", id);
		if (!world_exists(t->w, path) || below(t, 6) == 0)
			continue;
		if (world_write(t->w, path, type) == (ssize_t)strlen(type))
			t->online[nid] += BLOCK_PAGES;
		check_sums(t);
	}
}

/*
 * Whether a zone's span begins and ends with memory of its own. A boot zone may begin or end in a
 * hole or, with mirrored memory, in Movable; after growing and shrinking it does not.
 */
static bool spans_memory(const struct trial *t, int nid, const struct mm_zone_info *zone)
{
	uint64_t last = zone->start_pfn + zone->spanned - 1;
	unsigned int edges = 0;

	if (!zone->spanned)
		return true;
	for (size_t i = 0; i < t->nr_ranges; i++) {
		const struct range *r = &t->range[i];

		if (r->nid != nid)
			continue;
		edges += r->start >> 12 <= zone->start_pfn && zone->start_pfn < r->end >> 12;
		edges += r->start >> 12 <= last && last < r->end >> 12;
	}
	return edges == 2 && !t->mirror;
}

/*
 * All added memory is removed; every zone is as before. The last is removed first: its memmap may
 * lie in earlier ones.
 */
static void all_goes(struct trial *t)
{
	while (t->nr_dimms) {
		char name[16];

		snprintf(name, sizeof(name), "d%u", --t->nr_dimms);
		CHECK(t, world_dimm_write(t->w, name, "plugged", "0") == 1);
	}
	memset(t->online, 0, sizeof(t->online));
	check_sums(t);
	for (int nid = 0; nid < t->nr_nodes; nid++) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			struct mm_zone_info zone, *boot = &t->boot[nid][type];

			mm_zone_info(t->w->mm, nid, type, &zone);
			CHECK(t, zone.present == boot->present);
			CHECK(t, zone.managed == boot->managed);
			CHECK(t, zone.free == boot->free);
			if (!spans_memory(t, nid, boot))
				continue;
			CHECK(t, zone.spanned == boot->spanned);
			CHECK(t, zone.start_pfn == boot->start_pfn);
		}
	}
}

static void run(uint64_t seed)
{
	struct trial t = { .seed = seed, .random = seed * 0x9e3779b97f4a7c15ULL + 1 };

	base_buf_init(&t.yaml);
	base_buf_init(&t.cmdline);
	random_memory(&t);
	random_cmdline(&t);
	t.w = world_new_cmdline(base_buf_text(&t.yaml), base_buf_text(&t.cmdline));
	check_boot(&t);
	check_sums(&t);
	for (uint64_t n = below(&t, MAX_DIMMS); n; n--)
		dimm_comes(&t);
	check_blocks(&t);
	all_goes(&t);
	world_free(t.w);
	base_buf_fini(&t.yaml);
	base_buf_fini(&t.cmdline);
}

static uint64_t first_seed = 1, nr_seeds = SEEDS;

static void seeds(void **state)
{
	for (uint64_t seed = first_seed; seed < first_seed + nr_seeds; seed++)
		run(seed);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(seeds) };

	if (argc > 1)
		first_seed = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		nr_seeds = strtoull(argv[2], NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
