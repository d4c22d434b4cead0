// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/devices/system/node and the nodes in it (drivers/base/node.c).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "counters.h"
#include "hugepages.h"
#include "tree_private.h"

#define NODE "sys/devices/system/node/"

/* ---- files of the node directory ------------------------------------------------------------- */

enum { LIST_POSSIBLE, LIST_ONLINE, LIST_MEMORY, LIST_NORMAL_MEMORY, LIST_CPU, LIST_INITIATOR };

static int list_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	static const struct base_mask empty;
	const struct hp_config *config = hp_config(obj->tree->hp);
	const struct base_mask *const lists[] = {
		[LIST_POSSIBLE] = &config->possible_nodes,
		[LIST_ONLINE] = hp_nodes_online(obj->tree->hp),
		[LIST_MEMORY] = mm_nodes_with_memory(obj->tree->mm),
		[LIST_NORMAL_MEMORY] = mm_nodes_with_normal_memory(obj->tree->mm),
		[LIST_CPU] = &config->cpu_nodes,
		[LIST_INITIATOR] = &empty,
	};

	base_mask_print_list(lists[row->arg], buf);
	base_buf_puts(buf, "\n");
	return 0;
}

static ssize_t nodes_uevent_store(struct tree_obj *obj, const struct tree_row *row,
				  const char *text, size_t len, struct tree_req *req)
{
	int ret = hp_uevent_synth(obj->tree->hp, "/devices/system/node", NULL, " node", text, len);

	return ret ? ret : (ssize_t)len;
}

static const struct tree_children all_nodes = { .collection = TREE_NODES };

#define LIST_ROW(name, which)                                                                      \
	{                                                                                          \
		.path = NODE name, .mode = S_IFREG | 0444, .show = list_show, .arg = (which)       \
	}

static const struct tree_row nodes_rows[] = {
	{ TREE_DIR_ROW("sys/devices/system/node"), .needs = MACHINE_NUMA,
	  .children = { &all_nodes } },
	LIST_ROW("possible", LIST_POSSIBLE),
	LIST_ROW("online", LIST_ONLINE),
	LIST_ROW("has_memory", LIST_MEMORY),
	LIST_ROW("has_normal_memory", LIST_NORMAL_MEMORY),
	LIST_ROW("has_cpu", LIST_CPU),
	LIST_ROW("has_generic_initiator", LIST_INITIATOR),
	{ .path = NODE "uevent",
	  .mode = S_IFREG | 0644,
	  .show = tree_empty_show,
	  .store = nodes_uevent_store },
	TREE_POWER_ROWS(NODE, 1),
};

const struct tree_table tree_nodes_table = TREE_TABLE(nodes_rows);

/* ---- files of a node ------------------------------------------------------------------------- */

/* @was_narrow: before Linux 6.6, a blank was missing */
static const struct {
	const char *label;
	enum tree_item item;
	uint64_t needs;
	bool was_narrow;
} meminfo_lines[] = {
	{ "MemTotal:", TREE_TOTAL },
	{ "MemFree:", TREE_FREE },
	{ "MemUsed:", TREE_USED },
	{ "SwapCached:" },
	{ "Active:" },
	{ "Inactive:", TREE_INACTIVE },
	{ "Active(anon):" },
	{ "Inactive(anon):", TREE_INACTIVE_ANON },
	{ "Active(file):" },
	{ "Inactive(file):", TREE_INACTIVE_FILE },
	{ "Unevictable:", TREE_UNEVICTABLE },
	{ "Mlocked:", TREE_UNEVICTABLE },
	{ "Dirty:" },
	{ "Writeback:" },
	{ "FilePages:", TREE_FILE },
	{ "Mapped:", TREE_SHMEM },
	{ "AnonPages:", TREE_ANON },
	{ "Shmem:", TREE_SHMEM },
	{ "KernelStack:" },
	{ "PageTables:", TREE_PAGETABLE },
	{ "SecPageTables:" },
	{ "NFS_Unstable:" },
	{ "Bounce:" },
	{ "WritebackTmp:" },
	{ "KReclaimable:" },
	{ "Slab:", TREE_SLAB },
	{ "SReclaimable:" },
	{ "SUnreclaim:", TREE_SLAB },
	{ "AnonHugePages:", TREE_ANON_HUGE, MACHINE_THP },
	{ "ShmemHugePages:", .needs = MACHINE_THP },
	{ "ShmemPmdMapped:", .needs = MACHINE_THP },
	{ "FileHugePages:", .needs = MACHINE_THP, .was_narrow = true },
	{ "FilePmdMapped:", .needs = MACHINE_THP, .was_narrow = true },
};

static int node_meminfo_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct machine_spec *spec = machine_spec(obj->tree->machine);
	const struct mm *mm = obj->tree->mm;
	bool aligned = machine_kernel_has(&spec->profile, MACHINE_KERNEL(6, 6), 0);
	unsigned int kb_shift = mm_config(mm)->page_shift - 10, nid = (unsigned int)obj->id;
	struct mm_huge_info pool;
	struct tree_usage usage;

	tree_usage_node(mm, (int)nid, &usage);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(meminfo_lines); i++) {
		uint64_t pages = usage.amount[meminfo_lines[i].item];

		if (!machine_spec_has(spec, meminfo_lines[i].needs))
			continue;
		base_buf_printf(buf, "Node %u %-*s%8llu kB\n", nid,
				meminfo_lines[i].was_narrow && !aligned ? 15 : 16,
				meminfo_lines[i].label, (unsigned long long)pages << kb_shift);
	}
	if (!machine_spec_has(spec, MACHINE_HUGETLB))
		return 0;
	mm_huge_info(mm, (int)nid, MM_HUGE_PMD, &pool);
	base_buf_printf(buf,
			"Node %u HugePages_Total: %5llu\n"
			"Node %u HugePages_Free:  %5llu\n"
			"Node %u HugePages_Surp:  %5llu\n",
			nid, (unsigned long long)pool.nr, nid, (unsigned long long)pool.free, nid,
			(unsigned long long)pool.surplus);
	return 0;
}

static int node_numastat_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_puts(buf, "numa_hit 0\nnuma_miss 0\nnuma_foreign 0\ninterleave_hit 0\n"
			   "local_node 0\nother_node 0\n");
	return 0;
}

static int node_vmstat_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct machine_spec *spec = machine_spec(obj->tree->machine);
	struct tree_usage usage;

	tree_usage_node(obj->tree->mm, (int)obj->id, &usage);
	tree_zone_counters_show(spec, &usage, false, buf);
	tree_numa_counters_show(spec, false, buf);
	tree_node_counters_show(spec, &usage, false, buf);
	return 0;
}

static int node_distance_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	unsigned int nid;

	/* QUIRK: the blank precedes every node but node 0, even when node 0 is absent. */
	BASE_MASK_FOREACH(nid, hp_nodes_online(obj->tree->hp))
		base_buf_printf(buf, "%s%u", nid ? " " : "",
				machine_node_distance(obj->tree->machine, (int)obj->id, (int)nid));
	base_buf_puts(buf, "\n");
	return 0;
}

static int node_cpumap_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	struct base_mask cpus;

	machine_node_cpus(obj->tree->machine, (int)obj->id, &cpus);
	tree_print_cpumap(obj->tree, &cpus, buf);
	return 0;
}

static int node_cpulist_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	struct base_mask cpus;

	machine_node_cpus(obj->tree->machine, (int)obj->id, &cpus);
	base_mask_print_list(&cpus, buf);
	base_buf_puts(buf, "\n");
	return 0;
}

static int node_subsystem_target(struct tree_obj *obj, const struct tree_row *row,
				 struct base_buf *buf)
{
	base_buf_puts(buf, "../../../../bus/node");
	return 0;
}

static int node_failure_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n",
			(unsigned long long)mm_failures(obj->tree->mm, (int)obj->id, row->arg));
	return 0;
}

#define LINK_CPU(cpu) (TREE_SLOT_LINK + (unsigned int)(cpu))

static int node_link_target(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	if (row->arg == TREE_SLOT_BUS)
		base_buf_printf(buf, "../../../devices/system/node/%s", obj->name);
	else
		base_buf_printf(buf, "../../cpu/cpu%u", row->arg - LINK_CPU(0));
	return 0;
}

static bool node_has_cpu(const struct tree_obj *node, const struct tree_obj *cpu)
{
	struct base_mask cpus;

	machine_node_cpus(node->tree->machine, (int)node->id, &cpus);
	return base_mask_test(&cpus, (unsigned int)cpu->id);
}

static uint64_t node_cpu_link(const struct tree_obj *node, const struct tree_obj *cpu)
{
	return tree_ino(node, LINK_CPU(cpu->id));
}

static const struct tree_children node_cpus = {
	.collection = TREE_CPUS,
	.member = node_has_cpu,
	.link = node_cpu_link,
};

#define MEMORY_FAILURE_ROW(name, which)                                                            \
	{                                                                                          \
		.path = "memory_failure/" name, .needs = MACHINE_MEMORY_FAILURE,                   \
		.mode = S_IFREG | 0444, .show = node_failure_show, .arg = (which)                  \
	}

static const struct tree_row node_rows[] = {
	{ TREE_DIR_ROW(""), .children = { &tree_node_blocks, &node_cpus },
	  .target = node_link_target },
	{ .path = "uevent",
	  .mode = S_IFREG | 0644,
	  .show = tree_empty_show,
	  .store = tree_device_uevent_store },
	{ TREE_ATTR_RO(node, meminfo) },
	{ TREE_ATTR_RO(node, numastat) },
	{ TREE_ATTR_RO(node, distance) },
	{ TREE_ATTR_RO(node, vmstat) },
	{ TREE_ATTR_RO(node, cpumap) },
	{ TREE_ATTR_RO(node, cpulist) },
	{ .path = "compact",
	  .needs = MACHINE_COMPACTION,
	  .mode = S_IFREG | 0200,
	  .store = tree_accept_store },
	{ .path = "reclaim",
	  .mode = S_IFREG | 0200,
	  .store = tree_node_reclaim_store,
	  .since = MACHINE_KERNEL(6, 17) },
	{ TREE_LINK_ROW("subsystem", node_subsystem_target) },
	TREE_POWER_ROWS("", 0),
	{ TREE_DIR_ROW("memory_failure"), .needs = MACHINE_MEMORY_FAILURE,
	  .since = MACHINE_KERNEL(6, 3) },
	MEMORY_FAILURE_ROW("total", MM_FAILURE_TOTAL),
	MEMORY_FAILURE_ROW("ignored", MM_FAILURE_IGNORED),
	MEMORY_FAILURE_ROW("failed", MM_FAILURE_FAILED),
	MEMORY_FAILURE_ROW("delayed", MM_FAILURE_DELAYED),
	MEMORY_FAILURE_ROW("recovered", MM_FAILURE_RECOVERED),
	{ TREE_DIR_ROW("hugepages"), .needs = MACHINE_HUGETLB },
	TREE_ALL_HUGEPAGES(TREE_HUGEPAGES_ROWS, "hugepages/"),
};

const struct tree_table tree_node_table = TREE_TABLE(node_rows);

static uint64_t bus_node_link(const struct tree_obj *bus, const struct tree_obj *node)
{
	return tree_ino(node, TREE_SLOT_BUS);
}

const struct tree_children tree_bus_nodes = {
	.collection = TREE_NODES,
	.link = bus_node_link,
};
