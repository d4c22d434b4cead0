// SPDX-License-Identifier: GPL-2.0-or-later
/* Consistency of the files about memory: nodes, zones and lists; see machine_views.h. */
#include "views_private.h"

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

void views_each_line(const char *text, void (*take)(const char *line, void *arg), void *arg)
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

/* ---- all ------------------------------------------------------------------------------------- */

static void check_nodes(struct views *v, uint64_t managed, uint64_t free)
{
	struct sums nodes = { .nr = 0 }, whole = { .nr = 0 };
	unsigned int shift = mm_config(v->mm)->page_shift - 10;
	const uint64_t *value;
	char path[64];

	views_each_line(v->read(v->ctx, "proc/meminfo"), take_meminfo, &whole);
	for (int nid = mm_node_next(v->mm, 0); nid >= 0; nid = mm_node_next(v->mm, nid + 1)) {
		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/meminfo", nid);
		views_each_line(v->read(v->ctx, path), take_meminfo, &nodes);
	}
	if (views_has(v, MACHINE_NUMA))
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

	views_each_line(v->read(v->ctx, "proc/vmstat"), take_counter, &whole);
	for (int nid = mm_node_next(v->mm, 0); nid >= 0; nid = mm_node_next(v->mm, nid + 1)) {
		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/vmstat", nid);
		views_each_line(v->read(v->ctx, path), take_counter, &nodes);
	}
	if (views_has(v, MACHINE_NUMA))
		sums_compare(v, &nodes, &whole, "proc/vmstat and nodes");
	sums_compare(v, zones, &whole, "proc/vmstat and zoneinfo");
}

/* "/dev/swap0 partition 1020 12 -2" */
static void take_swaps(const char *line, void *arg)
{
	uint64_t size, used;

	if (sscanf(line, "%*s %*s %" SCNu64 " %" SCNu64, &size, &used) != 2)
		return;
	sums_add(arg, "size", size);
	sums_add(arg, "used", used);
}

/* The areas, their sums, and what workloads have there. */
static void check_swap(struct views *v)
{
	struct sums areas = { .nr = 0 }, whole = { .nr = 0 };
	const struct machine_workload *w = NULL;
	uint64_t kb = 0, total, free;

	sums_add(&areas, "size", 0);
	sums_add(&areas, "used", 0);
	views_each_line(v->read(v->ctx, "proc/swaps"), take_swaps, &areas);
	views_each_line(v->read(v->ctx, "proc/meminfo"), take_meminfo, &whole);
	while ((w = machine_workload_next(v->machine, (struct machine_workload *)w)))
		kb += machine_workload_swapped(v->machine, w) >> 10;
	total = *sums_find(&whole, "SwapTotal");
	free = *sums_find(&whole, "SwapFree");
	if (total != *sums_find(&areas, "size") || total - free != *sums_find(&areas, "used") ||
	    total - free != kb)
		views_wrong(v,
			    "swap: %llu of %llu kB are free; areas have %llu kB, %llu in use; "
			    "workloads have %llu there",
			    ull(free), ull(total), ull(*sums_find(&areas, "size")),
			    ull(*sums_find(&areas, "used")), ull(kb));
}

/* The pages that hold the lowest page tables of a workload's program, or are a workload. */
static uint64_t table_pages(const struct views *v, const struct machine_workload *w)
{
	static const char *const mapped[] = { "anon", "mlock", "pinned", "shmem", "thp" };
	uint64_t page = UINT64_C(1) << mm_config(v->mm)->page_shift;
	uint64_t size = machine_workload_size(v->machine, w);
	uint64_t pmd = machine_spec_pmd_size(machine_spec(v->machine));

	if (!strcmp(machine_workload_kind(w), "pagetable"))
		return size / page;
	for (unsigned int i = 0; pmd / page * 8 == page && i < BASE_ARRAY_SIZE(mapped); i++) {
		if (!strcmp(machine_workload_kind(w), mapped[i]))
			return (size + pmd - 1) / pmd;
	}
	return 0;
}

/*
 * A page that is lost as poisoned may be one of a page table, or may have been the only one there.
 * Pages that are about to be pinned are not in the size yet.
 */
static void check_tables(struct views *v)
{
	const struct machine_workload *w = NULL;
	uint64_t wanted = 0, lost = 0, pages;
	struct sums whole = { .nr = 0 };
	bool pinning = false;

	views_each_line(v->read(v->ctx, "proc/meminfo"), take_meminfo, &whole);
	pages = *sums_find(&whole, "PageTables") >> (mm_config(v->mm)->page_shift - 10);
	while ((w = machine_workload_next(v->machine, (struct machine_workload *)w))) {
		wanted += table_pages(v, w);
		pinning |= machine_workload_is_pinning(w);
	}
	for (int nid = 0; nid < BASE_MASK_BITS; nid++)
		lost += mm_failures(v->mm, nid, MM_FAILURE_TOTAL);
	if (pages + lost < wanted || (!pinning && pages > wanted + lost))
		views_wrong(v, "%llu pages of page tables, workloads need %llu", ull(pages),
			    ull(wanted));
}

/* Free pages in buddyinfo and pagetypeinfo, unless the kernel stops counting: ">100000". */
static void check_lists(struct views *v, const struct zone_sums *info)
{
	struct zone_sums buddy = { .zone = "" }, types = { .zone = "" };

	views_each_line(v->read(v->ctx, "proc/buddyinfo"), take_buddyinfo, &buddy);
	if (strchr(v->read(v->ctx, "proc/pagetypeinfo"), '>'))
		return;
	views_each_line(v->read(v->ctx, "proc/pagetypeinfo"), take_pagetypeinfo, &types);
	compare_zones(v, &info->free, &types.free, "free pages in zoneinfo and pagetypeinfo");
	compare_zones(v, &buddy.lists, &types.lists, "pages in buddyinfo and pagetypeinfo");
}

/*
 * Pages poisoned while a driver held them may count twice against the managed pages when their
 * block goes offline, as in the kernel: a zone that has nothing else then has -1 of them.
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
	views_each_line(text, take_zoneinfo, &info);
	views_each_line(text, take_counter, &counters);
	check_lists(v, &info);
	for (unsigned int i = 0; i < info.free.nr; i++) {
		if (info.free.value[i] > info.managed.value[i] + may_be_lost(v) ||
		    (int64_t)info.managed.value[i] > (int64_t)info.present.value[i])
			views_wrong(v, "zone %s: %llu free of %llu managed of %llu present",
				    info.free.label[i], ull(info.free.value[i]),
				    ull(info.managed.value[i]), ull(info.present.value[i]));
	}
	free = sums_total(&info.free);
	check_nodes(v, sums_total(&info.managed), free);
	check_vmstat(v, &counters);
	check_swap(v);
	check_tables(v);
	views_check_map(v, free, sums_total(&info.present));
	views_check_iomem(v);
	return v->wrong.len ? base_buf_text(&v->wrong) : NULL;
}
