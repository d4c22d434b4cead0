// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/fault/NAME: steps that fail, see machine's fault.c. */
#include <errno.h>
#include <string.h>

#include "machine_tree.h"

/* Words without the trailing newline. */
static int word(struct tree_obj *obj, const struct tree_row *row, const char *text, size_t len,
		char *to, size_t size)
{
	if (len && text[len - 1] == '\n')
		len--;
	if (len >= size || strlen(text) < len)
		return tree_refuse_text(obj, row, text, -EINVAL);
	memcpy(to, text, len);
	to[len] = '\0';
	return 0;
}

static uint64_t fault_phase_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_fault_phase(obj->fault);
}

static int fault_phase_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_fault_set_phase(obj->fault, value);
}

static int fault_block_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	machine_fault_print_block(obj->fault, buf);
	base_buf_puts(buf, "\n");
	return 0;
}

static ssize_t fault_block_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	char words[64];
	int ret = word(obj, row, text, len, words, sizeof(words));

	if (!ret)
		ret = machine_fault_set_block(obj->fault, words);
	return ret ? ret : (ssize_t)len;
}

static int fault_errno_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	machine_fault_print_errno(obj->fault, buf);
	base_buf_puts(buf, "\n");
	return 0;
}

static ssize_t fault_errno_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	char name[64];
	int ret = word(obj, row, text, len, name, sizeof(name));

	if (!ret)
		ret = machine_fault_set_errno(obj->fault, name);
	return ret ? ret : (ssize_t)len;
}

static uint64_t fault_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_fault_get(obj->fault, arg);
}

static int fault_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_fault_set(obj->fault, arg, value);
}

static uint64_t fault_enabled_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_fault_enabled(obj->fault);
}

static int fault_enabled_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_fault_enable(obj->fault, value);
}

#define FAULT_ROW(name, field, type) TREE_SETTING_ROW(name, field, type, fault_get, fault_set)

static const struct tree_row fault_rows[] = {
	{ TREE_DIR_ROW("") },
	TREE_SETTING_ROW("phase", 0, TREE_WORD, fault_phase_get, fault_phase_set, hp_fault_names,
			 HP_NR_FAULTS),
	{ TREE_ATTR_RW(fault, block), .takes = "block (use any, 32, 32-39, every 3, node 1 or zone "
					       "Movable)" },
	{ .path = "errno",
	  .mode = S_IFREG | 0644,
	  .show = fault_errno_show,
	  .store = fault_errno_store,
	  .takes = "errno (use EBUSY, 16 or none)" },
	FAULT_ROW("after", MACHINE_FAULT_AFTER, TREE_NUMBER),
	FAULT_ROW("count", MACHINE_FAULT_COUNT, TREE_NUMBER),
	FAULT_ROW("probability", MACHINE_FAULT_PROBABILITY, TREE_NUMBER),
	FAULT_ROW("seed", MACHINE_FAULT_SEED, TREE_NUMBER),
	FAULT_ROW("delay_ms", MACHINE_FAULT_DELAY_MS, TREE_DELAY),
	TREE_VALUE_ROW("hits", MACHINE_FAULT_HITS, TREE_NUMBER, fault_get),
	TREE_VALUE_ROW("failures", MACHINE_FAULT_FAILURES, TREE_NUMBER, fault_get),
	TREE_SETTING_ROW("enabled", 0, TREE_SWITCH, fault_enabled_get, fault_enabled_set),
};

/* ---- the class ------------------------------------------------------------------------------- */

static int fault_make(struct tree_obj *obj)
{
	return machine_fault_new(obj->tree->machine, obj->name, &obj->fault);
}

static int fault_unmake(struct tree_obj *obj)
{
	/* Steps delayed by the plan continue. */
	machine_fault_free(obj->tree->machine, obj->fault);
	return 0;
}

static void *fault_next(const struct tree *tree, void *last)
{
	return machine_fault_next(tree->machine, last);
}

const struct tree_class tree_fault_class = {
	.name = "fault",
	.collection = TREE_FAULTS,
	TREE_CLASS_DIR("machine/fault", TREE_FAULTS),
	.table = TREE_TABLE(fault_rows),
	.make = fault_make,
	.unmake = fault_unmake,
	.next = fault_next,
};
