/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel command line: how words are split and quoted, which names are known, and the effect of
 * a wrong value.
 */
#include "world.h"

#define MEMHP "memory_hotplug."

static const struct hp_params kernel_defaults = {
	.auto_online = HP_OFFLINE,
	.policy = HP_POLICY_CONTIG_ZONES,
	.auto_movable_ratio = 301,
	.auto_movable_numa_aware = true,
};

/* Boots with @cmdline; the log must be @log. */
static void assert_boots(const char *cmdline, struct hp_params want, const char *log)
{
	struct world *w = world_new_cmdline(NULL, cmdline);
	const struct hp_params *got = hp_params(w->hp);

	assert_int_equal(got->auto_online, want.auto_online);
	assert_int_equal(got->policy, want.policy);
	assert_int_equal(got->auto_movable_ratio, want.auto_movable_ratio);
	assert_int_equal(got->auto_movable_numa_aware, want.auto_movable_numa_aware);
	assert_int_equal(got->memmap_on_memory, want.memmap_on_memory);
	assert_int_equal(got->movable_node, want.movable_node);
	assert_string_equal(base_buf_text(machine_log_text(w->machine)), log);
	world_free(w);
}

static struct hp_params online(enum hp_type type)
{
	struct hp_params params = kernel_defaults;

	params.auto_online = type;
	return params;
}

static struct hp_params policy(enum hp_policy value)
{
	struct hp_params params = kernel_defaults;

	params.policy = value;
	return params;
}

static struct hp_params ratio(uint32_t value)
{
	struct hp_params params = kernel_defaults;

	params.auto_movable_ratio = value;
	return params;
}

static struct hp_params numa_aware(bool value)
{
	struct hp_params params = kernel_defaults;

	params.auto_movable_numa_aware = value;
	return params;
}

static struct hp_params memmap(enum hp_memmap_mode mode)
{
	struct hp_params params = kernel_defaults;

	params.memmap_on_memory = mode;
	return params;
}

/* ---- words ---------------------------------------------------------------------------------- */

#define UNKNOWN(words)                                                                             \
	"Unknown kernel command line parameters \"" words "\", will be passed to user space.\n"
#define IDLE(words) "machine: cmdline: no effect here: " words "\n"

static void nothing(void **state)
{
	static const struct {
		const char *cmdline;
		const char *log;
	} rows[] = {
		{ "", "" },
		{ "   ", "" },
		/* Words that Linux may know. */
		{ "quiet splash root=/dev/sda1", IDLE("quiet splash root=/dev/sda1") },
		{ "BOOT_IMAGE=/boot/vmlinuz ro console=ttyS0,115200 slub_debug nomodeset",
		  IDLE("BOOT_IMAGE=/boot/vmlinuz ro console=ttyS0,115200 slub_debug nomodeset") },
		{ "memmap=4G@4G memtest=4 numa=off hugepages=8 failslab=1 maxcpus=1 mce=off",
		  IDLE("memmap=4G@4G memtest=4 numa=off hugepages=8 failslab=1 maxcpus=1 "
		       "mce=off") },
		{ "cma_pernuma=1M hugetlb_cma=1G movable memory_hotplug",
		  IDLE("cma_pernuma=1M hugetlb_cma=1G movable memory_hotplug") },
		/* No module is searched for a name with a dot. */
		{ "memory_hotplug.=1 foo.bar=1 memory_hotplug.online_policyx=auto-movable",
		  IDLE("memory_hotplug.=1 foo.bar=1 memory_hotplug.online_policyx=auto-movable") },
		{ "memhp_default_state.=online", IDLE("memhp_default_state.=online") },
		{ "=online", IDLE("=online") },
		{ "=", IDLE("=") },
		/* Words that it cannot know: those without a value first. */
		{ "xmemhp_default_state=online", UNKNOWN("xmemhp_default_state=online") },
		{ "Memhp_default_state=online movable_nod memhp_default_statex=online mvable_node",
		  UNKNOWN("movable_nod mvable_node Memhp_default_state=online "
			  "memhp_default_statex=online") },
		{ "movable_nod=\"a b\" movable-Nodes -- movabl_node quiet",
		  UNKNOWN("movable-Nodes movable_nod=a b") },
		{ "online_policy=auto-movable quiet kernel-core=1G men=1G",
		  UNKNOWN("online_policy=auto-movable kernel-core=1G men=1G") IDLE("quiet") },
		/* Without "=" these are different words. */
		{ "memhp_default_state fail_page_alloc",
		  UNKNOWN("memhp_default_state fail_page_alloc") },
		/* A value that a parameter does not understand is passed on as unknown. */
		{ "fail_page_alloc=1,2",
		  "FAULT_INJECTION: failed to parse arguments\n" UNKNOWN("fail_page_alloc=1,2") },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++)
		assert_boots(rows[i].cmdline, kernel_defaults, rows[i].log);
}

static void quoting(void **state)
{
	static const struct {
		const char *cmdline;
		const char *log;
	} rows[] = {
		{ "memhp_default_state=online", "" },
		{ "  memhp_default_state=online  ", "" },
		{ "memhp_default_state=\"online\"", "" },
		{ "\"memhp_default_state=online\"", "" },
		{ "a=\"b c\" memhp_default_state=online d", IDLE("a=b c d") },
		{ "a=\"memhp_default_state=offline\" memhp_default_state=online",
		  IDLE("a=memhp_default_state=offline") },
		{ "\"a b\" memhp_default_state=online", IDLE("a b") },
		{ "dyndbg=\"file memory_hotplug.c +p\" memhp_default_state=online",
		  IDLE("dyndbg=file memory_hotplug.c +p") },
		{ "\"a=b c\" memhp_default_state=online", IDLE("a=b c") },
		{ "a=\"\" memhp_default_state=online", IDLE("a=") },
		{ "\"\" memhp_default_state=online", IDLE("") },
		{ "a=b=\"c d\"e memhp_default_state=online", IDLE("a=b=\"c d\"e") },
		/* unterminated quotes extend to the end */
		{ "memhp_default_state=\"online", "" },
		{ "memhp_default_state=online \"memhp_default_state=offline quiet", "" },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++)
		assert_boots(rows[i].cmdline, online(HP_ONLINE), rows[i].log);
	/* A single word, without any meaning. */
	assert_boots("a=\" memhp_default_state=online \"", kernel_defaults,
		     IDLE("a= memhp_default_state=online "));
	assert_boots("memhp_default_state=\"online quiet\"", kernel_defaults, "");
	assert_boots("memhp_default_state=on\"line\"", kernel_defaults, "");
}

static void last_wins(void **state)
{
	assert_boots("memhp_default_state=online memhp_default_state=online_movable",
		     online(HP_ONLINE_MOVABLE), "");
	assert_boots("memhp_default_state=online_kernel memhp_default_state=offline",
		     online(HP_OFFLINE), "");
	/* A wrong one is ignored. */
	assert_boots("memhp_default_state=online_kernel memhp_default_state=wrong",
		     online(HP_ONLINE_KERNEL), "");
	assert_boots(MEMHP "auto_movable_ratio=5 " MEMHP "auto_movable_ratio=7", ratio(7), "");
	assert_boots(
		MEMHP "auto_movable_ratio=5 " MEMHP "auto_movable_ratio=x", ratio(5),
		"Booting kernel: `x' invalid for parameter `memory_hotplug.auto_movable_ratio'\n");
}

static void hyphens(void **state)
{
	assert_boots("memhp-default-state=online", online(HP_ONLINE), "");
	assert_boots("memory-hotplug.online-policy=auto-movable", policy(HP_POLICY_AUTO_MOVABLE),
		     "");
	assert_boots("memory_hotplug.auto-movable_ratio=9", ratio(9), "");
	/* In names only; and the log shows them as written. */
	assert_boots("memory-hotplug.online-policy=auto_movable", kernel_defaults,
		     "Booting kernel: `auto_movable' invalid for parameter "
		     "`memory-hotplug.online-policy'\n");
	assert_boots("memhp_default_state=online-movable", kernel_defaults, "");
}

static void for_init(void **state)
{
	assert_boots("memhp_default_state=online -- memhp_default_state=online_movable",
		     online(HP_ONLINE), "");
	assert_boots("--=1 memhp_default_state=online", online(HP_ONLINE), IDLE("--=1"));
	assert_boots("--- memhp_default_state=online", online(HP_ONLINE), IDLE("---"));
}

/* ---- parameters ----------------------------------------------------------------------------- */

static void default_state(void **state)
{
	assert_boots("memhp_default_state=offline", online(HP_OFFLINE), "");
	assert_boots("memhp_default_state=online_kernel", online(HP_ONLINE_KERNEL), "");
	assert_boots("memhp_default_state=online_movable", online(HP_ONLINE_MOVABLE), "");
	/* Wrong words are ignored silently. */
	assert_boots("memhp_default_state=Online", kernel_defaults, "");
	assert_boots("memhp_default_state=1", kernel_defaults, "");
	assert_boots("memhp_default_state=", kernel_defaults, "");
	assert_boots("memhp_default_state", kernel_defaults, UNKNOWN("memhp_default_state"));
}

static void movable_node(void **state)
{
	struct hp_params params = kernel_defaults;

	params.movable_node = true;
	assert_boots("movable_node", params, "");
	assert_boots("movable_node=0", params, "");
	assert_boots("movable-node=", params, "");
	assert_boots("movable_nodes", kernel_defaults, UNKNOWN("movable_nodes"));
}

static void policies(void **state)
{
	assert_boots(MEMHP "online_policy=auto-movable", policy(HP_POLICY_AUTO_MOVABLE), "");
	assert_boots(MEMHP "online_policy=contig-zones", kernel_defaults, "");
	assert_boots(MEMHP "online_policy=movable", kernel_defaults,
		     "Booting kernel: `movable' invalid for parameter "
		     "`memory_hotplug.online_policy'\n");
	assert_boots(MEMHP "online_policy", kernel_defaults,
		     "Booting kernel: `' invalid for parameter `memory_hotplug.online_policy'\n");
	assert_boots(MEMHP "online_policy=", kernel_defaults,
		     "Booting kernel: `' invalid for parameter `memory_hotplug.online_policy'\n");
}

static void ratios(void **state)
{
	assert_boots(MEMHP "auto_movable_ratio=0x10", ratio(16), "");
	assert_boots(MEMHP "auto_movable_ratio=4294967295", ratio(UINT32_MAX), "");
	assert_boots(MEMHP "auto_movable_ratio=4294967296", kernel_defaults,
		     "Booting kernel: `4294967296' invalid for parameter "
		     "`memory_hotplug.auto_movable_ratio'\n");
	assert_boots(MEMHP "auto_movable_ratio=-1", kernel_defaults,
		     "Booting kernel: `-1' invalid for parameter "
		     "`memory_hotplug.auto_movable_ratio'\n");
	assert_boots(MEMHP "auto_movable_ratio", kernel_defaults,
		     "Booting kernel: `' invalid for parameter "
		     "`memory_hotplug.auto_movable_ratio'\n");
	assert_boots(MEMHP "auto_movable_ratio=\"1 2\"", kernel_defaults,
		     "Booting kernel: `1 2' invalid for parameter "
		     "`memory_hotplug.auto_movable_ratio'\n");
}

static void numa_awareness(void **state)
{
	assert_boots(MEMHP "auto_movable_numa_aware=0", numa_aware(false), "");
	assert_boots(MEMHP "auto_movable_numa_aware=off", numa_aware(false), "");
	assert_boots(MEMHP "auto_movable_numa_aware=n " MEMHP "auto_movable_numa_aware",
		     numa_aware(true), "");
	assert_boots(MEMHP "auto_movable_numa_aware=n " MEMHP "auto_movable_numa_aware=maybe",
		     numa_aware(false),
		     "Booting kernel: `maybe' invalid for parameter "
		     "`memory_hotplug.auto_movable_numa_aware'\n");
	assert_boots(MEMHP "auto_movable_numa_aware=", kernel_defaults,
		     "Booting kernel: `' invalid for parameter "
		     "`memory_hotplug.auto_movable_numa_aware'\n");
}

static void memmaps(void **state)
{
	assert_boots(MEMHP "memmap_on_memory=1", memmap(HP_MEMMAP_Y), "");
	assert_boots(MEMHP "memmap_on_memory=Yes", memmap(HP_MEMMAP_Y), "");
	assert_boots(MEMHP "memmap_on_memory=1 " MEMHP "memmap_on_memory=n", memmap(HP_MEMMAP_N),
		     "");
	/* QUIRK: this one begins with F as in false. */
	assert_boots(MEMHP "memmap_on_memory=1 " MEMHP "memmap_on_memory=Force",
		     memmap(HP_MEMMAP_N), "");
	assert_boots(MEMHP "memmap_on_memory=1 " MEMHP "memmap_on_memory=x", memmap(HP_MEMMAP_Y),
		     "Booting kernel: `x' invalid for parameter "
		     "`memory_hotplug.memmap_on_memory'\n");
	assert_boots(MEMHP "memmap_on_memory", kernel_defaults,
		     "Booting kernel: `' invalid for parameter "
		     "`memory_hotplug.memmap_on_memory'\n");
}

/* Only the mode: the kernel also reports how much is wasted. */
static void memmap_forced(void **state)
{
	static const char *const words[] = { "force", "FORCE" };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(words); i++) {
		char cmdline[64];
		struct world *w;

		snprintf(cmdline, sizeof(cmdline), MEMHP "memmap_on_memory=%s", words[i]);
		w = world_new_cmdline(NULL, cmdline);
		assert_reads(w, SYS_PARAM "memmap_on_memory", "force\n");
		world_free(w);
	}
}

/* The files show what the command line sets. */
static void shown(void **state)
{
	static const char cmdline[] = "memhp_default_state=online_kernel movable_node "
				      "memory_hotplug.auto_movable_ratio=0x20 "
				      "memory_hotplug.auto_movable_numa_aware=0 "
				      "memory_hotplug.online_policy=\"auto-movable\"";
	struct world *w = world_new_cmdline(NULL, cmdline);
	const char *text;

	assert_reads(w, SYS_MEMORY "auto_online_blocks", "online_kernel\n");
	assert_reads(w, SYS_PARAM "auto_movable_ratio", "32\n");
	assert_reads(w, SYS_PARAM "auto_movable_numa_aware", "N\n");
	assert_reads(w, SYS_PARAM "online_policy", "auto-movable\n");
	text = world_read(w, "proc/cmdline");
	assert_memory_equal(text, cmdline, strlen(cmdline));
	assert_string_equal(text + strlen(cmdline), "\n");
	world_free(w);
}

/* ---- what memhpfs reports -------------------------------------------------------------------- */

static void assert_remarks(const char *cmdline, const char *want)
{
	struct machine_spec *spec;
	struct base_buf remarks;

	base_buf_init(&remarks);
	assert_int_equal(machine_spec_default(&spec), 0);
	assert_int_equal(machine_cmdline_check(spec, cmdline, &remarks), 0);
	assert_string_equal(base_buf_text(&remarks), want);
	machine_spec_free(spec);
	base_buf_fini(&remarks);
}

static void remarks(void **state)
{
	assert_remarks("", "");
	assert_remarks("quiet foo=bar foo.bar memmap=1G BOOT_IMAGE=/boot/vmlinuz -- movable_nod",
		       "");
	assert_remarks("movable_nod",
		       "\"movable_nod\" has no effect (did you mean movable_node?)\n");
	assert_remarks("online_polcy=x memory_hotplug.ratio=1",
		       "\"online_polcy=x\" has no effect (did you mean "
		       "memory_hotplug.online_policy?)\n");
	assert_remarks("memhp_default_state",
		       "\"memhp_default_state\" has no effect without a value (offline, online, "
		       "online_kernel, online_movable)\n");
	assert_remarks("mem=4096", "mem= leaves no page of memory\n");
}

/* Each parameter: invalid values are reported, its own words are not. */
static void every_parameter(void **state)
{
	static const char *const nonsense[] = { "whatever", "x12%", "-", "x1G:2G", "" };
	const char *name;

	for (size_t i = 0; (name = machine_cmdline_word(i)); i++) {
		const char *allowed = machine_cmdline_allowed(i);

		for (size_t j = 0; allowed && j < BASE_ARRAY_SIZE(nonsense); j++) {
			char cmdline[128], want[256];

			snprintf(cmdline, sizeof(cmdline), "%s=%s", name, nonsense[j]);
			snprintf(want, sizeof(want), "\"%s\" is not understood (%s)\n", cmdline,
				 allowed);
			assert_remarks(cmdline, want);
		}
		if (!allowed)
			assert_remarks(name, "");
	}
	assert_remarks("memhp_default_state=online movable_node kernelcore=1G kernelcore=25% "
		       "kernelcore=mirror movablecore=0x100000 mem=1G cma=64M hugetlb_free_vmemmap "
		       "crashkernel=64M crashkernel=64M@16M acpi_no_memhotplug=1 "
		       "fail_page_alloc=1,50,0,-1",
		       "");
	assert_remarks(
		"memory_hotplug.online_policy=auto-movable memory-hotplug.auto-movable-ratio=5 "
		"memory_hotplug.auto_movable_numa_aware=off memory_hotplug.memmap_on_memory=force "
		"virtio_mem.unplug_online=0 virtio_mem.force_bbm virtio_mem.bbm_block_size=0",
		"");
}

/* memhpfs-machine(5) documents the same parameters. */
static void manual(void **state)
{
	FILE *page = fopen(MEMHP_SOURCE_DIR "/man/memhpfs-machine.5", "r");
	const char *name;
	static char text[65536];

	assert_non_null(page);
	text[fread(text, 1, sizeof(text) - 1, page)] = '\0';
	fclose(page);
	for (size_t i = 0; (name = machine_cmdline_word(i)); i++) {
		char module[32];

		snprintf(module, sizeof(module), "%.*s", (int)strcspn(name, "."), name);
		if (!strstr(text, module))
			fail_msg("memhpfs-machine(5) has no %s", module);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),	   cmocka_unit_test(quoting),
		cmocka_unit_test(last_wins),	   cmocka_unit_test(hyphens),
		cmocka_unit_test(for_init),	   cmocka_unit_test(default_state),
		cmocka_unit_test(movable_node),	   cmocka_unit_test(policies),
		cmocka_unit_test(ratios),	   cmocka_unit_test(numa_awareness),
		cmocka_unit_test(memmaps),	   cmocka_unit_test(memmap_forced),
		cmocka_unit_test(shown),	   cmocka_unit_test(remarks),
		cmocka_unit_test(every_parameter), cmocka_unit_test(manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
