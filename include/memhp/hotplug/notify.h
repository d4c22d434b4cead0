/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notifier chain (notify.c), and fault injection (fault.c). */
#ifndef MEMHP_HOTPLUG_NOTIFY_H
#define MEMHP_HOTPLUG_NOTIFY_H

#include <bsd/sys/queue.h>

#include "memhp/hotplug/hp.h"

/**
 * enum hp_action - notifications, in the kernel's terms (MEM_*)
 *
 * HP_ONLINE_PAGES stands for its online_page_callback: a driver may keep pages from the allocator,
 * or return -ENOMEM.
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
 * @priority: higher ones are called earlier; equal ones in the order of registration
 * @name: for messages; NULL: none
 * @call: returns 0, or -errno to veto what can be vetoed
 */
struct hp_notifier {
	int priority;
	const char *name;
	uint32_t place; /* in the chain, while it is saved or loaded */
	int (*call)(struct hp_notifier *notifier, enum hp_action action,
		    const struct hp_notify *arg);
	TAILQ_ENTRY(hp_notifier) link;
};

void hp_notifier_register(struct hp *hp, struct hp_notifier *notifier);
void hp_notifier_unregister(struct hp *hp, struct hp_notifier *notifier);

/**
 * HP_FAULTS() - the table of the steps at which faults can be injected
 *
 * ROW(member of enum hp_fault, name, errnos that the kernel has there, what the step is). A step
 * that has no row does not exist. A migration that fails is retried 10 ms later, without limit; an
 * event that fails is lost; a failure of any other step ends the operation.
 */
#define HP_FAULTS(ROW)                                                                             \
	ROW(PREPARE_ONLINE, "prepare_online", "EIO ENOMEM",                                        \
	    "onlining, before the notifiers of MEM_PREPARE_ONLINE")                                \
	ROW(GOING_ONLINE, "going_online", "ENOMEM EPERM",                                          \
	    "onlining, before the notifiers of MEM_GOING_ONLINE")                                  \
	ROW(GOING_OFFLINE, "going_offline", "EBUSY EPERM",                                         \
	    "offlining, before the notifiers of MEM_GOING_OFFLINE")                                \
	ROW(ISOLATE, "isolate", "EBUSY EINTR", "offlining: the isolation of the pages")            \
	ROW(MIGRATE, "migrate", "EBUSY", "offlining: one attempt to migrate the pages")            \
	ROW(DISSOLVE, "dissolve", "EBUSY ENOMEM", "offlining: dissolving free huge pages")         \
	ROW(MEMMAP_ALLOC, "memmap_alloc", "ENOMEM", "adding: the memmap")                          \
	ROW(NODE_ALLOC, "node_alloc", "ENOMEM", "adding: a node that has no memory yet")           \
	ROW(PLUG, "plug", "EBUSY", "plugging a DIMM: the hypervisor's part")                       \
	ROW(EJECT, "eject", "EBUSY", "unplugging a DIMM: the hypervisor's part")                   \
	ROW(UEVENT, "uevent", "ENOBUFS", "the delivery of a uevent of a block")                    \
	ROW(QMP, "qmp", "EIO ETIMEDOUT", "a message to the monitor that can change something")

#define HP_FAULT_MEMBER(member, name, errnos, what) HP_FAULT_##member,
/** enum hp_fault - these steps */
enum hp_fault { HP_FAULTS(HP_FAULT_MEMBER) HP_NR_FAULTS };
#undef HP_FAULT_MEMBER

/**
 * struct hp_fault_info - a row of the table
 * @errnos: names, separated by blanks; the first one is the most usual
 */
struct hp_fault_info {
	const char *name;
	const char *errnos;
	const char *what;
};
extern const struct hp_fault_info hp_fault_infos[HP_NR_FAULTS];
extern const char *const hp_fault_names[HP_NR_FAULTS];

/** struct hp_fault_at - the memory that a step affects; @zone: MM_NR_ZONES if there is none yet */
struct hp_fault_at {
	uint64_t first_block;
	uint64_t last_block;
	int nid;
	enum mm_zone_type zone;
};
/**
 * typedef hp_fault_fn - called before each step
 * @ret_delay_ns: set to the delay before the step; HP_FOR_EVER: until hp_end_delay()
 *
 * Return: 0, or the -errno with which the step then fails.
 */
typedef int hp_fault_fn(void *ctx, enum hp_fault fault, const struct hp_fault_at *at,
			uint64_t *ret_delay_ns);
void hp_set_fault(struct hp *hp, hp_fault_fn *fn, void *ctx);
/** hp_end_delay() - let the delayed step continue soon; harmless when there is none. */
void hp_end_delay(struct hp *hp);
/**
 * hp_fault_range() - check whether a step on @size bytes from @start on @nid is to fail
 *
 * This may take time, during which everything continues that does not need the hotplug lock.
 *
 * Return: 0, or the -errno to fail with.
 */
int hp_fault_range(struct hp *hp, enum hp_fault fault, uint64_t start, uint64_t size, int nid);

/** hp_fault_message() - the same for a message to the hypervisor, which takes no time. */
int hp_fault_message(struct hp *hp);

/**
 * enum hp_fail_field - the files of fail_page_alloc (fail_alloc.c)
 *
 * It makes page allocations of adding and onlining memory fail, like the kernel's.
 */
enum hp_fail_field {
	HP_FAIL_PROBABILITY,
	HP_FAIL_INTERVAL,
	HP_FAIL_TIMES, /* -1: no limit */
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
/** hp_fail_alloc_set() - set any value; it is truncated to the type of the kernel's variable. */
void hp_fail_alloc_set(struct hp *hp, enum hp_fail_field field, int64_t value);

/** enum hp_inject - the actions that memory-notifier-error-inject supports. */
enum hp_inject {
	HP_INJECT_GOING_ONLINE,
	HP_INJECT_GOING_OFFLINE,
	HP_NR_INJECTS,
};

/** hp_inject_error() - the errno (<= 0) returned for an action, which may be changed. */
int *hp_inject_error(struct hp *hp, enum hp_inject inject);

#endif
