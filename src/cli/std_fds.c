// SPDX-License-Identifier: GPL-2.0-or-later
#include "memhp/cli/std_fds.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void std_fds_reserve(int flags)
{
	int fd;

	/* open() returns the lowest free descriptor */
	do {
		fd = open("/", O_PATH | flags);
		if (fd < 0)
			err(EXIT_FAILURE, "/");
	} while (fd <= STDERR_FILENO);
	close(fd);
}
