/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "random_pick.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NR_NAMES 8
#define PATH_BYTES 4096

#define BLOCK_BYTES (128ull << 20)

static const char *const states[] = { "online", "offline", "online_movable", "online_kernel",
				      NULL };
static const char *const bools[] = { "0", "1", "y", "off", NULL };
static const char *const sizes[] = { "0",    "4096", "64K", "2M",  "64M",  "128M", "256M",
				     "512M", "1G",   "3G",  "16G", "auto", NULL };
static const char *const small[] = { "0", "1", "2", "3", "auto", "-1", NULL };
static const char *const rates[] = { "0", "100", "1000", "10000", NULL };
static const char *const kinds[] = { "anon",	 "mlock",   "pagecache",	  "shmem",
				     "kernel",	 "slab",    "pagetable",	  "pinned",
				     "thp",	 "balloon", "balloon_compaction", "hugetlb",
				     "gigantic", NULL };
static const char *const phases[] = { "going_online", "going_offline", "migrate", "plug", "eject",
				      "isolate",      "add",	       "remove",  NULL };
static const char *const errnos[] = { "EBUSY", "ENOMEM", "EINVAL", "EAGAIN", "EIO", NULL };
static const char *const counts[] = { "1",     "3",   "10", "every 3", "node 1", "zone Movable",
				      "32-40", "any", NULL };
static const char *const policies[] = { "contig-zones", "auto-movable", "bind", "prefer", NULL };
static const char *const actions[] = {
	"add", "change", "online", "remove", "change fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1", NULL
};
static const char *const devices[] = { "r0", "r1 r2", "r0 r3", "ACPI0004", "PNP0A06", NULL };

/* Words that a file of this name accepts. */
static const struct {
	const char *leaf;
	const char *const *words;
} plausible[] = {
	{ "state", states },
	{ "auto_online_blocks", states },
	{ "online", bools },
	{ "plugged", bools },
	{ "enabled", bools },
	{ "bound", bools },
	{ "size", sizes },
	{ "requested_size", sizes },
	{ "block_size", sizes },
	{ "backed", sizes },
	{ "node", small },
	{ "slot", small },
	{ "nr_hugepages", small },
	{ "migrate_pages_per_ms", rates },
	{ "kind", kinds },
	{ "phase", phases },
	{ "errno", errnos },
	{ "block", counts },
	{ "after", small },
	{ "count", small },
	{ "probability", counts },
	{ "policy", policies },
	{ "online_policy", policies },
	{ "uevent", actions },
	{ "dimms", devices },
	{ "hid", devices },
};

uint64_t pick_below(struct pick *pick, uint64_t limit)
{
	uint64_t z = pick->state += 0x9e3779b97f4a7c15; /* splitmix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (z ^ z >> 31) % limit;
}

bool pick_percent(struct pick *pick, unsigned int percent)
{
	return pick_below(pick, 100) < percent;
}

/* ---- paths ----------------------------------------------------------------------------------- */

static void paths_drop(struct pick *pick)
{
	while (pick->nr_paths)
		free(pick->paths[--pick->nr_paths]);
}

void pick_fini(struct pick *pick)
{
	paths_drop(pick);
	free(pick->paths);
}

static int path_add(struct pick *pick, const char *path)
{
	if (pick->nr_paths == pick->room) {
		size_t room = pick->room ? 2 * pick->room : 1024;
		char **paths = reallocarray(pick->paths, room, sizeof(*paths));

		if (!paths)
			return -ENOMEM;
		pick->paths = paths;
		pick->room = room;
	}
	pick->paths[pick->nr_paths] = strdup(path);
	return pick->paths[pick->nr_paths] ? (pick->nr_paths++, 0) : -ENOMEM;
}

/* A directory that was removed meanwhile is empty. */
static int walk_dir(struct pick *pick, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char below[PATH_BYTES];
	int ret = dir || errno == ENOENT || errno == EACCES ? 0 : -errno;

	while (!ret && dir && (entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		ret = path_add(pick, below);
		if (!ret && entry->d_type == DT_DIR)
			ret = walk_dir(pick, below);
	}
	if (dir)
		closedir(dir);
	return ret;
}

int pick_walk(struct pick *pick)
{
	paths_drop(pick);
	return walk_dir(pick, ".");
}

static const char *leaf_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *pick_path(struct pick *pick)
{
	return pick->nr_paths ? pick->paths[pick_below(pick, pick->nr_paths)] : ".";
}

const char *pick_path_of(struct pick *pick, const char *leaf)
{
	size_t from = pick->nr_paths ? pick_below(pick, pick->nr_paths) : 0;

	for (size_t i = 0; i < pick->nr_paths; i++) {
		const char *path = pick->paths[(from + i) % pick->nr_paths];

		if (!strcmp(leaf_of(path), leaf))
			return path;
	}
	return pick_path(pick);
}

void pick_object(struct pick *pick, char *path, size_t size)
{
	static const char *const dirs[] = { "dimm",  "virtio-mem", "dax", "workload",
					    "fault", "container",  "log" };
	const char *dir = dirs[pick_below(pick, sizeof(dirs) / sizeof(*dirs))];
	int len = snprintf(path, size, "machine/%s/r%d", dir, (int)pick_below(pick, NR_NAMES));
	size_t longer = 200 + pick_below(pick, 1000);

	if (pick_percent(pick, 95) || (size_t)len + longer >= size)
		return;
	memset(path + len, pick_percent(pick, 80) ? 'x' : '\xff', longer);
	path[(size_t)len + longer] = '\0';
}

/* ---- texts ----------------------------------------------------------------------------------- */

static const char *word_for(struct pick *pick, const char *path)
{
	size_t nr = sizeof(plausible) / sizeof(*plausible);
	const char *leaf = leaf_of(path);
	size_t i = 0, nr_words = 0;

	while (i < nr && strcmp(plausible[i].leaf, leaf))
		i++;
	if (i == nr || pick_percent(pick, 15))
		i = pick_below(pick, nr);
	while (plausible[i].words[nr_words])
		nr_words++;
	return plausible[i].words[pick_below(pick, nr_words)];
}

/* Numbers as written to probe, addr or corrupt-pfn, and edge cases. */
static size_t pick_number(struct pick *pick, char *text)
{
	uint64_t block = pick_below(pick, 80);

	switch (pick_below(pick, 4)) {
	case 0:
		return (size_t)sprintf(text, "%#llx", (unsigned long long)(block * BLOCK_BYTES));
	case 1:
		return (size_t)sprintf(text, "%llu", (unsigned long long)(block * 32768 + 77));
	case 2:
		return (size_t)sprintf(text, "%llu", 1ull << pick_below(pick, 64));
	default:
		return (size_t)sprintf(text, "%lld", (long long)pick_below(pick, 3) - 1);
	}
}

/* Never a slash: the daemon would run it as the path of a helper. */
static size_t pick_noise(struct pick *pick, char *text)
{
	size_t len = pick_percent(pick, 50) ? pick_below(pick, 40) :
					      pick_below(pick, PICK_TEXT_MAX);

	for (size_t i = 0; i < len; i++) {
		text[i] = (char)pick_below(pick, 256);
		if (text[i] == '/')
			text[i] = '\0';
	}
	return len;
}

size_t pick_text(struct pick *pick, const char *path, char *text)
{
	const char *word = word_for(pick, path);
	size_t len = strlen(word);

	memcpy(text, word, len);
	switch (pick_below(pick, 20)) {
	case 0:
		return pick_noise(pick, text);
	case 1:
	case 2:
		len = pick_number(pick, text);
		break;
	case 3: /* longer than a page, with or without a NUL */
		memset(text + len, pick_percent(pick, 50) ? 0 : ' ', 8192);
		return len + 1 + pick_below(pick, 8192);
	case 4:
		return len ? pick_below(pick, len) : 0;
	default:
		break;
	}
	if (pick_percent(pick, 70))
		text[len++] = '\n';
	return len;
}
