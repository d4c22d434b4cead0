// SPDX-License-Identifier: GPL-2.0-or-later
/* What is reserved at boot for a crash kernel and for contiguous allocations: where, until when. */
#include "world.h"

#define VM PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n" ONE_CPU
#define BIG_VM                                                                                     \
	PC_LOW "  - {start: 0x100000, end: 0x7fffffff, node: 0}\n"                                 \
	       "  - {start: 0x100000000, end: 0x27fffffff, node: 0}\n" ONE_CPU
#define S390 "arch: s390x\nmemory:\n  - {start: 0, end: 0xffffffff, node: 0}\n"

#define CRASH_SIZE "sys/kernel/kexec_crash_size"

#define assert_iomem(w, line) assert_non_null(strstr(world_read(w, "proc/iomem"), line))

static uint64_t total(struct world *w)
{
	return world_number(w, "proc/meminfo", "MemTotal:");
}

static void crash_kernel(void **state)
{
	struct world *plain = world_new(VM), *w = world_new_cmdline(VM, "crashkernel=96M");
	struct world *at = world_new_cmdline(VM, "crashkernel=64M@256M");
	struct world *none = world_new_cmdline(VM, "crashkernel=64M@2G");

	(void)state;
	assert_int_equal(total(plain) - total(w), 96 << 10);
	assert_iomem(w, "  39000000-3effffff : Crash kernel\n");
	assert_writes(w, SYS_MEMORY "memory7/state", "offline", -EBUSY);
	assert_takes(w, SYS_MEMORY "memory3/state", "offline");
	assert_iomem(at, "  10000000-13ffffff : Crash kernel\n");
	assert_writes(at, SYS_MEMORY "memory2/state", "offline", -EBUSY);
	assert_int_equal(total(none), total(plain));
	assert_null(strstr(world_read(none, "proc/iomem"), "Crash"));
	assert_non_null(strstr(world_read(none, "machine/log"), "crashkernel reservation failed"));
	world_free(plain);
	world_free(w);
	world_free(at);
	world_free(none);
}

/* arch/s390/kernel/setup.c: kdump_mem_notifier() */
static void kdump_on_s390(void **state)
{
	struct world *w = world_new_cmdline(
		"arch: s390x\nmemory:\n  - {start: 0, end: 0xffffffff, node: 0}\n",
		"crashkernel=512M");

	(void)state;
	assert_writes(w, SYS_MEMORY "memory1/state", "offline", -EPERM);
	assert_takes(w, SYS_MEMORY "memory2/state", "offline");
	assert_writes(w, SYS_MEMORY "memory14/state", "offline", -EBUSY);
	world_free(w);
}

/* The words, what is reserved in MiB, and a line of the log. */
static void words(void **state)
{
	static const struct {
		const char *vm, *cmdline;
		unsigned int mib;
		const char *log;
	} cases[] = {
		{ VM, "crashkernel=64M crashkernel=32M", 32, "reserved: 0x000000003d000000" },
		{ VM, "crashkernel=1G-2G:96M,2G-:128M", 0, "size resulted in zero bytes" },
		{ VM, "crashkernel=512M-2G:96M,2G-:128M@512M", 96, "(96 MB)" },
		{ VM, "crashkernel=512M-:96M@512M", 96, "0x0000000020000000 - 0x0000000026000000" },
		{ VM, "crashkernel=512M-:96M@", 0, "Memory value expected after '@'" },
		{ VM, "crashkernel=512M:96M", 0, "crashkernel: '-' expected" },
		{ VM, "crashkernel=512M-256M:96M", 0, "crashkernel: end <= start" },
		{ VM, "crashkernel=512M-1G,96M:", 0, "crashkernel: ':' expected" },
		{ VM, "crashkernel=512M-1G:", 0, "crashkernel: Memory value expected" },
		{ VM, "crashkernel=x", 0, "crashkernel: memory value expected" },
		{ VM, "crashkernel=64Mx", 0, "crashkernel: unrecognized char: x" },
		{ VM, "crashkernel=512M-:2G", 0, "crashkernel: invalid size" },
		{ VM, "crashkernel=2G", 0, NULL },
		{ VM, "crashkernel=64M@8M", 0, "memory is in use" },
		/* without high memory, low memory has to do */
		{ VM, "crashkernel=64M,high", 64, "(64 MB)" },
		{ VM, "crashkernel=64M,low", 0, NULL },
		{ VM, "crashkernel=64M,high crashkernel=32M", 32, "(32 MB)" },
		{ VM, "crashkernel=64M,high,x", 0, "crashkernel: unrecognized char: ," },
		{ BIG_VM, "crashkernel=64M,high", 64 + 256, "low memory reserved: 0x70000000" },
		{ BIG_VM, "crashkernel=64M,high crashkernel=16M,low", 80, "reserved: 0x7f000000" },
		{ BIG_VM, "crashkernel=64M,high crashkernel=0,low", 64, "(64 MB)" },
		{ BIG_VM, "crashkernel=3G", 3072 + 256, "0x00000001bf000000 - 0x000000027f000000" },
		{ BIG_VM, "crashkernel=7G", 0, "cannot allocate crashkernel (size:0x1c0000000)" },
		/* s390x swaps it with the lowest memory */
		{ S390, "crashkernel=300000K", 293, "Reserving 293MB of memory at 3802MB" },
		{ S390, "crashkernel=2200M", 0, "failed: no suitable area found" },
		{ S390, "crashkernel=300M@290M", 0, "failed: crash_base too low" },
		{ S390, "crashkernel=300M,high", 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct world *w = world_new_cmdline(cases[i].vm, cases[i].cmdline);
		char size[24];

		snprintf(size, sizeof(size), "%" PRIu64 "\n", MIB(cases[i].mib));
		print_message("%s\n", cases[i].cmdline);
		assert_reads(w, CRASH_SIZE, size);
		if (cases[i].log)
			assert_non_null(strstr(world_read(w, "machine/log"), cases[i].log));
		world_free(w);
	}
}

/* What is freed is memory like any other; the rest keeps its block online. */
static void shrinks(void **state)
{
	struct world *w = world_new_cmdline(VM, "crashkernel=64M@512M");
	uint64_t before = total(w);

	(void)state;
	assert_reads(w, CRASH_SIZE, "67108864\n");
	assert_writes(w, CRASH_SIZE, "67108865", -EINVAL);
	assert_writes(w, CRASH_SIZE, "none", -EINVAL);
	assert_writes(w, CRASH_SIZE, "99999999999999999999", -EINVAL);
	assert_takes(w, CRASH_SIZE, "67108864");
	assert_takes(w, CRASH_SIZE, "0x1fff001");
	assert_reads(w, CRASH_SIZE, "33554432\n");
	assert_int_equal(total(w) - before, 32 << 10);
	assert_iomem(w, "  20000000-21ffffff : Crash kernel\n  22000000-23ffffff : System RAM\n");
	assert_writes(w, SYS_MEMORY "memory4/state", "offline", -EBUSY);
	assert_takes(w, CRASH_SIZE, "0");
	assert_null(strstr(world_read(w, "proc/iomem"), "Crash"));
	assert_takes(w, SYS_MEMORY "memory4/state", "offline");
	assert_takes(w, SYS_MEMORY "memory4/state", "online");
	assert_int_equal(total(w) - before, 64 << 10);
	assert_writes(w, CRASH_SIZE, "1", -EINVAL);
	world_free(w);
}

/* High memory goes first; then what is left of low memory is the crash kernel's. */
static void shrinks_high_and_low(void **state)
{
	struct world *w = world_new_cmdline(BIG_VM, "crashkernel=64M,high crashkernel=32M,low");

	(void)state;
	assert_iomem(w, "  27b000000-27effffff : Crash kernel\n");
	assert_takes(w, CRASH_SIZE, "0x3000000");
	assert_iomem(w, "  27b000000-27bffffff : Crash kernel\n");
	assert_takes(w, CRASH_SIZE, "0x1000000");
	assert_iomem(w, "  7e000000-7effffff : Crash kernel\n");
	assert_null(strstr(world_read(w, "proc/iomem"), "27b000000-27bffffff : Crash kernel"));
	assert_takes(w, CRASH_SIZE, "0");
	assert_reads(w, CRASH_SIZE, "0\n");
	world_free(w);
}

/* cma=SIZE@BASE and cma=SIZE@BASE-LIMIT; low above 4 GiB, else high. */
static void cma_place(void **state)
{
	static const struct {
		const char *vm, *cmdline, *log;
	} cases[] = {
		{ VM, "cma=64M", "cma: Reserved 64 MiB at 0x000000003b" },
		{ VM, "cma=64M@256M", "cma: Reserved 64 MiB at 0x0000000010000000" },
		{ VM, "cma=64M@0-512M", "cma: Reserved 64 MiB at 0x000000001c000000" },
		{ VM, "cma=64M@600M-1G", "cma: Reserved 64 MiB at 0x000000003b" },
		{ VM, "cma=64M@257M", "cma: Region at 0x0000000010100000 must be aligned" },
		{ VM, "cma=64M@2G", "cma: Failed to reserve 64 MiB" },
		{ VM, "cma=2G", "cma: Failed to reserve 2048 MiB" },
		{ BIG_VM, "cma=64M", "cma: Reserved 64 MiB at 0x0000000100000000" },
		{ BIG_VM, "cma=64M@0-4G", "cma: Reserved 64 MiB at 0x000000007c000000" },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct world *w = world_new_cmdline(cases[i].vm, cases[i].cmdline);

		print_message("%s: %s\n", cases[i].cmdline, world_read(w, "machine/log"));
		assert_non_null(strstr(world_read(w, "machine/log"), cases[i].log));
		world_free(w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(crash_kernel),
		cmocka_unit_test(kdump_on_s390),
		cmocka_unit_test(words),
		cmocka_unit_test(shrinks),
		cmocka_unit_test(shrinks_high_and_low),
		cmocka_unit_test(cma_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
