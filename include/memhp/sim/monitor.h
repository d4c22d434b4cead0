/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operations of the hypervisor's monitor (qmp.c). */
#ifndef MEMHP_SIM_MONITOR_H
#define MEMHP_SIM_MONITOR_H

#include "memhp/sim.h"

/**
 * struct sim_event - an event of the monitor that `qmp-events` has not shown yet
 * @key: if only the last of this kind counts; NULL: all do
 */
struct sim_event {
	TAILQ_ENTRY(sim_event) link;
	char *key;
	bool is_reset;
	char text[];
};

/** sim_qmp_init() - listen to the monitor of the tree. */
void sim_qmp_init(struct sim *sim);
void sim_qmp_fini(struct sim *sim);
int sim_op_qmp(struct sim *sim, const struct sim_words *w, struct base_buf *buf);
int sim_op_qmp_events(struct sim *sim, const struct sim_words *w, struct base_buf *buf);

#endif
