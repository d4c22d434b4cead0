// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounting a machine, and unmounting it. */
#include <errno.h>

#include "lib_private.h"

int memhp_mount(struct memhp *m, const char *dir, const char *options)
{
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	if (m->mount)
		ret = lib_fail(m, -EBUSY, "the machine is mounted already");
	else if (m->depth > 1)
		ret = lib_fail(m, -EBUSY, "a callback of the machine is running");
	else
		ret = lib_serve(m, dir, options ? options : "");
	return lib_leave(m, ret);
}

int memhp_unmount(struct memhp *m)
{
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	if (!m->mount)
		return lib_leave(m, lib_fail(m, -EINVAL, "the machine is not mounted"));
	if (m->depth > 1)
		return lib_leave(m, lib_fail(m, -EBUSY, "a callback of the machine is running"));
	lib_unlock(m);
	lib_serve_end(m, false);
	if (m->abandoned)
		ret = lib_fail(m, -EBUSY,
			       "a request on the mount never ends: the machine can only "
			       "be freed");
	return lib_leave(m, ret);
}
