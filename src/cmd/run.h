/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memhpfs-run: runs a program with an emulated machine in place of the real one.
 *
 * The first process only passes signals on and waits for the status (run.c). Its child creates the
 * namespaces and the view in them (run_view.c), starts memhpfs, the process that passes events to
 * the kernel (run_uevents.c), and the command. It ends all processes that these leave behind; if it
 * is killed, its parent does.
 */
#ifndef RUN_H
#define RUN_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* As in env(1) and timeout(1). */
enum {
	RUN_FAILED = 125,
	RUN_CANNOT_INVOKE = 126,
	RUN_NOT_FOUND = 127,
};

#define RUN_MAX_OWN 16

/**
 * struct run_options - the command line
 * @mount: an existing mount; NULL: a new one
 * @command: NULL-terminated
 */
struct run_options {
	const char *machine;
	const char *cmdline;
	const char *kernel;
	const char *mount;
	bool keep;
	char **command;
};

/**
 * struct run - one run
 * @base: a temporary directory, empty outside of the namespace
 * @root: root of the machine's files
 * @is_private: @root is below @base and visible only in the namespace
 * @own: file systems in the view that this program has created
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

/* ---- namespaces and the view (run_view.c) ---------------------------------------------------- */

/* On failure, each of the first three reports the error and returns false. */

/** run_enter_namespaces() - enter a new mount, network and, if it is needed, user namespace. */
bool run_enter_namespaces(void);
/** run_prepare_base() - mount a tmpfs for the mount point and for composed directories. */
bool run_prepare_base(struct run *run);
/** run_bind_view() - replace the real files by those of the machine. */
bool run_bind_view(struct run *run);
/** run_is_memhpfs() - whether memhpfs is mounted on @dir. */
bool run_is_memhpfs(const char *dir);

/* ---- uevents (run_uevents.c) ----------------------------------------------------------------- */

/**
 * run_uevents() - start the process that has the kernel broadcast the machine's events
 *
 * Return: its pid, or -1 after reporting the error.
 */
pid_t run_uevents(const struct run *run);

#endif
