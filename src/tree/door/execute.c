// SPDX-License-Identifier: GPL-2.0-or-later
/* Stages: answers without the emulated kernel, and the emulated kernel itself. */
#include "door/door.h"

void tree_check_enter(struct tree_req *req)
{
	ssize_t ret;

	/* forget the reasons of earlier refusals */
	machine_refuse_nothing(req->tree->machine);
	ret = req->info->check(req);
	if (ret == TREE_GO_ON)
		req->next(req);
	else
		tree_req_finish(req, ret);
}

void tree_execute_enter(struct tree_req *req)
{
	struct tree *tree = req->tree;

	hp_set_origin(tree->hp, tree_trace_id(req));
	req->info->execute(req);
	/* After a reboot it is another one. */
	hp_set_origin(tree->hp, 0);
}

ssize_t tree_execute_leave(struct tree_req *req, ssize_t result)
{
	const struct tree_op_info *info = req->info;

	return result || !info->answer ? result : info->answer(req);
}
