/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model: a machine's memory as a table of blocks; everything is computed on request from that table
 * and the ranges of boot memory. Slow, and simple enough to be trusted; it shares no code with the
 * engine.
 *
 * It trusts the engine in one respect: which pages are held (the model knows what the engine is
 * asked to hold and how much; it only judges where).
 */
#ifndef TEST_MODEL_H
#define TEST_MODEL_H

#include "../unit/engine.h"

#define MODEL_NODES 4
#define MODEL_BLOCKS 160
#define MODEL_RANGES 12
#define MODEL_ADDS 64

struct model_group {
	uint64_t max_pages;
	uint64_t kernel;
	uint64_t movable;
	int nid;
	struct hp_group *hp; /* the engine's */
};

/*
 * @boot: existed at boot; @pristine: and is unchanged
 * @zone: where it is online; MM_NR_ZONES: offline, or several zones
 * @whole_ram: System RAM covers it
 */
struct model_block {
	bool exists;
	bool online;
	bool boot;
	bool pristine;
	bool whole_ram;
	int nid;
	enum mm_zone_type zone;
	enum hp_type remembered;
	struct model_group *group;
};

/* Bytes, @end exclusive. */
struct model_add {
	uint64_t start;
	uint64_t end;
	struct model_group *group;
};

struct model_span {
	uint64_t start;
	uint64_t end;
};

/*
 * @boot: boot memory, in bytes; @windows: unused ranges of the resource tree
 * @tidy: boot memory begins and ends at subsections, so that no shrinking loses pages
 * @veto_action, @veto: the error of the test's listener; the injector's errors are @inject
 */
struct model {
	struct engine_config config;
	struct engine_range boot[MODEL_RANGES];
	unsigned int nr_boot;
	struct model_span windows[MODEL_RANGES];
	unsigned int nr_windows;
	bool tidy;
	uint64_t page, block_pages;
	uint64_t dma_end, dma32_end; /* pfns */
	struct model_block block[MODEL_BLOCKS];
	struct model_add add[MODEL_ADDS];
	unsigned int nr_adds;
	struct model_span zone[MODEL_NODES][MM_NR_ZONES];
	struct model_span node[MODEL_NODES];
	bool node_online[MODEL_NODES];
	bool node_cpu[MODEL_NODES];
	struct hp_params params;
	int inject[HP_NR_INJECTS];
	int veto_action;
	int veto;
	struct base_buf news; /* expected from the engine */
};

/** model_init() - from @config, @boot, @tidy and @node_cpu, set by the caller */
void model_init(struct model *m);
void model_fini(struct model *m);

/** model_present() - present pages of a zone in [start, end); MM_NR_ZONES: of all kernel zones. */
uint64_t model_present(const struct model *m, int nid, int type, uint64_t start, uint64_t end);
/** model_early() - pages of a zone that existed at boot. */
uint64_t model_early(const struct model *m, int nid, enum mm_zone_type type);
/** model_page() - whether a page has an online struct page, and its contents. */
bool model_page(const struct model *m, uint64_t pfn, int *ret_nid, enum mm_zone_type *ret_type);
/** model_ram_page() - whether a page is memory. */
bool model_ram_page(const struct model *m, uint64_t pfn);

/** model_zone() - where a block would go. */
enum mm_zone_type model_zone(const struct model *m, uint64_t id, enum hp_type type);

/*
 * The expected result of a call, with the model changed accordingly and the expected news. @mm is
 * for held pages.
 */
int model_device_online(struct model *m, uint64_t id);
int model_device_offline(struct model *m, uint64_t id, const struct mm *mm);
int model_store_state(struct model *m, uint64_t id, enum hp_type type, const struct mm *mm);
int model_store_online(struct model *m, uint64_t id, bool online, const struct mm *mm);
int model_add_memory(struct model *m, uint64_t start, uint64_t size, int nid,
		     struct model_group *group, const struct mm *mm);
/** model_remove_memory() - the @i-th that was added. */
int model_remove_memory(struct model *m, unsigned int i);
/** model_free_pages() - of kernel zones within [start, end), on a node or on all. */
/* As a type: all zones; MM_NR_ZONES: those of the kernel. */
#define MODEL_ALL_ZONES (MM_NR_ZONES + 1)
uint64_t model_free_pages(const struct model *m, const struct mm *mm, uint64_t start, uint64_t end,
			  int nid, int type);
/* Pages of memmap of an added range, each section by itself. */
uint64_t model_memmap(const struct model *m, uint64_t start, uint64_t end);
/* Kernel pages below @end that can be allocated without going below a watermark. */
uint64_t model_kernel_room(const struct model *m, const struct mm *mm, uint64_t end);

#endif
