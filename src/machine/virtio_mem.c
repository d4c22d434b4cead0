// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio-mem: a device in whose region the hypervisor plugs and unplugs small blocks
 * (virtio_mem_device.c), and the Linux driver that fulfils its requests as far as possible and
 * retries the rest (the kernel's drivers/virtio/virtio_mem.c).
 *
 * The driver's work holds the hotplug lock all the time, whereas the kernel takes it for each
 * block. Pages in the way migrate instantly.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "virtio_mem.h"

#define NS_PER_MS 1000000ULL

#define RETRY_MAX_MS 300000

/* ---- the driver's work ----------------------------------------------------------------------- */

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

void vmem_tell_size(struct machine_vmem *v)
{
	struct machine *m = v->machine;

	if (v->told_size == v->plugged_size)
		return;
	v->told_size = v->plugged_size;
	if (m->monitor)
		m->monitor->resized(m->monitor_ctx, v);
}

/* Logs for users why the requested size has not been reached. */
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
		/* No room, or too much memory is offline: retrying does not help. */
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

int vmem_work_run(struct hp_call *call)
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
	vmem_tell_size(v);
	return 0;
}

void vmem_work_done(struct hp_call *call, int ret)
{
	struct machine_vmem *v = base_container_of(call, struct machine_vmem, work);

	v->queued = false;
	if (!v->again)
		return;
	v->again = false;
	vmem_kick(v);
}

void vmem_retry_timer(struct base_timer *timer)
{
	struct machine_vmem *v = base_container_of(timer, struct machine_vmem, retry);

	v->retry_ms = BASE_MIN(v->retry_ms * 2, RETRY_MAX_MS);
	vmem_kick(v);
}
