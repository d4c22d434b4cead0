// SPDX-License-Identifier: GPL-2.0-or-later
/* What the keys do. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "view_term.h"

#define MAX_ZOOM 12

__attribute__((format(printf, 2, 3))) static void say(struct view_term *term, const char *fmt, ...)
{
	va_list ap;

	base_buf_reset(&term->message);
	va_start(ap, fmt);
	base_buf_vprintf(&term->message, fmt, ap);
	va_end(ap);
}

static bool may_change(struct view_term *term)
{
	if (term->may_change)
		return true;
	say(term, "This is a real machine. Only with --allow-changes does a key change it.");
	return false;
}

static void started(struct view_term *term, int ret)
{
	if (ret == -EAGAIN)
		say(term, "Wait: %d changes are under way.", VIEW_NR_JOBS);
	else if (ret)
		say(term, "%s", strerror(-ret));
}

static void set_state(struct view_term *term, const char *state)
{
	char path[80], what[64];

	if (!may_change(term))
		return;
	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%ju/state",
		 (uintmax_t)term->cursor);
	snprintf(what, sizeof(what), "memory%ju: %s", (uintmax_t)term->cursor, state);
	started(term, view_job_write(&term->jobs, term->view, what, path, state));
}

static bool has_machine(struct view_term *term)
{
	if (!term->view->is_emulated)
		say(term, "Only an emulated machine has devices and a clock that can be changed.");
	return term->view->is_emulated;
}

static void key_online(struct view_term *term)
{
	set_state(term, "online");
}

static void key_movable(struct view_term *term)
{
	set_state(term, "online_movable");
}

static void key_kernel(struct view_term *term)
{
	set_state(term, "online_kernel");
}

static void key_offline(struct view_term *term)
{
	set_state(term, "offline");
}

static void ask(struct view_term *term, enum view_question question, const char *suggestion)
{
	term->question = question;
	snprintf(term->answer, sizeof(term->answer), "%s", suggestion);
	base_buf_reset(&term->message);
}

static void key_plug(struct view_term *term)
{
	unsigned int number = 0;
	char text[64];

	if (!has_machine(term))
		return;
	for (unsigned int i = 0; i < term->view->nr_devices; i++) {
		snprintf(text, sizeof(text), "d%u", number);
		if (!strcmp(term->view->device[i].name, text)) {
			number++;
			i = UINT32_MAX; /* begin again */
		}
	}
	snprintf(text, sizeof(text), "d%u 1G 0", number);
	ask(term, VIEW_ASK_PLUG, text);
}

static void key_unplug(struct view_term *term)
{
	const struct view_device *device = view_device_of(term->view, term->cursor);

	if (has_machine(term))
		ask(term, VIEW_ASK_UNPLUG, device ? device->name : "");
}

static bool is_resizable(const struct view_device *device)
{
	return device && !strcmp(device->kind, "virtio-mem");
}

/* The virtio-mem device under the cursor, or the first one. */
static void resize(struct view_term *term, int sign)
{
	const struct view_device *device = view_device_of(term->view, term->cursor);
	const struct view *view = term->view;
	uint64_t size;
	char words[128];

	if (!has_machine(term))
		return;
	for (unsigned int i = 0; i < view->nr_devices && !is_resizable(device); i++)
		device = &view->device[i];
	if (!is_resizable(device)) {
		say(term, "There is no virtio-mem device.");
		return;
	}
	size = device->requested;
	if (sign < 0)
		size -= BASE_MIN(size, view->block_size);
	else
		size = BASE_MIN(size + view->block_size, device->size);
	snprintf(words, sizeof(words), "resize %s %ju", device->name, (uintmax_t)size);
	started(term, view_job_memhp(&term->jobs, view, words));
}

static void key_grow(struct view_term *term)
{
	resize(term, 1);
}

static void key_shrink(struct view_term *term)
{
	resize(term, -1);
}

static const char rate_file[] = "machine/clock/rate";

/* The rate changes at once, so that the next key finds it changed. */
static void set_rate(struct view_term *term, double rate)
{
	char text[32];
	int fd;

	rate = rate < 0.001 && rate > 0 ? 0.001 : BASE_MIN(rate, 1000);
	snprintf(text, sizeof(text), "%g", rate);
	fd = openat(term->view->root, rate_file, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		say(term, "%s: %s", rate_file, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static double get_rate(const struct view_term *term)
{
	char text[32];

	view_read(term->view, text, sizeof(text), "%s", rate_file);
	return strtod(text, NULL);
}

static void key_slower(struct view_term *term)
{
	if (has_machine(term))
		set_rate(term, get_rate(term) * 0.1);
}

static void key_faster(struct view_term *term)
{
	double rate;

	if (!has_machine(term))
		return;
	rate = get_rate(term);
	set_rate(term, rate > 0 ? rate * 10 : 0.001);
}

static void key_stop(struct view_term *term)
{
	if (has_machine(term))
		set_rate(term, get_rate(term) > 0 ? 0 : 1);
}

static void key_skip(struct view_term *term)
{
	if (has_machine(term))
		started(term, view_job_write(&term->jobs, term->view, "skip to the next event",
					     rate_file, "skip"));
}

static void zoom(struct view_term *term, int by)
{
	if ((by < 0 && !term->zoom) || (by > 0 && term->zoom >= MAX_ZOOM))
		return;
	term->zoom += (unsigned int)by;
	term->changes = term->view->changes - 1;
}

static void key_out(struct view_term *term)
{
	zoom(term, 3);
}

static void key_in(struct view_term *term)
{
	zoom(term, -3);
}

static void key_filter(struct view_term *term)
{
	ask(term, VIEW_ASK_FILTER, term->filter);
}

static void key_help(struct view_term *term)
{
	term->help = true;
}

static void key_quit(struct view_term *term)
{
	term->quit = true;
}

static const struct {
	int key;
	const char *name;
	const char *what;
	void (*run)(struct view_term *term);
} keys[] = {
	{ 'o', "o", "online the block under the cursor", key_online },
	{ 'm', "m", "online it to zone Movable", key_movable },
	{ 'k', "k", "online it for the kernel", key_kernel },
	{ 'f', "f", "offline it", key_offline },
	{ 'p', "p", "plug a DIMM", key_plug },
	{ 'u', "u", "unplug a device", key_unplug },
	{ '+', "+", "a virtio-mem device gives a block more", key_grow },
	{ '-', "-", "a virtio-mem device gives a block less", key_shrink },
	{ '<', "<", "time passes ten times slower", key_slower },
	{ '>', ">", "time passes ten times faster", key_faster },
	{ ' ', "blank", "time stops, or goes on", key_stop },
	{ 's', "s", "skip to what happens next", key_skip },
	{ 'Z', "Z", "a cell stands for eight times as many blocks", key_out },
	{ 'z', "z", "a cell stands for fewer blocks", key_in },
	{ '/', "/", "show only events that contain a word", key_filter },
	{ '?', "?", "this help", key_help },
	{ 'q', "q", "quit", key_quit },
};

void view_keys_draw(void)
{
	int line = 0;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(keys); i++)
		mvprintw(line++, 2, "%-6s %s", keys[i].name, keys[i].what);
	line++;
	mvprintw(line++, 2, "arrows, Home, End, Page Up and Page Down move the cursor");
	mvprintw(line++, 2, "D DMA  3 DMA32  N Normal  M Movable  * several zones  - offline");
	mvprintw(line++, 2, "blinking: going offline   underlined: a device begins   + differs");
	mvprintw(line, 2, "any key goes back");
}

static void answered(struct view_term *term)
{
	char words[80];

	switch (term->question) {
	case VIEW_ASK_FILTER:
		memcpy(term->filter, term->answer, sizeof(term->filter));
		break;
	case VIEW_ASK_PLUG:
	case VIEW_ASK_UNPLUG:
		snprintf(words, sizeof(words), "%s %s",
			 term->question == VIEW_ASK_PLUG ? "plug" : "unplug", term->answer);
		started(term, view_job_memhp(&term->jobs, term->view, words));
		break;
	case VIEW_ASK_NOTHING:
		break;
	}
	term->question = VIEW_ASK_NOTHING;
}

static void type(struct view_term *term, int key)
{
	size_t len = strlen(term->answer);

	if (key == '\n' || key == KEY_ENTER)
		answered(term);
	else if (key == 27)
		term->question = VIEW_ASK_NOTHING;
	else if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && len)
		term->answer[len - 1] = '\0';
	else if (key == ('U' & 31))
		*term->answer = '\0';
	else if (key < 256 && isprint(key))
		snprintf(term->answer + len, sizeof(term->answer) - len, "%c", key);
}

static bool move_cursor(struct view_term *term, int key)
{
	const struct view *view = term->view;

	if (key == KEY_LEFT || key == KEY_RIGHT)
		view_rows_move(term, key == KEY_LEFT ? -1 : 1, 0);
	else if (key == KEY_UP || key == KEY_DOWN)
		view_rows_move(term, 0, key == KEY_UP ? -1 : 1);
	else if (key == KEY_PPAGE || key == KEY_NPAGE)
		view_rows_move(term, 0, key == KEY_PPAGE ? -(long)term->shown : (long)term->shown);
	else if ((key == KEY_HOME || key == KEY_END) && view->nr_blocks)
		term->cursor = view->block[key == KEY_HOME ? 0 : view->nr_blocks - 1].number;
	else
		return false;
	return true;
}

void view_key(struct view_term *term, int key)
{
	if (term->help) {
		term->help = false;
		return;
	}
	if (term->question) {
		type(term, key);
		return;
	}
	if (move_cursor(term, key))
		return;
	base_buf_reset(&term->message);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(keys); i++)
		if (key == keys[i].key)
			keys[i].run(term);
}
