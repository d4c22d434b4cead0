// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc: files of the machine cover the real ones. What is the real kernel's can be read, unless it
 * is about its memory, but not written: the owner of these files is uid 0 of the real system, who
 * may write to them from any user namespace.
 */
#include <ctype.h>
#include <dirent.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

/* About the real memory: hidden if the machine has nothing to show instead. */
static const char *const hidden[] = { "kcore",	     "kmsg",	     "kpagecgroup", "kpagecount",
				      "kpageflags",  "mtrr",	     "slabinfo",    "swaps",
				      "vmallocinfo", "sysrq-trigger" };

/* Directories with files that can be written; others are searched for such files. */
static const char *const writable[] = { "bus", "irq", "pressure", "sys" };

/*
 * Directories of which the machine has all that its kernel would have: what it lacks is of another
 * version or configuration, and is not seen.
 */
static const char *const complete[] = { "/proc/sys/vm" };

#define LISTS(list, name) lists(list, sizeof(list) / sizeof(*(list)), name)

static bool lists(const char *const *list, size_t nr, const char *name)
{
	size_t i = 0;

	while (i < nr && strcmp(list[i], name))
		i++;
	return i < nr;
}

/* Whether a file in @dir can be written. */
static bool has_writable(char *dir)
{
	char *const dirs[] = { dir, NULL };
	bool found = false;
	FTSENT *entry;
	FTS *fts = fts_open(dirs, FTS_PHYSICAL | FTS_NOCHDIR, NULL);

	while (fts && !found && (entry = fts_read(fts)))
		found = entry->fts_info == FTS_F && entry->fts_statp->st_mode & 0222;
	if (fts)
		fts_close(fts);
	return found;
}

static bool protect(char *path, const char *name)
{
	struct stat st;

	if (lstat(path, &st) || S_ISLNK(st.st_mode) ||
	    !(S_ISDIR(st.st_mode) ? LISTS(writable, name) || has_writable(path) :
				    st.st_mode & 0222))
		return true;
	return run_bind(path, path) && run_read_only(path, 0);
}

static bool cover(struct run *run, const char *path)
{
	char from[3 * PATH_MAX];

	snprintf(from, sizeof(from), "%s%s", run->root, path);
	return run_bind(from, path);
}

/*
 * Covers what @dir has in the machine and in the real kernel. To add something, all of the
 * directory would have to be composed.
 */
static bool cover_below(struct run *run, const char *dir)
{
	char path[2 * PATH_MAX];
	struct dirent *entry;
	bool good = true;
	DIR *d;

	snprintf(path, sizeof(path), "%s%s", run->root, dir);
	d = opendir(path);
	while (good && d && (entry = readdir(d))) {
		if (snprintf(path, PATH_MAX, "%s/%s", dir, entry->d_name) >= PATH_MAX)
			continue;
		if (*entry->d_name == '.' || access(path, F_OK))
			continue;
		good = entry->d_type == DT_DIR && !LISTS(complete, path) ? cover_below(run, path) :
									   cover(run, path);
	}
	if (d)
		closedir(d);
	return good;
}

/* The names of the machine's files, each followed by a zero; NULL: out of memory. */
static char *machine_names(const struct run *run, size_t *ret_len)
{
	char path[PATH_MAX + 8], *names = NULL;
	struct dirent *entry;
	FILE *file = open_memstream(&names, ret_len);
	DIR *d;

	snprintf(path, sizeof(path), "%s/proc", run->root);
	d = opendir(path);
	while (file && d && (entry = readdir(d))) {
		if (entry->d_type != DT_DIR)
			fwrite(entry->d_name, 1, strlen(entry->d_name) + 1, file);
	}
	if (d)
		closedir(d);
	if (file && fclose(file))
		return NULL;
	return names;
}

static bool is_named(const char *names, size_t len, const char *name)
{
	const char *at = names;

	while (at < names + len && strcmp(at, name))
		at += strlen(at) + 1;
	return at < names + len;
}

/* What the machine has is covered, and the rest hidden or protected. */
static bool treat(struct run *run, const char *names, size_t len, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%s", name);
	if (is_named(names, len, name))
		return cover(run, path);
	return LISTS(hidden, name) ? run_hide(run, path) : protect(path, name);
}

bool run_make_proc(struct run *run)
{
	size_t len = 0;
	char *names = machine_names(run, &len);
	bool good = names;
	struct dirent *entry;
	DIR *d = opendir("/proc");

	while (good && d && (entry = readdir(d))) {
		/* names that begin with a digit are processes */
		if (*entry->d_name != '.' && !isdigit((unsigned char)*entry->d_name))
			good = treat(run, names, len, entry->d_name);
	}
	if (d)
		closedir(d);
	free(names);
	return good && cover_below(run, "/proc/sys");
}
