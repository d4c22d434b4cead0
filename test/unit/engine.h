/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine: mm and hotplug built for a few ranges of memory, without machine files, with the reports
 * to their observer as text that a test can compare.
 *
 * Calls that need the hotplug lock acquire it, and must complete at once or on a signal.
 */
#ifndef TEST_ENGINE_H
#define TEST_ENGINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "memhp/hotplug.h"

/* Bytes, @end exclusive. */
struct engine_range {
	uint64_t start;
	uint64_t end;
	int nid;
};

/**
 * struct engine_config - a machine; fields that are 0 or NULL: as on x86_64 with 128 MiB blocks
 * @memory: ascending, ends with an empty range
 * @no_low_zones: all boot memory is Normal; else DMA ends at @dma_end and DMA32 at @dma32_end
 * @possible, @cpu_nodes: lists of nodes; NULL: "0-7" and none
 * @guard_boot: boot memory must not go offline
 * @no_resources: the resource tree is empty
 */
struct engine_config {
	const struct engine_range *memory;
	unsigned int page_shift;
	uint64_t section_size;
	uint64_t block_size;
	uint64_t dma_end;
	uint64_t dma32_end;
	unsigned int phys_bits;
	unsigned int nr_cpus;
	const char *possible;
	const char *cpu_nodes;
	bool no_low_zones;
	bool guard_boot;
	bool no_resources;
};

/** engine_pc - two nodes of 1 GiB, as in the texts of a real kernel; DMA and DMA32 only. */
extern const struct engine_config engine_pc;
/** engine_plain - node 0 with 1 GiB and node 1 with 1 GiB above 4 GiB, no holes: Normal only. */
extern const struct engine_config engine_plain;

/**
 * struct engine - the machine and what it reported
 * @news: "+memory32 add@memory32 +node1 add@node1", "-" for removed devices
 * @add_nid: the node of probed memory
 * @last_seqnum: of the last event; they must be without gaps
 */
struct engine {
	struct base_clock *clock;
	struct mm *mm;
	struct hp *hp;
	struct base_buf news;
	struct base_buf log;
	struct base_buf taken;
	int add_nid;
	uint64_t last_seqnum;
	unsigned int nr_events;
};

/** engine_mm() - only mm, booted; the caller frees it. */
struct mm *engine_mm(const struct engine_config *config);
void engine_init(struct engine *e, const struct engine_config *config);
void engine_fini(struct engine *e);

/** engine_news() - news since the last call; valid until the next engine_news()/_log(). */
const char *engine_news(struct engine *e);
/** engine_log() - lines of the kernel's log since the last call, without memhpfs's explanations. */
const char *engine_log(struct engine *e);

/**
 * engine_mm_zone() - formatted like the answers of `zone` in conformance/ ("spanned=1 present=1
 *		      start_pfn=1")
 */
const char *engine_mm_zone(const struct mm *mm, int nid, enum mm_zone_type type, char text[96]);
/** engine_zone() - the same, valid until the next such text. */
const char *engine_zone(struct engine *e, int nid, enum mm_zone_type type);
/** engine_valid_zones() - formatted as in valid_zones, without newline. */
const char *engine_valid_zones(struct engine *e, uint64_t id);
/** engine_mask() - a mask as a list. */
const char *engine_mask(struct engine *e, const struct base_mask *mask);

struct hp_block *engine_block(const struct engine *e, uint64_t id);
int engine_state(struct engine *e, uint64_t id, enum hp_type type);
int engine_online(struct engine *e, uint64_t id, bool online);
int engine_probe(struct engine *e, uint64_t addr);
/** engine_add() - add_memory(); @nid counts only without @group. */
int engine_add(struct engine *e, uint64_t start, uint64_t size, int nid, struct hp_group *group);
int engine_remove(struct engine *e, uint64_t start, uint64_t size);

#endif
