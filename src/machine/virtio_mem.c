// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio-mem: a device whose region the hypervisor fills and empties in small blocks
 * (virtio_mem_device.c), and the Linux driver that does what it asks for, as far as it can, and
 * tries again (the kernel's drivers/virtio/virtio_mem.c).
 *
 * The driver's work runs with the hotplug lock held all the time, where the kernel takes it for
 * each block. What it moves out of the way is moved at once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "virtio_mem.h"

#define NS_PER_MS 1000000ULL

#define OFFLINE_THRESHOLD GIB(1)
#define RETRY_MIN_MS 50000
#define RETRY_MAX_MS 300000

const char vmem_resource_name[] = "System RAM (virtio_mem)";

#define vmem_log(v, fmt, ...)                                                                      \
	hp_log((v)->machine->hp, "virtio_mem %s: " fmt, (v)->name, ##__VA_ARGS__)

/* ---- units ----------------------------------------------------------------------------------- */

enum vmem_state vmem_state(const struct machine_vmem *v, uint64_t id)
{
	/* What somebody else added to the region is no unit. */
	return id >= v->first && id < v->next ? v->state[id - v->first] : VMEM_UNUSED;
}

void vmem_set_state(struct machine_vmem *v, uint64_t id, enum vmem_state state)
{
	v->count[v->state[id - v->first]]--;
	v->state[id - v->first] = (uint8_t)state;
	v->count[state]++;
}

int vmem_prepare_next(struct machine_vmem *v, uint64_t *ret_id)
{
	if (v->next >= v->end)
		return -ENOSPC;
	v->count[VMEM_UNUSED]++;
	*ret_id = v->next++;
	return 0;
}

bool vmem_could_add(const struct machine_vmem *v, uint64_t size)
{
	return v->offline_size + size <= v->offline_threshold;
}

int vmem_add(struct machine_vmem *v, uint64_t id)
{
	const struct hp_add add = {
		.start = id * v->unit_size,
		.size = v->unit_size,
		.group = v->group,
		.name = vmem_resource_name,
		.merge = true,
	};
	int ret;

	/* It may come online at once. */
	v->offline_size += add.size;
	ret = hp_add_memory(v->machine->hp, &add);
	if (ret) {
		v->offline_size -= add.size;
		vmem_log(v, "adding memory failed: %d", ret);
	}
	return ret;
}

int vmem_remove(struct machine_vmem *v, uint64_t id)
{
	int ret = hp_remove_memory(v->machine->hp, id * v->unit_size, v->unit_size);

	if (!ret) {
		v->offline_size -= v->unit_size;
		vmem_kick(v);
	}
	return ret;
}

int vmem_offline_and_remove(struct machine_vmem *v, uint64_t id)
{
	int ret = hp_offline_and_remove_memory(v->machine->hp, id * v->unit_size, v->unit_size);

	if (!ret) {
		v->offline_size -= v->unit_size;
		vmem_kick(v);
		return 0;
	}
	return ret == -ENOMEM ? -ENOMEM : -EBUSY;
}

int vmem_fake_offline(struct machine_vmem *v, uint64_t addr, uint64_t size)
{
	unsigned int shift = v->machine->spec->page_shift;
	int ret = mm_contig_alloc(v->machine->mm, v->fake, addr >> shift, size >> shift);

	return ret && ret != -ENOMEM ? -EBUSY : ret;
}

int vmem_fake_online(struct machine_vmem *v, uint64_t addr, uint64_t size)
{
	unsigned int shift = v->machine->spec->page_shift;

	return mm_fake_online(v->machine->mm, addr >> shift, size >> shift);
}

/* ---- the notifier ---------------------------------------------------------------------------- */

static int notify_online_pages(struct machine_vmem *v, uint64_t id, const struct hp_notify *arg)
{
	if (v->in_sbm)
		return vmem_sbm_online_pages(v, id);
	if (vmem_state(v, id) != VMEM_FAKE_OFFLINE)
		return 0;
	return mm_fake_offline(v->machine->mm, v->fake, arg->start_pfn, arg->nr_pages);
}

static void notify_onlined(struct machine_vmem *v, uint64_t id, const struct hp_notify *arg,
			   uint64_t size)
{
	struct mm_usage usage;

	mm_range_usage(v->machine->mm, arg->start_pfn, 1, &usage);
	if (v->in_sbm)
		vmem_sbm_online(v, id, usage.zones == 1u << MM_ZONE_MOVABLE);
	v->offline_size -= size;
	/* Not for what the driver itself is just adding. */
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

static int notifier_call(struct hp_notifier *notifier, enum hp_action action,
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

/* ---- the work -------------------------------------------------------------------------------- */

static void refresh_config(struct machine_vmem *v)
{
	const struct hp_config *config = hp_config(v->machine->hp);
	uint64_t end = BASE_MIN(v->region.start + v->usable, config->max_mappable + 1);

	v->end = end / v->unit_size;
	v->requested = v->field[MACHINE_VMEM_REQUESTED];
	vmem_log(v, "plugged size: 0x%llx", (unsigned long long)v->plugged_size);
	vmem_log(v, "requested size: 0x%llx", (unsigned long long)v->requested);
}

static int resize(struct machine_vmem *v)
{
	if (v->requested > v->plugged_size)
		return v->in_sbm ? vmem_sbm_plug(v, v->requested - v->plugged_size) :
				   vmem_bbm_plug(v, v->requested - v->plugged_size);
	return v->in_sbm ? vmem_sbm_unplug(v, v->plugged_size - v->requested) :
			   vmem_bbm_unplug(v, v->plugged_size - v->requested);
}

/* For people: why it has not what it should have. */
static void explain(struct machine_vmem *v, int ret)
{
	const char *why = ret == -ENOSPC ? "its region is full, or too much of it is offline" :
			  ret == -EBUSY	 ? "some of its memory is in use and stays" :
			  ret == -ENOMEM ? "there is no room for what has to move, or for its page "
					   "structures" :
					   "its driver gives up";

	if (v->requested != v->plugged_size)
		hp_log(v->machine->hp, "memhpfs: %s: it has %s of %s: %s", v->name,
		       base_size_text(v->plugged_size).s, base_size_text(v->requested).s, why);
}

int vmem_retry_at(struct machine_vmem *v, uint64_t due_ns)
{
	struct base_clock *clock = v->machine->clock;

	v->retry_due_ns = due_ns;
	return clock->start(clock, &v->retry, due_ns - clock->now_ns(clock));
}

static void retry_later(struct machine_vmem *v)
{
	struct base_clock *clock = v->machine->clock;

	v->retry_number = ++v->machine->last_retry;
	(void)vmem_retry_at(v, clock->now_ns(clock) + v->retry_ms * NS_PER_MS);
}

static void work_result(struct machine_vmem *v, int ret)
{
	if (ret)
		explain(v, ret);
	switch (ret) {
	case 0:
		v->retry_ms = RETRY_MIN_MS;
		break;
	case -ENOSPC:
		/* No room, or too much that nobody onlines: nothing but a change will help. */
		break;
	case -EBUSY:
	case -ENOMEM:
		retry_later(v);
		break;
	default:
		vmem_log(v, "unknown error, marking device broken: %d", ret);
		v->broken = true;
	}
}

static int work_run(struct hp_call *call)
{
	struct machine_vmem *v = base_container_of(call, struct machine_vmem, work);
	int ret = 0;

	v->queued = false;
	v->machine->clock->stop(v->machine->clock, &v->retry);
	if (v->broken)
		return 0;
	v->active = true;
	if (v->config_changed)
		refresh_config(v);
	v->config_changed = false;
	if (v->in_sbm)
		vmem_sbm_cleanup(v);
	if (v->requested != v->plugged_size)
		ret = resize(v);
	if (!ret && v->have_unplugged)
		ret = -EBUSY;
	work_result(v, ret);
	v->active = false;
	return 0;
}

static void work_done(struct hp_call *call, int ret)
{
	struct machine_vmem *v = base_container_of(call, struct machine_vmem, work);

	v->queued = false;
	if (!v->again)
		return;
	v->again = false;
	vmem_kick(v);
}

void vmem_kick(struct machine_vmem *v)
{
	if (v->queued)
		return;
	if (v->active) {
		v->again = true;
		return;
	}
	v->queued = true;
	v->work.run = work_run;
	v->work.done = work_done;
	hp_submit(v->machine->hp, &v->work);
}

static void retry_timer(struct base_timer *timer)
{
	struct machine_vmem *v = base_container_of(timer, struct machine_vmem, retry);

	v->retry_ms = BASE_MIN(v->retry_ms * 2, RETRY_MAX_MS);
	vmem_kick(v);
}

/* ---- probing --------------------------------------------------------------------------------- */

static void choose_mode(struct machine_vmem *v)
{
	const struct machine_vmem_params *params = &v->machine->vmem_params;
	uint64_t block = v->machine->spec->block_size, device = v->field[MACHINE_VMEM_BLOCK_SIZE];
	uint64_t pageblock = mm_config(v->machine->mm)->pageblock_pages
			     << v->machine->spec->page_shift;

	v->sb_size = BASE_MAX(device, pageblock);
	v->in_sbm = v->sb_size < block && !params->force_bbm;
	v->unit_size = v->in_sbm ? block : BASE_MAX(device, block);
	if (!v->in_sbm && params->bbm_block_size) {
		if (params->bbm_block_size & (params->bbm_block_size - 1))
			vmem_log(v, "bbm_block_size is not a power of 2");
		else if (params->bbm_block_size < v->unit_size)
			vmem_log(v, "bbm_block_size is too small");
		else
			v->unit_size = params->bbm_block_size;
	}
	v->sbs = v->in_sbm ? (uint32_t)(block / v->sb_size) : 1;
	v->offline_threshold = BASE_MAX(2 * v->unit_size, OFFLINE_THRESHOLD);
	v->first = (v->region.start + v->unit_size - 1) / v->unit_size;
	v->next = v->first;
}

static void log_probe(struct machine_vmem *v)
{
	uint64_t block = v->machine->spec->block_size;

	vmem_log(v, "start address: 0x%llx", (unsigned long long)v->region.start);
	vmem_log(v, "region size: 0x%llx", (unsigned long long)v->region.size);
	vmem_log(v, "device block size: 0x%llx",
		 (unsigned long long)v->field[MACHINE_VMEM_BLOCK_SIZE]);
	vmem_log(v, "nid: %d", (int)v->field[MACHINE_VMEM_NODE]);
	if (!BASE_ALIGNED(v->region.start, block))
		vmem_log(v, "The alignment of the physical start address can make some memory "
			    "unusable.");
	if (!BASE_ALIGNED(v->region.start + v->region.size, block))
		vmem_log(v, "The alignment of the physical end address can make some memory "
			    "unusable.");
}

static void log_mode(struct machine_vmem *v)
{
	vmem_log(v, "memory block size: 0x%llx", (unsigned long long)v->machine->spec->block_size);
	if (v->in_sbm)
		vmem_log(v, "subblock size: 0x%llx", (unsigned long long)v->sb_size);
	else
		vmem_log(v, "big block size: 0x%llx", (unsigned long long)v->unit_size);
}

/* The lowest number that no other device has. */
static void choose_name(struct machine_vmem *v)
{
	const struct machine_vmem *other;
	bool used;

	for (v->id = 0;; v->id++) {
		used = false;
		TAILQ_FOREACH(other, &v->machine->vmems, link)
			used = used || (other->plugged && other->id == v->id);
		if (!used)
			break;
	}
	snprintf(v->name, sizeof(v->name), "virtio%u", v->id);
}

static int probe(struct machine_vmem *v)
{
	struct machine *m = v->machine;
	uint64_t units;
	int ret = -ENOMEM;

	choose_name(v);
	log_probe(v);
	choose_mode(v);
	log_mode(v);
	units = v->region.size / v->unit_size + 1;
	v->fake = mm_hold_new(m->mm, v->name, MM_KIND_FAKE_OFFLINE);
	v->state = calloc(units, 1);
	v->plugged_sb = calloc(units, v->sbs);
	v->group = hp_group_new_dynamic(m->hp, (int)v->field[MACHINE_VMEM_NODE],
					v->unit_size >> m->spec->page_shift);
	if (v->fake && v->state && v->plugged_sb && v->group)
		ret = hp_resource_reserve(m->hp, v->region.start, v->region.size, v->name);
	if (ret) {
		vmem_log(v, "could not reserve device region");
		machine_refuse(m, ret,
			       ret == -ENOMEM ? "no memory is left for its driver" :
						"its addresses are in use, see proc/iomem");
	}
	return ret;
}

static void probe_undo(struct machine_vmem *v)
{
	if (v->group)
		hp_group_free(v->machine->hp, v->group);
	mm_hold_free(v->machine->mm, v->fake);
	free(v->state);
	free(v->plugged_sb);
	v->group = NULL;
	v->fake = NULL;
	v->state = NULL;
	v->plugged_sb = NULL;
	memset(v->count, 0, sizeof(v->count));
}

/* What the driver has of functions, which no saved machine has. */
static void driver_listen(struct machine_vmem *v)
{
	v->retry.fn = retry_timer;
	v->notifier.name = v->name;
	v->notifier.call = notifier_call;
}

void vmem_attach(struct machine_vmem *v, struct base_save *s)
{
	driver_listen(v);
	hp_notifier_save(v->machine->hp, s, &v->notifier);
}

int vmem_probe(struct machine_vmem *v)
{
	int ret = probe(v);

	if (ret) {
		probe_undo(v);
		return ret;
	}
	v->broken = false;
	v->retry_ms = RETRY_MIN_MS;
	v->have_unplugged = false;
	v->offline_size = 0;
	driver_listen(v);
	hp_notifier_register(v->machine->hp, &v->notifier);
	return 0;
}

void vmem_remove_driver(struct machine_vmem *v)
{
	struct machine *m = v->machine;

	m->clock->stop(m->clock, &v->retry);
	hp_notifier_unregister(m->hp, &v->notifier);
	hp_resource_unreserve(m->hp, v->region.start, v->region.size, v->name);
	probe_undo(v);
}
