/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Internals of libmemhp: what a machine of the library has besides the machine, its tree and its
 * clock, which are those of memhpsim (struct sim).
 *
 * Each exported function is between lib_enter() and lib_leave(). The emulated kernel is never
 * entered from within itself: what it tells is kept, and passed on by lib_tell() between two steps
 * of the clock, so that callbacks may use the machine.
 */
#ifndef LIB_PRIVATE_H
#define LIB_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "memhp/memhp.h"
#include "memhp/sim.h"

/**
 * struct lib_request - a request that was begun and not yet forgotten
 * @done: NULL: memhp_wait() takes the result
 */
struct lib_request {
	TAILQ_ENTRY(lib_request) link;
	uint64_t id;
	struct sim_job *job;
	memhp_done_fn *done;
	void *ctx;
};

/**
 * struct lib_wait - a memhp_wait() in progress, on its stack
 * @is_told: the request has ended, and its function was called, with @result
 */
struct lib_wait {
	SLIST_ENTRY(lib_wait) link;
	uint64_t id;
	bool is_told;
	int result;
};

/** struct lib_traced - an event that has not been told yet; the texts follow it */
struct lib_traced {
	STAILQ_ENTRY(lib_traced) link;
	struct memhp_trace trace;
};

/**
 * struct lib_listeners - who is told what
 * @log_told: bytes of the log of which nothing is told any more
 */
struct lib_listeners {
	memhp_uevent_fn *uevent;
	void *uevent_ctx;
	memhp_log_fn *log;
	void *log_ctx;
	uint64_t log_told;
	memhp_trace_fn *trace;
	void *trace_ctx;
	STAILQ_HEAD(, lib_traced) traced;
};

/**
 * struct lib_spec - a description that machines and snapshots share; it never changes
 */
struct lib_spec {
	atomic_uint refs;
	struct machine_spec *spec;
};

/**
 * struct memhp - see the public header
 * @user: the thread that is in a function here; 0: none
 * @depth: of functions here, which callbacks call
 * @telling: a callback is running
 * @doomed: memhp_free() was called, perhaps by a callback
 * @destroy: frees all of it
 * @spec: NULL: not booted, and it will be the default machine
 * @sim: NULL: not booted; it does not own its description
 * @broken: booting has failed
 * @mount: NULL: not mounted
 * @abandoned: a request on a former mount will never end: the machine cannot be freed
 * @log_end: bytes of the log when the present function began
 */
struct memhp {
	atomic_uintptr_t user;
	unsigned int depth;
	bool telling;
	bool doomed;
	bool broken;
	struct base_buf error;
	struct base_buf warnings;
	struct lib_spec *spec;
	char *kernel;
	struct base_buf cmdline;
	struct sim *sim;
	uint64_t log_end;
	TAILQ_HEAD(, lib_request) requests;
	SLIST_HEAD(, lib_wait) waits;
	uint64_t last_id;
	struct lib_listeners listeners;
	struct lib_mount *mount;
	bool abandoned;
	void (*destroy)(struct memhp *m);
};

/** enum lib_state - the state of a machine that a function needs */
enum lib_state { LIB_ANY, LIB_NEW, LIB_BOOTED };

/* ---- error.c --------------------------------------------------------------------------------- */

/** lib_fail() - set the words of an error; returns @err */
int lib_fail(struct memhp *m, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/** lib_answer() - the same for the result @ret of an operation on a file, if it is an error */
int lib_answer(struct memhp *m, int ret, const char *path);

/* ---- serve.c --------------------------------------------------------------------------------- */

struct lib_mount;

/** lib_serve() - mount a machine that is not mounted, with a thread that answers; 0 or -errno */
int lib_serve(struct memhp *m, const char *dir, const char *options);
/** lib_serve_end() - unmount; @for_good: the machine is freed afterwards */
void lib_serve_end(struct memhp *m, bool for_good);
/** lib_served() - whether a mounted machine answers, so that its time is the host's */
bool lib_served(const struct memhp *m);
/** lib_lock(), lib_unlock() - keep that thread out of the machine; no-ops without one */
void lib_lock(const struct memhp *m);
void lib_unlock(const struct memhp *m);
/** lib_serve_wait() - let that thread go on until it has done something */
void lib_serve_wait(const struct memhp *m);

/* ---- end.c ----------------------------------------------------------------------------------- */

/** lib_end_delays() - end what fault plans delay for ever, which no signal does */
void lib_end_delays(struct sim *sim);
/** lib_end() - end what is in progress, and free the machine, its tree and its clock */
void lib_end(struct sim *sim);

/* ---- listen.c -------------------------------------------------------------------------------- */

/** lib_log_end() - bytes of the log, including those that have been dropped */
uint64_t lib_log_end(const struct memhp *m);
/** lib_listen_tell() - tell one thing that has happened; false: there is nothing to tell */
bool lib_listen_tell(struct memhp *m);
/** lib_listen_trace() - trace the machine, if anybody is told of that */
void lib_listen_trace(struct memhp *m);
/** lib_listen_forget() - forget what has not been told */
void lib_listen_forget(struct memhp *m);

/* ---- tell.c ---------------------------------------------------------------------------------- */

/** lib_tell() - call back about all that has happened */
void lib_tell(struct memhp *m);
/** lib_step() - let time pass until the next timer has run; false if there is none */
bool lib_step(struct memhp *m);
/** lib_wait() - let time pass until something may have changed; false: nothing will */
bool lib_wait(struct memhp *m);
/** lib_finish() - let time pass until @job is finished; 0, -ETIMEDOUT */
int lib_finish(struct memhp *m, const struct sim_job *job);
/** lib_job_result() - the result of a finished job; 0 or -errno */
int lib_job_result(const struct sim_job *job);
/** lib_request_free() - forget a request, but not its job */
void lib_request_free(struct memhp *m, struct lib_request *request);
/** lib_requests_pending() - whether any request is in progress */
bool lib_requests_pending(const struct memhp *m);
/** lib_requests_forget() - forget all requests; their jobs are killed with the machine's others */
void lib_requests_forget(struct memhp *m);

/* ---- enter.c --------------------------------------------------------------------------------- */

/** lib_enter() - begin a function; 0, or -EDEADLK or -EBADFD without lib_leave() */
int lib_enter(struct memhp *m, enum lib_state state);
/** lib_leave() - end it with its result, which this returns; @m may be gone then */
int lib_leave(struct memhp *m, int ret);

/* ---- machine.c ------------------------------------------------------------------------------- */

/** lib_new() - a machine without a description; NULL when out of memory */
struct memhp *lib_new(void);
/** lib_spec_ref() - share a description, until lib_spec_unref() */
struct lib_spec *lib_spec_ref(struct lib_spec *spec);
void lib_spec_unref(struct lib_spec *spec);

/* ---- file.c ---------------------------------------------------------------------------------- */

/** lib_write() - write one text to a file, with the words of an error; 0 or -errno */
int lib_write(struct memhp *m, const char *path, const void *data, size_t len);
/** lib_make() - make or remove a directory (@op); like lib_write() */
int lib_make(struct memhp *m, enum tree_op op, const char *path);
/** lib_read() - add a whole file to @buf; like lib_write() */
int lib_read(struct memhp *m, const char *path, struct base_buf *buf);
/** lib_give() - give a text to the caller, "" included; -ENOMEM if it is incomplete */
int lib_give(struct memhp *m, struct base_buf *buf, char **ret_text, size_t *ret_len);

#endif
