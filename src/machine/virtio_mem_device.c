// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hypervisor's side of virtio-mem: the device as it is configured, its region, and what is
 * asked of the guest (QEMU's virtio-mem-pci).
 */
#include <errno.h>
#include <stdlib.h>

#include "virtio_mem.h"

#define MIB(n) ((uint64_t)(n) << 20)

#define DEFAULT_BLOCK_SIZE MIB(2)
#define MIN_BLOCK_SIZE MIB(1)
#define REGION_ALIGN MIB(2)

struct machine_vmem_params *machine_vmem_params(struct machine *m)
{
	return &m->vmem_params;
}

int machine_vmem_new(struct machine *m, struct machine_vmem **ret_vmem)
{
	struct machine_vmem *v = calloc(1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	v->machine = m;
	v->field[MACHINE_VMEM_ADDR] = MACHINE_DIMM_AUTO;
	v->field[MACHINE_VMEM_BLOCK_SIZE] = DEFAULT_BLOCK_SIZE;
	TAILQ_INSERT_TAIL(&m->vmems, v, link);
	*ret_vmem = v;
	return 0;
}

static void vmem_destroy(struct machine *m, struct machine_vmem *v)
{
	TAILQ_REMOVE(&m->vmems, v, link);
	free(v);
}

struct machine_vmem *machine_vmem_next(const struct machine *m, struct machine_vmem *v)
{
	return v ? TAILQ_NEXT(v, link) : TAILQ_FIRST(&m->vmems);
}

int machine_vmem_free(struct machine *m, struct machine_vmem *v)
{
	if (v->plugged || v->queued)
		return -EBUSY;
	vmem_destroy(m, v);
	return 0;
}

static void unplug(struct machine_vmem *v)
{
	struct machine *m = v->machine;

	vmem_remove_driver(v);
	TAILQ_REMOVE(&m->regions, &v->region, link);
	v->plugged = false;
}

void machine_vmem_free_all(struct machine *m)
{
	struct machine_vmem *v;

	while ((v = TAILQ_FIRST(&m->vmems))) {
		if (v->queued)
			hp_call_interrupt(m->hp, &v->work, true);
		if (v->plugged)
			unplug(v);
		vmem_destroy(m, v);
	}
}

uint64_t machine_vmem_get(const struct machine_vmem *v, enum machine_vmem_field field)
{
	if (field == MACHINE_VMEM_PLUGGED)
		return v->plugged ? v->plugged_size : 0;
	if (field == MACHINE_VMEM_ADDR && v->plugged)
		return v->region.start;
	return v->field[field];
}

/* The region is opened for a bit more than is asked for, and never closed while it is in use. */
static void resize_usable(struct machine_vmem *v)
{
	uint64_t extent = 2 * v->machine->spec->arch->section_size_64k;
	uint64_t usable = BASE_MIN(v->region.size, v->field[MACHINE_VMEM_REQUESTED] + extent);

	usable = BASE_ROUND_UP(usable, v->field[MACHINE_VMEM_BLOCK_SIZE]);
	v->usable = BASE_MAX(v->usable, usable);
}

static int set_requested(struct machine_vmem *v, uint64_t value)
{
	if (value > v->field[MACHINE_VMEM_SIZE] ||
	    !BASE_ALIGNED(value, v->field[MACHINE_VMEM_BLOCK_SIZE]))
		return -EINVAL;
	v->field[MACHINE_VMEM_REQUESTED] = value;
	if (!v->plugged)
		return 0;
	resize_usable(v);
	v->config_changed = true;
	vmem_kick(v);
	return 0;
}

int machine_vmem_set(struct machine *m, struct machine_vmem *v, enum machine_vmem_field field,
		     uint64_t value)
{
	if (field == MACHINE_VMEM_REQUESTED)
		return set_requested(v, value);
	if (v->plugged)
		return -EBUSY;
	if (field == MACHINE_VMEM_NODE &&
	    (value >= BASE_MASK_BITS ||
	     !base_mask_test(&m->spec->possible_nodes, (unsigned int)value)))
		return -EINVAL;
	if (field == MACHINE_VMEM_BLOCK_SIZE && (value < MIN_BLOCK_SIZE || value & (value - 1)))
		return -EINVAL;
	v->field[field] = value;
	return 0;
}

bool machine_vmem_plugged(const struct machine_vmem *v)
{
	return v->plugged;
}

static int plug(struct machine_vmem *v)
{
	uint64_t block = v->field[MACHINE_VMEM_BLOCK_SIZE], size = v->field[MACHINE_VMEM_SIZE];
	uint64_t requested = v->field[MACHINE_VMEM_REQUESTED];
	struct machine *m = v->machine;
	int ret;

	if (!size || !BASE_ALIGNED(size, block) || requested > size ||
	    !BASE_ALIGNED(requested, block) ||
	    (v->field[MACHINE_VMEM_ADDR] != MACHINE_DIMM_AUTO &&
	     !BASE_ALIGNED(v->field[MACHINE_VMEM_ADDR], block)) ||
	    !base_mask_test(&m->spec->possible_nodes, (unsigned int)v->field[MACHINE_VMEM_NODE]))
		return -EINVAL;
	ret = machine_region_place(m, v->field[MACHINE_VMEM_ADDR], size,
				   BASE_MAX(block, REGION_ALIGN), &v->region);
	if (!ret)
		ret = vmem_probe(v);
	if (ret)
		return ret;
	v->plugged = true;
	v->plugged_size = v->usable = 0;
	TAILQ_INSERT_TAIL(&m->regions, &v->region, link);
	resize_usable(v);
	v->config_changed = true;
	vmem_kick(v);
	return 0;
}

int machine_vmem_plug(struct machine *m, struct machine_vmem *v, bool on)
{
	if (on == v->plugged)
		return 0;
	if (on)
		return plug(v);
	if (v->plugged_size || v->field[MACHINE_VMEM_REQUESTED] || v->queued || v->active)
		return -EBUSY;
	unplug(v);
	return 0;
}
