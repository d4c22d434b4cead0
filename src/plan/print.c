// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan's results as tables and as JSON.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "memhp/cli/json_text.h"
#include "memhp/sim.h"
#include "plan_private.h"

#define MAX_RUNS 8 /* the most runs of blocks in one line */

static const char *run_word(const struct plan_run *run)
{
	static const char *const states[] = {
		[HP_STATE_ONLINE] = "none",
		[HP_STATE_GOING_OFFLINE] = "going-offline",
		[HP_STATE_OFFLINE] = "offline",
	};

	return run->zone < MM_NR_ZONES ? mm_zone_name(run->zone) : states[run->state];
}

/* ---- output as tables ------------------------------------------------------------------------ */

static struct plan_text ratio_text(const struct plan_step *step)
{
	struct plan_text text;

	if (isinf(plan_ratio(step)))
		snprintf(text.text, sizeof(text.text), "all:0");
	else
		snprintf(text.text, sizeof(text.text), "%.1f:1", plan_ratio(step));
	return text;
}

/* For alternating zones, prints the range of the blocks, and how many are in each zone. */
static void print_mixed(const struct plan_result *result, unsigned int step, FILE *out)
{
	uint64_t count[MM_NR_ZONES + 1] = { 0 };
	const struct plan_run *first = NULL, *last = NULL, *example[MM_NR_ZONES + 1];
	bool any = false;

	for (size_t i = 0; i < result->blocks.nr; i++) {
		const struct plan_run *run = &result->blocks.run[i];

		if (run->step != step)
			continue;
		first = first ? first : run;
		last = run;
		example[run->zone] = run;
		count[run->zone] += run->last - run->first + 1;
	}
	fprintf(out, "memory%llu-%llu mixed:", (unsigned long long)first->first,
		(unsigned long long)last->last);
	for (int zone = 0; zone <= MM_NR_ZONES; zone++) {
		if (!count[zone])
			continue;
		fprintf(out, "%s%llu %s", any ? ", " : " ", (unsigned long long)count[zone],
			run_word(example[zone]));
		any = true;
	}
}

static void print_blocks(const struct plan_result *result, unsigned int step, FILE *out)
{
	unsigned int nr = 0;
	bool any = false;

	for (size_t i = 0; i < result->blocks.nr; i++)
		nr += result->blocks.run[i].step == step;
	if (nr > MAX_RUNS) {
		print_mixed(result, step, out);
		return;
	}
	for (size_t i = 0; i < result->blocks.nr; i++) {
		const struct plan_run *run = &result->blocks.run[i];

		if (run->step != step)
			continue;
		fprintf(out, "%s%llu", any ? ", " : "memory", (unsigned long long)run->first);
		if (run->last > run->first)
			fprintf(out, "-%llu", (unsigned long long)run->last);
		fprintf(out, " %s", run_word(run));
		any = true;
	}
}

static void print_step(const struct plan_result *result, unsigned int i, FILE *out)
{
	const struct plan_step *step = &result->step[i];

	fprintf(out, "%4u %-18s %8s %8s %8s %8s %9s %11s  ", i, step->label,
		plan_size(step->kernel).text, plan_size(step->movable).text, ratio_text(step).text,
		plan_size(step->memmap).text, plan_size(step->unmovable).text,
		plan_size(step->kernel_free).text);
	print_blocks(result, i, out);
	if (step->error == -ENOSPC)
		fprintf(out, "does not fit: room for %s", plan_size(step->room).text);
	else if (step->error)
		fprintf(out, "not usable: %s", sim_errno_name(step->error));
	fputc('\n', out);
}

static void print_ratios(const struct plan_result *result, FILE *out)
{
	static const char *const advice[PLAN_NR_RATIOS] = {
		[PLAN_RATIO_3] = "safe up to there",
		[PLAN_RATIO_4] = "beyond it only for workloads that are known",
		[PLAN_RATIO_63] = "impossible, unless memory holds its own memmap",
	};
	bool any = false;

	for (int i = 0; i < PLAN_NR_RATIOS; i++) {
		if (result->over[i] == PLAN_NEVER)
			continue;
		any = true;
		fprintf(out, "  MOVABLE:KERNEL passes %u:1 at step %d (%s)\n", plan_ratios[i],
			result->over[i], advice[i]);
	}
	if (!any)
		fprintf(out, "  MOVABLE:KERNEL stays within %u:1\n", plan_ratios[PLAN_RATIO_3]);
}

/*
 * The allocator packs unmovable pages from the bottom, which is the best case; only memory that is
 * all Movable is free of them for certain.
 */
static void print_removed(const struct plan_result *result, FILE *out)
{
	uint64_t added = 0, removed = 0, certain = 0;

	for (unsigned int i = 1; i < result->nr_steps; i++) {
		added += result->step[i].added;
		removed += result->step[i].removed;
		certain += result->step[i].certain;
	}
	if (!added) {
		fprintf(out, "  nothing was added\n");
		return;
	}
	fprintf(out, "  can be unplugged again: %s of %s at best, %s for certain\n",
		plan_size(removed).text, plan_size(added).text, plan_size(certain).text);
	for (unsigned int i = 1; i < result->nr_steps; i++) {
		const struct plan_step *step = &result->step[i];

		if (step->removed < step->added)
			fprintf(out, "    step %u keeps %s: %s pages in memory%llu\n", i,
				plan_size(step->added - step->removed).text, step->stays,
				(unsigned long long)step->stays_block);
	}
}

void plan_print_text(const struct plan_options *options, const struct plan_result *results,
		     FILE *out)
{
	fprintf(out, "Unmovable: %u %% of memory. Blocks of %s.\n", options->course.unmovable,
		plan_size(results[0].block_size).text);
	for (unsigned int p = 0; p < options->nr_policies; p++) {
		const struct plan_result *result = &results[p];

		fprintf(out, "\npolicy %s\n", result->policy->text);
		fprintf(out, "%4s %-18s %8s %8s %8s %8s %9s %11s  %s\n", "step", "growth", "kernel",
			"movable", "ratio", "memmap", "unmovable", "kernel-free", "blocks");
		for (unsigned int i = 0; i < result->nr_steps; i++)
			print_step(result, i, out);
		print_ratios(result, out);
		if (result->exhausted != PLAN_NEVER)
			fprintf(out,
				"  kernel memory runs out at step %d: %s unmovable do not fit\n",
				result->exhausted, plan_size(result->wanted).text);
		print_removed(result, out);
	}
}

/* ---- output as JSON -------------------------------------------------------------------------- */

static json_t *json_bytes(uint64_t bytes)
{
	return json_integer((json_int_t)bytes);
}

static json_t *json_step_or_null(int step)
{
	return step == PLAN_NEVER ? json_null() : json_integer(step);
}

static json_t *json_blocks(const struct plan_result *result, unsigned int step)
{
	json_t *list = json_array();

	for (size_t i = 0; i < result->blocks.nr; i++) {
		const struct plan_run *run = &result->blocks.run[i];

		if (run->step == step)
			json_array_append_new(list, json_pack("{s:I, s:I, s:s}", "first",
							      (json_int_t)run->first, "last",
							      (json_int_t)run->last, "zone",
							      run_word(run)));
	}
	return list;
}

static json_t *json_step(const struct plan_result *result, unsigned int i)
{
	const struct plan_step *step = &result->step[i];
	json_t *object = json_object();

	json_object_set_new(object, "step", json_integer(i));
	json_object_set_new(object, "growth", json_text(step->label, strlen(step->label)));
	json_object_set_new(object, "blocks", json_blocks(result, i));
	json_object_set_new(object, "kernel", json_bytes(step->kernel));
	json_object_set_new(object, "movable", json_bytes(step->movable));
	json_object_set_new(object, "ratio",
			    isinf(plan_ratio(step)) ? json_null() : json_real(plan_ratio(step)));
	json_object_set_new(object, "memmap", json_bytes(step->memmap));
	json_object_set_new(object, "unmovable", json_bytes(step->unmovable));
	json_object_set_new(object, "kernel_free", json_bytes(step->kernel_free));
	json_object_set_new(object, "added", json_bytes(step->added));
	json_object_set_new(object, "removed", json_bytes(step->removed));
	json_object_set_new(object, "certain", json_bytes(step->certain));
	json_object_set_new(object, "error",
			    step->error ? json_string(sim_errno_name(step->error)) : json_null());
	json_object_set_new(object, "room",
			    step->error == -ENOSPC ? json_bytes(step->room) : json_null());
	json_object_set_new(object, "stays",
			    step->stays ? json_pack("{s:s, s:I}", "pages", step->stays, "block",
						    (json_int_t)step->stays_block) :
					  json_null());
	return object;
}

static json_t *json_result(const struct plan_result *result)
{
	json_t *object = json_object(), *steps = json_array(), *over = json_object();

	for (unsigned int i = 0; i < result->nr_steps; i++)
		json_array_append_new(steps, json_step(result, i));
	for (int i = 0; i < PLAN_NR_RATIOS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u:1", plan_ratios[i]);
		json_object_set_new(over, name, json_step_or_null(result->over[i]));
	}
	json_object_set_new(object, "policy",
			    json_text(result->policy->text, strlen(result->policy->text)));
	json_object_set_new(object, "cmdline",
			    json_text(base_buf_text(&result->policy->cmdline),
				      result->policy->cmdline.len));
	json_object_set_new(object, "steps", steps);
	json_object_set_new(object, "ratio_passed_at_step", over);
	json_object_set_new(object, "kernel_memory_out_at_step",
			    json_step_or_null(result->exhausted));
	return object;
}

int plan_print_json(const struct plan_options *options, const struct plan_result *results,
		    FILE *out)
{
	json_t *top = json_object(), *policies = json_array();
	int ret;

	for (unsigned int i = 0; i < options->nr_policies; i++)
		json_array_append_new(policies, json_result(&results[i]));
	json_object_set_new(top, "unmovable_percent", json_integer(options->course.unmovable));
	json_object_set_new(top, "block_size", json_bytes(results[0].block_size));
	json_object_set_new(top, "policies", policies);
	ret = json_dumpf(top, out, JSON_INDENT(2) | JSON_REAL_PRECISION(4)) ? -ENOMEM : 0;
	fputc('\n', out);
	json_decref(top);
	return ret;
}
