// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving the monitor, and loading it into that of a machine that has been loaded. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "qmp_private.h"

/* ---- references ------------------------------------------------------------------------------ */

static uint64_t place_of_backend(const struct qmp *q, const struct qmp_backend *backend)
{
	const struct qmp_backend *b;
	uint64_t place = 0;

	TAILQ_FOREACH(b, &q->backends, link) {
		place++;
		if (b == backend)
			return place;
	}
	return 0;
}

static void save_memdev(struct base_save *s, struct qmp_device *d, struct qmp *q)
{
	uint64_t place = base_save_number(s, place_of_backend(q, d->memdev));
	struct qmp_backend *b = TAILQ_FIRST(&q->backends);

	if (!base_save_loads(s))
		return;
	for (uint64_t i = 1; b && i < place; i++)
		b = TAILQ_NEXT(b, link);
	d->memdev = place ? b : NULL;
	if (!d->memdev && d->kind != QMP_BALLOON)
		base_save_fail(s, -EINVAL, "a device of the monitor has no memory");
}

/* The machine's parts are found by their order. */
static void save_thing(struct base_save *s, struct qmp_device *d, struct qmp *q)
{
	uint64_t place = 0, at = 0;
	void *thing = NULL;

	while (!base_save_loads(s) && d->thing && (thing = qmp_thing_next(q, d->kind, thing))) {
		at++;
		if (thing == d->thing)
			place = at;
	}
	place = base_save_number(s, place);
	if (!base_save_loads(s))
		return;
	thing = NULL;
	for (at = 0; at < place; at++) {
		thing = qmp_thing_next(q, d->kind, thing);
		if (!thing)
			break;
	}
	d->thing = thing;
	if (!thing && (place || d->kind != QMP_BALLOON))
		base_save_fail(s, -EINVAL, "a device of the monitor does not exist");
}

/* ---- backends and devices -------------------------------------------------------------------- */

#define BACKEND_ROWS(ROW)                                                                          \
	ROW(STRING, id)                                                                            \
	ROW(BELOW, type, 3)                                                                        \
	ROW(NUMBER, size)                                                                          \
	ROW(NUMBER, share)                                                                         \
	ROW(NUMBER, dump)                                                                          \
	ROW(NUMBER, merge)                                                                         \
	ROW(NUMBER, prealloc)                                                                      \
	ROW(NUMBER, reserve)                                                                       \
	ROW(NUMBER, canonical)                                                                     \
	ROW(NUMBER, threads)                                                                       \
	ROW(BELOW, policy, 4)                                                                      \
	ROW(MASK, nodes)                                                                           \
	ROW(NUMBER, is_boot)                                                                       \
	ROW(NUMBER, is_implied)                                                                    \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(backend_save, struct qmp_backend, struct qmp, BACKEND_ROWS)

#define DEVICE_ROWS(ROW)                                                                           \
	ROW(STRING, id)                                                                            \
	ROW(NUMBER, number)                                                                        \
	ROW(STRING, name)                                                                          \
	ROW(BELOW, kind, QMP_NR_KINDS)                                                             \
	ROW(WITH, thing, save_thing)                                                               \
	ROW(WITH, memdev, save_memdev)                                                             \
	ROW(NUMBER, is_implied)                                                                    \
	ROW(NUMBER, is_builtin)                                                                    \
	ROW(SKIP, is_gone, "no eject is in progress")                                              \
	ROW(NUMBER, slot)                                                                          \
	ROW(NUMBER, requested)                                                                     \
	ROW(NUMBER, actual)                                                                        \
	ROW(NUMBER, polling)                                                                       \
	ROW(BELOW, inaccessible, 3)                                                                \
	ROW(NUMBER, prealloc)                                                                      \
	ROW(NUMBER, must_insert)                                                                   \
	ROW(NUMBER, must_eject)                                                                    \
	ROW(NUMBER, must_resize)                                                                   \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(device_save, struct qmp_device, struct qmp, DEVICE_ROWS)

/* Their names are loaded over these. */
static struct qmp_backend *backend_make(struct qmp *q)
{
	struct qmp_backend *b = qmp_backend_new(q, "");

	if (b) {
		free(b->id);
		b->id = NULL;
	}
	return b;
}

static struct qmp_device *device_make(struct qmp *q)
{
	struct qmp_device *d = qmp_device_new(q, QMP_BALLOON, NULL);

	if (d) {
		free(d->name);
		d->name = NULL;
	}
	return d;
}

static void save_backends(struct base_save *s, struct qmp *q, void *ctx)
{
	struct qmp_backend *b;

	BASE_SAVE_TAILQ(s, &q->backends, link, backend_save, q, backend_make(q));
	TAILQ_FOREACH(b, &q->backends, link) {
		if (!b->id)
			base_save_fail(s, -EINVAL, "a backend of the monitor has no name");
	}
}

static void save_devices(struct base_save *s, struct qmp *q, void *ctx)
{
	struct qmp_device *d;

	BASE_SAVE_TAILQ(s, &q->devices, link, device_save, q, device_make(q));
	TAILQ_FOREACH(d, &q->devices, link) {
		if (!d->name)
			base_save_fail(s, -EINVAL, "a device of the monitor has no name");
	}
}

#define OST_ROWS(ROW)                                                                              \
	ROW(NUMBER, source)                                                                        \
	ROW(NUMBER, status)
BASE_SAVE_STRUCT(ost_save, struct qmp_ost, void, OST_ROWS)

static void save_ost(struct base_save *s, struct qmp *q, void *ctx)
{
	base_save_mark(s, ost_save_layout);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(q->ost); i++)
		ost_save(s, &q->ost[i], ctx);
}

#define QMP_ROWS(ROW)                                                                              \
	ROW(SKIP, machine, "the owner, set on creation")                                           \
	ROW(SKIP, host, "set by the layer above")                                                  \
	ROW(SKIP, ctx, "set by the layer above")                                                   \
	ROW(WITH, backends, save_backends)                                                         \
	ROW(WITH, devices, save_devices)                                                           \
	ROW(WITHS, ost, save_ost)                                                                  \
	ROW(NUMBER, is_paused)                                                                     \
	ROW(SKIP, class, "used by commands only")                                                  \
	ROW(SKIP, desc, "used by commands only")
BASE_SAVE_STRUCT(qmp_rows_save, struct qmp, void, QMP_ROWS)

void qmp_save(struct qmp *q, struct base_save *s)
{
	struct qmp_backend *b;
	struct qmp_device *d;

	/* What the machine no longer has would be forgotten later; it could not be loaded. */
	if (!base_save_loads(s)) {
		qmp_sync(q);
	} else {
		while ((d = TAILQ_FIRST(&q->devices)))
			qmp_device_free(q, d);
		while ((b = TAILQ_FIRST(&q->backends)))
			qmp_backend_free(q, b);
	}
	BASE_SAVE_ONE(s, qmp_rows_save, q, NULL);
}
