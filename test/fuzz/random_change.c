/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random changes of a machine. What can be changed is found in the tree: writable files, and
 * directories of machine/ in which objects can be created.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/hotplug.h"
#include "random_machine.h"

#define TRIES 4
#define MAKE_TRIES 6 /* so that most created objects work */
#define NAMES 3
#define MAX_AGE 8 /* changes until the tree is searched again */
#define MAX_INODES 20000

/* A word of the file's current text, or a number near the current one. */
static void own_value(struct random_changes *c, const char *path, struct base_buf *text)
{
	struct base_buf now;
	unsigned long long number;
	const char *at;

	base_buf_init(&now);
	(void)fuzz_world_text(c->world, path, &now);
	at = base_buf_text(&now);
	if (!strcmp(at, "0\n") || !strcmp(at, "1\n")) {
		base_buf_puts(text, *at == '0' ? "1" : "0");
	} else if (sscanf(at, "%llu", &number) == 1) {
		base_buf_printf(text, "%llu", number + dice_roll(c->dice, 5) - 2);
	} else {
		size_t skip = dice_roll(c->dice, now.len + 1);

		at += skip;
		at += strspn(at, " \n");
		base_buf_add(text, at, strcspn(at, " \n"));
	}
	base_buf_fini(&now);
}

/* ---- writes ---------------------------------------------------------------------------------- */

static struct random_write *free_slot(struct random_changes *c)
{
	for (unsigned int i = 0; i < RANDOM_PENDING; i++) {
		struct random_write *write = &c->pending[i];

		if (write->file && !write->io.pending) {
			tree_release(write->file);
			fuzz_io_fini(&write->io);
			write->file = NULL;
		}
		if (!write->file)
			return write;
	}
	return NULL;
}

static void end_one(struct random_changes *c, struct random_write *write)
{
	if (!write->file)
		return;
	fuzz_watch("kill the writer of", write->path);
	if (write->io.pending)
		tree_interrupt(&write->io.req, true);
	fuzz_io_wait(c->world, &write->io);
	tree_release(write->file);
	fuzz_io_fini(&write->io);
	write->file = NULL;
	fuzz_watch(NULL, NULL);
}

/* The result of the write; 0: none yet. */
static ssize_t put(struct random_changes *c, const char *path, const char *text, size_t len)
{
	struct random_write *write = free_slot(c);
	struct tree_attr attr;
	int ret;

	/* All slots may hang in fault plans. */
	if (!write)
		return 0;
	ret = fuzz_world_find(c->world, path, &attr);
	if (ret)
		return ret;
	fuzz_watch("write", path);
	ret = tree_open(c->world->tree, attr.ino, O_WRONLY, &write->file);
	tree_forget(c->world->tree, attr.ino, 1);
	if (ret) {
		write->file = NULL;
		return ret;
	}
	fuzz_io_init(&write->io);
	snprintf(write->path, sizeof(write->path), "%s", path);
	fuzz_io_write(&write->io, write->file, text, len);
	fuzz_watch(NULL, NULL);
	return write->io.pending ? 0 : write->io.result;
}

/* Tries values until one is accepted. */
static void write_to(struct random_changes *c, const char *path, unsigned int tries)
{
	struct base_buf text;
	ssize_t ret = -1;

	base_buf_init(&text);
	while (ret < 0 && tries--) {
		base_buf_reset(&text);
		if (dice_roll(c->dice, 3))
			random_value(c->dice, c->world->spec, &text);
		else
			own_value(c, path, &text);
		ret = put(c, path, base_buf_text(&text), text.len);
	}
	base_buf_fini(&text);
}

/* ---- files and objects ----------------------------------------------------------------------- */

/* Its kind is the path with # for each number: all kinds are equally likely. */
static void take_writable(struct fuzz_world *world, const char *path, const struct tree_attr *attr,
			  void *ctx)
{
	struct random_changes *c = ctx;
	struct random_path *new;
	char *to;

	if (!S_ISREG(attr->mode) || !(attr->mode & 0222))
		return;
	c->paths = reallocarray(c->paths, c->nr_paths + 1, sizeof(*c->paths));
	FUZZ_REQUIRE(c->paths != NULL);
	new = &c->paths[c->nr_paths++];
	*new = (struct random_path){ strdup(path), strdup(path) };
	FUZZ_REQUIRE(new->path &&new->kind);
	to = new->kind;
	for (const char *from = path; *from; to++) {
		*to = *from >= '0' && *from <= '9' ? '#' : *from;
		for (from++; *to == '#' && *from >= '0' && *from <= '9'; from++)
			;
	}
	*to = '\0';
}

static int by_kind(const void *a, const void *b)
{
	const struct random_path *one = a, *other = b;

	return strcmp(one->kind, other->kind);
}

static void forget_paths(struct random_changes *c)
{
	for (size_t i = 0; i < c->nr_paths; i++) {
		free(c->paths[i].path);
		free(c->paths[i].kind);
	}
	free(c->paths);
	c->paths = NULL;
	c->nr_paths = 0;
}

static void find_paths(struct random_changes *c)
{
	size_t most = MAX_INODES;

	forget_paths(c);
	fuzz_world_visit(c->world, TREE_ROOT_INO, "", take_writable, c, &most);
	qsort(c->paths, c->nr_paths, sizeof(*c->paths), by_kind);
	c->age = 0;
}

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !len || (!strncmp(path, dir, len) && path[len] == '/');
}

/* The next file from index @from on, below @dir, that begins a kind; @nr_paths if there is none. */
static size_t next_kind(const struct random_changes *c, const char *dir, size_t from)
{
	size_t i = from;

	while (i < c->nr_paths && (!is_below(c->paths[i].path, dir) ||
				   (i && !by_kind(&c->paths[i], &c->paths[i - 1]))))
		i++;
	return i;
}

/* Writes to any file below @dir, of any kind; files of a kind are adjacent. */
static void change_file(struct random_changes *c, const char *dir)
{
	size_t nr_kinds = 0, first, nr = 1, which;
	char path[512];

	if (c->age++ == MAX_AGE || !c->nr_paths)
		find_paths(c);
	for (size_t i = next_kind(c, dir, 0); i < c->nr_paths; i = next_kind(c, dir, i + 1))
		nr_kinds++;
	if (!nr_kinds)
		return;
	which = dice_roll(c->dice, nr_kinds);
	for (first = next_kind(c, dir, 0); which; which--)
		first = next_kind(c, dir, first + 1);
	while (first + nr < c->nr_paths && !by_kind(&c->paths[first], &c->paths[first + nr]))
		nr++;
	which = first + dice_roll(c->dice, nr);
	FUZZ_REQUIRE(strlen(c->paths[which].path) < sizeof(path));
	strcpy(path, c->paths[which].path);
	write_to(c, path, 1 + dice_roll(c->dice, TRIES));
}

/* A directory of machine/ with the name of an object, which may not exist yet. */
static bool any_object(struct random_changes *c, char *ret_path, size_t size, uint64_t *ret_dir)
{
	struct base_buf names;
	struct tree_attr attr;
	unsigned int nr = 0, which;
	const char *at;

	base_buf_init(&names);
	fuzz_world_names(c->world, "machine", &names);
	for (at = base_buf_text(&names); *at; at++)
		nr += *at == ' ';
	which = dice_roll(c->dice, nr);
	for (at = base_buf_text(&names); which; at++)
		which -= *at == ' ';
	snprintf(ret_path, size, "machine/%.*s", (int)strcspn(at, " "), at);
	base_buf_fini(&names);
	if (fuzz_world_find(c->world, ret_path, &attr))
		return false;
	tree_forget(c->world->tree, attr.ino, 1);
	*ret_dir = attr.ino;
	return S_ISDIR(attr.mode);
}

/* Creates an object, and writes to each of its files, and to some again. */
static void change_make(struct random_changes *c)
{
	struct tree_attr attr;
	char path[256], name[2] = { (char)('a' + dice_roll(c->dice, NAMES)) };
	uint64_t dir;

	if (!any_object(c, path, sizeof(path), &dir) ||
	    tree_mkdir(c->world->tree, dir, name, &attr))
		return;
	tree_forget(c->world->tree, attr.ino, 1);
	snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%s", name);
	find_paths(c);
	for (size_t i = 0; i < c->nr_paths; i++) {
		if (is_below(c->paths[i].path, path) && dice_roll(c->dice, 4))
			write_to(c, c->paths[i].path, MAKE_TRIES);
	}
	for (unsigned int nr = dice_roll(c->dice, 4); nr; nr--)
		change_file(c, path);
}

static void change_unmake(struct random_changes *c)
{
	char path[256], name[2] = { (char)('a' + dice_roll(c->dice, NAMES)) };
	uint64_t dir;

	if (any_object(c, path, sizeof(path), &dir))
		(void)tree_rmdir(c->world->tree, dir, name);
}

void random_change(struct random_changes *c)
{
	switch (dice_roll(c->dice, 8)) {
	case 0:
	case 1:
		change_make(c);
		break;
	case 2:
		change_file(c, "sys/devices/system/memory");
		break;
	case 3:
		change_file(c, "machine");
		break;
	case 4:
		base_vclock_advance(c->world->clock, 1ULL << dice_roll(c->dice, 36));
		break;
	case 5:
		if (!dice_roll(c->dice, 3)) {
			change_unmake(c);
			break;
		}
		/* fall through */
	default:
		change_file(c, "");
	}
}

bool random_changes_pending(const struct random_changes *c)
{
	for (unsigned int i = 0; i < RANDOM_PENDING; i++) {
		if (c->pending[i].file && c->pending[i].io.pending)
			return true;
	}
	return false;
}

/* Removes all objects in one directory of machine/, if possible. */
static void unmake_all(struct random_changes *c, const char *path)
{
	struct base_buf names;
	struct tree_attr attr;
	char name[256];

	if (fuzz_world_find(c->world, path, &attr))
		return;
	base_buf_init(&names);
	fuzz_world_names(c->world, path, &names);
	for (const char *at = base_buf_text(&names); *at; at += strcspn(at, " ") + 1) {
		fuzz_first_name(at, name, sizeof(name));
		(void)tree_rmdir(c->world->tree, attr.ino, name);
	}
	base_buf_fini(&names);
	tree_forget(c->world->tree, attr.ino, 1);
}

void random_changes_end(struct random_changes *c)
{
	struct base_buf names;
	char path[300], name[256];

	/* A writer that hangs in a fault plan cannot be killed. */
	base_buf_init(&names);
	fuzz_world_names(c->world, "machine", &names);
	for (const char *at = base_buf_text(&names); *at; at += strcspn(at, " ") + 1) {
		fuzz_first_name(at, name, sizeof(name));
		snprintf(path, sizeof(path), "machine/%s", name);
		unmake_all(c, path);
	}
	base_buf_fini(&names);
	for (unsigned int i = 0; i < RANDOM_PENDING; i++)
		end_one(c, &c->pending[i]);
	forget_paths(c);
}
