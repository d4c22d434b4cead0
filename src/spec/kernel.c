/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What depends on the kernel's version. Files and counters that were added or removed in a version
 * have it in their rows (tree, vmstat); changes of behaviour are switches here.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "memhp/spec.h"

#define OLDEST MACHINE_KERNEL(6, 1)
#define NEWEST MACHINE_KERNEL(6, 18)

/* Those that were compared with a running kernel or its source. */
static const unsigned int profiles[] = { OLDEST, MACHINE_KERNEL(6, 6), MACHINE_KERNEL(6, 12),
					 NEWEST };

/* @until: the first version without it; 0: none */
static const struct {
	size_t rule;
	unsigned int since;
	unsigned int until;
} rules[] = {
	/* each block counts its poisoned pages */
	{ offsetof(struct machine_kernel, poison_stays_offline), MACHINE_KERNEL(6, 2) },
	/* a memmap that does not fill whole pageblocks may waste some of them */
	{ offsetof(struct machine_kernel, memmap_force), MACHINE_KERNEL(6, 6) },
	/* virtio_mem_sbm_try_remove_unplugged_mb() */
	{ offsetof(struct machine_kernel, vmem_removes_later), MACHINE_KERNEL(6, 5) },
	/* add_memory_resource() splits a range into blocks for it */
	{ offsetof(struct machine_kernel, memmap_in_each_block), MACHINE_KERNEL(6, 8) },
	/* without HUGETLB_PAGE, pageblocks are as large as transparent huge pages */
	{ offsetof(struct machine_kernel, thp_pageblocks), MACHINE_KERNEL(6, 10) },
	/* offline_pages() lowers the managed pages by what __offline_isolated_pages() returns */
	{ offsetof(struct machine_kernel, offline_skips_fake), MACHINE_KERNEL(6, 11) },
	/* __setup_per_zone_wmarks() makes an exception of Movable */
	{ offsetof(struct machine_kernel, movable_keeps_share), 0, MACHINE_KERNEL(6, 6) },
	/* set_max_huge_pages() allocates a list of pages before it adds them */
	{ offsetof(struct machine_kernel, pool_grows_singly), 0, MACHINE_KERNEL(6, 7) },
	/* set_max_huge_pages() adds the persistent pages of other nodes */
	{ offsetof(struct machine_kernel, surplus_counts), 0, MACHINE_KERNEL(6, 6) },
	/* online_pages() no longer updates N_NORMAL_MEMORY */
	{ offsetof(struct machine_kernel, normal_memory_fixed), MACHINE_KERNEL(6, 17) },
};

/* One or more digits; the number is below 1 << 16. */
static bool take_number(const char **at, unsigned int *ret_number)
{
	const char *start = *at;

	for (*ret_number = 0; **at >= '0' && **at <= '9' && *ret_number < 6554; (*at)++)
		*ret_number = *ret_number * 10 + (unsigned int)(**at - '0');
	return *at > start && *ret_number < 1 << 16;
}

int machine_kernel_parse(const char *release, struct machine_kernel *ret_kernel)
{
	unsigned int major, minor, version;

	if (!take_number(&release, &major) || *release++ != '.' || !take_number(&release, &minor))
		return -EINVAL;
	/* "6.1", "6.1.20-foo" and "6.1-rc1", but not "6.1x" */
	if (*release && *release != '.' && *release != '-' && *release != '+')
		return -EINVAL;
	version = MACHINE_KERNEL(major, minor);
	if (version < OLDEST)
		return -EINVAL;
	*ret_kernel = (struct machine_kernel){ .version = BASE_MIN(version, NEWEST) };
	for (size_t i = 0; i < BASE_ARRAY_SIZE(profiles); i++) {
		if (profiles[i] <= version)
			ret_kernel->profile = profiles[i];
	}
	ret_kernel->compared = version == ret_kernel->profile;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rules); i++)
		*(bool *)((char *)ret_kernel + rules[i].rule) =
			machine_kernel_has(ret_kernel, rules[i].since, rules[i].until);
	return 0;
}

void machine_kernel_print_versions(struct base_buf *buf)
{
	base_buf_printf(buf, "%u.%u or later", OLDEST >> 16, OLDEST & 0xffff);
}
