// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stage: race gates; see race.h. A request meets them in order of their creation.
 *
 * A released request does not continue at once: a gate opens in the middle of a store, of a timer
 * or of the arrival of a request. It is moved to a queue, and continues when that has ended
 * (tree_race_settle()).
 */
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "door/door.h"

const char *const tree_op_names[TREE_GATE_NR_OPS] = {
	[TREE_OP_OPEN] = "open",   [TREE_OP_READ] = "read",   [TREE_OP_WRITE] = "write",
	[TREE_OP_MKDIR] = "mkdir", [TREE_OP_RMDIR] = "rmdir", [TREE_OP_ANY] = "any",
};

/*
 * struct tree_held - a request that has met a gate
 * @gate: where it waits; NULL: released
 * @number: of the last gate that it met
 * @is_answer: it has taken place, and waits to be answered with @result
 * @is_taken: it counts in its caller's share of held requests
 * @name, @data: copies, as the caller keeps its own only during submission
 */
struct tree_held {
	struct tree *tree;
	struct tree_req *req;
	struct tree_gate *gate;
	uint64_t number;
	bool is_answer;
	ssize_t result;
	bool is_taken;
	char command[TREE_COMMAND_SIZE];
	struct base_buf path;
	struct base_buf name;
	struct base_buf data;
	TAILQ_ENTRY(tree_held) link;
};

void tree_race_init(struct tree *tree)
{
	TAILQ_INIT(&tree->race.gates);
	TAILQ_INIT(&tree->race.going);
}

/* ---- matching of requests -------------------------------------------------------------------- */

static bool actor_matches(const char *actor, const struct tree_held *h)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)h->req->caller.pid);
	return !strcmp(actor, pid) || !fnmatch(actor, h->command, 0);
}

static size_t without_newline(const char *text, size_t len)
{
	return len && text[len - 1] == '\n' ? len - 1 : len;
}

static bool text_matches(const char *pattern, const char *text, size_t len)
{
	struct base_buf copy;
	bool matches;

	if (!strcmp(pattern, "*"))
		return true;
	base_buf_init(&copy);
	base_buf_add(&copy, text, without_newline(text, len));
	matches = !copy.failed && !fnmatch(pattern, base_buf_text(&copy), 0);
	base_buf_fini(&copy);
	return matches;
}

static bool value_matches(const char *pattern, const struct tree_held *h)
{
	bool is_write = h->req->op == TREE_OP_WRITE;

	return text_matches(pattern, is_write ? h->req->data : "",
			    is_write ? tree_req_len(h->req) : 0);
}

static bool gate_matches(const struct tree_gate *gate, const struct tree_held *h)
{
	uint64_t count = gate->value[TREE_GATE_COUNT];

	return gate->enabled && (gate->op == TREE_OP_ANY || gate->op == (int)h->req->op) &&
	       (!gate->at_answer || h->req->info->is_change) &&
	       (!count || gate->nr_taken < count) &&
	       !fnmatch(gate->text[TREE_GATE_PATH], base_buf_text(&h->path), 0) &&
	       actor_matches(gate->text[TREE_GATE_ACTOR], h) &&
	       value_matches(gate->text[TREE_GATE_VALUE], h);
}

/* The first ones that it is about may pass. */
static bool gate_is_about(struct tree_gate *gate, const struct tree_held *h)
{
	if (!gate_matches(gate, h))
		return false;
	if (gate->nr_met == gate->value[TREE_GATE_AFTER])
		return true;
	gate->nr_met++;
	gate->has_counted = true;
	h->tree->race.has_counted = true;
	return false;
}

/* ---- conditions for opening a gate ----------------------------------------------------------- */

/* Finds the inode of @path, component by component; links are not followed. */
static bool find(struct tree *tree, const char *path, struct tree_obj **ret_obj,
		 unsigned int *ret_slot)
{
	uint64_t ino = TREE_ROOT_INO;

	for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
		size_t len = strcspn(path, "/");
		struct tree_attr attr;
		char name[NAME_MAX + 1];
		bool fixed;

		memcpy(name, path, len);
		name[len] = '\0';
		path += len;
		if (kernfs_lookup(tree, ino, name, &attr, &fixed))
			return false;
		ino = attr.ino;
		tree_forget(tree, ino, 1);
	}
	return tree_inode(tree, ino, ret_obj, ret_slot);
}

static bool file_reads(struct tree_obj *obj, const struct tree_row *row, const char *pattern)
{
	struct base_buf text;
	bool reads;

	if (!S_ISREG(row->mode) || !row->show)
		return false;
	base_buf_init(&text);
	reads = !row->show(obj, row, &text) && !text.failed &&
		text_matches(pattern, base_buf_text(&text), text.len);
	base_buf_fini(&text);
	return reads;
}

/* "PATH TEXT": whether the file reads TEXT; "PATH": whether it does not exist. */
static bool condition_holds(struct tree *tree, const char *until)
{
	char path[TREE_GATE_TEXT_SIZE];
	size_t len = strcspn(until, " ");
	struct tree_obj *obj;
	unsigned int slot;
	bool found;

	memcpy(path, until, len);
	path[len] = '\0';
	found = find(tree, path, &obj, &slot);
	if (!until[len] || !found)
		return !until[len] && !found;
	return slot < TREE_SLOT_LINK && file_reads(obj, tree_slot(obj, slot)->row, until + len + 1);
}

static bool gate_is_open(struct tree *tree, const struct tree_gate *gate)
{
	const char *until = gate->text[TREE_GATE_UNTIL];

	return *until && condition_holds(tree, until);
}

/* ---- holding and releasing requests ---------------------------------------------------------- */

static void gate_passed(struct tree *tree, struct tree_gate *gate)
{
	gate->value[TREE_GATE_PASSED]++;
	gate->has_counted = true;
	tree->race.has_counted = true;
}

/* Releases the first @nr that wait; they continue at the next tree_race_settle(). */
void tree_gate_let_go(struct tree *tree, struct tree_gate *gate, uint64_t nr)
{
	struct tree_held *h;

	while (nr-- && (h = TAILQ_FIRST(&gate->held))) {
		TAILQ_REMOVE(&gate->held, h, link);
		TAILQ_INSERT_TAIL(&tree->race.going, h, link);
		h->gate = NULL;
		gate->value[TREE_GATE_WAITING]--;
		gate_passed(tree, gate);
	}
}

static void held_free(struct tree_held *h)
{
	base_buf_fini(&h->path);
	base_buf_fini(&h->name);
	base_buf_fini(&h->data);
	free(h);
}

static void held_give(struct tree_held *h)
{
	if (h->is_taken)
		tree_give(h->tree, h->req->caller.uid, TREE_SHARE_HELD, 1);
	h->tree->race.nr_held--;
}

/* Ends a request that never got through. */
static void held_end(struct tree_held *h, ssize_t result)
{
	TAILQ_REMOVE(h->gate ? &h->gate->held : &h->tree->race.going, h, link);
	if (h->gate)
		h->gate->value[TREE_GATE_WAITING]--;
	held_give(h);
	/* The name is a copy that the answer still needs. */
	if (h->is_answer)
		h->req->done(h->req, h->result);
	else
		tree_req_finish(h->req, result);
	held_free(h);
}

/* A task that has not been scheduled notices no signal, but can be killed. */
static void held_interrupt(struct tree_req *req, bool fatal)
{
	if (fatal)
		held_end(req->impl, -EINTR);
}

bool tree_has_gates(const struct tree *tree)
{
	return tree->race.nr_enabled;
}

bool tree_req_held(const struct tree_req *req)
{
	return !req->finished && req->interrupt == held_interrupt;
}

static void gate_take(struct tree_gate *gate, struct tree_held *h)
{
	uint64_t parties = gate->value[TREE_GATE_PARTIES];

	TAILQ_INSERT_TAIL(&gate->held, h, link);
	h->gate = gate;
	gate->nr_taken++;
	gate->has_counted = true;
	h->tree->race.has_counted = true;
	gate->value[TREE_GATE_WAITING]++;
	tree_trace_held(h->tree, h->req->caller.pid, base_buf_text(&h->path), gate->name);
	if (parties && gate->value[TREE_GATE_WAITING] >= parties)
		tree_gate_let_go(h->tree, gate, parties);
}

/* Passes the following gates, until one holds the request. */
static bool held_meets_gate(struct tree_held *h)
{
	struct tree_gate *gate;

	TAILQ_FOREACH(gate, &h->tree->race.gates, link) {
		if (gate->number <= h->number || !gate_is_about(gate, h))
			continue;
		h->number = gate->number;
		if (gate->at_answer) {
			h->req->answer_gate = gate->number;
			continue;
		}
		if (!gate_is_open(h->tree, gate)) {
			gate_take(gate, h);
			return true;
		}
		gate_passed(h->tree, gate);
	}
	return false;
}

/* The gates' own files are always open, otherwise no request could be released. */
static bool is_exempt(const char *path)
{
	static const char dir[] = "machine/race/";

	return !strncmp(path, dir, strlen(dir));
}

static struct tree_held *held_new(struct tree_req *req)
{
	struct tree_held *h = calloc(1, sizeof(*h));
	const struct tree_slot *slot;
	const struct tree_obj *obj;

	if (!h)
		return NULL;
	h->tree = req->tree;
	h->req = req;
	tree_command(h->tree, req->caller.pid, h->command);
	base_buf_init(&h->path);
	base_buf_init(&h->name);
	base_buf_init(&h->data);
	if (tree_req_target(req, &obj, &slot))
		tree_put_path(obj, slot, &h->path);
	if (req->name)
		base_buf_printf(&h->path, "/%s", req->name);
	if (h->path.failed) {
		held_free(h);
		return NULL;
	}
	return h;
}

/* Data that the request refers to is valid only until tree_submit() returns. */
static int held_copy(struct tree_held *h)
{
	struct tree_req *req = h->req;

	if (req->name) {
		base_buf_puts(&h->name, req->name);
		req->name = base_buf_text(&h->name);
	}
	if (req->op == TREE_OP_WRITE) {
		base_buf_add(&h->data, req->data, req->len);
		req->data = base_buf_text(&h->data);
	}
	return h->name.failed || h->data.failed ? -ENOMEM : 0;
}

static int held_begin(struct tree_held *h)
{
	struct tree *tree = h->tree;

	h->req->impl = h;
	h->req->interrupt = held_interrupt;
	tree->race.nr_held++;
	h->is_taken = tree_take(tree, h->req->caller.uid, TREE_SHARE_HELD, 1);
	if (!h->is_taken)
		return machine_refuse(tree->machine, -ENOMEM, "too many requests are held already");
	return held_copy(h);
}

static bool may_be_held(const struct tree_req *req)
{
	const struct tree_slot *slot;
	const struct tree_obj *obj;

	return tree_has_gates(req->tree) && req->caller.pid && req->op <= TREE_OP_RMDIR &&
	       tree_req_target(req, &obj, &slot);
}

void tree_gate_enter(struct tree_req *req)
{
	struct tree *tree = req->tree;
	struct tree_held *h;
	int ret;

	if (!may_be_held(req)) {
		req->next(req);
		return;
	}
	h = held_new(req);
	if (!h) {
		tree_req_finish(req, -ENOMEM);
		return;
	}
	if (is_exempt(base_buf_text(&h->path)) || !held_meets_gate(h)) {
		held_free(h);
		req->next(req);
		return;
	}
	ret = held_begin(h);
	if (ret)
		held_end(h, ret);
	tree_race_settle(tree);
}

bool tree_gate_hold_answer(struct tree_req *req, ssize_t result)
{
	struct tree_gate *gate;
	struct tree_held *h = NULL;

	TAILQ_FOREACH(gate, &req->tree->race.gates, link) {
		if (gate->number == req->answer_gate)
			break;
	}
	if (gate && gate->enabled && !gate_is_open(req->tree, gate))
		h = held_new(req);
	if (!h)
		return false;
	h->is_answer = true;
	h->result = result;
	req->impl = h;
	req->interrupt = held_interrupt;
	req->tree->race.nr_held++;
	gate_take(gate, h);
	return true;
}

static void held_go(struct tree_held *h)
{
	h->req->impl = NULL;
	h->req->interrupt = NULL;
	held_give(h);
	if (h->is_answer)
		h->req->done(h->req, h->result);
	else
		h->req->next(h->req);
	held_free(h);
}

static bool let_first_go(struct tree_race *race)
{
	struct tree_held *h = TAILQ_FIRST(&race->going);

	if (!h)
		return false;
	TAILQ_REMOVE(&race->going, h, link);
	if (h->is_answer || !held_meets_gate(h))
		held_go(h);
	return true;
}

static void open_gates(struct tree *tree)
{
	struct tree_gate *gate;

	TAILQ_FOREACH(gate, &tree->race.gates, link) {
		if (!TAILQ_EMPTY(&gate->held) && gate_is_open(tree, gate))
			tree_gate_let_go(tree, gate, UINT64_MAX);
	}
}

void tree_race_settle(struct tree *tree)
{
	struct tree_race *race = &tree->race;

	if (race->settling || !race->nr_held)
		return;
	race->settling = true;
	do
		open_gates(tree);
	while (let_first_go(race));
	race->settling = false;
}
