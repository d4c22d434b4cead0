// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Smaller findings: fewer faults, and a smaller machine, as long as the verdict stays. Each machine
 * has a baseline of its own.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explore.h"
#include "memhp/spec.h"

#define MAX_RANGES 64

/*
 * struct machine - a machine that may be tried
 * @file: in the directory of the runs; NULL: the one that was given
 * @baseline: of it
 */
struct machine {
	struct machine_spec *spec;
	char *file;
	struct explore_run baseline;
};

/* ---- smaller machines ------------------------------------------------------------------------ */

static unsigned int last_node(const struct machine_spec *spec)
{
	unsigned int node = 0;

	for (size_t i = 0; i < spec->nr_memory; i++)
		node = spec->memory[i].node > node ? spec->memory[i].node : node;
	for (size_t i = 0; i < spec->nr_cpus; i++)
		node = spec->cpus[i].node > node ? spec->cpus[i].node : node;
	return node;
}

static void drop_ranges(struct machine_range *ranges, size_t *nr, unsigned int node)
{
	size_t left = 0;

	for (size_t i = 0; i < *nr; i++) {
		if (ranges[i].node != node)
			ranges[left++] = ranges[i];
	}
	*nr = left;
}

/* Without what belongs to the last node. */
static bool drop_node(struct machine_spec *spec)
{
	unsigned int node = last_node(spec);
	size_t left = 0;

	drop_ranges(spec->memory, &spec->nr_memory, node);
	drop_ranges(spec->hotplug, &spec->nr_hotplug, node);
	drop_ranges(spec->standby, &spec->nr_standby, node);
	for (size_t i = 0; i < spec->nr_cpus; i++) {
		if (spec->cpus[i].node != node)
			spec->cpus[left++] = spec->cpus[i];
	}
	spec->nr_cpus = left;
	base_mask_clear(&spec->possible_nodes, node);
	return node;
}

/* Half of the boot memory, from the top, in whole blocks. */
static bool halve_memory(struct machine_spec *spec)
{
	uint64_t sum = 0, left;

	for (size_t i = 0; i < spec->nr_memory; i++)
		sum += spec->memory[i].end - spec->memory[i].start + 1;
	left = sum / 2;
	for (size_t i = 0; i < spec->nr_memory; i++) {
		struct machine_range *range = &spec->memory[i];
		uint64_t end = (range->start + left + spec->block_size - 1) / spec->block_size *
			       spec->block_size;

		if (left > range->end - range->start) {
			left -= range->end - range->start + 1;
			continue;
		}
		if (end <= range->end)
			range->end = end - 1;
		else if (i + 1 == spec->nr_memory)
			return false;
		spec->nr_memory = i + 1;
		return true;
	}
	return false;
}

static bool drop_device(struct machine_spec *spec)
{
	return spec->nr_devices && spec->nr_devices--;
}

static bool drop_workload(struct machine_spec *spec)
{
	return spec->nr_workloads && spec->nr_workloads--;
}

static bool drop_standby(struct machine_spec *spec)
{
	return spec->nr_standby && spec->nr_standby--;
}

static bool drop_hotplug(struct machine_spec *spec)
{
	return spec->nr_hotplug && spec->nr_hotplug--;
}

static bool (*const steps[])(struct machine_spec *spec) = {
	drop_device, drop_workload, drop_node, halve_memory, drop_standby, drop_hotplug,
};

/* The text of @spec after a step; to be freed; NULL: there is no such step. */
static char *smaller_text(const struct machine_spec *spec, size_t step)
{
	/* Only these arrays are changed in place; of the others, only the end is left out. */
	struct machine_range memory[MAX_RANGES], hotplug[MAX_RANGES], standby[MAX_RANGES];
	struct machine_cpus cpus[MAX_RANGES];
	struct machine_spec copy = *spec;
	struct base_buf buf;
	char *text = NULL;

	if (spec->nr_memory > MAX_RANGES || spec->nr_hotplug > MAX_RANGES ||
	    spec->nr_standby > MAX_RANGES || spec->nr_cpus > MAX_RANGES)
		return NULL;
	copy.memory = memcpy(memory, spec->memory, spec->nr_memory * sizeof(*memory));
	if (spec->nr_hotplug)
		copy.hotplug = memcpy(hotplug, spec->hotplug, spec->nr_hotplug * sizeof(*hotplug));
	if (spec->nr_standby)
		copy.standby = memcpy(standby, spec->standby, spec->nr_standby * sizeof(*standby));
	copy.cpus = memcpy(cpus, spec->cpus, spec->nr_cpus * sizeof(*cpus));
	if (!steps[step](&copy))
		return NULL;
	base_buf_init(&buf);
	machine_spec_write(&copy, &buf);
	text = explore_format("%s", base_buf_text(&buf));
	base_buf_fini(&buf);
	return text;
}

static void machine_free(struct machine *m)
{
	if (!m)
		return;
	machine_spec_free(m->spec);
	explore_free_run(&m->baseline);
	free(m->file);
	free(m);
}

/* ---- trying ---------------------------------------------------------------------------------- */

static void put_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(text, file) < 0 || fclose(file))
		err(EXPLORE_FAILED, "%s", path);
}

/* A machine whose baseline is as good as that of the given one; NULL: it is not. */
static struct machine *machine_try(struct explore *x, const char *text)
{
	FILE *null = fopen("/dev/null", "we");
	struct machine_spec *spec = NULL;
	struct machine *m = NULL;
	const json_t *check;
	char *wrong;

	if (null && !machine_spec_parse(text, strlen(text), "smaller", 1, null, &spec)) {
		m = explore_grow(NULL, 0, sizeof(*m));
		m->spec = spec;
		m->file = explore_format("%s/machine.%zu", x->dir, x->nr_machines++);
		put_file(m->file, text);
		m->baseline.machine = explore_format("%s", m->file);
		explore_do(x, &m->baseline, "small");
		m->baseline.status = explore_status_of(&m->baseline);
		wrong = x->interrupted ? NULL : explore_baseline_wrong(x, &m->baseline);
		check = json_object_get(m->baseline.result, "check");
		if (wrong || x->interrupted ||
		    !json_integer_value(json_object_get(check, "status")) == x->check_fails) {
			machine_free(m);
			m = NULL;
		}
		free(wrong);
	}
	if (null)
		fclose(null);
	return m;
}

/* Whether one or two faults show on a machine what @run shows; then @run becomes that. */
static bool shows(struct explore *x, const struct machine *m, struct explore_run *run,
		  const char *first, const char *second)
{
	struct explore_run less = {
		.label = explore_format("%s", run->label),
		.point = run->point,
		.spec = { explore_format("%s", first),
			  second ? explore_format("%s", second) : NULL },
		.machine = m ? explore_format("%s", m->file) : NULL,
	};
	struct explore_run given = x->baseline;

	if (m)
		x->baseline = m->baseline;
	explore_do(x, &less, "less");
	x->baseline = given;
	if (x->interrupted || less.missed || !less.is_finding || less.verdict != run->verdict) {
		explore_free_run(&less);
		return false;
	}
	explore_free_run(run);
	*run = less;
	return true;
}

static void fewer_faults(struct explore *x, struct explore_run *run)
{
	for (int keep = 0; run->spec[1] && keep < 2 && !x->interrupted; keep++)
		(void)shows(x, NULL, run, run->spec[keep], NULL);
}

/* The smallest machine that steps from @m on lead to; @m itself if none does. */
static struct machine *smallest(struct explore *x, struct explore_run *run, struct machine *m)
{
	for (size_t step = 0; step < sizeof(steps) / sizeof(*steps) && !x->interrupted;) {
		char *text = smaller_text(m->spec, step);
		struct machine *less = text ? machine_try(x, text) : NULL;

		free(text);
		if (less && shows(x, less, run, run->spec[0], run->spec[1])) {
			machine_free(m);
			m = less;
			continue;
		}
		machine_free(less);
		step++;
	}
	return m;
}

static struct machine *given_machine(const struct explore *x)
{
	struct machine *m = explore_grow(NULL, 0, sizeof(*m));
	const char *name = x->options->machine;
	char *path = NULL;
	int ret;

	if (!name)
		ret = machine_spec_default(&m->spec);
	else
		ret = machine_name_find(name, stderr, &path) ?:
			      machine_spec_load(path, stderr, &m->spec);
	free(path);
	if (!ret)
		return m;
	free(m);
	return NULL;
}

/* The name of machine file @nr in the directory of --shrink. */
static char *name_of(const struct explore *x, size_t nr)
{
	return explore_format("%s/memhpfs-explore-%zu.yaml", x->options->shrink, nr);
}

/* Several findings may have the same one. */
static bool is_kept(const struct explore *x, size_t nr, const char *text)
{
	char *name = name_of(x, nr), *kept = explore_read_file(name);
	bool same = kept && !strcmp(kept, text);

	free(name);
	free(kept);
	return same;
}

/* The machine file that the command names is the user's. */
static void keep_machine(struct explore *x, struct explore_run *run, const struct machine *m)
{
	size_t nr = 1;
	struct base_buf buf;

	base_buf_init(&buf);
	machine_spec_write(m->spec, &buf);
	while (nr <= x->nr_kept && !is_kept(x, nr, base_buf_text(&buf)))
		nr++;
	free(run->machine);
	run->machine = name_of(x, nr);
	if (nr > x->nr_kept) {
		x->nr_kept++;
		put_file(run->machine, base_buf_text(&buf));
	}
	base_buf_fini(&buf);
}

static void smaller_machine(struct explore *x, struct explore_run *run)
{
	struct machine *m = given_machine(x);

	if (!m)
		return;
	m = smallest(x, run, m);
	if (m->file)
		keep_machine(x, run, m);
	machine_free(m);
}

/* ---- all ------------------------------------------------------------------------------------- */

/* Findings of one kind: the same verdict of the same fault at the same step. */
static bool is_alike(const struct explore_run *a, const struct explore_run *b)
{
	size_t len = strcspn(a->spec[0], " ");

	return a->is_finding && b->is_finding && a->verdict == b->verdict &&
	       !strcmp(a->label, b->label) && !strncmp(a->spec[0], b->spec[0], len + 1);
}

static bool is_first(const struct explore *x, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (is_alike(&x->run[i], &x->run[index]))
			return false;
	}
	return true;
}

void explore_shrink(struct explore *x)
{
	size_t nr_done = x->nr_done, nr_findings = x->nr_findings;

	for (size_t i = 0; i < x->nr_runs && !x->interrupted; i++) {
		struct explore_run *run = &x->run[i];

		if (!run->is_finding || run->verdict == EXPLORE_BROKEN)
			continue;
		fewer_faults(x, run);
		if (is_first(x, i))
			smaller_machine(x, run);
	}
	/* These runs are no runs of their own. */
	x->nr_done = nr_done;
	x->nr_findings = nr_findings;
}

void explore_check_shrink(const struct explore_options *options)
{
	if (options->shrink && access(options->shrink, W_OK | X_OK))
		err(EXPLORE_FAILED, "--shrink=%s: machine files cannot be written there",
		    options->shrink);
}
