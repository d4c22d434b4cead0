// SPDX-License-Identifier: GPL-2.0-or-later
/* Reports as JUnit, for CI systems, and as a page by itself. */
#include <stdlib.h>
#include <string.h>

#include "explore.h"

#define MAX_COLUMNS 32
/* The colour of a result that would be a finding. */
#define ALLOWED "#f0f0c8"

/* Verdicts have the same colours, with black text, in the light and in the dark. */
static const char style[] =
	":root{color-scheme:light dark;--line:#ccc;--text:#f4f4f4;--command:#eaf4ea;"
	"--differs:#ffd9d9}"
	"@media(prefers-color-scheme:dark){:root{--line:#555;--text:#262626;--command:#1e2d1e;"
	"--differs:#5c2a2a}}"
	"body{font:14px/1.45 sans-serif;max-width:88em;margin:1.5em auto;padding:0 1em}"
	"h1{font:600 20px monospace;overflow-wrap:anywhere}h2{font-size:16px;margin-top:2em}"
	"table{border-collapse:collapse;margin:1em 0}div{overflow-x:auto}"
	"th,td{border:1px solid var(--line);padding:2px 6px;text-align:left;font-weight:normal}"
	".m th:first-child,pre{font-family:monospace}"
	".m th:first-child{min-width:11em;overflow-wrap:anywhere}"
	"@media(min-width:50em){.m th:first-child{white-space:nowrap}}"
	"span{padding:1px 5px;border-radius:3px;color:#000}a{color:#000}"
	"dl{display:grid;grid-template-columns:max-content auto;gap:.25em .6em}dd{margin:0}"
	"pre{background:var(--text);padding:.6em;overflow:auto;white-space:pre}"
	".c{background:var(--command);white-space:pre-wrap;overflow-wrap:anywhere}"
	".d{background:var(--differs)}";

/* The same five characters must be escaped in both; others that XML does not allow are left out. */
static void put_escaped(FILE *out, const char *text)
{
	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '&')
			fputs("&amp;", out);
		else if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == '"')
			fputs("&quot;", out);
		else if (c >= ' ' || c == '\n' || c == '\t')
			fputc(c, out);
	}
}

static void put_command(const struct explore *x, const struct explore_run *run, FILE *out)
{
	char *command = explore_command(x->options, run);

	put_escaped(out, command);
	free(command);
}

/* ---- JUnit ----------------------------------------------------------------------------------- */

static void put_case(const struct explore *x, const struct explore_run *run, FILE *out)
{
	fputs("  <testcase classname=\"memhpfs-explore\" name=\"", out);
	put_escaped(out, run->spec[0] ? run->spec[0] : "without faults");
	if (run->spec[1]) {
		fputs(" and ", out);
		put_escaped(out, run->spec[1]);
	}
	fprintf(out, "\" time=\"%.3f\">\n", run->seconds);
	if (run->verdict == EXPLORE_NOT_RUN)
		fputs("    <skipped/>\n", out);
	if (run->is_finding) {
		fprintf(out, "    <failure type=\"%s\" message=\"",
			explore_verdicts[run->verdict].word);
		put_escaped(out, run->why);
		fputs("\">", out);
		put_command(x, run, out);
		fputs("\n", out);
		put_escaped(out, run->lines);
		fputs("</failure>\n    <system-out>", out);
		put_escaped(out, run->output);
		fputs("</system-out>\n", out);
	}
	fputs("  </testcase>\n", out);
}

void explore_report_junit(const struct explore *x, FILE *out)
{
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"memhpfs-explore\" "
		"tests=\"%zu\" failures=\"%zu\" time=\"%.3f\">\n",
		x->nr_runs + 1, x->nr_findings, x->seconds);
	put_case(x, &x->baseline, out);
	for (size_t i = 0; i < x->nr_runs; i++)
		put_case(x, &x->run[i], out);
	fputs("</testsuite>\n", out);
}

/* ---- HTML ------------------------------------------------------------------------------------ */

static size_t columns_of(const struct explore *x, const char *columns[MAX_COLUMNS])
{
	size_t nr = 0;

	for (size_t i = 0; i < x->nr_runs; i++) {
		size_t c = 0;

		while (c < nr && strcmp(columns[c], x->run[i].label) != 0)
			c++;
		if (c == nr && nr < MAX_COLUMNS)
			columns[nr++] = x->run[i].label;
	}
	return nr;
}

static void put_cell(const struct explore *x, long point, const char *column, FILE *out)
{
	fputs("<td>", out);
	for (size_t i = 0; i < x->nr_runs; i++) {
		const struct explore_run *run = &x->run[i];
		const struct explore_verdict_info *info = &explore_verdicts[run->verdict];

		if (run->point != point || strcmp(run->label, column) != 0)
			continue;
		fprintf(out, "<span style=\"background:%s\" title=\"",
			run->is_finding	 ? info->colour :
			info->is_finding ? ALLOWED :
					   info->colour);
		put_escaped(out, run->spec[0]);
		if (run->spec[1]) {
			fputs(" and ", out);
			put_escaped(out, run->spec[1]);
		}
		if (run->is_finding)
			fprintf(out, "\"><a href=\"#r%zu\">%s</a></span>", i, info->word);
		else
			fprintf(out, "\">%s</span>", info->word);
	}
	fputs("</td>", out);
}

static bool has_runs(const struct explore *x, long point)
{
	for (size_t i = 0; i < x->nr_runs; i++) {
		if (x->run[i].point == point)
			return true;
	}
	return false;
}

static void put_matrix(const struct explore *x, FILE *out)
{
	const char *columns[MAX_COLUMNS];
	size_t nr = columns_of(x, columns);

	fputs("<div><table class=\"m\"><tr><th>point</th>", out);
	for (size_t c = 0; c < nr; c++) {
		fputs("<th>", out);
		put_escaped(out, columns[c]);
		fputs("</th>", out);
	}
	fputs("</tr>\n", out);
	for (long p = -1; p < (long)x->points.nr; p++) {
		char *point;

		if (!has_runs(x, p))
			continue;
		point = p < 0 ? explore_format("--fault") : explore_point_text(&x->points.point[p]);
		fputs("<tr><th>", out);
		put_escaped(out, point);
		fputs("</th>", out);
		free(point);
		for (size_t c = 0; c < nr; c++)
			put_cell(x, p, columns[c], out);
		fputs("</tr>\n", out);
	}
	fputs("</table></div>\n", out);
}

static const char *state_text(const json_t *state, const char *path)
{
	const char *text = json_string_value(json_object_get(state, path));

	return text ? text : "-";
}

/* The parts of the state that differ anywhere: beginning, end, and end without faults. */
static void put_states(const struct explore *x, const struct explore_run *run, FILE *out)
{
	const json_t *begin = json_object_get(run->result, "begin");
	const json_t *end = json_object_get(run->result, "recovered") ?:
				    json_object_get(run->result, "end");
	const json_t *wanted = json_object_get(run->result, "without_fault") ?:
				       json_object_get(x->baseline.result, "end");
	json_t *all = json_object(), *value;
	const char *path;

	json_object_update(all, (json_t *)begin);
	json_object_update(all, (json_t *)end);
	json_object_update(all, (json_t *)wanted);
	fputs("<div><table><tr><th></th><th>at the beginning</th><th>at the end</th><th>without "
	      "the fault</th></tr>\n",
	      out);
	json_object_foreach(all, path, value)
	{
		const char *a = state_text(begin, path), *b = state_text(end, path),
			   *c = state_text(wanted, path);

		if (!strcmp(a, b) && !strcmp(b, c))
			continue;
		fputs("<tr><th>", out);
		put_escaped(out, path);
		fputs("</th><td>", out);
		put_escaped(out, a);
		fprintf(out, "</td><td%s>", strcmp(b, c) != 0 ? " class=\"d\"" : "");
		put_escaped(out, b);
		fputs("</td><td>", out);
		put_escaped(out, c);
		fputs("</td></tr>\n", out);
	}
	fputs("</table></div>\n", out);
	json_decref(all);
}

static void put_finding(const struct explore *x, const struct explore_run *run, size_t nr,
			FILE *out)
{
	const json_t *check = json_object_get(run->result, "check");

	fprintf(out, "<h2 id=\"r%zu\"><span style=\"background:%s\">%s</span> ", nr,
		explore_verdicts[run->verdict].colour, explore_verdicts[run->verdict].word);
	put_escaped(out, run->spec[0] ? run->spec[0] : "without faults");
	fputs("</h2><p>", out);
	put_escaped(out, run->why);
	fputs("</p><pre class=\"c\">", out);
	put_command(x, run, out);
	fputs("</pre>\n", out);
	put_states(x, run, out);
	fputs("<details><summary>what happened</summary><pre>", out);
	put_escaped(out, run->lines);
	fputs("</pre></details><details><summary>output</summary><pre>", out);
	put_escaped(out, run->output);
	if (run->verdict == EXPLORE_CHECK)
		put_escaped(out, json_string_value(json_object_get(check, "output")));
	fputs("</pre></details>\n", out);
}

/* The verdicts that occur. */
static void put_legend(const struct explore *x, FILE *out)
{
	bool occurs[EXPLORE_NR_VERDICTS] = { false }, allowed = false;

	occurs[x->baseline.verdict] = true;
	for (size_t i = 0; i < x->nr_runs; i++) {
		occurs[x->run[i].verdict] = true;
		allowed |= x->run[i].verdict == EXPLORE_PARTIAL && !x->run[i].is_finding;
	}
	fputs("<dl>", out);
	for (int v = 0; v < EXPLORE_NR_VERDICTS; v++) {
		if (!occurs[v])
			continue;
		fprintf(out, "<dt><span style=\"background:%s\">%s</span></dt><dd>%s%s</dd>",
			v == EXPLORE_PARTIAL && allowed ? ALLOWED : explore_verdicts[v].colour,
			explore_verdicts[v].word, explore_verdicts[v].meaning,
			v == EXPLORE_PARTIAL && allowed ? ", as is allowed" : "");
	}
	fputs("</dl>\n", out);
}

void explore_report_html(const struct explore *x, FILE *out)
{
	char *command = explore_default_recover(x->options);

	fputs("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
	      "<title>memhpfs-explore: ",
	      out);
	put_escaped(out, command);
	fputs("</title><meta name=\"viewport\" content=\"width=device-width\"><style>", out);
	fputs(style, out);
	fputs("</style></head><body><h1>", out);
	put_escaped(out, command);
	fprintf(out, "</h1><p>%zu points, %zu runs, <b>%zu findings</b>, %.1f s.%s</p>\n",
		x->points.nr, x->nr_runs, x->nr_findings, x->seconds,
		x->interrupted ? " Interrupted: some runs are missing." : "");
	put_legend(x, out);
	put_matrix(x, out);
	if (x->baseline.is_finding)
		put_finding(x, &x->baseline, x->nr_runs, out);
	for (size_t i = 0; i < x->nr_runs; i++) {
		if (x->run[i].is_finding)
			put_finding(x, &x->run[i], i, out);
	}
	fputs("</body></html>\n", out);
	free(command);
}
