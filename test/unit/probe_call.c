/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that trace themselves; see probe_call.h. */
#include <errno.h>
#include <stdlib.h>

#include "probe_call.h"

static int trace_wait(struct probe_call *p)
{
	while (p->waits) {
		if (p->interruptible && p->call.interrupted) {
			base_buf_printf(p->trace, "%s! ", p->name);
			return -EINTR;
		}
		assert_int_equal(hp_sleep(p->call.hp, HP_FOR_EVER, HP_WAIT_INTERRUPTIBLE), 0);
	}
	return p->answer;
}

static int trace_run(struct hp_call *call)
{
	struct probe_call *p = base_container_of(call, struct probe_call, call);
	struct hp_add add = { .start = p->add_start, .size = MIB(128), .name = "System RAM" };
	int ret;

	base_buf_printf(p->trace, "%s[ ", p->name);
	p->in_run = true;
	if (p->submit_in_run)
		hp_submit(call->hp, &p->submit_in_run->call);
	if (p->remove_start)
		assert_int_equal(hp_remove_memory(call->hp, p->remove_start, MIB(128)), 0);
	if (p->add_start)
		assert_int_equal(hp_add_memory(call->hp, &add), 0);
	if (p->interrupt_in_run)
		hp_call_interrupt(call->hp, call, true);
	ret = trace_wait(p);
	p->in_run = false;
	return ret;
}

void probe_finish(struct probe_call *p, int answer)
{
	p->waits = false;
	p->answer = answer;
	/* the signal makes it check @waits again */
	hp_call_interrupt(p->call.hp, &p->call, true);
}

static void trace_done(struct hp_call *call, int ret)
{
	struct probe_call *p = base_container_of(call, struct probe_call, call);
	struct probe_call *next = p->submit_in_done;

	assert_false(p->in_run);
	base_buf_printf(p->trace, "%s=%d ", p->name, ret);
	p->submit_in_done = NULL;
	if (!next)
		return;
	hp_submit(p->engine->hp, &next->call);
	base_buf_printf(p->trace, "%s. ", p->name);
}

int probe_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	engine_init(&f->engine, &engine_plain);
	base_buf_init(&f->trace);
	*state = f;
	return 0;
}

int probe_teardown(void **state)
{
	struct fixture *f = *state;

	engine_fini(&f->engine);
	base_buf_fini(&f->trace);
	free(f);
	return 0;
}

struct probe_call probe(struct fixture *f, const char *name, int answer)
{
	return (struct probe_call){
		.call = { .run = trace_run, .done = trace_done },
		.name = name,
		.trace = &f->trace,
		.answer = answer,
		.engine = &f->engine,
	};
}

struct probe_call probe_holder(struct fixture *f, const char *name)
{
	struct probe_call p = probe(f, name, 0);

	p.waits = true;
	return p;
}

void assert_trace(struct fixture *f, const char *want)
{
	assert_string_equal(base_buf_text(&f->trace), want);
	base_buf_reset(&f->trace);
}
