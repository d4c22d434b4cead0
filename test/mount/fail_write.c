/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For LD_PRELOAD: writes to files whose path begins with FAIL_PATH fail, from the FAIL_AT-th on
 * (the first is 1), FAIL_NR of them, with the errno FAIL_ERRNO; with FAIL_HALF, after half of the
 * data. Once one has failed, a file FAIL_PATH.failed exists.
 */
#undef _FILE_OFFSET_BITS /* pwrite() and pwrite64() are different functions */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long number(const char *name)
{
	const char *text = getenv(name);

	return text ? atol(text) : 0;
}

static bool is_ours(int fd)
{
	const char *prefix = getenv("FAIL_PATH");
	char link[64], path[PATH_MAX];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (!prefix || len < 0)
		return false;
	path[len] = '\0';
	return !strncmp(path, prefix, strlen(prefix));
}

static void tell(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s.failed", getenv("FAIL_PATH"));
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
}

static bool fails(int fd)
{
	static long nr;
	long at = number("FAIL_AT");

	if (!is_ours(fd))
		return false;
	nr++;
	if (nr < at || nr >= at + number("FAIL_NR"))
		return false;
	tell();
	return true;
}

typedef ssize_t pwrite_fn(int fd, const void *data, size_t len, off_t off);

static ssize_t do_pwrite(const char *name, int fd, const void *data, size_t len, off_t off)
{
	pwrite_fn *fn = (pwrite_fn *)(uintptr_t)dlsym(RTLD_NEXT, name);

	if (!fails(fd))
		return fn(fd, data, len, off);
	if (number("FAIL_HALF"))
		(void)!fn(fd, data, len / 2, off);
	errno = (int)number("FAIL_ERRNO");
	return -1;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t off)
{
	return do_pwrite("pwrite", fd, data, len, off);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off_t off)
{
	return do_pwrite("pwrite64", fd, data, len, off);
}

ssize_t write(int fd, const void *data, size_t len)
{
	ssize_t (*fn)(int, const void *, size_t) =
		(ssize_t(*)(int, const void *, size_t))(uintptr_t)dlsym(RTLD_NEXT, "write");

	if (!fails(fd))
		return fn(fd, data, len);
	errno = (int)number("FAIL_ERRNO");
	return -1;
}
