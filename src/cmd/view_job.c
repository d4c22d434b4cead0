// SPDX-License-Identifier: GPL-2.0-or-later
#include "view_job.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memhp.h"

void view_jobs_init(struct view_jobs *jobs, const char *root)
{
	*jobs = (struct view_jobs){ .root = root };
	for (int i = 0; i < VIEW_NR_JOBS; i++)
		jobs->job[i].fd = -1;
}

void view_jobs_end(struct view_jobs *jobs)
{
	for (int i = 0; i < VIEW_NR_JOBS; i++) {
		if (jobs->job[i].fd < 0)
			continue;
		kill(jobs->job[i].pid, SIGKILL);
		waitpid(jobs->job[i].pid, NULL, 0);
		close(jobs->job[i].fd);
		jobs->job[i].fd = -1;
	}
}

/*
 * Begins a job. Returns 0 in the child, whose output and errors go to the job, 1 in the parent, or
 * -errno.
 */
static int begin(struct view_jobs *jobs, const struct view *view, const char *what)
{
	struct view_job *job = jobs->job;
	int fds[2];

	while (job < jobs->job + VIEW_NR_JOBS && job->fd >= 0)
		job++;
	if (job == jobs->job + VIEW_NR_JOBS)
		return -EAGAIN;
	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	*job = (struct view_job){ .fd = fds[0], .events = view->nr_events };
	snprintf(job->what, sizeof(job->what), "%s", what);
	job->pid = fork();
	if (job->pid < 0) {
		close(fds[0]);
		close(fds[1]);
		job->fd = -1;
		return -errno;
	}
	if (job->pid) {
		close(fds[1]);
		return 1;
	}
	dup2(fds[1], STDOUT_FILENO);
	dup2(fds[1], STDERR_FILENO);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	return 0;
}

/* Standard output is a pipe whose reader is gone if the view was quit. */
static _Noreturn void end(int status)
{
	fflush(stdout);
	_exit(status);
}

int view_job_write(struct view_jobs *jobs, const struct view *view, const char *what,
		   const char *path, const char *text)
{
	int ret = begin(jobs, view, what), fd;

	if (ret)
		return ret < 0 ? ret : 0;
	fd = openat(view->root, path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, text, strlen(text)) >= 0)
		end(MEMHP_OK);
	fprintf(stderr, "%s: %s (%s)\n", what, strerror(errno), strerrorname_np(errno));
	end(MEMHP_FAILED);
}

int view_job_memhp(struct view_jobs *jobs, const struct view *view, const char *words)
{
	static const struct {
		const char *name;
		unsigned int min, max;
		int (*run)(const struct memhp_args *args);
	} commands[] = {
		{ "plug", 2, 3, memhp_plug },
		{ "unplug", 1, 1, memhp_unplug },
		{ "resize", 2, 2, memhp_resize },
	};
	char copy[160], *word[4], *rest = copy;
	struct memhp_args args = { .root = jobs->root, .kind = "dimm", .word = word + 1 };
	unsigned int nr = 0;
	int ret;

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *w; nr < 4 && (w = strsep(&rest, " "));)
		if (*w)
			word[nr++] = w;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(commands); i++) {
		if (!nr || strcmp(word[0], commands[i].name))
			continue;
		args.nr = nr - 1;
		if (args.nr < commands[i].min || args.nr > commands[i].max)
			return -EINVAL;
		ret = begin(jobs, view, words);
		if (ret)
			return ret < 0 ? ret : 0;
		end(commands[i].run(&args));
	}
	return -EINVAL;
}

/* The last reason that the log has had since the job began. */
static const char *reason(const struct view_job *job, const struct view *view)
{
	for (uint64_t i = view->nr_events; i-- > job->events;) {
		const struct view_event *event = &view->event[i % VIEW_NR_EVENTS];

		if (view->nr_events - i > VIEW_NR_EVENTS)
			break;
		if (event->why)
			return event->text;
	}
	return NULL;
}

bool view_job_read(struct view_job *job, struct view *view, struct base_buf *ret_message)
{
	const char *prefix = program_invocation_short_name, *text, *why;
	char rest[256], *into;
	size_t room = sizeof(job->text) - 1 - job->len;
	ssize_t len;
	int status;

	into = room ? job->text + job->len : rest;
	len = read(job->fd, into, room ?: sizeof(rest));
	if (len > 0) {
		job->len += room ? (size_t)len : 0;
		return false;
	}
	job->text[job->len] = '\0';
	close(job->fd);
	job->fd = -1;
	waitpid(job->pid, &status, 0);
	if (status == MEMHP_OK) {
		base_buf_printf(ret_message, "done: %s", job->what);
		return true;
	}
	view_refresh(view);
	text = job->text;
	if (!strncmp(text, prefix, strlen(prefix)) && text[strlen(prefix)] == ':')
		text += strlen(prefix) + 2;
	why = reason(job, view);
	base_buf_printf(ret_message, "%.*s", (int)strcspn(text, "\n"), text);
	if (why)
		base_buf_printf(ret_message, ": %s", why);
	return true;
}
