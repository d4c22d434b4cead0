// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine's time. */
#include <errno.h>

#include "lib_private.h"

static uint64_t now(const struct memhp *m)
{
	return m->sim->clock->now_ns(m->sim->clock);
}

static uint64_t after(const struct memhp *m, uint64_t ns)
{
	return ns > UINT64_MAX - now(m) ? UINT64_MAX : now(m) + ns;
}

/* Runs the next timer if it is due by @until. */
static bool step_until(struct memhp *m, uint64_t until)
{
	uint64_t due;

	return base_vclock_due(m->sim->clock, &due) && due <= until && lib_step(m);
}

uint64_t memhp_now(const struct memhp *m)
{
	uint64_t ns;

	if (!m->sim)
		return 0;
	lib_lock(m);
	ns = now(m);
	lib_unlock(m);
	return ns;
}

int memhp_advance(struct memhp *m, uint64_t ns)
{
	uint64_t until;
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	until = after(m, ns);
	while (step_until(m, until))
		;
	/* Callbacks may have gone further. */
	if (!m->doomed && now(m) < until)
		base_vclock_advance(m->sim->clock, until - now(m));
	return lib_leave(m, 0);
}

static bool is_quiet(const struct memhp *m)
{
	return machine_is_quiet(m->sim->machine) && !lib_requests_pending(m);
}

int memhp_run(struct memhp *m, uint64_t max_ns)
{
	uint64_t until;
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	until = after(m, max_ns);
	while (!is_quiet(m) && step_until(m, until))
		;
	if (!is_quiet(m))
		ret = lib_fail(m, -ETIMEDOUT, "the machine is still busy");
	return lib_leave(m, ret);
}
