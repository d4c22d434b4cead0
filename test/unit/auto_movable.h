/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of the auto-movable policy share: adding blocks, and the zones that they get. */
#ifndef TEST_AUTO_MOVABLE_H
#define TEST_AUTO_MOVABLE_H

#include "engine.h"

#define BLOCK 32768 /* pages */

/* @ratio: in percent */
void auto_init(struct engine *e, const struct engine_config *config, uint32_t ratio,
	       bool numa_aware);
/* Adds, and onlines, @nr blocks from @first on. */
void auto_add(struct engine *e, uint64_t first, uint64_t nr, int nid, struct hp_group *group);
void auto_online(struct engine *e, uint64_t first, uint64_t nr, enum hp_type type);
enum mm_zone_type auto_default_zone(const struct engine *e, uint64_t id);
/* Onlines blocks by default from @first on; returns how many went to Movable before one did not. */
uint64_t auto_fill(struct engine *e, uint64_t first, uint64_t nr);
/* A DIMM with its blocks; a device without any, which plugs in units. */
struct hp_group *auto_dimm(struct engine *e, uint64_t first, uint64_t nr, int nid);
struct hp_group *auto_device(struct engine *e, int nid, uint64_t unit_blocks);

#endif
