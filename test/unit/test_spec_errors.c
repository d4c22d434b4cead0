/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Invalid machine files: every error with its line and its field. */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../src/spec/spec_private.h"

#define RAM "memory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n"

static int parse(const char *text, unsigned int first_line, char **ret_errors,
		 struct machine_spec **ret_spec)
{
	size_t len;
	FILE *err = open_memstream(ret_errors, &len);
	int r;

	assert_non_null(err);
	r = machine_spec_parse(text, strlen(text), "m.yaml", first_line, err, ret_spec);
	fclose(err);
	return r;
}

struct bad_file {
	const char *text;
	const char *errors; /* each error line begins with a line of these */
};

static void assert_errors(const char *text, const char *expected, const char *errors)
{
	const char *want = expected, *have = errors;
	size_t len;

	for (; *want != '\0' && *have != '\0'; have = strchr(have, '\n') + 1) {
		len = strcspn(want, "\n");
		if (strncmp(have, want, len) != 0)
			break;
		want += len + (want[len] == '\n');
	}
	if (*want != '\0' || *have != '\0')
		fail_msg("\"%s\"\nwanted: %s\nhave: %s", text, expected, errors);
}

static void assert_refused(const struct bad_file *rows, size_t nr)
{
	struct machine_spec *untouched = (struct machine_spec *)&untouched, *spec;
	char *errors;
	size_t i;

	for (i = 0; i < nr; i++) {
		spec = untouched;
		if (parse(rows[i].text, 1, &errors, &spec) != -EINVAL)
			fail_msg("\"%s\" is not refused", rows[i].text);
		assert_ptr_equal(spec, untouched);
		assert_errors(rows[i].text, rows[i].errors, errors);
		free(errors);
	}
}

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
		  "m.yaml:3: colour: unknown key (known: kernel, arch, cmdline, page_size, "
		  "phys_bits, increment, memory, block_size, hotplug, standby, cpus, kernel_pages, "
		  "recorded, kasan, faults, devices, workloads, possible_nodes)" },
		{ RAM "Arch: x86_64\n", "m.yaml:3: Arch: unknown key" },
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
		  "m.yaml:3: kernel: \"\" is not a valid kernel release (Linux 6.1 to 6.12, as "
		  "uname "
		  "-r prints it)" },
		{ RAM "kernel: 2.4.0\n", "m.yaml:3: kernel: \"2.4.0\" is not" },
		{ RAM "kernel: 6.0\n", "m.yaml:3: kernel: \"6.0\" is not" },
		{ RAM "kernel: 6.13.1\n", "m.yaml:3: kernel: \"6.13.1\" is not" },
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

static void bad_ranges(void **state)
{
	static const struct bad_file rows[] = {
		{ "memory: []\n", "m.yaml:1: memory: has no System RAM (at least one range" },
		{ "memory: [{start: 0, end: 0x3fffffff, node: 0, nomap: true}]\n",
		  "m.yaml:1: memory: has no System RAM (at least one range that is not nomap)" },
		{ "memory:\n  - {start: zero, end: 0x3fffffff, node: 0}\n",
		  "m.yaml:2: memory[0].start: \"zero\" is not a valid address (decimal, 0x... or "
		  "with a" },
		{ "memory:\n  - {start: 0, end: 1GiB, node: 0}\n",
		  "m.yaml:2: memory[0].end: \"1GiB\" is not a valid address" },
		{ "memory:\n  - {start: 0, end: -1, node: 0}\n",
		  "m.yaml:2: memory[0].end: \"-1\" is not a valid address" },
		{ "memory:\n  - {start: , end: 16E, node: 0}\n",
		  "m.yaml:2: memory[0].start: \"\" is not a valid address\n"
		  "m.yaml:2: memory[0].end: \"16E\" is not a valid address" },
		{ "memory:\n  - {start: 1M, end: 0xfffff, node: 0}\n",
		  "m.yaml:2: memory[0].end: 0xfffff is not above start 0x100000 (the address of" },
		{ "memory:\n  - start: 2M\n    end: 0xfffff\n    node: 0\n",
		  "m.yaml:3: memory[0].end: 0xfffff is not above start 0x200000" },
		{ "memory:\n  - {start: 0, end: 1T, node: 0}\n",
		  "m.yaml:2: memory[0].end: 0x10000000000 is beyond the physical address width of "
		  "40 bits (up to 0xffffffffff; phys_bits sets the width)" },
		{ "phys_bits: 32\nmemory:\n  - {start: 4G, end: 5G, node: 0}\n",
		  "m.yaml:3: memory[0].start: 0x100000000 is beyond the physical address width of "
		  "32 bits\nm.yaml:3: memory[0].end: 0x140000000 is beyond" },
		{ "memory:\n  - {start: 0, end: 0xfffff, node: 0, nomap: maybe}\n",
		  "m.yaml:2: memory[0].nomap: \"maybe\" is not a valid flag (false, true)" },
		{ RAM "hotplug:\n  - {start: 0x100100000, end: 0x13fffffff, node: 0}\n",
		  "m.yaml:4: hotplug[0].start: 0x100100000 is not the start of a block (a multiple "
		  "of block_size 0x8000000)" },
		{ RAM "standby:\n  - {start: 4G, end: 5G, node: 0}\n",
		  "m.yaml:4: standby[0].end: 0x140000000 is not the last byte of a block (a "
		  "multiple of block_size 0x8000000, less 1)" },
		{ RAM "standby:\n  - {start: 0x40100000, end: 0x47ffffff, node: 0}\n",
		  "m.yaml:4: standby[0].start: 0x40100000 is not the start of a block (a " },
		{ RAM "standby:\n  - {start: 0x38000000, end: 0x47ffffff, node: 0}\n",
		  "m.yaml:4: standby[0].start: 0x38000000-0x47ffffff overlaps memory[0]" },
		{ RAM "faults:\n  - {name: a/b, phase: offline, block: every, errno: EWHAT, "
		      "after: x, probability: 101}\n",
		  "m.yaml:4: faults[0].name: \"a/b\" is not a valid name of a directory "
		  "(printable\n"
		  "m.yaml:4: faults[0].phase: \"offline\" is not a valid phase (see memhpfs(7))\n"
		  "m.yaml:4: faults[0].block: \"every\" is not a valid block (any, 32-39, every "
		  "3,\n"
		  "m.yaml:4: faults[0].errno: \"EWHAT\" is not a valid errno (EBUSY, 16 or none)\n"
		  "m.yaml:4: faults[0].after: \"x\" is not a valid number\n"
		  "m.yaml:4: faults[0].probability: \"101\" is not a valid probability (0 to "
		  "100)" },
		{ RAM "faults:\n  - {name: a, phase: plug}\n  - {name: a, phase: eject}\n",
		  "m.yaml:5: faults[1].name: \"a\" is that of faults[0]" },
		{ RAM "increment: 3M\n",
		  "m.yaml:3: increment: \"3M\" is not a valid storage increment (a power of two "
		  "from 1M" },
		{ RAM "increment: 512K\n", "m.yaml:3: increment: \"512K\" is not a valid storage" },
		{ RAM "recorded:\n  - {blocks: \"3-2\"}\n  - {blocks: all}\n",
		  "m.yaml:4: recorded[0].blocks: \"3-2\" is not a valid range of blocks (as in "
		  "32-39)\n"
		  "m.yaml:5: recorded[1].blocks: \"all\" is not a valid range of blocks" },
		{ RAM "recorded:\n  - {blocks: \"0-2\", state: on}\n  - {blocks: \"2\"}\n",
		  "m.yaml:4: recorded[0].state: \"on\" is not a valid state (offline, online)\n"
		  "m.yaml:5: recorded[1].blocks: \"2\" is not above recorded[0] (in" },
		{ RAM "recorded:\n  - {blocks: \"0\", zones: \"Normal\\n\", removable: \"\"}\n",
		  "m.yaml:4: recorded[0].zones: \"Normal?\" is not a valid content of valid_zones\n"
		  "m.yaml:4: recorded[0].removable: \"\" is not a valid content of removable" },
		{ "block_size: 2G\n" RAM "hotplug:\n  - {start: 5G, end: 0x1bfffffff, node: 0}\n",
		  "m.yaml:5: hotplug[0].start: 0x140000000" },
		{ RAM "hotplug:\n  - {start: 5G, end: 4G, node: 0}\n",
		  "m.yaml:4: hotplug[0].end: 0x100000000 is not above start 0x140000000" },
	};

	(void)state;
	assert_refused(rows, BASE_ARRAY_SIZE(rows));
}

static void overlaps(void **state)
{
	static const struct bad_file rows[] = {
		{ "memory:\n  - {start: 0, end: 0xfffff, node: 0}\n  - {start: 0xfff00, end: "
		  "0x1fffff, node: 0}\n",
		  "m.yaml:3: memory[1].start: 0xfff00-0x1fffff overlaps memory[0] in line 2, "
		  "0x0-0xfffff (ranges that lie apart)" },
		{ "memory:\n  - {start: 2M, end: 0x3fffff, node: 0}\n  - {start: 1M, end: "
		  "0x2fffff, "
		  "node: 0}\n",
		  "m.yaml:3: memory[1].start: 0x100000-0x2fffff overlaps memory[0] in line 2, "
		  "0x200000-0x3fffff" },
		{ "memory: [{start: 0, end: 0x7fffff, node: 0}, {start: 1M, end: 0x1fffff, node: "
		  "0}, "
		  "{start: 3M, end: 0x3fffff, node: 0}]\n",
		  "m.yaml:1: memory[1].start: 0x100000-0x1fffff overlaps memory[0] in line 1\n"
		  "m.yaml:1: memory[2].start: 0x300000-0x3fffff overlaps memory[0] in line 1" },
		{ RAM "hotplug:\n  - {start: 0, end: 0x7ffffff, node: 0}\n",
		  "m.yaml:4: hotplug[0].start: 0x0-0x7ffffff overlaps memory[0] in line 2, "
		  "0x0-0x3fffffff" },
		{ "hotplug: [{start: 0, end: 0x7ffffff, node: 0}]\nmemory: [{start: 0x7ffff00, "
		  "end: 0x3fffffff, node: 0}]\n",
		  "m.yaml:2: memory[0].start: 0x7ffff00-0x3fffffff overlaps hotplug[0] in line 1" },
		{ "{hotplug: [{start: 0, end: 0x7ffffff, node: 0}], memory: [{start: 0, end: "
		  "0x3fffffff, "
		  "node: 0}]}\n",
		  "m.yaml:1: hotplug[0].start: 0x0-0x7ffffff overlaps memory[0] in line 1" },
		{ RAM "hotplug:\n  - {start: 4G, end: 0x13fffffff, node: 0}\n"
		      "  - {start: 0x138000000, end: 0x147ffffff, node: 0}\n",
		  "m.yaml:5: hotplug[1].start: 0x138000000-0x147ffffff overlaps hotplug[0] in line "
		  "4, 0x100000000-0x13fffffff" },
		{ "memory:\n  - {start: 0, end: 0xfffff, node: 0}\n  - {start: 0, end: 0xfffff, "
		  "node: 0, "
		  "nomap: true}\n",
		  "m.yaml:3: memory[1].start: 0x0-0xfffff overlaps memory[0] in line 2" },
	};

	(void)state;
	assert_refused(rows, BASE_ARRAY_SIZE(rows));
}

/* Ranges that end one byte too far, by mistake, and the like. */
static void edges(void **state)
{
	static const struct bad_file rows[] = {
		{ "memory:\n  - {start: 0, end: 1G, node: 0}\n",
		  "m.yaml:2: memory[0].end: 0x40000000 is not the address of a last byte (a "
		  "multiple of 256, less 1; as 0x3fffffff)" },
		{ "memory:\n  - {start: 0, end: 1G, node: 0}\n  - {start: 1G, end: 2G, node: 1}\n",
		  "m.yaml:2: memory[0].end: 0x40000000 is\nm.yaml:3: memory[1].end: 0x80000000 "
		  "is" },
		{ "memory:\n  - {start: 0, end: 0x3ffffffe, node: 0}\n",
		  "m.yaml:2: memory[0].end: 0x3ffffffe is not the address of a last byte" },
		{ "memory:\n  - {start: 1, end: 0x3fffffff, node: 0}\n",
		  "m.yaml:2: memory[0].start: 0x1 is not the address of a first byte (a multiple "
		  "of 256)" },
		{ "memory:\n  - {start: 0xfffff, end: 0x3fffffff, node: 0}\n",
		  "m.yaml:2: memory[0].start: 0xfffff is not the address of a first byte" },
		{ "memory:\n  - {start: 0, end: 0x7ff, node: 0}\n"
		  "  - {start: 0x1100, end: 0x20ff, node: 0}\n",
		  "m.yaml:1: memory: has not one whole page (of 4K)" },
	};
	struct machine_spec *spec;
	char *errors;

	assert_refused(rows, BASE_ARRAY_SIZE(rows));
	/* As reported by firmware below 640K. */
	assert_int_equal(parse("memory:\n  - {start: 0x1000, end: 0x9d7ff, node: 0}\n", 1, &errors,
			       &spec),
			 0);
	machine_spec_free(spec);
	free(errors);
}

#define ARM "arch: arm64\n" RAM "hotplug:\n  - {start: 4G, end: 0x13fffffff, node: 1}\n"
#define FAULT(block) "faults:\n  - {name: f, phase: plug, block: " block "}\n"
#define STANDBY RAM "standby:\n  - {start: 1G, end: 0x47ffffff, node: 0}\n"
#define RECORDED(entry) "recorded:\n  - {" entry "}\n"

/* Blocks, nodes and zones that can never exist. */
static void absent_blocks(void **state)
{
	static const struct bad_file rows[] = {
		{ RAM FAULT("8192"), "m.yaml:4: faults[0].block: \"8192\" can never be there (a "
				     "block of memory, hotplug or standby; a possible node; a "
				     "zone of x86_64)" },
		{ ARM FAULT("8-31"), "m.yaml:7: faults[0].block: \"8-31\" can never be there" },
		{ ARM FAULT("40"), "m.yaml:7: faults[0].block: \"40\" can never be there" },
		{ RAM FAULT("node 1"), "m.yaml:4: faults[0].block: \"node 1\" can never be there" },
		{ RAM FAULT("zone Device"), "m.yaml:4: faults[0].block: \"zone Device\" can" },
		{ "arch: ppc64le\n" RAM FAULT("zone DMA"),
		  "m.yaml:5: faults[0].block: \"zone DMA\" can never be there" },
		{ RAM RECORDED("blocks: \"8\""),
		  "m.yaml:4: recorded[0].blocks: block 8 is not in memory or standby" },
		{ RAM RECORDED("blocks: 0-99"),
		  "m.yaml:4: recorded[0].blocks: block 99 is not in" },
		{ STANDBY RECORDED("blocks: 7-8, state: offline"),
		  "m.yaml:6: recorded[0].blocks: block 7 is not in standby (no other is offline)" },
	};
	static const char *const good[] = {
		RAM FAULT("8191"),     ARM FAULT("0-9"),
		ARM FAULT("39"),       ARM FAULT("node 1"),
		RAM FAULT("zone DMA"), "arch: arm64\n" RAM FAULT("4000"),
		RAM FAULT("every 7"),  STANDBY RECORDED("blocks: 0-8"),
		STANDBY FAULT("8"),    STANDBY RECORDED("blocks: \"8\", state: offline"),
	};

	assert_refused(rows, BASE_ARRAY_SIZE(rows));
	for (size_t i = 0; i < BASE_ARRAY_SIZE(good); i++) {
		struct machine_spec *spec;
		char *errors;

		if (parse(good[i], 1, &errors, &spec))
			fail_msg("\"%s\" is refused: %s", good[i], errors);
		machine_spec_free(spec);
		free(errors);
	}
}

/* ---- every key ------------------------------------------------------------------------------- */

/*
 * Values that are invalid, by YAML type, and the keys that accept them. (Blocks are checked only
 * where all ranges are valid: absent_blocks().)
 */
static const struct nonsense {
	const char *value;
	const char *accepted_by;
} nonsense[] = {
	{ "\"\\x07\"", "" },
	{ "\"\"", " cmdline possible_nodes list " },
	{ "no such thing", " cmdline name " },
	{ "-1", " cmdline name " },
	{ "0x", " cmdline name " },
	{ "1e9", " cmdline name " },
	{ "99999999999999999999", " cmdline name " },
	{ "18446744073709551615", " cmdline name seed after count block blocks " },
	{ "1KB", " cmdline name " },
};

/* Whether the value is valid for any machine. */
static bool makes_sense(const struct nonsense *n, const char *key)
{
	char word[64];

	snprintf(word, sizeof(word), " %s ", key);
	return strstr(n->accepted_by, word);
}

/* A mapping in which all values, including those of lists in it, are the same nonsense. */
static void put_mapping(FILE *out, const struct spec_key *key, const char *value)
{
	const char *comma = "";

	fputc('{', out);
	for (; key->name; key++, comma = ", ") {
		fprintf(out, "%s%s: ", comma, key->name);
		if (key->list) {
			fputc('[', out);
			put_mapping(out, key->list->keys, value);
			fputc(']', out);
		} else {
			fputs(value, out);
		}
	}
	fputc('}', out);
}

/* Each of them must have its line among the errors. */
static void assert_named(const struct spec_key *key, const char *place, const struct nonsense *n,
			 const char *errors)
{
	char line[160];

	for (; key->name; key++) {
		if (key->list) {
			snprintf(line, sizeof(line), "%s[0].", key->name);
			assert_named(key->list->keys, line, n, errors);
			continue;
		}
		snprintf(line, sizeof(line), "m.yaml:1: %s%s: ", place, key->name);
		if (!strstr(errors, line) != makes_sense(n, key->name))
			fail_msg("%s%s: %s is %s", place, key->name, n->value,
				 makes_sense(n, key->name) ? "refused" : "not refused");
	}
}

static void every_key(void **state)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(nonsense); i++) {
		char *text, *errors;
		size_t len;
		FILE *out = open_memstream(&text, &len);
		struct machine_spec *spec;

		put_mapping(out, spec_machine_keys, nonsense[i].value);
		fclose(out);
		assert_int_equal(parse(text, 1, &errors, &spec), -EINVAL);
		assert_named(spec_machine_keys, "", &nonsense[i], errors);
		free(text);
		free(errors);
	}
}

/* Every row of a table is complete: every error of a value has a message. */
static void assert_complete(const struct spec_key *key)
{
	size_t nr = 0;

	for (; key->name; key++, nr++) {
		assert_non_null(key->help);
		assert_true(!key->list == (key->type->kind == SPEC_SCALAR));
		if (key->list) {
			assert_complete(key->list->keys);
			continue;
		}
		assert_non_null(key->what);
		assert_true(key->allowed || key->allow || key->type->allow);
		assert_true(key->type->read && key->type->write);
		assert_true(key->type != &spec_word || key->words);
	}
	assert_in_range(nr, 1, SPEC_MAX_KEYS);
}

static char *read_page(void)
{
	FILE *in = fopen(MEMHP_SOURCE_DIR "/man/memhpfs-machine.5", "r");
	char *page = NULL;
	size_t size = 0;

	assert_non_null(in);
	assert_true(getdelim(&page, &size, '\0', in) > 0);
	fclose(in);
	return page;
}

/* The manual page has each key in bold, alone or among others. */
static void assert_documented(const struct spec_key *key, const char *page)
{
	for (; key->name; key++) {
		size_t len = strlen(key->name);
		bool found = false;

		for (const char *at = page; (at = strstr(at, "\n.B")) && !found; at++) {
			const char *end = strchr(at + 1, '\n');
			const char *word = strstr(at, key->name);

			found = word && word < end && word[-1] == ' ' && strchr(" \n", word[len]);
		}
		if (!found)
			fail_msg("the manual page lacks %s", key->name);
		if (key->list)
			assert_documented(key->list->keys, page);
	}
}

static void documented(void **state)
{
	char *page = read_page();

	assert_documented(spec_machine_keys, page);
	free(page);
}

static void complete_rows(void **state)
{
	assert_complete(spec_machine_keys);
}

static void bad_nodes(void **state)
{
	static const struct bad_file rows[] = {
		{ "memory:\n  - {start: 0, end: 0xfffff, node: 1024}\n",
		  "m.yaml:2: memory[0].node: \"1024\" is not a valid node number (0 to 1023)" },
		{ "memory:\n  - {start: 0, end: 0xfffff, node: -1}\n",
		  "m.yaml:2: memory[0].node: \"-1\" is not a valid node number" },
		{ "memory:\n  - {start: 0, end: 0xfffff, node: 4294967296}\n",
		  "m.yaml:2: memory[0].node: \"4294967296\" is not a valid node number" },
		{ RAM "cpus:\n  - {list: \"0\", node: one}\n",
		  "m.yaml:4: cpus[0].node: \"one\" is not a valid node number" },
		{ RAM "possible_nodes: \"1-3,5\"\n",
		  "m.yaml:2: memory[0].node: node 0 is not in possible_nodes (1-3,5)\n"
		  "m.yaml:3: possible_nodes: node 1 has no memory, no hotplug window and no CPU (a "
		  "possible node has one of them)\n"
		  "m.yaml:3: possible_nodes: node 2 has\nm.yaml:3: possible_nodes: node 3 has\n"
		  "m.yaml:3: possible_nodes: node 5 has" },
		{ RAM "possible_nodes: \"\"\n",
		  "m.yaml:2: memory[0].node: node 0 is not in possible_nodes (which is empty)" },
		{ "possible_nodes: 0\n" RAM
		  "hotplug:\n  - {start: 4G, end: 0x13fffffff, node: 1}\n",
		  "m.yaml:5: hotplug[0].node: node 1 is not in possible_nodes (0)" },
		{ "possible_nodes: 0\n" RAM "cpus:\n  - {list: \"0\", node: 7}\n",
		  "m.yaml:5: cpus[0].node: node 7 is not in possible_nodes (0)" },
		{ RAM "cpus:\n  - {list: \"\", node: 0}\n  - {list: \"\", node: 2}\n",
		  "m.yaml:5: cpus[1].node: node 2 has no memory, no hotplug window and no CPU" },
		{ RAM "possible_nodes: 0-1\ncpus:\n  - {list: \"\", node: 1}\n",
		  "m.yaml:5: cpus[0].node: node 1 has no memory, no hotplug window and no CPU" },
	};

	(void)state;
	assert_refused(rows, BASE_ARRAY_SIZE(rows));
}

static void bad_cpus(void **state)
{
	static const struct bad_file rows[] = {
		{ RAM "cpus:\n  - {list: 0-, node: 0}\n",
		  "m.yaml:4: cpus[0].list: \"0-\" is not a valid list of CPUs (numbers up to "
		  "1023, as in" },
		{ RAM "cpus:\n  - {list: \"1024\", node: 0}\n",
		  "m.yaml:4: cpus[0].list: \"1024\" is not a valid list of CPUs" },
		{ RAM "cpus:\n  - {list: 0-3, node: 0}\n  - {list: \"8,2-4\", node: 1}\n",
		  "m.yaml:5: cpus[1].list: CPU 2 is in cpus[0] already (one node per CPU)" },
		{ RAM "cpus:\n  - {list: \"0\", node: 0}\n  - {list: \"1\", node: 0}\n",
		  "m.yaml:5: cpus[1].node: node 0 has its CPUs in cpus[0] (one entry per node)" },
	};

	(void)state;
	assert_refused(rows, BASE_ARRAY_SIZE(rows));
}

static void first_line(void **state)
{
	struct machine_spec *spec;
	char *errors;

	(void)state;
	assert_int_equal(parse("arch: x86_64\nmemory:\n  - {start: 256, end: 0, node: 0}\n", 3,
			       &errors, &spec),
			 -EINVAL);
	assert_string_equal(errors, "m.yaml:5: memory[0].end: 0x0 is not above start 0x100 (the "
				    "address of the last byte)\n");
	free(errors);
	assert_int_equal(parse("\n\n  {", 100, &errors, &spec), -EINVAL);
	assert_errors("{", "m.yaml:102: YAML: ", errors);
	free(errors);
	assert_int_equal(parse("# x\n# \x02", 7, &errors, &spec), -EINVAL);
	assert_errors("", "m.yaml:8: YAML: ", errors);
	free(errors);
	assert_int_equal(parse(RAM, 7, &errors, &spec), 0);
	assert_string_equal(errors, "");
	assert_int_equal(spec->memory[0].line, 8);
	machine_spec_free(spec);
	free(errors);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_yaml),	 cmocka_unit_test(bad_form),
		cmocka_unit_test(bad_values),	 cmocka_unit_test(bad_ranges),
		cmocka_unit_test(overlaps),	 cmocka_unit_test(edges),
		cmocka_unit_test(absent_blocks), cmocka_unit_test(every_key),
		cmocka_unit_test(bad_nodes),	 cmocka_unit_test(bad_cpus),
		cmocka_unit_test(first_line),	 cmocka_unit_test(complete_rows),
		cmocka_unit_test(documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
