/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations by real system calls: what their files share.
 *
 * live_root.c opens files below the root, live_worker.c has processes that wait in system calls,
 * live_job.c what they are told to do,
 * live_events.c hears the events, undo.c puts back what was written, given.c finds out why blocks
 * cannot go offline, and live.c puts them together.
 */
#ifndef LIVE_PRIVATE_H
#define LIVE_PRIVATE_H

#include "memhp/sim/live.h"

/* The kernel's limit for a record of /dev/kmsg */
#define LIVE_RECORD_SIZE 8192

#define LIVE_MEMORY "sys/devices/system/memory/"

/** struct live_saved - the text of a file before its first write */
struct live_saved {
	LIST_ENTRY(live_saved) link;
	char *path;
	struct base_buf text;
};

/** struct live_hold - a process that holds memory */
struct live_hold {
	LIST_ENTRY(live_hold) link;
	char *id;
	pid_t pid;
};

/** struct live_block - a memory block before the first write; @zone is empty if it is offline */
struct live_block {
	uint64_t id;
	char zone[16];
};

/**
 * struct sim_live - a root directory, and what was found below it
 * @root: a descriptor of the directory
 * @signals: a signalfd(2)
 * @signal: the one that came first; 0: none
 * @patient: signals do not end what is done now
 * @events: machine/uevents, or a netlink(7) socket
 * @err: notes
 * @saved: the last one first
 * @stuck: blocks with pages that cannot move, as far as the kernel has said so
 * @kmsg: the kernel's log; -1: it does not say why blocks cannot go offline
 * @explains: the kernel says so because of us
 */
struct sim_live {
	enum sim_root kind;
	int root;
	int signals;
	sigset_t old_signals;
	int signal;
	bool patient;
	bool writes;
	int events;
	FILE *err;
	LIST_HEAD(, live_worker) workers;
	LIST_HEAD(, live_hold) holds;
	LIST_HEAD(, live_saved) saved;
	struct live_block *blocks;
	size_t nr_blocks;
	uint64_t block_size;
	uint64_t *stuck;
	size_t nr_stuck;
	int kmsg;
	bool explains;
};

/* ---- files below the root (live_root.c) ------------------------------------------------------ */

/**
 * live_open() - open a path below the root, whose links and ".." do not lead out of it
 *
 * Return: a descriptor, -errno.
 */
int live_open(const struct sim_live *live, const char *path, int flags);
/** live_list() - get the names in a directory; like sim_access.list */
int live_list(const struct sim_live *live, const char *path, const char *prefix,
	      struct base_buf *buf);

/* ---- waiting (live_pause.c) ------------------------------------------------------------------ */

/**
 * live_pause() - wait until @fd or @other can be read or has hung up, @ms have passed, or a signal
 *		  came
 * @fd, @other: -1: none
 * @ms: -1: without a limit
 *
 * Return: whether one of the two is the reason.
 */
bool live_pause(struct sim_live *live, int fd, int other, int ms);

/* ---- processes (live_worker.c) --------------------------------------------------------------- */

/** LIVE_WORKERS - made in advance: for an operation, and for two writes that wait meanwhile */
#define LIVE_WORKERS 3
/** LIVE_ROOM - the bytes that a worker can write or read */
#define LIVE_ROOM (8u << 20)

/**
 * struct live_shared - what a worker does
 * @opened: the file is open
 * @done: @result is that of the operation
 * @len: of @data, which was read, or is written
 */
struct live_shared {
	enum tree_op op;
	int flags;
	char actor[16];
	char path[4096];
	bool opened;
	bool done;
	ssize_t result;
	size_t len;
	char data[LIVE_ROOM];
};

/**
 * struct live_worker - a process
 * @ask, @tell: eventfd(2): it is to do something, it has opened the file or is done
 * @life: a pipe that hangs up when the process ends
 */
struct live_worker {
	LIST_ENTRY(live_worker) link;
	pid_t pid;
	int ask;
	int tell;
	int life;
	struct live_shared *shared;
	bool busy;
};

/** live_workers_start() - make processes; returns 0 or -errno. */
int live_workers_start(struct sim_live *live);
/** live_workers_end() - end all, none of which may be busy */
void live_workers_end(struct sim_live *live);
/** live_worker_ask() - let job->worker do @job; returns 0 or -errno. */
int live_worker_ask(struct sim_job *job, const char *path);
/** live_worker_listen() - take a wake-up of live_pause(); false if the process has ended */
bool live_worker_listen(struct live_worker *worker);
/** live_worker_end() - kill it, wait for its end, and free it */
void live_worker_end(struct live_worker *worker);

/* ---- jobs (live_job.c) ----------------------------------------------------------------------- */

void live_job_start(struct sim_job *job, const char *path);
bool live_job_held(const struct sim_job *job);
void live_job_leave(struct sim_job *job);
int live_job_wait(struct sim *sim, struct sim_job *job);
bool live_job_wait_ms(struct sim *sim, struct sim_job *job, uint64_t ms);
bool live_job_kill(struct sim *sim, struct sim_job *job);
/* ---- events (live_events.c) ------------------------------------------------------------------ */

/** live_events_open() - hear events from now on; returns 0 or -errno. */
int live_events_open(struct sim_live *live);
/** live_events_read() - like sim_access.uevents */
int live_events_read(struct sim_live *live, struct base_buf *buf);

/* ---- memory that somebody holds (live_hold.c) ------------------------------------------------ */

/** live_hold(), live_free() - like sim_access.hold and sim_access.free */
int live_hold(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
int live_free(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
void live_hold_fini(struct sim_live *live);

/* ---- putting back (undo.c) ------------------------------------------------------------------- */

/** live_undo_blocks() - note the states of all blocks; returns 0 or -errno. */
int live_undo_blocks(struct sim *sim);
/** live_undo_note() - note what the file at @path contains, before it is written; 0 or -ENOMEM. */
int live_undo_note(struct sim *sim, const char *path);
void live_undo_fini(struct sim_live *live);

/* ---- why blocks cannot go offline (given.c) -------------------------------------------------- */

/** live_given_open() - make the kernel say it, and listen */
void live_given_open(struct sim *sim);
/** live_given_close() - let the kernel be silent again, if it was; false if it cannot be told. */
bool live_given_close(struct sim *sim);

#endif
