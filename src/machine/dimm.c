// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DIMMs: the hypervisor's slots (QEMU's pc-dimm) and the kernel's driver for them
 * (drivers/acpi/acpi_memhotplug.c, acpi_scan_hot_remove()).
 *
 * An eject first takes every block offline, passing over failures, then tries those that failed
 * once more; if one still fails, the blocks that this eject took offline come back, with the
 * plain online type.
 */
#include <errno.h>
#include <stdlib.h>

#include "machine_private.h"

#define DIMM_ALIGN (2ULL << 20)
#define DIMM_SLOTS 256

/* No answer of an offlining. */
#define STILL_PENDING 2

/* ACPI_OST_SC_*: what the kernel tells the firmware. */
enum {
	OST_SUCCESS = 0,
	OST_DEVICE_BUSY = 0x82,
};

/*
 * @field: what was set
 * @slot, @region: where it is plugged
 * @call: the insertion or eject while @busy; @asker: whom it answers, NULL: nobody any more
 * @put_online: blocks that the eject under way took offline, by position
 */
struct machine_dimm {
	struct machine *machine;
	uint64_t field[MACHINE_DIMM_NR_FIELDS];
	bool plugged;
	unsigned int ost;
	uint64_t slot;
	struct machine_region region;
	struct hp_group *group;
	TAILQ_ENTRY(machine_dimm) link;

	struct hp_call call;
	bool busy;
	struct hp_then *asker;
	struct hp_then then;
	uint64_t next_block;
	bool second_pass;
	bool failed;
	bool in_offline;
	int offline_result;
	bool *put_online;
};

int machine_dimm_new(struct machine *m, struct machine_dimm **ret_dimm)
{
	struct machine_dimm *dimm = calloc(1, sizeof(*dimm));

	if (!dimm)
		return -ENOMEM;
	dimm->machine = m;
	dimm->field[MACHINE_DIMM_ADDR] = MACHINE_DIMM_AUTO;
	dimm->field[MACHINE_DIMM_SLOT] = MACHINE_DIMM_AUTO;
	TAILQ_INSERT_TAIL(&m->dimms, dimm, link);
	*ret_dimm = dimm;
	return 0;
}

static void dimm_destroy(struct machine *m, struct machine_dimm *dimm)
{
	TAILQ_REMOVE(&m->dimms, dimm, link);
	free(dimm->put_online);
	free(dimm);
}

int machine_dimm_free(struct machine *m, struct machine_dimm *dimm)
{
	if (dimm->plugged || dimm->busy)
		return -EBUSY;
	dimm_destroy(m, dimm);
	return 0;
}

void machine_dimm_free_all(struct machine *m)
{
	struct machine_dimm *dimm;

	while ((dimm = TAILQ_FIRST(&m->dimms)))
		dimm_destroy(m, dimm);
}

uint64_t machine_dimm_get(const struct machine_dimm *dimm, enum machine_dimm_field field)
{
	if (dimm->plugged && field == MACHINE_DIMM_ADDR)
		return dimm->region.start;
	if (dimm->plugged && field == MACHINE_DIMM_SLOT)
		return dimm->slot;
	return dimm->field[field];
}

int machine_dimm_set(struct machine *m, struct machine_dimm *dimm, enum machine_dimm_field field,
		     uint64_t value)
{
	if (dimm->plugged || dimm->busy)
		return -EBUSY;
	if (field == MACHINE_DIMM_NODE &&
	    (value >= BASE_MASK_BITS ||
	     !base_mask_test(&m->spec->possible_nodes, (unsigned int)value)))
		return -EINVAL;
	if (field == MACHINE_DIMM_SLOT && value >= DIMM_SLOTS && value != MACHINE_DIMM_AUTO)
		return -EINVAL;
	dimm->field[field] = value;
	return 0;
}

bool machine_dimm_plugged(const struct machine_dimm *dimm)
{
	return dimm->plugged;
}

unsigned int machine_dimm_ost(const struct machine_dimm *dimm)
{
	return dimm->ost;
}

int machine_dimm_of_block(const struct machine *m, const struct hp_block *block)
{
	uint64_t start = hp_block_id(block) * m->spec->block_size;
	const struct machine_dimm *dimm;

	if (!m->spec->arch->has_acpi)
		return -1;
	TAILQ_FOREACH(dimm, &m->dimms, link) {
		if (dimm->plugged && start >= dimm->region.start &&
		    start - dimm->region.start < dimm->field[MACHINE_DIMM_SIZE])
			return (int)dimm->slot;
	}
	return -1;
}

static int dimm_choose_slot(const struct machine *m, struct machine_dimm *dimm)
{
	uint64_t want = dimm->field[MACHINE_DIMM_SLOT];
	bool used[DIMM_SLOTS] = { false };
	const struct machine_dimm *other;

	TAILQ_FOREACH(other, &m->dimms, link) {
		if (other->plugged)
			used[other->slot] = true;
	}
	if (want != MACHINE_DIMM_AUTO) {
		dimm->slot = want;
		return used[want] ? -EEXIST : 0;
	}
	for (dimm->slot = 0; dimm->slot < DIMM_SLOTS; dimm->slot++) {
		if (!used[dimm->slot])
			return 0;
	}
	return -ENOSPC;
}

static int dimm_check(const struct machine *m, struct machine_dimm *dimm)
{
	uint64_t size = dimm->field[MACHINE_DIMM_SIZE];
	int ret;

	if (!size || !BASE_ALIGNED(size, DIMM_ALIGN) ||
	    (dimm->field[MACHINE_DIMM_ADDR] != MACHINE_DIMM_AUTO &&
	     !BASE_ALIGNED(dimm->field[MACHINE_DIMM_ADDR], DIMM_ALIGN)))
		return -EINVAL;
	if (!base_mask_test(&m->spec->possible_nodes, (unsigned int)dimm->field[MACHINE_DIMM_NODE]))
		return -EINVAL;
	ret = machine_region_place(m, dimm->field[MACHINE_DIMM_ADDR], size, DIMM_ALIGN,
				   &dimm->region);
	return ret ? ret : dimm_choose_slot(m, dimm);
}

/* acpi_memory_enable_device(): what fails here is said in the log, not to the firmware. */
static int dimm_enable(struct machine *m, struct machine_dimm *dimm)
{
	struct hp_add add = {
		.start = dimm->region.start,
		.size = dimm->field[MACHINE_DIMM_SIZE],
		.name = "System RAM",
		.memmap_on_memory = true,
	};
	int ret;

	dimm->group = hp_group_new_static(m->hp, (int)dimm->field[MACHINE_DIMM_NODE],
					  add.size >> m->spec->page_shift);
	if (!dimm->group)
		return -ENOMEM;
	add.group = dimm->group;
	ret = hp_add_memory(m->hp, &add);
	/* Memory that is there already counts as this DIMM's. */
	if (!ret || ret == -EEXIST)
		return 0;
	hp_log(m->hp, "acpi PNP0C80:%02llx: add_memory failed", (unsigned long long)dimm->slot);
	hp_log(m->hp, "acpi PNP0C80:%02llx: acpi_memory_enable_device() error",
	       (unsigned long long)dimm->slot);
	hp_group_free(m->hp, dimm->group);
	dimm->group = NULL;
	return ret;
}

static int dimm_insert_run(struct hp_call *call)
{
	struct machine_dimm *dimm = base_container_of(call, struct machine_dimm, call);
	int ret;

	if (dimm->plugged)
		return 0;
	ret = dimm_check(dimm->machine, dimm);
	if (ret)
		return ret;
	dimm->plugged = true;
	dimm->ost = OST_SUCCESS;
	TAILQ_INSERT_TAIL(&dimm->machine->regions, &dimm->region, link);
	(void)dimm_enable(dimm->machine, dimm);
	return 0;
}

static uint64_t dimm_first_block(const struct machine_dimm *dimm)
{
	return dimm->region.start / dimm->machine->spec->block_size;
}

static uint64_t dimm_nr_blocks(const struct machine_dimm *dimm)
{
	/* Memory that the kernel did not take has no blocks. */
	return dimm->group ? dimm->field[MACHINE_DIMM_SIZE] / dimm->machine->spec->block_size : 0;
}

static void eject_succeed(struct machine_dimm *dimm)
{
	struct hp *hp = dimm->machine->hp;

	if (dimm->group) {
		(void)hp_remove_memory(hp, dimm->region.start, dimm->field[MACHINE_DIMM_SIZE]);
		hp_group_free(hp, dimm->group);
		dimm->group = NULL;
	}
	dimm->plugged = false;
	dimm->ost = OST_SUCCESS;
	TAILQ_REMOVE(&dimm->machine->regions, &dimm->region, link);
}

static void eject_roll_back(struct machine_dimm *dimm)
{
	struct hp *hp = dimm->machine->hp;

	for (uint64_t i = 0; i < dimm_nr_blocks(dimm); i++) {
		if (dimm->put_online[i])
			(void)hp_block_device_online(hp,
						     hp_block_find(hp, dimm_first_block(dimm) + i));
	}
	dimm->ost = OST_DEVICE_BUSY;
}

static void eject_end(struct machine_dimm *dimm)
{
	bool busy = dimm->failed;

	if (busy)
		eject_roll_back(dimm);
	else
		eject_succeed(dimm);
	free(dimm->put_online);
	dimm->put_online = NULL;
	hp_call_finish(dimm->machine->hp, &dimm->call, busy ? -EBUSY : 0);
}

/* One block's answer; false when the eject has failed for good. */
static bool eject_take_answer(struct machine_dimm *dimm, int ret)
{
	uint64_t i = dimm->next_block++;

	if (ret >= 0) {
		/* 1: it was offline before, and stays so whatever happens. */
		dimm->put_online[i] = !ret;
		return true;
	}
	if (dimm->second_pass)
		hp_log(dimm->machine->hp, "memory memory%llu: Offline failed.",
		       (unsigned long long)(dimm_first_block(dimm) + i));
	dimm->failed = true;
	return !dimm->second_pass;
}

static void eject_offlined(struct hp_then *then, int ret);

/*
 * Goes on with the next block until one takes time or all are through. A block that answers at once
 * is handled here, not in the callback, so that thousands of them do not nest.
 */
static void eject_go_on(struct machine_dimm *dimm)
{
	struct hp *hp = dimm->machine->hp;
	struct hp_block *block;

	for (;;) {
		if (dimm->next_block == dimm_nr_blocks(dimm)) {
			if (!dimm->failed || dimm->second_pass)
				break;
			dimm->second_pass = true;
			dimm->failed = false;
			dimm->next_block = 0;
			continue;
		}
		block = hp_block_find(hp, dimm_first_block(dimm) + dimm->next_block);
		if (!block || (dimm->second_pass && dimm->put_online[dimm->next_block])) {
			dimm->next_block++;
			continue;
		}
		dimm->in_offline = true;
		dimm->offline_result = STILL_PENDING;
		hp_block_device_offline(hp, block, NULL, &dimm->then);
		dimm->in_offline = false;
		if (dimm->offline_result == STILL_PENDING)
			return;
		if (!eject_take_answer(dimm, dimm->offline_result))
			break;
	}
	eject_end(dimm);
}

static void eject_offlined(struct hp_then *then, int ret)
{
	struct machine_dimm *dimm = base_container_of(then, struct machine_dimm, then);

	dimm->offline_result = ret;
	if (dimm->in_offline)
		return;
	if (eject_take_answer(dimm, ret))
		eject_go_on(dimm);
	else
		eject_end(dimm);
}

static int dimm_eject_run(struct hp_call *call)
{
	struct machine_dimm *dimm = base_container_of(call, struct machine_dimm, call);

	if (!dimm->plugged)
		return 0;
	dimm->put_online = calloc(dimm_nr_blocks(dimm) + 1, sizeof(*dimm->put_online));
	if (!dimm->put_online)
		return -ENOMEM;
	dimm->then.fn = eject_offlined;
	dimm->next_block = 0;
	dimm->second_pass = false;
	dimm->failed = false;
	eject_go_on(dimm);
	return HP_PENDING;
}

static void dimm_answer(struct machine_dimm *dimm, int ret)
{
	struct hp_then *asker = dimm->asker;

	dimm->asker = NULL;
	if (asker)
		asker->fn(asker, ret);
}

/* Also for a call that was given up before its turn came. */
static void dimm_call_done(struct hp_call *call, int ret)
{
	struct machine_dimm *dimm = base_container_of(call, struct machine_dimm, call);

	dimm->busy = false;
	dimm_answer(dimm, ret);
}

void machine_dimm_plug(struct machine *m, struct machine_dimm *dimm, bool plug,
		       struct hp_then *asker)
{
	if (dimm->busy) {
		asker->fn(asker, -EBUSY);
		return;
	}
	dimm->busy = true;
	dimm->asker = asker;
	dimm->call = (struct hp_call){
		.run = plug ? dimm_insert_run : dimm_eject_run,
		.done = dimm_call_done,
	};
	hp_submit(m->hp, &dimm->call);
}

void machine_dimm_interrupt(struct machine *m, struct machine_dimm *dimm, bool fatal)
{
	hp_call_interrupt(m->hp, &dimm->call, fatal);
	/* The kernel that works at it hears of no signal. */
	if (dimm->call.state == HP_CALL_RUNNING)
		dimm_answer(dimm, -EINTR);
}
