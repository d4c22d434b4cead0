// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The LMBs that the hypervisor offers (QEMU's hw/ppc/spapr_drc.c). An LMB is a memory block here.
 * The device tree lists all that could ever be plugged; only those that the hypervisor has are kept
 * in memory.
 */
#include <errno.h>
#include <stdlib.h>

#include "dlpar_private.h"

struct lmb *lmb_next(const struct machine *m, uint64_t nr)
{
	struct lmb_bank *bank;

	TAILQ_FOREACH(bank, &m->lmbs->banks, link) {
		for (uint64_t i = BASE_MAX(nr, bank->first) - bank->first; i < bank->nr; i++) {
			if (bank->lmb[i].exists)
				return &bank->lmb[i];
		}
	}
	return NULL;
}

/* Adds @nr copies of @lmb; 0 or -ENOMEM. */
static int lmb_bank_new(struct machine *m, uint64_t first, uint64_t nr, struct lmb lmb)
{
	struct lmb_bank *bank = malloc(sizeof(*bank) + nr * sizeof(lmb)), *at;

	if (!bank)
		return -ENOMEM;
	*bank = (struct lmb_bank){ .first = first, .nr = nr, .nr_exist = nr };
	for (uint64_t i = 0; i < nr; i++) {
		bank->lmb[i] = lmb;
		bank->lmb[i].nr = (uint32_t)(first + i);
		bank->lmb[i].exists = true;
	}
	TAILQ_FOREACH(at, &m->lmbs->banks, link) {
		if (at->first > first)
			break;
	}
	if (at)
		TAILQ_INSERT_BEFORE(at, bank, link);
	else
		TAILQ_INSERT_TAIL(&m->lmbs->banks, bank, link);
	return 0;
}

static void lmb_free(struct machine *m, struct lmb *lmb)
{
	struct lmb_bank *bank;

	lmb->exists = false;
	TAILQ_FOREACH(bank, &m->lmbs->banks, link) {
		if (lmb->nr - bank->first < bank->nr)
			break;
	}
	if (--bank->nr_exist)
		return;
	TAILQ_REMOVE(&m->lmbs->banks, bank, link);
	free(bank);
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

/* ---- operations of the hypervisor ------------------------------------------------------------ */

int machine_dlpar_attach(struct machine *m, uint64_t start, uint64_t size, int nid)
{
	uint64_t first = start / m->spec->block_size, end = (start + size) / m->spec->block_size;

	m->lmbs->seen = true;
	return lmb_bank_new(m, first, end - first, (struct lmb){ .nid = (int16_t)nid });
}

void machine_dlpar_want_back(struct machine *m, uint64_t start, uint64_t size, bool want)
{
	uint64_t nr = start / m->spec->block_size, end = (start + size) / m->spec->block_size;
	struct lmb *lmb;

	for (; (lmb = lmb_next(m, nr)) && lmb->nr < end; nr++) {
		nr = lmb->nr;
		lmb->want_back = want;
		/* The guest need not release an LMB that it has not acquired. */
		if (want && !lmb->present)
			lmb_free(m, lmb);
	}
}

uint64_t machine_dlpar_attached(const struct machine *m, uint64_t start, uint64_t size)
{
	uint64_t end = (start + size) / m->spec->block_size, nr = 0;

	for (const struct lmb *lmb = lmb_next(m, start / m->spec->block_size); lmb && lmb->nr < end;
	     lmb = lmb_next(m, lmb->nr + 1))
		nr++;
	return nr;
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

/* ---- the LMBs of a machine ------------------------------------------------------------------- */

/* Boot memory that firmware marks as hot-pluggable is lent: guests of PowerVM can return it. */
static int lend_boot_memory(struct machine *m, const struct machine_range *range)
{
	uint64_t size = m->spec->block_size, first = BASE_ROUND_UP(range->start, size) / size;
	uint64_t end = (range->end + 1) / size;
	const struct lmb lmb = {
		.nid = (int16_t)range->node,
		.present = true,
		.assigned = true,
		.lent = true,
	};

	if (first >= end)
		return 0;
	m->lmbs->nr_assigned += end - first;
	m->lmbs->nr_lent += end - first;
	return lmb_bank_new(m, first, end - first, lmb);
}

int machine_dlpar_boot(struct machine *m)
{
	int ret = 0;

	m->lmbs = calloc(1, sizeof(*m->lmbs));
	if (!m->lmbs)
		return -ENOMEM;
	TAILQ_INIT(&m->lmbs->banks);
	for (size_t i = 0; !ret && m->spec->arch->dlpar && i < m->nr_memory; i++) {
		if (m->memory[i].hotpluggable)
			ret = lend_boot_memory(m, &m->memory[i]);
	}
	return ret;
}

static void lmb_banks_free(struct machine *m)
{
	struct lmb_bank *bank;

	while ((bank = TAILQ_FIRST(&m->lmbs->banks))) {
		TAILQ_REMOVE(&m->lmbs->banks, bank, link);
		free(bank);
	}
}

void machine_dlpar_free(struct machine *m)
{
	if (m->lmbs)
		lmb_banks_free(m);
	free(m->lmbs);
}

/* ---- saving and loading ---------------------------------------------------------------------- */

/* The number follows from the position; no LMB is marked while there is no request. */
#define LMB_ROWS(ROW)                                                                              \
	ROW(SKIP, nr, "given by its index")                                                        \
	ROW(NUMBER, nid)                                                                           \
	ROW(NUMBER, exists)                                                                        \
	ROW(NUMBER, present)                                                                       \
	ROW(NUMBER, assigned)                                                                      \
	ROW(SKIP, marked, "no request is in progress")                                             \
	ROW(NUMBER, want_back)                                                                     \
	ROW(NUMBER, lent)
BASE_SAVE_STRUCT(lmb_save, struct lmb, struct machine, LMB_ROWS)

/* The LMBs of a bank follow it. */
static void bank_lmbs(struct base_save *s, struct lmb_bank *bank, struct machine *m)
{
	uint64_t nr_exist = 0;

	for (uint64_t i = 0; i < bank->nr; i++) {
		lmb_save(s, &bank->lmb[i], m);
		nr_exist += bank->lmb[i].exists;
	}
	if (!nr_exist || nr_exist != bank->nr_exist)
		base_save_fail(s, -EINVAL, "a bank has the wrong number of LMBs");
}

#define BANK_ROWS(ROW)                                                                             \
	ROW(SKIP, first, "saved before the other members")                                         \
	ROW(SKIP, nr, "saved before the other members")                                            \
	ROW(NUMBER, nr_exist)                                                                      \
	ROW(SKIP, link, "linkage of the list")                                                     \
	ROW(REST, lmb, bank_lmbs)
BASE_SAVE_STRUCT(bank_save, struct lmb_bank, struct machine, BANK_ROWS)

static void bank_load(struct base_save *s, struct machine *m)
{
	uint64_t first = base_save_number(s, 0), nr = base_save_count(s, 0);
	struct lmb_bank *last;

	if (first > UINT32_MAX || nr > UINT32_MAX - first)
		base_save_fail(s, -EINVAL, "a bank of LMBs is at an invalid place");
	if (s->error)
		return;
	last = TAILQ_LAST(&m->lmbs->banks, lmb_banks);
	if (last && last->first > first)
		base_save_fail(s, -EINVAL, "banks of LMBs are out of order");
	else if (lmb_bank_new(m, first, nr, (struct lmb){ .nid = 0 }))
		base_save_fail(s, -ENOMEM, "out of memory");
	else
		bank_save(s, TAILQ_LAST(&m->lmbs->banks, lmb_banks), m);
}

static void lmbs_banks(struct base_save *s, struct machine_lmbs *lmbs, struct machine *m)
{
	struct lmb_bank *bank;
	uint64_t nr = 0;

	base_save_mark(s, bank_save_layout);
	base_save_mark(s, lmb_save_layout);
	TAILQ_FOREACH(bank, &lmbs->banks, link)
		nr++;
	nr = base_save_count(s, nr);
	if (base_save_loads(s)) {
		while (nr-- && !s->error)
			bank_load(s, m);
		return;
	}
	TAILQ_FOREACH(bank, &lmbs->banks, link) {
		base_save_number(s, bank->first);
		base_save_count(s, bank->nr);
		bank_save(s, bank, m);
	}
}

#define LMBS_ROWS(ROW)                                                                             \
	ROW(WITH, banks, lmbs_banks)                                                               \
	ROW(NUMBER, nr_assigned)                                                                   \
	ROW(NUMBER, nr_lent)                                                                       \
	ROW(NUMBER, seen)
BASE_SAVE_STRUCT(lmbs_save, struct machine_lmbs, struct machine, LMBS_ROWS)

void machine_lmbs_save(struct machine *m, struct base_save *s)
{
	if (base_save_loads(s))
		lmb_banks_free(m);
	BASE_SAVE_ONE(s, lmbs_save, m->lmbs, m);
}
