/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic logical partitioning of pseries machines: logical memory blocks (LMBs), and the guest's
 * requests for them (arch/powerpc/platforms/pseries/hotplug-memory.c).
 */
#ifndef DLPAR_H
#define DLPAR_H

#include <stdbool.h>
#include <stdint.h>

#include "memhp/hotplug.h"

struct machine;

enum machine_dlpar_id {
	MACHINE_DLPAR_COUNT,
	MACHINE_DLPAR_INDEX,
	MACHINE_DLPAR_INDEXED_COUNT,
};

/*
 * One request
 * @add: else remove
 * @index, @count: as far as @id has them
 * @mode: what ends an offlining that does not succeed
 */
struct machine_dlpar {
	struct machine *machine;
	bool add;
	enum machine_dlpar_id id;
	uint32_t index;
	uint32_t count;
	enum hp_offline_mode mode;
	/* dlpar_request.c's own */
	uint64_t first;
	uint64_t next;
	uint64_t end;
	uint32_t nr_marked;
	bool undo;
	int error;
};

/* Does it; 0 or -errno. Context: the hotplug lock is held; may wait. */
int machine_dlpar_run(struct machine_dlpar *op);
/* The index of the LMB at an address (a DRC index). */
uint32_t machine_dlpar_index(const struct machine *machine, uint64_t addr);

/* What the hypervisor does: the LMBs of [start, start + size) are offered; 0 or -ENOMEM. */
int machine_dlpar_attach(struct machine *machine, uint64_t start, uint64_t size, int nid);
/* It takes back what the guest releases from now on, or not any more. */
void machine_dlpar_want_back(struct machine *machine, uint64_t start, uint64_t size, bool want);
/* How many LMBs of a range it has not got back. */
uint64_t machine_dlpar_attached(const struct machine *machine, uint64_t start, uint64_t size);

/* Offers boot memory that can be taken away; 0 or -ENOMEM. */
int machine_dlpar_boot(struct machine *machine);
void machine_dlpar_free(struct machine *machine);

#endif
