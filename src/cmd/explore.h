/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memhpfs-explore: runs a program once for each failure that it can meet, and says how it copes.
 *
 * Each run is a memhpfs-run of its own. A run without faults says what can fail (explore_points.c);
 * the runs that follow from it (explore_plan.c) are made several at a time (explore_runs.c), judged
 * by what can be seen from outside (explore_verdict.c), and reported (explore_report.c).
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Exit statuses; EXPLORE_FAILED as of memhpfs-run. */
enum { EXPLORE_CLEAN = 0, EXPLORE_FOUND = 1, EXPLORE_FAILED = 125, EXPLORE_INTERRUPTED = 130 };

/** enum explore_fault - what can be done to a point (the table explore_faults) */
enum explore_fault {
	EXPLORE_ERRNO,
	EXPLORE_ALWAYS,
	EXPLORE_SLOW,
	EXPLORE_HANG,
	EXPLORE_LOST,
	EXPLORE_LATE,
	EXPLORE_VANISH,
	EXPLORE_KILL,
	EXPLORE_NR_FAULTS,
};
extern const char *const explore_fault_names[EXPLORE_NR_FAULTS];

/**
 * enum explore_verdict - how a run has ended (the table explore_verdicts)
 * @EXPLORE_NOT_RUN: it was interrupted, or left out
 * @EXPLORE_BROKEN: memhpfs-run itself failed
 */
enum explore_verdict {
	EXPLORE_NOT_RUN,
	EXPLORE_SAME,
	EXPLORE_REPORTED,
	EXPLORE_PARTIAL,
	EXPLORE_SILENT,
	EXPLORE_STUCK,
	EXPLORE_CRASHED,
	EXPLORE_CHECK,
	EXPLORE_BROKEN,
	EXPLORE_NR_VERDICTS,
};

/** struct explore_verdict_info - a row: its word, whether it is a finding, and what it means */
struct explore_verdict_info {
	const char *word;
	bool is_finding;
	const char *meaning;
	const char *colour;
};
extern const struct explore_verdict_info explore_verdicts[EXPLORE_NR_VERDICTS];

#define EXPLORE_MAX_PATTERNS 32
#define EXPLORE_MAX_REPORTS 8

/**
 * struct explore_options - the command line
 * @by_amount: states are the same if as many blocks are in each state, whichever they are
 * @faults: which of them are tried
 * @shrink: the directory for smaller machines; NULL: findings are left as they are
 * @fault: those of --fault, which are tried together in place of all others
 * @ok_status: exit statuses with which a partial result is allowed
 */
struct explore_options {
	const char *machine;
	const char *cmdline;
	const char *kernel;
	const char *setup;
	const char *check;
	const char *recover;
	const char *poke;
	const char *until;
	const char *settle;
	const char *junit;
	const char *shrink;
	bool daemon;
	bool allow_partial;
	bool by_amount;
	bool faults[EXPLORE_NR_FAULTS];
	const char *fault[EXPLORE_MAX_PATTERNS];
	size_t nr_fault;
	const char *ignore[EXPLORE_MAX_PATTERNS];
	size_t nr_ignore;
	int ok_status[EXPLORE_MAX_PATTERNS];
	size_t nr_ok_status;
	struct {
		const char *name;
		FILE *file;
	} report[EXPLORE_MAX_REPORTS];
	size_t nr_reports;
	double timeout;
	unsigned int jobs;
	unsigned int depth;
	unsigned long max;
	uint64_t seed;
	char **command;
};

/**
 * struct explore_point - something that can fail
 * @what: a phase of a fault plan, or an operation
 * @object: its blocks ("memory33"), or a path
 * @passing: how often it has been passed, from 1 on
 * @is_request: a change that the command asks for
 * @has_device: its block belongs to a device that can be unplugged
 */
struct explore_point {
	char *what;
	char *object;
	unsigned int passing;
	bool is_request;
	bool has_device;
};

struct explore_points {
	struct explore_point *point;
	size_t nr;
};

/**
 * struct explore_run - one run
 * @label: the column of the table: an errno or the name of a fault
 * @point: the index of its point in the baseline, and of the second one's; -1: none
 * @spec: for --fault of memhpfs-run; NULL: none
 * @machine: the file of a smaller machine than the given one, or NULL
 * @result: of memhpfs-run --result; kept for findings
 * @lines: of the trace, as text; kept for findings
 * @points: what it passes; only with --depth=2
 * @why: a sentence about the verdict
 */
struct explore_run {
	char *label;
	long point;
	char *spec[2];
	char *machine;
	enum explore_verdict verdict;
	bool is_finding;
	bool missed;
	int status;
	double seconds;
	json_t *result;
	char *lines;
	char *output;
	char *why;
	struct explore_points points;
};

/**
 * struct explore - the whole
 * @mask: the caller's signal mask, which the runs get
 * @other_points: points of only one of the two baselines, as text
 * @baseline: the first run without faults
 * @nr_machines, @nr_kept: smaller machines that were tried, and that are kept
 */
struct explore {
	struct explore_options *options;
	sigset_t mask;
	char dir[64];
	struct explore_run baseline;
	struct explore_points points;
	char **other_points;
	size_t nr_other_points;
	struct explore_run *run;
	size_t nr_runs;
	size_t nr_done;
	size_t nr_findings;
	size_t nr_machines;
	size_t nr_kept;
	bool interrupted;
	bool check_fails;
	double seconds;
};

/* ---- explore_args.c -------------------------------------------------------------------------- */

/** explore_parse() - parse the command line; an invalid one ends the program. */
void explore_parse(struct explore_options *options, int argc, char **argv);
/** explore_open_reports() - open the reports before anything is run; errors end the program. */
void explore_open_reports(struct explore_options *options);

/* ---- explore_text.c -------------------------------------------------------------------------- */

/** explore_format() - as asprintf(); out of memory ends the program. */
char *explore_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** explore_grow() - an array that has room for one more element, set to 0. */
void *explore_grow(void *array, size_t nr, size_t size);
/** explore_quote() - append a word for a shell to @out, quoted if necessary. */
void explore_quote(FILE *out, const char *word);
/** explore_command() - the command line of memhpfs-explore that repeats @run; to be freed. */
char *explore_command(const struct explore_options *options, const struct explore_run *run);
/** explore_default_recover() - the command itself, for a shell; to be freed. */
char *explore_default_recover(const struct explore_options *options);
/** explore_point_text() - "going_online memory33 1"; to be freed. */
char *explore_point_text(const struct explore_point *point);
/** explore_read_file() - the whole text; NULL: there is none; to be freed. */
char *explore_read_file(const char *path);

/* ---- explore_points.c ------------------------------------------------------------------------ */

/**
 * explore_find_points() - what a run has passed
 * @trace: its trace
 * @result: of memhpfs-run
 */
struct explore_points explore_find_points(const char *trace, const json_t *result);
void explore_free_points(struct explore_points *points);
bool explore_same_point(const struct explore_point *a, const struct explore_point *b);
/** explore_trace_lines() - the end of what happened, in lines for people; to be freed. */
char *explore_trace_lines(const char *trace, const json_t *result);

/* ---- explore_plan.c -------------------------------------------------------------------------- */

/** explore_plan() - add a run for each point and fault. */
void explore_plan(struct explore *x);
/** explore_plan_pairs() - add a run for each later point of each run that has coped. */
void explore_plan_pairs(struct explore *x);

/* ---- explore_runs.c -------------------------------------------------------------------------- */

/**
 * explore_do() - do run @run now
 *
 * Return: its verdict is EXPLORE_BROKEN if memhpfs-run has failed. What it prints is in @output.
 */
void explore_do(struct explore *x, struct explore_run *run, const char *name);
/** explore_do_all() - do the runs from @first on, several at a time. */
void explore_do_all(struct explore *x, size_t first);
void explore_free_run(struct explore_run *run);

/* ---- explore_shrink.c ------------------------------------------------------------------------ */

/** explore_check_shrink() - whether machines can be written; if not, that ends the program. */
void explore_check_shrink(const struct explore_options *options);
/** explore_shrink() - let findings have fewer faults, and the first of each kind less memory. */
void explore_shrink(struct explore *x);

/* ---- explore_verdict.c ----------------------------------------------------------------------- */

/** explore_judge() - set the verdict of a run that has a result. */
void explore_judge(const struct explore *x, struct explore_run *run);
/** explore_status_of() - the exit status of a run without faults; 0 if it was a daemon's. */
int explore_status_of(const struct explore_run *run);
/** explore_baseline_wrong() - why a run without faults is no baseline, or NULL; to be freed. */
char *explore_baseline_wrong(const struct explore *x, const struct explore_run *run);
/** explore_same_state() - whether two states are the same, except for what is ignored. */
bool explore_same_state(const struct explore_options *options, const json_t *a, const json_t *b);

/* ---- reports --------------------------------------------------------------------------------- */

/** explore_report_text() - the table and the findings. */
void explore_report_text(const struct explore *x, FILE *out);
void explore_report_json(const struct explore *x, FILE *out);
void explore_report_junit(const struct explore *x, FILE *out);
void explore_report_html(const struct explore *x, FILE *out);
/** explore_report() - write all reports; false: one could not be written (reported). */
bool explore_report(const struct explore *x);

#endif
