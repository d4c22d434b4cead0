// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The filter of the hwpoison injector (the kernel's hwpoison_filter()): which pages a test may
 * poison, by device, page flags and memory cgroup.
 */
#include "hp_private.h"
#include "page_flags.h"

#define ANY_DEVICE UINT32_MAX
#define DISK_MAJOR 8 /* all page cache belongs to one file system, on sda1 */
#define DISK_MINOR 1
#define SHMEM_MAJOR 0
#define SHMEM_MINOR 1
#define ROOT_CGROUP_INO 1

#define KPF_ANON_PAGE (KPF_UPTODATE | KPF_LRU | KPF_MMAP | KPF_ANON | KPF_SWAPBACKED)

/* @charged: charged to a cgroup: memory of programs */
static const struct {
	uint64_t flags;
	bool has_device;
	uint32_t major, minor;
	bool charged;
} pages[MM_NR_KINDS] = {
	[MM_KIND_HOLE] = { KPF_RESERVED },
	[MM_KIND_RESERVED] = { KPF_RESERVED },
	[MM_KIND_POISON_HOLE] = { KPF_RESERVED },
	[MM_KIND_POISON_RESERVED] = { KPF_RESERVED },
	[MM_KIND_SLAB] = { KPF_SLAB },
	[MM_KIND_PAGETABLE] = { KPF_PGTABLE },
	[MM_KIND_ANON] = { KPF_ANON_PAGE, .charged = true },
	[MM_KIND_PINNED] = { KPF_ANON_PAGE, .charged = true },
	[MM_KIND_THP] = { KPF_ANON_PAGE | KPF_THP, .charged = true },
	[MM_KIND_MLOCK] = { KPF_ANON_PAGE | KPF_UNEVICTABLE | KPF_MLOCKED, .charged = true },
	[MM_KIND_SHMEM] = { KPF_UPTODATE | KPF_LRU | KPF_MMAP | KPF_SWAPBACKED, true, SHMEM_MAJOR,
			    SHMEM_MINOR, .charged = true },
	[MM_KIND_PAGECACHE] = { KPF_UPTODATE | KPF_LRU, true, DISK_MAJOR, DISK_MINOR,
				.charged = true },
	[MM_KIND_BALLOON] = { KPF_OFFLINE },
	[MM_KIND_BALLOON_MOVABLE] = { KPF_OFFLINE },
	[MM_KIND_HUGETLB] = { KPF_HUGE | KPF_UPTODATE | KPF_MMAP | KPF_ANON, .charged = true },
	[MM_KIND_HUGETLB_FREE] = { KPF_HUGE },
	[MM_KIND_GIGANTIC] = { KPF_HUGE | KPF_UPTODATE | KPF_MMAP | KPF_ANON, .charged = true },
	[MM_KIND_GIGANTIC_FREE] = { KPF_HUGE },
	[MM_KIND_CONT_PTE_FREE] = { KPF_HUGE },
	[MM_KIND_CONT_PMD_FREE] = { KPF_HUGE },
	[MM_KIND_FAKE_OFFLINE] = { KPF_OFFLINE },
	[MM_KIND_UNBACKED] = { KPF_OFFLINE },
	[MM_KIND_ALTMAP] = { KPF_OWNER_PRIVATE }, /* PG_vmemmap_self_hosted */
};

uint64_t hp_kind_flags(enum mm_kind kind)
{
	return pages[kind].flags;
}

uint64_t hp_kind_cgroup(enum mm_kind kind)
{
	return pages[kind].charged ? ROOT_CGROUP_INO : 0;
}

void hp_poison_filter_init(struct hp_poison_filter *filter)
{
	*filter = (struct hp_poison_filter){
		.value[HP_FILTER_DEV_MAJOR] = ANY_DEVICE,
		.value[HP_FILTER_DEV_MINOR] = ANY_DEVICE,
	};
}

uint64_t hp_poison_filter_get(const struct hp *hp, enum hp_filter which)
{
	return hp->poison_filter.value[which];
}

void hp_poison_filter_set(struct hp *hp, enum hp_filter which, uint64_t value)
{
	/* The first three are 32-bit variables. */
	hp->poison_filter.value[which] = which <= HP_FILTER_DEV_MINOR ? (uint32_t)value : value;
}

bool hp_poison_filter_passes(const struct hp *hp, const struct mm_use *use)
{
	const uint64_t *want = hp->poison_filter.value;
	uint64_t flags = use ? pages[use->kind].flags : KPF_BUDDY;
	uint32_t major = (uint32_t)want[HP_FILTER_DEV_MAJOR];
	uint32_t minor = (uint32_t)want[HP_FILTER_DEV_MINOR];

	if (!want[HP_FILTER_ENABLE])
		return true;
	if (major != ANY_DEVICE || minor != ANY_DEVICE) {
		if (!use || !pages[use->kind].has_device ||
		    (major != ANY_DEVICE && major != pages[use->kind].major) ||
		    (minor != ANY_DEVICE && minor != pages[use->kind].minor))
			return false;
	}
	if (want[HP_FILTER_FLAGS_MASK] &&
	    (flags & want[HP_FILTER_FLAGS_MASK]) != want[HP_FILTER_FLAGS_VALUE])
		return false;
	return !want[HP_FILTER_MEMCG] ||
	       (use && pages[use->kind].charged && want[HP_FILTER_MEMCG] == ROOT_CGROUP_INO);
}

bool hp_poison_filter_sees(const struct hp *hp, const struct mm_use *use)
{
	return !hp->poison_filter.value[HP_FILTER_ENABLE] || !use ||
	       (pages[use->kind].flags & (KPF_LRU | KPF_HUGE));
}
