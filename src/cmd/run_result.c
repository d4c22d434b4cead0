// SPDX-License-Identifier: GPL-2.0-or-later
/* What a trial has shown. */
#include "run_conduct.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memhp/cli/json_text.h"

#define OUTPUT_BYTES 16384

/* A command may end with 0 although a test case has failed. */
static void note_junit(struct conduct *c)
{
	char path[PATH_MAX + 64];
	json_t *failed;

	snprintf(path, sizeof(path), "%s%s%s", *c->trial->junit == '/' ? "" : getenv("TMPDIR"),
		 *c->trial->junit == '/' ? "" : "/", c->trial->junit);
	failed = run_junit_failed(path);
	if (!failed)
		warnx("--junit=%s: COMMAND has written no report there", c->trial->junit);
	else if (json_array_size(failed) && !c->status)
		c->status = 1 << 8;
	json_object_set_new(c->result, "failed_cases", failed ? failed : json_null());
}

void run_note_status(struct conduct *c)
{
	json_t *fired = json_array();
	const char *signal =
		c->ended && WIFSIGNALED(c->status) ? sigabbrev_np(WTERMSIG(c->status)) : NULL;

	if (c->trial->junit && !c->killed)
		note_junit(c);
	for (unsigned int i = 0; i < c->trial->nr_faults; i++)
		json_array_append_new(fired, json_integer((json_int_t)c->fired[i]));
	json_object_set_new(c->result, "fired", fired);
	json_object_set_new(c->result, "status", json_integer(run_shell_status(c->status)));
	if (signal)
		json_object_set_new(c->result, "signal", json_string(signal));
	json_object_set_new(c->result, "killed", json_boolean(c->killed));
	json_object_set_new(c->result, "stuck", json_boolean(c->stuck || c->timed_out));
	json_object_set_new(c->result, "settled", json_boolean(c->settled));
}

/* What a command has printed, or its beginning. */
static json_t *output_of(int fd)
{
	char text[OUTPUT_BYTES];
	ssize_t len = pread(fd, text, sizeof(text), 0);

	return json_text(text, len > 0 ? (size_t)len : 0);
}

/* Runs --recover or --check and notes what has come of it; its status. */
int run_afterwards(struct conduct *c, const char *name, const char *shell)
{
	int out = c->trial->result ? memfd_create("output", MFD_CLOEXEC) : -1;
	int status = run_shell_status(run_shell(c, shell, out));
	json_t *what = json_object();

	json_object_set_new(what, "status", json_integer(status));
	if (out >= 0) {
		json_object_set_new(what, "output", output_of(out));
		close(out);
	}
	json_object_set_new(c->result, name, what);
	return status;
}

void run_note_time(struct conduct *c, const char *name)
{
	char text[32];

	if (run_get(c->run, "machine/clock/now_ns", text, sizeof(text)))
		json_object_set_new(c->result, name,
				    json_integer((json_int_t)strtoull(text, NULL, 10)));
}

bool run_write_result(const struct conduct *c)
{
	int fd = c->trial->result_fd;
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool good;

	if (fd < 0)
		return true;
	/* json_dumpfd() would write each word by itself. */
	good = file && !json_dumpf(c->result, file, JSON_COMPACT);
	if (file && fclose(file))
		good = false;
	if (!good)
		warnx("%s: the result cannot be written", c->trial->result);
	return good;
}
