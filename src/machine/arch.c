/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Linux hard-codes per architecture, as a table. The widths of physical addresses are those
 * of the machines that conformance/ was recorded on; a machine file may say another.
 *
 * Mirrors arch/.../sparsemem.h (sections), zone_sizes_init() (zones), arch_get_mappable_range()
 * and memory_block_size_bytes().
 */
#include <string.h>

#include "memhp/machine.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)
#define LAST_BYTE(bits) ((UINT64_C(1) << (bits)) - 1)

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
		.hugepages_kb = { 2048, 1048576 },
		.pte_entries = 512,
		.is_pc = true,
		.has_acpi = true,
		.modules = true,
		.probe = true,
		.crash_hotplug = true,
		.boot_offline = true,
		.memmap_on_memory = true,
	},
	{
		.name = "arm64",
		.page_shift = 12,
		.page_sizes = KIB(4) | KIB(16) | KIB(64),
		.phys_bits = 48,
		.max_phys_bits = 52,
		.section_size = MIB(128),
		.section_size_64k = MIB(512),
		.dma_limit = GIB(4),
		.dma32_limit = GIB(4),
		.max_mappable = LAST_BYTE(47),
		.max_order = { 10, 11, 13 },
		.hugepages_kb = { 64, 2048, 32768, 1048576 },
		.pte_entries = 512,
		.has_acpi = true,
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
		.max_mappable = LAST_BYTE(51),
		.max_order = { 12, 0, 8 },
		.hugepages_kb = { 2048, 1048576 },
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
		.max_mappable = LAST_BYTE(46),
		.max_order = { 10 },
		.hugepages_kb = { 1024, 2097152 },
		.pte_entries = 256,
		.boot_offline = true,
		.kdump_swaps = true,
		.modules = true,
		.memmap_on_memory = true,
	},
	{
		/* as it was until Linux 6.6 */
		.name = "ia64",
		.page_shift = 14,
		.page_sizes = KIB(4) | KIB(16) | KIB(64),
		.phys_bits = 50,
		.max_phys_bits = 50,
		.section_size = GIB(1),
		.section_size_64k = GIB(1),
		.dma32_limit = GIB(4),
		.max_mappable = LAST_BYTE(50),
		.max_order = { 16, 16, 16 },
		.pageblock = MIB(256),
		.hugepages_kb = { 262144 },
		.pte_entries = 2048,
		.has_acpi = true,
		.probe = true,
		.modules = true,
		.boot_offline = true,
	},
};

static const struct {
	const char *alias, *name;
} arch_aliases[] = {
	{ "aarch64", "arm64" },
};

const struct machine_arch *machine_arch_find(const char *name)
{
	size_t i;

	for (i = 0; i < BASE_ARRAY_SIZE(arch_aliases); i++) {
		if (!strcmp(arch_aliases[i].alias, name))
			name = arch_aliases[i].name;
	}
	for (i = 0; i < BASE_ARRAY_SIZE(arch_table); i++) {
		if (!strcmp(arch_table[i].name, name))
			return &arch_table[i];
	}
	return NULL;
}

/* probe_memory_block_size() of x86: large machines would have too many small blocks. */
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

uint64_t machine_arch_block_size(const struct machine_spec *spec)
{
	uint64_t section = machine_spec_section_size(spec);

	if (spec->arch->is_pc)
		return x86_block_size(spec);
	if (spec->increment)
		return BASE_MAX(section, spec->increment);
	return spec->arch->usual_block ? spec->arch->usual_block : section;
}

const char *machine_arch_names(void)
{
	return "x86_64, arm64 (aarch64), ppc64le, s390x, ia64";
}
