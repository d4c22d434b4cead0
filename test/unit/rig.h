/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine without a tree, and operations on it of which each allocation fails once. */
#ifndef TEST_RIG_H
#define TEST_RIG_H

#include "nomem.h"
#include "world.h"

#define MAX_WORKLOADS 4

/*
 * A machine without a tree.
 * @result: of the last call, once it is done
 */
struct rig {
	struct machine_spec *spec;
	struct base_clock *clock;
	struct machine *machine;
	struct mm *mm;
	struct hp *hp;
	struct machine_workload *workload[MAX_WORKLOADS];
	unsigned int nr_workloads;
	struct machine_dimm *dimm;
	struct hp_call call;
	struct hp_completion then;
	bool done;
	int result;
};

/*
 * State that an operation must not change, or must bring about. It does not include the location of
 * pages: pages migrated before memory ran out stay where they are.
 */
struct snapshot {
	struct {
		uint64_t present, managed, spanned, start, min, low, free;
	} zone[2][MM_NR_ZONES];
	uint64_t kind[MM_NR_KINDS];
	uint64_t size[MAX_WORKLOADS];
	struct mm_huge_info pool[2][MM_NR_HUGE];
	uint64_t isolated, chunks, free;
	uint64_t blocks, online, corrupted, memmap;
	bool plugged;
};

/* @error: a permitted result instead of -ENOMEM */
struct scenario {
	void (*prepare)(struct rig *rig);
	int (*op)(struct rig *rig);
	bool pages_may_move;
	int error;
};

void rig_init(struct rig *rig);
void rig_fini(struct rig *rig);
struct snapshot rig_snapshot(const struct rig *rig, bool pages_may_move);
/* Runs the operation on new machines with its first, second, ... allocation failing. */
void rig_each_fails(const struct scenario *scenario, long at_least);
/* Results of calls once they are answered. */
int rig_set_state(struct rig *rig, uint64_t id, enum hp_type type);
int rig_plug(struct rig *rig, bool in);
/* Workloads that exist until rig_fini(). */
struct machine_workload *rig_workload(struct rig *rig, const char *kind);
void rig_resize(struct rig *rig, struct machine_workload *w, uint64_t bytes);
void rig_in_block(struct rig *rig, const char *kind, uint64_t block, uint64_t bytes);

#endif
