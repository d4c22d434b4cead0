// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of memhpfs-explore. */
#include <argp.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explore.h"
#include "memhp/hotplug.h"
#include "run_trial.h"

enum {
	KEY_MACHINE = 0x100,
	KEY_CMDLINE,
	KEY_KERNEL,
	KEY_SETUP,
	KEY_CHECK,
	KEY_RECOVER,
	KEY_FAULTS,
	KEY_FAULT,
	KEY_TIMEOUT,
	KEY_JOBS,
	KEY_SEED,
	KEY_MAX,
	KEY_DEPTH,
	KEY_REPORT,
	KEY_IGNORE,
	KEY_ALLOW,
	KEY_COMPARE,
	KEY_OK_STATUS,
	KEY_DAEMON,
	KEY_POKE,
	KEY_UNTIL,
	KEY_SETTLE,
	KEY_JUNIT,
	KEY_SHRINK,
	KEY_PHASES,
};

const char *argp_program_version = "memhpfs-explore " MEMHP_VERSION;

static const struct argp_option option_table[] = {
	{ "machine", KEY_MACHINE, "MACHINE", 0, "a name of \"memhp machines\", or a machine file",
	  0 },
	{ "cmdline", KEY_CMDLINE, "TEXT", 0, "words to add to the kernel command line", 0 },
	{ "kernel", KEY_KERNEL, "VERSION", 0, "the version of Linux, such as 6.1", 0 },
	{ "setup", KEY_SETUP, "CMD", 0, "run CMD on the machine before COMMAND", 0 },
	{ "check", KEY_CHECK, "CMD", 0, "run CMD after a COMMAND that says that all is well", 0 },
	{ "recover", KEY_RECOVER, "CMD", 0, "run CMD after COMMAND was killed (default: COMMAND)",
	  0 },
	{ "faults", KEY_FAULTS, "LIST", 0,
	  "errno, always, slow, hang, lost, late, vanish, kill, or all, separated by commas "
	  "(default: errno,always,hang,lost)",
	  0 },
	{ "fault", KEY_FAULT, "SPEC", 0, "only this fault of memhpfs-run; may be repeated", 0 },
	{ "timeout", KEY_TIMEOUT, "S", 0, "COMMAND is stuck after S seconds (default: 10)", 0 },
	{ "jobs", KEY_JOBS, "N", 0, "so many runs at a time (default: processors)", 0 },
	{ "seed", KEY_SEED, "N", 0, "which runs --max chooses (default: 1)", 0 },
	{ "max", KEY_MAX, "N", 0, "at most N runs (default: 100000)", 0 },
	{ "depth", KEY_DEPTH, "1|2", 0, "with 2, also let two steps of a run fail", 0 },
	{ "report", KEY_REPORT, "FILE", 0, "write a report: .json, .xml (JUnit), .html or .txt",
	  0 },
	{ "ignore", KEY_IGNORE, "PATTERN", 0, "leave parts of the state out; may be repeated", 0 },
	{ "compare", KEY_COMPARE, "blocks|amount", 0,
	  "with amount, it does not matter which blocks are in a state, but how many", 0 },
	{ "allow", KEY_ALLOW, "partial", 0, "a partial result is no finding", 0 },
	{ "ok-status", KEY_OK_STATUS, "N", 0, "with this exit status, a partial result is none",
	  0 },
	{ "daemon", KEY_DAEMON, NULL, 0, "COMMAND runs for ever: end it when all has settled", 0 },
	{ "poke", KEY_POKE, "CMD", 0, "run CMD while COMMAND runs", 0 },
	{ "until", KEY_UNTIL, "CONDITION", 0, "until a file reads as a text: \"PATH TEXT\"", 0 },
	{ "settle", KEY_SETTLE, "S", 0, "until nothing has changed for S seconds", 0 },
	{ "junit", KEY_JUNIT, "FILE", 0,
	  "COMMAND writes a JUnit report: which test cases fail is part of the verdict", 0 },
	{ "shrink", KEY_SHRINK, "DIR", OPTION_ARG_OPTIONAL,
	  "try whether fewer faults and smaller machines show the same; machines go to DIR", 0 },
	{ "phases", KEY_PHASES, NULL, 0, "print the steps that can fail, and end", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static unsigned long number(struct argp_state *state, const char *option, const char *text,
			    unsigned long min, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || *text == '-' || value < min || value > max)
		argp_error(state, "--%s=%s: a number from %lu to %lu is needed", option, text, min,
			   max);
	return value;
}

static double seconds(struct argp_state *state, const char *option, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value > 0) || value > 86400)
		argp_error(state, "--%s=%s: not a number of seconds (use 0.5 or 10)", option, text);
	return value;
}

static bool choose(struct explore_options *o, const char *word)
{
	for (int i = 0; i < EXPLORE_NR_FAULTS; i++) {
		if (strcmp(word, explore_fault_names[i]) != 0 && strcmp(word, "all") != 0)
			continue;
		o->faults[i] = true;
		if (strcmp(word, "all") != 0)
			return true;
	}
	return !strcmp(word, "all");
}

static void choose_faults(struct argp_state *state, struct explore_options *o, const char *text)
{
	char *copy = explore_format("%s", text), *word, *save;

	if (!text[strspn(text, ",")])
		argp_error(state, "--faults=%s: names no fault", text);
	memset(o->faults, 0, sizeof(o->faults));
	for (word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		if (!choose(o, word))
			argp_error(state,
				   "--faults=%s: '%s' is none of errno, always, slow, hang, lost, "
				   "late, vanish, kill and all",
				   text, word);
	}
	free(copy);
}

static void print_phases(void)
{
	for (int i = 0; i < HP_NR_FAULTS; i++)
		printf("%-15s %-14s %s\n", hp_fault_infos[i].name, hp_fault_infos[i].errnos,
		       hp_fault_infos[i].what);
	exit(EXPLORE_CLEAN);
}

static const char *suffix_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot : "";
}

static bool is_report(const char *name)
{
	static const char *const suffixes[] = { ".json", ".xml", ".html", ".txt" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		if (!strcmp(suffix_of(name), suffixes[i]))
			return true;
	}
	return false;
}

static void add_report(struct argp_state *state, struct explore_options *o, const char *name)
{
	if (!is_report(name))
		argp_error(state, "--report=%s: the name must end in .json, .xml, .html or .txt",
			   name);
	if (o->nr_reports == EXPLORE_MAX_REPORTS)
		argp_error(state, "--report: at most %d", EXPLORE_MAX_REPORTS);
	o->report[o->nr_reports++].name = name;
}

static void add_pattern(struct argp_state *state, const char **array, size_t *nr, const char *text)
{
	if (*nr == EXPLORE_MAX_PATTERNS)
		argp_error(state, "'%s': at most %d of these options", text, EXPLORE_MAX_PATTERNS);
	array[(*nr)++] = text;
}

static void check_fault(struct argp_state *state, const char *text)
{
	struct run_fault fault;
	const char *why;

	if (!run_fault_parse(text, &fault, &why))
		argp_error(state, "--fault '%s': %s", text, why);
}

static void check_all(struct argp_state *state, const struct explore_options *o)
{
	if (!o->command)
		argp_error(state, "no command");
	if (o->nr_fault > 2)
		argp_error(state, "--fault: at most two in one run");
	if (o->daemon && !o->until && !o->settle)
		argp_error(state, "--daemon needs --until or --settle");
	if (o->until && !o->daemon)
		argp_error(state, "--until needs --daemon");
}

static error_t parse_number(int key, char *arg, struct argp_state *state)
{
	struct explore_options *o = state->input;

	switch (key) {
	case KEY_TIMEOUT:
		o->timeout = seconds(state, "timeout", arg);
		return 0;
	case KEY_JOBS:
		o->jobs = (unsigned int)number(state, "jobs", arg, 1, 256);
		return 0;
	case KEY_SEED:
		o->seed = number(state, "seed", arg, 0, UINT64_MAX);
		return 0;
	case KEY_MAX:
		o->max = number(state, "max", arg, 1, 10000000);
		return 0;
	case KEY_DEPTH:
		o->depth = (unsigned int)number(state, "depth", arg, 1, 2);
		return 0;
	case KEY_OK_STATUS:
		if (o->nr_ok_status == EXPLORE_MAX_PATTERNS)
			argp_error(state, "--ok-status: at most %d", EXPLORE_MAX_PATTERNS);
		o->ok_status[o->nr_ok_status++] = (int)number(state, "ok-status", arg, 1, 255);
		return 0;
	case KEY_SETTLE:
		seconds(state, "settle", arg);
		o->settle = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct explore_options *o = state->input;
	const struct {
		int key;
		const char **to;
	} texts[] = {
		{ KEY_MACHINE, &o->machine }, { KEY_CMDLINE, &o->cmdline },
		{ KEY_KERNEL, &o->kernel },   { KEY_SETUP, &o->setup },
		{ KEY_CHECK, &o->check },     { KEY_RECOVER, &o->recover },
		{ KEY_POKE, &o->poke },	      { KEY_UNTIL, &o->until },
		{ KEY_JUNIT, &o->junit },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (key != texts[i].key)
			continue;
		*texts[i].to = arg;
		return 0;
	}
	switch (key) {
	case KEY_FAULTS:
		choose_faults(state, o, arg);
		return 0;
	case KEY_FAULT:
		check_fault(state, arg);
		add_pattern(state, o->fault, &o->nr_fault, arg);
		return 0;
	case KEY_REPORT:
		add_report(state, o, arg);
		return 0;
	case KEY_IGNORE:
		add_pattern(state, o->ignore, &o->nr_ignore, arg);
		return 0;
	case KEY_ALLOW:
		if (strcmp(arg, "partial") != 0)
			argp_error(state, "--allow=%s: only \"partial\" can be allowed", arg);
		o->allow_partial = true;
		return 0;
	case KEY_COMPARE:
		o->by_amount = !strcmp(arg, "amount");
		if (!o->by_amount && strcmp(arg, "blocks") != 0)
			argp_error(state, "--compare=%s: blocks or amount", arg);
		return 0;
	case KEY_DAEMON:
		o->daemon = true;
		return 0;
	case KEY_SHRINK:
		o->shrink = arg ? arg : ".";
		return 0;
	case KEY_PHASES:
		print_phases();
		return 0;
	case ARGP_KEY_ARG:
		o->command = &state->argv[state->next - 1];
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		check_all(state, o);
		return 0;
	default:
		return parse_number(key, arg, state);
	}
}

void explore_parse(struct explore_options *options, int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.args_doc = "COMMAND [ARG...]",
		.doc = "Find every failure of memory hotplug that a program does not cope with.",
	};
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	*options = (struct explore_options){
		.faults = { [EXPLORE_ERRNO] = true,
			    [EXPLORE_ALWAYS] = true,
			    [EXPLORE_HANG] = true,
			    [EXPLORE_LOST] = true },
		.timeout = 10,
		.jobs = processors > 0 ? (unsigned int)processors : 1,
		.depth = 1,
		.max = 100000,
		.seed = 1,
	};
	argp_err_exit_status = EXPLORE_FAILED;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, options);
	if (options->jobs > 256)
		options->jobs = 256;
}

void explore_open_reports(struct explore_options *options)
{
	for (size_t i = 0; i < options->nr_reports; i++) {
		options->report[i].file = fopen(options->report[i].name, "we");
		if (!options->report[i].file)
			err(EXPLORE_FAILED, "%s", options->report[i].name);
	}
}
