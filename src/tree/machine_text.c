// SPDX-License-Identifier: GPL-2.0-or-later
/* How the files of machine/ show numbers, and what they take. */
#include <errno.h>

#include "machine_tree.h"

int tree_show_number(struct base_buf *buf, uint64_t value, const char *format)
{
	if (value == MACHINE_DIMM_AUTO)
		base_buf_puts(buf, "auto\n");
	else if (*format == 'x')
		base_buf_printf(buf, "0x%llx\n", (unsigned long long)value);
	else
		base_buf_printf(buf, "%llu\n", (unsigned long long)value);
	return 0;
}

static int refuse(struct tree_obj *obj, const char *text, const char *takes, int err)
{
	return machine_refuse(obj->tree->machine, err,
			      err == -ERANGE ? "'%s' is out of range: not a valid %s" :
					       "'%s' is not a valid %s",
			      base_quote(text).s, takes);
}

int tree_refuse_text(struct tree_obj *obj, const struct tree_row *row, const char *text, int err)
{
	return refuse(obj, text, row->takes, err);
}

int tree_take_size(struct tree_obj *obj, const struct tree_row *row, const char *text,
		   uint64_t *ret_value)
{
	int ret = base_parse_size(text, ret_value);

	/* one number stands for "auto" */
	if (!ret && *ret_value == MACHINE_DIMM_AUTO)
		ret = -ERANGE;
	return ret ? tree_refuse_text(obj, row, text, ret) : 0;
}

int tree_take_size_or_auto(struct tree_obj *obj, const struct tree_row *row, const char *text,
			   uint64_t *ret_value)
{
	if (!base_sysfs_streq(text, "auto"))
		return tree_take_size(obj, row, text, ret_value);
	*ret_value = MACHINE_DIMM_AUTO;
	return 0;
}

int tree_take_number(struct tree_obj *obj, const struct tree_row *row, const char *text,
		     uint64_t *ret_value)
{
	int ret = base_kstrtoull(text, 0, ret_value);

	return ret ? tree_refuse_text(obj, row, text, ret) : 0;
}

int tree_take_switch(struct tree_obj *obj, const char *text, bool *ret_on)
{
	int ret = base_kstrtobool(text, ret_on);

	return ret ? refuse(obj, text, "switch (use 0 or 1)", ret) : 0;
}

int tree_take_word(struct tree_obj *obj, const char *const *words, size_t nr_words,
		   const char *text)
{
	int word = base_sysfs_match(words, nr_words, text);
	struct base_buf takes;

	if (word >= 0)
		return word;
	base_buf_init(&takes);
	base_buf_puts(&takes, "word (use ");
	for (size_t i = 0; i < nr_words; i++)
		base_buf_printf(&takes, "%s%s", i ? ", " : "", words[i]);
	base_buf_puts(&takes, ")");
	refuse(obj, text, base_buf_text(&takes), word);
	base_buf_fini(&takes);
	return word;
}

int tree_take_optional(struct tree_obj *obj, const struct tree_row *row, const char *text,
		       uint64_t most, int64_t *ret_value)
{
	int ret = base_kstrtoll(text, 0, ret_value);

	if (!ret && (*ret_value < -1 || (*ret_value >= 0 && (uint64_t)*ret_value > most)))
		ret = -EINVAL;
	return ret ? tree_refuse_text(obj, row, text, ret) : 0;
}
