/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory blocks (block.c), adding and removing them (add.c), and poisoned pages (failure.c). */
#ifndef MEMHP_HOTPLUG_BLOCK_H
#define MEMHP_HOTPLUG_BLOCK_H

#include "memhp/hotplug/call.h"

struct hp_block *hp_block_find(const struct hp *hp, uint64_t id);
/** hp_block_next() - the block with the lowest id at or above @id; NULL when none. */
struct hp_block *hp_block_next(const struct hp *hp, uint64_t id);
uint64_t hp_block_id(const struct hp_block *block);
/** hp_block_start_pfn() - the first page; hp_block_pages() - the number of pages of any block. */
uint64_t hp_block_start_pfn(const struct hp *hp, const struct hp_block *block);
uint64_t hp_block_pages(const struct hp *hp);
/** hp_block_nid() - the node of the block; if it has several, the last one that claimed it. */
int hp_block_nid(const struct hp_block *block);
/** hp_block_on_node() - whether node @nid is linked to the block. */
bool hp_block_on_node(const struct hp *hp, const struct hp_block *block, int nid);
enum hp_state hp_block_state(const struct hp_block *block);
/** hp_block_is_online() - the device layer's view, as `online` shows it. */
bool hp_block_is_online(const struct hp_block *block);
/** hp_block_is_as_booted() - whether its state has never changed since hp_blocks_booted(). */
bool hp_block_is_as_booted(const struct hp_block *block);
void hp_blocks_booted(struct hp *hp);
/**
 * hp_block_valid_zones() - the zones of valid_zones, in order; computed anew at each call
 *
 * Return: how many; 0 stands for "none".
 */
unsigned int hp_block_valid_zones(const struct hp *hp, const struct hp_block *block,
				  enum mm_zone_type ret_zones[3]);
/** hp_block_print_zones() - the text of valid_zones, without newline. */
void hp_block_print_zones(const struct hp *hp, const struct hp_block *block, struct base_buf *buf);

/**
 * hp_block_device_online() - device_online() with the remembered type, else plain online
 *
 * Return: 0; 1 when it was already online; -errno. Context: the lock is held.
 */
int hp_block_device_online(struct hp *hp, struct hp_block *block);
/** enum hp_offline_mode - what ends an offlining while pages of the block do not move */
enum hp_offline_mode {
	HP_OFFLINE_WAITS,	  /* nothing */
	HP_OFFLINE_INTERRUPTIBLE, /* a signal to the call that holds the lock */
	HP_OFFLINE_AT_ONCE,	  /* the first page that would require waiting */
};

/**
 * hp_block_device_offline() - device_offline()
 *
 * Return: 0; 1 when it was already offline; -EINTR when @mode ended it; other -errno.
 * Context: the lock is held. Waits while pages migrate, unless @mode is HP_OFFLINE_AT_ONCE.
 */
int hp_block_device_offline(struct hp *hp, struct hp_block *block, enum hp_offline_mode mode);

/** struct hp_waiter - a waiter for a block's device lock; embedded by its owner. */
struct hp_waiter {
	void (*fn)(struct hp_waiter *waiter);
	const struct hp_block *block;
	TAILQ_ENTRY(hp_waiter) link;
};

/** hp_block_is_locked() - whether the block is currently going offline or online. */
bool hp_block_is_locked(const struct hp *hp, const struct hp_block *block);
/** hp_block_wait() - call @waiter once the block is no longer locked. */
void hp_block_wait(struct hp *hp, const struct hp_block *block, struct hp_waiter *waiter);
/** hp_block_wait_cancel() - cancel hp_block_wait(). */
void hp_block_wait_cancel(struct hp *hp, struct hp_waiter *waiter);

/**
 * struct hp_add - the parameters of hp_add_memory() (__add_memory())
 * @group: the memory group; NULL: none, and @nid is the node
 * @name: the name of the resource in /proc/iomem, static
 * @merge: /proc/iomem may merge it with adjacent memory of the same adder (MHP_MERGE_RESOURCE)
 * @memmap_on_memory: the adder allows the memmap in the memory itself (MHP_MEMMAP_ON_MEMORY)
 */
struct hp_add {
	uint64_t start;
	uint64_t size;
	int nid;
	struct hp_group *group;
	const char *name;
	bool memmap_on_memory;
	bool merge;
};

/** hp_add_memory() - add memory; 0, or -errno with nothing changed. Context: the lock is held. */
int hp_add_memory(struct hp *hp, const struct hp_add *add);
/**
 * hp_memmap_waste() - pages of each block that memmap_on_memory=force wastes to round its memmap up
 * to whole pageblocks
 */
uint64_t hp_memmap_waste(const struct hp *hp);
/** hp_supports_memmap_on_memory() - whether memory added with @memmap_on_memory would get it. */
bool hp_supports_memmap_on_memory(const struct hp *hp);
/**
 * hp_remove_memory() - remove added memory (try_remove_memory())
 *
 * Return: 0; -EBUSY while a block is online, or if the kernel is built without MEMORY_HOTREMOVE.
 * Context: the lock is held.
 */
int hp_remove_memory(struct hp *hp, uint64_t start, uint64_t size);

/**
 * hp_offline_and_remove_memory() - offline_and_remove_memory(), for a driver whose memory is no
 * longer in use, so that no page has to migrate
 *
 * If a block fails to go offline, or the memory cannot be removed then, the blocks go online again,
 * in the kind of zone they were in.
 *
 * Return: 0 or -errno. Context: the lock is held.
 */
int hp_offline_and_remove_memory(struct hp *hp, uint64_t start, uint64_t size);

/** hp_group_new_static() - memory_group_register_static(); NULL when out of memory. */
struct hp_group *hp_group_new_static(struct hp *hp, int nid, uint64_t max_pages);
/** hp_group_new_dynamic() - memory_group_register_dynamic(); NULL when out of memory. */
struct hp_group *hp_group_new_dynamic(struct hp *hp, int nid, uint64_t unit_pages);
/** hp_group_free() - free a group; no block may belong to it any more. */
void hp_group_free(struct hp *hp, struct hp_group *group);
/**
 * hp_group_unregister() - free a group whose memory has been removed (memory_group_unregister())
 *
 * Without MEMORY_HOTREMOVE the memory is still there; then the group stays with its blocks.
 */
void hp_group_unregister(struct hp *hp, struct hp_group *group);

/** struct hp_direct_map - added memory that the kernel maps, and the part mapped by 1 GiB pages. */
struct hp_direct_map {
	uint64_t bytes;
	uint64_t giant_bytes;
};
struct hp_direct_map hp_direct_map(const struct hp *hp);

/** hp_nodes_online() - the nodes that have a directory. */
const struct base_mask *hp_nodes_online(const struct hp *hp);

/** enum hp_page_value - what /proc/kpageflags, kpagecount and kpagecgroup tell about a page */
enum hp_page_value {
	HP_PAGE_FLAGS,
	HP_PAGE_COUNT,
	HP_PAGE_CGROUP,
};
/** hp_page_values() - get that of @nr pages from @pfn on. */
void hp_page_values(const struct hp *hp, enum hp_page_value what, uint64_t pfn, uint64_t nr,
		    uint64_t *values);
/** hp_max_pfn() - the end of these files: what follows all memory there ever was, in sections. */
uint64_t hp_max_pfn(const struct hp *hp);
/** hp_soft_offline() - a write to soft_offline_page; 0, -ENXIO, -EIO, -EBUSY. */
int hp_soft_offline(struct hp *hp, uint64_t addr);
/** hp_hard_offline() - a write to hard_offline_page; 0, -ENXIO, -EHWPOISON, -EBUSY. */
int hp_hard_offline(struct hp *hp, uint64_t addr);
/** hp_unpoison() - a write to debugfs's unpoison-pfn; 0, -EIO, -EBUSY. */
int hp_unpoison(struct hp *hp, uint64_t pfn);

/** enum hp_filter - the corrupt-filter files of debugfs's hwpoison/, in the order of the checks. */
enum hp_filter {
	HP_FILTER_ENABLE,
	HP_FILTER_DEV_MAJOR,
	HP_FILTER_DEV_MINOR,
	HP_FILTER_FLAGS_MASK,
	HP_FILTER_FLAGS_VALUE,
	HP_FILTER_MEMCG,
	HP_NR_FILTERS,
};
uint64_t hp_poison_filter_get(const struct hp *hp, enum hp_filter which);
void hp_poison_filter_set(struct hp *hp, enum hp_filter which, uint64_t value);
/** hp_corrupt() - a write to debugfs's corrupt-pfn; returns the same as hp_hard_offline(). */
int hp_corrupt(struct hp *hp, uint64_t pfn);

#endif
