/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memhpsim plan: the effect of an onlining policy on a growing machine. Each policy gets its own
 * machine, which grows step by step in the real engine; the output is what happened there.
 */
#ifndef PLAN_PRIVATE_H
#define PLAN_PRIVATE_H

#include <stdio.h>

#include "memhp/base.h"
#include "memhp/hotplug.h"
#include "memhp/machine.h"
#include "memhp/plan.h"

#define PLAN_MAX_GROWTHS 32
#define PLAN_MAX_POLICIES 16
#define PLAN_NEVER (-1)

/**
 * struct plan_growth - one --grow; @text: as written by the user
 * @virtio_mem: the device of the node, which grows to @size; else @count DIMMs of @size bytes
 * @nid: -1: not specified
 */
struct plan_growth {
	const char *text;
	bool virtio_mem;
	uint64_t size;
	unsigned int count;
	int nid;
};

/** struct plan_policy - one --policy, and the kernel command line that it means */
struct plan_policy {
	const char *text;
	struct base_buf cmdline;
};

/** struct plan_options - the command line; @unmovable: percentage of memory */
struct plan_options {
	const char *machine;
	struct plan_growth growth[PLAN_MAX_GROWTHS];
	unsigned int nr_growths;
	struct plan_policy policy[PLAN_MAX_POLICIES];
	unsigned int nr_policies;
	unsigned int unmovable;
	const char *svg;
	bool json;
};

/** struct plan_run - adjacent blocks in the same state, zone and step; @last is inclusive */
struct plan_run {
	uint64_t first;
	uint64_t last;
	enum hp_state state;
	enum mm_zone_type zone;
	unsigned int step;
};

/** struct plan_runs - all blocks, ascending */
struct plan_runs {
	struct plan_run *run;
	size_t nr;
};

/**
 * struct plan_step - the machine after another device, in bytes; step 0: after boot
 * @label: "+4G node 0"
 * @size: of the device
 * @kernel, @movable: present in zones
 * @unmovable: held by the workload
 * @before: plugged in the device before the step; @added: by the step; @removed: part of @added
 * that was unplugged at the end
 * @certain: part of @added that can be unplugged wherever unmovable pages are
 * @error: why the device is missing or not in use; 0
 * @room: if there is no room for it (-ENOSPC): the largest free range of the hotplug windows
 * @stays: what prevents unplugging; @stays_block: where
 */
struct plan_step {
	char label[48];
	bool virtio_mem;
	uint64_t size;
	uint64_t first_block, last_block;
	uint64_t kernel;
	uint64_t movable;
	uint64_t memmap;
	uint64_t kernel_free;
	uint64_t unmovable;
	uint64_t before;
	uint64_t added;
	uint64_t removed;
	uint64_t certain;
	int error;
	uint64_t room;
	const char *stays;
	uint64_t stays_block;
};

/** struct plan_text - a short text, by value */
struct plan_text {
	char text[24];
};

enum plan_ratio {
	PLAN_RATIO_3,
	PLAN_RATIO_4,
	PLAN_RATIO_63,
	PLAN_NR_RATIOS,
};
/** plan_ratios - the ratios MOVABLE:KERNEL (N:1) in the kernel's documentation. */
extern const unsigned int plan_ratios[PLAN_NR_RATIOS];

/**
 * struct plan_result - the effect of one policy
 * @over: the first step at which a ratio is exceeded; PLAN_NEVER
 * @exhausted: the first step at which the workload does not fit; PLAN_NEVER
 * @blocks: at the end of the growth, before anything was unplugged
 */
struct plan_result {
	const struct plan_policy *policy;
	struct plan_step *step;
	unsigned int nr_steps;
	int over[PLAN_NR_RATIOS];
	int exhausted;
	uint64_t wanted; /* unmovable bytes that did not fit in that step */
	uint64_t block_size;
	struct plan_runs blocks;
};

/* words.c: parse the user's words; false: @what tells which word is wrong. */
bool plan_parse_growth(const char *text, struct plan_growth *ret_growth, struct base_buf *what);
bool plan_parse_policy(const char *text, struct plan_policy *ret_policy, struct base_buf *what);
/** plan_check_policy() - whether the kernel accepts the values of a policy. */
bool plan_check_policy(const struct plan_policy *policy, const struct machine_spec *spec,
		       struct base_buf *what);
/** plan_check_growth() - whether a machine can grow like this after the earlier growths. */
bool plan_check_growth(const struct plan_options *options, unsigned int index,
		       const struct machine_spec *spec, struct base_buf *what);
/** plan_same_device() - whether two growths are of the same virtio-mem device. */
bool plan_same_device(const struct plan_growth *a, const struct plan_growth *b);

/**
 * plan_run() - boot a machine of @spec (taken over) with a policy and let it grow
 *
 * Return: 0, -ENOMEM, -errno if it does not boot.
 */
int plan_run(const struct plan_options *options, const struct plan_policy *policy,
	     struct machine_spec *spec, struct plan_result *ret_result);
void plan_result_fini(struct plan_result *result);
/** plan_ratio() - N in MOVABLE:KERNEL = N:1; infinite without kernel memory. */
double plan_ratio(const struct plan_step *step);

/** plan_print_text(), plan_print_json() - 0 or -ENOMEM. */
void plan_print_text(const struct plan_options *options, const struct plan_result *results,
		     FILE *out);
int plan_print_json(const struct plan_options *options, const struct plan_result *results,
		    FILE *out);
/** plan_print_svg() - draw a row of blocks for each policy. */
void plan_print_svg(const struct plan_options *options, const struct plan_result *results,
		    FILE *out);
/** plan_size() - "4G", "1.5G", "100M". */
struct plan_text plan_size(uint64_t bytes);

#endif
