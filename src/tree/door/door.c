// SPDX-License-Identifier: GPL-2.0-or-later
/* The stages that a request passes, in order. */
#include "door/door.h"

/* From the client to kernfs. A race gate may keep a request between two stages. */
static tree_enter_fn *const way_in[] = {
	tree_host_enter,    /* what fails on the host from here on belongs to this request */
	tree_share_enter,   /* limits the requests in progress */
	tree_trace_enter,   /* machine/trace: when it arrived, and with what */
	tree_gate_enter,    /* machine/race: it may be held, as if its process had not run yet */
	tree_settle_enter,  /* records what the answer may depend on */
	tree_check_enter,   /* answers without the emulated kernel */
	tree_journal_enter, /* records the input before anything happens */
	tree_execute_enter,
};

/* From the answer to the client. Each request passes all of them, however far it got. */
static tree_leave_fn *const way_out[] = {
	tree_host_leave,    /* what the host has no memory for is EIO */
	tree_refusal_leave, /* machine/log: why something below machine/ was refused */
	tree_journal_leave, /* records the result of an input */
	tree_settle_leave,  /* records what is about to be shown */
	tree_execute_leave, /* completes a successful answer */
	tree_share_leave,   tree_trace_leave, /* machine/trace: the result */
};

static const struct tree_op_info *const ops[TREE_NR_OPS] = {
	[TREE_OP_OPEN] = &tree_op_open,	  [TREE_OP_READ] = &tree_op_read,
	[TREE_OP_WRITE] = &tree_op_write, [TREE_OP_MKDIR] = &tree_op_mkdir,
	[TREE_OP_RMDIR] = &tree_op_rmdir, [TREE_OP_SETATTR] = &tree_op_setattr,
};

static void door_next(struct tree_req *req)
{
	way_in[req->stage++](req);
}

/* The answer of kernfs or of a stage. */
static void door_answer(struct tree_req *req, ssize_t result)
{
	req->interrupt = NULL;
	req->finished = true;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(way_out); i++)
		result = way_out[i](req, result);
	if (!req->answer_gate || !tree_gate_hold_answer(req, result))
		req->done(req, result);
}

void tree_submit(struct tree *tree, struct tree_req *req)
{
	const struct tree_op_info *info = ops[req->op];

	tree_sync(tree);
	req->tree = tree;
	req->info = info;
	req->next = door_next;
	if (req->op != TREE_OP_WRITE)
		req->data = NULL;
	req->answer = door_answer;
	req->interrupt = NULL;
	req->impl = NULL;
	req->trace = NULL;
	req->journal_id = 0;
	req->answer_gate = 0;
	req->stage = 0;
	req->is_taken = false;
	req->finished = false;
	req->storing = false;
	door_next(req);
	if (info->is_change)
		tree_race_settle(tree);
}

void tree_interrupt(struct tree_req *req, bool fatal)
{
	struct tree *tree = req->tree;

	if (!req->interrupt)
		return;
	if (req->journal_id && !req->finished) {
		tree_journal_interrupt(tree, req->journal_id, fatal);
		tree->journal.inside++;
		req->interrupt(req, fatal);
		tree->journal.inside--;
	} else {
		req->interrupt(req, fatal);
	}
	tree_race_settle(tree);
}
