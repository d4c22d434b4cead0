// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Explanations of refusals for which the kernel itself prints little or nothing: whose pages, which
 * listener, what is full. They are added to the kernel's own lines.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hp_private.h"

#define MAX_NODES 4 /* named in one line */

static void explain(struct hp *hp, uint64_t id, const char *fmt, va_list ap)
{
	char text[400];

	vsnprintf(text, sizeof(text), fmt, ap);
	hp_log(hp, "memhpfs: memory%llu: %s", (unsigned long long)id, text);
}

void hp_explain(struct hp *hp, uint64_t id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	explain(hp, id, fmt, ap);
	va_end(ap);
}

void hp_explain_pages(struct hp *hp, const struct hp_block *block, const struct mm_use *use,
		      const char *what)
{
	hp_explain(hp, block->id, "%llu page%s of %s (%s) %s", (unsigned long long)use->nr_pages,
		   use->nr_pages == 1 ? "" : "s", use->owner ? use->owner : "nobody",
		   mm_kind_info(use->kind)->name, what);
}

void hp_explain_mixed(struct hp *hp, const struct hp_block *block)
{
	struct base_buf what;
	struct mm_usage usage;

	base_buf_init(&what);
	mm_range_usage(hp->mm, hp_block_start_pfn(hp, block), hp_block_pages(hp), &usage);
	for (int type = 0; type < MM_NR_ZONES; type++) {
		if (usage.zones & 1u << type)
			base_buf_printf(&what, "%s%s", what.len ? ", " : "", mm_zone_name(type));
	}
	if (block->nodes) {
		base_buf_puts(&what, "; nodes ");
		base_mask_print_list(block->nodes, &what);
	}
	hp_explain(hp, block->id,
		   "boot memory of several zones or nodes (%s), which cannot go offline",
		   base_buf_text(&what));
	base_buf_fini(&what);
}

/* Free pages of the nodes to which pages of @nid may migrate: others if any, else @nid itself. */
static void put_room(const struct hp *hp, int nid, struct base_buf *buf)
{
	const struct base_mask *nodes = mm_nodes_with_memory(hp->mm);
	bool others = base_mask_weight(nodes) > base_mask_test(nodes, (unsigned int)nid);
	unsigned int n, nr = 0;

	BASE_MASK_FOREACH(n, nodes) {
		uint64_t free = 0;

		if (others && (int)n == nid)
			continue;
		for (int type = 0; type < MM_NR_ZONES; type++) {
			struct mm_usage usage;

			mm_zone_usage(hp->mm, (int)n, type, &usage);
			free += usage.free;
		}
		if (nr++ < MAX_NODES)
			base_buf_printf(buf, "%snode %u has %llu free", nr > 1 ? ", " : "", n,
					(unsigned long long)free);
	}
	if (nr > MAX_NODES)
		base_buf_puts(buf, ", and so on");
}

/* Pages with references that somebody else holds. */
static void explain_busy(struct hp *hp)
{
	const struct hp_offlining *off = &hp->offlining;
	uint64_t until = off->stuck.busy_until;
	struct base_clock *clock = hp->config.clock;

	if (until == UINT64_MAX)
		hp_explain_pages(hp, off->block, &off->stuck,
				 "are busy, and stay so until its idle_ms or busy_ms is changed");
	else
		hp_explain(hp, off->block->id,
			   "%llu pages of %s (%s) are busy, but not any more in %llu ms",
			   (unsigned long long)off->stuck.nr_pages, off->stuck.owner,
			   mm_kind_info(off->stuck.kind)->name,
			   (unsigned long long)(until - clock->now_ns(clock) + 999999) / 1000000);
}

void hp_explain_stuck(struct hp *hp)
{
	const struct hp_offlining *off = &hp->offlining;
	const struct mm_use *use = &off->stuck;
	const struct base_mask *nodes = mm_nodes_with_memory(hp->mm);
	struct base_buf room;

	if (!mm_kind_migrates(hp->mm, use->kind)) {
		hp_explain_pages(hp, off->block, use, "do not move, for as long as they are held");
		return;
	}
	if (use->busy_until) {
		explain_busy(hp);
		return;
	}
	base_buf_init(&room);
	put_room(hp, off->block->nid, &room);
	hp_explain(hp, off->block->id, "no room on %s for %llu pages of %s (%s): %s",
		   base_mask_weight(nodes) > 1 ? "other nodes" : "its node, which has no other",
		   (unsigned long long)use->nr_pages, use->owner ? use->owner : "nobody",
		   mm_kind_info(use->kind)->name, base_buf_text(&room));
	base_buf_fini(&room);
}

void hp_explain_veto(struct hp *hp, const struct hp_notifier *notifier, enum hp_action action,
		     const struct hp_notify *arg, int err)
{
	const char *name = strerrorname_np(-err);
	bool offline = action == HP_GOING_OFFLINE;

	hp_explain(hp, arg->start_pfn / hp_block_pages(hp), "%s does not let it go %s (%s)",
		   notifier->name ? notifier->name : "a listener", offline ? "offline" : "online",
		   name ? name : "an errno");
}

void hp_explain_taken(struct hp *hp, uint64_t start, uint64_t size)
{
	const struct hp_resource *res = hp_resource_busy(hp, start, size);

	if (res)
		hp_explain(hp, start / hp->config.block_size,
			   "its addresses are taken by %s, "
			   "%#llx-%#llx",
			   res->name, (unsigned long long)res->start, (unsigned long long)res->end);
	else
		hp_explain(hp, start / hp->config.block_size, "its addresses are in use");
}
