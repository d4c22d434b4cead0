// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan as a picture: a row for each policy, with blocks from left to right by number, coloured by
 * zone; gaps where the addresses have gaps; a line under each device that cannot be unplugged.
 */
#include "plan_private.h"

#define LEFT 190
#define WIDTH 800
#define TOP 46
#define ROW 52
#define BAR 26
#define GAP 6	    /* between runs that are not adjacent */
#define GRID_FROM 4 /* pixels per block from which lines separate blocks */

static const struct {
	const char *name;
	const char *colour;
} legend[] = {
	{ "DMA", "#7a5195" },	  { "DMA32", "#4f6fad" }, { "Normal", "#2f9ec4" },
	{ "Movable", "#7fb800" }, { "none", "#8a8a8a" },  { "offline", "#e3e3e3" },
};

/* The legend begins with DMA, DMA32, Normal and Movable, as enum mm_zone_type does. */
static const char *run_colour(const struct plan_run *run)
{
	enum { NONE = 4, OFFLINE = 5 };

	if (run->zone <= MM_ZONE_MOVABLE)
		return legend[run->zone].colour;
	return legend[run->state == HP_STATE_OFFLINE ? OFFLINE : NONE].colour;
}

struct scale {
	double per_block;
	uint64_t blocks;
	unsigned int gaps;
};

static struct scale scale_of(const struct plan_runs *runs)
{
	struct scale scale = { 0 };

	for (size_t i = 0; i < runs->nr; i++) {
		scale.blocks += runs->run[i].last - runs->run[i].first + 1;
		scale.gaps += i && runs->run[i].first != runs->run[i - 1].last + 1;
	}
	scale.per_block =
		(double)(WIDTH - GAP * (int)scale.gaps) / (double)(scale.blocks ? scale.blocks : 1);
	return scale;
}

static void print_text(FILE *out, double x, double y, const char *anchor, const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
	fputs("</text>\n", out);
}

static void print_run(FILE *out, const struct plan_result *result, const struct plan_run *run,
		      const struct scale *scale, double x, double y)
{
	double width = (double)(run->last - run->first + 1) * scale->per_block;
	const struct plan_step *step = &result->step[run->step];

	fprintf(out,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\">"
		"<title>memory%llu-%llu</title></rect>\n",
		x, y, width, BAR, run_colour(run), (unsigned long long)run->first,
		(unsigned long long)run->last);
	for (uint64_t i = 1; scale->per_block >= GRID_FROM && i <= run->last - run->first; i++)
		fprintf(out, "<path d=\"M%.1f %.1fv%d\" stroke=\"#fff\" stroke-width=\".7\"/>\n",
			x + (double)i * scale->per_block, y, BAR);
	if (step->removed < step->added)
		fprintf(out,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"4\" "
			"fill=\"#d1495b\"/>\n",
			x, y + BAR + 2, width);
}

static void print_row(FILE *out, const struct plan_result *result, double y)
{
	struct scale scale = scale_of(&result->blocks);
	double x = LEFT;

	print_text(out, LEFT - 10, y + BAR * 0.68, "end", result->policy->text);
	for (size_t i = 0; i < result->blocks.nr; i++) {
		const struct plan_run *run = &result->blocks.run[i];

		if (i && run->first != run[-1].last + 1)
			x += GAP;
		print_run(out, result, run, &scale, x, y);
		x += (double)(run->last - run->first + 1) * scale.per_block;
		if (i + 1 < result->blocks.nr && run[1].step != run->step)
			fprintf(out, "<path d=\"M%.1f %.1fv%d\" stroke=\"#222\"/>\n", x, y - 4,
				BAR + 8);
	}
}

static void print_legend(FILE *out)
{
	double x = LEFT;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(legend); i++, x += 84) {
		fprintf(out, "<rect x=\"%.1f\" y=\"10\" width=\"12\" height=\"12\" fill=\"%s\"/>\n",
			x, legend[i].colour);
		print_text(out, x + 17, 21, "start", legend[i].name);
	}
	fprintf(out, "<rect x=\"%.1f\" y=\"14\" width=\"12\" height=\"4\" fill=\"#d1495b\"/>\n", x);
	print_text(out, x + 17, 21, "start", "cannot be unplugged again");
}

void plan_print_svg(const struct plan_options *options, const struct plan_result *results,
		    FILE *out)
{
	int height = TOP + ROW * (int)options->nr_policies;

	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"font-family=\"sans-serif\" font-size=\"13\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
		LEFT + WIDTH + 20, height);
	print_legend(out);
	for (unsigned int i = 0; i < options->nr_policies; i++)
		print_row(out, &results[i], TOP + ROW * (double)i);
	fputs("</svg>\n", out);
}
