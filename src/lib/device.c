// SPDX-License-Identifier: GPL-2.0-or-later
/* Objects below machine/: devices, workloads, fault plans, race gates. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib_private.h"

/* The most that plugging takes in a request to the driver of a device. */
#define DRIVER_NS (60 * 1000000000ULL)

/* The path of an object, or of one of its files. */
static int put_path(struct memhp *m, struct base_buf *path, const char *kind, const char *name,
		    const char *file, size_t len)
{
	base_buf_reset(path);
	base_buf_printf(path, "machine/%s/%s", kind, name);
	if (len) {
		base_buf_puts(path, "/");
		base_buf_add(path, file, len);
	}
	return path->failed ? lib_fail(m, -ENOMEM, "out of memory") : 0;
}

static int set(struct memhp *m, const char *kind, const char *name, const char *file, size_t len,
	       const char *text)
{
	struct base_buf path;
	int ret;

	base_buf_init(&path);
	ret = put_path(m, &path, kind, name, file, len);
	if (!ret)
		ret = lib_write(m, base_buf_text(&path), text, strlen(text));
	base_buf_fini(&path);
	return ret;
}

static int make(struct memhp *m, enum tree_op op, const char *kind, const char *name)
{
	struct base_buf path;
	int ret;

	base_buf_init(&path);
	ret = put_path(m, &path, kind, name, NULL, 0);
	if (!ret)
		ret = lib_make(m, op, base_buf_text(&path));
	base_buf_fini(&path);
	return ret;
}

/* Writes "FILE=TEXT". */
static int apply(struct memhp *m, const char *kind, const char *name, const char *setting)
{
	size_t len = strcspn(setting, "=");

	if (!len || !setting[len])
		return lib_fail(m, -EINVAL, "machine/%s/%s: '%s' is not FILE=TEXT", kind, name,
				setting);
	return set(m, kind, name, setting, len, setting + len + 1);
}

/* The object goes again; what is told is why it could not be made. */
static void unmake(struct memhp *m, const char *kind, const char *name)
{
	struct base_buf why = m->error;

	base_buf_init(&m->error);
	(void)make(m, TREE_OP_RMDIR, kind, name);
	base_buf_fini(&m->error);
	m->error = why;
}

static int make_with(struct memhp *m, const char *kind, const char *name,
		     const char *const *settings)
{
	int ret = make(m, TREE_OP_MKDIR, kind, name);

	if (ret)
		return ret;
	for (; settings && *settings && !ret; settings++)
		ret = apply(m, kind, name, *settings);
	if (ret)
		unmake(m, kind, name);
	return ret;
}

int memhp_make(struct memhp *m, const char *kind, const char *name, const char *const *settings)
{
	int ret = lib_enter(m, LIB_BOOTED);

	return ret ? ret : lib_leave(m, make_with(m, kind, name, settings));
}

int memhp_set(struct memhp *m, const char *kind, const char *name, const char *file,
	      const char *text)
{
	int ret = lib_enter(m, LIB_BOOTED);

	return ret ? ret : lib_leave(m, set(m, kind, name, file, strlen(file), text));
}

int memhp_remove(struct memhp *m, const char *kind, const char *name)
{
	int ret = lib_enter(m, LIB_BOOTED);

	return ret ? ret : lib_leave(m, make(m, TREE_OP_RMDIR, kind, name));
}

/* ---- plugging -------------------------------------------------------------------------------- */

int memhp_plug(struct memhp *m, const char *kind, const char *name, uint64_t size, int node)
{
	char size_text[32], node_text[32];
	const char *const here[] = { size_text, node_text, "plugged=1", NULL };
	const char *const anywhere[] = { size_text, "plugged=1", NULL };
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	snprintf(size_text, sizeof(size_text), "size=%" PRIu64, size);
	snprintf(node_text, sizeof(node_text), "node=%d", node);
	return lib_leave(m, make_with(m, kind, name, node < 0 ? anywhere : here));
}

/* Lets the driver of a device do what it has been asked for. */
static void settle(struct memhp *m)
{
	struct base_clock *clock = m->sim->clock;
	uint64_t due, until = clock->now_ns(clock) + DRIVER_NS;

	while (!machine_is_quiet(m->sim->machine) && base_vclock_due(clock, &due) && due <= until &&
	       lib_step(m))
		;
}

static int request_size(struct memhp *m, const char *name, uint64_t size, uint64_t *ret_plugged)
{
	char text[32];
	struct base_buf buf;
	int ret;

	snprintf(text, sizeof(text), "%" PRIu64, size);
	ret = set(m, "virtio-mem", name, "requested_size", strlen("requested_size"), text);
	if (ret)
		return ret;
	settle(m);
	if (!ret_plugged)
		return 0;
	base_buf_init(&buf);
	ret = put_path(m, &buf, "virtio-mem", name, "plugged_size", strlen("plugged_size"));
	if (!ret) {
		struct base_buf answer;

		base_buf_init(&answer);
		ret = lib_read(m, base_buf_text(&buf), &answer);
		if (!ret && !sim_text_number(base_buf_text(&answer), ret_plugged))
			ret = lib_fail(m, -EIO, "%s: not a number", base_buf_text(&buf));
		base_buf_fini(&answer);
	}
	base_buf_fini(&buf);
	return ret;
}

int memhp_resize(struct memhp *m, const char *name, uint64_t size, uint64_t *ret_plugged)
{
	int ret = lib_enter(m, LIB_BOOTED);

	return ret ? ret : lib_leave(m, request_size(m, name, size, ret_plugged));
}

static int unplug(struct memhp *m, const char *kind, const char *name)
{
	int ret = 0;

	if (!strcmp(kind, "virtio-mem"))
		ret = request_size(m, name, 0, NULL);
	if (!ret)
		ret = set(m, kind, name, "plugged", strlen("plugged"), "0");
	return ret ? ret : make(m, TREE_OP_RMDIR, kind, name);
}

int memhp_unplug(struct memhp *m, const char *kind, const char *name)
{
	int ret = lib_enter(m, LIB_BOOTED);

	return ret ? ret : lib_leave(m, unplug(m, kind, name));
}

/* ---- actors ---------------------------------------------------------------------------------- */

int memhp_set_actor(struct memhp *m, const char *name)
{
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	if (!name)
		sim_actor_end(m->sim);
	else if (!*name || strlen(name) > SIM_ACTOR_NAME_MAX)
		ret = lib_fail(m, -EINVAL, "'%s': an actor's name has 1 to 15 characters", name);
	else if (sim_actor_set(m->sim, name))
		ret = lib_fail(m, -ENOMEM, "out of memory");
	return lib_leave(m, ret);
}
