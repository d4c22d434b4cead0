// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A balloon (QEMU's hw/virtio/virtio-balloon.c) and its driver, which takes as many pages from the
 * guest as it is asked for, or as it can get (drivers/virtio/virtio_balloon.c).
 */
#include <errno.h>
#include <string.h>

#include "qmp_private.h"

/* The driver takes pages in small groups. */
#define STEP MIB(1)
#define OBJECT "balloon"

struct qmp_device *qmp_find_balloon(const struct qmp *q)
{
	struct qmp_device *d;

	TAILQ_FOREACH(d, &q->devices, link) {
		if (d->kind == QMP_BALLOON)
			return d;
	}
	return NULL;
}

int qmp_balloon_boot(struct qmp *q)
{
	struct qmp_device *d = qmp_device_new(q, QMP_BALLOON, NULL);

	if (!d)
		return -ENOMEM;
	d->is_builtin = true;
	return 0;
}

uint64_t qmp_balloon_ram(const struct qmp *q)
{
	uint64_t bytes = machine_ram(q->machine, -1);
	const struct qmp_device *d;

	TAILQ_FOREACH(d, &q->devices, link)
		bytes += d->kind == QMP_DIMM && !d->is_gone ? d->memdev->size : 0;
	return bytes;
}

static void tell_actual(struct qmp *q, struct qmp_device *d, uint64_t bytes)
{
	if (bytes == d->actual)
		return;
	d->actual = bytes;
	qmp_emit(q, "BALLOON_CHANGE",
		 json_pack("{s:o}", "actual", qmp_json_uint(qmp_balloon_ram(q) - bytes)), true);
}

static int begin(struct qmp *q, struct qmp_device *d)
{
	bool compacts = machine_spec_has(machine_spec(q->machine), MACHINE_BALLOON_COMPACTION);
	int ret = q->host->make(q->ctx, QMP_BALLOON, d->id ? d->id : OBJECT, &d->thing);

	return ret ? ret :
		     machine_workload_set_kind(q->machine, d->thing,
					       compacts ? "balloon_compaction" : "balloon");
}

static void end(struct qmp *q, struct qmp_device *d)
{
	if (d->thing)
		q->host->unmake(q->ctx, QMP_BALLOON, d->thing);
	d->thing = NULL;
}

/* As much as there is, up to @want; returns what it has. */
static uint64_t fill(struct qmp *q, struct qmp_device *d, uint64_t want)
{
	uint64_t has = machine_workload_size(q->machine, d->thing), end = want;

	if (!machine_workload_set_size(q->machine, d->thing, want))
		return want;
	while (has < end && end - has > STEP) {
		uint64_t middle = BASE_ROUND_DOWN(has + (end - has) / 2, STEP);

		if (middle > has && !machine_workload_set_size(q->machine, d->thing, middle))
			has = middle;
		else
			end = middle;
	}
	machine_refuse_nothing(q->machine);
	return has;
}

void qmp_balloon_tell(struct qmp *q, struct qmp_device *d)
{
	bool ejects = d->must_eject;

	d->must_resize = d->must_eject = false;
	if (ejects)
		d->requested = 0;
	if (d->requested && !d->thing && begin(q, d))
		return;
	if (d->requested)
		tell_actual(q, d, fill(q, d, d->requested));
	else
		end(q, d);
	/* The driver that goes gives back all pages. */
	if (!d->requested)
		tell_actual(q, d, 0);
	if (ejects) {
		json_t *data = qmp_device_about(d);

		qmp_emit(q, "DEVICE_DELETED",
			 json_pack("{s:o}", "path",
				   json_sprintf("%s/virtio-backend",
						json_string_value(json_object_get(data, "path")))),
			 true);
		qmp_emit(q, "DEVICE_DELETED", data, true);
		qmp_device_free(q, d);
	}
}

json_t *qmp_balloon(struct qmp *q, json_t *args)
{
	json_int_t value = json_integer_value(json_object_get(args, "value"));
	struct qmp_device *d = qmp_find_balloon(q);
	uint64_t ram = qmp_balloon_ram(q);

	if (!d)
		return qmp_fail(q, QMP_NOT_ACTIVE, "No balloon device has been activated");
	if (value <= 0)
		return qmp_fail(q, QMP_GENERIC, "Parameter 'target' expects a size");
	/* In pages of the device, whatever those of the guest are. */
	d->requested = BASE_ROUND_DOWN(ram - BASE_MIN((uint64_t)value, ram), KIB(4));
	d->must_resize = true;
	return qmp_ok();
}

json_t *qmp_query_balloon(struct qmp *q, json_t *args)
{
	struct qmp_device *d = qmp_find_balloon(q);

	if (!d)
		return qmp_fail(q, QMP_NOT_ACTIVE, "No balloon device has been activated");
	return json_pack("{s:o}", "actual", qmp_json_uint(qmp_balloon_ram(q) - d->actual));
}
