/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Race gates: they hold clients' requests before these reach the emulated kernel, as if the calling
 * processes had not been scheduled yet (race.c; their files: machine_race.c).
 */
#ifndef TREE_RACE_H
#define TREE_RACE_H

#include <bsd/sys/queue.h>

#include "memhp/tree.h"

struct tree_gate;
struct tree_held;
struct tree_obj;
struct tree_slot;

TAILQ_HEAD(tree_helds, tree_held);

/*
 * struct tree_race - all gates of a tree, in order of creation
 * @nr_enabled: enabled gates; @nr_held: requests that wait at one or are in @going
 * @going: released requests that have not continued yet
 * @settling: they are continuing now
 * @has_counted: a gate's counts differ from those in the journal
 */
struct tree_race {
	TAILQ_HEAD(, tree_gate) gates;
	uint64_t last_number;
	unsigned int nr_gates;
	unsigned int nr_enabled;
	unsigned int nr_held;
	struct tree_helds going;
	bool settling;
	bool has_counted;
};

enum tree_gate_text {
	TREE_GATE_ACTOR,
	TREE_GATE_PATH,
	TREE_GATE_VALUE,
	TREE_GATE_UNTIL,
	TREE_GATE_NR_TEXTS,
};

enum tree_gate_number {
	TREE_GATE_PARTIES,
	TREE_GATE_AFTER,
	TREE_GATE_COUNT,
	TREE_GATE_WAITING,
	TREE_GATE_PASSED,
	TREE_GATE_NR_NUMBERS,
};

#define TREE_GATE_TEXT_SIZE 256

/*
 * struct tree_gate - a gate
 * @number: increases with each gate, so that a request held here finds the next one even when this
 *	    one is gone
 * @at_answer: it holds the answers of requests that have taken place, instead of the requests
 * @nr_met: requests that it was about since it was enabled, up to @value[TREE_GATE_AFTER]
 * @nr_taken: requests that it has held since it was enabled
 * @has_counted: the journal does not have the latest @nr_met, @nr_taken or
 *		 @value[TREE_GATE_PASSED]
 */
struct tree_gate {
	char *name;
	uint64_t number;
	bool enabled;
	int op;
	bool at_answer;
	char text[TREE_GATE_NR_TEXTS][TREE_GATE_TEXT_SIZE];
	uint64_t value[TREE_GATE_NR_NUMBERS];
	uint64_t nr_met;
	uint64_t nr_taken;
	bool has_counted;
	struct tree_helds held;
	TAILQ_ENTRY(tree_gate) link;
};

void tree_race_init(struct tree *tree);
/*
 * Checks whether a gate's condition has come true, and continues released requests. Called when
 * something may have changed and the engine is not in the middle of anything.
 */
void tree_race_settle(struct tree *tree);

/* Holds the answer of @req if a gate waits for it; it is answered by @req->done later. */
bool tree_gate_hold_answer(struct tree_req *req, ssize_t result);

/* Records the counts of gates in the journal; and restores them: 0, -EINVAL. */
void tree_race_note(struct tree *tree);
int tree_gate_replay(struct tree_gate *gate, const char *text);

/* -ENOSPC when there are too many already. */
int tree_gate_new(struct tree *tree, const char *name, struct tree_gate **ret_gate);
void tree_gate_free(struct tree *tree, struct tree_gate *gate);
const char *tree_gate_text(const struct tree_gate *gate, enum tree_gate_text which);
/* -EBUSY while it is enabled, -EINVAL for a text that is too long. */
int tree_gate_set_text(struct tree_gate *gate, enum tree_gate_text which, const char *text,
		       size_t len);
uint64_t tree_gate_number(const struct tree_gate *gate, enum tree_gate_number which);
int tree_gate_set_number(struct tree_gate *gate, enum tree_gate_number which, uint64_t value);
/* Index of the operation in tree_op_names; the last one is "any". */
int tree_gate_op(const struct tree_gate *gate);
int tree_gate_set_op(struct tree_gate *gate, int op);
/* Whether it holds answers (of write, mkdir and rmdir) instead of requests. */
bool tree_gate_at_answer(const struct tree_gate *gate);
int tree_gate_set_at_answer(struct tree_gate *gate, bool at_answer);
bool tree_gate_enabled(const struct tree_gate *gate);
void tree_gate_enable(struct tree *tree, struct tree_gate *gate, bool enable);
/* Releases the first @nr that wait; they continue at the next tree_race_settle(). */
void tree_gate_let_go(struct tree *tree, struct tree_gate *gate, uint64_t nr);
/* Releases the first @nr; -EAGAIN when fewer wait. */
int tree_gate_release(struct tree *tree, struct tree_gate *gate, uint64_t nr);

/* The first one (NULL), or the one after @gate; NULL: none. */
struct tree_gate *tree_gate_next(const struct tree *tree, struct tree_gate *gate);
/* Saves all gates, while no request is held; when loading, there are none. */
void tree_race_save(struct tree *tree, struct base_save *s);

/* The operations that a gate can hold, and "any". */
#define TREE_GATE_NR_OPS (TREE_OP_RMDIR + 2)
#define TREE_OP_ANY (TREE_GATE_NR_OPS - 1)
extern const char *const tree_op_names[TREE_GATE_NR_OPS];

#endif
