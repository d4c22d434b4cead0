// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DIMMs of a pseries machine (QEMU's hw/ppc/spapr.c): their LMBs are offered to the guest, which is
 * asked to acquire or to release all of them, and does not report the result.
 */
#include <errno.h>

#include "dimm_private.h"

/* The guest reports the result only in its log. Whether the hypervisor notices a failure. */
static bool request(struct machine_dimm *dimm, bool add)
{
	struct machine *m = dimm->machine;
	struct machine_dlpar op = {
		.machine = m,
		.add = add,
		.id = MACHINE_DLPAR_INDEXED_COUNT,
		.index = machine_dlpar_index(m, dimm->region.start),
		.count = (uint32_t)(dimm->region.size / m->spec->block_size),
	};

	(void)machine_dlpar_run(&op);
	return op.told;
}

static int dlpar_insert(struct machine_dimm *dimm)
{
	int ret = machine_dlpar_attach(dimm->machine, dimm->region.start, dimm->region.size,
				       (int)dimm->field[MACHINE_DIMM_NODE]);

	if (!ret)
		(void)request(dimm, true);
	return ret;
}

static int dlpar_eject(struct machine_dimm *dimm)
{
	struct machine *m = dimm->machine;
	bool told = false;

	if (!dimm->unanswered) {
		machine_dlpar_want_back(m, dimm->region.start, dimm->region.size, true);
		told = request(dimm, false);
	}
	/* An LMB that the guest had removed before this request is not released. */
	if (!machine_dlpar_attached(m, dimm->region.start, dimm->region.size)) {
		machine_dimm_ejected(dimm);
		return 0;
	}
	dimm->unanswered = !told;
	if (dimm->unanswered)
		return machine_refuse(m, -ETIMEDOUT,
				      "the guest does not answer: it has released nothing, and the "
				      "hypervisor waits for that");
	machine_dlpar_want_back(m, dimm->region.start, dimm->region.size, false);
	return machine_refuse(m, -EBUSY, "the guest has not released all of it, see above");
}

static void dlpar_boot(struct machine_dimm *dimm)
{
	(void)dlpar_insert(dimm);
}

const struct machine_dimm_driver machine_dlpar_driver = {
	.first_ost = MACHINE_OST_NONE,
	.in_blocks = true,
	.insert = dlpar_insert,
	.eject = dlpar_eject,
	.boot = dlpar_boot,
};
