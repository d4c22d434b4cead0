// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DIMMs of a pseries machine (QEMU's hw/ppc/spapr.c): their LMBs are offered to the guest, which is
 * asked to take or to release all of them, and tells nobody how that went.
 */
#include <errno.h>

#include "dimm_private.h"

static void request(struct machine_dimm *dimm, bool add,
		    void (*done)(struct machine_dlpar *op, int ret))
{
	struct machine *m = dimm->machine;

	dimm->dlpar = (struct machine_dlpar){
		.machine = m,
		.add = add,
		.id = MACHINE_DLPAR_INDEXED_COUNT,
		.index = machine_dlpar_index(m, dimm->region.start),
		.count = (uint32_t)(dimm->region.size / m->spec->block_size),
		.done = done,
	};
	machine_dlpar_run(&dimm->dlpar);
}

static void inserted(struct machine_dlpar *op, int ret)
{
	struct machine_dimm *dimm = base_container_of(op, struct machine_dimm, dlpar);

	hp_call_finish(dimm->machine->hp, &dimm->call, 0);
}

int machine_dimm_dlpar_insert(struct machine_dimm *dimm)
{
	int ret = machine_dlpar_attach(dimm->machine, dimm->region.start, dimm->region.size,
				       (int)dimm->field[MACHINE_DIMM_NODE]);

	if (ret)
		return ret;
	request(dimm, true, inserted);
	return HP_PENDING;
}

/* An LMB that the guest gave up before it was asked to is not released now: the DIMM stays. */
static void removed(struct machine_dlpar *op, int ret)
{
	struct machine_dimm *dimm = base_container_of(op, struct machine_dimm, dlpar);
	struct machine *m = dimm->machine;
	bool gone = !machine_dlpar_attached(m, dimm->region.start, dimm->region.size);

	machine_dlpar_want_back(m, dimm->region.start, dimm->region.size, false);
	if (gone)
		machine_dimm_ejected(dimm);
	else
		machine_refuse(m, -EBUSY, "the guest has not released all of it, see above");
	hp_call_finish(m->hp, &dimm->call, gone ? 0 : -EBUSY);
}

int machine_dimm_dlpar_eject(struct machine_dimm *dimm)
{
	machine_dlpar_want_back(dimm->machine, dimm->region.start, dimm->region.size, true);
	request(dimm, false, removed);
	return HP_PENDING;
}
