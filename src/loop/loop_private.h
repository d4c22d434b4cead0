/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop, for the files that use libevent. */
#ifndef LOOP_PRIVATE_H
#define LOOP_PRIVATE_H

#include "memhp/loop.h"

struct event_base;

struct loop {
	struct base_clock clock;
	struct event_base *base;
	bool quit;
};

#endif
