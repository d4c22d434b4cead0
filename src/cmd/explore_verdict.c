// SPDX-License-Identifier: GPL-2.0-or-later
/* How a run has ended, by what can be seen from outside. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

const struct explore_verdict_info explore_verdicts[EXPLORE_NR_VERDICTS] = {
	[EXPLORE_NOT_RUN] = { "-", false, "it was not run", "#ddd" },
	[EXPLORE_SAME] = { "same", false, "it has coped", "#bfe8bf" },
	[EXPLORE_REPORTED] = { "reported", false, "it failed, said so, and left nothing half done",
			       "#d6ebff" },
	[EXPLORE_PARTIAL] = { "partial", true, "it failed, and left a part done", "#ffe08a" },
	[EXPLORE_SILENT] = { "silent", true, "it says that all is well, which is not so",
			     "#ff9a9a" },
	[EXPLORE_STUCK] = { "stuck", true, "it does not end", "#e0a0ff" },
	[EXPLORE_CRASHED] = { "crashed", true, "a signal killed it", "#ff7070" },
	[EXPLORE_CHECK] = { "check", true, "--check is not content", "#ffb366" },
	[EXPLORE_BROKEN] = { "broken", true, "memhpfs-run failed", "#bbb" },
};

static bool is_ignored(const struct explore_options *options, const char *path)
{
	for (size_t i = 0; i < options->nr_ignore; i++) {
		if (!fnmatch(options->ignore[i], path, 0))
			return true;
	}
	return false;
}

/* How many blocks are in each state, in place of the blocks. */
static json_t *amounts(const struct explore_options *options, const json_t *state)
{
	json_t *sum = json_object();
	const char *path;
	json_t *value;

	json_object_foreach((json_t *)state, path, value)
	{
		const char *text = json_string_value(value);
		json_int_t nr = json_integer_value(json_object_get(sum, text));

		if (is_ignored(options, path))
			continue;
		if (options->by_amount && !strncmp(path, "memory", 6))
			json_object_set_new(sum, text, json_integer(nr + 1));
		else
			json_object_set(sum, path, value);
	}
	return sum;
}

bool explore_same_state(const struct explore_options *options, const json_t *a, const json_t *b)
{
	json_t *of_a = amounts(options, a), *of_b = amounts(options, b);
	bool same = json_equal(of_a, of_b);

	json_decref(of_a);
	json_decref(of_b);
	return same;
}

/* A device that has vanished is not missed, nor are its blocks. */
static json_t *without_vanished(const json_t *state, const json_t *end)
{
	json_t *rest = json_object();
	const char *path;
	json_t *value;

	json_object_foreach((json_t *)state, path, value)
	{
		if (strncmp(path, "machine/", 8) != 0 && json_object_get(end, path))
			json_object_set(rest, path, value);
	}
	return rest;
}

static bool is_like(const struct explore *x, const struct explore_run *run, const json_t *end,
		    const char *which)
{
	const json_t *wanted = json_object_get(x->baseline.result, which);
	json_t *a, *b;
	bool same;

	if (strcmp(run->label, "vanish") != 0)
		return explore_same_state(x->options, wanted, end);
	a = without_vanished(wanted, end);
	b = without_vanished(end, end);
	same = explore_same_state(x->options, a, b);
	json_decref(a);
	json_decref(b);
	return same;
}

static bool is_true(const json_t *result, const char *key)
{
	return json_is_true(json_object_get(result, key));
}

static int status_of(const json_t *result, const char *what)
{
	const json_t *status = json_object_get(json_object_get(result, what), "status");

	return status ? (int)json_integer_value(status) : 0;
}

static bool is_ok_status(const struct explore_options *options, int status)
{
	for (size_t i = 0; i < options->nr_ok_status; i++) {
		if (options->ok_status[i] == status)
			return true;
	}
	return false;
}

static enum explore_verdict verdict_of(const struct explore *x, const struct explore_run *run,
				       int status)
{
	bool killed = is_true(run->result, "killed");
	const json_t *end = json_object_get(run->result, killed ? "recovered" : "end");

	if (is_true(run->result, "stuck"))
		return EXPLORE_STUCK;
	if (!killed && json_object_get(run->result, "signal") && !is_true(run->result, "settled"))
		return EXPLORE_CRASHED;
	/* What should happen to the command has failed, and somebody else knows. */
	if (json_integer_value(json_object_get(run->result, "poke")) &&
	    is_like(x, run, end, "begin"))
		return EXPLORE_REPORTED;
	if (is_like(x, run, end, "end"))
		return status ? EXPLORE_REPORTED : EXPLORE_SAME;
	if (!status)
		return EXPLORE_SILENT;
	return is_like(x, run, end, "begin") ? EXPLORE_REPORTED : EXPLORE_PARTIAL;
}

/* A check is about what a program says to have done, and about nothing that it has not done. */
static bool is_checked(const struct explore *x, enum explore_verdict verdict)
{
	return verdict == EXPLORE_SAME && !x->check_fails;
}

int explore_status_of(const struct explore_run *run)
{
	return is_true(run->result, "settled") ?
		       0 :
		       (int)json_integer_value(json_object_get(run->result, "status"));
}

char *explore_baseline_wrong(const struct explore *x, const struct explore_run *run)
{
	const char *command = *x->options->command;

	if (!run->result)
		return explore_format("memhpfs-run has failed before COMMAND could run");
	if (is_true(run->result, "stuck"))
		return explore_format("without any fault, COMMAND does not %s",
				      x->options->daemon ? "settle (--timeout)" :
							   "end within --timeout (is it a "
							   "--daemon?)");
	if (run->status == 126 || run->status == 127)
		return explore_format("%s cannot be run", command);
	if (json_is_null(json_object_get(run->result, "failed_cases")))
		return explore_format("--junit: without any fault, %s writes no report there",
				      command);
	if (run->status)
		return explore_format("without any fault, %s ends with status %d: there is nothing "
				      "to compare with",
				      command, run->status);
	return NULL;
}

/* "; failed: a, b"; to be freed. */
static char *failed_cases(const struct explore_run *run)
{
	const json_t *failed = json_object_get(run->result, "failed_cases"), *name;
	char *text = explore_format("%s", ""), *more;
	size_t i;

	json_array_foreach((json_t *)failed, i, name)
	{
		more = explore_format("%s%s%s", text,
				      i ? ", " : "; failed: ", json_string_value(name));
		free(text);
		text = more;
	}
	return text;
}

void explore_judge(const struct explore *x, struct explore_run *run)
{
	bool killed = is_true(run->result, "killed"), allowed;
	const json_t *fired, *times;
	char *cases;
	size_t i;

	run->status = killed ? status_of(run->result, "recover") : explore_status_of(run);
	run->verdict = verdict_of(x, run, run->status);
	if (is_checked(x, run->verdict) && status_of(run->result, "check"))
		run->verdict = EXPLORE_CHECK;
	fired = json_object_get(run->result, "fired");
	json_array_foreach((json_t *)fired, i, times) run->missed |= !json_integer_value(times);
	allowed = run->verdict == EXPLORE_PARTIAL &&
		  (x->options->allow_partial || is_ok_status(x->options, run->status));
	run->is_finding = explore_verdicts[run->verdict].is_finding && !allowed;
	cases = failed_cases(run);
	run->why = explore_format("%s%s (status %d)%s%s",
				  killed ? "killed, and started again: " : "",
				  explore_verdicts[run->verdict].meaning, run->status,
				  run->missed ? "; the fault did not take place" : "", cases);
	free(cases);
}
