// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proc/version and proc/sys/kernel: which kernel it is (the kernel's fs/proc/version.c,
 * kernel/utsname_sysctl.c).
 */
#include "tree_private.h"

static int version_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, MACHINE_BANNER "\n", machine_spec(obj->tree->machine)->kernel);
	return 0;
}

static const char *ostype(const struct machine_spec *spec)
{
	return MACHINE_UTS_NAME;
}

static const char *osrelease(const struct machine_spec *spec)
{
	return spec->kernel;
}

static const char *version(const struct machine_spec *spec)
{
	return MACHINE_UTS_VERSION;
}

static const char *arch(const struct machine_spec *spec)
{
	return spec->arch->uts_machine ? spec->arch->uts_machine : spec->arch->name;
}

/* By @arg of the rows. */
static const char *(*const uts[])(const struct machine_spec *spec) = {
	ostype,
	osrelease,
	version,
	arch,
};

static int uts_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", uts[row->arg](machine_spec(obj->tree->machine)));
	return 0;
}

#define UTS_ROW(name, which)                                                                       \
	{                                                                                          \
		.path = "proc/sys/kernel/" name, .mode = S_IFREG | 0444, .show = uts_show,         \
		.sysctl = TREE_SYSCTL_STRING, .arg = (which)                                       \
	}

static const struct tree_row version_rows[] = {
	{ .path = "proc/version", .mode = S_IFREG | 0444, .show = version_show },
	{ .path = "proc/sys/kernel", .mode = S_IFDIR | 0555 },
	UTS_ROW("ostype", 0),
	UTS_ROW("osrelease", 1),
	UTS_ROW("version", 2),
	UTS_ROW("arch", 3),
};

const struct tree_table tree_proc_version_table = TREE_TABLE(version_rows);
