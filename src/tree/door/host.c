// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stage: trouble of the host is not an answer of the emulated kernel. An allocation that fails
 * leaves ENOMEM in errno; the emulated kernel's ENOMEM, which means emulated memory, does not touch
 * it. So errno tells the two apart, here and nowhere else. An error while an allocation has failed
 * is EIO, whatever the emulated kernel would have made of it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "door/door.h"

bool tree_host_failed(struct tree *tree)
{
	char line[96];

	if (errno != ENOMEM)
		return false;
	errno = 0;
	snprintf(line, sizeof(line),
		 "memhpfs: out of memory on the host (%" PRIu64 " times since the start)",
		 ++tree->nr_host_failures);
	tree_journal_log(tree, line);
	return true;
}

int tree_host_result(struct tree *tree, int result)
{
	return tree_host_failed(tree) && result < 0 ? -EIO : result;
}

void tree_host_enter(struct tree_req *req)
{
	errno = 0;
	req->next(req);
}

ssize_t tree_host_leave(struct tree_req *req, ssize_t result)
{
	if (!tree_host_failed(req->tree) || result >= 0)
		return result;
	return machine_refuse(req->tree->machine, -EIO, "the host has no memory");
}
