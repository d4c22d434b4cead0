/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The account of a process: its memory, divided among the nodes that it has chosen. */
#ifndef RUN_ACCOUNT_H
#define RUN_ACCOUNT_H

#include "run_calls.h"

#define NO_NODE (-1)

/**
 * struct choice - where memory is taken from
 * @nodes: empty: no node was chosen
 * @in_turn: from all of them
 * @may_spill: from others if they are full
 */
struct choice {
	struct run_nodes nodes;
	bool in_turn;
	bool may_spill;
};

/** struct range - addresses with a policy of their own */
struct range {
	uint64_t start;
	uint64_t end;
	struct choice choice;
};

/**
 * struct part - the memory on one node, in bytes
 * @nid: NO_NODE: what does not count
 * @own: by the policy of the process
 * @bound: in ranges
 * @held: size of the workload
 * @may_spill: as in the choice that made it
 * @is_made: there is a workload
 * @retry_ms: there was no room: when to try again
 */
struct part {
	int nid;
	uint64_t own;
	uint64_t bound;
	uint64_t held;
	bool may_spill;
	bool is_made;
	uint64_t retry_ms;
};

enum { ACCOUNT_PARTS = 64, ACCOUNT_RANGES = 64 };

/**
 * struct account - a process
 * @inner: its number in the view
 * @started: distinguishes processes that have the same number in turn
 * @rollup, @pagemap: of its present memory; they fail once it executes another program
 * @choice: what it has chosen for all that is not in a range
 * @rest: bytes outside of ranges when it was last looked at
 */
struct account {
	pid_t pid;
	pid_t inner;
	unsigned long long started;
	int rollup;
	int pagemap;
	struct choice choice;
	uint64_t rest;
	struct part parts[ACCOUNT_PARTS];
	size_t nr_parts;
	struct range ranges[ACCOUNT_RANGES];
	size_t nr_ranges;
};

/** account_open() - open the files about the present memory of the process. */
bool account_open(struct account *account);
/** account_close() - close them. */
void account_close(struct account *account);
/**
 * account_total() - the anonymous memory of the process
 *
 * If the process has executed another program, it starts again with nothing.
 *
 * Return: false if it has ended, or must not be looked at.
 */
bool account_total(struct account *account, uint64_t *ret_bytes);
/** account_resident() - how much memory there is in a range. */
uint64_t account_resident(const struct account *account, const struct range *range);
/** account_bind() - add a range, in place of what it overlaps. */
void account_bind(struct account *account, const struct range *range);

/** account_part() - find the part of a node, or make it; never NULL. */
struct part *account_part(struct account *account, int nid, bool may_spill);
/** account_apply() - let the workload have the size of the part. */
void account_apply(const struct run *run, const struct account *account, struct part *part);
/** account_drop_part() - remove the workload. */
void account_drop_part(const struct run *run, const struct account *account, struct part *part);

#endif
