/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A random walk over a whole machine, with the results so far. */
#ifndef TEST_MACHINE_WALK_H
#define TEST_MACHINE_WALK_H

#include "../unit/world.h"
#include "again.h"
#include "machine_views.h"
#include "seeds.h"

#define WORKLOADS 6
#define WRITES 3
#define COPIES 3

/* The state of a workload according to results so far. */
struct load {
	bool exists;
	const char *kind; /* NULL: not set */
	uint64_t pages;
};

/* A write to a block's file that may still be in progress. */
struct slow_write {
	struct tree_file *file;
	struct world_req req;
	bool used;
};

/*
 * @cmdline: the machine booted with it
 * @again: for repeating the inputs on another machine
 * @copy: machines that it was saved to and loaded into, after @copied inputs
 */
struct machine_walk {
	struct seeds_trial *trial;
	struct world *w;
	const char *cmdline;
	struct again *again;
	struct world *copy[COPIES];
	size_t copied[COPIES];
	unsigned int nr_copies;
	struct load load[WORKLOADS];
	struct slow_write write[WRITES];
	struct views views;
};

/* Pages of a workload in swap. */
uint64_t machine_load_swapped(struct machine_walk *w, unsigned int i);
/* One step, chosen at random. */
void machine_step(struct machine_walk *w);
uint64_t machine_below(struct machine_walk *w, uint64_t n);
/* Writes a text that is answered at once. */
ssize_t machine_put(struct machine_walk *w, const char *text, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Collects writes answered meanwhile. */
void machine_collect(struct machine_walk *w);

#define CHECK(w, condition)                                                                        \
	do {                                                                                       \
		if (!(condition))                                                                  \
			seeds_fail((w)->trial, __FILE__, __LINE__, "%s", #condition);              \
	} while (0)

#endif
