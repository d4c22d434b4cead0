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

void warn_versions(const char *release, struct base_buf *words)
{
	base_buf_printf(words, "'%s' is not a version of Linux that is supported (", release);
	machine_kernel_print_versions(words);
	base_buf_puts(words, ")");
}

/* Sets the kernel's version; an invalid one is reported. */
static int set_kernel(const char *program, struct machine_spec *spec, const char *release)
{
	int ret = machine_spec_set_kernel(spec, release);
	struct base_buf words;

	if (ret != -EINVAL)
		return ret;
	base_buf_init(&words);
	warn_versions(release, &words);
	fprintf(stderr, "%s: %s\n", program, base_buf_text(&words));
	base_buf_fini(&words);
	return ret;
}

int warn_options(const char *program, struct machine_spec *spec, const char *release,
		 const char *cmdline)
{
	int ret = release ? set_kernel(program, spec, release) : 0;

	if (!ret && cmdline && *cmdline)
		ret = machine_spec_add_cmdline(spec, cmdline);
	return ret ? ret : warn_cmdline(program, spec);
}
