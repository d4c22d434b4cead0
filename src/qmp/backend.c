// SPDX-License-Identifier: GPL-2.0-or-later
/* Backends of memory: object-add, object-del and query-memdev (QEMU's backends/hostmem.c). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qmp_private.h"

#define MAX_NODES 128

enum { BACKEND_RAM, BACKEND_FILE, BACKEND_MEMFD, NR_BACKEND_TYPES };

const char *const qmp_backend_types[] = { "memory-backend-ram", "memory-backend-file",
					  "memory-backend-memfd", NULL };
enum { POLICY_DEFAULT, POLICY_PREFERRED, POLICY_BIND, POLICY_INTERLEAVE };
const char *const qmp_policies[] = { "default", "preferred", "bind", "interleave", NULL };

static const struct qmp_arg head_args[] = {
	{ "qom-type", QMP_STR },
	{ "id", QMP_STR },
	{ NULL, QMP_END },
};

static const struct qmp_arg memory_args[] = {
	{ "dump", QMP_BOOL, true },
	{ "host-nodes", QMP_ARRAY, true },
	{ "merge", QMP_BOOL, true },
	{ "policy", QMP_STR, true },
	{ "prealloc", QMP_BOOL, true },
	{ "prealloc-threads", QMP_UINT, true },
	{ "prealloc-context", QMP_STR, true },
	{ "share", QMP_BOOL, true },
	{ "reserve", QMP_BOOL, true },
	{ "size", QMP_UINT },
	{ "x-use-canonical-path-for-ramblock-id", QMP_BOOL, true },
	{ NULL, QMP_END },
};

static const struct qmp_arg file_args[] = {
	{ "align", QMP_UINT, true }, { "discard-data", QMP_BOOL, true }, { "mem-path", QMP_STR },
	{ "pmem", QMP_BOOL, true },  { "readonly", QMP_BOOL, true },	 { NULL, QMP_END },
};

static const struct qmp_arg memfd_args[] = {
	{ "hugetlb", QMP_BOOL, true },
	{ "hugetlbsize", QMP_UINT, true },
	{ "seal", QMP_BOOL, true },
	{ NULL, QMP_END },
};

static const struct qmp_arg no_args[] = { { NULL, QMP_END } };

static const struct qmp_arg *const type_args[NR_BACKEND_TYPES] = {
	[BACKEND_RAM] = no_args,
	[BACKEND_FILE] = file_args,
	[BACKEND_MEMFD] = memfd_args,
};

/* ---- the list -------------------------------------------------------------------------------- */

struct qmp_backend *qmp_backend_find(const struct qmp *q, const char *id)
{
	struct qmp_backend *b;

	TAILQ_FOREACH(b, &q->backends, link) {
		if (!strcmp(b->id, id))
			return b;
	}
	return NULL;
}

struct qmp_backend *qmp_backend_new(struct qmp *q, const char *id)
{
	struct qmp_backend *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->id = strdup(id);
	if (!b->id) {
		free(b);
		return NULL;
	}
	b->dump = b->merge = b->reserve = true;
	b->threads = 1;
	TAILQ_INSERT_TAIL(&q->backends, b, link);
	return b;
}

void qmp_backend_free(struct qmp *q, struct qmp_backend *b)
{
	TAILQ_REMOVE(&q->backends, b, link);
	free(b->id);
	free(b);
}

bool qmp_backend_is_used(const struct qmp *q, const struct qmp_backend *b)
{
	const struct qmp_device *d;

	TAILQ_FOREACH(d, &q->devices, link) {
		if (d->memdev == b)
			return true;
	}
	return b->is_boot;
}

/* "m0", "m1", ... as everybody calls them, who gives each node its memory. */
int qmp_backends_boot(struct qmp *q)
{
	for (int nid = 0; nid < BASE_MASK_BITS; nid++) {
		uint64_t size = machine_ram(q->machine, nid);
		struct qmp_backend *b;
		char id[16];

		if (!size)
			continue;
		snprintf(id, sizeof(id), "m%d", nid);
		b = qmp_backend_new(q, id);
		if (!b)
			return -ENOMEM;
		b->size = size;
		b->is_boot = true;
	}
	return 0;
}

/* ---- object-add ------------------------------------------------------------------------------ */

static int word_index(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++) {
		if (!strcmp(words[i], word))
			return i;
	}
	return -1;
}

static bool check_arguments(struct qmp *q, json_t *args, int *ret_type)
{
	const struct qmp_arg *specs[] = { head_args, memory_args, NULL };
	const char *type, *policy, *name;

	type = json_string_value(json_object_get(args, "qom-type"));
	*ret_type = type ? word_index(qmp_backend_types, type) : -1;
	if (type && *ret_type < 0) {
		qmp_fail(q, QMP_GENERIC, "Parameter 'qom-type' does not accept value '%s'", type);
		return false;
	}
	if (!qmp_check_args(q, args, head_args) || !qmp_check_args(q, args, memory_args))
		return false;
	policy = json_string_value(json_object_get(args, "policy"));
	if (policy && word_index(qmp_policies, policy) < 0) {
		qmp_fail(q, QMP_GENERIC, "Parameter 'policy' does not accept value '%s'", policy);
		return false;
	}
	specs[2] = type_args[*ret_type];
	if (!qmp_check_args(q, args, specs[2]))
		return false;
	name = qmp_unexpected(args, specs, BASE_ARRAY_SIZE(specs));
	if (name)
		qmp_fail(q, QMP_GENERIC, "Parameter '%s' is unexpected", name);
	return !name;
}

static bool take_nodes(struct qmp *q, struct qmp_backend *b, json_t *nodes)
{
	size_t i;
	json_t *value;

	json_array_foreach(nodes, i, value)
	{
		uint64_t nid;

		if (!qmp_uint(value, &nid)) {
			qmp_fail(q, QMP_GENERIC, "Parameter 'host-nodes[%zu]' expects uint64", i);
			return false;
		}
		if (nid >= MAX_NODES) {
			qmp_fail(q, QMP_GENERIC, "Invalid host-nodes value: %llu",
				 (unsigned long long)nid);
			return false;
		}
		base_mask_set(&b->nodes, (unsigned int)nid);
	}
	return true;
}

static void take_bool(json_t *args, const char *name, bool *ret_on)
{
	json_t *value = json_object_get(args, name);

	if (value)
		*ret_on = json_is_true(value);
}

/* A property that QEMU calls by its type. */
static bool refuse_zero(struct qmp *q, const struct qmp_backend *b, const char *name,
			uint64_t value)
{
	if (!value)
		qmp_fail(q, QMP_GENERIC, "property '%s' of %s doesn't take value '0'", name,
			 qmp_backend_types[b->type]);
	return !value;
}

static bool take_properties(struct qmp *q, struct qmp_backend *b, json_t *args)
{
	json_t *threads = json_object_get(args, "prealloc-threads");
	const char *policy = json_string_value(json_object_get(args, "policy"));

	b->share = b->type == BACKEND_MEMFD;
	take_bool(args, "share", &b->share);
	take_bool(args, "dump", &b->dump);
	take_bool(args, "merge", &b->merge);
	take_bool(args, "reserve", &b->reserve);
	take_bool(args, "prealloc", &b->prealloc);
	take_bool(args, "x-use-canonical-path-for-ramblock-id", &b->canonical);
	if (policy)
		b->policy = (unsigned int)word_index(qmp_policies, policy);
	if (threads &&
	    (!qmp_uint(threads, &b->threads) || refuse_zero(q, b, "prealloc-threads", b->threads)))
		return false;
	(void)qmp_uint(json_object_get(args, "size"), &b->size);
	if (refuse_zero(q, b, "size", b->size))
		return false;
	if (b->prealloc && !b->reserve) {
		qmp_fail(q, QMP_GENERIC, "'prealloc=on' and 'reserve=off' are incompatible");
		return false;
	}
	return take_nodes(q, b, json_object_get(args, "host-nodes"));
}

/* host_memory_backend_memory_complete() */
static bool complete(struct qmp *q, const struct qmp_backend *b)
{
	bool any = base_mask_weight(&b->nodes);

	if (any && b->policy == POLICY_DEFAULT)
		qmp_fail(q, QMP_GENERIC,
			 "host-nodes must be empty for policy default, or you should explicitly "
			 "specify a policy other than default");
	else if (!any && b->policy != POLICY_DEFAULT)
		qmp_fail(q, QMP_GENERIC, "host-nodes must be set for policy %s",
			 qmp_policies[b->policy]);
	else
		return true;
	return false;
}

json_t *qmp_object_add(struct qmp *q, json_t *args)
{
	struct qmp_backend *b;
	const char *id;
	bool is_new;
	int type;

	if (!check_arguments(q, args, &type))
		return NULL;
	id = json_string_value(json_object_get(args, "id"));
	if (!qmp_is_id(id))
		return qmp_fail(q, QMP_GENERIC, "Parameter 'id' expects an identifier");
	is_new = !qmp_backend_find(q, id);
	b = qmp_backend_new(q, id);
	if (!b)
		return NULL;
	b->type = (unsigned int)type;
	if (take_properties(q, b, args)) {
		if (!is_new)
			qmp_fail(q, QMP_GENERIC,
				 "attempt to add duplicate property '%s' to object (type "
				 "'container')",
				 id);
		else if (complete(q, b))
			return qmp_ok();
	}
	qmp_backend_free(q, b);
	return NULL;
}

json_t *qmp_object_del(struct qmp *q, json_t *args)
{
	const char *id = json_string_value(json_object_get(args, "id"));
	struct qmp_backend *b = qmp_backend_find(q, id);

	if (!b)
		return qmp_fail(q, QMP_GENERIC, "object '%s' not found", id);
	if (qmp_backend_is_used(q, b))
		return qmp_fail(q, QMP_GENERIC, "object '%s' is in use, can not be deleted", id);
	qmp_backend_free(q, b);
	return qmp_ok();
}

json_t *qmp_query_memdev(struct qmp *q, json_t *args)
{
	json_t *list = json_array();
	struct qmp_backend *b;
	unsigned int nid;

	TAILQ_FOREACH(b, &q->backends, link) {
		json_t *nodes = json_array();

		BASE_MASK_FOREACH(nid, &b->nodes)
			json_array_append_new(nodes, json_integer(nid));
		json_array_append_new(
			list,
			json_pack("{s:b, s:o, s:s, s:b, s:s, s:b, s:b, s:b, s:o}", "dump", b->dump,
				  "host-nodes", nodes, "id", b->id, "merge", b->merge, "policy",
				  qmp_policies[b->policy], "prealloc", b->prealloc, "reserve",
				  b->reserve, "share", b->share, "size", qmp_json_uint(b->size)));
	}
	return list;
}
