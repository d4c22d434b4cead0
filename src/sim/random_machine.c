// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random machines. PCs look as Linux sees QEMU's pc machine, so that the same operations can run
 * there: `-m SIZE,slots=16,maxmem=MAX`, memory below and above 4 GiB, the last 128 KiB below that
 * taken by firmware, and after it the window for devices, which belongs to the last node.
 */
#include <string.h>

#include "random_private.h"

#define MAX_NODES 3
#define PC_LOW_LIMIT (3584 * RANDOM_MIB) /* QEMU splits memory of this size and more ... */
#define PC_LOW_SPLIT (3072 * RANDOM_MIB) /* ... here */
#define PC_FIRMWARE 0x20000ULL
#define PC_SLOTS 16

/**
 * struct random_pc - memory and CPUs being distributed
 * @size: bytes of each node
 */
struct random_shape {
	unsigned int nr_nodes;
	uint64_t size[MAX_NODES];
	uint64_t total;
};

/* Words of the kernel command line, with one value each; the last word of a kind wins. */
static const char *const cmdline_words[] = {
	"memhp_default_state=online",
	"memhp_default_state=online_movable",
	"memhp_default_state=online_kernel",
	"memhp_default_state=offline",
	"memhp_default_state=movable",
	"memory_hotplug.online_policy=auto-movable",
	"memory_hotplug.online_policy=auto-movable",
	"memory_hotplug.online_policy=contig-zones",
	"memory_hotplug.auto_movable_ratio=50",
	"memory_hotplug.auto_movable_ratio=100",
	"memory_hotplug.auto_movable_ratio=301",
	"memory_hotplug.auto_movable_ratio=1000",
	"memory_hotplug.auto_movable_numa_aware=N",
	"memory_hotplug.auto_movable_numa_aware=1",
	"memory_hotplug.memmap_on_memory=Y",
	"memory_hotplug.memmap_on_memory=1",
	"memory_hotplug.memmap_on_memory=force",
	"memory_hotplug.memmap_on_memory=Force",
	"movable_node",
	"kernelcore=512M",
	"kernelcore=700M",
	"kernelcore=60%",
	"kernelcore=mirror",
	"movablecore=256M",
	"movablecore=30%",
	"movablecore=1k",
	"cma=64M",
	"virtio_mem.force_bbm=1",
	"virtio_mem.unplug_online=N",
	NULL,
};

static void put_cmdline(struct random_dice *dice, bool hidden, uint64_t total, struct base_buf *buf)
{
	unsigned int nr = random_chance(dice, 25) ? 0 : 1 + (unsigned int)random_roll(dice, 3);
	const char *between = "";

	base_buf_puts(buf, "cmdline: \"");
	if (hidden) {
		base_buf_printf(buf, "mem=%lluM", (unsigned long long)(total / RANDOM_MIB / 2));
		between = " ";
	}
	while (nr--) {
		base_buf_printf(buf, "%s%s", between, random_of(dice, cmdline_words));
		between = " ";
	}
	base_buf_puts(buf, "\"\n");
}

/* Nodes of different sizes; the first one has enough for the kernel. */
static void choose_shape(struct random_dice *dice, uint64_t unit, struct random_shape *shape)
{
	shape->nr_nodes = 1 + (unsigned int)random_roll(dice, MAX_NODES);
	shape->total = 0;
	for (unsigned int i = 0; i < shape->nr_nodes; i++) {
		uint64_t units = random_roll(dice, 9);

		if (!i)
			units += (768 * RANDOM_MIB + unit - 1) / unit;
		/* A node without memory, until some is plugged. */
		if (i && random_chance(dice, 20))
			units = 0;
		shape->size[i] = units * unit;
		shape->total += shape->size[i];
	}
}

static void put_range(struct base_buf *buf, uint64_t start, uint64_t end, unsigned int node)
{
	base_buf_printf(buf, "  - {start: 0x%llx, end: 0x%llx, node: %u}\n",
			(unsigned long long)start, (unsigned long long)end, node);
}

/* The rest of a description: what can be plugged, and a CPU for each of the first two nodes. */
static void put_rest(const struct random_shape *shape, uint64_t window, uint64_t bytes,
		     struct base_buf *buf)
{
	base_buf_puts(buf, "hotplug:\n");
	put_range(buf, window, window + bytes - 1, shape->nr_nodes - 1);
	base_buf_puts(buf, "cpus:\n");
	for (unsigned int i = 0; i < shape->nr_nodes && i < 2; i++)
		base_buf_printf(buf, "  - {list: \"%u\", node: %u}\n", i, i);
}

static void put_nodes(const struct random_shape *shape, struct base_buf *buf)
{
	if (shape->nr_nodes == 1)
		base_buf_puts(buf, "possible_nodes: \"0\"\nmemory:\n");
	else
		base_buf_printf(buf, "possible_nodes: \"0-%u\"\nmemory:\n", shape->nr_nodes - 1);
}

/* The part of a node's memory between @from and @to, which lies at @at. */
static void put_part(struct base_buf *buf, uint64_t from, uint64_t to, uint64_t at, uint64_t low,
		     uint64_t high, unsigned int node)
{
	uint64_t start = BASE_MAX(from, low), end = BASE_MIN(to, high);

	if (start < end)
		put_range(buf, start - low + at, end - low + at - 1, node);
}

static void machine_pc(struct random_dice *dice, struct base_buf *buf)
{
	struct random_shape shape;
	uint64_t low, window, high, from = 0;
	bool hidden = random_chance(dice, 10);
	uint64_t maxmem = (8 + 8 * random_roll(dice, 6)) * RANDOM_GIB;

	choose_shape(dice, random_chance(dice, 80) ? 128 * RANDOM_MIB : 40 * RANDOM_MIB, &shape);
	if (hidden || random_chance(dice, 10)) {
		shape.size[shape.nr_nodes - 1] += 2 * RANDOM_GIB;
		shape.total += 2 * RANDOM_GIB;
	}
	low = shape.total >= PC_LOW_LIMIT ? PC_LOW_SPLIT : shape.total;
	high = 4 * RANDOM_GIB + shape.total - low;
	window = (high + RANDOM_GIB - 1) / RANDOM_GIB * RANDOM_GIB;

	base_buf_puts(buf, "kernel: 6.12.117\narch: x86_64\n");
	put_cmdline(dice, hidden, shape.total, buf);
	base_buf_puts(buf, "block_size: 0x8000000\n");
	put_nodes(&shape, buf);
	put_range(buf, 0x1000, 0x9fbff, 0);
	for (unsigned int i = 0; i < shape.nr_nodes; i++) {
		uint64_t to = from + shape.size[i];

		put_part(buf, from, to, RANDOM_MIB, RANDOM_MIB, low - PC_FIRMWARE, i);
		put_part(buf, from, to, 4 * RANDOM_GIB, low, shape.total, i);
		from = to;
	}
	put_rest(&shape, window, maxmem - shape.total + PC_SLOTS * RANDOM_GIB, buf);
}

/* Contiguous memory from @base on, and a window after it. */
static void put_plain(struct random_dice *dice, const struct random_shape *shape, uint64_t base,
		      uint64_t align, struct base_buf *buf)
{
	uint64_t from = base;

	put_nodes(shape, buf);
	for (unsigned int i = 0; i < shape->nr_nodes; i++) {
		if (shape->size[i])
			put_range(buf, from, from + shape->size[i] - 1, i);
		from += shape->size[i];
	}
	from = (from + align - 1) / align * align;
	put_rest(shape, from, (16 + 8 * random_roll(dice, 6)) * RANDOM_GIB, buf);
}

static void machine_arm64(struct random_dice *dice, struct base_buf *buf)
{
	static const char *const page_sizes[] = { "4K", "4K", "16K", "64K", NULL };
	const char *page_size = random_of(dice, page_sizes);
	uint64_t block = strcmp(page_size, "64K") ? 128 * RANDOM_MIB : 512 * RANDOM_MIB;
	struct random_shape shape;

	choose_shape(dice, block, &shape);
	base_buf_printf(buf, "kernel: 6.12.117\narch: arm64\npage_size: %s\n", page_size);
	put_cmdline(dice, false, shape.total, buf);
	base_buf_printf(buf, "block_size: 0x%llx\n", (unsigned long long)block);
	put_plain(dice, &shape, RANDOM_GIB, RANDOM_GIB, buf);
}

static void machine_power(struct random_dice *dice, struct base_buf *buf)
{
	struct random_shape shape;

	choose_shape(dice, 256 * RANDOM_MIB, &shape);
	base_buf_puts(buf, "kernel: 6.12.117\narch: ppc64le\n");
	put_cmdline(dice, false, shape.total, buf);
	base_buf_puts(buf, "block_size: 0x10000000\n");
	put_plain(dice, &shape, 0, 256 * RANDOM_MIB, buf);
}

/* s390x has one node and no slots, but standby memory after the memory of the boot. */
static void machine_s390(struct random_dice *dice, struct base_buf *buf)
{
	uint64_t block = (random_chance(dice, 50) ? 256 : 512) * RANDOM_MIB;
	uint64_t boot = (2 + random_roll(dice, 6)) * 512 * RANDOM_MIB;
	uint64_t standby = (1 + random_roll(dice, 6)) * 512 * RANDOM_MIB;

	base_buf_puts(buf, "kernel: 6.12.117\narch: s390x\n");
	put_cmdline(dice, false, boot, buf);
	base_buf_printf(buf, "block_size: 0x%llx\nincrement: 64M\nmemory:\n",
			(unsigned long long)block);
	put_range(buf, 0, boot - 1, 0);
	base_buf_puts(buf, "standby:\n");
	put_range(buf, boot, boot + standby - 1, 0);
	base_buf_puts(buf, "cpus:\n  - {list: \"0-1\", node: 0}\n");
}

void random_machine(uint64_t seed, struct base_buf *buf)
{
	static void (*const machines[])(struct random_dice * dice, struct base_buf * buf) = {
		machine_pc,
		machine_arm64,
		machine_power,
		machine_s390,
	};
	static const unsigned int weights[] = { 70, 10, 10, 10 };
	/* Not the sequence of the operations. */
	struct random_dice dice = { ~seed };

	machines[random_weighted(&dice, weights, BASE_ARRAY_SIZE(weights))](&dice, buf);
}
