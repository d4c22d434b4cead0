// SPDX-License-Identifier: GPL-2.0-or-later
/* Consistency of the directories of blocks and nodes, and of the files of a block. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "views_private.h"

#define MEMORY "sys/devices/system/memory"
#define NODE "sys/devices/system/node"
#define BUS "sys/bus/memory/devices"

/* Calls @fn with the number of each "PREFIX number" in a directory; returns their count. */
static unsigned int each_number(struct views *v, const char *dir, const char *prefix,
				void (*fn)(struct views *v, uint64_t number, uint64_t arg),
				uint64_t arg)
{
	size_t len = strlen(prefix);
	unsigned int nr = 0;
	struct base_buf names;

	base_buf_init(&names);
	base_buf_puts(&names, v->names(v->ctx, dir));
	for (const char *at = base_buf_text(&names); *at; at += strcspn(at, " ") + 1) {
		uint64_t number;
		int skip;

		if (strncmp(at, prefix, len) ||
		    sscanf(at + len, "%" SCNu64 "%n", &number, &skip) != 1 || at[len + skip] != ' ')
			continue;
		nr++;
		if (fn)
			fn(v, number, arg);
	}
	base_buf_fini(&names);
	return nr;
}

static bool has_name(struct views *v, const char *dir, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = v->names(v->ctx, dir); *at; at += strcspn(at, " ") + 1) {
		if (!strncmp(at, name, len) && at[len] == ' ')
			return true;
	}
	return false;
}

/* ---- a block --------------------------------------------------------------------------------- */

/* Number of words in a text of zone names; 0: it contains anything else. */
static unsigned int zone_words(const char *text)
{
	unsigned int nr = 0;

	for (; *text && *text != '\n'; text += strcspn(text, " \n"), nr++) {
		int type = 0;

		text += *text == ' ';
		while (type < MM_NR_ZONES &&
		       strncmp(text, mm_zone_name(type), strlen(mm_zone_name(type))) != 0)
			type++;
		if (type == MM_NR_ZONES)
			return 0;
	}
	return nr;
}

static const char *block_file(struct views *v, uint64_t id, const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), MEMORY "/memory%llu/%s", ull(id), name);
	return v->read(v->ctx, path);
}

static void check_block_zones(struct views *v, uint64_t id, bool online)
{
	const char *zones = block_file(v, id, "valid_zones");

	if (zone_words(zones) < 1 && strcmp(zones, "none\n") != 0)
		views_wrong(v, "memory%llu: valid_zones %s", ull(id), zones);
	if (online && zone_words(zones) > 1)
		views_wrong(v, "memory%llu: online in %s", ull(id), zones);
}

static void check_block(struct views *v, uint64_t id, uint64_t arg)
{
	bool online = !strcmp(block_file(v, id, "state"), "online\n");
	const char *text;
	char number[24];

	if (!hp_block_find(v->hp, id)) {
		views_wrong(v, "memory%llu: no such block", ull(id));
		return;
	}
	if (views_has(v, MACHINE_MEMORY_HOTREMOVE))
		check_block_zones(v, id, online);
	text = block_file(v, id, "online");
	/* A reader that has to wait gets nothing. */
	if (*text && !strcmp(text, "1\n") != online &&
	    (online || !strcmp(block_file(v, id, "state"), "offline\n")))
		views_wrong(v, "memory%llu: online is %s", ull(id), text);
	snprintf(number, sizeof(number), "%08llx\n", ull(id));
	if (strcmp(block_file(v, id, "phys_index"), number) != 0)
		views_wrong(v, "memory%llu: phys_index %s", ull(id),
			    block_file(v, id, "phys_index"));
	snprintf(number, sizeof(number), "memory%llu", ull(id));
	if (!has_name(v, BUS, number))
		views_wrong(v, "memory%llu is not on the bus", ull(id));
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static void check_node_block(struct views *v, uint64_t id, uint64_t nid)
{
	char path[96], name[24];

	snprintf(path, sizeof(path), MEMORY "/memory%llu", ull(id));
	snprintf(name, sizeof(name), "node%llu", ull(nid));
	if (!has_name(v, path, name))
		views_wrong(v, "node%llu has memory%llu, which has no such node", ull(nid),
			    ull(id));
	v->nr_links++;
}

static void check_node(struct views *v, uint64_t nid, uint64_t arg)
{
	char path[96];

	if (!base_mask_test(hp_nodes_online(v->hp), (unsigned int)nid))
		views_wrong(v, "node%llu is not online", ull(nid));
	snprintf(path, sizeof(path), NODE "/node%llu", ull(nid));
	each_number(v, path, "memory", check_node_block, nid);
}

static void count_links(struct views *v, uint64_t id, uint64_t arg)
{
	char path[96];

	snprintf(path, sizeof(path), MEMORY "/memory%llu", ull(id));
	v->nr_links -= each_number(v, path, "node", NULL, 0);
}

const char *views_check_devices(struct views *v)
{
	unsigned int nr = 0, nr_listed;

	base_buf_reset(&v->wrong);
	for (struct hp_block *b = hp_block_next(v->hp, 0); b;
	     b = hp_block_next(v->hp, hp_block_id(b) + 1))
		nr++;
	nr_listed = each_number(v, MEMORY, "memory", check_block, 0);
	if (nr_listed != nr || each_number(v, BUS, "memory", NULL, 0) != nr)
		views_wrong(v, "%u blocks, %u are listed, %u on the bus", nr, nr_listed,
			    each_number(v, BUS, "memory", NULL, 0));
	if (!views_has(v, MACHINE_NUMA))
		return v->wrong.len ? base_buf_text(&v->wrong) : NULL;
	nr_listed = each_number(v, NODE, "node", check_node, 0);
	if (nr_listed != base_mask_weight(hp_nodes_online(v->hp)))
		views_wrong(v, "%u nodes are listed", nr_listed);
	/* Each link of a node to a block has a reverse link. */
	each_number(v, MEMORY, "memory", count_links, 0);
	if (v->nr_links)
		views_wrong(v, "%d links of nodes to blocks have none back", v->nr_links);
	return v->wrong.len ? base_buf_text(&v->wrong) : NULL;
}
