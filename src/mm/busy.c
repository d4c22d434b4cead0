// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages that are busy now and then: somebody holds an extra reference, or writes them back, so that
 * migration gives up on them (folio_migrate_mapping() returns -EAGAIN) and reclaim skips them.
 *
 * Whether they are busy follows from the time alone, so that nothing has to run when it changes.
 */
#include "mm_private.h"

void mm_holder_set_busy(struct mm_holder *hold, const struct mm_busy *busy)
{
	hold->busy = *busy;
}

uint64_t mm_busy_until(const struct mm *mm, const struct mm_holder *hold)
{
	struct base_clock *clock = mm->config.clock;
	const struct mm_busy *busy = &hold->busy;
	uint64_t now, into;

	if (!busy->busy_ns || !clock)
		return 0;
	if (!busy->idle_ns)
		return UINT64_MAX;
	now = clock->now_ns(clock);
	into = (now - busy->since_ns) % (busy->busy_ns + busy->idle_ns);
	return into < busy->busy_ns ? now - into + busy->busy_ns : 0;
}
