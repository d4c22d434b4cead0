/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls of a random client on names: of files, directories and objects. */
#include "random_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

void random_look(struct client *c)
{
	const char *path = pick_path(&c->pick);
	char buf[256];
	struct statvfs fs;
	struct statx stx;
	struct stat st;

	switch (random_below(c, 7)) {
	case 0:
		random_count(c, stat(path, &st));
		break;
	case 1:
		random_count(c, lstat(path, &st));
		break;
	case 2:
		random_count(c, statx(AT_FDCWD, path, (int)random_below(c, 0x8000),
				      (unsigned int)random_below(c, 0x8000), &stx));
		break;
	case 3:
		random_count(c, readlink(path, buf, random_below(c, sizeof(buf))));
		break;
	case 4:
		random_count(c, statvfs(path, &fs));
		break;
	case 5:
		random_count(c, access(path, (int)random_below(c, 8)));
		break;
	default:
		random_count(c, fstat(random_some_fd(c), &st));
		break;
	}
}

void random_readdir(struct client *c)
{
	int fd = random_some_fd(c);

	if (random_below(c, 2)) {
		int dir = (int)random_count(c, open(pick_path(&c->pick), O_RDONLY | O_DIRECTORY));

		random_slot_put(c, dir, "");
		fd = dir;
	}
	random_count(c, syscall(SYS_getdents64, fd, c->text, random_below(c, 9000)));
}

void random_object(struct client *c)
{
	char path[2048];

	pick_object(&c->pick, path, sizeof(path));
	if (pick_percent(&c->pick, 70))
		random_count(c, mkdir(path, (mode_t)random_below(c, 010000)));
	else
		random_count(c, rmdir(path));
}

void random_change(struct client *c)
{
	const struct timespec times[2] = { { .tv_sec = (time_t)random_below(c, 2000000000) },
					   { .tv_nsec = UTIME_NOW } };
	const char *path = pick_path(&c->pick), *other = pick_path(&c->pick);

	switch (random_below(c, 13)) {
	case 0:
		random_count(c, chmod(path, (mode_t)random_below(c, 010000)));
		break;
	case 1:
		random_count(c, lchown(path, (uid_t)random_below(c, 3) - 1,
				       (gid_t)random_below(c, 3) - 1));
		break;
	case 2:
		random_count(c, utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW));
		break;
	case 3:
		random_count(c, truncate(path, random_any_offset(c)));
		break;
	case 4:
		random_count(c, rename(path, other));
		break;
	case 5:
		random_count(c, link(path, "machine/dimm/link"));
		break;
	case 6:
		random_count(c, symlink(path, "machine/symlink"));
		break;
	case 7:
		random_count(c, unlink(path));
		break;
	case 8:
		random_count(c, mknod("machine/dimm/node", S_IFREG | 0644, 0));
		break;
	case 9:
		random_count(c, rmdir(path));
		break;
	case 10:
		random_count(c, getxattr(path, "user.x", c->text, random_below(c, 100)));
		break;
	case 11:
		random_count(c, setxattr(path, "security.x", c->text, random_below(c, 100), 0));
		break;
	default:
		random_count(c, llistxattr(path, c->text, random_below(c, 100)));
		break;
	}
}

void random_handle(struct client *c)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u = { .handle.handle_bytes = (unsigned int)random_below(c, MAX_HANDLE_SZ + 2) };
	int id;

	if (random_count(c, name_to_handle_at(AT_FDCWD, pick_path(&c->pick), &u.handle, &id, 0)) >=
	    0)
		random_slot_put(
			c, (int)random_count(c, open_by_handle_at(AT_FDCWD, &u.handle, O_RDONLY)),
			"");
}
