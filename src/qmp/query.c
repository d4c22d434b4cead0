// SPDX-License-Identifier: GPL-2.0-or-later
/* query-*: memory, slots, CPUs and the monitor itself. */
#include <stdio.h>
#include <string.h>

#include "qmp_private.h"

/* The version of QEMU whose monitor this is. */
enum { MAJOR = 7, MINOR = 2, MICRO = 22 };

json_t *qmp_query_version(struct qmp *q, json_t *args)
{
	return json_pack("{s:{s:i, s:i, s:i}, s:s}", "qemu", "micro", MICRO, "minor", MINOR,
			 "major", MAJOR, "package", "memhpfs " MEMHP_VERSION);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static const char *type_word(const struct qmp_device *d)
{
	static const char *const words[QMP_NR_KINDS] = {
		[QMP_DIMM] = "dimm",
		[QMP_NVDIMM] = "nvdimm",
		[QMP_VMEM] = "virtio-mem",
	};

	return words[d->kind];
}

static json_t *memory_device(const struct qmp_device *d)
{
	json_t *data;

	if (d->kind == QMP_VMEM)
		data = json_pack(
			"{s:o, s:o, s:o, s:o, s:o}", "memaddr", qmp_json_uint(qmp_device_addr(d)),
			"requested-size", qmp_json_uint(d->requested), "size",
			qmp_json_uint(qmp_device_size(d)), "max-size",
			qmp_json_uint(d->memdev->size), "block-size",
			qmp_json_uint(machine_vmem_get(d->thing, MACHINE_VMEM_BLOCK_SIZE)));
	else
		data = json_pack("{s:o, s:o, s:o, s:b, s:b}", "addr",
				 qmp_json_uint(qmp_device_addr(d)), "size",
				 qmp_json_uint(qmp_device_size(d)), "slot", qmp_json_uint(d->slot),
				 "hotplugged", true, "hotpluggable", true);
	json_object_set_new(data, "node", qmp_json_uint(qmp_device_node(d)));
	json_object_set_new(data, "memdev", json_sprintf("/objects/%s", d->memdev->id));
	if (d->id)
		json_object_set_new(data, "id", json_string(d->id));
	return json_pack("{s:s, s:o}", "type", type_word(d), "data", data);
}

json_t *qmp_query_memory_devices(struct qmp *q, json_t *args)
{
	json_t *list = json_array();
	struct qmp_device *d = NULL;

	while ((d = qmp_memory_next(q, d)))
		json_array_append_new(list, memory_device(d));
	return list;
}

static uint64_t plugged(const struct qmp *q)
{
	struct qmp_device *d = NULL;
	uint64_t bytes = 0;

	while ((d = qmp_memory_next(q, d)))
		bytes += qmp_device_size(d);
	return bytes;
}

json_t *qmp_query_size_summary(struct qmp *q, json_t *args)
{
	return json_pack("{s:o, s:o}", "base-memory", qmp_json_uint(machine_ram(q->machine, -1)),
			 "plugged-memory", qmp_json_uint(plugged(q)));
}

/* ---- what the guest has reported ------------------------------------------------------------- */

static const char *id_in_slot(const struct qmp *q, uint64_t slot)
{
	const struct qmp_device *d;

	TAILQ_FOREACH(d, &q->devices, link) {
		if (d->kind == QMP_DIMM && !d->is_gone && d->slot == slot)
			return d->id;
	}
	return NULL;
}

static json_t *ospm_status(unsigned int slot, const char *type, const struct qmp_ost *ost)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", slot);
	return json_pack("{s:s, s:s, s:i, s:i}", "slot", number, "slot-type", type, "source",
			 (int)ost->source, "status", (int)ost->status);
}

json_t *qmp_query_ospm(struct qmp *q, json_t *args)
{
	static const struct qmp_ost nothing;
	json_t *list = json_array();
	struct base_mask cpus;
	unsigned int cpu;

	for (unsigned int slot = 0; slot < machine_acpi_slots(q->machine); slot++) {
		json_t *status = ospm_status(slot, "DIMM", &q->ost[slot]);
		const char *id = id_in_slot(q, slot);

		if (id)
			json_object_set_new(status, "device", json_string(id));
		json_array_append_new(list, status);
	}
	machine_all_cpus(q->machine, &cpus);
	BASE_MASK_FOREACH(cpu, &cpus)
		json_array_append_new(list, ospm_status(cpu, "CPU", &nothing));
	return list;
}

/* ---- CPUs ------------------------------------------------------------------------------------ */

static int node_of_cpu(const struct qmp *q, unsigned int cpu)
{
	for (unsigned int nid = 0; nid < qmp_nodes(q); nid++) {
		struct base_mask cpus;

		machine_node_cpus(q->machine, (int)nid, &cpus);
		if (base_mask_test(&cpus, cpu))
			return (int)nid;
	}
	return 0;
}

/* One socket with a core for each; the second device is not a CPU. */
static json_t *cpu_of(const struct qmp *q, unsigned int cpu)
{
	return json_pack("{s:{s:i, s:i, s:i, s:i}, s:o}", "props", "core-id", (int)cpu, "thread-id",
			 0, "node-id", node_of_cpu(q, cpu), "socket-id", 0, "qom-path",
			 json_sprintf("/machine/unattached/device[%u]", cpu ? cpu + 1 : 0));
}

json_t *qmp_query_hotpluggable_cpus(struct qmp *q, json_t *args)
{
	json_t *list = json_array();
	struct base_mask cpus;
	unsigned int cpu;

	machine_all_cpus(q->machine, &cpus);
	BASE_MASK_FOREACH(cpu, &cpus) {
		json_t *entry = cpu_of(q, cpu);

		json_object_set_new(entry, "type", json_string("max-x86_64-cpu"));
		json_object_set_new(entry, "vcpus-count", json_integer(1));
		json_array_insert_new(list, 0, entry);
	}
	return list;
}

json_t *qmp_query_cpus(struct qmp *q, json_t *args)
{
	const char *arch = machine_spec(q->machine)->arch->name;
	json_t *list = json_array();
	struct base_mask cpus;
	unsigned int cpu;

	machine_all_cpus(q->machine, &cpus);
	BASE_MASK_FOREACH(cpu, &cpus) {
		json_t *entry = cpu_of(q, cpu);

		json_object_set_new(entry, "cpu-index", json_integer(cpu));
		json_object_set_new(entry, "target", json_string(arch));
		/* No thread of the host runs it. */
		json_object_set_new(entry, "thread-id", json_integer(0));
		json_array_append_new(list, entry);
	}
	return list;
}
