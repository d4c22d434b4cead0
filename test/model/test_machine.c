// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A random walk over whole machines, through the tree as programs use it: workloads of all kinds
 * grow, shrink, are pinned, created and removed; blocks go online and offline, some of them slowly,
 * with others waiting and some interrupted; DIMMs, virtio-mem, pools of huge pages, poisoned pages.
 * After each step all views of memory must agree with each other, with every page's owner, and with
 * the results so far.
 */
#include "../unit/world.h"
#include "again.h"
#include "machine_views.h"
#include "seeds.h"

#define SEEDS 4
#define STEPS 10000
#define WORKLOADS 6
#define DIMMS 3
#define WRITES 3
#define BOOT_BLOCKS 6
#define COPIES 3
#define COPY_STEPS 200
#define WINDOW_BLOCK 32

/* The state of a workload according to results so far. */
struct load {
	bool exists;
	const char *kind; /* NULL: not set */
	uint64_t pages;
};

/* A write to a block's file that may still be in progress. */
struct slow_write {
	struct tree_file *file;
	struct world_req req;
	bool used;
};

/*
 * @cmdline: the machine booted with it
 * @again: for repeating the inputs on another machine
 * @copy: machines that it was saved to and loaded into, after @copied inputs
 */
struct walk {
	struct seeds_trial *trial;
	struct world *w;
	const char *cmdline;
	struct again *again;
	struct world *copy[COPIES];
	size_t copied[COPIES];
	unsigned int nr_copies;
	struct load load[WORKLOADS];
	struct slow_write write[WRITES];
	struct views views;
};

#define CHECK(w, condition)                                                                        \
	do {                                                                                       \
		if (!(condition))                                                                  \
			seeds_fail((w)->trial, __FILE__, __LINE__, "%s", #condition);              \
	} while (0)

static uint64_t below(struct walk *w, uint64_t n)
{
	return seeds_below(w->trial, n);
}

/* Writes a text that is answered at once. */
static ssize_t put(struct walk *w, const char *text, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static ssize_t put(struct walk *w, const char *text, const char *fmt, ...)
{
	char path[96];
	va_list args;
	ssize_t ret;

	va_start(args, fmt);
	vsnprintf(path, sizeof(path), fmt, args);
	va_end(args);
	if (!world_exists(w->w, path))
		return -ENOENT;
	ret = world_write(w->w, path, text);
	CHECK(w, ret < 0 || ret == (ssize_t)strlen(text));
	return ret;
}

/* ---- workloads ------------------------------------------------------------------------------- */

static const char *const kinds[] = {
	"anon", "anon",	     "thp",    "mlock",	  "pagecache", "shmem",	  "kernel",
	"slab", "pagetable", "pinned", "hugetlb", "gigantic",  "balloon", "balloon_compaction",
};

static uint64_t load_pages(struct walk *w, unsigned int i)
{
	char path[64];

	snprintf(path, sizeof(path), "machine/workload/w%u/size", i);
	return strtoull(world_read(w->w, path), NULL, 10) >> 12;
}

/* Number of OOM kills; the kernel reports no more than that. */
static unsigned int kills(struct walk *w)
{
	const char *at = world_read(w->w, "machine/log");
	unsigned int nr = 0;

	while ((at = strstr(at, "Out of memory"))) {
		nr++;
		at++;
	}
	return nr;
}

/*
 * Called after operations that may take pages from any workload: reclaim, the OOM killer, poison.
 */
static void loads_again(struct walk *w)
{
	for (unsigned int i = 0; i < WORKLOADS; i++)
		w->load[i].pages = w->load[i].exists ? load_pages(w, i) : 0;
}

static void step_load_new(struct walk *w)
{
	unsigned int i = (unsigned int)below(w, WORKLOADS);
	struct load *load = &w->load[i];
	char path[64], number[16];

	snprintf(path, sizeof(path), "machine/workload/w%u", i);
	if (load->exists) {
		seeds_doing(w->trial, "rmdir %s", path);
		CHECK(w, !world_rmdir(w->w, path));
		*load = (struct load){ .exists = false };
		return;
	}
	CHECK(w, !world_mkdir(w->w, path));
	load->exists = true;
	load->kind = kinds[below(w, BASE_ARRAY_SIZE(kinds))];
	seeds_doing(w->trial, "mkdir %s: %s", path, load->kind);
	CHECK(w, put(w, load->kind, "%s/kind", path) > 0);
	if (below(w, 2)) {
		snprintf(number, sizeof(number), "%d", (int)below(w, 2));
		CHECK(w, put(w, number, "%s/node", path) > 0);
		CHECK(w, put(w, below(w, 2) ? "bind" : "prefer", "%s/policy", path) > 0);
	}
	if (!below(w, 12))
		CHECK(w, put(w, "kill", "%s/oom", path) > 0);
}

static void step_load_size(struct walk *w)
{
	unsigned int i = (unsigned int)below(w, WORKLOADS);
	uint64_t most = below(w, 4) ? MIB(40) : below(w, 4) ? MIB(300) : GIB(2);
	uint64_t unit, size = below(w, 6) ? below(w, most) : 0;
	unsigned int killed = kills(w);
	char number[24];
	ssize_t ret;

	if (!w->load[i].exists)
		return;
	seeds_doing(w->trial, "workload w%u (%s): %llu bytes", i, w->load[i].kind,
		    (unsigned long long)size);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)size);
	ret = put(w, number, "machine/workload/w%u/size", i);
	unit = !strcmp(w->load[i].kind, "hugetlb") || !strcmp(w->load[i].kind, "thp") ? MIB(2) :
	       !strcmp(w->load[i].kind, "gigantic")				      ? GIB(1) :
											4096;
	CHECK(w, ret > 0 || ret == -ENOMEM);
	/* Shrinking always succeeds. */
	CHECK(w, ret > 0 || size > w->load[i].pages << 12);
	if (ret > 0)
		CHECK(w, load_pages(w, i) == BASE_ROUND_UP(size, unit) >> 12);
	for (unsigned int k = 0; killed == kills(w) && k < WORKLOADS; k++)
		CHECK(w, (k == i && ret > 0) || !w->load[k].exists ||
				 load_pages(w, k) == w->load[k].pages ||
				 !strcmp(w->load[k].kind, "pagecache"));
	loads_again(w);
}

/* A program pins its pages, or unpins them. */
static void step_load_pin(struct walk *w)
{
	unsigned int i = (unsigned int)below(w, WORKLOADS);
	bool pinned;
	ssize_t ret;

	if (!w->load[i].exists)
		return;
	pinned = !strcmp(w->load[i].kind, "pinned");
	if (!pinned && strcmp(w->load[i].kind, "anon"))
		return;
	seeds_doing(w->trial, "workload w%u %s", i, pinned ? "unpinned" : "pinned");
	ret = put(w, pinned ? "anon" : "pinned", "machine/workload/w%u/kind", i);
	CHECK(w, ret > 0 || ret == -ENOMEM);
	CHECK(w, load_pages(w, i) == w->load[i].pages);
	if (ret > 0)
		w->load[i].kind = pinned ? "anon" : "pinned";
	loads_again(w);
}

static void step_pool(struct walk *w)
{
	int nid = (int)below(w, 2);
	char number[16];
	ssize_t ret;

	snprintf(number, sizeof(number), "%u", (unsigned int)below(w, 40));
	seeds_doing(w->trial, "pool of node %d: %s", nid, number);
	ret = put(w, number, SYS_NODE "node%d/hugepages/hugepages-2048kB/nr_hugepages", nid);
	CHECK(w, ret > 0);
	loads_again(w);
}

static void step_poison(struct walk *w)
{
	static const char *const files[] = { SYS_MEMORY "soft_offline_page",
					     SYS_MEMORY "hard_offline_page",
					     "sys/kernel/debug/hwpoison/unpoison-pfn" };
	unsigned int which = (unsigned int)below(w, 3);
	uint64_t block = below(w, 2) ? below(w, BOOT_BLOCKS) : WINDOW_BLOCK + below(w, 8);
	uint64_t pfn = (block << 15) + below(w, 1 << 15);
	char text[32];

	/* Rarely: poisoned pages are lost to the rest of the walk. */
	if (below(w, 20))
		return;
	snprintf(text, sizeof(text), "%#llx", (unsigned long long)(which < 2 ? pfn << 12 : pfn));
	seeds_doing(w->trial, "%s: %s", files[which], text);
	(void)put(w, text, "%s", files[which]);
	loads_again(w);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void write_end(struct walk *w, struct slow_write *write)
{
	tree_release(write->file);
	world_req_fini(&write->req);
	*write = (struct slow_write){ .used = false };
}

/* Collects writes answered meanwhile. */
static void collect(struct walk *w)
{
	bool any = false;

	for (unsigned int i = 0; i < WRITES; i++) {
		if (!w->write[i].used || !w->write[i].req.done)
			continue;
		write_end(w, &w->write[i]);
		any = true;
	}
	if (any)
		loads_again(w);
}

/* Writes @word to the file, which may take a while; returns the result if it is immediate, or 0. */
static ssize_t start(struct walk *w, const char *path, const char *word)
{
	struct slow_write *write = w->write;
	ssize_t ret = 0;

	while (write->used)
		write++;
	CHECK(w, !world_open(w->w, path, O_WRONLY, &write->file));
	write->used = true;
	world_req_write(&write->req, write->file, word, strlen(word));
	if (write->req.done) {
		ret = write->req.result;
		CHECK(w, ret < 0 || ret == (ssize_t)strlen(word));
		write_end(w, write);
	}
	loads_again(w);
	return ret;
}

static bool may_start(const struct walk *w)
{
	for (unsigned int i = 0; i < WRITES; i++) {
		if (!w->write[i].used)
			return true;
	}
	return false;
}

static void step_block(struct walk *w)
{
	static const char *const words[] = {
		"online", "online_kernel", "online_movable", "offline", "offline", "offline", "0",
		"1"
	};
	unsigned int word = (unsigned int)below(w, BASE_ARRAY_SIZE(words));
	const char *file = word < 6 ? "state" : "online";
	uint64_t block = below(w, 3) ? WINDOW_BLOCK + below(w, 16) : below(w, BOOT_BLOCKS);
	char path[64];

	snprintf(path, sizeof(path), SYS_MEMORY "memory%llu/%s", (unsigned long long)block, file);
	if (!may_start(w) || !world_exists(w->w, path))
		return;
	seeds_doing(w->trial, "memory%llu/%s: %s", (unsigned long long)block, file, words[word]);
	/* The driver may remove an online virtio-mem block at once. */
	if (start(w, path, words[word]) > 0 && word < 6 && world_exists(w->w, path))
		CHECK(w, !strcmp(world_read(w->w, path),
				 words[word][1] == 'n' ? "online\n" : "offline\n"));
}

static void step_time(struct walk *w)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)(1 + below(w, 200)) * 1000000);
	seeds_doing(w->trial, "%s ns pass", text);
	CHECK(w, put(w, text, "machine/clock/advance_ns") > 0);
	collect(w);
	loads_again(w);
}

static void step_rate(struct walk *w)
{
	static const char *const rates[] = { "0", "1", "20", "1000" };
	const char *rate = rates[below(w, 4)];

	seeds_doing(w->trial, "migrate %s pages in a millisecond", rate);
	CHECK(w, put(w, rate, "machine/clock/migrate_pages_per_ms") > 0);
}

static void step_signal(struct walk *w)
{
	unsigned int i = (unsigned int)below(w, WRITES);
	bool fatal = below(w, 2);

	if (!w->write[i].used)
		return;
	seeds_doing(w->trial, "a %ssignal for writer %u", fatal ? "fatal " : "", i);
	tree_interrupt(&w->write[i].req.req, fatal);
	collect(w);
	loads_again(w);
}

/* ---- devices --------------------------------------------------------------------------------- */

static void step_dimm(struct walk *w)
{
	static const char *const sizes[] = { "128M", "256M", "512M" };
	const char *size = sizes[below(w, 3)], *node = below(w, 2) ? "0" : "1";
	char dir[64], path[80];

	snprintf(dir, sizeof(dir), "machine/dimm/d%u", (unsigned int)below(w, DIMMS));
	snprintf(path, sizeof(path), "%s/plugged", dir);
	if (!may_start(w))
		return;
	if (!world_exists(w->w, dir)) {
		seeds_doing(w->trial, "mkdir %s: %s on node %s", dir, size, node);
		CHECK(w, !world_mkdir(w->w, dir));
		CHECK(w, put(w, size, "%s/size", dir) > 0);
		CHECK(w, put(w, node, "%s/node", dir) > 0);
		(void)start(w, path, "1");
	} else if (!strcmp(world_read(w->w, path), "1\n")) {
		seeds_doing(w->trial, "%s: 0", path);
		(void)start(w, path, "0");
	} else {
		int ret;

		seeds_doing(w->trial, "rmdir %s", dir);
		ret = world_rmdir(w->w, dir);
		CHECK(w, !ret || ret == -EBUSY);
	}
}

static void step_virtio_mem(struct walk *w)
{
	char text[16];

	snprintf(text, sizeof(text), "%lluM", 2 * (unsigned long long)below(w, 300));
	seeds_doing(w->trial, "virtio-mem: %s", text);
	CHECK(w, put(w, text, "machine/virtio-mem/v0/requested_size") > 0);
	loads_again(w);
}

static void step_auto_online(struct walk *w)
{
	static const char *const types[] = { "offline", "online", "online_kernel",
					     "online_movable" };
	const char *type = types[below(w, 4)];

	seeds_doing(w->trial, "auto_online_blocks: %s", type);
	CHECK(w, put(w, type, SYS_MEMORY "auto_online_blocks") > 0);
}

/* ---- the walk -------------------------------------------------------------------------------- */

static const char yaml[] = PC_LOW "  - {start: 0x100000, end: 0x17ffffff, node: 0}\n"
				  "  - {start: 0x18000000, end: 0x2fffffff, node: 1}\n"
				  "possible_nodes: \"0-1\"\n"
				  "hotplug:\n  - {start: 4G, end: 0x1ffffffff, node: 0}\n"
				  "cpus:\n  - {list: \"0\", node: 0}\n  - {list: \"1\", node: 1}\n";

static void machine_boot(struct walk *w)
{
	static const char *const cmdlines[] = {
		"",
		"movable_node",
		"kernelcore=512M",
		"memory_hotplug.online_policy=auto-movable",
		"memory_hotplug.memmap_on_memory=1",
		"memhp_default_state=online_movable",
		"hugetlb_free_vmemmap=on",
	};

	w->cmdline = cmdlines[below(w, BASE_ARRAY_SIZE(cmdlines))];
	w->w = world_new_cmdline(yaml, w->cmdline);
	w->again = again_new(w->w);
	CHECK(w, !world_mkdir(w->w, "machine/virtio-mem/v0"));
	CHECK(w, put(w, "1G", "machine/virtio-mem/v0/size") > 0);
	CHECK(w, put(w, "1", "machine/virtio-mem/v0/plugged") > 0);
}

/* Whether a block is going offline, which readers of its files wait for. */
static bool is_leaving(const struct walk *w)
{
	for (struct hp_block *b = hp_block_next(w->w->hp, 0); b;
	     b = hp_block_next(w->w->hp, hp_block_id(b) + 1)) {
		if (hp_block_state(b) == HP_STATE_GOING_OFFLINE)
			return true;
	}
	return false;
}

static void check(struct walk *w)
{
	const char *wrong = views_check(&w->views);

	/* Few of these change, and checking them takes longer. */
	if (!wrong && !below(w, 20) && !is_leaving(w))
		wrong = views_check_devices(&w->views);
	if (wrong)
		seeds_fail(w->trial, __FILE__, __LINE__, "%s", wrong);
	for (unsigned int i = 0; i < WORKLOADS; i++) {
		char name[8];

		snprintf(name, sizeof(name), "w%u", i);
		if (w->load[i].exists && views_owned(&w->views, name) != w->load[i].pages)
			seeds_fail(w->trial, __FILE__, __LINE__, "%s has %llu pages, should %llu",
				   name, (unsigned long long)views_owned(&w->views, name),
				   (unsigned long long)w->load[i].pages);
	}
}

/* Every writer gets an answer once signals arrive and time passes. */
static void all_end(struct walk *w)
{
	for (unsigned int i = 0; i < WRITES; i++) {
		if (w->write[i].used)
			tree_interrupt(&w->write[i].req.req, true);
	}
	CHECK(w, put(w, "1000000000", "machine/clock/advance_ns") > 0);
	collect(w);
	for (unsigned int i = 0; i < WRITES; i++)
		CHECK(w, !w->write[i].used);
}

/* Saves the machine and loads it into another one, which must be equal; a few of these are kept. */
static void copy(struct walk *w)
{
	struct world *fresh = world_new_cmdline(yaml, w->cmdline);
	unsigned int i = w->nr_copies % COPIES;
	const char *wrong;
	int ret = again_copy(w->again, fresh, &wrong);

	if (wrong)
		seeds_fail(w->trial, __FILE__, __LINE__, "not the same when loaded: %s", wrong);
	CHECK(w, !ret || ret == -EBUSY);
	if (ret) {
		world_free(fresh);
		return;
	}
	/* The first copies have the longest way to go. */
	if (w->nr_copies >= COPIES)
		i = COPIES - 1;
	w->nr_copies++;
	if (w->copy[i])
		world_free(w->copy[i]);
	w->copy[i] = fresh;
	w->copied[i] = again_inputs(w->again);
}

static void check_copies(struct walk *w)
{
	for (unsigned int i = 0; i < COPIES && w->copy[i]; i++) {
		const char *wrong = again_compare_copy(w->again, w->copy[i], w->copied[i]);

		if (wrong)
			seeds_fail(w->trial, __FILE__, __LINE__, "not the same once loaded: %s",
				   wrong);
		world_free(w->copy[i]);
	}
}

/* Everything follows from the external inputs. */
static void check_again(struct walk *w)
{
	struct world *other = world_new_cmdline(yaml, w->cmdline);
	const char *wrong = again_compare(w->again, other);

	if (wrong)
		seeds_fail(w->trial, __FILE__, __LINE__, "not the same again: %s", wrong);
	world_free(other);
	again_free(w->again);
}

static const char *read_world(void *ctx, const char *path)
{
	return world_read(ctx, path);
}

static const char *list_world(void *ctx, const char *path)
{
	return world_list(ctx, path);
}

static void walk_run(struct seeds_trial *trial)
{
	static void (*const steps[])(struct walk *) = {
		step_load_new,	  step_load_new, step_load_size, step_load_size, step_load_size,
		step_load_size,	  step_load_pin, step_pool,	 step_poison,	 step_block,
		step_block,	  step_block,	 step_block,	 step_time,	 step_time,
		step_rate,	  step_signal,	 step_dimm,	 step_dimm,	 step_virtio_mem,
		step_auto_online,
	};
	struct walk *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->trial = trial;
	machine_boot(w);
	views_init(&w->views, w->w->machine, read_world, list_world, w->w);
	check(w);
	while (seeds_next(trial)) {
		steps[below(w, BASE_ARRAY_SIZE(steps))](w);
		collect(w);
		check(w);
		if (trial->step % COPY_STEPS == 0)
			copy(w);
	}
	all_end(w);
	check(w);
	copy(w);
	check_copies(w);
	check_again(w);
	views_fini(&w->views);
	world_free(w->w);
	free(w);
}

int main(int argc, char **argv)
{
	static const struct seeds_walk walk = { .seeds = SEEDS, .steps = STEPS, .run = walk_run };

	return seeds_main(&walk, argc, argv);
}
