// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The subcommand memhpsim plan: its options, its machines and its output.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memhp/cli/warn.h"
#include "memhp/record.h"
#include "fleet.h"

#define EXIT_WRONG 2
#define EXIT_NO_ROOM 3
#define DEFAULT_UNMOVABLE 10
#define MAX_SHARDS 1000000
#define MAX_JOBS 256

enum {
	KEY_FLEET = 256,
	KEY_SHARD,
	KEY_MERGE,
	KEY_JOBS,
	KEY_SEARCH,
};

static void say(const char *option, const struct base_buf *what)
{
	fprintf(stderr, "memhpsim plan: %s: %s\n", option, base_buf_text(what));
}

static error_t add_growth(struct plan_options *options, const char *text)
{
	struct base_buf what;
	bool good;

	base_buf_init(&what);
	good = options->course.nr_growths < PLAN_MAX_GROWTHS;
	if (!good)
		base_buf_printf(&what, "\"%s\": no more than %d growths", text, PLAN_MAX_GROWTHS);
	good = good &&
	       plan_parse_growth(text, &options->course.growth[options->course.nr_growths], &what);
	if (good)
		options->course.nr_growths++;
	else
		say("--grow", &what);
	base_buf_fini(&what);
	return good ? 0 : EINVAL;
}

static error_t add_policy(struct plan_options *options, const char *text)
{
	struct base_buf what;
	bool good;

	base_buf_init(&what);
	good = options->nr_policies < PLAN_MAX_POLICIES;
	if (!good)
		base_buf_printf(&what, "\"%s\": no more than %d policies", text, PLAN_MAX_POLICIES);
	good = good && plan_parse_policy(text, &options->policy[options->nr_policies], &what);
	if (good)
		options->nr_policies++;
	else
		say("--policy", &what);
	base_buf_fini(&what);
	return good ? 0 : EINVAL;
}

static error_t set_unmovable(struct plan_options *options, const char *text)
{
	uint32_t percent;

	if (base_kstrtouint(text, 10, &percent) || percent > 100) {
		fprintf(stderr,
			"memhpsim plan: --unmovable: \"%s\" is not a valid percentage (0 to 100)\n",
			text);
		return EINVAL;
	}
	options->course.unmovable = percent;
	return 0;
}

static error_t set_shard(struct plan_options *options, const char *text)
{
	const char *slash = strchr(text, '/');
	char first[12];

	if (slash && (size_t)(slash - text) < sizeof(first)) {
		memcpy(first, text, (size_t)(slash - text));
		first[slash - text] = '\0';
		if (!base_kstrtouint(first, 10, &options->shard) &&
		    !base_kstrtouint(slash + 1, 10, &options->shards) && options->shard &&
		    options->shard <= options->shards && options->shards <= MAX_SHARDS)
			return 0;
	}
	fprintf(stderr,
		"memhpsim plan: --shard: \"%s\" is not a part (use 1/8 to 8/8, at most %d parts)\n",
		text, MAX_SHARDS);
	return EINVAL;
}

static error_t add_part(struct plan_options *options, char *path)
{
	char **grown = reallocarray(options->part, options->nr_parts + 1, sizeof(*grown));

	if (!grown)
		return ENOMEM;
	options->part = grown;
	grown[options->nr_parts++] = path;
	return 0;
}

static error_t set_jobs(struct plan_options *options, const char *text)
{
	if (!base_kstrtouint(text, 10, &options->jobs) && options->jobs &&
	    options->jobs <= MAX_JOBS)
		return 0;
	fprintf(stderr, "memhpsim plan: --jobs: \"%s\" is not a number from 1 to %d\n", text,
		MAX_JOBS);
	return EINVAL;
}

static error_t set_search(struct plan_options *options, const char *text)
{
	options->search = !strcmp(text, "ratio");
	if (options->search)
		return 0;
	fprintf(stderr, "memhpsim plan: --search: \"%s\" cannot be searched for (use ratio)\n",
		text);
	return EINVAL;
}

/* What belongs together, and what does not. */
static void check_together(const struct plan_options *options, const struct argp_state *state)
{
	bool has_fleet = options->fleet || options->nr_parts;

	if (options->fleet && options->nr_parts)
		argp_error(state, "--merge needs no --fleet: the parts have all of it");
	else if (has_fleet && (options->machine || options->course.nr_growths))
		argp_error(state, "the machines and growths of a fleet are in its file");
	else if (has_fleet && options->html)
		argp_error(state, "--html is for one machine; use --svg for a fleet");
	else if (!has_fleet && !options->course.nr_growths)
		argp_error(state, "nothing grows: --grow is missing");
	else if (options->shards && !options->fleet)
		argp_error(state, "--shard needs --fleet");
	else if (options->search && (options->shards || options->nr_parts))
		argp_error(state, "--search goes through the whole fleet: leave out --shard and "
				  "--merge");
	else if (options->search && options->nr_policies > 1)
		argp_error(state, "--search takes at most one --policy");
	else if (options->search && (options->svg || options->html))
		argp_error(state, "--search draws nothing");
	else if (options->nr_parts && options->nr_policies)
		argp_error(state, "--merge needs no --policy: the parts have them");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct plan_options *options = state->input;

	switch (key) {
	case 'm':
		options->machine = arg;
		return 0;
	case 'g':
		return add_growth(options, arg);
	case 'p':
		return add_policy(options, arg);
	case 'u':
		return set_unmovable(options, arg);
	case 'j':
		options->json = true;
		return 0;
	case 's':
		options->svg = arg;
		return 0;
	case 'H':
		options->html = arg;
		return 0;
	case KEY_FLEET:
		options->fleet = arg;
		return 0;
	case KEY_SHARD:
		return set_shard(options, arg);
	case KEY_MERGE:
		return add_part(options, arg);
	case KEY_JOBS:
		return set_jobs(options, arg);
	case KEY_SEARCH:
		return set_search(options, arg);
	case ARGP_KEY_ARG:
		return options->nr_parts ? add_part(options, arg) : ARGP_ERR_UNKNOWN;
	case ARGP_KEY_END:
		check_together(options, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_option option_table[] = {
	{ "machine", 'm', "MACHINE", 0, "the machine that grows (default: that of memhpfs)", 0 },
	{ "grow", 'g', "GROWTH", 0,
	  "+SIZE [x COUNT] [on node N], or virtio-mem to SIZE [on node N]; may be repeated", 0 },
	{ "policy", 'p', "WORDS", 0,
	  "how blocks come online, words separated by commas; may be repeated (default: four)", 0 },
	{ "unmovable", 'u', "PERCENT", 0, "of memory that is unmovable (default: 10)", 0 },
	{ "json", 'j', NULL, 0, "print JSON", 0 },
	{ "svg", 's', "FILE", 0, "draw a picture in FILE", 0 },
	{ "html", 'H', "FILE", 0, "write the picture and the tables as a page in FILE", 0 },
	{ "fleet", KEY_FLEET, "FILE", 0, "instead of one machine, those of FILE (CSV)", 0 },
	{ "shard", KEY_SHARD, "I/N", 0, "print the outcomes of a part of the fleet, to be merged",
	  0 },
	{ "merge", KEY_MERGE, "FILE...", 0, "put together what all shards have printed", 0 },
	{ "jobs", KEY_JOBS, "N", 0, "so many processes at a time (default: processors)", 0 },
	{ "search", KEY_SEARCH, "ratio", 0, "find the largest ratio of auto-movable that is safe",
	  0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static int load(const struct plan_options *options, struct machine_spec **ret_spec)
{
	if (options->machine)
		return record_load(options->machine, stderr, ret_spec);
	return machine_spec_default(ret_spec);
}

static int check_growths(const struct plan_options *options, const struct machine_spec *spec)
{
	struct base_buf what;
	bool good = true;

	base_buf_init(&what);
	for (unsigned int i = 0; good && i < options->course.nr_growths; i++)
		good = plan_check_growth(&options->course, i, spec, &what);
	if (!good)
		say("--grow", &what);
	base_buf_fini(&what);
	return good ? 0 : -EINVAL;
}

static int check_policy(const struct plan_policy *policy, const struct machine_spec *spec)
{
	struct base_buf what;
	bool good;

	base_buf_init(&what);
	good = plan_check_policy(policy, spec, &what);
	if (!good)
		say("--policy", &what);
	base_buf_fini(&what);
	return good ? 0 : -EINVAL;
}

static int run_policies(const struct plan_options *options, struct plan_result *results,
			unsigned int *ret_nr)
{
	for (*ret_nr = 0; *ret_nr < options->nr_policies; ++*ret_nr) {
		const struct plan_policy *policy = &options->policy[*ret_nr];
		struct machine_spec *spec;
		int ret = load(options, &spec);

		if (ret)
			return ret;
		ret = *ret_nr ? 0 : warn_cmdline("memhpsim plan", spec);
		if (!ret)
			ret = check_growths(options, spec);
		if (!ret)
			ret = check_policy(policy, spec);
		if (ret) {
			machine_spec_free(spec);
			return ret;
		}
		ret = plan_run(&options->course, policy, spec, &results[*ret_nr]);
		if (ret) {
			fprintf(stderr,
				"memhpsim plan: the machine does not boot with \"%s\": %s\n",
				policy->text, strerror(-ret));
			return ret;
		}
	}
	return 0;
}

/* Writes a file, if one is asked for; what has no memory or no room is an error of that file. */
static int draw(const char *path,
		void (*print)(const struct plan_options *options, const struct plan_result *results,
			      FILE *out),
		const struct plan_options *options, const struct plan_result *results)
{
	FILE *out;
	bool good;

	if (!path)
		return 0;
	out = fopen(path, "we");
	if (out)
		print(options, results, out);
	good = out && !ferror(out);
	if (out && fclose(out))
		good = false;
	if (good)
		return 0;
	fprintf(stderr, "memhpsim plan: %s: %s\n", path, strerror(errno));
	return -EIO;
}

static int print(const struct plan_options *options, const struct plan_result *results)
{
	int ret = draw(options->svg, plan_print_svg, options, results);

	if (!ret)
		ret = draw(options->html, plan_print_html, options, results);
	if (!ret && options->json)
		ret = plan_print_json(options, results, stdout);
	else if (!ret)
		plan_print_text(options, results, stdout);
	if (!ret && (fflush(stdout) || ferror(stdout))) {
		fprintf(stderr, "memhpsim plan: the plan cannot be written\n");
		ret = -EIO;
	}
	return ret;
}

/*
 * Reports the steps that did not fit; the room does not depend on the policy. If there is enough
 * room, all DIMM slots are in use, or no free range is aligned for a virtio-mem device.
 */
static bool say_no_room(const struct plan_result *result)
{
	bool any = false;

	for (unsigned int i = 1; i < result->nr_steps; i++) {
		const struct plan_step *step = &result->step[i];

		if (step->error != -ENOSPC)
			continue;
		any = true;
		fprintf(stderr, "memhpsim plan: step %u, %s, does not fit: ", i, step->label);
		if (step->room < step->size)
			fprintf(stderr, "the largest free range of the hotplug windows has %s\n",
				plan_size(step->room).text);
		else
			fprintf(stderr, "%s\n",
				step->virtio_mem ? "no free range is aligned for it" :
						   "all slots have a DIMM");
	}
	return any;
}

/* If no policy is given: those that a kernel has by itself, or the one that is searched. */
static int add_usual(struct plan_options *options)
{
	static const char *const usual[] = { "online_kernel", "online_movable", "contig-zones",
					     "auto-movable" };
	int ret = 0;

	if (options->nr_policies || options->nr_parts)
		return 0;
	if (options->search)
		return -(int)add_policy(options, "auto-movable");
	for (size_t i = 0; !ret && i < BASE_ARRAY_SIZE(usual); i++)
		ret = -(int)add_policy(options, usual[i]);
	return ret;
}

static int run_one_machine(const struct plan_options *options)
{
	struct plan_result results[PLAN_MAX_POLICIES];
	unsigned int nr = 0;
	int ret = run_policies(options, results, &nr);
	bool no_room;

	if (!ret)
		ret = print(options, results);
	no_room = !ret && say_no_room(&results[0]);
	for (unsigned int i = 0; i < nr; i++)
		plan_result_fini(&results[i]);
	return ret ? EXIT_WRONG : no_room ? EXIT_NO_ROOM : 0;
}

int plan_main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.doc = "Show the effect of onlining policies on a growing machine.",
	};
	char name[] = "memhpsim plan";
	struct plan_options options = { .course.unmovable = DEFAULT_UNMOVABLE };
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int ret;

	options.jobs = processors > 0 ? BASE_MIN((unsigned int)processors, MAX_JOBS) : 1;
	argv[0] = name;
	ret = argp_parse(&argp, argc, argv, 0, NULL, &options) ? EXIT_WRONG : 0;
	if (!ret && add_usual(&options))
		ret = EXIT_WRONG;
	if (!ret && options.search)
		ret = search_main(&options);
	else if (!ret && (options.fleet || options.nr_parts))
		ret = fleet_main(&options);
	else if (!ret)
		ret = run_one_machine(&options);
	for (unsigned int i = 0; i < options.nr_policies; i++)
		base_buf_fini(&options.policy[i].cmdline);
	free(options.part);
	return ret;
}
