// SPDX-License-Identifier: GPL-2.0-or-later
/* Which settings a kernel has, by its version, configuration and architecture, and its name. */
#include "world.h"

#define VM "proc/sys/vm/"
#define RAM "memory: [{start: 1G, end: 0x7fffffff, node: 0}]\n"

/* Addresses of programs are as long as the architecture and its pages say. */
static void random_bits(void **state)
{
	static const struct {
		const char *machine, *bits, *compat;
	} cases[] = {
		{ "arch: arm64\n" RAM, "18\n", "11\n" },
		{ "arch: arm64\npage_size: 16K\n" RAM, "16\n", NULL },
		{ "arch: arm64\npage_size: 64K\n" RAM, "14\n", NULL },
		{ "arch: ppc64le\n" RAM, "14\n", NULL },
		{ "arch: s390x\n" RAM, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct world *w = world_new(cases[i].machine);

		assert_int_equal(world_exists(w, VM "mmap_rnd_bits"), cases[i].bits != NULL);
		assert_int_equal(world_exists(w, VM "mmap_rnd_compat_bits"),
				 cases[i].compat != NULL);
		if (cases[i].bits)
			assert_reads(w, VM "mmap_rnd_bits", cases[i].bits);
		if (cases[i].compat)
			assert_reads(w, VM "mmap_rnd_compat_bits", cases[i].compat);
		world_free(w);
	}
}

static void versions(void **state)
{
	struct world *w = world_new("kernel: 6.1\n" RAM);

	(void)state;
	assert_false(world_exists(w, VM "memfd_noexec"));
	world_free(w);
	w = world_new("kernel: 6.18\n" RAM);
	assert_true(world_exists(w, VM "memfd_noexec"));
	assert_writes(w, VM "vfs_cache_pressure_denom", "99", -EINVAL);
	assert_reads(w, VM "vfs_cache_pressure_denom", "100\n");
	world_free(w);
	w = world_new("kernel: 6.6\narch: ia64\n" RAM);
	assert_false(world_exists(w, VM "legacy_va_layout"));
	world_free(w);
}

/* What a kernel is built without has no settings, and no files in sys/kernel/mm. */
static void configurations(void **state)
{
	static const struct {
		const char *symbol, *files[8];
	} cases[] = {
		{ "HUGETLBFS",
		  { VM "nr_hugepages", VM "nr_hugepages_mempolicy", VM "nr_overcommit_hugepages",
		    VM "hugetlb_shm_group", VM "hugetlb_optimize_vmemmap",
		    "sys/kernel/mm/hugepages" } },
		{ "TRANSPARENT_HUGEPAGE", { "sys/kernel/mm/transparent_hugepage" } },
		{ "COMPACTION",
		  { VM "compact_memory", VM "compact_unevictable_allowed", VM "extfrag_threshold",
		    VM "compaction_proactiveness" } },
		{ "NUMA",
		  { VM "numa_stat", VM "numa_zonelist_order", VM "zone_reclaim_mode",
		    VM "nr_hugepages_mempolicy", VM "min_slab_ratio", VM "min_unmapped_ratio",
		    "sys/kernel/mm/numa" } },
		{ "MEMORY_FAILURE", { VM "enable_soft_offline", VM "memory_failure_recovery" } },
		{ "MEMCG", { "proc/kpagecgroup" } },
	};
	struct world *all = world_new(RAM);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char yaml[256];
		struct world *w;

		snprintf(yaml, sizeof(yaml), "kernel_config: {%s: n}\n" RAM, cases[i].symbol);
		w = world_new(yaml);
		for (size_t f = 0; f < 8 && cases[i].files[f]; f++) {
			assert_true(world_exists(all, cases[i].files[f]));
			assert_false(world_exists(w, cases[i].files[f]));
		}
		world_free(w);
	}
	world_free(all);
}

/* The pages of a pool that is optimized from the beginning. */
static void optimized_vmemmap(void **state)
{
	struct world *w = world_new("cmdline: hugetlb_free_vmemmap=on\n" RAM);

	(void)state;
	assert_reads(w, VM "hugetlb_optimize_vmemmap", "1\n");
	assert_takes(w, VM "hugetlb_optimize_vmemmap", "0");
	assert_reads(w, VM "hugetlb_optimize_vmemmap", "0\n");
	world_free(w);
}

/* Without HUGETLBFS, transparent huge pages have their size all the same. */
static void thp_alone(void **state)
{
	struct world *w = world_new("kernel_config: {HUGETLBFS: n}\n" RAM);

	(void)state;
	assert_reads(w, "sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152\n");
	assert_true(world_exists(w, "sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled"));
	assert_int_equal(world_mkdir(w, "machine/workload/w0"), 0);
	assert_takes(w, "machine/workload/w0/kind", "thp");
	assert_takes(w, "machine/workload/w0/size", "4M");
	assert_int_equal(world_number(w, "proc/vmstat", "thp_fault_alloc "), 2);
	world_free(w);
}

static void which_kernel(void **state)
{
	struct world *w = world_new("kernel: 6.1.192\narch: arm64\n" RAM);

	(void)state;
	assert_reads(w, "proc/version", "Linux version 6.1.192 (memhpfs) #1 SMP PREEMPT_DYNAMIC\n");
	assert_reads(w, "proc/sys/kernel/ostype", "Linux\n");
	assert_reads(w, "proc/sys/kernel/osrelease", "6.1.192\n");
	assert_reads(w, "proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC\n");
	assert_reads(w, "proc/sys/kernel/arch", "aarch64\n");
	world_free(w);
	w = world_new("arch: s390x\n" RAM);
	assert_reads(w, "proc/sys/kernel/arch", "s390x\n");
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bits),	  cmocka_unit_test(versions),
		cmocka_unit_test(configurations), cmocka_unit_test(optimized_vmemmap),
		cmocka_unit_test(thp_alone),	  cmocka_unit_test(which_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
