/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel command line (cmdline.c). */
#ifndef MEMHP_MACHINE_CMDLINE_H
#define MEMHP_MACHINE_CMDLINE_H

#include "memhp/spec.h"

/**
 * machine_cmdline_check() - what makes no sense in a kernel command line
 * @spec: the machine that would boot with it
 * @remarks: gets a line for each word that is misspelt or has a value that is not understood,
 * whether the kernel says so or not: "WORD" and what is wrong (what is allowed). Words that mean
 * nothing here, but may to Linux, are not among them.
 *
 * Return: 0 or -ENOMEM.
 */
int machine_cmdline_check(const struct machine_spec *spec, const char *cmdline,
			  struct base_buf *remarks);
/** machine_cmdline_word() - names of what is understood on the command line; NULL: no more. */
const char *machine_cmdline_word(size_t i);
/** machine_cmdline_allowed() - what may be the value of that, in words; NULL: it needs none. */
const char *machine_cmdline_allowed(size_t i);

#endif
