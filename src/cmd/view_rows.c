// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The map: a cell for each block, or for so many, in rows by node. Rows without blocks are left
 * out.
 */
#include <errno.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>

#include "view_term.h"

#define LABEL 13
#define SEVERAL '+'
#define NO_BLOCK ' '

static const char letters[VIEW_NR_ZONES] = { '*', 'D', '3', 'N', 'M' };

static int add_row(struct view_term *term, size_t *room, int node, bool is_title, uint64_t cell)
{
	struct view_row *row;

	if (term->nr_rows == *room) {
		*room = *room ? *room * 2 : 64;
		row = reallocarray(term->row, *room, sizeof(*row));
		if (!row)
			return -ENOMEM;
		term->row = row;
	}
	term->row[term->nr_rows++] = (struct view_row){ node, is_title, cell };
	return 0;
}

static int add_node(struct view_term *term, size_t *room, int node)
{
	const struct view *view = term->view;
	uint64_t last = UINT64_MAX, line;

	if (add_row(term, room, node, true, 0))
		return -ENOMEM;
	for (size_t i = 0; i < view->nr_blocks; i++) {
		line = (view->block[i].number >> term->zoom) / term->width;
		if (view->block[i].node != node || line == last)
			continue;
		if (add_row(term, room, node, false, line * term->width))
			return -ENOMEM;
		last = line;
	}
	return 0;
}

int view_rows_make(struct view_term *term, int columns)
{
	unsigned int width = columns > LABEL + 16 ? (unsigned int)(columns - LABEL) & ~15U : 16;
	size_t room;
	int ret = 0;

	if (term->row && term->changes == term->view->changes && term->width == width)
		return 0;
	free(term->row);
	term->row = NULL;
	term->nr_rows = room = 0;
	term->width = width;
	term->changes = term->view->changes;
	for (unsigned int i = 0; i < term->view->nr_nodes && !ret; i++)
		ret = add_node(term, &room, term->view->node[i].node);
	return ret;
}

/* The row that shows the block under the cursor, or the nearest. */
static size_t cursor_row(const struct view_term *term)
{
	const struct view_block *block = view_find(term->view, term->cursor);
	uint64_t line = (term->cursor >> term->zoom) / term->width * term->width;
	size_t best = 0;

	for (size_t i = 0; i < term->nr_rows; i++) {
		if (term->row[i].is_title || (block && term->row[i].node != block->node))
			continue;
		if (term->row[i].cell > line && best)
			break;
		best = i;
	}
	return best;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static chtype look_of(const struct view *view, const struct view_block *block)
{
	const struct view_device *device = view_device_of(view, block->number);
	bool begins = device && (!block->number ||
				 view_device_of(view, (uint64_t)block->number - 1) != device);
	chtype look = begins ? A_UNDERLINE : 0;

	if (block->state == VIEW_OFFLINE)
		return look | '-';
	if (block->state == VIEW_GOING_OFFLINE)
		look |= A_BLINK | A_BOLD;
	return look | COLOR_PAIR(1 + block->zone) | (unsigned char)letters[block->zone];
}

/* What a cell looks like that stands for all blocks of a node in a range. */
static chtype cell_look(const struct view_term *term, int node, uint64_t cell)
{
	const struct view *view = term->view;
	size_t i = view_index(view, cell << term->zoom);
	chtype look = NO_BLOCK, other;

	for (; i < view->nr_blocks && view->block[i].number >> term->zoom == cell; i++) {
		if (view->block[i].node != node)
			continue;
		other = look_of(view, &view->block[i]);
		if (look != NO_BLOCK && (look ^ other) & (A_CHARTEXT | A_BLINK))
			return SEVERAL;
		look = look == NO_BLOCK ? other : look;
	}
	return look;
}

static void draw_title(const struct view *view, int node)
{
	for (unsigned int i = 0; i < view->nr_nodes; i++) {
		const struct view_node *n = &view->node[i];
		uint64_t kernel = view_kernel_bytes(n), movable = n->zone[VIEW_MOVABLE];

		if (n->node != node)
			continue;
		attron(A_BOLD);
		if (node >= 0)
			printw("node %d", node);
		else
			addstr("no node");
		attroff(A_BOLD);
		printw("  kernel %s", view_size_text(kernel).s);
		printw("  movable %s", view_size_text(movable).s);
		if (kernel)
			printw("  MOVABLE:KERNEL %.2f", (double)movable / (double)kernel);
		printw("  offline %s", view_size_text(n->offline).s);
		printw("  free %s", view_size_text(n->free).s);
	}
}

static void draw_cells(struct view_term *term, const struct view_row *row)
{
	uint64_t cursor = term->cursor >> term->zoom;
	const struct view_block *block = view_find(term->view, term->cursor);
	bool here = !block || block->node == row->node;

	printw("memory%-6ju ", (uintmax_t)(row->cell << term->zoom));
	for (uint64_t cell = row->cell; cell < row->cell + term->width; cell++) {
		bool is_cursor = here && cell == cursor;

		if (is_cursor)
			getyx(stdscr, term->line, term->column);
		addch(cell_look(term, row->node, cell) | (is_cursor ? A_REVERSE | A_BOLD : 0));
	}
}

void view_rows_draw(struct view_term *term, int line, int lines)
{
	size_t at = cursor_row(term), shown = (size_t)BASE_MAX(lines, 1);

	if (at < term->top + 1)
		term->top = at ? at - 1 : 0;
	if (at >= term->top + shown)
		term->top = at - shown + 1;
	if (term->top + shown > term->nr_rows)
		term->top = term->nr_rows > shown ? term->nr_rows - shown : 0;
	term->shown = shown;
	for (size_t i = term->top; i < term->nr_rows && i < term->top + shown; i++) {
		move(line + (int)(i - term->top), 0);
		if (term->row[i].is_title)
			draw_title(term->view, term->row[i].node);
		else
			draw_cells(term, &term->row[i]);
	}
}

/* ---- moving ---------------------------------------------------------------------------------- */

/* To the block of a row that is nearest to a column. */
static void go_to(struct view_term *term, const struct view_row *row, uint64_t column)
{
	const struct view *view = term->view;
	size_t i = view_index(view, row->cell << term->zoom);
	uint64_t end = (row->cell + term->width) << term->zoom;
	bool found = false;

	for (; i < view->nr_blocks && view->block[i].number < end; i++) {
		if (view->block[i].node != row->node)
			continue;
		if (found && view->block[i].number >> term->zoom > row->cell + column)
			break;
		if (!found || view->block[i].number >> term->zoom != term->cursor >> term->zoom)
			term->cursor = view->block[i].number;
		found = true;
	}
}

void view_rows_move(struct view_term *term, int blocks, long lines)
{
	const struct view *view = term->view;
	uint64_t column = (term->cursor >> term->zoom) % term->width;
	long at = (long)cursor_row(term), step = lines < 0 ? -1 : 1;
	size_t i;

	if (!view->nr_blocks)
		return;
	if (blocks) {
		i = view_index(view, blocks < 0 ? term->cursor >> term->zoom << term->zoom :
						  ((term->cursor >> term->zoom) + 1) << term->zoom);
		if (blocks < 0 && i)
			i--;
		term->cursor = view->block[BASE_MIN(i, view->nr_blocks - 1)].number;
		return;
	}
	at = BASE_MAX(0, BASE_MIN(at + lines, (long)term->nr_rows - 1));
	while (at > 0 && at < (long)term->nr_rows - 1 && term->row[at].is_title)
		at += step;
	if (!term->row[at].is_title)
		go_to(term, &term->row[at], column);
}
