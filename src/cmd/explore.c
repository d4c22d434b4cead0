// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore.h"

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "memhp/cli/std_fds.h"

/* ---- the directory of the runs' files -------------------------------------------------------- */

static void remove_dir(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);

	while (d && (entry = readdir(d))) {
		if (*entry->d_name != '.')
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

/* A process that removes the directory when this one has ended, however that was. */
static void make_dir(struct explore *x)
{
	const char *tmp = getenv("TMPDIR");
	int fds[2];
	char byte;

	if (snprintf(x->dir, sizeof(x->dir), "%s/memhpfs-explore.XXXXXX",
		     tmp && *tmp == '/' ? tmp : "/tmp") >= (int)sizeof(x->dir))
		errx(EXPLORE_FAILED, "%s: the name in $TMPDIR is too long", tmp);
	if (!mkdtemp(x->dir) || pipe2(fds, O_CLOEXEC))
		err(EXPLORE_FAILED, "%s", x->dir);
	if (!fork()) {
		setsid();
		close(fds[1]);
		for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
			close(fd);
		while (read(fds[0], &byte, 1) > 0)
			;
		remove_dir(x->dir);
		_exit(0);
	}
	close(fds[0]);
}

/* ---- the baseline ---------------------------------------------------------------------------- */

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void refuse(const struct explore_run *run, const char *what)
{
	if (run->output && *run->output)
		fprintf(stderr, "%s%s", run->output,
			run->output[strlen(run->output) - 1] == '\n' ? "" : "\n");
	errx(EXPLORE_FAILED, "%s", what);
}

/* A run without faults must be good, or no failure means anything. */
static void do_baseline(struct explore *x, struct explore_run *run, const char *name)
{
	char *wrong;

	explore_do(x, run, name);
	if (x->interrupted)
		exit(EXPLORE_INTERRUPTED);
	run->point = -1;
	run->status = explore_status_of(run);
	wrong = explore_baseline_wrong(x, run);
	if (wrong)
		refuse(run, wrong);
}

static bool has_point(const struct explore_points *points, const struct explore_point *point)
{
	for (size_t i = 0; i < points->nr; i++) {
		if (explore_same_point(&points->point[i], point))
			return true;
	}
	return false;
}

static void note_other(struct explore *x, const struct explore_points *from,
		       const struct explore_points *in)
{
	for (size_t i = 0; i < from->nr; i++) {
		if (has_point(in, &from->point[i]))
			continue;
		x->other_points = explore_grow(x->other_points, x->nr_other_points, sizeof(char *));
		x->other_points[x->nr_other_points++] = explore_point_text(&from->point[i]);
	}
}

/* The points that both runs have, in the order of the first. */
static void take_points(struct explore *x, const struct explore_points *a,
			const struct explore_points *b)
{
	note_other(x, a, b);
	note_other(x, b, a);
	for (size_t i = 0; i < a->nr; i++) {
		struct explore_points *points = &x->points;

		if (!has_point(b, &a->point[i]))
			continue;
		points->point = explore_grow(points->point, points->nr, sizeof(*points->point));
		points->point[points->nr] = a->point[i];
		points->point[points->nr].what = explore_format("%s", a->point[i].what);
		points->point[points->nr++].object = explore_format("%s", a->point[i].object);
	}
}

static void find_baseline(struct explore *x)
{
	struct explore_run second = { .label = NULL };
	const json_t *check;

	do_baseline(x, &x->baseline, "baseline");
	do_baseline(x, &second, "second");
	if (!explore_same_state(x->options, json_object_get(x->baseline.result, "end"),
				json_object_get(second.result, "end")))
		refuse(&second, "two runs without any fault end in different states (--ignore "
				"leaves parts out)");
	take_points(x, &x->baseline.points, &second.points);
	check = json_object_get(x->baseline.result, "check");
	x->check_fails = json_integer_value(json_object_get(check, "status"));
	x->nr_done = 0;
	x->baseline.verdict = x->check_fails ? EXPLORE_CHECK : EXPLORE_SAME;
	x->baseline.is_finding = x->check_fails;
	x->baseline.label = explore_format("none");
	x->baseline.why = explore_format("%s", x->check_fails ? "without any fault, --check is not "
								"content" :
								"");
	x->nr_findings = x->check_fails;
	explore_free_run(&second);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* The faults of --fault, in one run. */
static void plan_given(struct explore *x)
{
	const struct explore_options *o = x->options;
	const char *action = strrchr(o->fault[0], ' ');

	x->run = explore_grow(NULL, 0, sizeof(*x->run));
	x->nr_runs = 1;
	x->run->label = explore_format("%s", action ? action + 1 : o->fault[0]);
	x->run->point = -1;
	for (size_t i = 0; i < o->nr_fault; i++)
		x->run->spec[i] = explore_format("%s", o->fault[i]);
}

static void explore_all(struct explore *x)
{
	size_t first;

	if (x->options->nr_fault)
		plan_given(x);
	else
		explore_plan(x);
	explore_do_all(x, 0);
	first = x->nr_runs;
	if (x->options->depth > 1 && !x->options->nr_fault && !x->interrupted) {
		explore_plan_pairs(x);
		explore_do_all(x, first);
	}
	if (x->options->shrink && !x->interrupted)
		explore_shrink(x);
}

static bool is_broken(const struct explore *x)
{
	for (size_t i = 0; i < x->nr_runs; i++) {
		if (x->run[i].verdict == EXPLORE_BROKEN)
			return true;
	}
	return false;
}

static void fini(struct explore *x)
{
	for (size_t i = 0; i < x->nr_runs; i++)
		explore_free_run(&x->run[i]);
	for (size_t i = 0; i < x->nr_other_points; i++)
		free(x->other_points[i]);
	free(x->run);
	free(x->other_points);
	explore_free_points(&x->points);
	explore_free_run(&x->baseline);
}

int main(int argc, char **argv)
{
	struct explore_options options;
	struct explore x = { .options = &options };
	bool is_written, broken;
	double since = now();
	sigset_t set;

	std_fds_reserve(O_CLOEXEC);
	explore_parse(&options, argc, argv);
	explore_open_reports(&options);
	explore_check_shrink(&options);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	make_dir(&x);
	sigprocmask(SIG_BLOCK, &set, &x.mask);
	find_baseline(&x);
	explore_all(&x);
	x.seconds = now() - since;
	is_written = explore_report(&x);
	broken = is_broken(&x);
	fini(&x);
	if (x.interrupted)
		return EXPLORE_INTERRUPTED;
	if (!is_written || broken)
		return EXPLORE_FAILED;
	return x.nr_findings ? EXPLORE_FOUND : EXPLORE_CLEAN;
}
