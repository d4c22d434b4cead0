// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/swaps, in the kernel's layout (mm/swapfile.c:swap_show()). */
#include <string.h>

#include "tree_private.h"

#define PATH_WIDTH 40
#define NARROW_KB 10000000 /* smaller numbers are followed by one more tab */

/* As seq_file_path() does, escapes what would look like the end of the column. */
static void put_path(const char *path, struct base_buf *buf)
{
	size_t start = buf->len;

	for (; *path; path++)
		base_buf_printf(buf, strchr(" \t\n\\", *path) ? "\\%03o" : "%c",
				(unsigned char)*path);
	base_buf_printf(
		buf, "%*s",
		(int)(start + PATH_WIDTH > buf->len + 1 ? start + PATH_WIDTH - buf->len : 1), " ");
}

static void area_show(const struct tree *tree, int area, struct base_buf *buf)
{
	unsigned int kb_shift = mm_config(tree->mm)->page_shift - 10;
	const struct machine_swap *swap = machine_swap_at(tree->machine, area);
	struct mm_swap_info info;
	unsigned long long size, used;
	bool is_file;

	if (!swap || !mm_swap_info(tree->mm, area, &info))
		return;
	is_file = machine_swap_get(tree->machine, swap, MACHINE_SWAP_TYPE) == MACHINE_SWAP_FILE;
	size = info.pages << kb_shift;
	used = info.used << kb_shift;
	put_path(machine_swap_path(swap), buf);
	base_buf_printf(buf, "%s\t%llu\t%s%llu\t%s%d\n", is_file ? "file\t" : "partition", size,
			size < NARROW_KB ? "\t" : "", used, used < NARROW_KB ? "\t" : "",
			info.prio);
}

int tree_swaps_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	for (int area = 0; area < MM_MAX_SWAP_AREAS; area++)
		area_show(obj->tree, area, buf);
	return 0;
}
