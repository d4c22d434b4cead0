// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of a trial. */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "run_trial.h"

enum {
	TRIAL_KEY_SETUP = 0x200,
	TRIAL_KEY_FAULT,
	TRIAL_KEY_TRACE,
	TRIAL_KEY_TRACE_CHANGES,
	TRIAL_KEY_RESULT,
	TRIAL_KEY_JUNIT,
	TRIAL_KEY_TIMEOUT,
	TRIAL_KEY_RECOVER,
	TRIAL_KEY_CHECK,
	TRIAL_KEY_DAEMON,
	TRIAL_KEY_POKE,
	TRIAL_KEY_UNTIL,
	TRIAL_KEY_SETTLE,
};

static const struct argp_option trial_options[] = {
	{ NULL, 0, NULL, 0, "Trials:", 2 },
	{ "setup", TRIAL_KEY_SETUP, "CMD", 0, "run CMD before COMMAND", 2 },
	{ "fault", TRIAL_KEY_FAULT, "SPEC", 0,
	  "let something fail, such as \"going_online memory33 1 EBUSY\"; may be repeated", 2 },
	{ "trace", TRIAL_KEY_TRACE, "FILE", 0, "record what happens in FILE as JSON", 2 },
	{ "trace-changes", TRIAL_KEY_TRACE_CHANGES, "FILE", 0, "the same without opens and reads",
	  2 },
	{ "timeout", TRIAL_KEY_TIMEOUT, "S", 0, "kill COMMAND after S seconds", 2 },
	{ "recover", TRIAL_KEY_RECOVER, "CMD", 0, "run CMD if a fault has killed COMMAND", 2 },
	{ "check", TRIAL_KEY_CHECK, "CMD", 0, "run CMD after COMMAND", 2 },
	{ "result", TRIAL_KEY_RESULT, "FILE", 0, "write to FILE what has changed, as JSON", 2 },
	{ "junit", TRIAL_KEY_JUNIT, "FILE", 0,
	  "COMMAND has failed if its report in FILE says so, in $TMPDIR if not absolute", 2 },
	{ "daemon", TRIAL_KEY_DAEMON, NULL, 0, "end COMMAND when the machine has settled", 2 },
	{ "poke", TRIAL_KEY_POKE, "CMD", 0, "run CMD while COMMAND runs", 2 },
	{ "until", TRIAL_KEY_UNTIL, "CONDITION", 0,
	  "with --daemon: until the file reads as the text, as \"PATH TEXT\"", 2 },
	{ "settle", TRIAL_KEY_SETTLE, "S", 0, "wait until nothing has changed for S seconds", 2 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static unsigned int milliseconds(struct argp_state *state, const char *option, const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds > 0) || seconds > 86400)
		argp_error(state, "--%s=%s: not a number of seconds (use 0.5 or 10)", option, text);
	return (unsigned int)(seconds * 1000 + 0.5);
}

static void add_fault(struct argp_state *state, struct run_trial *trial, const char *text)
{
	const char *why;

	if (trial->nr_faults == RUN_MAX_FAULTS)
		argp_error(state, "--fault: at most %d", RUN_MAX_FAULTS);
	if (!run_fault_parse(text, &trial->faults[trial->nr_faults], &why))
		argp_error(state, "--fault '%s': %s", text, why);
	trial->nr_faults++;
}

static void check_combination(struct argp_state *state, const struct run_trial *trial)
{
	if (trial->daemon && !trial->until && !trial->settle_ms)
		argp_error(state, "--daemon needs --until or --settle");
	if (trial->until && !trial->daemon)
		argp_error(state, "--until needs --daemon");
	if (trial->until && (*trial->until == ' ' || strlen(trial->until) >= RUN_OBJECT_SIZE))
		argp_error(state, "--until: not a condition (use \"PATH TEXT\" or \"PATH\")");
}

static error_t trial_parse(int key, char *arg, struct argp_state *state)
{
	struct run_trial *trial = state->input;

	switch (key) {
	case TRIAL_KEY_SETUP:
		trial->setup = arg;
		break;
	case TRIAL_KEY_FAULT:
		add_fault(state, trial, arg);
		break;
	case TRIAL_KEY_TRACE:
	case TRIAL_KEY_TRACE_CHANGES:
		trial->trace = arg;
		trial->trace_changes = key == TRIAL_KEY_TRACE_CHANGES;
		return 0;
	case TRIAL_KEY_RESULT:
		trial->result = arg;
		break;
	case TRIAL_KEY_JUNIT:
		trial->junit = arg;
		break;
	case TRIAL_KEY_TIMEOUT:
		trial->timeout_ms = milliseconds(state, "timeout", arg);
		break;
	case TRIAL_KEY_RECOVER:
		trial->recover = arg;
		break;
	case TRIAL_KEY_CHECK:
		trial->check = arg;
		break;
	case TRIAL_KEY_DAEMON:
		trial->daemon = true;
		break;
	case TRIAL_KEY_POKE:
		trial->poke = arg;
		break;
	case TRIAL_KEY_UNTIL:
		trial->until = arg;
		break;
	case TRIAL_KEY_SETTLE:
		trial->settle_ms = milliseconds(state, "settle", arg);
		break;
	case ARGP_KEY_END:
		check_combination(state, trial);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	trial->is_used = true;
	return 0;
}

const struct argp run_trial_argp = { .options = trial_options, .parser = trial_parse };

void run_trial_open(struct run_trial *trial)
{
	trial->result_fd = -1;
	if (!trial->result)
		return;
	trial->result_fd = open(trial->result, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (trial->result_fd < 0)
		err(RUN_FAILED, "%s", trial->result);
}
