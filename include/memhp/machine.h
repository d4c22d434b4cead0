/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine: what firmware, boot loader, hypervisor and workloads do. Reads the description of a
 * machine, lays memory out at boot as Linux does, and owns the devices that bring memory later.
 */
#ifndef MEMHP_MACHINE_H
#define MEMHP_MACHINE_H

#include <stdio.h>

#include "memhp/base.h"
#include "memhp/hotplug.h"

struct machine;

/* ---- the description (spec.c, spec_yaml.c) --------------------------------------------------- */

/**
 * struct machine_range - physical memory, or a window where some may come
 * @start, @end: bytes, @end inclusive
 * @nomap: memory with a memmap that firmware keeps: not System RAM
 * @hotpluggable: firmware says that it can be taken away (SRAT): for movable_node
 * @mirrored: kept twice by the hardware: for kernelcore=mirror
 * @line: where the machine file says so; 0 when no file does
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

/**
 * struct machine_recorded - what a real machine showed of blocks @first to @last
 * @online: their state; a standby block that was online is brought online at boot
 * @zones, @removable: the words of valid_zones and removable until something changes the block;
 *		       NULL: what the emulated kernel says
 */
struct machine_recorded {
	uint64_t first;
	uint64_t last;
	bool online;
	char *zones;
	char *removable;
};

/* ---- kernel versions (kernel.c) -------------------------------------------------------------- */

/** MACHINE_KERNEL() - a version, to be compared. */
#define MACHINE_KERNEL(major, minor) ((unsigned int)(major) << 16 | (minor))

/**
 * struct machine_kernel - what Linux does in one version and not in another
 * @version: as of MACHINE_KERNEL()
 * @poison_stays_offline: a block with a poisoned page cannot go online; in older kernels it can,
 *			  and which pages are poisoned is forgotten
 * @memmap_force: memmap_on_memory=force is known
 * @memmap_in_each_block: memory of several blocks can hold its memmap, block by block; in older
 *			  kernels only a single block can
 */
struct machine_kernel {
	unsigned int version;
	bool poison_stays_offline;
	bool memmap_force;
	bool memmap_in_each_block;
};

/** machine_kernel_parse() - from a release as uname -r prints it; 0 or -EINVAL. */
int machine_kernel_parse(const char *release, struct machine_kernel *ret_kernel);
/** machine_kernel_print_versions() - those that are known: "6.1 to 6.12". */
void machine_kernel_print_versions(struct base_buf *buf);
/**
 * machine_kernel_has() - whether a version is in a range
 * @since: the first version; 0: any
 * @until: the first version that is later; 0: none
 */
bool machine_kernel_has(const struct machine_kernel *kernel, unsigned int since,
			unsigned int until);

/** enum machine_kernel_pages - where the kernel's own allocations land. */
enum machine_kernel_pages {
	MACHINE_KERNEL_PAGES_ZONELIST,
	MACHINE_KERNEL_PAGES_BOOT,
};

/**
 * struct machine_spec - a machine as a file describes it, checked
 *
 * @kernel: the release, owned; @profile: what follows from it
 * @cmdline: the kernel command line, owned
 * @page_shift, @phys_bits: from the architecture where the file is silent
 * @standby: memory whose blocks are there since boot, and offline
 * @recorded: ascending
 * @faults: plans that are enabled when the machine has booted
 * @kasan: the kernel has KASAN: an eighth of memory is its shadow
 * @increment: bytes of a storage increment, which phys_device counts in; 0: it counts nothing
 */
struct machine_spec {
	char *kernel;
	struct machine_kernel profile;
	const struct machine_arch *arch;
	char *cmdline;
	uint64_t block_size;
	unsigned int page_shift;
	unsigned int phys_bits;
	struct base_mask possible_nodes;
	struct machine_range *memory;
	size_t nr_memory;
	struct machine_range *hotplug;
	size_t nr_hotplug;
	struct machine_range *standby;
	size_t nr_standby;
	struct machine_cpus *cpus;
	size_t nr_cpus;
	struct machine_recorded *recorded;
	size_t nr_recorded;
	uint64_t increment;
	struct machine_fault **faults;
	size_t nr_faults;
	bool kasan;
	enum machine_kernel_pages kernel_pages;
};

/**
 * machine_spec_load() - read a machine file
 * @path: the file; also what errors call it
 * @err: gets one line per error: "FILE:LINE: FIELD: what is wrong and what is allowed"
 *
 * Return: 0, -EINVAL (said on @err), -errno when the file cannot be read (said on @err).
 */
int machine_spec_load(const char *path, FILE *err, struct machine_spec **ret_spec);
/** machine_spec_parse() - the same for a text; @first_line: what its first line is called. */
int machine_spec_parse(const char *text, size_t len, const char *path, unsigned int first_line,
		       FILE *err, struct machine_spec **ret_spec);
/** machine_spec_default() - the machine that is mounted when no file is given. */
int machine_spec_default(struct machine_spec **ret_spec);
void machine_spec_free(struct machine_spec *spec);
/** machine_spec_write() - a machine file that is read as the same machine. */
void machine_spec_write(const struct machine_spec *spec, struct base_buf *buf);
/** machine_spec_section_size() - bytes of a section; depends on the page size on arm64. */
uint64_t machine_spec_section_size(const struct machine_spec *spec);
/** machine_spec_pmd_size() - bytes that an entry of the second lowest page table maps. */
uint64_t machine_spec_pmd_size(const struct machine_spec *spec);
/** machine_spec_max_order() - of the largest chunk of the page allocator (MAX_PAGE_ORDER). */
unsigned int machine_spec_max_order(const struct machine_spec *spec);
/** machine_spec_add_cmdline() - append @text to the command line (the last word wins). */
int machine_spec_add_cmdline(struct machine_spec *spec, const char *text);
/**
 * machine_cmdline_check() - what makes no sense in a kernel command line
 * @spec: the machine that would boot with it
 * @remarks: gets a line for each word that is misspelt or has a value that is not understood,
 * whether the kernel says so or not: "WORD" and what is wrong (what is allowed). Words that mean
 * nothing here, but may to Linux, are not among them.
 *
 * Return: 0 or -ENOMEM.
 */
int machine_cmdline_check(const struct machine_spec *spec, const char *cmdline,
			  struct base_buf *remarks);
/** machine_cmdline_word() - names of what is understood on the command line; NULL: no more. */
const char *machine_cmdline_word(size_t i);
/** machine_cmdline_allowed() - what may be the value of that, in words; NULL: it needs none. */
const char *machine_cmdline_allowed(size_t i);

/* ---- architectures (arch.c) ------------------------------------------------------------------ */

/** struct machine_image - a part of the kernel image; @end is inclusive. */
struct machine_image {
	const char *name;
	uint64_t start;
	uint64_t end;
};

/**
 * struct machine_arch - what Linux hard-codes per architecture
 * @page_shift: of the usual page size
 * @page_sizes: sum of the page sizes that a kernel can be built with
 * @phys_bits, @max_phys_bits: physical address width where a machine file is silent; the largest
 * @section_size: bytes; a block is a power of two of them
 * @section_size_64k: the same with 64 KiB pages
 * @usual_block: bytes of a block where firmware does not say; 0: a section
 * @pageblock: bytes of a pageblock; 0: what a PMD maps
 * @dma_limit, @dma32_limit: first byte above the zone; 0: no such zone. A zone that ends where
 *			     the one before ends exists and is always empty
 * @dma_takes_high: memory that all lies above @dma_limit is all in the DMA zone
 * @max_mappable: last byte that the kernel can map
 * @alias: another name, as Debian or QEMU has it; NULL: none
 * @low_reserved: bytes from address 0 that firmware and the kernel keep to themselves
 * @image: where the kernel image lies, up to an entry without a name; NULL: it is not modelled
 * @pc_resources: /proc/iomem has what QEMU's pc machine and the e820 code put there
 * @merges_nodes: boot memory that touches is one resource, whatever its nodes
 * @block_size_of: choose the block size from the memory; NULL: see machine_arch_block_size()
 * @crash_limit: first byte above the memory for a crash kernel
 * @firmware_memmap: sys/firmware/memmap exists
 * @direct_map_lines: meminfo has the lines DirectMap4k and so on
 * @direct_map_events: vmstat counts how often pages of the direct map were split
 * @has_acpi: DIMMs are ACPI devices, and their blocks have a firmware_node
 * @dlpar: DIMMs are logical memory blocks of a logical partition, and sys/kernel/dlpar exists
 * @modules: the kernel that conformance/ was recorded on can load modules
 * @max_order: MAX_PAGE_ORDER with pages of 4K, 16K and 64K
 * @hugepages_kb: sizes of huge pages, kB
 * @mem_limits_amount: mem= counts memory; otherwise it is an address
 * @probe, @crash_hotplug: files of sys/devices/system/memory that exist
 * @pte_entries: of the lowest page table with pages of @page_shift; with others it is one page
 * @memmap_on_memory: the memmap of added memory may lie in it, where it is whole PMDs
 * @boot_offline: boot memory may go offline (arm64 refuses with EPERM)
 * @kdump_swaps: a crash kernel needs as much of the lowest memory as was reserved for it
 */
struct machine_arch {
	const char *name;
	unsigned int page_shift;
	unsigned int page_sizes;
	unsigned int phys_bits;
	unsigned int max_phys_bits;
	uint64_t section_size;
	uint64_t section_size_64k;
	uint64_t usual_block;
	uint64_t pageblock;
	uint64_t dma_limit;
	uint64_t dma32_limit;
	uint64_t max_mappable;
	unsigned int max_order[3];
	unsigned int hugepages_kb[4];
	unsigned int pte_entries;
	bool dma_takes_high;
	const char *alias;
	uint64_t low_reserved;
	const struct machine_image *image;
	bool pc_resources;
	bool merges_nodes;
	uint64_t (*block_size_of)(const struct machine_spec *spec);
	uint64_t crash_limit;
	bool firmware_memmap;
	bool direct_map_lines;
	bool direct_map_events;
	bool has_acpi;
	bool dlpar;
	bool modules;
	bool mem_limits_amount;
	bool probe;
	bool crash_hotplug;
	bool memmap_on_memory;
	bool boot_offline;
	bool kdump_swaps;
};

/** machine_arch_find() - by name as uname -m has it ("arm64" too); NULL when unknown. */
const struct machine_arch *machine_arch_find(const char *name);
/**
 * machine_arch_block_size() - the block size that the kernel chooses (memory_block_size_bytes())
 * @spec: its architecture, page size, increment and memory are set
 *
 * A machine is taken for a virtual one: bare metal x86_64 of 64 GiB or more would have 2 GiB.
 */
uint64_t machine_arch_block_size(const struct machine_spec *spec);
/** machine_arch_print_names() - the names known, for messages: "x86_64, arm64 (aarch64), ...". */
void machine_arch_print_names(struct base_buf *buf);

/* ---- the machine (machine.c) ----------------------------------------------------------------- */

/**
 * machine_new() - build and boot a machine
 * @spec: must outlive the machine
 * @clock: likewise
 *
 * Return: 0, -ENOMEM, -EINVAL when the command line leaves no memory.
 */
int machine_new(const struct machine_spec *spec, struct base_clock *clock,
		struct machine **ret_machine);
void machine_free(struct machine *machine);
/** machine_set_observer() - one listener for all news; NULL for none. */
void machine_set_observer(struct machine *machine, const struct hp_observer *observer, void *ctx);
const struct machine_spec *machine_spec(const struct machine *machine);
struct hp *machine_hp(const struct machine *machine);
struct mm *machine_mm(const struct machine *machine);
/** machine_log_text() - the kernel's log so far; the oldest lines go when it gets long. */
const struct base_buf *machine_log_text(const struct machine *machine);
/** machine_log() - a line of it, without newline, however long. */
void machine_log(struct machine *machine, const char *line);
/** machine_log_dropped() - how many bytes have gone at its beginning. */
uint64_t machine_log_dropped(const struct machine *machine);
/** machine_node_cpus() - the CPUs of a node. */
void machine_node_cpus(const struct machine *machine, int nid, struct base_mask *ret_cpus);
/** machine_all_cpus() - the CPUs of all nodes. */
void machine_all_cpus(const struct machine *machine, struct base_mask *ret_cpus);
/** machine_node_distance() - as the firmware's SLIT has it. */
unsigned int machine_node_distance(const struct machine *machine, int from, int to);

/* ---- refusals (refuse.c) --------------------------------------------------------------------- */

/**
 * machine_refuse() - say why something is refused
 * @machine: NULL: nobody hears it
 * @err: the answer, a negative errno
 * @fmt: what is wrong, and what is allowed, free or to be done first, as in a machine file's errors
 *
 * The last reason counts, until machine_refusal() has taken it. To be called directly before the
 * answer: what takes time in between may refuse something else.
 *
 * Return: @err.
 */
int machine_refuse(struct machine *machine, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** machine_refuse_nothing() - what was refused until now is nobody's answer. */
void machine_refuse_nothing(struct machine *machine);
/**
 * machine_refusal() - the log's line for a refusal
 * @path: below machine/
 *
 * Takes the reason that was said with @err; without any it makes one of @err.
 */
void machine_refusal(struct machine *machine, const char *path, int err, struct base_buf *ret_line);

/* ---- saving and loading (save.c) ------------------------------------------------------------- */

/**
 * machine_is_quiet() - whether nothing is under way, so that it can be saved
 *
 * Timers may be armed: those of virtio-mem's drivers, which try again later.
 */
bool machine_is_quiet(const struct machine *machine);
/**
 * machine_save() - all that follows from its description and from what came from outside
 *
 * Loading, @machine was just built from the same description, at a time before that of its timers;
 * after an error it is good only for machine_free(). It has no observer.
 */
void machine_save(struct machine *machine, struct base_save *s);

/* ---- memory that is there since boot (standby.c) --------------------------------------------- */

/** machine_recorded() - what a block showed when it was recorded; NULL once it has changed. */
const struct machine_recorded *machine_recorded(const struct machine *machine,
						const struct hp_block *block);
/** machine_phys_device() - the storage increment that a block begins with (s390); else 0. */
uint64_t machine_phys_device(const struct machine *machine, const struct hp_block *block);

/* ---- DIMMs (dimm.c) -------------------------------------------------------------------------- */

struct machine_dimm;

/** enum machine_dimm_field - what can be set before a DIMM is plugged. */
enum machine_dimm_field {
	MACHINE_DIMM_SIZE,
	MACHINE_DIMM_NODE,
	MACHINE_DIMM_ADDR,
	MACHINE_DIMM_SLOT,
	MACHINE_DIMM_BACKED, /* bytes from its start that are memory; MACHINE_DIMM_AUTO: all */
	MACHINE_DIMM_NR_FIELDS,
};

#define MACHINE_DIMM_AUTO UINT64_MAX /* address or slot: chosen when it is plugged */

/** machine_region_room() - bytes of the largest free range for devices; 0: there is none. */
uint64_t machine_region_room(const struct machine *machine);

/** machine_dimm_new() - an inert DIMM; 0 or -ENOMEM. */
int machine_dimm_new(struct machine *machine, struct machine_dimm **ret_dimm);
/** machine_dimm_next() - the first one (NULL), or the one after @dimm; NULL: none. */
struct machine_dimm *machine_dimm_next(const struct machine *machine, struct machine_dimm *dimm);
/** machine_dimm_free() - -EBUSY while it is plugged or on its way. */
int machine_dimm_free(struct machine *machine, struct machine_dimm *dimm);
uint64_t machine_dimm_get(const struct machine_dimm *dimm, enum machine_dimm_field field);
/**
 * machine_dimm_set() - 0, -EBUSY while it is plugged, -EINVAL
 *
 * MACHINE_DIMM_BACKED may grow while it is plugged.
 */
int machine_dimm_set(struct machine *machine, struct machine_dimm *dimm,
		     enum machine_dimm_field field, uint64_t value);
bool machine_dimm_plugged(const struct machine_dimm *dimm);
/** machine_dimm_ost() - status of the last insertion or eject request (_OST); -1 without ACPI. */
int machine_dimm_ost(const struct machine_dimm *dimm);
/**
 * machine_dimm_plug() - insert or eject, once the hotplug lock is free
 *
 * @asker gets 0 (also when it is so already); -EINVAL (no size, or one that is no multiple of
 * 2 MiB; a node that is not possible), -EEXIST (address taken), -ENOSPC (no room), -EBUSY (another
 * request is under way), and for an eject -EBUSY when the kernel refuses it. As with real firmware,
 * an insertion succeeds even when the kernel cannot use the memory: see the log.
 */
void machine_dimm_plug(struct machine *machine, struct machine_dimm *dimm, bool plug,
		       struct hp_then *asker);
/**
 * machine_dimm_interrupt() - a signal for who asked
 *
 * A request that waits for the lock is given up when the signal is @fatal. One that is under way
 * goes on, and he gets -EINTR: as a guest does what the hypervisor has asked for once.
 */
void machine_dimm_interrupt(struct machine *machine, struct machine_dimm *dimm, bool fatal);
/** MACHINE_DIMM_SLOTS - how many DIMMs fit in; each slot is an ACPI device. */
#define MACHINE_DIMM_SLOTS 256
/** machine_acpi_present() - whether there is a DIMM in a slot. */
bool machine_acpi_present(const struct machine *machine, uint64_t slot);
/**
 * machine_acpi_eject() - a write to a memory device's eject file (eject_store())
 *
 * Return: 0, and the DIMM goes, or not, later on; -ENODEV when there is none, or ejecting is
 * switched off.
 */
int machine_acpi_eject(struct machine *machine, uint64_t slot);
/** machine_acpi_has_memhotplug() - whether there is a handler for memory devices. */
bool machine_acpi_has_memhotplug(const struct machine *machine);
/** machine_acpi_enabled() - whether DIMMs may be ejected (hotplug/memory/enabled). */
bool machine_acpi_enabled(const struct machine *machine);
void machine_acpi_enable(struct machine *machine, bool enable);
/** machine_dimm_of_block() - number of the ACPI device that a block belongs to; -1: of none. */
int machine_dimm_of_block(const struct machine *machine, const struct hp_block *block);

/* ---- containers (container.c) ---------------------------------------------------------------- */

struct machine_container;

/** enum machine_container_hid - ids of ACPI devices that are containers. */
enum machine_container_hid {
	MACHINE_CONTAINER_ACPI0004,
	MACHINE_CONTAINER_PNP0A05,
	MACHINE_CONTAINER_PNP0A06,
	MACHINE_NR_CONTAINER_HIDS,
};
extern const char *const machine_container_hids[MACHINE_NR_CONTAINER_HIDS];

/** machine_container_new() - an inert container; 0 or -ENOMEM. */
int machine_container_new(struct machine *machine, struct machine_container **ret_container);
/** machine_container_free() - -EBUSY while it is plugged or on its way. */
int machine_container_free(struct machine *machine, struct machine_container *container);
/** machine_container_next() - the first one (NULL), or the one after @container; NULL: none. */
struct machine_container *machine_container_next(const struct machine *machine,
						 struct machine_container *container);
int machine_container_hid(const struct machine_container *container);
/** machine_container_set_hid() - -EBUSY while it is plugged. */
int machine_container_set_hid(struct machine_container *container, int hid);
bool machine_container_plugged(const struct machine_container *container);
/** machine_container_name() - of its device, as "ACPI0004:00", when it was ever plugged. */
const char *machine_container_name(const struct machine_container *container);
/** machine_container_holds() - whether a DIMM came with a container, and goes with it. */
bool machine_container_holds(const struct machine *machine, const struct machine_dimm *dimm);
/**
 * machine_container_plug() - it has a name, and machine_container_start() plugs its DIMMs
 * @asker: gets 0, or what plugging one of them answered; then none is plugged, nor is it
 *
 * Return: 0; -EBUSY (a DIMM is plugged, or another's), -ENOMEM: @asker is not called.
 */
int machine_container_plug(struct machine *machine, struct machine_container *container,
			   struct machine_dimm *const *dimms, size_t nr_dimms,
			   struct hp_then *asker);
void machine_container_start(struct machine_container *container);
/**
 * machine_container_eject() - firmware asks for it back
 *
 * Return: 0, and @asker gets 0 or -EBUSY; -EBUSY when user space has not taken it offline, which is
 * asked to by a uevent: @asker is not called.
 */
int machine_container_eject(struct machine *machine, struct machine_container *container,
			    struct hp_then *asker);
/** machine_container_offline() - whether user space has taken it offline. */
bool machine_container_offline(const struct machine_container *container);
/** machine_container_set_offline() - 0, or -EBUSY while one of its blocks is online. */
int machine_container_set_offline(struct machine_container *container, bool offline);

/* ---- logical partitions (dlpar_words.c) ------------------------------------------------------ */

/**
 * machine_dlpar_store() - a write to sys/kernel/dlpar (dlpar_store())
 * @call: only @done is set; its result is 0 or -errno
 *
 * Return: 0, and @call has been submitted; -EINVAL for words that are none (said in the log),
 * -ENOMEM.
 */
int machine_dlpar_store(struct machine *machine, const char *text, struct hp_call *call);

/* ---- virtio-mem (virtio_mem.c) --------------------------------------------------------------- */

struct machine_vmem;

/** struct machine_vmem_params - parameters of the driver's module */
struct machine_vmem_params {
	bool unplug_online;
	bool force_bbm;
	uint64_t bbm_block_size;
};
struct machine_vmem_params *machine_vmem_params(struct machine *machine);

/** enum machine_vmem_field - attributes of a device, bytes but for the node. */
enum machine_vmem_field {
	MACHINE_VMEM_SIZE, /* of its region */
	MACHINE_VMEM_NODE,
	MACHINE_VMEM_ADDR,	 /* MACHINE_DIMM_AUTO: chosen when it is plugged */
	MACHINE_VMEM_BLOCK_SIZE, /* in which the hypervisor gives and takes memory */
	MACHINE_VMEM_REQUESTED,	 /* what the guest should have */
	MACHINE_VMEM_PLUGGED,	 /* what it has; read only */
	MACHINE_VMEM_NR_FIELDS,
};

/** machine_vmem_new() - an inert device; 0 or -ENOMEM. */
int machine_vmem_new(struct machine *machine, struct machine_vmem **ret_vmem);
/** machine_vmem_next() - the first one (NULL), or the one after @vmem; NULL: none. */
struct machine_vmem *machine_vmem_next(const struct machine *machine, struct machine_vmem *vmem);
/** machine_vmem_free() - -EBUSY while it is plugged. */
int machine_vmem_free(struct machine *machine, struct machine_vmem *vmem);
uint64_t machine_vmem_get(const struct machine_vmem *vmem, enum machine_vmem_field field);
/**
 * machine_vmem_set() - the requested size at any time, all else while it is not plugged
 *
 * The driver acts at once, or when the hotplug lock is free; what it cannot do it tries again.
 *
 * Return: 0; -EBUSY while it is plugged; -EINVAL (a node that is not possible, a block size that
 * is no power of two of at least 1 MiB, a requested size beyond the size or no multiple of the
 * block size).
 */
int machine_vmem_set(struct machine *machine, struct machine_vmem *vmem,
		     enum machine_vmem_field field, uint64_t value);
bool machine_vmem_plugged(const struct machine_vmem *vmem);
/**
 * machine_vmem_plug() - plug the device, or unplug it when it has no memory
 *
 * Return: 0 (also when it is so already); -EINVAL (no size, or one that is no multiple of the block
 * size), -EEXIST (address taken), -ENOSPC (no room), -EBUSY (it has memory, or is asked to),
 * -ENOMEM.
 */
int machine_vmem_plug(struct machine *machine, struct machine_vmem *vmem, bool plug);

/* ---- DAX devices (dax.c) --------------------------------------------------------------------- */

struct machine_dax;

/** enum machine_dax_field - what can be set before a DAX device is plugged, bytes but the node. */
enum machine_dax_field {
	MACHINE_DAX_SIZE,
	MACHINE_DAX_NODE,
	MACHINE_DAX_ADDR, /* MACHINE_DIMM_AUTO: chosen when it is plugged */
	MACHINE_DAX_NR_FIELDS,
};

/** machine_dax_new() - an inert device, called @name in the log and the map; 0 or -ENOMEM. */
int machine_dax_new(struct machine *machine, const char *name, struct machine_dax **ret_dax);
/** machine_dax_next() - the first one (NULL), or the one after @dax; NULL: none. */
struct machine_dax *machine_dax_next(const struct machine *machine, struct machine_dax *dax);
/** machine_dax_free() - -EBUSY while it is plugged. */
int machine_dax_free(struct machine *machine, struct machine_dax *dax);
uint64_t machine_dax_get(const struct machine_dax *dax, enum machine_dax_field field);
/** machine_dax_set() - -EBUSY while it is plugged; -EINVAL for a node that is not possible. */
int machine_dax_set(struct machine *machine, struct machine_dax *dax, enum machine_dax_field field,
		    uint64_t value);
/** machine_dax_memmap_on_memory() - whether its memmap may lie in it. */
bool machine_dax_memmap_on_memory(const struct machine_dax *dax);
/** machine_dax_set_memmap_on_memory() - -EOPNOTSUPP, or -EBUSY while the driver has it. */
int machine_dax_set_memmap_on_memory(struct machine *machine, struct machine_dax *dax, bool on);
bool machine_dax_plugged(const struct machine_dax *dax);
/**
 * machine_dax_plug() - the device comes, or goes
 *
 * Return: 0 (also when it is so already); -EINVAL (no size, or one that is no multiple of 2 MiB),
 * -EEXIST (address taken), -ENOSPC (no room), -EBUSY (some of it is System RAM).
 */
int machine_dax_plug(struct machine *machine, struct machine_dax *dax, bool plug);
/** machine_dax_bound() - whether the kmem driver has it. */
bool machine_dax_bound(const struct machine_dax *dax);
/**
 * machine_dax_bind() - give the device to the kmem driver, or take it away
 * @call: only @done is set; its result is 0 or what the driver answers: -ENODEV (not plugged),
 *	  -EINVAL (no whole memory block), -EBUSY (some is still reserved), or as hp_add_memory()
 *
 * Memory that is online stays when the driver goes, until the machine boots again.
 */
void machine_dax_bind(struct machine *machine, struct machine_dax *dax, bool bind,
		      struct hp_call *call);

/* ---- fault plans (fault.c) ------------------------------------------------------------------- */

struct machine_fault;

/** enum machine_fault_field - numbers of a plan. */
enum machine_fault_field {
	MACHINE_FAULT_AFTER,	   /* so many steps pass first */
	MACHINE_FAULT_COUNT,	   /* so many fail then; 0: all */
	MACHINE_FAULT_PROBABILITY, /* percent of the steps; 100: each */
	MACHINE_FAULT_SEED,	   /* which ones */
	MACHINE_FAULT_DELAY_MS,	   /* how long it is held up first; MACHINE_FAULT_HANG */
	MACHINE_FAULT_HITS,	   /* steps since it was enabled; read only */
	MACHINE_FAULT_FAILURES,	   /* those that failed; read only */
	MACHINE_FAULT_NR_FIELDS,
};

#define MACHINE_FAULT_HANG UINT64_MAX /* until the plan is disabled or removed */

/** machine_fault_alloc() - a plan of no machine, for a description of one; 0 or -ENOMEM. */
int machine_fault_alloc(const char *name, struct machine_fault **ret_fault);
void machine_fault_dealloc(struct machine_fault *fault);
/** machine_fault_next() - the first plan (NULL), or the one after @fault; NULL: none. */
struct machine_fault *machine_fault_next(const struct machine *machine,
					 struct machine_fault *fault);
const char *machine_fault_name(const struct machine_fault *fault);
/** machine_fault_new() - a plan that is not enabled; 0 or -ENOMEM. */
int machine_fault_new(struct machine *machine, const char *name, struct machine_fault **ret_fault);
void machine_fault_free(struct machine *machine, struct machine_fault *fault);
/**
 * machine_fault_phase() - the step that is to fail
 *
 * Setting anything of a plan while it is enabled: -EBUSY; what makes no sense: -EINVAL.
 */
enum hp_fault machine_fault_phase(const struct machine_fault *fault);
int machine_fault_set_phase(struct machine_fault *fault, enum hp_fault phase);
/** machine_fault_print_block() - "any", "32-39", "every 3", "node 1" or "zone Movable". */
void machine_fault_print_block(const struct machine_fault *fault, struct base_buf *buf);
int machine_fault_set_block(struct machine_fault *fault, const char *text);
/**
 * struct machine_fault_reach - which blocks a plan can be about
 * @first, @last: their numbers; all: from 0 to UINT64_MAX
 * @nid: their node; -1: any
 * @zone: their zone; MM_NR_ZONES: any
 */
struct machine_fault_reach {
	uint64_t first;
	uint64_t last;
	int nid;
	enum mm_zone_type zone;
};
struct machine_fault_reach machine_fault_reach(const struct machine_fault *fault);
/** machine_fault_print_errno() - its name, as "EBUSY"; "none": the step does not fail. */
void machine_fault_print_errno(const struct machine_fault *fault, struct base_buf *buf);
int machine_fault_set_errno(struct machine_fault *fault, const char *text);
uint64_t machine_fault_get(const struct machine_fault *fault, enum machine_fault_field field);
int machine_fault_set(struct machine_fault *fault, enum machine_fault_field field, uint64_t value);
bool machine_fault_enabled(const struct machine_fault *fault);
/** machine_fault_enable() - counts begin anew; 0 or -ENOMEM. Without it nothing is held up. */
int machine_fault_enable(struct machine_fault *fault, bool enable);

/* ---- workloads (workload.c) ------------------------------------------------------------------ */

struct machine_workload;

/** machine_workload_new() - an inert workload, called @name in the log; 0 or -ENOMEM. */
int machine_workload_new(struct machine *machine, const char *name,
			 struct machine_workload **ret_workload);
/** machine_workload_next() - the first one (NULL), or the one after @workload; NULL: none. */
struct machine_workload *machine_workload_next(const struct machine *machine,
					       struct machine_workload *workload);
/** machine_workload_free() - gives back what it holds. */
void machine_workload_free(struct machine *machine, struct machine_workload *workload);
/** machine_workload_kind_word() - the kinds that there are; NULL: no more. */
const char *machine_workload_kind_word(size_t i);
/** machine_workload_kind() - "" while none is set. */
const char *machine_workload_kind(const struct machine_workload *workload);
/**
 * machine_workload_set_kind() - what its memory is used for
 *
 * While it holds memory only anon can become pinned, and pinned anon.
 *
 * Return: 0; -EINVAL for a kind not known; -EBUSY for another change while it holds memory; -ENOMEM
 * when what lies in Movable or CMA has nowhere else to be pinned.
 */
int machine_workload_set_kind(struct machine *machine, struct machine_workload *workload,
			      const char *kind);
/** machine_workload_block() - block that it is forced onto; -1: none. */
int64_t machine_workload_block(const struct machine_workload *workload);
/** machine_workload_set_block() - 0, -EBUSY while it holds memory, -ENODEV: no such block. */
int machine_workload_set_block(struct machine *machine, struct machine_workload *workload,
			       int64_t block);
/** machine_workload_node() - node that it is bound to or prefers; -1: none. */
int machine_workload_node(const struct machine_workload *workload);
int machine_workload_set_node(struct machine *machine, struct machine_workload *workload, int nid);
/** enum machine_numa - what a workload's node means. */
enum machine_numa {
	MACHINE_NUMA_BIND,   /* no other node will do */
	MACHINE_NUMA_PREFER, /* the others when it is full */
	MACHINE_NR_NUMA,
};
extern const char *const machine_numa_names[MACHINE_NR_NUMA];
enum machine_numa machine_workload_numa(const struct machine_workload *workload);
/** machine_workload_set_numa() - for what is allocated from now on. */
void machine_workload_set_numa(struct machine_workload *workload, enum machine_numa numa);

/** enum machine_oom - what happens when a size cannot be had. */
enum machine_oom {
	MACHINE_OOM_FAIL, /* -ENOMEM */
	MACHINE_OOM_KILL, /* the largest workload is killed first */
	MACHINE_NR_OOM,
};
extern const char *const machine_oom_names[MACHINE_NR_OOM];
enum machine_oom machine_workload_oom(const struct machine_workload *workload);
void machine_workload_set_oom(struct machine_workload *workload, enum machine_oom oom);
/** machine_workload_resident() - where its pages lie: a line per node and zone. */
void machine_workload_resident(const struct machine *machine,
			       const struct machine_workload *workload, struct base_buf *buf);
/** machine_workload_size() - bytes held; page cache may have been reclaimed. */
uint64_t machine_workload_size(const struct machine *machine,
			       const struct machine_workload *workload);
/**
 * machine_workload_set_size() - rounded up to pages, or to huge pages
 *
 * Return: 0; -EINVAL without a kind; -ENOMEM with its own memory unchanged (unless the OOM killer
 * took it).
 */
int machine_workload_set_size(struct machine *machine, struct machine_workload *workload,
			      uint64_t bytes);

#endif
