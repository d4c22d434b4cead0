/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/iomem (resource.c). */
#ifndef MEMHP_HOTPLUG_RESOURCE_H
#define MEMHP_HOTPLUG_RESOURCE_H

#include "memhp/hotplug/hp.h"

/**
 * hp_resource_insert() - insert a range, as the parent of those that it covers (insert_resource())
 * @end: the last byte
 * @name: a static text
 *
 * Return: 0; -EBUSY when it straddles another; -ENOMEM.
 */
int hp_resource_insert(struct hp *hp, uint64_t start, uint64_t end, const char *name, bool busy);
/**
 * hp_resource_request() - claim a range, busy (__request_region())
 * @name: valid as long as the range is claimed
 *
 * Return: 0, -EEXIST or -ENOMEM.
 */
int hp_resource_request(struct hp *hp, uint64_t start, uint64_t size, const char *name);
/**
 * hp_resource_reserve() - claim a range in which a driver will add memory; it is not busy itself
 * @name: valid as long as the range is claimed
 *
 * Return: 0, -EEXIST or -ENOMEM.
 */
int hp_resource_reserve(struct hp *hp, uint64_t start, uint64_t size, const char *name);
/** hp_resource_unreserve() - undo either. */
void hp_resource_unreserve(struct hp *hp, uint64_t start, uint64_t size, const char *name);
typedef void hp_resource_fn(void *ctx, unsigned int depth, uint64_t start, uint64_t end,
			    const char *name);
/** hp_resource_walk() - call @fn for all ranges, in ascending order, parents before children. */
void hp_resource_walk(const struct hp *hp, hp_resource_fn *fn, void *ctx);

#endif
