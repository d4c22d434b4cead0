// SPDX-License-Identifier: GPL-2.0-or-later
/* proc/kpageflags, kpagecount and kpagecgroup: a 64-bit number for each page (fs/proc/page.c). */
#include <errno.h>
#include <stdlib.h>

#include "tree_private.h"

static int values_read(struct tree_obj *obj, const struct tree_row *row, off_t off, size_t len,
		       struct base_buf *buf)
{
	const struct hp *hp = obj->tree->hp;
	uint64_t pfn = (uint64_t)off / sizeof(uint64_t), nr = len / sizeof(uint64_t), *values;
	uint64_t end = hp_max_pfn(hp);

	if (off % (off_t)sizeof(uint64_t) || len % sizeof(uint64_t))
		return -EINVAL;
	if (pfn >= end || !nr)
		return 0;
	nr = BASE_MIN(nr, end - pfn);
	values = calloc(nr, sizeof(*values));
	if (!values)
		return -ENOMEM;
	hp_page_values(hp, row->arg, pfn, nr, values);
	base_buf_add(buf, values, nr * sizeof(*values));
	free(values);
	return 0;
}

#define PAGE_ROW(name, which)                                                                      \
	.path = "proc/" name, .mode = S_IFREG | 0400, .read_at = values_read, .arg = (which)

static const struct tree_row page_rows[] = {
	{ PAGE_ROW("kpagecount", HP_PAGE_COUNT) },
	{ PAGE_ROW("kpageflags", HP_PAGE_FLAGS) },
	{ PAGE_ROW("kpagecgroup", HP_PAGE_CGROUP), .needs = MACHINE_MEMCG },
};

const struct tree_table tree_proc_page_table = TREE_TABLE(page_rows);
