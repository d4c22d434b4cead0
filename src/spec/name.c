// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Machine files by their names. They are looked for next to the code itself before the place for
 * which it was configured, so that a build directory and an installation that was moved work.
 */
#include "memhp/spec/name.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memhp/base/util.h"

#define NAME_SUFFIX ".yaml"
#define BLANKS " \t\n"

/* relative to the directory of a program or of the library */
static const char *const name_near[] = { "machines", "../share/memhpfs/machines",
					 "../../share/memhpfs/machines" };

/* Gets the file that has this code: the shared library, or the program. */
static bool name_own_file(char path[PATH_MAX])
{
	Dl_info info;

	if (dladdr(name_near, &info) && info.dli_fname && strstr(info.dli_fname, ".so"))
		return realpath(info.dli_fname, path);
	return realpath("/proc/self/exe", path);
}

/* Returns the directory with the machine files, to be freed; NULL if there is none. */
static char *name_dir(void)
{
	const char *own = getenv("MEMHP_MACHINES");
	char path[PATH_MAX], *dir;

	if (own && *own)
		return strdup(own);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(name_near) && name_own_file(path); i++) {
		*strrchr(path, '/') = '\0';
		if (asprintf(&dir, "%s/%s", path, name_near[i]) < 0)
			return NULL;
		if (!access(dir, X_OK))
			return dir;
		free(dir);
	}
	return strdup(MEMHP_MACHINES_DIR);
}

static bool name_is_word(const char *what)
{
	return *what && !strpbrk(what, "./");
}

static char *name_file(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s" NAME_SUFFIX, dir, name) < 0 ? NULL : path;
}

static int name_is_machine(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), suffix = strlen(NAME_SUFFIX);

	return len > suffix && !strcmp(entry->d_name + len - suffix, NAME_SUFFIX);
}

/* Adds the names, or lines for which @add is called with the path as well. */
static void name_each(struct base_buf *buf,
		      void (*add)(struct base_buf *buf, const char *dir, const char *name))
{
	struct dirent **entries;
	char *dir = name_dir();
	int nr = dir ? scandir(dir, &entries, name_is_machine, alphasort) : -1;

	for (int i = 0; i < nr; i++) {
		entries[i]->d_name[strlen(entries[i]->d_name) - strlen(NAME_SUFFIX)] = '\0';
		add(buf, dir, entries[i]->d_name);
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
	free(dir);
}

static void name_add(struct base_buf *buf, const char *dir, const char *name)
{
	base_buf_printf(buf, "%s%s", buf->len ? ", " : "", name);
}

/* Adds the words of a line of a comment; returns whether one of them ends the sentence. */
static bool name_add_words(struct base_buf *buf, char *line)
{
	char *save, *word = strtok_r(line, BLANKS, &save);
	size_t len;

	for (; word; word = strtok_r(NULL, BLANKS, &save)) {
		len = strcspn(word, ".");
		base_buf_add(buf, word, word[len] && !word[len + 1] ? len : strlen(word));
		if (word[len] && !word[len + 1])
			return true;
		base_buf_puts(buf, " ");
	}
	return false;
}

/* Adds the first sentence of the comment that begins a file. */
static void name_add_sentence(struct base_buf *buf, FILE *file)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, file) > 0 && *line == '#') {
		if (name_add_words(buf, line + 1))
			break;
	}
	free(line);
}

static void name_add_line(struct base_buf *buf, const char *dir, const char *name)
{
	char *path = name_file(dir, name);
	FILE *file = path ? fopen(path, "re") : NULL;

	base_buf_printf(buf, "%s\t", name);
	if (file) {
		name_add_sentence(buf, file);
		fclose(file);
	}
	base_buf_puts(buf, "\n");
	free(path);
}

void machine_name_list(struct base_buf *buf)
{
	name_each(buf, name_add_line);
}

static int name_refuse(const char *what, FILE *err)
{
	struct base_buf names;

	base_buf_init(&names);
	name_each(&names, name_add);
	fprintf(err, "%s: neither a file nor the name of a machine (%s)\n", what,
		names.len ? base_buf_text(&names) : "MEMHP_MACHINES may name their directory");
	base_buf_fini(&names);
	return -ENOENT;
}

int machine_name_find(const char *what, FILE *err, char **ret_path)
{
	bool is_word = name_is_word(what);
	char *dir = is_word ? name_dir() : NULL;
	char *path = dir ? name_file(dir, what) : NULL;

	free(dir);
	if (path && access(path, F_OK)) {
		free(path);
		path = NULL;
	}
	if (!path && is_word && access(what, F_OK))
		return name_refuse(what, err);
	*ret_path = path ? path : strdup(what);
	return *ret_path ? 0 : -ENOMEM;
}
