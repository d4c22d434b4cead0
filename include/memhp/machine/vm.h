/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings of the memory management, /proc/sys/vm (vm.c), and what follows (vm_limits.c). */
#ifndef MEMHP_MACHINE_VM_H
#define MEMHP_MACHINE_VM_H

#include "memhp/machine/machine.h"
#include "memhp/mm/types.h"

/** enum machine_vm - settings that are one number, by their name in /proc/sys/vm */
enum machine_vm {
	MACHINE_VM_ADMIN_RESERVE_KBYTES,
	MACHINE_VM_COMPACT_MEMORY,
	MACHINE_VM_COMPACT_UNEVICTABLE_ALLOWED,
	MACHINE_VM_COMPACTION_PROACTIVENESS,
	MACHINE_VM_DEFRAG_MODE,
	MACHINE_VM_DIRTY_BACKGROUND_BYTES,
	MACHINE_VM_DIRTY_BACKGROUND_RATIO,
	MACHINE_VM_DIRTY_BYTES,
	MACHINE_VM_DIRTY_EXPIRE_CENTISECS,
	MACHINE_VM_DIRTY_RATIO,
	MACHINE_VM_DIRTY_WRITEBACK_CENTISECS,
	MACHINE_VM_DIRTYTIME_EXPIRE_SECONDS,
	MACHINE_VM_DROP_CACHES,
	MACHINE_VM_ENABLE_SOFT_OFFLINE,
	MACHINE_VM_EXTFRAG_THRESHOLD,
	MACHINE_VM_HUGETLB_OPTIMIZE_VMEMMAP,
	MACHINE_VM_HUGETLB_SHM_GROUP,
	MACHINE_VM_LAPTOP_MODE,
	MACHINE_VM_LEGACY_VA_LAYOUT,
	MACHINE_VM_MAX_MAP_COUNT,
	MACHINE_VM_MEMFD_NOEXEC,
	MACHINE_VM_MEMORY_FAILURE_EARLY_KILL,
	MACHINE_VM_MEMORY_FAILURE_RECOVERY,
	MACHINE_VM_MIN_FREE_KBYTES,
	MACHINE_VM_MIN_SLAB_RATIO,
	MACHINE_VM_MIN_UNMAPPED_RATIO,
	MACHINE_VM_MMAP_MIN_ADDR,
	MACHINE_VM_MMAP_RND_BITS,
	MACHINE_VM_MMAP_RND_COMPAT_BITS,
	MACHINE_VM_NR_HUGEPAGES,
	MACHINE_VM_NR_OVERCOMMIT_HUGEPAGES,
	MACHINE_VM_NUMA_STAT,
	MACHINE_VM_OOM_DUMP_TASKS,
	MACHINE_VM_OOM_KILL_ALLOCATING_TASK,
	MACHINE_VM_OVERCOMMIT_KBYTES,
	MACHINE_VM_OVERCOMMIT_MEMORY,
	MACHINE_VM_OVERCOMMIT_RATIO,
	MACHINE_VM_PAGE_CLUSTER,
	MACHINE_VM_PAGE_LOCK_UNFAIRNESS,
	MACHINE_VM_PANIC_ON_OOM,
	MACHINE_VM_PERCPU_PAGELIST_HIGH_FRACTION,
	MACHINE_VM_STAT_INTERVAL,
	MACHINE_VM_SWAPPINESS,
	MACHINE_VM_UNPRIVILEGED_USERFAULTFD,
	MACHINE_VM_USER_RESERVE_KBYTES,
	MACHINE_VM_VFS_CACHE_PRESSURE,
	MACHINE_VM_VFS_CACHE_PRESSURE_DENOM,
	MACHINE_VM_WATERMARK_BOOST_FACTOR,
	MACHINE_VM_WATERMARK_SCALE_FACTOR,
	MACHINE_VM_ZONE_RECLAIM_MODE,
	MACHINE_NR_VM,
};

/**
 * struct machine_vm_range - what a setting can be set to
 * @is_long: an unsigned long; else an int, whose values are stored as (uint64_t)(int64_t)
 * @min, @max: as the type says
 */
struct machine_vm_range {
	bool is_long;
	uint64_t min;
	uint64_t max;
};

struct machine_vm_range machine_vm_range(const struct machine *machine, enum machine_vm which);
uint64_t machine_vm(const struct machine *machine, enum machine_vm which);
/**
 * machine_vm_set() - set a value that is in the range, and do what the kernel does then
 *
 * Return: 0, -EINVAL, -ERANGE.
 */
int machine_vm_set(struct machine *machine, enum machine_vm which, uint64_t value);
/** machine_drops_silently() - bit 2 was written to drop_caches, which ends its messages. */
bool machine_drops_silently(const struct machine *machine);
/** machine_commit_limit() - CommitLimit, in pages (vm_commit_limit()). */
uint64_t machine_commit_limit(const struct machine *machine);
/** machine_committed() - Committed_AS: pages that programs were promised. */
uint64_t machine_committed(const struct machine *machine);
/**
 * machine_may_commit() - whether programs may be promised @nr_pages more (__vm_enough_memory())
 * @held: pages that the one who asks has already
 *
 * Only overcommit_memory 2 limits that.
 */
bool machine_may_commit(const struct machine *machine, uint64_t held, uint64_t nr_pages);
/** machine_commits() - whether pages of a kind are promised to programs. */
bool machine_commits(enum mm_kind kind);
/** machine_dirty_limits() - pages that may be dirty (domain_dirty_limits()). */
void machine_dirty_limits(const struct machine *machine, uint64_t *ret_limit,
			  uint64_t *ret_background);

/** enum machine_event - events that /proc/vmstat counts */
enum machine_event {
	MACHINE_EVENT_NONE,
	MACHINE_EVENT_DROP_PAGECACHE,
	MACHINE_EVENT_DROP_SLAB,
	MACHINE_EVENT_THP_FAULT_ALLOC,
	MACHINE_NR_EVENTS,
};
uint64_t machine_event_count(const struct machine *machine, enum machine_event event);

#endif
