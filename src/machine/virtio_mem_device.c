// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hypervisor's side of virtio-mem: the configuration of the device, its region, and the
 * requests to the guest (QEMU's virtio-mem-pci).
 */
#include <errno.h>
#include <stdlib.h>

#include "virtio_mem.h"
#include "reboot.h"

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

static int refuse_in_use(const struct machine_vmem *v)
{
	return machine_refuse(v->machine, -EBUSY,
			      v->plugged ? "it is plugged: write 0 to plugged first" :
					   "its driver has not gone yet: wait for that");
}

struct machine_vmem *machine_vmem_next(const struct machine *m, struct machine_vmem *v)
{
	return v ? TAILQ_NEXT(v, link) : TAILQ_FIRST(&m->vmems);
}

int machine_vmem_free(struct machine *m, struct machine_vmem *v)
{
	if (v->plugged || v->queued)
		return refuse_in_use(v);
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

/* A bit more than the requested size becomes usable, and never less while it is in use. */
static void vmem_resize_usable(struct machine_vmem *v)
{
	uint64_t extent = 2 * v->machine->spec->arch->section_size_64k;
	uint64_t usable = BASE_MIN(v->region.size, v->field[MACHINE_VMEM_REQUESTED] + extent);

	usable = BASE_ROUND_UP(usable, v->field[MACHINE_VMEM_BLOCK_SIZE]);
	v->usable = BASE_MAX(v->usable, usable);
}

void machine_vmems_detach(struct machine *m)
{
	struct machine_vmem *v;

	TAILQ_FOREACH(v, &m->vmems, link) {
		v->was_plugged = v->plugged;
		if (!v->plugged)
			continue;
		vmem_remove_driver(v);
		v->plugged = false;
		v->broken = v->again = v->active = v->queued = false;
	}
}

/* A reset unplugs all memory; the driver asks for what it should have. */
static void vmem_attach_again(struct machine_vmem *v)
{
	struct machine *m = v->machine;

	int ret = vmem_probe(v);

	v->plugged = true;
	v->plugged_size = v->usable = 0;
	vmem_tell_size(v);
	if (ret) {
		machine_log(m, "memhpfs: the driver of a virtio-mem device does not start");
		return;
	}
	vmem_resize_usable(v);
	v->config_changed = true;
	vmem_kick(v);
}

void machine_vmems_attach(struct machine *m)
{
	struct machine_vmem *v;

	TAILQ_FOREACH(v, &m->vmems, link) {
		if (v->was_plugged)
			vmem_attach_again(v);
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

static int check_requested(struct machine_vmem *v, uint64_t value)
{
	if (value > v->field[MACHINE_VMEM_SIZE])
		return machine_refuse(v->machine, -EINVAL, "%s is more than its size, %s",
				      base_size_text(value).s,
				      base_size_text(v->field[MACHINE_VMEM_SIZE]).s);
	return machine_check_multiple(v->machine, "the requested size", value,
				      v->field[MACHINE_VMEM_BLOCK_SIZE]);
}

static int set_requested(struct machine_vmem *v, uint64_t value)
{
	if (check_requested(v, value))
		return -EINVAL;
	v->field[MACHINE_VMEM_REQUESTED] = value;
	if (!v->plugged)
		return 0;
	vmem_resize_usable(v);
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
		return refuse_in_use(v);
	if (field == MACHINE_VMEM_NODE && machine_check_domain(m, value))
		return -EINVAL;
	if (field == MACHINE_VMEM_BLOCK_SIZE && (value < MIN_BLOCK_SIZE || value & (value - 1)))
		return machine_refuse(m, -EINVAL, "%s is not a power of two of %s or more",
				      base_size_text(value).s, base_size_text(MIN_BLOCK_SIZE).s);
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

	ret = machine_check_device(m, size, v->field[MACHINE_VMEM_ADDR], block,
				   v->field[MACHINE_VMEM_NODE]);
	if (!ret)
		ret = check_requested(v, requested);
	if (ret)
		return ret;
	ret = machine_region_place(m, v->field[MACHINE_VMEM_ADDR], size,
				   BASE_MAX(block, REGION_ALIGN), &v->region);
	if (!ret)
		ret = vmem_probe(v);
	if (ret)
		return ret;
	v->plugged = true;
	v->plugged_size = v->usable = 0;
	TAILQ_INSERT_TAIL(&m->regions, &v->region, link);
	vmem_resize_usable(v);
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
	if (v->plugged_size || v->field[MACHINE_VMEM_REQUESTED])
		return machine_refuse(m, -EBUSY,
				      "it has %s, and is asked for %s: write 0 to "
				      "requested_size, and wait until plugged_size is 0",
				      base_size_text(v->plugged_size).s,
				      base_size_text(v->field[MACHINE_VMEM_REQUESTED]).s);
	if (v->queued || v->active)
		return machine_refuse(m, -EBUSY, "its driver is at work: wait for that");
	unplug(v);
	return 0;
}
