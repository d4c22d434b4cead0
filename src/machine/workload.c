// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Workloads: memory that somebody holds. Of the kinds there is `kernel`: pages that cannot move.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine_private.h"

static const char *const kinds[] = { "kernel" };

struct machine_workload {
	char *name;
	const char *kind;
	int64_t block;
	int nid;
	uint64_t bytes;
	struct mm_hold *hold;
};

int machine_workload_new(struct machine *m, const char *name,
			 struct machine_workload **ret_workload)
{
	struct machine_workload *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->name = strdup(name);
	if (!w->name) {
		free(w);
		return -ENOMEM;
	}
	w->block = -1;
	w->nid = MM_NODE_NONE;
	*ret_workload = w;
	return 0;
}

void machine_workload_free(struct machine *m, struct machine_workload *w)
{
	mm_hold_release(m->mm, w->hold);
	free(w->name);
	free(w);
}

const char *machine_workload_kind(const struct machine_workload *w)
{
	return w->kind ? w->kind : "";
}

int machine_workload_set_kind(struct machine_workload *w, const char *kind)
{
	int i = base_sysfs_match(kinds, BASE_ARRAY_SIZE(kinds), kind);

	if (w->bytes)
		return -EBUSY;
	if (i < 0)
		return -ENOSYS;
	w->kind = kinds[i];
	return 0;
}

int64_t machine_workload_block(const struct machine_workload *w)
{
	return w->block;
}

int machine_workload_set_block(struct machine_workload *w, int64_t block)
{
	if (w->bytes)
		return -EBUSY;
	w->block = block;
	return 0;
}

int machine_workload_node(const struct machine_workload *w)
{
	return w->nid;
}

int machine_workload_set_node(struct machine_workload *w, int nid)
{
	if (w->bytes)
		return -EBUSY;
	w->nid = nid;
	return 0;
}

uint64_t machine_workload_size(const struct machine_workload *w)
{
	return w->bytes;
}

/* Holds @pages more, apart from what it has. */
static int workload_hold(struct machine *m, const struct machine_workload *w, uint64_t pages,
			 struct mm_hold **ret_hold)
{
	uint64_t start = 0, end = UINT64_MAX;

	if (w->block >= 0) {
		start = (uint64_t)w->block * hp_block_pages(m->hp);
		end = start + hp_block_pages(m->hp);
	}
	return mm_hold_kernel(m->mm, start, end, w->nid, pages, w->name, ret_hold);
}

int machine_workload_set_size(struct machine *m, struct machine_workload *w, uint64_t bytes)
{
	uint64_t page = 1ULL << m->spec->page_shift;
	struct mm_hold *more = NULL;
	int ret;

	if (!w->kind)
		return -EINVAL;
	if (bytes > UINT64_MAX - page)
		return -ENOMEM;
	bytes = BASE_ROUND_UP(bytes, page);
	/* There must be room for what comes on top before anything is given back. */
	if (bytes > w->bytes) {
		ret = workload_hold(m, w, (bytes - w->bytes) / page, &more);
		if (ret)
			return ret;
	}
	mm_hold_release(m->mm, more);
	mm_hold_release(m->mm, w->hold);
	w->hold = NULL;
	w->bytes = 0;
	if (bytes) {
		ret = workload_hold(m, w, bytes / page, &w->hold);
		if (ret)
			return ret;
	}
	w->bytes = bytes;
	return 0;
}
