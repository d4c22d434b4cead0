/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the tests of swap: workloads a and b on a machine of 1 GiB. */
#ifndef TEST_SWAP_H
#define TEST_SWAP_H

#include "world.h"

#define A(attr) "machine/workload/a/" attr
#define B(attr) "machine/workload/b/" attr
#define SWAP0(attr) "machine/swap/swap0/" attr
#define RAM "memory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n"
#define HEADER "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"

static inline uint64_t meminfo(struct world *w, const char *label)
{
	return world_number(w, "proc/meminfo", label);
}

static inline uint64_t vmstat(struct world *w, const char *label)
{
	char line[64];

	snprintf(line, sizeof(line), "\n%s ", label);
	return world_number(w, "proc/vmstat", line);
}

static inline void make(struct world *w, const char *name, const char *kind)
{
	char path[80];

	snprintf(path, sizeof(path), "machine/workload/%s", name);
	assert_int_equal(world_mkdir(w, path), 0);
	snprintf(path, sizeof(path), "machine/workload/%s/kind", name);
	assert_takes(w, path, kind);
}

static inline uint64_t kb(struct world *w, const char *path)
{
	return world_number(w, path, "") / 1024;
}

/* The sum of a file of all objects in a directory. */
static inline uint64_t sum_kb(struct world *w, const char *dir, const char *file)
{
	const char *names = world_list(w, dir);
	char name[32], path[80];
	uint64_t sum = 0;

	for (; sscanf(names, "%31s", name) == 1; names += strlen(name) + 1) {
		snprintf(path, sizeof(path), "%s/%s/%s", dir, name, file);
		sum += kb(w, path);
	}
	return sum;
}

/* All views of what is in swap agree. */
static inline void assert_agrees(struct world *w)
{
	uint64_t used = meminfo(w, "SwapTotal:") - meminfo(w, "SwapFree:");

	assert_int_equal(sum_kb(w, "machine/workload", "swapped"), used);
	assert_int_equal(sum_kb(w, "machine/swap", "used"), used);
	assert_int_equal(meminfo(w, "Committed_AS:"),
			 meminfo(w, "AnonPages:") + meminfo(w, "Shmem:") + used);
	assert_int_equal(meminfo(w, "SwapCached:"), 0);
	assert_int_equal(vmstat(w, "pgpgin"), vmstat(w, "pswpin") * 4);
	assert_int_equal(vmstat(w, "pgpgout"), vmstat(w, "pswpout") * 4);
}

#endif
