// SPDX-License-Identifier: GPL-2.0-or-later
/* What the guest is asked to do with devices, and what it does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qmp_private.h"

/* ---- events ---------------------------------------------------------------------------------- */

static struct qmp_device *in_slot(const struct qmp *q, uint64_t slot)
{
	struct qmp_device *d;

	TAILQ_FOREACH(d, &q->devices, link) {
		if (d->kind == QMP_DIMM && !d->is_gone && d->slot == slot)
			return d;
	}
	return NULL;
}

static void on_ost(void *ctx, uint64_t slot, unsigned int source, int status)
{
	struct qmp *q = ctx;
	struct qmp_device *d = in_slot(q, slot);
	char number[24];
	json_t *info;

	if (slot >= BASE_ARRAY_SIZE(q->ost))
		return;
	q->ost[slot] = (struct qmp_ost){ source, (unsigned int)status };
	snprintf(number, sizeof(number), "%llu", (unsigned long long)slot);
	info = json_pack("{s:s, s:s, s:i, s:i}", "slot", number, "slot-type", "DIMM", "source",
			 (int)source, "status", status);
	if (d && d->id)
		json_object_set_new(info, "device", json_string(d->id));
	qmp_emit(q, "ACPI_DEVICE_OST", json_pack("{s:o}", "info", info), true);
}

/* The record of a DIMM that was added here stays until its object can be removed. */
static void on_ejected(void *ctx, struct machine_dimm *dimm)
{
	struct qmp *q = ctx;
	struct qmp_device *d = qmp_device_of(q, dimm);

	if (!d)
		return;
	qmp_emit(q, "DEVICE_DELETED", qmp_device_about(d), true);
	if (d->is_implied) {
		qmp_device_free(q, d);
		return;
	}
	d->is_gone = true;
	d->memdev = NULL;
}

static void on_settled(void *ctx, struct machine_dimm *dimm)
{
	struct qmp *q = ctx;
	struct qmp_device *d = qmp_device_of(q, dimm);

	if (!d)
		return;
	if (machine_dimm_plugged(dimm)) {
		q->host->plugged(q->ctx, dimm);
		qmp_tell_guest(q);
		return;
	}
	if (!d->is_implied)
		q->host->unmake(q->ctx, QMP_DIMM, dimm);
	qmp_device_free(q, d);
}

static void on_resized(void *ctx, struct machine_vmem *vmem)
{
	struct qmp *q = ctx;
	struct qmp_device *d;
	struct base_buf path;
	json_t *data;

	qmp_sync(q);
	d = qmp_device_of(q, vmem);
	if (!d)
		return;
	base_buf_init(&path);
	qmp_device_path(d, &path);
	data = json_pack("{s:s, s:o}", "qom-path", base_buf_text(&path), "size",
			 qmp_json_uint(qmp_device_size(d)));
	if (d->id)
		json_object_set_new(data, "id", json_string(d->id));
	base_buf_fini(&path);
	qmp_emit(q, "MEMORY_DEVICE_SIZE_CHANGE", data, true);
}

const struct machine_monitor qmp_monitor = {
	.ost = on_ost,
	.ejected = on_ejected,
	.settled = on_settled,
	.resized = on_resized,
};

/* ---- what the guest is asked to do ----------------------------------------------------------- */

static void tell_dimm(struct qmp *q, struct qmp_device *d)
{
	if (machine_dimm_busy(d->thing))
		return;
	if (d->must_insert) {
		d->must_insert = false;
		machine_dimm_plug(q->machine, d->thing, true, NULL);
	} else if (d->must_eject) {
		d->must_eject = false;
		machine_dimm_plug(q->machine, d->thing, false, NULL);
	}
}

static void tell_vmem(struct qmp *q, struct qmp_device *d)
{
	if (!d->must_resize)
		return;
	d->must_resize = false;
	(void)machine_vmem_set(q->machine, d->thing, MACHINE_VMEM_REQUESTED,
			       BASE_MIN(d->requested, d->memdev->size));
}

/* A device that is told may be freed, and others with it. */
static struct qmp_device *next_to_tell(const struct qmp *q)
{
	struct qmp_device *d;

	TAILQ_FOREACH(d, &q->devices, link) {
		if (d->is_gone)
			continue;
		if (d->kind == QMP_DIMM && (d->must_insert || d->must_eject) &&
		    !machine_dimm_busy(d->thing))
			return d;
		if (d->kind == QMP_VMEM && d->must_resize)
			return d;
		if (d->kind == QMP_BALLOON && (d->must_resize || d->must_eject))
			return d;
	}
	return NULL;
}

void qmp_tell_guest(struct qmp *q)
{
	struct qmp_device *d;

	while (!q->is_paused && (d = next_to_tell(q))) {
		if (d->kind == QMP_DIMM)
			tell_dimm(q, d);
		else if (d->kind == QMP_VMEM)
			tell_vmem(q, d);
		else
			qmp_balloon_tell(q, d);
	}
}
