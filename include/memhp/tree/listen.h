/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is told of what happens in a tree. */
#ifndef MEMHP_TREE_LISTEN_H
#define MEMHP_TREE_LISTEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct hp_uevent;
struct tree;

/**
 * struct tree_trace - something that happened
 * @ns: when, by the machine's clock; @start_ns: when what took time began
 * @id: of a request; of a change that of the request that caused it; 0: none
 * @op: "open", "read", "write", "mkdir", "rmdir", "uevent", "change", or "held": at a race gate
 * @pid: whose call it was; 0: nobody's
 * @command: the name of his program
 * @path: below the mount; of a uevent: its DEVPATH
 * @value: of a read or write; of a uevent: its action; "held": the gate; NULL: there is none
 * @result: as the call has it
 * @changes: what a write changed: lines of a path, a blank and what it is now, NULL: nothing;
 *	     @nr_more: those that there was no room for
 */
struct tree_trace {
	uint64_t id;
	uint64_t ns;
	uint64_t start_ns;
	const char *op;
	pid_t pid;
	const char *command;
	const char *path;
	const char *value;
	size_t len;
	ssize_t result;
	const char *changes;
	uint64_t nr_more;
};
typedef void tree_trace_fn(void *ctx, const struct tree_trace *trace);

/**
 * struct tree_helper - who runs the program in sys/kernel/uevent_helper
 * @run: for an event; never with an empty @path
 * @set: another @path, or the same one, was written; empty: none is to be run any more
 */
struct tree_helper {
	void (*run)(void *ctx, const char *path, const struct hp_uevent *event);
	void (*set)(void *ctx, const char *path);
};
/** tree_set_helper() - NULL: nobody runs it */
void tree_set_helper(struct tree *tree, const struct tree_helper *helper, void *ctx);
typedef void tree_watch_fn(void *ctx, uint64_t ino);
/** tree_set_watcher() - @fn is told of a directory that has come to have more or fewer others */
void tree_set_watcher(struct tree *tree, tree_watch_fn *fn, void *ctx);
/**
 * struct tree_keeper - keeps names and texts until it is told that they are gone
 * @name_gone: of a block in directory @dir; @text_gone: of a file with a fixed text
 */
struct tree_keeper {
	void (*name_gone)(void *ctx, uint64_t dir, const char *name);
	void (*text_gone)(void *ctx, uint64_t ino);
};
/** tree_set_keeper() - from now on, sizes of files with a fixed text are those of the text */
void tree_set_keeper(struct tree *tree, const struct tree_keeper *keeper, void *ctx);
/**
 * tree_set_tracer() - @fn is told what happens while machine/trace is read
 * @always: also else
 */
void tree_set_tracer(struct tree *tree, tree_trace_fn *fn, void *ctx, bool always);
/** tree_put_trace() - a line of machine/trace, with its newline. */
void tree_put_trace(struct tree *tree, const char *line, size_t len);
#define TREE_COMMAND_SIZE 64
typedef void tree_command_fn(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE]);
/**
 * tree_set_command() - @fn gives the name of a caller's program, "" when it cannot
 *
 * It is asked only for traces and while a race gate is enabled.
 */
void tree_set_command(struct tree *tree, tree_command_fn *fn, void *ctx);

#endif
