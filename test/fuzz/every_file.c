/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks over whole trees, see every_file.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model/machine_views.h"
#include "every_file.h"

#define MAX_INODES 50000
#define MAX_TEXT ((size_t)64 << 20)
#define BIG_READ 65536

/* ---- files ----------------------------------------------------------------------------------- */

/* One read; a reader that waits is killed. */
static ssize_t read_now(struct fuzz_world *world, struct fuzz_io *io, struct tree_file *file,
			size_t size, size_t off)
{
	fuzz_io_read(io, file, size, (off_t)off);
	if (io->pending) {
		tree_interrupt(&io->req, true);
		fuzz_io_wait(world, io);
	}
	return io->result;
}

/* Reads the whole text in pieces of @size to 2 * @size bytes; the last result: 0 or -errno. */
static ssize_t read_all(struct fuzz_world *world, struct tree_file *file, struct fuzz_io *io,
			size_t size)
{
	size_t piece = size;

	while (read_now(world, io, file, piece, io->text.len) > 0) {
		FUZZ_REQUIRE(io->text.len < MAX_TEXT);
		piece = piece < 2 * size ? piece + 1 : size;
	}
	return io->result;
}

static bool ends_the_walk(ssize_t result)
{
	return result == -EINTR || result == -ERESTART;
}

static void compare_pieces(struct fuzz_world *world, uint64_t ino, const struct fuzz_io *whole,
			   size_t size)
{
	struct tree_file *file;
	struct fuzz_io io;
	ssize_t ret;

	FUZZ_REQUIRE(!tree_open(world->tree, ino, O_RDONLY | O_NONBLOCK, &file));
	fuzz_io_init(&io);
	ret = read_all(world, file, &io, size);
	if (!ends_the_walk(ret)) {
		FUZZ_REQUIRE(ret == whole->result);
		FUZZ_REQUIRE(io.text.len == whole->text.len);
		FUZZ_REQUIRE(
			!memcmp(base_buf_text(&io.text), base_buf_text(&whole->text), io.text.len));
	}
	fuzz_io_fini(&io);
	tree_release(file);
}

/* Reads from an offset on, as pread(2) on a new descriptor. */
static void compare_from(struct fuzz_world *world, uint64_t ino, const struct fuzz_io *whole,
			 size_t off, size_t size)
{
	size_t wanted = off < whole->text.len ? BASE_MIN(size, whole->text.len - off) : 0;
	struct tree_file *file;
	struct fuzz_io io;
	ssize_t ret;

	FUZZ_REQUIRE(!tree_open(world->tree, ino, O_RDONLY | O_NONBLOCK, &file));
	fuzz_io_init(&io);
	ret = read_now(world, &io, file, size, off);
	if (!ends_the_walk(ret)) {
		FUZZ_REQUIRE(ret == (ssize_t)wanted);
		FUZZ_REQUIRE(!memcmp(base_buf_text(&io.text), base_buf_text(&whole->text) + off,
				     wanted));
	}
	fuzz_io_fini(&io);
	tree_release(file);
}

static void check_file(struct fuzz_world *world, const struct tree_attr *attr, struct dice *dice)
{
	size_t piece = 1 + dice_roll(dice, 300);
	struct tree_file *file;
	struct fuzz_io whole;
	bool is_text;
	int ret = tree_open(world->tree, attr->ino, O_RDONLY | O_NONBLOCK, &file);

	if (ret) {
		FUZZ_REQUIRE(ret == (attr->mode & 0444 ? -ENFILE : -EACCES));
		return;
	}
	fuzz_io_init(&whole);
	is_text = tree_file_is_text(file);
	if (is_text)
		(void)read_all(world, file, &whole, BIG_READ);
	else
		(void)read_now(world, &whole, file, BIG_READ, 0);
	tree_release(file);
	FUZZ_REQUIRE(!is_text || !memchr(base_buf_text(&whole.text), '\0', whole.text.len));
	if (is_text && !ends_the_walk(whole.result)) {
		compare_pieces(world, attr->ino, &whole, piece);
		compare_pieces(world, attr->ino, &whole, 4096);
		if (!whole.result)
			compare_from(world, attr->ino, &whole, whole.text.len / 2, piece);
	}
	fuzz_io_fini(&whole);
}

/* ---- directories and links ------------------------------------------------------------------- */

struct names {
	struct base_buf text;
	unsigned int room;
	off_t off;
};

static bool take_name(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next)
{
	struct names *names = ctx;

	if (!names->room)
		return false;
	names->room--;
	FUZZ_REQUIRE(ino && next >= names->off);
	names->off = next;
	base_buf_printf(&names->text, "%s %llu %o\n", name, (unsigned long long)ino, type);
	return true;
}

static void list_all(struct tree_dir *dir, unsigned int room, struct names *names)
{
	size_t before;

	*names = (struct names){ .off = 0 };
	base_buf_init(&names->text);
	do {
		before = names->text.len;
		names->room = room;
		FUZZ_REQUIRE(!tree_readdir(dir, names->off, take_name, names));
	} while (names->text.len > before);
}

static void check_directory(struct fuzz_world *world, const struct tree_attr *attr,
			    struct dice *dice)
{
	struct names whole, pieces;
	struct tree_dir *dir;
	struct tree_attr none;
	bool fixed;

	FUZZ_REQUIRE(!tree_opendir(world->tree, attr->ino, 0, &dir));
	list_all(dir, UINT32_MAX, &whole);
	list_all(dir, 1 + dice_roll(dice, 5), &pieces);
	FUZZ_REQUIRE(!strcmp(base_buf_text(&whole.text), base_buf_text(&pieces.text)));
	tree_closedir(dir);
	base_buf_fini(&whole.text);
	base_buf_fini(&pieces.text);
	FUZZ_REQUIRE(tree_lookup(world->tree, attr->ino, "no such", &none, &fixed) == -ENOENT);
}

/* The target of the link @path, as a path below the root. */
static void resolve(const char *path, const char *target, char *ret_path, size_t size)
{
	char *slash;

	snprintf(ret_path, size, "%s", path);
	slash = strrchr(ret_path, '/');
	*(slash ? slash : ret_path) = '\0';
	for (; !strncmp(target, "../", 3); target += 3) {
		slash = strrchr(ret_path, '/');
		FUZZ_REQUIRE(*ret_path != '\0');
		*(slash ? slash : ret_path) = '\0';
	}
	snprintf(ret_path + strlen(ret_path), size - strlen(ret_path), "%s%s", *ret_path ? "/" : "",
		 target);
}

static void check_link(struct fuzz_world *world, const char *path, const struct tree_attr *attr)
{
	struct tree_attr there;
	struct base_buf target;
	char to[512];

	base_buf_init(&target);
	FUZZ_REQUIRE(!tree_readlink(world->tree, attr->ino, &target));
	resolve(path, base_buf_text(&target), to, sizeof(to));
	base_buf_fini(&target);
	/* CPUs have no bus here. */
	if (!strcmp(to, "sys/bus/cpu"))
		return;
	FUZZ_REQUIRE(!fuzz_world_find(world, to, &there));
	tree_forget(world->tree, there.ino, 1);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void check_one(struct fuzz_world *world, const char *path, const struct tree_attr *attr,
		      void *ctx)
{
	struct tree_attr again;

	fuzz_watch("walk", path);
	FUZZ_REQUIRE(!tree_getattr(world->tree, attr->ino, &again));
	FUZZ_REQUIRE(again.ino == attr->ino && again.mode == attr->mode);
	if (S_ISREG(attr->mode))
		check_file(world, attr, ctx);
	else if (S_ISDIR(attr->mode))
		check_directory(world, attr, ctx);
	else
		check_link(world, path, attr);
	fuzz_watch(NULL, NULL);
}

void every_file_walk(struct fuzz_world *world, struct dice *dice)
{
	size_t most = MAX_INODES;

	fuzz_world_visit(world, TREE_ROOT_INO, "", check_one, dice, &most);
	FUZZ_REQUIRE(most > 0);
}

/* ---- views ----------------------------------------------------------------------------------- */

#define NR_TEXTS 4

struct look {
	struct fuzz_world *world;
	struct base_buf text[NR_TEXTS];
	unsigned int next;
};

static struct base_buf *next_text(struct look *look)
{
	struct base_buf *text = &look->text[look->next++ % NR_TEXTS];

	base_buf_reset(text);
	return text;
}

static const char *look_read(void *ctx, const char *path)
{
	struct look *look = ctx;
	struct base_buf *text = next_text(look);

	(void)fuzz_world_text(look->world, path, text);
	return base_buf_text(text);
}

static const char *look_names(void *ctx, const char *path)
{
	struct look *look = ctx;
	struct base_buf *text = next_text(look);

	fuzz_world_names(look->world, path, text);
	return base_buf_text(text);
}

void every_file_views(struct fuzz_world *world, bool busy)
{
	struct look look = { .world = world };
	struct views views;
	const char *wrong;

	for (unsigned int i = 0; i < NR_TEXTS; i++)
		base_buf_init(&look.text[i]);
	fuzz_watch("views", "");
	views_init(&views, world->machine, look_read, look_names, &look);
	views.busy = busy;
	wrong = views_check(&views);
	if (!wrong)
		wrong = views_check_devices(&views);
	fuzz_require(!wrong, wrong, "views", 0);
	views_fini(&views);
	fuzz_watch(NULL, NULL);
	for (unsigned int i = 0; i < NR_TEXTS; i++)
		base_buf_fini(&look.text[i]);
}
