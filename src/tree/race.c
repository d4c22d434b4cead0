// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Race gates; see race.h. A request meets them in the order in which they were made.
 *
 * Who is let go does not go at once: a gate opens in the middle of a store, a timer or somebody's
 * arrival. He is moved to a queue, and goes when that has ended (tree_race_settle()).
 */
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

#define MAX_GATES 64
#define MAX_HELD 1024
#define TEXT_SIZE 256
#define OP_ANY (TREE_GATE_NR_OPS - 1)

const char *const tree_op_names[TREE_GATE_NR_OPS] = {
	[TREE_OP_OPEN] = "open",   [TREE_OP_READ] = "read",   [TREE_OP_WRITE] = "write",
	[TREE_OP_MKDIR] = "mkdir", [TREE_OP_RMDIR] = "rmdir", [OP_ANY] = "any",
};

/*
 * struct tree_gate - a gate
 * @number: grows with each gate, so that who was at this one finds the next, even if it is gone
 * @nr_taken: requests that it has held since it was enabled
 */
struct tree_gate {
	char *name;
	uint64_t number;
	bool enabled;
	int op;
	char text[TREE_GATE_NR_TEXTS][TEXT_SIZE];
	uint64_t value[TREE_GATE_NR_NUMBERS];
	uint64_t nr_taken;
	struct tree_helds held;
	TAILQ_ENTRY(tree_gate) link;
};

/*
 * struct tree_held - a request and who made it
 * @gate: where it waits; NULL: it is let go
 * @number: of the gate that it came to last
 * @data: of a write, which keeps it only while it arrives
 */
struct tree_held {
	struct tree *tree;
	struct tree_req *req;
	struct tree_arrival arrival;
	struct tree_gate *gate;
	uint64_t number;
	pid_t pid;
	char command[TREE_COMMAND_SIZE];
	struct base_buf path;
	struct base_buf data;
	TAILQ_ENTRY(tree_held) link;
};

void tree_race_init(struct tree *tree)
{
	TAILQ_INIT(&tree->race.gates);
	TAILQ_INIT(&tree->race.going);
}

/* ---- which requests -------------------------------------------------------------------------- */

static bool actor_matches(const char *actor, const struct tree_held *h)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)h->pid);
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

/* Of what is written, a store sees no more than a page. */
static bool value_matches(const char *pattern, const struct tree_held *h)
{
	size_t page = (size_t)1 << machine_spec(h->tree->machine)->page_shift;

	return text_matches(pattern, h->arrival.data,
			    h->arrival.data ? BASE_MIN(h->arrival.len, page) : 0);
}

static bool gate_is_about(const struct tree_gate *gate, const struct tree_held *h)
{
	uint64_t count = gate->value[TREE_GATE_COUNT];

	return gate->enabled && (gate->op == OP_ANY || gate->op == (int)h->arrival.op) &&
	       (!count || gate->nr_taken < count) &&
	       !fnmatch(gate->text[TREE_GATE_PATH], base_buf_text(&h->path), 0) &&
	       actor_matches(gate->text[TREE_GATE_ACTOR], h) &&
	       value_matches(gate->text[TREE_GATE_VALUE], h);
}

/* ---- until when ------------------------------------------------------------------------------ */

/* The inode that @path names, component by component; links are not followed. */
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
		if (tree_lookup(tree, ino, name, &attr, &fixed))
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

/* "PATH TEXT": whether the file reads TEXT; "PATH": whether there is none. */
static bool condition_holds(struct tree *tree, const char *until)
{
	char path[TEXT_SIZE];
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

/* ---- held, let go ---------------------------------------------------------------------------- */

/* Lets the first @nr that wait go, once there is time for it. */
static void gate_let_go(struct tree *tree, struct tree_gate *gate, uint64_t nr)
{
	struct tree_held *h;

	while (nr-- && (h = TAILQ_FIRST(&gate->held))) {
		TAILQ_REMOVE(&gate->held, h, link);
		TAILQ_INSERT_TAIL(&tree->race.going, h, link);
		h->gate = NULL;
		gate->value[TREE_GATE_WAITING]--;
		gate->value[TREE_GATE_PASSED]++;
	}
}

static void held_free(struct tree_held *h)
{
	base_buf_fini(&h->path);
	base_buf_fini(&h->data);
	free(h);
}

/* The end of a request that never got through. */
static void held_end(struct tree_held *h, ssize_t result)
{
	struct tree_race *race = &h->tree->race;
	struct tree_req *req = h->req;

	TAILQ_REMOVE(h->gate ? &h->gate->held : &race->going, h, link);
	if (h->gate)
		h->gate->value[TREE_GATE_WAITING]--;
	race->nr_held--;
	held_free(h);
	tree_req_finish(req, result);
}

/* Who has not been scheduled notices no signal, but can be killed. */
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
	gate->value[TREE_GATE_WAITING]++;
	tree_trace_held(h->tree, h->pid, base_buf_text(&h->path), gate->name);
	if (parties && gate->value[TREE_GATE_WAITING] >= parties)
		gate_let_go(h->tree, gate, parties);
}

/* Goes through the gates that come now, until one takes it. */
static bool held_meets_gate(struct tree_held *h)
{
	struct tree_gate *gate;

	TAILQ_FOREACH(gate, &h->tree->race.gates, link) {
		if (gate->number <= h->number || !gate_is_about(gate, h))
			continue;
		h->number = gate->number;
		if (!gate_is_open(h->tree, gate)) {
			gate_take(gate, h);
			return true;
		}
		gate->value[TREE_GATE_PASSED]++;
	}
	return false;
}

/* The gates' own files are always open, or nobody could let anybody go. */
static bool is_exempt(const char *path)
{
	static const char dir[] = "machine/race/";

	return !strncmp(path, dir, strlen(dir));
}

static struct tree_held *held_new(struct tree *tree, struct tree_req *req,
				  const struct tree_arrival *arrival)
{
	struct tree_held *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->tree = tree;
	h->req = req;
	h->arrival = *arrival;
	h->pid = tree->caller;
	tree_command(tree, h->pid, h->command);
	base_buf_init(&h->path);
	tree_put_path(arrival->obj, arrival->slot, &h->path);
	if (arrival->name)
		base_buf_printf(&h->path, "/%s", arrival->name);
	base_buf_init(&h->data);
	if (arrival->data) {
		base_buf_add(&h->data, arrival->data, arrival->len);
		h->arrival.data = base_buf_text(&h->data);
	}
	if (h->path.failed || h->data.failed) {
		held_free(h);
		return NULL;
	}
	return h;
}

bool tree_race_hold(struct tree *tree, struct tree_req *req, const struct tree_arrival *arrival)
{
	struct tree_held *h;

	if (!tree->race.nr_enabled || !tree->caller)
		return false;
	h = held_new(tree, req, arrival);
	if (!h) {
		tree_req_finish(req, -ENOMEM);
		return true;
	}
	if (is_exempt(base_buf_text(&h->path)) || !held_meets_gate(h)) {
		held_free(h);
		return false;
	}
	req->impl = h;
	req->interrupt = held_interrupt;
	if (++tree->race.nr_held > MAX_HELD)
		held_end(h, -ENOMEM);
	tree_race_settle(tree);
	return true;
}

static void held_enter(struct tree_held *h)
{
	struct tree *tree = h->tree;
	struct tree_req *req = h->req;
	pid_t caller = tree->caller;

	req->impl = NULL;
	req->interrupt = NULL;
	tree->caller = h->pid;
	tree->race.nr_held--;
	h->arrival.enter(req, &h->arrival);
	held_free(h);
	tree->caller = caller;
}

static bool let_first_go(struct tree_race *race)
{
	struct tree_held *h = TAILQ_FIRST(&race->going);

	if (!h)
		return false;
	TAILQ_REMOVE(&race->going, h, link);
	if (!held_meets_gate(h))
		held_enter(h);
	return true;
}

static void open_gates(struct tree *tree)
{
	struct tree_gate *gate;

	TAILQ_FOREACH(gate, &tree->race.gates, link) {
		if (!TAILQ_EMPTY(&gate->held) && gate_is_open(tree, gate))
			gate_let_go(tree, gate, UINT64_MAX);
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

/* ---- life ------------------------------------------------------------------------------------ */

int tree_gate_new(struct tree *tree, const char *name, struct tree_gate **ret_gate)
{
	struct tree_gate *gate;

	if (tree->race.nr_gates == MAX_GATES)
		return -ENOSPC;
	gate = calloc(1, sizeof(*gate));
	if (!gate)
		return -ENOMEM;
	gate->name = strdup(name);
	if (!gate->name) {
		free(gate);
		return -ENOMEM;
	}
	gate->number = ++tree->race.last_number;
	gate->op = TREE_OP_WRITE;
	for (int i = 0; i < TREE_GATE_UNTIL; i++)
		strcpy(gate->text[i], "*");
	TAILQ_INIT(&gate->held);
	TAILQ_INSERT_TAIL(&tree->race.gates, gate, link);
	tree->race.nr_gates++;
	*ret_gate = gate;
	return 0;
}

void tree_gate_free(struct tree *tree, struct tree_gate *gate)
{
	tree_gate_enable(tree, gate, false);
	TAILQ_REMOVE(&tree->race.gates, gate, link);
	tree->race.nr_gates--;
	free(gate->name);
	free(gate);
}

/* ---- settings -------------------------------------------------------------------------------- */

const char *tree_gate_text(const struct tree_gate *gate, enum tree_gate_text which)
{
	return gate->text[which];
}

int tree_gate_set_text(struct tree_gate *gate, enum tree_gate_text which, const char *text,
		       size_t len)
{
	if (gate->enabled)
		return -EBUSY;
	len = without_newline(text, len);
	if (len >= TEXT_SIZE || memchr(text, '\0', len) || memchr(text, '\n', len))
		return -EINVAL;
	/* no pattern at all would match nothing; a condition may be missing, but not its path */
	if (which == TREE_GATE_UNTIL ? *text == ' ' : !len)
		return -EINVAL;
	memcpy(gate->text[which], text, len);
	gate->text[which][len] = '\0';
	return 0;
}

uint64_t tree_gate_number(const struct tree_gate *gate, enum tree_gate_number which)
{
	return gate->value[which];
}

int tree_gate_set_number(struct tree_gate *gate, enum tree_gate_number which, uint64_t value)
{
	if (gate->enabled)
		return -EBUSY;
	gate->value[which] = value;
	return 0;
}

int tree_gate_op(const struct tree_gate *gate)
{
	return gate->op;
}

int tree_gate_set_op(struct tree_gate *gate, int op)
{
	if (gate->enabled)
		return -EBUSY;
	gate->op = op;
	return 0;
}

bool tree_gate_enabled(const struct tree_gate *gate)
{
	return gate->enabled;
}

void tree_gate_enable(struct tree *tree, struct tree_gate *gate, bool enable)
{
	if (enable == gate->enabled)
		return;
	gate->enabled = enable;
	if (enable) {
		tree->race.nr_enabled++;
		gate->nr_taken = 0;
		gate->value[TREE_GATE_PASSED] = 0;
	} else {
		tree->race.nr_enabled--;
		gate_let_go(tree, gate, UINT64_MAX);
	}
}

int tree_gate_release(struct tree *tree, struct tree_gate *gate, uint64_t nr)
{
	if (nr > gate->value[TREE_GATE_WAITING])
		return -EAGAIN;
	gate_let_go(tree, gate, nr);
	return 0;
}

/* ---- as bytes -------------------------------------------------------------------------------- */

static void gate_texts(struct base_save *s, struct tree_gate *gate, struct tree *tree)
{
	for (int i = 0; i < TREE_GATE_NR_TEXTS; i++)
		base_save_text(s, gate->text[i], sizeof(gate->text[i]));
	if (!gate->name)
		base_save_fail(s, -EINVAL, "a race gate has no name");
}

#define GATE_ROWS(ROW)                                                                             \
	ROW(STRING, name)                                                                          \
	ROW(NUMBER, number)                                                                        \
	ROW(NUMBER, enabled)                                                                       \
	ROW(BELOW, op, TREE_GATE_NR_OPS)                                                           \
	ROW(WITHS, text, gate_texts)                                                               \
	ROW(NUMBERS, value)                                                                        \
	ROW(NUMBER, nr_taken)                                                                      \
	ROW(SKIP, held, "nobody is held")                                                          \
	ROW(SKIP, link, "the list's")
BASE_SAVE_STRUCT(gate_save, struct tree_gate, struct tree, GATE_ROWS)

static struct tree_gate *gate_make(struct tree *tree)
{
	struct tree_gate *gate = calloc(1, sizeof(*gate));

	if (!gate)
		return NULL;
	TAILQ_INIT(&gate->held);
	TAILQ_INSERT_TAIL(&tree->race.gates, gate, link);
	tree->race.nr_gates++;
	return gate;
}

static void race_gates(struct base_save *s, struct tree_race *race, struct tree *tree)
{
	struct tree_gate *gate;

	BASE_SAVE_TAILQ(s, &race->gates, link, gate_save, tree, gate_make(tree));
	race->nr_enabled = 0;
	TAILQ_FOREACH(gate, &race->gates, link)
		race->nr_enabled += gate->enabled;
}

#define RACE_ROWS(ROW)                                                                             \
	ROW(WITH, gates, race_gates)                                                               \
	ROW(NUMBER, last_number)                                                                   \
	ROW(SKIP, nr_gates, "goes with the gates")                                                 \
	ROW(SKIP, nr_enabled, "goes with the gates")                                               \
	ROW(SKIP, nr_held, "nobody is held")                                                       \
	ROW(SKIP, going, "nobody is held")                                                         \
	ROW(SKIP, settling, "nobody is held")
BASE_SAVE_STRUCT(race_save, struct tree_race, struct tree, RACE_ROWS)

void tree_race_save(struct tree *tree, struct base_save *s)
{
	BASE_SAVE_ONE(s, race_save, &tree->race, tree);
}

struct tree_gate *tree_gate_next(const struct tree *tree, struct tree_gate *gate)
{
	return gate ? TAILQ_NEXT(gate, link) : TAILQ_FIRST(&tree->race.gates);
}
