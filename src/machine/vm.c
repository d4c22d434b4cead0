// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings of the memory management: their ranges, the values of a kernel that has just booted, and
 * what changes with them (the kernel's kernel/sysctl.c:vm_table[] and the tables in mm/).
 */
#include <errno.h>
#include <limits.h>

#include "machine_private.h"

#define INT(value) ((uint64_t)(int64_t)(value))
#define HZ 250
#define MIN_HIGH_FRACTION 8 /* MIN_PERCPU_PAGELIST_HIGH_FRACTION */
#define DROP_PAGECACHE 1
#define DROP_SLAB 2
#define DROP_SILENTLY 4
#define USER_RESERVE_KB (128 << 10)
#define ADMIN_RESERVE_KB (8 << 10)
#define NR_MAPS (USHRT_MAX - 5) /* DEFAULT_MAX_MAP_COUNT */
#define LOWEST_MAPPED 4096	/* CONFIG_DEFAULT_MMAP_MIN_ADDR */

typedef uint64_t get_fn(const struct machine *m);
/* Ranges that depend on the machine. */
typedef void range_fn(const struct machine *m, struct machine_vm_range *ret_range);
/* Before the value is stored: 0, or an error, with which it is not stored. */
typedef int set_fn(struct machine *m, uint64_t value);

/*
 * @min, @max: of the type if both are 0
 * @range: instead of these
 * @initial: at boot, unless the machine computes it: @at_boot
 * @get: for what is part of another layer; @set: what else happens
 */
static const struct setting {
	bool is_long;
	uint64_t min;
	uint64_t max;
	range_fn *range;
	uint64_t initial;
	get_fn *at_boot;
	get_fn *get;
	set_fn *set;
} settings[];

uint64_t machine_event_count(const struct machine *m, enum machine_event event)
{
	return m->events[event];
}

/* ---- memory ---------------------------------------------------------------------------------- */

static uint64_t get_min_free(const struct machine *m)
{
	return mm_min_free_kbytes(m->mm);
}

static int set_min_free(struct machine *m, uint64_t value)
{
	mm_set_min_free_kbytes(m->mm, value);
	return 0;
}

static uint64_t get_scale_factor(const struct machine *m)
{
	return mm_tuning(m->mm)->watermark_scale_factor;
}

static int set_scale_factor(struct machine *m, uint64_t value)
{
	mm_set_watermark_scale_factor(m->mm, value);
	return 0;
}

static int set_high_fraction(struct machine *m, uint64_t value)
{
	return value && value < MIN_HIGH_FRACTION ? -EINVAL : 0;
}

/* sysctl_compaction_handler(); free memory is always compact here */
static int set_compact(struct machine *m, uint64_t value)
{
	return value == 1 ? 0 : -EINVAL;
}

static int set_drop_caches(struct machine *m, uint64_t value)
{
	if (value & DROP_PAGECACHE) {
		mm_drop_pagecache(m->mm);
		m->events[MACHINE_EVENT_DROP_PAGECACHE]++;
	}
	if (value & DROP_SLAB)
		m->events[MACHINE_EVENT_DROP_SLAB]++;
	m->drops_silently = m->drops_silently || value & DROP_SILENTLY;
	return 0;
}

bool machine_drops_silently(const struct machine *m)
{
	return m->drops_silently;
}

static uint64_t get_soft_offline(const struct machine *m)
{
	return hp_params(m->hp)->enable_soft_offline;
}

static int set_soft_offline(struct machine *m, uint64_t value)
{
	hp_params(m->hp)->enable_soft_offline = value;
	return 0;
}

static int set_numa_stat(struct machine *m, uint64_t value)
{
	if (value == m->vm[MACHINE_VM_NUMA_STAT])
		return 0;
	hp_log(m->hp, value ? "enable numa statistics" :
			      "disable numa statistics, and clear numa counters");
	return 0;
}

/* ---- huge pages of the default size ---------------------------------------------------------- */

static uint64_t get_nr_hugepages(const struct machine *m)
{
	struct mm_huge_info pool;

	mm_huge_info(m->mm, MM_NODE_NONE, MM_HUGE_PMD, &pool);
	return pool.nr - pool.surplus;
}

static int set_nr_hugepages(struct machine *m, uint64_t value)
{
	return mm_huge_set_nr(m->mm, MM_NODE_NONE, MM_HUGE_PMD, value);
}

static uint64_t get_overcommit_hugepages(const struct machine *m)
{
	return mm_huge_overcommit(m->mm, MM_HUGE_PMD);
}

static int set_overcommit_hugepages(struct machine *m, uint64_t value)
{
	mm_huge_set_overcommit(m->mm, MM_HUGE_PMD, value);
	return 0;
}

static uint64_t boot_optimize_vmemmap(const struct machine *m)
{
	return m->free_vmemmap;
}

static uint64_t get_optimize_vmemmap(const struct machine *m)
{
	return m->vm[MACHINE_VM_HUGETLB_OPTIMIZE_VMEMMAP];
}

/* proc_dobool() */
static int set_optimize_vmemmap(struct machine *m, uint64_t value)
{
	m->vm[MACHINE_VM_HUGETLB_OPTIMIZE_VMEMMAP] = value != 0;
	return 0;
}

/* ---- where programs are mapped --------------------------------------------------------------- */

/* The architecture has the bits of an address; what is set are those of a page's number. */
static void rnd_bits_range(const struct machine *m, struct machine_vm_range *ret_range)
{
	ret_range->min = m->spec->arch->mmap_rnd[0] - m->spec->page_shift;
	ret_range->max = m->spec->arch->mmap_rnd[1] - m->spec->page_shift;
}

static void rnd_compat_bits_range(const struct machine *m, struct machine_vm_range *ret_range)
{
	ret_range->min = m->spec->arch->mmap_rnd_compat[0] - m->spec->page_shift;
	ret_range->max = m->spec->arch->mmap_rnd_compat[1] - m->spec->page_shift;
}

static uint64_t boot_rnd_bits(const struct machine *m)
{
	return machine_vm_range(m, MACHINE_VM_MMAP_RND_BITS).min;
}

static uint64_t boot_rnd_compat_bits(const struct machine *m)
{
	return machine_vm_range(m, MACHINE_VM_MMAP_RND_COMPAT_BITS).min;
}

/* ---- pairs of which one counts --------------------------------------------------------------- */

static bool too_many_pages(const struct machine *m, uint64_t bytes)
{
	uint64_t page = 1ULL << m->spec->page_shift;

	return (bytes >> m->spec->page_shift) + (bytes % page != 0) > UINT_MAX;
}

static int set_dirty_background_bytes(struct machine *m, uint64_t value)
{
	if (too_many_pages(m, value))
		return -ERANGE;
	m->vm[MACHINE_VM_DIRTY_BACKGROUND_RATIO] = 0;
	return 0;
}

static int set_dirty_background_ratio(struct machine *m, uint64_t value)
{
	m->vm[MACHINE_VM_DIRTY_BACKGROUND_BYTES] = 0;
	return 0;
}

static void dirty_bytes_range(const struct machine *m, struct machine_vm_range *ret_range)
{
	ret_range->min = 2ULL << m->spec->page_shift;
	ret_range->max = UINT64_MAX;
}

/* These two are compared with the value before; those of the background are not. */
static int set_dirty_bytes(struct machine *m, uint64_t value)
{
	if (value == m->vm[MACHINE_VM_DIRTY_BYTES])
		return 0;
	if (too_many_pages(m, value))
		return -ERANGE;
	m->vm[MACHINE_VM_DIRTY_RATIO] = 0;
	return 0;
}

static int set_dirty_ratio(struct machine *m, uint64_t value)
{
	if (value != m->vm[MACHINE_VM_DIRTY_RATIO])
		m->vm[MACHINE_VM_DIRTY_BYTES] = 0;
	return 0;
}

static int set_overcommit_kbytes(struct machine *m, uint64_t value)
{
	m->vm[MACHINE_VM_OVERCOMMIT_RATIO] = 0;
	return 0;
}

static int set_overcommit_ratio(struct machine *m, uint64_t value)
{
	m->vm[MACHINE_VM_OVERCOMMIT_KBYTES] = 0;
	return 0;
}

/* ---- reserves for users, which follow the free memory ---------------------------------------- */

static uint64_t free_kbytes(const struct machine *m)
{
	return mm_total_free(m->mm) << (m->spec->page_shift - 10);
}

static const struct reserve {
	enum machine_vm which;
	const char *name;
	uint64_t most;
} reserves[] = {
	{ MACHINE_VM_USER_RESERVE_KBYTES, "user", USER_RESERVE_KB },
	{ MACHINE_VM_ADMIN_RESERVE_KBYTES, "admin", ADMIN_RESERVE_KB },
};

/* init_user_reserve(), init_admin_reserve() */
static void reserve_init(struct machine *m, const struct reserve *r)
{
	m->vm[r->which] = BASE_MIN(free_kbytes(m) / 32, r->most);
}

/* reserve_mem_notifier() */
static int reserve_call(struct hp_notifier *notifier, enum hp_action action,
			const struct hp_notify *arg)
{
	struct machine *m = base_container_of(notifier, struct machine, reserve);
	const uint64_t free = free_kbytes(m);

	for (const struct reserve *r = reserves; r < reserves + BASE_ARRAY_SIZE(reserves); r++) {
		uint64_t now = m->vm[r->which];

		if (action == HP_ONLINED && now && now < r->most)
			reserve_init(m, r);
		if (action != HP_OFFLINED || now <= free)
			continue;
		reserve_init(m, r);
		hp_log(m->hp, "vm.%s_reserve_kbytes reset to %llu", r->name,
		       (unsigned long long)m->vm[r->which]);
	}
	return 0;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct setting settings[MACHINE_NR_VM] = {
	[MACHINE_VM_ADMIN_RESERVE_KBYTES] = { .is_long = true },
	[MACHINE_VM_COMPACT_MEMORY] = { .set = set_compact },
	[MACHINE_VM_COMPACT_UNEVICTABLE_ALLOWED] = { .max = 1, .initial = 1 },
	[MACHINE_VM_COMPACTION_PROACTIVENESS] = { .max = 100, .initial = 20 },
	[MACHINE_VM_DEFRAG_MODE] = { .max = 1 },
	[MACHINE_VM_DIRTY_BACKGROUND_BYTES] = { .is_long = true,
						.min = 1,
						.max = UINT64_MAX,
						.set = set_dirty_background_bytes },
	[MACHINE_VM_DIRTY_BACKGROUND_RATIO] = { .max = 100,
						.initial = 10,
						.set = set_dirty_background_ratio },
	[MACHINE_VM_DIRTY_BYTES] = { .is_long = true,
				     .range = dirty_bytes_range,
				     .set = set_dirty_bytes },
	[MACHINE_VM_DIRTY_EXPIRE_CENTISECS] = { .max = INT_MAX, .initial = 3000 },
	[MACHINE_VM_DIRTY_RATIO] = { .max = 100, .initial = 20, .set = set_dirty_ratio },
	[MACHINE_VM_DIRTY_WRITEBACK_CENTISECS] = { .initial = 500 },
	[MACHINE_VM_DIRTYTIME_EXPIRE_SECONDS] = { .max = INT_MAX, .initial = 12 * 60 * 60 },
	[MACHINE_VM_DROP_CACHES] = { .min = 1, .max = 4, .set = set_drop_caches },
	[MACHINE_VM_ENABLE_SOFT_OFFLINE] = { .max = 1,
					     .get = get_soft_offline,
					     .set = set_soft_offline },
	[MACHINE_VM_EXTFRAG_THRESHOLD] = { .max = 1000, .initial = 500 },
	[MACHINE_VM_HUGETLB_OPTIMIZE_VMEMMAP] = { .is_long = true,
						  .max = UINT_MAX,
						  .at_boot = boot_optimize_vmemmap,
						  .get = get_optimize_vmemmap,
						  .set = set_optimize_vmemmap },
	[MACHINE_VM_HUGETLB_SHM_GROUP] = { .initial = 0 },
	[MACHINE_VM_LAPTOP_MODE] = { .min = INT(-(INT_MAX / HZ)), .max = INT_MAX / HZ },
	[MACHINE_VM_LEGACY_VA_LAYOUT] = { .max = INT_MAX },
	[MACHINE_VM_MAX_MAP_COUNT] = { .max = INT_MAX, .initial = NR_MAPS },
	[MACHINE_VM_MEMFD_NOEXEC] = { .max = 2 },
	[MACHINE_VM_MEMORY_FAILURE_EARLY_KILL] = { .max = 1 },
	[MACHINE_VM_MEMORY_FAILURE_RECOVERY] = { .max = 1, .initial = 1 },
	[MACHINE_VM_MIN_FREE_KBYTES] = { .max = INT_MAX, .get = get_min_free, .set = set_min_free },
	[MACHINE_VM_MIN_SLAB_RATIO] = { .max = 100, .initial = 5 },
	[MACHINE_VM_MIN_UNMAPPED_RATIO] = { .max = 100, .initial = 1 },
	[MACHINE_VM_MMAP_MIN_ADDR] = { .is_long = true, .initial = LOWEST_MAPPED },
	[MACHINE_VM_MMAP_RND_BITS] = { .range = rnd_bits_range, .at_boot = boot_rnd_bits },
	[MACHINE_VM_MMAP_RND_COMPAT_BITS] = { .range = rnd_compat_bits_range,
					      .at_boot = boot_rnd_compat_bits },
	[MACHINE_VM_NR_HUGEPAGES] = { .is_long = true,
				      .get = get_nr_hugepages,
				      .set = set_nr_hugepages },
	[MACHINE_VM_NR_OVERCOMMIT_HUGEPAGES] = { .is_long = true,
						 .get = get_overcommit_hugepages,
						 .set = set_overcommit_hugepages },
	[MACHINE_VM_NUMA_STAT] = { .max = 1, .initial = 1, .set = set_numa_stat },
	[MACHINE_VM_OOM_DUMP_TASKS] = { .initial = 1 },
	[MACHINE_VM_OOM_KILL_ALLOCATING_TASK] = { .initial = 0 },
	[MACHINE_VM_OVERCOMMIT_KBYTES] = { .is_long = true, .set = set_overcommit_kbytes },
	[MACHINE_VM_OVERCOMMIT_MEMORY] = { .max = 2 },
	[MACHINE_VM_OVERCOMMIT_RATIO] = { .initial = 50, .set = set_overcommit_ratio },
	[MACHINE_VM_PAGE_CLUSTER] = { .max = 31, .initial = 3 },
	[MACHINE_VM_PAGE_LOCK_UNFAIRNESS] = { .max = INT_MAX, .initial = 5 },
	[MACHINE_VM_PANIC_ON_OOM] = { .max = 2 },
	[MACHINE_VM_PERCPU_PAGELIST_HIGH_FRACTION] = { .max = INT_MAX, .set = set_high_fraction },
	[MACHINE_VM_STAT_INTERVAL] = { .min = INT(-(INT_MAX / HZ)),
				       .max = INT_MAX / HZ,
				       .initial = 1 },
	[MACHINE_VM_SWAPPINESS] = { .max = 200, .initial = 60 },
	[MACHINE_VM_UNPRIVILEGED_USERFAULTFD] = { .max = 1 },
	[MACHINE_VM_USER_RESERVE_KBYTES] = { .is_long = true },
	[MACHINE_VM_VFS_CACHE_PRESSURE] = { .max = INT_MAX, .initial = 100 },
	[MACHINE_VM_VFS_CACHE_PRESSURE_DENOM] = { .min = 100, .max = INT_MAX, .initial = 100 },
	[MACHINE_VM_WATERMARK_BOOST_FACTOR] = { .max = INT_MAX, .initial = 15000 },
	[MACHINE_VM_WATERMARK_SCALE_FACTOR] = { .min = 1,
						.max = 3000,
						.get = get_scale_factor,
						.set = set_scale_factor },
	[MACHINE_VM_ZONE_RECLAIM_MODE] = { .max = INT_MAX },
};

struct machine_vm_range machine_vm_range(const struct machine *m, enum machine_vm which)
{
	const struct setting *setting = &settings[which];
	struct machine_vm_range range = { setting->is_long, setting->min, setting->max };

	if (setting->range) {
		setting->range(m, &range);
	} else if (!setting->min && !setting->max) {
		range.min = setting->is_long ? 0 : INT(INT_MIN);
		range.max = setting->is_long ? UINT64_MAX : INT_MAX;
	}
	return range;
}

uint64_t machine_vm(const struct machine *m, enum machine_vm which)
{
	return settings[which].get ? settings[which].get(m) : m->vm[which];
}

int machine_vm_set(struct machine *m, enum machine_vm which, uint64_t value)
{
	const struct setting *setting = &settings[which];
	int ret = setting->set ? setting->set(m, value) : 0;

	if (!ret && !setting->get)
		m->vm[which] = value;
	return ret;
}

void machine_vm_boot(struct machine *m)
{
	for (int which = 0; which < MACHINE_NR_VM; which++)
		m->vm[which] = settings[which].at_boot ? settings[which].at_boot(m) :
							 settings[which].initial;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(reserves); i++)
		reserve_init(m, &reserves[i]);
	m->reserve.name = "the reserve for users";
	m->reserve.call = reserve_call;
	hp_notifier_register(m->hp, &m->reserve);
}
