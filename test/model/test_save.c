// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A random walk over every writable file, of machines of all architectures: whatever a client can
 * change must be in a saved and reloaded machine, at once and after everything that follows. Files
 * are found in the tree, so that new ones are covered without being named.
 */
#include "../unit/world.h"
#include "again.h"
#include "seeds.h"

#define SEEDS 36
#define STEPS 1500
#define COPY_STEPS 25
#define COPIES 4
#define WRITES 6
#define ACTOR 4711

/* ---- machines -------------------------------------------------------------------------------- */

#define CPUS "cpus:\n  - {list: \"0\", node: 0}\n  - {list: \"1\", node: 1}\n"
#define PC                                                                                         \
	PC_LOW                                                                                     \
	"  - {start: 0x100000, end: 0x17ffffff, node: 0}\n"                                        \
	"  - {start: 0x18000000, end: 0x2fffffff, node: 1}\n"                                      \
	"possible_nodes: \"0-2\"\n"                                                                \
	"hotplug:\n  - {start: 4G, end: 0x1ffffffff, node: 0}\n"                                   \
	"  - {start: 8G, end: 0x2ffffffff, node: 2}\n" CPUS

static const struct {
	const char *yaml;
	const char *cmdline;
} machines[] = {
	{ PC, "" },
	{ PC, "memory_hotplug.memmap_on_memory=1 cma=32M" },
	{ PC, "movable_node memory_hotplug.online_policy=auto-movable" },
	{ PC, "hugetlb_free_vmemmap=on memhp_default_state=online" },
	{ PC, "kernelcore=256M crashkernel=64M" },
	{ PC, "memhp_default_state=online_movable" },
	{ "kasan: true\n" PC, "memhp_default_state=online" },
	{ PC "faults:\n  - {name: slow, phase: migrate, errno: none, delay_ms: 3}\n"
	     "  - {name: no, phase: memmap_alloc, block: every 3, errno: ENOMEM}\n",
	  "" },
	{ "kernel_config: {MEMORY_HOTREMOVE: n}\n" PC, "memhp_default_state=online" },
	{ "kernel_config: {VIRTIO_MEM: n, HUGETLBFS: n}\n" PC, "" },
	{ "kernel_config: {NUMA: n}\nmemory:\n  - {start: 1M, end: 0x2fffffff, node: 0}\n", "" },
	{ "arch: s390x\nblock_size: 256M\nincrement: 64M\n"
	  "memory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n"
	  "standby:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n" ONE_CPU,
	  "crashkernel=256M" },
	{ "arch: ppc64le\nblock_size: 256M\npossible_nodes: \"0-1\"\n"
	  "memory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n"
	  "  - {start: 1G, end: 0x7fffffff, node: 1, hotpluggable: true}\n"
	  "hotplug:\n  - {start: 2G, end: 0xffffffff, node: 1}\n" CPUS,
	  "" },
	{ "arch: arm64\nblock_size: 128M\npossible_nodes: \"0-1\"\n"
	  "memory:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n"
	  "hotplug:\n  - {start: 4G, end: 0x1ffffffff, node: 1}\n" ONE_CPU,
	  "memory_hotplug.memmap_on_memory=force" },
	{ PC_LOW "  - {start: 0x100000, end: 0x2fffffff, node: 0}\n"
		 "standby:\n  - {start: 4G, end: 0x17fffffff, node: 0}\n"
		 "recorded:\n  - {blocks: \"3\", state: online, zones: Normal}\n"
		 "  - {blocks: \"32-35\", state: online, zones: Movable, removable: \"1\"}\n"
		 "  - {blocks: \"36\", state: offline, zones: Normal Movable}\n" ONE_CPU,
	  "" },
};

/* ---- written texts --------------------------------------------------------------------------- */

#define SIZES "128M", "256M", "512M", "1G", "2M", "300M"
#define NUMBERS "0", "1", "1", "2", "3"

/* By the last part of a path; the last one is for all others. */
static const struct {
	const char *leaf;
	const char *words[10];
} texts[] = {
	{ "size", { SIZES, "0" } },
	{ "node", { "0", "1", "2", "2", "-1" } },
	{ "addr", { "auto", "4G", "0x120000000", "0x90000000" } },
	{ "slot", { "auto", "3", "4" } },
	{ "backed", { "auto", "64M", "128M", "256M", "512M" } },
	{ "requested_size", { "0", "64M", "130M", "256M", "900M" } },
	{ "block_size", { "2M", "4M", "256M" } },
	{ "plugged", { "1", "1", "1", "0" } },
	{ "system_ram", { "1", "1", "0" } },
	{ "dimms", { "o0 o1", "o1", "" } },
	{ "hid", { "ACPI0004", "PNP0A06" } },
	{ "kind",
	  { "anon", "pagecache", "pagecache", "kernel", "pinned", "thp", "hugetlb", "slab",
	    "balloon" } },
	{ "block", { "any", "1", "33", "every 2", "node 1", "zone Movable", "-1" } },
	{ "policy", { "bind", "prefer" } },
	{ "oom", { "fail", "fail", "kill" } },
	{ "phase",
	  { "migrate", "going_online", "going_offline", "isolate", "plug", "eject", "memmap_alloc",
	    "node_alloc", "dissolve" } },
	{ "errno", { "none", "none", "EBUSY", "ENOMEM" } },
	{ "delay_ms", { "0", "0", "7", "hang" } },
	{ "probability", { "100", "50", "20" } },
	{ "op", { "write", "write", "mkdir", "any" } },
	{ "path", { "*", "sys/*", "machine/dimm/*" } },
	{ "until", { "", "", "sys/kernel/uevent_seqnum 40" } },
	{ "actor", { "*", "4711", "4712" } },
	{ "value", { "*", "1", "online*" } },
	{ "state", { "online", "online_kernel", "online_movable", "offline", "offline" } },
	{ "eject", { "1" } },
	{ "dlpar",
	  { "memory add count 2", "memory remove count 1", "memory remove count 3",
	    "memory add index 0x80000005", "memory remove indexed-count 2 0x80000004" } },
	{ "probe", { "0x110000000", "0x118000000" } },
	{ "uevent", { "add", "change" } },
	{ "uevent_helper", { "/sbin/hotplug", "" } },
	{ "auto_online_blocks", { "offline", "online", "online_movable", "online_kernel" } },
	{ "online_policy", { "contig-zones", "auto-movable" } },
	{ "soft_offline_page", { "0x8001000", "0x10003000", "0x108000000" } },
	{ "hard_offline_page", { "0x9002000", "0x1fff0000", "0x100004000" } },
	{ "corrupt-pfn", { "0x9003", "0x100010" } },
	{ "unpoison-pfn", { "0x8001", "0x9002", "0x9003", "0x10003" } },
	{ "error", { "0", "0", "-16" } },
	{ "migrate_pages_per_ms", { "0", "0", "20", "1000" } },
	{ "nr_hugepages", { "0", "5", "20", "40" } },
	{ "advance_ns", { "1000000", "50000000", "60000000000", "400000000000" } },
	{ "control", { "on", "auto" } },
	{ "min-order", { "0" } },
	{ NULL, { NUMBERS } },
};

/* ---- the walk -------------------------------------------------------------------------------- */

struct copy {
	struct world *world;
	size_t inputs;
};

/* A write that may still be in progress. */
struct pending {
	struct tree_file *file;
	struct world_req req;
	bool used;
};

struct walk {
	struct seeds_trial *trial;
	struct world *w;
	size_t machine;
	struct again *again;
	struct copy copy[COPIES];
	unsigned int nr_copies;
	struct pending write[WRITES];
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

static struct world *boot(const struct walk *w)
{
	return world_new_cmdline(machines[w->machine].yaml, machines[w->machine].cmdline);
}

static const char *text_for(struct walk *w, const char *path)
{
	const char *leaf = strrchr(path, '/') + 1;
	size_t i = 0, nr = 0;

	while (texts[i].leaf && strcmp(texts[i].leaf, leaf))
		i++;
	while (nr < BASE_ARRAY_SIZE(texts[i].words) && texts[i].words[nr])
		nr++;
	return texts[i].words[below(w, nr)];
}

/* Appends a random name in a directory; false: there is none. */
static bool descend(struct walk *w, char *path, size_t size)
{
	char *names = strdup(world_list(w->w, path)), *name = names, *end;
	size_t len = strlen(path), nr = 0;
	uint64_t pick;

	assert_non_null(names);
	for (const char *at = names; (at = strchr(at, ' ')); at++)
		nr++;
	for (pick = nr ? below(w, nr) : 0; pick; pick--)
		name = strchr(name, ' ') + 1;
	end = strchr(name, ' ');
	if (end)
		*end = '\0';
	snprintf(path + len, size - len, "/%s", name);
	free(names);
	return nr;
}

/* A random file or directory, preferably where most can be changed. */
static bool pick(struct walk *w, char *path, size_t size, struct tree_attr *ret_attr)
{
	static const char *const places[] = {
		"machine",
		"machine",
		"machine",
		"machine/dimm",
		"machine/workload",
		"machine/virtio-mem",
		"sys/devices/system/memory",
		"sys/devices/system/memory",
		"sys/devices/system/node",
		"sys/kernel",
		"sys/module",
		"sys/devices",
		"sys/firmware",
	};

	snprintf(path, size, "%s", places[below(w, BASE_ARRAY_SIZE(places))]);
	if (!world_exists(w->w, path))
		return false;
	do {
		if (!descend(w, path, size))
			return false;
		*ret_attr = world_stat(w->w, path);
	} while (S_ISDIR(ret_attr->mode));
	return true;
}

static void write_end(struct pending *write)
{
	tree_release(write->file);
	world_req_fini(&write->req);
	*write = (struct pending){ .used = false };
}

static void collect(struct walk *w)
{
	for (unsigned int i = 0; i < WRITES; i++) {
		if (w->write[i].used && w->write[i].req.done)
			write_end(&w->write[i]);
	}
}

static void put(struct walk *w, const char *path, const char *text)
{
	struct pending *write = w->write;

	while (write < w->write + WRITES && write->used)
		write++;
	if (write == w->write + WRITES || world_open(w->w, path, O_WRONLY, &write->file))
		return;
	write->used = true;
	world_set_caller(below(w, 3) ? ACTOR : 0, 0);
	world_req_write(&write->req, write->file, text, strlen(text));
	world_set_caller(0, 0);
}

static void step_write(struct walk *w)
{
	struct tree_attr attr;
	const char *text;
	char path[256];

	if (!pick(w, path, sizeof(path), &attr) || !S_ISREG(attr.mode) || !(attr.mode & 0222))
		return;
	text = text_for(w, path);
	seeds_doing(w->trial, "%s: %s", path, text);
	put(w, path, text);
}

/* A new object gets some settings, and is switched on. */
static void configure(struct walk *w, const char *dir)
{
	static const char *const last[] = { "size", "plugged", "system_ram", "enabled" };
	char *names = strdup(world_list(w->w, dir)), *name, *save, path[96];

	assert_non_null(names);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		snprintf(path, sizeof(path), "%s/%s", dir, name);
		if (below(w, 2) && world_stat(w->w, path).mode & 0222)
			put(w, path, text_for(w, path));
		collect(w);
	}
	for (size_t i = 0; i < BASE_ARRAY_SIZE(last); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, last[i]);
		if (below(w, 5) && world_exists(w->w, path))
			put(w, path, text_for(w, path));
		collect(w);
	}
	free(names);
}

/* Most objects are kept for some time. */
static void step_make(struct walk *w)
{
	static const char *const dirs[] = { "dimm", "dimm",	"virtio-mem", "dax",	   "fault",
					    "race", "workload", "workload",   "container", "swap" };
	const char *dir = dirs[below(w, BASE_ARRAY_SIZE(dirs))];
	char path[64];

	snprintf(path, sizeof(path), "machine/%s", dir);
	if (!world_exists(w->w, path))
		return;
	snprintf(path, sizeof(path), "machine/%s/o%u", dir, (unsigned int)below(w, 4));
	if (world_exists(w->w, path)) {
		if (below(w, 3))
			return;
		seeds_doing(w->trial, "rmdir %s", path);
		(void)world_rmdir(w->w, path);
		return;
	}
	seeds_doing(w->trial, "mkdir %s", path);
	CHECK(w, !world_mkdir(w->w, path));
	configure(w, path);
}

static void step_chmod(struct walk *w)
{
	struct tree_attr attr;
	char path[256];

	if (!pick(w, path, sizeof(path), &attr) || S_ISLNK(attr.mode))
		return;
	seeds_doing(w->trial, "chmod %s", path);
	CHECK(w, !world_chmod(w->w, path, (attr.mode ^ 0040) & 07777));
}

static void step_signal(struct walk *w)
{
	struct pending *write = &w->write[below(w, WRITES)];
	bool fatal = below(w, 2);

	if (!write->used)
		return;
	seeds_doing(w->trial, "a %ssignal", fatal ? "fatal " : "");
	tree_interrupt(&write->req.req, fatal);
}

static void step_time(struct walk *w)
{
	uint64_t ns = (1 + below(w, 100)) * 1000000;

	seeds_doing(w->trial, "%" PRIu64 " ns pass", ns);
	base_vclock_advance(w->w->clock, ns);
}

/* ---- copies ---------------------------------------------------------------------------------- */

static void copy(struct walk *w)
{
	unsigned int i = w->nr_copies < COPIES ? w->nr_copies : (unsigned int)below(w, COPIES);
	struct world *fresh = boot(w);
	const char *wrong;
	int ret = again_copy(w->again, fresh, &wrong);

	if (wrong)
		seeds_fail(w->trial, __FILE__, __LINE__, "not the same when loaded: %s", wrong);
	if (ret) {
		if (ret != -EBUSY)
			seeds_fail(w->trial, __FILE__, __LINE__, "not saved: %d", ret);
		world_free(fresh);
		return;
	}
	w->nr_copies++;
	if (w->copy[i].world)
		world_free(w->copy[i].world);
	w->copy[i] = (struct copy){ fresh, again_inputs(w->again) };
}

/* Removes everything that delays a write, so that all complete, and the last copy can be made. */
static void all_end(struct walk *w)
{
	static const char *const dirs[] = { "machine/race", "machine/fault" };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(dirs); i++) {
		char *names = strdup(world_list(w->w, dirs[i])), *name, *save;

		for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
			char path[64];

			snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
			CHECK(w, !world_rmdir(w->w, path));
		}
		free(names);
	}
	for (unsigned int round = 0; round < 2 * WRITES; round++) {
		for (unsigned int i = 0; i < WRITES; i++) {
			if (w->write[i].used && !w->write[i].req.done)
				tree_interrupt(&w->write[i].req.req, true);
		}
		base_vclock_advance(w->w->clock, 1000000000);
		collect(w);
	}
	for (unsigned int i = 0; i < WRITES; i++)
		CHECK(w, !w->write[i].used);
}

static void check_copies(struct walk *w)
{
	for (unsigned int i = 0; i < COPIES && w->copy[i].world; i++) {
		const char *wrong =
			again_compare_copy(w->again, w->copy[i].world, w->copy[i].inputs);

		if (wrong)
			seeds_fail(w->trial, __FILE__, __LINE__, "not the same once loaded: %s",
				   wrong);
		world_free(w->copy[i].world);
	}
}

static void walk_run(struct seeds_trial *trial)
{
	static void (*const steps[])(struct walk *) = {
		step_write, step_write, step_write, step_write,	 step_write, step_write, step_write,
		step_make,  step_make,	step_chmod, step_signal, step_time,  step_time,
	};
	struct walk *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->trial = trial;
	w->machine = trial->seed % BASE_ARRAY_SIZE(machines);
	w->w = boot(w);
	w->again = again_new(w->w);
	while (seeds_next(trial)) {
		steps[below(w, BASE_ARRAY_SIZE(steps))](w);
		collect(w);
		if (trial->step % COPY_STEPS == 0)
			copy(w);
	}
	all_end(w);
	copy(w);
	if (getenv("MEMHPFS_COPIES"))
		printf("machine %zu: %u copies, %zu inputs\n", w->machine, w->nr_copies,
		       again_inputs(w->again));
	if (!w->nr_copies)
		seeds_fail(trial, __FILE__, __LINE__, "it could never be saved");
	check_copies(w);
	again_free(w->again);
	world_free(w->w);
	free(w);
}

int main(int argc, char **argv)
{
	static const struct seeds_walk walk = { .seeds = SEEDS, .steps = STEPS, .run = walk_run };

	return seeds_main(&walk, argc, argv);
}
