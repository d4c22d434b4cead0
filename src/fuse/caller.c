// SPDX-License-Identifier: GPL-2.0-or-later
/* Callers: the names of processes on the host. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "memhp/fuse.h"

void memfuse_command(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE])
{
	ssize_t len = 0;
	char path[40];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, command, TREE_COMMAND_SIZE - 1);
		close(fd);
	}
	command[len > 0 ? len : 0] = '\0';
	command[strcspn(command, "\n")] = '\0';
}
