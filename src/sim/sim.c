/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine, its tree and a virtual clock for memhpsim.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "memhp/sim/monitor.h"

static void counters_free(struct sim *sim)
{
	while (!LIST_EMPTY(&sim->counters)) {
		struct sim_counter *counter = LIST_FIRST(&sim->counters);

		LIST_REMOVE(counter, link);
		free(counter->path);
		free(counter->field);
		free(counter);
	}
}

/* Keeps all uevents from the first one on, like an open descriptor on a mount. */
static int listen_uevents(struct sim *sim)
{
	int ret = sim_job_open(sim, "machine/uevents", O_RDONLY | O_NONBLOCK, &sim->uevents);

	return ret ? ret : (int)sim->uevents->result;
}

/* Builds what both a new and a loaded machine have. */
static int build(const struct machine_spec *spec, struct sim **ret_sim)
{
	struct sim *sim;
	int ret = -ENOMEM;

	sim = calloc(1, sizeof(*sim));
	if (!sim)
		return -ENOMEM;
	sim->access = &sim_tree_access;
	sim->spec = spec;
	LIST_INIT(&sim->jobs);
	LIST_INIT(&sim->counters);
	LIST_INIT(&sim->actors);
	TAILQ_INIT(&sim->events);
	sim->clock = base_vclock_new();
	if (!sim->clock)
		goto out_free;
	ret = tree_boot(spec, sim->clock, &sim->machine, &sim->tree);
	if (ret)
		goto out_clock;
	sim_race_init(sim);
	sim_qmp_init(sim);
	*ret_sim = sim;
	return 0;

out_clock:
	base_vclock_free(sim->clock);
out_free:
	free(sim);
	return ret;
}

bool sim_free(struct sim *sim)
{
	struct sim_job *job, *next;

	for (job = LIST_FIRST(&sim->jobs); job; job = next) {
		next = LIST_NEXT(job, link);
		sim_job_kill(sim, job);
	}
	counters_free(sim);
	if (!LIST_EMPTY(&sim->jobs))
		return false;
	sim->access->fini(sim);
	free(sim);
	return true;
}

/* Ends what sim_new() or sim_load() has begun, successfully or not. */
static int finish(struct sim *sim, int ret, struct sim **ret_sim)
{
	if (!ret)
		ret = listen_uevents(sim);
	if (ret)
		sim_free(sim);
	else
		*ret_sim = sim;
	return ret;
}

int sim_new(const struct machine_spec *spec, FILE *err, struct sim **ret_sim)
{
	struct sim *sim;
	int ret = build(spec, &sim);

	return ret ? ret : finish(sim, tree_add_devices(sim->tree, err), ret_sim);
}

int sim_load(const struct machine_spec *spec, const struct base_buf *saved,
	     struct base_buf *ret_why, struct sim **ret_sim)
{
	struct base_moment when;
	struct sim *sim;
	int ret = build(spec, &sim);

	if (ret)
		return ret;
	ret = tree_load(sim->tree, saved->data, saved->len, &when, ret_why);
	if (!ret)
		ret = base_vclock_begin(sim->clock, &when);
	return finish(sim, ret, ret_sim);
}
