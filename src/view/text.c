// SPDX-License-Identifier: GPL-2.0-or-later
/* What a machine and its blocks are, in words. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view_private.h"

struct base_text view_size_text(uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	double value = (double)bytes;
	struct base_text text;
	int unit = 0;

	for (; value >= 1024 && unit < 6; unit++)
		value /= 1024;
	snprintf(text.s, sizeof(text.s), "%.*f%c", value >= 100 || value == (int)value ? 0 : 1,
		 value, units[unit]);
	return text;
}

const struct view_device *view_device_of(const struct view *view, uint64_t number)
{
	uint64_t addr = number * view->block_size;

	for (unsigned int i = 0; i < view->nr_devices; i++) {
		const struct view_device *d = &view->device[i];

		if (d->plugged && addr + view->block_size > d->addr && addr < d->addr + d->size)
			return d;
	}
	return NULL;
}

const char *view_why(const struct view *view, uint64_t number)
{
	uint64_t oldest = view->nr_events > VIEW_NR_EVENTS ? view->nr_events - VIEW_NR_EVENTS : 0;
	char name[40];
	size_t len = (size_t)snprintf(name, sizeof(name), "memory%ju: ", (uintmax_t)number);

	for (uint64_t i = view->nr_events; i-- > oldest;) {
		const struct view_event *event = &view->event[i % VIEW_NR_EVENTS];

		if (event->why && !strncmp(event->text, name, len))
			return event->text + len;
	}
	return NULL;
}

struct view_node view_sum(const struct view *view)
{
	struct view_node sum = { .node = -1 };

	for (unsigned int i = 0; i < view->nr_nodes; i++) {
		sum.offline += view->node[i].offline;
		sum.free += view->node[i].free;
		for (int z = 0; z < VIEW_NR_ZONES; z++)
			sum.zone[z] += view->node[i].zone[z];
	}
	return sum;
}

uint64_t view_kernel_bytes(const struct view_node *node)
{
	uint64_t bytes = 0;

	for (int z = 0; z < VIEW_NR_ZONES; z++)
		if (z != VIEW_MOVABLE)
			bytes += node->zone[z];
	return bytes;
}

static void explain_device(const struct view *view, uint64_t number, struct base_buf *buf)
{
	const struct view_device *d = view_device_of(view, number);

	if (!d) {
		base_buf_puts(buf, view->is_emulated ? ", memory since boot" : "");
		return;
	}
	base_buf_printf(buf, ", %s %s of %s", d->kind, d->name, view_size_text(d->size).s);
	if (d->requested || d->given)
		base_buf_printf(buf, " (gives %s of %s asked for)", view_size_text(d->given).s,
				view_size_text(d->requested).s);
}

static void explain_pages(const struct view *view, const struct view_block *block,
			  struct base_buf *buf)
{
	uint64_t age = (view_clock() - view->pages_at) / 1000000000;
	uint64_t all = 0;

	for (int i = 0; i < VIEW_NR_PAGES; i++)
		all += block->pages[i];
	if (!view->pages_at || !all)
		return;
	base_buf_puts(buf, "pages:");
	for (int i = 0; i < VIEW_NR_PAGES; i++)
		if (block->pages[i])
			base_buf_printf(buf, " %" PRIu32 " %s,", block->pages[i],
					view_page_names[i]);
	buf->data[--buf->len] = '\0';
	if (age > 5)
		base_buf_printf(buf, " (%ju s ago)", (uintmax_t)age);
	base_buf_puts(buf, "\n");
}

void view_explain(const struct view *view, uint64_t number, struct base_buf *buf)
{
	const struct view_block *block = view_find(view, number);
	const char *why = view_why(view, number);
	char zones[64];

	if (!block) {
		base_buf_printf(buf, "memory%ju: there is no such block\n", (uintmax_t)number);
		return;
	}
	base_buf_printf(buf, "memory%ju: %s", (uintmax_t)number, view_state_names[block->state]);
	if (block->state != VIEW_OFFLINE)
		base_buf_printf(buf, ", %s",
				block->zone == VIEW_MIXED ? "several zones" :
							    view_zone_names[block->zone]);
	if (block->node >= 0)
		base_buf_printf(buf, ", node %d", block->node);
	explain_device(view, number, buf);
	base_buf_printf(buf, "\naddresses %#" PRIx64 "-%#" PRIx64, number * view->block_size,
			(number + 1) * view->block_size - 1);
	if (view_read(view, zones, sizeof(zones), "sys/devices/system/memory/memory%ju/valid_zones",
		      (uintmax_t)number) > 0 &&
	    block->state == VIEW_OFFLINE)
		base_buf_printf(buf, ", can become %s", zones);
	base_buf_puts(buf, "\n");
	explain_pages(view, block, buf);
	if (why)
		base_buf_printf(buf, "last refusal: %s\n", why);
}

void view_summary(const struct view *view, struct base_buf *buf)
{
	struct view_node sum = view_sum(view);
	uint64_t online = view_kernel_bytes(&sum) + sum.zone[VIEW_MOVABLE];
	const struct view_settings *s = &view->settings;

	base_buf_printf(buf, "%s online", view_size_text(online).s);
	for (int z = 0; z < VIEW_NR_ZONES; z++)
		if (sum.zone[z])
			base_buf_printf(buf, "%s %s %s", z == VIEW_MIXED ? ":" : ",",
					z == VIEW_MIXED ? "mixed" : view_zone_names[z],
					view_size_text(sum.zone[z]).s);
	base_buf_printf(buf, "; %s offline\n", view_size_text(sum.offline).s);
	base_buf_printf(buf, "blocks of %s", view_size_text(view->block_size).s);
	if (*s->auto_online)
		base_buf_printf(buf, "; auto_online_blocks %s", s->auto_online);
	if (*s->policy)
		base_buf_printf(buf, "; policy %s", s->policy);
	if (!strcmp(s->policy, "auto-movable"))
		base_buf_printf(buf, " %s%%", s->ratio);
	if (*s->rate)
		base_buf_printf(buf, "; time x %s", s->rate);
	base_buf_puts(buf, "\n");
}
