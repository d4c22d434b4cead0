/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memhpfs-run: a program runs where an emulated machine has the place of the real one.
 *
 * The process that is started only passes signals on and takes the status (run.c). Its child makes
 * the namespaces and the view in them (run_view.c), starts memhpfs, the process that hands events
 * to the kernel (run_uevents.c), and the command; whatever these leave behind is ended by it, or,
 * should it be killed, by its parent.
 */
#ifndef RUN_H
#define RUN_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* As env(1) and timeout(1) have them. */
enum {
	RUN_FAILED = 125,
	RUN_CANNOT_INVOKE = 126,
	RUN_NOT_FOUND = 127,
};

#define RUN_MAX_OWN 16

/**
 * struct run_options - the command line
 * @mount: a mount that is there; NULL: one of our own
 * @command: NULL-terminated
 */
struct run_options {
	const char *machine;
	const char *cmdline;
	const char *mount;
	bool keep;
	char **command;
};

/**
 * struct run - one run
 * @base: a directory of our own, empty outside of the namespace
 * @root: where the machine's files are; @is_private: below @base, seen in the namespace only
 * @own: file systems in the view that are ours
 */
struct run {
	const struct run_options *options;
	char base[PATH_MAX / 2];
	char root[PATH_MAX];
	bool is_private;
	struct {
		dev_t dev;
		char path[PATH_MAX];
	} own[RUN_MAX_OWN];
	unsigned int nr_own;
};

/* ---- run_view.c: each says what is wrong, and returns false -------------------------------- */

/** run_enter_namespaces() - user (unless it is not needed), mount and network namespaces */
bool run_enter_namespaces(void);
/** run_prepare_base() - room for the mount, and for what is put together, that ends with us */
bool run_prepare_base(struct run *run);
/** run_bind_view() - the machine's files take the place of the real ones */
bool run_bind_view(struct run *run);
/** run_is_memhpfs() - whether memhpfs is mounted there */
bool run_is_memhpfs(const char *dir);

/* ---- run_uevents.c --------------------------------------------------------------------------- */

/** run_uevents() - have the kernel broadcast the machine's events; -1, or the process that does */
pid_t run_uevents(const struct run *run);

#endif
