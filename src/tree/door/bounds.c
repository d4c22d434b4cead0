// SPDX-License-Identifier: GPL-2.0-or-later
/* Stage: how many requests may be in progress, and in whose share they count (share.h). */
#include <errno.h>

#include "door/door.h"

static bool may_wait(const struct tree_req *req)
{
	return req->info->is_counted || tree_has_gates(req->tree);
}

void tree_share_enter(struct tree_req *req)
{
	struct tree *tree = req->tree;

	if (may_wait(req)) {
		req->is_taken = tree_take(tree, req->caller.uid, TREE_SHARE_REQS, 1);
		if (!req->is_taken) {
			tree_req_finish(req, machine_refuse(tree->machine, -ENOMEM,
							    "too many requests wait already"));
			return;
		}
	}
	req->next(req);
}

ssize_t tree_share_leave(struct tree_req *req, ssize_t result)
{
	if (req->is_taken)
		tree_give(req->tree, req->caller.uid, TREE_SHARE_REQS, 1);
	return result;
}
