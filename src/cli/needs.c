// SPDX-License-Identifier: GPL-2.0-or-later
#include "memhp/cli/needs.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* options of docker run and podman run */
#define CONTAINER "--device /dev/fuse --cap-add SYS_ADMIN --security-opt apparmor=unconfined"
#define WITHOUT "memhpsim works without"

bool needs_fuse(bool by_itself)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (errno == EACCES && geteuid() && !by_itself)
		return true;
	warnx("/dev/fuse: %s (modprobe fuse; in a container: " CONTAINER "); " WITHOUT,
	      strerror(errno));
	return false;
}

void needs_namespaces(const char *what, int error)
{
	static const char user[] =
		"run as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone, "
		"user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns); ";

	warnx("%s (%s): %sin a container: " CONTAINER "; " WITHOUT, what, strerror(error),
	      geteuid() ? user : "");
}

void needs_mount(void)
{
	warnx("mounting in a container requires: " CONTAINER "; " WITHOUT);
}
