// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the hypervisor has to offer (QEMU's hw/ppc/spapr_drc.c). An LMB is a memory block here. The
 * device tree lists all that could ever be plugged; those that the hypervisor has not got are not
 * kept in memory.
 */
#include <errno.h>
#include <stdlib.h>

#include "dlpar_private.h"

int lmb_cmp(const struct lmb *a, const struct lmb *b)
{
	return a->nr < b->nr ? -1 : a->nr > b->nr;
}

RB_GENERATE(lmb_tree, lmb, link, lmb_cmp)

struct lmb *lmb_next(const struct machine *m, uint64_t nr)
{
	struct lmb key = { .nr = nr };

	return RB_NFIND(lmb_tree, &m->lmbs->tree, &key);
}

static int lmb_new(struct machine *m, uint64_t nr, int nid, struct lmb **ret_lmb)
{
	struct lmb *lmb = calloc(1, sizeof(*lmb));

	if (!lmb)
		return -ENOMEM;
	lmb->nr = nr;
	lmb->nid = nid;
	RB_INSERT(lmb_tree, &m->lmbs->tree, lmb);
	*ret_lmb = lmb;
	return 0;
}

static void lmb_free(struct machine *m, struct lmb *lmb)
{
	RB_REMOVE(lmb_tree, &m->lmbs->tree, lmb);
	free(lmb);
}

void lmb_set_assigned(struct machine *m, struct lmb *lmb, bool assigned)
{
	lmb->assigned = assigned;
	m->lmbs->nr_assigned += assigned ? 1 : -1;
}

uint32_t machine_dlpar_index(const struct machine *m, uint64_t addr)
{
	return DRC_LMB | (uint32_t)(addr / m->spec->block_size);
}

uint64_t lmb_table_bytes(const struct machine *m)
{
	return m->spec->nr_hotplug || m->lmbs->seen ? machine_region_bytes(m) : 0;
}

bool lmb_in_table(const struct machine *m, uint64_t nr)
{
	const struct lmb *lmb = lmb_next(m, nr);

	if (lmb && lmb->nr == nr)
		return true;
	return lmb_table_bytes(m) && machine_region_inside(m, nr * m->spec->block_size);
}

/* ---- the hypervisor -------------------------------------------------------------------------- */

int machine_dlpar_attach(struct machine *m, uint64_t start, uint64_t size, int nid)
{
	uint64_t first = start / m->spec->block_size, end = (start + size) / m->spec->block_size;
	struct lmb *lmb;

	m->lmbs->seen = true;
	for (uint64_t nr = first; nr < end; nr++) {
		if (lmb_new(m, nr, nid, &lmb)) {
			machine_dlpar_detach(m, start, size);
			return -ENOMEM;
		}
	}
	return 0;
}

void machine_dlpar_want_back(struct machine *m, uint64_t start, uint64_t size, bool want)
{
	uint64_t end = (start + size) / m->spec->block_size;
	struct lmb *lmb = lmb_next(m, start / m->spec->block_size), *next;

	for (; lmb && lmb->nr < end; lmb = next) {
		next = RB_NEXT(lmb_tree, &m->lmbs->tree, lmb);
		lmb->want_back = want;
		/* What the guest has never acquired it need not release. */
		if (want && !lmb->present)
			lmb_free(m, lmb);
	}
}

uint64_t machine_dlpar_attached(const struct machine *m, uint64_t start, uint64_t size)
{
	uint64_t end = (start + size) / m->spec->block_size, nr = 0;

	for (const struct lmb *lmb = lmb_next(m, start / m->spec->block_size);
	     lmb && lmb->nr < end; lmb = lmb_next(m, lmb->nr + 1))
		nr++;
	return nr;
}

void machine_dlpar_detach(struct machine *m, uint64_t start, uint64_t size)
{
	uint64_t end = (start + size) / m->spec->block_size;
	struct lmb *lmb;

	while ((lmb = lmb_next(m, start / m->spec->block_size)) && lmb->nr < end)
		lmb_free(m, lmb);
}

int lmb_acquire(struct lmb *lmb)
{
	if (!lmb)
		return -EINVAL;
	if (lmb->present)
		return -EPERM;
	lmb->present = true;
	return 0;
}

void lmb_release(struct machine *m, struct lmb *lmb)
{
	if (lmb->want_back)
		lmb_free(m, lmb);
	else if (lmb->lent)
		lmb->present = false;
}

/* ---- the machine ----------------------------------------------------------------------------- */

/* Boot memory that firmware calls hot-pluggable is lent: PowerVM's guests return that, too. */
static int lend_boot_memory(struct machine *m, const struct machine_range *range)
{
	uint64_t size = m->spec->block_size, nr = BASE_ROUND_UP(range->start, size) / size;
	struct lmb *lmb;

	for (; (nr + 1) * size <= range->end + 1; nr++) {
		if (lmb_new(m, nr, (int)range->node, &lmb))
			return -ENOMEM;
		lmb->present = true;
		lmb->lent = true;
		lmb_set_assigned(m, lmb, true);
		m->lmbs->nr_lent++;
	}
	return 0;
}

int machine_dlpar_boot(struct machine *m)
{
	int ret = 0;

	m->lmbs = calloc(1, sizeof(*m->lmbs));
	if (!m->lmbs)
		return -ENOMEM;
	RB_INIT(&m->lmbs->tree);
	for (size_t i = 0; !ret && m->spec->arch->dlpar && i < m->nr_memory; i++) {
		if (m->memory[i].hotpluggable)
			ret = lend_boot_memory(m, &m->memory[i]);
	}
	return ret;
}

void machine_dlpar_free(struct machine *m)
{
	struct lmb *lmb;

	while (m->lmbs && (lmb = RB_MIN(lmb_tree, &m->lmbs->tree)))
		lmb_free(m, lmb);
	free(m->lmbs);
}
