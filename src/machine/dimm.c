// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DIMMs: the hypervisor's slots (QEMU's pc-dimm).
 */
#include <errno.h>
#include <stdlib.h>

#include "dimm_private.h"
#include "reboot.h"

/* ---- memory without backing (drivers/hv/hv_balloon.c, drivers/xen/balloon.c) ----------------- */

/* Pages without backing stay out of the allocator when their block goes online. */
static int unbacked_call(struct hp_notifier *notifier, enum hp_action action,
			 const struct hp_notify *arg)
{
	struct machine_dimm *dimm = base_container_of(notifier, struct machine_dimm, notifier);
	unsigned int shift = dimm->machine->spec->page_shift;
	uint64_t end = (dimm->region.start + dimm->region.size) >> shift;
	uint64_t from = (dimm->region.start + dimm->field[MACHINE_DIMM_BACKED]) >> shift;

	from = BASE_MAX(from, arg->start_pfn);
	end = BASE_MIN(end, arg->start_pfn + arg->nr_pages);
	if (action != HP_ONLINE_PAGES || from >= end)
		return 0;
	return mm_fake_offline(dimm->machine->mm, dimm->unbacked, from, end - from);
}

void dimm_unbacked_listen(struct machine_dimm *dimm)
{
	dimm->notifier.name = "the hypervisor, which has no memory for it,";
	dimm->notifier.call = unbacked_call;
}

static int unbacked_init(struct machine_dimm *dimm)
{
	struct machine *m = dimm->machine;

	if (dimm->field[MACHINE_DIMM_BACKED] >= dimm->field[MACHINE_DIMM_SIZE])
		return 0;
	dimm->unbacked = mm_holder_new(m->mm, "hypervisor", MM_KIND_UNBACKED);
	if (!dimm->unbacked)
		return -ENOMEM;
	dimm_unbacked_listen(dimm);
	hp_notifier_register(m->hp, &dimm->notifier);
	return 0;
}

static void unbacked_fini(struct machine_dimm *dimm)
{
	if (!dimm->unbacked)
		return;
	hp_notifier_unregister(dimm->machine->hp, &dimm->notifier);
	mm_holder_free(dimm->machine->mm, dimm->unbacked);
	dimm->unbacked = NULL;
}

/* The hypervisor provides more memory. */
static int back(struct machine *m, struct machine_dimm *dimm, uint64_t bytes)
{
	uint64_t *backed = &dimm->field[MACHINE_DIMM_BACKED];
	unsigned int shift = m->spec->page_shift;
	int ret = 0;

	bytes = BASE_MIN(bytes, dimm->field[MACHINE_DIMM_SIZE]);
	if (bytes < BASE_MIN(*backed, dimm->field[MACHINE_DIMM_SIZE]))
		return machine_refuse(m, -EBUSY,
				      "%s of it are backed: that can only grow while it "
				      "is plugged",
				      base_size_text(*backed).s);
	if (dimm->unbacked)
		ret = mm_make_backed(m->mm, dimm->unbacked, (dimm->region.start + *backed) >> shift,
				     (bytes - *backed) >> shift);
	if (!ret)
		*backed = bytes;
	return ret;
}

/* ---- creating, removing and setting up ------------------------------------------------------- */

int machine_dimm_new(struct machine *m, struct machine_dimm **ret_dimm)
{
	struct machine_dimm *dimm = calloc(1, sizeof(*dimm));

	if (!dimm)
		return -ENOMEM;
	dimm->machine = m;
	dimm->field[MACHINE_DIMM_ADDR] = MACHINE_DIMM_AUTO;
	dimm->field[MACHINE_DIMM_SLOT] = MACHINE_DIMM_AUTO;
	dimm->field[MACHINE_DIMM_BACKED] = MACHINE_DIMM_AUTO;
	dimm->ost = m->dimm_driver->first_ost;
	TAILQ_INSERT_TAIL(&m->dimms, dimm, link);
	*ret_dimm = dimm;
	return 0;
}

static void dimm_destroy(struct machine *m, struct machine_dimm *dimm)
{
	TAILQ_REMOVE(&m->dimms, dimm, link);
	unbacked_fini(dimm);
	free(dimm->put_online);
	free(dimm);
}

static int refuse_in_use(const struct machine_dimm *dimm)
{
	return machine_refuse(dimm->machine, -EBUSY,
			      dimm->busy ? "it is just being plugged or ejected: wait for that" :
					   "it is plugged: write 0 to plugged first");
}

struct machine_dimm *machine_dimm_next(const struct machine *m, struct machine_dimm *dimm)
{
	return dimm ? TAILQ_NEXT(dimm, link) : TAILQ_FIRST(&m->dimms);
}

int machine_dimm_free(struct machine *m, struct machine_dimm *dimm)
{
	if (dimm->plugged || dimm->busy)
		return refuse_in_use(dimm);
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
	if (field == MACHINE_DIMM_BACKED && value != MACHINE_DIMM_AUTO &&
	    machine_check_multiple(m, "the backed part", value, MACHINE_DIMM_ALIGN))
		return -EINVAL;
	if (field == MACHINE_DIMM_BACKED && dimm->plugged && !dimm->busy)
		return back(m, dimm, value);
	if (dimm->plugged || dimm->busy)
		return refuse_in_use(dimm);
	if (field == MACHINE_DIMM_NODE && machine_check_domain(m, value))
		return -EINVAL;
	if (field == MACHINE_DIMM_SLOT && value >= MACHINE_DIMM_SLOTS && value != MACHINE_DIMM_AUTO)
		return machine_refuse(m, -EINVAL, "there is no slot %llu: 0 to %d, or auto",
				      (unsigned long long)value, MACHINE_DIMM_SLOTS - 1);
	dimm->field[field] = value;
	return 0;
}

bool machine_dimm_busy(const struct machine_dimm *dimm)
{
	return dimm->busy;
}

bool machine_dimm_plugged(const struct machine_dimm *dimm)
{
	return dimm->plugged;
}

int machine_dimm_ost(const struct machine_dimm *dimm)
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

static int dimm_choose_slot(struct machine *m, struct machine_dimm *dimm)
{
	uint64_t want = dimm->field[MACHINE_DIMM_SLOT];
	unsigned int nr = m->spec->slots ? m->spec->slots : MACHINE_DIMM_SLOTS;
	bool used[MACHINE_DIMM_SLOTS] = { false };
	const struct machine_dimm *other;

	TAILQ_FOREACH(other, &m->dimms, link) {
		if (other->plugged)
			used[other->slot] = true;
	}
	if (want != MACHINE_DIMM_AUTO && want >= nr)
		return machine_refuse(m, -ENOSPC, "the machine has only the slots 0 to %u", nr - 1);
	if (want != MACHINE_DIMM_AUTO) {
		dimm->slot = want;
		return !used[want] ? 0 :
				     machine_refuse(m, -EEXIST, "slot %llu has a DIMM already",
						    (unsigned long long)want);
	}
	for (dimm->slot = 0; dimm->slot < nr; dimm->slot++) {
		if (!used[dimm->slot])
			return 0;
	}
	dimm->slot = MACHINE_DIMM_SLOTS;
	return machine_refuse(m, -ENOSPC, "all %u slots have a DIMM", nr);
}

static int dimm_check(struct machine *m, struct machine_dimm *dimm)
{
	uint64_t size = dimm->field[MACHINE_DIMM_SIZE];
	/* A logical memory block is plugged as a whole. */
	uint64_t align = m->dimm_driver->in_blocks ? m->spec->block_size : MACHINE_DIMM_ALIGN;
	uint64_t addr = dimm->field[MACHINE_DIMM_ADDR];
	int ret;

	ret = machine_check_device(m, size, addr, align, dimm->field[MACHINE_DIMM_NODE]);
	if (!ret)
		ret = machine_region_place(m, addr, size, align, &dimm->region);
	return ret ? ret : dimm_choose_slot(m, dimm);
}

int machine_dimm_nid(const struct machine_dimm *dimm)
{
	return machine_domain_nid(dimm->machine, dimm->field[MACHINE_DIMM_NODE],
				  dimm->region.start);
}

static int dimm_fault(const struct machine_dimm *dimm, enum hp_fault phase)
{
	int ret = hp_fault_range(dimm->machine->hp, phase, dimm->region.start, dimm->region.size,
				 machine_dimm_nid(dimm));

	return ret ? machine_refuse(dimm->machine, ret, "a fault plan makes it fail, see above") :
		     0;
}

static int dimm_claim(struct machine_dimm *dimm)
{
	int ret = dimm_check(dimm->machine, dimm);

	/* A plan may delay the call, and other kinds of devices take no lock. */
	if (!ret)
		TAILQ_INSERT_TAIL(&dimm->machine->regions, &dimm->region, link);
	return ret;
}

int machine_dimm_claim(struct machine *m, struct machine_dimm *dimm)
{
	int ret;

	if (dimm->plugged || dimm->busy)
		return refuse_in_use(dimm);
	ret = dimm_claim(dimm);
	if (!ret)
		dimm->plugged = dimm->claimed = true;
	return ret;
}

static int dimm_insert_run(struct hp_call *call)
{
	struct machine_dimm *dimm = base_container_of(call, struct machine_dimm, call);
	int ret = 0;

	if (dimm->plugged && !dimm->claimed)
		return 0;
	if (!dimm->claimed)
		ret = dimm_claim(dimm);
	if (ret)
		return ret;
	dimm->claimed = false;
	ret = dimm_fault(dimm, HP_FAULT_PLUG);
	if (!ret)
		ret = unbacked_init(dimm);
	if (ret) {
		dimm->plugged = false;
		TAILQ_REMOVE(&dimm->machine->regions, &dimm->region, link);
		return ret;
	}
	dimm->plugged = true;
	ret = dimm->machine->dimm_driver->insert(dimm);
	if (ret < 0)
		machine_dimm_ejected(dimm);
	return ret;
}

static int dimm_eject_run(struct hp_call *call)
{
	struct machine_dimm *dimm = base_container_of(call, struct machine_dimm, call);
	int ret;

	if (!dimm->plugged)
		return 0;
	ret = dimm_fault(dimm, HP_FAULT_EJECT);
	if (ret)
		return ret;
	return dimm->machine->dimm_driver->eject(dimm);
}

void machine_dimm_ejected(struct machine_dimm *dimm)
{
	dimm->plugged = false;
	dimm->unanswered = false;
	unbacked_fini(dimm);
	TAILQ_REMOVE(&dimm->machine->regions, &dimm->region, link);
	if (dimm->machine->monitor)
		dimm->machine->monitor->ejected(dimm->machine->monitor_ctx, dimm);
}

void machine_dimm_report(struct machine_dimm *dimm, unsigned int source, int status)
{
	struct machine *m = dimm->machine;

	dimm->ost = status;
	if (m->monitor)
		m->monitor->ost(m->monitor_ctx, dimm->slot, source, status);
}

static void dimm_answer(struct machine_dimm *dimm, int ret)
{
	struct hp_completion *asker = dimm->asker;

	dimm->asker = NULL;
	if (asker)
		asker->fn(asker, ret);
}

/* Also for a call that was cancelled before it ran. */
static void dimm_call_done(struct hp_call *call, int ret)
{
	struct machine_dimm *dimm = base_container_of(call, struct machine_dimm, call);
	struct hp_completion *asker = dimm->asker;
	struct machine *m = dimm->machine;

	dimm->busy = false;
	dimm->asker = NULL;
	dimm->ost_source = 0;
	/* A request that ends before the kernel hears of it leaves the status as it was. */
	if (dimm->ost == MACHINE_OST_NONE)
		dimm->ost = dimm->ost_before;
	/* Either may free the DIMM. */
	if (m->monitor)
		m->monitor->settled(m->monitor_ctx, dimm);
	if (asker)
		asker->fn(asker, ret);
}

void machine_dimm_plug(struct machine *m, struct machine_dimm *dimm, bool plug,
		       struct hp_completion *asker)
{
	if (dimm->busy) {
		int ret = refuse_in_use(dimm);

		if (asker)
			asker->fn(asker, ret);
		return;
	}
	dimm->busy = true;
	dimm->ost_before = dimm->ost;
	dimm->ost = MACHINE_OST_NONE;
	dimm->asker = asker;
	dimm->call = (struct hp_call){
		.run = plug ? dimm_insert_run : dimm_eject_run,
		.done = dimm_call_done,
	};
	hp_submit(m->hp, &dimm->call);
}

void machine_dimm_interrupt(struct machine *m, struct machine_dimm *dimm, bool fatal)
{
	/* A signal does not reach the kernel, which continues. The asker may free the DIMM. */
	if (dimm->call.state == HP_CALL_RUNNING)
		dimm_answer(dimm, -EINTR);
	else
		hp_call_interrupt(m->hp, &dimm->call, fatal);
}

/* ---- reboots --------------------------------------------------------------------------------- */

/* The region, the slot and the status are the hypervisor's. */
void machine_dimms_detach(struct machine *m)
{
	struct machine_dimm *dimm;

	TAILQ_FOREACH(dimm, &m->dimms, link) {
		unbacked_fini(dimm);
		free(dimm->put_online);
		dimm->put_online = NULL;
		dimm->group = NULL;
		dimm->claimed = false;
		dimm->unanswered = false;
	}
}

static void dimm_attach(struct machine_dimm *dimm)
{
	struct machine *m = dimm->machine;

	if (unbacked_init(dimm))
		machine_log(m, "memhpfs: out of memory for a DIMM that is only partly backed");
	m->dimm_driver->boot(dimm);
}

/* The kernel finds them by slot. */
void machine_dimms_attach(struct machine *m)
{
	struct machine_dimm *dimm;

	for (unsigned int slot = 0; slot < MACHINE_DIMM_SLOTS; slot++) {
		TAILQ_FOREACH(dimm, &m->dimms, link) {
			if (dimm->plugged && dimm->slot == slot)
				dimm_attach(dimm);
		}
	}
}
