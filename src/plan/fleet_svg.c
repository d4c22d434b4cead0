// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A fleet as a picture: for each policy, how many machines can give back how large a share of what
 * they have added, at best and for certain.
 */
#include <inttypes.h>
#include <string.h>

#include "fleet.h"
#include "memhp/cli/picture.h"

#define LEFT 60
#define WIDTH 560
#define RIGHT 360
#define TOP 70
#define PANEL 150
#define PLOT_AT 26
#define PLOT 84

static void print_bins(FILE *out, double y, const struct fleet_sum *s, uint64_t most)
{
	double width = WIDTH / (double)FLEET_BINS, base = y + PLOT_AT + PLOT;

	for (int i = 0; i < FLEET_BINS; i++) {
		double best = PLOT * (double)s->best_bins[i] / (double)most;
		double certain = PLOT * (double)s->certain_bins[i] / (double)most;
		double x = LEFT + width * i;
		char tip[96];

		snprintf(tip, sizeof(tip), "%" PRIu64 " machines: %d to %d %% at best",
			 s->best_bins[i], i * 100 / FLEET_BINS, (i + 1) * 100 / FLEET_BINS);
		picture_box(out, x + 3, base - best, width / 2 - 3, best, "best", tip);
		snprintf(tip, sizeof(tip), "%" PRIu64 " machines: %d to %d %% for certain",
			 s->certain_bins[i], i * 100 / FLEET_BINS, (i + 1) * 100 / FLEET_BINS);
		picture_box(out, x + width / 2, base - certain, width / 2 - 3, certain, "Movable",
			    tip);
	}
	picture_line(out, LEFT, base, LEFT + WIDTH, base, "axis");
	for (int i = 0; i <= FLEET_BINS; i++) {
		char text[12];

		snprintf(text, sizeof(text), "%d %%", i * 100 / FLEET_BINS);
		picture_line(out, LEFT + width * i, base, LEFT + width * i, base + 4, "axis");
		picture_text(out, LEFT + width * i, base + 16, "small", "middle", text);
	}
}

/* In words beside it, so that a colour is not all there is. */
static void print_facts(FILE *out, double y, const struct fleet_sum *s)
{
	char text[96];

	snprintf(text, sizeof(text), "kernel memory runs out: %" PRIu64 " of %" PRIu64,
		 s->exhausted, s->machines);
	picture_text(out, LEFT + WIDTH + 24, y + PLOT_AT + 20, s->exhausted ? "bad" : "", "start",
		     text);
	snprintf(text, sizeof(text), "do not boot: %" PRIu64, s->failed);
	if (s->failed)
		picture_text(out, LEFT + WIDTH + 24, y + PLOT_AT + 40, "bad", "start", text);
	snprintf(text, sizeof(text), "beyond 3:1: %" PRIu64, s->beyond);
	picture_text(out, LEFT + WIDTH + 24, y + PLOT_AT + 60, s->beyond ? "warn" : "", "start",
		     text);
}

void fleet_print_svg(const struct plan_options *options, const struct fleet_sum *sums, FILE *out)
{
	uint64_t most = 1;
	char title[80];

	for (unsigned int p = 0; p < options->nr_policies; p++) {
		for (int i = 0; i < FLEET_BINS; i++)
			most = BASE_MAX(most,
					BASE_MAX(sums[p].best_bins[i], sums[p].certain_bins[i]));
	}
	picture_begin(out, LEFT + WIDTH + RIGHT, TOP + PANEL * (int)options->nr_policies,
		      "how much machines can give back, by policy");
	snprintf(title, sizeof(title), "%" PRIu64 " machines: the share that can be given back",
		 sums[0].machines);
	picture_text(out, 10, 24, "title", "start", title);
	picture_box(out, LEFT, 38, 12, 12, "best", NULL);
	picture_text(out, LEFT + 17, 48, "", "start", "at best");
	picture_box(out, LEFT + 90, 38, 12, 12, "Movable", NULL);
	picture_text(out, LEFT + 107, 48, "", "start", "for certain");
	for (unsigned int p = 0; p < options->nr_policies; p++) {
		double y = TOP + PANEL * (double)(sums[p].rank - 1);
		char text[128];

		snprintf(text, sizeof(text), "%u. %.100s", sums[p].rank, sums[p].policy->text);
		picture_text(out, 10, y + 14, "title", "start", text);
		print_bins(out, y, &sums[p], most);
		print_facts(out, y, &sums[p]);
	}
	picture_end(out);
}
