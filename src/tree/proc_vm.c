// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/sys/vm: the settings of the memory management. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "counters.h"
#include "sysctl.h"
#include "tree_private.h"

#define VM "proc/sys/vm/"

static size_t page_size(const struct tree *tree)
{
	return (size_t)1 << machine_spec(tree->machine)->page_shift;
}

static int number_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct machine *machine = obj->tree->machine;

	tree_number_print(machine_vm_range(machine, row->arg).is_long,
			  machine_vm(machine, row->arg), buf);
	base_buf_puts(buf, "\n");
	return 0;
}

static ssize_t number_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			    size_t len, struct tree_req *req)
{
	const struct machine_vm_range range = machine_vm_range(obj->tree->machine, row->arg);
	const struct tree_numbers one = { range.is_long, range.min, range.max, 1,
					  page_size(obj->tree) };
	uint64_t value;
	size_t used;
	int ret = tree_numbers_parse(&one, text, len, &value, &used);

	if (!ret)
		ret = machine_vm_set(obj->tree->machine, row->arg, value);
	return ret ? ret : (ssize_t)used;
}

/* Before 6.4, the text was not looked at. */
static ssize_t compact_memory_store(struct tree_obj *obj, const struct tree_row *row,
				    const char *text, size_t len, struct tree_req *req)
{
	if (!machine_kernel_has(&machine_spec(obj->tree->machine)->profile, MACHINE_KERNEL(6, 4),
				0))
		return (ssize_t)len;
	return number_store(obj, row, text, len, req);
}

/* The kernel names the process; whoever asks without being one is not in its log. */
static void log_drop(struct tree *tree, pid_t pid, uint64_t value)
{
	char command[TREE_COMMAND_SIZE], line[128];

	if (!pid)
		return;
	tree_command(tree, pid, command);
	snprintf(line, sizeof(line), "%s (%d): drop_caches: %llu", command, pid,
		 (unsigned long long)value);
	tree_journal_log(tree, line);
}

static ssize_t drop_caches_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	struct machine *machine = obj->tree->machine;
	bool silent = machine_drops_silently(machine);
	ssize_t ret = number_store(obj, row, text, len, req);

	if (ret > 0 && !silent)
		log_drop(obj->tree, req->caller.pid, machine_vm(machine, row->arg));
	return ret;
}

static int reserve_ratio_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	const struct mm *mm = obj->tree->mm;
	const char *sep = "";

	for (int type = 0; type < MM_NR_ZONES; type++) {
		if (!tree_zone_exists(mm, type))
			continue;
		base_buf_puts(buf, sep);
		tree_number_print(false, mm_tuning(mm)->lowmem_reserve_ratio[type], buf);
		sep = "\t";
	}
	base_buf_puts(buf, "\n");
	return 0;
}

/*
 * QUIRK: an error is not reported: the numbers before it count, and a text without any counts as
 * written. Negative numbers become 0.
 */
static ssize_t reserve_ratio_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	struct tree_numbers ints = { false, (uint64_t)(int64_t)INT_MIN, INT_MAX, 0,
				     page_size(obj->tree) };
	uint64_t values[MM_NR_ZONES];
	int types[MM_NR_ZONES];
	size_t used;

	for (int type = 0; type < MM_NR_ZONES; type++) {
		if (!tree_zone_exists(obj->tree->mm, type))
			continue;
		values[ints.nr] = mm_tuning(obj->tree->mm)->lowmem_reserve_ratio[type];
		types[ints.nr++] = type;
	}
	(void)tree_numbers_parse(&ints, text, len, values, &used);
	for (size_t i = 0; i < ints.nr; i++)
		mm_set_lowmem_reserve_ratio(obj->tree->mm, types[i],
					    (int64_t)values[i] < 1 ? 0 : values[i]);
	return (ssize_t)used;
}

static int zonelist_order_show(struct tree_obj *obj, const struct tree_row *row,
			       struct base_buf *buf)
{
	base_buf_puts(buf, "Node\n");
	return 0;
}

/* The first letter decides, and nothing changes. */
static ssize_t zonelist_order_store(struct tree_obj *obj, const struct tree_row *row,
				    const char *text, size_t len, struct tree_req *req)
{
	if (*text && strchr("dDnN", *text))
		return (ssize_t)len;
	hp_log(obj->tree->hp, "Ignoring unsupported numa_zonelist_order value:  %.*s",
	       (int)strcspn(text, "\n"), text);
	return -EINVAL;
}

/* HAVE_ARCH_MMAP_RND_BITS */
static bool has_rnd_bits(const struct tree_obj *obj, const struct tree_row *row)
{
	return machine_spec(obj->tree->machine)->arch->mmap_rnd[1];
}

/* 32-bit programs have pages of 4K. */
static bool has_rnd_compat_bits(const struct tree_obj *obj, const struct tree_row *row)
{
	const struct machine_spec *spec = machine_spec(obj->tree->machine);

	return spec->arch->mmap_rnd_compat[1] && spec->page_shift == 12;
}

static bool has_legacy_layout(const struct tree_obj *obj, const struct tree_row *row)
{
	return !machine_spec(obj->tree->machine)->arch->no_legacy_layout;
}

#define SYSCTL_ROW(name, bits, show_fn, store_fn)                                                  \
	.path = VM name, .mode = S_IFREG | (bits), .show = (show_fn), .store = (store_fn),         \
	.sysctl = TREE_SYSCTL_NUMBERS
#define VM_ROW(name, which)                                                                        \
	SYSCTL_ROW(name, 0644, number_show, number_store), .arg = MACHINE_VM_##which

static const struct tree_row vm_rows[] = {
	{ .path = "proc/sys", .mode = S_IFDIR | 0555 },
	{ .path = "proc/sys/vm", .mode = S_IFDIR | 0555 },
	{ VM_ROW("admin_reserve_kbytes", ADMIN_RESERVE_KBYTES) },
	{ SYSCTL_ROW("compact_memory", 0200, tree_empty_show, compact_memory_store),
	  .needs = MACHINE_COMPACTION, .arg = MACHINE_VM_COMPACT_MEMORY },
	{ VM_ROW("compact_unevictable_allowed", COMPACT_UNEVICTABLE_ALLOWED),
	  .needs = MACHINE_COMPACTION },
	{ VM_ROW("compaction_proactiveness", COMPACTION_PROACTIVENESS),
	  .needs = MACHINE_COMPACTION },
	{ VM_ROW("defrag_mode", DEFRAG_MODE), .since = MACHINE_KERNEL(6, 15) },
	{ VM_ROW("dirty_background_bytes", DIRTY_BACKGROUND_BYTES) },
	{ VM_ROW("dirty_background_ratio", DIRTY_BACKGROUND_RATIO) },
	{ VM_ROW("dirty_bytes", DIRTY_BYTES) },
	{ VM_ROW("dirty_expire_centisecs", DIRTY_EXPIRE_CENTISECS) },
	{ VM_ROW("dirty_ratio", DIRTY_RATIO) },
	{ VM_ROW("dirty_writeback_centisecs", DIRTY_WRITEBACK_CENTISECS) },
	{ VM_ROW("dirtytime_expire_seconds", DIRTYTIME_EXPIRE_SECONDS) },
	{ SYSCTL_ROW("drop_caches", 0200, tree_empty_show, drop_caches_store),
	  .arg = MACHINE_VM_DROP_CACHES },
	{ VM_ROW("enable_soft_offline", ENABLE_SOFT_OFFLINE), .needs = MACHINE_MEMORY_FAILURE,
	  .since = MACHINE_KERNEL(6, 11) },
	{ VM_ROW("extfrag_threshold", EXTFRAG_THRESHOLD), .needs = MACHINE_COMPACTION },
	{ VM_ROW("hugetlb_optimize_vmemmap", HUGETLB_OPTIMIZE_VMEMMAP),
	  .needs = MACHINE_HUGETLB_VMEMMAP },
	{ VM_ROW("hugetlb_shm_group", HUGETLB_SHM_GROUP), .needs = MACHINE_HUGETLB },
	{ VM_ROW("laptop_mode", LAPTOP_MODE) },
	{ VM_ROW("legacy_va_layout", LEGACY_VA_LAYOUT), .visible = has_legacy_layout },
	{ SYSCTL_ROW("lowmem_reserve_ratio", 0644, reserve_ratio_show, reserve_ratio_store) },
	{ VM_ROW("max_map_count", MAX_MAP_COUNT) },
	{ VM_ROW("memfd_noexec", MEMFD_NOEXEC), .since = MACHINE_KERNEL(6, 3) },
	{ VM_ROW("memory_failure_early_kill", MEMORY_FAILURE_EARLY_KILL),
	  .needs = MACHINE_MEMORY_FAILURE },
	{ VM_ROW("memory_failure_recovery", MEMORY_FAILURE_RECOVERY),
	  .needs = MACHINE_MEMORY_FAILURE },
	{ VM_ROW("min_free_kbytes", MIN_FREE_KBYTES) },
	{ VM_ROW("min_slab_ratio", MIN_SLAB_RATIO), .needs = MACHINE_NUMA },
	{ VM_ROW("min_unmapped_ratio", MIN_UNMAPPED_RATIO), .needs = MACHINE_NUMA },
	{ VM_ROW("mmap_min_addr", MMAP_MIN_ADDR) },
	{ SYSCTL_ROW("mmap_rnd_bits", 0600, number_show, number_store), .visible = has_rnd_bits,
	  .arg = MACHINE_VM_MMAP_RND_BITS },
	{ SYSCTL_ROW("mmap_rnd_compat_bits", 0600, number_show, number_store),
	  .visible = has_rnd_compat_bits, .arg = MACHINE_VM_MMAP_RND_COMPAT_BITS },
	{ VM_ROW("nr_hugepages", NR_HUGEPAGES), .needs = MACHINE_HUGETLB },
	/* Whoever writes has no memory policy. */
	{ VM_ROW("nr_hugepages_mempolicy", NR_HUGEPAGES), .needs = MACHINE_HUGETLB | MACHINE_NUMA },
	{ VM_ROW("nr_overcommit_hugepages", NR_OVERCOMMIT_HUGEPAGES), .needs = MACHINE_HUGETLB },
	{ VM_ROW("numa_stat", NUMA_STAT), .needs = MACHINE_NUMA },
	{ .path = VM "numa_zonelist_order",
	  .mode = S_IFREG | 0644,
	  .needs = MACHINE_NUMA,
	  .show = zonelist_order_show,
	  .store = zonelist_order_store,
	  .sysctl = TREE_SYSCTL_STRING },
	{ VM_ROW("oom_dump_tasks", OOM_DUMP_TASKS) },
	{ VM_ROW("oom_kill_allocating_task", OOM_KILL_ALLOCATING_TASK) },
	{ VM_ROW("overcommit_kbytes", OVERCOMMIT_KBYTES) },
	{ VM_ROW("overcommit_memory", OVERCOMMIT_MEMORY) },
	{ VM_ROW("overcommit_ratio", OVERCOMMIT_RATIO) },
	{ VM_ROW("page-cluster", PAGE_CLUSTER) },
	{ VM_ROW("page_lock_unfairness", PAGE_LOCK_UNFAIRNESS) },
	{ VM_ROW("panic_on_oom", PANIC_ON_OOM) },
	{ VM_ROW("percpu_pagelist_high_fraction", PERCPU_PAGELIST_HIGH_FRACTION) },
	{ VM_ROW("stat_interval", STAT_INTERVAL) },
	{ SYSCTL_ROW("stat_refresh", 0600, tree_empty_show, tree_accept_store) },
	{ VM_ROW("swappiness", SWAPPINESS) },
	{ VM_ROW("unprivileged_userfaultfd", UNPRIVILEGED_USERFAULTFD) },
	{ VM_ROW("user_reserve_kbytes", USER_RESERVE_KBYTES) },
	{ VM_ROW("vfs_cache_pressure", VFS_CACHE_PRESSURE) },
	{ VM_ROW("vfs_cache_pressure_denom", VFS_CACHE_PRESSURE_DENOM),
	  .since = MACHINE_KERNEL(6, 16) },
	{ VM_ROW("watermark_boost_factor", WATERMARK_BOOST_FACTOR) },
	{ VM_ROW("watermark_scale_factor", WATERMARK_SCALE_FACTOR) },
	{ VM_ROW("zone_reclaim_mode", ZONE_RECLAIM_MODE), .needs = MACHINE_NUMA },
};

const struct tree_table tree_proc_vm_table = TREE_TABLE(vm_rows);
