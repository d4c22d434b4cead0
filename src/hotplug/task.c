// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Steps that take time. The engine does what it does at once; a fault plan may hold up any of its
 * steps, however deep in whatever call, and the others must go on meanwhile. So a call that may be
 * held up runs on a stack of its own, as the kernel's does. One is enough: who runs has the hotplug
 * lock.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "hp_private.h"

#if defined(__SANITIZE_ADDRESS__)
#define TASK_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TASK_SANITIZED 1
#endif
#endif
#ifdef TASK_SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif

#define TASK_STACK_BYTES (1 << 20) /* only what is used of it takes memory */

/* @outer_*: the stack of whoever let the task run; @is_inside: the task runs now */
struct hp_task {
	ucontext_t inner;
	ucontext_t outer;
	void *stack;
	const void *outer_stack;
	size_t outer_bytes;
	void *fake;
	void (*fn)(struct hp *hp);
	struct hp *hp;
	struct base_timer timer;
	bool is_inside;
	bool is_asleep;
};

/* ---- from one stack to the other ------------------------------------------------------------- */

static void task_enter(struct hp_task *task)
{
#ifdef TASK_SANITIZED
	void *fake;

	__sanitizer_start_switch_fiber(&fake, task->stack, TASK_STACK_BYTES);
#endif
	task->is_inside = true;
	swapcontext(&task->outer, &task->inner);
	task->is_inside = false;
#ifdef TASK_SANITIZED
	__sanitizer_finish_switch_fiber(fake, NULL, NULL);
#endif
}

/* The inner side of a switch is over: where it came from is where it leaves to. */
static void task_entered(struct hp_task *task)
{
#ifdef TASK_SANITIZED
	__sanitizer_finish_switch_fiber(task->fake, &task->outer_stack, &task->outer_bytes);
#endif
}

static void task_leave(struct hp_task *task, bool for_good)
{
#ifdef TASK_SANITIZED
	__sanitizer_start_switch_fiber(for_good ? NULL : &task->fake, task->outer_stack,
				       task->outer_bytes);
#endif
	swapcontext(&task->inner, &task->outer);
	task_entered(task);
}

/* makecontext() passes ints. */
static void task_main(unsigned int high, unsigned int low)
{
	struct hp_task *task = (struct hp_task *)((uintptr_t)high << 32 | low);

	task_entered(task);
	task->fn(task->hp);
	task_leave(task, true);
}

/* ---- the task -------------------------------------------------------------------------------- */

static void task_timer(struct base_timer *timer)
{
	struct hp_task *task = base_container_of(timer, struct hp_task, timer);

	task->is_asleep = false;
	task_enter(task);
}

static struct hp_task *task_new(struct hp *hp)
{
	struct hp_task *task = calloc(1, sizeof(*task));

	if (!task)
		return NULL;
	task->hp = hp;
	task->timer.fn = task_timer;
	task->stack = mmap(NULL, TASK_STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (task->stack == MAP_FAILED) {
		free(task);
		return NULL;
	}
	return task;
}

int hp_allow_delays(struct hp *hp)
{
	if (!hp->task)
		hp->task = task_new(hp);
	return hp->task ? 0 : -ENOMEM;
}

void hp_task_run(struct hp *hp, void (*fn)(struct hp *hp))
{
	struct hp_task *task = hp->task;
	uintptr_t arg = (uintptr_t)task;

	if (!task || task->is_inside) {
		fn(hp);
		return;
	}
	task->fn = fn;
	getcontext(&task->inner);
	task->inner.uc_stack.ss_sp = task->stack;
	task->inner.uc_stack.ss_size = TASK_STACK_BYTES;
	task->inner.uc_link = NULL;
	task->fake = NULL;
	makecontext(&task->inner, (void (*)(void))task_main, 2, (unsigned int)(arg >> 32),
		    (unsigned int)arg);
	task_enter(task);
}

void hp_task_sleep(struct hp *hp, uint64_t ns)
{
	struct hp_task *task = hp->task;
	struct base_clock *clock = hp->config.clock;

	if (!task || !task->is_inside)
		return;
	if (ns != HP_FOR_EVER && clock->start(clock, &task->timer, ns))
		return;
	task->is_asleep = true;
	task_leave(task, false);
}

void hp_end_delay(struct hp *hp)
{
	struct hp_task *task = hp->task;
	struct base_clock *clock = hp->config.clock;

	if (!task || !task->is_asleep)
		return;
	/* Not from here: the caller is in the middle of something else. */
	clock->stop(clock, &task->timer);
	if (clock->start(clock, &task->timer, 0))
		task_timer(&task->timer);
}

void hp_task_fini(struct hp *hp)
{
	if (!hp->task)
		return;
	hp->config.clock->stop(hp->config.clock, &hp->task->timer);
	munmap(hp->task->stack, TASK_STACK_BYTES);
	free(hp->task);
}
