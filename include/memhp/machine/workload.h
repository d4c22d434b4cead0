/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Workloads (workload.c). */
#ifndef MEMHP_MACHINE_WORKLOAD_H
#define MEMHP_MACHINE_WORKLOAD_H

#include "memhp/hotplug.h"

struct machine;

struct machine_workload;

/** machine_workload_new() - create a workload, called @name in the log; 0 or -ENOMEM. */
int machine_workload_new(struct machine *machine, const char *name,
			 struct machine_workload **ret_workload);
/** machine_workload_next() - the first one (NULL), or the one after @workload; NULL: none. */
struct machine_workload *machine_workload_next(const struct machine *machine,
					       struct machine_workload *workload);
/** machine_workload_free() - free a workload and the memory that it holds. */
void machine_workload_free(struct machine *machine, struct machine_workload *workload);
/** machine_workload_kind_word() - the name of kind @i; NULL: there are no more. */
const char *machine_workload_kind_word(size_t i);
/** machine_workload_kind() - the name of its kind; "" if none is set. */
const char *machine_workload_kind(const struct machine_workload *workload);
/**
 * machine_workload_set_kind() - set what its memory is used for
 *
 * While it holds memory, the kind can only change from anon to pinned and back.
 *
 * Return: 0, also while pages are still on their way to be pinned; -EINVAL for an unknown kind;
 * -EBUSY for another change while it holds memory, or while its pages are being pinned; -ENOMEM if
 * pages in Movable or CMA have nowhere to migrate to before they are pinned.
 */
int machine_workload_set_kind(struct machine *machine, struct machine_workload *workload,
			      const char *kind);
/**
 * machine_workload_is_pinning() - whether its pages are on their way to where they can be pinned
 *
 * Setting the kind or the size may begin that, and then returns 0: machine_workload_wait() has to
 * be called. Until it ends, the kind, the block, the node and the size cannot be set (-EBUSY).
 */
bool machine_workload_is_pinning(const struct machine_workload *workload);
/**
 * machine_workload_wait() - wait until they are pinned
 *
 * @asker gets 0; -ENOMEM when they have nowhere to migrate to; -EINTR. After an error, pages that
 * have moved stay there, but are not pinned, and those that were to be added are freed.
 */
void machine_workload_wait(struct machine_workload *workload, struct hp_completion *asker);
/** machine_workload_interrupt() - deliver a signal to the asker, which it ends if it is @fatal. */
void machine_workload_interrupt(struct machine_workload *workload, bool fatal);
/** enum machine_busy - the parts of the period in which its pages are busy now and then, ms. */
enum machine_busy {
	MACHINE_BUSY_MS, /* 0: never */
	MACHINE_IDLE_MS, /* 0: they always are */
};
uint64_t machine_workload_busy(const struct machine_workload *workload, enum machine_busy field);
/** machine_workload_set_busy() - set one and begin a period; 0, or -ERANGE above 2^32 - 1 ms. */
int machine_workload_set_busy(struct machine *machine, struct machine_workload *workload,
			      enum machine_busy field, uint64_t ms);
/** machine_workload_block() - the block that it is restricted to; -1: none. */
int64_t machine_workload_block(const struct machine_workload *workload);
/** machine_workload_set_block() - 0; -EBUSY while it holds memory; -ENODEV: no such block. */
int machine_workload_set_block(struct machine *machine, struct machine_workload *workload,
			       int64_t block);
/** machine_workload_node() - the node that it is bound to or prefers; -1: none. */
int machine_workload_node(const struct machine_workload *workload);
int machine_workload_set_node(struct machine *machine, struct machine_workload *workload, int nid);
/** enum machine_mempolicy - what a workload's node means. */
enum machine_mempolicy {
	MACHINE_MEMPOLICY_BIND,	  /* no other node will do */
	MACHINE_MEMPOLICY_PREFER, /* other nodes when it is full */
	MACHINE_NR_MEMPOLICIES,
};
extern const char *const machine_mempolicy_names[MACHINE_NR_MEMPOLICIES];
enum machine_mempolicy machine_workload_mempolicy(const struct machine_workload *workload);
/** machine_workload_set_mempolicy() - set it, for later allocations only. */
void machine_workload_set_mempolicy(struct machine_workload *workload,
				    enum machine_mempolicy mempolicy);

/** enum machine_oom - what happens when there is not enough memory for a size. */
enum machine_oom {
	MACHINE_OOM_FAIL, /* -ENOMEM */
	MACHINE_OOM_KILL, /* kill the largest workload, and try again */
	MACHINE_NR_OOM,
};
extern const char *const machine_oom_names[MACHINE_NR_OOM];
enum machine_oom machine_workload_oom(const struct machine_workload *workload);
void machine_workload_set_oom(struct machine_workload *workload, enum machine_oom oom);
/** machine_workload_resident() - print where its pages are, a line for each node and zone. */
void machine_workload_resident(const struct machine *machine,
			       const struct machine_workload *workload, struct base_buf *buf);
/**
 * machine_workload_size() - the bytes that it holds, in memory or in swap; page cache may have
 * been reclaimed.
 */
uint64_t machine_workload_size(const struct machine *machine,
			       const struct machine_workload *workload);
/** machine_workload_swapped() - the bytes of these that are in swap. */
uint64_t machine_workload_swapped(const struct machine *machine,
				  const struct machine_workload *workload);
/**
 * machine_workload_set_swapped() - touch its memory (by writing) until no more than @bytes are in
 * swap, or swap out more of it (MADV_PAGEOUT)
 *
 * If memory is short, what is touched can push other pages out, also of the same workload.
 *
 * Return: 0; -EINVAL: it has not so much, or its kind is never swapped out; -EBUSY: its pages are
 * busy, so that they cannot be swapped out; -ENOMEM without room.
 */
int machine_workload_set_swapped(struct machine *machine, struct machine_workload *workload,
				 uint64_t bytes);
/**
 * machine_workload_set_size() - set its size, rounded up to pages or to huge pages
 *
 * Return: 0, also while pages are still on their way to be pinned; -EBUSY while that is so already;
 * -EINVAL without a kind; -ENOMEM with its memory unchanged (unless the OOM killer freed
 * it).
 */
int machine_workload_set_size(struct machine *machine, struct machine_workload *workload,
			      uint64_t bytes);

#endif
