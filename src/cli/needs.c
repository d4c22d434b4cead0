// SPDX-License-Identifier: GPL-2.0-or-later
#include "memhp/cli/needs.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The last lines of each message: what provides what is missing, and what needs none of it. */
static void advise(const char *first)
{
	if (first)
		warnx("%s", first);
	warnx("in a container: docker run --device /dev/fuse --cap-add SYS_ADMIN "
	      "--security-opt apparmor=unconfined ...");
	warnx("without it: memhpsim(1) and libmemhp, memhp(3), run the same machines in memory");
}

bool needs_fuse(bool by_itself)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (errno == EACCES && geteuid() && !by_itself)
		return true;
	warnx("/dev/fuse cannot be used: %s", strerror(errno));
	advise(errno == EACCES ? "as root: chmod 666 /dev/fuse" :
						   "as root: modprobe fuse");
	return false;
}

void needs_namespaces(const char *what, int error)
{
	const char *advice = "run this as root, or as root: sysctl "
			     "kernel.unprivileged_userns_clone=1 "
			     "kernel.apparmor_restrict_unprivileged_userns=0";

	/* The kernel has no better error for a limit. */
	if (error == ENOSPC) {
		warnx("%s: the limit user.max_user_namespaces is reached", what);
		advice = "as root: sysctl user.max_user_namespaces=10000";
	} else {
		warnx("%s: %s", what, strerror(error));
		if (!geteuid())
			advice = NULL;
	}
	advise(advice);
}

void needs_mount(void)
{
	advise("memhpfs-run, which mounts in namespaces of its own, may work here");
}
