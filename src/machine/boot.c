// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boot memory reserved by firmware and the booting kernel, and the other resources in the physical
 * address space. Because of reserved pages, MemTotal is less than the sum of the blocks, and some
 * boot blocks cannot go offline.
 */
#include <errno.h>

#include "machine_private.h"

#define NODE_DATA_BYTES KIB(120)
#define PAGE_TABLE_ENTRY_BYTES 8
#define BOUNCE_BYTES MIB(64)
#define HYPERTRANSPORT_START 0xfd00000000ULL

/* Whether one range of System RAM contains [start, end]. */
static bool range_is_ram(const struct machine *m, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < m->nr_memory; i++) {
		if (!m->memory[i].nomap && m->memory[i].start <= start && m->memory[i].end >= end)
			return true;
	}
	return false;
}

static uint64_t ram_end(const struct machine *m, uint64_t below)
{
	uint64_t end = 0;

	for (size_t i = 0; i < m->nr_memory; i++) {
		if (m->memory[i].start < below)
			end = BASE_MAX(end, m->memory[i].end + 1);
	}
	return end;
}

/* @nid; if all its memory is avoided, the last node with memory that is not. */
static int node_to_reserve(const struct machine *m, int nid)
{
	int other = nid;

	for (size_t i = 0; i < m->nr_memory; i++) {
		if (machine_memblock_spares(m, &m->memory[i]))
			continue;
		if ((int)m->memory[i].node == nid)
			return nid;
		other = (int)m->memory[i].node;
	}
	return other;
}

/* The end of the highest free page in [start, end); at most @start if there is none. */
static uint64_t free_end(const struct machine *m, uint64_t start, uint64_t end)
{
	uint64_t cma, cma_end;
	struct mm_use use;

	while (end > start && (mm_use_find(m->mm, end - 1, end, &use) ||
			       mm_cma_overlaps(m->mm, end - 1, end, &cma, &cma_end)))
		end = mm_use_find(m->mm, end - 1, end, &use) ? use.start_pfn : cma;
	return end;
}

/* The start of the run of free pages that ends at @end. */
static uint64_t free_start(const struct machine *m, uint64_t start, uint64_t end)
{
	uint64_t from = start, cma, cma_end;
	struct mm_use use;

	while (mm_use_find(m->mm, from, end, &use))
		from = use.start_pfn + use.nr_pages;
	while (mm_cma_next(m->mm, from, end, &cma, &cma_end))
		from = cma_end;
	return from;
}

/* memblock allocates from the top of a node downwards, below @limit. */
static int reserve_top(struct machine *m, int nid, uint64_t bytes, uint64_t limit,
		       const char *owner)
{
	unsigned int shift = m->spec->page_shift;
	uint64_t pages = BASE_ROUND_UP(bytes, 1ULL << shift) >> shift;

	nid = node_to_reserve(m, nid);
	for (size_t i = m->nr_memory; pages && i-- > 0;) {
		const struct machine_range *r = &m->memory[i];
		uint64_t start = BASE_ROUND_UP(r->start, 1ULL << shift) >> shift;
		uint64_t end = BASE_MIN(r->end + 1, limit) >> shift;
		int ret;

		if ((int)r->node != nid || machine_memblock_spares(m, r))
			continue;
		while (pages && (end = free_end(m, start, end)) > start) {
			uint64_t low = free_start(m, start, end);
			uint64_t take = BASE_MIN(pages, end - low);

			ret = mm_reserve_boot(m->mm, end - take, take, owner);
			if (ret)
				return ret;
			pages -= take;
			end -= take;
		}
	}
	return 0;
}

static uint64_t node_memmap_bytes(const struct machine *m, int nid)
{
	uint64_t section = machine_spec_section_size(m->spec), last = UINT64_MAX, sections = 0;

	for (size_t i = 0; i < m->nr_memory; i++) {
		uint64_t first = m->memory[i].start / section, end = m->memory[i].end / section;

		if ((int)m->memory[i].node != nid)
			continue;
		sections += end - first + (first != last);
		last = end;
	}
	return sections * (section >> m->spec->page_shift) * MM_STRUCT_PAGE_BYTES;
}

/* Low memory (reserve_real_mode() of x86) and the kernel image. */
static int reserve_image(struct machine *m)
{
	const struct machine_image *part = m->spec->arch->image;
	unsigned int shift = m->spec->page_shift;
	int ret = 0;

	if (m->spec->arch->low_reserved)
		ret = mm_reserve_boot(m->mm, 0, m->spec->arch->low_reserved >> shift, "firmware");
	for (; !ret && part && part->name; part++) {
		uint64_t start = part->start >> shift;
		uint64_t end = BASE_ROUND_UP(part->end + 1, 1ULL << shift) >> shift;

		ret = mm_reserve_boot(m->mm, start, end - start, part->name);
	}
	return ret;
}

void machine_boot_log_movable(struct machine *m)
{
	bool any_mirrored = false, low_unmirrored = false, any_movable = false;

	for (size_t i = 0; i < m->nr_memory; i++) {
		any_mirrored = any_mirrored || m->memory[i].mirrored;
		low_unmirrored = low_unmirrored ||
				 (!m->memory[i].mirrored && m->memory[i].start < GIB(4));
	}
	if (m->movable.mirror && !m->movable.movable_node) {
		if (!any_mirrored)
			base_buf_puts(&m->log, "The system has no mirror memory, ignore "
					       "kernelcore=mirror.\n");
		else if (low_unmirrored)
			base_buf_puts(&m->log, "This configuration results in unmirrored kernel "
					       "memory.\n");
	}
	for (int nid = mm_node_next(m->mm, 0); nid >= 0; nid = mm_node_next(m->mm, nid + 1)) {
		struct mm_zone_info zone;

		mm_zone_info(m->mm, nid, MM_ZONE_MOVABLE, &zone);
		if (!zone.spanned)
			continue;
		if (!any_movable)
			base_buf_puts(&m->log, "Movable zone start for each node\n");
		any_movable = true;
		base_buf_printf(&m->log, "  Node %d: 0x%016llx\n", nid,
				(unsigned long long)zone.start_pfn << m->spec->page_shift);
	}
}

/*
 * Bounce buffers for devices that cannot reach all memory, if there may ever be some above that
 * address: in the highest memory below it (pci_swiotlb_detect_4gb(), swiotlb_init()).
 */
static int reserve_bounce(struct machine *m)
{
	uint64_t above = m->spec->arch->bounce_above, end = ram_end(m, UINT64_MAX);
	int nid = -1;

	for (size_t i = 0; i < m->spec->nr_hotplug; i++)
		end = BASE_MAX(end, m->spec->hotplug[i].end + 1);
	for (size_t i = 0; i < m->nr_memory; i++) {
		if (m->memory[i].start < above)
			nid = (int)m->memory[i].node;
	}
	return above && end > above && nid >= 0 ?
		       reserve_top(m, nid, BOUNCE_BYTES, above, "software IO TLB") :
		       0;
}

int machine_boot_reserve(struct machine *m)
{
	unsigned int shift = m->spec->page_shift;
	int ret = 0;

	for (size_t i = 0; i < m->nr_memory; i++) {
		const struct machine_range *r = &m->memory[i];

		if (r->nomap)
			ret = mm_reserve_boot(m->mm, r->start >> shift,
					      (r->end + 1 - r->start) >> shift, "firmware (nomap)");
		if (ret)
			return ret;
	}
	ret = reserve_image(m);
	/* Without NUMA, the only node's data is part of the kernel image (contig_page_data). */
	for (int nid = mm_node_next(m->mm, 0);
	     !ret && nid >= 0 && machine_spec_has(m->spec, MACHINE_NUMA);
	     nid = mm_node_next(m->mm, nid + 1))
		ret = reserve_top(m, nid, NODE_DATA_BYTES, UINT64_MAX, "node data");
	if (!ret)
		ret = machine_crash_reserve(m);
	if (!ret)
		ret = machine_cma_reserve(m);
	for (int nid = mm_node_next(m->mm, 0); !ret && nid >= 0; nid = mm_node_next(m->mm, nid + 1))
		ret = reserve_top(m, nid, node_memmap_bytes(m, nid), UINT64_MAX, MM_BOOT_MEMMAP);
	for (int nid = mm_node_next(m->mm, 0); !ret && nid >= 0; nid = mm_node_next(m->mm, nid + 1))
		ret = reserve_top(m, nid, machine_shadow_bytes(m, nid), UINT64_MAX, "kasan shadow");
	if (!ret)
		ret = reserve_bounce(m);
	/* The direct map in 2 MiB pages, and its upper levels. */
	if (!ret)
		ret = reserve_top(m, (int)m->memory[0].node,
				  (ram_end(m, UINT64_MAX) / MIB(2) + 512) * PAGE_TABLE_ENTRY_BYTES,
				  UINT64_MAX, "page tables");
	return ret;
}

/* The resources of QEMU's pc machine and those that the kernel's e820 code inserts. */
static int resources_pc(struct machine *m)
{
	struct hp *hp = m->hp;
	uint64_t low_end = ram_end(m, GIB(4)), pci_start = BASE_ROUND_UP(low_end, MIB(1));
	uint64_t window_end = 0;
	const struct {
		uint64_t start, end;
		const char *name;
		bool busy;
	} res[] = {
		{ 0, 0xfff, "Reserved", true },
		{ 0x9fc00, 0x9ffff, "Reserved", true },
		{ 0xa0000, 0xbffff, "PCI Bus 0000:00", false },
		{ 0xf0000, 0xfffff, "Reserved", true },
		{ 0xf0000, 0xfffff, "System ROM", true },
		{ pci_start, 0xfebfffff, "PCI Bus 0000:00", false },
		{ 0xfec00000, 0xfec003ff, "IOAPIC 0", true },
		{ 0xfed00000, 0xfed003ff, "HPET 0", true },
		{ 0xfffc0000, 0xffffffff, "Reserved", false },
	};

	/* Resources that overlap the memory of this machine are left out. */
	for (size_t i = 0; i < BASE_ARRAY_SIZE(res); i++) {
		if (res[i].start < res[i].end &&
		    hp_resource_insert(hp, res[i].start, res[i].end, res[i].name, res[i].busy) ==
			    -ENOMEM)
			return -ENOMEM;
	}
	if (low_end < pci_start &&
	    hp_resource_insert(hp, low_end, pci_start - 1, "Reserved", false) == -ENOMEM)
		return -ENOMEM;
	for (size_t i = 0; i < m->spec->nr_hotplug; i++)
		window_end = BASE_MAX(window_end, m->spec->hotplug[i].end + 1);
	window_end = BASE_MAX(window_end, ram_end(m, UINT64_MAX));
	if (window_end >= GIB(4) && hp_resource_insert(hp, window_end, window_end + GIB(2) - 1,
						       "PCI Bus 0000:00", false) == -ENOMEM)
		return -ENOMEM;
	/* The HyperTransport range below 1 TiB. */
	if (window_end + GIB(2) <= HYPERTRANSPORT_START &&
	    hp_resource_insert(hp, HYPERTRANSPORT_START, GIB(1024) - 1, "Reserved", false) ==
		    -ENOMEM)
		return -ENOMEM;
	return 0;
}

static int resources_image(struct machine *m)
{
	const struct machine_image *part = m->spec->arch->image;

	for (; part && part->name; part++) {
		if (range_is_ram(m, part->start, part->end) &&
		    hp_resource_insert(m->hp, part->start, part->end, part->name, true) == -ENOMEM)
			return -ENOMEM;
	}
	return 0;
}

int machine_boot_resources(struct machine *m)
{
	int ret;

	for (size_t i = 0; i < m->nr_memory; i++) {
		const struct machine_range *first = &m->memory[i], *last = first;

		while (m->spec->arch->merges_nodes && i + 1 < m->nr_memory &&
		       last[1].start == last->end + 1 && last[1].nomap == last->nomap)
			last = &m->memory[++i];
		ret = hp_resource_insert(m->hp, first->start, last->end,
					 first->nomap ? "reserved" : "System RAM", true);
		if (ret)
			return ret;
	}
	ret = m->spec->arch->pc_resources ? resources_pc(m) : 0;
	return ret ? ret : resources_image(m);
}

/*
 * The kernel merges ranges of one node unless those of another node are in between. An address
 * outside all of them, also one in a hotplug window, belongs to the node of the first range
 * (numa_cleanup_meminfo(), memory_add_physaddr_to_nid()).
 */
int machine_boot_add_nid(void *ctx, uint64_t addr)
{
	const struct machine *m = ctx;
	const struct machine_range *below = NULL, *above = NULL;

	for (size_t i = 0; i < m->nr_memory; i++) {
		if (m->memory[i].start <= addr) {
			below = &m->memory[i];
		} else {
			above = &m->memory[i];
			break;
		}
	}
	if (below && (addr <= below->end || (above && above->node == below->node)))
		return (int)below->node;
	return (int)m->memory[0].node;
}

uint64_t machine_boot_bytes(const struct machine *m)
{
	uint64_t section = machine_spec_section_size(m->spec), sections = 0, next = 0;

	for (size_t i = 0; i < m->nr_memory; i++) {
		uint64_t first = BASE_MAX(next, m->memory[i].start / section);

		next = BASE_MAX(next, m->memory[i].end / section + 1);
		sections += next - BASE_MIN(next, first);
	}
	return sections * section;
}
