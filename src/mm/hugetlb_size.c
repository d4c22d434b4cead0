// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sizes of huge page pools, as programs ask for them: on one node, or on all of them in turn
 * (the kernel's set_max_huge_pages()).
 */
#include <errno.h>

#include "mm_private.h"

/* Does something with up to @nr huge pages of a node; returns with how many. */
typedef uint64_t node_fn(struct mm *mm, int nid, enum mm_huge size, uint64_t nr);

static uint64_t surplus_end(struct mm *mm, int nid, enum mm_huge size, uint64_t nr)
{
	uint64_t *surplus = &mm->node[nid]->surplus_huge[size];

	nr = BASE_MIN(nr, *surplus);
	*surplus -= nr;
	return nr;
}

static uint64_t surplus_begin(struct mm *mm, int nid, enum mm_huge size, uint64_t nr)
{
	struct mm_huge_info here;

	mm_huge_info(mm, nid, size, &here);
	nr = BASE_MIN(nr, here.nr - here.surplus);
	mm->node[nid]->surplus_huge[size] += nr;
	return nr;
}

/* What cannot be freed, because there is no memory for its memmap, becomes surplus. */
static uint64_t release(struct mm *mm, int nid, enum mm_huge size, uint64_t nr)
{
	uint64_t unit = mm_huge_pages(mm, size);
	struct mm_huge_info here;

	mm_huge_info(mm, nid, size, &here);
	nr = BASE_MIN(nr, here.free);
	mm->node[nid]->surplus_huge[size] += mm_pool_shrink(mm, nid, size, nr * unit) / unit;
	return nr;
}

/* The first node at or after @from, in a circle; @nodes is not empty. */
static unsigned int node_in_turn(const struct base_mask *nodes, unsigned int from)
{
	unsigned int nid = base_mask_next(nodes, from);

	return nid < BASE_MASK_BITS ? nid : base_mask_next(nodes, 0);
}

/*
 * One page after the other from the nodes in turn, beginning with *@next; nodes that have no more
 * are left out. As the turns are equal, each node does its share of them at once. Returns how many
 * pages there were in all.
 */
static uint64_t in_turn(struct mm *mm, struct base_mask nodes, uint64_t *next, enum mm_huge size,
			uint64_t nr, node_fn *fn)
{
	const struct base_mask all = nodes;
	uint64_t left = nr;

	while (left && !base_mask_empty(&nodes)) {
		unsigned int nr_nodes = base_mask_weight(&nodes), nid = (unsigned int)*next;
		uint64_t turns = left / nr_nodes, more = left % nr_nodes;
		const struct base_mask now = nodes;

		for (unsigned int i = 0; i < nr_nodes && (turns || i < more); i++) {
			uint64_t share = turns + (i < more), done;

			nid = node_in_turn(&now, nid);
			done = fn(mm, (int)nid, size, share);
			left -= done;
			if (done < share)
				base_mask_clear(&nodes, nid);
			nid++;
			/* The one after the last turn; whole rounds end where they began. */
			if (!more || i < more)
				*next = node_in_turn(&all, nid);
		}
	}
	return nr - left;
}

/* QUIRK: of one node, but what is compared are the sums of all nodes. */
static uint64_t sum_wanted(const struct mm *mm, int nid, enum mm_huge size, uint64_t nr)
{
	struct mm_huge_info all, here;

	mm_huge_info(mm, MM_NODE_NONE, size, &all);
	mm_huge_info(mm, nid, size, &here);
	/* More than that is never there, and counts of pages stay in their range. */
	nr = BASE_MIN(nr, here.nr + mm_total_managed(mm) / mm_huge_pages(mm, size));
	if (nid == MM_NODE_NONE)
		return nr;
	return nr + (mm->config.surplus_counts ? all.nr - here.nr :
						 all.nr - all.surplus - (here.nr - here.surplus));
}

int mm_huge_set_nr(struct mm *mm, int nid, enum mm_huge size, uint64_t nr)
{
	uint64_t *to_alloc = &mm->huge_next_alloc[size], *to_free = &mm->huge_next_free[size];
	uint64_t count = sum_wanted(mm, nid, size, nr), persistent, least;
	struct base_mask nodes = { 0 };
	struct mm_huge_info all;

	if (nid == MM_NODE_NONE)
		nodes = mm->has_memory;
	else
		base_mask_set(&nodes, (unsigned int)nid);
	mm_huge_info(mm, MM_NODE_NONE, size, &all);
	persistent = all.nr - all.surplus;
	if (count > persistent && mm->config.no_contig && mm_huge_is_gigantic(mm, size))
		return -EINVAL;
	if (count > persistent) {
		persistent += in_turn(mm, nodes, to_alloc, size,
				      BASE_MIN(count - persistent, all.surplus), surplus_end);
		in_turn(mm, nodes, to_alloc, size, count - persistent, mm_pool_grow);
		return 0;
	}
	/* Pages in use stay; what is too much of them is given up when they come back. */
	least = BASE_MAX(count, all.nr - all.free);
	if (persistent > least)
		persistent -= in_turn(mm, nodes, to_free, size,
				      BASE_MIN(persistent - least, all.free), release);
	if (persistent > count)
		in_turn(mm, nodes, to_free, size, persistent - count, surplus_begin);
	return 0;
}

int mm_huge_demote(struct mm *mm, int nid, enum mm_huge from, enum mm_huge to, uint64_t nr)
{
	unsigned int nr_nodes = base_mask_weight(&mm->has_memory);
	int ret = 0;

	if (nid != MM_NODE_NONE)
		return mm_node_demote(mm, nid, from, to, nr);
	for (; !ret && nr && nr_nodes; nr_nodes--) {
		struct mm_huge_info here;
		unsigned int n =
			node_in_turn(&mm->has_memory, (unsigned int)mm->huge_next_free[from]);

		mm->huge_next_free[from] = node_in_turn(&mm->has_memory, n + 1);
		mm_huge_info(mm, (int)n, from, &here);
		ret = mm_node_demote(mm, (int)n, from, to, BASE_MIN(nr, here.free));
		nr -= BASE_MIN(nr, here.free);
	}
	return ret;
}

uint64_t mm_huge_overcommit(const struct mm *mm, enum mm_huge size)
{
	return mm->huge_overcommit[size];
}

void mm_huge_set_overcommit(struct mm *mm, enum mm_huge size, uint64_t nr)
{
	mm->huge_overcommit[size] = nr;
}
