// SPDX-License-Identifier: GPL-2.0-or-later
/* Machines by name: the machine files that are installed with memhpfs. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record_private.h"

#define SUFFIX ".yaml"

/* Where they are; a build that is not installed names its own folder. */
static const char *machines(void)
{
	const char *dir = getenv("MEMHP_MACHINES");

	return dir && *dir ? dir : RECORD_MACHINES;
}

static int is_machine(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return *entry->d_name != '.' && len > strlen(SUFFIX) &&
	       !strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX);
}

static void print_names(FILE *err)
{
	struct dirent **entries;
	int nr = scandir(machines(), &entries, is_machine, alphasort);

	for (int i = 0; i < nr; i++) {
		const char *name = entries[i]->d_name;

		fprintf(err, "%s%.*s", i ? ", " : "", (int)(strlen(name) - strlen(SUFFIX)), name);
		free(entries[i]);
	}
	if (nr <= 0)
		fprintf(err, "there are none in %s", machines());
	if (nr >= 0)
		free(entries);
}

int record_find(const char *what, FILE *err, struct base_buf *path)
{
	base_buf_reset(path);
	if (strchr(what, '/') || !access(what, F_OK)) {
		base_buf_puts(path, what);
	} else {
		base_buf_printf(path, "%s/%s" SUFFIX, machines(), what);
		if (!path->failed && access(base_buf_text(path), F_OK)) {
			fprintf(err, "%s: neither a file nor the name of a machine (", what);
			print_names(err);
			fputs(")\n", err);
			return -ENOENT;
		}
	}
	if (path->failed)
		fprintf(err, "%s: out of memory\n", what);
	return path->failed ? -ENOMEM : 0;
}
