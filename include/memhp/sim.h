/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Internals of memhpsim: texts, paths, requests in virtual time, and the table of operations.
 *
 * An operation returns 0 with a text, the errno of the emulated kernel, or SIM_SYNTAX if the case
 * file is wrong; sim->what then says why.
 */
#ifndef MEMHP_SIM_H
#define MEMHP_SIM_H

#include <stdio.h>
#include <bsd/sys/queue.h>

#include "memhp/base.h"
#include "memhp/machine.h"
#include "memhp/sim/names.h"
#include "memhp/tree.h"

#define SIM_SYNTAX 1

/* Deeper than any directory of the tree; ".." and links only ever shorten a path. */
#define SIM_MAX_DEPTH 64
/* The kernel's MAXSYMLINKS. */
#define SIM_MAX_LINKS 40
/* The kernel's limit for the name of a process. */
#define SIM_ACTOR_NAME_MAX 15
/* The number of clock steps after which an operation is considered endless. */
#define SIM_MAX_STEPS 200000

/**
 * struct sim_path - a walked path: the inodes from the root down, each one referenced
 */
struct sim_path {
	uint64_t ino[SIM_MAX_DEPTH];
	unsigned int depth;
	struct tree_attr attr;
};

struct live_worker;

/**
 * struct sim_job - an operation of a process: opening, reading or writing a file, mkdir or rmdir
 * @id: its name for `join`; NULL: none
 * @op: never TREE_OP_SETATTR
 * @data: the data written or read
 * @result: the result of the request, or of the open; valid if @finished
 * @caller: the actor
 * @path: the file, or the directory of @name
 * @file: NULL when the open failed
 * @worker: who makes the system calls; NULL: nobody any more
 * @waiting: the number of requests that waited at race gates when it began
 *
 * The members from @caller to @req are those of a job on a tree, the last two those of one that
 * makes system calls.
 */
struct sim_job {
	LIST_ENTRY(sim_job) link;
	struct sim *sim;
	char *id;
	enum tree_op op;
	int flags;
	struct base_buf data;
	bool finished;
	ssize_t result;
	struct tree_caller caller;
	struct sim_path path;
	char *name;
	struct tree_file *file;
	struct tree_req req;
	struct live_worker *worker;
	uint64_t waiting;
};

/** struct sim_actor - a process with a name for race gates and traces */
struct sim_actor {
	LIST_ENTRY(sim_actor) link;
	char *name;
	pid_t pid;
};

/** struct sim_counter - a counter that `delta` has seen */
struct sim_counter {
	LIST_ENTRY(sim_counter) link;
	char *path;
	char *field;
	int64_t value;
};

struct sim_event;
struct sim_live;
struct sim_words;

/**
 * struct sim_access - how operations reach the files of a machine
 * @start: begin @job, whose op, flags and data are set; what fails there is the job's result
 * @held: whether a race gate holds a job that has just begun
 * @leave: let a job that has just begun reach the machine before anything else does
 * @wait: let time pass until @job is finished; -ETIMEDOUT when nothing ends it
 * @wait_ms: let up to @ms pass; false when @job is still not finished
 * @kill: end @job as SIGKILL does; false if it does not end, otherwise what @start took is freed
 * @sleep: let @ms pass
 * @list: add the names in a directory that begin with @prefix, in the order of case files
 * @link: add the target of a symbolic link
 * @stat: mode and size; a link at the end is not followed
 * @uevents: add the events since the last call in the format of machine/uevents
 * @log: add the kernel's log
 * @hold, @free: the operations of these names
 * @fini: the end, when no job is left
 *
 * All but the last return 0 or -errno unless said otherwise.
 */
struct sim_access {
	void (*start)(struct sim_job *job, const char *path);
	bool (*held)(const struct sim_job *job);
	void (*leave)(struct sim_job *job);
	int (*wait)(struct sim *sim, struct sim_job *job);
	bool (*wait_ms)(struct sim *sim, struct sim_job *job, uint64_t ms);
	bool (*kill)(struct sim *sim, struct sim_job *job);
	void (*sleep)(struct sim *sim, uint64_t ms);
	int (*list)(struct sim *sim, const char *dir, const char *prefix, struct base_buf *buf);
	int (*link)(struct sim *sim, const char *path, struct base_buf *buf);
	int (*stat)(struct sim *sim, const char *path, struct tree_attr *ret_attr);
	int (*uevents)(struct sim *sim, struct base_buf *buf);
	int (*log)(struct sim *sim, struct base_buf *buf);
	int (*hold)(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
	int (*free)(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
	void (*fini)(struct sim *sim);
};

/**
 * struct sim - a machine, and who performs operations on it
 * @access: how its files are reached
 * @spec, @clock, @machine, @tree, @uevents: of a machine in this process
 * @live: of a mount or a real machine
 */
struct sim {
	const struct sim_access *access;
	struct sim_live *live;
	const struct machine_spec *spec;
	struct base_clock *clock;
	struct machine *machine;
	struct tree *tree;
	struct sim_job *uevents;
	TAILQ_HEAD(, sim_event) events;
	LIST_HEAD(, sim_job) jobs;
	LIST_HEAD(, sim_counter) counters;
	LIST_HEAD(, sim_actor) actors;
	const char *actor;	   /* who performs the operation; NULL: no actor */
	struct tree_caller caller; /* the same for the tree */
	const char *what;
};

/* ---- machines (sim.c) ------------------------------------------------------------------------ */

/**
 * sim_new() - boot the machine of @spec, at virtual time 0
 * @spec: must outlive the machine
 * @err: gets a line if one of its devices is refused
 */
int sim_new(const struct machine_spec *spec, FILE *err, struct sim **ret_sim);
/**
 * sim_load() - restore a machine that tree_save() has saved
 * @spec: its description, as for sim_new()
 * @ret_why: on an error of tree_load(): its reason
 */
int sim_load(const struct machine_spec *spec, const struct base_buf *saved,
	     struct base_buf *ret_why, struct sim **ret_sim);
/** sim_free() - end all jobs; returns false if one does not end (and is leaked). */
bool sim_free(struct sim *sim);

/* ---- texts of case files (text.c) ------------------------------------------------------------ */

/** sim_errno_name() - "ENOENT" for -ENOENT, "EUNKNOWN" if there is no name. */
const char *sim_errno_name(int err);
/** sim_text_escape() - add @len bytes in the form of case files: \n, \\, \xNN. */
void sim_text_escape(const char *data, size_t len, struct base_buf *buf);
/** sim_text_unescape() - the reverse; unknown escapes are left as they are. */
void sim_text_unescape(const char *text, struct base_buf *buf);
/**
 * sim_text_field() - the number after @field at the beginning of a line
 * @line: may begin with blanks; ends at a newline
 *
 * Accepts "FIELD 12", "FIELD: 12" and the same after "Node 0 ".
 */
bool sim_text_field(const char *line, const char *field, uint64_t *ret_value);
/** sim_text_uevents() - convert the format of machine/uevents to one line, without SEQNUM. */
void sim_text_uevents(char *text, struct base_buf *buf);
/** sim_text_number() - parse an integer, base 0, newline allowed; false when it is none. */
bool sim_text_number(const char *text, uint64_t *ret_value);

/* ---- path walks (path.c) --------------------------------------------------------------------- */

/**
 * sim_path_walk() - look up the path @text, component by component
 * @follow: whether a link at the end is followed
 *
 * Return: 0, -ENOENT, -ENOTDIR, -ELOOP, -ENAMETOOLONG, -ENOMEM.
 */
int sim_path_walk(struct tree *tree, const char *text, bool follow, struct sim_path *ret_path);
/** sim_path_put() - drop the references of a walk. */
void sim_path_put(struct tree *tree, struct sim_path *path);
/** sim_path_ino() - the inode at the end. */
uint64_t sim_path_ino(const struct sim_path *path);

/** sim_path_names() - get the names in a directory; sim_names_fini() follows in any case. */
int sim_path_names(struct tree *tree, const char *text, struct sim_names *names);
int sim_path_list(struct tree *tree, const char *text, const char *prefix, struct base_buf *buf);
int sim_path_link(struct tree *tree, const char *text, struct base_buf *buf);
int sim_path_stat(struct tree *tree, const char *text, struct tree_attr *ret_attr);
/** sim_path_parent() - get the last component of @text (to be freed), and its directory. */
int sim_path_parent(struct tree *tree, const char *text, struct sim_path *ret_path,
		    char **ret_name);

/* ---- requests in virtual time (job.c) -------------------------------------------------------- */

/** sim_tree_access - the files of sim->tree, in the time of sim->clock. */
extern const struct sim_access sim_tree_access;

/* ---- requests (access.c) --------------------------------------------------------------------- */

/**
 * sim_job_open() - open @path; a failure is the job's result, not this function's
 *
 * Return: 0, -ENOMEM.
 */
int sim_job_open(struct sim *sim, const char *path, int flags, struct sim_job **ret_job);
/** sim_job_write() - open @path for writing, begin to write @data; like sim_job_open(). */
int sim_job_write(struct sim *sim, const char *path, const char *data, size_t len,
		  struct sim_job **ret_job);
/** sim_job_read() - open @path, begin to read all of it; like sim_job_open(). */
int sim_job_read(struct sim *sim, const char *path, struct sim_job **ret_job);
/** sim_job_make() - begin the mkdir or rmdir @op; like sim_job_open(). */
int sim_job_make(struct sim *sim, enum tree_op op, const char *path, struct sim_job **ret_job);
/** sim_job_kill() - end and free @job like SIGKILL; it stays in sim->jobs if it does not end. */
void sim_job_kill(struct sim *sim, struct sim_job *job);

/** sim_make() - perform a mkdir(2) or rmdir(2), depending on @op; returns 0 or -errno. */
int sim_make(struct sim *sim, enum tree_op op, const char *path);
/** sim_write() - perform one complete write(2); returns its number of bytes or -errno. */
ssize_t sim_write(struct sim *sim, const char *path, const char *data, size_t len);
/** sim_read() - add the whole file to @buf; returns 0 or -errno. */
int sim_read(struct sim *sim, const char *path, struct base_buf *buf);

/* ---- actors (race.c) ------------------------------------------------------------------------- */

/** sim_actor_set() - let the actor @name do what follows; returns 0 or -ENOMEM. */
int sim_actor_set(struct sim *sim, const char *name);
/** sim_actor_begin() - the same for an operation; SIM_SYNTAX while the actor waits in another. */
int sim_actor_begin(struct sim *sim, const char *name);
/** sim_actor_end() - let no actor do what follows. */
void sim_actor_end(struct sim *sim);
/** sim_actor_command() - get an actor's name by its number; false if it is none. */
bool sim_actor_command(const struct sim *sim, pid_t pid, char command[TREE_COMMAND_SIZE]);
/** sim_race_init() - make actors known to the tree. */
void sim_race_init(struct sim *sim);
void sim_race_fini(struct sim *sim);

/* tell.c */
int sim_op_uevents(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
int sim_op_delta(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
int sim_op_zone(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
int sim_op_cma_area(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
int sim_op_race(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
int sim_op_release(struct sim *sim, const struct sim_words *w, struct base_buf *buf);

/* ---- operations (ops.c, machine.c) ----------------------------------------------------------- */

#define SIM_MAX_WORDS 8

/**
 * struct sim_words - the words of an operation
 * @word: NULL after the last one
 */
struct sim_words {
	char *word[SIM_MAX_WORDS];
	unsigned int nr;
};

/** sim_operation() - perform the operation in @line (which is modified); @buf gets the answer. */
int sim_operation(struct sim *sim, char *line, struct base_buf *buf);
/** sim_given() - establish the condition of a `given` line. */
int sim_given(struct sim *sim, char *line);

/* operations on machine/ */
int sim_op_plug(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
int sim_op_resize(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
int sim_op_unplug(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
/** sim_machine_log() - like sim_access.log, from machine/log */
int sim_machine_log(struct sim *sim, struct base_buf *buf);
/** sim_machine_hold(), sim_machine_free() - the same with a workload of machine/ */
int sim_machine_hold(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
int sim_machine_free(struct sim *sim, const struct sim_words *w, struct base_buf *buf);

#endif
