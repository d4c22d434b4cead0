/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MEMHP_TEST_RANDOM_CLIENT_H
#define MEMHP_TEST_RANDOM_CLIENT_H

#include "random_pick.h"

#define RANDOM_FDS 200

/*
 * struct client - @fds: -1: closed; the others stay open for a while; @paths: of each descriptor
 * @text: two buffers of PICK_TEXT_MAX bytes
 */
struct client {
	struct pick pick;
	int fds[RANDOM_FDS];
	char *paths[RANDOM_FDS];
	int pipe[2];
	char *text;
	uint64_t nr_calls;
	uint64_t nr_refused;
	uint64_t nr_killed;
};

/* One system call, or a few related ones; ends the program if the daemon is gone. */
void random_call(struct client *c);
void random_close(struct client *c, size_t slot);

#endif
