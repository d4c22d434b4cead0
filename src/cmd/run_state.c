// SPDX-License-Identifier: GPL-2.0-or-later
/* The state of a machine: what a program has to bring about, without counters and times. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/cli/json_text.h"
#include "run.h"
#include "run_trial.h"

json_t *run_state(const struct run *run)
{
	char path[PATH_MAX + 32], *line = NULL, *text;
	json_t *state = json_object();
	size_t size = 0;
	ssize_t len;
	FILE *file;

	snprintf(path, sizeof(path), "%s/machine/state", run->root);
	file = fopen(path, "re");
	while (file && (len = getline(&line, &size, file)) > 0) {
		text = strchr(line, ' ');
		if (!text)
			continue;
		*text++ = '\0';
		json_object_set_new(state, line, json_text(text, (size_t)(line + len - text) - 1));
	}
	free(line);
	if (file)
		fclose(file);
	return state;
}
