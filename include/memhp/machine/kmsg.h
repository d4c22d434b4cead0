/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log as records, /dev/kmsg (kmsg.c). */
#ifndef MEMHP_MACHINE_KMSG_H
#define MEMHP_MACHINE_KMSG_H

#include "memhp/machine/machine.h"

/**
 * machine_kmsg() - the records that the kernel still has, in the format of /dev/kmsg
 *
 * A record is a line "PRIORITY,NUMBER,MICROSECONDS,-;TEXT", and lines that begin with a blank. It
 * has what the kernel itself logs, from its first line at boot; machine_log_text() has neither boot
 * nor records, but lines for people.
 */
const char *machine_kmsg(const struct machine *machine, size_t *ret_len);
/** machine_kmsg_dropped() - how many bytes of older records were overwritten. */
uint64_t machine_kmsg_dropped(const struct machine *machine);
/** machine_kmsg_length() - the length of the record that begins at @text, which is not empty. */
size_t machine_kmsg_length(const char *text);
/**
 * machine_kmsg_write() - add a record of a program (devkmsg_write() with printk.devkmsg=on)
 *
 * Return: 0, or -EINVAL if it is too long.
 */
int machine_kmsg_write(struct machine *machine, const char *text, size_t len);

#endif
