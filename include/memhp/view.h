/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view: what a machine's memory looks like now, from nothing but the files below a root: sys and
 * proc, and machine where there is one. The machine may be emulated or real; nothing is written.
 */
#ifndef MEMHP_VIEW_H
#define MEMHP_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "memhp/base.h"

enum view_zone {
	VIEW_MIXED, /* several zones */
	VIEW_DMA,
	VIEW_DMA32,
	VIEW_NORMAL,
	VIEW_MOVABLE,
	VIEW_NR_ZONES
};

enum view_state { VIEW_OFFLINE, VIEW_ONLINE, VIEW_GOING_OFFLINE, VIEW_NR_STATES };

/* What is in a block, in pages, in the order of machine/map. */
enum view_pages { VIEW_FREE, VIEW_MOVE, VIEW_STAY, VIEW_PINNED, VIEW_HUGE, VIEW_NR_PAGES };

extern const char *const view_zone_names[VIEW_NR_ZONES];
extern const char *const view_state_names[VIEW_NR_STATES];
extern const char *const view_page_names[VIEW_NR_PAGES];

/**
 * struct view_block - a memory block
 * @node: -1 if it is not known
 * @zone: of a block that is not offline
 * @round: the last time that all blocks were listed and this one was there
 */
struct view_block {
	uint32_t number;
	uint32_t pages[VIEW_NR_PAGES];
	int16_t node;
	uint8_t zone;
	uint8_t state;
	uint32_t round;
};

/** struct view_node - a node that has blocks; sizes in bytes */
struct view_node {
	int node;
	uint64_t offline;
	uint64_t zone[VIEW_NR_ZONES];
	uint64_t free;
};

/**
 * struct view_device - a directory of machine/dimm, machine/virtio-mem or machine/dax
 * @requested: what a virtio-mem device is asked to give, and @given what it gives
 */
struct view_device {
	char kind[16];
	char name[48];
	uint64_t addr;
	uint64_t size;
	uint64_t requested;
	uint64_t given;
	bool plugged;
};

/**
 * struct view_event - something that happened
 * @time: machine/clock/now_ns, or the time of day of a real machine; 0: before we looked
 * @why: it is a reason from machine/log, not an event
 */
struct view_event {
	uint64_t time;
	bool why;
	char text[200];
};

#define VIEW_NR_EVENTS 512

/* What the machine is set to; empty where there is no such file. */
struct view_settings {
	char policy[24];
	char ratio[24];
	char auto_online[24];
	char rate[24];
};

/**
 * struct view - a machine; only its functions change it
 * @is_emulated: there is machine/
 * @block: sorted by number
 * @changes: counts changes of blocks and nodes
 * @event: a ring; the last of all @nr_events is event[(nr_events - 1) % VIEW_NR_EVENTS]
 * @pages_at: when @block's pages were read, in monotonic ns; 0: they are not known
 */
struct view {
	int root;
	int memory;
	bool is_emulated;
	uint64_t block_size;
	uint64_t now;
	struct view_block *block;
	size_t nr_blocks, room;
	struct view_node *node;
	unsigned int nr_nodes;
	struct view_device *device;
	unsigned int nr_devices;
	struct view_settings settings;
	struct view_event event[VIEW_NR_EVENTS];
	uint64_t nr_events;
	uint64_t changes;
	uint64_t pages_at;
	/* how it is kept up to date */
	uint64_t listed_at, list_took;
	uint32_t round;
	size_t next; /* of the round robin */
	bool has_map, list_again, is_loaded, is_still;
	int uevents, log;
	struct base_buf uevent_text, log_text;
};

/**
 * view_open() - look at the machine below @root, which may be /
 *
 * Return: 0; -errno, with a sentence in @ret_error.
 */
int view_open(struct view *view, const char *root, struct base_text *ret_error);
void view_close(struct view *view);

/**
 * view_refresh() - take in what has changed
 *
 * Blocks that uevents name are read at once. All others follow, as often as this takes little time:
 * with machine/map all of them, or one after the other.
 *
 * Return: 0; -errno: the machine is gone, or there is no memory for its description.
 */
int view_refresh(struct view *view);
/** view_clock() - monotonic ns */
uint64_t view_clock(void);
/** view_poll_fd() - a descriptor that is readable when uevents have come, or -1 */
int view_poll_fd(const struct view *view);

/** view_find() - a block by its number; NULL: there is none */
const struct view_block *view_find(const struct view *view, uint64_t number);
/** view_index() - where in the table the first block is whose number is not less; may be its end */
size_t view_index(const struct view *view, uint64_t number);
/** view_device_of() - the device that a block belongs to; NULL: it has been there since boot */
const struct view_device *view_device_of(const struct view *view, uint64_t number);
/** view_why() - why the last change of a block was refused, as the log says; NULL: nothing */
const char *view_why(const struct view *view, uint64_t number);
/** view_sum() - the nodes together; the node of the sum is -1 */
struct view_node view_sum(const struct view *view);
/** view_kernel_bytes() - the memory of a node, or sum, that is for the kernel */
uint64_t view_kernel_bytes(const struct view_node *node);
/**
 * view_read() - read a small file below the root, without the newline at its end
 *
 * Return: its length; -errno, with an empty text.
 */
int view_read(const struct view *view, char *text, size_t size, const char *path, ...)
	__attribute__((format(printf, 4, 5)));
/** view_explain() - what there is to say about a block: some lines of text */
void view_explain(const struct view *view, uint64_t number, struct base_buf *buf);
/** view_summary() - two lines about the machine */
void view_summary(const struct view *view, struct base_buf *buf);
/** view_size_text() - a size for people, such as 1.5G */
struct base_text view_size_text(uint64_t bytes);
/** view_print_svg() - draw the machine; 0 or -ENOMEM */
int view_print_svg(const struct view *view, FILE *out);
/** view_print_html() - a page with the picture, devices and refusals; 0 or -ENOMEM */
int view_print_html(const struct view *view, FILE *out);

#endif
