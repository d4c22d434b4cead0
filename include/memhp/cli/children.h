/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing is left behind: what a program has started loses its parent sooner or later, becomes
 * ours, and is ended.
 */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <sys/types.h>

/** children_adopt() - become the parent of whatever loses its own below this process */
void children_adopt(void);
/**
 * children_list() - those that there are now
 * @ret_pids: to be freed
 *
 * Return: how many; fewer when out of memory.
 */
size_t children_list(pid_t **ret_pids);
/** children_forget() - one of the list is dead, and its number means somebody else soon. */
void children_forget(pid_t pid, pid_t *pids, size_t nr);
/**
 * children_end() - end all children, and theirs, but not @spare
 *
 * With SIGTERM, and after a moment with SIGKILL. Those that we may not signal, since they are
 * somebody else's by now, are left alone.
 */
void children_end(pid_t *spare, size_t nr_spare);

#endif
