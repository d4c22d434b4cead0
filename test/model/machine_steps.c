/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random steps over whole machines: workloads of all kinds grow, shrink, are pinned, created and
 * removed; blocks go online and offline, some of them slowly, with others waiting and some
 * interrupted; DIMMs, virtio-mem, pools of huge pages, poisoned pages.
 */
#include "machine_walk.h"

#define DIMMS 3
#define BOOT_BLOCKS 6
#define WINDOW_BLOCK 32

uint64_t machine_below(struct machine_walk *w, uint64_t n)
{
	return seeds_below(w->trial, n);
}

ssize_t machine_put(struct machine_walk *w, const char *text, const char *fmt, ...)
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

/* The same for a write that may take time, which passes until it is answered: pages are pinned. */
static ssize_t put_slowly(struct machine_walk *w, const char *text, unsigned int i,
			  const char *attr)
{
	struct tree_file *file;
	struct world_req r;
	char path[96];

	snprintf(path, sizeof(path), "machine/workload/w%u/%s", i, attr);
	file = world_open_good(w->w, path, O_WRONLY);
	world_req_write(&r, file, text, strlen(text));
	while (!r.done) {
		CHECK(w, machine_put(w, "1000000000", "machine/clock/advance_ns") > 0);
		machine_collect(w);
	}
	world_req_fini(&r);
	tree_release(file);
	return r.result;
}

/* ---- workloads ------------------------------------------------------------------------------- */

static const char *const kinds[] = {
	"anon", "anon",	     "thp",    "mlock",	  "pagecache", "shmem",	  "kernel",
	"slab", "pagetable", "pinned", "hugetlb", "gigantic",  "balloon", "balloon_compaction",
};

static uint64_t load_pages(struct machine_walk *w, unsigned int i)
{
	char path[64];

	snprintf(path, sizeof(path), "machine/workload/w%u/size", i);
	return strtoull(world_read(w->w, path), NULL, 10) >> 12;
}

uint64_t machine_load_swapped(struct machine_walk *w, unsigned int i)
{
	char path[64];

	snprintf(path, sizeof(path), "machine/workload/w%u/swapped", i);
	return strtoull(world_read(w->w, path), NULL, 10) >> 12;
}

/* Number of OOM kills; the kernel reports no more than that. */
static unsigned int kills(struct machine_walk *w)
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
static void loads_again(struct machine_walk *w)
{
	for (unsigned int i = 0; i < WORKLOADS; i++)
		w->load[i].pages = w->load[i].exists ? load_pages(w, i) : 0;
}

static void step_load_new(struct machine_walk *w)
{
	unsigned int i = (unsigned int)machine_below(w, WORKLOADS);
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
	load->kind = kinds[machine_below(w, BASE_ARRAY_SIZE(kinds))];
	seeds_doing(w->trial, "mkdir %s: %s", path, load->kind);
	CHECK(w, machine_put(w, load->kind, "%s/kind", path) > 0);
	if (machine_below(w, 2)) {
		snprintf(number, sizeof(number), "%d", (int)machine_below(w, 2));
		CHECK(w, machine_put(w, number, "%s/node", path) > 0);
		CHECK(w, machine_put(w, machine_below(w, 2) ? "bind" : "prefer", "%s/policy",
				     path) > 0);
	}
	if (!machine_below(w, 12))
		CHECK(w, machine_put(w, "kill", "%s/oom", path) > 0);
	if (!machine_below(w, 4)) {
		CHECK(w, machine_put(w, machine_below(w, 4) ? "30" : "0", "%s/idle_ms", path) > 0);
		CHECK(w, machine_put(w, "70", "%s/busy_ms", path) > 0);
	}
}

static void step_load_size(struct machine_walk *w)
{
	unsigned int i = (unsigned int)machine_below(w, WORKLOADS);
	uint64_t most = machine_below(w, 4) ? MIB(40) : machine_below(w, 4) ? MIB(300) : GIB(2);
	uint64_t unit, size = machine_below(w, 6) ? machine_below(w, most) : 0;
	unsigned int killed = kills(w);
	char number[24];
	ssize_t ret;

	if (!w->load[i].exists)
		return;
	seeds_doing(w->trial, "workload w%u (%s): %llu bytes", i, w->load[i].kind,
		    (unsigned long long)size);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)size);
	ret = put_slowly(w, number, i, "size");
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
static void step_load_pin(struct machine_walk *w)
{
	unsigned int i = (unsigned int)machine_below(w, WORKLOADS);
	bool pinned;
	ssize_t ret;

	if (!w->load[i].exists)
		return;
	pinned = !strcmp(w->load[i].kind, "pinned");
	if (!pinned && strcmp(w->load[i].kind, "anon"))
		return;
	seeds_doing(w->trial, "workload w%u %s", i, pinned ? "unpinned" : "pinned");
	ret = put_slowly(w, pinned ? "anon" : "pinned", i, "kind");
	CHECK(w, ret > 0 || ret == -ENOMEM);
	CHECK(w, load_pages(w, i) == w->load[i].pages);
	if (ret > 0)
		w->load[i].kind = pinned ? "anon" : "pinned";
	loads_again(w);
}

/* A program touches its pages in swap, or asks for them to go there. */
static void step_load_swap(struct machine_walk *w)
{
	unsigned int i = (unsigned int)machine_below(w, WORKLOADS), killed = kills(w);
	uint64_t pages = machine_below(w, 2) ? machine_below(w, w->load[i].pages + 1) : 0;
	char number[24];
	ssize_t ret;

	if (!w->load[i].exists)
		return;
	seeds_doing(w->trial, "workload w%u (%s): %llu pages in swap", i, w->load[i].kind,
		    (unsigned long long)pages);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)pages << 12);
	ret = machine_put(w, number, "machine/workload/w%u/swapped", i);
	CHECK(w, ret > 0 || ret == -ENOMEM || ((ret == -EINVAL || ret == -EBUSY) && pages));
	for (unsigned int k = 0; killed == kills(w) && k < WORKLOADS; k++)
		CHECK(w, !w->load[k].exists || load_pages(w, k) == w->load[k].pages ||
				 !strcmp(w->load[k].kind, "pagecache"));
	loads_again(w);
}

static void step_swap(struct machine_walk *w)
{
	unsigned int i = (unsigned int)machine_below(w, 2);
	const char *on = machine_below(w, 2) ? "1" : "0";
	ssize_t ret;

	seeds_doing(w->trial, "swap%u on: %s", i, on);
	ret = machine_put(w, on, "machine/swap/swap%u/on", i);
	CHECK(w, ret > 0 || (ret == -ENOMEM && *on == '0'));
	/* Page cache may have gone. */
	loads_again(w);
}

static void step_pool(struct machine_walk *w)
{
	int nid = (int)machine_below(w, 2);
	char number[16];
	ssize_t ret;

	snprintf(number, sizeof(number), "%u", (unsigned int)machine_below(w, 40));
	seeds_doing(w->trial, "pool of node %d: %s", nid, number);
	ret = machine_put(w, number, SYS_NODE "node%d/hugepages/hugepages-2048kB/nr_hugepages",
			  nid);
	CHECK(w, ret > 0);
	loads_again(w);
}

static void step_poison(struct machine_walk *w)
{
	static const char *const files[] = { SYS_MEMORY "soft_offline_page",
					     SYS_MEMORY "hard_offline_page",
					     "sys/kernel/debug/hwpoison/unpoison-pfn" };
	unsigned int which = (unsigned int)machine_below(w, 3);
	uint64_t block = machine_below(w, 2) ? machine_below(w, BOOT_BLOCKS) :
					       WINDOW_BLOCK + machine_below(w, 8);
	uint64_t pfn = (block << 15) + machine_below(w, 1 << 15);
	char text[32];

	/* Rarely: poisoned pages are lost to the rest of the walk. */
	if (machine_below(w, 20))
		return;
	snprintf(text, sizeof(text), "%#llx", (unsigned long long)(which < 2 ? pfn << 12 : pfn));
	seeds_doing(w->trial, "%s: %s", files[which], text);
	(void)machine_put(w, text, "%s", files[which]);
	loads_again(w);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static void write_end(struct machine_walk *w, struct slow_write *write)
{
	tree_release(write->file);
	world_req_fini(&write->req);
	*write = (struct slow_write){ .used = false };
}

void machine_collect(struct machine_walk *w)
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
static ssize_t start(struct machine_walk *w, const char *path, const char *word)
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

static bool may_start(const struct machine_walk *w)
{
	for (unsigned int i = 0; i < WRITES; i++) {
		if (!w->write[i].used)
			return true;
	}
	return false;
}

static void step_block(struct machine_walk *w)
{
	static const char *const words[] = {
		"online", "online_kernel", "online_movable", "offline", "offline", "offline", "0",
		"1"
	};
	unsigned int word = (unsigned int)machine_below(w, BASE_ARRAY_SIZE(words));
	const char *file = word < 6 ? "state" : "online";
	uint64_t block = machine_below(w, 3) ? WINDOW_BLOCK + machine_below(w, 16) :
					       machine_below(w, BOOT_BLOCKS);
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

static void step_time(struct machine_walk *w)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu",
		 (unsigned long long)(1 + machine_below(w, 200)) * 1000000);
	seeds_doing(w->trial, "%s ns pass", text);
	CHECK(w, machine_put(w, text, "machine/clock/advance_ns") > 0);
	machine_collect(w);
	loads_again(w);
}

static void step_rate(struct machine_walk *w)
{
	static const char *const rates[] = { "0", "1", "20", "1000" };
	const char *rate = rates[machine_below(w, 4)];

	seeds_doing(w->trial, "migrate %s pages in a millisecond", rate);
	CHECK(w, machine_put(w, rate, "machine/clock/migrate_pages_per_ms") > 0);
}

static void step_signal(struct machine_walk *w)
{
	unsigned int i = (unsigned int)machine_below(w, WRITES);
	bool fatal = machine_below(w, 2);

	if (!w->write[i].used)
		return;
	seeds_doing(w->trial, "a %ssignal for writer %u", fatal ? "fatal " : "", i);
	tree_interrupt(&w->write[i].req.req, fatal);
	machine_collect(w);
	loads_again(w);
}

/* ---- devices --------------------------------------------------------------------------------- */

static void step_dimm(struct machine_walk *w)
{
	static const char *const sizes[] = { "128M", "256M", "512M" };
	const char *size = sizes[machine_below(w, 3)], *node = machine_below(w, 2) ? "0" : "1";
	char dir[64], path[80];

	snprintf(dir, sizeof(dir), "machine/dimm/d%u", (unsigned int)machine_below(w, DIMMS));
	snprintf(path, sizeof(path), "%s/plugged", dir);
	if (!may_start(w))
		return;
	if (!world_exists(w->w, dir)) {
		seeds_doing(w->trial, "mkdir %s: %s on node %s", dir, size, node);
		CHECK(w, !world_mkdir(w->w, dir));
		CHECK(w, machine_put(w, size, "%s/size", dir) > 0);
		CHECK(w, machine_put(w, node, "%s/node", dir) > 0);
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

static void step_virtio_mem(struct machine_walk *w)
{
	char text[16];

	snprintf(text, sizeof(text), "%lluM", 2 * (unsigned long long)machine_below(w, 300));
	seeds_doing(w->trial, "virtio-mem: %s", text);
	CHECK(w, machine_put(w, text, "machine/virtio-mem/v0/requested_size") > 0);
	loads_again(w);
}

static void step_auto_online(struct machine_walk *w)
{
	static const char *const types[] = { "offline", "online", "online_kernel",
					     "online_movable" };
	const char *type = types[machine_below(w, 4)];

	seeds_doing(w->trial, "auto_online_blocks: %s", type);
	CHECK(w, machine_put(w, type, SYS_MEMORY "auto_online_blocks") > 0);
}

void machine_step(struct machine_walk *w)
{
	static void (*const steps[])(struct machine_walk *) = {
		step_load_new,	  step_load_new,  step_load_size, step_load_size, step_load_size,
		step_load_size,	  step_load_pin,  step_pool,	  step_poison,	  step_block,
		step_block,	  step_block,	  step_block,	  step_time,	  step_time,
		step_rate,	  step_signal,	  step_dimm,	  step_dimm,	  step_virtio_mem,
		step_auto_online, step_load_swap, step_swap,
	};

	steps[machine_below(w, BASE_ARRAY_SIZE(steps))](w);
}
