/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WARN_H
#define WARN_H

#include "memhp/machine.h"

/**
 * warn_cmdline() - say on standard error what makes no sense in a machine's kernel command line
 * @program: with what each line begins
 *
 * The machine boots all the same, as a real one would.
 *
 * Return: 0 or -ENOMEM.
 */
int warn_cmdline(const char *program, const struct machine_spec *spec);

#endif
