/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A trial: the command runs between a setup and a check, with faults, and with a limit of time.
 *
 * The process that would otherwise become the command conducts it (run_trial.c): it is the parent
 * of the command, and of the processes that watch for the requests at which something is to happen
 * (run_fault.c).
 */
#ifndef RUN_TRIAL_H
#define RUN_TRIAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct argp;
struct run;

#define RUN_MAX_FAULTS 16
#define RUN_OBJECT_SIZE 256

/* As in timeout(1). */
#define RUN_TIMED_OUT 124

/**
 * enum run_action - what happens at a request
 * @RUN_PLAN: nothing: the fault is a fault plan
 * @RUN_KILL: the command is killed; @RUN_VANISH: the device of the block is unplugged;
 * @RUN_HOLD: nothing, and the request waits for ever
 */
enum run_action { RUN_PLAN, RUN_KILL, RUN_VANISH, RUN_HOLD };

/**
 * struct run_fault - a fault: "going_online memory33 2 EBUSY", "write sys/.../state 1 kill"
 * @what: a phase of a fault plan, or the operation of a race gate
 * @object: blocks or a pattern for a path
 * @after: passings that are left alone; @once: only the next one is concerned
 * @error, @delay: of a fault plan
 * @at_answer: it happens when the request has been carried out, before its answer
 * @watcher: the process that waits for the request; 0: none
 */
struct run_fault {
	char what[32];
	char object[RUN_OBJECT_SIZE];
	uint64_t after;
	bool once;
	char error[32];
	char delay[24];
	enum run_action action;
	bool at_answer;
	pid_t watcher;
};

/**
 * struct run_trial - what is done besides running the command
 * @setup, @poke, @recover, @check: shell commands, or NULL
 * @trace, @result: names of files, or NULL; @result_fd: the opened @result, or -1
 * @trace_changes: opens and reads are not in @trace
 * @junit: a report that the command writes, in TMPDIR if the name is relative; or NULL
 * @until: a condition as of a race gate, or NULL
 * @timeout_ms, @settle_ms: 0: none
 * @daemon: the command is ended when the machine has settled, and need not end by itself
 * @is_used: there is something to do
 */
struct run_trial {
	const char *setup;
	const char *poke;
	const char *recover;
	const char *check;
	const char *trace;
	bool trace_changes;
	const char *result;
	int result_fd;
	const char *junit;
	const char *until;
	unsigned int timeout_ms;
	unsigned int settle_ms;
	bool daemon;
	bool is_used;
	struct run_fault faults[RUN_MAX_FAULTS];
	unsigned int nr_faults;
};

/** run_trial_argp - the options; the input is a struct run_trial. */
extern const struct argp run_trial_argp;

/** run_trial_open() - open the file of the result, before the view covers it; errors end it. */
void run_trial_open(struct run_trial *trial);
/** run_trial() - set up, run the command, check, and end like the command. */
void run_trial(const struct run *run, struct run_trial *trial) __attribute__((noreturn));

/** run_junit_failed() - an array of the test cases that failed; NULL: @path is no JUnit report. */
json_t *run_junit_failed(const char *path);
/**
 * run_fault_parse() - parse the description of a fault
 * @why: set to what is wrong
 *
 * Return: success.
 */
bool run_fault_parse(const char *text, struct run_fault *fault, const char **why);
/**
 * run_fault_arm() - let fault number @nr take place from now on
 *
 * Return: success; errors are reported.
 */
bool run_fault_arm(const struct run *run, struct run_fault *fault, unsigned int nr);
/** run_fault_end() - let what it holds up go on; return: how often it has taken place. */
uint64_t run_fault_end(const struct run *run, struct run_fault *fault, unsigned int nr);
/** run_fault_fired() - how often it has taken place. */
uint64_t run_fault_fired(const struct run *run, const struct run_fault *fault, unsigned int nr);
/** run_fault_hangs() - whether it holds something up for ever at present. */
bool run_fault_hangs(const struct run *run, const struct run_fault *fault, unsigned int nr);
/** run_until_watch() - start a process that ends when @until holds; -1: it failed (reported). */
pid_t run_until_watch(const struct run *run, const char *until);

/** run_put() - write @text to a file of the machine; 0 or an errno. */
int run_put(const struct run *run, const char *path, const char *text);
/** run_get() - read a file of the machine, without its last newline; false: it cannot be read. */
bool run_get(const struct run *run, const char *path, char *text, size_t size);
/** run_state() - blocks, devices and parameters: an object of names and texts. */
json_t *run_state(const struct run *run);

/**
 * run_waits_for_ever() - whether a process waits for something that only others can bring about
 *
 * It has no timer, and sleeps in a call that has no time limit. When in doubt, it does not.
 *
 * Return: 0: it does not; otherwise a number that is greater when it has run in between.
 */
uint64_t run_waits_for_ever(pid_t pid);

#endif
