/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_save [MACHINE-FILE]: what it takes to save a machine that has just booted, to build another
 * one, and to load what was saved into that. The last column is the ratio to building it, which is
 * what has to be done in any case.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "memhp/machine.h"
#include "memhp/tree.h"

#define LEAST_NS 500000000u

struct world {
	struct base_clock *clock;
	struct machine *machine;
	struct tree *tree;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void world_init(struct world *world, const struct machine_spec *spec)
{
	world->clock = base_vclock_new();
	if (!world->clock || tree_boot(spec, world->clock, &world->machine, &world->tree))
		errx(EXIT_FAILURE, "no machine");
}

static void world_fini(struct world *world)
{
	tree_free(world->tree);
	machine_free(world->machine);
	base_vclock_free(world->clock);
}

static void figure(const char *label, uint64_t ns, uint64_t nr, double build_us)
{
	double us = (double)ns / (double)nr / 1e3;

	printf("  %-20s %12.1f us %8.2f\n", label, us, build_us ? us / build_us : 1.0);
}

int main(int argc, char **argv)
{
	uint64_t build_ns = 0, load_ns = 0, save_ns = 0, free_ns = 0, nr = 0, begin;
	struct base_moment when;
	struct base_buf saved, why;
	struct machine_spec *spec;
	struct world world;
	double build_us;

	if (argc > 1 ? machine_spec_load(argv[1], stderr, &spec) : machine_spec_default(&spec))
		return EXIT_FAILURE;
	base_buf_init(&saved);
	base_buf_init(&why);
	world_init(&world, spec);
	while (save_ns < LEAST_NS) {
		base_buf_reset(&saved);
		begin = now_ns();
		if (tree_save(world.tree, &saved))
			errx(EXIT_FAILURE, "not saved");
		save_ns += now_ns() - begin;
		nr++;
	}
	world_fini(&world);
	save_ns /= nr;
	for (nr = 0; build_ns + load_ns < LEAST_NS; nr++) {
		begin = now_ns();
		world_init(&world, spec);
		build_ns += now_ns() - begin;
		begin = now_ns();
		if (tree_load(world.tree, saved.data, saved.len, &when, &why))
			errx(EXIT_FAILURE, "not loaded: %s", base_buf_text(&why));
		load_ns += now_ns() - begin;
		begin = now_ns();
		world_fini(&world);
		free_ns += now_ns() - begin;
	}
	build_us = (double)build_ns / (double)nr / 1e3;
	printf("%s: %zu bytes saved\n", argc > 1 ? argv[1] : "default machine", saved.len);
	figure("building it", build_ns, nr, build_us);
	figure("saving it", save_ns, 1, build_us);
	figure("loading it", load_ns, nr, build_us);
	figure("freeing it", free_ns, nr, build_us);
	base_buf_fini(&saved);
	base_buf_fini(&why);
	machine_spec_free(spec);
	return 0;
}
