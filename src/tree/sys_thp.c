// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/kernel/mm/transparent_hugepage and numa (mm/huge_memory.c, mm/khugepaged.c, mm/shmem.c,
 * mm/memory-tiers.c).
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "counters.h"
#include "hugepages.h"
#include "tree_private.h"

#define THP "sys/kernel/mm/transparent_hugepage/"
#define ITEM_SHIFT 20
#define KB_OF(row) ((row)->arg & ((1u << ITEM_SHIFT) - 1))
#define MAX_XAS_ORDER 11

static struct machine_thp *thp_of(const struct tree_obj *obj)
{
	return machine_thp(obj->tree->machine);
}

/* ---- words, of which one is in brackets ------------------------------------------------------ */

struct words {
	const char *const *list;
	size_t nr;
};
#define WORDS(...)                                                                                 \
	{                                                                                          \
		(const char *const[]){ __VA_ARGS__ },                                              \
			sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)              \
	}

static const struct words setting_words[] = {
	[MACHINE_THP_ENABLED] = WORDS("always", "madvise", "never"),
	[MACHINE_THP_DEFRAG] = WORDS("always", "defer", "defer+madvise", "madvise", "never"),
	[MACHINE_THP_SHMEM] = WORDS("always", "within_size", "advise", "never", "deny", "force"),
};
static const struct words anon_words = WORDS("always", "inherit", "madvise", "never");
static const struct words shmem_words =
	WORDS("always", "inherit", "within_size", "advise", "never");

static void put_words(const struct words *words, uint64_t which, struct base_buf *buf)
{
	for (size_t i = 0; i < words->nr; i++)
		base_buf_printf(buf, i == which ? "%s[%s]" : "%s%s", i ? " " : "", words->list[i]);
	base_buf_puts(buf, "\n");
}

static int word_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	put_words(&setting_words[row->arg], thp_of(obj)->setting[row->arg], buf);
	return 0;
}

/* Nothing but the largest size may take its setting from the global one if that is "force". */
static bool may_force(const struct tree_obj *obj)
{
	unsigned int pmd_order = machine_thp_pmd_order(obj->tree->machine);

	for (unsigned int order = 0; order < MACHINE_THP_ORDERS; order++) {
		bool inherits = thp_of(obj)->shmem[order] == MACHINE_SHMEM_SIZE_INHERIT;

		if (inherits != (order == pmd_order))
			return false;
	}
	return true;
}

static ssize_t word_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			  size_t len, struct tree_req *req)
{
	const struct words *words = &setting_words[row->arg];
	int i = base_sysfs_match(words->list, words->nr, text);

	if (i < 0)
		return i;
	if (row->arg == MACHINE_THP_SHMEM && i == MACHINE_SHMEM_FORCE && !may_force(obj))
		return -EINVAL;
	thp_of(obj)->setting[row->arg] = (uint64_t)i;
	if (row->arg == MACHINE_THP_ENABLED)
		machine_thp_enabled_changed(obj->tree->machine);
	return (ssize_t)len;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static int value_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n", (unsigned long long)thp_of(obj)->setting[row->arg]);
	return 0;
}

/* single_hugepage_flag_store() */
static ssize_t flag_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			  size_t len, struct tree_req *req)
{
	uint64_t value;
	int ret = base_kstrtoull(text, 10, &value);

	if (ret)
		return ret;
	if (value > 1)
		return -EINVAL;
	thp_of(obj)->setting[row->arg] = value;
	return (ssize_t)len;
}

static ssize_t bool_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			  size_t len, struct tree_req *req)
{
	bool value;
	int ret = base_kstrtobool(text, &value);

	if (ret)
		return ret;
	thp_of(obj)->setting[row->arg] = value;
	return (ssize_t)len;
}

/* Of khugepaged: each error is EINVAL. */
static ssize_t number_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			    size_t len, struct tree_req *req)
{
	uint64_t entries = 1ULL << machine_thp_pmd_order(obj->tree->machine), value;
	bool of_table = row->arg <= MACHINE_THP_MAX_PTES_SHARED;

	if (base_kstrtoull(text, 10, &value) || value > (of_table ? entries - 1 : UINT_MAX) ||
	    (row->arg == MACHINE_THP_PAGES_TO_SCAN && !value))
		return -EINVAL;
	thp_of(obj)->setting[row->arg] = value;
	return (ssize_t)len;
}

static int pmd_size_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct mm_config *config = mm_config(obj->tree->mm);

	base_buf_printf(buf, "%llu\n", (unsigned long long)config->thp_pages << config->page_shift);
	return 0;
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static unsigned int order_of(const struct tree_obj *obj, const struct tree_row *row)
{
	uint64_t page_kb = 1ULL << (mm_config(obj->tree->mm)->page_shift - 10);
	unsigned int order = 0;

	while (page_kb << order < KB_OF(row))
		order++;
	return order;
}

static bool has_anon(const struct tree_obj *obj, const struct tree_row *row)
{
	unsigned int order = order_of(obj, row);

	return order >= 2 && order <= machine_thp_pmd_order(obj->tree->machine);
}

static bool has_shmem(const struct tree_obj *obj, const struct tree_row *row)
{
	unsigned int order = order_of(obj, row);

	return order >= 1 &&
	       order <= BASE_MIN(machine_thp_pmd_order(obj->tree->machine), MAX_XAS_ORDER);
}

static bool has_size(const struct tree_obj *obj, const struct tree_row *row)
{
	return has_anon(obj, row) || has_shmem(obj, row);
}

static int anon_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	put_words(&anon_words, thp_of(obj)->anon[order_of(obj, row)], buf);
	return 0;
}

static ssize_t anon_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			  size_t len, struct tree_req *req)
{
	int i = base_sysfs_match(anon_words.list, anon_words.nr, text);

	if (i < 0)
		return i;
	thp_of(obj)->anon[order_of(obj, row)] = (uint64_t)i;
	machine_thp_enabled_changed(obj->tree->machine);
	return (ssize_t)len;
}

static int shmem_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	put_words(&shmem_words, thp_of(obj)->shmem[order_of(obj, row)], buf);
	return 0;
}

static ssize_t shmem_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			   size_t len, struct tree_req *req)
{
	int i = base_sysfs_match(shmem_words.list, shmem_words.nr, text);

	if (i < 0)
		return i;
	if (i == MACHINE_SHMEM_SIZE_INHERIT &&
	    thp_of(obj)->setting[MACHINE_THP_SHMEM] == MACHINE_SHMEM_FORCE &&
	    order_of(obj, row) != machine_thp_pmd_order(obj->tree->machine))
		return -EINVAL;
	thp_of(obj)->shmem[order_of(obj, row)] = (uint64_t)i;
	return (ssize_t)len;
}

enum { STAT_NONE, STAT_ANON_FAULT_ALLOC, STAT_NR_ANON };

/* Workloads have huge pages of the largest size only. */
static int stat_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	uint64_t value = 0;

	if (order_of(obj, row) == machine_thp_pmd_order(obj->tree->machine)) {
		struct tree_usage usage;

		tree_usage_node(obj->tree->mm, MM_NODE_NONE, &usage);
		if (row->arg >> ITEM_SHIFT == STAT_NR_ANON)
			value = usage.amount[TREE_THPS];
		else if (row->arg >> ITEM_SHIFT == STAT_ANON_FAULT_ALLOC)
			value = machine_event_count(obj->tree->machine,
						    MACHINE_EVENT_THP_FAULT_ALLOC);
	}
	base_buf_printf(buf, "%llu\n", (unsigned long long)value);
	return 0;
}

/* ---- numa ------------------------------------------------------------------------------------ */

static int demotion_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, obj->bits & 1u << row->arg ? "true\n" : "false\n");
	return 0;
}

static ssize_t demotion_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			      size_t len, struct tree_req *req)
{
	bool value;
	int ret = base_kstrtobool(text, &value);

	if (ret)
		return ret;
	obj->bits = (uint16_t)((obj->bits & ~(1u << row->arg)) | (unsigned int)value << row->arg);
	return (ssize_t)len;
}

#define DEMOTION_BIT 15 /* of the root, which has those of power/ from the other end */

/* ---- rows ------------------------------------------------------------------------------------ */

#define WORD_ROW(name, which)                                                                      \
	.path = THP name, .mode = S_IFREG | 0644, .needs = MACHINE_THP, .show = word_show,         \
	.store = word_store, .arg = MACHINE_THP_##which
#define VALUE_ROW(name, which, fn)                                                                 \
	.path = THP name, .mode = S_IFREG | 0644, .needs = MACHINE_THP, .show = value_show,        \
	.store = (fn), .arg = MACHINE_THP_##which
#define STAT_ROW(dir, name, kb, has, item, first)                                                  \
	{                                                                                          \
		.path = THP dir "/stats/" name, .mode = S_IFREG | 0444, .visible = (has),          \
		.show = stat_show, .since = MACHINE_KERNEL(6, first),                              \
		.arg = (kb) | (unsigned int)(item) << ITEM_SHIFT                                   \
	}
#define SIZE_ROWS(dir, kb)                                                                         \
	{ TREE_DIR_ROW(THP dir), .needs = MACHINE_THP, .visible = has_size,                        \
	  .since = MACHINE_KERNEL(6, 8), .arg = (kb) },                                            \
		{ .path = THP dir "/enabled",                                                      \
		  .mode = S_IFREG | 0644,                                                          \
		  .visible = has_anon,                                                             \
		  .show = anon_show,                                                               \
		  .store = anon_store,                                                             \
		  .arg = (kb) },                                                                   \
		{ .path = THP dir "/shmem_enabled",                                                \
		  .mode = S_IFREG | 0644,                                                          \
		  .visible = has_shmem,                                                            \
		  .since = MACHINE_KERNEL(6, 11),                                                  \
		  .show = shmem_show,                                                              \
		  .store = shmem_store,                                                            \
		  .arg = (kb) },                                                                   \
		{ TREE_DIR_ROW(THP dir "/stats"), .since = MACHINE_KERNEL(6, 10) },                \
		STAT_ROW(dir, "anon_fault_alloc", kb, has_anon, STAT_ANON_FAULT_ALLOC, 10),        \
		STAT_ROW(dir, "anon_fault_fallback", kb, has_anon, 0, 10),                         \
		STAT_ROW(dir, "anon_fault_fallback_charge", kb, has_anon, 0, 11),                  \
		STAT_ROW(dir, "split_deferred", kb, has_anon, 0, 11),                              \
		STAT_ROW(dir, "nr_anon", kb, has_anon, STAT_NR_ANON, 12),                          \
		STAT_ROW(dir, "nr_anon_partially_mapped", kb, has_anon, 0, 12),                    \
		STAT_ROW(dir, "shmem_alloc", kb, has_shmem, 0, 11),                                \
		STAT_ROW(dir, "shmem_fallback", kb, has_shmem, 0, 11),                             \
		STAT_ROW(dir, "shmem_fallback_charge", kb, has_shmem, 0, 11),                      \
		STAT_ROW(dir, "swpout", kb, has_size, 0, 11),                                      \
		STAT_ROW(dir, "swpout_fallback", kb, has_size, 0, 11),                             \
		STAT_ROW(dir, "split", kb, has_size, 0, 11),                                       \
		STAT_ROW(dir, "split_failed", kb, has_size, 0, 11)

static const struct tree_row thp_rows[] = {
	{ TREE_DIR_ROW("sys/kernel/mm/numa"), .needs = MACHINE_NUMA | MACHINE_MIGRATION },
	{ .path = "sys/kernel/mm/numa/demotion_enabled",
	  .mode = S_IFREG | 0644,
	  .show = demotion_show,
	  .store = demotion_store,
	  .arg = DEMOTION_BIT },
	{ TREE_DIR_ROW("sys/kernel/mm/transparent_hugepage"), .needs = MACHINE_THP,
	  .visible = tree_has_huge_files },
	{ WORD_ROW("enabled", ENABLED) },
	{ WORD_ROW("defrag", DEFRAG) },
	{ WORD_ROW("shmem_enabled", SHMEM) },
	{ VALUE_ROW("use_zero_page", USE_ZERO_PAGE, flag_store) },
	{ VALUE_ROW("shrink_underused", SHRINK_UNDERUSED, bool_store),
	  .since = MACHINE_KERNEL(6, 12) },
	{ .path = THP "hpage_pmd_size",
	  .mode = S_IFREG | 0444,
	  .needs = MACHINE_THP,
	  .show = pmd_size_show },
	{ TREE_DIR_ROW(THP "khugepaged"), .needs = MACHINE_THP },
	{ VALUE_ROW("khugepaged/defrag", KHUGEPAGED_DEFRAG, flag_store) },
	{ VALUE_ROW("khugepaged/max_ptes_none", MAX_PTES_NONE, number_store) },
	{ VALUE_ROW("khugepaged/max_ptes_swap", MAX_PTES_SWAP, number_store) },
	{ VALUE_ROW("khugepaged/max_ptes_shared", MAX_PTES_SHARED, number_store) },
	{ VALUE_ROW("khugepaged/pages_to_scan", PAGES_TO_SCAN, number_store) },
	{ VALUE_ROW("khugepaged/scan_sleep_millisecs", SCAN_SLEEP, number_store) },
	{ VALUE_ROW("khugepaged/alloc_sleep_millisecs", ALLOC_SLEEP, number_store) },
	{ .path = THP "khugepaged/pages_collapsed",
	  .mode = S_IFREG | 0444,
	  .show = tree_zero_show },
	{ .path = THP "khugepaged/full_scans", .mode = S_IFREG | 0444, .show = tree_zero_show },
	SIZE_ROWS("hugepages-8kB", 8),
	SIZE_ROWS("hugepages-16kB", 16),
	SIZE_ROWS("hugepages-32kB", 32),
	SIZE_ROWS("hugepages-64kB", 64),
	SIZE_ROWS("hugepages-128kB", 128),
	SIZE_ROWS("hugepages-256kB", 256),
	SIZE_ROWS("hugepages-512kB", 512),
	SIZE_ROWS("hugepages-1024kB", 1024),
	SIZE_ROWS("hugepages-2048kB", 2048),
	SIZE_ROWS("hugepages-4096kB", 4096),
	SIZE_ROWS("hugepages-8192kB", 8192),
	SIZE_ROWS("hugepages-16384kB", 16384),
	SIZE_ROWS("hugepages-32768kB", 32768),
	SIZE_ROWS("hugepages-65536kB", 65536),
	SIZE_ROWS("hugepages-131072kB", 131072),
	SIZE_ROWS("hugepages-262144kB", 262144),
	SIZE_ROWS("hugepages-524288kB", 524288),
};

const struct tree_table tree_thp_table = TREE_TABLE(thp_rows);
