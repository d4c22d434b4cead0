// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine/qmp: the hypervisor's monitor. Who writes a message reads its answer from the same open
 * file; who writes nothing reads where the monitor's socket is. Clients of the socket use the file
 * as well, so that what they ask for is a request like any other.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "machine_tree.h"

/* ---- the monitor's view of machine/ ---------------------------------------------------------- */

static const enum tree_collection collections[QMP_NR_KINDS] = {
	[QMP_DIMM] = TREE_DIMMS,
	[QMP_NVDIMM] = TREE_DAXS,
	[QMP_VMEM] = TREE_VMEMS,
	[QMP_BALLOON] = TREE_WORKLOADS,
};

static struct tree_obj *obj_of(const struct tree *tree, enum qmp_kind kind, const void *thing)
{
	struct tree_obj *obj = tree_obj_next(tree, collections[kind], 0, "");

	while (obj && obj->thing != thing)
		obj = tree_obj_after(obj);
	return obj;
}

static int host_make(void *ctx, enum qmp_kind kind, const char *name, void **ret_thing)
{
	struct tree *tree = ctx;
	int ret;

	if (tree_obj_find(tree, collections[kind], name))
		return -EEXIST;
	ret = tree_machine_make(tree, collections[kind], name);
	if (!ret)
		*ret_thing = tree_obj_find(tree, collections[kind], name)->thing;
	return ret;
}

/* Also while a write to one of its files waits, which is answered then. */
static void host_unmake(void *ctx, enum qmp_kind kind, void *thing)
{
	struct tree_obj *obj = obj_of(ctx, kind, thing);

	if (obj && !tree_classes[obj->kind]->unmake(obj))
		tree_obj_remove(obj);
}

static const char *host_name(void *ctx, enum qmp_kind kind, const void *thing)
{
	const struct tree_obj *obj = obj_of(ctx, kind, thing);

	return obj ? obj->name : NULL;
}

static void host_plugged(void *ctx, const struct machine_dimm *dimm)
{
	tree_acpi_appear(ctx, (unsigned int)machine_dimm_get(dimm, MACHINE_DIMM_SLOT));
}

static void host_event(void *ctx, const char *name, const char *data, bool by_guest)
{
	struct tree *tree = ctx;

	if (tree->monitor)
		tree->monitor->event(tree->monitor_ctx, name, data, by_guest);
}

static void host_reset(void *ctx)
{
	(void)tree_reboot(ctx, MACHINE_RESET);
}

static void host_quit(void *ctx)
{
	struct tree *tree = ctx;

	if (tree->monitor)
		tree->monitor->quit(tree->monitor_ctx);
}

static const struct qmp_host host = {
	.make = host_make,
	.unmake = host_unmake,
	.name = host_name,
	.plugged = host_plugged,
	.event = host_event,
	.reset = host_reset,
	.quit = host_quit,
};

int tree_qmp_init(struct tree *tree)
{
	tree->qmp = qmp_new(tree->machine, &host, tree);
	return tree->qmp ? 0 : -ENOMEM;
}

void tree_set_monitor(struct tree *tree, const struct tree_monitor *monitor, void *ctx)
{
	tree->monitor = monitor;
	tree->monitor_ctx = ctx;
}

/* ---- the file -------------------------------------------------------------------------------- */

static int qmp_open(struct tree_file *file)
{
	const struct tree *tree = file->obj->tree;

	if (tree->monitor)
		base_buf_printf(&file->text, "%s\n", tree->monitor->where(tree->monitor_ctx));
	else
		base_buf_puts(&file->text, "none\n");
	return tree_text_keep(file);
}

static void qmp_release(struct tree_file *file)
{
}

/* What has been read is not read again. */
static void qmp_answer(struct tree_file *file, struct tree_req *req, size_t size)
{
	size_t at = (size_t)file->text_at, len = BASE_MIN(size, file->text.len - at);

	req->data = base_buf_text(&file->text) + at;
	file->text_at += (off_t)len;
	tree_req_finish(req, (ssize_t)len);
}

static bool qmp_ready(const struct tree_file *file)
{
	return true;
}

static unsigned int qmp_poll(const struct tree_file *file)
{
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

static const struct tree_stream_ops qmp_ops = {
	.open = qmp_open,
	.release = qmp_release,
	.read = qmp_answer,
	.ready = qmp_ready,
	.answer = qmp_answer,
	.poll = qmp_poll,
};

static ssize_t qmp_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			 size_t len, struct tree_req *req)
{
	struct base_buf *answer = &req->file->text;
	int ret;

	base_buf_reset(answer);
	req->file->text_at = 0;
	ret = qmp_is_query(text, len) ? 0 : hp_fault_message(obj->tree->hp);
	/* A plan can keep the answer back, too. */
	if (ret == -ETIMEDOUT)
		return ret;
	if (ret)
		qmp_refuse(text, len, ret, answer);
	ret = ret ? 0 : qmp_execute(obj->tree->qmp, text, len, answer);
	base_buf_puts(answer, "\n");
	if (!ret)
		ret = tree_text_keep(req->file);
	return ret ? ret : (ssize_t)len;
}

const struct base_buf *tree_file_answer(const struct tree_file *file)
{
	return &file->text;
}

static const struct tree_row qmp_rows[] = {
	{ .path = "machine/qmp",
	  .mode = S_IFREG | 0644,
	  .store = qmp_store,
	  .stream = &qmp_ops,
	  .whole = true,
	  .is_query = qmp_is_query },
};

const struct tree_table tree_qmp_table = TREE_TABLE(qmp_rows);
