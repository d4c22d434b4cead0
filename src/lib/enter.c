// SPDX-License-Identifier: GPL-2.0-or-later
/* The beginning and the end of each function: one thread at a time. */
#include <errno.h>
#include <pthread.h>

#include "lib_private.h"

int lib_enter(struct memhp *m, enum lib_state state)
{
	uintptr_t self = (uintptr_t)pthread_self(), user = 0;

	if (!atomic_compare_exchange_strong(&m->user, &user, self) && user != self)
		return -EDEADLK;
	lib_lock(m);
	m->depth++;
	if (state == LIB_NEW && (m->sim || m->broken))
		return lib_leave(m, lib_fail(m, -EBADFD, "the machine has been booted already"));
	if (state == LIB_BOOTED && !m->sim)
		return lib_leave(m, lib_fail(m, -EBADFD, "the machine has not been booted"));
	if (m->sim && m->depth == 1)
		m->log_end = lib_log_end(m);
	return 0;
}

int lib_leave(struct memhp *m, int ret)
{
	if (m->depth == 1 && m->sim)
		lib_tell(m);
	m->depth--;
	lib_unlock(m);
	if (m->depth)
		return ret;
	if (m->doomed)
		m->destroy(m);
	else
		atomic_store(&m->user, 0);
	return ret;
}
