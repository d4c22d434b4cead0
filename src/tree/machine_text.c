// SPDX-License-Identifier: GPL-2.0-or-later
/* The types of the settings of machine/: how each is shown, and what it accepts. */
#include <errno.h>
#include <string.h>

#include "machine_tree.h"

/*
 * struct type_ops - a type of settings
 * @takes: for machine/log, when a text is refused
 * @parse: 0 or -errno
 * @print: without the newline
 * @most: the maximum of an optional value
 */
struct type_ops {
	const char *takes;
	int (*parse)(const struct type_ops *type, const char *text, uint64_t *ret_value);
	void (*print)(struct base_buf *buf, uint64_t value);
	uint64_t most;
};

static int parse_switch(const struct type_ops *type, const char *text, uint64_t *ret_value)
{
	bool on;
	int ret = base_kstrtobool(text, &on);

	if (!ret)
		*ret_value = on;
	return ret;
}

static int parse_number(const struct type_ops *type, const char *text, uint64_t *ret_value)
{
	return base_kstrtoull(text, 0, ret_value);
}

static int parse_held_size(const struct type_ops *type, const char *text, uint64_t *ret_value)
{
	return base_parse_size(text, ret_value);
}

static int parse_size(const struct type_ops *type, const char *text, uint64_t *ret_value)
{
	int ret = base_parse_size(text, ret_value);

	/* One number is reserved for "auto". */
	return !ret && *ret_value == MACHINE_DIMM_AUTO ? -ERANGE : ret;
}

static int parse_size_or_auto(const struct type_ops *type, const char *text, uint64_t *ret_value)
{
	if (!base_sysfs_streq(text, "auto"))
		return parse_size(type, text, ret_value);
	*ret_value = MACHINE_DIMM_AUTO;
	return 0;
}

static int parse_optional(const struct type_ops *type, const char *text, uint64_t *ret_value)
{
	int64_t value;
	int ret = base_kstrtoll(text, 0, &value);

	if (ret)
		return ret;
	if (value < -1 || (value >= 0 && (uint64_t)value > type->most))
		return -EINVAL;
	*ret_value = (uint64_t)value;
	return 0;
}

static int parse_delay(const struct type_ops *type, const char *text, uint64_t *ret_value)
{
	if (!base_sysfs_streq(text, "hang"))
		return base_kstrtoull(text, 0, ret_value);
	*ret_value = MACHINE_FAULT_HANG;
	return 0;
}

/* A decimal number with up to six places, in millionths. */
static int parse_rate(const struct type_ops *type, const char *text, uint64_t *ret_value)
{
	size_t len = strcspn(text, "\n"), whole = strspn(text, "0123456789"), places = 0;
	uint64_t value = 0, unit = BASE_CLOCK_PPM;

	if (base_sysfs_streq(text, "skip")) {
		*ret_value = TREE_RATE_SKIP;
		return 0;
	}
	if (text[whole] == '.')
		places = strspn(text + whole + 1, "0123456789");
	if (!whole || places > 6 || whole + (text[whole] == '.') + places != len ||
	    (text[whole] == '.' && !places) || (text[len] && text[len + 1]))
		return -EINVAL;
	for (size_t i = 0; i < whole; i++) {
		value = value * 10 + (uint64_t)(text[i] - '0') * BASE_CLOCK_PPM;
		if (value > BASE_CLOCK_PPM_MAX)
			return -ERANGE;
	}
	for (size_t i = 1; i <= places; i++)
		value += (uint64_t)(text[whole + i] - '0') * (unit /= 10);
	if (value > BASE_CLOCK_PPM_MAX)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

static void print_number(struct base_buf *buf, uint64_t value)
{
	base_buf_printf(buf, "%llu", (unsigned long long)value);
}

static void print_or_auto(struct base_buf *buf, uint64_t value)
{
	if (value == MACHINE_DIMM_AUTO)
		base_buf_puts(buf, "auto");
	else
		print_number(buf, value);
}

static void print_address(struct base_buf *buf, uint64_t value)
{
	if (value == MACHINE_DIMM_AUTO)
		base_buf_puts(buf, "auto");
	else
		base_buf_printf(buf, "0x%llx", (unsigned long long)value);
}

static void print_optional(struct base_buf *buf, uint64_t value)
{
	base_buf_printf(buf, "%lld", (long long)value);
}

static void print_delay(struct base_buf *buf, uint64_t value)
{
	if (value == MACHINE_FAULT_HANG)
		base_buf_puts(buf, "hang");
	else
		print_number(buf, value);
}

static void print_rate(struct base_buf *buf, uint64_t value)
{
	uint64_t places = value % BASE_CLOCK_PPM;
	int width = 6;

	print_number(buf, value / BASE_CLOCK_PPM);
	if (!places)
		return;
	for (; !(places % 10); places /= 10)
		width--;
	base_buf_printf(buf, ".%0*llu", width, (unsigned long long)places);
}

/* A word is looked up in the setting's list: see take_word(). */
static const struct type_ops types[] = {
	[TREE_SWITCH] = { "switch (use 0 or 1)", parse_switch, print_number },
	[TREE_NUMBER] = { "number", parse_number, print_number },
	[TREE_SIZE] = { "size (use 4G or 512M)", parse_size, print_or_auto },
	[TREE_SIZE_OR_AUTO] = { "size (use 4G, 512M or auto)", parse_size_or_auto, print_or_auto },
	[TREE_DEVICE_BLOCK_SIZE] = { "size (use 2M or 4M)", parse_size, print_or_auto },
	[TREE_HELD_SIZE] = { "size (use 4G or 512M)", parse_held_size, print_number },
	[TREE_NODE] = { "node (use a number)", parse_size, print_or_auto },
	[TREE_ADDRESS] = { "address (use 4G, 0x100000000 or auto)", parse_size_or_auto,
			   print_address },
	[TREE_SLOT] = { "slot (use a number or auto)", parse_size_or_auto, print_or_auto },
	[TREE_OPTIONAL_BLOCK] = { "block (use a number, or -1 for none)", parse_optional,
				  print_optional, UINT32_MAX },
	[TREE_OPTIONAL_NODE] = { "node (use a number, or -1 for none)", parse_optional,
				 print_optional, BASE_MASK_BITS - 1 },
	[TREE_PRIORITY] = { "priority (use 0 to 32767, or -1 for the kernel's choice)",
			    parse_optional, print_optional, MACHINE_SWAP_PRIO_MAX },
	[TREE_DELAY] = { "number of ms (use 250 or hang)", parse_delay, print_delay },
	[TREE_RATE] = { "rate (use 1, 0.1, 0 to stop, at most 1000, or skip)", parse_rate,
			print_rate },
};

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

int tree_take_number(struct tree_obj *obj, const struct tree_row *row, const char *text,
		     uint64_t *ret_value)
{
	int ret = base_kstrtoull(text, 0, ret_value);

	return ret ? tree_refuse_text(obj, row, text, ret) : 0;
}

int tree_take_switch(struct tree_obj *obj, const char *text, bool *ret_on)
{
	int ret = base_kstrtobool(text, ret_on);

	return ret ? refuse(obj, text, types[TREE_SWITCH].takes, ret) : 0;
}

static int take_word(struct tree_obj *obj, const struct tree_setting *setting, const char *text,
		     uint64_t *ret_value)
{
	int word = base_sysfs_match(setting->words, setting->nr_words, text);
	struct base_buf takes;

	if (word >= 0) {
		*ret_value = (uint64_t)word;
		return 0;
	}
	base_buf_init(&takes);
	base_buf_puts(&takes, "word (use ");
	for (size_t i = 0; i < setting->nr_words; i++)
		base_buf_printf(&takes, "%s%s", i ? ", " : "", setting->words[i]);
	base_buf_puts(&takes, ")");
	refuse(obj, text, base_buf_text(&takes), word);
	base_buf_fini(&takes);
	return word;
}

int tree_setting_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct tree_setting *setting = row->setting;
	uint64_t value = setting->get(obj, row->arg);

	if (setting->type == TREE_WORD)
		base_buf_puts(buf, setting->words[value]);
	else
		types[setting->type].print(buf, value);
	base_buf_puts(buf, "\n");
	return 0;
}

static int take(struct tree_obj *obj, const struct tree_setting *setting, const char *text,
		uint64_t *ret_value)
{
	const struct type_ops *type = &types[setting->type];
	int ret;

	if (setting->type == TREE_WORD)
		return take_word(obj, setting, text, ret_value);
	ret = type->parse(type, text, ret_value);
	return ret ? refuse(obj, text, type->takes, ret) : 0;
}

ssize_t tree_setting_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			   size_t len, struct tree_req *req)
{
	uint64_t value;
	int ret = take(obj, row->setting, text, &value);

	if (!ret)
		ret = row->setting->set(obj, row->arg, value);
	return ret ? ret : (ssize_t)len;
}
