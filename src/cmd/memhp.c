// SPDX-License-Identifier: GPL-2.0-or-later
#include "memhp.h"

#include <argp.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memhp/base.h"
#include "memhp/cli/std_fds.h"

const char *argp_program_version = "memhp " MEMHP_VERSION;

/**
 * struct command - a command of memhp
 * @args: its words, as they are shown; @min, @max: how many
 * @doc: the line in --help
 * @options: its options, or NULL
 */
struct command {
	const char *name;
	const char *args;
	const char *doc;
	unsigned int min;
	unsigned int max;
	const struct argp_option *options;
	int (*run)(const struct memhp_args *args);
};

static const struct argp_option plug_options[] = {
	{ "kind", 'k', "dimm|virtio-mem|dax", 0, "the kind of device (default: dimm)", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static const struct argp_option log_options[] = {
	{ "follow", 'f', NULL, 0, "print what is logged later, too, until the machine ends", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

#define ANY_NUMBER (~0U)

static const struct command commands[] = {
	{ "plug", "NAME SIZE [NODE]", "create and plug a device, and print its memory blocks", 2, 3,
	  plug_options, memhp_plug },
	{ "unplug", "NAME", "unplug and remove a device, or print why that fails", 1, 1, NULL,
	  memhp_unplug },
	{ "resize", "NAME SIZE", "change how much memory a virtio-mem device gives", 2, 2, NULL,
	  memhp_resize },
	{ "wait", "STATE SECONDS BLOCK...", "wait until memory blocks are in a state", 3,
	  ANY_NUMBER, NULL, memhp_wait },
	{ "dump", "[DIR...]", "print all files below directories, to be compared", 0, ANY_NUMBER,
	  NULL, memhp_dump },
	{ "log", "", "print the machine's log, which explains every refusal", 0, 0, log_options,
	  memhp_log },
	{ "machines", "[MACHINE]",
	  "list the machines that --machine knows, or print a machine file", 0, 1, NULL,
	  memhp_machines },
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(commands); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

/* ---- the options and words of a command ------------------------------------------------------ */

struct command_input {
	const struct command *command;
	struct memhp_args *args;
};

static error_t parse_command(int key, char *arg, struct argp_state *state)
{
	struct command_input *input = state->input;
	struct memhp_args *args = input->args;

	switch (key) {
	case 'k':
		args->kind = arg;
		return 0;
	case 'f':
		args->follow = true;
		return 0;
	case ARGP_KEY_ARGS:
		args->word = state->argv + state->next;
		args->nr = (unsigned int)(state->argc - state->next);
		return 0;
	case ARGP_KEY_END:
		if (args->nr < input->command->min || args->nr > input->command->max)
			argp_usage(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int run_command(const struct command *command, struct memhp_args *args, int argc,
		       char **argv)
{
	struct command_input input = { .command = command, .args = args };
	const struct argp argp = {
		.options = command->options,
		.parser = parse_command,
		.args_doc = command->args,
		.doc = command->doc,
	};
	char *name;

	if (asprintf(&name, "memhp %s", command->name) < 0)
		err(MEMHP_FAILED, NULL);
	argv[0] = program_invocation_name = program_invocation_short_name = name;
	argp_parse(&argp, argc, argv, 0, NULL, &input);
	return command->run(args);
}

/* ---- memhp ----------------------------------------------------------------------------------- */

static const struct argp_option option_table[] = {
	{ "root", 'r', "DIR", 0, "where the machine is mounted (default: $MEMHPFS_ROOT)", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

struct input {
	struct memhp_args args;
	const struct command *command;
	int first;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *input = state->input;

	switch (key) {
	case 'r':
		input->args.root = arg;
		return 0;
	case ARGP_KEY_ARG:
		input->command = find_command(arg);
		if (!input->command)
			argp_error(state, "%s: no such command", arg);
		input->first = state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Adds the commands to --help. */
static void describe(struct base_buf *usage, struct base_buf *doc)
{
	base_buf_puts(doc, "Work with an emulated machine: plug memory, wait for it, look at it.\v"
			   "Commands:\n");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];

		base_buf_printf(usage, "%s%s%s%s%s", i ? "\n" : "", c->name,
				c->options ? " [OPTION...]" : "", *c->args ? " " : "", c->args);
		base_buf_printf(doc, "  %-9s %s\n", c->name, c->doc);
	}
	base_buf_puts(doc, "\n\"memhp COMMAND --help\" has the options of a command.");
}

int main(int argc, char **argv)
{
	const char *root = getenv("MEMHPFS_ROOT");
	struct input input = { .args = { .root = root && *root ? root : NULL, .kind = "dimm" } };
	struct argp argp = { .options = option_table, .parser = parse };
	struct base_buf usage, doc;
	int status;

	std_fds_reserve(0);
	base_buf_init(&usage);
	base_buf_init(&doc);
	describe(&usage, &doc);
	argp.args_doc = base_buf_text(&usage);
	argp.doc = base_buf_text(&doc);
	argp_err_exit_status = MEMHP_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &input);
	base_buf_fini(&usage);
	base_buf_fini(&doc);
	status = run_command(input.command, &input.args, argc - input.first, argv + input.first);
	if ((fflush(stdout) || ferror(stdout)) && !status) {
		warn("standard output");
		status = MEMHP_FAILED;
	}
	return status;
}
