// SPDX-License-Identifier: GPL-2.0-or-later
/* Choosing who is told what happens, and asking for it. */
#include "lib_private.h"

int memhp_on_uevent(struct memhp *m, memhp_uevent_fn *fn, void *ctx)
{
	int ret = lib_enter(m, LIB_ANY);

	if (ret)
		return ret;
	m->listeners.uevent = fn;
	m->listeners.uevent_ctx = ctx;
	return lib_leave(m, 0);
}

int memhp_on_log(struct memhp *m, memhp_log_fn *fn, void *ctx)
{
	int ret = lib_enter(m, LIB_ANY);

	if (ret)
		return ret;
	m->listeners.log = fn;
	m->listeners.log_ctx = ctx;
	m->listeners.log_told = m->sim ? lib_log_end(m) : 0;
	return lib_leave(m, 0);
}

int memhp_on_trace(struct memhp *m, memhp_trace_fn *fn, void *ctx)
{
	int ret = lib_enter(m, LIB_ANY);

	if (ret)
		return ret;
	m->listeners.trace = fn;
	m->listeners.trace_ctx = ctx;
	if (m->sim)
		lib_listen_trace(m);
	return lib_leave(m, 0);
}

int memhp_uevents(struct memhp *m, char **ret_text)
{
	struct base_buf text;
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	base_buf_init(&text);
	ret = lib_answer(m, m->sim->access->uevents(m->sim, &text), "machine/uevents");
	if (!ret)
		ret = lib_give(m, &text, ret_text, NULL);
	base_buf_fini(&text);
	return lib_leave(m, ret);
}
