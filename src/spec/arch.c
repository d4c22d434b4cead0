/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Linux hard-codes per architecture, as a table. The widths of physical addresses are those
 * of the machines that conformance/ was recorded on; a machine file may set another.
 *
 * Mirrors arch/.../sparsemem.h (sections), zone_sizes_init() (zones), arch_get_mappable_range()
 * and memory_block_size_bytes().
 */
#include <string.h>

#include "memhp/spec.h"

#define LAST_BYTE(bits) ((UINT64_C(1) << (bits)) - 1)

/* As in a distribution's kernel, loaded at 16 MiB. */
static const struct machine_image x86_image[] = {
	{ "Kernel code", 0x1000000, 0x17fffff },
	{ "Kernel rodata", 0x1800000, 0x19a1fff },
	{ "Kernel data", 0x1a00000, 0x1af4fff },
	{ "Kernel bss", 0x1bfc000, 0x1dfffff },
	{ 0 },
};

/* The kernel begins at 1 MiB unless KASLR moves it; its data follow its text. */
static const struct machine_image s390_image[] = {
	{ "Kernel code", 0x100000, 0xd5ffff },
	{ "Kernel data", 0xd60000, 0x15fffff },
	{ "Kernel bss", 0x1700000, 0x1afffff },
	{ 0 },
};

/* probe_memory_block_size() of x86 avoids too many small blocks on large machines. */
static uint64_t x86_block_size(const struct machine_spec *spec)
{
	uint64_t end = 0;

	for (size_t i = 0; i < spec->nr_memory; i++)
		end = BASE_MAX(end, spec->memory[i].end + 1);
	if (end < GIB(64))
		return MIB(128);
	for (uint64_t size = GIB(2); size > MIB(128); size >>= 1) {
		if (BASE_ALIGNED(end, size))
			return size;
	}
	return MIB(128);
}

/* Off in the recorded kernels, and on in some distributions'. */
#define USUALLY_OFF (MACHINE_NUMA_BALANCING | MACHINE_IOMMU | MACHINE_ZSMALLOC | MACHINE_ZSWAP)
#define NOT_X86 MACHINE_FIRMWARE_MEMMAP
#define NO_ACPI MACHINE_ACPI_MEMORY
#define NO_THP (MACHINE_THP | MACHINE_THP_PUD | MACHINE_DEV_DAX_KMEM)
#define NO_DMA_ZONES (MACHINE_ZONE_DMA | MACHINE_ZONE_DMA32)
#define S390_LACKS                                                                                 \
	(NOT_X86 | NO_ACPI | MACHINE_ZONE_DMA32 | MACHINE_PM | MACHINE_MEMORY_FAILURE |            \
	 MACHINE_ZONE_DEVICE | MACHINE_THP_PUD | MACHINE_MEMORY_PROBE | MACHINE_CRASH_HOTPLUG)

static const struct machine_arch arch_table[] = {
	{
		.name = "x86_64",
		.mmap_rnd = { 40, 44 },
		.mmap_rnd_compat = { 20, 28 },
		.has_xen = true,
		.page_shift = 12,
		.page_sizes = KIB(4),
		.phys_bits = 40,
		.max_phys_bits = 52,
		.section_size = MIB(128),
		.section_size_64k = MIB(128),
		.dma_limit = MIB(16),
		.dma32_limit = GIB(4),
		.max_mappable = LAST_BYTE(46),
		.max_order = { 10 },
		.hugepages_kb = { { 2048, 1048576 } },
		.pte_entries = 512,
		.low_reserved = MIB(1),
		.bounce_above = GIB(4),
		.image = x86_image,
		.pc_resources = true,
		.merges_nodes = true,
		.block_size_of = x86_block_size,
		.crash_limit = GIB(4),
		.crash_low_size = MIB(256),
		.crash_align = MIB(16),
		.direct_map_kb = { 4, 2048, 1048576 },
		.direct_map_usual = 1,
		.direct_map_events = true,
		.lacks = USUALLY_OFF,
		.fixed = MACHINE_ZONE_DMA32 | MACHINE_THP_PUD,
		.gigantic_at_run_time = true,
		.has_acpi = true,
		.slots = 16,
		.slot_container = 4,
		.thp_pud = true,
		.optimizes_dax_memmap = true,
		.boot_offline = true,
		.memmap_on_memory = true,
	},
	{
		.name = "arm64",
		.uts_machine = "aarch64",
		.mmap_rnd = { 30, 45 },
		.mmap_rnd_compat = { 23, 28 },
		.has_xen = true,
		.alias = "aarch64",
		.page_shift = 12,
		.page_sizes = KIB(4) | KIB(16) | KIB(64),
		.phys_bits = 48,
		.max_phys_bits = 52,
		.section_size = MIB(128),
		.section_size_64k = MIB(512),
		.dma_limit = GIB(4),
		.cma_limit = GIB(4),
		.dma32_limit = GIB(4),
		.crash_limit = GIB(4),
		.crash_low_size = MIB(128),
		.crash_align = MIB(2),
		.max_mappable = LAST_BYTE(47),
		.max_order = { 10, 11, 13 },
		.hugepages_kb = { { 64, 2048, 32768, 1048576 },
				  { 2048, 32768, 1048576 },
				  { 2048, 524288, 16777216 } },
		.pte_entries = 512,
		.lacks = USUALLY_OFF | NOT_X86 | MACHINE_MEMORY_PROBE | MACHINE_CRASH_HOTPLUG,
		.fixed = NOT_X86 | MACHINE_MEMORY_PROBE | MACHINE_CRASH_HOTPLUG,
		.has_acpi = true,
		.slots = 24,
		.slot_container = 1,
		.dma_takes_high = true,
		.mem_limits_amount = true,
		.memmap_on_memory = true,
	},
	{
		.name = "ppc64le",
		.mmap_rnd = { 30, 45 },
		.page_shift = 16,
		.page_sizes = KIB(4) | KIB(64),
		.phys_bits = 51,
		.max_phys_bits = 51,
		.section_size = MIB(16),
		.section_size_64k = MIB(16),
		.usual_block = MIB(256),
		.crash_limit = UINT64_MAX,
		.crash_align = MIB(16),
		.max_mappable = LAST_BYTE(51),
		.max_order = { 12, 0, 8 },
		.hugepages_kb = { { 2048, 1048576 }, { 0 }, { 2048, 1048576 } },
		.direct_map_kb = { 4, 64, 2048, 1048576 },
		.direct_map_usual = 2,
		.pte_entries = 32,
		.lacks = USUALLY_OFF | NOT_X86 | NO_ACPI | NO_DMA_ZONES | MACHINE_MODULES,
		.fixed = NOT_X86 | NO_ACPI | NO_DMA_ZONES | MACHINE_MEMORY_PROBE,
		.mem_limits_amount = true,
		.dlpar = true,
		.thp_pud = true,
		.optimizes_dax_memmap = true,
		.memmap_since = MACHINE_KERNEL(6, 6),
		.boot_offline = true,
	},
	{
		.name = "s390x",
		.page_shift = 12,
		.page_sizes = KIB(4),
		.phys_bits = 46,
		.max_phys_bits = 53,
		.section_size = MIB(256),
		.section_size_64k = MIB(256),
		.new_section_size = MIB(128),
		.new_section_since = MACHINE_KERNEL(6, 13),
		.dma_limit = GIB(2),
		.crash_limit = UINT64_MAX,
		.crash_align = MIB(1),
		.max_mappable = LAST_BYTE(46),
		.max_order = { 10 },
		.hugepages_kb = { { 1024, 2097152 } },
		.no_huge_files = true,
		.huge_pages_stay = true,
		.direct_map_kb = { 4, 1024, 2097152 },
		.direct_map_usual = 1,
		.lacks = USUALLY_OFF | S390_LACKS,
		.fixed = S390_LACKS | MACHINE_ZONE_DMA,
		.pte_entries = 256,
		.boot_offline = true,
		.sclp = true,
		.kdump_swaps = true,
		.image = s390_image,
		.memmap_on_memory = true,
		.memmap_since = MACHINE_KERNEL(6, 8),
	},
	{
		/* supported until Linux 6.6 */
		.name = "ia64",
		.no_legacy_layout = true,
		.page_shift = 14,
		.page_sizes = KIB(4) | KIB(16) | KIB(64),
		.phys_bits = 50,
		.max_phys_bits = 50,
		.section_size = GIB(1),
		.section_size_64k = GIB(1),
		.dma32_limit = GIB(4),
		.crash_limit = UINT64_MAX,
		.crash_align = MIB(16),
		.max_mappable = LAST_BYTE(50),
		.max_order = { 16, 16, 16 },
		.pageblock = MIB(256),
		.hugepages_kb = { { 262144 }, { 262144 }, { 262144 } },
		.huge_pages_stay = true,
		.pte_entries = 2048,
		.lacks = USUALLY_OFF | NOT_X86 | MACHINE_ZONE_DMA | MACHINE_CRASH_HOTPLUG | NO_THP,
		.fixed = NOT_X86 | NO_DMA_ZONES | MACHINE_MEMORY_PROBE | MACHINE_CRASH_HOTPLUG |
			 NO_THP,
		.has_acpi = true,
		.slot_container = 4,
		.boot_offline = true,
	},
};

const struct machine_arch *machine_arch_find(const char *name)
{
	size_t i;

	for (i = 0; i < BASE_ARRAY_SIZE(arch_table); i++) {
		const char *alias = arch_table[i].alias;

		if (!strcmp(arch_table[i].name, name) || (alias && !strcmp(alias, name)))
			return &arch_table[i];
	}
	return NULL;
}

uint64_t machine_spec_pmd_size(const struct machine_spec *spec)
{
	uint64_t page = UINT64_C(1) << spec->page_shift;

	if (spec->page_shift == spec->arch->page_shift)
		return page * spec->arch->pte_entries;
	return page * (page / sizeof(uint64_t));
}

uint64_t machine_spec_section_size(const struct machine_spec *spec)
{
	const struct machine_arch *arch = spec->arch;
	struct machine_kernel kernel = spec->profile;

	/* While a machine file is read, the version is only a text. */
	if (arch->new_section_size && !kernel.version)
		(void)machine_kernel_parse(spec->kernel, &kernel);
	if (arch->new_section_size && machine_kernel_has(&kernel, arch->new_section_since, 0))
		return arch->new_section_size;
	return spec->page_shift == 16 ? spec->arch->section_size_64k : spec->arch->section_size;
}

unsigned int machine_spec_max_order(const struct machine_spec *spec)
{
	return spec->arch->max_order[(spec->page_shift - 12) / 2];
}

uint64_t machine_arch_block_size(const struct machine_spec *spec)
{
	uint64_t section = machine_spec_section_size(spec);

	if (spec->arch->block_size_of)
		return spec->arch->block_size_of(spec);
	if (spec->increment)
		return BASE_MAX(section, spec->increment);
	return spec->arch->usual_block ? spec->arch->usual_block : section;
}

void machine_arch_print_names(struct base_buf *buf)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(arch_table); i++) {
		const struct machine_arch *arch = &arch_table[i];

		base_buf_printf(buf, "%s%s", i ? ", " : "", arch->name);
		if (arch->alias)
			base_buf_printf(buf, " (%s)", arch->alias);
	}
}

uint64_t machine_spec_zone_end(const struct machine_spec *spec, enum mm_zone_type zone)
{
	if (zone == MM_ZONE_DMA)
		return machine_spec_has(spec, MACHINE_ZONE_DMA) ? spec->arch->dma_limit : 0;
	return machine_spec_has(spec, MACHINE_ZONE_DMA32) ? spec->arch->dma32_limit : 0;
}

/* ---- huge pages ------------------------------------------------------------------------------ */

static uint64_t huge_size(const struct machine_spec *spec)
{
	return spec->arch->pageblock ? spec->arch->pageblock : machine_spec_pmd_size(spec);
}

/* pageblock_order */
uint64_t machine_spec_pageblock_size(const struct machine_spec *spec)
{
	bool huge = machine_spec_has(spec, MACHINE_HUGETLB);

	if (!huge)
		huge = spec->profile.thp_pageblocks && machine_spec_has(spec, MACHINE_THP);
	return huge ? huge_size(spec) : (1ULL << spec->page_shift) << machine_spec_max_order(spec);
}

uint64_t machine_spec_thp_size(const struct machine_spec *spec)
{
	return machine_spec_has(spec, MACHINE_THP) ? huge_size(spec) : 0;
}

/* The sizes of huge pages, kB: the first @nr entries, in any order. */
static const unsigned int *huge_sizes(const struct machine_spec *spec, size_t *ret_nr)
{
	*ret_nr = machine_spec_has(spec, MACHINE_HUGETLB) ?
			  BASE_ARRAY_SIZE(spec->arch->hugepages_kb[0]) :
			  0;
	return spec->arch->hugepages_kb[(spec->page_shift - 12) / 2];
}

/* gigantic_pages_init() */
static bool huge_size_exists(const struct machine_spec *spec, unsigned int kb)
{
	bool gigantic = (uint64_t)kb << 10 > (1ULL << spec->page_shift)
						     << machine_spec_max_order(spec);

	return !gigantic || !spec->arch->gigantic_at_run_time ||
	       machine_spec_can_alloc_contig(spec);
}

void machine_spec_huge_pages(const struct machine_spec *spec, uint64_t pages[MM_NR_HUGE])
{
	uint64_t pmd = huge_size(spec) >> spec->page_shift;
	const unsigned int *kb;
	size_t nr_sizes;

	memset(pages, 0, MM_NR_HUGE * sizeof(*pages));
	kb = huge_sizes(spec, &nr_sizes);
	if (nr_sizes)
		pages[MM_HUGE_PMD] = pmd;
	for (size_t i = 0; i < nr_sizes; i++) {
		uint64_t nr = ((uint64_t)kb[i] << 10) >> spec->page_shift;

		if (nr && nr < pmd)
			pages[MM_HUGE_CONT_PTE] = nr;
		if (nr <= pmd || !huge_size_exists(spec, kb[i]))
			continue;
		if (pages[MM_HUGE_PUD])
			pages[MM_HUGE_CONT_PMD] = BASE_MIN(nr, pages[MM_HUGE_PUD]);
		pages[MM_HUGE_PUD] = BASE_MAX(nr, pages[MM_HUGE_PUD]);
	}
}

bool machine_spec_has_hugepages(const struct machine_spec *spec, unsigned int kb)
{
	size_t nr;
	const unsigned int *sizes = huge_sizes(spec, &nr);

	for (size_t i = 0; i < nr; i++) {
		if (sizes[i] == kb)
			return huge_size_exists(spec, kb);
	}
	return false;
}

unsigned int machine_spec_smaller_hugepages(const struct machine_spec *spec, unsigned int kb)
{
	unsigned int smaller = 0;
	size_t nr;
	const unsigned int *sizes = huge_sizes(spec, &nr);

	for (size_t i = 0; i < nr; i++) {
		if (sizes[i] < kb)
			smaller = BASE_MAX(smaller, sizes[i]);
	}
	return smaller;
}
