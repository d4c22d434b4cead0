// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs with libnuma learn from Mems_allowed in /proc/self/status which nodes they may use. The
 * real kernel would list its own. Before libnuma reads that file, it asks for the processors
 * (sched_getaffinity()); then a copy of the file with the machine's nodes covers it, until the
 * program sets its policy or a moment has passed: a copy becomes old.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run_calls.h"

#define COVER_MS 1000

/* Enters a thread's mount namespace, in a process of its own, and covers its file or not. */
static void change_mount(pid_t tid, const char *from, const char *to)
{
	char path[64];
	pid_t pid = fork();
	int ns;

	if (pid) {
		if (pid > 0)
			waitpid(pid, NULL, 0);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)tid);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNS) ||
	    (from ? mount(from, to, NULL, MS_BIND, NULL) : umount2(to, MNT_DETACH)))
		_exit(1);
	_exit(0);
}

static bool has_libnuma(pid_t tid)
{
	char path[64], line[PATH_MAX + 128];
	bool found = false;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)tid);
	maps = fopen(path, "re");
	while (maps && !found && fgets(line, sizeof(line), maps))
		found = strstr(line, "/libnuma.so");
	if (maps)
		fclose(maps);
	return found;
}

/* The process as it is called in the innermost PID namespace; 0: unknown. */
static pid_t inner_pid(const char *status)
{
	const char *line = strstr(status, "\nNStgid:");
	size_t len = line ? strcspn(line + 1, "\n") : 0;
	const char *last = line ? memrchr(line + 1, '\t', len) : NULL;

	return last ? atoi(last + 1) : 0;
}

/* Copies a status with other nodes. */
static void write_copy(FILE *to, char *status, const char *mask, const char *list)
{
	for (char *line = strtok(status, "\n"); line; line = strtok(NULL, "\n")) {
		if (!strncmp(line, "Mems_allowed:", 13))
			fprintf(to, "Mems_allowed:\t%s\n", mask);
		else if (!strncmp(line, "Mems_allowed_list:", 18))
			fprintf(to, "Mems_allowed_list:\t%s\n", list);
		else
			fprintf(to, "%s\n", line);
	}
}

/* Covers the caller's file; returns the process as the caller calls it, or 0. */
static pid_t cover(const struct run_call *call)
{
	char status[8192], list[4096], mask[RUN_MASK_TEXT], path[PATH_MAX], target[64];
	FILE *copy;
	pid_t pid;

	if (!has_libnuma(call->tid) || !run_read_proc(call->tid, "status", status, sizeof(status)))
		return 0;
	pid = inner_pid(status);
	snprintf(path, sizeof(path), "%s/status", call->run->base);
	copy = pid ? fopen(path, "we") : NULL;
	if (!copy)
		return 0;
	run_read_machine(call->run, "sys/devices/system/node/has_memory", list, sizeof(list));
	list[strcspn(list, "\n")] = '\0';
	run_nodes_mask(call->run, mask);
	write_copy(copy, status, mask, list);
	fclose(copy);
	snprintf(target, sizeof(target), "/proc/%d/status", (int)pid);
	change_mount(call->tid, path, target);
	unlink(path);
	return pid;
}

static void uncover(struct run_covers *covers, size_t i)
{
	char target[64];

	snprintf(target, sizeof(target), "/proc/%d/status", (int)covers->list[i].inner);
	change_mount(covers->list[i].tid, NULL, target);
	covers->list[i] = covers->list[--covers->used];
}

int64_t run_sched_getaffinity(const struct run_call *call)
{
	struct run_covers *covers = call->covers;
	pid_t inner;

	run_status_uncover(covers, call->tid);
	if (covers->used == RUN_MAX_COVERS)
		return RUN_CONTINUE;
	inner = cover(call);
	if (inner)
		covers->list[covers->used++] =
			(struct run_cover_of){ call->tid, inner, run_now_ms() + COVER_MS };
	return RUN_CONTINUE;
}

void run_status_uncover(struct run_covers *covers, pid_t tid)
{
	for (size_t i = covers->used; i-- > 0;) {
		if (covers->list[i].tid == tid)
			uncover(covers, i);
	}
}

int run_status_expire(struct run_covers *covers)
{
	uint64_t now = run_now_ms();

	for (size_t i = covers->used; i-- > 0;) {
		if (covers->list[i].until_ms <= now)
			uncover(covers, i);
	}
	return covers->used ? COVER_MS : -1;
}
