// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine: building it from its description, booting it, and its log.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dimm_private.h"
#include "machine_private.h"
#include "reboot.h"

#define LOCAL_DISTANCE 10
#define REMOTE_DISTANCE 20

static void on_block_added(void *ctx, const struct hp_block *block)
{
	struct machine *m = ctx;

	if (m->observer)
		m->observer->block_added(m->observer_ctx, block);
}

static void on_block_removed(void *ctx, const struct hp_block *block)
{
	struct machine *m = ctx;

	if (m->observer)
		m->observer->block_removed(m->observer_ctx, block);
}

static void on_block_changed(void *ctx, const struct hp_block *block)
{
	struct machine *m = ctx;

	if (m->observer)
		m->observer->block_changed(m->observer_ctx, block);
}

static void on_node_added(void *ctx, int nid)
{
	struct machine *m = ctx;

	if (m->observer)
		m->observer->node_added(m->observer_ctx, nid);
}

static void on_node_removed(void *ctx, int nid)
{
	struct machine *m = ctx;

	if (m->observer)
		m->observer->node_removed(m->observer_ctx, nid);
}

static void on_uevent(void *ctx, const struct hp_uevent *event)
{
	struct machine *m = ctx;

	if (m->observer)
		m->observer->uevent(m->observer_ctx, event);
}

static void on_step(void *ctx, const char *name, const struct hp_fault_at *at)
{
	struct machine *m = ctx;

	if (m->observer)
		m->observer->step(m->observer_ctx, name, at);
}

static void on_log(void *ctx, const char *line)
{
	machine_log(ctx, line);
}

static const struct hp_observer machine_observer = {
	.block_added = on_block_added,
	.block_removed = on_block_removed,
	.block_changed = on_block_changed,
	.node_added = on_node_added,
	.node_removed = on_node_removed,
	.uevent = on_uevent,
	.step = on_step,
	.log = on_log,
};

static int machine_boot_mm(struct machine *m)
{
	const struct machine_spec *spec = m->spec;
	unsigned int shift = spec->page_shift;
	struct mm_config config = {
		.no_zone_device = !machine_spec_has(spec, MACHINE_ZONE_DEVICE),
		.no_migration = !machine_spec_has(spec, MACHINE_MIGRATION),
		.no_contig = !machine_spec_can_alloc_contig(spec),
		.thp_pages = machine_spec_thp_size(spec) >> shift,
		.page_shift = shift,
		.clock = m->clock,
		.section_pages = machine_spec_section_size(spec) >> shift,
		.block_pages = spec->block_size >> shift,
		.subsection_pages = (2ULL << 20) >> shift,
		.pageblock_pages = machine_spec_pageblock_size(spec) >> shift,
		.max_order = machine_spec_max_order(spec),
		.zone_end_pfn = { machine_spec_zone_end(spec, MM_ZONE_DMA) >> shift,
				  machine_spec_zone_end(spec, MM_ZONE_DMA32) >> shift },
		.nr_cpus = m->nr_cpus,
		.max_low_pfn = machine_max_low_pfn(m),
		.huge_pages_stay = m->spec->arch->huge_pages_stay,
		.free_vmemmap = m->free_vmemmap,
		.offline_skips_fake = spec->profile.offline_skips_fake,
		.surplus_counts = spec->profile.surplus_counts,
		.normal_memory_fixed = spec->profile.normal_memory_fixed,
		.movable_keeps_share = spec->profile.movable_keeps_share,
		.pool_grows_singly = spec->profile.pool_grows_singly,
	};
	int ret;

	machine_spec_huge_pages(spec, config.huge_pages);
	if (spec->arch->dma_takes_high && config.zone_end_pfn[MM_ZONE_DMA] &&
	    m->memory[0].start >= spec->arch->dma_limit) {
		config.zone_end_pfn[MM_ZONE_DMA] = (m->memory[m->nr_memory - 1].end + 1) >> shift;
		if (config.zone_end_pfn[MM_ZONE_DMA32])
			config.zone_end_pfn[MM_ZONE_DMA32] = config.zone_end_pfn[MM_ZONE_DMA];
	}
	m->mm = mm_new(&config);
	if (!m->mm)
		return -ENOMEM;
	for (size_t i = 0; i < m->nr_memory; i++) {
		const struct machine_range *r = &m->memory[i];
		uint64_t first = BASE_ROUND_UP(r->start, 1ULL << shift) >> shift;

		ret = mm_boot_add(m->mm, first, (r->end + 1) >> shift, (int)r->node);
		if (ret)
			return ret;
		mm_boot_mark(m->mm, machine_boot_hotpluggable(m, r), r->mirrored);
	}
	mm_boot_set_movable(m->mm, &m->movable);
	ret = mm_boot_finish(m->mm);
	if (ret)
		return ret;
	machine_boot_log_movable(m);
	ret = machine_boot_reserve(m);
	if (ret)
		return ret;
	mm_wmark_update(m->mm);
	return 0;
}

static bool has_memmap_on_memory(const struct machine_spec *spec)
{
	return spec->arch->memmap_on_memory && machine_spec_has(spec, MACHINE_MEMMAP_ON_MEMORY);
}

static int machine_boot_hp(struct machine *m)
{
	const struct machine_spec *spec = m->spec;
	struct hp_config config = {
		.block_size = spec->block_size,
		.max_mappable = spec->arch->max_mappable,
		.phys_bits = spec->phys_bits,
		.boot_offline = spec->arch->boot_offline,
		.possible_nodes = spec->possible_nodes,
		.add_nid = machine_boot_add_nid,
		.add_nid_ctx = m,
		.clock = m->clock,
		.memmap_unit = has_memmap_on_memory(spec) ? machine_spec_pmd_size(spec) : 0,
		.no_hotremove = !machine_spec_has(spec, MACHINE_MEMORY_HOTREMOVE),
		.no_numa = !machine_spec_has(spec, MACHINE_NUMA),
		.memmap_in_each_block = spec->profile.memmap_in_each_block,
		.poison_stays_offline = spec->profile.poison_stays_offline,
		.memmap_in_boot_memory = spec->kernel_pages == MACHINE_KERNEL_PAGES_BOOT,
	};
	int ret;

	for (size_t i = 0; i < spec->nr_cpus; i++) {
		if (!base_mask_empty(&spec->cpus[i].list))
			base_mask_set(&config.cpu_nodes, spec->cpus[i].node);
	}
	m->hp = hp_new(m->mm, &config);
	if (!m->hp)
		return -ENOMEM;
	*hp_params(m->hp) = m->boot_params;
	for (int i = 0; m->has_fail_alloc && i <= HP_FAIL_SPACE; i++)
		hp_fail_alloc_set(m->hp, (enum hp_fail_field)i, m->fail_alloc[i]);
	if (m->memmap_forced)
		base_buf_printf(&m->log,
				"Memory hotplug will waste %llu pages in each memory block\n",
				(unsigned long long)hp_memmap_waste(m->hp));
	hp_set_observer(m->hp, &machine_observer, m);
	ret = machine_boot_resources(m);
	if (ret)
		return ret;
	return hp_boot(m->hp);
}

static void log_kernel(struct machine *m)
{
	const struct machine_kernel *kernel = &m->spec->profile;

	if (!kernel->compared)
		base_buf_printf(&m->log,
				"memhpfs: Linux %s has not been compared: it behaves like %u.%u, "
				"with the later changes that are known\n",
				m->spec->kernel, kernel->profile >> 16, kernel->profile & 0xffff);
}

/* What a kernel that has just booted has in common on all machines. */
static void kernel_init(struct machine *m)
{
	TAILQ_INIT(&m->dax_ids);
	TAILQ_INIT(&m->dax_names);
	machine_slots_container_init(m);
	TAILQ_INIT(&m->shadows);
	m->vmem_params.unplug_online = true;
	m->acpi_eject_enabled = true;
	TAILQ_INIT(&m->swaps);
	TAILQ_INIT(&m->workloads);
	base_buf_init(&m->kmsg.text);
	for (size_t i = 0; i < m->spec->nr_cpus; i++)
		m->nr_cpus += base_mask_weight(&m->spec->cpus[i].list);
	m->nr_cpus = BASE_MAX(m->nr_cpus, 1);
}

int machine_boot(struct machine *m)
{
	int ret;

	kernel_init(m);
	ret = machine_cmdline_apply(m);
	if (!ret)
		ret = machine_limit_memory(m);
	if (!ret)
		ret = machine_boot_mm(m);
	if (!ret)
		ret = machine_boot_hp(m);
	if (!ret) {
		machine_vm_boot(m);
		machine_thp_boot(m);
		machine_kasan_boot(m);
		ret = machine_crash_boot(m);
	}
	if (!ret)
		ret = machine_dlpar_boot(m);
	if (!ret)
		ret = machine_standby_boot(m);
	if (!ret)
		machine_fault_listen(m);
	return ret;
}

int machine_new(const struct machine_spec *spec, struct base_clock *clock,
		struct machine **ret_machine)
{
	struct machine *m = calloc(1, sizeof(*m));
	int ret;

	if (!m)
		return -ENOMEM;
	m->spec = spec;
	m->clock = clock;
	m->cmdline = strdup(spec->cmdline);
	TAILQ_INIT(&m->regions);
	TAILQ_INIT(&m->dimms);
	m->dimm_driver = spec->arch->dlpar ? &machine_dlpar_driver : &machine_acpi_driver;
	TAILQ_INIT(&m->vmems);
	TAILQ_INIT(&m->daxes);
	TAILQ_INIT(&m->containers);
	TAILQ_INIT(&m->faults);
	base_buf_init(&m->log);
	log_kernel(m);
	ret = m->cmdline ? machine_boot(m) : -ENOMEM;
	if (!ret)
		ret = machine_fault_boot(m);
	if (!ret)
		ret = machine_swap_boot(m);
	if (ret) {
		machine_free(m);
		return ret;
	}
	machine_kmsg_boot(m);
	*ret_machine = m;
	return 0;
}

void machine_kernel_free(struct machine *m)
{
	machine_workloads_drop(m);
	machine_swap_free_all(m);
	machine_dlpar_free(m);
	machine_kasan_free(m);
	hp_free(m->hp);
	mm_free(m->mm);
	free(m->memory);
	base_buf_fini(&m->kmsg.text);
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	machine_workloads_drop(m);
	machine_swap_free_all(m);
	machine_vmem_free_all(m);
	machine_dax_free_all(m);
	machine_container_free_all(m);
	machine_dimm_free_all(m);
	machine_fault_free_all(m);
	machine_kernel_free(m);
	base_buf_fini(&m->log);
	free(m->cmdline);
	free(m->next_cmdline);
	free(m->mapped);
	free(m);
}

void machine_set_observer(struct machine *m, const struct hp_observer *observer, void *ctx)
{
	m->observer = observer;
	m->observer_ctx = ctx;
}

const struct machine_spec *machine_spec(const struct machine *m)
{
	return m->spec;
}

struct hp *machine_hp(const struct machine *m)
{
	return m->hp;
}

struct mm *machine_mm(const struct machine *m)
{
	return m->mm;
}

static void cpus_of_nodes(const struct machine *m, bool all, unsigned int nid,
			  struct base_mask *ret_cpus)
{
	unsigned int cpu;

	memset(ret_cpus, 0, sizeof(*ret_cpus));
	for (size_t i = 0; i < m->spec->nr_cpus; i++) {
		if (!all && m->spec->cpus[i].node != nid)
			continue;
		BASE_MASK_FOREACH(cpu, &m->spec->cpus[i].list)
			base_mask_set(ret_cpus, cpu);
	}
}

void machine_node_cpus(const struct machine *m, int nid, struct base_mask *ret_cpus)
{
	cpus_of_nodes(m, false, (unsigned int)nid, ret_cpus);
}

void machine_all_cpus(const struct machine *m, struct base_mask *ret_cpus)
{
	cpus_of_nodes(m, true, 0, ret_cpus);
}

unsigned int machine_node_distance(const struct machine *m, int from, int to)
{
	return from == to ? LOCAL_DISTANCE : REMOTE_DISTANCE;
}
