// SPDX-License-Identifier: GPL-2.0-or-later
/* Reports as text and JSON, and which report goes where. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

/* ---- text ------------------------------------------------------------------------------------ */

/* The object as people write it. */
static char *point_of(const struct explore *x, const struct explore_run *run)
{
	if (run->point < 0)
		return explore_format("%s", run->spec[0] ? run->spec[0] : "(no fault)");
	return explore_point_text(&x->points.point[run->point]);
}

static void put_finding(const struct explore *x, const struct explore_run *run, FILE *out)
{
	char *command = explore_command(x->options, run);

	fprintf(out, "%-8s %s\n         %s\n", explore_verdicts[run->verdict].word, run->why,
		command);
	free(command);
}

static void put_count(const struct explore *x, FILE *out)
{
	size_t count[EXPLORE_NR_VERDICTS] = { 0 };
	const char *separator = ": ";

	for (size_t i = 0; i < x->nr_runs; i++)
		count[x->run[i].verdict]++;
	fprintf(out, "%zu points, %zu runs", x->points.nr, x->nr_runs);
	for (int v = 0; v < EXPLORE_NR_VERDICTS; v++) {
		if (!count[v])
			continue;
		fprintf(out, "%s%zu %s", separator, count[v],
			v == EXPLORE_NOT_RUN ? "not run" : explore_verdicts[v].word);
		separator = ", ";
	}
	fprintf(out, "\n%zu findings\n", x->nr_findings);
}

void explore_report_text(const struct explore *x, FILE *out)
{
	int width = 5;

	for (size_t i = 0; i < x->nr_runs; i++) {
		char *point = point_of(x, &x->run[i]);

		if ((int)strlen(point) > width)
			width = (int)strlen(point);
		free(point);
	}
	for (size_t i = 0; i < x->nr_runs; i++) {
		const struct explore_run *run = &x->run[i];
		char *point = point_of(x, run);

		fprintf(out, "%-*s  %-10s  %s%s%s%s%s\n", width, point, run->label,
			explore_verdicts[run->verdict].word, run->is_finding ? " *" : "",
			run->spec[1] ? "  and " : "", run->spec[1] ? run->spec[1] : "",
			run->missed ? "  (the fault did not take place)" : "");
		free(point);
	}
	fputs("\n", out);
	for (size_t i = 0; i < x->nr_other_points; i++)
		fprintf(out, "not in both runs without faults: %s\n", x->other_points[i]);
	if (x->baseline.is_finding)
		put_finding(x, &x->baseline, out);
	for (size_t i = 0; i < x->nr_runs; i++) {
		if (x->run[i].is_finding)
			put_finding(x, &x->run[i], out);
	}
	put_count(x, out);
	if (x->interrupted)
		fputs("interrupted: the report is about the runs that were done\n", out);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

static json_t *run_object(const struct explore *x, const struct explore_run *run)
{
	char *command = explore_command(x->options, run), *point = point_of(x, run);
	json_t *object = json_object();

	set_text(object, "point", point);
	set_text(object, "fault", run->label);
	set_text(object, "verdict", explore_verdicts[run->verdict].word);
	json_object_set_new(object, "finding", json_boolean(run->is_finding));
	json_object_set_new(object, "status", json_integer(run->status));
	json_object_set_new(object, "fired", json_boolean(!run->missed));
	json_object_set_new(object, "seconds", json_real(run->seconds));
	set_text(object, "spec", run->spec[0]);
	set_text(object, "second", run->spec[1]);
	set_text(object, "command", command);
	set_text(object, "why", run->why);
	if (run->is_finding) {
		set_text(object, "output", run->output);
		set_text(object, "trace", run->lines);
		if (run->result)
			json_object_set(object, "result", run->result);
	}
	free(command);
	free(point);
	return object;
}

void explore_report_json(const struct explore *x, FILE *out)
{
	json_t *root = json_object(), *runs = json_array(), *command = json_array();
	json_t *points = json_array(), *others = json_array();

	for (char **word = x->options->command; *word; word++)
		json_array_append_new(command, json_string(*word));
	for (size_t i = 0; i < x->points.nr; i++) {
		char *text = explore_point_text(&x->points.point[i]);

		json_array_append_new(points, json_string(text));
		free(text);
	}
	for (size_t i = 0; i < x->nr_other_points; i++)
		json_array_append_new(others, json_string(x->other_points[i]));
	for (size_t i = 0; i < x->nr_runs; i++)
		json_array_append_new(runs, run_object(x, &x->run[i]));
	json_object_set_new(root, "command", command);
	set_text(root, "machine", x->options->machine);
	set_text(root, "setup", x->options->setup);
	json_object_set_new(root, "seed", json_integer((json_int_t)x->options->seed));
	json_object_set_new(root, "seconds", json_real(x->seconds));
	json_object_set_new(root, "findings", json_integer((json_int_t)x->nr_findings));
	json_object_set_new(root, "interrupted", json_boolean(x->interrupted));
	json_object_set_new(root, "baseline", run_object(x, &x->baseline));
	json_object_set_new(root, "points", points);
	json_object_set_new(root, "unsteady_points", others);
	json_object_set_new(root, "runs", runs);
	json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(4));
	fputc('\n', out);
	json_decref(root);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void put(const struct explore *x, const char *name, FILE *out)
{
	const char *suffix = strrchr(name, '.');

	if (!strcmp(suffix, ".json"))
		explore_report_json(x, out);
	else if (!strcmp(suffix, ".xml"))
		explore_report_junit(x, out);
	else if (!strcmp(suffix, ".html"))
		explore_report_html(x, out);
	else
		explore_report_text(x, out);
}

bool explore_report(const struct explore *x)
{
	bool good = true;

	for (size_t i = 0; i < x->options->nr_reports; i++) {
		FILE *file = x->options->report[i].file;
		bool failed;

		put(x, x->options->report[i].name, file);
		failed = ferror(file);
		if (fclose(file) || failed) {
			warn("%s", x->options->report[i].name);
			good = false;
		}
	}
	if (!x->options->nr_reports)
		explore_report_text(x, stdout);
	else
		put_count(x, stdout);
	return good;
}
