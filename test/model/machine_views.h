/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of a tree say of its memory, against each other and against the owner of every
 * page.
 */
#ifndef TEST_MACHINE_VIEWS_H
#define TEST_MACHINE_VIEWS_H

#include "memhp/hotplug.h"
#include "memhp/machine.h"
#include "memhp/mm.h"

/** typedef views_read_fn - the text of a file; good until three more were read or listed */
typedef const char *views_read_fn(void *ctx, const char *path);
/** typedef views_names_fn - the names in a directory, each before a blank; likewise */
typedef const char *views_names_fn(void *ctx, const char *path);

struct views_owner {
	char name[64];
	uint64_t pages;
};

/*
 * struct views - what was last seen
 * @owner: who has how many pages
 * @nr_links: of nodes to blocks
 * @busy: something is under way: memory may be coming, and be in iomem before it has blocks
 * @wrong: what does not agree
 */
struct views {
	struct machine *machine;
	struct hp *hp;
	struct mm *mm;
	views_read_fn *read;
	views_names_fn *names;
	void *ctx;
	struct views_owner *owner;
	unsigned int nr_owners;
	int nr_links;
	bool busy;
	struct base_buf wrong;
};

void views_init(struct views *views, struct machine *machine, views_read_fn *read,
		views_names_fn *names, void *ctx);
void views_fini(struct views *views);
/* NULL when all agree of who has how much memory, else what does not. */
const char *views_check(struct views *views);
/* The same for blocks, nodes, and their links (device_views.c). */
const char *views_check_devices(struct views *views);
/* The first thing that is wrong. */
void views_wrong(struct views *views, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Pages of an owner as of the last check. */
uint64_t views_owned(const struct views *views, const char *owner);

#endif
