// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine_views.h"

#define BLOCK_PAGES (1u << 15)
#define NODES 2
#define LABELS 256
#define ZONES 16

/* Numbers under names, in the order in which they were first met. */
struct sums {
	char label[LABELS][40];
	uint64_t value[LABELS];
	unsigned int nr;
};

#define WRONG(v, ...)                                                                              \
	do {                                                                                       \
		if (!(v)->wrong.len)                                                               \
			base_buf_printf(&(v)->wrong, __VA_ARGS__);                                 \
	} while (0)

void views_init(struct views *v)
{
	*v = (struct views){ .nr_owners = 0 };
	base_buf_init(&v->wrong);
}

void views_fini(struct views *v)
{
	base_buf_fini(&v->wrong);
}

uint64_t views_owned(const struct views *v, const char *owner)
{
	for (unsigned int i = 0; i < v->nr_owners; i++) {
		if (!strcmp(v->owner[i], owner))
			return v->pages[i];
	}
	return 0;
}

static unsigned long long ull(uint64_t value)
{
	return value;
}

/* ---- sums ------------------------------------------------------------------------------------ */

static const uint64_t *sums_find(const struct sums *s, const char *label)
{
	for (unsigned int i = 0; i < s->nr; i++) {
		if (!strcmp(s->label[i], label))
			return &s->value[i];
	}
	return NULL;
}

static void sums_add(struct sums *s, const char *label, uint64_t value)
{
	uint64_t *there = (uint64_t *)sums_find(s, label);

	if (!there) {
		assert_true(s->nr < LABELS && strlen(label) < sizeof(s->label[0]));
		strcpy(s->label[s->nr], label);
		s->value[s->nr] = 0;
		there = &s->value[s->nr++];
	}
	*there += value;
}

/* What both have must be equal, and they must have something in common. */
static void sums_compare(struct views *v, const struct sums *parts, const struct sums *whole,
			 const char *what)
{
	unsigned int common = 0;

	for (unsigned int i = 0; i < parts->nr; i++) {
		const uint64_t *there = sums_find(whole, parts->label[i]);

		common += there != NULL;
		if (there && *there != parts->value[i])
			WRONG(v, "%s: %s is %llu, but its parts sum to %llu", what,
			      parts->label[i], ull(*there), ull(parts->value[i]));
	}
	if (common < 8)
		WRONG(v, "%s: only %u lines in common", what, common);
}

/* Calls @take with each line. */
static void each_line(const char *text, void (*take)(const char *line, void *arg), void *arg)
{
	char line[256];

	for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
		assert_true((size_t)(end - text) < sizeof(line));
		memcpy(line, text, (size_t)(end - text));
		line[end - text] = '\0';
		take(line, arg);
	}
}

/* "Node 0 MemTotal:   12 kB", "MemTotal:  12 kB" */
static void take_meminfo(const char *line, void *arg)
{
	char label[40];
	uint64_t value;
	int skip = 0;

	(void)sscanf(line, "Node %*d %n", &skip);
	if (sscanf(line + skip, "%39[^:]: %" SCNu64, label, &value) == 2)
		sums_add(arg, label, value);
}

/* "nr_free_pages 12", "      nr_zone_inactive_anon 0" */
static void take_counter(const char *line, void *arg)
{
	char label[40];
	uint64_t value;
	int end = 0;

	if (sscanf(line, " %39[a-z0-9_] %" SCNu64 "%n", label, &value, &end) == 2 && !line[end] &&
	    strchr(label, '_'))
		sums_add(arg, label, value);
}

/* ---- zones ----------------------------------------------------------------------------------- */

/*
 * Free pages and other counts of zones, "0 DMA32", as different files give them
 * @lists: free and isolated ones
 */
struct zone_sums {
	struct sums free, managed, present, lists;
	char zone[24];
};

static void zone_header(struct zone_sums *z, const char *line)
{
	char name[16];
	int nid;

	if (sscanf(line, "Node %d, zone %15s", &nid, name) == 2)
		snprintf(z->zone, sizeof(z->zone), "%d %s", nid, name);
}

static void take_zoneinfo(const char *line, void *arg)
{
	struct zone_sums *z = arg;
	uint64_t value;

	zone_header(z, line);
	if (sscanf(line, "  pages free %" SCNu64, &value) == 1)
		sums_add(&z->free, z->zone, value);
	else if (sscanf(line, "        managed %" SCNu64, &value) == 1)
		sums_add(&z->managed, z->zone, value);
	else if (sscanf(line, "        present %" SCNu64, &value) == 1)
		sums_add(&z->present, z->zone, value);
}

/* The counts of chunks by order at the end of a line, in pages. */
static uint64_t chunk_pages(const char *line)
{
	uint64_t pages = 0, count;
	int skip;

	for (unsigned int order = 0; sscanf(line, " %" SCNu64 "%n", &count, &skip) == 1; order++) {
		pages += count << order;
		line += skip;
	}
	return pages;
}

/* "Node 0, zone   DMA32   2  3 ..." */
static void take_buddyinfo(const char *line, void *arg)
{
	struct zone_sums *z = arg;
	int skip = 0;

	zone_header(z, line);
	(void)sscanf(line, "Node %*d, zone %*s%n", &skip);
	sums_add(&z->lists, z->zone, chunk_pages(line + skip));
}

/* "Node 0, zone DMA32, type Movable  2  3 ..." */
static void take_pagetypeinfo(const char *line, void *arg)
{
	struct zone_sums *z = arg;
	int nid, skip = 0;
	char name[16], type[16];

	if (sscanf(line, "Node %d, zone %15[^,], type %15s%n", &nid, name, type, &skip) != 3)
		return;
	snprintf(z->zone, sizeof(z->zone), "%d %s", nid, name);
	sums_add(&z->lists, z->zone, chunk_pages(line + skip));
	if (strcmp(type, "Isolate"))
		sums_add(&z->free, z->zone, chunk_pages(line + skip));
}

static void compare_zones(struct views *v, const struct sums *one, const struct sums *other,
			  const char *what)
{
	for (unsigned int i = 0; i < one->nr; i++) {
		const uint64_t *there = sums_find(other, one->label[i]);

		if ((there ? *there : 0) != one->value[i])
			WRONG(v, "node and zone %s: %llu and %llu %s", one->label[i],
			      ull(one->value[i]), ull(there ? *there : 0), what);
	}
}

static uint64_t sums_total(const struct sums *s)
{
	uint64_t total = 0;

	for (unsigned int i = 0; i < s->nr; i++)
		total += s->value[i];
	return total;
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* Who has what: each page is looked at once, in ascending order. */
static void owners(struct views *v, struct world *w)
{
	uint64_t pfn = 0;
	struct mm_use use;

	memset(v->used, 0, sizeof(v->used));
	memset(v->hole, 0, sizeof(v->hole));
	v->nr_owners = 0;
	while (mm_use_find(w->mm, pfn, (uint64_t)VIEWS_BLOCKS * BLOCK_PAGES, &use)) {
		uint64_t end = use.start_pfn + use.nr_pages;
		unsigned int i = 0;

		if (use.start_pfn < pfn || !use.nr_pages)
			WRONG(v, "page %llu has two owners", ull(use.start_pfn));
		while (i < v->nr_owners && strcmp(v->owner[i], use.owner))
			i++;
		if (i == v->nr_owners) {
			assert_true(i < VIEWS_OWNERS && strlen(use.owner) < sizeof(v->owner[0]));
			strcpy(v->owner[i], use.owner);
			v->pages[v->nr_owners++] = 0;
		}
		v->pages[i] += use.nr_pages;
		for (pfn = use.start_pfn; pfn < end;) {
			uint64_t next = BASE_MIN(end, (pfn / BLOCK_PAGES + 1) * BLOCK_PAGES);

			v->used[pfn / BLOCK_PAGES] += next - pfn;
			if (use.kind == MM_KIND_HOLE)
				v->hole[pfn / BLOCK_PAGES] += next - pfn;
			pfn = next;
		}
	}
}

struct map_sums {
	struct views *views;
	uint64_t online, free, lines;
};

/* Every page of a block is in one column, and what somebody has is not free. */
static void take_map(const char *line, void *arg)
{
	uint64_t block, count[5], sum = 0;
	struct map_sums *m = arg;
	char zone[16], state[16];

	if (sscanf(line, "%" SCNu64 " %*d %15s %15s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
			 " %" SCNu64, &block, zone, state, &count[0], &count[1], &count[2],
		   &count[3], &count[4]) != 8)
		return;
	m->lines++;
	for (int i = 0; i < 5; i++)
		sum += count[i];
	if (!strcmp(state, "offline"))
		return;
	m->online++;
	if (sum + m->views->hole[block] != BLOCK_PAGES)
		WRONG(m->views, "machine/map: memory%llu has %llu pages and %llu of hole",
		      ull(block), ull(sum), ull(m->views->hole[block]));
	if (sum - count[0] != m->views->used[block] - m->views->hole[block])
		WRONG(m->views, "machine/map: memory%llu: %llu pages in use, owners have %llu",
		      ull(block), ull(sum - count[0]),
		      ull(m->views->used[block] - m->views->hole[block]));
	/* What is free in a block on its way out is nobody's. */
	if (!strcmp(state, "online"))
		m->free += BLOCK_PAGES - m->views->used[block];
}

static void check_map(struct views *v, struct world *w, uint64_t zone_free)
{
	struct map_sums m = { .views = v };

	owners(v, w);
	each_line(world_read(w, "machine/map"), take_map, &m);
	if (m.free != zone_free)
		WRONG(v, "%llu pages of online blocks have no owner, %llu are free", ull(m.free),
		      ull(zone_free));
}

static void take_iomem(const char *line, void *arg)
{
	uint64_t start, end, *blocks = arg;

	if (strstr(line, "System RAM") &&
	    sscanf(line, " %" SCNx64 "-%" SCNx64, &start, &end) == 2) {
		for (start = BASE_ROUND_UP(start, MIB(128)); start < end; start += MIB(128))
			*blocks |= 1ULL << (start / MIB(128));
	}
}

/* Each block but the first, which has holes, is System RAM, and nothing else is. */
static void check_iomem(struct views *v, struct world *w)
{
	uint64_t blocks = 0, present = 0;

	each_line(world_read(w, "proc/iomem"), take_iomem, &blocks);
	for (struct hp_block *b = hp_block_next(w->hp, 1); b;
	     b = hp_block_next(w->hp, hp_block_id(b) + 1))
		present |= 1ULL << hp_block_id(b);
	if (blocks != present)
		WRONG(v, "proc/iomem has blocks %#llx, memory/ has %#llx", ull(blocks),
		      ull(present));
}

/* ---- all ------------------------------------------------------------------------------------- */

static void check_nodes(struct views *v, struct world *w, uint64_t managed, uint64_t free)
{
	struct sums nodes = { .nr = 0 }, whole = { .nr = 0 };
	const uint64_t *value;
	char path[64];

	each_line(world_read(w, "proc/meminfo"), take_meminfo, &whole);
	for (int nid = 0; nid < NODES; nid++) {
		snprintf(path, sizeof(path), SYS_NODE "node%d/meminfo", nid);
		each_line(world_read(w, path), take_meminfo, &nodes);
	}
	sums_compare(v, &nodes, &whole, "proc/meminfo");
	value = sums_find(&whole, "MemTotal");
	if (!value || *value != managed * 4)
		WRONG(v, "MemTotal is %llu kB, zones manage %llu pages", ull(value ? *value : 0),
		      ull(managed));
	value = sums_find(&whole, "MemFree");
	if (!value || *value != free * 4)
		WRONG(v, "MemFree is %llu kB, zones have %llu pages", ull(value ? *value : 0),
		      ull(free));
}

static void check_vmstat(struct views *v, struct world *w, const struct sums *zones)
{
	struct sums nodes = { .nr = 0 }, whole = { .nr = 0 };
	char path[64];

	each_line(world_read(w, "proc/vmstat"), take_counter, &whole);
	for (int nid = 0; nid < NODES; nid++) {
		snprintf(path, sizeof(path), SYS_NODE "node%d/vmstat", nid);
		each_line(world_read(w, path), take_counter, &nodes);
	}
	sums_compare(v, &nodes, &whole, "proc/vmstat and nodes");
	sums_compare(v, zones, &whole, "proc/vmstat and zoneinfo");
}

const char *views_check(struct views *v, struct world *w)
{
	struct zone_sums info = { .zone = "" }, buddy = { .zone = "" }, types = { .zone = "" };
	struct sums counters = { .nr = 0 };
	const char *text = world_read(w, "proc/zoneinfo");
	uint64_t free;

	base_buf_reset(&v->wrong);
	each_line(text, take_zoneinfo, &info);
	each_line(text, take_counter, &counters);
	each_line(world_read(w, "proc/buddyinfo"), take_buddyinfo, &buddy);
	each_line(world_read(w, "proc/pagetypeinfo"), take_pagetypeinfo, &types);
	compare_zones(v, &info.free, &types.free, "free pages in zoneinfo and pagetypeinfo");
	compare_zones(v, &buddy.lists, &types.lists, "pages in buddyinfo and pagetypeinfo");
	for (unsigned int i = 0; i < info.free.nr; i++) {
		if (info.free.value[i] > info.managed.value[i] ||
		    info.managed.value[i] > info.present.value[i])
			WRONG(v, "zone %s: %llu free of %llu managed of %llu present",
			      info.free.label[i], ull(info.free.value[i]),
			      ull(info.managed.value[i]), ull(info.present.value[i]));
	}
	free = sums_total(&info.free);
	check_nodes(v, w, sums_total(&info.managed), free);
	check_vmstat(v, w, &counters);
	check_map(v, w, free);
	check_iomem(v, w);
	return v->wrong.len ? base_buf_text(&v->wrong) : NULL;
}
