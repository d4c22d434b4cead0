/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine of the fuzz targets, and walks over its names; see fuzz.h. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "fuzz.h"
#include "memhp/hotplug.h"
#include "memhp/mm.h"

/* CPU time, with sanitizers, for actions that take microseconds */
#define MAX_SECONDS 10

static const char spec_text[] = "block_size: 128M\n"
				"possible_nodes: \"0-2\"\n"
				"memory:\n"
				"  - {start: 0x1000, end: 0x9fbff, node: 0}\n"
				"  - {start: 1M, end: 0x1fffffff, node: 0}\n"
				"  - {start: 512M, end: 0x37fdffff, node: 1}\n"
				"hotplug:\n"
				"  - {start: 4G, end: 0x1ffffffff, node: 2}\n"
				"cpus:\n"
				"  - {list: \"0\", node: 0}\n"
				"  - {list: \"1\", node: 1}\n";

/* ---- failing ------------------------------------------------------------------------------- */

static char watched[600];

void fuzz_require(bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s (%s)\n", file, line, what, watched);
	abort();
}

static void too_long(int signal)
{
	static const char text[] = ": no end of it\n";

	(void)signal;
	if (write(STDERR_FILENO, watched, strlen(watched)) < 0 ||
	    write(STDERR_FILENO, text, strlen(text)) < 0)
		_exit(1);
	abort();
}

void fuzz_watch(const char *what, const char *path)
{
	const struct itimerval timer = { .it_value.tv_sec = what ? MAX_SECONDS : 0 };

	snprintf(watched, sizeof(watched), "%s %s", what ? what : "", what ? path : "");
	signal(SIGVTALRM, too_long);
	setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

/* ---- the machine --------------------------------------------------------------------------- */

struct machine_spec *fuzz_spec_small(void)
{
	struct machine_spec *spec;

	FUZZ_REQUIRE(!machine_spec_parse(spec_text, strlen(spec_text), "small", 1, stderr, &spec));
	return spec;
}

static int add_devices(struct tree *tree)
{
	FILE *err = fopen("/dev/null", "w");
	int ret;

	FUZZ_REQUIRE(err != NULL);
	ret = tree_add_devices(tree, err);
	fclose(err);
	return ret;
}

bool fuzz_world_init(struct fuzz_world *world, struct machine_spec *spec)
{
	*world = (struct fuzz_world){ .spec = spec, .clock = base_vclock_new() };
	FUZZ_REQUIRE(world->clock != NULL);
	if (tree_boot(spec, world->clock, &world->machine, &world->tree)) {
		base_vclock_free(world->clock);
		machine_spec_free(spec);
		return false;
	}
	if (add_devices(world->tree)) {
		fuzz_world_fini(world);
		return false;
	}
	return true;
}

void fuzz_world_fini(struct fuzz_world *world)
{
	tree_free(world->tree);
	machine_free(world->machine);
	base_vclock_free(world->clock);
	machine_spec_free(world->spec);
}

/* Excludes pages that were never given to the page allocator, or were taken from it. */
static bool is_managed(enum mm_kind kind)
{
	return kind != MM_KIND_HOLE && kind != MM_KIND_RESERVED && kind != MM_KIND_ALTMAP &&
	       kind != MM_KIND_FAKE_OFFLINE && kind != MM_KIND_UNBACKED;
}

static void check_node(const struct mm *mm, int nid)
{
	bool has_memory = false, has_normal = false;

	for (int type = 0; type < MM_NR_ZONES; type++) {
		struct mm_zone_info zone;

		mm_zone_info(mm, nid, type, &zone);
		FUZZ_REQUIRE(zone.free <= zone.managed);
		FUZZ_REQUIRE(zone.managed <= zone.present);
		FUZZ_REQUIRE(zone.present <= zone.spanned);
		FUZZ_REQUIRE(zone.present_early <= zone.present);
		FUZZ_REQUIRE(zone.min <= zone.low && zone.low <= zone.high);
		FUZZ_REQUIRE(zone.start_pfn + zone.spanned >= zone.start_pfn);
		has_memory = has_memory || zone.present;
		has_normal = has_normal || (zone.present && type <= MM_ZONE_NORMAL);
	}
	FUZZ_REQUIRE(base_mask_test(mm_nodes_with_memory(mm), (unsigned int)nid) == has_memory);
	FUZZ_REQUIRE(base_mask_test(mm_nodes_with_normal_memory(mm), (unsigned int)nid) ==
		     has_normal);
}

/* Free pages of blocks that are going offline, which have no holder once they are isolated. */
static uint64_t leaving_free(const struct fuzz_world *world)
{
	const struct hp *hp = machine_hp(world->machine);
	struct mm_usage usage;
	uint64_t pages = 0;

	for (struct hp_block *b = hp_block_next(hp, 0); b;
	     b = hp_block_next(hp, hp_block_id(b) + 1)) {
		if (hp_block_state(b) != HP_STATE_GOING_OFFLINE)
			continue;
		mm_range_usage(machine_mm(world->machine), hp_block_start_pfn(hp, b),
			       hp_block_pages(hp), &usage);
		pages += usage.free;
	}
	return pages;
}

void fuzz_world_check(const struct fuzz_world *world)
{
	const struct mm *mm = machine_mm(world->machine);
	uint64_t held_pages = 0, poisoned = 0, pfn = 0, used;
	struct mm_use held;

	for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1))
		check_node(mm, nid);
	while (mm_use_find(mm, pfn, UINT64_MAX, &held)) {
		FUZZ_REQUIRE(held.start_pfn >= pfn && held.nr_pages > 0);
		FUZZ_REQUIRE(held.owner != NULL);
		if (mm_kind_info(held.kind)->poison)
			poisoned += held.nr_pages;
		else if (is_managed(held.kind))
			held_pages += held.nr_pages;
		pfn = held.start_pfn + held.nr_pages;
	}
	/* Boot allocations were never managed; a poisoned page may have been one. */
	used = mm_total_managed(mm) - mm_total_free(mm);
	FUZZ_REQUIRE(used >= held_pages && used <= held_pages + poisoned + leaving_free(world));
	FUZZ_REQUIRE(mm_poisoned_pages(mm) == poisoned);
	FUZZ_REQUIRE(mm_available(mm) <= mm_total_managed(mm));
}

/* ---- names --------------------------------------------------------------------------------- */

int fuzz_world_find(struct fuzz_world *world, const char *path, struct tree_attr *ret_attr)
{
	struct tree_attr attr = { .ino = TREE_ROOT_INO };

	while (*path) {
		size_t len = strcspn(path, "/");
		uint64_t dir = attr.ino;
		char name[NAME_MAX + 1];
		bool fixed;
		int ret;

		FUZZ_REQUIRE(len <= NAME_MAX);
		memcpy(name, path, len);
		name[len] = '\0';
		path += len + (path[len] == '/');
		ret = tree_lookup(world->tree, dir, name, &attr, &fixed);
		if (dir != TREE_ROOT_INO)
			tree_forget(world->tree, dir, 1);
		if (ret)
			return ret;
	}
	*ret_attr = attr;
	return 0;
}

struct entry {
	char *name;
	uint64_t ino;
	mode_t type;
};

struct listing {
	struct entry *entry;
	size_t nr;
	off_t next;
};

static bool listing_add(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next)
{
	struct listing *list = ctx;

	FUZZ_REQUIRE(next >= list->next);
	list->next = next;
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return true;
	list->entry = reallocarray(list->entry, list->nr + 1, sizeof(*list->entry));
	FUZZ_REQUIRE(list->entry != NULL);
	list->entry[list->nr++] = (struct entry){ .name = strdup(name), .ino = ino, .type = type };
	return true;
}

static void listing_of(struct fuzz_world *world, uint64_t ino, struct listing *list)
{
	struct tree_dir *dir;

	/* A visitor may have removed it. */
	if (tree_opendir(world->tree, ino, 0, &dir))
		return;
	(void)tree_readdir(dir, 0, listing_add, list);
	tree_closedir(dir);
	for (size_t i = 0; i < list->nr; i++) {
		struct tree_attr attr;
		bool fixed;

		FUZZ_REQUIRE(!tree_lookup(world->tree, ino, list->entry[i].name, &attr, &fixed));
		FUZZ_REQUIRE(attr.ino == list->entry[i].ino);
		FUZZ_REQUIRE((attr.mode & S_IFMT) == list->entry[i].type);
		tree_forget(world->tree, attr.ino, 1);
	}
}

static void listing_fini(struct listing *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->entry[i].name);
	free(list->entry);
}

void fuzz_world_visit(struct fuzz_world *world, uint64_t ino, const char *path, fuzz_visit_fn *fn,
		      void *ctx, size_t *most)
{
	struct listing list = { .nr = 0 };

	listing_of(world, ino, &list);
	for (size_t i = 0; i < list.nr; i++) {
		struct tree_attr attr;
		bool fixed;

		if (*most && !tree_lookup(world->tree, ino, list.entry[i].name, &attr, &fixed)) {
			char *below;

			FUZZ_REQUIRE(asprintf(&below, "%s%s%s", path, *path ? "/" : "",
					      list.entry[i].name) > 0);
			--*most;
			fn(world, below, &attr, ctx);
			if (S_ISDIR(attr.mode))
				fuzz_world_visit(world, attr.ino, below, fn, ctx, most);
			tree_forget(world->tree, attr.ino, 1);
			free(below);
		}
	}
	listing_fini(&list);
}

void fuzz_world_names(struct fuzz_world *world, const char *path, struct base_buf *names)
{
	struct listing list = { .nr = 0 };
	struct tree_attr attr;

	if (fuzz_world_find(world, path, &attr))
		return;
	listing_of(world, attr.ino, &list);
	for (size_t i = 0; i < list.nr; i++)
		base_buf_printf(names, "%s ", list.entry[i].name);
	listing_fini(&list);
	if (*path)
		tree_forget(world->tree, attr.ino, 1);
}

bool fuzz_world_make(struct fuzz_world *world, const char *dir, const char *name)
{
	struct tree_attr parent, attr;
	bool made;

	if (fuzz_world_find(world, dir, &parent))
		return false;
	made = !tree_mkdir(world->tree, parent.ino, name, &attr);
	if (made)
		tree_forget(world->tree, attr.ino, 1);
	tree_forget(world->tree, parent.ino, 1);
	return made;
}

void fuzz_world_kinds(struct fuzz_world *world, fuzz_kind_fn *fn, void *ctx)
{
	struct listing list = { .nr = 0 };
	struct tree_attr machine, attr;
	char path[300];

	FUZZ_REQUIRE(!fuzz_world_find(world, "machine", &machine));
	listing_of(world, machine.ino, &list);
	tree_forget(world->tree, machine.ino, 1);
	for (size_t i = 0; i < list.nr; i++) {
		snprintf(path, sizeof(path), "machine/%s", list.entry[i].name);
		if (!fuzz_world_make(world, path, "a"))
			continue;
		FUZZ_REQUIRE(!fuzz_world_find(world, path, &attr));
		FUZZ_REQUIRE(!tree_rmdir(world->tree, attr.ino, "a"));
		tree_forget(world->tree, attr.ino, 1);
		fn(world, path, ctx);
	}
	listing_fini(&list);
}

void fuzz_first_name(const char *names, char *name, size_t size)
{
	size_t len = BASE_MIN(strcspn(names, " "), size - 1);

	memcpy(name, names, len);
	name[len] = '\0';
}
