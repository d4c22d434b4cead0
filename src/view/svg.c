// SPDX-License-Identifier: GPL-2.0-or-later
/* A machine as a picture: for each node rows of cells, a cell for each block or for so many. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/cli/picture.h"
#include "view_private.h"

enum { LEFT = 90, CELL = 12, STEP = 13, COLUMNS = 64, WIDTH = LEFT + COLUMNS * STEP + 20 };
/* A picture of more rows is not one any more. */
enum { MOST_CELLS = 40 * COLUMNS };

/* What a part of a cell can be: a zone, or a state that is more important. */
enum { OFFLINE = VIEW_NR_ZONES, GOING, NR_KINDS };

static const struct {
	const char *class, *text;
} kinds[NR_KINDS] = {
	{ "none", "several zones" }, { "DMA", "DMA" },	       { "DMA32", "DMA32" },
	{ "Normal", "Normal" },	     { "Movable", "Movable" }, { "offline", "offline" },
	{ "bad", "going offline" },
};

/** struct drawing - @shift: log2 of how many blocks a cell has; @used: kinds, for the legend */
struct drawing {
	const struct view *view;
	FILE *out;
	unsigned int shift;
	bool used[NR_KINDS], has_devices;
	double y;
};

static int kind_of(const struct view_block *block)
{
	return block->state == VIEW_OFFLINE ? OFFLINE :
	       block->state == VIEW_ONLINE  ? block->zone :
					      GOING;
}

static void describe(const struct view *view, size_t first, size_t nr, const size_t count[NR_KINDS],
		     struct base_buf *tip)
{
	if (nr == 1) {
		view_explain(view, view->block[first].number, tip);
		return;
	}
	base_buf_printf(tip, "%zu blocks from memory%u on:", nr, view->block[first].number);
	for (int i = 0; i < NR_KINDS; i++)
		if (count[i])
			base_buf_printf(tip, " %zu %s", count[i], kinds[i].text);
}

/* Draws the blocks of a node from @first on that share a cell; returns how many entries that is. */
static size_t draw_cell(struct drawing *d, int node, size_t first)
{
	const struct view *view = d->view;
	uint64_t cell = view->block[first].number >> d->shift;
	double x = LEFT + (double)(cell % COLUMNS) * STEP, y = d->y;
	size_t count[NR_KINDS] = { 0 }, nr = 0, i;
	struct base_buf tip;

	for (i = first; i < view->nr_blocks && view->block[i].number >> d->shift == cell; i++)
		if (view->block[i].node == node) {
			count[kind_of(&view->block[i])]++;
			nr++;
		}
	base_buf_init(&tip);
	describe(view, first, nr, count, &tip);
	for (int k = 0; k < NR_KINDS; k++) {
		double height = (double)CELL * (double)count[k] / (double)nr;

		if (!count[k])
			continue;
		d->used[k] = true;
		picture_box(d->out, x, y, CELL, height, kinds[k].class, base_buf_text(&tip));
		y += height;
	}
	base_buf_fini(&tip);
	if (view_device_of(view, view->block[first].number)) {
		picture_line(d->out, x, y + 1.5, x + CELL, y + 1.5, "step");
		d->has_devices = true;
	}
	return i - first;
}

static void draw_rows(struct drawing *d, int node)
{
	const struct view *view = d->view;
	uint64_t line, last = UINT64_MAX;
	char text[40];

	for (size_t i = 0; i < view->nr_blocks;) {
		if (view->block[i].node != node) {
			i++;
			continue;
		}
		line = (view->block[i].number >> d->shift) / COLUMNS;
		if (line != last) {
			d->y += last == UINT64_MAX ? 8 : STEP + 3;
			last = line;
			snprintf(text, sizeof(text), "memory%ju",
				 (uintmax_t)(line * COLUMNS << d->shift));
			picture_text(d->out, LEFT - 8, d->y + 10, "small", "end", text);
		}
		i += draw_cell(d, node, i);
	}
	d->y += STEP;
}

static void draw_node(struct drawing *d, const struct view_node *node)
{
	uint64_t kernel = view_kernel_bytes(node), movable = node->zone[VIEW_MOVABLE];
	struct base_buf text;

	base_buf_init(&text);
	base_buf_printf(&text, "node %d: kernel %s, ", node->node, view_size_text(kernel).s);
	base_buf_printf(&text, "movable %s, ", view_size_text(movable).s);
	base_buf_printf(&text, "offline %s", view_size_text(node->offline).s);
	if (kernel)
		base_buf_printf(&text, "; MOVABLE:KERNEL %.2f", (double)movable / (double)kernel);
	d->y += 26;
	picture_text(d->out, 10, d->y, "", "start", base_buf_text(&text));
	base_buf_fini(&text);
	draw_rows(d, node->node);
}

static void draw_legend(struct drawing *d)
{
	double x = 10;
	char text[100];

	d->y += 18;
	for (int k = 0; k < NR_KINDS; k++) {
		if (!d->used[k])
			continue;
		picture_box(d->out, x, d->y, CELL, CELL, kinds[k].class, NULL);
		picture_text(d->out, x + 18, d->y + 10, "small", "start", kinds[k].text);
		x += 100;
	}
	if (d->has_devices) {
		picture_line(d->out, x, d->y + 8, x + CELL, d->y + 8, "step");
		picture_text(d->out, x + 18, d->y + 10, "small", "start", "of a device");
		x += 100;
	}
	snprintf(text, sizeof(text), "a cell: %s",
		 view_size_text(d->view->block_size << d->shift).s);
	picture_text(d->out, x, d->y + 10, "small", "start", text);
}

static void draw_all(struct drawing *d)
{
	struct base_buf summary;
	char *line, *rest;

	base_buf_init(&summary);
	view_summary(d->view, &summary);
	rest = summary.data;
	for (d->y = 24; rest && (line = strsep(&rest, "\n")) && *line; d->y += 18)
		picture_text(d->out, 10, d->y, d->y > 24 ? "small" : "title", "start", line);
	base_buf_fini(&summary);
	d->y -= 18;
	for (unsigned int i = 0; i < d->view->nr_nodes; i++)
		draw_node(d, &d->view->node[i]);
	draw_legend(d);
}

int view_print_svg(const struct view *view, FILE *out)
{
	struct drawing d = { .view = view };
	char *body = NULL;
	size_t len;

	while (view->nr_blocks >> d.shift > MOST_CELLS)
		d.shift++;
	/* How high it is shows when it is drawn. */
	d.out = open_memstream(&body, &len);
	if (!d.out)
		return -ENOMEM;
	draw_all(&d);
	if (fclose(d.out)) {
		free(body);
		return -ENOMEM;
	}
	picture_begin(out, WIDTH, (int)d.y + 28, "memory blocks of a machine");
	fputs(body, out);
	picture_end(out);
	free(body);
	return 0;
}

int view_print_html(const struct view *view, FILE *out)
{
	uint64_t oldest = view->nr_events > VIEW_NR_EVENTS ? view->nr_events - VIEW_NR_EVENTS : 0;
	bool any = false;

	picture_page(out, "Memory blocks of a machine");
	if (view_print_svg(view, out))
		return -ENOMEM;
	if (view->nr_devices) {
		fputs("<h2>Devices</h2>\n<table><tr><th>kind<th>name<th>address<th>size"
		      "<th>plugged\n",
		      out);
		for (unsigned int i = 0; i < view->nr_devices; i++) {
			const struct view_device *v = &view->device[i];

			fprintf(out, "<tr><td>%s<td>", v->kind);
			picture_escape(out, v->name);
			fprintf(out, "<td>%#jx<td>%s", (uintmax_t)v->addr,
				view_size_text(v->size).s);
			fprintf(out, "<td>%s\n", v->plugged ? "yes" : "no");
		}
		fputs("</table>\n", out);
	}
	for (uint64_t i = oldest; i < view->nr_events; i++) {
		if (!view->event[i % VIEW_NR_EVENTS].why)
			continue;
		fputs(any ? "<li>" : "<h2>Why not</h2>\n<ul>\n<li>", out);
		picture_escape(out, view->event[i % VIEW_NR_EVENTS].text);
		fputs("\n", out);
		any = true;
	}
	fputs(any ? "</ul>\n</html>\n" : "</html>\n", out);
	return 0;
}
