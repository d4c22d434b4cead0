// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/devices/system/node/nodeN/reclaim, since Linux 6.17: user space asks for memory of a node to
 * be reclaimed (mm/vmscan.c:reclaim_store(), user_proactive_reclaim()).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tree_private.h"

#define BLANKS " \t\n\v\f\r"
#define MAX_SWAPPINESS 200

/* What is reclaimed: only page cache with a swappiness of 0, only other pages with "max". */
struct choice {
	bool cache;
	bool swap;
};

/* An option: "swappiness=N" or "swappiness=max". */
static bool option_is_good(const char *word, struct choice *choice)
{
	static const char key[] = "swappiness=";
	uint32_t value;

	if (strncmp(word, key, strlen(key)))
		return false;
	word += strlen(key);
	choice->cache = strcmp(word, "max") != 0;
	choice->swap = true;
	if (!choice->cache)
		return true;
	if (base_kstrtouint(word, 0, &value) || value > MAX_SWAPPINESS)
		return false;
	choice->swap = value > 0;
	return true;
}

static bool options_are_good(char *text, struct choice *choice)
{
	char *word;

	*choice = (struct choice){ true, true };
	while ((word = strsep(&text, " "))) {
		if (*word && !option_is_good(word, choice))
			return false;
	}
	return true;
}

/* QUIRK: a text that cannot be understood is answered like memory that cannot be reclaimed. */
ssize_t tree_node_reclaim_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				size_t len, struct tree_req *req)
{
	struct mm *mm = obj->tree->mm;
	char *copy = strdup(text + strspn(text, BLANKS));
	const char *end = copy;
	struct choice choice;
	uint64_t pages;
	bool good;

	if (!copy)
		return -ENOMEM;
	for (size_t n = strlen(copy); n && strchr(BLANKS, copy[n - 1]); n--)
		copy[n - 1] = '\0';
	pages = base_memparse(copy, &end) >> mm_config(mm)->page_shift;
	good = end != copy && options_are_good(copy + (end - copy) + strspn(end, BLANKS), &choice);
	free(copy);
	good = good && mm_reclaim_node(mm, (int)obj->id, pages, choice.cache, choice.swap) >= pages;
	return good ? (ssize_t)len : -EAGAIN;
}
