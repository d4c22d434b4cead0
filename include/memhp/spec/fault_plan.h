/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptions of fault plans (fault_plan.c). */
#ifndef MEMHP_SPEC_FAULT_PLAN_H
#define MEMHP_SPEC_FAULT_PLAN_H

#include "memhp/base.h"
#include "memhp/hotplug.h"

/** enum machine_fault_field - numbers of a plan. */
enum machine_fault_field {
	MACHINE_FAULT_AFTER,	   /* steps that pass first */
	MACHINE_FAULT_COUNT,	   /* steps that fail then; 0: unlimited */
	MACHINE_FAULT_PROBABILITY, /* percentage of eligible steps that fail */
	MACHINE_FAULT_SEED,	   /* selects them */
	MACHINE_FAULT_DELAY_MS,	   /* delay before a step fails; or MACHINE_FAULT_HANG */
	MACHINE_FAULT_NR_NUMBERS,  /* the fields above describe a plan; read only: */
	MACHINE_FAULT_HITS = MACHINE_FAULT_NR_NUMBERS, /* matching steps since it was enabled */
	MACHINE_FAULT_FAILURES,			       /* those of them that failed */
};

#define MACHINE_FAULT_HANG UINT64_MAX /* until the plan is disabled or removed */

#define MACHINE_FAULT_MAX_DELAY_MS (UINT64_MAX / 1000000ULL - 1)
#define MACHINE_FAULT_MAX_ERRNO 133

/** enum machine_fault_by - what the blocks of a plan have in common. */
enum machine_fault_by {
	MACHINE_FAULT_ANY,   /* nothing */
	MACHINE_FAULT_RANGE, /* numbers from low to high */
	MACHINE_FAULT_EVERY, /* numbers that are multiples of low */
	MACHINE_FAULT_NODE,  /* the node low */
	MACHINE_FAULT_ZONE,  /* the enum mm_zone_type low */
};

/**
 * struct machine_fault_plan - which steps fail, for which blocks, and how
 * @name: owned
 * @error: errno of the failure; 0: the step does not fail
 */
struct machine_fault_plan {
	char *name;
	enum hp_fault phase;
	enum machine_fault_by by;
	uint64_t low;
	uint64_t high;
	int error;
	uint64_t number[MACHINE_FAULT_NR_NUMBERS];
};

/** machine_plan_print_block() - "any", "32-39", "every 3", "node 1" or "zone Movable". */
void machine_plan_print_block(const struct machine_fault_plan *plan, struct base_buf *buf);
/** machine_plan_parse_block() - the reverse; 0 or -EINVAL. */
int machine_plan_parse_block(struct machine_fault_plan *plan, const char *text);
/** machine_plan_print_errno() - its name, such as "EBUSY"; "none": the step does not fail. */
void machine_plan_print_errno(const struct machine_fault_plan *plan, struct base_buf *buf);
/** machine_plan_parse_errno() - the reverse; also accepts a number; 0 or -EINVAL. */
int machine_plan_parse_errno(struct machine_fault_plan *plan, const char *text);

#endif
