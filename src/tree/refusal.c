// SPDX-License-Identifier: GPL-2.0-or-later
/* Refused writes, mkdirs and rmdirs below machine/: each is a line in machine/log. */
#include <errno.h>
#include <string.h>

#include "tree_private.h"

void tree_refused(struct tree *tree, const struct tree_obj *obj, const struct tree_slot *slot,
		  const char *name, int err, bool is_input)
{
	static const char top[] = "machine/";
	struct base_buf path, line;
	const char *below;

	if (slot->fs != TREE_MACHINE || err == -EINTR)
		return;
	base_buf_init(&path);
	base_buf_init(&line);
	tree_put_path(obj, slot, &path);
	if (name)
		base_buf_printf(&path, "/%s", name);
	below = base_buf_text(&path);
	if (!strncmp(below, top, strlen(top))) {
		machine_refusal(tree->machine, below + strlen(top), err, &line);
		/* What an input brings about comes again with it; what is none, does not. */
		if (is_input)
			machine_log(tree->machine, base_buf_text(&line));
		else
			tree_journal_log(tree, base_buf_text(&line));
	}
	base_buf_fini(&path);
	base_buf_fini(&line);
}
