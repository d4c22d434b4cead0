/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of machine/uevents and machine/trace that are too slow: what they lose and hear. */
#include "world.h"

#include "../../src/tree/tree_private.h"

#define UEVENT9 SYS_MEMORY "memory9/uevent"
#define EVENT_BYTES_LIMIT (16u << 20)
#define POLL_READY (POLLIN | POLLRDNORM)

/*
 * Generates events with long arguments until @bytes of them are kept or lost; the number of the
 * last.
 */
static uint64_t flood(struct world *w, size_t bytes)
{
	char text[2048];
	size_t len;

	len = (size_t)snprintf(text, sizeof(text), "change 01234567-89ab-cdef-0123-456789abcdef ");
	memset(text + len, 'a', 1700);
	memcpy(text + len + 1, "=", 1);
	for (size_t sent = 0; sent < bytes; sent += 1700)
		assert_int_equal(world_write_bytes(w, UEVENT9, text, len + 1700), len + 1700);
	return hp_uevent_seqnum(w->hp);
}

static uint64_t next_seqnum(struct tree_file *file)
{
	struct base_buf text;
	struct world_req r;
	uint64_t seqnum;

	base_buf_init(&text);
	/* one byte at a time in the second half, so that it ends with the event */
	for (size_t size = 1500; !strstr(base_buf_text(&text), "\n\n"); size = 1) {
		assert_int_equal(world_file_read(&r, file, size, 0), size);
		base_buf_add(&text, base_buf_text(&r.text), r.text.len);
		world_req_fini(&r);
	}
	assert_memory_equal(base_buf_text(&text), "change@", 7);
	seqnum = strtoull(strstr(base_buf_text(&text), "SEQNUM=") + 7, NULL, 10);
	base_buf_fini(&text);
	return seqnum;
}

static void loses_the_oldest(void **state)
{
	struct world *w = *state;
	uint64_t before = hp_uevent_seqnum(w->hp), last, kept;
	struct tree_file *slow = world_uevents(w, O_NONBLOCK), *late;

	flood(w, 1u << 20);
	late = world_uevents(w, O_NONBLOCK);
	last = flood(w, EVENT_BYTES_LIMIT);
	assert_true(w->tree->stream[TREE_STREAM_UEVENTS].bytes <= EVENT_BYTES_LIMIT);
	assert_true(w->tree->stream[TREE_STREAM_UEVENTS].bytes > EVENT_BYTES_LIMIT - 4096);

	assert_int_equal(tree_poll(slow, NULL, NULL), POLL_READY);
	assert_file_answers(slow, 4096, -ENOBUFS);
	kept = next_seqnum(slow);
	assert_true(kept > before + 1 && kept < last);
	/* Reported only once; the rest is complete. */
	for (uint64_t n = kept + 1; n <= kept + 20; n++)
		assert_int_equal(next_seqnum(slow), n);
	assert_file_answers(late, 4096, -ENOBUFS);
	assert_int_equal(next_seqnum(late), kept);
	tree_release(slow);
	tree_release(late);
	assert_int_equal(w->tree->stream[TREE_STREAM_UEVENTS].bytes, 0);
}

static void loses_a_half_read_event(void **state)
{
	struct world *w = *state;
	uint64_t before = hp_uevent_seqnum(w->hp);
	struct tree_file *slow = world_uevents(w, O_NONBLOCK);
	struct world_req r;

	flood(w, 1700);
	assert_int_equal(world_file_read(&r, slow, 100, 0), 100);
	world_req_fini(&r);
	flood(w, EVENT_BYTES_LIMIT);
	assert_file_answers(slow, 4096, -ENOBUFS);
	assert_true(next_seqnum(slow) > before + 1);
	tree_release(slow);
}

/* A fast reader loses nothing because of a slow one. */
static void others_lose_nothing(void **state)
{
	struct world *w = *state;
	uint64_t before = hp_uevent_seqnum(w->hp), last;
	struct tree_file *slow = world_uevents(w, O_NONBLOCK),
			 *quick = world_uevents(w, O_NONBLOCK);
	struct world_req r;

	last = flood(w, EVENT_BYTES_LIMIT / 2);
	for (uint64_t n = before + 1; n <= before + 10; n++)
		assert_int_equal(next_seqnum(quick), n);
	while (world_file_read(&r, quick, 1u << 20, 0) > 0)
		world_req_fini(&r);
	flood(w, EVENT_BYTES_LIMIT / 4 * 3);
	assert_int_equal(next_seqnum(quick), last + 1);
	assert_file_answers(slow, 4096, -ENOBUFS);
	tree_release(slow);
	tree_release(quick);
}

/* A reader of the trace is told how many lines it missed, once, instead of an error. */
static void trace_counts_what_is_lost(void **state)
{
	static char line[4096];
	struct world *w = *state;
	struct tree_stream *stream = &w->tree->stream[TREE_STREAM_TRACE];
	struct tree_file *slow = world_open_good(w, "machine/trace", O_RDONLY | O_NONBLOCK);
	uint64_t put = 0;
	char lost[64];

	memset(line, 'x', sizeof(line));
	for (; put < 2 * EVENT_BYTES_LIMIT / sizeof(line); put++)
		tree_put_trace(w->tree, line, sizeof(line));
	snprintf(lost, sizeof(lost), "{\"op\":\"lost\",\"lines\":%" PRIu64 "}\n",
		 put - stream->bytes / (sizeof(struct tree_event) + sizeof(line)));
	assert_file_reads(slow, 4096, 0, lost);
	assert_file_answers(slow, 4096, sizeof(line));
	tree_release(slow);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(loses_the_oldest),
		WORLD_TEST(loses_a_half_read_event),
		WORLD_TEST(others_lose_nothing),
		WORLD_TEST(trace_counts_what_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
