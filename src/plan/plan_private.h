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
#define PLAN_SHARE UINT64_MAX

/**
 * struct plan_growth - an option --grow
 * @text: as written by the user
 * @virtio_mem: the virtio-mem device of the node grows to @size; otherwise, @count DIMMs of @size
 *		bytes are added
 * @size: 0: nothing is added
 * @nid: the node; -1: not specified
 * @unmovable: what is unmovable afterwards, in bytes; PLAN_SHARE: the share of the course
 */
struct plan_growth {
	const char *text;
	bool virtio_mem;
	uint64_t size;
	unsigned int count;
	int nid;
	uint64_t unmovable;
};

/**
 * struct plan_course - what happens to a machine
 * @unmovable: the percentage of memory that is unmovable
 */
struct plan_course {
	struct plan_growth growth[PLAN_MAX_GROWTHS];
	unsigned int nr_growths;
	unsigned int unmovable;
};

/** struct plan_policy - an option --policy, and the kernel command line that it stands for */
struct plan_policy {
	const char *text;
	struct base_buf cmdline;
};

/**
 * struct plan_options - the parsed command line
 * @fleet: the file of a fleet
 * @part: files that --shard has printed
 * @shard, @shards: which part of the fleet, from 1, and how many parts; 0: all of it
 * @jobs: how many processes at a time
 * @search: find the largest ratio
 */
struct plan_options {
	const char *machine;
	struct plan_course course;
	struct plan_policy policy[PLAN_MAX_POLICIES];
	unsigned int nr_policies;
	const char *svg;
	const char *html;
	const char *fleet;
	char **part;
	unsigned int nr_parts;
	unsigned int shard, shards;
	unsigned int jobs;
	bool search;
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

/** struct plan_runs - all blocks, in ascending order */
struct plan_runs {
	struct plan_run *run;
	size_t nr;
};

/**
 * struct plan_step - the machine after another device was added; step 0: after boot
 * @label: such as "+4G node 0"
 * @size: the size of the device
 * @kernel, @movable: memory present in kernel zones and in Movable
 * @unmovable: memory held by the workload
 * @before: what was plugged in the device before the step
 * @added: what the step plugged
 * @removed: the part of @added that was unplugged at the end
 * @certain: the part of @added that can be unplugged wherever unmovable pages are
 * @error: why the device is missing or not in use; 0: it is in use
 * @room: if there is no room for it (-ENOSPC): the largest free range of the hotplug windows
 * @stays: what prevents unplugging; @stays_block: the block that contains it
 *
 * All sizes are in bytes.
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
 * @over: the first step at which a ratio is exceeded, or PLAN_NEVER
 * @exhausted: the first step at which the workload does not fit, or PLAN_NEVER
 * @blocks: the blocks at the end of the growth, before anything was unplugged
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

/* words.c: each parses the user's words; if it returns false, @what says which word is wrong. */
bool plan_parse_growth(const char *text, struct plan_growth *ret_growth, struct base_buf *what);
bool plan_parse_policy(const char *text, struct plan_policy *ret_policy, struct base_buf *what);
/** plan_check_policy() - whether the kernel accepts the values of a policy. */
bool plan_check_policy(const struct plan_policy *policy, const struct machine_spec *spec,
		       struct base_buf *what);
/** plan_check_growth() - whether a machine can grow like this after the earlier growths. */
bool plan_check_growth(const struct plan_course *course, unsigned int index,
		       const struct machine_spec *spec, struct base_buf *what);
/** plan_same_device() - whether two growths affect the same virtio-mem device. */
bool plan_same_device(const struct plan_growth *a, const struct plan_growth *b);

/**
 * plan_run() - boot a machine of @spec (taken over) with a policy and let it grow
 *
 * Return: 0; -ENOMEM; another -errno if the machine does not boot.
 */
int plan_run(const struct plan_course *course, const struct plan_policy *policy,
	     struct machine_spec *spec, struct plan_result *ret_result);
void plan_result_fini(struct plan_result *result);
/** plan_ratio() - the N in MOVABLE:KERNEL = N:1; infinite if there is no kernel memory. */
double plan_ratio(const struct plan_step *step);

/** plan_print_text() - print the results as tables. */
void plan_print_text(const struct plan_options *options, const struct plan_result *results,
		     FILE *out);
/** plan_print_json() - print the results as JSON; returns 0 or -ENOMEM. */
int plan_print_json(const struct plan_options *options, const struct plan_result *results,
		    FILE *out);
/** plan_print_svg() - draw a picture of each policy. */
void plan_print_svg(const struct plan_options *options, const struct plan_result *results,
		    FILE *out);
/** plan_print_html() - print a page with the picture and the tables. */
void plan_print_html(const struct plan_options *options, const struct plan_result *results,
		     FILE *out);
/** plan_size() - the text of a size, such as "4G", "1.5G" or "100M". */
struct plan_text plan_size(uint64_t bytes);

#endif
