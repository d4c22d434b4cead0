// SPDX-License-Identifier: GPL-2.0-or-later
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memhp/cli/needs.h"
#include "run.h"

/* ---- maps of ids ----------------------------------------------------------------------------- */

static bool write_file(pid_t pid, const char *name, const char *text)
{
	char path[64];
	bool good;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (!good)
		warn("%s", path);
	if (fd >= 0)
		close(fd);
	return good;
}

/* The caller's first range in /etc/subuid or /etc/subgid, which name users or their numbers. */
static bool subordinate(const char *file, unsigned long *ret_start, unsigned long *ret_count)
{
	const struct passwd *user = getpwuid(getuid());
	char line[256], number[16];
	bool found = false;
	FILE *f = fopen(file, "re");

	snprintf(number, sizeof(number), "%u", getuid());
	while (f && !found && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = '\0';
		found = ((user && !strcmp(line, user->pw_name)) || !strcmp(line, number)) &&
			sscanf(colon + 1, "%lu:%lu", ret_start, ret_count) == 2;
	}
	if (f)
		fclose(f);
	return found;
}

/* Runs newuidmap(1) or newgidmap(1); it complains itself. */
static bool new_id_map(const char *program, pid_t pid, unsigned int id, const char *file)
{
	unsigned long start, count;
	char args[4][24];
	pid_t child;
	int status;

	if (!subordinate(file, &start, &count))
		return false;
	snprintf(args[0], sizeof(args[0]), "%d", (int)pid);
	snprintf(args[1], sizeof(args[1]), "%u", id);
	snprintf(args[2], sizeof(args[2]), "%lu", start);
	snprintf(args[3], sizeof(args[3]), "%lu", count);
	child = fork();
	if (!child) {
		execlp(program, program, args[0], "0", args[1], "1", "1", args[2], args[3], NULL);
		_exit(RUN_NOT_FOUND);
	}
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

bool run_map_user(pid_t pid)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char users[32], groups[32];

	/* If only the first of them works, the second fails below, with the reason. */
	if (uid && new_id_map("newgidmap", pid, gid, "/etc/subgid") &&
	    new_id_map("newuidmap", pid, uid, "/etc/subuid"))
		return true;
	snprintf(users, sizeof(users), "0 %u 1", uid);
	snprintf(groups, sizeof(groups), "0 %u 1", gid);
	return write_file(pid, "setgroups", "deny") && write_file(pid, "uid_map", users) &&
	       write_file(pid, "gid_map", groups);
}

static bool map_same(pid_t pid, const char *name)
{
	char path[32], text[4096] = "";
	unsigned long first, outer, count;
	size_t len = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/%s", name);
	f = fopen(path, "re");
	while (f && len < sizeof(text) - 64 &&
	       fscanf(f, "%lu %lu %lu", &first, &outer, &count) == 3)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%lu %lu %lu\n", first,
					first, count);
	if (f)
		fclose(f);
	return write_file(pid, name, text);
}

bool run_map_same(pid_t pid)
{
	return map_same(pid, "uid_map") && map_same(pid, "gid_map");
}

/* ---- entering -------------------------------------------------------------------------------- */

bool run_enter_mounts(int map_fd)
{
	/* Root in a container may lack the capabilities. */
	if (geteuid() || unshare(CLONE_NEWNS)) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS)) {
			needs_namespaces("namespaces cannot be created here", errno);
			return false;
		}
		if (!run_step_done(map_fd) || !run_step_wait(map_fd))
			return false;
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		needs_namespaces("nothing can be mounted in a namespace here", errno);
		return false;
	}
	return true;
}

bool run_enter_lock(const struct run *run)
{
	int flags = CLONE_NEWNET | ((CLONE_NEWIPC | CLONE_NEWUTS) & ~run->options->shared);

	if (!run->options->privileged)
		flags |= CLONE_NEWUSER | CLONE_NEWNS;
	if (!unshare(flags))
		return true;
	needs_namespaces("the view cannot be locked, which --privileged leaves out", errno);
	return false;
}

bool run_loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good = sock < 0 || !ioctl(sock, SIOCSIFFLAGS, &lo);

	if (!good)
		warn("lo");
	if (sock >= 0)
		close(sock);
	return good;
}
