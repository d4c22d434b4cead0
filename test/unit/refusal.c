/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals and their lines in machine/log; see refusal.h. */
#include "refusal.h"

#define BOOT_REMARK PREFIX "cmdline: no effect here"

unsigned int refusal_count(struct world *w, size_t from, char ret_line[512])
{
	const char *line = base_buf_text(machine_log_text(w->machine)) + from, *end;
	unsigned int nr = 0;

	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		/* What a boot says about the command line is no refusal. */
		if (strncmp(line, PREFIX, strlen(PREFIX)) ||
		    !strncmp(line, BOOT_REMARK, strlen(BOOT_REMARK)))
			continue;
		nr++;
		snprintf(ret_line, 512, "%.*s", (int)(end - line), line);
	}
	return nr;
}

void refusal_check(struct world *w, size_t from, const char *path, const char *text, ssize_t result)
{
	char line[512] = "", prefix[300];
	unsigned int nr = refusal_count(w, from, line);

	if (nr != (result < 0))
		fail_msg("%s = '%s' answers %zd, and leaves %u lines: %s", path, text, result, nr,
			 line);
	if (result >= 0)
		return;
	snprintf(prefix, sizeof(prefix), PREFIX "%s: ", path);
	if (strncmp(line, prefix, strlen(prefix)) || strlen(line) < strlen(prefix) + 10)
		fail_msg("%s = '%s': the line is of something else: %s", path, text, line);
	if (strstr(line, ": refused (") || strstr(line, "host is out of memory") ||
	    strstr(line, "state file"))
		fail_msg("%s = '%s' answers %zd, and nobody says why: %s", path, text, result,
			 line);
}

void refusal_try(struct world *w, const char *path, const char *text)
{
	size_t from = machine_log_text(w->machine)->len;
	struct tree_file *file = world_open_good(w, path, O_WRONLY);
	struct world_req r;

	world_req_write(&r, file, text, strlen(text));
	for (int i = 0; !r.done && i < 8; i++)
		base_vclock_advance(w->clock, UINT64_C(60000000000));
	/* a write that never ends is no refusal */
	if (!r.done)
		tree_interrupt(&r.req, true);
	assert_true(r.done);
	if (r.result != -EINTR)
		refusal_check(w, from, path + strlen("machine/"), text, r.result);
	tree_release(file);
	world_req_fini(&r);
}

void refusal_make_all(struct world *w)
{
	char *names = strdup(world_list(w, "machine")), *name, *save;
	unsigned int nr = 0;

	assert_non_null(names);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		char path[300];

		snprintf(path, sizeof(path), "machine/%s/" NAME, name);
		nr += !world_mkdir(w, path);
	}
	assert_true(nr > 1);
	free(names);
}
