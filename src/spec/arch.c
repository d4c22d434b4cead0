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

static const struct machine_arch arch_table[] = {
	{
		.name = "x86_64",
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
		.image = x86_image,
		.pc_resources = true,
		.merges_nodes = true,
		.block_size_of = x86_block_size,
		.crash_limit = GIB(4),
		.crash_low_size = MIB(256),
		.crash_align = MIB(16),
		.firmware_memmap = true,
		.direct_map_kb = { 4, 2048, 1048576 },
		.direct_map_usual = 1,
		.direct_map_events = true,
		.has_acpi = true,
		.slots = 16,
		.slot_container = 4,
		.modules = true,
		.probe = true,
		.crash_hotplug = true,
		.boot_offline = true,
		.memmap_on_memory = true,
	},
	{
		.name = "arm64",
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
		.has_acpi = true,
		.slots = 24,
		.slot_container = 1,
		.dma_takes_high = true,
		.mem_limits_amount = true,
		.modules = true,
		.memmap_on_memory = true,
	},
	{
		.name = "ppc64le",
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
		.mem_limits_amount = true,
		.dlpar = true,
		.probe = true,
		.crash_hotplug = true,
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
		.dma_limit = GIB(2),
		.crash_limit = UINT64_MAX,
		.crash_align = MIB(1),
		.max_mappable = LAST_BYTE(46),
		.max_order = { 10 },
		.hugepages_kb = { { 1024, 2097152 } },
		.direct_map_kb = { 4, 1024, 2097152 },
		.direct_map_usual = 1,
		.lacks = MACHINE_PM | MACHINE_MEMORY_FAILURE | MACHINE_ZONE_DEVICE,
		.pte_entries = 256,
		.boot_offline = true,
		.kdump_swaps = true,
		.modules = true,
		.memmap_on_memory = true,
	},
	{
		/* supported until Linux 6.6 */
		.name = "ia64",
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
		.pte_entries = 2048,
		.has_acpi = true,
		.slot_container = 4,
		.probe = true,
		.modules = true,
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

uint64_t machine_spec_pageblock_size(const struct machine_spec *spec)
{
	return spec->arch->pageblock ? spec->arch->pageblock : machine_spec_pmd_size(spec);
}

void machine_spec_huge_pages(const struct machine_spec *spec, uint64_t pages[MM_NR_HUGE])
{
	const unsigned int *kb = spec->arch->hugepages_kb[(spec->page_shift - 12) / 2];
	uint64_t pmd = machine_spec_pageblock_size(spec) >> spec->page_shift;

	memset(pages, 0, MM_NR_HUGE * sizeof(*pages));
	pages[MM_HUGE_PMD] = pmd;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(spec->arch->hugepages_kb[0]); i++) {
		uint64_t nr = ((uint64_t)kb[i] << 10) >> spec->page_shift;

		if (nr && nr < pmd)
			pages[MM_HUGE_CONT_PTE] = nr;
		if (nr <= pmd)
			continue;
		if (pages[MM_HUGE_PUD])
			pages[MM_HUGE_CONT_PMD] = BASE_MIN(nr, pages[MM_HUGE_PUD]);
		pages[MM_HUGE_PUD] = BASE_MAX(nr, pages[MM_HUGE_PUD]);
	}
}

bool machine_arch_has_hugepages(const struct machine_arch *arch, unsigned int page_shift,
				unsigned int kb)
{
	const unsigned int *sizes = arch->hugepages_kb[(page_shift - 12) / 2];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(arch->hugepages_kb[0]); i++) {
		if (sizes[i] == kb)
			return true;
	}
	return false;
}

unsigned int machine_arch_smaller_hugepages(const struct machine_arch *arch,
					    unsigned int page_shift, unsigned int kb)
{
	const unsigned int *sizes = arch->hugepages_kb[(page_shift - 12) / 2];
	unsigned int smaller = 0;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(arch->hugepages_kb[0]); i++) {
		if (sizes[i] < kb)
			smaller = BASE_MAX(smaller, sizes[i]);
	}
	return smaller;
}
