// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys for the recorded state of a real machine's blocks. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/mm.h"
#include "spec_private.h"

/* The numbers "first-last", or one number; on failure, @last is set below @first. */
static int blocks_read(const struct spec_value *v, const char *text)
{
	struct machine_recorded *recorded = v->p;
	const char *dash = strchr(text, '-');
	char first[24];

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(text, "-"), text);
	if (!base_kstrtoull(first, 10, &recorded->first) &&
	    !base_kstrtoull(dash ? dash + 1 : first, 10, &recorded->last) &&
	    recorded->first <= recorded->last)
		return 0;
	recorded->first = 1;
	recorded->last = 0;
	return -EINVAL;
}

static void blocks_write(const struct spec_value *v, struct base_buf *buf)
{
	const struct machine_recorded *recorded = v->p;

	base_buf_printf(buf, "\"%" PRIu64, recorded->first);
	if (recorded->last != recorded->first)
		base_buf_printf(buf, "-%" PRIu64, recorded->last);
	base_buf_puts(buf, "\"");
}

static const struct spec_type blocks_type = { SPEC_SCALAR, blocks_read, blocks_write };

static bool is_zone(const char *word, size_t len)
{
	for (int type = 0; type < MM_NR_ZONES; type++) {
		if (strlen(mm_zone_name(type)) == len && !strncmp(word, mm_zone_name(type), len))
			return true;
	}
	return len == strlen("none") && !strncmp(word, "none", len);
}

/* Names of zones, separated by blanks; some kernels also print a trailing blank. */
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

static bool is_digit(const char *text)
{
	return !strcmp(text, "0") || !strcmp(text, "1");
}

static const char *const states[] = { [false] = "offline", [true] = "online" };

#define AT(member)                                                                                 \
	offsetof(struct machine_recorded, member), sizeof(((struct machine_recorded *)0)->member)

const struct spec_key spec_recorded_keys[] = {
	{ "blocks", &blocks_type, 0, .required = true, .what = "range of blocks",
	  .allowed = "as in 32-39", .help = "numbers of the blocks" },
	{ "state", &spec_word, AT(online), .words = states, .nr_words = BASE_ARRAY_SIZE(states),
	  .otherwise = "online", .what = "state", .help = "state of the blocks" },
	{ "zones", &spec_text, AT(zones), .valid = are_zones, .what = "content of valid_zones",
	  .allowed = "none, or names of zones, as Normal Movable",
	  .help = "what valid_zones shows until the block changes" },
	{ "removable", &spec_text, AT(removable), .valid = is_digit, .what = "content of removable",
	  .allowed = "0, 1", .help = "what removable shows until the block changes" },
	{ 0 },
};

void spec_recorded_check(struct spec_reader *reader, const struct spec_node *node, void *x)
{
	const struct machine_recorded *recorded = x;

	/* An invalid range, which has first 1, has been reported. */
	if (node->index && recorded->first <= recorded->last &&
	    recorded->first <= recorded[-1].last)
		spec_say_key(&reader->doc, node, "blocks",
			     "\"%s\" is not above recorded[%zu] (in ascending order)",
			     spec_node_get(node, "blocks")->text, node->index - 1);
}
