// SPDX-License-Identifier: GPL-2.0-or-later
/* Race gates as objects: their settings, and what the journal records of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "door/door.h"

#define MAX_GATES 64

/* ---- counts in the journal ------------------------------------------------------------------- */

void tree_race_note(struct tree *tree)
{
	struct tree_gate *gate;
	char text[80];

	if (!tree->race.has_counted)
		return;
	tree->race.has_counted = false;
	TAILQ_FOREACH(gate, &tree->race.gates, link) {
		const struct tree_obj *obj = tree_obj_find(tree, TREE_RACES, gate->name);

		if (!gate->has_counted || !obj)
			continue;
		gate->has_counted = false;
		snprintf(text, sizeof(text), "met=%llu taken=%llu passed=%llu",
			 (unsigned long long)gate->nr_met, (unsigned long long)gate->nr_taken,
			 (unsigned long long)gate->value[TREE_GATE_PASSED]);
		tree_journal_note(tree, TREE_INPUT_GATE, tree_ino(obj, TREE_SLOT_DIR), text);
	}
}

int tree_gate_replay(struct tree_gate *gate, const char *text)
{
	unsigned long long met, taken, passed;

	if (sscanf(text, "met=%llu taken=%llu passed=%llu", &met, &taken, &passed) != 3)
		return -EINVAL;
	gate->nr_met = met;
	gate->nr_taken = taken;
	gate->value[TREE_GATE_PASSED] = passed;
	return 0;
}

/* ---- creating and freeing gates -------------------------------------------------------------- */

int tree_gate_new(struct tree *tree, const char *name, struct tree_gate **ret_gate)
{
	struct tree_gate *gate;

	if (tree->race.nr_gates == MAX_GATES)
		return machine_refuse(tree->machine, -ENOSPC,
				      "there are %d gates, which is the limit", MAX_GATES);
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

/* ---- settings of a gate ---------------------------------------------------------------------- */

const char *tree_gate_text(const struct tree_gate *gate, enum tree_gate_text which)
{
	return gate->text[which];
}

int tree_gate_set_text(struct tree_gate *gate, enum tree_gate_text which, const char *text,
		       size_t len)
{
	if (gate->enabled)
		return -EBUSY;
	len -= len && text[len - 1] == '\n';
	if (len >= TREE_GATE_TEXT_SIZE || memchr(text, '\0', len) || memchr(text, '\n', len))
		return -EINVAL;
	/* an empty pattern would match nothing; a condition may be empty, but not its path */
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

bool tree_gate_at_answer(const struct tree_gate *gate)
{
	return gate->at_answer;
}

int tree_gate_set_at_answer(struct tree_gate *gate, bool at_answer)
{
	if (gate->enabled)
		return -EBUSY;
	gate->at_answer = at_answer;
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
		gate->nr_met = 0;
		gate->nr_taken = 0;
		gate->value[TREE_GATE_PASSED] = 0;
	} else {
		tree->race.nr_enabled--;
		tree_gate_let_go(tree, gate, UINT64_MAX);
	}
}

int tree_gate_release(struct tree *tree, struct tree_gate *gate, uint64_t nr)
{
	if (nr > gate->value[TREE_GATE_WAITING])
		return -EAGAIN;
	tree_gate_let_go(tree, gate, nr);
	return 0;
}

/* ---- saving and loading ---------------------------------------------------------------------- */

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
	ROW(NUMBER, at_answer)                                                                     \
	ROW(WITHS, text, gate_texts)                                                               \
	ROW(NUMBERS, value)                                                                        \
	ROW(NUMBER, nr_met)                                                                        \
	ROW(NUMBER, nr_taken)                                                                      \
	ROW(SKIP, has_counted, "false: the journal has all counts")                                \
	ROW(SKIP, held, "no request is held during a save")                                        \
	ROW(SKIP, link, "linkage of the list")
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
	ROW(SKIP, nr_gates, "counted as the gates are loaded")                                     \
	ROW(SKIP, nr_enabled, "counted once the gates are loaded")                                 \
	ROW(SKIP, nr_held, "no request is held during a save")                                     \
	ROW(SKIP, going, "no request is held during a save")                                       \
	ROW(SKIP, settling, "no request is held during a save")                                    \
	ROW(SKIP, has_counted, "false: the journal has all counts")
BASE_SAVE_STRUCT(race_save, struct tree_race, struct tree, RACE_ROWS)

void tree_race_save(struct tree *tree, struct base_save *s)
{
	BASE_SAVE_ONE(s, race_save, &tree->race, tree);
}

struct tree_gate *tree_gate_next(const struct tree *tree, struct tree_gate *gate)
{
	return gate ? TAILQ_NEXT(gate, link) : TAILQ_FIRST(&tree->race.gates);
}
