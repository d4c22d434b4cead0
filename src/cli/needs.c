// SPDX-License-Identifier: GPL-2.0-or-later
#include "memhp/cli/needs.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The last lines of each message: what provides what is missing, and what needs none of it. */
static void advise(struct base_buf *why, const char *first)
{
	if (first)
		base_buf_printf(why, "%s\n", first);
	base_buf_puts(why, "in a container: docker run --device /dev/fuse --cap-add SYS_ADMIN "
			   "--security-opt apparmor=unconfined ...\n"
			   "without it: memhpsim(1) and libmemhp, memhp(3), run the same machines "
			   "in memory");
}

static void report(struct base_buf *why)
{
	char *rest = why->data, *line;

	while (rest && (line = strsep(&rest, "\n")))
		warnx("%s", line);
	base_buf_fini(why);
}

bool needs_fuse_why(bool by_itself, struct base_buf *why)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (errno == EACCES && geteuid() && !by_itself)
		return true;
	base_buf_printf(why, "/dev/fuse cannot be used: %s\n", strerror(errno));
	advise(why, errno == EACCES ? "as root: chmod 666 /dev/fuse" : "as root: modprobe fuse");
	return false;
}

bool needs_fuse(bool by_itself)
{
	struct base_buf why;
	bool good;

	base_buf_init(&why);
	good = needs_fuse_why(by_itself, &why);
	report(&why);
	return good;
}

void needs_namespaces(const char *what, int error)
{
	const char *advice = "run this as root, or as root: sysctl "
			     "kernel.unprivileged_userns_clone=1 "
			     "kernel.apparmor_restrict_unprivileged_userns=0";
	struct base_buf why;

	base_buf_init(&why);
	/* The kernel has no better error for a limit. */
	if (error == ENOSPC) {
		base_buf_printf(&why, "%s: the limit user.max_user_namespaces is reached\n", what);
		advice = "as root: sysctl user.max_user_namespaces=10000";
	} else {
		base_buf_printf(&why, "%s: %s\n", what, strerror(error));
		if (!geteuid())
			advice = NULL;
	}
	advise(&why, advice);
	report(&why);
}

void needs_mount_why(struct base_buf *why)
{
	advise(why, "memhpfs-run, which mounts in namespaces of its own, may work here");
}

void needs_mount(void)
{
	struct base_buf why;

	base_buf_init(&why);
	needs_mount_why(&why);
	report(&why);
}
