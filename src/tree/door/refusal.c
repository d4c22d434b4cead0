// SPDX-License-Identifier: GPL-2.0-or-later
/* Stage: a refused write, mkdir or rmdir below machine/ adds a line to machine/log. */
#include <errno.h>
#include <string.h>

#include "door/door.h"

static void refusal_log(struct tree_req *req, const struct base_buf *path, int err)
{
	static const char top[] = "machine/";
	const char *below = base_buf_text(path);
	struct base_buf line;

	if (strncmp(below, top, strlen(top)))
		return;
	base_buf_init(&line);
	machine_refusal(req->tree->machine, below + strlen(top), err, &line);
	/* A replayed input is refused again, and logs the line itself. */
	if (req->journal_id)
		machine_log(req->tree->machine, base_buf_text(&line));
	else
		tree_journal_log(req->tree, base_buf_text(&line));
	base_buf_fini(&line);
}

ssize_t tree_refusal_leave(struct tree_req *req, ssize_t result)
{
	const struct tree_slot *slot;
	const struct tree_obj *obj;
	struct base_buf path;

	/* An interrupted caller knows the reason. */
	if (result >= 0 || result == -EINTR || !req->info->is_change ||
	    !tree_req_target(req, &obj, &slot) || slot->fs != TREE_MACHINE)
		return result;
	base_buf_init(&path);
	tree_put_path(obj, slot, &path);
	if (req->name)
		base_buf_printf(&path, "/%s", req->name);
	refusal_log(req, &path, (int)result);
	base_buf_fini(&path);
	return result;
}
