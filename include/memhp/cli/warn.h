/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WARN_H
#define WARN_H

#include "memhp/machine.h"

/**
 * warn_cmdline() - report mistakes in a machine's kernel command line on standard error
 * @program: prefix of each line
 *
 * The machine boots anyway, as a real one would.
 *
 * Return: 0 or -ENOMEM.
 */
int warn_cmdline(const char *program, const struct machine_spec *spec);
/**
 * warn_options() - apply the options of a program to a machine, and report mistakes in them
 * @release: the kernel's version; NULL: that of the machine file
 * @cmdline: words to add to the kernel command line; NULL: none
 *
 * Return: 0, -EINVAL (an unknown version, reported), -ENOMEM.
 */
int warn_options(const char *program, struct machine_spec *spec, const char *release,
		 const char *cmdline);
/** warn_versions() - say that a version is not supported, and which ones are. */
void warn_versions(const char *release, struct base_buf *words);

#endif
