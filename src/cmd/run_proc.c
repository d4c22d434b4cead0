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
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

/* About the real memory: hidden if the machine has nothing to show instead. */
static const char *const hidden[] = { "/proc/kcore",	    "/proc/kmsg",	"/proc/kpagecgroup",
				      "/proc/kpagecount",   "/proc/kpageflags", "/proc/mtrr",
				      "/proc/slabinfo",	    "/proc/swaps",	"/proc/vmallocinfo",
				      "/proc/sysrq-trigger" };

static bool has_file(const struct run *run, const char *path)
{
	char own[2 * PATH_MAX];

	snprintf(own, sizeof(own), "%s%s", run->root, path);
	return !access(own, F_OK);
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

static bool is_process(const char *name)
{
	return isdigit((unsigned char)*name);
}

static bool protect(char *path)
{
	struct stat st;

	if (lstat(path, &st) || S_ISLNK(st.st_mode) ||
	    !(S_ISDIR(st.st_mode) ? has_writable(path) : st.st_mode & 0222))
		return true;
	return run_bind(path, path) && run_read_only(path, 0);
}

static bool protect_all(void)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool good = true;
	DIR *d = opendir("/proc");

	while (good && d && (entry = readdir(d))) {
		if (*entry->d_name == '.' || is_process(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%s", entry->d_name);
		good = protect(path);
	}
	if (d)
		closedir(d);
	return good;
}

/*
 * Directories of which the machine has all that its kernel would have: what it lacks is of another
 * version or configuration, and is not seen.
 */
static const char *const complete[] = { "/proc/sys/vm" };

static bool is_complete(const char *dir)
{
	size_t i = 0;

	while (i < sizeof(complete) / sizeof(*complete) && strcmp(complete[i], dir))
		i++;
	return i < sizeof(complete) / sizeof(*complete);
}

/* Whether the machine has every file of a directory. */
static bool has_all(const struct run *run, const char *dir)
{
	char path[2 * PATH_MAX];
	struct dirent *entry;
	bool all = true;
	DIR *d = opendir(dir);

	while (all && d && (entry = readdir(d))) {
		all = snprintf(path, sizeof(path), "%s%s/%s", run->root, dir, entry->d_name) <
			      (int)sizeof(path) &&
		      !access(path, F_OK);
	}
	if (d)
		closedir(d);
	return all;
}

/* Files and directories that the real kernel lacks cannot be added; nothing has to be hidden. */
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
		good = entry->d_type == DT_DIR && !is_complete(path) && !has_all(run, path) ?
			       cover_below(run, path) :
			       run_cover(run, path);
	}
	if (d)
		closedir(d);
	return good;
}

bool run_make_proc(struct run *run)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++) {
		if (!has_file(run, hidden[i]) && !run_hide(run, hidden[i]))
			return false;
	}
	return protect_all() && cover_below(run, "/proc");
}
