// SPDX-License-Identifier: GPL-2.0-or-later
/* memhpsim random: its options, the machine, and the head of the file. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/record.h"
#include "memhp/sim/random.h"
#include "random.h"

#define EXIT_WRONG 2

/**
 * struct random_options - the options
 * @machine: a machine file; NULL: a random machine
 */
struct random_options {
	uint64_t seed, length;
	bool has_seed, has_length;
	const char *machine;
};

static void parse_number(struct argp_state *state, const char *option, const char *text,
			 uint64_t least, uint64_t most, uint64_t *ret_value)
{
	if (!base_kstrtoull(text, 10, ret_value) && !strchr(text, '\n') && *text != '+' &&
	    *ret_value >= least && *ret_value <= most)
		return;
	argp_failure(state, EXIT_WRONG, 0, "%s=%s: must be a decimal number from %llu to %llu",
		     option, text, (unsigned long long)least, (unsigned long long)most);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct random_options *options = state->input;

	switch (key) {
	case 's':
		parse_number(state, "--seed", arg, 0, UINT64_MAX, &options->seed);
		options->has_seed = true;
		return 0;
	case 'l':
		parse_number(state, "--length", arg, 1, RANDOM_MAX_LENGTH, &options->length);
		options->has_length = true;
		return 0;
	case 'm':
		options->machine = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_usage(state);
		return 0;
	case ARGP_KEY_END:
		if (!options->has_seed || !options->has_length)
			argp_failure(state, EXIT_WRONG, 0, "--seed and --length are required");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_option option_table[] = {
	{ "seed", 's', "N", 0, "the same number makes the same file", 0 },
	{ "length", 'l', "N", 0, "the number of operations", 0 },
	{ "machine", 'm', "MACHINE", 0, "the machine (default: a random one)", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

/* Gets the machine and its description. */
static int load(const struct random_options *options, struct base_buf *text,
		struct machine_spec **ret_spec)
{
	int ret;

	if (!options->machine) {
		random_machine(options->seed, text);
		return machine_spec_parse(base_buf_text(text), text->len, "<random>", 1, stderr,
					  ret_spec);
	}
	ret = record_load(options->machine, stderr, ret_spec);
	if (!ret)
		machine_spec_write(*ret_spec, text);
	return ret;
}

int random_main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.doc = "Write a file of random operations, which memhpsim can run.",
	};
	struct random_options options = { .machine = NULL };
	struct machine_spec *spec;
	struct base_buf text;
	char name[] = "memhpsim random";
	int ret;

	argv[0] = name;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	base_buf_init(&text);
	ret = load(&options, &text, &spec);
	if (!ret) {
		ret = random_operations(spec, base_buf_text(&text), options.seed, options.length,
					stdout);
		if (ret)
			fprintf(stderr, "memhpsim random: the machine does not boot: %s\n",
				strerror(-ret));
	}
	base_buf_fini(&text);
	if (!ret && (fflush(stdout) || ferror(stdout))) {
		fprintf(stderr, "memhpsim random: the file cannot be written\n");
		ret = -EIO;
	}
	return ret ? EXIT_WRONG : 0;
}
