// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan as a picture. For each policy: the memory in the order in which it was added, coloured by
 * zone, over an axis in GiB; below it MOVABLE:KERNEL, and the free memory of the kernel's zones,
 * after each step, with marks where a ratio is passed and where kernel memory runs out.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/cli/picture.h"
#include "plan_private.h"

#define LEFT 92
#define WIDTH 820
#define RIGHT 24
#define TOP 66
#define PANEL 204
#define BAR_AT 42
#define BAR 26
#define RATIO_AT 78
#define FREE_AT 124
#define TRACK 34
#define AXIS_AT 166
#define GLYPH 7.0 /* the width of a character, or a little more */
/* Memory of the boot takes at most, and at least, this share of the width. */
#define BOOT_MOST 0.25
#define BOOT_LEAST 0.04
#define TICKS 8
#define RATIO_TOP 5.5

/* The zones and states of blocks, which are classes of the style. */
static const char *const words[] = { "DMA", "DMA32", "Normal", "Movable", "none", "offline" };

#define NR_WORDS BASE_ARRAY_SIZE(words)

/* The words begin with DMA, DMA32, Normal and Movable, as enum mm_zone_type does. */
static size_t run_word(const struct plan_run *run)
{
	if (run->zone <= MM_ZONE_MOVABLE)
		return (size_t)run->zone;
	return run->state == HP_STATE_OFFLINE ? 5 : 4;
}

static uint64_t run_blocks(const struct plan_run *run)
{
	return run->last - run->first + 1;
}

/*
 * struct panel - a policy's part of the picture
 * @y: its top
 * @end: the memory at the end of each step, in blocks; step 0 is the boot
 * @boot_width: in pixels
 * @most_free: the most free memory of all policies, in bytes
 */
struct panel {
	FILE *out;
	const struct plan_result *result;
	double y;
	uint64_t *end;
	double boot_width;
	uint64_t most_free;
};

static uint64_t step_begin(const struct panel *p, unsigned int step)
{
	return step ? p->end[step - 1] : 0;
}

static uint64_t step_blocks(const struct panel *p, unsigned int step)
{
	return p->end[step] - step_begin(p, step);
}

static double x_of(const struct panel *p, uint64_t blocks)
{
	uint64_t boot = p->end[0], all = p->end[p->result->nr_steps - 1];

	if (blocks <= boot)
		return LEFT + p->boot_width * (double)blocks / (double)BASE_MAX(boot, 1);
	return LEFT + p->boot_width +
	       (WIDTH - p->boot_width) * (double)(blocks - boot) / (double)(all - boot);
}

static double x_begin(const struct panel *p, unsigned int step)
{
	return x_of(p, step_begin(p, step));
}

static bool panel_init(struct panel *p, const struct plan_result *result)
{
	double boot, all;

	p->result = result;
	p->end = calloc(result->nr_steps, sizeof(*p->end));
	if (!p->end)
		return false;
	for (size_t i = 0; i < result->blocks.nr; i++)
		p->end[result->blocks.run[i].step] += run_blocks(&result->blocks.run[i]);
	for (unsigned int i = 1; i < result->nr_steps; i++)
		p->end[i] += p->end[i - 1];
	boot = (double)p->end[0];
	all = (double)p->end[result->nr_steps - 1];
	p->boot_width = WIDTH;
	if (all > boot)
		p->boot_width *= fmin(fmax(boot / all, BOOT_LEAST), BOOT_MOST);
	return true;
}

/* ---- the bar --------------------------------------------------------------------------------- */

static void print_box(const struct panel *p, double x, double y, double width, double height,
		      size_t word, const char *tip)
{
	picture_box(p->out, x, y, width, height, words[word], tip);
}

static void print_runs(const struct panel *p, unsigned int step)
{
	uint64_t at = step_begin(p, step), size = p->result->block_size;

	for (size_t i = 0; i < p->result->blocks.nr; i++) {
		const struct plan_run *run = &p->result->blocks.run[i];
		double x = x_of(p, at);
		char tip[128];

		if (run->step != step)
			continue;
		at += run_blocks(run);
		snprintf(tip, sizeof(tip), "memory%llu-%llu: %s %s", (unsigned long long)run->first,
			 (unsigned long long)run->last, plan_size(run_blocks(run) * size).text,
			 words[run_word(run)]);
		print_box(p, x, p->y + BAR_AT, x_of(p, at) - x, BAR, run_word(run), tip);
	}
}

/* Zones that alternate more often than there are pixels are drawn one above the other. */
static void print_mixed(const struct panel *p, unsigned int step)
{
	uint64_t count[NR_WORDS] = { 0 }, all = step_blocks(p, step);
	double x = x_begin(p, step), y = p->y + BAR_AT;

	for (size_t i = 0; i < p->result->blocks.nr; i++) {
		const struct plan_run *run = &p->result->blocks.run[i];

		if (run->step == step)
			count[run_word(run)] += run_blocks(run);
	}
	for (size_t i = 0; i < NR_WORDS; i++) {
		double height = BAR * (double)count[i] / (double)all;
		char tip[64];

		if (!count[i])
			continue;
		snprintf(tip, sizeof(tip), "mixed: %s %s",
			 plan_size(count[i] * p->result->block_size).text, words[i]);
		print_box(p, x, y, x_of(p, p->end[step]) - x, height, i, tip);
		y += height;
	}
}

static void print_kept(const struct panel *p, unsigned int nr)
{
	const struct plan_step *step = &p->result->step[nr];
	char tip[128];

	if (step->removed >= step->added)
		return;
	snprintf(tip, sizeof(tip), "cannot be unplugged again: %s pages in memory%llu", step->stays,
		 (unsigned long long)step->stays_block);
	picture_box(p->out, x_begin(p, nr), p->y + BAR_AT + BAR + 2,
		    x_of(p, p->end[nr]) - x_begin(p, nr), 4, "bad", tip);
}

/* The label if there is room for it, otherwise the number. */
static void print_label(const struct panel *p, unsigned int nr, double *taken)
{
	const struct plan_step *step = &p->result->step[nr];
	double x = (x_begin(p, nr) + x_of(p, p->end[nr])) / 2;
	double width = x_of(p, p->end[nr]) - x_begin(p, nr), half;
	char number[12];
	const char *text = step->label;

	snprintf(number, sizeof(number), "%u", nr);
	if ((double)strlen(text) * GLYPH > width)
		text = number;
	half = (double)strlen(text) * GLYPH / 2;
	if (x - half < *taken)
		return;
	picture_text(p->out, x, p->y + BAR_AT - 5, "small", "middle", text);
	*taken = x + half + 2;
}

static void print_bar(const struct panel *p)
{
	const struct plan_result *result = p->result;
	double taken = 0;

	for (unsigned int i = 0; i < result->nr_steps; i++) {
		double width = x_of(p, p->end[i]) - x_begin(p, i);
		size_t nr = 0;

		if (!step_blocks(p, i))
			continue;
		for (size_t j = 0; j < result->blocks.nr; j++)
			nr += result->blocks.run[j].step == i;
		if ((double)nr > BASE_MAX(width, 4))
			print_mixed(p, i);
		else
			print_runs(p, i);
		print_kept(p, i);
		print_label(p, i, &taken);
		picture_line(p->out, x_of(p, p->end[i]), p->y + BAR_AT - 4, x_of(p, p->end[i]),
			     p->y + BAR_AT + BAR + 4, "step");
	}
}

/* ---- the axis -------------------------------------------------------------------------------- */

static void print_tick(const struct panel *p, uint64_t blocks, double *taken)
{
	struct plan_text text = plan_size(blocks * p->result->block_size);
	double x = x_of(p, blocks), half = (double)strlen(text.text) * GLYPH / 2;

	if (x - half < *taken || x + half > LEFT + WIDTH + RIGHT)
		return;
	picture_line(p->out, x, p->y + AXIS_AT, x, p->y + AXIS_AT + 4, "axis");
	picture_text(p->out, x, p->y + AXIS_AT + 16, "small", "middle", text.text);
	*taken = x + half + 4;
}

/* Ticks at round sizes, and where the boot memory ends; the scale changes there. */
static void print_axis(const struct panel *p)
{
	uint64_t boot = p->end[0], all = p->end[p->result->nr_steps - 1], every = 1;
	double taken = 0, x = x_of(p, boot), y = p->y + AXIS_AT;

	picture_line(p->out, LEFT, y, LEFT + WIDTH, y, "axis");
	print_tick(p, 0, &taken);
	print_tick(p, boot, &taken);
	while ((all - boot) / every > TICKS)
		every *= 2;
	for (uint64_t at = boot / every * every + every; at <= all; at += every)
		print_tick(p, at, &taken);
	if (all > boot && fabs(p->boot_width / WIDTH - (double)boot / (double)all) > 1e-6) {
		picture_line(p->out, x - 5, y + 4, x - 1, y - 4, "axis");
		picture_line(p->out, x - 1, y + 4, x + 3, y - 4, "axis");
	}
}

/* ---- what changes from step to step ---------------------------------------------------------- */

/* What is above the ratios that matter is at the top. */
static double y_of_ratio(const struct panel *p, double ratio)
{
	return p->y + RATIO_AT + TRACK * (1 - fmin(ratio / RATIO_TOP, 1));
}

static void print_passed(const struct panel *p, enum plan_ratio which)
{
	int step = p->result->over[which];
	double x, y = y_of_ratio(p, plan_ratios[which]);
	char text[32];
	bool is_last;

	if (step == PLAN_NEVER)
		return;
	x = x_begin(p, (unsigned int)step);
	is_last = x > LEFT + WIDTH - 70;
	snprintf(text, sizeof(text), "passes %u:1", plan_ratios[which]);
	fprintf(p->out, "<path d=\"M%.1f %.1fl-5 -4v8z\" class=\"warn\"/>\n", x, y);
	picture_text(p->out, is_last ? x - 8 : x + 4,
		     p->y + RATIO_AT + TRACK - (which == PLAN_RATIO_3 ? 1 : 11), "small warn",
		     is_last ? "end" : "start", text);
}

static void print_ratio(const struct panel *p)
{
	double x;

	picture_text(p->out, LEFT - 10, p->y + RATIO_AT + 12, "small", "end", "MOVABLE:");
	picture_text(p->out, LEFT - 10, p->y + RATIO_AT + 25, "small", "end", "KERNEL");
	for (int i = PLAN_RATIO_3; i <= PLAN_RATIO_4; i++) {
		double y = y_of_ratio(p, plan_ratios[i]);
		char text[12];

		picture_line(p->out, LEFT, y, LEFT + WIDTH, y, "grid");
		snprintf(text, sizeof(text), "%u:1", plan_ratios[i]);
		picture_text(p->out, LEFT + WIDTH + 2, y + (i == PLAN_RATIO_3 ? 8 : 1), "small",
			     "start", text);
	}
	fprintf(p->out, "<path d=\"");
	for (unsigned int i = 0; i < p->result->nr_steps; i++) {
		double y = y_of_ratio(p, plan_ratio(&p->result->step[i]));

		x = x_begin(p, i);
		fprintf(p->out, "%s%.1f %.1fH%.1f", i ? "L" : "M", x, y, x_of(p, p->end[i]));
	}
	fprintf(p->out, "\" class=\"ratio\"/>\n");
	for (int i = PLAN_RATIO_3; i <= PLAN_RATIO_4; i++)
		print_passed(p, i);
}

static void print_free(const struct panel *p)
{
	double base = p->y + FREE_AT + TRACK;

	picture_text(p->out, LEFT - 10, p->y + FREE_AT + 12, "small", "end", "free kernel");
	picture_text(p->out, LEFT - 10, p->y + FREE_AT + 25, "small", "end", "memory");
	for (unsigned int i = 0; i < p->result->nr_steps; i++) {
		const struct plan_step *step = &p->result->step[i];
		double part = (double)step->kernel_free / (double)BASE_MAX(p->most_free, 1);
		char tip[128];

		snprintf(tip, sizeof(tip), "step %u, %s: %s of %s are free", i, step->label,
			 plan_size(step->kernel_free).text, plan_size(step->kernel).text);
		picture_box(p->out, x_begin(p, i), base - TRACK * part,
			    x_of(p, p->end[i]) - x_begin(p, i), TRACK * part, "free", tip);
	}
}

/* What did not fit is at the place where it would have been added. */
static void print_troubles(const struct panel *p)
{
	const struct plan_result *result = p->result;
	char text[128];
	double x;
	bool is_late;

	for (unsigned int i = 1; i < result->nr_steps; i++) {
		if (!result->step[i].error)
			continue;
		snprintf(text, sizeof(text), "step %u, %s, is not usable", i,
			 result->step[i].label);
		picture_text(p->out, LEFT + WIDTH, p->y + 16, "bad", "end", text);
		break;
	}
	if (result->exhausted == PLAN_NEVER)
		return;
	x = x_begin(p, (unsigned int)result->exhausted);
	is_late = x > LEFT + WIDTH / 2.0;
	snprintf(text, sizeof(text), "kernel memory runs out at step %d: %s do not fit",
		 result->exhausted, plan_size(result->wanted).text);
	picture_line(p->out, x, p->y + BAR_AT - 4, x, p->y + AXIS_AT, "bad");
	picture_text(p->out, is_late ? x - 6 : x + 6, p->y + FREE_AT + 20, "bad",
		     is_late ? "end" : "start", text);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void print_panel(struct panel *p, const struct plan_result *result, unsigned int nr)
{
	p->y = TOP + PANEL * (double)nr;
	if (!panel_init(p, result))
		return;
	picture_text(p->out, 10, p->y + 16, "title", "start", result->policy->text);
	print_bar(p);
	print_ratio(p);
	print_free(p);
	print_troubles(p);
	print_axis(p);
	free(p->end);
}

static void print_legend(FILE *out, const struct plan_result *results, unsigned int nr)
{
	bool used[NR_WORDS] = { false }, kept = false;
	double x = LEFT;

	for (unsigned int i = 0; i < nr; i++) {
		for (size_t j = 0; j < results[i].blocks.nr; j++)
			used[run_word(&results[i].blocks.run[j])] = true;
		for (unsigned int j = 1; j < results[i].nr_steps; j++)
			kept |= results[i].step[j].removed < results[i].step[j].added;
	}
	for (size_t i = 0; i < NR_WORDS; i++) {
		if (!used[i])
			continue;
		picture_box(out, x, 38, 12, 12, words[i], NULL);
		picture_text(out, x + 17, 48, "", "start", words[i]);
		x += 84;
	}
	if (kept) {
		picture_box(out, x, 42, 12, 4, "bad", NULL);
		picture_text(out, x + 17, 48, "", "start", "cannot be unplugged again");
	}
}

static void print_title(const struct plan_options *options, FILE *out)
{
	const char *slash = options->machine ? strrchr(options->machine, '/') : NULL;
	struct base_buf text;

	base_buf_init(&text);
	base_buf_printf(&text, "%s",
			!options->machine ? "the default machine" :
			slash		  ? slash + 1 :
					    options->machine);
	for (unsigned int i = 0; i < options->course.nr_growths; i++)
		base_buf_printf(&text, ", %s", options->course.growth[i].text);
	base_buf_printf(&text, "; %u %% unmovable", options->course.unmovable);
	picture_text(out, 10, 24, "title", "start", base_buf_text(&text));
	base_buf_fini(&text);
}

void plan_print_svg(const struct plan_options *options, const struct plan_result *results,
		    FILE *out)
{
	struct panel p = { .out = out };

	for (unsigned int i = 0; i < options->nr_policies; i++) {
		for (unsigned int j = 0; j < results[i].nr_steps; j++)
			p.most_free = BASE_MAX(p.most_free, results[i].step[j].kernel_free);
	}
	picture_begin(out, LEFT + WIDTH + RIGHT, TOP + PANEL * (int)options->nr_policies,
		      "memory by policy, step and zone");
	print_title(options, out);
	print_legend(out, results, options->nr_policies);
	for (unsigned int i = 0; i < options->nr_policies; i++)
		print_panel(&p, &results[i], i);
	picture_end(out);
}
