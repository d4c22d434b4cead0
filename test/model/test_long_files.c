// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Long machine files: reading one and booting the machine, or refusing it, takes time that grows
 * with its length, and not with the square of that. Times are compared with those of a shorter file
 * of the same kind, in CPU time of this process; nothing depends on how fast it is.
 *
 *	test_long_files [LENGTH]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "memhp/machine.h"
#include "memhp/tree.h"

#define SHORT 1000
#define LONG 16000
/* Times as long as the short one that the long one may take; a square would be as much again. */
#define SLACK 4
/* what is measured at least: a millisecond is made of noise */
#define LEAST_S 0.002
/* A square is one each time; who shares the processor's caches is not. */
#define TRIES 5

/*
 * struct kind - of a file: @head, then many times @entry with its number, as often as it has places
 * for it
 * @step: by which the numbers grow
 * @refused: it is no machine
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

/* Reads a machine and boots it; false: it was refused. */
static bool boot(const char *text, size_t len, FILE *err)
{
	struct base_clock *clock = base_vclock_new();
	struct machine_spec *spec;
	struct machine *machine;
	bool good = !machine_spec_parse(text, len, "long", 1, err, &spec);

	if (good) {
		good = !machine_new(spec, clock, &machine);
		if (good) {
			tree_free(tree_new(machine));
			machine_free(machine);
		}
		machine_spec_free(spec);
	}
	base_vclock_free(clock);
	return good;
}

/* The kernel's share depends on how full the memory is. */
static double user_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

/* CPU seconds; ends the program when the answer is not what it should be. */
static double measure(const struct kind *kind, unsigned int nr)
{
	char *text = NULL, *said = NULL;
	size_t len, said_len;
	FILE *out = open_memstream(&text, &len), *err = open_memstream(&said, &said_len);
	double begin;
	bool good;

	if (!out || !err)
		abort();
	write_file(kind, nr, out);
	fclose(out);
	begin = user_seconds();
	good = boot(text, len, err);
	begin = user_seconds() - begin;
	fclose(err);
	if (good == kind->refused || (kind->refused && !said_len)) {
		fprintf(stderr, "%s: %u of them are %s\n%.200s", kind->name, nr,
			good ? "taken" : "refused", said);
		exit(EXIT_FAILURE);
	}
	free(text);
	free(said);
	return begin;
}

int main(int argc, char **argv)
{
	unsigned int length = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : LONG;
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(kinds); i++) {
		double one = measure(&kinds[i], SHORT), other = measure(&kinds[i], length);
		double most = BASE_MAX(one, LEAST_S) * length / SHORT * SLACK;

		for (int again = 1; other > most && again < TRIES; again++)
			other = measure(&kinds[i], length);
		printf("%-26s %u: %.4f s, %u: %.4f s\n", kinds[i].name, SHORT, one, length, other);
		if (other > most) {
			fprintf(stderr, "%s: not more than %.4f s\n", kinds[i].name, most);
			status = EXIT_FAILURE;
		}
	}
	return status;
}
