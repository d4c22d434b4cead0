/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trial in progress, shared by the files that conduct it. */
#ifndef RUN_CONDUCT_H
#define RUN_CONDUCT_H

#include "run.h"

/*
 * struct conduct - a trial in progress
 * @spare: processes that existed before the command
 * @status: of the command; @ended: it has one
 * @killed, @timed_out, @stuck: what has ended it: a fault, the time limit, or that it waits for
 *				  ever
 * @until_pid: waits for the condition; 0: it holds
 * @fired: how often each fault has taken place
 */
struct conduct {
	const struct run *run;
	struct run_trial *trial;
	pid_t command;
	pid_t *spare;
	size_t nr_spare;
	int status;
	bool ended;
	bool killed;
	bool timed_out;
	bool stuck;
	bool settled;
	pid_t until_pid;
	uint64_t fired[RUN_MAX_FAULTS];
	json_t *result;
};

/* ---- the processes of the command (run_family.c) --------------------------------------------- */

/**
 * run_start() - start a shell command, or the command itself
 * @shell: NULL: the command
 * @out: a descriptor for its output, or -1
 */
pid_t run_start(const struct conduct *c, const char *shell, int out);
/** run_shell() - run a shell command until it ends or the time limit; its status of waitpid(). */
int run_shell(struct conduct *c, const char *shell, int out);
/** run_shell_status() - a status of waitpid(), as a shell has it in $?. */
int run_shell_status(int status);
/** run_reap() - take the statuses of processes that have ended. */
void run_reap(struct conduct *c);
/**
 * run_all_wait() - whether all processes of the command wait for ever
 * @everyone: those that were there before it as well
 *
 * Return: 0: they do not; otherwise a number that is another one if any of them has run in between.
 */
uint64_t run_all_wait(const struct conduct *c, bool everyone);
/** run_let_end() - wait a while for processes that the command has left. */
void run_let_end(struct conduct *c);
/** run_end_command() - end what is left of it, and the faults with what they hold up. */
void run_end_command(struct conduct *c);

/* ---- the result (run_result.c) --------------------------------------------------------------- */

/** run_note_status() - note how the command has ended. */
void run_note_status(struct conduct *c);
/** run_afterwards() - run --recover or --check, note what has come of it; its status in a shell. */
int run_afterwards(struct conduct *c, const char *name, const char *shell);
/** run_note_time() - note the time of the machine. */
void run_note_time(struct conduct *c, const char *name);
/** run_write_result() - write the file of --result; false: it cannot be written (reported). */
bool run_write_result(const struct conduct *c);

#endif
