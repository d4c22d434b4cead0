/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What clients can make the server keep is bounded, with the kernel's own error for each limit, so
 * that no client exhausts the memory that others need; and it is divided among users, so that none
 * takes all of it (share.c).
 */
#ifndef TREE_SHARE_H
#define TREE_SHARE_H

#include <bsd/sys/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tree;

enum tree_stream_id {
	TREE_STREAM_UEVENTS,
	TREE_STREAM_TRACE,
	TREE_STREAM_KMSG,
	TREE_NR_STREAMS,
};

/*
 * TREE_SHARE_FILES: open files and directories: ENFILE, as from a kernel that has reached file-max
 * TREE_SHARE_TEXT_BYTES: of texts that open files keep for a reader's next piece: ENOMEM, as when
 *			  seq_file finds no room
 * TREE_SHARE_REQS: reads and writes that wait: ENOMEM, as when kernfs finds no room for a write
 * TREE_SHARE_HELD: of those, the ones at race gates: also ENOMEM
 * TREE_SHARE_READERS: of one stream; each costs time for every event: ENFILE
 */
enum tree_share {
	TREE_SHARE_FILES,
	TREE_SHARE_TEXT_BYTES,
	TREE_SHARE_REQS,
	TREE_SHARE_HELD,
	TREE_SHARE_READERS,
	TREE_NR_SHARES = TREE_SHARE_READERS + TREE_NR_STREAMS,
};

#define TREE_FILES_MAX 65536
#define TREE_TEXT_BYTES_MAX (64u << 20)
#define TREE_REQS_MAX 65536
#define TREE_HELD_MAX 1024
#define TREE_STREAM_FILES_MAX 1024

/* struct tree_user - a user that holds some */
struct tree_user {
	uid_t uid;
	size_t has[TREE_NR_SHARES];
	RB_ENTRY(tree_user) link;
};
RB_HEAD(tree_users, tree_user);

/* struct tree_shares - @taken: the total of all users */
struct tree_shares {
	struct tree_users users;
	size_t taken[TREE_NR_SHARES];
};

/*
 * tree_take() - let @uid have @nr more of @what
 *
 * The owner of the mount and root may take everything. All others together leave them a quarter,
 * and each of the others may only have as much as it leaves to everyone: the first one half, the
 * next one half of the rest.
 *
 * Return: false when the limit would be exceeded, or there is no memory.
 */
bool tree_take(struct tree *tree, uid_t uid, enum tree_share what, size_t nr);
/* tree_give() - return what tree_take() took */
void tree_give(struct tree *tree, uid_t uid, enum tree_share what, size_t nr);
void tree_shares_init(struct tree *tree);
void tree_shares_fini(struct tree *tree);

#endif
