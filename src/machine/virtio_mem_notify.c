// SPDX-License-Identifier: GPL-2.0-or-later
/* The memory notifier of the virtio-mem driver (virtio_mem_memory_notifier_cb()). */
#include "virtio_mem.h"

static int notify_online_pages(struct machine_vmem *v, uint64_t id, const struct hp_notify *arg)
{
	if (v->in_sbm)
		return vmem_sbm_online_pages(v, id);
	if (vmem_state(v, id) != VMEM_FAKE_OFFLINE)
		return 0;
	return mm_fake_offline(v->machine->mm, v->fresh, arg->start_pfn, arg->nr_pages);
}

static void notify_onlined(struct machine_vmem *v, uint64_t id, const struct hp_notify *arg,
			   uint64_t size)
{
	struct mm_usage usage;

	mm_range_usage(v->machine->mm, arg->start_pfn, 1, &usage);
	if (v->in_sbm)
		vmem_sbm_online(v, id, usage.zones == 1u << MM_ZONE_MOVABLE);
	v->offline_size -= size;
	/* Not for memory that the driver itself is adding. */
	if (!v->active && vmem_could_add(v, v->offline_threshold / 2))
		vmem_kick(v);
}

static void notify_offlined(struct machine_vmem *v, uint64_t id, uint64_t size)
{
	if (v->in_sbm)
		vmem_sbm_offline(v, id);
	v->offline_size += size;
	if (!v->machine->vmem_params.unplug_online)
		vmem_kick(v);
}

int vmem_notifier_call(struct hp_notifier *notifier, enum hp_action action,
		       const struct hp_notify *arg)
{
	struct machine_vmem *v = base_container_of(notifier, struct machine_vmem, notifier);
	unsigned int shift = v->machine->spec->page_shift;
	uint64_t start = arg->start_pfn << shift, size = arg->nr_pages << shift;
	uint64_t id = start / v->unit_size;

	if (start >= v->region.start + v->region.size || v->region.start >= start + size)
		return 0;
	switch (action) {
	case HP_GOING_ONLINE:
		return v->in_sbm ? vmem_sbm_going_online(v, id) : 0;
	case HP_ONLINE_PAGES:
		return notify_online_pages(v, id, arg);
	case HP_ONLINED:
		notify_onlined(v, id, arg, size);
		return 0;
	case HP_OFFLINED:
		notify_offlined(v, id, size);
		return 0;
	default:
		return 0;
	}
}
