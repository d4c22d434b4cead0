/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internals shared by the files of hotplug. */
#ifndef HP_PRIVATE_H
#define HP_PRIVATE_H

#include <bsd/sys/queue.h>

#include "memhp/hotplug.h"

/*
 * @serial: distinguishes a block from a later one with the same id
 * @zone: where the block is online; MM_NR_ZONES: offline, or boot memory of several zones
 * @remembered: the type requested last, kept until the next onlining; HP_OFFLINE: none
 * @offline: the device layer's own flag, which changes after the uevent
 * @as_booted: unchanged since boot
 * @altmap_pages: pages at its start that are its own memmap
 * @nodes: all nodes of a boot block on several nodes; otherwise NULL
 *
 * There may be half a million of them, so the struct is kept small.
 */
struct hp_block {
	uint64_t id;
	uint64_t serial;
	struct hp_group *group;
	struct base_mask *nodes;
	uint32_t altmap_pages;
	int16_t nid;
	enum hp_state state : 3;
	enum mm_zone_type zone : 3;
	enum hp_type remembered : 3;
	bool offline : 1;
	bool as_booted : 1;
};

/* A memory group: the memory of a device, which the auto-movable policy treats as a whole. */
struct hp_group {
	int nid;
	uint32_t place; /* in the list, from 1 on, while it is saved or loaded */
	bool is_dynamic;
	uint64_t max_pages;  /* static */
	uint64_t unit_pages; /* dynamic */
	uint64_t present_kernel;
	uint64_t present_movable;
	TAILQ_ENTRY(hp_group) link;
};

struct hp_resource {
	uint64_t start;
	uint64_t end; /* inclusive */
	const char *name;
	bool busy;
	bool mergeable;
	TAILQ_HEAD(hp_resources, hp_resource) children;
	TAILQ_ENTRY(hp_resource) link;
};

/* The memmap of an added range: kernel memory, freed when the range is removed. */
struct hp_range {
	uint64_t start;
	uint64_t size;
	struct mm_holder *memmap;
	TAILQ_ENTRY(hp_range) link;
};

/*
 * The block that is going offline; the lock allows only one.
 * @mode: what ends the offlining
 * @rounds: attempts in which nothing moved
 * @left, @stuck: pages in use after the last attempt, and one of them that did not move
 */
struct hp_offlining {
	struct hp_block *block;
	enum hp_offline_mode mode;
	uint64_t rounds;
	uint64_t left;
	struct mm_use stuck;
};

/*
 * The hotplug lock
 * @holder: the call that holds it; NULL: it is free
 * @queue: the calls that wait for it
 * @task: where the holder runs; @wait: what the holder is waiting for
 * @result: the return value of the holder's run()
 */
struct hp_lock {
	struct hp_call *holder;
	TAILQ_HEAD(, hp_call) queue;
	struct hp_task *task;
	enum hp_wait wait;
	struct base_timer timer;
	int result;
};

/*
 * Events that wait to be delivered, in order: behind one that is late, all others are late as well,
 * as for a listener that does not get to read its socket. @timer: when the first one is due
 */
struct hp_late {
	TAILQ_HEAD(hp_late_events, hp_late_event) events;
	struct base_timer timer;
};

struct hp_poison_filter {
	uint64_t value[HP_NR_FILTERS];
};

/* @count: allocations counted for HP_FAIL_INTERVAL; @nr_thrown: random numbers used */
struct hp_fail_alloc {
	int64_t value[HP_NR_FAIL_FIELDS];
	uint64_t count;
	uint64_t nr_thrown;
};

struct hp {
	struct mm *mm;
	struct hp_config config;
	struct hp_params params;
	bool told_no_soft_offline; /* the kernel says it once */
	const struct hp_observer *observer;
	void *observer_ctx;
	struct hp_lock lock;
	uint64_t origin;
	struct base_map blocks; /* by id */
	uint64_t last_serial;
	struct base_mask nodes_online;
	TAILQ_HEAD(, hp_group) groups;
	TAILQ_HEAD(, hp_range) ranges;
	struct hp_direct_map direct_map; /* of these ranges */
	struct hp_resource iomem;
	TAILQ_HEAD(hp_notifiers, hp_notifier) notifiers;
	struct hp_notifier boot_veto;
	struct hp_notifier injector;
	int inject[HP_NR_INJECTS];
	struct hp_poison_filter poison_filter;
	struct hp_fail_alloc fail_alloc;
	hp_fault_fn *fault;
	void *fault_ctx;
	const struct hp_block *onlining;
	uint64_t max_pfn; /* the end of all memory so far (update_end_of_memory_vars()) */
	uint64_t seqnum;
	struct hp_late late;
	struct hp_offlining offlining;
	enum hp_type *offlined_types; /* of hp_offline_and_remove_memory() */
	TAILQ_HEAD(, hp_waiter) waiters;
};

/* fault.c: 0, or the -errno with which a step must fail */
int hp_fault_block(struct hp *hp, enum hp_fault fault, const struct hp_block *block,
		   enum mm_zone_type zone);
/* The same for an event of @block; @ret_delay_ns: how late it is delivered if it does not fail */
int hp_fault_uevent(struct hp *hp, const struct hp_block *block, uint64_t *ret_delay_ns);

/* late.c: deliver an event at once, unless it or one before it is late. */
void hp_late_init(struct hp *hp);
void hp_late_fini(struct hp *hp);
void hp_uevent_pass(struct hp *hp, const struct hp_uevent *event, uint64_t delay_ns);

/*
 * explain.c: log lines about the block @id that the kernel does not print
 * Which zones or nodes a block of boot memory spans, so that it cannot go offline.
 * Why an offlining that moves nothing is stuck; which listener vetoes going on- or offline; what
 * occupies the addresses of memory to be added.
 */
void hp_explain(struct hp *hp, uint64_t id, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void hp_explain_pages(struct hp *hp, const struct hp_block *block, const struct mm_use *use,
		      const char *what);
void hp_explain_mixed(struct hp *hp, const struct hp_block *block);
void hp_explain_stuck(struct hp *hp);
void hp_explain_veto(struct hp *hp, const struct hp_notifier *notifier, enum hp_action action,
		     const struct hp_notify *arg, int err);
void hp_explain_taken(struct hp *hp, uint64_t start, uint64_t size);

/*
 * task.c: a coroutine. The first hp_task_enter() starts @fn; each returns when @fn calls
 * hp_task_leave(). @fn never returns.
 */
struct hp_task *hp_task_new(void (*fn)(void *ctx), void *ctx);
void hp_task_free(struct hp_task *task);
void hp_task_enter(struct hp_task *task);
void hp_task_leave(struct hp_task *task);
bool hp_task_is_inside(const struct hp_task *task);

/* call.c */
int hp_lock_init(struct hp *hp);
void hp_lock_fini(struct hp *hp);
/* signal_pending() of the lock holder */
bool hp_signal_pending(const struct hp *hp);

/* The range passed to notifiers: the pages of a block without its own memmap. */
static inline struct hp_notify hp_block_range(const struct hp *hp, const struct hp_block *block)
{
	return (struct hp_notify){
		.start_pfn = hp_block_start_pfn(hp, block) + block->altmap_pages,
		.nr_pages = hp_block_pages(hp) - block->altmap_pages,
	};
}

/* altmap.c: pages of each block for its own memmap, if the adder allows that; 0: none */
uint64_t hp_altmap_pages(const struct hp *hp);
/* Whether the blocks of a range hold their own memmap: 0, 1; -EINVAL: only some do. */
int hp_altmaps_in(const struct hp *hp, uint64_t first, uint64_t end);
/* A block that holds its own memmap was added, or a block is removed. */
void hp_altmap_add(struct hp *hp, struct hp_block *block);
void hp_altmap_remove(struct hp *hp, struct hp_block *block);

/* add.c: the direct map of memory that is added (@sign 1) or removed (-1). */
void hp_direct_map_add(struct hp *hp, const struct hp_range *range, int sign);
/* Frees all memory added within [start, start + size), possibly in several pieces. */
void hp_ranges_free(struct hp *hp, uint64_t start, uint64_t size);

/* block.c: a new device, offline, in no zone; sends no event. */
struct hp_block *hp_block_create(struct hp *hp, uint64_t id, int nid, struct hp_group *group);
void hp_block_destroy(struct hp *hp, struct hp_block *block);
/* Sends an event of the device; @action: as in ACTION=. */
void hp_block_uevent(struct hp *hp, const struct hp_block *block, const char *action);

/* online.c: memory_block_online() */
int hp_block_pages_online(struct hp *hp, struct hp_block *block);
/* build_all_zonelists(), with what it prints */
void hp_build_zonelists(struct hp *hp);
/* wmark.c: mm_wmark_update(), and its messages */
void hp_wmark_update(struct hp *hp);
void hp_group_account(struct hp_group *group, enum mm_zone_type zone, uint64_t nr_pages, bool add);

/* offline.c: memory_block_offline() of hp->offlining.block */
int hp_block_pages_offline(struct hp *hp, struct hp_block *block);

/* zone.c: zone_for_pfn_range() */
enum mm_zone_type hp_zone_for_range(const struct hp *hp, enum hp_type type, int nid,
				    const struct hp_group *group, uint64_t start_pfn,
				    uint64_t nr_pages);
/*
 * zone_auto.c: whether the auto-movable policy chooses Movable. If not, the kernel zone is chosen
 * for @pfn and @nr_pages, which the policy may have changed.
 */
bool hp_zone_auto_movable(const struct hp *hp, int nid, const struct hp_group *group, uint64_t *pfn,
			  uint64_t *nr_pages);

/* notify.c */
void hp_notify_init(struct hp *hp);
/* Calls listeners in order until one vetoes; returns the veto, or 0. */
int hp_notify(struct hp *hp, enum hp_action action, const struct hp_notify *arg);

/* poison_filter.c; @use: NULL for a free page */
void hp_poison_filter_init(struct hp_poison_filter *filter);
/* Whether the filter allows poisoning a page. */
bool hp_poison_filter_passes(const struct hp *hp, const struct mm_use *use);
/* Whether the injector continues with it: when filtering, only with pages that the filter knows. */
bool hp_poison_filter_sees(const struct hp *hp, const struct mm_use *use);

/* fail_alloc.c: 0, or -ENOMEM for allocating pages of memmap, or what onlining needs */
void hp_fail_alloc_init(struct hp_fail_alloc *fail);
int hp_fail_alloc_memmap(struct hp *hp, uint64_t memmap_pages);
int hp_fail_alloc_online(struct hp *hp, int nid, enum mm_zone_type zone);

/* resource.c */
void hp_resource_init(struct hp *hp);
void hp_resource_fini(struct hp *hp);
/* The resource that keeps a range from being claimed; NULL: none with a name. */
const struct hp_resource *hp_resource_busy(const struct hp *hp, uint64_t start, uint64_t size);
/* A new resource, after the others in @parent; NULL: out of memory. */
struct hp_resource *hp_resource_child(struct hp_resource *parent);
/* Releases a range, which may be a part of a merged resource. */
void hp_resource_release(struct hp *hp, uint64_t start, uint64_t size);
/* Merges a claimed range with adjacent ones (merge_system_ram_resource()). */
void hp_resource_merge(struct hp *hp, uint64_t start, uint64_t size);
/* Whether [start, start + size) is System RAM throughout (walk_system_ram_range()). */
bool hp_resource_is_ram(const struct hp *hp, uint64_t start, uint64_t size);

/* uevent.c; hp_uevent_block(): an event of a block, which a fault plan can lose or delay */
void hp_uevent_block(struct hp *hp, const struct hp_block *block, const char *action,
		     const char *devpath);
void hp_node_uevent(struct hp *hp, int nid, const char *action);

#endif
