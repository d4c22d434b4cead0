/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listeners to what happens in a tree. */
#ifndef MEMHP_TREE_LISTEN_H
#define MEMHP_TREE_LISTEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct hp_uevent;
struct tree;

/**
 * struct tree_trace - an event
 * @ns: when it happened, by the machine's clock; @start_ns: when it began, if it took time
 * @id: the id of a request; for a change or step, that of the request that caused it; 0: none
 * @op: "open", "read", "write", "mkdir", "rmdir", "uevent", "change"; "step":
 *	one that a fault plan can fail; "held": at a race gate
 * @pid: the calling process; 0: none
 * @command: the name of its program
 * @path: below the mount; of a uevent: its DEVPATH; of a step: its blocks, "memory32-39"
 * @value: of a read or write; of a uevent: its action; of a step: its phase; "held": the gate;
 *	   NULL: none
 * @result: as returned by the call
 * @changes: what a write changed, as lines of a path, a blank and the new value; NULL: nothing
 * @nr_more: the number of changes that did not fit
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
 * struct tree_helper - runs the program in sys/kernel/uevent_helper
 * @run: runs it for an event; never called with an empty @path
 * @set: @path was written, possibly the same one; empty: none is to be run any more
 */
struct tree_helper {
	void (*run)(void *ctx, const char *path, const struct hp_uevent *event);
	void (*set)(void *ctx, const char *path);
};
/** tree_set_helper() - set who runs that program; NULL: nobody. */
void tree_set_helper(struct tree *tree, const struct tree_helper *helper, void *ctx);
/**
 * struct tree_monitor - who has the clients of the hypervisor's monitor (memhp/qmp.h)
 * @event: an event for all of them; @data: JSON, or NULL; @by_guest: see struct qmp_host
 * @where: the address that they connect to
 * @quit: one of them has ended the machine
 */
struct tree_monitor {
	void (*event)(void *ctx, const char *name, const char *data, bool by_guest);
	const char *(*where)(void *ctx);
	void (*quit)(void *ctx);
};
/** tree_set_monitor() - set who has them; NULL: nobody. */
void tree_set_monitor(struct tree *tree, const struct tree_monitor *monitor, void *ctx);
typedef void tree_watch_fn(void *ctx, uint64_t ino);
/**
 * tree_set_watcher() - call @fn when attributes change that no call on their inode has changed: a
 *			directory gains or loses subdirectories, or a reboot undoes a chmod or chown
 */
void tree_set_watcher(struct tree *tree, tree_watch_fn *fn, void *ctx);
/**
 * struct tree_cache_listener - caches names and texts until notified that they are gone
 * @name_gone: the name of a block in directory @dir is gone
 * @text_gone: the text of a file with a fixed text is gone
 */
struct tree_cache_listener {
	void (*name_gone)(void *ctx, uint64_t dir, const char *name);
	void (*text_gone)(void *ctx, uint64_t ino);
};
/** tree_set_cache_listener() - with one, the size of a file with a fixed text is that text's. */
void tree_set_cache_listener(struct tree *tree, const struct tree_cache_listener *cache_listener,
			     void *ctx);
/** enum tree_trace_what - what is traced while machine/trace is not read: nothing, ... */
enum tree_trace_what { TREE_TRACE_READERS, TREE_TRACE_ALL, TREE_TRACE_CHANGES };
/**
 * tree_set_tracer() - call @fn for each event while machine/trace is read
 * @what: what it is called for otherwise; TREE_TRACE_CHANGES: all but opens and reads
 */
void tree_set_tracer(struct tree *tree, tree_trace_fn *fn, void *ctx, enum tree_trace_what what);
/** tree_trace_is_read() - whether an event is an open or a read. */
bool tree_trace_is_read(const char *op);
/** tree_put_trace() - add a line, with its newline, to machine/trace. */
void tree_put_trace(struct tree *tree, const char *line, size_t len);
#define TREE_COMMAND_SIZE 64
typedef void tree_command_fn(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE]);
/**
 * tree_set_command() - set the function that finds the name of a caller's program; "" if it cannot
 *
 * It is called only for traces and while a race gate is enabled.
 */
void tree_set_command(struct tree *tree, tree_command_fn *fn, void *ctx);

#endif
