/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VIEW_PRIVATE_H
#define VIEW_PRIVATE_H

#include "memhp/view.h"

/* blocks.c */
/** view_load_blocks() - list all blocks; 0 or -errno */
int view_load_blocks(struct view *view);
/** view_load_block() - read one block, which may have appeared or gone; 0 or -ENOMEM */
int view_load_block(struct view *view, uint64_t number);
/** view_load_some() - read the next few of all blocks; 0 or -ENOMEM */
int view_load_some(struct view *view);

/* map.c */
/** view_load_map() - read machine/map; 0, or -errno (-ENOENT: there is none) */
int view_load_map(struct view *view);
/** view_put() - the block of this number in the table, made if necessary, or NULL */
struct view_block *view_put(struct view *view, size_t *at, uint64_t number);
int view_zone_of(const char *word);

/* events.c */
void view_open_events(struct view *view, bool is_host);
/** view_load_events() - take in what has come; 0, -ENODEV: the machine is gone, or -ENOMEM */
int view_load_events(struct view *view);
void view_note(struct view *view, bool why, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* machine.c */
/** view_load_machine() - nodes, devices, settings; 0 or -ENOMEM */
int view_load_machine(struct view *view);

#endif
