/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stores: the input is written to every file that can be written, one after the other, and all
 * files are read afterwards.
 */
#include "fuzz.h"

#define MAX_INODES 4000

struct input {
	const uint8_t *data;
	size_t size;
};

static void echo(struct fuzz_world *world, const char *path, const struct tree_attr *attr,
		 void *ctx)
{
	const struct input *input = ctx;

	if (!S_ISREG(attr->mode) || !(attr->mode & 0222))
		return;
	fuzz_world_echo(world, attr->ino, input->data, input->size);
	fuzz_world_cat(world, attr->ino);
	fuzz_world_check(world);
}

static void cat(struct fuzz_world *world, const char *path, const struct tree_attr *attr, void *ctx)
{
	if (S_ISREG(attr->mode))
		fuzz_world_cat(world, attr->ino);
}

static void make_one(struct fuzz_world *world, const char *dir, void *ctx)
{
	FUZZ_REQUIRE(fuzz_world_make(world, dir, "x"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .data = data, .size = size };
	size_t most = MAX_INODES;
	struct fuzz_world world;

	FUZZ_REQUIRE(fuzz_world_init(&world, fuzz_spec_small()));
	fuzz_world_kinds(&world, make_one, NULL);
	fuzz_world_visit(&world, TREE_ROOT_INO, "", echo, &input, &most);
	FUZZ_REQUIRE(most > 0);
	most = MAX_INODES;
	fuzz_world_visit(&world, TREE_ROOT_INO, "", cat, NULL, &most);
	fuzz_world_fini(&world);
	return 0;
}
