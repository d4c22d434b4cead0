/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree: the directories and files that a user sees, over one machine. It knows inode numbers,
 * names, modes, texts and stores, and nothing of FUSE: the mount and memhpsim both sit on it.
 *
 * An inode number is an object's serial (never reused) and a slot in the table of the object's
 * kind; the tables are static, so a file costs no memory.
 *
 * A negative int is the errno that the emulated kernel answers. Nothing here blocks: what may
 * have to wait takes a struct tree_req and answers through its @done.
 */
#ifndef MEMHP_TREE_H
#define MEMHP_TREE_H

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "memhp/base.h"

struct hp_uevent;
struct machine;
struct machine_spec;
struct tree;
struct tree_file;
struct tree_dir;

#define TREE_ROOT_INO 1

/**
 * struct tree_attr - attributes of an inode
 * @mode: type and permission bits
 * @name_fixed: as long as its directory is there, this name stands for this inode: the caller may
 *		cache that for ever
 * @attr_fixed: the same for the attributes, which change only through calls made here, or as
 *		tree_set_watcher() tells
 * @name_kept: as @name_fixed, until the keeper is told; only when there is one
 */
struct tree_attr {
	uint64_t ino;
	mode_t mode;
	nlink_t nlink;
	uid_t uid;
	gid_t gid;
	off_t size;
	blksize_t blksize;
	struct timespec atime, mtime, ctime;
	bool name_fixed;
	bool attr_fixed;
	bool name_kept;
};

enum tree_set {
	TREE_SET_MODE = 1 << 0,
	TREE_SET_UID = 1 << 1,
	TREE_SET_GID = 1 << 2,
	TREE_SET_ATIME = 1 << 3,
	TREE_SET_MTIME = 1 << 4,
};

/** enum tree_op - what a request asks for; a race gate can hold those up to TREE_OP_RMDIR */
enum tree_op {
	TREE_OP_OPEN,
	TREE_OP_READ,
	TREE_OP_WRITE,
	TREE_OP_MKDIR,
	TREE_OP_RMDIR,
	TREE_OP_SETATTR,
	TREE_NR_OPS,
};

/**
 * struct tree_caller - the process that makes a request
 * @pid: 0: none (the request is internal): no race gate ever holds it
 * @uid: only root and the owner of the mount may use up what is bounded; see tree_new()
 */
struct tree_caller {
	pid_t pid;
	uid_t uid;
};

/**
 * struct tree_req - one request under way; embedded by the caller, who fills in what @op needs
 * @done: called exactly once, perhaps before tree_submit() returns. @result is a count, 0 or -errno
 * @ino: open, setattr: of what; mkdir, rmdir: of the directory
 * @name: mkdir, rmdir: in the directory; else NULL
 * @file: read, write: the open file; open: becomes it
 * @flags: open: as open(2)
 * @data, @len: write: the bytes; read: at most @len, and @data holds as many as @result says until
 *		@done returns
 * @off: read
 * @attr, @valid: setattr: what to set (enum tree_set); mkdir: @attr becomes that of the new inode
 *
 * The caller keeps the request alive until @done, and does not release the file before. @name and
 * @data need not outlive tree_submit().
 *
 * Permissions are the caller's business. A read makes the text at offset 0 or after a jump, and
 * keeps it in between, as kernfs does. Each write is one store, of which bytes behind one page are
 * ignored. A mkdir holds a reference to the new inode, like a lookup. Sizes cannot be set: O_TRUNC
 * and truncate(2) are accepted and mean nothing, as in kernfs.
 *
 * Errors of open: -EACCES when the mode has no bit at all for what @flags ask (also for root),
 * -EINVAL for O_DIRECT, -EISDIR, -ELOOP for a link, -ENOENT when the object is gone, -ENFILE when
 * too many are open, of all files or of this stream, or the caller has his share of them. An open
 * file keeps the object alive, not the file: once it is removed, all but release answers -ENODEV.
 * Errors of mkdir and rmdir: -EPERM except in the directories of machine/, -EEXIST, -ENOENT,
 * -EINVAL (bad name), -EBUSY while the object is in use.
 */
struct tree_req {
	void (*done)(struct tree_req *req, ssize_t result);
	enum tree_op op;
	struct tree_caller caller;
	uint64_t ino;
	const char *name;
	struct tree_file *file;
	int flags;
	const char *data;
	size_t len;
	off_t off;
	struct tree_attr attr;
	unsigned int valid;
	/* the tree's own from here */
	struct tree *tree;
	void (*answer)(struct tree_req *req, ssize_t result);
	void (*interrupt)(struct tree_req *req, bool fatal);
	void *impl;
	struct tree_traced *trace;
	uint64_t journal_id;
	unsigned int stage;
	bool is_taken;
	bool finished;
	bool storing;
};

enum tree_input_op {
	TREE_INPUT_WRITE,
	TREE_INPUT_INTERRUPT,
	TREE_INPUT_MKDIR,
	TREE_INPUT_RMDIR,
	TREE_INPUT_SETATTR,
	TREE_INPUT_GATE,
	TREE_INPUT_LOG,
	TREE_NR_INPUTS,
};
extern const char *const tree_input_names[TREE_NR_INPUTS];

/**
 * struct tree_input - something from outside that may change the machine
 * @when: by the machine's clock
 * @real_ns: since the epoch, outside: files' times follow from it
 * @ino: of the file or directory; of an interrupt: the id of the write that it is for; of a race
 *	 gate: its directory
 * @path: below the mount, for people
 * @text: what is written; the name of what is made or removed; of an interrupt "fatal" or "signal";
 *	  of a log its line; of a setattr and of a race gate their own notation
 *
 * All that a machine does and shows follows from its description and these. Interrupts, what race
 * gates have counted, and lines for machine/log from outside cannot be refused: they have happened
 * when they are told.
 */
struct tree_input {
	enum tree_input_op op;
	struct base_moment when;
	uint64_t real_ns;
	uint64_t ino;
	const char *path;
	const char *text;
	size_t len;
};

/**
 * struct tree_journal - who writes inputs down; each 0, or -errno when it is not written
 * @begin: before anything happens; an error ends the call with EIO, and nothing has happened
 * @end: when it has its @result, which may be long after, and before anybody is told
 * @shown: somebody is about to be shown what the machine is at @when
 */
struct tree_journal {
	int (*begin)(void *ctx, const struct tree_input *input, uint64_t *ret_id);
	int (*end)(void *ctx, uint64_t id, const struct base_moment *when, ssize_t result);
	int (*shown)(void *ctx, const struct base_moment *when);
};

/**
 * struct tree_trace - something that happened
 * @ns: when, by the machine's clock; @start_ns: when what took time began
 * @id: of a request; of a change that of the request that caused it; 0: none
 * @op: "open", "read", "write", "mkdir", "rmdir", "uevent", "change", or "held": at a race gate
 * @pid: whose call it was; 0: nobody's
 * @command: the name of his program
 * @path: below the mount; of a uevent: its DEVPATH
 * @value: of a read or write; of a uevent: its action; "held": the gate; NULL: there is none
 * @result: as the call has it
 * @changes: what a write changed: lines of a path, a blank and what it is now, NULL: nothing;
 *	     @nr_more: those that there was no room for
 */
struct tree_trace {
	uint64_t id;
	uint64_t ns;
	uint64_t start_ns;
	const char *op;
	pid_t pid;
	const char *command;
	const char *path;
	const char *value;
	size_t len;
	ssize_t result;
	const char *changes;
	uint64_t nr_more;
};
typedef void tree_trace_fn(void *ctx, const struct tree_trace *trace);

/**
 * tree_new() - the tree of @machine, which must outlive it
 *
 * Return: NULL when out of memory.
 */
struct tree *tree_new(struct machine *machine);
/**
 * tree_boot() - a machine that has booted, and its tree
 * @spec, @clock: outlive both
 *
 * Return: 0, or -errno of machine_new().
 */
int tree_boot(const struct machine_spec *spec, struct base_clock *clock,
	      struct machine **ret_machine, struct tree **ret_tree);
/**
 * tree_add_devices() - make the devices and workloads of the machine file
 * @tree: has just booted, and gets no tree_load(), with which they come
 * @err: gets a line if one is refused: "FILE:LINE: FIELD: what is wrong and what is allowed"
 *
 * They are made as a user makes them below machine/.
 *
 * Return: 0; -EINVAL for a kind, key or value that is not valid; or what the emulated kernel
 * answers to the write.
 */
int tree_add_devices(struct tree *tree, FILE *err);
/**
 * struct tree_helper - who runs the program in sys/kernel/uevent_helper
 * @run: for an event; never with an empty @path
 * @set: another @path, or the same one, was written; empty: none is to be run any more
 */
struct tree_helper {
	void (*run)(void *ctx, const char *path, const struct hp_uevent *event);
	void (*set)(void *ctx, const char *path);
};
/** tree_set_helper() - NULL: nobody runs it */
void tree_set_helper(struct tree *tree, const struct tree_helper *helper, void *ctx);
typedef void tree_watch_fn(void *ctx, uint64_t ino);
/** tree_set_watcher() - @fn is told of a directory that has come to have more or fewer others */
void tree_set_watcher(struct tree *tree, tree_watch_fn *fn, void *ctx);
/**
 * struct tree_keeper - keeps names and texts until it is told that they are gone
 * @name_gone: of a block in directory @dir; @text_gone: of a file with a fixed text
 */
struct tree_keeper {
	void (*name_gone)(void *ctx, uint64_t dir, const char *name);
	void (*text_gone)(void *ctx, uint64_t ino);
};
/** tree_set_keeper() - from now on, sizes of files with a fixed text are those of the text */
void tree_set_keeper(struct tree *tree, const struct tree_keeper *keeper, void *ctx);
/**
 * tree_set_tracer() - @fn is told what happens while machine/trace is read
 * @always: also else
 */
void tree_set_tracer(struct tree *tree, tree_trace_fn *fn, void *ctx, bool always);
/** tree_put_trace() - a line of machine/trace, with its newline. */
void tree_put_trace(struct tree *tree, const char *line, size_t len);
/**
 * tree_set_journal() - what comes from now on is told to @journal, which has all before; NULL: to
 *			nobody, once it has been told the present moment
 */
void tree_set_journal(struct tree *tree, const struct tree_journal *journal, void *ctx);
/**
 * tree_journal_works() - whether what is still to be written down, if anything, is now
 *
 * While it is not, the machine's time had better stand still.
 */
bool tree_journal_works(struct tree *tree);
/** tree_born_ns() - when the tree was made, since the epoch; files of boot have this time. */
uint64_t tree_born_ns(const struct tree *tree);
/** tree_set_born_ns() - it was at another time, before anything happened in it. */
void tree_set_born_ns(struct tree *tree, uint64_t ns);
/**
 * tree_replay() - have an input again, at the present time of the machine's clock
 * @req: for a write, which it may leave under way; @done is called as by tree_write(), and the file
 *	 (@file) is to be released after it. For an interrupt: that of the write.
 *
 * Permissions were checked the first time.
 *
 * Context: no process calls, see struct tree_caller: what race gates held has its place already.
 *
 * Return: the result of anything but a write, for which it is 0; -EINVAL: no such input.
 */
ssize_t tree_replay(struct tree *tree, const struct tree_input *input, struct tree_req *req);
#define TREE_COMMAND_SIZE 64
typedef void tree_command_fn(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE]);
/**
 * tree_set_command() - @fn gives the name of a caller's program, "" when it cannot
 *
 * It is asked only for traces and while a race gate is enabled.
 */
void tree_set_command(struct tree *tree, tree_command_fn *fn, void *ctx);
/**
 * tree_save() - a machine and its tree as bytes: all that is in any file, now or later
 * @out: empty
 *
 * What is open, and who has looked up what, is not in it, nor is what has been removed. What the
 * journal does not know yet is written down first.
 *
 * Context: not from within anything that the machine does.
 *
 * Return: 0; -EBUSY while a call is under way, waits for the hotplug lock, or is held at a race
 * gate; -EIO when the journal does not work; -EINVAL for what could not be loaded; -ENOMEM.
 */
int tree_save(struct tree *tree, struct base_buf *out);
/**
 * tree_load() - a machine and its tree become what they were when they were saved
 * @tree: just made, as its machine, from the same description; without tree_add_devices()
 * @data: what tree_save() gave
 * @ret_when: the moment of the machine's clock then: it is to begin there, before anything else.
 *	      Timers are armed already, and due after that.
 * @ret_why: on an error: why, a text without a newline
 *
 * Return: 0; -EINVAL for what is damaged, or of another machine or build; -ENOMEM. After an error
 * both are good only to be freed.
 */
int tree_load(struct tree *tree, const void *data, size_t len, struct base_moment *ret_when,
	      struct base_buf *ret_why);
/** tree_free() - all files and directories must be closed, all requests finished; NULL is fine. */
void tree_free(struct tree *tree);

/**
 * tree_lookup() - the inode that @name in directory @dir stands for
 * @ret_fixed: when the answer is -ENOENT: whether that can never change
 *
 * A successful lookup holds a reference to the inode until tree_forget().
 *
 * Return: 0, -ENOENT, -ENOTDIR.
 */
int tree_lookup(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr,
		bool *ret_fixed);
/** tree_forget() - give back @nr references that lookups took; the inode may be gone after it. */
void tree_forget(struct tree *tree, uint64_t ino, uint64_t nr);

/** tree_getattr() - also answers for a removed inode that is still referenced. */
int tree_getattr(struct tree *tree, uint64_t ino, struct tree_attr *ret_attr);
/** tree_readlink() - the text of a link; -EINVAL when it is none. */
int tree_readlink(struct tree *tree, uint64_t ino, struct base_buf *buf);

/** tree_req_held() - whether a race gate holds @req. */
bool tree_req_held(const struct tree_req *req);

/* ---- directories ----------------------------------------------------------------------------- */

/**
 * typedef tree_dirent_fn - takes one entry
 * @next: the position behind this entry (d_off)
 *
 * Return: false when it had no room; the entry is not consumed then.
 */
typedef bool tree_dirent_fn(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next);

/** tree_opendir() - @uid: whose share it is in; 0, -ENOENT, -ENOTDIR, -ENFILE. */
int tree_opendir(struct tree *tree, uint64_t ino, uid_t uid, struct tree_dir **ret_dir);
void tree_closedir(struct tree_dir *dir);
/**
 * tree_readdir() - entries from position @off on, "." and ".." first, in kernfs's order
 *
 * Return: 0; -ENOENT when the directory was removed meanwhile.
 */
int tree_readdir(struct tree_dir *dir, off_t off, tree_dirent_fn *fn, void *ctx);

/* ---- files ----------------------------------------------------------------------------------- */

/**
 * tree_submit() - a request passes the stages of the tree (src/tree/door), and is carried out
 *
 * Context: not from within anything that the machine does; from @done of another request it may be.
 */
void tree_submit(struct tree *tree, struct tree_req *req);

/*
 * Requests as calls, which no process makes: no race gate holds them. All but a read or write are
 * over when they return.
 */

int tree_open(struct tree *tree, uint64_t ino, int flags, struct tree_file **ret_file);
int tree_mkdir(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr);
int tree_rmdir(struct tree *tree, uint64_t dir, const char *name);
int tree_setattr(struct tree *tree, uint64_t ino, const struct tree_attr *attr, unsigned int valid);
/** tree_read(), tree_write() - with @req's @caller and @done */
void tree_read(struct tree_file *file, struct tree_req *req, size_t size, off_t off);
void tree_write(struct tree_file *file, struct tree_req *req, const char *data, size_t len);

/** tree_release() - close a file. */
void tree_release(struct tree_file *file);

/**
 * tree_interrupt() - a signal for the one who waits for @req
 * @fatal: it will kill him
 *
 * The request may be finished with -EINTR before this returns, or later, or go on as if nothing
 * had been: that is the file's own rule.
 */
void tree_interrupt(struct tree_req *req, bool fatal);

/** tree_file_is_stream() - whether reads of @file take from a queue: no position, may wait. */
bool tree_file_is_stream(const struct tree_file *file);

/** tree_file_is_fixed() - whether the text of @file is the same as long as it is there. */
bool tree_file_is_fixed(const struct tree_file *file);

/**
 * tree_poll() - events that are ready, as poll(2)
 * @wake: called once, at the next change of readiness, when nothing that can change is ready;
 *	  NULL: just ask. Replaces the one given before; never called after tree_release().
 */
unsigned int tree_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx);

/** tree_lseek_check() - 0, or -ENODEV for a file whose object is gone. */
int tree_lseek_check(const struct tree_file *file);

#endif
