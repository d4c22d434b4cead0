/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls of a random client.
 */
#include "random_client.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define KILL_WITHIN_US 20000

/* Counts the result of a call. */
static long count(struct client *c, long ret)
{
	int error = errno;

	c->nr_calls++;
	if (ret >= 0)
		return ret;
	c->nr_refused++;
	if (error == ENOTCONN || error == ECONNABORTED)
		errx(EXIT_FAILURE, "the daemon is gone: %s", strerror(error));
	return ret;
}

static uint64_t below(struct client *c, uint64_t limit)
{
	return pick_below(&c->pick, limit);
}

/* ---- descriptors ----------------------------------------------------------------------------- */

void random_close(struct client *c, size_t slot)
{
	if (c->fds[slot] >= 0)
		count(c, close(c->fds[slot]));
	free(c->paths[slot]);
	c->fds[slot] = -1;
	c->paths[slot] = NULL;
}

/* Replaces the descriptor in a random slot. */
static void slot_put(struct client *c, int fd, const char *path)
{
	size_t slot = below(c, RANDOM_FDS);
	char *copy = strdup(path); /* @path may belong to the slot */

	if (fd < 0 || !copy) {
		free(copy);
		return;
	}
	random_close(c, slot);
	c->fds[slot] = fd;
	c->paths[slot] = copy;
}

static int any_flags(struct client *c)
{
	static const int more[] = { O_APPEND,	 O_TRUNC,   O_NONBLOCK, O_SYNC,
				    O_DSYNC,	 O_DIRECT,  O_CREAT,	O_EXCL,
				    O_DIRECTORY, O_PATH,    O_NOFOLLOW, O_NOATIME,
				    O_TMPFILE,	 O_CLOEXEC, O_NOCTTY,	O_LARGEFILE };
	int flags = (int)below(c, 4);

	while (below(c, 2))
		flags |= more[below(c, sizeof(more) / sizeof(*more))];
	return flags;
}

static void do_open(struct client *c)
{
	const char *path = pick_path(&c->pick);

	slot_put(c, (int)count(c, open(path, any_flags(c), 0644)), path);
}

static const char *writable_path(struct client *c)
{
	static const char *const leaves[] = {
		"state",
		"state",
		"state",
		"online",
		"plugged",
		"size",
		"kind",
		"block",
		"node",
		"enabled",
		"nr_hugepages",
		"requested_size",
		"probe",
		"hard_offline_page",
		"bound",
		"migrate_pages_per_ms",
		"auto_online_blocks",
		"dimms",
		"uevent",
		"soft_offline_page",
	};

	return pick_path_of(&c->pick, leaves[below(c, sizeof(leaves) / sizeof(*leaves))]);
}

static void do_open_writable(struct client *c)
{
	const char *path = writable_path(c);

	slot_put(c, (int)count(c, open(path, O_RDWR | O_CLOEXEC)), path);
}

/* An open descriptor; -1 if there is none. */
static int any_fd(struct client *c, const char **ret_path)
{
	size_t from = below(c, RANDOM_FDS);

	for (size_t i = 0; i < RANDOM_FDS; i++) {
		size_t slot = (from + i) % RANDOM_FDS;

		if (c->fds[slot] >= 0) {
			*ret_path = c->paths[slot] ? c->paths[slot] : "";
			return c->fds[slot];
		}
	}
	*ret_path = "";
	return -1;
}

static int some_fd(struct client *c)
{
	const char *path;

	return any_fd(c, &path);
}

static off_t any_offset(struct client *c)
{
	switch (below(c, 4)) {
	case 0:
		return (off_t)(1ull << below(c, 64));
	case 1:
		return (off_t)below(c, 9000) - 10;
	default:
		return 0;
	}
}

static size_t any_size(struct client *c)
{
	return below(c, 4) ? below(c, 5000) : below(c, PICK_TEXT_MAX);
}

static void do_close(struct client *c)
{
	random_close(c, below(c, RANDOM_FDS));
}

static void do_dup(struct client *c)
{
	const char *path;
	int fd = any_fd(c, &path);

	slot_put(c, (int)count(c, dup(fd)), path);
}

/* ---- reading and writing --------------------------------------------------------------------- */

static void do_read(struct client *c)
{
	size_t size = any_size(c);
	struct iovec two[2] = { { c->text, size / 2 }, { c->text + size / 2, size - size / 2 } };
	int fd = some_fd(c);

	switch (below(c, 4)) {
	case 0:
		count(c, pread(fd, c->text, size, any_offset(c)));
		break;
	case 1:
		count(c, readv(fd, two, 2));
		break;
	default:
		count(c, read(fd, c->text, size));
		break;
	}
}

static void do_write(struct client *c)
{
	const char *path;
	int fd = any_fd(c, &path);
	size_t len = pick_text(&c->pick, path, c->text);
	struct iovec two[2] = { { c->text, len / 2 }, { c->text + len / 2, len - len / 2 } };

	switch (below(c, 4)) {
	case 0:
		count(c, pwrite(fd, c->text, len, any_offset(c)));
		break;
	case 1:
		count(c, writev(fd, two, 2));
		break;
	default:
		count(c, write(fd, c->text, len));
		break;
	}
}

/* Writes like echo(1). */
static void do_echo(struct client *c)
{
	const char *path = writable_path(c);
	int fd = (int)count(c, open(path, O_WRONLY | O_TRUNC | O_CLOEXEC));
	size_t len = pick_text(&c->pick, path, c->text);

	count(c, write(fd, c->text, len));
	if (fd >= 0)
		count(c, close(fd));
}

/* Kills a writer, perhaps while it waits. */
static void do_kill(struct client *c)
{
	const char *path = pick_path_of(&c->pick, pick_percent(&c->pick, 80) ? "state" : "online");
	size_t len = pick_text(&c->pick, path, c->text);
	int sig = pick_percent(&c->pick, 50) ? SIGKILL : SIGUSR1;
	uint64_t delay_us = below(c, KILL_WITHIN_US);
	pid_t pid = fork();

	if (!pid) {
		int fd = open(path, O_WRONLY);

		_exit(write(fd, c->text, len) < 0);
	}
	if (pid < 0)
		return;
	usleep((useconds_t)delay_us);
	kill(pid, sig);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	c->nr_killed++;
}

/* Through a pipe, so that a page that cannot be read is an error and not a signal. */
static void do_mmap(struct client *c)
{
	int fd = some_fd(c);
	int prot = (int)below(c, 8), flags = below(c, 2) ? MAP_PRIVATE : MAP_SHARED;
	char *map = mmap(NULL, 8192, prot, flags, fd, (off_t)below(c, 2) * 4096);

	if (map == MAP_FAILED) {
		count(c, -1);
		return;
	}
	count(c, write(c->pipe[1], map + below(c, 8192), 1));
	count(c, msync(map, 8192, MS_SYNC));
	munmap(map, 8192);
}

static void do_splice(struct client *c)
{
	int fd = some_fd(c), other = some_fd(c);
	size_t size = below(c, 9000);

	switch (below(c, 5)) {
	case 0:
		count(c, sendfile(c->pipe[1], fd, NULL, size));
		break;
	case 1:
		count(c, splice(fd, NULL, c->pipe[1], NULL, size, SPLICE_F_NONBLOCK));
		break;
	case 2:
		count(c, splice(c->pipe[0], NULL, fd, NULL, size, SPLICE_F_NONBLOCK));
		break;
	case 3:
		count(c, copy_file_range(fd, NULL, other, NULL, size, 0));
		break;
	default:
		count(c, sendfile(other, fd, NULL, size));
		break;
	}
	while (read(c->pipe[0], c->text, PICK_TEXT_MAX) > 0)
		;
}

static void do_seek(struct client *c)
{
	count(c, lseek(some_fd(c), any_offset(c), (int)below(c, 6)));
}

static void do_poll(struct client *c)
{
	struct pollfd fds[2] = {
		{ .fd = some_fd(c), .events = (short)below(c, 0x800) },
		{ .fd = some_fd(c), .events = POLLIN | POLLPRI },
	};

	count(c, poll(fds, 2, (int)below(c, 3)));
}

static void do_fd_call(struct client *c)
{
	struct flock lock = { .l_type = (short)below(c, 3), .l_len = (off_t)below(c, 10) };
	int fd = some_fd(c);

	switch (below(c, 9)) {
	case 0:
		count(c, ftruncate(fd, any_offset(c)));
		break;
	case 1:
		count(c, fsync(fd));
		break;
	case 2:
		count(c, fallocate(fd, (int)below(c, 8), any_offset(c), any_offset(c)));
		break;
	case 3:
		count(c, flock(fd, (int)below(c, 16) | (below(c, 4) ? LOCK_NB : 0)));
		break;
	case 4:
		count(c, fcntl(fd, F_SETLK, &lock));
		break;
	case 5:
		count(c, fcntl(fd, F_SETFL, any_flags(c) & (O_APPEND | O_NONBLOCK | O_DIRECT)));
		break;
	case 6:
		count(c, ioctl(fd, below(c, 2) ? FIONREAD : FS_IOC_GETFLAGS, c->text));
		break;
	case 7:
		count(c, ioctl(fd, (unsigned long)below(c, UINT32_MAX), c->text));
		break;
	default:
		count(c, posix_fadvise(fd, 0, any_offset(c), (int)below(c, 7)));
		break;
	}
}

/* ---- names ----------------------------------------------------------------------------------- */

static void do_look(struct client *c)
{
	const char *path = pick_path(&c->pick);
	char buf[256];
	struct statvfs fs;
	struct statx stx;
	struct stat st;

	switch (below(c, 7)) {
	case 0:
		count(c, stat(path, &st));
		break;
	case 1:
		count(c, lstat(path, &st));
		break;
	case 2:
		count(c, statx(AT_FDCWD, path, (int)below(c, 0x8000),
			       (unsigned int)below(c, 0x8000), &stx));
		break;
	case 3:
		count(c, readlink(path, buf, below(c, sizeof(buf))));
		break;
	case 4:
		count(c, statvfs(path, &fs));
		break;
	case 5:
		count(c, access(path, (int)below(c, 8)));
		break;
	default:
		count(c, fstat(some_fd(c), &st));
		break;
	}
}

static void do_readdir(struct client *c)
{
	int fd = some_fd(c);

	if (below(c, 2)) {
		int dir = (int)count(c, open(pick_path(&c->pick), O_RDONLY | O_DIRECTORY));

		slot_put(c, dir, "");
		fd = dir;
	}
	count(c, syscall(SYS_getdents64, fd, c->text, below(c, 9000)));
}

static void do_object(struct client *c)
{
	char path[2048];

	pick_object(&c->pick, path, sizeof(path));
	if (pick_percent(&c->pick, 70))
		count(c, mkdir(path, (mode_t)below(c, 010000)));
	else
		count(c, rmdir(path));
}

static void do_change(struct client *c)
{
	const struct timespec times[2] = { { .tv_sec = (time_t)below(c, 2000000000) },
					   { .tv_nsec = UTIME_NOW } };
	const char *path = pick_path(&c->pick), *other = pick_path(&c->pick);

	switch (below(c, 13)) {
	case 0:
		count(c, chmod(path, (mode_t)below(c, 010000)));
		break;
	case 1:
		count(c, lchown(path, (uid_t)below(c, 3) - 1, (gid_t)below(c, 3) - 1));
		break;
	case 2:
		count(c, utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW));
		break;
	case 3:
		count(c, truncate(path, any_offset(c)));
		break;
	case 4:
		count(c, rename(path, other));
		break;
	case 5:
		count(c, link(path, "machine/dimm/link"));
		break;
	case 6:
		count(c, symlink(path, "machine/symlink"));
		break;
	case 7:
		count(c, unlink(path));
		break;
	case 8:
		count(c, mknod("machine/dimm/node", S_IFREG | 0644, 0));
		break;
	case 9:
		count(c, rmdir(path));
		break;
	case 10:
		count(c, getxattr(path, "user.x", c->text, below(c, 100)));
		break;
	case 11:
		count(c, setxattr(path, "security.x", c->text, below(c, 100), 0));
		break;
	default:
		count(c, llistxattr(path, c->text, below(c, 100)));
		break;
	}
}

static void do_handle(struct client *c)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u = { .handle.handle_bytes = (unsigned int)below(c, MAX_HANDLE_SZ + 2) };
	int id;

	if (count(c, name_to_handle_at(AT_FDCWD, pick_path(&c->pick), &u.handle, &id, 0)) >= 0)
		slot_put(c, (int)count(c, open_by_handle_at(AT_FDCWD, &u.handle, O_RDONLY)), "");
}

/* ---- choosing a call ------------------------------------------------------------------------- */

static const struct {
	void (*call)(struct client *c);
	unsigned int weight;
} calls[] = {
	{ do_open, 8 },	   { do_open_writable, 12 }, { do_close, 8 },	{ do_dup, 2 },
	{ do_read, 12 },   { do_write, 12 },	     { do_echo, 15 },	{ do_kill, 2 },
	{ do_mmap, 3 },	   { do_splice, 4 },	     { do_seek, 3 },	{ do_poll, 3 },
	{ do_fd_call, 6 }, { do_look, 8 },	     { do_readdir, 4 }, { do_object, 5 },
	{ do_change, 6 },  { do_handle, 1 },
};

void random_call(struct client *c)
{
	uint64_t weights = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < sizeof(calls) / sizeof(*calls); k++)
		weights += calls[k].weight;
	at = below(c, weights);
	while (at >= calls[i].weight)
		at -= calls[i++].weight;
	calls[i].call(c);
}
