// SPDX-License-Identifier: GPL-2.0-or-later
/* Refused writes, mkdirs and rmdirs below machine/: each is a line in machine/log. */
#include <errno.h>
#include <string.h>

#include "tree_private.h"

/*
 * What an input brings about comes again with it. What was refused before it was an input, or is
 * none (the counts of race gates), is an input of its own: the line.
 */
static void note(struct tree *tree, const struct base_buf *line)
{
	uint64_t id;

	if (!tree_journal_begin(tree, TREE_INPUT_REFUSED, 0, base_buf_text(line), line->len, &id))
		(void)tree_journal_end(tree, id, 0);
}

void tree_refused(struct tree *tree, const struct tree_obj *obj, const struct tree_slot *slot,
		  const char *name, int err, uint64_t journal_id)
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
		machine_log(tree->machine, base_buf_text(&line));
		if (!journal_id)
			note(tree, &line);
	}
	base_buf_fini(&path);
	base_buf_fini(&line);
}
