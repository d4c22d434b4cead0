/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals for a thread that waits for an answer.
 *
 * The kernel sends one FUSE_INTERRUPT per request, at the first signal, and does not say which. Two
 * questions matter inside the kernel: signal_pending(), which the message itself answers, and
 * fatal_signal_pending(), i.e. whether SIGKILL is pending for the thread: the kernel sets it for
 * every thread of a process when any signal will kill it without a core dump. The second one is
 * read from /proc, repeatedly while the request is pending, since a SIGKILL that follows another
 * signal is not reported otherwise.
 *
 * The first one is repeated, too. A signal does not end the wait for the hotplug lock: the kernel
 * runs the handler and restarts the write. Here the handler has to wait for the answer, so a signal
 * that is still pending when the lock is acquired counts as arriving then. Otherwise an endless
 * offlining could not be reached by signals that the kernel does not report again.
 *
 * All this runs from a timer: libfuse calls raise() with a lock of the request held, or from within
 * the registration, where the request must not be answered.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "interrupt.h"

/* Rechecks come soon, but not so often that a thousand long waits keep the server busy. */
#define MEMFUSE_INTERRUPT_RECHECK_NS 20000000u
#define MEMFUSE_INTERRUPT_RECHECK_MAX_NS 320000000u
#define MEMFUSE_SIGKILL_BIT (UINT64_C(1) << (SIGKILL - 1))

/*
 * The signals that a thread has yet to handle. A thread that cannot be read counts as being killed:
 * letting it wait could make it unkillable.
 */
static uint64_t memfuse_thread_signals(pid_t tid)
{
	uint64_t mask, pending = 0, blocked = 0;
	char path[64], line[128];
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	status = tid ? fopen(path, "re") : NULL;
	if (!status)
		return MEMFUSE_SIGKILL_BIT;
	while (fgets(line, sizeof(line), status)) {
		if (sscanf(line, "SigPnd: %" SCNx64, &mask) == 1 ||
		    sscanf(line, "ShdPnd: %" SCNx64, &mask) == 1)
			pending |= mask;
		else if (sscanf(line, "SigBlk: %" SCNx64, &mask) == 1)
			blocked = mask;
	}
	fclose(status);
	return pending & ~blocked;
}

static void memfuse_interrupt_fire(struct base_timer *timer)
{
	struct memfuse_interrupt *interrupt =
		base_container_of(timer, struct memfuse_interrupt, timer);
	struct base_clock *clock = interrupt->clock;
	uint64_t signals = memfuse_thread_signals(interrupt->tid);
	bool fatal = signals & MEMFUSE_SIGKILL_BIT;
	bool told = interrupt->told;

	if (!fatal && clock->start(clock, timer, interrupt->recheck_ns))
		fatal = true;
	interrupt->recheck_ns =
		BASE_MIN(2 * interrupt->recheck_ns, MEMFUSE_INTERRUPT_RECHECK_MAX_NS);
	interrupt->told = true;
	if (fatal || signals || !told)
		interrupt->fn(interrupt, fatal);
}

void memfuse_interrupt_init(struct memfuse_interrupt *interrupt, struct base_clock *clock,
			    pid_t tid, void (*fn)(struct memfuse_interrupt *interrupt, bool fatal))
{
	*interrupt = (struct memfuse_interrupt){
		.timer.fn = memfuse_interrupt_fire,
		.clock = clock,
		.tid = tid,
		.recheck_ns = MEMFUSE_INTERRUPT_RECHECK_NS,
		.fn = fn,
	};
}

void memfuse_interrupt_fini(struct memfuse_interrupt *interrupt)
{
	interrupt->clock->stop(interrupt->clock, &interrupt->timer);
}

void memfuse_interrupt_raise(struct memfuse_interrupt *interrupt)
{
	if (!interrupt->told && !interrupt->timer.impl)
		interrupt->clock->start(interrupt->clock, &interrupt->timer, 0);
}
