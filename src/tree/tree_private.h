/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree itself, and declarations that several of its files share. */
#ifndef TREE_PRIVATE_H
#define TREE_PRIVATE_H

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>

#include "memhp/mm.h"
#include "memhp/qmp.h"
#include "door/journal.h"
#include "door/race.h"
#include "file.h"

#define TREE_UEVENT_HELPER_SIZE 256 /* UEVENT_HELPER_PATH_LEN */

struct tree {
	struct machine *machine;
	struct hp *hp;
	struct mm *mm;
	uid_t uid;
	gid_t gid;
	struct tree_kind kind[TREE_NR_KINDS];
	struct tree_obj root;
	uint64_t last_serial;
	uint64_t next_memmap;
	TAILQ_HEAD(, tree_firmware_map) memmaps; /* ascending by start */
	struct base_map serials;		 /* objects by serial number */
	struct tree_names index[TREE_NR_COLLECTIONS];
	size_t nr_objs[TREE_NR_COLLECTIONS];
	/* the directory of a collection, and whether its attributes are cached by a client */
	uint64_t home[TREE_NR_COLLECTIONS];
	bool home_known[TREE_NR_COLLECTIONS];
	struct qmp *qmp;
	const struct tree_monitor *monitor;
	void *monitor_ctx;
	tree_watch_fn *watcher;
	void *watcher_ctx;
	const struct tree_cache_listener *cache_listener;
	void *cache_listener_ctx;
	struct tree_overrides overrides;
	struct tree_stream stream[TREE_NR_STREAMS];
	struct tree_shares shares;
	tree_trace_fn *tracer;
	void *tracer_ctx;
	enum tree_trace_what trace_what;
	uint64_t last_traced;
	LIST_HEAD(, tree_traced) traced;
	struct tree_journaling journal;
	uint64_t real_ahead_ns; /* how far host time is ahead of the machine's clock */
	tree_command_fn *command;
	void *command_ctx;
	struct tree_race race;
	char uevent_helper[TREE_UEVENT_HELPER_SIZE];
	const struct tree_helper *helper;
	void *helper_ctx;
	uint64_t nr_host_failures;
};

/* Called before any external input, so that it has a single time. */
static inline void tree_sync(struct tree *tree)
{
	struct base_clock *clock = hp_config(tree->hp)->clock;

	if (clock->sync)
		clock->sync(clock);
}

/* ---- tables of rows, one file per kind of directory ------------------------------------------ */

extern const struct tree_table tree_top_table, tree_memory_table, tree_nodes_table, tree_bus_table,
	tree_module_table, tree_kernel_table, tree_proc_table, tree_proc_vm_table,
	tree_proc_version_table, tree_proc_page_table, tree_hugepages_table, tree_thp_table,
	tree_dmi_table, tree_machine_table, tree_qmp_table, tree_boot_table,
	tree_virtio_mem_module_table, tree_acpi_fixed_table, tree_dev_table,
	tree_firmware_map_fixed_table, tree_container_fixed_table, tree_cpu_fixed_table,
	tree_dax_fixed_table;
extern const struct tree_table tree_block_table, tree_node_table, tree_cpu_table, tree_acpi_table,
	tree_physical_node_table, tree_firmware_map_table, tree_container_device_table,
	tree_dax_region_table, tree_dax_device_table;

/* Updates sys/firmware/memmap to match /proc/iomem; and frees the data of a live entry. */
void tree_firmware_map_update(struct tree *tree);
void tree_firmware_map_free(struct tree_obj *obj);
/* The kernel that had the entries goes away. */
void tree_firmware_map_forget(struct tree *tree);
void tree_firmware_map_save(struct base_save *s, struct tree_obj *obj);
/* Called once all are loaded: the list's order differs from that of loading. */
void tree_firmware_map_sort(struct base_save *s, struct tree *tree);
/*
 * sys_dax_bus.c: makes the objects of DAX regions and devices match the machine; finds the part of
 * the machine for one of them, false: there is none; and the name of a device's region.
 */
void tree_dax_update(struct tree *tree);
bool tree_dax_attach(const struct tree *tree, struct tree_obj *obj);
void tree_dax_parent(const struct tree_obj *dev, char *name, size_t size);
/* boot.c: the object of a block, outside its index; and what appears with a block, and a node. */
struct tree_obj *tree_block_alloc(struct tree *tree, const struct hp_block *block);
void tree_block_appear(struct tree *tree, const struct hp_block *block);
void tree_node_appear(struct tree *tree, int nid);
/* boot.c: makes the objects of a kernel that has just booted; 0 or -ENOMEM. */
int tree_objs_boot(struct tree *tree);
/* reboot.c: 0 or -ENOMEM. */
int tree_reboot(struct tree *tree, enum machine_boot_kind kind);
/* machine_qmp.c: the hypervisor's monitor; 0 or -ENOMEM. */
int tree_qmp_init(struct tree *tree);
/* From now on, the ACPI device of a DIMM slot exists, if the machine has ACPI (sys_acpi.c). */
void tree_acpi_appear(struct tree *tree, unsigned int slot);
/* The device of the container of the slots, from boot on (sys_container.c). */
void tree_slots_container_appear(struct tree *tree);
#define TREE_ACPI_SYSTEM_BUS "sys/devices/LNXSYSTM:00/LNXSYBUS:00"

/* power/ of a device without power management; @bit remembers `control`. */
#define TREE_POWER_ROWS(prefix, bit) TREE_POWER_ROWS_IF(prefix, bit, NULL)
/* The same of a device that only some machines have: @fn is the `visible` of the rows. */
#define TREE_POWER_ROWS_IF(prefix, bit, fn)                                                        \
	{ TREE_DIR_ROW(prefix "power"), .needs = MACHINE_PM, .visible = (fn) },                    \
		{ .path = prefix "power/autosuspend_delay_ms",                                     \
		  .needs = MACHINE_PM,                                                             \
		  .mode = S_IFREG | 0644,                                                          \
		  .visible = (fn) },                                                               \
		{ .path = prefix "power/control",                                                  \
		  .needs = MACHINE_PM,                                                             \
		  .mode = S_IFREG | 0644,                                                          \
		  .show = tree_power_control_show,                                                 \
		  .store = tree_power_control_store,                                               \
		  .visible = (fn),                                                                 \
		  .arg = (bit) },                                                                  \
		{ .path = prefix "power/runtime_active_time",                                      \
		  .needs = MACHINE_PM,                                                             \
		  .mode = S_IFREG | 0444,                                                          \
		  .show = tree_zero_show,                                                          \
		  .visible = (fn) },                                                               \
		{ .path = prefix "power/runtime_status",                                           \
		  .needs = MACHINE_PM,                                                             \
		  .mode = S_IFREG | 0444,                                                          \
		  .show = tree_power_status_show,                                                  \
		  .visible = (fn) },                                                               \
	{                                                                                          \
		.path = prefix "power/runtime_suspended_time", .needs = MACHINE_PM,                \
		.mode = S_IFREG | 0444, .show = tree_zero_show, .visible = (fn)                    \
	}

/* The length of a text, which has to be generated for that. */
tree_size_fn tree_text_size;
tree_show_fn tree_power_control_show, tree_power_status_show, tree_zero_show, tree_empty_show;
tree_store_fn tree_device_uevent_store, tree_module_uevent_store, tree_power_control_store,
	tree_accept_store, tree_node_reclaim_store;

/* ---- traces (trace.c); no-ops while nobody listens ------------------------------------------- */
void tree_trace_uevent(struct tree *tree, const struct hp_uevent *event);
/* A step at which a fault plan may fail the operation. */
void tree_trace_step(struct tree *tree, const char *name, const struct hp_fault_at *at);
/* A block or node has changed, by the request whose call has the hotplug lock. */
void tree_trace_change(struct tree *tree, enum tree_collection collection, const char *name,
		       const char *text);
/* The number by which the engine identifies the request of a call; 0: one that is not traced. */
uint64_t tree_trace_id(const struct tree_req *req);
/* Whether any gate may hold a request. */
bool tree_has_gates(const struct tree *tree);
/* A gate holds a request; the request's own line comes when it ends. */
void tree_trace_held(struct tree *tree, pid_t pid, const char *path, const char *gate);
/* The name of the program of @pid, or "". */
void tree_command(struct tree *tree, pid_t pid, char command[TREE_COMMAND_SIZE]);

/* ---- texts of files (sys_cpu.c, proc_*.c) ---------------------------------------------------- */

/* sys_cpu.c: a set of CPUs as hex words, as wide as the machine's CPU ids. */
void tree_print_cpumap(const struct tree *tree, const struct base_mask *cpus, struct base_buf *buf);
/* Files of proc/ that have a source file of their own (proc_*.c). */
tree_show_fn tree_meminfo_show, tree_vmstat_show, tree_buddyinfo_show, tree_pagetypeinfo_show,
	tree_swaps_show;

/* ---- members of directories of other kinds --------------------------------------------------- */

extern const struct tree_children tree_node_blocks, tree_bus_blocks, tree_bus_nodes;

#endif
