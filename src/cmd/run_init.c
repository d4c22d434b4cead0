// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memhp/cli/children.h"
#include "run_calls.h"

/* Whether @fd is in a file system that shows the real machine. */
static bool is_real(int fd)
{
	struct statfs st;

	return !fstatfs(fd, &st) && (st.f_type == SYSFS_MAGIC || st.f_type == PROC_SUPER_MAGIC ||
				     st.f_type == DEBUGFS_MAGIC);
}

/*
 * Closes the caller's descriptors that lead around the view. Standard input and output stay open,
 * unless they are directories: the caller may redirect them to any file.
 */
static void close_real_descriptors(void)
{
	struct dirent *entry;
	DIR *d = opendir("/proc/self/fd");

	while (d && (entry = readdir(d))) {
		int fd = atoi(entry->d_name);
		struct stat st;

		if (*entry->d_name == '.' || fd == dirfd(d) || !is_real(fd) ||
		    (fd <= STDERR_FILENO && !fstat(fd, &st) && !S_ISDIR(st.st_mode)))
			continue;
		close(fd);
	}
	if (d)
		closedir(d);
}

/* The working directory may be one that the view covers; it is entered anew. */
static void enter_cwd(const struct run *run)
{
	if (*run->cwd && !chdir(run->cwd))
		return;
	warnx("the working directory %s does not exist in the view; starting in /", run->cwd);
	if (chdir("/"))
		_exit(RUN_FAILED);
}

/* Lets the process behind @sock answer the system calls of the command. */
static void filter_calls(int sock)
{
	int fd = run_calls_filter();

	/* A process can have one such filter only; before Linux 5.19 it would not be safe. */
	if (fd == -EBUSY || fd == -EINVAL) {
		warnx("system calls such as sysinfo are answered by the %s",
		      fd == -EBUSY ? "machine outside" : "real kernel, which is older than 5.19");
		return;
	}
	if (fd < 0 || !run_calls_send(sock, fd)) {
		warnx("system calls cannot be filtered (%s): --no-seccomp leaves that out",
		      strerror(fd < 0 ? -fd : errno));
		_exit(RUN_FAILED);
	}
	close(fd);
}

static pid_t start_command(const struct run *run, int calls)
{
	char **command = run->options->command;
	pid_t pid = fork();
	int status;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigprocmask(SIG_SETMASK, &run->mask, NULL);
	setenv("MEMHPFS_ROOT", run->root, 1);
	/* Otherwise libudev rejects all files that are not in a sysfs. */
	setenv("SYSTEMD_DEVICE_VERIFY_SYSFS", "0", 1);
	if (calls >= 0)
		filter_calls(calls);
	if (run->options->trial.is_used)
		run_trial(run, &run->options->trial);
	execvp(command[0], command);
	/* warn() may change errno */
	status = errno == ENOENT ? RUN_NOT_FOUND : RUN_CANNOT_INVOKE;
	warn("%s", command[0]);
	_exit(status);
}

/*
 * Waits for the command to end; returns its status. With @has_pids, signals are passed on if they
 * come from outside: in the view, those for process 1 have no effect, as those for a real init.
 */
static int attend(pid_t command, bool has_pids)
{
	int status, command_status = RUN_FAILED << 8;

	for (bool ended = false; !ended;) {
		pid_t sender, pid;
		int signo = run_signal_wait(&sender);

		if (signo && signo != SIGCHLD && (!has_pids || !sender))
			kill(command, signo);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid != command)
				continue;
			command_status = status;
			ended = true;
		}
	}
	return command_status;
}

/*
 * Mounts the procfs of this PID namespace in place of the caller's, or over it if it is locked. In
 * a user namespace, the kernel allows that only while the caller's can still be seen.
 */
static bool replace_proc(const struct run *run)
{
	char path[PATH_MAX];
	bool good;

	snprintf(path, sizeof(path), "%s/proc", run->base);
	if (mkdir(path, 0755) ||
	    mount("proc", path, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return false;
	(void)umount2("/proc", MNT_DETACH);
	good = !mount(path, "/proc", NULL, MS_MOVE, NULL);
	rmdir(path);
	return good;
}

void run_init(struct run *run, bool has_pids, int link, int calls)
{
	pid_t command;
	int status;

	if (has_pids && !replace_proc(run))
		_exit(RUN_NO_PROC);
	children_adopt();
	if (!run_make_view(run) || !run_enter_lock(run))
		_exit(RUN_FAILED);
	/* Only now: entering a user namespace clears it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (!run_step_done(link) || !run_step_wait(link) || !run_loopback_up())
		_exit(RUN_FAILED);
	close(link);
	close_real_descriptors();
	enter_cwd(run);
	command = start_command(run, calls);
	if (command < 0) {
		warn("fork");
		_exit(RUN_FAILED);
	}
	status = attend(command, has_pids);
	children_end(NULL, 0);
	_exit(write(run->status_fd, &status, sizeof(status)) == sizeof(status) ? 0 : RUN_FAILED);
}
