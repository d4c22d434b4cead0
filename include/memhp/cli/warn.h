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
/** warn_kernel() - set the kernel's version of a machine; 0, -EINVAL (reported), -ENOMEM. */
int warn_kernel(const char *program, struct machine_spec *spec, const char *release);

#endif
