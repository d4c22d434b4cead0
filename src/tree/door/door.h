/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door: every request of a client passes the stages below, in the order of the tables in
 * door.c, before and after it reaches kernfs. No code below the door knows of a stage.
 */
#ifndef TREE_DOOR_H
#define TREE_DOOR_H

#include "tree_private.h"

/* A check returns this when the request may go on. */
#define TREE_GO_ON ((ssize_t)1)

/*
 * struct tree_op_info - what the stages need to know about an operation
 * @name: in machine/trace and in the `op` of a race gate
 * @input: its name in the journal
 * @is_counted: always counted among the requests in progress; others while a gate may hold them
 * @is_change: it may change the machine: race gates check their conditions afterwards, and a
 *	       refusal below machine/ is logged
 * @check: called before the emulated kernel is asked: TREE_GO_ON, or the answer
 * @is_input: whether this request is written to the journal; NULL: none of this kind is
 * @execute: ends in tree_req_finish(), now or later
 * @answer: completes a successful answer, once nothing can turn it into an error; or NULL
 */
struct tree_op_info {
	const char *name;
	enum tree_input_op input;
	bool is_counted;
	bool is_change;
	ssize_t (*check)(struct tree_req *req);
	bool (*is_input)(const struct tree_req *req);
	void (*execute)(struct tree_req *req);
	ssize_t (*answer)(struct tree_req *req);
};

/*
 * Finds the file of @req, or the directory or inode that it names: false when there is none, or
 * when it is a link that exists only with another object.
 */
bool tree_req_target(const struct tree_req *req, const struct tree_obj **ret_obj,
		     const struct tree_slot **ret_slot);

/* Of a write: how much of it a store sees. */
size_t tree_req_len(const struct tree_req *req);

/* On the way in, each stage calls &tree_req.next or tree_req_finish(), or keeps the request. */
typedef void tree_enter_fn(struct tree_req *req);
/* On the way out, each stage returns the result for the caller. */
typedef ssize_t tree_leave_fn(struct tree_req *req, ssize_t result);

/* ---- stages, each in its own file ------------------------------------------------------------ */

tree_enter_fn tree_host_enter, tree_share_enter, tree_trace_enter, tree_gate_enter,
	tree_settle_enter, tree_check_enter, tree_journal_enter, tree_execute_enter;
tree_leave_fn tree_host_leave, tree_refusal_leave, tree_journal_leave, tree_settle_leave,
	tree_share_leave, tree_trace_leave, tree_execute_leave;

/* ---- operations (make.c, setattr.c, io.c) ---------------------------------------------------- */

extern const struct tree_op_info tree_op_open, tree_op_read, tree_op_write, tree_op_mkdir,
	tree_op_rmdir, tree_op_setattr;

/* Writes a setattr as the text of its input (enum tree_input_op); returns its length. */
size_t tree_setattr_text(const struct tree_attr *attr, unsigned int valid, char *text, size_t size);
int tree_setattr_parse(const char *text, struct tree_attr *ret_attr, unsigned int *ret_valid);

#endif
