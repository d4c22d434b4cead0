// SPDX-License-Identifier: GPL-2.0-or-later
/* Binding and unbinding the virtio-mem driver (virtio_mem_probe(), virtio_mem_remove()). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "virtio_mem.h"

#define OFFLINE_THRESHOLD GIB(1)

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

/* virtio_mem_translate_node_id() */
static int vmem_nid(const struct machine_vmem *v)
{
	return machine_domain_nid(v->machine, v->field[MACHINE_VMEM_NODE], v->region.start);
}

static void log_probe(struct machine_vmem *v)
{
	uint64_t block = v->machine->spec->block_size;

	vmem_log(v, "start address: 0x%llx", (unsigned long long)v->region.start);
	vmem_log(v, "region size: 0x%llx", (unsigned long long)v->region.size);
	vmem_log(v, "device block size: 0x%llx",
		 (unsigned long long)v->field[MACHINE_VMEM_BLOCK_SIZE]);
	vmem_log(v, "nid: %d", vmem_nid(v));
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
	v->fake = mm_holder_new(m->mm, v->name, MM_KIND_FAKE_OFFLINE);
	v->fresh = mm_holder_new(m->mm, v->name, MM_KIND_FAKE_OFFLINE);
	v->state = calloc(units, 1);
	v->plugged_sb = calloc(units, v->sbs);
	v->group = hp_group_new_dynamic(m->hp, vmem_nid(v), v->unit_size >> m->spec->page_shift);
	if (v->fake && v->fresh && v->state && v->plugged_sb && v->group)
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
	mm_holder_free(v->machine->mm, v->fake);
	mm_holder_free(v->machine->mm, v->fresh);
	free(v->state);
	free(v->plugged_sb);
	v->group = NULL;
	v->fake = NULL;
	v->fresh = NULL;
	v->state = NULL;
	v->plugged_sb = NULL;
	memset(v->count, 0, sizeof(v->count));
}

/* Sets the driver's callbacks, which are not saved. */
static void driver_listen(struct machine_vmem *v)
{
	v->retry.fn = vmem_retry_timer;
	v->work.run = vmem_work_run;
	v->work.done = vmem_work_done;
	v->notifier.name = v->name;
	v->notifier.call = vmem_notifier_call;
}

void vmem_attach(struct machine_vmem *v, struct base_save *s)
{
	if (!vmem_has_driver(v))
		return;
	driver_listen(v);
	hp_notifier_save(v->machine->hp, s, &v->notifier);
}

int vmem_probe(struct machine_vmem *v)
{
	int ret = 0;

	if (!vmem_has_driver(v))
		return 0;
	ret = probe(v);
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

	if (!vmem_has_driver(v))
		return;
	m->clock->stop(m->clock, &v->retry);
	hp_notifier_unregister(m->hp, &v->notifier);
	hp_resource_unreserve(m->hp, v->region.start, v->region.size, v->name);
	probe_undo(v);
}
