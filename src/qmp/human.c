// SPDX-License-Identifier: GPL-2.0-or-later
/* human-monitor-command: the commands of the other monitor that show memory. */
#include <string.h>

#include "qmp_private.h"

#define EOL "\r\n"
#define NUMBER(x) ((unsigned long long)(x))

typedef void info_fn(struct qmp *q, struct base_buf *buf);

static void info_memory_devices(struct qmp *q, struct base_buf *buf)
{
	struct qmp_device *d = NULL;

	while ((d = qmp_memory_next(q, d))) {
		const char *id = d->id ? d->id : "";

		if (d->kind == QMP_VMEM)
			base_buf_printf(
				buf,
				"Memory device [virtio-mem]: \"%s\"" EOL "  memaddr: 0x%llx" EOL
				"  node: %llu" EOL "  requested-size: %llu" EOL "  size: %llu" EOL
				"  max-size: %llu" EOL "  block-size: %llu" EOL,
				id, NUMBER(qmp_device_addr(d)), NUMBER(qmp_device_node(d)),
				NUMBER(d->requested), NUMBER(qmp_device_size(d)),
				NUMBER(d->memdev->size),
				NUMBER(machine_vmem_get(d->thing, MACHINE_VMEM_BLOCK_SIZE)));
		else
			base_buf_printf(buf,
					"Memory device [%s]: \"%s\"" EOL "  addr: 0x%llx" EOL
					"  slot: %llu" EOL "  node: %llu" EOL "  size: %llu" EOL,
					d->kind == QMP_DIMM ? "dimm" : "nvdimm", id,
					NUMBER(qmp_device_addr(d)), NUMBER(d->slot),
					NUMBER(qmp_device_node(d)), NUMBER(qmp_device_size(d)));
		base_buf_printf(buf, "  memdev: /objects/%s" EOL, d->memdev->id);
		if (d->kind != QMP_VMEM)
			base_buf_puts(buf, "  hotplugged: true" EOL "  hotpluggable: true" EOL);
	}
}

static void info_size_summary(struct qmp *q, struct base_buf *buf)
{
	json_t *sizes = qmp_query_size_summary(q, NULL);

	base_buf_printf(buf, "base memory: %lld" EOL "plugged memory: %lld" EOL,
			json_integer_value(json_object_get(sizes, "base-memory")),
			json_integer_value(json_object_get(sizes, "plugged-memory")));
	json_decref(sizes);
}

static void info_numa(struct qmp *q, struct base_buf *buf)
{
	unsigned int nr = qmp_nodes(q), cpu;

	base_buf_printf(buf, "%u nodes" EOL, nr);
	for (unsigned int nid = 0; nid < nr; nid++) {
		uint64_t plugged = 0, ram = machine_ram(q->machine, (int)nid);
		struct qmp_device *d = NULL;
		struct base_mask cpus;

		while ((d = qmp_memory_next(q, d)))
			plugged += qmp_device_node(d) == nid ? qmp_device_size(d) : 0;
		machine_node_cpus(q->machine, (int)nid, &cpus);
		base_buf_printf(buf, "node %u cpus:", nid);
		BASE_MASK_FOREACH(cpu, &cpus)
			base_buf_printf(buf, " %u", cpu);
		base_buf_printf(buf, EOL "node %u size: %llu MB" EOL "node %u plugged: %llu MB" EOL,
				nid, NUMBER((ram + plugged) >> 20), nid, NUMBER(plugged >> 20));
	}
}

static void info_balloon(struct qmp *q, struct base_buf *buf)
{
	struct qmp_device *d = qmp_find_balloon(q);

	if (d)
		base_buf_printf(buf, "balloon: actual=%llu" EOL,
				NUMBER((qmp_balloon_ram(q) - d->actual) >> 20));
	else
		base_buf_puts(buf, "Error: No balloon device has been activated" EOL);
}

static void info_status(struct qmp *q, struct base_buf *buf)
{
	base_buf_printf(buf, "VM status: %s" EOL, q->is_paused ? "paused" : "running");
}

static void info_kvm(struct qmp *q, struct base_buf *buf)
{
	base_buf_puts(buf, "kvm support: disabled" EOL);
}

static void info_uuid(struct qmp *q, struct base_buf *buf)
{
	base_buf_puts(buf, "00000000-0000-0000-0000-000000000000" EOL);
}

static void info_name(struct qmp *q, struct base_buf *buf)
{
}

static void info_version(struct qmp *q, struct base_buf *buf)
{
	json_t *version = qmp_query_version(q, NULL), *qemu = json_object_get(version, "qemu");

	base_buf_printf(buf, "%lld.%lld.%lld%s" EOL,
			json_integer_value(json_object_get(qemu, "major")),
			json_integer_value(json_object_get(qemu, "minor")),
			json_integer_value(json_object_get(qemu, "micro")),
			json_string_value(json_object_get(version, "package")));
	json_decref(version);
}

static const char *on(bool is_on)
{
	return is_on ? "true" : "false";
}

static void info_memdev(struct qmp *q, struct base_buf *buf)
{
	const struct qmp_backend *b;
	unsigned int nid;

	TAILQ_FOREACH(b, &q->backends, link) {
		base_buf_printf(buf,
				"memory backend: %s" EOL "  size:  %llu" EOL "  merge: %s" EOL
				"  dump: %s" EOL "  prealloc: %s" EOL "  share: %s" EOL
				"  reserve: %s" EOL "  policy: %s" EOL "  host nodes: ",
				b->id, NUMBER(b->size), on(b->merge), on(b->dump), on(b->prealloc),
				on(b->share), on(b->reserve), qmp_policies[b->policy]);
		BASE_MASK_FOREACH(nid, &b->nodes)
			base_buf_printf(buf, "%u", nid);
		base_buf_puts(buf, EOL);
	}
	base_buf_puts(buf, EOL);
}

static const struct {
	const char *name;
	info_fn *fn;
} infos[] = {
	{ "balloon", info_balloon },
	{ "kvm", info_kvm },
	{ "memdev", info_memdev },
	{ "memory-devices", info_memory_devices },
	{ "memory_size_summary", info_size_summary },
	{ "name", info_name },
	{ "numa", info_numa },
	{ "status", info_status },
	{ "uuid", info_uuid },
	{ "version", info_version },
};

static void human(struct qmp *q, char *line, struct base_buf *buf)
{
	char *save = NULL, *word, *what, *more;
	struct base_buf copy;

	base_buf_init(&copy);
	while (*line == ' ')
		line++;
	base_buf_puts(&copy, line);
	word = strtok_r(line, " \t", &save);
	what = word ? strtok_r(NULL, " \t", &save) : NULL;
	more = what ? strtok_r(NULL, " \t", &save) : NULL;
	for (size_t i = 0; word && !strcmp(word, "info") && i < BASE_ARRAY_SIZE(infos); i++) {
		if (!what || strcmp(infos[i].name, what))
			continue;
		if (more)
			base_buf_printf(buf,
					"%s: extraneous characters at the end of line" EOL
					"Try \"help info %s\" for more information" EOL,
					what, what);
		else
			infos[i].fn(q, buf);
		goto out;
	}
	if (word)
		base_buf_printf(buf, "unknown command: '%s'" EOL, base_buf_text(&copy));
out:
	base_buf_fini(&copy);
}

json_t *qmp_human(struct qmp *q, json_t *args)
{
	const char *line = json_string_value(json_object_get(args, "command-line"));
	json_t *cpu = json_object_get(args, "cpu-index"), *ret;
	struct base_buf text, buf;
	struct base_mask cpus;

	machine_all_cpus(q->machine, &cpus);
	if (cpu && (json_integer_value(cpu) < 0 || json_integer_value(cpu) >= BASE_MASK_BITS ||
		    !base_mask_test(&cpus, (unsigned int)json_integer_value(cpu))))
		return qmp_fail(q, QMP_GENERIC, "Parameter 'cpu-index' expects a CPU number");
	base_buf_init(&text);
	base_buf_init(&buf);
	base_buf_puts(&text, line);
	if (text.data && !text.failed)
		human(q, text.data, &buf);
	ret = text.failed || buf.failed ? NULL : json_string(base_buf_text(&buf));
	base_buf_fini(&text);
	base_buf_fini(&buf);
	return ret;
}
