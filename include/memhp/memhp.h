/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libmemhp: emulated machines whose memory can be plugged and unplugged, in memory and in virtual
 * time. memhp(3) is the overview.
 *
 * A machine is used by one thread at a time; different machines have nothing in common. Functions
 * that return int return 0 or a negative errno: of a file, the one that the emulated kernel gives;
 * memhp_error() says why in words. Two codes are of the library itself:
 *
 *   -EBADFD   the machine has not been booted, or has been booted already
 *   -EDEADLK  another thread is using this machine
 *
 * Paths are those of memhpfs(7), such as "sys/devices/system/memory/memory32/state"; a slash at the
 * beginning makes no difference. Sizes are in bytes, times in nanoseconds of the machine's clock,
 * which stands still unless a function here advances it.
 *
 * This header is all that the library exports, and needs no macro of the caller. Functions and
 * members are only ever added.
 */
#ifndef MEMHP_MEMHP_H
#define MEMHP_MEMHP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** struct memhp - a machine, and who uses it */
struct memhp;

/* ---- machines -------------------------------------------------------------------------------- */

/**
 * memhp_new() - create a machine that has not been booted
 * @ret_machine: gets it; to be freed by memhp_free(), also when later functions fail
 *
 * If nothing else is set, memhp_boot() boots the default machine.
 *
 * Return: 0, -ENOMEM.
 */
int memhp_new(struct memhp **ret_machine);
/**
 * memhp_free() - free a machine; a no-op for NULL
 *
 * What was begun on it ends, without a call of its function. In a callback of the machine, this
 * takes effect when the function that called back returns.
 */
void memhp_free(struct memhp *machine);

/**
 * memhp_load() - choose the machine
 * @what: a machine file; a directory or an archive with the files of a real machine; or the name
 *	  of one of the machines that come with memhpfs, such as "vm-8g"
 *
 * Return: 0; -EINVAL with a line for each mistake in the file; -ENOENT; -EBADFD.
 */
int memhp_load(struct memhp *machine, const char *what);
/**
 * memhp_load_text() - choose the machine that a text describes, in the format of machine files
 * @text: YAML, see memhpfs-machine(5)
 * @len: its bytes
 *
 * Return: as memhp_load().
 */
int memhp_load_text(struct memhp *machine, const char *text, size_t len);
/** memhp_set_kernel() - set the version of Linux, such as "6.1"; 0, -EINVAL, -ENOMEM, -EBADFD. */
int memhp_set_kernel(struct memhp *machine, const char *release);
/** memhp_add_cmdline() - append words to the kernel's command line; 0, -ENOMEM, -EBADFD. */
int memhp_add_cmdline(struct memhp *machine, const char *words);
/**
 * memhp_boot() - boot the machine, and create its devices and workloads, at time 0
 *
 * After an error the machine can only be freed.
 *
 * Return: 0; -EINVAL (its description), -ENOMEM, -EBADFD, or what the emulated kernel answers when
 * a device is created.
 */
int memhp_boot(struct memhp *machine);
/**
 * memhp_warnings() - what is probably a mistake in the kernel's command line
 *
 * Return: lines that each end in a newline; "" if there is nothing; valid until the machine is
 * freed. Known as soon as the machine has been booted.
 */
const char *memhp_warnings(struct memhp *machine);

/**
 * memhp_error() - why the last function failed that failed on this machine
 *
 * Of a file, this has the path, the errno in words, and what machine/log says about it.
 *
 * Return: one line, or several for a machine file or a mount, without a newline at the end; "" if
 * nothing has failed yet; valid until the next function is called on the machine.
 */
const char *memhp_error(const struct memhp *machine);
/** memhp_text_free() - free a text or a list that a function returned, like free(3). */
void memhp_text_free(void *text);
/** memhp_version() - the version of the library, such as "0.2.0". */
const char *memhp_version(void);

/* ---- files ----------------------------------------------------------------------------------- */

/**
 * memhp_read() - read a whole file, as cat(1) does
 * @ret_text: gets the text, with a NUL after it; to be freed by memhp_text_free()
 * @ret_len: gets its bytes; may be NULL
 *
 * Time passes only if the read has to wait.
 *
 * Return: 0 or -errno; -ETIMEDOUT if nothing that will happen on this machine ends it.
 */
int memhp_read(struct memhp *machine, const char *path, char **ret_text, size_t *ret_len);
/**
 * memhp_write() - write a text to a file with one write(2), and wait for the result
 *
 * Time passes until the emulated kernel answers, and not longer.
 *
 * Return: 0 or -errno; -ETIMEDOUT if nothing that will happen on this machine ends it: its process
 * is then killed, which ends the write as soon as the emulated kernel notices.
 */
int memhp_write(struct memhp *machine, const char *path, const char *text);
/** memhp_write_data() - the same for @len bytes. */
int memhp_write_data(struct memhp *machine, const char *path, const void *data, size_t len);
/**
 * memhp_list() - list a directory
 * @ret_names: gets the names in natural order, without "." and "..", and NULL after the last one;
 *	       to be freed as a whole by memhp_text_free()
 * @ret_nr: gets their number; may be NULL
 *
 * Return: 0 or -errno.
 */
int memhp_list(struct memhp *machine, const char *path, char ***ret_names, size_t *ret_nr);
/** memhp_readlink() - the target of a link, to be freed by memhp_text_free(); 0 or -errno. */
int memhp_readlink(struct memhp *machine, const char *path, char **ret_target);

/**
 * struct memhp_stat - the attributes of a file
 * @mode: as st_mode: its type and permissions
 * @nlink: as st_nlink
 * @size: as st_size
 */
struct memhp_stat {
	uint32_t mode;
	uint32_t nlink;
	uint64_t size;
};
/**
 * memhp_stat() - get the attributes of a file; a link at the end is not followed
 * @size: sizeof(struct memhp_stat) of the caller: no more is written
 *
 * Return: 0 or -errno.
 */
int memhp_stat(struct memhp *machine, const char *path, struct memhp_stat *ret_stat, size_t size);
/** memhp_mkdir() - make a directory below machine/, which creates an object; 0 or -errno. */
int memhp_mkdir(struct memhp *machine, const char *path);
/** memhp_rmdir() - remove such a directory; 0 or -errno. */
int memhp_rmdir(struct memhp *machine, const char *path);

/* ---- requests that wait ---------------------------------------------------------------------- */

/**
 * typedef memhp_done_fn - is told that a request has ended
 * @id: of the request
 * @result: 0 or -errno
 * @text: of a read: what it read; else "". Valid until this returns
 * @len: its bytes
 *
 * It may call any function on the machine. Further calls back follow when it has returned.
 */
typedef void memhp_done_fn(void *ctx, uint64_t id, int result, const char *text, size_t len);

/**
 * memhp_begin_write() - begin to write to a file, as a process of its own
 * @done: called when it has ended, from within whichever function lets time pass, perhaps this one;
 *	  NULL: memhp_wait() has the result
 * @ret_id: gets the id of the request, before @done is called
 *
 * Return: 0, -ENOMEM, -EBADFD, -EDEADLK; all else is the result of the request.
 */
int memhp_begin_write(struct memhp *machine, const char *path, const void *data, size_t len,
		      memhp_done_fn *done, void *ctx, uint64_t *ret_id);
/** memhp_begin_read() - begin to read a whole file, whose text only @done gets. */
int memhp_begin_read(struct memhp *machine, const char *path, memhp_done_fn *done, void *ctx,
		     uint64_t *ret_id);
/** memhp_pending() - whether a request is in progress: 1, 0 (it has ended), -ENOENT, -EDEADLK. */
int memhp_pending(struct memhp *machine, uint64_t id);
/**
 * memhp_wait() - let time pass until a request has ended
 *
 * A request without a function is over and done with then; its id is not valid any more.
 *
 * Return: its result; -ETIMEDOUT if nothing that will happen on this machine ends it; -ENOENT if
 * there is no such request, or its function has been called.
 */
int memhp_wait(struct memhp *machine, uint64_t id);
/**
 * memhp_cancel() - kill the process of a request, and forget the request
 *
 * Time passes until the process has ended. Its function is not called.
 *
 * Return: 0; -ENOENT; -ETIMEDOUT if it does not end now, because a fault plan delays it for ever.
 */
int memhp_cancel(struct memhp *machine, uint64_t id);

/* ---- devices, workloads, faults, races ------------------------------------------------------- */

/**
 * memhp_make() - create an object below machine/
 * @kind: its directory: "dimm", "virtio-mem", "dax", "workload", "fault", "race", "swap", ...
 * @settings: "FILE=TEXT" in the order in which they are written, and NULL; NULL: none
 *
 * If a setting is refused, the object is removed again.
 *
 * Return: 0 or -errno.
 */
int memhp_make(struct memhp *machine, const char *kind, const char *name,
	       const char *const *settings);
/** memhp_set() - write a text to a file of such an object, machine/KIND/NAME/FILE; 0 or -errno. */
int memhp_set(struct memhp *machine, const char *kind, const char *name, const char *file,
	      const char *text);
/** memhp_remove() - remove such an object; 0 or -errno. */
int memhp_remove(struct memhp *machine, const char *kind, const char *name);
/**
 * memhp_plug() - create a device and plug it
 * @kind: "dimm", "virtio-mem" or "dax"
 * @size: its bytes; a virtio-mem device has none of them plugged yet: see memhp_resize()
 * @node: its NUMA node; -1: as the kind has it by default
 *
 * Return: 0 or -errno; then the device does not exist.
 */
int memhp_plug(struct memhp *machine, const char *kind, const char *name, uint64_t size, int node);
/**
 * memhp_unplug() - unplug a device and remove it
 *
 * The emulated kernel offlines the blocks of a DIMM first. A virtio-mem device is asked to give all
 * its memory back.
 *
 * Return: 0 or -errno; then the device is still there.
 */
int memhp_unplug(struct memhp *machine, const char *kind, const char *name);
/**
 * memhp_resize() - request another size of a virtio-mem device, and wait for its driver
 * @ret_plugged: gets how many bytes it has then, which may be another number; may be NULL
 *
 * Return: 0 or -errno.
 */
int memhp_resize(struct memhp *machine, const char *name, uint64_t size, uint64_t *ret_plugged);
/**
 * memhp_set_actor() - let what follows be done by a process of this name
 * @name: at most 15 characters; NULL: by no process
 *
 * Race gates hold only requests of processes.
 *
 * Return: 0, -EINVAL, -ENOMEM, -EBADFD.
 */
int memhp_set_actor(struct memhp *machine, const char *name);

/* ---- time ------------------------------------------------------------------------------------ */

/** memhp_now() - the machine's time since boot; 0 before. */
uint64_t memhp_now(const struct memhp *machine);
/** memhp_advance() - let @ns pass; 0, -EBADFD, -EDEADLK. */
int memhp_advance(struct memhp *machine, uint64_t ns);
/**
 * memhp_run() - let time pass until the machine is quiet
 * @max_ns: the most that may pass
 *
 * It is quiet when no operation is in progress in the emulated kernel or its drivers, and no
 * request that was begun is pending. virtio-mem drivers may still retry later.
 *
 * Return: 0; -ETIMEDOUT if it is not quiet after @max_ns, or never will be.
 */
int memhp_run(struct memhp *machine, uint64_t max_ns);

/* ---- what happens ---------------------------------------------------------------------------- */

/*
 * A function that is told what happens is called between two steps of the clock, from within
 * whichever function lets time pass, and may call any function on the machine. What it causes is
 * told when it has returned. NULL: it is not told any more.
 */

/**
 * typedef memhp_uevent_fn - is told of a uevent
 * @text: "ACTION@DEVPATH" and lines KEY=VALUE, as in machine/uevents; valid until this returns
 */
typedef void memhp_uevent_fn(void *ctx, const char *text);
/** memhp_on_uevent() - set who is told of uevents; 0, -EDEADLK. */
int memhp_on_uevent(struct memhp *machine, memhp_uevent_fn *fn, void *ctx);
/**
 * memhp_uevents() - get all uevents since the last call
 * @ret_text: gets them in the format of machine/uevents: each ends in an empty line; to be freed by
 *	      memhp_text_free()
 *
 * Those that the function of memhp_on_uevent() is told of are not among them. What was sent before
 * memhp_boot() returned is not kept.
 *
 * Return: 0; -ENOBUFS if there were more than 16 MiB of them: the next call gets the newest.
 */
int memhp_uevents(struct memhp *machine, char **ret_text);

/** typedef memhp_log_fn - is told of a line of machine/log, without its newline */
typedef void memhp_log_fn(void *ctx, const char *line);
/** memhp_on_log() - set who is told of further lines; before booting: all; 0, -EDEADLK. */
int memhp_on_log(struct memhp *machine, memhp_log_fn *fn, void *ctx);

/**
 * struct memhp_trace - something that happened, as in machine/trace
 * @id: of the request, also for what it caused; 0: none
 * @ns: when it ended
 * @start_ns: when it began
 * @op: "open", "read", "write", "mkdir", "rmdir"; "uevent"; "change": a block or an object;
 *	"step": one that a fault plan can fail; "held": at a race gate
 * @actor: see memhp_set_actor(); "": none
 * @path: of the file; of a uevent its DEVPATH; of a step its blocks, such as "memory32-39"
 * @value: what was read or written; of a uevent its action; of a step its phase; NULL: none
 * @value_len: its bytes
 * @result: a number of bytes, 0 or -errno
 * @changes: what a write changed, in lines of a path, a blank and the new value; NULL: nothing
 * @nr_more: how many changes are not in @changes, because there are too many
 *
 * More members may follow in later versions.
 */
struct memhp_trace {
	uint64_t id;
	uint64_t ns;
	uint64_t start_ns;
	const char *op;
	const char *actor;
	const char *path;
	const char *value;
	size_t value_len;
	int64_t result;
	const char *changes;
	uint64_t nr_more;
};
/** typedef memhp_trace_fn - is told of a struct that is valid until it returns */
typedef void memhp_trace_fn(void *ctx, const struct memhp_trace *trace);
/** memhp_on_trace() - set who is told what happens on the machine; 0, -EDEADLK. */
int memhp_on_trace(struct memhp *machine, memhp_trace_fn *fn, void *ctx);

/* ---- snapshots ------------------------------------------------------------------------------- */

/** struct memhp_snapshot - a saved machine, which never changes: threads may share it */
struct memhp_snapshot;

/**
 * memhp_snapshot() - save a machine with everything that its files show, and its time
 * @ret_snapshot: gets it; to be freed by memhp_snapshot_free(); the machine need not live as long
 *
 * Return: 0; -EBUSY while an operation is in progress or held at a race gate, see memhp_run();
 * -ENOMEM; -EBADFD.
 */
int memhp_snapshot(struct memhp *machine, struct memhp_snapshot **ret_snapshot);
/** memhp_snapshot_free() - free a snapshot; a no-op for NULL. */
void memhp_snapshot_free(struct memhp_snapshot *snapshot);
/**
 * memhp_from_snapshot() - create a machine, already booted, as it was when it was saved
 * @ret_machine: gets it; it has no actor, tells nobody what happens, and has had no uevents
 *
 * Return: 0, -ENOMEM.
 */
int memhp_from_snapshot(const struct memhp_snapshot *snapshot, struct memhp **ret_machine);
/**
 * memhp_restore() - let a machine be as it was when it, or another one, was saved
 *
 * Requests in progress end as with memhp_cancel(). Who is told what happens remains so; uevents
 * that nobody has got are lost.
 *
 * Return: 0; -EBUSY in a callback of the machine; -ENOMEM; -EBADFD. After an error it is as before.
 */
int memhp_restore(struct memhp *machine, const struct memhp_snapshot *snapshot);
/** memhp_fork() - create a machine that is as this one is now; as the functions above. */
int memhp_fork(struct memhp *machine, struct memhp **ret_machine);

/* ---- mounts ---------------------------------------------------------------------------------- */

/**
 * memhp_mount() - mount a machine, for programs that use files
 * @dir: an empty directory
 * @options: as for -o of memhpfs(8); "" or NULL: none
 *
 * A thread of the library answers. While the machine is mounted, its time is the host's, as with
 * memhpfs(8), and functions that wait do so in that time, until a client ends it if need be;
 * memhp_advance(), memhp_run() and memhp_resize() let it go ahead. What clients cause is told by
 * the next function that is called on the machine. The caller, callbacks too, may use the files.
 *
 * Return: 0; -ENODEV (no /dev/fuse), -EIO (mounting is not permitted), -EBUSY, or another error of
 * @dir; memhp_error() says what is needed. Some reasons fusermount3(1) prints by itself.
 */
int memhp_mount(struct memhp *machine, const char *dir, const char *options);
/**
 * memhp_unmount() - unmount it; its time stands still again
 *
 * Requests of clients that are waiting end as if their processes were killed. Open files do not
 * prevent it; memhp_free() does the same.
 *
 * Return: 0; -EINVAL if it is not mounted; -EBUSY in a callback of the machine, or if a fault plan
 * delays a request for ever: then the machine can only be freed.
 */
int memhp_unmount(struct memhp *machine);

#ifdef __cplusplus
}
#endif

#endif
