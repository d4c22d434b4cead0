/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Consistency of a tree's files about memory, with each other and with the owner of every page. */
#ifndef TEST_MACHINE_VIEWS_H
#define TEST_MACHINE_VIEWS_H

#include "memhp/hotplug.h"
#include "memhp/machine.h"
#include "memhp/mm.h"

/** typedef views_read_fn - the text of a file; valid until three more were read or listed */
typedef const char *views_read_fn(void *ctx, const char *path);
/** typedef views_names_fn - the names in a directory, each followed by a blank; likewise */
typedef const char *views_names_fn(void *ctx, const char *path);

struct views_owner {
	char name[64];
	uint64_t pages;
};

/*
 * struct views - the last state seen
 * @owner: pages by owner
 * @nr_links: of nodes to blocks
 * @busy: an operation is in progress: memory may be in iomem before it has blocks
 * @wrong: an inconsistency
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
/* NULL when all files agree on who owns how much memory, else the inconsistency. */
const char *views_check(struct views *views);
/* The same for blocks, nodes, and their links (device_views.c). */
const char *views_check_devices(struct views *views);
/* Records the first inconsistency. */
void views_wrong(struct views *views, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Pages of an owner as of the last check. */
uint64_t views_owned(const struct views *views, const char *owner);

#endif
