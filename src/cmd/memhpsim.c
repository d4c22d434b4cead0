/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memhpsim: runs a machine and its tree without a mount, in virtual time. It reads a case file (the
 * description of a machine between two "---" lines, then operations) and prints it with the answers
 * of the emulated machine. Each line is answered at once, so that a program at the other end of a
 * pipe can decide on the next operation.
 */
#include <argp.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/cli/std_fds.h"
#include "memhp/cli/warn.h"
#include "memhp/plan.h"
#include "memhp/sim.h"
#include "live.h"
#include "random.h"
#include "trace.h"

#define EXIT_WRONG 2

enum { OPTION_REALLY = 0x100 };

const char *argp_program_version = "memhpsim " MEMHP_VERSION;

struct options {
	const char *path;
	const char *cmdline;
	const char *kernel;
	const char *trace;
	const char *live;
	bool really;
};

/**
 * struct script - a case file being read
 * @line: the current one, without its newline
 * @nr: its number
 * @live: where the operations are done instead of in @sim; NULL: nowhere else
 * @booted: the head has been printed
 */
struct script {
	FILE *in;
	const char *name;
	const char *cmdline;
	const char *kernel;
	const char *trace_path;
	struct trace *trace;
	char *line;
	size_t room;
	unsigned int nr;
	bool asked;
	bool booted;
	struct machine_spec *spec;
	struct sim *sim;
	struct live *live;
};

static int wrong(const struct script *script, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int wrong(const struct script *script, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "%s:%u: ", script->name, script->nr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_WRONG;
}

/* Returns false at the end of the file. */
static bool next_line(struct script *script)
{
	ssize_t len;

	if (script->live && script->live->stream &&
	    !sim_live_input(script->live->sim, fileno(script->in)))
		return false;
	len = getline(&script->line, &script->room, script->in);
	if (len < 0)
		return false;
	script->nr++;
	if (len && script->line[len - 1] == '\n')
		script->line[len - 1] = '\0';
	return true;
}

static int boot(struct script *script, struct machine_spec *spec)
{
	int ret;

	script->spec = spec;
	/* The recorded machines have their kernel pages there. */
	spec->kernel_pages = MACHINE_KERNEL_PAGES_BOOT;
	ret = warn_options("memhpsim", spec, script->kernel, script->cmdline);
	if (!ret)
		ret = sim_new(spec, stderr, &script->sim);
	if (ret)
		return wrong(script, "the machine does not boot: %s", strerror(-ret));
	script->booted = true;
	if (script->trace_path)
		ret = trace_new(script->sim->tree, script->trace_path, false, NULL, &script->trace);
	return ret ? wrong(script, "%s: %s", script->trace_path, strerror(-ret)) : 0;
}

static int boot_default(struct script *script)
{
	struct machine_spec *spec;

	if (machine_spec_default(&spec))
		return wrong(script, "out of memory");
	return boot(script, spec);
}

/* Describes the machine that is there instead of the one of the file. */
static int describe(struct script *script)
{
	live_describe(script->live);
	script->booted = true;
	return 0;
}

/* Skips the lines up to the second "---". */
static int describe_head(struct script *script)
{
	while (next_line(script))
		if (!strcmp(script->line, "---"))
			return describe(script);
	return wrong(script, "the machine description has no \"---\" line at its end");
}

/* Boots the machine that the lines up to the second "---" describe. */
static int boot_head(struct script *script)
{
	unsigned int first_line = script->nr + 1;
	struct machine_spec *spec;
	struct base_buf text;
	bool closed = false;
	int ret;

	puts(script->line);
	base_buf_init(&text);
	while (!closed && next_line(script)) {
		puts(script->line);
		closed = !strcmp(script->line, "---");
		if (!closed)
			base_buf_printf(&text, "%s\n", script->line);
	}
	fflush(stdout);
	if (!closed)
		ret = wrong(script, "the machine description has no \"---\" line at its end");
	else if (text.failed)
		ret = wrong(script, "out of memory");
	else if (machine_spec_parse(base_buf_text(&text), text.len, script->name, first_line,
				    stderr, &spec))
		ret = EXIT_WRONG;
	else
		ret = boot(script, spec);
	base_buf_fini(&text);
	return ret;
}

static int do_operation(struct script *script)
{
	struct base_buf answer;
	int ret;

	if (script->live) {
		ret = live_operation(script->live, script->line);
		return ret ? wrong(script, "%s", script->live->sim->what) : 0;
	}
	puts(script->line);
	base_buf_init(&answer);
	ret = sim_operation(script->sim, script->line + 2, &answer);
	if (ret == SIM_SYNTAX) {
		ret = wrong(script, "%s", script->sim->what);
	} else {
		if (!ret && answer.failed)
			ret = -ENOMEM;
		if (ret)
			printf("< err %s\n", sim_errno_name(ret));
		else
			printf("<%s%s\n", answer.len ? " " : "", base_buf_text(&answer));
		ret = 0;
	}
	base_buf_fini(&answer);
	return ret;
}

static int do_given(struct script *script)
{
	struct sim *sim = script->live ? script->live->sim : script->sim;
	int ret;

	/* On a real machine, it is as it happens to be. */
	if (script->live && script->live->kind == SIM_ROOT_MACHINE)
		return 0;
	puts(script->line);
	ret = sim_given(sim, script->line);
	if (ret == SIM_SYNTAX)
		return wrong(script, "%s", sim->what);
	return ret ? wrong(script, "not possible here: %s", sim_errno_name(ret)) : 0;
}

static int do_line(struct script *script)
{
	const char *line = script->line;
	bool asked = script->asked;
	int ret = 0;

	script->asked = false;
	if (!*line || *line == '#') {
		puts(line);
		return 0;
	}
	if (!strcmp(line, "---") && !script->booted)
		return script->live ? describe_head(script) : boot_head(script);
	if (*line == '<' && (!line[1] || line[1] == ' '))
		return asked ? 0 : wrong(script, "an answer without an operation before it");
	if (strncmp(line, "> ", 2) && strncmp(line, "given ", strlen("given ")))
		return wrong(script, "a line must begin with \"> \", \"< \", \"given \" or \"#\"");

	if (!script->booted)
		ret = script->live ? describe(script) : boot_default(script);
	if (ret)
		return ret;
	script->asked = *line == '>';
	return script->asked ? do_operation(script) : do_given(script);
}

static int run(struct script *script)
{
	int ret = 0;

	while (!ret && !ferror(stdout) && next_line(script)) {
		ret = do_line(script);
		fflush(stdout);
		if (script->live && sim_live_signal(script->live->sim))
			break;
	}
	if (!ret && ferror(script->in))
		ret = wrong(script, "%s", strerror(errno));
	if (script->live)
		ret = live_end(script->live, ret);
	trace_free(script->trace);
	if (script->sim && !sim_free(script->sim) && !ret)
		ret = wrong(script, "a write never ends, not even when its writer is killed");
	machine_spec_free(script->spec);
	if ((fflush(stdout) || ferror(stdout)) && !ret)
		ret = wrong(script, "the answers cannot be written");
	free(script->line);
	return ret;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'l':
		options->live = arg;
		return 0;
	case OPTION_REALLY:
		options->really = true;
		return 0;
	case 'c':
		options->cmdline = arg;
		return 0;
	case 'k':
		options->kernel = arg;
		return 0;
	case 't':
		options->trace = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (options->path)
			argp_usage(state);
		options->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!options->path)
			argp_usage(state);
		if (options->really && !options->live)
			argp_error(state, "--really requires --live");
		if (options->live && (options->cmdline || options->kernel || options->trace))
			argp_error(state, "--live has the machine that is there: --cmdline, "
					  "--kernel and --trace cannot be combined with it");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_option option_table[] = {
	{ "cmdline", 'c', "TEXT", 0, "append TEXT to the machine's kernel command line", 0 },
	{ "live", 'l', "ROOT", 0,
	  "do the operations with system calls on ROOT, a mount of memhpfs or the root directory "
	  "of a real machine",
	  0 },
	{ "really", OPTION_REALLY, NULL, 0, "change a real machine (with --live)", 0 },
	{ "kernel", 'k', "VERSION", 0, "the version of Linux, such as 6.1", 0 },
	{ "trace", 't', "FILE", 0, "record what happens in FILE as JSON", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_table,
		.parser = parse_option,
		.args_doc = "FILE.case|-\nplan [OPTION...]\nrandom [OPTION...]",
		.doc = "Run the operations in FILE and print it with the answers of the machine.",
	};
	struct options options = { .path = NULL };
	struct script script = { .in = stdin, .name = "<stdin>" };
	struct live live = { .stream = true };
	int ret = 0;

	std_fds_reserve(0);
	argp_err_exit_status = EXIT_WRONG;
	if (argc > 1 && !strcmp(argv[1], "plan"))
		return plan_main(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "random"))
		return random_main(argc - 1, argv + 1);
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	script.cmdline = options.cmdline;
	script.kernel = options.kernel;
	script.trace_path = options.trace;
	if (strcmp(options.path, "-")) {
		script.name = options.path;
		script.in = fopen(options.path, "re");
		if (!script.in) {
			fprintf(stderr, "memhpsim: %s: %s\n", options.path, strerror(errno));
			return EXIT_WRONG;
		}
	}
	if (options.live) {
		live.root = options.live;
		live.really = options.really;
		live.name = script.name;
		live.stream = script.in == stdin;
		ret = live_begin(&live, script.in);
		script.live = &live;
	}
	if (!ret)
		ret = run(&script);
	else
		ret = live_end(&live, ret);
	if (script.in != stdin)
		fclose(script.in);
	return ret;
}
