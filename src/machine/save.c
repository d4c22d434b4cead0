// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving a machine, and loading it into one that was just built from the same description. */
#include <errno.h>
#include <string.h>

#include "dlpar.h"
#include "machine_private.h"
#include "reboot.h"

bool machine_is_quiet(const struct machine *m)
{
	return hp_is_quiet(m->hp) && machine_dimms_are_quiet(m) && machine_vmems_are_quiet(m) &&
	       machine_containers_are_quiet(m) && machine_workloads_are_quiet(m);
}

/* Properties in which both machines must agree; otherwise the data would be misread. */
static void machine_same(struct base_save *s, struct machine *m, void *ctx)
{
	const struct machine_spec *spec = m->spec;

	base_save_mark(s, spec->arch->name);
	base_save_mark(s, spec->cmdline);
	base_save_same(s, spec->page_shift, "machine");
	base_save_same(s, spec->block_size, "machine");
	base_save_same(s, m->nr_memory, "machine");
	for (size_t i = 0; i < m->nr_memory; i++) {
		base_save_same(s, m->memory[i].start, "machine");
		base_save_same(s, m->memory[i].end, "machine");
		base_save_same(s, m->memory[i].node, "machine");
	}
}

static void machine_mm_of(struct base_save *s, struct machine *m, void *ctx)
{
	mm_save(m->mm, s);
}

static void machine_hp_of(struct base_save *s, struct machine *m, void *ctx)
{
	hp_save(m->hp, s);
}

#define PARAMS_ROWS(ROW)                                                                           \
	ROW(NUMBER, unplug_online)                                                                 \
	ROW(NUMBER, force_bbm)                                                                     \
	ROW(NUMBER, bbm_block_size)
BASE_SAVE_STRUCT(params_save, struct machine_vmem_params, void, PARAMS_ROWS)

static void machine_params(struct base_save *s, struct machine *m, void *ctx)
{
	BASE_SAVE_ONE(s, params_save, &m->vmem_params, ctx);
}

#define CRASH_ROWS(ROW)                                                                            \
	ROW(NUMBER, start)                                                                         \
	ROW(NUMBER, size)
BASE_SAVE_STRUCT(crash_save, struct machine_crash, void, CRASH_ROWS)

static void machine_crash_of(struct base_save *s, struct machine *m, void *ctx)
{
	BASE_SAVE_ONE(s, crash_save, &m->crash, ctx);
}

static void machine_crash_low(struct base_save *s, struct machine *m, void *ctx)
{
	BASE_SAVE_ONE(s, crash_save, &m->crash_low, ctx);
}

#define OF_MACHINE(name, fn)                                                                       \
	static void name(struct base_save *s, struct machine *m, void *ctx)                        \
	{                                                                                          \
		fn(m, s);                                                                          \
	}
OF_MACHINE(machine_dimms, machine_dimms_save)
OF_MACHINE(machine_vmems, machine_vmems_save)
OF_MACHINE(machine_daxes, machine_daxes_save)
OF_MACHINE(machine_dax_ids, machine_dax_ids_save)
OF_MACHINE(machine_containers, machine_containers_save)
OF_MACHINE(machine_faults, machine_faults_save)
OF_MACHINE(machine_shadows, machine_shadows_save)
OF_MACHINE(machine_lmbs_of, machine_lmbs_save)
OF_MACHINE(machine_swaps, machine_swaps_save)
OF_MACHINE(machine_workloads, machine_workloads_save)
OF_MACHINE(machine_kmsg_of, machine_kmsg_save)
OF_MACHINE(machine_thp_of, machine_thp_save)

#define DESCRIBED "derived from the description"

#define MACHINE_ROWS(ROW)                                                                          \
	ROW(WITH, spec, machine_same)                                                              \
	ROW(SKIP, clock, "owned by the caller")                                                    \
	ROW(WITH, mm, machine_mm_of)                                                               \
	ROW(WITH, hp, machine_hp_of)                                                               \
	ROW(SKIP, observer, "set by the layer above")                                              \
	ROW(SKIP, observer_ctx, "set by the layer above")                                          \
	ROW(SKIP, cmdline, "loaded before the machine")                                            \
	ROW(STRING, next_cmdline)                                                                  \
	ROW(SKIP, mapped, "loaded before the machine")                                             \
	ROW(SKIP, nr_mapped, "loaded before the machine")                                          \
	ROW(SKIP, nr_boots, "loaded before the machine")                                           \
	ROW(SKIP, monitor, "set by the layer above")                                               \
	ROW(SKIP, monitor_ctx, "set by the layer above")                                           \
	ROW(BUF, log)                                                                              \
	ROW(SKIP, reason, "used by requests only")                                                 \
	ROW(NUMBER, log_dropped)                                                                   \
	ROW(NUMBER, log_booted)                                                                    \
	ROW(WITH, kmsg, machine_kmsg_of)                                                           \
	ROW(SKIP, mem_limit, DESCRIBED)                                                            \
	ROW(SKIP, cma, DESCRIBED)                                                                  \
	ROW(SKIP, movable, DESCRIBED)                                                              \
	ROW(SKIP, memmap_forced, DESCRIBED)                                                        \
	ROW(SKIP, free_vmemmap, DESCRIBED)                                                         \
	ROW(SKIP, memory, DESCRIBED)                                                               \
	ROW(SKIP, nr_memory, DESCRIBED)                                                            \
	ROW(SKIP, boot_params, DESCRIBED)                                                          \
	ROW(SKIPS, fail_alloc, DESCRIBED)                                                          \
	ROW(SKIP, has_fail_alloc, DESCRIBED)                                                       \
	ROW(SKIP, nr_cpus, DESCRIBED)                                                              \
	ROW(SKIP, regions, "rebuilt from the devices")                                             \
	ROW(WITH, dimms, machine_dimms)                                                            \
	ROW(SKIP, dimm_driver, DESCRIBED)                                                          \
	ROW(WITH, containers, machine_containers)                                                  \
	ROW(NUMBERS, next_container)                                                               \
	ROW(TEXT, slots_name)                                                                      \
	ROW(NUMBER, slots_offline)                                                                 \
	ROW(WITH, lmbs, machine_lmbs_of)                                                           \
	ROW(WITH, faults, machine_faults)                                                          \
	ROW(SKIP, holding, "no fault plan delays the engine")                                      \
	ROW(WITH, shadows, machine_shadows)                                                        \
	ROW(SKIP, kasan, DESCRIBED)                                                                \
	ROW(SKIP, kdump, DESCRIBED)                                                                \
	ROW(SKIP, reserve, DESCRIBED)                                                              \
	ROW(NUMBERS, vm)                                                                           \
	ROW(NUMBERS, events)                                                                       \
	ROW(NUMBER, drops_silently)                                                                \
	ROW(WITH, thp, machine_thp_of)                                                             \
	ROW(WITH, crash, machine_crash_of)                                                         \
	ROW(WITH, crash_low, machine_crash_low)                                                    \
	ROW(NUMBER, acpi_eject_enabled)                                                            \
	ROW(SKIP, acpi_no_memhotplug, DESCRIBED)                                                   \
	ROW(WITH, vmems, machine_vmems)                                                            \
	ROW(NUMBER, last_retry)                                                                    \
	ROW(WITH, daxes, machine_daxes)                                                            \
	ROW(WITH, dax_ids, machine_dax_ids)                                                        \
	ROW(SKIP, dax_names, "found again with the devices")                                       \
	ROW(NUMBER, dax_no_autoprobe)                                                              \
	ROW(WITH, vmem_params, machine_params)                                                     \
	ROW(WITH, swaps, machine_swaps)                                                            \
	ROW(WITH, workloads, machine_workloads)
BASE_SAVE_STRUCT(machine_save_rows, struct machine, void, MACHINE_ROWS)

/* A device owns the name of a range that it claimed in /proc/iomem; other names are static. */
static const char *resource_name(void *ctx, uint64_t start, const char *text)
{
	struct machine *m = ctx;
	const char *name = machine_vmem_resource(m, start, text);

	return name ? name : machine_dax_resource(m, start, text);
}

void machine_save(struct machine *m, struct base_save *s)
{
	machine_boots_save(m, s);
	if (base_save_loads(s)) {
		if (s->error)
			return;
		/* Free the holders before their pages. */
		machine_kasan_free(m);
		machine_fault_free_all(m);
		machine_swap_free_all(m);
		hp_clear(m->hp);
		m->holding = NULL;
	}
	BASE_SAVE_ONE(s, machine_save_rows, m, NULL);
	hp_resources_save(m->hp, s, resource_name, m);
}
