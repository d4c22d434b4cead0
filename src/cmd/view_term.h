/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memhpfs-view in a terminal. */
#ifndef VIEW_TERM_H
#define VIEW_TERM_H

#include "view_job.h"

/** struct view_row - a line of the map: cells from @cell on, or the title of a node */
struct view_row {
	int node;
	bool is_title;
	uint64_t cell;
};

enum view_question { VIEW_ASK_NOTHING, VIEW_ASK_PLUG, VIEW_ASK_UNPLUG, VIEW_ASK_FILTER };

/**
 * struct view_term - what is on the screen
 * @cursor: number of a block; @top: the first row shown; @zoom: log2 of how many blocks a cell has
 * @width: cells in a row; @changes: @changes of the view for which @row was made
 * @line, @column: where the cursor is on the screen
 * @refreshed, @took: when the view was refreshed, and how long that took
 * @answer: what is being typed
 */
struct view_term {
	struct view *view;
	struct view_jobs jobs;
	bool may_change, help, quit;
	uint64_t cursor;
	unsigned int zoom;
	struct view_row *row;
	size_t nr_rows, top, shown;
	unsigned int width;
	uint64_t changes, refreshed, took;
	int line, column;
	enum view_question question;
	char answer[64], filter[64];
	struct base_buf message;
};

/** view_term_run() - show a machine until the user quits; returns the exit status */
int view_term_run(struct view *view, const char *root, bool may_change);

/* view_rows.c */
/** view_rows_make() - which rows there are, for so many columns; 0 or -ENOMEM */
int view_rows_make(struct view_term *term, int columns);
/** view_rows_draw() - draw the map on so many lines */
void view_rows_draw(struct view_term *term, int line, int lines);
/** view_rows_move() - move the cursor by blocks and by lines */
void view_rows_move(struct view_term *term, int blocks, long lines);

/* view_keys.c */
void view_key(struct view_term *term, int key);
/** view_keys_draw() - the help */
void view_keys_draw(void);

#endif
