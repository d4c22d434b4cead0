// SPDX-License-Identifier: GPL-2.0-or-later
#include "memhpfs_args.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	MEMHPFS_KEY_MACHINE = 0x100,
	MEMHPFS_KEY_CMDLINE,
	MEMHPFS_KEY_KERNEL,
	MEMHPFS_KEY_READY,
	MEMHPFS_KEY_RMDIR,
	MEMHPFS_KEY_EXIT_WITH,
	MEMHPFS_KEY_STATE,
	MEMHPFS_KEY_STATE_RECOVER,
	MEMHPFS_KEY_QMP,
	MEMHPFS_KEY_TRACE,
	MEMHPFS_KEY_TRACE_CHANGES,
};

const char *argp_program_version = "memhpfs " MEMHP_VERSION;

static const struct argp_option memhpfs_options[] = {
	{ "machine", MEMHPFS_KEY_MACHINE, "MACHINE", 0,
	  "a name of \"memhp machines\", or a machine file", 0 },
	{ "cmdline", MEMHPFS_KEY_CMDLINE, "TEXT", 0, "words to add to the kernel command line", 0 },
	{ "kernel", MEMHPFS_KEY_KERNEL, "VERSION", 0, "the version of Linux, such as 6.1", 0 },
	{ "foreground", 'f', NULL, 0, "stay in the foreground", 0 },
	{ "ready-fd", MEMHPFS_KEY_READY, "FD", 0, "with -f: write a newline there when it is ready",
	  0 },
	{ "rmdir", MEMHPFS_KEY_RMDIR, NULL, 0, "remove MOUNTPOINT when it is unmounted", 0 },
	{ "exit-with", MEMHPFS_KEY_EXIT_WITH, "PID", 0, "unmount and exit when process PID ends",
	  0 },
	{ "state", MEMHPFS_KEY_STATE, "FILE", 0, "resume from FILE and keep it up to date", 0 },
	{ "state-recover", MEMHPFS_KEY_STATE_RECOVER, NULL, 0,
	  "discard the part of FILE that cannot be replayed", 0 },
	{ "qmp", MEMHPFS_KEY_QMP, "PATH", 0,
	  "serve the hypervisor's monitor at a socket, or at tcp:127.0.0.1:PORT", 0 },
	{ "trace", MEMHPFS_KEY_TRACE, "FILE", 0, "record what happens in FILE as JSON", 0 },
	{ "trace-changes", MEMHPFS_KEY_TRACE_CHANGES, "FILE", 0, "the same without opens and reads",
	  0 },
	{ "options", 'o', "OPTIONS", 0, "mount options, separated by commas", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static void memhpfs_append(struct base_buf *buf, const char *separator, const char *text)
{
	if (buf->len)
		base_buf_puts(buf, separator);
	base_buf_puts(buf, text);
}

/* Adds a mount option, whose commas are not separators. */
static void memhpfs_append_escaped(struct base_buf *buf, const char *option)
{
	memhpfs_append(buf, ",", "");
	for (; *option; option++)
		base_buf_printf(buf, "%s%c", strchr(",\\", *option) ? "\\" : "", *option);
}

/* Splits an option off at a comma, and resolves backslashes; NULL at the end. */
static char *memhpfs_next_option(char **rest)
{
	char *word = *rest, *to = word, *from = word;

	if (!word)
		return NULL;
	for (; *from && *from != ','; from++) {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	*rest = *from ? from + 1 : NULL;
	*to = '\0';
	return word;
}

/* -1 if @text is not a writable file descriptor. */
static int memhpfs_fd(const char *text)
{
	uint64_t fd;
	int flags;

	if (base_kstrtoull(text, 10, &fd) || fd > INT_MAX)
		return -1;
	flags = fcntl((int)fd, F_GETFL);
	return flags < 0 || flags & O_PATH || (flags & O_ACCMODE) == O_RDONLY ? -1 : (int)fd;
}

/* Opens a pidfd, to which no later process with the same number answers. */
static int memhpfs_pidfd(const char *text, struct argp_state *state)
{
	uint64_t pid;
	int fd;

	if (base_kstrtoull(text, 10, &pid) || !pid || pid > INT_MAX)
		argp_error(state, "%s: not a process ID", text);
	fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (fd < 0)
		argp_error(state, "process %s cannot be waited for: %s", text, strerror(errno));
	return fd;
}

static error_t memhpfs_parse(int key, char *arg, struct argp_state *state);

/* Whether an option can also be among the mount options, as in fstab(5). */
static const struct argp_option *memhpfs_find_option(const char *name, size_t len)
{
	const struct argp_option *option = memhpfs_options;

	while (option->name && (strncmp(option->name, name, len) != 0 || option->name[len]))
		option++;
	return option->name && option->key >= 0x100 && option->key != MEMHPFS_KEY_READY ? option :
											  NULL;
}

/* Takes options of this program out of mount options; libfuse gets the others. */
static error_t memhpfs_mount_options(char *text, struct argp_state *state)
{
	struct memhpfs_args *args = state->input;
	const struct argp_option *option;
	error_t error = 0;
	char *word, *value;

	while (!error && (word = memhpfs_next_option(&text))) {
		option = memhpfs_find_option(word, strcspn(word, "="));
		if (!option) {
			memhpfs_append_escaped(&args->options, word);
			continue;
		}
		value = strchr(word, '=');
		if (!value != !option->arg)
			argp_error(state, "-o %s: %s", word,
				   value ? "takes no value" : "a value is missing");
		error = memhpfs_parse(option->key, value ? value + 1 : NULL, state);
	}
	return error;
}

/* mount(8) gives what is mounted, the first field of fstab(5), before the mount point. */
static void memhpfs_take_source(struct memhpfs_args *args)
{
	struct base_buf name;

	if (!args->source)
		return;
	base_buf_init(&name);
	base_buf_printf(&name, "fsname=%s", args->source);
	memhpfs_append_escaped(&args->options, base_buf_text(&name));
	base_buf_fini(&name);
	if (!args->machine && strcmp(args->source, "none") && strcmp(args->source, "memhpfs"))
		args->machine = args->source;
}

static error_t memhpfs_parse(int key, char *arg, struct argp_state *state)
{
	struct memhpfs_args *args = state->input;

	switch (key) {
	case MEMHPFS_KEY_MACHINE:
		args->machine = arg;
		return 0;
	case MEMHPFS_KEY_CMDLINE:
		memhpfs_append(&args->cmdline, " ", arg);
		return 0;
	case MEMHPFS_KEY_KERNEL:
		args->kernel = arg;
		return 0;
	case MEMHPFS_KEY_STATE:
		args->state = arg;
		return 0;
	case MEMHPFS_KEY_QMP:
		args->qmp = arg;
		return 0;
	case MEMHPFS_KEY_STATE_RECOVER:
		args->state_recover = true;
		return 0;
	case MEMHPFS_KEY_TRACE:
	case MEMHPFS_KEY_TRACE_CHANGES:
		args->trace = arg;
		args->trace_changes = key == MEMHPFS_KEY_TRACE_CHANGES;
		return 0;
	case 'f':
		args->foreground = true;
		return 0;
	case MEMHPFS_KEY_READY:
		args->ready_fd = memhpfs_fd(arg);
		if (args->ready_fd < 0)
			argp_error(state, "%s: not a writable file descriptor", arg);
		return 0;
	case MEMHPFS_KEY_RMDIR:
		args->rmdir = true;
		return 0;
	case MEMHPFS_KEY_EXIT_WITH:
		args->exit_with = memhpfs_pidfd(arg, state);
		return 0;
	case 'o':
		return memhpfs_mount_options(arg, state);
	case ARGP_KEY_ARG:
		if (args->source)
			argp_usage(state);
		args->source = args->mountpoint;
		args->mountpoint = arg;
		return 0;
	case ARGP_KEY_END:
		if (!args->mountpoint)
			argp_usage(state);
		if (args->state_recover && !args->state)
			argp_error(state, "--state-recover needs --state");
		memhpfs_take_source(args);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp memhpfs_argp = {
	.options = memhpfs_options,
	.parser = memhpfs_parse,
	.args_doc = "[MACHINE] MOUNTPOINT\nrecord [ROOT | ARCHIVE]",
	.doc = "Mount an emulated machine's memory hotplug tree, or record a real machine.",
};

void memhpfs_args_parse(struct memhpfs_args *args, int argc, char **argv)
{
	*args = (struct memhpfs_args){ .ready_fd = -1, .exit_with = -1 };
	base_buf_init(&args->cmdline);
	base_buf_init(&args->options);
	argp_err_exit_status = MEMHPFS_REFUSED;
	argp_parse(&memhpfs_argp, argc, argv, 0, NULL, args);
}
