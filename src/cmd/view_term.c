// SPDX-License-Identifier: GPL-2.0-or-later
/* memhpfs-view in a terminal: the screen, and what it waits for. */
#include "view_term.h"

#include <err.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REFRESH_MS 100
/* lines of the explanation, and at least of events */
#define EXPLAIN_LINES 4
#define EVENT_LINES 5

static void start_screen(struct view_term *term)
{
	static const short zones[VIEW_NR_ZONES] = { COLOR_WHITE, COLOR_MAGENTA, COLOR_BLUE,
						    COLOR_CYAN, COLOR_GREEN };
	const char *no_color = getenv("NO_COLOR");

	initscr();
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	if (has_colors() && !(no_color && *no_color)) {
		start_color();
		use_default_colors();
		for (int z = 0; z < VIEW_NR_ZONES; z++)
			init_pair((short)(z + 1), z == VIEW_DMA32 ? COLOR_WHITE : COLOR_BLACK,
				  zones[z]);
	}
}

/* Prints the lines of a text, cut off at the edge of the screen. */
static void draw_lines(const char *text, int line, int lines)
{
	for (; *text && lines; lines--, line++) {
		size_t len = strcspn(text, "\n");

		mvaddnstr(line, 0, text, (int)BASE_MIN(len, (size_t)COLS));
		text += len + (text[len] == '\n');
	}
}

static void draw_bar(const struct view_term *term, int line)
{
	const struct view *view = term->view;
	size_t going = 0;
	uint64_t first = 0;

	for (size_t i = view->nr_blocks; i-- > 0;)
		if (view->block[i].state == VIEW_GOING_OFFLINE) {
			going++;
			first = view->block[i].number;
		}
	attron(A_REVERSE);
	mvhline(line, 0, ' ', COLS);
	mvprintw(line, 1, "%s machine", view->is_emulated ? "emulated" : "real");
	if (!term->may_change)
		addstr(", read only");
	if (going)
		printw("  now: memory%ju is going offline", (uintmax_t)first);
	if (going > 1)
		printw(", and %zu more", going - 1);
	for (int i = 0; i < VIEW_NR_JOBS && !going; i++)
		if (term->jobs.job[i].fd >= 0)
			printw("  now: %s", term->jobs.job[i].what);
	attroff(A_REVERSE);
}

static void draw_event(const struct view *view, const struct view_event *event, int line)
{
	time_t seconds = (time_t)(event->time / 1000000000);
	struct tm tm;
	char text[16];

	move(line, 0);
	if (!event->time) {
		addstr("  before");
	} else if (view->is_emulated) {
		printw("%8.3f", (double)event->time / 1e9);
	} else {
		localtime_r(&seconds, &tm);
		strftime(text, sizeof(text), "%T", &tm);
		addstr(text);
	}
	if (event->why)
		attron(A_BOLD);
	printw(" %s%.*s", event->why ? "! " : "  ", COLS > 12 ? COLS - 12 : 0, event->text);
	attroff(A_BOLD);
}

static void draw_events(const struct view_term *term, int line, int lines)
{
	const struct view *view = term->view;
	uint64_t shown[64], nr = 0;
	uint64_t oldest = view->nr_events > VIEW_NR_EVENTS ? view->nr_events - VIEW_NR_EVENTS : 0;

	for (uint64_t i = view->nr_events; i-- > oldest && nr < (uint64_t)lines && nr < 64;)
		if (strstr(view->event[i % VIEW_NR_EVENTS].text, term->filter))
			shown[nr++] = i;
	while (nr--)
		draw_event(view, &view->event[shown[nr] % VIEW_NR_EVENTS], line++);
}

static void draw_status(const struct view_term *term)
{
	static const char *const questions[] = {
		[VIEW_ASK_PLUG] = "Plug a DIMM (NAME SIZE NODE): ",
		[VIEW_ASK_UNPLUG] = "Unplug the device: ",
		[VIEW_ASK_FILTER] = "Only events with: ",
	};
	int line = LINES - 1, more = (int)term->message.len / COLS;

	if (term->question) {
		mvprintw(line, 0, "%s%s", questions[term->question], term->answer);
		return;
	}
	if (term->message.len) {
		/* The end of a long reason matters as much as its beginning. */
		line -= BASE_MIN(more, EVENT_LINES - 1);
		move(line, 0);
		clrtobot();
		addnstr(base_buf_text(&term->message), COLS * EVENT_LINES - 1);
	} else {
		mvaddnstr(line, 0,
			  "arrows move  o online  m movable  k kernel  f offline  p plug  "
			  "u unplug  ? help  q quit",
			  COLS - 1);
	}
	move(term->line, term->column);
}

static int draw(struct view_term *term)
{
	int map = LINES - 2 - 1 - EXPLAIN_LINES - 1 - EVENT_LINES - 1, rows, line;
	struct base_buf text;

	erase();
	if (term->help) {
		view_keys_draw();
		return 0;
	}
	if (view_rows_make(term, COLS))
		return -1;
	base_buf_init(&text);
	view_summary(term->view, &text);
	draw_lines(base_buf_text(&text), 0, 2);
	draw_bar(term, 2);
	rows = (int)BASE_MIN(term->nr_rows, (size_t)BASE_MAX(map, 1));
	view_rows_draw(term, 3, rows);
	line = 3 + rows;
	mvhline(line++, 0, '_', COLS);
	base_buf_reset(&text);
	view_explain(term->view, term->cursor, &text);
	draw_lines(base_buf_text(&text), line, EXPLAIN_LINES);
	base_buf_fini(&text);
	line += EXPLAIN_LINES;
	draw_events(term, line, LINES - 1 - line);
	draw_status(term);
	return 0;
}

/* Waits for a key, a uevent, the end of a change, or a moment. */
static void wait_for_something(struct view_term *term)
{
	struct pollfd fds[2 + VIEW_NR_JOBS] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = view_poll_fd(term->view), .events = POLLIN },
	};

	for (int i = 0; i < VIEW_NR_JOBS; i++)
		fds[2 + i] = (struct pollfd){ .fd = term->jobs.job[i].fd, .events = POLLIN };
	poll(fds, BASE_ARRAY_SIZE(fds), REFRESH_MS);
	if (fds[0].revents & (POLLHUP | POLLERR))
		term->quit = true;
	for (int i = 0; i < VIEW_NR_JOBS; i++) {
		struct base_buf message;

		if (!fds[2 + i].revents)
			continue;
		base_buf_init(&message);
		if (view_job_read(&term->jobs.job[i], term->view, &message)) {
			base_buf_fini(&term->message);
			term->message = message;
		} else {
			base_buf_fini(&message);
		}
	}
}

/* Half of the time is for the screen, so that the map can be scrolled while reading is slow. */
static int look_again(struct view_term *term)
{
	uint64_t start = view_clock();
	int ret;

	if (start - term->refreshed < term->took)
		return 0;
	ret = view_refresh(term->view);
	term->refreshed = view_clock();
	term->took = term->refreshed - start;
	return ret;
}

static const char *loop(struct view_term *term)
{
	int key;

	while (!term->quit) {
		if (!view_find(term->view, term->cursor) && term->view->nr_blocks)
			view_rows_move(term, 1, 0);
		if (draw(term))
			return "out of memory";
		refresh();
		wait_for_something(term);
		/* What a key does applies to the machine as it is now. */
		if (look_again(term))
			return "the machine is gone";
		while ((key = getch()) != ERR)
			view_key(term, key);
	}
	return NULL;
}

int view_term_run(struct view *view, const char *root, bool may_change)
{
	struct view_term term = { .view = view, .may_change = view->is_emulated || may_change };
	const char *problem;

	setlocale(LC_CTYPE, "");
	base_buf_init(&term.message);
	view_jobs_init(&term.jobs, root);
	if (view->nr_blocks)
		term.cursor = view->block[0].number;
	start_screen(&term);
	problem = loop(&term);
	endwin();
	view_jobs_end(&term.jobs);
	base_buf_fini(&term.message);
	free(term.row);
	if (problem)
		warnx("%s: %s", root, problem);
	return problem ? 1 : 0;
}
