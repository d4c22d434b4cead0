// SPDX-License-Identifier: GPL-2.0-or-later
/* Units of a virtio-mem device: memory blocks or big blocks, and their states. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "virtio_mem.h"

const char vmem_resource_name[] = "System RAM (virtio_mem)";

enum vmem_state vmem_state(const struct machine_vmem *v, uint64_t id)
{
	/* Memory that something else added to the region is not a unit. */
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

	/* It may go online at once, so count it first. */
	v->offline_size += add.size;
	ret = hp_add_memory(v->machine->hp, &add);
	if (ret) {
		v->offline_size -= add.size;
		vmem_log(v, "adding memory failed: %d", ret);
	}
	return ret;
}

void vmem_kick(struct machine_vmem *v)
{
	if (v->queued || !vmem_has_driver(v))
		return;
	if (v->active) {
		v->again = true;
		return;
	}
	v->queued = true;
	hp_submit(v->machine->hp, &v->work);
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

	return mm_fake_online(v->machine->mm, addr >> shift, size >> shift, v->fresh);
}
