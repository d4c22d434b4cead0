/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine files: a file that is refused gets a message; one that is accepted boots unless its
 * command line leaves no memory, has a tree in which every file can be read, and can be written as
 * a machine file that describes the same machine.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* larger machines are valid, but slow */
#define MAX_BLOCKS 512
#define MAX_RANGES 64
#define MAX_NODES 16
#define MAX_INODES 4000

static bool spec_is_small(const struct machine_spec *spec)
{
	uint64_t blocks = 0;

	if (spec->nr_memory > MAX_RANGES || base_mask_weight(&spec->possible_nodes) > MAX_NODES)
		return false;
	for (size_t i = 0; i < spec->nr_memory; i++) {
		const struct machine_range *range = &spec->memory[i];

		FUZZ_REQUIRE(range->start < range->end && range->node < BASE_MASK_BITS);
		blocks += range->end / spec->block_size - range->start / spec->block_size + 1;
	}
	return blocks <= MAX_BLOCKS;
}

static void cat(struct fuzz_world *world, const char *path, const struct tree_attr *attr, void *ctx)
{
	if (S_ISREG(attr->mode))
		fuzz_world_cat(world, attr->ino);
}

static void run_machine(struct machine_spec *spec)
{
	size_t most = MAX_INODES;
	struct fuzz_world world;

	if (!fuzz_world_init(&world, spec))
		return;
	fuzz_world_check(&world);
	fuzz_world_visit(&world, TREE_ROOT_INO, "", cat, NULL, &most);
	fuzz_world_fini(&world);
}

static void write_again(const struct machine_spec *spec)
{
	struct base_buf once, twice;
	struct machine_spec *again;

	base_buf_init(&once);
	base_buf_init(&twice);
	machine_spec_write(spec, &once);
	FUZZ_REQUIRE(
		!machine_spec_parse(base_buf_text(&once), once.len, "written", 1, stderr, &again));
	machine_spec_write(again, &twice);
	FUZZ_REQUIRE(!strcmp(base_buf_text(&once), base_buf_text(&twice)));
	machine_spec_free(again);
	base_buf_fini(&once);
	base_buf_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine_spec *spec;
	char *said = NULL;
	size_t said_len;
	FILE *err;
	int ret;

	err = open_memstream(&said, &said_len);
	FUZZ_REQUIRE(err != NULL);
	ret = machine_spec_parse((const char *)data, size, "input", 1, err, &spec);
	fclose(err);
	FUZZ_REQUIRE(!ret || ret == -EINVAL || ret == -ENOMEM);
	FUZZ_REQUIRE(!ret == !said_len);
	if (ret == -EINVAL)
		FUZZ_REQUIRE(!strncmp(said, "input:", strlen("input:")));
	free(said);
	if (ret)
		return 0;
	write_again(spec);
	if (spec_is_small(spec))
		run_machine(spec);
	else
		machine_spec_free(spec);
	return 0;
}
