// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A reboot: the kernel goes away with all that it knows, and another one finds the hardware as it
 * is. Devices that are plugged stay: DIMMs and virtio-mem with what was asked of it, DAX regions,
 * containers. Fault plans are no part of the machine, and stay as well.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dimm_private.h"
#include "virtio_mem.h"
#include "reboot.h"

/* What happens to a kernel that goes away. */
static void kernel_stop(struct machine *m)
{
	struct machine_workload *w = NULL;
	struct machine_vmem *v;

	/* Nobody hears of the end. */
	m->observer = NULL;
	m->monitor = NULL;
	while ((w = machine_workload_next(m, w)))
		machine_workload_interrupt(w, true);
	TAILQ_FOREACH(v, &m->vmems, link)
		v->again = false;
	hp_abort(m->hp, -ENODEV);
	m->holding = NULL;
	machine_vmems_detach(m);
	machine_daxes_detach(m);
	machine_dimms_detach(m);
}

/* All members that are the kernel's become those of a machine that has never booted. */
static void kernel_forget(struct machine *m)
{
	struct machine old = *m;

	*m = (struct machine){
		.spec = old.spec,
		.clock = old.clock,
		.cmdline = old.cmdline,
		.next_cmdline = old.next_cmdline,
		.mapped = old.mapped,
		.nr_mapped = old.nr_mapped,
		.nr_boots = old.nr_boots,
		.log = old.log,
		.log_dropped = old.log_dropped,
		.kmsg.dropped = old.kmsg.dropped + old.kmsg.text.len - old.kmsg.gone,
		.regions = old.regions,
		.dimms = old.dimms,
		.dimm_driver = old.dimm_driver,
		.containers = old.containers,
		.faults = old.faults,
		.vmems = old.vmems,
		.daxes = old.daxes,
	};
	memcpy(m->next_container, old.next_container, sizeof(m->next_container));
}

static int by_start(const void *a, const void *b)
{
	const struct machine_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Whether the next kernel finds what is plugged in the map of memory that it is given. */
static bool maps_devices(const struct machine *m, enum machine_boot_kind kind)
{
	return kind == MACHINE_KEXEC || m->spec->firmware == MACHINE_FIRMWARE_BARE_METAL;
}

static int map_devices(struct machine *m, enum machine_boot_kind kind)
{
	struct machine_dimm *dimm;
	size_t nr = 0;

	free(m->mapped);
	m->mapped = NULL;
	m->nr_mapped = 0;
	TAILQ_FOREACH(dimm, &m->dimms, link)
		nr += dimm->plugged;
	if (!nr || !maps_devices(m, kind))
		return 0;
	m->mapped = calloc(nr, sizeof(*m->mapped));
	if (!m->mapped)
		return -ENOMEM;
	TAILQ_FOREACH(dimm, &m->dimms, link) {
		if (dimm->plugged)
			m->mapped[m->nr_mapped++] = (struct machine_range){
				.start = dimm->region.start,
				.end = dimm->region.start + dimm->region.size - 1,
				.node = (unsigned int)machine_dimm_nid(dimm),
				.hotpluggable = true,
			};
	}
	qsort(m->mapped, m->nr_mapped, sizeof(*m->mapped), by_start);
	return 0;
}

static void take_cmdline(struct machine *m)
{
	if (!m->next_cmdline)
		return;
	free(m->cmdline);
	m->cmdline = m->next_cmdline;
	m->next_cmdline = NULL;
}

/* Who listens, while nobody may. */
struct listeners {
	const struct hp_observer *observer;
	void *observer_ctx;
	const struct machine_monitor *monitor;
	void *monitor_ctx;
};

static struct listeners listeners_of(const struct machine *m)
{
	return (struct listeners){ m->observer, m->observer_ctx, m->monitor, m->monitor_ctx };
}

static int boot_again(struct machine *m)
{
	machine_kernel_free(m);
	kernel_forget(m);
	m->log_booted = m->log_dropped + m->log.len;
	return machine_boot(m);
}

int machine_reboot(struct machine *m, enum machine_boot_kind kind)
{
	struct listeners listeners = listeners_of(m);
	int ret;

	kernel_stop(m);
	ret = map_devices(m, kind);
	take_cmdline(m);
	m->nr_boots++;
	if (!ret)
		ret = boot_again(m);
	if (ret)
		return ret;
	machine_kmsg_boot(m);
	machine_dimms_attach(m);
	ret = machine_swap_boot(m);
	machine_daxes_attach(m);
	machine_set_monitor(m, listeners.monitor, listeners.monitor_ctx);
	machine_vmems_attach(m);
	machine_set_observer(m, listeners.observer, listeners.observer_ctx);
	return ret;
}

/* ---- saving and loading ---------------------------------------------------------------------- */

static bool is_sound(const struct machine *m)
{
	uint64_t page = 1ULL << m->spec->page_shift, next = 0;

	for (size_t i = 0; i < m->nr_mapped; i++) {
		const struct machine_range *r = &m->mapped[i];

		if (r->start < next || r->end < r->start || r->node >= BASE_MASK_BITS ||
		    !machine_region_inside(m, r->start) || !machine_region_inside(m, r->end) ||
		    !BASE_ALIGNED(r->start, page) || !BASE_ALIGNED(r->end + 1, page) ||
		    !base_mask_test(&m->spec->possible_nodes, r->node))
			return false;
		next = r->end + 1;
	}
	return true;
}

static void range_save(struct base_save *s, struct machine_range *r)
{
	r->start = base_save_number(s, r->start);
	r->end = base_save_number(s, r->end);
	r->node = (unsigned int)base_save_below(s, r->node, BASE_MASK_BITS);
	r->hotpluggable = true;
}

static void map_save(struct base_save *s, struct machine *m)
{
	size_t nr = base_save_count(s, m->nr_mapped);

	if (base_save_loads(s)) {
		m->mapped = calloc(nr + 1, sizeof(*m->mapped));
		if (!m->mapped)
			base_save_fail(s, -ENOMEM, "out of memory");
		m->nr_mapped = m->mapped ? nr : 0;
	}
	for (size_t i = 0; i < m->nr_mapped; i++)
		range_save(s, &m->mapped[i]);
	if (!s->error && !is_sound(m))
		base_save_fail(s, -EINVAL, "the map of memory is invalid");
}

/* A machine that has booted again is loaded into one that has booted in the same way. */
void machine_boots_save(struct machine *m, struct base_save *s)
{
	uint64_t nr_boots = base_save_number(s, m->nr_boots);
	struct listeners listeners = listeners_of(m);
	char *cmdline = m->cmdline;
	int ret;

	if (!nr_boots)
		return;
	base_save_string(s, &cmdline);
	map_save(s, m);
	if (!base_save_loads(s))
		return;
	if (!s->error && cmdline) {
		free(m->cmdline);
		m->cmdline = cmdline;
		m->nr_boots = nr_boots;
		kernel_stop(m);
		ret = boot_again(m);
		machine_set_monitor(m, listeners.monitor, listeners.monitor_ctx);
		machine_set_observer(m, listeners.observer, listeners.observer_ctx);
		if (ret)
			base_save_fail(s, ret, "the machine does not boot");
	} else {
		free(cmdline);
		base_save_fail(s, -EINVAL, "the command line is missing");
	}
}

/* ---- the command line ------------------------------------------------------------------------ */

const char *machine_cmdline(const struct machine *m)
{
	return m->cmdline;
}

const char *machine_next_cmdline(const struct machine *m)
{
	return m->next_cmdline ? m->next_cmdline : m->cmdline;
}

int machine_set_next_cmdline(struct machine *m, const char *cmdline)
{
	struct base_buf remarks;
	char *copy;
	int ret;

	base_buf_init(&remarks);
	ret = machine_cmdline_check(m->spec, cmdline, &remarks);
	if (!ret && strstr(base_buf_text(&remarks), "mem= leaves no page"))
		ret = machine_refuse(m, -EINVAL, "mem= leaves no page of memory");
	base_buf_fini(&remarks);
	if (ret)
		return ret;
	copy = strdup(cmdline);
	if (!copy)
		return -ENOMEM;
	free(m->next_cmdline);
	m->next_cmdline = copy;
	return 0;
}
