/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of the fuzz targets, and files that are read or written at once; see fuzz.h. */
#include <fcntl.h>
#include <string.h>

#include "fuzz.h"

#define MAX_ERRNO 4095
/* steps of the clock after which a request is considered endless */
#define MAX_STEPS 10000
#define OTHER_BYTES (1u << 20)
#define READ_SIZE 4096

static void io_done(struct tree_req *req, ssize_t result)
{
	struct fuzz_io *io = base_container_of(req, struct fuzz_io, req);

	FUZZ_REQUIRE(io->pending);
	FUZZ_REQUIRE(result >= -MAX_ERRNO);
	io->pending = false;
	io->result = result;
	if (io->reading && result > 0)
		base_buf_add(&io->text, req->data, (size_t)result);
	if (!io->reading)
		FUZZ_REQUIRE(result <= (ssize_t)io->text.len);
}

void fuzz_io_init(struct fuzz_io *io)
{
	*io = (struct fuzz_io){ .req.done = io_done };
	base_buf_init(&io->text);
}

void fuzz_io_fini(struct fuzz_io *io)
{
	FUZZ_REQUIRE(!io->pending);
	base_buf_fini(&io->text);
}

void fuzz_io_read(struct fuzz_io *io, struct tree_file *file, size_t size, off_t off)
{
	io->reading = true;
	io->pending = true;
	tree_read(file, &io->req, size, off);
	FUZZ_REQUIRE(io->pending || io->result <= (ssize_t)size);
}

void fuzz_io_write(struct fuzz_io *io, struct tree_file *file, const void *data, size_t len)
{
	base_buf_reset(&io->text);
	base_buf_add(&io->text, data, len);
	io->reading = false;
	io->pending = true;
	tree_write(file, &io->req, base_buf_text(&io->text), len);
}

void fuzz_io_wait(struct fuzz_world *world, struct fuzz_io *io)
{
	for (int i = 0; io->pending && i < MAX_STEPS && base_vclock_step(world->clock); i++)
		;
	if (io->pending)
		tree_interrupt(&io->req, true);
	for (int i = 0; io->pending && i < MAX_STEPS && base_vclock_step(world->clock); i++)
		;
	FUZZ_REQUIRE(!io->pending);
}

void fuzz_world_cat(struct fuzz_world *world, uint64_t ino)
{
	struct tree_file *file;
	struct fuzz_io io;
	bool is_text;

	if (tree_open(world->tree, ino, O_RDONLY | O_NONBLOCK, &file))
		return;
	is_text = tree_file_is_text(file);
	fuzz_io_init(&io);
	do {
		fuzz_io_read(&io, file, READ_SIZE, (off_t)io.text.len);
		fuzz_io_wait(world, &io);
		/* The files of pages may be as long as memory is large. */
	} while (io.result > 0 && (is_text || io.text.len < OTHER_BYTES));
	FUZZ_REQUIRE(!is_text || !memchr(base_buf_text(&io.text), '\0', io.text.len));
	fuzz_io_fini(&io);
	tree_release(file);
}

ssize_t fuzz_world_text(struct fuzz_world *world, const char *path, struct base_buf *text)
{
	struct tree_attr attr;
	struct tree_file *file;
	struct fuzz_io io;
	ssize_t ret = fuzz_world_find(world, path, &attr);

	if (ret)
		return ret;
	ret = tree_open(world->tree, attr.ino, O_RDONLY | O_NONBLOCK, &file);
	tree_forget(world->tree, attr.ino, 1);
	if (ret)
		return ret;
	fuzz_io_init(&io);
	do {
		fuzz_io_read(&io, file, READ_SIZE, (off_t)io.text.len);
		if (io.pending)
			tree_interrupt(&io.req, true);
		fuzz_io_wait(world, &io);
	} while (io.result > 0);
	base_buf_add(text, base_buf_text(&io.text), io.text.len);
	ret = io.result;
	fuzz_io_fini(&io);
	tree_release(file);
	return ret;
}

void fuzz_world_echo(struct fuzz_world *world, uint64_t ino, const void *data, size_t len)
{
	struct tree_file *file;
	struct fuzz_io io;

	if (tree_open(world->tree, ino, O_WRONLY, &file))
		return;
	fuzz_io_init(&io);
	fuzz_io_write(&io, file, data, len);
	fuzz_io_wait(world, &io);
	fuzz_io_fini(&io);
	tree_release(file);
}
