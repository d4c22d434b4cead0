// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The outcomes of a fleet. Several processes take one row after the other, and write what they find
 * into memory that they share.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fleet.h"

/* struct desk - what the processes have in common; @next: the row that nobody has taken yet */
struct desk {
	atomic_uint next;
	atomic_bool is_enough;
};

static size_t outcomes_size(unsigned int nr_rows, unsigned int nr_policies)
{
	return (size_t)nr_rows * nr_policies * sizeof(struct fleet_outcome);
}

static void *share(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

struct fleet_outcome *fleet_outcomes_new(unsigned int nr_rows, unsigned int nr_policies)
{
	return share(outcomes_size(nr_rows, nr_policies));
}

void fleet_outcomes_free(struct fleet_outcome *outcomes, unsigned int nr_rows,
			 unsigned int nr_policies)
{
	if (outcomes)
		(void)munmap(outcomes, outcomes_size(nr_rows, nr_policies));
}

static void take_down(const struct plan_result *result, struct fleet_outcome *outcome)
{
	outcome->exhausted = result->exhausted;
	for (unsigned int i = 0; i < result->nr_steps; i++) {
		const struct plan_step *step = &result->step[i];

		outcome->nr_unusable += step->error != 0;
		outcome->added += step->added;
		outcome->removed += step->removed;
		outcome->certain += step->certain;
		outcome->ratio = fmax(outcome->ratio, plan_ratio(step));
	}
}

static int run_one(const struct fleet_row *row, const struct plan_policy *policy,
		   struct fleet_outcome *outcome)
{
	struct plan_result result;
	struct machine_spec *spec;
	int ret = fleet_spec(row, &spec);

	*outcome = (struct fleet_outcome){ .exhausted = PLAN_NEVER };
	if (ret)
		return ret;
	outcome->error = plan_run(&row->course, policy, spec, &result);
	if (outcome->error == -ENOMEM)
		return -ENOMEM;
	if (!outcome->error) {
		take_down(&result, outcome);
		plan_result_fini(&result);
	}
	outcome->is_known = true;
	return 0;
}

static bool is_bad(const struct fleet_outcome *outcome)
{
	return outcome->error || outcome->exhausted != PLAN_NEVER;
}

static int work(const struct fleet *fleet, const struct plan_options *options, bool until_exhausted,
		struct desk *desk, struct fleet_outcome *outcomes)
{
	unsigned int i;

	while (!atomic_load(&desk->is_enough) &&
	       (i = atomic_fetch_add(&desk->next, 1)) < fleet->nr) {
		if (options->shards && i % options->shards != options->shard - 1)
			continue;
		for (unsigned int p = 0; p < options->nr_policies; p++) {
			struct fleet_outcome *outcome = &outcomes[i * options->nr_policies + p];

			if (run_one(&fleet->row[i], &options->policy[p], outcome))
				return EXIT_FAILURE;
			if (until_exhausted && is_bad(outcome))
				atomic_store(&desk->is_enough, true);
		}
	}
	return EXIT_SUCCESS;
}

int fleet_run(const struct fleet *fleet, const struct plan_options *options, bool until_exhausted,
	      struct fleet_outcome *outcomes)
{
	unsigned int nr = BASE_MIN(options->jobs, fleet->nr);
	struct desk *desk = share(sizeof(*desk));
	pid_t parent = getpid();
	int status, ret = 0;

	if (!desk)
		return -ENOMEM;
	fflush(NULL);
	for (unsigned int i = 0; i < nr; i++) {
		pid_t pid = fork();

		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(EXIT_FAILURE);
			_exit(work(fleet, options, until_exhausted, desk, outcomes));
		}
		if (pid < 0)
			ret = -errno;
	}
	while (wait(&status) > 0) {
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			ret = -EIO;
	}
	(void)munmap(desk, sizeof(*desk));
	return ret;
}
