// SPDX-License-Identifier: GPL-2.0-or-later
/* Files below the root, and the time. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "view_private.h"

uint64_t view_clock(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

int view_read(const struct view *view, char *text, size_t size, const char *path, ...)
{
	char name[256];
	ssize_t len;
	va_list ap;
	int fd, error;

	*text = '\0';
	va_start(ap, path);
	vsnprintf(name, sizeof(name), path, ap);
	va_end(ap);
	fd = openat(view->root, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, text, size - 1);
	error = errno;
	close(fd);
	if (len < 0)
		return -error;
	if (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return (int)len;
}
