// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lowest page tables of the program behind a workload, where each is a whole page; where it is
 * part of one, there are none. They come from the node on which the program runs, whatever its
 * memory is bound to. Pages in swap keep theirs: a page table has their place there.
 */
#include <errno.h>

#include "workload_private.h"

/* A program maps it, with a page table for each PMD, also if that is a huge page. */
static const bool is_mapped[MM_NR_KINDS] = {
	[MM_KIND_ANON] = true,	 [MM_KIND_MLOCK] = true, [MM_KIND_SHMEM] = true,
	[MM_KIND_PINNED] = true, [MM_KIND_THP] = true,
};

/* How many page tables map what the workload has and is about to have, and @more pages. */
static uint64_t tables_for(const struct machine_workload *w, uint64_t more)
{
	const struct machine *m = w->machine;
	uint64_t pmd = machine_spec_pmd_size(m->spec) >> m->spec->page_shift;
	uint64_t pages = workload_pages_of(w, w->hold) + more;

	if (!w->hold || !is_mapped[mm_holder_kind(w->hold)] ||
	    pmd * sizeof(uint64_t) != UINT64_C(1) << m->spec->page_shift)
		return 0;
	/* Pages that are to be pinned have been touched before. */
	if (w->pin.hold != w->hold)
		pages += workload_pages_of(w, w->pin.hold);
	return (pages + pmd - 1) / pmd;
}

static struct mm_holder *tables_new(const struct machine_workload *w)
{
	struct mm_holder *tables;
	struct base_buf owner;

	base_buf_init(&owner);
	base_buf_printf(&owner, "%s's page tables", w->name);
	tables = mm_holder_new(w->machine->mm, base_buf_text(&owner), MM_KIND_PAGETABLE);
	base_buf_fini(&owner);
	return tables;
}

int workload_map(struct machine_workload *w, uint64_t more)
{
	uint64_t wanted = tables_for(w, more), had = w->tables ? mm_holder_pages(w->tables) : 0;
	const struct mm_alloc_request want = {
		.nr_pages = wanted - had,
		.nid = MM_NODE_NONE,
		.not_nid = MM_NODE_NONE,
		.boot_only = hp_config(w->machine->hp)->memmap_in_boot_memory,
	};

	if (wanted <= had)
		return 0;
	if (!w->tables)
		w->tables = tables_new(w);
	return w->tables ? mm_holder_grow(w->machine->mm, w->tables, &want) : -ENOMEM;
}

void workload_unmap(struct machine_workload *w)
{
	uint64_t wanted = tables_for(w, 0), had = w->tables ? mm_holder_pages(w->tables) : 0;

	if (wanted < had)
		mm_holder_shrink(w->machine->mm, w->tables, had - wanted);
}
