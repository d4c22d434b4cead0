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

struct run_policies;

#define RUN_MASK_TEXT 512

/**
 * struct run_call - a system call that waits for its answer
 * @tid: the thread, as this process sees it
 * @is_32: it has 32-bit words
 */
struct run_call {
	const struct run *run;
	struct run_policies *policies;
	struct run_covers *covers;
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

/* ---- memory policies (run_mempolicy.c): mm/mempolicy.c --------------------------------------- */

/** run_policies_new() - no thread has a policy yet; NULL: out of memory. */
struct run_policies *run_policies_new(void);
int64_t run_get_mempolicy(const struct run_call *call);
int64_t run_set_mempolicy(const struct run_call *call);
int64_t run_mbind(const struct run_call *call);
int64_t run_migrate_pages(const struct run_call *call);
int64_t run_move_pages(const struct run_call *call);

/** run_nodes_mask() - print the nodes with memory as the kernel prints masks. */
void run_nodes_mask(const struct run *run, char text[static RUN_MASK_TEXT]);

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
		int64_t until_ms;
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
int64_t run_syslog(const struct run_call *call);

#endif
