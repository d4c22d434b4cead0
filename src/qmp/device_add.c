// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device_add: options as QEMU takes them (softmmu/qdev-monitor.c), where a memory device goes
 * (hw/mem/memory-device.c), and what a DIMM and a virtio-mem device check (hw/mem/pc-dimm.c,
 * hw/virtio/virtio-mem.c). The order of the checks decides which error a client gets.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define ALIGN MIB(2)

/* ---- the place of a memory device ------------------------------------------------------------ */

static uint64_t region_size(const struct qmp_device *d)
{
	return d->memdev->size;
}

static uint64_t total_space(const struct qmp *q)
{
	const struct machine_spec *spec = machine_spec(q->machine);
	uint64_t ram = machine_ram(q->machine, -1), start, size = 0;

	if (spec->maxmem)
		return spec->maxmem > ram ? spec->maxmem - ram : 0;
	(void)machine_window(q->machine, &start, &size);
	return size;
}

static bool has_space(struct qmp *q, uint64_t size)
{
	uint64_t used = 0, total = total_space(q);
	struct qmp_device *d;

	TAILQ_FOREACH(d, &q->devices, link)
		used += qmp_has_memory(d) ? region_size(d) : 0;
	if (size <= total && used <= total - size)
		return true;
	qmp_fail(q, QMP_GENERIC,
		 "not enough space, currently 0x%llx in use of total space for memory devices "
		 "0x%llx",
		 (unsigned long long)used, (unsigned long long)total);
	return false;
}

static bool inside(uint64_t start, uint64_t size, uint64_t addr, uint64_t len)
{
	return addr >= start && len <= size && addr - start <= size - len;
}

/* Moves @addr behind what is in the way; false: @is_fixed, and something is. */
static bool avoid_others(struct qmp *q, uint64_t size, uint64_t align, bool is_fixed,
			 uint64_t *addr)
{
	struct qmp_device *d = NULL;

	while ((d = qmp_memory_next(q, d))) {
		uint64_t at = qmp_device_addr(d), end = at + region_size(d);

		if (at >= *addr + size)
			break;
		if (end <= *addr)
			continue;
		if (is_fixed) {
			qmp_fail(q, QMP_GENERIC,
				 "address range conflicts with memory device id='%s'",
				 d->id ? d->id : "(unnamed)");
			return false;
		}
		*addr = BASE_ROUND_UP(end, align);
	}
	return true;
}

/* memory_device_get_free_addr(); @addr: 0: any */
static bool find_addr(struct qmp *q, uint64_t size, uint64_t align, uint64_t *addr)
{
	bool is_fixed = *addr;
	uint64_t start, space;

	if (!machine_window(q->machine, &start, &space)) {
		qmp_fail(q, QMP_GENERIC,
			 "memory devices (e.g. for memory hotplug) are not enabled, please specify "
			 "the maxmem option");
		return false;
	}
	if (!BASE_ALIGNED(*addr, align)) {
		qmp_fail(q, QMP_GENERIC, "address must be aligned to 0x%llx bytes",
			 (unsigned long long)align);
		return false;
	}
	if (!BASE_ALIGNED(size, align)) {
		qmp_fail(q, QMP_GENERIC, "backend memory size must be multiple of 0x%llx",
			 (unsigned long long)align);
		return false;
	}
	if (is_fixed && !inside(start, space, *addr, size)) {
		qmp_fail(q, QMP_GENERIC,
			 "can't add memory device [0x%llx:0x%llx], usable range for memory devices "
			 "[0x%llx:0x%llx]",
			 (unsigned long long)*addr, (unsigned long long)size,
			 (unsigned long long)start, (unsigned long long)space);
		return false;
	}
	if (!is_fixed)
		*addr = BASE_ROUND_UP(start, align);
	if (!avoid_others(q, size, align, is_fixed, addr))
		return false;
	if (inside(start, space, *addr, size))
		return true;
	qmp_fail(q, QMP_GENERIC,
		 "could not find position in guest address space for memory device - memory "
		 "fragmented due to alignments");
	return false;
}

static bool place(struct qmp *q, struct qmp_options *o, uint64_t align)
{
	if (!o->memdev) {
		qmp_fail(q, QMP_GENERIC, "'memdev' property must be set");
		return false;
	}
	return has_space(q, o->memdev->size) && find_addr(q, o->memdev->size, align, &o->addr);
}

/* ---- DIMMs and NVDIMMs ----------------------------------------------------------------------- */

static bool slot_is_used(const struct qmp *q, uint64_t slot)
{
	const struct qmp_device *d;

	TAILQ_FOREACH(d, &q->devices, link) {
		if ((d->kind == QMP_DIMM || d->kind == QMP_NVDIMM) && !d->is_gone &&
		    !(d->kind == QMP_NVDIMM && d->is_implied) && d->slot == slot)
			return true;
	}
	return false;
}

static bool choose_slot(struct qmp *q, struct qmp_options *o)
{
	unsigned int nr = machine_acpi_slots(q->machine);

	if (o->slot != -1 && (o->slot < 0 || o->slot >= nr)) {
		qmp_fail(q, QMP_GENERIC, "invalid slot number %lld, valid range is [0-%llu]",
			 (long long)o->slot, (unsigned long long)nr - 1);
		return false;
	}
	if (!nr) {
		qmp_fail(q, QMP_GENERIC,
			 "no slots where allocated, please specify the 'slots' option");
		return false;
	}
	if (o->slot != -1) {
		if (slot_is_used(q, (uint64_t)o->slot)) {
			qmp_fail(q, QMP_GENERIC, "slot %lld is busy", (long long)o->slot);
			return false;
		}
		return true;
	}
	for (o->slot = 0; o->slot < nr; o->slot++) {
		if (!slot_is_used(q, (uint64_t)o->slot))
			return true;
	}
	qmp_fail(q, QMP_GENERIC, "no free slots available");
	return false;
}

static bool check_dimm(struct qmp *q, struct qmp_options *o)
{
	if (o->kind == QMP_NVDIMM && !machine_spec(q->machine)->nvdimm) {
		qmp_fail(q, QMP_GENERIC, "nvdimm is not enabled: missing 'nvdimm' in '-M'");
		return false;
	}
	if (!choose_slot(q, o) || !place(q, o, ALIGN))
		return false;
	if (o->node >= qmp_nodes(q)) {
		qmp_fail(q, QMP_GENERIC,
			 "'DIMM property node has value %llu' which exceeds the number of numa "
			 "nodes: %u",
			 (unsigned long long)o->node, qmp_nodes(q));
		return false;
	}
	if (qmp_backend_is_used(q, o->memdev)) {
		qmp_fail(q, QMP_GENERIC, "can't use already busy memdev: %s", o->memdev->id);
		return false;
	}
	return true;
}

static int plug_dimm(struct qmp *q, struct qmp_device *d, const struct qmp_options *o)
{
	const uint64_t field[] = {
		[MACHINE_DIMM_SIZE] = o->memdev->size,
		[MACHINE_DIMM_NODE] = o->node,
		[MACHINE_DIMM_ADDR] = o->addr,
		[MACHINE_DIMM_SLOT] = (uint64_t)o->slot,
	};
	int ret = 0;

	for (size_t i = 0; !ret && i < BASE_ARRAY_SIZE(field); i++)
		ret = machine_dimm_set(q->machine, d->thing, (enum machine_dimm_field)i, field[i]);
	if (!ret)
		ret = machine_dimm_claim(q->machine, d->thing);
	d->must_insert = !ret;
	return ret;
}

static int plug_nvdimm(struct qmp *q, struct qmp_device *d, const struct qmp_options *o)
{
	const uint64_t field[] = {
		[MACHINE_DAX_SIZE] = o->memdev->size,
		[MACHINE_DAX_NODE] = o->node,
		[MACHINE_DAX_ADDR] = o->addr,
	};
	int ret = 0;

	for (size_t i = 0; !ret && i < BASE_ARRAY_SIZE(field); i++)
		ret = machine_dax_set(q->machine, d->thing, (enum machine_dax_field)i, field[i]);
	return ret ? ret : machine_dax_plug(q->machine, d->thing, true);
}

/* ---- virtio-mem ------------------------------------------------------------------------------ */

static bool check_vmem(struct qmp *q, struct qmp_options *o)
{
	if (!place(q, o, BASE_MAX(ALIGN, o->block_size)))
		return false;
	if (qmp_backend_is_used(q, o->memdev))
		qmp_fail(q, QMP_GENERIC, "'memdev' property specifies a busy memdev: %s",
			 o->memdev->id);
	else if (o->node >= qmp_nodes(q))
		qmp_fail(q, QMP_GENERIC,
			 "'node' property has value '%llu', which exceedsthe number of numa nodes: "
			 "%u",
			 (unsigned long long)o->node, qmp_nodes(q));
	else if (!BASE_ALIGNED(o->requested, o->block_size))
		qmp_fail(q, QMP_GENERIC,
			 "'requested-size' property has to be multiples of 'block-size' (0x%llx)",
			 (unsigned long long)o->block_size);
	else
		return true;
	return false;
}

static int plug_vmem(struct qmp *q, struct qmp_device *d, const struct qmp_options *o)
{
	/* The requested size comes last: it must fit the others. */
	const uint64_t field[] = {
		[MACHINE_VMEM_SIZE] = o->memdev->size,
		[MACHINE_VMEM_NODE] = o->node,
		[MACHINE_VMEM_ADDR] = o->addr,
		[MACHINE_VMEM_BLOCK_SIZE] = o->block_size,
	};
	int ret = 0;

	for (size_t i = 0; !ret && i < BASE_ARRAY_SIZE(field); i++)
		ret = machine_vmem_set(q->machine, d->thing, (enum machine_vmem_field)i, field[i]);
	d->requested = o->requested;
	d->inaccessible = o->inaccessible;
	d->prealloc = o->prealloc;
	d->must_resize = o->requested;
	return ret ? ret : machine_vmem_plug(q->machine, d->thing, true);
}

/* ---- balloons -------------------------------------------------------------------------------- */

static bool check_balloon(struct qmp *q, struct qmp_options *o)
{
	struct qmp_device *other = qmp_find_balloon(q);

	if (!other || other->is_builtin)
		return true;
	qmp_fail(q, QMP_GENERIC, "Only one balloon device is supported");
	return false;
}

static int plug_balloon(struct qmp *q, struct qmp_device *d, const struct qmp_options *o)
{
	struct qmp_device *other = qmp_find_balloon(q);

	if (other == d)
		return 0;
	other->requested = 0;
	qmp_balloon_tell(q, other);
	qmp_device_free(q, other);
	return 0;
}

/* ---- the command ----------------------------------------------------------------------------- */

static const struct {
	bool (*check)(struct qmp *q, struct qmp_options *o);
	int (*plug)(struct qmp *q, struct qmp_device *d, const struct qmp_options *o);
} kinds[QMP_NR_KINDS] = {
	[QMP_DIMM] = { check_dimm, plug_dimm },
	[QMP_NVDIMM] = { check_dimm, plug_nvdimm },
	[QMP_VMEM] = { check_vmem, plug_vmem },
	[QMP_BALLOON] = { check_balloon, plug_balloon },
};

/* What QEMU would not refuse, but this machine does. */
static json_t *refused(struct qmp *q, struct qmp_device *d, int ret)
{
	struct base_buf line;

	base_buf_init(&line);
	machine_refusal(q->machine, d->name, ret, &line);
	qmp_fail(q, QMP_GENERIC, "%s", base_buf_text(&line));
	base_buf_fini(&line);
	if (d->thing)
		q->host->unmake(q->ctx, d->kind, d->thing);
	qmp_device_free(q, d);
	return NULL;
}

json_t *qmp_device_add(struct qmp *q, json_t *args)
{
	struct qmp_device *d;
	struct qmp_options o;
	int ret = 0;

	if (!qmp_options_head(q, args, &o))
		return NULL;
	if (o.id && qmp_device_find(q, o.id))
		return qmp_fail(q, QMP_GENERIC, "Duplicate device ID '%s'", o.id);
	if (!qmp_options_rest(q, args, &o) || !kinds[o.kind].check(q, &o))
		return NULL;
	d = qmp_device_new(q, o.kind, o.id);
	if (!d)
		return NULL;
	if (o.kind != QMP_BALLOON)
		ret = q->host->make(q->ctx, o.kind, d->name, &d->thing);
	if (ret == -EEXIST) {
		qmp_device_free(q, d);
		return qmp_fail(q, QMP_GENERIC, "Duplicate device ID '%s'", o.id);
	}
	if (!ret) {
		d->memdev = o.memdev;
		d->slot = (uint64_t)o.slot;
		ret = kinds[o.kind].plug(q, d, &o);
	}
	return ret ? refused(q, d, ret) : qmp_ok();
}

/* ---- device_del ------------------------------------------------------------------------------ */

/* Paths of other objects than devices. */
static bool is_object(const struct qmp *q, const char *path)
{
	static const char *const paths[] = {
		"", "/", "/machine", "/objects", "/machine/peripheral", "/machine/peripheral-anon",
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(paths); i++) {
		if (!strcmp(paths[i], path))
			return true;
	}
	return !strncmp(path, "/objects/", strlen("/objects/")) &&
	       qmp_backend_find(q, path + strlen("/objects/"));
}

json_t *qmp_device_del(struct qmp *q, json_t *args)
{
	const char *id = json_string_value(json_object_get(args, "id"));
	struct qmp_device *d = qmp_device_at(q, id);

	if (!d && is_object(q, id))
		return qmp_fail(q, QMP_GENERIC, "%s is not a hotpluggable device", id);
	if (!d)
		return qmp_fail(q, QMP_NOT_FOUND, "Device '%s' not found", id);
	if (d->kind == QMP_NVDIMM)
		return qmp_fail(q, QMP_GENERIC, "nvdimm device hot unplug is not supported yet.");
	if (d->kind == QMP_VMEM)
		return qmp_fail(q, QMP_GENERIC, "virtio based memory devices cannot be unplugged.");
	if (d->kind == QMP_BALLOON && d->must_eject)
		return qmp_fail(q, QMP_GENERIC, "Device %s is already in the process of unplug",
				id);
	/* An eject that is in progress is not asked for again. */
	if (d->kind != QMP_DIMM || !machine_dimm_busy(d->thing) || d->must_insert)
		d->must_eject = true;
	return qmp_ok();
}
