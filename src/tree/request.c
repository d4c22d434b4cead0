// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests: their targets, their answers, and stores that the engine answers. */
#include <stdlib.h>

#include "door/door.h"

bool tree_req_target(const struct tree_req *req, const struct tree_obj **ret_obj,
		     const struct tree_slot **ret_slot)
{
	struct tree_obj *obj;
	unsigned int slot;

	if (req->op == TREE_OP_READ || req->op == TREE_OP_WRITE) {
		*ret_obj = req->file->obj;
		*ret_slot = req->file->slot;
		return true;
	}
	if (!tree_inode(req->tree, req->ino, &obj, &slot) || slot >= TREE_SLOT_LINK)
		return false;
	*ret_obj = obj;
	*ret_slot = tree_slot(obj, slot);
	return true;
}

void tree_req_finish(struct tree_req *req, ssize_t result)
{
	if (req->storing)
		req->file->obj->nr_stores--;
	req->storing = false;
	req->answer(req, result);
}

/* ---- stores that the engine answers ---------------------------------------------------------- */

static void call_done(struct hp_call *call, int ret)
{
	struct tree_call *c = base_container_of(call, struct tree_call, call);
	struct tree_req *req = c->req;
	ssize_t result = ret < 0 ? ret : (ssize_t)c->len;

	free(c);
	tree_req_finish(req, result);
}

static void call_interrupt(struct tree_req *req, bool fatal)
{
	struct tree_call *c = req->impl;

	hp_call_interrupt(req->file->obj->tree->hp, &c->call, fatal);
}

struct tree_call *tree_call_new(struct tree_req *req, size_t len)
{
	struct tree_call *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->call.done = call_done;
	c->req = req;
	c->len = len;
	req->impl = c;
	req->interrupt = call_interrupt;
	return c;
}

void tree_call_free(struct tree_call *c)
{
	c->req->impl = NULL;
	c->req->interrupt = NULL;
	free(c);
}
