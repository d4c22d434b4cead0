// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A coroutine: a function with a stack of its own that can stop anywhere, however deep in calls,
 * and continue later. The engine needs exactly one, since only the holder of the hotplug lock may
 * wait. Only the first entry uses a context, later ones jump, because swapcontext() sets the signal
 * mask each time, with a system call that costs more than the bookkeeping of an onlining.
 */
#undef _FORTIFY_SOURCE /* it would reject a jump to another stack */
#include <setjmp.h>
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

#define TASK_STACK_BYTES (1 << 20) /* only pages that are touched use memory */

/*
 * @start: the context of the first entry
 * @inner, @outer: where the task continues, and where its caller does
 * @outer_stack, @outer_bytes: the stack of the caller
 */
struct hp_task {
	ucontext_t start;
	jmp_buf inner;
	jmp_buf outer;
	void *stack;
	const void *outer_stack;
	size_t outer_bytes;
	void *fake;
	void (*fn)(void *ctx);
	void *ctx;
	bool is_started;
	bool is_inside;
};

/* Completes a switch into the task, and records the caller's stack for leaving it. */
static void task_entered(struct hp_task *task)
{
#ifdef TASK_SANITIZED
	__sanitizer_finish_switch_fiber(task->fake, &task->outer_stack, &task->outer_bytes);
#endif
}

/* makecontext() passes ints. */
static void task_main(unsigned int high, unsigned int low)
{
	struct hp_task *task = (struct hp_task *)((uintptr_t)high << 32 | low);

	task_entered(task);
	task->fn(task->ctx);
}

/* Separate, since the compiler treats getcontext() as a function that returns twice. */
__attribute__((noinline)) static void task_prepare(struct hp_task *task)
{
	uintptr_t arg = (uintptr_t)task;

	getcontext(&task->start);
	task->start.uc_stack.ss_sp = task->stack;
	task->start.uc_stack.ss_size = TASK_STACK_BYTES;
	makecontext(&task->start, (void (*)(void))task_main, 2, (unsigned int)(arg >> 32),
		    (unsigned int)arg);
}

struct hp_task *hp_task_new(void (*fn)(void *ctx), void *ctx)
{
	struct hp_task *task = calloc(1, sizeof(*task));

	if (!task)
		return NULL;
	task->fn = fn;
	task->ctx = ctx;
	task->stack = mmap(NULL, TASK_STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	if (task->stack == MAP_FAILED) {
		free(task);
		return NULL;
	}
	task_prepare(task);
	return task;
}

void hp_task_free(struct hp_task *task)
{
	if (!task)
		return;
	munmap(task->stack, TASK_STACK_BYTES);
	free(task);
}

/* Separate and without variables, which may be lost when _setjmp() returns twice. */
__attribute__((noinline)) static void task_jump_in(struct hp_task *task)
{
	if (_setjmp(task->outer))
		return;
	if (task->is_started)
		_longjmp(task->inner, 1);
	task->is_started = true;
	setcontext(&task->start);
}

__attribute__((noinline)) static void task_jump_out(struct hp_task *task)
{
	if (!_setjmp(task->inner))
		_longjmp(task->outer, 1);
}

void hp_task_enter(struct hp_task *task)
{
#ifdef TASK_SANITIZED
	void *fake;

	__sanitizer_start_switch_fiber(&fake, task->stack, TASK_STACK_BYTES);
#endif
	task->is_inside = true;
	task_jump_in(task);
	task->is_inside = false;
#ifdef TASK_SANITIZED
	__sanitizer_finish_switch_fiber(fake, NULL, NULL);
#endif
}

void hp_task_leave(struct hp_task *task)
{
#ifdef TASK_SANITIZED
	__sanitizer_start_switch_fiber(&task->fake, task->outer_stack, task->outer_bytes);
#endif
	task_jump_out(task);
	task_entered(task);
}

bool hp_task_is_inside(const struct hp_task *task)
{
	return task->is_inside;
}
