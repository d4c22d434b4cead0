// SPDX-License-Identifier: GPL-2.0-or-later
/* Which runs there are: each point with each of its faults, and pairs. */
#include <stdlib.h>
#include <string.h>

#include "explore.h"
#include "memhp/hotplug.h"

const char *const explore_fault_names[EXPLORE_NR_FAULTS] = {
	[EXPLORE_ERRNO] = "errno",   [EXPLORE_ALWAYS] = "always", [EXPLORE_SLOW] = "slow",
	[EXPLORE_HANG] = "hang",     [EXPLORE_LOST] = "lost",	  [EXPLORE_LATE] = "late",
	[EXPLORE_VANISH] = "vanish", [EXPLORE_KILL] = "kill",
};

static struct explore_run *add_run(struct explore *x, const char *label, long point)
{
	struct explore_run *run;

	x->run = explore_grow(x->run, x->nr_runs, sizeof(*x->run));
	run = &x->run[x->nr_runs++];
	run->label = explore_format("%s", label);
	run->point = point;
	return run;
}

/* @plus: "+" for all passings from this one on */
static void add_fault(struct explore *x, size_t index, const char *label, const char *plus,
		      const char *action)
{
	const struct explore_point *p = &x->points.point[index];

	add_run(x, label, (long)index)->spec[0] =
		explore_format("%s %s %u%s %s", p->what, p->object, p->passing, plus, action);
}

static const struct hp_fault_info *info_of(const char *phase)
{
	for (int i = 0; i < HP_NR_FAULTS; i++) {
		if (!strcmp(hp_fault_infos[i].name, phase))
			return &hp_fault_infos[i];
	}
	return NULL;
}

static void plan_event(struct explore *x, size_t index)
{
	const bool *wanted = x->options->faults;

	if (wanted[EXPLORE_LOST])
		add_fault(x, index, "lost", "", "lost");
	if (wanted[EXPLORE_LATE])
		add_fault(x, index, "late", "", "late");
}

/* A step fails with each errno that the kernel has there. */
static void plan_step(struct explore *x, size_t index, const struct hp_fault_info *info)
{
	const bool *wanted = x->options->faults;
	char errnos[64], *name, *save;

	strcpy(errnos, info->errnos);
	name = strtok_r(errnos, " ", &save);
	if (wanted[EXPLORE_ALWAYS])
		add_fault(x, index, "always", "+", name);
	for (; wanted[EXPLORE_ERRNO] && name; name = strtok_r(NULL, " ", &save))
		add_fault(x, index, name, "", name);
	if (wanted[EXPLORE_SLOW])
		add_fault(x, index, "slow", "", "slow");
	if (wanted[EXPLORE_HANG])
		add_fault(x, index, "hang", "", "hang");
}

static void plan_request(struct explore *x, size_t index)
{
	const bool *wanted = x->options->faults;

	if (wanted[EXPLORE_VANISH] && x->points.point[index].has_device)
		add_fault(x, index, "vanish", "", "vanish");
	if (!wanted[EXPLORE_KILL])
		return;
	add_fault(x, index, "kill", "", "kill");
	add_fault(x, index, "kill-after", "", "kill-after");
}

static uint64_t next_random(uint64_t *seed)
{
	*seed += 0x9e3779b97f4a7c15;
	uint64_t z = (*seed ^ *seed >> 30) * 0xbf58476d1ce4e5b9;

	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* Leaves out so many of the runs from @first on that @max are left, chosen by the seed. */
static void leave_out(struct explore *x, size_t first, size_t max)
{
	uint64_t seed = x->options->seed;

	while (x->nr_runs > max && x->nr_runs > first) {
		size_t i = first + next_random(&seed) % (x->nr_runs - first);

		explore_free_run(&x->run[i]);
		memmove(&x->run[i], &x->run[i + 1], (x->nr_runs - i - 1) * sizeof(*x->run));
		x->nr_runs--;
	}
}

void explore_plan(struct explore *x)
{
	for (size_t i = 0; i < x->points.nr; i++) {
		const struct explore_point *point = &x->points.point[i];
		const struct hp_fault_info *info = info_of(point->what);

		if (point->is_request)
			plan_request(x, i);
		else if (!strcmp(point->what, "uevent"))
			plan_event(x, i);
		else if (info)
			plan_step(x, i, info);
	}
	leave_out(x, 0, x->options->max);
}

/* The steps that @run has passed, except for the one that failed. */
static void plan_second(struct explore *x, size_t index)
{
	for (size_t i = 0; i < x->run[index].points.nr; i++) {
		/* adding a run moves them */
		struct explore_run *first = &x->run[index], *second;
		const struct explore_point *point = &first->points.point[i];
		const struct hp_fault_info *info = info_of(point->what);
		int len = info ? (int)strcspn(info->errnos, " ") : 0;
		char *spec;

		if (point->is_request || !info ||
		    (first->point >= 0 &&
		     explore_same_point(point, &x->points.point[first->point])))
			continue;
		spec = explore_format("%s %s %u %.*s", point->what, point->object, point->passing,
				      len, info->errnos);
		second = add_run(x, first->label, first->point);
		second->spec[0] = explore_format("%s", x->run[index].spec[0]);
		second->spec[1] = spec;
	}
}

void explore_plan_pairs(struct explore *x)
{
	size_t nr = x->nr_runs;

	for (size_t i = 0; i < nr; i++) {
		if (x->run[i].verdict == EXPLORE_SAME && !x->run[i].missed)
			plan_second(x, i);
	}
	leave_out(x, nr, x->options->max);
}
