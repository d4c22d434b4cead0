// SPDX-License-Identifier: GPL-2.0-or-later
/* Accounting of bounded resources per user. A user's entry exists as long as it holds any. */
#include <stdlib.h>

#include "tree_private.h"

static const size_t most[TREE_NR_SHARES] = {
	[TREE_SHARE_FILES] = TREE_FILES_MAX,
	[TREE_SHARE_TEXT_BYTES] = TREE_TEXT_BYTES_MAX,
	[TREE_SHARE_REQS] = TREE_REQS_MAX,
	[TREE_SHARE_HELD] = TREE_HELD_MAX,
	[TREE_SHARE_READERS + TREE_STREAM_UEVENTS] = TREE_STREAM_FILES_MAX,
	[TREE_SHARE_READERS + TREE_STREAM_TRACE] = TREE_STREAM_FILES_MAX,
	[TREE_SHARE_READERS + TREE_STREAM_KMSG] = TREE_STREAM_FILES_MAX,
};

static int user_cmp(const struct tree_user *a, const struct tree_user *b)
{
	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

RB_PROTOTYPE(tree_users, tree_user, link, user_cmp)
RB_GENERATE(tree_users, tree_user, link, user_cmp)

static struct tree_user *user_find(struct tree *tree, uid_t uid)
{
	struct tree_user key = { .uid = uid };

	return RB_FIND(tree_users, &tree->shares.users, &key);
}

static struct tree_user *user_new(struct tree *tree, uid_t uid)
{
	struct tree_user *user = calloc(1, sizeof(*user));

	if (!user)
		return NULL;
	user->uid = uid;
	RB_INSERT(tree_users, &tree->shares.users, user);
	return user;
}

static bool is_fair(const struct tree *tree, uid_t uid, enum tree_share what, size_t has, size_t nr)
{
	size_t taken = tree->shares.taken[what], all = most[what];
	bool is_owner = !uid || uid == tree->uid;

	if (!is_owner)
		all -= all / 4;
	return taken <= all && nr <= all - taken && (is_owner || has < all - taken);
}

bool tree_take(struct tree *tree, uid_t uid, enum tree_share what, size_t nr)
{
	struct tree_user *user = user_find(tree, uid);

	if (!nr)
		return true;
	if (!is_fair(tree, uid, what, user ? user->has[what] : 0, nr))
		return false;
	if (!user)
		user = user_new(tree, uid);
	if (!user)
		return false;
	user->has[what] += nr;
	tree->shares.taken[what] += nr;
	return true;
}

void tree_give(struct tree *tree, uid_t uid, enum tree_share what, size_t nr)
{
	struct tree_user *user = nr ? user_find(tree, uid) : NULL;

	if (!user)
		return;
	user->has[what] -= nr;
	tree->shares.taken[what] -= nr;
	for (int i = 0; i < TREE_NR_SHARES; i++) {
		if (user->has[i])
			return;
	}
	RB_REMOVE(tree_users, &tree->shares.users, user);
	free(user);
}

void tree_shares_init(struct tree *tree)
{
	RB_INIT(&tree->shares.users);
}

void tree_shares_fini(struct tree *tree)
{
	struct tree_user *user, *next;

	RB_FOREACH_SAFE(user, tree_users, &tree->shares.users, next) {
		RB_REMOVE(tree_users, &tree->shares.users, user);
		free(user);
	}
}
