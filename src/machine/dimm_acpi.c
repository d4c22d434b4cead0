// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DIMMs as ACPI devices (the kernel's drivers/acpi/acpi_memhotplug.c, acpi_scan_hot_remove()).
 *
 * An eject tries to take every block offline, skipping failures, then retries those that failed
 * once; if one still fails, the blocks that this eject took offline are brought back online, with
 * the online type "online".
 */
#include <errno.h>
#include <stdlib.h>

#include "dimm_private.h"

/* Why the kernel does not add it, although the hypervisor reports success. */
static void explain_unaligned(const struct machine_dimm *dimm)
{
	const struct machine *m = dimm->machine;
	uint64_t block = m->spec->block_size, start = dimm->region.start;
	struct base_text size = base_size_text(block);

	if (!BASE_ALIGNED(start, block))
		hp_log(m->hp,
		       "memhpfs: the DIMM in slot %llu has no memory blocks: its address, %#llx, "
		       "is not a multiple of the block size, %s, as behind a DIMM whose size is "
		       "none; the hypervisor places DIMMs at multiples of %s",
		       (unsigned long long)dimm->slot, (unsigned long long)start, size.s,
		       base_size_text(MACHINE_DIMM_ALIGN).s);
	else if (!BASE_ALIGNED(dimm->field[MACHINE_DIMM_SIZE], block))
		hp_log(m->hp,
		       "memhpfs: the DIMM in slot %llu has no memory blocks: its size, %s, is not "
		       "a multiple of the block size, %s; the hypervisor asks for a multiple of %s "
		       "only",
		       (unsigned long long)dimm->slot,
		       base_size_text(dimm->field[MACHINE_DIMM_SIZE]).s, size.s,
		       base_size_text(MACHINE_DIMM_ALIGN).s);
}

/* acpi_memory_enable_device(): failures are reported in the log, not to the firmware. */
static int acpi_enable(struct machine_dimm *dimm)
{
	struct machine *m = dimm->machine;
	struct hp_add add = {
		.start = dimm->region.start,
		.size = dimm->field[MACHINE_DIMM_SIZE],
		.name = "System RAM",
		.memmap_on_memory = true,
	};
	int ret;

	if (m->spec->arch->has_acpi && !machine_acpi_has_memhotplug(m))
		return 0;
	dimm->group =
		hp_group_new_static(m->hp, machine_dimm_nid(dimm), add.size >> m->spec->page_shift);
	if (!dimm->group)
		return 0;
	add.group = dimm->group;
	ret = hp_add_memory(m->hp, &add);
	/* Memory that has already been added counts as this DIMM's. */
	if (!ret || ret == -EEXIST)
		return 0;
	hp_log(m->hp, "acpi PNP0C80:%02llx: add_memory failed", (unsigned long long)dimm->slot);
	hp_log(m->hp, "acpi PNP0C80:%02llx: acpi_memory_enable_device() error",
	       (unsigned long long)dimm->slot);
	explain_unaligned(dimm);
	hp_group_free(m->hp, dimm->group);
	dimm->group = NULL;
	return 0;
}

static void acpi_boot(struct machine_dimm *dimm)
{
	(void)acpi_enable(dimm);
}

static int acpi_insert(struct machine_dimm *dimm)
{
	int ret = acpi_enable(dimm);

	machine_dimm_report(dimm, MACHINE_OST_DEVICE_CHECK, MACHINE_OST_SUCCESS);
	return ret;
}

static uint64_t dimm_first_block(const struct machine_dimm *dimm)
{
	return dimm->region.start / dimm->machine->spec->block_size;
}

static uint64_t dimm_nr_blocks(const struct machine_dimm *dimm)
{
	/* Memory that the kernel did not add has no blocks. */
	return dimm->group ? dimm->field[MACHINE_DIMM_SIZE] / dimm->machine->spec->block_size : 0;
}

static struct hp_block *dimm_block(const struct machine_dimm *dimm, uint64_t i)
{
	return hp_block_find(dimm->machine->hp, dimm_first_block(dimm) + i);
}

/* Who has asked for the eject. */
static unsigned int eject_source(const struct machine_dimm *dimm)
{
	return dimm->ost_source ? dimm->ost_source : MACHINE_OST_EJECT_REQUEST;
}

/* acpi_bus_trim() with acpi_memory_device_remove() */
static void eject_remove(struct machine_dimm *dimm)
{
	struct hp *hp = dimm->machine->hp;

	if (dimm->group) {
		(void)hp_remove_memory(hp, dimm->region.start, dimm->field[MACHINE_DIMM_SIZE]);
		hp_group_unregister(hp, dimm->group);
		dimm->group = NULL;
	}
	machine_dimm_ejected(dimm);
	machine_dimm_report(dimm, eject_source(dimm), MACHINE_OST_SUCCESS);
}

/* Brings the blocks that this eject took offline back online (acpi_bus_online()). */
static void eject_roll_back(struct machine_dimm *dimm)
{
	for (uint64_t i = 0; i < dimm_nr_blocks(dimm); i++) {
		if (dimm->put_online[i])
			(void)hp_block_device_online(dimm->machine->hp, dimm_block(dimm, i));
	}
	machine_dimm_report(dimm, eject_source(dimm), MACHINE_OST_DEVICE_BUSY);
}

/*
 * acpi_bus_offline() for each block. The first pass continues after a failure; the second one
 * retries the blocks that failed and stops at the first failure. Returns whether all blocks are
 * offline; if not, @kept_block is one that is not.
 */
static bool eject_offline(struct machine_dimm *dimm, bool second_pass)
{
	struct hp *hp = dimm->machine->hp;
	bool good = true;

	for (uint64_t i = 0; i < dimm_nr_blocks(dimm); i++) {
		struct hp_block *block = dimm_block(dimm, i);
		int ret;

		if (!block || dimm->put_online[i])
			continue;
		ret = hp_block_device_offline(hp, block, HP_OFFLINE_WAITS);
		/* A block that was offline before, 1, stays offline in any case. */
		dimm->put_online[i] = !ret;
		if (ret >= 0)
			continue;
		good = false;
		dimm->kept_block = dimm_first_block(dimm) + i;
		if (second_pass) {
			hp_log(hp, "memory memory%llu: Offline failed.",
			       (unsigned long long)dimm->kept_block);
			break;
		}
	}
	return good;
}

static int acpi_eject(struct machine_dimm *dimm)
{
	struct machine *m = dimm->machine;
	bool gone;

	/* Memory that the kernel did not add has no handler that could forbid it. */
	if (!m->acpi_eject_enabled && machine_acpi_has_memhotplug(m) && dimm->group) {
		hp_log(m->hp, "acpi PNP0C80:%02llx: Eject disabled",
		       (unsigned long long)dimm->slot);
		machine_dimm_report(dimm, eject_source(dimm), MACHINE_OST_EJECT_NOT_SUPPORTED);
		return machine_refuse(m, -EBUSY,
				      "the kernel may not eject: write 1 to "
				      "sys/firmware/acpi/hotplug/memory/enabled first");
	}
	/* The DIMM owns the array, as the machine may end while a block goes offline. */
	dimm->put_online = calloc(dimm_nr_blocks(dimm) + 1, sizeof(*dimm->put_online));
	if (!dimm->put_online)
		return -ENOMEM;
	machine_dimm_report(dimm, eject_source(dimm), MACHINE_OST_EJECT_IN_PROGRESS);
	gone = eject_offline(dimm, false) || eject_offline(dimm, true);
	if (gone)
		eject_remove(dimm);
	else
		eject_roll_back(dimm);
	free(dimm->put_online);
	dimm->put_online = NULL;
	return gone ? 0 :
		      machine_refuse(
			      m, -EBUSY,
			      "the kernel keeps it: memory%llu does not go offline, see above",
			      (unsigned long long)dimm->kept_block);
}

/* ---- the ACPI devices ------------------------------------------------------------------------ */

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

unsigned int machine_acpi_slots(const struct machine *m)
{
	if (!m->spec->arch->has_acpi || !m->spec->nr_hotplug)
		return 0;
	return m->spec->slots ? m->spec->slots : m->spec->arch->slots;
}

uint64_t machine_acpi_blocks(const struct machine *m, uint64_t slot, uint64_t *ret_first)
{
	const struct machine_dimm *dimm = dimm_in_slot(m, slot);
	uint64_t nr = dimm ? dimm_nr_blocks(dimm) : 0;

	*ret_first = dimm ? dimm_first_block(dimm) : 0;
	return nr && dimm_block(dimm, 0) ? nr : 0;
}

bool machine_acpi_has_memhotplug(const struct machine *m)
{
	return m->spec->arch->has_acpi && machine_spec_has(m->spec, MACHINE_ACPI_MEMORY) &&
	       !m->acpi_no_memhotplug;
}

bool machine_acpi_enabled(const struct machine *m)
{
	return m->acpi_eject_enabled;
}

void machine_acpi_enable(struct machine *m, bool enable)
{
	m->acpi_eject_enabled = enable;
}

int machine_acpi_eject(struct machine *m, uint64_t slot)
{
	struct machine_dimm *dimm = dimm_in_slot(m, slot);

	/* Memory that the kernel did not add has no handler. */
	if (!dimm || !dimm->group || !machine_acpi_has_memhotplug(m) || !m->acpi_eject_enabled)
		return -ENODEV;
	/* The writer has its result already. */
	if (!dimm->busy)
		dimm->ost_source = MACHINE_OST_OSPM_EJECT;
	machine_dimm_plug(m, dimm, false, NULL);
	return 0;
}

const struct machine_dimm_driver machine_acpi_driver = {
	.first_ost = MACHINE_OST_SUCCESS,
	.in_blocks = false,
	.insert = acpi_insert,
	.eject = acpi_eject,
	.boot = acpi_boot,
};
