/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the real kernel says of processes, and its time. */
#ifndef RUN_READ_H
#define RUN_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** run_read_proc() - read a file of /proc/PID as a string; false: it cannot be read. */
bool run_read_proc(pid_t pid, const char *name, char *text, size_t size);

/**
 * struct run_thread - from /proc/TID/stat
 * @started: distinguishes threads that have the same number in turn
 * @cpu: on which it has run last
 */
struct run_thread {
	pid_t parent;
	unsigned long long started;
	unsigned int cpu;
};

/** run_thread_stat() - look at a thread; false: there is none. */
bool run_thread_stat(pid_t tid, struct run_thread *ret_thread);

/** run_now_ms() - a time that only advances. */
uint64_t run_now_ms(void);

#endif
