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

/* All views of what is in swap agree. */
static inline void assert_agrees(struct world *w)
{
	uint64_t used = meminfo(w, "SwapTotal:") - meminfo(w, "SwapFree:"), of_all = 0, areas = 0;
	const char *names = world_list(w, "machine/workload");
	char path[80];

	for (; *names; names += strcspn(names, " ") + 1) {
		snprintf(path, sizeof(path), "machine/workload/%.*s/swapped",
			 (int)strcspn(names, " "), names);
		of_all += kb(w, path);
	}
	names = world_list(w, "machine/swap");
	for (; *names; names += strcspn(names, " ") + 1) {
		snprintf(path, sizeof(path), "machine/swap/%.*s/used", (int)strcspn(names, " "),
			 names);
		areas += kb(w, path);
	}
	assert_int_equal(of_all, used);
	assert_int_equal(areas, used);
	assert_int_equal(meminfo(w, "Committed_AS:"),
			 meminfo(w, "AnonPages:") + meminfo(w, "Shmem:") + used);
	assert_int_equal(meminfo(w, "SwapCached:"), 0);
	assert_int_equal(vmstat(w, "pgpgin"), vmstat(w, "pswpin") * 4);
	assert_int_equal(vmstat(w, "pgpgout"), vmstat(w, "pswpout") * 4);
}

#endif
