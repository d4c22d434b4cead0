// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's requests for LMBs (arch/powerpc/platforms/pseries/hotplug-memory.c). A request
 * changes one LMB after the other, and undoes that if it cannot be completed.
 */
#include <errno.h>

#include "dlpar_private.h"

#define LOG_PREFIX "pseries-hotplug-mem: "

/* ---- operations of the guest on one LMB ------------------------------------------------------ */

static void lmb_remove_memory(struct machine *m, struct lmb *lmb)
{
	(void)hp_remove_memory(m->hp, lmb->nr * m->spec->block_size, m->spec->block_size);
}

static int lmb_node(const struct machine *m, const struct lmb *lmb)
{
	if (base_mask_test(&m->spec->possible_nodes, (unsigned int)lmb->nid))
		return lmb->nid;
	return (int)base_mask_next(hp_nodes_online(m->hp), 0);
}

/* dlpar_add_lmb(): added memory is brought online regardless of auto_online_blocks. */
static int lmb_add(struct machine *m, struct lmb *lmb)
{
	const struct hp_add add = {
		.start = lmb->nr * m->spec->block_size,
		.size = m->spec->block_size,
		.nid = lmb_node(m, lmb),
		.name = "System RAM",
		.memmap_on_memory = true,
	};
	unsigned int index = machine_dlpar_index(m, add.start);
	int ret;

	if (lmb->assigned)
		return -EINVAL;
	ret = hp_add_memory(m->hp, &add);
	if (ret) {
		hp_log(m->hp, LOG_PREFIX "Failed to add LMB 0x%x to node %d", index, add.nid);
		return ret;
	}
	ret = hp_block_device_online(m->hp, hp_block_find(m->hp, lmb->nr));
	if (ret < 0) {
		hp_log(m->hp, LOG_PREFIX "Failed to online LMB 0x%x on node %d", index, add.nid);
		lmb_remove_memory(m, lmb);
		return ret;
	}
	lmb_set_assigned(m, lmb, true);
	return 0;
}

/* dlpar_remove_lmb() */
static int lmb_remove(struct machine *m, struct lmb *lmb, enum hp_offline_mode mode)
{
	struct hp_block *block = hp_block_find(m->hp, lmb->nr);
	int ret;

	if (!machine_spec_has(m->spec, MACHINE_MEMORY_HOTREMOVE))
		return -EOPNOTSUPP;
	if (!lmb->assigned || !block)
		return -EINVAL;
	/* An LMB that was offline before, 1, is only removed. */
	ret = hp_block_device_offline(m->hp, block, mode);
	if (ret < 0)
		return ret;
	lmb_remove_memory(m, lmb);
	lmb_set_assigned(m, lmb, false);
	return 0;
}

/* ---- requests to the guest ------------------------------------------------------------------- */

static bool request_adds(const struct machine_dlpar *op)
{
	return op->add != op->undo;
}

static void log_changed(struct machine *m, const struct machine_dlpar *op, const struct lmb *lmb)
{
	unsigned long long addr = lmb->nr * m->spec->block_size;
	const char *what = op->add ? "added" : "removed";

	if (op->id == MACHINE_DLPAR_INDEXED_COUNT || (op->id == MACHINE_DLPAR_INDEX && op->add))
		hp_log(m->hp, LOG_PREFIX "Memory at %llx (drc index %x) was hot-%s", addr,
		       machine_dlpar_index(m, addr), what);
	else if (op->id == MACHINE_DLPAR_COUNT && !op->add)
		hp_log(m->hp, LOG_PREFIX "Memory at %llx was hot-removed", addr);
}

/* Unmarks an LMB: its part of the request has succeeded for good, or has been undone. */
static void request_settle(struct machine_dlpar *op, struct lmb *lmb, int ret)
{
	struct machine *m = op->machine;

	lmb->marked = false;
	op->nr_marked--;
	if (!op->undo)
		log_changed(m, op, lmb);
	else if (ret)
		hp_log(m->hp, LOG_PREFIX "Failed to %s LMB%s, drc index %x",
		       op->add ? "remove" : "add",
		       op->id == MACHINE_DLPAR_COUNT && !op->add ? " back" : "",
		       machine_dlpar_index(m, lmb->nr * m->spec->block_size));
	if (op->add == op->undo && !ret)
		lmb_release(m, lmb);
}

/* Nothing is left to do in this direction. */
static void request_stop(struct machine_dlpar *op)
{
	op->next = op->end;
}

/* Processes the result of one LMB. */
static void request_took(struct machine_dlpar *op, struct lmb *lmb, int ret)
{
	if (op->undo) {
		request_settle(op, lmb, ret);
		if (!op->nr_marked)
			request_stop(op);
	} else if (!ret) {
		lmb->marked = true;
		op->nr_marked++;
		if (op->id == MACHINE_DLPAR_COUNT && op->nr_marked == op->count)
			request_stop(op);
	} else if (op->id != MACHINE_DLPAR_COUNT) {
		op->error = ret;
		request_stop(op);
	}
}

/* Whether a request by count or range skips an LMB. */
static bool request_skips(const struct machine_dlpar *op, const struct lmb *lmb)
{
	if (op->undo)
		return !lmb->marked;
	return op->id != MACHINE_DLPAR_INDEX && lmb->assigned == op->add;
}

static int request_try(struct machine_dlpar *op, struct lmb *lmb)
{
	int ret;

	if (!request_adds(op))
		return lmb_remove(op->machine, lmb, op->mode);
	/* The guest has not released it yet when a removal is undone. */
	ret = op->undo ? 0 : lmb_acquire(lmb);
	if (ret)
		return ret;
	ret = lmb_add(op->machine, lmb);
	if (ret && !op->undo)
		lmb_release(op->machine, lmb);
	return ret;
}

/* The next LMB to process; NULL: none, or a range that must be complete has a gap. */
static struct lmb *request_next(struct machine_dlpar *op)
{
	struct lmb *lmb = lmb_next(op->machine, op->next);
	uint64_t nr = lmb && lmb->nr < op->end ? lmb->nr : op->end;

	if (!op->undo && op->add && op->id != MACHINE_DLPAR_COUNT && nr > op->next) {
		op->error = lmb_acquire(NULL);
		return NULL;
	}
	op->next = nr + 1;
	return nr < op->end ? lmb : NULL;
}

/* Processes the LMBs in one direction until the request stops. */
static void request_walk(struct machine_dlpar *op)
{
	struct lmb *lmb;

	while ((lmb = request_next(op))) {
		if (!request_skips(op, lmb))
			request_took(op, lmb, request_try(op, lmb));
	}
}

static void request_finish(struct machine_dlpar *op)
{
	struct lmb *lmb;

	for (uint64_t nr = 0; (lmb = lmb_next(op->machine, nr)) && op->nr_marked;) {
		nr = lmb->nr + 1ULL;
		if (lmb->marked)
			request_settle(op, lmb, 0);
	}
}

static const char *request_words(const struct machine_dlpar *op)
{
	if (op->id == MACHINE_DLPAR_INDEXED_COUNT)
		return op->add ? "Memory indexed-count-add failed, removing any added LMBs" :
				 "Memory indexed-count-remove failed, adding any removed LMBs";
	return op->add ? "Memory hot-add failed, removing any added LMBs" :
			 "Memory hot-remove failed, adding LMB's back";
}

/* At the end of a direction: whether to undo the request. */
static bool request_turns(struct machine_dlpar *op)
{
	if (op->undo)
		return false;
	if (op->id == MACHINE_DLPAR_COUNT && op->nr_marked < op->count)
		op->error = -EINVAL;
	if (!op->error)
		request_finish(op);
	if (!op->error || op->id == MACHINE_DLPAR_INDEX)
		return false;
	hp_log(op->machine->hp, LOG_PREFIX "%s", request_words(op));
	op->error = -EINVAL;
	op->undo = true;
	op->next = op->first;
	/* Isolating an LMB again is the only hint that the hypervisor gets. */
	op->told = op->nr_marked;
	return op->nr_marked;
}

/* LMBs that a request by count could change. */
static uint64_t request_available(const struct machine_dlpar *op)
{
	const struct machine_lmbs *lmbs = op->machine->lmbs;

	if (!op->add)
		return lmbs->nr_assigned;
	return lmbs->nr_lent + lmb_table_bytes(op->machine) / op->machine->spec->block_size -
	       lmbs->nr_assigned;
}

static int count_check(struct machine_dlpar *op)
{
	struct hp *hp = op->machine->hp;
	uint64_t available = request_available(op);

	hp_log(hp, LOG_PREFIX "Attempting to hot-%s %d LMB(s)", op->add ? "add" : "remove",
	       (int)op->count);
	if (op->count && available >= op->count) {
		op->end = UINT64_MAX;
		return 0;
	}
	if (op->count && !op->add)
		hp_log(hp, LOG_PREFIX "Not enough LMBs available (%d of %d) to satisfy request",
		       (int)available, (int)op->count);
	return -EINVAL;
}

static int range_check(struct machine_dlpar *op)
{
	uint64_t nr = op->index & ~DRC_TYPE_MASK;
	const struct lmb *lmb = lmb_next(op->machine, nr);

	if (op->id == MACHINE_DLPAR_INDEXED_COUNT)
		hp_log(op->machine->hp, LOG_PREFIX "Attempting to hot-%s %u LMB(s) at %s%x",
		       op->add ? "add" : "remove", op->count, op->add ? "index " : "", op->index);
	else if (op->add)
		hp_log(op->machine->hp, LOG_PREFIX "Attempting to hot-add LMB, drc index %x",
		       op->index);
	/* QEMU lists boot memory without an index; it cannot be acquired. */
	if (!op->index && op->add && op->id == MACHINE_DLPAR_INDEX && lmb_table_bytes(op->machine))
		return -EPERM;
	if ((op->index & DRC_TYPE_MASK) != DRC_LMB || !op->count)
		return -EINVAL;
	if (!lmb_in_table(op->machine, nr) || !lmb_in_table(op->machine, nr + op->count - 1))
		return -EINVAL;
	if (op->id == MACHINE_DLPAR_INDEX && !op->add && (!lmb || lmb->nr != nr))
		return -EINVAL;
	op->first = nr;
	op->end = nr + op->count;
	return 0;
}

int machine_dlpar_run(struct machine_dlpar *op)
{
	int ret;

	if (!op->add && !machine_spec_has(op->machine->spec, MACHINE_MEMORY_HOTREMOVE))
		return -EOPNOTSUPP;
	if (op->id == MACHINE_DLPAR_INDEX)
		op->count = 1;
	ret = op->id == MACHINE_DLPAR_COUNT ? count_check(op) : range_check(op);
	if (!ret) {
		op->next = op->first;
		do
			request_walk(op);
		while (request_turns(op));
		ret = op->error;
	}
	if (ret && op->add && op->id == MACHINE_DLPAR_INDEX)
		hp_log(op->machine->hp, LOG_PREFIX "Failed to hot-add memory, drc index %x",
		       op->index);
	return ret;
}
