/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec: machine files. Reads, checks and writes descriptions of machines, and knows the effects of
 * their architecture and kernel version. It runs no machines.
 */
#ifndef MEMHP_SPEC_H
#define MEMHP_SPEC_H

#include <stdio.h>

#include "memhp/base.h"
#include "memhp/hotplug.h"
#include "memhp/spec/arch.h"
#include "memhp/spec/config.h"
#include "memhp/spec/dmi.h"
#include "memhp/spec/fault_plan.h"
#include "memhp/spec/kernel.h"
#include "memhp/spec/name.h"

/**
 * struct machine_range - physical memory, or a window for memory to be added
 * @start, @end: bytes, @end inclusive
 * @nomap: reserved by firmware, with a memmap, but not System RAM
 * @hotpluggable: removable according to firmware (SRAT); for movable_node
 * @mirrored: mirrored by the hardware; for kernelcore=mirror
 * @line: line of the machine file; 0: not from a file
 */
struct machine_range {
	uint64_t start;
	uint64_t end;
	unsigned int node;
	bool nomap;
	bool hotpluggable;
	bool mirrored;
	unsigned int line;
};

/** struct machine_cpus - the CPUs of a node. */
struct machine_cpus {
	struct base_mask list;
	unsigned int node;
};

/** struct machine_domain - the node that the kernel gives a proximity domain of the firmware. */
struct machine_domain {
	unsigned int domain;
	unsigned int node;
};

/**
 * struct machine_recorded - recorded state of blocks @first to @last of a real machine
 * @online: their state; a standby block that was online is brought online at boot
 * @zones, @removable: the texts of valid_zones and removable until something changes the block;
 *		       NULL: those of the emulated kernel
 */
struct machine_recorded {
	uint64_t first;
	uint64_t last;
	bool online;
	char *zones;
	char *removable;
};

/** enum machine_swap_type - what a swap area is. */
enum machine_swap_type {
	MACHINE_SWAP_PARTITION,
	MACHINE_SWAP_FILE,
	MACHINE_NR_SWAP_TYPES,
};
extern const char *const machine_swap_type_names[MACHINE_NR_SWAP_TYPES];

/** MACHINE_SWAP_PAGES_MIN, MACHINE_SWAP_PAGES_MAX - what mkswap(8) can describe. */
#define MACHINE_SWAP_PAGES_MIN 10
#define MACHINE_SWAP_PAGES_MAX UINT32_MAX
/** MACHINE_SWAP_PRIO_MAX - the highest priority; MACHINE_SWAP_PRIO_AUTO: the kernel chooses. */
#define MACHINE_SWAP_PRIO_MAX 32767
#define MACHINE_SWAP_PRIO_AUTO UINT32_MAX

/** struct machine_swap_area - a swap area that is in use after boot; @path is owned. */
struct machine_swap_area {
	uint64_t size;
	enum machine_swap_type type;
	char *path;
	unsigned int priority;
};

/** struct machine_setting - a file of an object below machine/, and the value written to it. */
struct machine_setting {
	char *name;
	char *value;
	unsigned int line;
};

/**
 * struct machine_device - an object that is created below machine/ after the machine has booted
 * @kind: the directory: dimm, virtio-mem, ...; NULL: determined by the list that it is in
 * @settings: in any order, each file at most once
 * @line: of the machine file; 0: not from a file
 */
struct machine_device {
	char *kind;
	char *name;
	struct machine_setting *settings;
	size_t nr_settings;
	unsigned int line;
};

/** enum machine_firmware - what finds devices that are plugged when the machine boots again. */
enum machine_firmware {
	MACHINE_FIRMWARE_QEMU,	     /* the kernel, as hotplugged memory */
	MACHINE_FIRMWARE_BARE_METAL, /* firmware, which has them in its map */
};

/** enum machine_kernel_pages - where the kernel's own pages are allocated. */
enum machine_kernel_pages {
	MACHINE_KERNEL_PAGES_ZONELIST,
	MACHINE_KERNEL_PAGES_BOOT,
};

/**
 * struct machine_spec - the checked description of a machine
 *
 * @path: the file, owned; NULL: not from a file
 * @kernel: the release, owned; @profile: derived from it
 * @lacks: features that the kernel is built without, MACHINE_... (config.h)
 * @auto_online: how added memory goes online by default (mhp_default_online_type)
 * @cmdline: the kernel command line, owned
 * @page_shift, @phys_bits: by default from the architecture
 * @slots: for DIMMs; 0: not specified
 * @maxmem: bytes of RAM and of devices with memory together; 0: as the windows allow
 * @balloon: there is a balloon, until the monitor adds one
 * @firmware: of which kind it is
 * @nvdimm: the hypervisor's monitor can add NVDIMMs
 * @standby: memory whose blocks exist, offline, at boot
 * @recorded: in ascending order
 * @faults: plans that are enabled after boot
 * @swap: in use after that, in this order
 * @devices, @workloads: created after that, in this order (tree_add_devices())
 * @kasan: the kernel has KASAN, whose shadow takes an eighth of memory
 * @dmi: what firmware says about the machine: @nr_dmi is 0 or 1
 * @increment: bytes of a storage increment, the unit of phys_device; 0: phys_device is 0
 */
struct machine_spec {
	char *path;
	char *kernel;
	struct machine_kernel profile;
	const struct machine_arch *arch;
	uint64_t lacks;
	enum hp_type auto_online;
	char *cmdline;
	uint64_t block_size;
	unsigned int page_shift;
	unsigned int phys_bits;
	unsigned int slots;
	uint64_t maxmem;
	bool nvdimm;
	bool balloon;
	enum machine_firmware firmware;
	struct base_mask possible_nodes;
	struct machine_range *memory;
	size_t nr_memory;
	struct machine_range *hotplug;
	size_t nr_hotplug;
	struct machine_range *standby;
	size_t nr_standby;
	struct machine_cpus *cpus;
	size_t nr_cpus;
	struct machine_domain *proximity_domains;
	size_t nr_proximity_domains;
	struct machine_recorded *recorded;
	size_t nr_recorded;
	uint64_t increment;
	struct machine_fault_plan *faults;
	size_t nr_faults;
	struct machine_swap_area *swap;
	size_t nr_swap;
	struct machine_device *devices;
	size_t nr_devices;
	struct machine_device *workloads;
	size_t nr_workloads;
	bool kasan;
	enum machine_kernel_pages kernel_pages;
	enum machine_hypervisor hypervisor;
	struct machine_dmi *dmi;
	size_t nr_dmi;
};

/**
 * machine_spec_load() - read a machine file
 * @path: the file; also its name in errors
 * @err: gets one line per error: "FILE:LINE: FIELD: what is wrong and what is allowed"
 *
 * Return: 0, -EINVAL, or -errno when the file cannot be read; errors are explained on @err.
 */
int machine_spec_load(const char *path, FILE *err, struct machine_spec **ret_spec);
/** machine_spec_parse() - the same for a text; @first_line: the number of its first line. */
int machine_spec_parse(const char *text, size_t len, const char *path, unsigned int first_line,
		       FILE *err, struct machine_spec **ret_spec);
/** machine_spec_default() - the machine that is mounted if no file is given. */
int machine_spec_default(struct machine_spec **ret_spec);
void machine_spec_free(struct machine_spec *spec);
/** machine_spec_write() - write a machine file that loads as the same machine. */
void machine_spec_write(const struct machine_spec *spec, struct base_buf *buf);
/** machine_spec_has() - whether the kernel is built with all of @features (config.h). */
static inline bool machine_spec_has(const struct machine_spec *spec, uint64_t features)
{
	return !(features & spec->lacks);
}
/** machine_spec_can_alloc_contig() - whether it has CONFIG_CONTIG_ALLOC. */
static inline bool machine_spec_can_alloc_contig(const struct machine_spec *spec)
{
	return MACHINE_CONTIG_ALLOC & ~spec->lacks;
}
/** machine_spec_zone_end() - first byte above DMA or DMA32; 0: the kernel has no such zone. */
uint64_t machine_spec_zone_end(const struct machine_spec *spec, enum mm_zone_type zone);
/** machine_spec_section_size() - the bytes of a section; on arm64, depends on the page size. */
uint64_t machine_spec_section_size(const struct machine_spec *spec);
/** machine_spec_pageblock_size() - bytes of a pageblock: a huge page, if the kernel has them. */
uint64_t machine_spec_pageblock_size(const struct machine_spec *spec);
/** machine_spec_thp_size() - bytes of a transparent huge page; 0: the kernel has none. */
uint64_t machine_spec_thp_size(const struct machine_spec *spec);
/** machine_spec_has_hugepages() - whether there is a pool of huge pages of @kb. */
bool machine_spec_has_hugepages(const struct machine_spec *spec, unsigned int kb);
/** machine_spec_smaller_hugepages() - kB of the next smaller size; 0: there is none. */
unsigned int machine_spec_smaller_hugepages(const struct machine_spec *spec, unsigned int kb);
/** machine_spec_huge_pages() - base pages of each size of huge pages; 0: there is no such size. */
void machine_spec_huge_pages(const struct machine_spec *spec, uint64_t pages[MM_NR_HUGE]);
/** machine_spec_pmd_size() - the bytes that an entry of the second lowest page table maps. */
uint64_t machine_spec_pmd_size(const struct machine_spec *spec);
/** machine_spec_max_order() - the order of the allocator's largest chunk (MAX_PAGE_ORDER). */
unsigned int machine_spec_max_order(const struct machine_spec *spec);
/**
 * machine_spec_has_node() - whether a node is possible
 * @ret_possible: if it is not, gets the possible ones, for a message
 */
bool machine_spec_has_node(const struct machine_spec *spec, uint64_t nid,
			   struct base_buf *ret_possible);
/** machine_spec_max_swap() - the number of swap areas that the kernel can have (MAX_SWAPFILES). */
int machine_spec_max_swap(const struct machine_spec *spec);
/** machine_spec_is_path() - whether @text can be the path of a swap area. */
bool machine_spec_is_path(const char *text);
/** machine_spec_set_kernel() - replace the kernel's release; 0, -EINVAL or -ENOMEM. */
int machine_spec_set_kernel(struct machine_spec *spec, const char *release);
/** machine_spec_add_cmdline() - append @text to the command line (the last word wins). */
int machine_spec_add_cmdline(struct machine_spec *spec, const char *text);

#endif
