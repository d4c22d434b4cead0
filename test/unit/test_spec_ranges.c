/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invalid machine files: ranges that overlap or are not aligned, and blocks, nodes and CPUs that
 * cannot exist.
 */
#include "machine_file.h"

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
		  "m.yaml:4: standby[0].end: 0x140000000 is not the last byte of an increment (a "
		  "multiple of 1M, less 1)" },
		{ RAM "standby:\n  - {start: 0x40080000, end: 0x47ffffff, node: 0}\n",
		  "m.yaml:4: standby[0].start: 0x40080000 is not the start of an increment (a " },
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
	assert_int_equal(machine_file_parse("memory:\n  - {start: 0x1000, end: 0x9d7ff, node: 0}\n",
					    1, &errors, &spec),
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
		{ RAM "standby:\n  - {start: 1G, end: 0x4fefffff, node: 0}\n" RECORDED("blocks: 9"),
		  "m.yaml:6: recorded[0].blocks: block 9 is not in memory or standby" },
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

		if (machine_file_parse(good[i], 1, &errors, &spec))
			fail_msg("\"%s\" is refused: %s", good[i], errors);
		machine_spec_free(spec);
		free(errors);
	}
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_ranges), cmocka_unit_test(overlaps),
		cmocka_unit_test(edges),      cmocka_unit_test(absent_blocks),
		cmocka_unit_test(bad_nodes),  cmocka_unit_test(bad_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
