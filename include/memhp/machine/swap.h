/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swap areas of a machine (swap.c). */
#ifndef MEMHP_MACHINE_SWAP_H
#define MEMHP_MACHINE_SWAP_H

#include "memhp/mm.h"
#include "memhp/spec.h"

struct machine;

struct machine_swap;

/** enum machine_swap_field - settings; priorities are signed, -1: the kernel chooses. */
enum machine_swap_field {
	MACHINE_SWAP_SIZE,
	MACHINE_SWAP_TYPE,
	MACHINE_SWAP_PRIORITY,
	MACHINE_SWAP_NR_FIELDS,
	MACHINE_SWAP_USED = MACHINE_SWAP_NR_FIELDS, /* bytes; read only */
};

/** machine_swap_new() - create an area that is not in use, as /dev/@name; 0 or -ENOMEM. */
int machine_swap_new(struct machine *machine, const char *name, struct machine_swap **ret_swap);
/** machine_swap_next() - the first one (NULL), or the one after @swap; NULL: none. */
struct machine_swap *machine_swap_next(const struct machine *machine, struct machine_swap *swap);
/** machine_swap_free() - 0; -EBUSY while it is in use. */
int machine_swap_free(struct machine *machine, struct machine_swap *swap);
const char *machine_swap_name(const struct machine_swap *swap);
uint64_t machine_swap_get(const struct machine *machine, const struct machine_swap *swap,
			  enum machine_swap_field field);
/** machine_swap_set() - 0; -EBUSY while it is in use. */
int machine_swap_set(struct machine *machine, struct machine_swap *swap,
		     enum machine_swap_field field, uint64_t value);
const char *machine_swap_path(const struct machine_swap *swap);
/** machine_swap_set_path() - 0; -EBUSY while it is in use; -EINVAL; -ENOMEM. */
int machine_swap_set_path(struct machine *machine, struct machine_swap *swap, const char *path);
/** machine_swap_is_on() - whether it is in use. */
bool machine_swap_is_on(const struct machine_swap *swap);
/**
 * machine_swap_turn() - begin (swapon(2)) or end (swapoff(2)) its use
 *
 * Return: 0; -EINVAL: the size is not that of an area; -EBUSY: another area has its path; -EPERM:
 * the kernel cannot have more; -ENOMEM: there is no room for the pages in it, of which some may
 * have come back.
 */
int machine_swap_turn(struct machine *machine, struct machine_swap *swap, bool on);
/** machine_swap_at() - the area that has a number of mm; NULL: none. */
struct machine_swap *machine_swap_at(const struct machine *machine, int area);

#endif
