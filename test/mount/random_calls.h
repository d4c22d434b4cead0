/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the system calls of a random client. */
#ifndef MEMHP_TEST_RANDOM_CALLS_H
#define MEMHP_TEST_RANDOM_CALLS_H

#include <sys/types.h>

#include "random_client.h"

/* Counts the result of a call, and returns it. */
long random_count(struct client *c, long ret);
uint64_t random_below(struct client *c, uint64_t limit);
/* Replaces the descriptor in a random slot. */
void random_slot_put(struct client *c, int fd, const char *path);
/* An open descriptor; -1 if there is none. */
int random_some_fd(struct client *c);
off_t random_any_offset(struct client *c);

/* Calls on names (random_names.c). */
void random_look(struct client *c);
void random_readdir(struct client *c);
void random_object(struct client *c);
void random_change(struct client *c);
void random_handle(struct client *c);

#endif
