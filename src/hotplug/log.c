// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's log. */
#include <stdarg.h>
#include <stdio.h>

#include "hp_private.h"

void hp_log(struct hp *hp, const char *fmt, ...)
{
	char text[512], line[512];
	size_t len = 0;
	va_list ap;

	if (!hp->observer)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* User-chosen names may contain any bytes; a message must remain one line. */
	for (const char *c = text; *c; c++) {
		bool prints = (unsigned char)*c >= ' ' && *c != 127;

		if (len + (prints ? 1 : 4) >= sizeof(line))
			break;
		if (prints)
			line[len++] = *c;
		else
			len += (size_t)snprintf(line + len, 5, "\\%03o", (unsigned char)*c);
	}
	line[len] = '\0';
	hp->observer->log(hp->observer_ctx, line);
}

/* The nodes with memory, nearest first; ties are in order, nodes above @nid before those below. */
static void log_fallback_order(struct hp *hp, int nid)
{
	const struct base_mask *nodes = mm_nodes_with_memory(hp->mm);
	struct base_buf line;
	unsigned int n;

	base_buf_init(&line);
	base_buf_printf(&line, "Fallback order for Node %d: ", nid);
	if (base_mask_test(nodes, nid))
		base_buf_printf(&line, "%d ", nid);
	for (int below = 0; below < 2; below++) {
		BASE_MASK_FOREACH(n, nodes) {
			if ((int)n != nid && ((int)n < nid) == below)
				base_buf_printf(&line, "%u ", n);
		}
	}
	if (!line.failed)
		hp_log(hp, "%s", base_buf_text(&line));
	base_buf_fini(&line);
}

/* What build_all_zonelists() prints. */
static void log_zonelists(struct hp *hp, uint64_t total)
{
	enum mm_zone_type policy = MM_ZONE_DMA;
	unsigned int lists = 0;

	for (int nid = mm_node_next(hp->mm, 0); nid >= 0; nid = mm_node_next(hp->mm, nid + 1)) {
		if (!hp->config.no_numa)
			log_fallback_order(hp, nid);
		lists++;
		for (int type = 0; type < MM_NR_ZONES; type++) {
			struct mm_zone_info zone;

			mm_zone_info(hp->mm, nid, type, &zone);
			if (zone.present && type <= MM_ZONE_NORMAL && type > (int)policy)
				policy = type;
		}
	}
	hp_log(hp, "Built %u zonelists, mobility grouping %s.  Total pages: %llu", lists,
	       mm_groups_by_mobility(hp->mm) ? "on" : "off", (unsigned long long)total);
	if (!hp->config.no_numa)
		hp_log(hp, "Policy zone: %s", mm_zone_name(policy));
}

void hp_build_zonelists(struct hp *hp)
{
	log_zonelists(hp, mm_zonelists_update(hp->mm));
}

/* No memory is reserved yet, and there are no watermarks. */
void hp_log_boot_zonelists(struct hp *hp)
{
	uint64_t total = 0;

	for (int nid = mm_node_next(hp->mm, 0); nid >= 0; nid = mm_node_next(hp->mm, nid + 1)) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			struct mm_zone_info zone;

			mm_zone_info(hp->mm, nid, type, &zone);
			total += zone.present;
		}
	}
	log_zonelists(hp, total);
}
