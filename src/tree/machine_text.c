// SPDX-License-Identifier: GPL-2.0-or-later
/* How the files of machine/ show numbers, and what they take. */
#include <errno.h>

#include "tree_private.h"

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

int tree_parse_number(const char *text, bool may_be_auto, uint64_t *ret_value)
{
	int ret;

	if (may_be_auto && base_sysfs_streq(text, "auto")) {
		*ret_value = MACHINE_DIMM_AUTO;
		return 0;
	}
	ret = base_parse_size(text, ret_value);
	return !ret && *ret_value == MACHINE_DIMM_AUTO ? -ERANGE : ret;
}
