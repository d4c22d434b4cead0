/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-mem's own parts: the device with its driver's state, and what the two modes do.
 */
#ifndef VIRTIO_MEM_H
#define VIRTIO_MEM_H

#include "machine_private.h"

#define RETRY_MIN_MS 50000

/*
 * enum vmem_state - of a unit: a memory block (sub-block mode) or a big block
 *
 * The _PARTIAL ones have plugged and unplugged sub-blocks and follow the states in which all are
 * plugged. A big block is UNUSED, OFFLINE (which stands for added) or FAKE_OFFLINE.
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
 * @field: what was set
 * @usable: bytes of the region that the hypervisor lets be used
 * @name, @id: "virtio0"
 * @fake: holds the pages of unplugged parts of online blocks
 * @work, @queued, @active, @again: the driver's work item; @again: queued while it runs
 * @retry_due_ns, @retry_number: when @retry is due, and which of all retries it is: those that are
 *	due at one time come in that order
 * @requested: what the driver last read
 * @unit_size: of a unit; @first, @next, @end: numbers of units: of the region, known, usable
 * @state, @count: of units from @first on, and how many are in each
 * @sb_size, @sbs: bytes of a sub-block, sub-blocks of a block; @plugged_sb: a byte for each
 * @have_unplugged: blocks without a plugged sub-block are still there
 */
struct machine_vmem {
	struct machine *machine;
	uint64_t field[MACHINE_VMEM_NR_FIELDS];
	bool plugged;
	struct machine_region region;
	uint64_t usable;
	char name[16];
	unsigned int id;
	struct hp_group *group;
	struct hp_notifier notifier;
	struct mm_hold *fake;

	struct hp_call work;
	bool queued, active, again;
	bool config_changed;
	bool broken;
	struct base_timer retry;
	uint64_t retry_ms;
	uint64_t retry_due_ns;
	uint64_t retry_number;

	uint64_t plugged_size;
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

/* ---- for both modes (virtio_mem.c) ----------------------------------------------------------- */

enum vmem_state vmem_state(const struct machine_vmem *v, uint64_t id);
void vmem_set_state(struct machine_vmem *v, uint64_t id, enum vmem_state state);
/* Units that were never used before: the next one; -ENOSPC when none is usable. */
int vmem_prepare_next(struct machine_vmem *v, uint64_t *ret_id);
/* Whether so much may be added before some of what is there is online. */
bool vmem_could_add(const struct machine_vmem *v, uint64_t size);
int vmem_add(struct machine_vmem *v, uint64_t id);
int vmem_remove(struct machine_vmem *v, uint64_t id);
int vmem_offline_and_remove(struct machine_vmem *v, uint64_t id);
/* The pages of a part of online memory for the driver; 0, -EBUSY, -ENOMEM. */
int vmem_fake_offline(struct machine_vmem *v, uint64_t addr, uint64_t size);
int vmem_fake_online(struct machine_vmem *v, uint64_t addr, uint64_t size);
/* Let the driver look again. */
void vmem_kick(struct machine_vmem *v);
/* Memory that a device brings, in /proc/iomem. */
extern const char vmem_resource_name[];
/* Loading: the driver has the device, as it had it; and tries again when it would have. */
void vmem_attach(struct machine_vmem *v, struct base_save *s);
/** vmem_notifier_call() - the driver hears of a block that goes on- or offline. */
int vmem_notifier_call(struct hp_notifier *notifier, enum hp_action action,
		       const struct hp_notify *arg);
/* virtio_mem.c: what vmem_kick() submits. */
int vmem_work_run(struct hp_call *call);
void vmem_work_done(struct hp_call *call, int ret);
/* The time has come to try again. */
void vmem_retry_timer(struct base_timer *timer);
int vmem_retry_at(struct machine_vmem *v, uint64_t due_ns);

/* The driver finds the device, and has nothing of it when it fails; and loses it. */
int vmem_probe(struct machine_vmem *v);
void vmem_remove_driver(struct machine_vmem *v);

/* ---- the modes (virtio_mem_sbm.c, virtio_mem_bbm.c) ------------------------------------------ */

int vmem_sbm_plug(struct machine_vmem *v, uint64_t size);
int vmem_sbm_unplug(struct machine_vmem *v, uint64_t size);
/* Blocks that could not be removed before. */
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
