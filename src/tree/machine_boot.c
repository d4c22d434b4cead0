// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/reboot, machine/kexec and machine/cmdline: booting the machine again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine_tree.h"

#define CMDLINE_MAX 2048 /* COMMAND_LINE_SIZE */

static ssize_t boot_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			  size_t len, struct tree_req *req)
{
	struct tree *tree = obj->tree;
	bool on;
	int ret = tree_take_switch(obj, text, &on);

	if (ret)
		return ret;
	if (!on)
		return machine_refuse(tree->machine, -EINVAL,
				      "a machine that runs cannot be told not to boot: write 1");
	ret = tree_reboot(tree, (enum machine_boot_kind)row->arg);
	return ret ? ret : (ssize_t)len;
}

static int cmdline_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", machine_next_cmdline(obj->tree->machine));
	return 0;
}

static bool is_one_line(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	}
	return true;
}

static ssize_t cmdline_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			     size_t len, struct tree_req *req)
{
	size_t used = len && text[len - 1] == '\n' ? len - 1 : len;
	char *line;
	int ret;

	if (used >= CMDLINE_MAX || !is_one_line(text, used))
		return machine_refuse(obj->tree->machine, -EINVAL,
				      "it is one line of up to %d printable characters",
				      CMDLINE_MAX - 1);
	line = strndup(text, used);
	if (!line)
		return -ENOMEM;
	ret = machine_set_next_cmdline(obj->tree->machine, line);
	free(line);
	return ret ? ret : (ssize_t)len;
}

static const struct tree_row boot_rows[] = {
	{ .path = "machine/cmdline",
	  .mode = S_IFREG | 0644,
	  .show = cmdline_show,
	  .store = cmdline_store,
	  .takes = "kernel command line" },
	{ .path = "machine/kexec",
	  .mode = S_IFREG | 0200,
	  .store = boot_store,
	  .takes = "1",
	  .arg = MACHINE_KEXEC },
	{ .path = "machine/reboot",
	  .mode = S_IFREG | 0200,
	  .store = boot_store,
	  .takes = "1",
	  .arg = MACHINE_RESET },
};

const struct tree_table tree_boot_table = TREE_TABLE(boot_rows);
