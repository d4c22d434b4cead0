// SPDX-License-Identifier: GPL-2.0-or-later
#include "live.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memhp/record.h"

#define EXIT_WRONG 2
#define EXIT_LEFT 3

/* ---- what a file of operations does ---------------------------------------------------------- */

/** struct plan - the files that operations write */
struct plan {
	char **path;
	size_t nr;
	unsigned int nr_wrong;
};

static void plan_fini(struct plan *plan)
{
	for (size_t i = 0; i < plan->nr; i++)
		free(plan->path[i]);
	free(plan->path);
}

static bool plan_has(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->nr; i++)
		if (!strcmp(plan->path[i], path))
			return true;
	return false;
}

static bool plan_add(struct plan *plan, const char *path)
{
	char **grown;

	if (plan_has(plan, path))
		return true;
	grown = reallocarray(plan->path, plan->nr + 1, sizeof(*grown));
	if (!grown)
		return false;
	plan->path = grown;
	plan->path[plan->nr] = strdup(path);
	return plan->path[plan->nr++];
}

/* Checks the operation in @line; returns false when out of memory. */
static bool plan_line(const struct live *live, struct plan *plan, char *line, unsigned int nr)
{
	struct sim_checked checked;
	char *copy = strdup(line);
	const char *what = NULL;
	bool good = copy;

	if (!copy)
		return false;
	if (sim_check(live->kind, copy, &checked, &what)) {
		plan->nr_wrong++;
		fprintf(stderr, "%s:%u: %s: %s\n", live->name, nr, line, what);
	} else if (checked.write_path) {
		good = plan_add(plan, checked.write_path);
	}
	free(copy);
	return good;
}

static int plan_file(const struct live *live, struct plan *plan, FILE *in)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	bool good = true;

	for (unsigned int nr = 1; good && (len = getline(&line, &room, in)) >= 0; nr++) {
		if (len && line[len - 1] == '\n')
			line[len - 1] = '\0';
		if (!strncmp(line, "> ", 2))
			good = plan_line(live, plan, line + 2, nr);
	}
	free(line);
	if (!good) {
		fprintf(stderr, "%s: out of memory\n", live->name);
		return EXIT_WRONG;
	}
	if (fseek(in, 0, SEEK_SET)) {
		fprintf(stderr, "%s: must be a regular file, or - for standard input\n",
			live->name);
		return EXIT_WRONG;
	}
	if (plan->nr_wrong)
		fputs("memhpsim: nothing was done\n", stderr);
	return plan->nr_wrong ? EXIT_WRONG : 0;
}

/* ---- a real machine -------------------------------------------------------------------------- */

static void explain(const struct live *live, const struct plan *plan)
{
	fprintf(stderr, "memhpsim: %s is a real machine. %s\n", live->root,
		live->stream ? "The operations on standard input may change it; each file is named "
			       "before its first write." :
		plan->nr     ? "The operations write to these files:" :
			       "The operations write nothing.");
	for (size_t i = 0; i < plan->nr; i++)
		fprintf(stderr, "  %s: %s\n", plan->path[i], sim_undo_explain(plan->path[i]));
	if (live->stream || plan->nr)
		fputs("  sys/kernel/debug/dynamic_debug/control: the kernel is made to say why "
		      "blocks cannot go offline, and made silent again at the end\n",
		      stderr);
}

static int refuse(const struct live *live)
{
	if (!live->really)
		fputs("memhpsim: nothing was done: --really does it\n", stderr);
	else if (geteuid())
		fputs("memhpsim: nothing was done: --really must be run as root\n", stderr);
	else
		return 0;
	return EXIT_WRONG;
}

static int prepare(struct live *live, const struct plan *plan)
{
	int ret;

	if (live->kind == SIM_ROOT_MACHINE) {
		explain(live, plan);
		ret = refuse(live);
		if (ret)
			return ret;
	}
	ret = sim_live_new(live->root, live->kind, stderr, &live->sim);
	if (!ret && live->kind == SIM_ROOT_MACHINE && (live->stream || plan->nr))
		ret = sim_live_write(live->sim);
	if (!ret)
		return 0;
	fprintf(stderr, "memhpsim: %s: %s\n", live->root, strerror(-ret));
	return EXIT_WRONG;
}

int live_begin(struct live *live, FILE *in)
{
	struct plan plan = { .path = NULL };
	struct base_buf why;
	int ret;

	base_buf_init(&why);
	ret = sim_live_root(live->root, &live->kind, &why) ? EXIT_WRONG : 0;
	if (ret)
		fprintf(stderr, "memhpsim: %s\n", base_buf_text(&why));
	base_buf_fini(&why);
	/* Without them, nothing would be put back. */
	signal(SIGPIPE, SIG_IGN);
	if (!ret && live->stream)
		setvbuf(in, NULL, _IONBF, 0);
	else if (!ret)
		ret = plan_file(live, &plan, in);
	if (!ret)
		ret = prepare(live, &plan);
	plan_fini(&plan);
	return ret;
}

/* ---- operations ------------------------------------------------------------------------------ */

void live_describe(const struct live *live)
{
	struct base_buf text;

	base_buf_init(&text);
	if (record_print(live->root, stderr, &text))
		puts("# The machine could not be described.");
	else
		printf("---\n%s---\n", base_buf_text(&text));
	base_buf_fini(&text);
}

static void print_answer(const char *line, const struct base_buf *given,
			 const struct base_buf *answer, int ret)
{
	printf("%s%s\n", base_buf_text(given), line);
	if (ret)
		printf("< err %s\n", sim_errno_name(ret));
	else
		printf("<%s%s\n", answer->len ? " " : "", base_buf_text(answer));
}

/* Checks a line of standard input; a file was checked as a whole. */
static int check(struct live *live, const char *line)
{
	struct sim_checked checked;
	char *copy = strdup(line);
	int ret = -ENOMEM;

	if (copy)
		ret = sim_check(live->kind, copy, &checked, &live->sim->what);
	if (!ret && checked.write_path && live->kind == SIM_ROOT_MACHINE)
		fprintf(stderr, "  %s: %s\n", checked.write_path,
			sim_undo_explain(checked.write_path));
	free(copy);
	return ret;
}

int live_operation(struct live *live, const char *line)
{
	struct base_buf given, answer;
	char *copy = strdup(line + 2);
	int ret = copy ? 0 : -ENOMEM;

	base_buf_init(&given);
	base_buf_init(&answer);
	if (!ret && live->stream)
		ret = check(live, copy);
	if (!ret)
		ret = sim_operation(live->sim, copy, &answer);
	if (!ret && answer.failed)
		ret = -ENOMEM;
	if (ret != SIM_SYNTAX) {
		if (copy)
			strcpy(copy, line + 2);
		if (copy && live->kind == SIM_ROOT_MACHINE)
			sim_live_given(live->sim, copy, ret, &given);
		if (!sim_live_signal(live->sim))
			print_answer(line, &given, &answer, ret);
		ret = 0;
	}
	base_buf_fini(&given);
	base_buf_fini(&answer);
	free(copy);
	return ret;
}

int live_end(struct live *live, int status)
{
	unsigned int left = 0;
	int signo;

	if (!live->sim)
		return status;
	if (live->kind == SIM_ROOT_MACHINE)
		left = sim_live_restore(live->sim);
	if (left && !status)
		status = EXIT_LEFT;
	signo = sim_live_signal(live->sim);
	if (!sim_free(live->sim)) {
		fputs("memhpsim: a write never ends, not even when its writer is killed\n", stderr);
		status = EXIT_LEFT;
	}
	fflush(stdout);
	if (signo) {
		signal(signo, SIG_DFL);
		raise(signo);
	}
	return status;
}
