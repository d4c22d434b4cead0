// SPDX-License-Identifier: GPL-2.0-or-later
#include "memhp/cli/warn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int warn_cmdline(const char *program, const struct machine_spec *spec)
{
	struct base_buf remarks;
	const char *line;
	int ret;

	base_buf_init(&remarks);
	ret = machine_cmdline_check(spec, spec->cmdline, &remarks);
	/* each line has its newline */
	for (line = base_buf_text(&remarks); !ret && *line; line = strchr(line, '\n') + 1) {
		fprintf(stderr, "%s: kernel command line: ", program);
		fwrite(line, 1, strcspn(line, "\n") + 1, stderr);
	}
	base_buf_fini(&remarks);
	return ret;
}

int warn_kernel(const char *program, struct machine_spec *spec, const char *release)
{
	int ret = machine_spec_set_kernel(spec, release);
	struct base_buf versions;

	if (ret != -EINVAL)
		return ret;
	base_buf_init(&versions);
	machine_kernel_print_versions(&versions);
	fprintf(stderr, "%s: '%s' is not a version of Linux that is supported (%s)\n", program,
		release, base_buf_text(&versions));
	base_buf_fini(&versions);
	return ret;
}
