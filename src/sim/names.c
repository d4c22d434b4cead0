// SPDX-License-Identifier: GPL-2.0-or-later
/* The names in a directory, in the order of case files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/sim.h"

bool sim_names_add(struct sim_names *names, const char *name)
{
	if (!strcmp(name, ".") || !strcmp(name, "..") ||
	    strncmp(name, names->prefix, strlen(names->prefix)))
		return true;
	if (names->nr == names->room) {
		size_t room = names->room ? 2 * names->room : 64;
		char **grown = realloc(names->name, room * sizeof(*grown));

		if (!grown)
			goto out_failed;
		names->name = grown;
		names->room = room;
	}
	names->name[names->nr] = strdup(name);
	if (!names->name[names->nr])
		goto out_failed;
	names->nr++;
	return true;

out_failed:
	names->failed = true;
	return false;
}

static int compare(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

int sim_names_sort(struct sim_names *names)
{
	if (names->nr)
		qsort(names->name, names->nr, sizeof(*names->name), compare);
	return names->failed ? -ENOMEM : 0;
}

void sim_names_fini(struct sim_names *names)
{
	for (size_t i = 0; i < names->nr; i++)
		free(names->name[i]);
	free(names->name);
}

int sim_names_end(struct sim_names *names, int ret, struct base_buf *buf)
{
	if (!ret)
		ret = sim_names_sort(names);
	for (size_t i = 0; !ret && i < names->nr; i++)
		base_buf_printf(buf, "%s%s", i ? " " : "", names->name[i]);
	sim_names_fini(names);
	return ret;
}
