/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memhpsim --live: operations on a mount or on a real machine. */
#ifndef CMD_LIVE_H
#define CMD_LIVE_H

#include "memhp/sim/live.h"

/**
 * struct live - where the operations of a file are done
 * @root: a directory
 * @really: also if this changes a real machine
 * @name: the file of operations, in messages
 * @stream: the operations are not known before they are read (standard input)
 */
struct live {
	const char *root;
	bool really;
	const char *name;
	bool stream;
	enum sim_root kind;
	struct sim *sim;
};

/**
 * live_begin() - check that all can be done, say what changes, and make live->sim
 * @in: the operations; read, and rewound, unless it is a stream
 *
 * Return: 0, or an exit status after an explanation on standard error.
 */
int live_begin(struct live *live, FILE *in);
/** live_describe() - print the head of a recording. */
void live_describe(const struct live *live);
/**
 * live_operation() - do an operation, and print it with its answer
 * @line: "> OPERATION"
 *
 * Return: 0; SIM_SYNTAX with the reason in live->sim->what, when nothing was done.
 */
int live_operation(struct live *live, const char *line);
/**
 * live_end() - put back what was changed, and free live->sim
 *
 * If a signal ended the operations, it ends the process now.
 *
 * Return: @status, or an exit status if something could not be put back.
 */
int live_end(struct live *live, int status);

#endif
