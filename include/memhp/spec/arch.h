/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Architectures (arch.c). */
#ifndef MEMHP_SPEC_ARCH_H
#define MEMHP_SPEC_ARCH_H

#include "memhp/base.h"
#include "memhp/spec/config.h"

struct machine_spec;

/** struct machine_image - part of the kernel image; @end is inclusive. */
struct machine_image {
	const char *name;
	uint64_t start;
	uint64_t end;
};

/**
 * struct machine_arch - what Linux hard-codes per architecture
 * @page_shift: log2 of the default page size
 * @page_sizes: sum of the page sizes that a kernel can be built with
 * @phys_bits, @max_phys_bits: default and largest width of physical addresses
 * @section_size: bytes; a block is a power-of-two number of sections
 * @section_size_64k: the same with 64 KiB pages
 * @new_section_size: bytes of a section since @new_section_since, a MACHINE_KERNEL(); 0: as before
 * @usual_block: default block size in bytes; 0: a section
 * @pageblock: bytes of a pageblock; 0: as much as a PMD maps
 * @dma_limit, @dma32_limit: first byte above the zone; 0: no such zone. A zone that ends where
 *			     the previous one ends exists but is always empty
 * @dma_takes_high: if no memory is below @dma_limit, all of it is in the DMA zone
 * @max_mappable: last byte that the kernel can map
 * @alias: another name, as in Debian or QEMU; NULL: none
 * @low_reserved: bytes from address 0 that are reserved for firmware and the kernel
 * @bounce_above: bounce buffers are reserved if memory can be above this address; 0: never
 * @image: parts of the kernel image, up to an entry without a name; NULL: it is not modelled
 * @pc_resources: /proc/iomem has the entries of QEMU's pc machine and of the e820 code
 * @merges_nodes: adjacent boot memory is one resource, even on different nodes
 * @block_size_of: choose the block size from the memory; NULL: see machine_arch_block_size()
 * @crash_limit: first byte above the memory for a crash kernel that is tried first
 * @cma_limit: first byte above the default area for contiguous allocations; 0: none
 * @crash_low_size: what a crash kernel in high memory needs below; 0: the kernel knows no ",high"
 * @crash_align: alignment of its memory
 * @direct_map_kb: page sizes of the direct map that meminfo shows, kB; @direct_map_usual: the index
 *		   of that of almost all memory
 * @direct_map_events: vmstat counts the splits of direct map pages
 * @has_acpi: DIMMs are ACPI devices, and their blocks have a firmware_node
 * @slots: for DIMMs, in the recorded machines; a machine file can have others
 * @slot_container: number of their ACPI container in QEMU's machine
 * @dlpar: DIMMs are logical memory blocks of a logical partition, and sys/kernel/dlpar exists
 * @max_order: MAX_PAGE_ORDER with pages of 4K, 16K and 64K
 * @hugepages_kb: sizes of huge pages with pages of 4K, 16K and 64K, kB (hugetlbpage_init())
 * @no_huge_files: the recorded machines' sys/kernel/mm has neither hugepages nor
 *		   transparent_hugepage, as their processors have no huge pages
 * @huge_pages_stay: huge pages cannot migrate, as ARCH_ENABLE_HUGEPAGE_MIGRATION is not selected;
 *		     elsewhere, those of all sizes can (arch_hugetlb_migration_supported())
 * @mem_limits_amount: mem= limits the amount of memory; otherwise it is an address
 * @thp_pud: transparent huge pages can be as large as the largest huge pages
 * @optimizes_dax_memmap: CONFIG_ARCH_WANT_OPTIMIZE_DAX_VMEMMAP
 * @pte_entries: of the lowest page table with pages of @page_shift; with others it is one page
 * @lacks: features that its recorded kernel is built without, MACHINE_... (config.h)
 * @fixed: features that no configuration changes: &lacks says whether they are there
 * @gigantic_at_run_time: the kernel has gigantic pages only if it can allocate them after boot
 * @mmap_rnd, @mmap_rnd_compat: from and to how many bits the addresses of mappings can be random;
 *			       0: the kernel has no such setting. For 32-bit programs: @.._compat
 * @no_legacy_layout: there is one layout of address spaces
 * @uts_machine: as uname(2) has it; NULL: @name
 * @has_xen: its kernel can run on Xen
 * @memmap_on_memory: the memmap of added memory can be in that memory, if it fills whole PMDs
 * @memmap_since: the first version with the parameter for that, a MACHINE_KERNEL(); 0: any
 * @boot_offline: boot memory can be offlined (arm64 refuses with EPERM)
 * @sclp: standby memory is announced in the log, as the SCLP driver does
 * @kdump_swaps: a crash kernel needs as much of the lowest memory as was reserved for it
 */
struct machine_arch {
	const char *name;
	unsigned int page_shift;
	unsigned int page_sizes;
	unsigned int phys_bits;
	unsigned int max_phys_bits;
	uint64_t section_size;
	uint64_t section_size_64k;
	uint64_t new_section_size;
	unsigned int new_section_since;
	uint64_t usual_block;
	uint64_t pageblock;
	uint64_t dma_limit;
	uint64_t dma32_limit;
	uint64_t max_mappable;
	unsigned int max_order[3];
	unsigned int hugepages_kb[3][4];
	bool huge_pages_stay;
	unsigned int pte_entries;
	uint64_t lacks;
	uint64_t fixed;
	bool gigantic_at_run_time;
	bool dma_takes_high;
	const char *alias;
	uint64_t low_reserved;
	uint64_t bounce_above;
	const struct machine_image *image;
	bool pc_resources;
	bool merges_nodes;
	uint64_t (*block_size_of)(const struct machine_spec *spec);
	uint64_t crash_limit;
	uint64_t cma_limit;
	uint64_t crash_low_size;
	uint64_t crash_align;
	unsigned int direct_map_kb[4];
	unsigned int direct_map_usual;
	bool direct_map_events;
	bool has_acpi;
	unsigned int slots;
	unsigned int slot_container;
	bool dlpar;
	bool mem_limits_amount;
	bool memmap_on_memory;
	bool thp_pud;
	bool optimizes_dax_memmap;
	unsigned int memmap_since;
	unsigned int mmap_rnd[2];
	unsigned int mmap_rnd_compat[2];
	bool no_legacy_layout;
	const char *uts_machine;
	bool has_xen;
	bool no_huge_files;
	bool boot_offline;
	bool sclp;
	bool kdump_swaps;
};

/** machine_arch_find() - by its name in uname -m ("arm64" too); NULL if unknown. */
const struct machine_arch *machine_arch_find(const char *name);
/**
 * machine_arch_block_size() - the block size that the kernel chooses (memory_block_size_bytes())
 * @spec: its architecture, page size, increment and memory are set
 *
 * Assumes a virtual machine: bare-metal x86_64 with 64 GiB or more has blocks of 2 GiB.
 */
uint64_t machine_arch_block_size(const struct machine_spec *spec);
/** machine_arch_print_names() - all names, for messages: "x86_64, arm64 (aarch64), ...". */
void machine_arch_print_names(struct base_buf *buf);

#endif
