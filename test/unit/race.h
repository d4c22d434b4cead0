/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of race gates share: gates, and writes that they may hold. */
#ifndef TEST_RACE_H
#define TEST_RACE_H

#include "world.h"

#define RACE "machine/race/"
#define STATE(n) SYS_MEMORY "memory" #n "/state"

/* Who makes a request; gates hold only those of actors. */
enum { NOBODY, AGENT, UDEV };

/* A write by some process that may be held. */
struct race_writer {
	struct tree_file *file;
	struct world_req r;
	char text[32];
};

/* A gate with "KEY=VALUE;KEY=VALUE", enabled. */
void race_gate(struct world *w, const char *name, const char *config);
/* An attribute of a gate. */
uint64_t race_number(struct world *w, const char *name, const char *attr);
/* Begins a write by process @pid; it may be held. */
void race_begin(struct world *w, struct race_writer *writer, pid_t pid, const char *path,
		const char *text);
/* The write must have been answered by @result. */
void race_end(struct race_writer *writer, ssize_t result);
void assert_held(const struct race_writer *writer);

/* A world with the actors, and a DIMM d0: blocks 32 to 35. */
int race_setup(void **state);
#define RACE_TEST(fn) cmocka_unit_test_setup_teardown(fn, race_setup, world_teardown)

#endif
