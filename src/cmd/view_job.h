/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes that memhpfs-view makes. Each is made by a process of its own, because a write may wait,
 * such as for pages that migrate.
 */
#ifndef VIEW_JOB_H
#define VIEW_JOB_H

#include <sys/types.h>

#include "memhp/view.h"

#define VIEW_NR_JOBS 8

/**
 * struct view_job - a change that is under way
 * @fd: what it prints; -1: this place is free
 * @events: @nr_events of the view when it began
 */
struct view_job {
	pid_t pid;
	int fd;
	uint64_t events;
	char what[80];
	char text[400];
	size_t len;
};

/** struct view_jobs - those that are under way; @root: of the machine */
struct view_jobs {
	const char *root;
	struct view_job job[VIEW_NR_JOBS];
};

void view_jobs_init(struct view_jobs *jobs, const char *root);
/** view_jobs_end() - kill what is under way, as the user does with Ctrl-C */
void view_jobs_end(struct view_jobs *jobs);
/**
 * view_job_write() - write @text to a file below the root
 * @what: what that is called
 *
 * Return: 0 or -errno (-EAGAIN: too many).
 */
int view_job_write(struct view_jobs *jobs, const struct view *view, const char *what,
		   const char *path, const char *text);
/** view_job_memhp() - do a command of memhp(1), such as "plug d0 1G"; 0 or -errno (-EINVAL) */
int view_job_memhp(struct view_jobs *jobs, const struct view *view, const char *words);
/**
 * view_job_read() - take what a job has printed
 *
 * Return: whether it has ended; @ret_message: what became of it, with the reason for a refusal.
 */
bool view_job_read(struct view_job *job, struct view *view, struct base_buf *ret_message);

#endif
