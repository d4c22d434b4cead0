// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes to sys/kernel/dlpar (dlpar_store() in arch/powerpc/platforms/pseries/dlpar.c). Only memory
 * is hot-plugged here: all CPUs are present, and no device tree nodes can be added.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dlpar.h"
#include "machine_private.h"

enum resource {
	RESOURCE_MEMORY,
	RESOURCE_CPU,
	RESOURCE_DT,
	NR_RESOURCES,
};

/* A write in progress; @text: the written text, for the log */
struct request {
	struct machine_dlpar op;
	enum resource resource;
	char *text;
};

/* Index in @words of the next word; -EINVAL, logged as "Invalid ... specified". */
static int take_word(struct hp *hp, char **rest, const char *const *words, size_t nr_words,
		     const char *what)
{
	const char *word = strsep(rest, " ");
	int index;

	if (!word)
		return -EINVAL;
	index = base_sysfs_match(words, nr_words, word);
	if (index < 0)
		hp_log(hp, "dlpar: Invalid %s specified.", what);
	return index;
}

static int take_number(struct hp *hp, char **rest, const char *what, uint32_t *ret_number)
{
	const char *word = strsep(rest, " ");

	if (word && !base_kstrtouint(word, 0, ret_number))
		return 0;
	hp_log(hp, word ? "dlpar: Invalid DRC %s specified." : "dlpar: No DRC %s specified.", what);
	return -EINVAL;
}

/* Text after the last required word is ignored. */
static int parse(struct hp *hp, char *rest, struct request *request)
{
	static const char *const resources[NR_RESOURCES] = { "memory", "cpu", "dt" };
	static const char *const actions[] = { "add", "remove" };
	static const char *const ids[] = {
		[MACHINE_DLPAR_COUNT] = "count",
		[MACHINE_DLPAR_INDEX] = "index",
		[MACHINE_DLPAR_INDEXED_COUNT] = "indexed-count",
	};
	int resource, action, id, ret = 0;

	resource = take_word(hp, &rest, resources, NR_RESOURCES, "resource");
	if (resource < 0)
		return resource;
	action = take_word(hp, &rest, actions, BASE_ARRAY_SIZE(actions), "action");
	if (action < 0)
		return action;
	id = take_word(hp, &rest, ids, BASE_ARRAY_SIZE(ids), "id_type");
	if (id < 0)
		return id;
	request->resource = resource;
	request->op.add = !action;
	request->op.id = id;
	if (id != MACHINE_DLPAR_INDEX)
		ret = take_number(hp, &rest, "count", &request->op.count);
	if (!ret && id != MACHINE_DLPAR_COUNT)
		ret = take_number(hp, &rest, "Index", &request->op.index);
	return ret;
}

static void request_free(struct request *request)
{
	free(request->text);
	free(request);
}

/* A request that fails is logged as it was written. */
static int request_end(struct request *request, int ret)
{
	if (ret)
		hp_log(request->op.machine->hp, "dlpar: Could not handle DLPAR request \"%s\"",
		       request->text);
	request_free(request);
	return ret;
}

/* CPUs and device tree nodes by index: none can be added, and none with that index removed. */
static int other_resource(const struct request *request)
{
	if (request->op.id != MACHINE_DLPAR_INDEX)
		return -EINVAL;
	if (request->resource == RESOURCE_CPU)
		return request->op.add ? -EINVAL : -ENODEV;
	return request->op.add ? -EIO : 0;
}

static int request_run(struct hp_call *call)
{
	struct request *request = call->data;

	return request_end(request, request->resource == RESOURCE_MEMORY ?
					    machine_dlpar_run(&request->op) :
					    other_resource(request));
}

int machine_dlpar_store(struct machine *m, const char *text, struct hp_call *call)
{
	struct request *request = calloc(1, sizeof(*request));
	char *words = strdup(text);
	int ret = -ENOMEM;

	if (request)
		request->text = strdup(text);
	if (!request || !request->text || !words) {
		free(words);
		if (request)
			request_free(request);
		return -ENOMEM;
	}
	request->op.machine = m;
	request->op.mode = HP_OFFLINE_INTERRUPTIBLE;
	ret = parse(m->hp, words, request);
	free(words);
	if (ret)
		return request_end(request, ret);
	call->run = request_run;
	call->data = request;
	call->waits_always = true;
	hp_submit(m->hp, call);
	return 0;
}
