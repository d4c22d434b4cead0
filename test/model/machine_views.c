// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine_views.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABELS 256

/* Numbers by name, in order of first occurrence. */
struct sums {
	char label[LABELS][40];
	uint64_t value[LABELS];
	unsigned int nr;
};

void views_wrong(struct views *v, const char *fmt, ...)
{
	va_list ap;

	if (v->wrong.len)
		return;
	va_start(ap, fmt);
	base_buf_vprintf(&v->wrong, fmt, ap);
	va_end(ap);
}

void views_init(struct views *v, struct machine *machine, views_read_fn *read,
		views_names_fn *names, void *ctx)
{
	*v = (struct views){
		.machine = machine,
		.hp = machine_hp(machine),
		.mm = machine_mm(machine),
		.read = read,
		.names = names,
		.ctx = ctx,
	};
	base_buf_init(&v->wrong);
}

void views_fini(struct views *v)
{
	base_buf_fini(&v->wrong);
	free(v->owner);
}

uint64_t views_owned(const struct views *v, const char *owner)
{
	for (unsigned int i = 0; i < v->nr_owners; i++) {
		if (!strcmp(v->owner[i].name, owner))
			return v->owner[i].pages;
	}
	return 0;
}

static uint64_t block_pages(const struct views *v)
{
	return hp_block_pages(v->hp);
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
		if (s->nr == LABELS)
			abort();
		snprintf(s->label[s->nr], sizeof(s->label[0]), "%s", label);
		s->value[s->nr] = 0;
		there = &s->value[s->nr++];
	}
	*there += value;
}

/* Names in both must have equal numbers, and at least one must be in both. */
static void sums_compare(struct views *v, const struct sums *parts, const struct sums *whole,
			 const char *what)
{
	unsigned int common = 0;

	for (unsigned int i = 0; i < parts->nr; i++) {
		const uint64_t *there = sums_find(whole, parts->label[i]);

		common += there != NULL;
		if (there && *there != parts->value[i])
			views_wrong(v, "%s: %s is %llu, but its parts sum to %llu", what,
				    parts->label[i], ull(*there), ull(parts->value[i]));
	}
	if (common < 8)
		views_wrong(v, "%s: only %u lines in common", what, common);
}

/* Calls @take with each line. */
static void each_line(const char *text, void (*take)(const char *line, void *arg), void *arg)
{
	char line[512];

	/* No relevant line is longer. */
	for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
		snprintf(line, sizeof(line), "%.*s", (int)(end - text), text);
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
 * Free pages and other counts of zones, "0 DMA32", as given by different files
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

/* The chunks counted by order at the end of a line, in pages. */
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
			views_wrong(v, "node and zone %s: %llu and %llu %s", one->label[i],
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

static bool has_boot_memory(const struct views *v, uint64_t id)
{
	uint64_t first = id * block_pages(v), start, end;
	int nid;

	return mm_boot_range(v->mm, first, &start, &end, &nid) && start < first + block_pages(v);
}

static struct views_owner *find_owner(struct views *v, const char *name)
{
	struct views_owner *owner;

	for (unsigned int i = 0; i < v->nr_owners; i++) {
		if (!strcmp(v->owner[i].name, name))
			return &v->owner[i];
	}
	v->owner = reallocarray(v->owner, v->nr_owners + 1, sizeof(*v->owner));
	if (!v->owner)
		abort();
	owner = &v->owner[v->nr_owners++];
	*owner = (struct views_owner){ .pages = 0 };
	snprintf(owner->name, sizeof(owner->name), "%s", name);
	return owner;
}

/* Owners of a block's pages; visits each page once, in ascending order. */
static void owners_of_block(struct views *v, uint64_t id, uint64_t *ret_used, uint64_t *ret_hole)
{
	uint64_t pfn = id * block_pages(v), block_end = pfn + block_pages(v);
	struct mm_use use;

	*ret_used = *ret_hole = 0;
	while (mm_use_find(v->mm, pfn, block_end, &use)) {
		uint64_t end = use.start_pfn + use.nr_pages;

		if (use.start_pfn < pfn || !use.nr_pages)
			views_wrong(v, "page %llu has two owners", ull(use.start_pfn));
		if (end > block_end)
			views_wrong(v, "pages %llu-%llu lie in two blocks", ull(use.start_pfn),
				    ull(end));
		find_owner(v, use.owner)->pages += use.nr_pages;
		*ret_used += use.nr_pages;
		if (use.kind == MM_KIND_HOLE || use.kind == MM_KIND_POISON_HOLE)
			*ret_hole += use.nr_pages;
		pfn = BASE_MAX(end, pfn + 1);
	}
}

/* @present: in all columns; @leaving: free in blocks that are going offline */
struct map_sums {
	struct views *views;
	uint64_t present, free, leaving;
};

/* Every page of a block is in one column, and owned pages are not free. */
static void take_map(const char *line, void *arg)
{
	uint64_t block, count[5], sum = 0, used, hole;
	struct map_sums *m = arg;
	struct views *v = m->views;
	char zone[16], state[16];

	if (sscanf(line,
		   "%" SCNu64 " %*d %15s %15s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		   " %" SCNu64,
		   &block, zone, state, &count[0], &count[1], &count[2], &count[3], &count[4]) != 8)
		return;
	for (int i = 0; i < 5; i++)
		sum += count[i];
	owners_of_block(v, block, &used, &hole);
	if (!strcmp(state, "offline"))
		return;
	m->present += sum;
	/* Added memory has no holes; boot memory may be less than a block. */
	if (sum + hole > block_pages(v) || (sum != block_pages(v) && !has_boot_memory(v, block)))
		views_wrong(v, "machine/map: memory%llu has %llu pages and %llu of hole",
			    ull(block), ull(sum), ull(hole));
	if (sum - count[0] != used - hole)
		views_wrong(v, "machine/map: memory%llu: %llu pages in use, owners have %llu",
			    ull(block), ull(sum - count[0]), ull(used - hole));
	/* Free pages of a block going offline count in no file, once isolated. */
	if (!strcmp(state, "online"))
		m->free += count[0];
	else
		m->leaving += count[0];
}

static void check_map(struct views *v, uint64_t zone_free, uint64_t present)
{
	struct map_sums m = { .views = v };

	v->nr_owners = 0;
	each_line(v->read(v->ctx, "machine/map"), take_map, &m);
	if (m.free > zone_free || zone_free > m.free + m.leaving)
		views_wrong(v, "%llu pages of online blocks have no owner, %llu are free",
			    ull(m.free), ull(zone_free));
	if (m.present != present)
		views_wrong(v, "machine/map has %llu pages, zones %llu", ull(m.present),
			    ull(present));
}

/* Blocks [from, below) have no System RAM: boot memory that firmware has reserved entirely. */
static void check_without_ram(struct views *v, uint64_t from, uint64_t below)
{
	for (struct hp_block *b = hp_block_next(v->hp, from); b && hp_block_id(b) < below;
	     b = hp_block_next(v->hp, hp_block_id(b) + 1)) {
		if (!has_boot_memory(v, hp_block_id(b)))
			views_wrong(v, "memory/ has block %llu, proc/iomem has not",
				    ull(hp_block_id(b)));
	}
}

/* @next: the first block after those read */
struct iomem {
	struct views *views;
	uint64_t next;
};

/* Each block of a range exists. */
static void take_iomem(const char *line, void *arg)
{
	struct iomem *iomem = arg;
	struct views *v = iomem->views;
	unsigned int shift = mm_config(v->mm)->page_shift;
	uint64_t start, end, size = block_pages(v) << shift;

	if (!strstr(line, "System RAM") || sscanf(line, " %" SCNx64 "-%" SCNx64, &start, &end) != 2)
		return;
	/* Partial pages are no memory. */
	start = BASE_ROUND_UP(start, 1ULL << shift);
	end = BASE_ROUND_DOWN(end + 1, 1ULL << shift) - 1;
	for (uint64_t id = start / size; !v->busy && start < end && id <= end / size; id++) {
		if (!hp_block_find(v->hp, id))
			views_wrong(v, "proc/iomem has memory of block %llu, memory/ has not",
				    ull(id));
	}
	check_without_ram(v, iomem->next, start / size);
	iomem->next = BASE_MAX(iomem->next, end / size + 1);
}

static void check_iomem(struct views *v)
{
	struct iomem iomem = { .views = v };

	each_line(v->read(v->ctx, "proc/iomem"), take_iomem, &iomem);
	check_without_ram(v, iomem.next, UINT64_MAX);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void check_nodes(struct views *v, uint64_t managed, uint64_t free)
{
	struct sums nodes = { .nr = 0 }, whole = { .nr = 0 };
	unsigned int shift = mm_config(v->mm)->page_shift - 10;
	const uint64_t *value;
	char path[64];

	each_line(v->read(v->ctx, "proc/meminfo"), take_meminfo, &whole);
	for (int nid = mm_node_next(v->mm, 0); nid >= 0; nid = mm_node_next(v->mm, nid + 1)) {
		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/meminfo", nid);
		each_line(v->read(v->ctx, path), take_meminfo, &nodes);
	}
	sums_compare(v, &nodes, &whole, "proc/meminfo");
	value = sums_find(&whole, "MemTotal");
	if (!value || *value != managed << shift)
		views_wrong(v, "MemTotal is %llu kB, zones manage %llu pages",
			    ull(value ? *value : 0), ull(managed));
	value = sums_find(&whole, "MemFree");
	if (!value || *value != free << shift)
		views_wrong(v, "MemFree is %llu kB, zones have %llu pages", ull(value ? *value : 0),
			    ull(free));
}

static void check_vmstat(struct views *v, const struct sums *zones)
{
	struct sums nodes = { .nr = 0 }, whole = { .nr = 0 };
	char path[64];

	each_line(v->read(v->ctx, "proc/vmstat"), take_counter, &whole);
	for (int nid = mm_node_next(v->mm, 0); nid >= 0; nid = mm_node_next(v->mm, nid + 1)) {
		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/vmstat", nid);
		each_line(v->read(v->ctx, path), take_counter, &nodes);
	}
	sums_compare(v, &nodes, &whole, "proc/vmstat and nodes");
	sums_compare(v, zones, &whole, "proc/vmstat and zoneinfo");
}

/* Free pages in buddyinfo and pagetypeinfo, unless the kernel stops counting: ">100000". */
static void check_lists(struct views *v, const struct zone_sums *info)
{
	struct zone_sums buddy = { .zone = "" }, types = { .zone = "" };

	each_line(v->read(v->ctx, "proc/buddyinfo"), take_buddyinfo, &buddy);
	if (strchr(v->read(v->ctx, "proc/pagetypeinfo"), '>'))
		return;
	each_line(v->read(v->ctx, "proc/pagetypeinfo"), take_pagetypeinfo, &types);
	compare_zones(v, &info->free, &types.free, "free pages in zoneinfo and pagetypeinfo");
	compare_zones(v, &buddy.lists, &types.lists, "pages in buddyinfo and pagetypeinfo");
}

/*
 * Pages poisoned while a driver held them may count twice against the managed pages when their
 * block goes offline, as in the kernel.
 */
static uint64_t may_be_lost(const struct views *v)
{
	uint64_t nr = 0;

	for (int nid = 0; nid < BASE_MASK_BITS; nid++)
		nr += mm_failures(v->mm, nid, MM_FAILURE_IGNORED);
	return nr;
}

const char *views_check(struct views *v)
{
	struct zone_sums info = { .zone = "" };
	struct sums counters = { .nr = 0 };
	const char *text = v->read(v->ctx, "proc/zoneinfo");
	uint64_t free;

	base_buf_reset(&v->wrong);
	each_line(text, take_zoneinfo, &info);
	each_line(text, take_counter, &counters);
	check_lists(v, &info);
	for (unsigned int i = 0; i < info.free.nr; i++) {
		if (info.free.value[i] > info.managed.value[i] + may_be_lost(v) ||
		    info.managed.value[i] > info.present.value[i])
			views_wrong(v, "zone %s: %llu free of %llu managed of %llu present",
				    info.free.label[i], ull(info.free.value[i]),
				    ull(info.managed.value[i]), ull(info.present.value[i]));
	}
	free = sums_total(&info.free);
	check_nodes(v, sums_total(&info.managed), free);
	check_vmstat(v, &counters);
	check_map(v, free, sums_total(&info.present));
	check_iomem(v);
	return v->wrong.len ? base_buf_text(&v->wrong) : NULL;
}
