/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A trial of a write to an object of machine/: the object, what delays the write, and the writes
 * that may wait.
 */
#ifndef TEST_TRIAL_H
#define TEST_TRIAL_H

#include "world.h"

#define NAME "1" /* of objects; a number may refer to it */
#define MAX_NAMES 64
#define MAX_REQS 160
#define NS_PER_S UINT64_C(1000000000)
#define TRIAL_WORDS 12

/* What files of machine/ may accept: sizes, switches, numbers, words that some of them show. */
extern const char *const trial_vocabulary[TRIAL_WORDS];

/*
 * OFFLINES: queued after the offlining of all blocks, which migrates pages meanwhile, or also hangs
 */
enum state { WAITS, RUNS, HANGS, OFFLINES, OFFLINES_AND_HANGS, NR_STATES };
enum action { RMDIR, SWITCH_OFF, GUEST_ACTS, KILL, UNMOUNT, NR_ACTIONS };

struct names {
	char name[MAX_NAMES][64];
	size_t nr;
};

/*
 * @yaml: the machine; NULL: the default one
 * @live: the object is switched on, and its memory is in use
 * @dir: of the object
 * @waited: the write under trial was not answered at once
 * @req: all writes that may wait; the one under trial follows @nr_before others
 * @stuck: an offlining that holds the lock until its writer is killed
 */
struct trial {
	struct world *w;
	const char *yaml;
	bool live;
	enum state state;
	enum action action;
	const char *file, *text;
	char dir[80];
	struct names files;
	struct names boot_blocks;
	bool waited;
	struct tree_file *opened[MAX_REQS];
	struct world_req req[MAX_REQS];
	size_t nr_reqs;
	size_t nr_before;
	struct world_req stuck;
	struct tree_file *stuck_file;
};

void trial_fail(const struct trial *t, const char *what);
/* The names in a directory; none when it does not exist. */
struct names trial_names(struct world *w, const char *dir);
struct names trial_writable_files(struct world *w, const char *dir);
/* The kinds: directories of machine/ in which objects can be made. */
struct names trial_kinds(struct world *w);
/* Begins a write, one of @req. */
struct world_req *trial_submit(struct trial *t, const char *path, const char *text);
bool trial_all_done(const struct trial *t);
void trial_forget_done(struct trial *t);
void trial_let_time_pass(struct trial *t);
/* A write that may take any time; its result. */
ssize_t trial_write_and_wait(struct trial *t, const char *path, const char *text);
/* Blocks that were not there at boot. */
struct names trial_new_blocks(const struct trial *t);
/* One object of each kind; that of @kind as the trial requires. */
void trial_make(struct trial *t, const char *kind);
/* Begins what delays the write under trial, and ends it. */
void trial_prepare(struct trial *t);
void trial_end_what_keeps_it(struct trial *t);

#endif
