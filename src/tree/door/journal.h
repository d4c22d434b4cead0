/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes from outside (journal.c). */
#ifndef TREE_DOOR_JOURNAL_H
#define TREE_DOOR_JOURNAL_H

#include <bsd/sys/queue.h>

#include "memhp/base.h"
#include "memhp/tree.h"

struct tree;

struct tree_note;

/*
 * struct tree_journaling - what is written down, and what is still to be (journal.c)
 * @to: NULL: nobody writes it down
 * @gather: notes what has only been counted so far (race_gate.c)
 * @notes: inputs that could not be refused, in their order; @nr_logs: of them, lines for
 *	   machine/log, which nothing else shows
 * @written: the last moment that is written down
 * @inside: an input is being done, which will be done again; @outside: in the middle of that, or of
 *	    a timer, something happens that will not
 * @is_troubled: it could not be written the last time; @trouble: lines about that for machine/log
 * @is_lost: something that happened can never be written down
 * @is_replaying: an input is done again
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
 * Before anything is shown to anybody: 0, or -EIO when it must not be, as it might not hold.
 * @with_time: the time is shown, too
 */
int tree_journal_settle(struct tree *tree, bool with_time);
/* The same before something of an inode, or that there is none (0), is shown. */
int tree_inode_settle(struct tree *tree, uint64_t ino);
/* What has happened and is to be written down before anything else is. */
void tree_journal_note(struct tree *tree, enum tree_input_op op, uint64_t ino, const char *text);
/* Whether all lines of machine/log are written down. */
bool tree_journal_has_log(struct tree *tree);
/* A line of machine/log is there; and one that comes from outside. */
void tree_journal_logged(struct tree *tree, const char *line);
void tree_journal_log(struct tree *tree, const char *line);
/* host.c: whether an allocation has failed since the last call, which is a line of machine/log. */
bool tree_host_failed(struct tree *tree);
/* The same for an answer that no request gives: EIO instead of an error. */
int tree_host_result(struct tree *tree, int result);
/* An interrupt of the write @id. */
void tree_journal_interrupt(struct tree *tree, uint64_t id, bool fatal);

#endif
