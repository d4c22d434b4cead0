/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memhpfs-run: runs a program with an emulated machine in place of the real one.
 *
 * Four processes take part besides memhpfs. The first passes signals on and waits for the status
 * (run.c). Its child, the keeper, has the mount of the machine, starts memhpfs and the process that
 * passes events to the kernel, and maps ids (run_keeper.c). The keeper's child makes the view and
 * locks it (run_init.c); it is the init of the namespaces in which the command runs.
 */
#ifndef RUN_H
#define RUN_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "run_trial.h"

/* As in env(1) and timeout(1). */
enum {
	RUN_FAILED = 125,
	RUN_CANNOT_INVOKE = 126,
	RUN_NOT_FOUND = 127,
};

#define RUN_MAX_OWN 32

/**
 * struct run_options - the command line
 * @mount: an existing mount; NULL: a new one
 * @shared: CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWUTS: namespaces that the command shares with the
 *	    caller
 * @privileged: the view is not locked
 * @no_seccomp: system calls are the real kernel's
 * @account: memory on nodes that a program has chosen counts in the machine
 * @trial: what else is to be done
 * @command: NULL-terminated
 */
struct run_options {
	const char *machine;
	const char *cmdline;
	const char *kernel;
	const char *mount;
	bool keep;
	bool privileged;
	bool no_seccomp;
	bool account;
	int shared;
	struct run_trial trial;
	char **command;
};

/**
 * struct run - one run
 * @base: a temporary directory, empty outside of the namespace
 * @root: root of the machine's files
 * @cwd: the caller's working directory; empty: it cannot be named
 * @is_private: @root is below @base and visible only in the namespace
 * @mask: the caller's signal mask
 * @status_fd: for the command's status, as from waitpid()
 * @own: file systems in the view that this program has created
 * @has_dax: the machine had DAX devices when it was started
 */
struct run {
	struct run_options *options;
	char base[PATH_MAX / 2];
	char root[PATH_MAX];
	char cwd[PATH_MAX];
	bool is_private;
	sigset_t mask;
	int status_fd;
	struct {
		dev_t dev;
		char path[PATH_MAX];
	} own[RUN_MAX_OWN];
	unsigned int nr_own;
	bool has_dax;
};

/* ---- the processes --------------------------------------------------------------------------- */

/**
 * run_keeper() - be the process that keeps the machine until the command has ended
 * @outer: the first process
 * @map_fd: a byte written there asks the first process to map ids, another one is the answer
 */
void run_keeper(struct run *run, pid_t outer, int map_fd);
/** run_start_calls() - start the process that answers calls; a socket to it, or -1. */
int run_start_calls(const struct run *run);
/**
 * run_init() - be the init of the namespaces in which the command runs; does not return
 * @has_pids: it is process 1 of a new PID namespace
 * @calls: a socket for the descriptor of run_calls_filter(); -1: there is no filter
 * @link: to the keeper: a byte is written there when the namespaces exist, and one is read when
 *	  their ids are mapped and events can arrive
 *
 * The exit status is RUN_NO_PROC if @has_pids, and its processes cannot have a procfs.
 */
void run_init(struct run *run, bool has_pids, int link, int calls) __attribute__((noreturn));
enum { RUN_NO_PROC = 77 };

/* ---- signals and statuses (run_wait.c) ------------------------------------------------------- */

/** run_signals_block() - block the signals that run_signal_wait() waits for. */
void run_signals_block(sigset_t *before);
/**
 * run_signal_wait() - wait for a signal
 * @ret_sender: the process that sent it; 0: it is in an outer PID namespace
 *
 * Return: SIGCHLD, a signal to be passed on, or 0 for one from the terminal, which the command gets
 *	   as well.
 */
int run_signal_wait(pid_t *ret_sender);
/**
 * run_fork_helper() - fork a process that ends with this one, and gets no signals of the terminal
 *
 * Return: as fork(); errors are reported.
 */
pid_t run_fork_helper(void);
/** run_step_done() - tell the process at the other end of @fd. */
bool run_step_done(int fd);
/** run_step_wait() - wait for run_step_done() at the other end; false: it has ended. */
bool run_step_wait(int fd);

/* ---- memhpfs (run_memhpfs.c) ----------------------------------------------------------------- */

/** run_start_memhpfs() - start a memhpfs that ends with this program; -1 if it fails (reported). */
pid_t run_start_memhpfs(const struct run *run);
/** run_start_kept_memhpfs() - start a memhpfs that outlives this program. */
bool run_start_kept_memhpfs(const struct run *run);

/* ---- namespaces (run_ns.c) ------------------------------------------------------------------- */

/**
 * run_enter_mounts() - enter a new mount namespace, and a user namespace if it is needed
 * @map_fd: see run_keeper()
 *
 * Return: success; errors are reported.
 */
bool run_enter_mounts(int map_fd);
/**
 * run_enter_lock() - enter the namespaces of the command
 *
 * The user namespace is below the one that made the view, so that the kernel locks all mounts. The
 * network namespace belongs to it, because otherwise root in it could not receive uevents.
 *
 * Return: success; errors are reported.
 */
bool run_enter_lock(const struct run *run);
/** run_map_user() - map the caller and its subordinate ids in a child's new user namespace. */
bool run_map_user(pid_t pid);
/** run_map_same() - map all ids of this user namespace to the same ids in that of a child. */
bool run_map_same(pid_t pid);
/** run_loopback_up() - enable the loopback device of a new network namespace. */
bool run_loopback_up(void);

/* ---- mount points (run_place.c) -------------------------------------------------------------- */

/** run_tmpfs() - mount a new file system on @dir, to which names can be added. */
bool run_tmpfs(struct run *run, const char *dir);
/** run_bind() - make @from appear at @to, which exists. */
bool run_bind(const char *from, const char *to);
/** run_is_own() - whether a directory is on a file system that run_tmpfs() has mounted. */
bool run_is_own(const struct run *run, const char *dir);
/** run_is_empty() - whether a directory has no entries. */
bool run_is_empty(const char *dir);
/** run_compose() - replace @dir by one with the same entries, to which more can be added. */
bool run_compose(struct run *run, const char *dir);
/** run_make_place() - make sure that @path exists, without changing the real system. */
bool run_make_place(struct run *run, const char *path, bool is_dir);

/* ---- the view (run_view.c, run_proc.c) ------------------------------------------------------- */

/** run_prepare_base() - mount a tmpfs for the mount point and for composed directories. */
bool run_prepare_base(struct run *run);
/** run_make_view() - replace the real files by those of the machine; errors are reported. */
bool run_make_view(struct run *run);
/** run_make_proc() - the same below /proc. */
bool run_make_proc(struct run *run);
/** run_cover() - let @path show the machine's file of that name, if it has one. */
bool run_cover(struct run *run, const char *path);
/** run_hide() - let files that match @pattern be like /dev/null, and directories be empty. */
bool run_hide(struct run *run, const char *pattern);
/** run_read_only() - make a mount, or with AT_RECURSIVE all below it, read-only. */
bool run_read_only(const char *dir, unsigned int flags);
/** run_is_memhpfs() - whether memhpfs is mounted on @dir. */
bool run_is_memhpfs(const char *dir);

/* ---- DAX devices (run_dax.c) ----------------------------------------------------------------- */

/** RUN_CHAR_DEVICES - links to the character devices in the view, which come and go */
#define RUN_CHAR_DEVICES "/sys/dev/char"
/** run_has_dax() - whether the machine has DAX devices. */
bool run_has_dax(const struct run *run);
/**
 * run_dax_devices() - if the machine has DAX devices, show them where daxctl(1) looks for them
 *
 * Return: false after reporting an error.
 */
bool run_dax_devices(struct run *run);
/** run_dax_event() - add or remove the files of a device of which an event tells. */
void run_dax_event(const struct run *run, const char *event);

/* ---- uevents (run_uevents.c) ----------------------------------------------------------------- */

/**
 * run_uevents() - start the process that has the kernel broadcast the machine's events
 * @in: a process in the namespaces that they are for
 *
 * Return: its pid, or -1 after reporting the error.
 */
pid_t run_uevents(const struct run *run, pid_t in);

#endif
