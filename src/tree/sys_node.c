// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/devices/system/node and the nodes in it (drivers/base/node.c).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tree_private.h"

#define NODE "sys/devices/system/node/"

/* ---- the directory itself -------------------------------------------------------------------- */

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
	{ .path = NODE name, .mode = S_IFREG | 0444, .show = list_show, .arg = (which) }

static const struct tree_row nodes_rows[] = {
	{ TREE_DIR_ROW("sys/devices/system/node"), .children = { &all_nodes } },
	LIST_ROW("possible", LIST_POSSIBLE),
	LIST_ROW("online", LIST_ONLINE),
	LIST_ROW("has_memory", LIST_MEMORY),
	LIST_ROW("has_normal_memory", LIST_NORMAL_MEMORY),
	LIST_ROW("has_cpu", LIST_CPU),
	LIST_ROW("has_generic_initiator", LIST_INITIATOR),
	{ .path = NODE "uevent", .mode = S_IFREG | 0644, .show = tree_empty_show,
	  .store = nodes_uevent_store },
	TREE_POWER_ROWS(NODE, 1),
};

const struct tree_table tree_nodes_table = TREE_TABLE(nodes_rows);

/* ---- a node ---------------------------------------------------------------------------------- */

enum {
	SHOW_PLAIN,
	SHOW_TOTAL,
	SHOW_FREE,
	SHOW_USED,
};

/* Everything that the engine has no pages of is 0. */
static const struct {
	const char *label;
	int what;
} meminfo_lines[] = {
	{ "MemTotal:", SHOW_TOTAL }, { "MemFree:", SHOW_FREE },	  { "MemUsed:", SHOW_USED },
	{ "SwapCached:" },	     { "Active:" },		  { "Inactive:" },
	{ "Active(anon):" },	     { "Inactive(anon):" },	  { "Active(file):" },
	{ "Inactive(file):" },	     { "Unevictable:" },	  { "Mlocked:" },
	{ "Dirty:" },		     { "Writeback:" },		  { "FilePages:" },
	{ "Mapped:" },		     { "AnonPages:" },		  { "Shmem:" },
	{ "KernelStack:" },	     { "PageTables:" },		  { "SecPageTables:" },
	{ "NFS_Unstable:" },	     { "Bounce:" },		  { "WritebackTmp:" },
	{ "KReclaimable:" },	     { "Slab:" },		  { "SReclaimable:" },
	{ "SUnreclaim:" },	     { "AnonHugePages:" },	  { "ShmemHugePages:" },
	{ "ShmemPmdMapped:" },	     { "FileHugePages:" },	  { "FilePmdMapped:" },
};

static void node_totals(const struct tree_obj *obj, uint64_t *ret_managed, uint64_t *ret_free)
{
	struct mm_zone_info zone;

	*ret_managed = 0;
	*ret_free = 0;
	for (int type = 0; type < MM_NR_ZONES; type++) {
		mm_zone_info(obj->tree->mm, (int)obj->id, type, &zone);
		*ret_managed += zone.managed;
		*ret_free += zone.free;
	}
}

static int node_meminfo_show(struct tree_obj *obj, const struct tree_row *row,
			     struct base_buf *buf)
{
	static const char *const huge[] = { "HugePages_Total:", "HugePages_Free:",
					    "HugePages_Surp:" };
	unsigned int kb_shift = mm_config(obj->tree->mm)->page_shift - 10;
	unsigned int nid = (unsigned int)obj->id;
	uint64_t total, free;

	node_totals(obj, &total, &free);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(meminfo_lines); i++) {
		const uint64_t value[] = {
			[SHOW_PLAIN] = 0,
			[SHOW_TOTAL] = total,
			[SHOW_FREE] = free,
			[SHOW_USED] = total - free,
		};

		base_buf_printf(buf, "Node %u %-16s%8llu kB\n", nid, meminfo_lines[i].label,
				(unsigned long long)value[meminfo_lines[i].what] << kb_shift);
	}
	for (size_t i = 0; i < BASE_ARRAY_SIZE(huge); i++)
		base_buf_printf(buf, "Node %u %-17s%5u\n", nid, huge[i], 0u);
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
	uint64_t total, free;

	node_totals(obj, &total, &free);
	tree_zone_items_show(free, false, buf);
	tree_numa_items_show(false, buf);
	tree_node_items_show(false, buf);
	return 0;
}

static int node_distance_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	unsigned int nid;

	/* QUIRK: the blank goes before every node but node 0, also when that is not there. */
	BASE_MASK_FOREACH(nid, hp_nodes_online(obj->tree->hp))
		base_buf_printf(buf, "%s%u", nid ? " " : "",
				machine_node_distance(obj->tree->machine, (int)obj->id, (int)nid));
	base_buf_puts(buf, "\n");
	return 0;
}

static int node_cpumap_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	unsigned int cpu, nr_ids = 1;
	struct base_mask cpus, all;

	machine_node_cpus(obj->tree->machine, (int)obj->id, &cpus);
	machine_all_cpus(obj->tree->machine, &all);
	BASE_MASK_FOREACH(cpu, &all)
		nr_ids = cpu + 1;
	base_mask_print_hex(&cpus, nr_ids, buf);
	base_buf_puts(buf, "\n");
	return 0;
}

static int node_cpulist_show(struct tree_obj *obj, const struct tree_row *row,
			     struct base_buf *buf)
{
	struct base_mask cpus;

	machine_node_cpus(obj->tree->machine, (int)obj->id, &cpus);
	base_mask_print_list(&cpus, buf);
	base_buf_puts(buf, "\n");
	return 0;
}

static ssize_t node_uevent_store(struct tree_obj *obj, const struct tree_row *row,
				 const char *text, size_t len, struct tree_req *req)
{
	char devpath[64], log_name[64];
	int ret;

	snprintf(devpath, sizeof(devpath), "/devices/system/node/%s", obj->name);
	snprintf(log_name, sizeof(log_name), "node %s", obj->name);
	ret = hp_uevent_synth(obj->tree->hp, devpath, "node", log_name, text, len);
	return ret ? ret : (ssize_t)len;
}

static int node_subsystem_target(struct tree_obj *obj, const struct tree_row *row,
				 struct base_buf *buf)
{
	base_buf_puts(buf, "../../../../bus/node");
	return 0;
}

/* There are no huge pages yet: 0 is all that can be asked for. */
static ssize_t node_nr_hugepages_store(struct tree_obj *obj, const struct tree_row *row,
				       const char *text, size_t len, struct tree_req *req)
{
	uint64_t nr;
	int ret = base_kstrtoull(text, 10, &nr);

	if (ret)
		return ret;
	return nr ? -ENOSYS : (ssize_t)len;
}

static int node_demote_size_show(struct tree_obj *obj, const struct tree_row *row,
				 struct base_buf *buf)
{
	base_buf_puts(buf, "2048kB\n");
	return 0;
}

/* @arg of the rows of a huge page size: its place in the architecture's list. */
static bool has_hugepages(const struct tree_obj *obj, const struct tree_row *row)
{
	const struct machine_arch *arch = machine_spec(obj->tree->machine)->arch;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(arch->hugepages_kb); i++) {
		if (arch->hugepages_kb[i] == row->arg)
			return true;
	}
	return false;
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

#define HUGEPAGES_ROWS(dir, kb)                                                                    \
	{ TREE_DIR_ROW("hugepages/" dir), .visible = has_hugepages, .arg = (kb) },                 \
	{ .path = "hugepages/" dir "/nr_hugepages", .mode = S_IFREG | 0644,                        \
	  .show = tree_zero_show, .store = node_nr_hugepages_store },                              \
	{ .path = "hugepages/" dir "/free_hugepages", .mode = S_IFREG | 0444,                      \
	  .show = tree_zero_show },                                                                \
	{ .path = "hugepages/" dir "/surplus_hugepages", .mode = S_IFREG | 0444,                   \
	  .show = tree_zero_show }

#define MEMORY_FAILURE_ROW(name)                                                                   \
	{ .path = "memory_failure/" name, .mode = S_IFREG | 0444, .show = tree_zero_show }

static const struct tree_row node_rows[] = {
	{ TREE_DIR_ROW(""), .children = { &tree_node_blocks, &node_cpus },
	  .target = node_link_target },
	{ .path = "uevent", .mode = S_IFREG | 0644, .show = tree_empty_show,
	  .store = node_uevent_store },
	{ TREE_ATTR_RO(node, meminfo) },
	{ TREE_ATTR_RO(node, numastat) },
	{ TREE_ATTR_RO(node, distance) },
	{ TREE_ATTR_RO(node, vmstat) },
	{ TREE_ATTR_RO(node, cpumap) },
	{ TREE_ATTR_RO(node, cpulist) },
	{ .path = "compact", .mode = S_IFREG | 0200, .store = tree_accept_store },
	{ TREE_LINK_ROW("subsystem", node_subsystem_target) },
	TREE_POWER_ROWS("", 0),
	{ TREE_DIR_ROW("memory_failure") },
	MEMORY_FAILURE_ROW("total"),
	MEMORY_FAILURE_ROW("ignored"),
	MEMORY_FAILURE_ROW("failed"),
	MEMORY_FAILURE_ROW("delayed"),
	MEMORY_FAILURE_ROW("recovered"),
	{ TREE_DIR_ROW("hugepages") },
	HUGEPAGES_ROWS("hugepages-64kB", 64),
	HUGEPAGES_ROWS("hugepages-1024kB", 1024),
	HUGEPAGES_ROWS("hugepages-2048kB", 2048),
	HUGEPAGES_ROWS("hugepages-32768kB", 32768),
	HUGEPAGES_ROWS("hugepages-1048576kB", 1048576),
	HUGEPAGES_ROWS("hugepages-2097152kB", 2097152),
	{ .path = "hugepages/hugepages-1048576kB/demote", .mode = S_IFREG | 0200,
	  .store = tree_unsupported_store },
	{ .path = "hugepages/hugepages-1048576kB/demote_size", .mode = S_IFREG | 0644,
	  .show = node_demote_size_show, .store = tree_unsupported_store },
};

const struct tree_table tree_node_table = TREE_TABLE(node_rows);

/* A CPU is nothing but a name that nodes link to. */
static const struct tree_row cpu_rows[] = {
	{ TREE_DIR_ROW("") },
};

const struct tree_table tree_cpu_table = TREE_TABLE(cpu_rows);

static uint64_t bus_node_link(const struct tree_obj *bus, const struct tree_obj *node)
{
	return tree_ino(node, TREE_SLOT_BUS);
}

const struct tree_children tree_bus_nodes = {
	.collection = TREE_NODES,
	.link = bus_node_link,
};
