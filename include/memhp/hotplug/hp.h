/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hotplug engine: its configuration, its observer, and saving it. */
#ifndef MEMHP_HOTPLUG_HP_H
#define MEMHP_HOTPLUG_HP_H

#include "memhp/mm.h"

struct hp;
struct hp_block;
struct hp_group;

/** enum hp_type - requests to a block (enum mmop). */
enum hp_type {
	HP_OFFLINE,
	HP_ONLINE,
	HP_ONLINE_KERNEL,
	HP_ONLINE_MOVABLE,
	HP_NR_TYPES,
};

enum hp_state {
	HP_STATE_ONLINE,
	HP_STATE_GOING_OFFLINE,
	HP_STATE_OFFLINE,
};
/** hp_state_names - the texts of `state`, by enum hp_state. */
extern const char *const hp_state_names[];

enum hp_policy {
	HP_POLICY_CONTIG_ZONES,
	HP_POLICY_AUTO_MOVABLE,
	HP_NR_POLICIES,
};

enum hp_memmap_mode {
	HP_MEMMAP_N,
	HP_MEMMAP_Y,
	HP_MEMMAP_FORCE,
};

/** hp_type_names - the words of `state` and auto_online_blocks, by enum hp_type. */
extern const char *const hp_type_names[HP_NR_TYPES];
extern const char *const hp_policy_names[HP_NR_POLICIES];

/** struct hp_params - module parameters and switches that stores change at run time. */
struct hp_params {
	enum hp_type auto_online;
	enum hp_policy policy;
	uint32_t auto_movable_ratio;
	bool auto_movable_numa_aware;
	enum hp_memmap_mode memmap_on_memory;
	bool movable_node;
	/** /proc/sys/vm/enable_soft_offline */
	bool enable_soft_offline;
	/** pages that migrate per millisecond; 0: no limit */
	uint32_t migrate_pages_per_ms;
	/** how fast time passes that passes by itself, in millionths; set by hp_set_clock_rate() */
	uint64_t clock_rate_ppm;
};

/** hp_default_params - the kernel's defaults without command line parameters. */
extern const struct hp_params hp_default_params;

struct hp_fault_at;

/** struct hp_uevent - one event; @env are the KEY=VALUE pairs between SUBSYSTEM and SEQNUM. */
struct hp_uevent {
	const char *action;
	const char *devpath;
	const char *subsystem;
	const char *const *env;
	size_t nr_env;
	uint64_t seqnum;
};

/**
 * struct hp_observer - callbacks to the layers above; every member must be set
 *
 * Called after the change, in the kernel's order, and never from within another call to an
 * observer.
 */
struct hp_observer {
	void (*block_added)(void *ctx, const struct hp_block *block);
	/** the block is freed afterwards */
	void (*block_removed)(void *ctx, const struct hp_block *block);
	/** its state has changed */
	void (*block_changed)(void *ctx, const struct hp_block *block);
	void (*node_added)(void *ctx, int nid);
	void (*node_removed)(void *ctx, int nid);
	/** it is delivered; a fault plan may have made it late */
	void (*uevent)(void *ctx, const struct hp_uevent *event);
	/** a step begins at which a fault can be injected; @name: of its phase */
	void (*step)(void *ctx, const char *name, const struct hp_fault_at *at);
	void (*log)(void *ctx, const char *line);
};

/**
 * struct hp_config - constants of a machine
 * @memmap_unit: the memmap of a block can lie in the block when its size is a multiple of this
 *		 (arch_supports_memmap_on_memory()); 0: never
 * @memmap_in_each_block: added memory of several blocks can hold its memmap, in each block its own
 * @no_hotremove, @no_numa: the kernel is built without MEMORY_HOTREMOVE, or NUMA
 * @poison_stays_offline: a block with a poisoned page cannot go online
 * @memmap_in_boot_memory: the memmap of added memory comes from boot memory; else from its node
 * @add_nid: the node of an address for adders that specify none (memory_add_physaddr_to_nid())
 */
struct hp_config {
	uint64_t block_size;
	uint64_t max_mappable;
	unsigned int phys_bits;
	bool boot_offline;
	struct base_mask possible_nodes;
	struct base_mask cpu_nodes;
	int (*add_nid)(void *ctx, uint64_t addr);
	void *add_nid_ctx;
	struct base_clock *clock;
	uint64_t memmap_unit;
	bool memmap_in_each_block;
	bool poison_stays_offline;
	bool memmap_in_boot_memory;
	bool no_hotremove;
	bool no_numa;
};

/** hp_new() - create the engine for @mm, after mm_boot_finish(); NULL when out of memory. */
struct hp *hp_new(struct mm *mm, const struct hp_config *config);
void hp_free(struct hp *hp);
/** hp_boot() - memory_dev_init(): create boot memory's blocks and the node devices; no events. */
int hp_boot(struct hp *hp);
void hp_set_observer(struct hp *hp, const struct hp_observer *observer, void *ctx);
struct mm *hp_mm(const struct hp *hp);
const struct hp_config *hp_config(const struct hp *hp);
struct hp_params *hp_params(struct hp *hp);
/**
 * hp_set_clock_rate() - let time pass @ppm millionths as fast as on the host
 *
 * @ppm: at most BASE_CLOCK_PPM_MAX. Without effect on a clock whose time does not pass by itself.
 */
void hp_set_clock_rate(struct hp *hp, uint64_t ppm);
/** hp_set_huge_pages() - mm_set_huge_pages(), and the kernel's messages about it. */
void hp_set_huge_pages(struct hp *hp, bool huge_pages);
/** hp_log_boot_zonelists() - log what build_all_zonelists() prints before memory is reserved. */
void hp_log_boot_zonelists(struct hp *hp);
/** hp_log() - add a line to the kernel's log. */
void hp_log(struct hp *hp, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

struct hp_notifier;

/**
 * hp_is_quiet() - whether no call is running or waiting, no block is going on- or offline, and no
 *		   uevent is late
 */
bool hp_is_quiet(const struct hp *hp);
/**
 * hp_clear() - free the blocks, groups and added memory of a machine that has just booted
 *
 * To be called before mm_save() loads their replacement.
 */
void hp_clear(struct hp *hp);
/** hp_save() - save or load the engine's state while it is quiet; to be loaded after mm. */
void hp_save(struct hp *hp, struct base_save *s);
/** hp_group_save() - save or load a reference to a group, which may be NULL; after hp_save(). */
void hp_group_save(struct base_save *s, struct hp_group **group);
/**
 * hp_notifier_save() - save a listener's place in the chain, or register it there when loading
 *
 * Its name and function are not saved and must be set before.
 */
void hp_notifier_save(struct hp *hp, struct base_save *s, struct hp_notifier *notifier);
/**
 * typedef hp_resource_name_fn - finds the name given to the range claimed at @start
 *
 * Return: the same text, valid as long as the range is claimed; NULL if it is not a name of the
 * caller.
 */
typedef const char *hp_resource_name_fn(void *ctx, uint64_t start, const char *text);
/** hp_resources_save() - save or load /proc/iomem, after all claimants of its ranges. */
void hp_resources_save(struct hp *hp, struct base_save *s, hp_resource_name_fn *find, void *ctx);

#endif
