// SPDX-License-Identifier: GPL-2.0-or-later
#include "record_private.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD_KEY_ARCH = 0x100, RECORD_KEY_PAGE_SIZE };

enum record_status {
	RECORD_OK = 0,
	RECORD_FAILED = 1,
	RECORD_BAD = 2,
};

static void record_fini(struct record *record)
{
	struct record_block *block, *next;

	RB_FOREACH_SAFE(block, record_blocks, &record->blocks, next) {
		RB_REMOVE(record_blocks, &record->blocks, block);
		free(block->nodes);
		free(block->linked);
		free(block);
	}
	free(record->ram);
	free(record->config);
	free(record->spec);
	record_boot_fini(record);
	free(record);
}

static int record_describe(struct record *record, const struct record_options *options,
			   struct base_buf *buf)
{
	record_check(record, options);
	return record->nr_errors ? -EINVAL : record_write(record, buf);
}

/* Gets the text of a machine file; returns 0, or -errno after reporting the error. */
static int record_text(const char *source, const struct record_options *options, FILE *err,
		       struct base_buf *buf)
{
	struct record *record = calloc(1, sizeof(*record));
	int ret = -ENOMEM;

	if (record) {
		RB_INIT(&record->blocks);
		record->source = source;
		record->err = err;
		record->boot = options->boot;
		ret = record_read(record, source);
		if (!ret && record->spec)
			base_buf_puts(buf, record->spec);
		else if (!ret)
			ret = record_describe(record, options, buf);
		if (record->failed || buf->failed)
			ret = -ENOMEM;
		record_fini(record);
	}
	if (ret == -ENOMEM)
		fprintf(err, "%s: out of memory\n", source);
	return ret;
}

int record_print(const char *root, FILE *err, struct base_buf *buf)
{
	const struct record_options options = { .boot = true };

	return record_text(root, &options, err, buf);
}

static int record_load_path(const char *path, FILE *err, struct machine_spec **ret_spec)
{
	const struct record_options guess = { .arch = NULL };
	struct base_buf buf;
	int ret;

	if (!record_is_source(path))
		return machine_spec_load(path, err, ret_spec);
	base_buf_init(&buf);
	ret = record_text(path, &guess, err, &buf);
	if (!ret)
		ret = machine_spec_parse(base_buf_text(&buf), buf.len, path, 1, err, ret_spec);
	base_buf_fini(&buf);
	return ret;
}

int record_load(const char *what, FILE *err, struct machine_spec **ret_spec)
{
	char *path;
	int ret = machine_name_find(what, err, &path);

	if (ret)
		return ret;
	ret = record_load_path(path, err, ret_spec);
	free(path);
	return ret;
}

static const struct argp_option record_option_table[] = {
	{ "arch", RECORD_KEY_ARCH, "NAME", 0, "the architecture as printed by uname -m", 0 },
	{ "page-size", RECORD_KEY_PAGE_SIZE, "SIZE", 0,
	  "the page size as printed by getconf PAGESIZE", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

struct record_args {
	struct record_options options;
	const char *source;
};

static void refuse_arch(const struct argp_state *state, const char *arg)
{
	struct base_buf names;

	base_buf_init(&names);
	machine_arch_print_names(&names);
	argp_error(state, "%s: not known (%s)", arg, base_buf_text(&names));
	base_buf_fini(&names);
}

static error_t record_parse(int key, char *arg, struct argp_state *state)
{
	struct record_args *args = state->input;

	switch (key) {
	case RECORD_KEY_ARCH:
		if (!machine_arch_find(arg))
			refuse_arch(state, arg);
		args->options.arch = arg;
		return 0;
	case RECORD_KEY_PAGE_SIZE:
		if (base_parse_size(arg, &args->options.page_size) < 0 ||
		    __builtin_popcountll(args->options.page_size) != 1)
			argp_error(state, "%s: not a valid page size", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_usage(state);
		args->source = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp record_argp = {
	.options = record_option_table,
	.parser = record_parse,
	.args_doc = "[ROOT | ARCHIVE]",
	.doc = "Write a machine file for the machine whose files are below ROOT (/), or in an "
	       "archive.",
};

int record_main(int argc, char **argv)
{
	struct record_args args = { .source = "/" };
	char name[] = "memhpfs record";
	struct base_buf buf;
	int ret;

	argp_err_exit_status = RECORD_BAD;
	argv[0] = name;
	argp_parse(&record_argp, argc, argv, 0, NULL, &args);
	base_buf_init(&buf);
	ret = record_text(args.source, &args.options, stderr, &buf);
	if (!ret && (fputs(base_buf_text(&buf), stdout) < 0 || fflush(stdout))) {
		perror("standard output");
		ret = -EIO;
	}
	base_buf_fini(&buf);
	return !ret ? RECORD_OK : ret == -EINVAL ? RECORD_BAD : RECORD_FAILED;
}
