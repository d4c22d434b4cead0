// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What policies do to a fleet, added up: which of them is the best one and why, as text, as JSON,
 * and as a picture of how much each machine can give back.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "fleet.h"
#include "memhp/cli/json_text.h"
#include "memhp/cli/picture.h"

#define EXAMPLES 5 /* of machines whose kernel memory runs out */

/* ---- adding up ------------------------------------------------------------------------------- */

static void add_to_bin(uint64_t bins[FLEET_BINS], uint64_t part, uint64_t all, unsigned int count)
{
	double share = (double)part / (double)all;

	bins[BASE_MIN((int)(share * FLEET_BINS), FLEET_BINS - 1)] += count;
}

static void add_outcome(struct fleet_sum *sum, const struct fleet_outcome *o, unsigned int count)
{
	bool is_out = o->exhausted != PLAN_NEVER;

	sum->machines += count;
	if (o->error) {
		sum->failed += count;
		return;
	}
	sum->exhausted += is_out ? count : 0;
	sum->unusable += o->nr_unusable ? count : 0;
	if (o->ratio <= plan_ratios[PLAN_RATIO_3] + 0.01) {
		sum->within += count;
		sum->within_exhausted += is_out ? count : 0;
	} else {
		sum->beyond += count;
		sum->beyond_exhausted += is_out ? count : 0;
	}
	if (!o->added)
		return;
	sum->added += (double)o->added * count;
	sum->removed += (double)o->removed * count;
	sum->certain += (double)o->certain * count;
	add_to_bin(sum->best_bins, o->removed, o->added, count);
	add_to_bin(sum->certain_bins, o->certain, o->added, count);
}

static double share(double part, double all)
{
	return all > 0 ? part / all : 0;
}

/* Below 0 if @a is better than @b: what fails comes first, then what is certain. */
static int compare(const struct fleet_sum *a, const struct fleet_sum *b)
{
	uint64_t bad_a = a->failed + a->exhausted, bad_b = b->failed + b->exhausted;
	double certain = share(a->certain, a->added) - share(b->certain, b->added);
	double best = share(a->removed, a->added) - share(b->removed, b->added);

	if (bad_a != bad_b)
		return bad_a < bad_b ? -1 : 1;
	if (a->unusable != b->unusable)
		return a->unusable < b->unusable ? -1 : 1;
	if (certain != 0)
		return certain > 0 ? -1 : 1;
	return best > 0 ? -1 : best < 0;
}

void fleet_add_up(const struct fleet *fleet, const struct plan_options *options,
		  const struct fleet_outcome *outcomes, struct fleet_sum *sums)
{
	unsigned int nr = options->nr_policies;

	for (unsigned int p = 0; p < nr; p++) {
		sums[p] = (struct fleet_sum){ .policy = &options->policy[p], .rank = 1 };
		for (unsigned int i = 0; i < fleet->nr; i++)
			add_outcome(&sums[p], &outcomes[i * nr + p], fleet->row[i].count);
	}
	for (unsigned int p = 0; p < nr; p++) {
		for (unsigned int q = 0; q < nr; q++) {
			int order = compare(&sums[q], &sums[p]);

			sums[p].rank += order < 0 || (!order && q < p);
		}
	}
}

static const struct fleet_sum *ranked(const struct fleet_sum *sums, unsigned int nr,
				      unsigned int rank)
{
	for (unsigned int p = 0; p < nr; p++) {
		if (sums[p].rank == rank)
			return &sums[p];
	}
	return NULL;
}

/* The reason for the best one; and what a policy that gives back more would cost. */
static void explain(const struct fleet_sum *sums, unsigned int nr, struct base_buf *buf)
{
	const struct fleet_sum *best = ranked(sums, nr, 1), *more;
	uint64_t bad = best->failed + best->exhausted;

	if (bad)
		base_buf_printf(buf,
				"%s: kernel memory runs out on %" PRIu64 " of %" PRIu64
				" machines, %s any other of these policies",
				best->policy->text, bad, best->machines,
				nr > 1 && ranked(sums, nr, 2)->failed +
								ranked(sums, nr, 2)->exhausted ==
							bad ?
					"no more than with" :
					"fewer than with");
	else
		base_buf_printf(buf,
				"%s: kernel memory runs out on no machine, and of the policies of "
				"which that is true, it gives back most for certain: %.0f %%",
				best->policy->text, 100 * share(best->certain, best->added));
	for (unsigned int rank = 2; (more = ranked(sums, nr, rank)); rank++) {
		if (share(more->certain, more->added) <= share(best->certain, best->added))
			continue;
		base_buf_printf(buf,
				". %s would give back %.0f %%, but kernel memory runs out on "
				"%" PRIu64 " machines",
				more->policy->text, 100 * share(more->certain, more->added),
				more->exhausted + more->failed);
		break;
	}
}

/* ---- text ------------------------------------------------------------------------------------ */

static void print_examples(const struct fleet *fleet, const struct fleet_outcome *outcomes,
			   unsigned int nr, unsigned int p, const struct fleet_sum *sum, FILE *out)
{
	unsigned int shown = 0;

	if (!sum->exhausted)
		return;
	fprintf(out, "  %s runs out on", sum->policy->text);
	for (unsigned int i = 0; i < fleet->nr && shown < EXAMPLES; i++) {
		const struct fleet_outcome *o = &outcomes[i * nr + p];

		if (o->exhausted == PLAN_NEVER)
			continue;
		fprintf(out, "%s ", shown++ ? "," : "");
		if (*fleet->row[i].name)
			fprintf(out, "%s", fleet->row[i].name);
		else
			fprintf(out, "row %u", i + 1);
		fprintf(out, " (step %d)", o->exhausted);
	}
	fprintf(out, "%s\n", sum->exhausted > shown ? ", ..." : "");
}

void fleet_print_text(const struct fleet *fleet, const struct plan_options *options,
		      const struct fleet_outcome *outcomes, const struct fleet_sum *sums, FILE *out)
{
	unsigned int nr = options->nr_policies;
	struct base_buf reason;

	fprintf(out, "Machines: %" PRIu64 ", in %u rows.\n\n", sums[0].machines, fleet->nr);
	fprintf(out, "%4s %-34s %8s %8s %8s %6s %8s %20s %20s\n", "rank", "policy", "runs out",
		"no boot", "unusable", "best", "certain", "within 3:1 (out)", "beyond 3:1 (out)");
	for (unsigned int rank = 1; rank <= nr; rank++) {
		const struct fleet_sum *s = ranked(sums, nr, rank);
		char within[48], beyond[48];

		snprintf(within, sizeof(within), "%" PRIu64 " (%" PRIu64 ")", s->within,
			 s->within_exhausted);
		snprintf(beyond, sizeof(beyond), "%" PRIu64 " (%" PRIu64 ")", s->beyond,
			 s->beyond_exhausted);
		fprintf(out,
			"%4u %-34s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %4.0f %% %6.0f %% %20s "
			"%20s\n",
			rank, s->policy->text, s->exhausted, s->failed, s->unusable,
			100 * share(s->removed, s->added), 100 * share(s->certain, s->added),
			within, beyond);
	}
	fputc('\n', out);
	for (unsigned int p = 0; p < nr; p++)
		print_examples(fleet, outcomes, nr, p, &sums[p], out);
	base_buf_init(&reason);
	explain(sums, nr, &reason);
	fprintf(out, "Recommended: %s.\n", base_buf_text(&reason));
	base_buf_fini(&reason);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *bins_json(const uint64_t bins[FLEET_BINS])
{
	json_t *list = json_array();

	for (int i = 0; i < FLEET_BINS; i++)
		json_array_append_new(list, json_integer((json_int_t)bins[i]));
	return list;
}

static json_t *sum_json(const struct fleet_sum *s)
{
	json_t *object = json_object();
	const struct {
		const char *name;
		uint64_t nr;
	} numbers[] = {
		{ "rank", s->rank },
		{ "machines", s->machines },
		{ "kernel_memory_out", s->exhausted },
		{ "do_not_boot", s->failed },
		{ "unusable", s->unusable },
		{ "within_3:1", s->within },
		{ "within_3:1_out", s->within_exhausted },
		{ "beyond_3:1", s->beyond },
		{ "beyond_3:1_out", s->beyond_exhausted },
	};

	json_object_set_new(object, "policy", json_text(s->policy->text, strlen(s->policy->text)));
	for (size_t i = 0; i < BASE_ARRAY_SIZE(numbers); i++)
		json_object_set_new(object, numbers[i].name,
				    json_integer((json_int_t)numbers[i].nr));
	json_object_set_new(object, "removed_share", json_real(share(s->removed, s->added)));
	json_object_set_new(object, "certain_share", json_real(share(s->certain, s->added)));
	json_object_set_new(object, "removed_share_machines", bins_json(s->best_bins));
	json_object_set_new(object, "certain_share_machines", bins_json(s->certain_bins));
	return object;
}

int fleet_print_json(const struct plan_options *options, const struct fleet_sum *sums, FILE *out)
{
	json_t *top = json_object(), *list = json_array();
	struct base_buf reason;
	int ret;

	base_buf_init(&reason);
	explain(sums, options->nr_policies, &reason);
	for (unsigned int p = 0; p < options->nr_policies; p++)
		json_array_append_new(list, sum_json(&sums[p]));
	json_object_set_new(top, "policies", list);
	json_object_set_new(top, "recommended",
			    json_string(ranked(sums, options->nr_policies, 1)->policy->text));
	json_object_set_new(top, "reason", json_string(base_buf_text(&reason)));
	ret = json_dumpf(top, out, JSON_INDENT(2) | JSON_REAL_PRECISION(4)) ? -ENOMEM : 0;
	fputc('\n', out);
	json_decref(top);
	base_buf_fini(&reason);
	return ret;
}
