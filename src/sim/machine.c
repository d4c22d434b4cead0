/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations of the hypervisor and of workloads, performed as a user of the mount would: with
 * directories and files below machine/.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/sim.h"

/* Writes @text to the file that @fmt names; returns 0 or -errno. */
static int put(struct sim *sim, const char *text, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int put(struct sim *sim, const char *text, const char *fmt, ...)
{
	struct base_buf path;
	ssize_t ret = -ENOMEM;
	va_list ap;

	base_buf_init(&path);
	va_start(ap, fmt);
	base_buf_vprintf(&path, fmt, ap);
	va_end(ap);
	if (!path.failed)
		ret = sim_write(sim, base_buf_text(&path), text, strlen(text));
	base_buf_fini(&path);
	return ret < 0 ? (int)ret : 0;
}

/* Gets the content of a one-line file, without its newline. */
static int get(struct sim *sim, const char *dir, const char *attr, struct base_buf *buf)
{
	struct base_buf path;
	int ret = -ENOMEM;

	base_buf_init(&path);
	base_buf_printf(&path, "%s/%s", dir, attr);
	if (!path.failed)
		ret = sim_read(sim, base_buf_text(&path), buf);
	if (!ret && buf->len && buf->data[buf->len - 1] == '\n')
		buf->data[--buf->len] = '\0';
	base_buf_fini(&path);
	return ret;
}

/* Adds "NAME=" and a number; a text that is not a number ("none") is copied. */
static int add_value(struct sim *sim, const char *dir, const char *attr, const char *fmt,
		     struct base_buf *buf)
{
	struct base_buf text;
	uint64_t value;
	int ret;

	base_buf_init(&text);
	ret = get(sim, dir, attr, &text);
	if (!ret) {
		base_buf_printf(buf, "%s=", attr);
		if (sim_text_number(base_buf_text(&text), &value))
			base_buf_printf(buf, fmt, (unsigned long long)value);
		else
			base_buf_puts(buf, base_buf_text(&text));
	}
	base_buf_fini(&text);
	return ret;
}

/* Adds the plugged size of a virtio-mem device. */
static int add_plugged(struct sim *sim, const char *dir, struct base_buf *buf)
{
	struct base_buf text;
	uint64_t value;
	int ret;

	base_buf_init(&text);
	ret = get(sim, dir, "plugged_size", &text);
	if (!ret && !sim_text_number(base_buf_text(&text), &value))
		ret = -EINVAL;
	if (!ret)
		base_buf_printf(buf, "plugged=0x%llx", (unsigned long long)value);
	base_buf_fini(&text);
	return ret;
}

static const char *const dimm_keys[] = { "size", "node", "addr" };

/* Returns the value of @key among the words from @from on; NULL if it is missing. */
static const char *key_value(const struct sim_words *w, unsigned int from, const char *key)
{
	size_t len = strlen(key);

	for (unsigned int i = from; i < w->nr; i++)
		if (!strncmp(w->word[i], key, len) && w->word[i][len] == '=')
			return w->word[i] + len + 1;
	return NULL;
}

/* Makes an object, sets those of @keys that the operation has, and plugs it. */
static int make_plugged(struct sim *sim, const struct sim_words *w, const char *dir,
			const char *const *keys, size_t nr_keys)
{
	int ret = sim_make(sim, TREE_OP_MKDIR, dir);

	for (size_t i = 0; !ret && i < nr_keys; i++) {
		const char *value = key_value(w, 2, keys[i]);

		if (value)
			ret = put(sim, value, "%s/%s", dir, keys[i]);
	}
	return ret ? ret : put(sim, "1", "%s/plugged", dir);
}

static int plug_dimm(struct sim *sim, const struct sim_words *w, const char *dir,
		     struct base_buf *buf)
{
	int ret = make_plugged(sim, w, dir, dimm_keys, BASE_ARRAY_SIZE(dimm_keys));

	if (!ret)
		ret = add_value(sim, dir, "addr", "0x%llx", buf);
	if (!ret)
		base_buf_puts(buf, " ");
	if (!ret)
		ret = add_value(sim, dir, "ost", "%llu", buf);
	return ret;
}

static int plug_virtio_mem(struct sim *sim, const struct sim_words *w, const char *dir,
			   struct base_buf *buf)
{
	static const struct {
		const char *key, *attr;
	} keys[] = {
		{ "size", "size" },
		{ "node", "node" },
		{ "block", "block_size" },
		{ "requested", "requested_size" },
	};
	int ret = sim_make(sim, TREE_OP_MKDIR, dir);

	for (size_t i = 0; !ret && i < BASE_ARRAY_SIZE(keys); i++) {
		const char *value = key_value(w, 2, keys[i].key);

		if (value)
			ret = put(sim, value, "%s/%s", dir, keys[i].attr);
	}
	if (!ret)
		ret = put(sim, "1", "%s/plugged", dir);
	if (!ret)
		ret = add_value(sim, dir, "addr", "0x%llx", buf);
	if (!ret)
		base_buf_puts(buf, " ");
	return ret ? ret : add_plugged(sim, dir, buf);
}

static int plug_dax(struct sim *sim, const struct sim_words *w, const char *dir,
		    struct base_buf *buf)
{
	static const char *const keys[] = { "size", "node", "addr", "memmap_on_memory" };
	int ret = make_plugged(sim, w, dir, keys, BASE_ARRAY_SIZE(keys));

	return ret ? ret : add_value(sim, dir, "addr", "0x%llx", buf);
}

int sim_op_resize(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	const char *value = key_value(w, 1, "requested");
	struct base_buf dir;
	int ret = -ENOMEM;

	if (!value) {
		sim->what = "resize: requested= is missing";
		return SIM_SYNTAX;
	}
	base_buf_init(&dir);
	base_buf_printf(&dir, "machine/virtio-mem/%s", w->word[0]);
	if (!dir.failed)
		ret = put(sim, value, "%s/requested_size", base_buf_text(&dir));
	if (!ret)
		ret = add_plugged(sim, base_buf_text(&dir), buf);
	base_buf_fini(&dir);
	return ret;
}

int sim_op_plug(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	static const struct {
		const char *name;
		int (*plug)(struct sim *sim, const struct sim_words *w, const char *dir,
			    struct base_buf *buf);
	} devices[] = {
		{ "dimm", plug_dimm },
		{ "virtio-mem", plug_virtio_mem },
		{ "dax", plug_dax },
	};
	struct base_buf dir;
	size_t which = 0;
	int ret = -ENOMEM;

	while (which < BASE_ARRAY_SIZE(devices) && strcmp(w->word[0], devices[which].name))
		which++;
	if (which == BASE_ARRAY_SIZE(devices)) {
		sim->what = "plug: the device must be dimm, virtio-mem or dax";
		return SIM_SYNTAX;
	}
	base_buf_init(&dir);
	base_buf_printf(&dir, "machine/%s/%s", w->word[0], w->word[1]);
	if (!dir.failed)
		ret = devices[which].plug(sim, w, base_buf_text(&dir), buf);
	base_buf_fini(&dir);
	return ret;
}

int sim_op_unplug(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct base_buf dir, ost;
	int ret = -ENOMEM;
	const char *result = "refused";
	int err;

	base_buf_init(&dir);
	base_buf_init(&ost);
	base_buf_printf(&dir, "machine/dimm/%s", w->word[0]);
	if (!dir.failed) {
		err = put(sim, "0", "%s/plugged", base_buf_text(&dir));
		if (err == -ETIMEDOUT)
			result = "no answer";
		/* read the status first: it is removed with the directory */
		ret = add_value(sim, base_buf_text(&dir), "ost", "%llu", &ost);
		if (!err && !sim_make(sim, TREE_OP_RMDIR, base_buf_text(&dir)))
			result = "removed";
	}
	if (!ret)
		base_buf_printf(buf, "%s %s", result, base_buf_text(&ost));
	base_buf_fini(&ost);
	base_buf_fini(&dir);
	return ret;
}

int sim_machine_log(struct sim *sim, struct base_buf *buf)
{
	return sim_read(sim, "machine/log", buf);
}

int sim_machine_hold(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	const char *kind = w->word[1], *size = w->word[2], *node = w->word[3];
	struct base_buf dir;
	int ret = -ENOMEM;

	base_buf_init(&dir);
	base_buf_printf(&dir, "machine/workload/%s", w->word[0]);
	if (!dir.failed)
		ret = sim_make(sim, TREE_OP_MKDIR, base_buf_text(&dir));
	if (ret)
		goto out;
	ret = put(sim, kind, "%s/kind", base_buf_text(&dir));
	if (!ret && strcmp(node, "-1"))
		ret = put(sim, node, "%s/node", base_buf_text(&dir));
	if (ret)
		goto out;
	ret = put(sim, size, "%s/size", base_buf_text(&dir));
	if (ret)
		sim_make(sim, TREE_OP_RMDIR, base_buf_text(&dir));
	else
		base_buf_puts(buf, size);
out:
	base_buf_fini(&dir);
	return ret;
}

int sim_machine_free(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct base_buf dir;
	int ret = -ENOMEM;

	base_buf_init(&dir);
	base_buf_printf(&dir, "machine/workload/%s", w->word[0]);
	if (!dir.failed)
		ret = sim_make(sim, TREE_OP_RMDIR, base_buf_text(&dir));
	if (!ret)
		base_buf_puts(buf, "0");
	base_buf_fini(&dir);
	return ret;
}

/* Holds unmovable kernel pages in one block, as a workload. */
static int given_unmovable(struct sim *sim, const char *dir, const char *block)
{
	int ret;

	ret = sim_make(sim, TREE_OP_MKDIR, dir);
	if (!ret)
		ret = put(sim, "kernel", "%s/kind", dir);
	if (!ret)
		ret = put(sim, block, "%s/block", dir);
	if (!ret)
		ret = put(sim, "4096", "%s/size", dir);
	return ret;
}

int sim_given(struct sim *sim, char *line)
{
	char *save, *given = strtok_r(line, " ", &save);
	char *kind = strtok_r(NULL, " ", &save), *block = strtok_r(NULL, " ", &save);
	struct base_buf dir;
	uint64_t number;
	int ret = -ENOMEM;

	if (!given || !kind || !block || strtok_r(NULL, " ", &save) ||
	    (strcmp(kind, "unmovable") && strcmp(kind, "movable")) ||
	    strncmp(block, "memory", strlen("memory")) ||
	    !sim_text_number(block + strlen("memory"), &number)) {
		sim->what = "expected: given unmovable memoryN, or given movable memoryN";
		return SIM_SYNTAX;
	}
	base_buf_init(&dir);
	base_buf_printf(&dir, "machine/workload/given-%s", block);
	if (!dir.failed && !strcmp(kind, "unmovable"))
		ret = given_unmovable(sim, base_buf_text(&dir), block + strlen("memory"));
	else if (!dir.failed)
		ret = sim_make(sim, TREE_OP_RMDIR, base_buf_text(&dir));
	base_buf_fini(&dir);
	return ret;
}
