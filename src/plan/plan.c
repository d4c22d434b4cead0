// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The subcommand memhpsim plan: its options, its machines and its output.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/cli/warn.h"
#include "memhp/record.h"
#include "plan_private.h"

#define EXIT_WRONG 2
#define EXIT_NO_ROOM 3
#define DEFAULT_UNMOVABLE 10

static void say(const char *option, const struct base_buf *what)
{
	fprintf(stderr, "memhpsim plan: %s: %s\n", option, base_buf_text(what));
}

static error_t add_growth(struct plan_options *options, const char *text)
{
	struct base_buf what;
	bool good;

	base_buf_init(&what);
	good = options->nr_growths < PLAN_MAX_GROWTHS;
	if (!good)
		base_buf_printf(&what, "\"%s\": no more than %d growths", text, PLAN_MAX_GROWTHS);
	good = good && plan_parse_growth(text, &options->growth[options->nr_growths], &what);
	if (good)
		options->nr_growths++;
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
	options->unmovable = percent;
	return 0;
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
	case ARGP_KEY_END:
		if (!options->nr_growths)
			argp_error(state, "nothing grows: --grow is missing");
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
	for (unsigned int i = 0; good && i < options->nr_growths; i++)
		good = plan_check_growth(options, i, spec, &what);
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
		ret = plan_run(options, policy, spec, &results[*ret_nr]);
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

int plan_main(int argc, char **argv)
{
	static const char *const usual[] = { "online_kernel", "online_movable", "contig-zones",
					     "auto-movable" };
	static const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.doc = "Show the effect of onlining policies on a growing machine.",
	};
	char name[] = "memhpsim plan";
	struct plan_options options = { .unmovable = DEFAULT_UNMOVABLE };
	struct plan_result results[PLAN_MAX_POLICIES];
	unsigned int nr = 0;
	bool no_room;
	int ret;

	argv[0] = name;
	ret = -(int)argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!options.nr_policies) {
		for (size_t i = 0; !ret && i < BASE_ARRAY_SIZE(usual); i++)
			ret = -(int)add_policy(&options, usual[i]);
	}
	if (!ret)
		ret = run_policies(&options, results, &nr);
	if (!ret)
		ret = print(&options, results);
	no_room = !ret && say_no_room(&results[0]);
	for (unsigned int i = 0; i < nr; i++)
		plan_result_fini(&results[i]);
	for (unsigned int i = 0; i < options.nr_policies; i++)
		base_buf_fini(&options.policy[i].cmdline);
	return ret ? EXIT_WRONG : no_room ? EXIT_NO_ROOM : 0;
}
