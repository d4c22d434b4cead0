// SPDX-License-Identifier: GPL-2.0-or-later
/* memhpfs-view: what the memory of a machine looks like, live. */
#include <argp.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "memhp/cli/std_fds.h"
#include "view_term.h"

enum { FAILED = 1, USAGE = 2 };
enum { KEY_ALLOW_CHANGES = 0x100, KEY_HTML, KEY_SVG };

const char *argp_program_version = "memhpfs-view " MEMHP_VERSION;

static const struct argp_option option_table[] = {
	{ "allow-changes", KEY_ALLOW_CHANGES, NULL, 0,
	  "let keys change blocks of a real machine, too", 0 },
	{ "html", KEY_HTML, "FILE", 0, "write a page with a picture of the machine, and end", 0 },
	{ "svg", KEY_SVG, "FILE", 0, "write a picture of the machine, and end", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

struct options {
	const char *root;
	const char *html, *svg;
	bool allow_changes;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case KEY_ALLOW_CHANGES:
		options->allow_changes = true;
		return 0;
	case KEY_HTML:
		options->html = arg;
		return 0;
	case KEY_SVG:
		options->svg = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "%s: there is one ROOT only", arg);
		options->root = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse,
	.args_doc = "[ROOT]",
	.doc = "Show the memory blocks of a machine, emulated or real.\v"
	       "ROOT is where the machine is mounted (default: $MEMHPFS_ROOT, or /, which is the "
	       "real machine).",
};

static void print(const struct view *view, const char *name,
		  int (*print_it)(const struct view *view, FILE *out))
{
	FILE *out = fopen(name, "we");
	bool failed;

	if (!out)
		err(FAILED, "%s", name);
	if (print_it(view, out))
		errx(FAILED, "out of memory");
	failed = ferror(out);
	if (fclose(out) || failed)
		err(FAILED, "%s", name);
}

int main(int argc, char **argv)
{
	const char *root = getenv("MEMHPFS_ROOT");
	struct options options = { .root = root && *root ? root : "/" };
	struct base_text error;
	struct view view;
	int status = 0;
	bool still;

	std_fds_reserve(O_CLOEXEC);
	argp_err_exit_status = USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	still = options.html || options.svg;
	if (!still && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		errx(FAILED, "this is not a terminal (--svg and --html need none)");
	if (view_open(&view, options.root, &error))
		errx(FAILED, "%s: %s", options.root, error.s);
	if (options.svg)
		print(&view, options.svg, view_print_svg);
	if (options.html)
		print(&view, options.html, view_print_html);
	if (!still)
		status = view_term_run(&view, options.root, options.allow_changes);
	view_close(&view);
	return status;
}
