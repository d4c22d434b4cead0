// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a real machine showed, from a machine file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/mm.h"
#include "spec_private.h"

#define AT(i, name) MACHINE_YAML_ENTRY("recorded", i, name)

/* Numbers "first-last", or one; @last is below @first when it is neither. */
static bool spec_parse_blocks(const char *text, struct machine_recorded *recorded)
{
	const char *dash = strchr(text, '-');
	char first[24];
	bool good;

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(text, "-"), text);
	good = !base_kstrtoull(first, 10, &recorded->first);
	recorded->last = recorded->first;
	good = good && (!dash || !base_kstrtoull(dash + 1, 10, &recorded->last)) &&
	       recorded->last >= recorded->first;
	if (!good) {
		recorded->first = 1;
		recorded->last = 0;
	}
	return good;
}

static bool is_zone(const char *word, size_t len)
{
	for (int type = 0; type < MM_NR_ZONES; type++) {
		if (strlen(mm_zone_name(type)) == len && !strncmp(word, mm_zone_name(type), len))
			return true;
	}
	return len == strlen("none") && !strncmp(word, "none", len);
}

/* Names of zones, a blank between them, in which the text ends in some kernels. */
static bool are_zones(const char *text)
{
	size_t len;

	do {
		len = strcspn(text, " ");
		if (!is_zone(text, len))
			return false;
		text += len + (text[len] == ' ');
	} while (*text);
	return true;
}

static int take_copy(const char *text, char **ret_copy)
{
	*ret_copy = text ? strdup(text) : NULL;
	return text && !*ret_copy ? -ENOMEM : 0;
}

static int take_shown(struct machine_yaml *yaml, size_t i, struct machine_recorded *recorded)
{
	const struct machine_yaml_recorded *text = &machine_yaml_text(yaml)->recorded[i];
	int ret;

	recorded->online = !text->state || strcmp(text->state, "offline") != 0;
	if (text->state && recorded->online && strcmp(text->state, "online") != 0)
		machine_yaml_error(yaml, AT(i, "state"), "\"%s\" is not known (online, offline)",
				   text->state);
	if (text->zones && !are_zones(text->zones))
		machine_yaml_error(yaml, AT(i, "zones"),
				   "\"%s\" is nothing that a kernel shows there (none, or names of "
				   "zones, as Normal Movable)",
				   text->zones);
	if (text->removable && strcmp(text->removable, "0") && strcmp(text->removable, "1"))
		machine_yaml_error(yaml, AT(i, "removable"),
				   "\"%s\" is nothing that a kernel shows there (0, 1)",
				   text->removable);
	ret = take_copy(text->zones, &recorded->zones);
	return ret ? ret : take_copy(text->removable, &recorded->removable);
}

int machine_spec_take_recorded(struct machine_spec *spec, struct machine_yaml *yaml)
{
	const struct machine_yaml_text *text = machine_yaml_text(yaml);
	int r = 0;

	spec->recorded = calloc(text->nr_recorded + 1, sizeof(*spec->recorded));
	if (!spec->recorded)
		return -ENOMEM;
	spec->nr_recorded = text->nr_recorded;
	for (size_t i = 0; !r && i < spec->nr_recorded; i++) {
		const struct machine_yaml_recorded *entry = &text->recorded[i];
		struct machine_recorded *recorded = &spec->recorded[i];

		if (!spec_parse_blocks(entry->blocks, recorded))
			machine_yaml_error(yaml, AT(i, "blocks"),
					   "\"%s\" is no range of blocks (as in 32-39)",
					   entry->blocks);
		else if (i && recorded->first <= recorded[-1].last)
			machine_yaml_error(yaml, AT(i, "blocks"),
					   "%s is not above recorded[%zu] (in ascending order)",
					   entry->blocks, i - 1);
		r = take_shown(yaml, i, recorded);
	}
	return r;
}
