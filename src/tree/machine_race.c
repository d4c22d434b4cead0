// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/race/NAME: gates that hold requests, see race.c. */
#include <errno.h>

#include "machine_tree.h"

/* Result of setting a value, with the reason logged. */
static int set(struct tree_obj *obj, int ret)
{
	return ret != -EBUSY ? ret :
			       machine_refuse(obj->tree->machine, ret,
					      "the gate is enabled: "
					      "write 0 to enabled first");
}

static uint64_t race_op_get(const struct tree_obj *obj, unsigned int arg)
{
	return (uint64_t)tree_gate_op(obj->gate);
}

static int race_op_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return set(obj, tree_gate_set_op(obj->gate, (int)value));
}

static const char *const race_at_names[] = { "request", "answer" };

static uint64_t race_at_get(const struct tree_obj *obj, unsigned int arg)
{
	return tree_gate_at_answer(obj->gate);
}

static int race_at_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return set(obj, tree_gate_set_at_answer(obj->gate, value));
}

static int race_text_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", tree_gate_text(obj->gate, row->arg));
	return 0;
}

static ssize_t race_text_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			       size_t len, struct tree_req *req)
{
	int ret = set(obj, tree_gate_set_text(obj->gate, row->arg, text, len));

	if (ret == -EINVAL)
		return tree_refuse_text(obj, row, text, ret);
	return ret ? ret : (ssize_t)len;
}

static uint64_t race_number_get(const struct tree_obj *obj, unsigned int arg)
{
	return tree_gate_number(obj->gate, arg);
}

static int race_number_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return set(obj, tree_gate_set_number(obj->gate, arg, value));
}

static ssize_t race_release_store(struct tree_obj *obj, const struct tree_row *row,
				  const char *text, size_t len, struct tree_req *req)
{
	uint64_t nr;
	int ret = tree_take_number(obj, row, text, &nr);

	if (!ret && tree_gate_release(obj->tree, obj->gate, nr))
		ret = machine_refuse(obj->tree->machine, -EAGAIN, "only %llu requests wait here",
				     (unsigned long long)tree_gate_number(obj->gate,
									  TREE_GATE_WAITING));
	return ret ? ret : (ssize_t)len;
}

static uint64_t race_enabled_get(const struct tree_obj *obj, unsigned int arg)
{
	return tree_gate_enabled(obj->gate);
}

static int race_enabled_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	tree_gate_enable(obj->tree, obj->gate, value);
	return 0;
}

#define RACE_TEXT_ROW(name, which, what)                                                           \
	{                                                                                          \
		.path = (name), .mode = S_IFREG | 0644, .show = race_text_show,                    \
		.store = race_text_store, .arg = (which), .takes = (what)                          \
	}
#define RACE_NUMBER_ROW(name, which)                                                               \
	TREE_SETTING_ROW(name, which, TREE_NUMBER, race_number_get, race_number_set)
#define RACE_COUNT_ROW(name, which) TREE_VALUE_ROW(name, which, TREE_NUMBER, race_number_get)

static const struct tree_row race_rows[] = {
	{ TREE_DIR_ROW("") },
	RACE_TEXT_ROW("actor", TREE_GATE_ACTOR, "actor (use a pid or a pattern of names)"),
	TREE_SETTING_ROW("op", 0, TREE_WORD, race_op_get, race_op_set, tree_op_names,
			 TREE_GATE_NR_OPS),
	RACE_TEXT_ROW("path", TREE_GATE_PATH, "pattern of paths (on one line)"),
	RACE_TEXT_ROW("value", TREE_GATE_VALUE, "pattern of texts (on one line)"),
	RACE_TEXT_ROW("until", TREE_GATE_UNTIL, "condition (use PATH TEXT, or PATH)"),
	RACE_NUMBER_ROW("parties", TREE_GATE_PARTIES),
	TREE_SETTING_ROW("at", 0, TREE_WORD, race_at_get, race_at_set, race_at_names,
			 BASE_ARRAY_SIZE(race_at_names)),
	RACE_NUMBER_ROW("after", TREE_GATE_AFTER),
	RACE_NUMBER_ROW("count", TREE_GATE_COUNT),
	RACE_COUNT_ROW("waiting", TREE_GATE_WAITING),
	RACE_COUNT_ROW("passed", TREE_GATE_PASSED),
	{ TREE_ATTR_WO(race, release), .fleeting = true, .takes = "number" },
	TREE_SETTING_ROW("enabled", 0, TREE_SWITCH, race_enabled_get, race_enabled_set),
};

/* ---- the class ------------------------------------------------------------------------------- */

static int race_make(struct tree_obj *obj)
{
	return tree_gate_new(obj->tree, obj->name, &obj->gate);
}

static int race_unmake(struct tree_obj *obj)
{
	/* Requests waiting at the gate continue. */
	tree_gate_free(obj->tree, obj->gate);
	return 0;
}

static void *race_next(const struct tree *tree, void *last)
{
	return tree_gate_next(tree, last);
}

const struct tree_class tree_race_class = {
	.name = "race",
	.collection = TREE_RACES,
	TREE_CLASS_DIR("machine/race", TREE_RACES),
	.table = TREE_TABLE(race_rows),
	.make = race_make,
	.unmake = race_unmake,
	.next = race_next,
};
