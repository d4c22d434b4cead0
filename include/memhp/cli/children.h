/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leaves no processes behind: descendants of this process that lose their parent become its
 * children, and are ended.
 */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <sys/types.h>

/** children_adopt() - become the parent of descendants that lose theirs. */
void children_adopt(void);
/**
 * children_list() - the current children
 * @ret_pids: to be freed by the caller
 *
 * Return: their number; when out of memory, some of them are missing.
 */
size_t children_list(pid_t **ret_pids);
/** children_forget() - drop a dead child from the list, as its number may be reused. */
void children_forget(pid_t pid, pid_t *pids, size_t nr);
/**
 * children_end() - end all children and their descendants, except @spare
 *
 * They get SIGTERM, and after a moment SIGKILL. Those that this process may not signal, since they
 * have changed their user, are left alone.
 */
void children_end(pid_t *spare, size_t nr_spare);

#endif
