/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What crashkernel= asks for (crash_parse.c). */
#ifndef MACHINE_CRASHKERNEL_H
#define MACHINE_CRASHKERNEL_H

#include "memhp/base.h"

/*
 * @size: bytes; @base: at this address, 0: anywhere
 * @high: above the memory that devices with 32 bits reach, and @low_size bytes below
 */
struct crash_request {
	uint64_t size;
	uint64_t base;
	bool high;
	uint64_t low_size;
};

/*
 * parse_crashkernel(). @ram: bytes of boot memory; @default_low: without a word for low memory; 0:
 * this kernel does not know ",high". 0; -EINVAL without a valid request, with the reason in @log.
 */
int machine_crash_parse(const char *cmdline, uint64_t ram, uint64_t default_low,
			struct crash_request *ret_request, struct base_buf *log);
/* Whether the value of one word follows the grammar. */
bool machine_crash_is_valid(const char *value);

#endif
