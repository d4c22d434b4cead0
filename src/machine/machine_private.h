/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of machine. */
#ifndef MACHINE_PRIVATE_H
#define MACHINE_PRIVATE_H

#include <bsd/sys/queue.h>

#include "memhp/hotplug.h"
#include "memhp/machine.h"
#include "memhp/mm.h"

/* The addresses of a plugged device. */
struct machine_region {
	uint64_t start;
	uint64_t size;
	TAILQ_ENTRY(machine_region) link;
};

/* Memory for a crash kernel, bytes; @size 0: none. */
struct machine_crash {
	uint64_t start;
	uint64_t size;
};

/*
 * What cma= asks for, bytes.
 * @base: not below this address; @limit: below that, 0: anywhere; @fixed: at @base
 */
struct machine_cma {
	uint64_t size;
	uint64_t base;
	uint64_t limit;
	bool fixed;
};

/*
 * The kernel's log as records; see memhp/machine/kmsg.h.
 * @gone: how many bytes at the beginning of @text are of records that were overwritten
 * @dropped: bytes of all such records; @next_number: of the next one
 * @is_on: the machine has booted: each line becomes a record
 */
struct machine_kmsg {
	struct base_buf text;
	size_t gone;
	uint64_t dropped;
	uint64_t next_number;
	bool is_on;
};

/* Why something was refused with @err, a negative errno; 0: no refusal. */
struct machine_reason {
	int err;
	char text[256];
};

/*
 * @cmdline: of the kernel that runs; @next_cmdline: of the next boot, NULL: the same
 * @mapped: devices that firmware's map had as memory when it booted
 * @nr_boots: how often it has booted again
 * @reason: of the last refusal, not yet reported
 * @regions: of all plugged devices
 * @mem_limit: of mem=, bytes; UINT64_MAX: none
 * @cma: of cma=
 * @movable: of kernelcore=, movablecore= and movable_node
 * @memmap_forced: memmap_on_memory=force was given
 * @next_container: number of the next container device, by its id
 * @slots_name: the container of the DIMM slots; @slots_offline: user space has taken it offline
 * @lmbs: of dlpar.c
 * @shadows: of KASAN, for memory onlined after boot
 * @crash: memory for a crash kernel; @crash_low: what it needs below, if that is high memory
 * @dax_ids: what new_id was told; @dax_names: in /proc/iomem; @dax_no_autoprobe: of their bus
 * @last_retry: number of the last retry of a virtio-mem driver
 * @acpi_eject_enabled, @acpi_no_memhotplug: switches of the ACPI memory handler
 * @free_vmemmap: of hugetlb_free_vmemmap=
 * @memory: the spec's memory below the limit of mem=
 * @vm: values of /proc/sys/vm, except for those that mm or hotplug has; @reserve: of vm.c
 * @events: how often each has happened
 * @drops_silently: drop_caches no longer logs who writes to it
 */
struct machine {
	const struct machine_spec *spec;
	struct base_clock *clock;
	struct mm *mm;
	struct hp *hp;
	const struct hp_observer *observer;
	void *observer_ctx;
	char *cmdline;
	char *next_cmdline;
	struct machine_range *mapped;
	size_t nr_mapped;
	uint64_t nr_boots;
	const struct machine_monitor *monitor;
	void *monitor_ctx;
	struct base_buf log;
	struct machine_reason reason;
	uint64_t log_dropped; /* bytes dropped from its start */
	uint64_t log_booted;  /* bytes before the first line of the kernel that runs */
	struct machine_kmsg kmsg;
	uint64_t mem_limit;
	struct machine_cma cma;
	struct mm_movable movable;
	bool memmap_forced;
	bool free_vmemmap;
	struct machine_range *memory;
	size_t nr_memory;
	struct hp_params boot_params;
	int64_t fail_alloc[HP_FAIL_SPACE + 1]; /* by the first of enum hp_fail_field */
	bool has_fail_alloc;
	unsigned int nr_cpus;
	TAILQ_HEAD(, machine_region) regions;
	TAILQ_HEAD(, machine_dimm) dimms;
	const struct machine_dimm_driver *dimm_driver;
	TAILQ_HEAD(, machine_container) containers;
	unsigned int next_container[MACHINE_NR_CONTAINER_HIDS];
	char slots_name[16];
	bool slots_offline;
	struct machine_lmbs *lmbs;
	TAILQ_HEAD(, machine_fault) faults;
	struct machine_fault *holding; /* the plan that delays the engine; or NULL */
	TAILQ_HEAD(, shadow) shadows;
	struct hp_notifier kasan;
	struct hp_notifier kdump;
	struct hp_notifier reserve;
	uint64_t vm[MACHINE_NR_VM];
	uint64_t events[MACHINE_NR_EVENTS];
	bool drops_silently;
	struct machine_thp thp;
	struct machine_crash crash;
	struct machine_crash crash_low;
	bool acpi_eject_enabled;
	bool acpi_no_memhotplug;
	TAILQ_HEAD(, machine_vmem) vmems;
	uint64_t last_retry;
	TAILQ_HEAD(, machine_dax) daxes;
	TAILQ_HEAD(, dax_id) dax_ids;
	TAILQ_HEAD(, dax_text) dax_names;
	bool dax_no_autoprobe;
	struct machine_vmem_params vmem_params;
	TAILQ_HEAD(, machine_swap) swaps;
	TAILQ_HEAD(, machine_workload) workloads;
};

/* check.c: 0, or -EINVAL with a reason. @what: as "the size" */
int machine_check_node(struct machine *machine, uint64_t nid);
int machine_check_multiple(struct machine *machine, const char *what, uint64_t value,
			   uint64_t unit);

/* The same for the number of a proximity domain. */
int machine_check_domain(struct machine *machine, uint64_t domain);
/* The node of memory at @addr that firmware assigns to a domain. */
int machine_domain_nid(const struct machine *machine, uint64_t domain, uint64_t addr);

/* The checks for plugging a device: its size and @addr, multiples of @unit, and its domain. */
int machine_check_device(struct machine *machine, uint64_t size, uint64_t addr, uint64_t unit,
			 uint64_t nid);

/* cmdline_words.c: parses the command line; sets @mem_limit and @boot_params. */
int machine_cmdline_apply(struct machine *machine);

/* cmdline_words.c: sets @memory; 0, -ENOMEM, -EINVAL when mem= leaves no page. */
int machine_limit_memory(struct machine *machine);

/* boot.c: boot reservations; and the resources of /proc/iomem. */
int machine_boot_reserve(struct machine *machine);
/* Logs the start of ZONE_MOVABLE in each node, as the kernel does. */
void machine_boot_log_movable(struct machine *machine);
int machine_boot_resources(struct machine *machine);
/* The node of memory that is added without specifying one (memory_add_physaddr_to_nid()). */
int machine_boot_add_nid(void *ctx, uint64_t addr);

/*
 * region.c: finds the lowest free addresses for a device, or checks those at @want unless it is
 * MACHINE_DIMM_AUTO; 0, -ENOSPC, -EEXIST (taken), -EINVAL (outside the windows).
 */
int machine_region_place(struct machine *machine, uint64_t want, uint64_t size, uint64_t align,
			 struct machine_region *ret_region);

/* Whether an address is in the windows for devices; and the size of the windows. */
bool machine_region_inside(const struct machine *machine, uint64_t addr);
uint64_t machine_region_bytes(const struct machine *machine);

/* standby.c: adds standby memory; 0 or -errno. */
int machine_standby_boot(struct machine *machine);
/* The pfn that follows all boot and standby memory. */
uint64_t machine_max_low_pfn(const struct machine *machine);

/* fault.c: creates and enables the plans of the machine file; 0 or -ENOMEM. */
int machine_fault_boot(struct machine *machine);
void machine_fault_free_all(struct machine *machine);

/* swap.c: creates the areas of the machine file, and begins to use them; 0 or -ENOMEM. */
int machine_swap_boot(struct machine *machine);
void machine_swap_free_all(struct machine *machine);
/* workload_swap.c: brings back a workload's pages in a swap area; 0 or -ENOMEM. */
int machine_workload_leave_swap(struct machine *machine, struct machine_workload *workload,
				int area);

/* recorded.c: sets standby block @id to its recorded state. */
void machine_recorded_restore(struct machine *machine, uint64_t id);

/* kasan.c */
/* Bytes of the shadow of a node's boot memory. */
uint64_t machine_shadow_bytes(const struct machine *machine, int nid);
/* Registers the memory notifier. */
void machine_kasan_boot(struct machine *machine);
void machine_kasan_free(struct machine *machine);

/* memblock.c */
/* Whether movable_node keeps boot allocations off a range of boot memory. */
bool machine_boot_hotpluggable(const struct machine *machine, const struct machine_range *range);
/* Whether memblock avoids a range: memory that firmware keeps, or that can be removed. */
bool machine_memblock_spares(const struct machine *machine, const struct machine_range *range);
/*
 * The highest, or the lowest, free and aligned range of memory that memblock allocates, in
 * [low, high); 0: there is none. (0 itself is never free.)
 */
uint64_t machine_memblock_find(const struct machine *machine, uint64_t size, uint64_t align,
			       uint64_t low, uint64_t high);
uint64_t machine_memblock_find_low(const struct machine *machine, uint64_t size, uint64_t align,
				   uint64_t low, uint64_t high);

/* cma.c */
/* Parses the value of cma=: 0; -EINVAL, also when a part of it is understood and used. */
int machine_cma_parse(struct machine *machine, const char *value);
/* Reserves the area; 0, also when it does not fit, or -ENOMEM. */
int machine_cma_reserve(struct machine *machine);

/* crashkernel.c */
/* Reserves memory for a crash kernel according to crashkernel=; 0 or -ENOMEM. */
int machine_crash_reserve(struct machine *machine);
/* Makes the reservation a resource, and registers kdump's notifier; 0 or -errno. */
int machine_crash_boot(struct machine *machine);

/* vm.c: sets the values of a kernel that has just booted, and registers a notifier. */
void machine_vm_boot(struct machine *machine);

/* kmsg.c: adds a record for a line of the log, if it is the kernel's. */
void machine_kmsg_line(struct machine *machine, const char *line);
void machine_kmsg_save(struct machine *machine, struct base_save *s);
/* kmsg_boot.c: begins with the records of the boot. */
void machine_kmsg_boot(struct machine *machine);

/* thp.c: sets the values of a kernel that has just booted. */
void machine_thp_boot(struct machine *machine);
void machine_thp_save(struct machine *machine, struct base_save *s);

/* virtio_mem.c */
void machine_vmem_free_all(struct machine *machine);

/* container.c */
void machine_container_free_all(struct machine *machine);

/* dax.c */
void machine_dax_free_all(struct machine *machine);

/* dimm.c */
void machine_dimm_free_all(struct machine *machine);

/*
 * Saving and loading, each kind in its own file; before loading, none of the kind exists. Quiet: no
 * operation is in progress.
 */
#define MACHINE_KEPT_DIMM 1
void machine_region_save(struct machine *machine, struct base_save *s,
			 struct machine_region *region, bool plugged);
void machine_dimms_save(struct machine *machine, struct base_save *s);
/* A reference to a DIMM, or NULL. */
void machine_dimm_ref_save(struct base_save *s, struct machine_dimm **dimm);
bool machine_dimms_are_quiet(const struct machine *machine);
void machine_vmems_save(struct machine *machine, struct base_save *s);
bool machine_vmems_are_quiet(const struct machine *machine);
void machine_daxes_save(struct machine *machine, struct base_save *s);
void machine_dax_ids_save(struct machine *machine, struct base_save *s);
void machine_slots_container_init(struct machine *machine);
void machine_containers_save(struct machine *machine, struct base_save *s);
bool machine_containers_are_quiet(const struct machine *machine);
void machine_faults_save(struct machine *machine, struct base_save *s);
void machine_shadows_save(struct machine *machine, struct base_save *s);
void machine_lmbs_save(struct machine *machine, struct base_save *s);
void machine_swaps_save(struct machine *machine, struct base_save *s);
void machine_workloads_save(struct machine *machine, struct base_save *s);
bool machine_workloads_are_quiet(const struct machine *machine);
/* Frees all workloads. */
void machine_workloads_drop(struct machine *machine);
/* The name of a range in /proc/iomem that begins at @start, if it comes from such a device. */
const char *machine_vmem_resource(const struct machine *machine, uint64_t start, const char *text);
const char *machine_dax_resource(struct machine *machine, uint64_t start, const char *text);

#endif
