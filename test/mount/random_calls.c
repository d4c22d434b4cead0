/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls of a random client: those on descriptors, and the choice of a call. */
#include "random_calls.h"

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
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILL_WITHIN_US 20000

long random_count(struct client *c, long ret)
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

uint64_t random_below(struct client *c, uint64_t limit)
{
	return pick_below(&c->pick, limit);
}

/* ---- descriptors ----------------------------------------------------------------------------- */

void random_close(struct client *c, size_t slot)
{
	if (c->fds[slot] >= 0)
		random_count(c, close(c->fds[slot]));
	free(c->paths[slot]);
	c->fds[slot] = -1;
	c->paths[slot] = NULL;
}

void random_slot_put(struct client *c, int fd, const char *path)
{
	size_t slot = random_below(c, RANDOM_FDS);
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
	int flags = (int)random_below(c, 4);

	while (random_below(c, 2))
		flags |= more[random_below(c, sizeof(more) / sizeof(*more))];
	return flags;
}

static void do_open(struct client *c)
{
	const char *path = pick_path(&c->pick);

	random_slot_put(c, (int)random_count(c, open(path, any_flags(c), 0644)), path);
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

	return pick_path_of(&c->pick, leaves[random_below(c, sizeof(leaves) / sizeof(*leaves))]);
}

static void do_open_writable(struct client *c)
{
	const char *path = writable_path(c);

	random_slot_put(c, (int)random_count(c, open(path, O_RDWR | O_CLOEXEC)), path);
}

/* An open descriptor; -1 if there is none. */
static int any_fd(struct client *c, const char **ret_path)
{
	size_t from = random_below(c, RANDOM_FDS);

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

int random_some_fd(struct client *c)
{
	const char *path;

	return any_fd(c, &path);
}

off_t random_any_offset(struct client *c)
{
	switch (random_below(c, 4)) {
	case 0:
		return (off_t)(1ull << random_below(c, 64));
	case 1:
		return (off_t)random_below(c, 9000) - 10;
	default:
		return 0;
	}
}

static size_t any_size(struct client *c)
{
	return random_below(c, 4) ? random_below(c, 5000) : random_below(c, PICK_TEXT_MAX);
}

static void do_close(struct client *c)
{
	random_close(c, random_below(c, RANDOM_FDS));
}

static void do_dup(struct client *c)
{
	const char *path;
	int fd = any_fd(c, &path);

	random_slot_put(c, (int)random_count(c, dup(fd)), path);
}

/* ---- reading and writing --------------------------------------------------------------------- */

static void do_read(struct client *c)
{
	size_t size = any_size(c);
	struct iovec two[2] = { { c->text, size / 2 }, { c->text + size / 2, size - size / 2 } };
	int fd = random_some_fd(c);

	switch (random_below(c, 4)) {
	case 0:
		random_count(c, pread(fd, c->text, size, random_any_offset(c)));
		break;
	case 1:
		random_count(c, readv(fd, two, 2));
		break;
	default:
		random_count(c, read(fd, c->text, size));
		break;
	}
}

static void do_write(struct client *c)
{
	const char *path;
	int fd = any_fd(c, &path);
	size_t len = pick_text(&c->pick, path, c->text);
	struct iovec two[2] = { { c->text, len / 2 }, { c->text + len / 2, len - len / 2 } };

	switch (random_below(c, 4)) {
	case 0:
		random_count(c, pwrite(fd, c->text, len, random_any_offset(c)));
		break;
	case 1:
		random_count(c, writev(fd, two, 2));
		break;
	default:
		random_count(c, write(fd, c->text, len));
		break;
	}
}

/* Writes like echo(1). */
static void do_echo(struct client *c)
{
	const char *path = writable_path(c);
	int fd = (int)random_count(c, open(path, O_WRONLY | O_TRUNC | O_CLOEXEC));
	size_t len = pick_text(&c->pick, path, c->text);

	random_count(c, write(fd, c->text, len));
	if (fd >= 0)
		random_count(c, close(fd));
}

/* Kills a writer, perhaps while it waits. */
static void do_kill(struct client *c)
{
	const char *path = pick_path_of(&c->pick, pick_percent(&c->pick, 80) ? "state" : "online");
	size_t len = pick_text(&c->pick, path, c->text);
	int sig = pick_percent(&c->pick, 50) ? SIGKILL : SIGUSR1;
	uint64_t delay_us = random_below(c, KILL_WITHIN_US);
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
	int fd = random_some_fd(c);
	int prot = (int)random_below(c, 8), flags = random_below(c, 2) ? MAP_PRIVATE : MAP_SHARED;
	char *map = mmap(NULL, 8192, prot, flags, fd, (off_t)random_below(c, 2) * 4096);

	if (map == MAP_FAILED) {
		random_count(c, -1);
		return;
	}
	random_count(c, write(c->pipe[1], map + random_below(c, 8192), 1));
	random_count(c, msync(map, 8192, MS_SYNC));
	munmap(map, 8192);
}

static void do_splice(struct client *c)
{
	int fd = random_some_fd(c), other = random_some_fd(c);
	size_t size = random_below(c, 9000);

	switch (random_below(c, 5)) {
	case 0:
		random_count(c, sendfile(c->pipe[1], fd, NULL, size));
		break;
	case 1:
		random_count(c, splice(fd, NULL, c->pipe[1], NULL, size, SPLICE_F_NONBLOCK));
		break;
	case 2:
		random_count(c, splice(c->pipe[0], NULL, fd, NULL, size, SPLICE_F_NONBLOCK));
		break;
	case 3:
		random_count(c, copy_file_range(fd, NULL, other, NULL, size, 0));
		break;
	default:
		random_count(c, sendfile(other, fd, NULL, size));
		break;
	}
	while (read(c->pipe[0], c->text, PICK_TEXT_MAX) > 0)
		;
}

static void do_seek(struct client *c)
{
	random_count(c, lseek(random_some_fd(c), random_any_offset(c), (int)random_below(c, 6)));
}

static void do_poll(struct client *c)
{
	struct pollfd fds[2] = {
		{ .fd = random_some_fd(c), .events = (short)random_below(c, 0x800) },
		{ .fd = random_some_fd(c), .events = POLLIN | POLLPRI },
	};

	random_count(c, poll(fds, 2, (int)random_below(c, 3)));
}

static void do_fd_call(struct client *c)
{
	struct flock lock = { .l_type = (short)random_below(c, 3),
			      .l_len = (off_t)random_below(c, 10) };
	int fd = random_some_fd(c);

	switch (random_below(c, 9)) {
	case 0:
		random_count(c, ftruncate(fd, random_any_offset(c)));
		break;
	case 1:
		random_count(c, fsync(fd));
		break;
	case 2:
		random_count(c, fallocate(fd, (int)random_below(c, 8), random_any_offset(c),
					  random_any_offset(c)));
		break;
	case 3:
		random_count(c, flock(fd, (int)random_below(c, 16) |
						  (random_below(c, 4) ? LOCK_NB : 0)));
		break;
	case 4:
		random_count(c, fcntl(fd, F_SETLK, &lock));
		break;
	case 5:
		random_count(c,
			     fcntl(fd, F_SETFL, any_flags(c) & (O_APPEND | O_NONBLOCK | O_DIRECT)));
		break;
	case 6:
		random_count(c,
			     ioctl(fd, random_below(c, 2) ? FIONREAD : FS_IOC_GETFLAGS, c->text));
		break;
	case 7:
		random_count(c, ioctl(fd, (unsigned long)random_below(c, UINT32_MAX), c->text));
		break;
	default:
		random_count(c,
			     posix_fadvise(fd, 0, random_any_offset(c), (int)random_below(c, 7)));
		break;
	}
}

/* ---- choosing a call ------------------------------------------------------------------------- */

static const struct {
	void (*call)(struct client *c);
	unsigned int weight;
} calls[] = {
	{ do_open, 8 },	      { do_open_writable, 12 }, { do_close, 8 },       { do_dup, 2 },
	{ do_read, 12 },      { do_write, 12 },		{ do_echo, 15 },       { do_kill, 2 },
	{ do_mmap, 3 },	      { do_splice, 4 },		{ do_seek, 3 },	       { do_poll, 3 },
	{ do_fd_call, 6 },    { random_look, 8 },	{ random_readdir, 4 }, { random_object, 5 },
	{ random_change, 6 }, { random_handle, 1 },
};

void random_call(struct client *c)
{
	uint64_t weights = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < sizeof(calls) / sizeof(*calls); k++)
		weights += calls[k].weight;
	at = random_below(c, weights);
	while (at >= calls[i].weight)
		at -= calls[i++].weight;
	calls[i].call(c);
}
