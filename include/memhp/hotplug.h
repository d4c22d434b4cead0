/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hotplug: memory blocks and what happens to them: add, online, offline, remove, with the steps,
 * checks, order and roll-back of the kernel's drivers/base/memory.c and mm/memory_hotplug.c.
 *
 * All changes of blocks are serialised by one lock (device_hotplug_lock), which is a queue of
 * calls here: hp_submit() runs a call as soon as it is its turn. It runs in a coroutine, so that
 * it may wait anywhere while the daemon goes on.
 *
 * Negative values are the emulated kernel's answers.
 */
#ifndef MEMHP_HOTPLUG_H
#define MEMHP_HOTPLUG_H

#include <bsd/sys/queue.h>

#include "memhp/base.h"
#include "memhp/mm.h"

struct hp;
struct hp_block;
struct hp_group;

/** enum hp_type - what is asked of a block (enum mmop). */
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
/** hp_state_names - as `state` shows them, by enum hp_state. */
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
	/** pages that migration moves in a millisecond; 0: as many as there are */
	uint32_t migrate_pages_per_ms;
};

/** hp_default_params - what the kernel has where nothing is said on the command line. */
extern const struct hp_params hp_default_params;

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
 * struct hp_observer - news for the layers above; every member must be set
 *
 * Called with the change already made, in the kernel's order, never from within another call to
 * an observer.
 */
struct hp_observer {
	void (*block_added)(void *ctx, const struct hp_block *block);
	/** the block is freed after it */
	void (*block_removed)(void *ctx, const struct hp_block *block);
	/** its state is another one */
	void (*block_changed)(void *ctx, const struct hp_block *block);
	void (*node_added)(void *ctx, int nid);
	void (*node_removed)(void *ctx, int nid);
	void (*uevent)(void *ctx, const struct hp_uevent *event);
	void (*log)(void *ctx, const char *line);
};

/**
 * struct hp_config - what is fixed when the machine is built
 * @memmap_unit: the memmap of a block can lie in the block when its size is a multiple of this
 *		 (arch_supports_memmap_on_memory()); 0: never
 * @memmap_in_each_block: added memory of several blocks can hold its memmap, each block its own
 * @poison_stays_offline: a block with a poisoned page cannot go online
 * @memmap_in_boot_memory: where the memmap of added memory comes from; else from its node
 * @add_nid: the node of an address for adders that name none (memory_add_physaddr_to_nid())
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
};

/** hp_new() - @mm is boot memory, laid out; NULL when out of memory. */
struct hp *hp_new(struct mm *mm, const struct hp_config *config);
void hp_free(struct hp *hp);
/** hp_boot() - memory_dev_init(): the block devices of boot memory, the node devices; no events. */
int hp_boot(struct hp *hp);
void hp_set_observer(struct hp *hp, const struct hp_observer *observer, void *ctx);
struct mm *hp_mm(const struct hp *hp);
const struct hp_config *hp_config(const struct hp *hp);
struct hp_params *hp_params(struct hp *hp);
/** hp_log() - a line of the kernel's log. */
void hp_log(struct hp *hp, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- the hotplug lock (call.c) --------------------------------------------------------------- */

/** struct hp_completion - who is told of the end of something; embedded by the caller. */
struct hp_completion {
	void (*fn)(struct hp_completion *completion, int ret);
};

/**
 * struct hp_call - one call into the engine; embedded by the caller
 * @run: called in a coroutine with the lock held, so that it may wait; returns the result
 * @done: called once, without the lock
 * @waits_always: no signal ends its wait for the lock (lock_device_hotplug())
 * @data: what @run needs
 */
struct hp_call {
	int (*run)(struct hp_call *call);
	void (*done)(struct hp_call *call, int ret);
	bool waits_always;
	void *data;
	/* arguments of the hp_store_*() calls */
	uint64_t arg;
	uint64_t serial;
	enum hp_type type;
	int already; /* the answer when the block is in that state already */
	/* the queue's own */
	struct hp *hp;
	uint64_t origin;
	bool interrupted; /* there was a signal, and it still counts */
	enum { HP_CALL_IDLE, HP_CALL_WAITING, HP_CALL_RUNNING } state;
	TAILQ_ENTRY(hp_call) link;
};

/** hp_set_origin() - a number for the calls that are submitted from now on; 0: that of none. */
void hp_set_origin(struct hp *hp, uint64_t origin);
/** hp_origin() - the number of the call that has the lock now; 0: none, or none has it. */
uint64_t hp_origin(const struct hp *hp);
/** hp_submit() - run @call as soon as the lock is free; may call @done before it returns. */
void hp_submit(struct hp *hp, struct hp_call *call);
/**
 * hp_call_interrupt() - a signal for the one who waits for @call
 *
 * While it waits for the lock only a fatal signal ends it (lock_device_hotplug_sysfs() restarts
 * the write for all others).
 */
void hp_call_interrupt(struct hp *hp, struct hp_call *call, bool fatal);

/** enum hp_wait - what ends a wait of the holder of the lock, besides the time */
enum hp_wait {
	HP_NO_WAIT,
	HP_WAIT_UNINTERRUPTIBLE,
	HP_WAIT_INTERRUPTIBLE, /* a signal for the holder's call */
	HP_WAIT_DELAY,	       /* hp_end_delay() */
};

#define HP_FOR_EVER UINT64_MAX
/**
 * hp_sleep() - wait for @ns nanoseconds; HP_FOR_EVER: until something else ends the wait
 *
 * Return: 0, or -ENOMEM when there is no memory for a timer. Context: in hp_call.run(); elsewhere,
 * as at boot, it returns 0 at once. The machine may end during the wait, and the stack is then
 * dropped: memory that is allocated across a wait must belong to an object that frees it.
 */
int hp_sleep(struct hp *hp, uint64_t ns, enum hp_wait wait);

/* Stores; the caller has parsed and sets only @done. The result is 0 or -errno. */
void hp_store_state(struct hp *hp, const struct hp_block *block, enum hp_type type,
		    struct hp_call *call);
void hp_store_online(struct hp *hp, const struct hp_block *block, bool online,
		     struct hp_call *call);
void hp_store_probe(struct hp *hp, uint64_t addr, struct hp_call *call);

/* ---- blocks (block.c) ------------------------------------------------------------------------ */

struct hp_block *hp_block_find(const struct hp *hp, uint64_t id);
/** hp_block_next() - the block with the lowest id at or above @id; NULL when none. */
struct hp_block *hp_block_next(const struct hp *hp, uint64_t id);
uint64_t hp_block_id(const struct hp_block *block);
/** hp_block_start_pfn() - first page; hp_block_pages() - pages of any block. */
uint64_t hp_block_start_pfn(const struct hp *hp, const struct hp_block *block);
uint64_t hp_block_pages(const struct hp *hp);
/** hp_block_nid() - the node of the block; of several, the last that claimed it. */
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
 * hp_block_device_online() - device_online(): type as remembered, else plain online
 *
 * Return: 0; 1 when it was online already; -errno. Context: the lock is held.
 */
int hp_block_device_online(struct hp *hp, struct hp_block *block);
/** enum hp_offline_mode - what ends an offlining while pages of the block do not move */
enum hp_offline_mode {
	HP_OFFLINE_WAITS,	  /* nothing */
	HP_OFFLINE_INTERRUPTIBLE, /* a signal for the call that has the lock */
	HP_OFFLINE_AT_ONCE,	  /* the first page that would have to be waited for */
};

/**
 * hp_block_device_offline() - device_offline()
 *
 * Return: 0; 1 when it was offline already; -EINTR when @mode ended it; other -errno.
 * Context: the lock is held. Waits while pages are moved, unless @mode is HP_OFFLINE_AT_ONCE.
 */
int hp_block_device_offline(struct hp *hp, struct hp_block *block, enum hp_offline_mode mode);

/** struct hp_waiter - somebody who waits for a block's device lock; embedded by him. */
struct hp_waiter {
	void (*fn)(struct hp_waiter *waiter);
	const struct hp_block *block;
	TAILQ_ENTRY(hp_waiter) link;
};

/** hp_block_is_locked() - whether the block is just being taken offline, or brought online. */
bool hp_block_is_locked(const struct hp *hp, const struct hp_block *block);
/** hp_block_wait() - call @waiter once the block is not locked any more. */
void hp_block_wait(struct hp *hp, const struct hp_block *block, struct hp_waiter *waiter);
/** hp_block_wait_cancel() - do not. */
void hp_block_wait_cancel(struct hp *hp, struct hp_waiter *waiter);

/* ---- adding and removing (add.c) ------------------------------------------------------------- */

/**
 * struct hp_add - one add call (__add_memory())
 * @group: memory group, or NULL; then @nid names the node
 * @name: of the resource in /proc/iomem, static
 * @merge: /proc/iomem may join it with what the same adder has beside it (MHP_MERGE_RESOURCE)
 * @memmap_on_memory: the adder lets the memmap lie in the memory (MHP_MEMMAP_ON_MEMORY)
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

/** hp_add_memory() - 0 or -errno, nothing changed then. Context: the lock is held. */
int hp_add_memory(struct hp *hp, const struct hp_add *add);
/**
 * hp_memmap_waste() - pages of each block that memmap_on_memory=force gives up to make its memmap
 * whole pageblocks
 */
uint64_t hp_memmap_waste(const struct hp *hp);
/** hp_supports_memmap_on_memory() - whether an adder that allows it gets it now. */
bool hp_supports_memmap_on_memory(const struct hp *hp);
/** hp_remove_memory() - try_remove_memory(): -EBUSY while a block is online. Lock held. */
int hp_remove_memory(struct hp *hp, uint64_t start, uint64_t size);

/**
 * hp_offline_and_remove_memory() - offline_and_remove_memory(), for a driver whose memory nobody
 * uses any more, so that nothing has to move
 *
 * What went offline comes back with the kind of zone that it had when one block does not.
 *
 * Return: 0 or -errno. Context: the lock is held.
 */
int hp_offline_and_remove_memory(struct hp *hp, uint64_t start, uint64_t size);

/** hp_group_new_static() - memory_group_register_static(); NULL when out of memory. */
struct hp_group *hp_group_new_static(struct hp *hp, int nid, uint64_t max_pages);
/** hp_group_new_dynamic() - memory_group_register_dynamic(); NULL when out of memory. */
struct hp_group *hp_group_new_dynamic(struct hp *hp, int nid, uint64_t unit_pages);
/** hp_group_free() - no block may belong to it any more. */
void hp_group_free(struct hp *hp, struct hp_group *group);

/** hp_nodes_online() - nodes that have a directory. */
const struct base_mask *hp_nodes_online(const struct hp *hp);

/* ---- memory failures (failure.c) ------------------------------------------------------------- */

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
/** hp_corrupt() - a write to debugfs's corrupt-pfn; as hp_hard_offline(). */
int hp_corrupt(struct hp *hp, uint64_t pfn);

/* ---- notifiers (notify.c) -------------------------------------------------------------------- */

/**
 * enum hp_action - what listeners are told, in the kernel's words (MEM_*); and HP_ONLINE_PAGES,
 * which stands for its online_page_callback: a driver may keep pages from the allocator, or answer
 * -ENOMEM
 */
enum hp_action {
	HP_PREPARE_ONLINE,
	HP_GOING_ONLINE,
	HP_ONLINED,
	HP_CANCEL_ONLINE,
	HP_GOING_OFFLINE,
	HP_OFFLINED,
	HP_CANCEL_OFFLINE,
	HP_FINISH_OFFLINE,
	HP_ONLINE_PAGES,
};

struct hp_notify {
	uint64_t start_pfn;
	uint64_t nr_pages;
};

/**
 * struct hp_notifier - a listener; embedded by its owner
 * @priority: higher is called earlier; equal ones in the order of registration
 * @name: for people; NULL: none
 * @call: 0, or -errno to veto what can be vetoed
 */
struct hp_notifier {
	int priority;
	const char *name;
	uint32_t place; /* among all, while they are saved or loaded */
	int (*call)(struct hp_notifier *notifier, enum hp_action action,
		    const struct hp_notify *arg);
	TAILQ_ENTRY(hp_notifier) link;
};

void hp_notifier_register(struct hp *hp, struct hp_notifier *notifier);
void hp_notifier_unregister(struct hp *hp, struct hp_notifier *notifier);

/* ---- faults (fault.c) ------------------------------------------------------------------------ */

/**
 * enum hp_fault - steps that somebody may want to fail
 *
 * A migration that fails is tried again 10 ms later, for ever; all others end what they are part
 * of.
 */
enum hp_fault {
	HP_FAULT_PREPARE_ONLINE,
	HP_FAULT_GOING_ONLINE,
	HP_FAULT_GOING_OFFLINE,
	HP_FAULT_ISOLATE,
	HP_FAULT_MIGRATE,
	HP_FAULT_DISSOLVE,
	HP_FAULT_MEMMAP_ALLOC,
	HP_FAULT_NODE_ALLOC,
	HP_FAULT_PLUG, /* of a DIMM; these two are the firmware's */
	HP_FAULT_EJECT,
	HP_NR_FAULTS,
};
extern const char *const hp_fault_names[HP_NR_FAULTS];

/** struct hp_fault_at - what a step is about; @zone: MM_NR_ZONES when there is none yet */
struct hp_fault_at {
	uint64_t first_block;
	uint64_t last_block;
	int nid;
	enum mm_zone_type zone;
};
/**
 * typedef hp_fault_fn - asked before each step
 * @ret_delay_ns: set to how long the step is held up first; HP_FOR_EVER: until hp_end_delay()
 *
 * Return: 0, or -errno, with which the step then fails.
 */
typedef int hp_fault_fn(void *ctx, enum hp_fault fault, const struct hp_fault_at *at,
			uint64_t *ret_delay_ns);
void hp_set_fault(struct hp *hp, hp_fault_fn *fn, void *ctx);
/** hp_end_delay() - the step that is held up goes on, soon; harmless when there is none. */
void hp_end_delay(struct hp *hp);
/**
 * hp_fault_range() - asks about @size bytes from @start on @nid
 *
 * May take time; then everything else goes on meanwhile, but for what needs the hotplug lock.
 *
 * Return: 0, or -errno to fail with.
 */
int hp_fault_range(struct hp *hp, enum hp_fault fault, uint64_t start, uint64_t size, int nid);

/**
 * enum hp_fail_field - the files of fail_page_alloc (fail_alloc.c)
 *
 * It fails page allocations of adding and onlining memory as the kernel's does.
 */
enum hp_fail_field {
	HP_FAIL_PROBABILITY,
	HP_FAIL_INTERVAL,
	HP_FAIL_TIMES, /* -1: without end */
	HP_FAIL_SPACE,
	HP_FAIL_VERBOSE,
	HP_FAIL_VERBOSE_INTERVAL_MS,
	HP_FAIL_VERBOSE_BURST,
	HP_FAIL_TASK_FILTER,
	HP_FAIL_IGNORE_WAIT,
	HP_FAIL_IGNORE_HIGHMEM,
	HP_FAIL_MIN_ORDER,
	HP_NR_FAIL_FIELDS,
};
int64_t hp_fail_alloc_get(const struct hp *hp, enum hp_fail_field field);
/** hp_fail_alloc_set() - any value; cut to what the kernel's variable holds. */
void hp_fail_alloc_set(struct hp *hp, enum hp_fail_field field, int64_t value);

/** enum hp_inject - the actions that memory-notifier-error-inject knows. */
enum hp_inject {
	HP_INJECT_GOING_ONLINE,
	HP_INJECT_GOING_OFFLINE,
	HP_NR_INJECTS,
};

/** hp_inject_error() - the errno (<= 0) that is answered to an action; writable. */
int *hp_inject_error(struct hp *hp, enum hp_inject inject);

/* ---- saving and loading (save.c) ------------------------------------------------------------- */

/** hp_is_quiet() - whether no call is running or waits, and no block is on its way. */
bool hp_is_quiet(const struct hp *hp);
/**
 * hp_clear() - all that a machine just booted has goes: blocks, groups, what was added
 *
 * For mm_save(), which loads what is to be there instead.
 */
void hp_clear(struct hp *hp);
/** hp_save() - hotplug's own part; it is quiet, and loading, mm has been loaded. */
void hp_save(struct hp *hp, struct base_save *s);
/** hp_group_save() - a reference to a group; NULL is one, too. Behind hp_save(). */
void hp_group_save(struct base_save *s, struct hp_group **group);
/** hp_notifier_save() - a listener has its place again, registered when it is loaded; its name and
 * function are set before, because they are not saved.
 */
void hp_notifier_save(struct hp *hp, struct base_save *s, struct hp_notifier *notifier);
/**
 * typedef hp_resource_name_fn - the name that whoever claimed a range at @start gave it
 *
 * Return: the same text, as long as the range is claimed; NULL: none of the caller's.
 */
typedef const char *hp_resource_name_fn(void *ctx, uint64_t start, const char *text);
/** hp_resources_save() - /proc/iomem, when all who have claimed a part of it are there. */
void hp_resources_save(struct hp *hp, struct base_save *s, hp_resource_name_fn *find, void *ctx);

/* ---- uevents (uevent.c) ---------------------------------------------------------------------- */

/** hp_uevent_send() - number an event and hand it to the observer. */
void hp_uevent_send(struct hp *hp, const char *action, const char *devpath, const char *subsystem);
/** hp_uevent_send_key() - the same with one more "KEY=value". */
void hp_uevent_send_key(struct hp *hp, const char *action, const char *devpath,
			const char *subsystem, const char *key);
/**
 * hp_uevent_synth() - a write to a `uevent` file (kobject_synth_uevent())
 * @subsystem: NULL for devices whose events are filtered: the grammar is checked, nothing is sent
 * @log_name: how the kernel's log calls the device, NULL for an object that is no device
 *
 * Return: 0 or -errno.
 */
int hp_uevent_synth(struct hp *hp, const char *devpath, const char *subsystem, const char *log_name,
		    const char *text, size_t len);
uint64_t hp_uevent_seqnum(const struct hp *hp);

/* ---- /proc/iomem (resource.c) ---------------------------------------------------------------- */

/**
 * hp_resource_insert() - put a range into the tree, around what it covers (insert_resource())
 * @end: inclusive
 * @name: static
 *
 * Return: 0; -EBUSY when it straddles another; -ENOMEM.
 */
int hp_resource_insert(struct hp *hp, uint64_t start, uint64_t end, const char *name, bool busy);
/**
 * hp_resource_reserve() - claim a range for what a driver will add in it; not busy itself
 * @name: as long as it is claimed
 *
 * Return: 0, -EEXIST, -ENOMEM.
 */
int hp_resource_reserve(struct hp *hp, uint64_t start, uint64_t size, const char *name);
/** hp_resource_unreserve() - the reverse. */
void hp_resource_unreserve(struct hp *hp, uint64_t start, uint64_t size, const char *name);
typedef void hp_resource_fn(void *ctx, unsigned int depth, uint64_t start, uint64_t end,
			    const char *name);
/** hp_resource_walk() - all ranges, parents before children, ascending. */
void hp_resource_walk(const struct hp *hp, hp_resource_fn *fn, void *ctx);

#endif
