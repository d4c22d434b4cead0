/* SPDX-License-Identifier: GPL-2.0-or-later */
/* External inputs (journal.c). */
#ifndef TREE_DOOR_JOURNAL_H
#define TREE_DOOR_JOURNAL_H

#include <bsd/sys/queue.h>

#include "memhp/base.h"
#include "memhp/tree.h"

struct tree;

struct tree_note;

/*
 * struct tree_journaling - what is recorded, and what is still to be recorded (journal.c)
 * @to: NULL: no journal
 * @gather: notes counts that have not been recorded yet (race_gate.c)
 * @notes: inputs that could not be refused, in order; @nr_logs: of them, lines for machine/log,
 *	   which appear nowhere else
 * @written: the last moment that is recorded
 * @inside: an input is in progress, which a replay repeats; @outside: in the middle of that, or of
 *	    a timer, something happens that a replay does not repeat
 * @is_troubled: the last attempt to record failed; @trouble: lines about that for machine/log
 * @is_lost: something that happened can never be recorded
 * @is_replaying: an input is being repeated
 */
struct tree_journaling {
	const struct tree_journal *to;
	void (*gather)(struct tree *tree);
	void *ctx;
	TAILQ_HEAD(, tree_note) notes;
	unsigned int nr_notes;
	unsigned int nr_logs;
	struct base_moment written;
	unsigned int inside;
	bool outside;
	bool is_troubled;
	bool is_lost;
	bool is_replaying;
	struct base_buf trouble;
};

void tree_journal_init(struct tree *tree);
void tree_journal_fini(struct tree *tree);
/*
 * Called before anything is shown: 0, or -EIO when it must not be shown, as it might not hold.
 * @with_time: the time is shown, too
 */
int tree_journal_settle(struct tree *tree, bool with_time);
/* The same before something of an inode is shown, or that it does not exist (0). */
int tree_inode_settle(struct tree *tree, uint64_t ino);
/* Notes what has happened and must be recorded before anything else. */
void tree_journal_note(struct tree *tree, enum tree_input_op op, uint64_t ino, const char *text);
/* Whether all lines of machine/log are recorded. */
bool tree_journal_has_log(struct tree *tree);
/* Notes a line added to machine/log; and adds an external one. */
void tree_journal_logged(struct tree *tree, const char *line);
void tree_journal_log(struct tree *tree, const char *line);
/* host.c: whether an allocation has failed since the last call, which is a line of machine/log. */
bool tree_host_failed(struct tree *tree);
/* The same for an answer that no request gives: EIO instead of an error. */
int tree_host_result(struct tree *tree, int result);
/* An interrupt of the write @id. */
void tree_journal_interrupt(struct tree *tree, uint64_t id, bool fatal);

#endif
