/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Actors, and the race gates that hold them (machine/race).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/sim.h"

bool sim_actor_command(const struct sim *sim, pid_t pid, char command[TREE_COMMAND_SIZE])
{
	const struct sim_actor *actor;

	LIST_FOREACH(actor, &sim->actors, link) {
		if (actor->pid == pid) {
			snprintf(command, TREE_COMMAND_SIZE, "%s", actor->name);
			return true;
		}
	}
	return false;
}

static void command(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE])
{
	(void)sim_actor_command(ctx, pid, command);
}

void sim_race_init(struct sim *sim)
{
	tree_set_command(sim->tree, command, sim);
}

void sim_race_fini(struct sim *sim)
{
	struct sim_actor *actor;

	while ((actor = LIST_FIRST(&sim->actors))) {
		LIST_REMOVE(actor, link);
		free(actor->name);
		free(actor);
	}
}

static struct sim_actor *actor_find(struct sim *sim, const char *name)
{
	struct sim_actor *actor;

	LIST_FOREACH(actor, &sim->actors, link)
		if (!strcmp(actor->name, name))
			return actor;
	actor = calloc(1, sizeof(*actor));
	if (!actor)
		return NULL;
	actor->name = strdup(name);
	if (!actor->name) {
		free(actor);
		return NULL;
	}
	actor->pid = LIST_EMPTY(&sim->actors) ? 1 : LIST_FIRST(&sim->actors)->pid + 1;
	LIST_INSERT_HEAD(&sim->actors, actor, link);
	return actor;
}

int sim_actor_set(struct sim *sim, const char *name)
{
	const struct sim_actor *actor = actor_find(sim, name);

	if (!actor)
		return -ENOMEM;
	sim->actor = actor->name;
	sim->caller.pid = actor->pid;
	return 0;
}

int sim_actor_begin(struct sim *sim, const char *name)
{
	const struct sim_job *job;

	if (!*name || strlen(name) > SIM_ACTOR_NAME_MAX) {
		sim->what = "an actor's name has 1 to 15 characters";
		return SIM_SYNTAX;
	}
	LIST_FOREACH(job, &sim->jobs, link) {
		if (job->id && !strcmp(job->id, name)) {
			sim->what = "this actor still waits for an answer: use join first";
			return SIM_SYNTAX;
		}
	}
	return sim_actor_set(sim, name);
}

void sim_actor_end(struct sim *sim)
{
	sim->actor = NULL;
	sim->caller.pid = 0;
}

/* ---- operations on race gates ---------------------------------------------------------------- */

/* Writes @text to a file of gate @name; returns 0 or -errno. */
static int put(struct sim *sim, const char *name, const char *attr, const char *text)
{
	struct base_buf path;
	ssize_t ret = -ENOMEM;

	base_buf_init(&path);
	base_buf_printf(&path, "machine/race/%s/%s", name, attr);
	if (!path.failed)
		ret = sim_write(sim, base_buf_text(&path), text, strlen(text));
	base_buf_fini(&path);
	return (int)BASE_MIN(ret, 0);
}

/* Applies KEY=VALUE ...; the value of the last one, until=, contains a blank. */
static int configure(struct sim *sim, const char *name, char *words)
{
	int ret = 0;

	while (!ret && words) {
		char *key, *value;

		words += strspn(words, " ");
		if (!*words)
			break;
		key = strncmp(words, "until=", strlen("until=")) ? strsep(&words, " ") : words;
		if (key == words)
			words = NULL;
		value = strchr(key, '=');
		if (!value) {
			sim->what = "race NAME [KEY=VALUE ...] [until=PATH TEXT]";
			return SIM_SYNTAX;
		}
		*value++ = '\0';
		ret = put(sim, name, key, value);
	}
	return ret;
}

int sim_op_race(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	const char *name = w->word[0];
	struct base_buf dir;
	int ret = -ENOMEM;

	base_buf_init(&dir);
	base_buf_printf(&dir, "machine/race/%s", name);
	if (!dir.failed)
		ret = sim_make(sim, TREE_OP_MKDIR, base_buf_text(&dir));
	if (!ret) {
		ret = configure(sim, name, w->word[1]);
		if (!ret)
			ret = put(sim, name, "enabled", "1");
		if (ret)
			sim_make(sim, TREE_OP_RMDIR, base_buf_text(&dir));
	}
	base_buf_fini(&dir);
	return ret;
}

int sim_op_release(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	return put(sim, w->word[0], "release", w->word[1] ? w->word[1] : "1");
}
