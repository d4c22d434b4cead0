// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine/map: the use of memory, a line per memory block. Each page of an online block is in one
 * column; pages without memory (holes) are in none.
 */
#include "machine_tree.h"

#define ID_WIDTH "6"
#define WIDE_ID 1000000 /* the first one that is wider */
#define LINE_BYTES 84	/* with the newline */

enum {
	MAP_FREE,
	MAP_MOVABLE,
	MAP_UNMOVABLE,
	MAP_PINNED,
	MAP_HUGE,
	MAP_NR_COLUMNS,
	MAP_NONE = MAP_NR_COLUMNS,
};

static int kind_column(enum mm_kind kind)
{
	static const int special[MM_NR_KINDS] = {
		[MM_KIND_HOLE] = MAP_NONE,	    [MM_KIND_POISON_HOLE] = MAP_NONE,
		[MM_KIND_PINNED] = MAP_PINNED,	    [MM_KIND_HUGETLB] = MAP_HUGE,
		[MM_KIND_HUGETLB_FREE] = MAP_HUGE,  [MM_KIND_GIGANTIC] = MAP_HUGE,
		[MM_KIND_GIGANTIC_FREE] = MAP_HUGE,
	};

	if (special[kind])
		return special[kind];
	return mm_kind_info(kind)->migrates ? MAP_MOVABLE : MAP_UNMOVABLE;
}

/* As in valid_zones; a block that is going offline is in one zone only. */
static const char *zone_word(const struct hp *hp, const struct hp_block *block,
			     const struct mm_usage *usage)
{
	enum mm_zone_type zones[3];
	int type = 0;

	if (hp_block_state(block) == HP_STATE_OFFLINE)
		return "offline";
	if (hp_block_state(block) == HP_STATE_ONLINE) {
		if (hp_block_valid_zones(hp, block, zones) != 1)
			return "none";
		return mm_zone_name(zones[0]);
	}
	while (type < MM_NR_ZONES && !(usage->zones & 1u << type))
		type++;
	return type < MM_NR_ZONES ? mm_zone_name(type) : "none";
}

const char *tree_block_zone(const struct hp *hp, const struct hp_block *block)
{
	enum hp_state state = hp_block_state(block);
	struct mm_usage usage = { .zones = 0 };

	if (state != HP_STATE_OFFLINE && state != HP_STATE_ONLINE)
		mm_range_usage(hp_mm(hp), hp_block_start_pfn(hp, block), hp_block_pages(hp),
			       &usage);
	return zone_word(hp, block, &usage);
}

static void block_line(const struct hp *hp, const struct hp_block *block, struct base_buf *buf)
{
	uint64_t columns[MAP_NONE + 1] = { 0 };
	struct mm_usage usage;

	mm_range_usage(hp_mm(hp), hp_block_start_pfn(hp, block), hp_block_pages(hp), &usage);
	columns[MAP_FREE] = usage.free;
	for (int kind = 0; kind < MM_NR_KINDS; kind++)
		columns[kind_column(kind)] += usage.kind[kind];
	base_buf_printf(buf, "%" ID_WIDTH "llu %4d %-7s %-13s",
			(unsigned long long)hp_block_id(block), hp_block_nid(block),
			zone_word(hp, block, &usage), hp_state_names[hp_block_state(block)]);
	for (int i = 0; i < MAP_NR_COLUMNS; i++)
		base_buf_printf(buf, " %9llu", (unsigned long long)columns[i]);
	base_buf_puts(buf, "\n");
}

/*
 * The length of up to half a million lines, without generating them: all columns are wide enough
 * for any value, except the numbers of blocks at very high addresses.
 */
size_t tree_map_size(struct tree_obj *obj, const struct tree_row *row)
{
	const struct hp *hp = obj->tree->hp;
	size_t size = (obj->tree->nr_objs[TREE_BLOCKS] + 1) * LINE_BYTES;
	const struct hp_block *block;
	uint64_t id;

	for (block = hp_block_next(hp, WIDE_ID); block; block = hp_block_next(hp, id + 1)) {
		id = hp_block_id(block);
		for (uint64_t wide = id; wide >= WIDE_ID; wide /= 10)
			size++;
	}
	return size;
}

int tree_map_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct hp *hp = obj->tree->hp;
	const struct hp_block *block;

	base_buf_printf(buf, "%" ID_WIDTH "s %4s %-7s %-13s %9s %9s %9s %9s %9s\n", "block", "node",
			"zone", "state", "free", "movable", "unmovable", "pinned", "huge");
	for (block = hp_block_next(hp, 0); block; block = hp_block_next(hp, hp_block_id(block) + 1))
		block_line(hp, block, buf);
	return 0;
}
