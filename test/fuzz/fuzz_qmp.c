/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor: the input is what a client sends, first before it has negotiated and then after it.
 * Every message gets an answer that is JSON; time passes between them.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "memhp/qmp.h"

#define STEP_NS 50000000ULL

static void on_event(void *ctx, const char *name, const char *data, bool by_guest)
{
	char *key = qmp_event_key(name, data);
	struct base_buf text;

	base_buf_init(&text);
	qmp_event_text(name, data, 0, &text);
	FUZZ_REQUIRE(*base_buf_text(&text) == '{');
	base_buf_fini(&text);
	free(key);
}

static const char *where(void *ctx)
{
	return "here";
}

static void on_quit(void *ctx)
{
}

static const struct tree_monitor monitor = { .event = on_event, .where = where, .quit = on_quit };

static void check_answer(const char *text, size_t len)
{
	struct base_buf sorted;

	base_buf_init(&sorted);
	FUZZ_REQUIRE(!qmp_canonical(text, len, &sorted));
	FUZZ_REQUIRE(*base_buf_text(&sorted) == '{');
	base_buf_fini(&sorted);
}

static void before(const char *text, size_t len)
{
	struct base_buf answer;
	bool done;

	base_buf_init(&answer);
	qmp_negotiate(text, len, &answer, &done);
	check_answer(base_buf_text(&answer), answer.len);
	base_buf_fini(&answer);
}

static void after(struct fuzz_world *world, struct tree_file *file, const char *text, size_t len)
{
	struct fuzz_io io;

	fuzz_watch("a message to", "machine/qmp");
	fuzz_io_init(&io);
	fuzz_io_write(&io, file, text, len);
	fuzz_io_wait(world, &io);
	if (io.result >= 0)
		check_answer(base_buf_text(tree_file_answer(file)), tree_file_answer(file)->len);
	fuzz_io_fini(&io);
	base_vclock_advance(world->clock, STEP_NS);
	fuzz_watch(NULL, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct fuzz_world world;
	struct tree_file *file;
	struct tree_attr attr;
	size_t start, len;

	FUZZ_REQUIRE(fuzz_world_init(&world, fuzz_spec_small()));
	tree_set_monitor(world.tree, &monitor, NULL);
	FUZZ_REQUIRE(!fuzz_world_find(&world, "machine/qmp", &attr));
	FUZZ_REQUIRE(!tree_open(world.tree, attr.ino, 2, &file));
	for (size_t at = 0; (len = qmp_message_len(text + at, size - at, &start)); at += len) {
		FUZZ_REQUIRE(len <= size - at && start < len);
		before(text + at + start, len - start);
		after(&world, file, text + at + start, len - start);
	}
	fuzz_world_check(&world);
	tree_release(file);
	tree_forget(world.tree, attr.ino, 1);
	fuzz_world_fini(&world);
	return 0;
}
