// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stage: external inputs are reported to the journal; replay.c repeats them.
 *
 * An input is recorded before anything happens, so that an input that cannot be recorded has no
 * effect. Some inputs, such as a kill, cannot be refused. These are noted here, and recorded before
 * anything else. The effects of time follow from the inputs: for them, the journal records how far
 * time has advanced before any effect is shown. So whatever was shown still holds after a replay,
 * and while nothing can be recorded, whatever might not hold is answered with EIO.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "door/door.h"

/* For lines of machine/log, so that external failures cannot exhaust memory. */
#define NOTES_MAX 4096
#define TROUBLE_MAX_BYTES 65536

const char *const tree_input_names[TREE_NR_INPUTS] = {
	[TREE_INPUT_WRITE] = "write",	  [TREE_INPUT_INTERRUPT] = "interrupt",
	[TREE_INPUT_MKDIR] = "mkdir",	  [TREE_INPUT_RMDIR] = "rmdir",
	[TREE_INPUT_SETATTR] = "setattr", [TREE_INPUT_GATE] = "gate",
	[TREE_INPUT_LOG] = "log",
};

struct tree_note {
	struct tree_input input;
	TAILQ_ENTRY(tree_note) link;
	char text[];
};

void tree_journal_init(struct tree *tree)
{
	TAILQ_INIT(&tree->journal.notes);
	base_buf_init(&tree->journal.trouble);
}

static void note_free_first(struct tree_journaling *j)
{
	struct tree_note *note = TAILQ_FIRST(&j->notes);

	TAILQ_REMOVE(&j->notes, note, link);
	j->nr_notes--;
	j->nr_logs -= note->input.op == TREE_INPUT_LOG;
	free(note);
}

void tree_journal_fini(struct tree *tree)
{
	while (!TAILQ_EMPTY(&tree->journal.notes))
		note_free_first(&tree->journal);
	base_buf_fini(&tree->journal.trouble);
}

/* ---- times of inputs and of the tree --------------------------------------------------------- */

static struct base_moment now(const struct tree *tree)
{
	return base_clock_moment(hp_config(tree->hp)->clock);
}

uint64_t tree_real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * TREE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t tree_born_ns(const struct tree *tree)
{
	return tree->root.born_ns;
}

void tree_set_born_ns(struct tree *tree, uint64_t ns)
{
	tree->real_ahead_ns += ns - tree->root.born_ns;
	tree->root.born_ns = ns;
}

/* ---- failures of the journal ----------------------------------------------------------------- */

static void trouble_say(struct tree_journaling *j, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void trouble_say(struct tree_journaling *j, const char *fmt, ...)
{
	va_list args;

	if (j->trouble.len > TROUBLE_MAX_BYTES)
		return;
	va_start(args, fmt);
	base_buf_vprintf(&j->trouble, fmt, args);
	va_end(args);
}

static int troubled(struct tree *tree, int err)
{
	struct tree_journaling *j = &tree->journal;

	if (!j->is_troubled)
		trouble_say(j,
			    "memhpfs: state: cannot be written (%s): until it can, writes are "
			    "answered with EIO, nothing is changed, and the time stands still\n",
			    strerror(-err));
	j->is_troubled = true;
	return -EIO;
}

/* The pending lines about it become part of the log. */
static void recovered(struct tree *tree)
{
	struct tree_journaling *j = &tree->journal;
	char *line, *save;

	j->is_troubled = false;
	if (j->trouble.len) {
		for (line = strtok_r(j->trouble.data, "\n", &save); line;
		     line = strtok_r(NULL, "\n", &save))
			tree_journal_log(tree, line);
	}
	base_buf_reset(&j->trouble);
	tree_journal_log(tree, "memhpfs: state: can be written again");
}

/* ---- recording inputs and times -------------------------------------------------------------- */

static int write_note(struct tree *tree, const struct tree_input *input)
{
	struct tree_journaling *j = &tree->journal;
	uint64_t unused;
	int ret = j->to->begin(j->ctx, input, &unused);

	if (ret)
		return troubled(tree, ret);
	j->written = input->when;
	return 0;
}

static int write_moment(struct tree *tree)
{
	struct base_moment when = now(tree);
	int ret = tree->journal.to->shown(tree->journal.ctx, &when);

	if (ret)
		return troubled(tree, ret);
	tree->journal.written = when;
	return 0;
}

/* Records everything that must come first; after trouble: checks whether recording works again. */
static int flush(struct tree *tree)
{
	struct tree_journaling *j = &tree->journal;

	if (j->is_lost)
		return troubled(tree, -ENOMEM);
	if (j->gather)
		j->gather(tree);
	do {
		while (!TAILQ_EMPTY(&j->notes)) {
			if (write_note(tree, &TAILQ_FIRST(&j->notes)->input))
				return -EIO;
			note_free_first(j);
		}
		if (!j->is_troubled)
			return 0;
		if (write_moment(tree))
			return -EIO;
		recovered(tree);
	} while (true);
}

static bool is_ahead(const struct tree *tree, bool with_time)
{
	const struct tree_journaling *j = &tree->journal;
	struct base_moment when = now(tree);

	return j->nr_notes > j->nr_logs || tree->race.has_counted || j->is_lost ||
	       when.steps != j->written.steps || (with_time && when.ns != j->written.ns);
}

int tree_journal_settle(struct tree *tree, bool with_time)
{
	struct base_moment when;

	if (!tree->journal.to || !is_ahead(tree, with_time))
		return 0;
	if (flush(tree))
		return -EIO;
	when = now(tree);
	return base_moment_cmp(&when, &tree->journal.written) ? write_moment(tree) : 0;
}

bool tree_journal_has_log(struct tree *tree)
{
	return !tree_journal_settle(tree, false) && (!tree->journal.nr_logs || !flush(tree));
}

bool tree_journal_works(struct tree *tree)
{
	return (!tree->journal.is_troubled && TAILQ_EMPTY(&tree->journal.notes)) || !flush(tree);
}

void tree_set_journal(struct tree *tree, const struct tree_journal *journal, void *ctx)
{
	(void)tree_journal_settle(tree, true);
	tree->journal.to = journal;
	tree->journal.ctx = ctx;
	tree->journal.written = now(tree);
}

/* ---- beginning and end of an input ----------------------------------------------------------- */

static void put_path(struct tree *tree, uint64_t ino, struct base_buf *buf)
{
	struct tree_obj *obj;
	unsigned int slot;

	if (tree_inode(tree, ino, &obj, &slot) && slot < TREE_SLOT_LINK)
		tree_put_path(obj, tree_slot(obj, slot), buf);
}

/*
 * 0 and @ret_id (0: no journal); -EIO: it must not happen. On success everything that follows is
 * caused by this input, until journal.inside is reset.
 */
static int journal_begin(struct tree *tree, enum tree_input_op op, uint64_t ino, const char *text,
			 size_t len, uint64_t *ret_id)
{
	struct tree_journaling *j = &tree->journal;
	struct tree_input input = {
		.op = op,
		.when = now(tree),
		.ino = ino,
		.text = text,
		.len = len,
	};
	struct base_buf path;
	int ret = 0;

	*ret_id = 0;
	if (!j->is_replaying)
		input.real_ns = tree_real_ns();
	if (j->to) {
		base_buf_init(&path);
		put_path(tree, ino, &path);
		input.path = base_buf_text(&path);
		ret = flush(tree);
		if (!ret && (ret = j->to->begin(j->ctx, &input, ret_id)))
			ret = troubled(tree, ret);
		base_buf_fini(&path);
	}
	if (ret)
		return ret;
	/* A repeated input keeps its own time. */
	if (!j->is_replaying)
		tree->real_ahead_ns = input.real_ns - input.when.ns;
	j->written = input.when;
	j->inside++;
	return 0;
}

static ssize_t journal_end(struct tree *tree, uint64_t id, uint64_t ino, ssize_t result)
{
	struct tree_journaling *j = &tree->journal;
	struct base_moment when = now(tree);
	struct base_buf path;
	int ret;

	if (!id || !j->to)
		return result;
	ret = flush(tree);
	if (!ret && (ret = j->to->end(j->ctx, id, &when, result)))
		ret = troubled(tree, ret);
	if (!ret) {
		j->written = when;
		return result;
	}
	base_buf_init(&path);
	put_path(tree, ino, &path);
	trouble_say(j,
		    "memhpfs: state: %s: input %llu has been done (result %zd), though it is "
		    "answered with EIO\n",
		    base_buf_text(&path), (unsigned long long)id, result);
	base_buf_fini(&path);
	return ret;
}

void tree_journal_note(struct tree *tree, enum tree_input_op op, uint64_t ino, const char *text)
{
	struct tree_journaling *j = &tree->journal;
	size_t len = strlen(text);
	struct tree_note *note;

	if (!j->to || (op == TREE_INPUT_LOG && j->nr_logs >= NOTES_MAX))
		return;
	note = malloc(sizeof(*note) + len + 1);
	if (!note) {
		j->is_lost = true;
		return;
	}
	memcpy(note->text, text, len + 1);
	note->input = (struct tree_input){
		.op = op,
		.when = now(tree),
		.real_ns = tree_real_ns(),
		.ino = ino,
		.path = "",
		.text = note->text,
		.len = len,
	};
	tree->real_ahead_ns = note->input.real_ns - note->input.when.ns;
	TAILQ_INSERT_TAIL(&j->notes, note, link);
	j->nr_notes++;
	j->nr_logs += op == TREE_INPUT_LOG;
}

void tree_journal_interrupt(struct tree *tree, uint64_t id, bool fatal)
{
	tree_journal_note(tree, TREE_INPUT_INTERRUPT, id, fatal ? "fatal" : "signal");
}

/* Lines caused by inputs and time are produced again by a replay. */
void tree_journal_logged(struct tree *tree, const char *line)
{
	struct base_clock *clock = hp_config(tree->hp)->clock;
	bool again = tree->journal.inside || (clock->in_timer && clock->in_timer(clock));

	if (!again || tree->journal.outside)
		tree_journal_note(tree, TREE_INPUT_LOG, 0, line);
}

void tree_journal_log(struct tree *tree, const char *line)
{
	bool was_outside = tree->journal.outside;

	tree->journal.outside = true;
	hp_log(tree->hp, "%s", line);
	tree->journal.outside = was_outside;
}

/* ---- the stage of requests ------------------------------------------------------------------- */

static int begin(struct tree_req *req)
{
	enum tree_input_op input = req->info->input;
	const char *text = req->name;
	size_t len = req->len;
	char attr[160];

	if (input == TREE_INPUT_WRITE) {
		text = req->data;
	} else if (input == TREE_INPUT_SETATTR) {
		len = tree_setattr_text(&req->attr, req->valid, attr, sizeof(attr));
		text = attr;
	} else {
		len = strlen(text);
	}
	return journal_begin(req->tree, input, req->ino, text, len, &req->journal_id);
}

void tree_journal_enter(struct tree_req *req)
{
	const struct tree_op_info *info = req->info;
	struct tree *tree = req->tree;
	int ret;

	if (!info->is_input || !info->is_input(req)) {
		req->next(req);
		return;
	}
	ret = begin(req);
	if (ret) {
		tree_req_finish(req, ret);
		return;
	}
	req->next(req);
	tree->journal.inside--;
}

ssize_t tree_journal_leave(struct tree_req *req, ssize_t result)
{
	return journal_end(req->tree, req->journal_id, req->ino, result);
}
