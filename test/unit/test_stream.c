/* SPDX-License-Identifier: GPL-2.0-or-later */
/* machine/uevents: the format of events, readers with their own positions, and waiting. */
#include "world.h"

#include "../../src/tree/tree_private.h"

#define UEVENT9 SYS_MEMORY "memory9/uevent"
#define DEVPATH9 "/devices/system/memory/memory9"
#define POLL_READY (POLLIN | POLLRDNORM)

/* The text of a synthetic event with number @seqnum. */
static const char *event(struct world *w, const char *action, uint64_t seqnum)
{
	struct base_buf *buf = world_next_text(w);

	base_buf_printf(buf,
			"%s@" DEVPATH9 "\nACTION=%s\nDEVPATH=" DEVPATH9
			"\nSUBSYSTEM=memory\nSYNTH_UUID=0\nSEQNUM=%" PRIu64 "\n\n",
			action, action, seqnum);
	return base_buf_text(buf);
}

/* ---- events --------------------------------------------------------------------------------- */

static void texts(void **state)
{
	struct world *w = *state;
	uint64_t before = hp_uevent_seqnum(w->hp);
	struct tree_file *file = world_uevents(w, O_NONBLOCK);
	char text[400];

	assert_takes(w, UEVENT9, "change");
	assert_file_reads(file, 4096, 0, event(w, "change", before + 1));
	assert_takes(w, UEVENT9, "add 01234567-89ab-CDEF-0123-456789abcdef A=1 Bc=Xyz9\n");
	snprintf(text, sizeof(text),
		 "add@" DEVPATH9 "\nACTION=add\nDEVPATH=" DEVPATH9 "\nSUBSYSTEM=memory\n"
		 "SYNTH_UUID=01234567-89ab-CDEF-0123-456789abcdef\nSYNTH_ARG_A=1\n"
		 "SYNTH_ARG_Bc=Xyz9\nSEQNUM=%" PRIu64 "\n\n",
		 before + 2);
	assert_file_reads(file, 4096, 0, text);
	assert_takes(w, SYS_MEMORY "memory9/state", "offline");
	snprintf(text, sizeof(text),
		 "offline@" DEVPATH9 "\nACTION=offline\nDEVPATH=" DEVPATH9
		 "\nSUBSYSTEM=memory\nSEQNUM=%" PRIu64 "\n\n",
		 before + 3);
	assert_file_reads(file, 4096, 0, text);
	assert_file_answers(file, 4096, -EAGAIN);
	tree_release(file);
}

/* As many as fit at once; cut anywhere. */
static void pieces(void **state)
{
	struct world *w = *state;
	uint64_t before = hp_uevent_seqnum(w->hp);
	struct tree_file *file = world_uevents(w, O_NONBLOCK);
	struct base_buf all, got;
	struct world_req r;
	size_t size = 1;

	base_buf_init(&all);
	base_buf_init(&got);
	for (unsigned int i = 1; i <= 9; i++) {
		assert_takes(w, UEVENT9, i % 2 ? "change" : "move");
		base_buf_puts(&all, event(w, i % 2 ? "change" : "move", before + i));
	}
	while (world_file_read(&r, file, size, 0) > 0) {
		assert_true(r.result == (ssize_t)size || got.len + (size_t)r.result == all.len);
		base_buf_add(&got, base_buf_text(&r.text), r.text.len);
		world_req_fini(&r);
		size = size * 2 % 509;
	}
	assert_int_equal(r.result, -EAGAIN);
	assert_string_equal(base_buf_text(&got), base_buf_text(&all));
	base_buf_fini(&all);
	base_buf_fini(&got);
	tree_release(file);
}

/* The file position is ignored. */
static void offsets_mean_nothing(void **state)
{
	struct world *w = *state;
	uint64_t before = hp_uevent_seqnum(w->hp);
	struct tree_file *file = world_uevents(w, O_NONBLOCK);
	struct world_req r;

	assert_takes(w, UEVENT9, "change");
	assert_takes(w, UEVENT9, "move");
	assert_int_equal(world_file_read(&r, file, 7, 12345), 7);
	assert_string_equal(base_buf_text(&r.text), "change@");
	world_req_fini(&r);
	assert_int_equal(world_file_read(&r, file, 8, 0), 8);
	assert_string_equal(base_buf_text(&r.text), "/devices");
	world_req_fini(&r);
	assert_int_equal(world_file_read(&r, file, strlen(event(w, "change", before + 1)) - 15, 0),
			 strlen(event(w, "change", before + 1)) - 15);
	world_req_fini(&r);
	assert_file_reads(file, 4096, 0, event(w, "move", before + 2));
	tree_release(file);
}

static void each_from_its_opening(void **state)
{
	struct world *w = *state;
	uint64_t before = hp_uevent_seqnum(w->hp);
	struct tree_file *a, *b, *c;

	assert_takes(w, UEVENT9, "add");
	a = world_uevents(w, O_NONBLOCK);
	assert_file_answers(a, 4096, -EAGAIN);
	assert_takes(w, UEVENT9, "change");
	b = world_uevents(w, O_NONBLOCK);
	assert_takes(w, UEVENT9, "move");
	assert_file_reads(b, 4096, 0, event(w, "move", before + 3));
	assert_file_answers(b, 4096, -EAGAIN);
	c = world_uevents(w, O_NONBLOCK);
	assert_takes(w, UEVENT9, "bind");
	tree_release(b);
	assert_file_reads(c, 4096, 0, event(w, "bind", before + 4));
	tree_release(c);
	for (unsigned int i = 0; i < 3; i++) {
		static const char *const actions[] = { "change", "move", "bind" };
		const char *text = event(w, actions[i], before + 2 + i);
		struct world_req r;

		assert_int_equal(world_file_read(&r, a, strlen(text), 0), strlen(text));
		assert_string_equal(base_buf_text(&r.text), text);
		world_req_fini(&r);
	}
	assert_file_answers(a, 4096, -EAGAIN);
	tree_release(a);
	assert_true(TAILQ_EMPTY(&w->tree->stream[TREE_STREAM_UEVENTS].events));
	assert_int_equal(w->tree->stream[TREE_STREAM_UEVENTS].bytes, 0);
}

/* Events are kept only as long as some reader needs them. */
static void memory_is_given_back(void **state)
{
	struct world *w = *state;
	struct tree_file *a, *b;

	assert_takes(w, UEVENT9, "change");
	assert_int_equal(w->tree->stream[TREE_STREAM_UEVENTS].bytes, 0);
	a = world_uevents(w, O_NONBLOCK);
	b = world_uevents(w, O_NONBLOCK);
	for (int i = 0; i < 10; i++)
		assert_takes(w, UEVENT9, "change");
	assert_true(w->tree->stream[TREE_STREAM_UEVENTS].bytes > 0);
	tree_release(a);
	assert_true(w->tree->stream[TREE_STREAM_UEVENTS].bytes > 0);
	tree_release(b);
	assert_int_equal(w->tree->stream[TREE_STREAM_UEVENTS].bytes, 0);
	/* An unread event is freed with the tree. */
	world_watch(w);
	assert_takes(w, UEVENT9, "change");
}

/* ---- waiting -------------------------------------------------------------------------------- */

static void reader_waits(void **state)
{
	struct world *w = *state;
	uint64_t before = hp_uevent_seqnum(w->hp);
	struct tree_file *file = world_uevents(w, 0);
	struct world_req r;

	world_req_read(&r, file, 4096, 0);
	assert_false(r.done);
	assert_takes(w, UEVENT9, "change");
	assert_true(r.done);
	assert_string_equal(base_buf_text(&r.text), event(w, "change", before + 1));
	world_req_fini(&r);
	world_req_read(&r, file, 4096, 0);
	assert_false(r.done);
	tree_interrupt(&r.req, false);
	assert_int_equal(r.result, -EINTR);
	tree_release(file);
}

/* Several reads of one file are served in order, each with the available events. */
static void readers_wait_in_turn(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_uevents(w, 0);
	struct world_req r[4];

	for (size_t i = 0; i < 4; i++)
		world_req_read(&r[i], file, i ? 4096 : 6, 0);
	assert_takes(w, UEVENT9, "change");
	assert_int_equal(r[0].result, 6);
	assert_string_equal(base_buf_text(&r[0].text), "change");
	assert_true(r[1].done);
	assert_memory_equal(base_buf_text(&r[1].text), "@" DEVPATH9 "\n", 1 + sizeof(DEVPATH9));
	assert_false(r[2].done);
	tree_interrupt(&r[2].req, true);
	assert_int_equal(r[2].result, -EINTR);
	tree_interrupt(&r[2].req, true);
	assert_false(r[3].done);
	assert_takes(w, UEVENT9, "move");
	assert_true(r[3].result > 0);
	for (size_t i = 0; i < 4; i++)
		world_req_fini(&r[i]);
	tree_release(file);
}

static void readers_of_other_files(void **state)
{
	struct world *w = *state;
	struct tree_file *a = world_uevents(w, 0), *b = world_uevents(w, 0);
	struct world_req ra, rb;

	world_req_read(&ra, a, 4096, 0);
	world_req_read(&rb, b, 4096, 0);
	tree_interrupt(&ra.req, false);
	assert_int_equal(ra.result, -EINTR);
	assert_false(rb.done);
	assert_takes(w, UEVENT9, "change");
	assert_true(rb.result > 0);
	/* a still has the event. */
	world_req_fini(&ra);
	world_req_read(&ra, a, 4096, 0);
	assert_int_equal(ra.result, rb.result);
	world_req_fini(&ra);
	world_req_fini(&rb);
	tree_release(a);
	tree_release(b);
}

/* ---- poll ----------------------------------------------------------------------------------- */

struct wakes {
	unsigned int nr;
	struct tree_file *file;
	unsigned int ready;
};

static void wake(void *ctx)
{
	((struct wakes *)ctx)->nr++;
}

static void wake_and_poll(void *ctx)
{
	struct wakes *wakes = ctx;

	wakes->nr++;
	wakes->ready = tree_poll(wakes->file, wake_and_poll, wakes);
}

static void poll_wakes_once(void **state)
{
	struct world *w = *state;
	struct wakes first = { .file = world_uevents(w, O_NONBLOCK) }, second = first;

	assert_int_equal(tree_poll(first.file, wake, &first), 0);
	/* Replaces the one before. */
	assert_int_equal(tree_poll(first.file, wake, &second), 0);
	assert_takes(w, UEVENT9, "change");
	assert_int_equal(first.nr, 0);
	assert_int_equal(second.nr, 1);
	assert_takes(w, UEVENT9, "change");
	assert_int_equal(second.nr, 1);
	for (int i = 0; i < 2; i++) {
		struct world_req r;

		assert_int_equal(tree_poll(first.file, NULL, NULL), POLL_READY);
		assert_true(world_file_read(&r, first.file, i ? 4096 : 150, 0) > 0);
		world_req_fini(&r);
	}
	assert_int_equal(tree_poll(first.file, NULL, NULL), 0);
	tree_release(first.file);
}

/* A woken poller may poll again at once. */
static void poll_from_a_wake(void **state)
{
	struct world *w = *state;
	struct wakes wakes = { .file = world_uevents(w, O_NONBLOCK) };

	assert_int_equal(tree_poll(wakes.file, wake_and_poll, &wakes), 0);
	assert_takes(w, UEVENT9, "change");
	assert_int_equal(wakes.nr, 1);
	assert_int_equal(wakes.ready, POLL_READY);
	assert_takes(w, UEVENT9, "change");
	assert_int_equal(wakes.nr, 2);
	tree_release(wakes.file);
}

static void poll_is_forgotten(void **state)
{
	struct world *w = *state;
	struct wakes asked = { .file = world_uevents(w, O_NONBLOCK) };

	/* A query alone removes the wake-up ... */
	assert_int_equal(tree_poll(asked.file, wake, &asked), 0);
	assert_int_equal(tree_poll(asked.file, NULL, NULL), 0);
	assert_takes(w, UEVENT9, "change");
	assert_int_equal(asked.nr, 0);
	/* ... and so does closing. */
	tree_release(asked.file);
	asked.file = world_uevents(w, O_NONBLOCK);
	assert_int_equal(tree_poll(asked.file, wake, &asked), 0);
	tree_release(asked.file);
	assert_takes(w, UEVENT9, "change");
	assert_int_equal(asked.nr, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(texts),
		WORLD_TEST(pieces),
		WORLD_TEST(offsets_mean_nothing),
		WORLD_TEST(each_from_its_opening),
		WORLD_TEST(memory_is_given_back),
		WORLD_TEST(reader_waits),
		WORLD_TEST(readers_wait_in_turn),
		WORLD_TEST(readers_of_other_files),
		WORLD_TEST(poll_wakes_once),
		WORLD_TEST(poll_from_a_wake),
		WORLD_TEST(poll_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
