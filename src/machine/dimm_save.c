// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving and loading DIMMs. */
#include <errno.h>

#include "dimm_private.h"

static void dimm_region(struct base_save *s, struct machine_dimm *dimm, struct machine *m)
{
	machine_region_save(m, s, &dimm->region, dimm->plugged);
}

static void dimm_unbacked(struct base_save *s, struct machine_dimm *dimm, struct machine *m)
{
	mm_holder_save(m->mm, s, &dimm->unbacked);
	if (!dimm->unbacked)
		return;
	dimm_unbacked_listen(dimm);
	hp_notifier_save(m->hp, s, &dimm->notifier);
}

static void dimm_group(struct base_save *s, struct machine_dimm *dimm, struct machine *m)
{
	hp_group_save(s, &dimm->group);
}

#define DIMM_ROWS(ROW)                                                                             \
	ROW(SKIP, machine, "the owner, set on creation")                                           \
	ROW(SKIP, place, "assigned while DIMMs are saved or loaded")                               \
	ROW(NUMBERS, field)                                                                        \
	ROW(NUMBER, plugged)                                                                       \
	ROW(NUMBER, ost)                                                                           \
	ROW(SKIP, ost_before, "used by requests only")                                             \
	ROW(BELOW, slot, MACHINE_DIMM_SLOTS + 1)                                                   \
	ROW(WITH, region, dimm_region)                                                             \
	ROW(SKIP, notifier, "saved by dimm_unbacked()")                                            \
	ROW(WITH, unbacked, dimm_unbacked)                                                         \
	ROW(NUMBER, unanswered)                                                                    \
	ROW(SKIP, link, "linkage of the list")                                                     \
	ROW(SKIP, call, "used by requests only")                                                   \
	ROW(SKIP, busy, "no request is in progress")                                               \
	ROW(NUMBER, claimed)                                                                       \
	ROW(SKIP, ost_source, "used by ejects only")                                               \
	ROW(SKIP, asker, "used by requests only")                                                  \
	ROW(WITH, group, dimm_group)                                                               \
	ROW(SKIP, kept_block, "used by ejects only")                                               \
	ROW(SKIP, put_online, "used by ejects only")
BASE_SAVE_STRUCT(dimm_save, struct machine_dimm, struct machine, DIMM_ROWS)

static struct machine_dimm *dimm_make(struct machine *m)
{
	struct machine_dimm *dimm;

	return machine_dimm_new(m, &dimm) ? NULL : dimm;
}

void machine_dimms_save(struct machine *m, struct base_save *s)
{
	struct machine_dimm *dimm;
	uint32_t place = 0;

	BASE_SAVE_TAILQ(s, &m->dimms, link, dimm_save, m, dimm_make(m));
	TAILQ_FOREACH(dimm, &m->dimms, link) {
		dimm->place = ++place;
		if (base_save_loads(s))
			base_save_keep(s, MACHINE_KEPT_DIMM, place, dimm);
		/* MACHINE_DIMM_SLOTS is what a search that found no free slot leaves. */
		if (dimm->plugged && dimm->slot == MACHINE_DIMM_SLOTS)
			base_save_fail(s, -EINVAL, "a DIMM is in no slot");
	}
}

void machine_dimm_ref_save(struct base_save *s, struct machine_dimm **dimm)
{
	uint64_t place = base_save_number(s, *dimm ? (*dimm)->place : 0);

	if (base_save_loads(s))
		*dimm = base_save_kept(s, MACHINE_KEPT_DIMM, place);
}

bool machine_dimms_are_quiet(const struct machine *m)
{
	const struct machine_dimm *dimm;

	TAILQ_FOREACH(dimm, &m->dimms, link) {
		if (dimm->busy)
			return false;
	}
	return true;
}
