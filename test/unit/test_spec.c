/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Valid machine files: their values, defaults, the recordings and the shipped machines, and files
 * that are written and read again.
 *
 * MEMHP_SOURCE_DIR is the directory of the sources, with test/conformance/ and machines/.
 */
#include <glob.h>
#include <inttypes.h>

#include "machine_file.h"

#include "../../src/spec/spec_private.h"

/* ---- values ---------------------------------------------------------------------------------- */

static void assert_list(const struct base_mask *mask, const char *list)
{
	struct base_buf buf;

	base_buf_init(&buf);
	base_mask_print_list(mask, &buf);
	assert_string_equal(base_buf_text(&buf), list);
	base_buf_fini(&buf);
}

static void defaults(void **state)
{
	struct machine_spec *spec = machine_file_good(RAM);

	(void)state;
	assert_string_equal(spec->kernel, "6.12.117");
	assert_string_equal(spec->arch->name, "x86_64");
	assert_string_equal(spec->cmdline, "");
	assert_true(spec->block_size == UINT64_C(128) << 20);
	assert_int_equal(spec->page_shift, 12);
	assert_int_equal(spec->phys_bits, 40);
	assert_list(&spec->possible_nodes, "0");
	assert_int_equal(spec->nr_memory, 1);
	assert_int_equal(spec->memory[0].line, 2);
	assert_false(spec->memory[0].nomap);
	assert_int_equal(spec->nr_hotplug, 0);
	assert_int_equal(spec->nr_cpus, 1);
	assert_list(&spec->cpus[0].list, "0");
	assert_int_equal(spec->cpus[0].node, 0);
	assert_int_equal(spec->kernel_pages, MACHINE_KERNEL_PAGES_ZONELIST);
	machine_spec_free(spec);
	machine_spec_free(NULL);
}

static void every_key(void **state)
{
	struct machine_spec *spec =
		machine_file_good("%YAML 1.1\n---\n"
				  "kernel: 6.12.117-custom\n"
				  "arch: aarch64\n"
				  "cmdline: 'a=1 \"b c\"'\n"
				  "block_size: 1G\n"
				  "page_size: 64K\n"
				  "phys_bits: 52\n"
				  "possible_nodes: 0,2-4,1023\n"
				  "kernel_pages: boot\n"
				  "hotplug:\n"
				  "  - {start: 2T, end: 0x201ffffffff, node: 1023}\n"
				  "  - {start: 1024G, end: 0x1003fffffff, node: 3}\n"
				  "memory:\n"
				  "- start: 2G\n"
				  "  end: 4294967295\n"
				  "  node: 2\n"
				  "  nomap: false\n"
				  "- {end: 0x7fffffff, node: 0, start: 1024M}\n"
				  "- {start: 0, end: 0xffff, node: 0, nomap: true}\n"
				  "cpus:\n"
				  "- {list: \"\", node: 2}\n"
				  "- {list: 1-2, node: 4}\n");

	(void)state;
	assert_string_equal(spec->kernel, "6.12.117-custom");
	assert_string_equal(spec->arch->name, "arm64");
	assert_string_equal(spec->cmdline, "a=1 \"b c\"");
	assert_true(spec->block_size == UINT64_C(1) << 30);
	assert_int_equal(spec->page_shift, 16);
	assert_int_equal(spec->phys_bits, 52);
	assert_list(&spec->possible_nodes, "0,2-4,1023");
	assert_int_equal(spec->nr_memory, 3);
	assert_true(spec->memory[0].start == 0 && spec->memory[0].end == 0xffff);
	assert_true(spec->memory[0].nomap && spec->memory[0].line == 20);
	assert_true(spec->memory[1].start == 1 << 30 && spec->memory[1].end == 0x7fffffff);
	assert_true(!spec->memory[1].nomap && spec->memory[1].line == 19);
	assert_true(spec->memory[2].start == UINT64_C(2) << 30);
	assert_true(spec->memory[2].end == UINT32_MAX && spec->memory[2].node == 2);
	assert_true(!spec->memory[2].nomap && spec->memory[2].line == 15);
	assert_int_equal(spec->nr_hotplug, 2);
	assert_true(spec->hotplug[0].start == UINT64_C(1) << 40 && spec->hotplug[0].node == 3);
	assert_true(spec->hotplug[1].start == UINT64_C(2) << 40 && spec->hotplug[1].node == 1023);
	assert_int_equal(spec->nr_cpus, 2);
	assert_list(&spec->cpus[0].list, "");
	assert_list(&spec->cpus[1].list, "1-2");
	assert_int_equal(spec->cpus[1].node, 4);
	assert_int_equal(spec->kernel_pages, MACHINE_KERNEL_PAGES_BOOT);
	machine_spec_free(spec);
}

static void nodes_that_are_possible_by_themselves(void **state)
{
	struct machine_spec *spec;

	(void)state;
	spec = machine_file_good("cpus:\n- {list: \"0\", node: 9}\n" RAM
				 "hotplug:\n- {start: 4G, end: 0x13fffffff, node: 4}\n");
	assert_list(&spec->possible_nodes, "0,4,9");
	machine_spec_free(spec);
}

static void first_cpu(void **state)
{
	struct machine_spec *spec;

	(void)state;
	spec = machine_file_good("memory: [{start: 1G, end: 0x7fffffff, node: 0}, {start: 0, end: "
				 "0xfffff, node: 1}]\n"
				 "cpus: []\n");
	assert_int_equal(spec->nr_cpus, 1);
	assert_int_equal(spec->cpus[0].node, 1);
	assert_list(&spec->cpus[0].list, "0");
	machine_spec_free(spec);
	spec = machine_file_good("memory: [{start: 1G, end: 0x7fffffff, node: 0}, {start: 0, end: "
				 "0xfffff, node: 1}]\n"
				 "cpus: [{list: \"\", node: 0}]\n");
	assert_int_equal(spec->nr_cpus, 2);
	assert_int_equal(spec->cpus[1].node, 1);
	machine_spec_free(spec);
	spec = machine_file_good(RAM "cpus: [{list: \"\", node: 0}]\n");
	assert_int_equal(spec->nr_cpus, 1);
	assert_list(&spec->cpus[0].list, "0");
	machine_spec_free(spec);
}

static void architectures(void **state)
{
	static const struct {
		const char *arch, *page_size;
		uint64_t section_mib, block_mib;
		unsigned int page_shift, phys_bits;
	} rows[] = {
		{ "x86_64", "4K", 128, 128, 12, 40 }, { "arm64", "4096", 128, 128, 12, 48 },
		{ "arm64", "16K", 128, 128, 14, 48 }, { "aarch64", "64K", 512, 512, 16, 48 },
		{ "ppc64le", "4K", 16, 256, 12, 51 }, { "ppc64le", "64K", 16, 256, 16, 51 },
		{ "s390x", "4K", 256, 256, 12, 46 },
	};
	struct machine_spec *spec;
	struct base_buf names;
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		snprintf(text, sizeof(text), "arch: %s\npage_size: %s\n" RAM, rows[i].arch,
			 rows[i].page_size);
		spec = machine_file_good(text);
		assert_ptr_equal(spec->arch, machine_arch_find(rows[i].arch));
		assert_true(machine_spec_section_size(spec) == rows[i].section_mib << 20);
		assert_true(spec->block_size == rows[i].block_mib << 20);
		assert_int_equal(spec->page_shift, rows[i].page_shift);
		assert_int_equal(spec->phys_bits, rows[i].phys_bits);
		assert_true(spec->arch->page_sizes & 1U << spec->arch->page_shift);
		base_buf_init(&names);
		machine_arch_print_names(&names);
		assert_non_null(strstr(base_buf_text(&names), rows[i].arch));
		base_buf_fini(&names);
		machine_spec_free(spec);
	}
	assert_null(machine_arch_find("x86"));
	assert_null(machine_arch_find(""));
}

static void kernels(void **state)
{
	static const struct {
		const char *release;
		unsigned int version;
		bool stays, force, each;
	} rows[] = {
		{ "6.1", MACHINE_KERNEL(6, 1), false, false, false },
		{ "6.2.0-rc1", MACHINE_KERNEL(6, 2), true, false, false },
		{ "6.6.30+", MACHINE_KERNEL(6, 6), true, true, false },
		{ "6.8-foo", MACHINE_KERNEL(6, 8), true, true, true },
		{ "6.12.117", MACHINE_KERNEL(6, 12), true, true, true },
	};
	struct machine_kernel kernel;

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		assert_int_equal(machine_kernel_parse(rows[i].release, &kernel), 0);
		assert_int_equal(kernel.version, rows[i].version);
		assert_int_equal(kernel.poison_stays_offline, rows[i].stays);
		assert_int_equal(kernel.memmap_force, rows[i].force);
		assert_int_equal(kernel.memmap_in_each_block, rows[i].each);
	}
	assert_true(kernel.compared);
	assert_int_equal(machine_kernel_parse("6.9.1", &kernel), 0);
	assert_int_equal(kernel.profile, MACHINE_KERNEL(6, 6));
	assert_false(kernel.compared);
	/* of what comes later nothing is known */
	assert_int_equal(machine_kernel_parse("7.0", &kernel), 0);
	assert_int_equal(kernel.version, MACHINE_KERNEL(6, 18));
	assert_false(kernel.compared);
	assert_int_equal(machine_kernel_parse("5.15", &kernel), -EINVAL);
	kernel.version = MACHINE_KERNEL(6, 6);
	assert_true(machine_kernel_has(&kernel, 0, 0));
	assert_true(machine_kernel_has(&kernel, MACHINE_KERNEL(6, 6), MACHINE_KERNEL(6, 7)));
	assert_false(machine_kernel_has(&kernel, MACHINE_KERNEL(6, 7), 0));
	assert_false(machine_kernel_has(&kernel, 0, MACHINE_KERNEL(6, 6)));
}

static void another_kernel(void **state)
{
	struct machine_spec *spec = machine_file_good("kernel: 6.12.1\n" RAM);

	(void)state;
	assert_int_equal(machine_spec_set_kernel(spec, "5.4"), -EINVAL);
	assert_string_equal(spec->kernel, "6.12.1");
	assert_int_equal(machine_spec_set_kernel(spec, "6.1"), 0);
	assert_string_equal(spec->kernel, "6.1");
	assert_int_equal(spec->profile.version, MACHINE_KERNEL(6, 1));
	machine_spec_free(spec);
}

static void cmdline(void **state)
{
	struct machine_spec *spec = machine_file_good(RAM);

	(void)state;
	assert_int_equal(machine_spec_add_cmdline(spec, ""), 0);
	assert_string_equal(spec->cmdline, "");
	assert_int_equal(machine_spec_add_cmdline(spec, "movable_node"), 0);
	assert_string_equal(spec->cmdline, "movable_node");
	assert_int_equal(machine_spec_add_cmdline(spec, "mem=1G quiet"), 0);
	assert_int_equal(machine_spec_add_cmdline(spec, ""), 0);
	assert_string_equal(spec->cmdline, "movable_node mem=1G quiet");
	machine_spec_free(spec);
}

/* ---- round trips ----------------------------------------------------------------------------- */

/* Writes @spec, reads that, and writes it again: the two texts are equal. Frees @spec. */
static void assert_round_trip(struct machine_spec *spec)
{
	struct machine_spec *again;
	struct base_buf once, twice;

	base_buf_init(&once);
	base_buf_init(&twice);
	machine_spec_write(spec, &once);
	again = machine_file_good(base_buf_text(&once));
	machine_spec_write(again, &twice);
	assert_string_equal(base_buf_text(&once), base_buf_text(&twice));
	assert_string_equal(spec->kernel, again->kernel);
	assert_string_equal(spec->cmdline, again->cmdline);
	assert_ptr_equal(spec->arch, again->arch);
	assert_int_equal(spec->nr_memory, again->nr_memory);
	for (size_t i = 0; i < spec->nr_memory; i++)
		again->memory[i].line = spec->memory[i].line;
	assert_memory_equal(spec->memory, again->memory, spec->nr_memory * sizeof(*spec->memory));
	machine_spec_free(spec);
	machine_spec_free(again);
	base_buf_fini(&once);
	base_buf_fini(&twice);
}

static void written(void **state)
{
	struct machine_spec *spec = machine_file_good(
		"kernel: 6.12.1-a\narch: s390x\ncmdline: 'a=\"b\\c\"'\nincrement: 1G\n"
		"kasan: true\nhypervisor: xen\ndmi: [{sys_vendor: V, bios_vendor: 'B: x'}]\n"
		"kernel_pages: boot\nphys_bits: 53\nblock_size: 1G\n"
		"memory: [{start: 0, end: 0x3fffffff, node: 0, mirrored: true}]\n"
		"hotplug: [{start: 4G, end: 0x13fffffff, node: 2}]\n"
		"standby: [{start: 1G, end: 0xbfffffff, node: 0}]\n"
		"cpus: [{list: 0-3, node: 0}, {list: '', node: 2}]\n"
		"recorded: [{blocks: '1', zones: Movable, removable: '0'},\n"
		"           {blocks: '2', state: offline}]\n"
		"faults: [{name: 'a b', phase: plug, block: every 3, errno: EIO, after: 1,\n"
		"          count: 2, probability: 50, seed: 7, delay_ms: hang},\n"
		"         {name: c, phase: eject}]\n");
	struct base_buf text;

	base_buf_init(&text);
	machine_spec_write(spec, &text);
	assert_string_equal(
		base_buf_text(&text),
		"kernel: \"6.12.1-a\"\narch: s390x\ncmdline: \"a=\\\"b\\\\c\\\"\"\npage_size: 4K\n"
		"phys_bits: 53\nincrement: 1G\nblock_size: 1G\nkernel_pages: boot\nkasan: true\n"
		"hypervisor: xen\n"
		"possible_nodes: \"0,2\"\n"
		"memory:\n  - {start: 0x0, end: 0x3fffffff, node: 0, mirrored: true}\n"
		"hotplug:\n  - {start: 0x100000000, end: 0x13fffffff, node: 2}\n"
		"standby:\n  - {start: 0x40000000, end: 0xbfffffff, node: 0}\n"
		"cpus:\n  - {list: \"0-3\", node: 0}\n  - {list: \"\", node: 2}\n"
		"recorded:\n  - {blocks: \"1\", zones: \"Movable\", removable: \"0\"}\n"
		"  - {blocks: \"2\", state: offline}\n"
		"dmi:\n  - {bios_vendor: \"B: x\", sys_vendor: \"V\"}\n"
		"faults:\n  - {name: \"a b\", phase: plug, block: every 3, errno: EIO, after: 1, "
		"count: 2, probability: 50, seed: 7, delay_ms: hang}\n"
		"  - {name: \"c\", phase: eject, block: any, errno: EBUSY}\n");
	base_buf_fini(&text);
	assert_round_trip(spec);
}

static struct machine_spec *load_good(const char *path)
{
	struct machine_spec *spec = NULL;
	char *errors;
	size_t len;
	FILE *err = open_memstream(&errors, &len);
	int r = machine_spec_load(path, err, &spec);

	fclose(err);
	if (r != 0 || *errors != '\0')
		fail_msg("%s: %d: %s", path, r, errors);
	free(errors);
	return spec;
}

static size_t load_all(const char *pattern)
{
	struct machine_spec *spec;
	glob_t files = { 0 };
	size_t i, nr = 0;

	if (glob(pattern, 0, NULL, &files) == 0) {
		for (i = 0; i < files.gl_pathc; i++) {
			spec = load_good(files.gl_pathv[i]);
			assert_true(spec->memory[0].line > 0);
			assert_round_trip(spec);
		}
		nr = files.gl_pathc;
	}
	globfree(&files);
	return nr;
}

static void recordings(void **state)
{
	struct machine_spec *spec;

	(void)state;
	assert_true(load_all(MEMHP_SOURCE_DIR "/test/conformance/*.case") >= 60);
	spec = load_good(MEMHP_SOURCE_DIR "/test/conformance/arm64-tree.case");
	assert_string_equal(spec->arch->name, "arm64");
	assert_int_equal(spec->nr_memory, 6);
	assert_true(spec->memory[0].nomap && spec->memory[0].start == 0x4000000);
	assert_int_equal(spec->memory[0].line, 9);
	assert_int_equal(spec->nr_hotplug, 1);
	machine_spec_free(spec);
	spec = load_good(MEMHP_SOURCE_DIR "/test/conformance/ppc64le-tree.case");
	assert_int_equal(spec->page_shift, 16);
	assert_true(spec->block_size == UINT64_C(256) << 20);
	assert_int_equal(spec->nr_hotplug, 0);
	machine_spec_free(spec);
}

static void shipped_machines(void **state)
{
	(void)state;
	assert_true(load_all(MEMHP_SOURCE_DIR "/machines/*.yaml") >= 3);
}

static void default_machine(void **state)
{
	struct machine_spec *spec;

	(void)state;
	assert_int_equal(machine_spec_default(&spec), 0);
	assert_string_equal(spec->arch->name, "x86_64");
	assert_list(&spec->possible_nodes, "0-1");
	assert_int_equal(spec->nr_memory, 3);
	assert_int_equal(spec->memory[0].line, 0);
	assert_int_equal(spec->hotplug[0].line, 0);
	assert_true(spec->hotplug[0].start == UINT64_C(4) << 30 && spec->hotplug[0].node == 1);
	assert_round_trip(spec);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_key),
		cmocka_unit_test(nodes_that_are_possible_by_themselves),
		cmocka_unit_test(first_cpu),
		cmocka_unit_test(architectures),
		cmocka_unit_test(kernels),
		cmocka_unit_test(another_kernel),
		cmocka_unit_test(cmdline),
		cmocka_unit_test(written),
		cmocka_unit_test(recordings),
		cmocka_unit_test(shipped_machines),
		cmocka_unit_test(default_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
