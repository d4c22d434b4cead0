// SPDX-License-Identifier: GPL-2.0-or-later
/* Stages: what is answered without the emulated kernel, and the emulated kernel itself. */
#include "door/door.h"

void tree_check_enter(struct tree_req *req)
{
	ssize_t ret;

	/* reasons of earlier refusals are not this one's */
	machine_refuse_nothing(req->tree->machine);
	ret = tree_op_info(req->op)->check(req);
	if (ret == TREE_GO_ON)
		tree_door_next(req);
	else
		tree_req_finish(req, ret);
}

void tree_execute_enter(struct tree_req *req)
{
	tree_op_info(req->op)->execute(req);
}

ssize_t tree_execute_leave(struct tree_req *req, ssize_t result)
{
	const struct tree_op_info *info = tree_op_info(req->op);

	return result || !info->answer ? result : info->answer(req);
}
