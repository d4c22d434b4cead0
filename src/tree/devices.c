// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Objects of machine/ in machine files: created after boot as a user creates them, with a mkdir and
 * writes, and written back from their files. Machine files therefore use the names and values of
 * machine/, and a new kind needs no code here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine_tree.h"

static bool is_setting(const struct tree_row *row)
{
	return row->show && row->store;
}

/* ---- creating devices ------------------------------------------------------------------------ */

/*
 * struct boot - a device that is being created
 * @list, @index: its entry in the machine file
 */
struct boot {
	struct tree *tree;
	const struct machine_device *device;
	const char *list;
	size_t index;
	FILE *err;
};

/* A write; one that waits at boot, e.g. for a step delayed by a fault plan, ends after boot. */
struct boot_write {
	struct tree_req req;
	ssize_t result;
	bool is_done;
	bool is_left;
};

static void write_done(struct tree_req *req, ssize_t result)
{
	struct boot_write *w = base_container_of(req, struct boot_write, req);

	tree_release(req->file);
	w->result = result;
	w->is_done = true;
	if (w->is_left)
		free(w);
}

static ssize_t input(struct tree *tree, struct tree_input *in, struct tree_req *req)
{
	in->when = base_clock_moment(hp_config(tree->hp)->clock);
	in->real_ns = in->when.ns + tree->real_ahead_ns;
	in->path = "";
	in->len = strlen(in->text);
	return tree_replay(tree, in, req);
}

static ssize_t boot_write(struct tree *tree, uint64_t ino, const char *text)
{
	struct tree_input in = { .op = TREE_INPUT_WRITE, .ino = ino, .text = text };
	struct boot_write *w = calloc(1, sizeof(*w));
	ssize_t ret;

	if (!w)
		return -ENOMEM;
	w->req.done = write_done;
	ret = input(tree, &in, &w->req);
	if (!ret && !w->is_done) {
		w->is_left = true;
		return 0;
	}
	if (!ret)
		ret = w->result;
	free(w);
	return ret;
}

static void say(const struct boot *b, unsigned int line, const char *key)
{
	const char *path = machine_spec(b->tree->machine)->path;

	fprintf(b->err, "%s:%u: %s[%zu]%s%s: ", path ? path : "", line, b->list, b->index,
		*key ? "." : "", key);
}

/* The reason is in the last line of machine/log, after the file's path. */
static int say_refused(const struct boot *b, const struct tree_class *class,
		       const struct machine_setting *s, int err)
{
	const struct base_buf *log = machine_log_text(b->tree->machine);
	const char *text = base_buf_text(log), *end = text + log->len, *last, *reason;
	struct base_buf path;

	base_buf_init(&path);
	base_buf_printf(&path, "%s/%s%s%s: ", class->name, b->device->name, s ? "/" : "",
			s ? s->name : "");
	for (last = end > text ? end - 1 : text; last > text && last[-1] != '\n'; last--)
		;
	reason = strstr(last, base_buf_text(&path));
	say(b, s ? s->line : b->device->line, s ? s->name : "name");
	if (reason)
		fputs(reason + path.len, b->err);
	else
		fprintf(b->err, "%s\n", strerror(-err));
	base_buf_fini(&path);
	return err;
}

/* Some machines have no containers. */
static bool has_class(struct tree *tree, const struct tree_class *class)
{
	struct tree_obj *obj;
	unsigned int slot;

	return tree_inode(tree, tree->home[class->collection], &obj, &slot) &&
	       tree_slot_visible(obj, slot);
}

/* A workload has a file `kind`, and therefore a list of its own. */
static bool is_device(struct tree *tree, const struct tree_class *class)
{
	return class && class != &tree_workload_class && has_class(tree, class);
}

static const struct tree_class *device_class(struct tree *tree, const char *name)
{
	for (int kind = 0; kind < TREE_NR_KINDS; kind++) {
		const struct tree_class *class = tree_classes[kind];

		if (is_device(tree, class) && !strcmp(class->name, name))
			return class;
	}
	return NULL;
}

static int say_kinds(const struct boot *b)
{
	const char *before = "";

	say(b, b->device->line, "kind");
	fprintf(b->err, "\"%s\" is not a valid kind (", b->device->kind);
	for (int kind = 0; kind < TREE_NR_KINDS; kind++) {
		if (!is_device(b->tree, tree_classes[kind]))
			continue;
		fprintf(b->err, "%s%s", before, tree_classes[kind]->name);
		before = ", ";
	}
	fputs(")\n", b->err);
	return -EINVAL;
}

static const struct machine_setting *setting_find(const struct machine_device *d, const char *name)
{
	for (size_t i = 0; i < d->nr_settings; i++) {
		if (!strcmp(d->settings[i].name, name))
			return &d->settings[i];
	}
	return NULL;
}

/* A file's row; NULL: there is no writable one. */
static const struct tree_row *row_find(const struct tree_class *class, const char *name)
{
	for (size_t i = 0; i < class->table.nr; i++) {
		const struct tree_row *row = &class->table.rows[i];

		if (is_setting(row) && !strcmp(row->path, name))
			return row;
	}
	return NULL;
}

static int say_settings(const struct boot *b, const struct tree_class *class,
			const struct machine_setting *s)
{
	say(b, s->line, s->name);
	fprintf(b->err, "unknown key (known of a %s: name", class->name);
	for (size_t i = 0; i < class->table.nr; i++) {
		if (is_setting(&class->table.rows[i]))
			fprintf(b->err, ", %s", class->table.rows[i].path);
	}
	fputs(")\n", b->err);
	return -EINVAL;
}

/* In the order of the rows; the last ones make the object live. */
static int boot_settings(const struct boot *b, const struct tree_class *class, struct tree_obj *obj)
{
	for (size_t i = 0; i < class->table.nr; i++) {
		const struct tree_row *row = &class->table.rows[i];
		const struct machine_setting *s = setting_find(b->device, row->path);
		ssize_t ret;

		if (!s || !is_setting(row))
			continue;
		ret = boot_write(b->tree, tree_ino(obj, TREE_SLOT_DIR + (unsigned int)i), s->value);
		if (ret < 0)
			return say_refused(b, class, s, (int)ret);
	}
	return 0;
}

static int boot_device(const struct boot *b, const struct tree_class *class)
{
	struct tree_input in = { .op = TREE_INPUT_MKDIR, .text = b->device->name };
	ssize_t ret;

	if (!class)
		return say_kinds(b);
	for (size_t i = 0; i < b->device->nr_settings; i++) {
		if (!row_find(class, b->device->settings[i].name))
			return say_settings(b, class, &b->device->settings[i]);
	}
	in.ino = b->tree->home[class->collection];
	ret = input(b->tree, &in, NULL);
	if (ret)
		return say_refused(b, class, NULL, (int)ret);
	return boot_settings(b, class, tree_obj_find(b->tree, class->collection, in.text));
}

int tree_add_devices(struct tree *tree, FILE *err)
{
	const struct machine_spec *spec = machine_spec(tree->machine);
	struct boot b = { .tree = tree, .list = "devices", .err = err };
	int ret = 0;

	for (b.index = 0; b.index < spec->nr_devices && !ret; b.index++) {
		b.device = &spec->devices[b.index];
		ret = boot_device(&b, device_class(tree, b.device->kind));
	}
	b.list = "workloads";
	for (b.index = 0; b.index < spec->nr_workloads && !ret; b.index++) {
		b.device = &spec->workloads[b.index];
		ret = boot_device(&b, &tree_workload_class);
	}
	return ret;
}

/* ---- describing devices ---------------------------------------------------------------------- */

/* The contents of a file, without its newline; NULL: empty, or no memory. */
static char *setting_text(struct tree_obj *obj, const struct tree_row *row)
{
	struct base_buf buf;
	char *text = NULL;

	base_buf_init(&buf);
	if (!row->show(obj, row, &buf) && !buf.failed && buf.len > 1)
		text = strndup(buf.data, buf.len - 1);
	base_buf_fini(&buf);
	return text;
}

static int describe(struct tree_obj *obj, struct machine_device *d)
{
	const struct tree_class *class = tree_classes[obj->kind];

	d->kind = obj->kind == TREE_KIND_WORKLOAD ? NULL : (char *)class->name;
	d->name = (char *)obj->name;
	d->settings = calloc(class->table.nr, sizeof(*d->settings));
	if (!d->settings)
		return -ENOMEM;
	for (size_t i = 0; i < class->table.nr; i++) {
		const struct tree_row *row = &class->table.rows[i];
		struct machine_setting *s = &d->settings[d->nr_settings];

		if (!is_setting(row) || (class->follows && class->follows(obj, row)))
			continue;
		s->name = (char *)row->path;
		s->value = setting_text(obj, row);
		d->nr_settings += s->value != NULL;
	}
	return 0;
}

static void description_free(struct machine_device *devices, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		for (size_t j = 0; j < devices[i].nr_settings; j++)
			free(devices[i].settings[j].value);
		free(devices[i].settings);
	}
	free(devices);
}

/* Appends all objects of a kind to the list. */
static int describe_all(struct tree *tree, enum tree_collection collection,
			struct machine_device **devices, size_t *nr)
{
	struct machine_device *all;
	struct tree_obj *obj = NULL;
	int ret = 0;

	all = reallocarray(*devices, *nr + tree->nr_objs[collection] + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	*devices = all;
	while (!ret &&
	       (obj = tree_obj_next(tree, collection, obj ? obj->hash : 0, obj ? obj->name : ""))) {
		all[*nr] = (struct machine_device){ 0 };
		ret = describe(obj, &all[(*nr)++]);
	}
	return ret;
}

int tree_spec_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	struct machine_spec spec = *machine_spec(obj->tree->machine);
	int ret = 0;

	/* Objects from the machine file are described with the others. */
	spec.nr_faults = spec.nr_swap = spec.nr_devices = spec.nr_workloads = 0;
	spec.devices = spec.workloads = NULL;
	for (int kind = 0; kind < TREE_NR_KINDS && !ret; kind++) {
		if (tree_classes[kind] && kind != TREE_KIND_WORKLOAD)
			ret = describe_all(obj->tree, tree_classes[kind]->collection, &spec.devices,
					   &spec.nr_devices);
	}
	if (!ret)
		ret = describe_all(obj->tree, TREE_WORKLOADS, &spec.workloads, &spec.nr_workloads);
	if (!ret)
		machine_spec_write(&spec, buf);
	description_free(spec.devices, spec.nr_devices);
	description_free(spec.workloads, spec.nr_workloads);
	return ret;
}

size_t tree_spec_size(struct tree_obj *obj, const struct tree_row *row)
{
	struct base_buf buf;
	size_t len;

	base_buf_init(&buf);
	len = tree_spec_show(obj, row, &buf) ? 0 : buf.len;
	base_buf_fini(&buf);
	return len;
}
