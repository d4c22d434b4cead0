// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether a program waits for ever, as seen from outside: no time needs to pass to know that it
 * will not go on.
 */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run_read.h"
#include "run_trial.h"

#define NO_LIMIT (-1)

/*
 * Calls that end only by what somebody else does.
 * @limit: the argument with the time limit; NO_LIMIT: there is none
 * @is_pointer: NULL is no limit; otherwise a negative number is
 */
static const struct {
	long nr;
	int limit;
	bool is_pointer;
} calls[] = {
	{ SYS_read, NO_LIMIT, false },
	{ SYS_pread64, NO_LIMIT, false },
	{ SYS_readv, NO_LIMIT, false },
	{ SYS_write, NO_LIMIT, false },
	{ SYS_pwrite64, NO_LIMIT, false },
	{ SYS_writev, NO_LIMIT, false },
	{ SYS_openat, NO_LIMIT, false },
	{ SYS_mkdirat, NO_LIMIT, false },
	{ SYS_unlinkat, NO_LIMIT, false },
#ifdef SYS_open
	{ SYS_open, NO_LIMIT, false },
	{ SYS_mkdir, NO_LIMIT, false },
	{ SYS_rmdir, NO_LIMIT, false },
	{ SYS_pause, NO_LIMIT, false },
	{ SYS_poll, 2, false },
	{ SYS_select, 4, true },
	{ SYS_epoll_wait, 3, false },
#endif
	{ SYS_wait4, NO_LIMIT, false },
	{ SYS_waitid, NO_LIMIT, false },
	{ SYS_rt_sigsuspend, NO_LIMIT, false },
	{ SYS_recvfrom, NO_LIMIT, false },
	{ SYS_recvmsg, NO_LIMIT, false },
	{ SYS_flock, NO_LIMIT, false },
	{ SYS_futex, 3, true },
	{ SYS_ppoll, 2, true },
	{ SYS_pselect6, 4, true },
	{ SYS_epoll_pwait, 3, false },
};

/* @text: as in /proc/PID/syscall: the number and the arguments. */
static bool call_has_no_limit(const char *text)
{
	unsigned long long args[6] = { 0 };
	long nr;

	if (sscanf(text, "%ld %llx %llx %llx %llx %llx %llx", &nr, &args[0], &args[1], &args[2],
		   &args[3], &args[4], &args[5]) != 7)
		return false;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (nr != calls[i].nr)
			continue;
		if (calls[i].limit == NO_LIMIT)
			return true;
		return calls[i].is_pointer ? !args[calls[i].limit] : (int)args[calls[i].limit] < 0;
	}
	return false;
}

/* A timer of the process, a descriptor that is one, or a handler for SIGALRM. */
static bool may_have_timer(pid_t pid)
{
	char text[4096], path[64], target[64];
	struct dirent *entry;
	bool found = false;
	const char *caught;
	DIR *d;

	if (!run_read_proc(pid, "timers", text, sizeof(text)) || *text)
		return true;
	if (!run_read_proc(pid, "status", text, sizeof(text)))
		return true;
	caught = strstr(text, "\nSigCgt:");
	if (!caught || strtoull(caught + 8, NULL, 16) & 1ULL << (SIGALRM - 1))
		return true;
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	d = opendir(path);
	while (d && !found && (entry = readdir(d))) {
		ssize_t len = readlinkat(dirfd(d), entry->d_name, target, sizeof(target) - 1);

		target[len > 0 ? len : 0] = '\0';
		found = !strcmp(target, "anon_inode:[timerfd]");
	}
	if (d)
		closedir(d);
	return !d || found;
}

static uint64_t number_behind(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* How often a thread that waits has run; 0: it does not wait for ever. */
static uint64_t runs_of(pid_t pid, const char *tid)
{
	char path[64], text[4096];

	snprintf(path, sizeof(path), "task/%.16s/syscall", tid);
	if (!run_read_proc(pid, path, text, sizeof(text)) || !call_has_no_limit(text))
		return 0;
	snprintf(path, sizeof(path), "task/%.16s/status", tid);
	if (!run_read_proc(pid, path, text, sizeof(text)))
		return 0;
	return 1 + number_behind(text, "\nvoluntary_ctxt_switches:") +
	       number_behind(text, "\nnonvoluntary_ctxt_switches:");
}

uint64_t run_waits_for_ever(pid_t pid)
{
	uint64_t sum = 0, runs = 1;
	struct dirent *entry;
	char path[64];
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	d = opendir(path);
	while (d && runs && (entry = readdir(d))) {
		if (*entry->d_name == '.')
			continue;
		runs = runs_of(pid, entry->d_name);
		sum += runs;
	}
	if (d)
		closedir(d);
	return runs && !may_have_timer(pid) ? sum : 0;
}
