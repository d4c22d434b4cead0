// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stage: machine/trace. A request becomes a line when it is answered; the parameters of a read or
 * write are kept until then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "door/door.h"

void tree_set_tracer(struct tree *tree, tree_trace_fn *fn, void *ctx, enum tree_trace_what what)
{
	tree->tracer = fn;
	tree->tracer_ctx = ctx;
	tree->trace_what = what;
}

void tree_put_trace(struct tree *tree, const char *line, size_t len)
{
	tree_stream_put(tree, TREE_STREAM_TRACE, line, len);
}

void tree_set_command(struct tree *tree, tree_command_fn *fn, void *ctx)
{
	tree->command = fn;
	tree->command_ctx = ctx;
}

void tree_command(struct tree *tree, pid_t pid, char command[TREE_COMMAND_SIZE])
{
	*command = '\0';
	if (tree->command && pid)
		tree->command(tree->command_ctx, pid, command);
}

bool tree_trace_is_read(const char *op)
{
	return !strcmp(op, "open") || !strcmp(op, "read");
}

static bool is_traced(const struct tree *tree)
{
	return tree->tracer && (tree->trace_what != TREE_TRACE_READERS ||
				!TAILQ_EMPTY(&tree->stream[TREE_STREAM_TRACE].files));
}

/* Opens and reads are most of what happens. */
static bool is_req_traced(const struct tree_req *req)
{
	return is_traced(req->tree) && (req->tree->trace_what != TREE_TRACE_CHANGES ||
					(req->op != TREE_OP_OPEN && req->op != TREE_OP_READ) ||
					!TAILQ_EMPTY(&req->tree->stream[TREE_STREAM_TRACE].files));
}

static uint64_t now(const struct tree *tree)
{
	struct base_clock *clock = hp_config(tree->hp)->clock;

	return clock->now_ns(clock);
}

/* Each line has the time. What might not hold is not reported. */
static void tell(struct tree *tree, struct tree_trace *trace)
{
	char command[TREE_COMMAND_SIZE];

	if (tree_journal_settle(tree, true))
		return;
	trace->ns = now(tree);
	tree_command(tree, trace->pid, command);
	trace->command = command;
	tree->tracer(tree->tracer_ctx, trace);
}

/* What is needed at the end; @copy: the path, followed by the text. */
struct tree_traced {
	struct tree_trace trace;
	struct base_buf changes;
	LIST_ENTRY(tree_traced) link;
	char copy[];
};

static struct tree_traced *traced_new(const struct tree_req *req, const struct base_buf *path)
{
	bool is_write = req->op == TREE_OP_WRITE;
	size_t len = is_write ? tree_req_len(req) : 0;
	struct tree_traced *traced = malloc(sizeof(*traced) + path->len + 1 + len);
	char *copy;

	if (!traced)
		return NULL;
	copy = traced->copy;
	memcpy(copy, base_buf_text(path), path->len + 1);
	if (len)
		memcpy(copy + path->len + 1, req->data, len);
	base_buf_init(&traced->changes);
	traced->trace = (struct tree_trace){
		.id = ++req->tree->last_traced,
		.start_ns = now(req->tree),
		.op = req->info->name,
		.pid = req->caller.pid,
		.path = copy,
		.value = is_write ? copy + path->len + 1 : NULL,
		.len = len,
	};
	LIST_INSERT_HEAD(&req->tree->traced, traced, link);
	return traced;
}

void tree_trace_enter(struct tree_req *req)
{
	bool has_file = req->op == TREE_OP_READ || req->op == TREE_OP_WRITE;
	struct base_buf path;

	if (is_req_traced(req) && has_file && !req->file->slot->row->stream) {
		base_buf_init(&path);
		tree_put_path(req->file->obj, req->file->slot, &path);
		req->trace = traced_new(req, &path);
		base_buf_fini(&path);
	}
	req->next(req);
}

uint64_t tree_trace_id(const struct tree_req *req)
{
	return req->trace ? req->trace->trace.id : 0;
}

/* The end of a read or write. */
static void traced_end(struct tree_req *req, ssize_t result)
{
	struct tree_traced *traced = req->trace;
	struct tree_trace *trace = &traced->trace;

	req->trace = NULL;
	if (traced->changes.len)
		trace->changes = base_buf_text(&traced->changes);
	if (!trace->value && result >= 0) {
		trace->value = result ? req->data : "";
		trace->len = (size_t)result;
	}
	trace->result = result;
	if (req->tree->tracer)
		tell(req->tree, trace);
	LIST_REMOVE(traced, link);
	base_buf_fini(&traced->changes);
	free(traced);
}

/* Whether a request without an open file is in the trace. */
static bool is_shown(const struct tree_req *req, const struct tree_obj *obj,
		     const struct tree_row *row)
{
	if (req->op == TREE_OP_OPEN)
		return !obj->dead && S_ISREG(row->mode) && !row->stream;
	return (req->op == TREE_OP_MKDIR || req->op == TREE_OP_RMDIR) && row->makes;
}

static void trace_once(struct tree_req *req, int result)
{
	struct tree_trace trace = {
		.op = req->info->name,
		.pid = req->caller.pid,
		.result = result,
	};
	const struct tree_slot *slot;
	const struct tree_obj *obj;
	struct base_buf path;

	if (!is_req_traced(req) || !tree_req_target(req, &obj, &slot) ||
	    !is_shown(req, obj, slot->row))
		return;
	base_buf_init(&path);
	tree_put_path(obj, slot, &path);
	if (req->name)
		base_buf_printf(&path, "/%s", req->name);
	trace.path = base_buf_text(&path);
	trace.start_ns = now(req->tree);
	tell(req->tree, &trace);
	base_buf_fini(&path);
}

ssize_t tree_trace_leave(struct tree_req *req, ssize_t result)
{
	if (req->trace)
		traced_end(req, result);
	else if (req->op != TREE_OP_READ && req->op != TREE_OP_WRITE)
		trace_once(req, (int)result);
	return result;
}

/* A plug of thousands of blocks may exceed this, but each block also has a line of its own. */
#define CHANGES_MAX_BYTES 16384

static void change_note(struct tree_traced *traced, const char *path, const char *text)
{
	if (traced->changes.len + strlen(path) + strlen(text) + 2 > CHANGES_MAX_BYTES)
		traced->trace.nr_more++;
	else
		base_buf_printf(&traced->changes, "%s %s\n", path, text);
}

void tree_trace_change(struct tree *tree, enum tree_collection collection, const char *name,
		       const char *text)
{
	struct tree_trace trace = { .op = "change", .value = text, .len = strlen(text) };
	struct tree_traced *traced;
	char path[96];

	if (!is_traced(tree))
		return;
	snprintf(path, sizeof(path), "%s/%s", tree_home_path(tree, collection), name);
	trace.path = path;
	trace.start_ns = now(tree);
	LIST_FOREACH(traced, &tree->traced, link) {
		if (traced->trace.id != hp_origin(tree->hp))
			continue;
		trace.id = traced->trace.id;
		trace.pid = traced->trace.pid;
		change_note(traced, path, text);
		break;
	}
	tell(tree, &trace);
}

void tree_trace_uevent(struct tree *tree, const struct hp_uevent *event)
{
	struct tree_trace trace = {
		.op = "uevent",
		.path = event->devpath,
		.value = event->action,
		.len = strlen(event->action),
	};

	if (!is_traced(tree))
		return;
	trace.start_ns = now(tree);
	tell(tree, &trace);
}

void tree_trace_step(struct tree *tree, const char *name, const struct hp_fault_at *at)
{
	struct tree_trace trace = {
		.id = hp_origin(tree->hp),
		.op = "step",
		.value = name,
		.len = strlen(name),
	};
	unsigned long long first = at->first_block, last = at->last_block;
	char path[64];

	if (!is_traced(tree))
		return;
	/* As the "block" of a fault plan has it. */
	snprintf(path, sizeof(path), first == last ? "memory%llu" : "memory%llu-%llu", first, last);
	trace.path = path;
	trace.start_ns = now(tree);
	tell(tree, &trace);
}

void tree_trace_held(struct tree *tree, pid_t pid, const char *path, const char *gate)
{
	struct tree_trace trace = {
		.op = "held",
		.pid = pid,
		.path = path,
		.value = gate,
		.len = strlen(gate),
	};

	if (!is_traced(tree))
		return;
	trace.start_ns = now(tree);
	tell(tree, &trace);
}
