/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sequences of operations on the tree, as by several processes on a mount: files and directories
 * stay open, inodes stay referenced, and requests stay pending, while objects are created and
 * removed. At the end everything is closed and forgotten.
 *
 * An input consists of lines: an operation and its arguments, one character each, then raw data. A
 * path is a character of the table in case_paths.c ('0' is the first), which is followed by the
 * paths of each kind of object in machine/: its directory, an object a in it, and the files of a. A
 * slot is any character, a number a character from '0' (none) on.
 *
 *	l PATH SLOT	look up, keep the inode		f SLOT	forget it
 *	g SLOT		its attributes, its link	s SLOT FIELDS DATA	set attributes
 *	o PATH SLOT HOW	open: r, w, b(oth), d(irect)	c SLOT	close, killing who waits
 *	r SLOT SIZE OFF	begin to read			w SLOT DATA	begin to write
 *	p SLOT		poll				i SLOT	interrupt
 *	d PATH SLOT	open a directory		e SLOT	close it
 *	n SLOT COUNT	list so many entries		z SLOT	back to its beginning
 *	m PATH		make a directory		x PATH	remove it
 *	C PATH		read all of a file		W PATH DATA	write a file
 *	t NUMBER	let time pass			a NUMBER	actor of later operations
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_paths.h"

#define MAX_OPERATIONS 400
#define NR_SLOTS 8

/* An open file with the only request that may be in progress on it. */
struct file_slot {
	struct tree_file *file;
	struct fuzz_io io;
	unsigned int woken;
};

struct dir_slot {
	struct tree_dir *dir;
	uint64_t ino;
	off_t off;
	unsigned int room;
};

struct fuzz_case {
	struct fuzz_world world;
	struct tree_caller caller;
	struct case_paths paths;
	uint64_t ino[NR_SLOTS];
	struct file_slot file[NR_SLOTS];
	struct dir_slot dir[NR_SLOTS];
};

/* The arguments of an operation: the rest of its line. */
struct args {
	const char *text;
	size_t len;
};

static unsigned int take_char(struct args *args)
{
	if (!args->len)
		return '0';
	args->len--;
	return (unsigned char)*args->text++;
}

static unsigned int take_number(struct args *args)
{
	return (take_char(args) - '0') & 0xff;
}

static unsigned int take_slot(struct args *args)
{
	return take_number(args) % NR_SLOTS;
}

static const char *take_path(const struct fuzz_case *c, struct args *args)
{
	return c->paths.path[take_number(args) % c->paths.nr];
}

/* ---- inodes -------------------------------------------------------------------------------- */

static void forget(struct fuzz_case *c, unsigned int slot)
{
	if (c->ino[slot])
		tree_forget(c->world.tree, c->ino[slot], 1);
	c->ino[slot] = 0;
}

static void op_lookup(struct fuzz_case *c, struct args *args)
{
	const char *path = take_path(c, args);
	unsigned int slot = take_slot(args);
	struct tree_attr attr;

	forget(c, slot);
	if (*path && !fuzz_world_find(&c->world, path, &attr))
		c->ino[slot] = attr.ino;
}

static void op_forget(struct fuzz_case *c, struct args *args)
{
	forget(c, take_slot(args));
}

static void op_getattr(struct fuzz_case *c, struct args *args)
{
	uint64_t ino = c->ino[take_slot(args)];
	struct tree_attr attr;
	struct base_buf text;
	int ret;

	if (!ino)
		return;
	/* Also if it was removed, as it is still referenced. */
	FUZZ_REQUIRE(!tree_getattr(c->world.tree, ino, &attr));
	FUZZ_REQUIRE(attr.ino == ino);
	base_buf_init(&text);
	ret = tree_readlink(c->world.tree, ino, &text);
	FUZZ_REQUIRE(S_ISLNK(attr.mode) || ret == -EINVAL);
	base_buf_fini(&text);
}

static void op_setattr(struct fuzz_case *c, struct args *args)
{
	struct tree_attr attr = { 0 }, before, after;
	uint64_t ino = c->ino[take_slot(args)];
	unsigned int valid = take_number(args);

	if (!ino)
		return;
	attr.mode = take_number(args) << 6 | take_number(args);
	attr.uid = take_number(args);
	attr.gid = take_number(args);
	attr.mtime.tv_sec = (time_t)take_number(args);
	FUZZ_REQUIRE(!tree_getattr(c->world.tree, ino, &before));
	FUZZ_REQUIRE(!tree_setattr(c->world.tree, ino, &attr, valid));
	FUZZ_REQUIRE(!tree_getattr(c->world.tree, ino, &after));
	FUZZ_REQUIRE((before.mode & S_IFMT) == (after.mode & S_IFMT));
	FUZZ_REQUIRE(after.uid == (valid & TREE_SET_UID ? attr.uid : before.uid));
}

static void op_mkdir(struct fuzz_case *c, struct args *args)
{
	const char *path = take_path(c, args), *name = strrchr(path, '/');
	struct tree_attr dir, attr;
	char parent[128];

	if (!name)
		return;
	FUZZ_REQUIRE((size_t)(name - path) < sizeof(parent));
	memcpy(parent, path, (size_t)(name - path));
	parent[name - path] = '\0';
	if (fuzz_world_find(&c->world, parent, &dir))
		return;
	if (!tree_mkdir(c->world.tree, dir.ino, name + 1, &attr)) {
		FUZZ_REQUIRE(S_ISDIR(attr.mode));
		tree_forget(c->world.tree, attr.ino, 1);
	}
	tree_forget(c->world.tree, dir.ino, 1);
}

static void op_rmdir(struct fuzz_case *c, struct args *args)
{
	const char *path = take_path(c, args), *name = strrchr(path, '/');
	struct tree_attr dir;
	char parent[128];

	if (!name)
		return;
	FUZZ_REQUIRE((size_t)(name - path) < sizeof(parent));
	memcpy(parent, path, (size_t)(name - path));
	parent[name - path] = '\0';
	if (fuzz_world_find(&c->world, parent, &dir))
		return;
	(void)tree_rmdir(c->world.tree, dir.ino, name + 1);
	tree_forget(c->world.tree, dir.ino, 1);
}

/* ---- directories --------------------------------------------------------------------------- */

static void closedir_slot(struct dir_slot *slot)
{
	if (slot->dir)
		tree_closedir(slot->dir);
	*slot = (struct dir_slot){ .dir = NULL };
}

static void op_opendir(struct fuzz_case *c, struct args *args)
{
	const char *path = take_path(c, args);
	struct dir_slot *slot = &c->dir[take_slot(args)];
	struct tree_attr attr = { .ino = TREE_ROOT_INO };

	closedir_slot(slot);
	if (*path && fuzz_world_find(&c->world, path, &attr))
		return;
	if (!tree_opendir(c->world.tree, attr.ino, 0, &slot->dir))
		slot->ino = attr.ino;
	if (*path)
		tree_forget(c->world.tree, attr.ino, 1);
}

static void op_closedir(struct fuzz_case *c, struct args *args)
{
	closedir_slot(&c->dir[take_slot(args)]);
}

static bool take_entry(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next)
{
	struct dir_slot *slot = ctx;

	FUZZ_REQUIRE(*name && ino && type && next >= slot->off);
	if (!slot->room)
		return false;
	slot->room--;
	slot->off = next;
	return true;
}

static void op_list(struct fuzz_case *c, struct args *args)
{
	struct dir_slot *slot = &c->dir[take_slot(args)];

	slot->room = take_number(args);
	if (slot->dir)
		(void)tree_readdir(slot->dir, slot->off, take_entry, slot);
}

static void op_rewind(struct fuzz_case *c, struct args *args)
{
	c->dir[take_slot(args)].off = 0;
}

/* ---- files --------------------------------------------------------------------------------- */

static void close_slot(struct fuzz_case *c, struct file_slot *slot)
{
	if (!slot->file)
		return;
	if (slot->io.pending)
		tree_interrupt(&slot->io.req, true);
	fuzz_io_wait(&c->world, &slot->io);
	tree_release(slot->file);
	fuzz_io_fini(&slot->io);
	*slot = (struct file_slot){ .file = NULL };
}

static void op_open(struct fuzz_case *c, struct args *args)
{
	static const char how[] = "rwbd";
	static const int flags[] = { O_RDONLY, O_WRONLY, O_RDWR, O_DIRECT };
	const char *path = take_path(c, args), *at;
	struct file_slot *slot = &c->file[take_slot(args)];
	struct tree_attr attr;
	int ret;

	at = memchr(how, (int)take_char(args), strlen(how));
	close_slot(c, slot);
	if (!*path || fuzz_world_find(&c->world, path, &attr))
		return;
	ret = tree_open(c->world.tree, attr.ino, at ? flags[at - how] : O_RDONLY, &slot->file);
	if (!ret)
		fuzz_io_init(&slot->io);
	else
		slot->file = NULL;
	tree_forget(c->world.tree, attr.ino, 1);
}

static void op_close(struct fuzz_case *c, struct args *args)
{
	close_slot(c, &c->file[take_slot(args)]);
}

static void op_read(struct fuzz_case *c, struct args *args)
{
	struct file_slot *slot = &c->file[take_slot(args)];
	size_t size = take_number(args);
	off_t off = (off_t)take_number(args);

	if (!slot->file || slot->io.pending)
		return;
	slot->io.req.caller = c->caller;
	fuzz_io_read(&slot->io, slot->file, size, off);
}

static void op_write(struct fuzz_case *c, struct args *args)
{
	struct file_slot *slot = &c->file[take_slot(args)];

	if (!slot->file || slot->io.pending)
		return;
	slot->io.req.caller = c->caller;
	fuzz_io_write(&slot->io, slot->file, args->text, args->len);
}

static void woken(void *ctx)
{
	struct file_slot *slot = ctx;

	FUZZ_REQUIRE(slot->file && !slot->woken);
	slot->woken++;
}

static void op_poll(struct fuzz_case *c, struct args *args)
{
	struct file_slot *slot = &c->file[take_slot(args)];

	if (!slot->file)
		return;
	slot->woken = 0;
	(void)tree_poll(slot->file, woken, slot);
}

static void op_interrupt(struct fuzz_case *c, struct args *args)
{
	struct file_slot *slot = &c->file[take_slot(args)];

	if (slot->file && slot->io.pending)
		tree_interrupt(&slot->io.req, false);
}

static void op_cat(struct fuzz_case *c, struct args *args)
{
	const char *path = take_path(c, args);
	struct tree_attr attr;

	if (!*path || fuzz_world_find(&c->world, path, &attr))
		return;
	fuzz_world_cat(&c->world, attr.ino);
	tree_forget(c->world.tree, attr.ino, 1);
}

static void op_echo(struct fuzz_case *c, struct args *args)
{
	const char *path = take_path(c, args);
	struct tree_attr attr;

	if (!*path || fuzz_world_find(&c->world, path, &attr))
		return;
	fuzz_world_echo(&c->world, attr.ino, args->text, args->len);
	tree_forget(c->world.tree, attr.ino, 1);
}

static void op_time(struct fuzz_case *c, struct args *args)
{
	base_vclock_advance(c->world.clock, 1ULL << take_number(args) % 36);
}

/* Race gates hold only requests of an actor. */
static void op_actor(struct fuzz_case *c, struct args *args)
{
	c->caller.pid = (pid_t)take_number(args);
}

/* ---- the input ----------------------------------------------------------------------------- */

static const struct {
	char name;
	void (*fn)(struct fuzz_case *c, struct args *args);
} operations[] = {
	{ 'l', op_lookup }, { 'f', op_forget }, { 'g', op_getattr }, { 's', op_setattr },
	{ 'm', op_mkdir },  { 'x', op_rmdir },	{ 'd', op_opendir }, { 'e', op_closedir },
	{ 'n', op_list },   { 'z', op_rewind }, { 'o', op_open },    { 'c', op_close },
	{ 'r', op_read },   { 'w', op_write },	{ 'p', op_poll },    { 'i', op_interrupt },
	{ 'C', op_cat },    { 'W', op_echo },	{ 't', op_time },    { 'a', op_actor },
};

static void run_line(struct fuzz_case *c, const char *line, size_t len)
{
	struct args args = { line + 1, len - 1 };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(operations); i++) {
		if (operations[i].name == *line)
			operations[i].fn(c, &args);
	}
	fuzz_world_check(&c->world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	struct fuzz_case c = { .ino = { 0 } };

	FUZZ_REQUIRE(fuzz_world_init(&c.world, fuzz_spec_small()));
	case_paths_init(&c.paths, &c.world);
	for (int i = 0; at < end && i < MAX_OPERATIONS; i++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		if (stop > at)
			run_line(&c, at, (size_t)(stop - at));
		at = stop + 1;
	}
	for (unsigned int i = 0; i < NR_SLOTS; i++) {
		close_slot(&c, &c.file[i]);
		closedir_slot(&c.dir[i]);
		forget(&c, i);
	}
	case_paths_fini(&c.paths);
	fuzz_world_fini(&c.world);
	return 0;
}
