/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls whose answers depend on the machine: a seccomp filter notifies the process that
 * answers them in place of the real kernel. No other call is slower for it, and no privileges are
 * needed.
 */
#ifndef RUN_CALLS_H
#define RUN_CALLS_H

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "run.h"
#include "run_read.h"

struct run_accounts;
struct run_policies;

/**
 * struct run_call - a system call that waits for its answer
 * @accounts: NULL: memory does not count
 * @tid: the thread, as this process sees it
 * @is_32: it has 32-bit words
 */
struct run_call {
	const struct run *run;
	struct run_policies *policies;
	struct run_covers *covers;
	struct run_accounts *accounts;
	pid_t tid;
	bool is_32;
	const __u64 *args;
};

/** RUN_CONTINUE - what a run_call_fn returns if the real kernel is to execute the call */
#define RUN_CONTINUE INT64_MIN
/** typedef run_call_fn - answer a call; return: its result, or the negative errno. */
typedef int64_t (*run_call_fn)(const struct run_call *call);

/**
 * run_calls_filter() - install the filter in this process
 *
 * Return: the descriptor for run_calls_serve(), or a negative errno.
 */
int run_calls_filter(void);
/** run_calls_send() - give the descriptor to the process of run_start_calls(). */
bool run_calls_send(int sock, int fd);
/** run_calls_serve() - answer calls until no process with the filter is left. */
void run_calls_serve(const struct run *run, int fd);

/** run_call_read() - read the caller's memory; 0 or -EFAULT. */
int run_call_read(const struct run_call *call, uint64_t from, void *to, size_t len);
/** run_call_write() - write to the caller's memory; 0 or -EFAULT. */
int run_call_write(const struct run_call *call, uint64_t to, const void *from, size_t len);
/** run_read_machine() - read a file of the machine as a string; false: there is none. */
bool run_read_machine(const struct run *run, const char *name, char *text, size_t size);

/* ---- sets of nodes (run_nodes.c) ------------------------------------------------------------- */

enum {
	RUN_MAX_NODES = 1024,
	RUN_NODES_BYTES = RUN_MAX_NODES / 8,
	RUN_MASK_TEXT = 512,
};

struct run_nodes {
	unsigned char bits[RUN_NODES_BYTES];
};

bool run_nodes_have(const struct run_nodes *nodes, unsigned int nid);
/** run_nodes_none() - whether the set is empty. */
bool run_nodes_none(const struct run_nodes *nodes);
/** run_nodes_keep() - keep only those that @others has, too. */
void run_nodes_keep(struct run_nodes *nodes, const struct run_nodes *others);
unsigned int run_nodes_count(const struct run_nodes *nodes);
/** run_nodes_first() - the lowest number in a set that is not empty. */
unsigned int run_nodes_first(const struct run_nodes *nodes);
/** run_nodes_of() - the nodes that a file of the machine lists, such as "0-2,5". */
struct run_nodes run_nodes_of(const struct run *run, const char *name);
/** run_nodes_mask() - print the nodes with memory as the kernel prints masks. */
void run_nodes_mask(const struct run *run, char text[static RUN_MASK_TEXT]);
/**
 * run_nodes_read() - read a caller's mask (get_nodes())
 * @maxnode: one more than the number of its bits
 *
 * Return: 0 or a negative errno.
 */
int run_nodes_read(const struct run_call *call, uint64_t from, uint64_t maxnode,
		   struct run_nodes *ret_nodes);
/** run_nodes_write() - write a mask of @maxnode - 1 bits, in whole words (copy_nodes_to_user()). */
int run_nodes_write(const struct run_call *call, uint64_t to, uint64_t maxnode,
		    const struct run_nodes *nodes);

/* ---- memory policies (run_mempolicy.c): mm/mempolicy.c --------------------------------------- */

/** run_policies_new() - no thread has a policy yet; NULL: out of memory. */
struct run_policies *run_policies_new(void);
int64_t run_get_mempolicy(const struct run_call *call);
int64_t run_set_mempolicy(const struct run_call *call);
int64_t run_mbind(const struct run_call *call);
int64_t run_migrate_pages(const struct run_call *call);
int64_t run_move_pages(const struct run_call *call);

/* ---- memory that counts in the machine (run_account.c) --------------------------------------- */

/** run_accounts_new() - no process has chosen nodes yet; NULL: out of memory. */
struct run_accounts *run_accounts_new(const struct run *run);
/** run_accounts_free() - let no memory count any more. */
void run_accounts_free(struct run_accounts *accounts);
/** run_accounts_look() - count what is due; returns ms to wait, or -1. */
int run_accounts_look(struct run_accounts *accounts);
/** run_account_policy() - the caller's process takes memory by another policy from now on. */
void run_account_policy(const struct run_call *call, int mode, const struct run_nodes *nodes);
/** run_account_range() - so does it for the range of an mbind(). */
void run_account_range(const struct run_call *call, int mode, const struct run_nodes *nodes);
/**
 * run_account_migrate() - memory goes to other nodes
 * @otherwise: the node of memory without a policy
 */
void run_account_migrate(const struct run_call *call, const struct run_nodes *from,
			 const struct run_nodes *to, unsigned int otherwise);
/** run_account_move() - so many pages go to each node. */
void run_account_move(const struct run_call *call, const uint64_t *pages, size_t nr_nodes);

/* ---- Mems_allowed in /proc/self/status (run_status.c) ---------------------------------------- */

#define RUN_MAX_COVERS 64

/**
 * struct run_covers - files that are covered now
 * @inner: the process in the innermost PID namespace
 * @until_ms: of the monotonic clock
 */
struct run_covers {
	struct run_cover_of {
		pid_t tid;
		pid_t inner;
		uint64_t until_ms;
	} list[RUN_MAX_COVERS];
	size_t used;
};

int64_t run_sched_getaffinity(const struct run_call *call);
/** run_status_uncover() - let a thread see its real file again. */
void run_status_uncover(struct run_covers *covers, pid_t tid);
/** run_status_expire() - the same for those whose time is over; returns ms to wait, or -1. */
int run_status_expire(struct run_covers *covers);

/* ---- other calls (run_sysinfo.c) ------------------------------------------------------------- */

int64_t run_sysinfo(const struct run_call *call);
int64_t run_uname(const struct run_call *call);
int64_t run_olduname(const struct run_call *call);
int64_t run_oldolduname(const struct run_call *call);
int64_t run_getcpu(const struct run_call *call);
int64_t run_syslog(const struct run_call *call);

#endif
