/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Race gates and writers that they may hold; see race.h. */
#include "race.h"

static void command(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE])
{
	strcpy(command, pid == AGENT ? "agent" : pid == UDEV ? "udev" : "");
}

int race_setup(void **state)
{
	struct world *w = world_new(NULL);

	tree_set_command(w->tree, command, NULL);
	assert_plugs(w, "d0", "size=512M node=1");
	*state = w;
	return 0;
}

void race_gate(struct world *w, const char *name, const char *config)
{
	char path[64], *copy = strdup(config), *at = copy, *word;

	snprintf(path, sizeof(path), RACE "%s", name);
	assert_int_equal(world_mkdir(w, path), 0);
	while ((word = strsep(&at, ";")) && *word) {
		char *value = strchr(word, '=');

		*value++ = '\0';
		snprintf(path, sizeof(path), RACE "%s/%s", name, word);
		assert_takes(w, path, value);
	}
	free(copy);
	snprintf(path, sizeof(path), RACE "%s/enabled", name);
	assert_takes(w, path, "1");
}

uint64_t race_number(struct world *w, const char *name, const char *attr)
{
	char path[64];

	snprintf(path, sizeof(path), RACE "%s/%s", name, attr);
	return world_number(w, path, "");
}

void race_begin(struct world *w, struct race_writer *writer, pid_t pid, const char *path,
		const char *text)
{
	writer->file = world_open_good(w, path, O_WRONLY);
	strcpy(writer->text, text);
	world_set_caller(pid, 0);
	world_req_write(&writer->r, writer->file, writer->text, strlen(text));
	world_set_caller(NOBODY, 0);
}

void race_end(struct race_writer *writer, ssize_t result)
{
	assert_true(writer->r.done);
	assert_int_equal(writer->r.result, result);
	world_req_fini(&writer->r);
	tree_release(writer->file);
}

void assert_held(const struct race_writer *writer)
{
	assert_false(writer->r.done);
	assert_true(tree_req_held(&writer->r.req));
}
