// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/fault/NAME: steps that fail, see machine's fault.c. */
#include <errno.h>
#include <string.h>

#include "machine_tree.h"

/* Words without the newline at their end. */
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

static int fault_phase_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", hp_fault_names[machine_fault_phase(obj->fault)]);
	return 0;
}

static ssize_t fault_phase_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	int phase = tree_take_word(obj, hp_fault_names, HP_NR_FAULTS, text);
	int ret = phase < 0 ? phase : machine_fault_set_phase(obj->fault, phase);

	return ret ? ret : (ssize_t)len;
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

static int fault_field_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n", (unsigned long long)machine_fault_get(obj->fault, row->arg));
	return 0;
}

static ssize_t fault_field_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	uint64_t value;
	int ret = tree_take_number(obj, row, text, &value);

	if (!ret)
		ret = machine_fault_set(obj->fault, row->arg, value);
	return ret ? ret : (ssize_t)len;
}

static int fault_enabled_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_fault_enabled(obj->fault));
	return 0;
}

static ssize_t fault_enabled_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	bool enable;
	int ret = tree_take_switch(obj, text, &enable);

	if (!ret)
		ret = machine_fault_enable(obj->fault, enable);
	return ret ? ret : (ssize_t)len;
}

static int fault_delay_ms_show(struct tree_obj *obj, const struct tree_row *row,
			       struct base_buf *buf)
{
	uint64_t ms = machine_fault_get(obj->fault, MACHINE_FAULT_DELAY_MS);

	if (ms == MACHINE_FAULT_HANG)
		base_buf_puts(buf, "hang\n");
	else
		base_buf_printf(buf, "%llu\n", (unsigned long long)ms);
	return 0;
}

static ssize_t fault_delay_ms_store(struct tree_obj *obj, const struct tree_row *row,
				    const char *text, size_t len, struct tree_req *req)
{
	uint64_t ms = MACHINE_FAULT_HANG;
	int ret = base_sysfs_streq(text, "hang") ? 0 : tree_take_number(obj, row, text, &ms);

	if (!ret)
		ret = machine_fault_set(obj->fault, MACHINE_FAULT_DELAY_MS, ms);
	return ret ? ret : (ssize_t)len;
}

#define FAULT_FIELD_ROW(name, field)                                                               \
	{                                                                                          \
		.path = (name), .mode = S_IFREG | 0644, .show = fault_field_show,                  \
		.store = fault_field_store, .arg = (field), .takes = "number"                      \
	}
#define FAULT_COUNT_ROW(name, field)                                                               \
	{                                                                                          \
		.path = (name), .mode = S_IFREG | 0444, .show = fault_field_show, .arg = (field)   \
	}

static const struct tree_row fault_rows[] = {
	{ TREE_DIR_ROW("") },
	{ TREE_ATTR_RW(fault, phase) },
	{ TREE_ATTR_RW(fault, block), .takes = "block (use any, 32, 32-39, every 3, node 1 or zone "
					       "Movable)" },
	{ .path = "errno",
	  .mode = S_IFREG | 0644,
	  .show = fault_errno_show,
	  .store = fault_errno_store,
	  .takes = "errno (use EBUSY, 16 or none)" },
	FAULT_FIELD_ROW("after", MACHINE_FAULT_AFTER),
	FAULT_FIELD_ROW("count", MACHINE_FAULT_COUNT),
	FAULT_FIELD_ROW("probability", MACHINE_FAULT_PROBABILITY),
	FAULT_FIELD_ROW("seed", MACHINE_FAULT_SEED),
	{ TREE_ATTR_RW(fault, delay_ms), .takes = "number of ms (use 250 or hang)" },
	FAULT_COUNT_ROW("hits", MACHINE_FAULT_HITS),
	FAULT_COUNT_ROW("failures", MACHINE_FAULT_FAILURES),
	{ TREE_ATTR_RW(fault, enabled) },
};

const struct tree_table tree_fault_table = TREE_TABLE(fault_rows);
