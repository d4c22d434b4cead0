// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DIMMs as ACPI devices (the kernel's drivers/acpi/acpi_memhotplug.c, acpi_scan_hot_remove()).
 *
 * An eject first takes every block offline, passing over failures, then tries those that failed
 * once more; if one still fails, the blocks that this eject took offline come back, with the
 * plain online type.
 */
#include <errno.h>
#include <stdlib.h>

#include "dimm_private.h"

/* ACPI_OST_SC_*: what the kernel tells the firmware. */
enum {
	OST_SUCCESS = 0,
	OST_EJECT_NOT_SUPPORTED = 0x80,
	OST_DEVICE_BUSY = 0x82,
};

/* acpi_memory_enable_device(): what fails here is said in the log, not to the firmware. */
int machine_dimm_acpi_insert(struct machine_dimm *dimm)
{
	struct machine *m = dimm->machine;
	struct hp_add add = {
		.start = dimm->region.start,
		.size = dimm->field[MACHINE_DIMM_SIZE],
		.name = "System RAM",
		.memmap_on_memory = true,
	};
	int ret;

	dimm->ost = OST_SUCCESS;
	if (m->acpi_no_memhotplug)
		return 0;
	dimm->group = hp_group_new_static(m->hp, (int)dimm->field[MACHINE_DIMM_NODE],
					  add.size >> m->spec->page_shift);
	if (!dimm->group)
		return 0;
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
	dimm->ost = OST_SUCCESS;
	machine_dimm_ejected(dimm);
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
	if (busy)
		machine_refuse(dimm->machine, -EBUSY,
			       "the kernel keeps it: memory%llu does not go offline, see above",
			       (unsigned long long)dimm->kept_block);
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
	dimm->kept_block = dimm_first_block(dimm) + i;
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
		dimm->offline_result = HP_UNANSWERED;
		hp_block_device_offline(hp, block, NULL, &dimm->then);
		dimm->in_offline = false;
		if (dimm->offline_result == HP_UNANSWERED)
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

int machine_dimm_acpi_eject(struct machine_dimm *dimm)
{
	struct machine *m = dimm->machine;

	if (!m->acpi_eject_enabled && machine_acpi_has_memhotplug(m)) {
		hp_log(m->hp, "acpi PNP0C80:%02llx: Eject disabled",
		       (unsigned long long)dimm->slot);
		dimm->ost = OST_EJECT_NOT_SUPPORTED;
		return machine_refuse(m, -EBUSY,
				      "the kernel may not eject: write 1 to "
				      "sys/firmware/acpi/hotplug/memory/enabled first");
	}
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

/* ---- the devices ----------------------------------------------------------------------------- */

static struct machine_dimm *dimm_in_slot(const struct machine *m, uint64_t slot)
{
	struct machine_dimm *dimm;

	TAILQ_FOREACH(dimm, &m->dimms, link) {
		if (dimm->plugged && dimm->slot == slot)
			return dimm;
	}
	return NULL;
}

bool machine_acpi_present(const struct machine *m, uint64_t slot)
{
	return dimm_in_slot(m, slot);
}

bool machine_acpi_has_memhotplug(const struct machine *m)
{
	return m->spec->arch->has_acpi && !m->acpi_no_memhotplug;
}

bool machine_acpi_enabled(const struct machine *m)
{
	return m->acpi_eject_enabled;
}

void machine_acpi_enable(struct machine *m, bool enable)
{
	m->acpi_eject_enabled = enable;
}

/* Who wrote has his answer already. */
static void nobody_waits(struct hp_then *then, int ret)
{
}

int machine_acpi_eject(struct machine *m, uint64_t slot)
{
	struct machine_dimm *dimm = dimm_in_slot(m, slot);

	if (!dimm || !machine_acpi_has_memhotplug(m) || !m->acpi_eject_enabled)
		return -ENODEV;
	dimm->nobody.fn = nobody_waits;
	machine_dimm_plug(m, dimm, false, &dimm->nobody);
	return 0;
}
