/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel command line (cmdline.c). */
#ifndef MEMHP_MACHINE_CMDLINE_H
#define MEMHP_MACHINE_CMDLINE_H

#include "memhp/spec.h"

/**
 * machine_cmdline_check() - find mistakes in a kernel command line
 * @spec: the machine that would boot with it
 * @remarks: gets a line for each word that is misspelt or has an invalid value, whether or
 * not the kernel reports it: "WORD" and what is wrong (what is allowed). Words that
 * have no effect here, but may have one in Linux, are not reported.
 *
 * Return: 0 or -ENOMEM.
 */
int machine_cmdline_check(const struct machine_spec *spec, const char *cmdline,
			  struct base_buf *remarks);
/** machine_cmdline_word() - the name of parameter @i that has an effect; NULL: no more. */
const char *machine_cmdline_word(size_t i);
/** machine_cmdline_allowed() - its valid values, in words; NULL: it needs no value. */
const char *machine_cmdline_allowed(size_t i);

#endif
