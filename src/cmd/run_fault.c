// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults of a trial. A step of the kernel fails by a fault plan. At a request, a race gate holds
 * the command, and a process that watches it lets something happen. That process waits at a race
 * gate as well, whose condition is that somebody waits at the first one; so nothing polls.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"
#include "run_trial.h"

/* What the watching process reads at its gate. */
#define WATCHED "machine/clock/mode"

/* ---- files of the machine -------------------------------------------------------------------- */

static int put_at(int dir, const char *path, const char *text)
{
	ssize_t len = -1;
	int fd, error;

	fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0)
		len = write(fd, text, strlen(text));
	error = errno;
	if (fd >= 0)
		close(fd);
	return len < 0 ? error : 0;
}

int run_put(const struct run *run, const char *path, const char *text)
{
	char name[PATH_MAX + 640];

	snprintf(name, sizeof(name), "%s/%s", run->root, path);
	return put_at(AT_FDCWD, name, text);
}

bool run_get(const struct run *run, const char *path, char *text, size_t size)
{
	char name[PATH_MAX + 64];
	ssize_t len = -1;
	int fd;

	snprintf(name, sizeof(name), "%s/%s", run->root, path);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, size - 1);
		close(fd);
	}
	if (len < 0)
		return false;
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

/*
 * Creates machine/KIND/NAME and sets its files; pairs of names and values, up to NULL. A value of
 * NULL is the default.
 */
static bool make(const struct run *run, const char *kind, const char *name,
		 const char *const settings[])
{
	char path[PATH_MAX + 64];
	int error, dir;

	snprintf(path, sizeof(path), "%s/machine/%s/%s", run->root, kind, name);
	dir = mkdir(path, 0755) ? -1 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	error = dir < 0 ? errno : 0;
	for (; !error && settings[0]; settings += 2)
		error = settings[1] ? put_at(dir, settings[0], settings[1]) : 0;
	if (error)
		warnx("machine/%s/%s%s%s: %s", kind, name, dir < 0 ? "" : "/",
		      dir < 0 ? "" : settings[-2], strerror(error));
	if (dir >= 0)
		close(dir);
	return !error;
}

static void remove_it(const struct run *run, const char *kind, const char *name)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/machine/%s/%s", run->root, kind, name);
	rmdir(path);
}

static uint64_t number_of(const struct run *run, const char *path)
{
	char text[64];

	return run_get(run, path, text, sizeof(text)) ? strtoull(text, NULL, 0) : 0;
}

/* ---- devices that vanish --------------------------------------------------------------------- */

/* Unplugs the device that has an address, of the kind that is unplugged by writing 0 to @file. */
static void vanish_kind(const struct run *run, const char *kind, const char *file, uint64_t addr)
{
	char dir[PATH_MAX + 64], path[600];
	struct dirent *entry;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/machine/%s", run->root, kind);
	d = opendir(dir);
	while (d && (entry = readdir(d))) {
		uint64_t start, size;

		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "machine/%s/%s/addr", kind, entry->d_name);
		start = number_of(run, path);
		snprintf(path, sizeof(path), "machine/%s/%s/size", kind, entry->d_name);
		size = number_of(run, path);
		snprintf(path, sizeof(path), "machine/%s/%s/%s", kind, entry->d_name, file);
		if (addr >= start && addr - start < size)
			(void)run_put(run, path, "0");
	}
	if (d)
		closedir(d);
}

static void vanish(const struct run *run, const char *path)
{
	const char *name = strstr(path, "/memory/memory");
	char text[64];
	uint64_t addr;

	if (!name ||
	    !run_get(run, "sys/devices/system/memory/block_size_bytes", text, sizeof(text)))
		return;
	addr = strtoull(name + strlen("/memory/memory"), NULL, 10) * strtoull(text, NULL, 16);
	vanish_kind(run, "dimm", "plugged", addr);
	vanish_kind(run, "virtio-mem", "requested_size", addr);
}

/* ---- watching -------------------------------------------------------------------------------- */

/* Waits at a gate of its own until @condition holds. */
static bool wait_until(const struct run *run, const char *gate, const char *condition)
{
	const char *const settings[] = { "actor", gate,	     "op",	"read", "path", WATCHED,
					 "until", condition, "enabled", "1",	NULL };
	char text[16];

	prctl(PR_SET_NAME, gate, 0, 0, 0);
	return make(run, "race", gate, settings) && (run_step_done(STDOUT_FILENO) || true) &&
	       run_get(run, WATCHED, text, sizeof(text));
}

/* Starts a process that is ready when it has made its gate; its standard output tells. */
static pid_t fork_watcher(int *ret_ready)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC)) {
		warn("pipe");
		return -1;
	}
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
	} else {
		*ret_ready = fds[0];
	}
	close(fds[1]);
	return pid;
}

static bool is_ready(int fd)
{
	bool ready = run_step_wait(fd);

	close(fd);
	return ready;
}

pid_t run_until_watch(const struct run *run, const char *until)
{
	int ready;
	pid_t pid = fork_watcher(&ready);

	if (!pid)
		_exit(wait_until(run, "memhpfs-until", until) ? 0 : RUN_FAILED);
	return pid > 0 && is_ready(ready) ? pid : -1;
}

static void watch(const struct run *run, const struct run_fault *fault, unsigned int nr)
{
	char name[32], gate[32], condition[64], path[64];

	snprintf(name, sizeof(name), "fault%u", nr);
	snprintf(gate, sizeof(gate), "memhpfs-at%u", nr);
	snprintf(condition, sizeof(condition), "machine/race/%s/waiting 1", name);
	if (!wait_until(run, gate, condition))
		_exit(RUN_FAILED);
	if (fault->action == RUN_VANISH) {
		vanish(run, fault->object);
		snprintf(path, sizeof(path), "machine/race/%s/release", name);
		(void)run_put(run, path, "1");
	}
	_exit(0);
}

/* ---- arming ---------------------------------------------------------------------------------- */

static bool arm_plan(const struct run *run, const struct run_fault *fault, const char *name)
{
	char after[24];
	const char *const settings[] = { "phase",    fault->what,
					 "block",    fault->object,
					 "errno",    fault->error,
					 "after",    fault->after ? after : NULL,
					 "count",    fault->once ? "1" : NULL,
					 "delay_ms", *fault->delay ? fault->delay : NULL,
					 "enabled",  "1",
					 NULL };

	snprintf(after, sizeof(after), "%llu", (unsigned long long)fault->after);
	return make(run, "fault", name, settings);
}

bool run_fault_arm(const struct run *run, struct run_fault *fault, unsigned int nr)
{
	char name[32], after[24];
	const char *const settings[] = { "op",	    fault->what,
					 "path",    fault->object,
					 "at",	    fault->at_answer ? "answer" : NULL,
					 "after",   fault->after ? after : NULL,
					 "count",   "1",
					 "enabled", "1",
					 NULL };
	int ready;

	snprintf(name, sizeof(name), "fault%u", nr);
	snprintf(after, sizeof(after), "%llu", (unsigned long long)fault->after);
	if (fault->action == RUN_PLAN)
		return arm_plan(run, fault, name);
	if (!make(run, "race", name, settings))
		return false;
	if (fault->action == RUN_HOLD)
		return true;
	fault->watcher = fork_watcher(&ready);
	if (!fault->watcher)
		watch(run, fault, nr);
	return fault->watcher > 0 && is_ready(ready);
}

uint64_t run_fault_fired(const struct run *run, const struct run_fault *fault, unsigned int nr)
{
	char path[64];

	snprintf(path, sizeof(path),
		 fault->action == RUN_PLAN ? "machine/fault/fault%u/failures" :
					     "machine/race/fault%u/passed",
		 nr);
	return number_of(run, path);
}

bool run_fault_hangs(const struct run *run, const struct run_fault *fault, unsigned int nr)
{
	char path[64];

	if (fault->action != RUN_PLAN && fault->action != RUN_HOLD)
		return false;
	if (fault->action == RUN_PLAN && strcmp(fault->delay, "hang") != 0)
		return false;
	snprintf(path, sizeof(path),
		 fault->action == RUN_PLAN ? "machine/fault/fault%u/failures" :
					     "machine/race/fault%u/waiting",
		 nr);
	return number_of(run, path);
}

uint64_t run_fault_end(const struct run *run, struct run_fault *fault, unsigned int nr)
{
	bool is_plan = fault->action == RUN_PLAN;
	uint64_t times = run_fault_fired(run, fault, nr);
	char name[32];

	if (fault->watcher > 0)
		kill(fault->watcher, SIGKILL);
	snprintf(name, sizeof(name), "fault%u", nr);
	remove_it(run, is_plan ? "fault" : "race", name);
	snprintf(name, sizeof(name), "memhpfs-at%u", nr);
	if (!is_plan)
		remove_it(run, "race", name);
	return times;
}
