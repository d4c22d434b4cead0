/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions of the kernel (kernel.c). */
#ifndef MEMHP_SPEC_KERNEL_H
#define MEMHP_SPEC_KERNEL_H

#include "memhp/base.h"

/** MACHINE_KERNEL() - a version as a number that can be compared. */
#define MACHINE_KERNEL(major, minor) ((unsigned int)(major) << 16 | (minor))

/* What uname(2) has besides the release. */
#define MACHINE_UTS_NAME "Linux"
#define MACHINE_UTS_VERSION "#1 SMP PREEMPT_DYNAMIC"
/* The format of the first message and of /proc/version, for the release. */
#define MACHINE_BANNER MACHINE_UTS_NAME " version %s (memhpfs) " MACHINE_UTS_VERSION

/**
 * struct machine_kernel - differences between versions of Linux
 * @version: MACHINE_KERNEL(), at most that of the newest profile
 * @profile: the nearest lower version that has been compared with Linux; @compared: it is this one
 * @poison_stays_offline: a block with a poisoned page cannot go online; in older kernels it can,
 *			  and its pages are no longer marked as poisoned
 * @memmap_force: memmap_on_memory=force is supported
 * @memmap_in_each_block: memory of several blocks can hold its memmap, block by block; in older
 *			  kernels only a single block can
 * @vmem_removes_later: virtio-mem tries again to remove a block without plugged memory; older
 *			drivers leave it until it is plugged and unplugged again
 * @thp_pageblocks: without pools of huge pages, pageblocks are as large as transparent huge pages
 * @offline_skips_fake, @surplus_counts, @normal_memory_fixed, @movable_keeps_share,
 * @pool_grows_singly: see struct mm_config
 */
struct machine_kernel {
	unsigned int version;
	unsigned int profile;
	bool compared;
	bool poison_stays_offline;
	bool memmap_force;
	bool memmap_in_each_block;
	bool vmem_removes_later;
	bool thp_pageblocks;
	bool offline_skips_fake;
	bool surplus_counts;
	bool normal_memory_fixed;
	bool movable_keeps_share;
	bool pool_grows_singly;
};

/** machine_kernel_parse() - parse a release as printed by uname -r; 0 or -EINVAL. */
int machine_kernel_parse(const char *release, struct machine_kernel *ret_kernel);
/** machine_kernel_print_versions() - which versions are supported. */
void machine_kernel_print_versions(struct base_buf *buf);
/**
 * machine_kernel_has() - whether a version is in a range
 * @since: the first version; 0: any
 * @until: the first version that is later; 0: none
 */
static inline bool machine_kernel_has(const struct machine_kernel *kernel, unsigned int since,
				      unsigned int until)
{
	return kernel->version >= since && (!until || kernel->version < until);
}

#endif
