// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Long machine files. Reading one and booting the machine, or refusing it, takes time that grows
 * with the length of the file and not with its square. long-files.sh runs this program under
 * callgrind and compares the numbers of instructions, which do not depend on how busy the
 * machine is.
 *
 *	test_long_files			every kind of file has the answer that it should have
 *	test_long_files --list		names of the kinds
 *	test_long_files KIND LENGTH	one file of that kind with LENGTH entries
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/machine.h"
#include "memhp/tree.h"

#define LONG 16000

/*
 * struct kind - of a file: @head, then @entry repeatedly with its number, in as many places as it
 * has
 * @step: the increment of the numbers
 * @refused: it is not a valid machine
 */
struct kind {
	const char *name, *head, *entry;
	unsigned long long first, step;
	bool refused;
};

#define MEMORY "memory:\n  - {start: 0, end: 0xffffffff, node: 0}\n"

static const struct kind kinds[] = {
	{ "brackets", "memory: ", "[", .refused = true },
	{ "braces", "memory: ", "{a: ", .refused = true },
	{ "dashes", "memory:\n", "- ", .refused = true },
	{ "memory", "phys_bits: 46\nmemory:\n",
	  "  - {start: 0x%llx00000, end: 0x%1$llxfffff, node: 0}\n", 0, 2 },
	{ "memory of other firmware", "arch: arm64\nphys_bits: 46\nmemory:\n",
	  "  - {start: 0x%llx00000, end: 0x%1$llxfffff, node: 0}\n", 0, 2 },
	{ "memory of 1024 nodes", "phys_bits: 46\nmemory:\n",
	  "  - {start: 0x%llx00000, end: 0x%1$llxfffff, node: %2$llu}\n", 0, 2 },
	{ "memory that overlaps", "memory:\n",
	  "  - {start: 0x%llx00000, end: 0x7fffffffff, node: 0}\n", 0, 1, true },
	{ "memory without a node", "memory:\n",
	  "  - {start: 0x%llx00000, end: 0x%1$llxfffff, node: x}\n", 0, 2, true },
	{ "hotplug", "phys_bits: 46\n" MEMORY "hotplug:\n",
	  "  - {start: 0x%llx0000000, end: 0x%1$llx7ffffff, node: 0}\n", 0x10, 1 },
	{ "standby",
	  "phys_bits: 46\nblock_size: 128M\n"
	  "memory:\n  - {start: 0, end: 0x3fffffffff, node: 0}\nstandby:\n",
	  "  - {start: 0x%llx0000000, end: 0x%1$llx7ffffff, node: 0}\n", 0x1000, 1 },
	{ "recorded",
	  "phys_bits: 46\nmemory:\n  - {start: 0, end: 0x1fffffffffff, node: 0}\nrecorded:\n",
	  "  - {blocks: \"%llu\", removable: 0}\n", 1, 1 },
	{ "faults", MEMORY "faults:\n", "  - {name: f%llu, phase: isolate}\n", 0, 1 },
	{ "faults of one name", MEMORY "faults:\n", "  - {name: f, phase: isolate}\n", 0, 1, true },
	{ "cpus", MEMORY "cpus:\n", "  - {list: \"%llu\", node: 0}\n", 0, 1, true },
	{ "unknown keys", MEMORY, "key%llu: 1\n", 0, 1, true },
	{ "one key", MEMORY, "arch: x86_64\n", 0, 1, true },
	{ "aliases", "kernel: &a x\nmemory:\n", "  - *a\n", 0, 1, true },
	{ "words", MEMORY "cmdline: movable_node", " x=%llu", 0, 1 },
};

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void write_file(const struct kind *kind, unsigned int nr, FILE *out)
{
	fputs(kind->head, out);
	for (unsigned int i = 0; i < nr; i++)
		fprintf(out, kind->entry, kind->first + i * kind->step, i % 1024ULL);
	fputs("\n", out);
}

/* Reads a machine and boots it; false: it was refused. callgrind counts this function only. */
__attribute__((noinline)) static bool boot(const char *text, size_t len, FILE *err)
{
	struct base_clock *clock = base_vclock_new();
	struct machine_spec *spec;
	struct machine *machine;
	struct tree *tree;
	bool good = !machine_spec_parse(text, len, "long", 1, err, &spec);

	if (good) {
		good = !tree_boot(spec, clock, &machine, &tree);
		if (good) {
			tree_free(tree);
			machine_free(machine);
		}
		machine_spec_free(spec);
	}
	base_vclock_free(clock);
	return good;
}

/* Ends the program when the result is not as expected. */
static void check(const struct kind *kind, unsigned int nr)
{
	char *text = NULL, *said = NULL;
	size_t len, said_len;
	FILE *out = open_memstream(&text, &len), *err = open_memstream(&said, &said_len);
	bool good;

	if (!out || !err)
		abort();
	write_file(kind, nr, out);
	fclose(out);
	good = boot(text, len, err);
	fclose(err);
	if (good == kind->refused || (kind->refused && !said_len)) {
		fprintf(stderr, "%s: %u of them are %s\n%.200s", kind->name, nr,
			good ? "taken" : "refused", said);
		exit(EXIT_FAILURE);
	}
	free(text);
	free(said);
}

int main(int argc, char **argv)
{
	bool list = argc == 2 && !strcmp(argv[1], "--list");

	for (size_t i = 0; i < BASE_ARRAY_SIZE(kinds); i++) {
		if (list)
			puts(kinds[i].name);
		else if (argc == 1)
			check(&kinds[i], LONG);
		else if (argc == 3 && !strcmp(argv[1], kinds[i].name))
			check(&kinds[i], (unsigned int)strtoul(argv[2], NULL, 0));
	}
	return EXIT_SUCCESS;
}
