/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel is built with (config.c). */
#ifndef MEMHP_SPEC_CONFIG_H
#define MEMHP_SPEC_CONFIG_H

#include "memhp/base.h"

struct machine_spec;

/*
 * What a kernel can be built with, one bit each, named after the symbol of its configuration. Rows
 * of the tree, of counters and of parameters say which they need. The table of symbols in config.c
 * has their dependencies and effects; &machine_arch.lacks is what an architecture lacks.
 */
#define MACHINE_FEATURE(nr) (UINT64_C(1) << (nr))

#define MACHINE_PM MACHINE_FEATURE(0)
#define MACHINE_MEMORY_FAILURE MACHINE_FEATURE(1)
#define MACHINE_ZONE_DEVICE MACHINE_FEATURE(2)
#define MACHINE_MEMORY_HOTREMOVE MACHINE_FEATURE(3)
#define MACHINE_MIGRATION MACHINE_FEATURE(4)
#define MACHINE_COMPACTION MACHINE_FEATURE(5)
#define MACHINE_CMA MACHINE_FEATURE(6)
#define MACHINE_DMA_CMA MACHINE_FEATURE(7)
#define MACHINE_NUMA MACHINE_FEATURE(8)
#define MACHINE_HUGETLB MACHINE_FEATURE(9)
#define MACHINE_HUGETLB_VMEMMAP MACHINE_FEATURE(10)
#define MACHINE_THP MACHINE_FEATURE(11)
#define MACHINE_ZONE_DMA MACHINE_FEATURE(12)
#define MACHINE_ZONE_DMA32 MACHINE_FEATURE(13)
#define MACHINE_MEMMAP_ON_MEMORY MACHINE_FEATURE(14)
#define MACHINE_VIRTIO_MEM MACHINE_FEATURE(15)
#define MACHINE_ACPI_MEMORY MACHINE_FEATURE(16)
#define MACHINE_MEMORY_PROBE MACHINE_FEATURE(17)
#define MACHINE_KEXEC_CORE MACHINE_FEATURE(18)
#define MACHINE_CRASH_DUMP MACHINE_FEATURE(19)
#define MACHINE_CRASH_HOTPLUG MACHINE_FEATURE(20)
#define MACHINE_MODULES MACHINE_FEATURE(21)
#define MACHINE_FIRMWARE_MEMMAP MACHINE_FEATURE(22)
#define MACHINE_UEVENT_HELPER MACHINE_FEATURE(23)
#define MACHINE_DEBUG_FS MACHINE_FEATURE(24)
#define MACHINE_HWPOISON_INJECT MACHINE_FEATURE(25)
#define MACHINE_NOTIFIER_INJECT MACHINE_FEATURE(26)
#define MACHINE_MEMORY_NOTIFIER_INJECT MACHINE_FEATURE(27)
#define MACHINE_FAULT_INJECTION MACHINE_FEATURE(28)
#define MACHINE_FAIL_PAGE_ALLOC MACHINE_FEATURE(29)
#define MACHINE_FAULT_DEBUG_FS MACHINE_FEATURE(30)
#define MACHINE_MEMCG MACHINE_FEATURE(31)
#define MACHINE_KSM MACHINE_FEATURE(32)
#define MACHINE_BALLOON MACHINE_FEATURE(33)
#define MACHINE_BALLOON_COMPACTION MACHINE_FEATURE(34)
#define MACHINE_VM_EVENTS MACHINE_FEATURE(35)
#define MACHINE_DEV_DAX_KMEM MACHINE_FEATURE(36)
#define MACHINE_NUMA_BALANCING MACHINE_FEATURE(37)
#define MACHINE_IOMMU MACHINE_FEATURE(38)
#define MACHINE_ZSMALLOC MACHINE_FEATURE(39)
#define MACHINE_ZSWAP MACHINE_FEATURE(40)
#define MACHINE_THP_PUD MACHINE_FEATURE(41) /* HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD */
#define MACHINE_SWAP MACHINE_FEATURE(42)

/* Either can allocate physically contiguous memory at run time (CONFIG_CONTIG_ALLOC). */
#define MACHINE_CONTIG_ALLOC (MACHINE_COMPACTION | MACHINE_CMA)

/** machine_config_symbol() - the name of symbol @i of the table; NULL: there are no more. */
const char *machine_config_symbol(size_t i);

/**
 * machine_spec_take_config() - take the configuration from a .config, as in /proc/config.gz
 * @spec: its architecture is set
 * @text: NULL: that of the recorded kernels
 *
 * How added memory goes online is left as it is.
 */
void machine_spec_take_config(struct machine_spec *spec, const char *text);
/** machine_config_name() - the symbol of a feature, for messages. */
const char *machine_config_name(uint64_t feature);

#endif
