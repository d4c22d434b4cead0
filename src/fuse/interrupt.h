/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals for a thread that waits for an answer; independent of libfuse. */
#ifndef MEMHP_FUSE_INTERRUPT_H
#define MEMHP_FUSE_INTERRUPT_H

#include "memhp/base.h"

/**
 * struct memfuse_interrupt - monitors a waiting thread; embedded by its request
 * @tid: the thread, as seen by this process; 0 when it is not visible
 * @recheck_ns: the delay before the next check whether it is being killed
 * @told: @fn has been called
 * @fn: called for a signal that does not kill, and again as long as the thread has not handled it;
 *	and once when the thread is being killed; either call may free the structure
 */
struct memfuse_interrupt {
	struct base_timer timer;
	struct base_clock *clock;
	pid_t tid;
	uint64_t recheck_ns;
	bool told;
	void (*fn)(struct memfuse_interrupt *interrupt, bool fatal);
};

void memfuse_interrupt_init(struct memfuse_interrupt *interrupt, struct base_clock *clock,
			    pid_t tid, void (*fn)(struct memfuse_interrupt *interrupt, bool fatal));
void memfuse_interrupt_fini(struct memfuse_interrupt *interrupt);
/** memfuse_interrupt_raise() - the thread got a signal; @fn is called later, never from here. */
void memfuse_interrupt_raise(struct memfuse_interrupt *interrupt);

#endif
