/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Invalid machine files: every error with its line and its field. */
#include "machine_file.h"

static void bad_yaml(void **state)
{
	static const struct bad_file rows[] = {
		{ "", "m.yaml:1: memory: missing: there is no machine in this file" },
		{ "# nothing\n\n", "m.yaml:1: memory: missing: there is no machine" },
		{ "arch: x86_64\nmemory: [{start: 0\n", "m.yaml:2: YAML: " },
		{ "arch: x86_64\n\tcmdline: x\n", "m.yaml:2: YAML: " },
		{ "arch: x\n\nkernel: \"a\x01\"\n", "m.yaml:3: YAML: " },
		{ "arch: \xff\n", "m.yaml:1: YAML: " },
		{ "arch: x86_64\n---\nx: y\n", "m.yaml:3: ---: a second YAML document" },
		{ RAM "---\n" RAM, "m.yaml:4: ---: a second YAML document (one machine per file)" },
		{ "- x\n", "m.yaml:1: machine: must be a mapping of keys to values" },
		{ "\nhello\n", "m.yaml:2: machine: must be a mapping" },
		{ "memory: *x\n", "m.yaml:1: memory: YAML aliases are not supported" },
		{ "memory:\n  - {start: &a 0, end: *a, node: 0}\n",
		  "m.yaml:2: memory[0].end: YAML aliases are not supported (write the value out)" },
		{ "memory: &m\n  - *m\n", "m.yaml:2: memory[0]: YAML aliases are not supported" },
		{ "cpus: &c []\nhotplug: *c\n" RAM, "m.yaml:2: hotplug: YAML aliases" },
		{ RAM "kernel: \"6\\0x\"\n", "m.yaml:3: kernel: contains a NUL character" },
		{ RAM "\"ker\\0nel\": x\n",
		  "m.yaml:3: key of the machine: contains a NUL character" },
		{ RAM "[a, b]: 1\n", "m.yaml:3: key of the machine: must be a single value" },
		{ "memory:\n  - {start: 0, {a: b}: 1}\n",
		  "m.yaml:2: key of memory[0]: must be a single value" },
	};

	(void)state;
	assert_refused(rows, BASE_ARRAY_SIZE(rows));
}

static void bad_form(void **state)
{
	static const struct bad_file rows[] = {
		{ RAM "colour: blue\n",
		  "m.yaml:3: colour: unknown key (known: kernel, arch, kernel_config, cmdline, "
		  "page_size, phys_bits, increment, memory, block_size, hotplug, slots, maxmem, "
		  "firmware, nvdimm, balloon, standby, "
		  "cpus, proximity_domains, kernel_pages, recorded, kasan, hypervisor, dmi, "
		  "faults, swap, devices, workloads, possible_nodes)" },
		{ RAM "Arch: x86_64\n", "m.yaml:3: Arch: unknown key" },
		{ RAM "dmi: [{sys_vendor: a}, {sys_vendor: b}]\n",
		  "m.yaml:3: dmi[1]: a machine has one entry, with all texts of firmware" },
		{ RAM "dmi: [{sys_vendor: ''}]\n",
		  "m.yaml:3: dmi[0].sys_vendor: \"\" is not a valid text of firmware "
		  "(one line of printable text)" },
		{ RAM "hypervisor: qemu\n",
		  "m.yaml:3: hypervisor: \"qemu\" is not a valid hypervisor "
		  "(none, kvm, xen, hyperv, vmware)" },
		{ RAM "\"a\\nb\": 1\n", "m.yaml:3: a?b: unknown key" },
		{ RAM "? a\n: 1\n", "m.yaml:3: a: unknown key" },
		{ "kernel: x\nnode: 0\ncpu: 1\n",
		  "m.yaml:2: node: unknown key\nm.yaml:3: cpu: unknown key\n"
		  "m.yaml:1: memory: missing (memory that is there at boot)" },
		{ "memory:\n  - start: 0\n    nid: 0\n    end: 0xfffff\n    node: 0\n",
		  "m.yaml:3: memory[0].nid: unknown key (known: start, end, node, nomap, "
		  "hotpluggable, mirrored)" },
		{ RAM "hotplug:\n  - {start: 4G, end: 0x13fffffff, node: 0, nomap: true}\n",
		  "m.yaml:4: hotplug[0].nomap: unknown key (known: start, end, node)" },
		{ RAM "cpus:\n- {list: \"0\", node: 0, x: 1}\n",
		  "m.yaml:4: cpus[0].x: unknown key (known: list, node)" },
		{ "arch: x86_64\nkernel: 6\n",
		  "m.yaml:1: memory: missing (memory that is there at boot)" },
		{ "memory:\n  - {start: 0, end: 0xfffff, node: 0}\n  - {start: 1M, node: 0}\n",
		  "m.yaml:3: memory[1].end: missing (address of the last byte)" },
		{ "memory:\n  - {}\n",
		  "m.yaml:2: memory[0].start: missing\nm.yaml:2: memory[0].end: missing\n"
		  "m.yaml:2: memory[0].node: missing" },
		{ RAM "hotplug:\n  - {start: 4G, end: 0x13fffffff}\n",
		  "m.yaml:4: hotplug[0].node: missing (NUMA node)" },
		{ RAM "cpus:\n  - {node: 0}\n",
		  "m.yaml:4: cpus[0].list: missing (CPUs of the node)" },
		{ RAM "arch: x86_64\narch: arm64\n",
		  "m.yaml:4: arch: given twice, first in line 3 (each key once)" },
		{ RAM RAM, "m.yaml:3: memory: given twice, first in line 1" },
		{ "memory:\n  - {start: 0, end: 0xfffff,\n     end: 0x1fffff, node: 0}\n",
		  "m.yaml:3: memory[0].end: given twice, first in line 2" },
		{ "memory: 0-1G\n", "m.yaml:1: memory: must be a list" },
		{ "memory:\n", "m.yaml:1: memory: must be a list" },
		{ "memory:\n  start: 0\n", "m.yaml:1: memory: must be a list" },
		{ "memory:\n  - 1G\n", "m.yaml:2: memory[0]: must be a mapping of keys to values" },
		{ "memory:\n  - {start: [0], end: 0xfffff, node: 0}\n",
		  "m.yaml:2: memory[0].start: must be a single value" },
		{ RAM "cmdline: [a, b]\n", "m.yaml:3: cmdline: must be a single value" },
	};

	(void)state;
	assert_refused(rows, BASE_ARRAY_SIZE(rows));
}

static void bad_values(void **state)
{
	static const struct bad_file rows[] = {
		{ RAM "kernel: \"\"\n",
		  "m.yaml:3: kernel: \"\" is not a valid kernel release (Linux 6.1 or later, as "
		  "uname "
		  "-r prints it)" },
		{ RAM "kernel: 2.4.0\n", "m.yaml:3: kernel: \"2.4.0\" is not" },
		{ RAM "kernel: 6.0\n", "m.yaml:3: kernel: \"6.0\" is not" },
		{ RAM "kernel: 5.19.1\n", "m.yaml:3: kernel: \"5.19.1\" is not" },
		{ RAM "kernel: 6.1x\n", "m.yaml:3: kernel: \"6.1x\" is not" },
		{ RAM "kernel: 65542.1\n", "m.yaml:3: kernel: \"65542.1\" is not" },
		{ RAM "kernel: 6\n", "m.yaml:3: kernel: \"6\" is not" },
		{ RAM "kernel: linux 6\n",
		  "m.yaml:3: kernel: \"linux 6\" is not a valid kernel release" },
		{ RAM "kernel: \"6\\n\"\n",
		  "m.yaml:3: kernel: \"6?\" is not a valid kernel release (Linux" },
		{ RAM "cmdline: |\n  a\n  b\n",
		  "m.yaml:3: cmdline: \"a?b?\" is not a valid command line (one line" },
		{ RAM "arch: i386\n",
		  "m.yaml:3: arch: \"i386\" is not a valid architecture (x86_64, arm64 (aarch64), "
		  "ppc64le, "
		  "s390x, ia64)" },
		{ RAM "page_size: 16K\n",
		  "m.yaml:3: page_size: \"16K\" is not a valid page size (4K on x86_64)" },
		{ "arch: arm64\n" RAM "page_size: 8K\n",
		  "m.yaml:4: page_size: \"8K\" is not a valid page size (4K, 16K, 64K on arm64)" },
		{ "arch: arm64\n" RAM "page_size: 20K\n",
		  "m.yaml:4: page_size: \"20K\" is not a valid page size" },
		{ "arch: ppc64le\n" RAM "page_size: 16K\n",
		  "m.yaml:4: page_size: \"16K\" is not a valid page size (4K, 64K on ppc64le)" },
		{ RAM "page_size: 0\n", "m.yaml:3: page_size: \"0\" is not a valid page size" },
		{ RAM "page_size: big\n", "m.yaml:3: page_size: \"big\" is not a valid page size" },
		{ RAM "phys_bits: 31\n",
		  "m.yaml:3: phys_bits: \"31\" is not a valid physical address width (32 to 52)" },
		{ RAM "phys_bits: 53\n", "m.yaml:3: phys_bits: \"53\" is not a" },
		{ RAM "phys_bits: wide\n", "m.yaml:3: phys_bits: \"wide\" is not a" },
		{ RAM "block_size: 64M\n",
		  "m.yaml:3: block_size: \"64M\" is not a valid block size (a power of two from "
		  "128M "
		  "to 64G)" },
		{ RAM "block_size: 384M\n",
		  "m.yaml:3: block_size: \"384M\" is not a valid block size" },
		{ RAM "block_size: 128G\n",
		  "m.yaml:3: block_size: \"128G\" is not a valid block size" },
		{ RAM "block_size: 0\n", "m.yaml:3: block_size: \"0\" is not a valid block size" },
		{ RAM "block_size: 128MB\n",
		  "m.yaml:3: block_size: \"128MB\" is not a valid block size" },
		{ "arch: arm64\npage_size: 64K\n" RAM "block_size: 128M\n",
		  "m.yaml:5: block_size: \"128M\" is not a valid block size (a power of two from "
		  "512M" },
		{ RAM "kernel_pages: anywhere\n",
		  "m.yaml:3: kernel_pages: \"anywhere\" is not a valid place for kernel pages "
		  "(zonelist, boot)" },
		{ RAM "possible_nodes: 0-\n",
		  "m.yaml:3: possible_nodes: \"0-\" is not a valid list of nodes (0 to 1023, as "
		  "in 0-1,3)" },
		{ RAM "possible_nodes: 0-1024\n",
		  "m.yaml:3: possible_nodes: \"0-1024\" is not a valid list" },
		{ "arch: none\n" RAM "kernel_pages: x\nblock_size: 1\n",
		  "m.yaml:1: arch: \nm.yaml:5: block_size: \nm.yaml:4: kernel_pages: " },
	};

	(void)state;
	assert_refused(rows, BASE_ARRAY_SIZE(rows));
}

static void first_line(void **state)
{
	struct machine_spec *spec;
	char *errors;

	(void)state;
	assert_int_equal(
		machine_file_parse("arch: x86_64\nmemory:\n  - {start: 256, end: 0, node: 0}\n", 3,
				   &errors, &spec),
		-EINVAL);
	assert_string_equal(errors, "m.yaml:5: memory[0].end: 0x0 is not above start 0x100 (the "
				    "address of the last byte)\n");
	free(errors);
	assert_int_equal(machine_file_parse("\n\n  {", 100, &errors, &spec), -EINVAL);
	assert_errors("{", "m.yaml:102: YAML: ", errors);
	free(errors);
	assert_int_equal(machine_file_parse("# x\n# \x02", 7, &errors, &spec), -EINVAL);
	assert_errors("", "m.yaml:8: YAML: ", errors);
	free(errors);
	assert_int_equal(machine_file_parse(RAM, 7, &errors, &spec), 0);
	assert_string_equal(errors, "");
	assert_int_equal(spec->memory[0].line, 8);
	machine_spec_free(spec);
	free(errors);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_yaml),
		cmocka_unit_test(bad_form),
		cmocka_unit_test(bad_values),
		cmocka_unit_test(first_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
