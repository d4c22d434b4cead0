/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hotplug lock (call.c). */
#ifndef MEMHP_HOTPLUG_CALL_H
#define MEMHP_HOTPLUG_CALL_H

#include <bsd/sys/queue.h>

#include "memhp/hotplug/hp.h"

/** struct hp_completion - a completion callback; embedded by the caller. */
struct hp_completion {
	void (*fn)(struct hp_completion *completion, int ret);
};

/**
 * struct hp_call - one call into the engine; embedded by the caller
 * @run: called in a coroutine with the lock held, so that it may wait; returns the result
 * @done: called once, without the lock
 * @waits_always: its wait for the lock is uninterruptible (lock_device_hotplug())
 * @data: private to @run
 */
struct hp_call {
	int (*run)(struct hp_call *call);
	void (*done)(struct hp_call *call, int ret);
	bool waits_always;
	void *data;
	/* arguments of the hp_store_*() calls */
	uint64_t arg;
	uint64_t serial;
	enum hp_type type;
	int already; /* the result when the block is already in that state */
	/* private to the queue */
	struct hp *hp;
	uint64_t origin;
	bool interrupted; /* a signal is pending */
	enum { HP_CALL_IDLE, HP_CALL_WAITING, HP_CALL_RUNNING } state;
	TAILQ_ENTRY(hp_call) link;
};

/** hp_set_origin() - set a number for all calls submitted from now on; 0: none. */
void hp_set_origin(struct hp *hp, uint64_t origin);
/** hp_origin() - the number of the call that holds the lock; 0: it has none, or none holds it. */
uint64_t hp_origin(const struct hp *hp);
/** hp_submit() - run @call as soon as the lock is free; may call @done before it returns. */
void hp_submit(struct hp *hp, struct hp_call *call);
/**
 * hp_call_interrupt() - deliver a signal to the process that waits for @call
 *
 * While @call waits for the lock, only a fatal signal ends it (lock_device_hotplug_sysfs() restarts
 * the write after any other).
 */
void hp_call_interrupt(struct hp *hp, struct hp_call *call, bool fatal);

/**
 * hp_abort() - end everything that is in progress with @err, because the kernel goes away
 *
 * Whoever waits for a block gets the answer of a block that is gone. Only hp_free() may be called
 * afterwards. Context: not in hp_call.run().
 */
void hp_abort(struct hp *hp, int err);

/** enum hp_wait - what ends a wait of the lock holder besides its timer */
enum hp_wait {
	HP_NO_WAIT,
	HP_WAIT_UNINTERRUPTIBLE,
	HP_WAIT_INTERRUPTIBLE, /* a signal to the holder's call */
	HP_WAIT_DELAY,	       /* hp_end_delay() */
};

#define HP_FOR_EVER UINT64_MAX
/**
 * hp_sleep() - wait for @ns nanoseconds; HP_FOR_EVER: until something else ends the wait
 *
 * Return: 0, or -ENOMEM when there is no memory for a timer. Context: in hp_call.run(); elsewhere,
 * such as at boot, it returns 0 immediately. If the machine ends during the wait, the stack is
 * dropped: memory that stays allocated across a wait must belong to an object that frees it.
 */
int hp_sleep(struct hp *hp, uint64_t ns, enum hp_wait wait);

/* Stores whose values have been parsed. The caller sets only @done, which gets 0 or -errno. */
void hp_store_state(struct hp *hp, const struct hp_block *block, enum hp_type type,
		    struct hp_call *call);
void hp_store_online(struct hp *hp, const struct hp_block *block, bool online,
		     struct hp_call *call);
void hp_store_probe(struct hp *hp, uint64_t addr, struct hp_call *call);

#endif
