/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the files of virtio-mem: the device with its driver's state, and the two modes.
 */
#ifndef VIRTIO_MEM_H
#define VIRTIO_MEM_H

#include "machine_private.h"

#define RETRY_MIN_MS 50000

/*
 * enum vmem_state - of a unit: a memory block (sub-block mode) or a big block
 *
 * In a _PARTIAL state, some sub-blocks are unplugged; it follows the state in which all are
 * plugged. A big block is UNUSED, OFFLINE (meaning added) or FAKE_OFFLINE.
 */
enum vmem_state {
	VMEM_UNUSED,
	VMEM_OFFLINE,
	VMEM_OFFLINE_PARTIAL,
	VMEM_KERNEL,
	VMEM_KERNEL_PARTIAL,
	VMEM_MOVABLE,
	VMEM_MOVABLE_PARTIAL,
	VMEM_FAKE_OFFLINE,
	VMEM_NR_STATES,
};

/*
 * struct machine_vmem - a device and its driver (the kernel's struct virtio_mem)
 * @field: as configured
 * @was_plugged: before the reboot that is in progress
 * @usable: bytes of the region that the hypervisor permits to use
 * @name, @id: "virtio0"
 * @fake: holds the pages of unplugged parts of online blocks; @fresh: of those that were unplugged
 *	before the block came online
 * @work, @queued, @active, @again: the driver's work item; @again: queued while it runs
 * @retry_due_ns, @retry_number: when @retry is due, and its number among all retries: those due at
 *	the same time run in that order
 * @told_size: the plugged size that the hypervisor was told
 * @requested: the size that the driver last read
 * @unit_size: bytes of a unit; @first: first unit of the region; @next, @end: above the units that
 *	are known, usable
 * @state, @count: of units from @first on, and how many are in each state
 * @sb_size, @sbs: bytes of a sub-block, sub-blocks of a block; @plugged_sb: a byte for each
 * @have_unplugged: there are still blocks without a plugged sub-block
 */
struct machine_vmem {
	struct machine *machine;
	uint64_t field[MACHINE_VMEM_NR_FIELDS];
	bool plugged;
	bool was_plugged;
	struct machine_region region;
	uint64_t usable;
	char name[16];
	unsigned int id;
	struct hp_group *group;
	struct hp_notifier notifier;
	struct mm_holder *fake, *fresh;

	struct hp_call work;
	bool queued, active, again;
	bool config_changed;
	bool broken;
	struct base_timer retry;
	uint64_t retry_ms;
	uint64_t retry_due_ns;
	uint64_t retry_number;

	uint64_t plugged_size;
	uint64_t told_size;
	uint64_t requested;
	uint64_t offline_size;
	uint64_t offline_threshold;

	bool in_sbm;
	uint64_t unit_size;
	uint64_t first, next, end;
	uint8_t *state;
	uint64_t count[VMEM_NR_STATES];
	uint64_t sb_size;
	uint32_t sbs;
	uint8_t *plugged_sb;
	bool have_unplugged;
	TAILQ_ENTRY(machine_vmem) link;
};

/* ---- functions for both modes (virtio_mem.c) ------------------------------------------------- */

enum vmem_state vmem_state(const struct machine_vmem *v, uint64_t id);
void vmem_set_state(struct machine_vmem *v, uint64_t id, enum vmem_state state);
/* The next unit that was never used before; -ENOSPC if none is usable. */
int vmem_prepare_next(struct machine_vmem *v, uint64_t *ret_id);
/* Whether @size more bytes may be added, given how much is still offline. */
bool vmem_could_add(const struct machine_vmem *v, uint64_t size);
int vmem_add(struct machine_vmem *v, uint64_t id);
int vmem_remove(struct machine_vmem *v, uint64_t id);
int vmem_offline_and_remove(struct machine_vmem *v, uint64_t id);
/* Allocates a range of online memory for the driver; 0, -EBUSY, -ENOMEM. */
int vmem_fake_offline(struct machine_vmem *v, uint64_t addr, uint64_t size);
int vmem_fake_online(struct machine_vmem *v, uint64_t addr, uint64_t size);
/* Whether the kernel has it (CONFIG_VIRTIO_MEM); without it, a device does nothing. */
static inline bool vmem_has_driver(const struct machine_vmem *v)
{
	return machine_spec_has(v->machine->spec, MACHINE_VIRTIO_MEM);
}
/* Tells the hypervisor if the plugged size has changed. */
void vmem_tell_size(struct machine_vmem *v);
/* Queues the driver's work. */
void vmem_kick(struct machine_vmem *v);
/* Name of added memory in /proc/iomem. */
extern const char vmem_resource_name[];
/* Loading: binds the driver in its saved state, including its retry. */
void vmem_attach(struct machine_vmem *v, struct base_save *s);
/** vmem_notifier_call() - notifies the driver that a block goes online or offline. */
int vmem_notifier_call(struct hp_notifier *notifier, enum hp_action action,
		       const struct hp_notify *arg);
/* virtio_mem.c: what vmem_kick() submits. */
int vmem_work_run(struct hp_call *call);
void vmem_work_done(struct hp_call *call, int ret);
/* The retry timer has expired. */
void vmem_retry_timer(struct base_timer *timer);
int vmem_retry_at(struct machine_vmem *v, uint64_t due_ns);

/* Bind the driver to the device (a failure undoes everything); and unbind it. */
int vmem_probe(struct machine_vmem *v);
void vmem_remove_driver(struct machine_vmem *v);

/* ---- the modes (virtio_mem_sbm.c, virtio_mem_bbm.c) ------------------------------------------ */

int vmem_sbm_plug(struct machine_vmem *v, uint64_t size);
int vmem_sbm_unplug(struct machine_vmem *v, uint64_t size);
/* Retries to remove the blocks that could not be removed before. */
void vmem_sbm_cleanup(struct machine_vmem *v);
int vmem_sbm_going_online(struct machine_vmem *v, uint64_t id);
int vmem_sbm_online_pages(struct machine_vmem *v, uint64_t id);
void vmem_sbm_online(struct machine_vmem *v, uint64_t id, bool movable);
void vmem_sbm_offline(struct machine_vmem *v, uint64_t id);

int vmem_bbm_plug(struct machine_vmem *v, uint64_t size);
int vmem_bbm_unplug(struct machine_vmem *v, uint64_t size);

#define vmem_log(v, fmt, ...)                                                                      \
	hp_log((v)->machine->hp, "virtio_mem %s: " fmt, (v)->name, ##__VA_ARGS__)

#endif
