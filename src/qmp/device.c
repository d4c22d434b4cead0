// SPDX-License-Identifier: GPL-2.0-or-later
/* The devices that the monitor knows, and what the guest does with them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qmp_private.h"

const char *const qmp_drivers[QMP_NR_KINDS] = {
	[QMP_DIMM] = "pc-dimm",
	[QMP_NVDIMM] = "nvdimm",
	[QMP_VMEM] = "virtio-mem-pci",
	[QMP_BALLOON] = "virtio-balloon-pci",
};

/* ---- the list -------------------------------------------------------------------------------- */

/* Anonymous devices are called "device[0]", "device[1]", ... in the order in which they came. */
static unsigned int free_number(const struct qmp *q)
{
	unsigned int number = QMP_ANONYMOUS;
	const struct qmp_device *d;

	TAILQ_FOREACH(d, &q->devices, link) {
		if (!d->id && !d->is_builtin)
			number = BASE_MAX(number, d->number + 1);
	}
	return number;
}

struct qmp_device *qmp_device_new(struct qmp *q, enum qmp_kind kind, const char *id)
{
	struct qmp_device *d = calloc(1, sizeof(*d));
	char name[32];

	if (!d)
		return NULL;
	d->kind = kind;
	d->number = id ? 0 : free_number(q);
	snprintf(name, sizeof(name), "device[%u]", d->number);
	d->id = id ? strdup(id) : NULL;
	d->name = strdup(id ? id : name);
	if (!d->name || (id && !d->id)) {
		free(d->id);
		free(d->name);
		free(d);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&q->devices, d, link);
	return d;
}

void qmp_device_free(struct qmp *q, struct qmp_device *d)
{
	TAILQ_REMOVE(&q->devices, d, link);
	if (d->memdev && d->memdev->is_implied)
		qmp_backend_free(q, d->memdev);
	free(d->id);
	free(d->name);
	free(d);
}

struct qmp_device *qmp_device_find(const struct qmp *q, const char *id)
{
	struct qmp_device *d;

	TAILQ_FOREACH(d, &q->devices, link) {
		if (d->id && !d->is_gone && !strcmp(d->id, id))
			return d;
	}
	return NULL;
}

struct qmp_device *qmp_device_of(const struct qmp *q, const void *thing)
{
	struct qmp_device *d;

	TAILQ_FOREACH(d, &q->devices, link) {
		if (d->thing == thing)
			return d;
	}
	return NULL;
}

void qmp_device_path(const struct qmp_device *d, struct base_buf *buf)
{
	base_buf_printf(buf, "/machine/peripheral%s/%s", d->id ? "" : "-anon", d->name);
}

struct qmp_device *qmp_device_at(const struct qmp *q, const char *path)
{
	struct qmp_device *d;
	struct base_buf text;
	bool is_it = false;

	if (*path != '/')
		return qmp_device_find(q, path);
	TAILQ_FOREACH(d, &q->devices, link) {
		if (d->is_builtin)
			continue;
		base_buf_init(&text);
		qmp_device_path(d, &text);
		is_it = !strcmp(base_buf_text(&text), path);
		base_buf_fini(&text);
		if (is_it)
			return d;
	}
	return NULL;
}

/* ---- values ---------------------------------------------------------------------------------- */

bool qmp_has_memory(const struct qmp_device *d)
{
	return d->kind != QMP_BALLOON && !d->is_gone;
}

uint64_t qmp_device_addr(const struct qmp_device *d)
{
	switch (d->kind) {
	case QMP_DIMM:
		return machine_dimm_get(d->thing, MACHINE_DIMM_ADDR);
	case QMP_NVDIMM:
		return machine_dax_get(d->thing, MACHINE_DAX_ADDR);
	default:
		return machine_vmem_get(d->thing, MACHINE_VMEM_ADDR);
	}
}

uint64_t qmp_device_node(const struct qmp_device *d)
{
	switch (d->kind) {
	case QMP_DIMM:
		return machine_dimm_get(d->thing, MACHINE_DIMM_NODE);
	case QMP_NVDIMM:
		return machine_dax_get(d->thing, MACHINE_DAX_NODE);
	default:
		return machine_vmem_get(d->thing, MACHINE_VMEM_NODE);
	}
}

uint64_t qmp_device_size(const struct qmp_device *d)
{
	return d->kind == QMP_VMEM ? machine_vmem_get(d->thing, MACHINE_VMEM_PLUGGED) :
				     d->memdev->size;
}

struct qmp_device *qmp_memory_next(const struct qmp *q, const struct qmp_device *last)
{
	struct qmp_device *d, *next = NULL;

	TAILQ_FOREACH(d, &q->devices, link) {
		if (!qmp_has_memory(d) || (last && qmp_device_addr(d) <= qmp_device_addr(last)))
			continue;
		if (!next || qmp_device_addr(d) < qmp_device_addr(next))
			next = d;
	}
	return next;
}

unsigned int qmp_nodes(const struct qmp *q)
{
	const struct machine_spec *spec = machine_spec(q->machine);
	unsigned int nid, nr = 0;

	BASE_MASK_FOREACH(nid, &spec->possible_nodes)
		nr = nid + 1;
	return nr;
}

/* ---- devices that others add ----------------------------------------------------------------- */

static void adopt(struct qmp *q, enum qmp_kind kind, void *thing, uint64_t size)
{
	struct qmp_device *d;
	struct base_buf id;

	if (qmp_device_of(q, thing))
		return;
	d = qmp_device_new(q, kind, q->host->name(q->ctx, kind, thing));
	if (!d)
		return;
	base_buf_init(&id);
	base_buf_printf(&id, "mem-%s", d->id);
	d->memdev = id.failed ? NULL : qmp_backend_new(q, base_buf_text(&id));
	base_buf_fini(&id);
	if (!d->memdev) {
		qmp_device_free(q, d);
		return;
	}
	d->thing = thing;
	d->is_implied = true;
	d->memdev->is_implied = true;
	d->memdev->size = size;
	if (kind == QMP_DIMM)
		d->slot = machine_dimm_get(thing, MACHINE_DIMM_SLOT);
	if (kind == QMP_VMEM)
		d->requested = machine_vmem_get(thing, MACHINE_VMEM_REQUESTED);
}

static bool is_plugged(const struct qmp_device *d)
{
	switch (d->kind) {
	case QMP_DIMM:
		return machine_dimm_plugged(d->thing);
	case QMP_NVDIMM:
		return machine_dax_plugged(d->thing);
	case QMP_VMEM:
		return machine_vmem_plugged(d->thing);
	default:
		return true;
	}
}

void *qmp_thing_next(const struct qmp *q, enum qmp_kind kind, void *last)
{
	switch (kind) {
	case QMP_DIMM:
		return machine_dimm_next(q->machine, last);
	case QMP_NVDIMM:
		return machine_dax_next(q->machine, last);
	case QMP_VMEM:
		return machine_vmem_next(q->machine, last);
	default:
		return machine_workload_next(q->machine, last);
	}
}

/* Whether the machine still has it; what is gone may not be looked at. */
static bool exists(const struct qmp *q, const struct qmp_device *d)
{
	void *thing = NULL;

	while ((thing = qmp_thing_next(q, d->kind, thing))) {
		const char *name;

		if (thing != d->thing)
			continue;
		name = q->host->name(q->ctx, d->kind, thing);
		return name && !strcmp(name, d->name);
	}
	return false;
}

/* Whatever is resized by others is asked for what they ask. */
static void refresh(struct qmp_device *d)
{
	uint64_t requested;

	if (d->kind != QMP_VMEM || d->must_resize)
		return;
	requested = machine_vmem_get(d->thing, MACHINE_VMEM_REQUESTED);
	if (BASE_MIN(d->requested, d->memdev->size) != requested)
		d->requested = requested;
}

void qmp_sync(struct qmp *q)
{
	struct machine_dimm *dimm = NULL;
	struct machine_vmem *vmem = NULL;
	struct machine_dax *dax = NULL;
	struct qmp_device *d, *next;

	for (d = TAILQ_FIRST(&q->devices); d; d = next) {
		next = TAILQ_NEXT(d, link);
		if (d->kind == QMP_BALLOON || d->is_gone)
			continue;
		if (!exists(q, d) || !is_plugged(d))
			qmp_device_free(q, d);
		else
			refresh(d);
	}
	while ((dimm = machine_dimm_next(q->machine, dimm)))
		if (machine_dimm_plugged(dimm))
			adopt(q, QMP_DIMM, dimm, machine_dimm_get(dimm, MACHINE_DIMM_SIZE));
	while ((vmem = machine_vmem_next(q->machine, vmem)))
		if (machine_vmem_plugged(vmem))
			adopt(q, QMP_VMEM, vmem, machine_vmem_get(vmem, MACHINE_VMEM_SIZE));
	while ((dax = machine_dax_next(q->machine, dax)))
		if (machine_dax_plugged(dax))
			adopt(q, QMP_NVDIMM, dax, machine_dax_get(dax, MACHINE_DAX_SIZE));
}

/* ---- events ---------------------------------------------------------------------------------- */

void qmp_emit(struct qmp *q, const char *name, json_t *data, bool by_guest)
{
	char *text = data ? json_dumps(data, 0) : NULL;

	if (!data || text)
		q->host->event(q->ctx, name, text, by_guest);
	free(text);
	json_decref(data);
}

json_t *qmp_device_about(const struct qmp_device *d)
{
	json_t *data = json_object();
	struct base_buf path;

	base_buf_init(&path);
	qmp_device_path(d, &path);
	if (d->id)
		json_object_set_new(data, "device", json_string(d->id));
	json_object_set_new(data, "path", json_string(base_buf_text(&path)));
	base_buf_fini(&path);
	return data;
}
