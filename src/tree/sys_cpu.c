// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/devices/system/cpu, as far as programs that look at memory need it (drivers/base/cpu.c,
 * topology.c): which CPUs exist, and where. Each is a core of its own; those of a node form one
 * package.
 */
#include <stdio.h>

#include "tree_private.h"

#define CPU "sys/devices/system/cpu/"

/* CPU topology: a CPU's position, and the CPUs that share it. */
enum topology {
	TOPOLOGY_CORE,
	TOPOLOGY_PACKAGE,
};

void tree_print_cpumap(const struct tree *tree, const struct base_mask *cpus, struct base_buf *buf)
{
	unsigned int cpu, nr_ids = 1;
	struct base_mask all;

	machine_all_cpus(tree->machine, &all);
	BASE_MASK_FOREACH(cpu, &all)
		nr_ids = cpu + 1;
	base_mask_print_hex(cpus, nr_ids, buf);
	base_buf_puts(buf, "\n");
}

static void put_list(const struct base_mask *cpus, struct base_buf *buf)
{
	base_mask_print_list(cpus, buf);
	base_buf_puts(buf, "\n");
}

static int cpus_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	struct base_mask cpus;

	machine_all_cpus(obj->tree->machine, &cpus);
	put_list(&cpus, buf);
	return 0;
}

static int no_cpus_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, "\n");
	return 0;
}

static int kernel_max_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", BASE_MASK_BITS - 1);
	return 0;
}

/* ---- files of a CPU -------------------------------------------------------------------------- */

static int cpu_node(const struct tree_obj *obj)
{
	struct base_mask cpus;

	for (int nid = 0; nid < BASE_MASK_BITS; nid++) {
		machine_node_cpus(obj->tree->machine, nid, &cpus);
		if (base_mask_test(&cpus, (unsigned int)obj->id))
			return nid;
	}
	return 0;
}

/* Nodes with CPUs are packages, numbered in node order. */
static unsigned int package_of(const struct tree_obj *obj)
{
	int own = cpu_node(obj);
	unsigned int package = 0;
	struct base_mask cpus;

	for (int nid = 0; nid < own; nid++) {
		machine_node_cpus(obj->tree->machine, nid, &cpus);
		package += !base_mask_empty(&cpus);
	}
	return package;
}

static int topology_id_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%u\n",
			row->arg == TOPOLOGY_PACKAGE ? package_of(obj) : (unsigned int)obj->id);
	return 0;
}

static void cpus_beside(const struct tree_obj *obj, enum topology what, struct base_mask *ret_cpus)
{
	if (what == TOPOLOGY_PACKAGE) {
		machine_node_cpus(obj->tree->machine, cpu_node(obj), ret_cpus);
	} else {
		*ret_cpus = (struct base_mask){ 0 };
		base_mask_set(ret_cpus, (unsigned int)obj->id);
	}
}

static int topology_list_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	struct base_mask cpus;

	cpus_beside(obj, row->arg, &cpus);
	put_list(&cpus, buf);
	return 0;
}

static int topology_map_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	struct base_mask cpus;

	cpus_beside(obj, row->arg, &cpus);
	tree_print_cpumap(obj->tree, &cpus, buf);
	return 0;
}

static int cpu_subsystem_target(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	base_buf_puts(buf, "../../../../bus/cpu");
	return 0;
}

/* The link to its node is the only one that exists with another object. */
static int cpu_link_target(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "../../node/node%u", row->arg - TREE_SLOT_LINK);
	return 0;
}

static bool cpu_on_node(const struct tree_obj *cpu, const struct tree_obj *node)
{
	return cpu_node(cpu) == (int)node->id;
}

static uint64_t cpu_node_link(const struct tree_obj *cpu, const struct tree_obj *node)
{
	return tree_ino(cpu, TREE_SLOT_LINK + (unsigned int)node->id);
}

static const struct tree_children cpu_nodes = {
	.collection = TREE_NODES,
	.member = cpu_on_node,
	.link = cpu_node_link,
};

#define TOPOLOGY_FILE(name, fn, what)                                                              \
	{                                                                                          \
		.path = "topology/" name, .mode = S_IFREG | 0444, .show = (fn), .arg = (what)      \
	}
#define TOPOLOGY_CPUS(name, what)                                                                  \
	TOPOLOGY_FILE(name, topology_map_show, what),                                              \
		TOPOLOGY_FILE(name "_list", topology_list_show, what)

static const struct tree_row cpu_rows[] = {
	{ TREE_DIR_ROW(""), .children = { &cpu_nodes }, .target = cpu_link_target },
	{ TREE_LINK_ROW("subsystem", cpu_subsystem_target) },
	{ TREE_DIR_ROW("topology") },
	TOPOLOGY_FILE("core_id", topology_id_show, TOPOLOGY_CORE),
	TOPOLOGY_FILE("physical_package_id", topology_id_show, TOPOLOGY_PACKAGE),
	TOPOLOGY_CPUS("core_cpus", TOPOLOGY_CORE),
	TOPOLOGY_CPUS("thread_siblings", TOPOLOGY_CORE),
	TOPOLOGY_CPUS("core_siblings", TOPOLOGY_PACKAGE),
	TOPOLOGY_CPUS("package_cpus", TOPOLOGY_PACKAGE),
};

const struct tree_table tree_cpu_table = TREE_TABLE(cpu_rows);

/* ---- files of the CPU directory -------------------------------------------------------------- */

static const struct tree_children cpus = { .collection = TREE_CPUS };

#define CPUS_ROW(name, fn)                                                                         \
	{                                                                                          \
		.path = CPU name, .mode = S_IFREG | 0444, .show = (fn)                             \
	}

static const struct tree_row fixed_rows[] = {
	{ TREE_DIR_ROW("sys/devices/system/cpu"), .children = { &cpus } },
	CPUS_ROW("possible", cpus_show),
	CPUS_ROW("present", cpus_show),
	CPUS_ROW("online", cpus_show),
	CPUS_ROW("offline", no_cpus_show),
	CPUS_ROW("kernel_max", kernel_max_show),
};

const struct tree_table tree_cpu_fixed_table = TREE_TABLE(fixed_rows);
