// SPDX-License-Identifier: GPL-2.0-or-later
/* The state of a machine: what a program has to bring about, without counters and times. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memhp/cli/json_text.h"
#include "run.h"
#include "run_trial.h"

/* One read cannot get the map of a big machine. */
static char *read_whole(const struct run *run, const char *path)
{
	char name[PATH_MAX + 64], *text = NULL;
	size_t len = 0;
	FILE *file;

	snprintf(name, sizeof(name), "%s/%s", run->root, path);
	file = fopen(name, "re");
	if (file && getdelim(&text, &len, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	return text;
}

/* A line of machine/map: block, node, zone, state and numbers. */
static void add_block(json_t *state, const char *line)
{
	char name[48], text[96], zone[24], state_word[24];
	unsigned long long block;
	int node;

	if (sscanf(line, "%llu %d %23s %23s", &block, &node, zone, state_word) != 4)
		return;
	snprintf(name, sizeof(name), "memory%llu", block);
	if (strcmp(zone, "none") != 0 && strcmp(zone, "offline") != 0)
		snprintf(text, sizeof(text), "%s %s node%d", state_word, zone, node);
	else
		snprintf(text, sizeof(text), "%s node%d", state_word, node);
	json_object_set_new(state, name, json_string(text));
}

static void add_blocks(const struct run *run, json_t *state)
{
	char *map = read_whole(run, "machine/map"), *save, *line;

	line = map ? strtok_r(map, "\n", &save) : NULL;
	while (line && (line = strtok_r(NULL, "\n", &save)))
		add_block(state, line);
	free(map);
}

static void add_file(const struct run *run, json_t *state, const char *path)
{
	char text[256];

	if (run_get(run, path, text, sizeof(text)))
		json_object_set_new(state, path, json_text(text, strlen(text)));
}

/* The names in a directory in order, to be freed; their number. */
static int names_in(const struct run *run, const char *dir, struct dirent ***ret_names)
{
	char path[PATH_MAX + 640];

	snprintf(path, sizeof(path), "%s/%s", run->root, dir);
	return scandir(path, ret_names, NULL, alphasort);
}

static void add_devices(const struct run *run, json_t *state, const char *kind)
{
	static const char *const files[] = { "plugged", "plugged_size", "requested_size" };
	struct dirent **names;
	char path[600];
	int nr;

	snprintf(path, sizeof(path), "machine/%s", kind);
	nr = names_in(run, path, &names);
	for (int i = 0; i < nr; i++) {
		for (size_t f = 0; *names[i]->d_name != '.' && f < sizeof(files) / sizeof(*files);
		     f++) {
			snprintf(path, sizeof(path), "machine/%s/%s/%s", kind, names[i]->d_name,
				 files[f]);
			add_file(run, state, path);
		}
		free(names[i]);
	}
	if (nr >= 0)
		free(names);
}

static void add_parameters(const struct run *run, json_t *state)
{
	static const char dir[] = "sys/module/memory_hotplug/parameters";
	struct dirent **names;
	char path[600];
	int nr = names_in(run, dir, &names);

	for (int i = 0; i < nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (*names[i]->d_name != '.')
			add_file(run, state, path);
		free(names[i]);
	}
	if (nr >= 0)
		free(names);
	add_file(run, state, "sys/devices/system/memory/auto_online_blocks");
}

json_t *run_state(const struct run *run)
{
	json_t *state = json_object();

	add_blocks(run, state);
	add_devices(run, state, "dimm");
	add_devices(run, state, "virtio-mem");
	add_devices(run, state, "dax");
	add_devices(run, state, "container");
	add_parameters(run, state);
	return state;
}
