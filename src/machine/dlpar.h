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
 * @add: otherwise remove
 * @index, @count: set if @id uses them
 * @mode: what ends an offlining that does not succeed
 */
struct machine_dlpar {
	struct machine *machine;
	bool add;
	enum machine_dlpar_id id;
	uint32_t index;
	uint32_t count;
	enum hp_offline_mode mode;
	bool told; /* out: the hypervisor has noticed that a removal failed */
	/* private to dlpar_request.c */
	uint64_t first;
	uint64_t next;
	uint64_t end;
	uint32_t nr_marked;
	bool undo;
	int error;
};

/* Runs it; 0 or -errno. Context: the hotplug lock is held; may wait. */
int machine_dlpar_run(struct machine_dlpar *op);
/* The DRC index of the LMB at an address. */
uint32_t machine_dlpar_index(const struct machine *machine, uint64_t addr);

/* The hypervisor offers the LMBs of [start, start + size); 0 or -ENOMEM. */
int machine_dlpar_attach(struct machine *machine, uint64_t start, uint64_t size, int nid);
/* The hypervisor starts or stops taking back the LMBs that the guest releases. */
void machine_dlpar_want_back(struct machine *machine, uint64_t start, uint64_t size, bool want);
/* Number of LMBs of a range that the hypervisor has not taken back. */
uint64_t machine_dlpar_attached(const struct machine *machine, uint64_t start, uint64_t size);

/* Offers boot memory that is hot-pluggable; 0 or -ENOMEM. */
int machine_dlpar_boot(struct machine *machine);
void machine_dlpar_free(struct machine *machine);

#endif
