/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_engine BLOCKS...: what the engine and the tree cost without a mount, for machines of so
 * many blocks of 128 MiB. Times are for one block, and the last column is their ratio to those of
 * the first machine: what is much above 1.00 grows faster than the machine.
 */
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memhp/machine.h"
#include "memhp/tree.h"

#define BLOCK_SIZE (128ULL << 20)
#define TIB (1ULL << 40)
#define MAX_FIGURES 24
#define DIMM_BYTES (1ULL * TIB)
#define DIMM_BLOCKS (DIMM_BYTES / BLOCK_SIZE)
#define MAX_CYCLES 4096
#define MAX_EVENTS 32768
/* as one readdir of a mount: some entries at a time */
#define ENTRIES_AT_ONCE 40

struct world {
	uint64_t nr_blocks;
	struct machine_spec *spec;
	struct base_clock *clock;
	struct machine *machine;
	struct tree *tree;
};

/* Figures come in the same order for every machine; @base: those of the first. */
struct report {
	double base[MAX_FIGURES];
	unsigned int nr;
	bool has_base;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void figure(struct report *report, const char *label, double value, const char *unit)
{
	double *base = &report->base[report->nr++];

	if (!report->has_base)
		*base = value;
	printf("  %-40s %12.3f %-5s %8.2f\n", label, value, unit, *base ? value / *base : 1.0);
}

/* The time since @begin, for each of @nr. */
static void figure_us(struct report *report, const char *label, uint64_t begin, uint64_t nr)
{
	figure(report, label, (double)(now_ns() - begin) / (double)nr / 1e3, "us");
}

static void require(bool works, const char *what)
{
	if (!works)
		errx(EXIT_FAILURE, "does not work: %s", what);
}

/* ---- the machine --------------------------------------------------------------------------- */

/* Three nodes: two share the memory, the third has none until the DIMM comes. */
static void world_init(struct world *world, uint64_t nr_blocks)
{
	uint64_t end = nr_blocks * BLOCK_SIZE, half = nr_blocks / 2 * BLOCK_SIZE;
	struct base_buf text;

	*world = (struct world){ .nr_blocks = nr_blocks };
	base_buf_init(&text);
	base_buf_printf(&text,
			"phys_bits: 52\nmemory:\n"
			"  - {start: 1M, end: %llu, node: 0}\n"
			"  - {start: %llu, end: %llu, node: 1}\n"
			"hotplug:\n  - {start: %llu, end: %llu, node: 2}\n"
			"cpus:\n  - {list: \"0\", node: 0}\n  - {list: \"1\", node: 2}\n",
			(unsigned long long)half - 1, (unsigned long long)half,
			(unsigned long long)end - 1, (unsigned long long)end,
			(unsigned long long)(end + DIMM_BYTES - 1));
	require(!machine_spec_parse(base_buf_text(&text), text.len, "bench", 1, stderr,
				    &world->spec),
		"machine file");
	base_buf_fini(&text);
	world->clock = base_vclock_new();
	require(world->clock &&
			!tree_boot(world->spec, world->clock, &world->machine, &world->tree),
		"machine");
}

static void world_fini(struct world *world)
{
	tree_free(world->tree);
	machine_free(world->machine);
	base_vclock_free(world->clock);
	machine_spec_free(world->spec);
}

static uint64_t find(struct world *world, const char *path)
{
	struct tree_attr attr = { .ino = TREE_ROOT_INO };
	char copy[PATH_MAX], *save, *name;
	bool fixed;

	snprintf(copy, sizeof(copy), "%s", path);
	for (name = strtok_r(copy, "/", &save); name; name = strtok_r(NULL, "/", &save)) {
		uint64_t dir = attr.ino;

		require(!tree_lookup(world->tree, dir, name, &attr, &fixed), path);
		tree_forget(world->tree, dir, 1);
	}
	return attr.ino;
}

static void io_done(struct tree_req *req, ssize_t result)
{
	require(result >= 0, "a read or a write");
}

static void echo(struct world *world, const char *path, const char *text)
{
	struct tree_req req = { .done = io_done };
	uint64_t ino = find(world, path);
	struct tree_file *file;

	require(!tree_open(world->tree, ino, O_WRONLY, &file), path);
	tree_write(file, &req, text, strlen(text));
	require(req.finished, "an answer at once");
	tree_release(file);
	tree_forget(world->tree, ino, 1);
}

static void cat(struct world *world, const char *path)
{
	struct tree_req req = { .done = io_done };
	uint64_t ino = find(world, path);
	struct tree_file *file;

	require(!tree_open(world->tree, ino, O_RDONLY, &file), path);
	tree_read(file, &req, 4096, 0);
	require(req.finished, "an answer at once");
	tree_release(file);
	tree_forget(world->tree, ino, 1);
}

/* ---- what is measured ---------------------------------------------------------------------- */

struct listing {
	uint64_t nr;
	off_t next;
	unsigned int room;
};

static bool take_entry(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next)
{
	struct listing *list = ctx;

	if (!list->room)
		return false;
	list->room--;
	list->nr++;
	list->next = next;
	return true;
}

static void bench_list(struct world *world, struct report *report, const char *label,
		       const char *path, uint64_t least)
{
	uint64_t begin, ino = find(world, path), before;
	struct listing list = { .nr = 0 };
	struct tree_dir *dir;

	begin = now_ns();
	require(!tree_opendir(world->tree, ino, 0, &dir), path);
	do {
		before = list.nr;
		list.room = ENTRIES_AT_ONCE;
		require(!tree_readdir(dir, list.next, take_entry, &list), path);
	} while (list.nr > before);
	tree_closedir(dir);
	figure_us(report, label, begin, world->nr_blocks);
	require(list.nr >= least, "a whole listing");
	tree_forget(world->tree, ino, 1);
}

static void bench_new(struct world *world, struct report *report, uint64_t nr_blocks)
{
	size_t bytes = mallinfo2().uordblks + mallinfo2().hblkhd;
	uint64_t begin = now_ns();

	world_init(world, nr_blocks);
	figure_us(report, "machine and tree, time", begin, nr_blocks);
	bytes = mallinfo2().uordblks + mallinfo2().hblkhd - bytes;
	figure(report, "machine and tree, memory", (double)bytes / (double)nr_blocks, "bytes");
}

static void bench_files(struct world *world, struct report *report)
{
	uint64_t begin = now_ns();
	char path[PATH_MAX];

	for (uint64_t id = 0; id < world->nr_blocks; id++) {
		snprintf(path, sizeof(path), "sys/devices/system/memory/memory%llu",
			 (unsigned long long)id);
		tree_forget(world->tree, find(world, path), 1);
	}
	figure_us(report, "path walk to a block", begin, world->nr_blocks);
	begin = now_ns();
	for (uint64_t id = 0; id < world->nr_blocks; id++) {
		snprintf(path, sizeof(path), "sys/devices/system/memory/memory%llu/state",
			 (unsigned long long)id);
		cat(world, path);
	}
	figure_us(report, "reading its state", begin, world->nr_blocks);
}

static void store_blocks(struct world *world, uint64_t first, uint64_t nr, int step,
			 const char *word)
{
	char path[PATH_MAX];

	for (uint64_t i = 0; i < nr; i++, first += (uint64_t)(int64_t)step) {
		snprintf(path, sizeof(path), "sys/devices/system/memory/memory%llu/state",
			 (unsigned long long)first);
		echo(world, path, word);
	}
}

/* One block again and again; then the same blocks one after the other, from either end. */
static void bench_cycles(struct world *world, struct report *report)
{
	/* above what is reserved at the bottom of node 1, below what is at its top */
	uint64_t first = world->nr_blocks / 2, nr = BASE_MIN(world->nr_blocks / 4, MAX_CYCLES);
	uint64_t begin = now_ns();

	for (uint64_t i = 0; i < nr; i++) {
		store_blocks(world, first + 1, 1, 1, "offline");
		store_blocks(world, first + 1, 1, 1, "online");
	}
	figure_us(report, "a block offline and online again", begin, nr);
	begin = now_ns();
	store_blocks(world, first, nr, 1, "offline");
	figure_us(report, "blocks offline, upward", begin, nr);
	begin = now_ns();
	store_blocks(world, first + nr - 1, nr, -1, "online_movable");
	figure_us(report, "blocks to Movable, downward", begin, nr);
	begin = now_ns();
	store_blocks(world, first + nr - 1, nr, -1, "offline");
	figure_us(report, "blocks offline, downward", begin, nr);
	store_blocks(world, first, nr, 1, "online");
}

/* Two read the uevents: one at once, and one that does not get to it. */
static void bench_uevents(struct world *world, struct report *report)
{
	uint64_t ino = find(world, "machine/uevents"), begin;
	uint64_t nr = BASE_MIN(world->nr_blocks, MAX_EVENTS);
	struct tree_file *quick, *stuck;
	struct tree_req req = { .done = io_done };

	require(!tree_open(world->tree, ino, O_RDONLY | O_NONBLOCK, &stuck), "uevents");
	require(!tree_open(world->tree, ino, O_RDONLY | O_NONBLOCK, &quick), "uevents");
	begin = now_ns();
	for (uint64_t i = 0; i < nr; i++) {
		echo(world, "sys/devices/system/node/node0/uevent", "change");
		tree_read(quick, &req, 4096, 0);
	}
	figure_us(report, "a uevent, with a reader who is stuck", begin, nr);
	tree_release(quick);
	tree_release(stuck);
}

static void bench_dimm(struct world *world, struct report *report)
{
	struct tree_attr attr;
	uint64_t begin, dir = find(world, "machine/dimm");
	char path[PATH_MAX];

	require(!tree_mkdir(world->tree, dir, "d", &attr), "mkdir");
	tree_forget(world->tree, attr.ino, 1);
	tree_forget(world->tree, dir, 1);
	echo(world, "machine/dimm/d/size", "1T");
	echo(world, "machine/dimm/d/node", "2");
	echo(world, "sys/devices/system/memory/auto_online_blocks", "online_movable");
	begin = now_ns();
	echo(world, "machine/dimm/d/plugged", "1");
	figure_us(report, "plugging a DIMM of 1 TiB, a block", begin, DIMM_BLOCKS);
	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%llu/state",
		 (unsigned long long)(world->nr_blocks + DIMM_BLOCKS - 1));
	cat(world, path);
	begin = now_ns();
	echo(world, "machine/dimm/d/plugged", "0");
	figure_us(report, "ejecting it, a block", begin, DIMM_BLOCKS);
}

/* Into a machine that has just booted; the time of that is not in it. */
static void bench_save(struct world *world, struct report *report, uint64_t nr_blocks)
{
	struct base_buf saved, why;
	struct world other;
	struct base_moment when;
	uint64_t begin;

	base_buf_init(&saved);
	base_buf_init(&why);
	begin = now_ns();
	require(!tree_save(world->tree, &saved), "saving");
	figure_us(report, "saving it, a block", begin, nr_blocks);
	figure(report, "bytes saved, a block", (double)saved.len / (double)nr_blocks, "");
	world_init(&other, nr_blocks);
	begin = now_ns();
	require(!tree_load(other.tree, saved.data, saved.len, &when, &why), base_buf_text(&why));
	figure_us(report, "loading it, a block", begin, nr_blocks);
	world_fini(&other);
	base_buf_fini(&saved);
	base_buf_fini(&why);
}

/* @per_block: how many blocks of the machine there are to an entry; 0: it has none */
static const struct {
	const char *label;
	const char *path;
	unsigned int per_block;
} lists[] = {
	{ "listing memory/", "sys/devices/system/memory", 1 },
	{ "listing bus/memory/devices/", "sys/bus/memory/devices", 1 },
	{ "listing node0/, with half of them", "sys/devices/system/node/node0", 2 },
	{ "listing node2/, with none", "sys/devices/system/node/node2", 0 },
};

static void bench(struct report *report, uint64_t nr_blocks)
{
	struct world world;
	uint64_t begin;

	printf("%llu blocks\n", (unsigned long long)nr_blocks);
	report->nr = 0;
	bench_new(&world, report, nr_blocks);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(lists); i++)
		bench_list(&world, report, lists[i].label, lists[i].path,
			   lists[i].per_block ? nr_blocks / lists[i].per_block : 3);
	bench_files(&world, report);
	bench_cycles(&world, report);
	bench_uevents(&world, report);
	bench_dimm(&world, report);
	bench_save(&world, report, nr_blocks);
	begin = now_ns();
	world_fini(&world);
	figure_us(report, "freeing it", begin, nr_blocks);
	report->has_base = true;
}

int main(int argc, char **argv)
{
	struct report report = { .has_base = false };

	if (argc < 2)
		errx(EXIT_FAILURE, "usage: %s BLOCKS...", argv[0]);
	for (int i = 1; i < argc; i++) {
		unsigned long long nr_blocks = strtoull(argv[i], NULL, 10);

		if (nr_blocks < 64)
			errx(EXIT_FAILURE, "%s: a number of blocks, 64 at least", argv[i]);
		bench(&report, nr_blocks);
	}
	return 0;
}
