// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memhpsim plan for fleets, whole or in shards; and the search for the largest ratio that is safe.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"

#define EXIT_WRONG 2
#define MAX_RATIO 10000

static int print_picture(const struct plan_options *options, const struct fleet_sum *sums)
{
	FILE *out;
	bool good;

	if (!options->svg)
		return 0;
	out = fopen(options->svg, "we");
	if (out)
		fleet_print_svg(options, sums, out);
	good = out && !ferror(out);
	if (out && fclose(out))
		good = false;
	if (!good)
		fprintf(stderr, "memhpsim plan: %s: %s\n", options->svg, strerror(errno));
	return good ? 0 : -EIO;
}

static int print(const struct fleet *fleet, const struct plan_options *options,
		 const struct fleet_outcome *outcomes)
{
	struct fleet_sum sums[PLAN_MAX_POLICIES];
	int ret;

	fleet_add_up(fleet, options, outcomes, sums);
	ret = print_picture(options, sums);
	if (!ret && options->json)
		ret = fleet_print_json(options, sums, stdout);
	else if (!ret)
		fleet_print_text(fleet, options, outcomes, sums, stdout);
	return ret;
}

static int run(const struct fleet *fleet, const struct plan_options *options,
	       struct fleet_outcome **ret_outcomes)
{
	int ret;

	*ret_outcomes = fleet_outcomes_new(fleet->nr, options->nr_policies);
	ret = *ret_outcomes ? fleet_run(fleet, options, false, *ret_outcomes) : -ENOMEM;
	if (ret)
		fprintf(stderr, "memhpsim plan: not all machines could be tried: %s\n",
			strerror(-ret));
	return ret;
}

int fleet_main(struct plan_options *options)
{
	struct fleet fleet = { 0 };
	struct fleet_outcome *outcomes = NULL;
	int ret;

	if (options->nr_parts) {
		ret = fleet_parts_read(options, &fleet, &outcomes);
	} else {
		ret = fleet_read(options->fleet, options, &fleet);
		if (!ret)
			ret = run(&fleet, options, &outcomes);
	}
	if (!ret && options->shards)
		ret = fleet_part_print(&fleet, options, outcomes, stdout);
	else if (!ret)
		ret = print(&fleet, options, outcomes);
	if (!ret && (fflush(stdout) || ferror(stdout))) {
		fprintf(stderr, "memhpsim plan: the plan cannot be written\n");
		ret = -EIO;
	}
	fleet_outcomes_free(outcomes, fleet.nr, options->nr_policies);
	fleet_fini(&fleet);
	return ret ? EXIT_WRONG : 0;
}

/* ---- the largest ratio ----------------------------------------------------------------------- */

/*
 * struct search - a search
 * @policy: the words that every candidate has
 * @first: the first machine, of the last candidate that was tried, whose kernel memory runs out
 */
struct search {
	struct plan_options *options;
	struct fleet fleet;
	const char *policy;
	struct fleet_outcome *outcomes;
	struct fleet_outcome first;
	const char *first_name;
	unsigned int tried;
};

/* Returns 1 if a ratio is safe on all machines, 0 if it is not, or -errno. */
static int try_ratio(struct search *s, unsigned int ratio)
{
	struct plan_options options = *s->options;
	struct base_buf what;
	char text[256];
	int ret;

	base_buf_init(&what);
	snprintf(text, sizeof(text), "%s,ratio=%u", s->policy, ratio);
	options.nr_policies = 1;
	if (!plan_parse_policy(text, &options.policy[0], &what)) {
		fprintf(stderr, "memhpsim plan: --search: %s\n", base_buf_text(&what));
		base_buf_fini(&what);
		return -EINVAL;
	}
	memset(s->outcomes, 0, s->fleet.nr * sizeof(*s->outcomes));
	ret = fleet_run(&s->fleet, &options, true, s->outcomes);
	s->tried++;
	base_buf_fini(&options.policy[0].cmdline);
	base_buf_fini(&what);
	for (unsigned int i = 0; !ret && i < s->fleet.nr; i++) {
		const struct fleet_outcome *o = &s->outcomes[i];

		if (!o->is_known || (!o->error && o->exhausted == PLAN_NEVER))
			continue;
		s->first = *o;
		s->first_name = s->fleet.row[i].name;
		return 0;
	}
	return ret ? ret : 1;
}

/*
 * Finds the largest ratio below which all candidates are safe. The candidates are tried from the
 * smallest one on, because a larger ratio can be safe again by chance: a DIMM is in one zone as a
 * whole. Between two candidates, halving finds the border.
 */
static int find_ratio(struct search *s, unsigned int *ret_safe, unsigned int *ret_unsafe)
{
	static const unsigned int candidates[] = {
		1,   50,  100, 150,  200,  250,	 301,  350,
		401, 501, 751, 1001, 1501, 2001, 5001, MAX_RATIO
	};
	unsigned int safe = 0, unsafe = 0;

	for (size_t i = 0; !unsafe && i < BASE_ARRAY_SIZE(candidates); i++) {
		int ret = try_ratio(s, candidates[i]);

		if (ret < 0)
			return ret;
		if (ret)
			safe = candidates[i];
		else
			unsafe = candidates[i];
	}
	while (unsafe > safe + 1 && safe) {
		unsigned int middle = safe + (unsafe - safe) / 2;
		int ret = try_ratio(s, middle);

		if (ret < 0)
			return ret;
		if (ret)
			safe = middle;
		else
			unsafe = middle;
	}
	*ret_safe = safe;
	*ret_unsafe = unsafe;
	/* so that the machine in the answer is one of this ratio */
	return unsafe && try_ratio(s, unsafe) < 0 ? -EIO : 0;
}

static void print_ratio(const struct search *s, unsigned int safe, unsigned int unsafe)
{
	if (s->options->json)
		printf("{\"policy\": \"%s\", \"safe_ratio\": %d, \"unsafe_ratio\": %d, "
		       "\"tried\": %u}\n",
		       s->policy, safe ? (int)safe : -1, unsafe ? (int)unsafe : -1, s->tried);
	else if (!unsafe)
		printf("%s is safe with every ratio up to %d %%: kernel memory never runs out.\n",
		       s->policy, MAX_RATIO);
	else if (!safe)
		printf("%s is not safe with any ratio: even with 1 %%, kernel memory of %s runs "
		       "out at step %d.\n",
		       s->policy, s->first_name, s->first.exhausted);
	else
		printf("%s is safe up to ratio=%u: kernel memory never runs out.\n"
		       "With ratio=%u, that of %s does at step %d.\n",
		       s->policy, safe, unsafe, s->first_name, s->first.exhausted);
}

int search_main(struct plan_options *options)
{
	struct search s = {
		.options = options,
		.policy = options->policy[0].text,
	};
	unsigned int safe, unsafe;
	int ret = options->fleet ? fleet_read(options->fleet, options, &s.fleet) :
				   fleet_of_one(options, &s.fleet);

	if (!ret) {
		s.outcomes = fleet_outcomes_new(s.fleet.nr, 1);
		ret = s.outcomes ? find_ratio(&s, &safe, &unsafe) : -ENOMEM;
	}
	if (!ret)
		print_ratio(&s, safe, unsafe);
	fleet_outcomes_free(s.outcomes, s.fleet.nr, 1);
	fleet_fini(&s.fleet);
	return ret ? EXIT_WRONG : 0;
}
