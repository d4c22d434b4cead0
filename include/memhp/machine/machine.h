/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine as a whole (machine.c). */
#ifndef MEMHP_MACHINE_MACHINE_H
#define MEMHP_MACHINE_MACHINE_H

#include "memhp/spec.h"

struct machine;

/**
 * machine_new() - build and boot a machine
 * @spec, @clock: must outlive the machine
 *
 * Return: 0, -ENOMEM, -EINVAL when the command line leaves no memory.
 */
int machine_new(const struct machine_spec *spec, struct base_clock *clock,
		struct machine **ret_machine);
void machine_free(struct machine *machine);
/** machine_set_observer() - set the only observer; NULL: none. */
void machine_set_observer(struct machine *machine, const struct hp_observer *observer, void *ctx);
const struct machine_spec *machine_spec(const struct machine *machine);
struct hp *machine_hp(const struct machine *machine);
struct mm *machine_mm(const struct machine *machine);
/** machine_log_text() - the kernel's log so far; the oldest lines are dropped when it gets long. */
const struct base_buf *machine_log_text(const struct machine *machine);
/** machine_log() - append a line of any length, passed without the newline. */
void machine_log(struct machine *machine, const char *line);
/** machine_log_dropped() - how many bytes were dropped from the start of the log. */
uint64_t machine_log_dropped(const struct machine *machine);
/** machine_node_cpus() - the CPUs of a node. */
void machine_node_cpus(const struct machine *machine, int nid, struct base_mask *ret_cpus);
/** machine_all_cpus() - the CPUs of all nodes. */
void machine_all_cpus(const struct machine *machine, struct base_mask *ret_cpus);
/** machine_crash_size() - bytes reserved for a crash kernel, sys/kernel/kexec_crash_size. */
uint64_t machine_crash_size(const struct machine *machine);
/**
 * machine_crash_set_size() - free what exceeds @size bytes (crash_shrink_memory())
 *
 * Return: 0; -EINVAL when it is more than what is reserved; -ENOMEM.
 */
int machine_crash_set_size(struct machine *machine, uint64_t size);
/** machine_node_distance() - as in the firmware's SLIT. */
unsigned int machine_node_distance(const struct machine *machine, int from, int to);

/* ---- reboots (reboot.c) ---------------------------------------------------------------------- */

/** enum machine_boot_kind - how another kernel gets to run: after a reset, or loaded by the old. */
enum machine_boot_kind { MACHINE_RESET, MACHINE_KEXEC };
/**
 * machine_reboot() - the kernel goes away, and another one boots with the hardware as it is
 *
 * What is in progress ends with -ENODEV. machine_hp() and machine_mm() are new objects; observers
 * are called for nothing that happens until it has booted. Workloads are gone.
 *
 * Return: 0, or -ENOMEM; then only machine_free() may be called. Context: not in hp_call.run().
 */
int machine_reboot(struct machine *machine, enum machine_boot_kind kind);
/** machine_cmdline() - of the kernel that runs; machine_next_cmdline() - of the next one. */
const char *machine_cmdline(const struct machine *machine);
const char *machine_next_cmdline(const struct machine *machine);
/** machine_set_next_cmdline() - 0, -EINVAL when it leaves no memory, or -ENOMEM. */
int machine_set_next_cmdline(struct machine *machine, const char *cmdline);

/* ---- saving and loading (save.c) ------------------------------------------------------------- */

/**
 * machine_is_quiet() - whether no operation is in progress, so that the machine can be saved
 *
 * The retry timers of virtio-mem drivers may be armed.
 */
bool machine_is_quiet(const struct machine *machine);
/**
 * machine_save() - save or load all state that is not in its description
 *
 * When loading, @machine must have just been built from the same description, at a time before its
 * timers expire, and have no observer; after an error, only machine_free() may be called.
 */
void machine_save(struct machine *machine, struct base_save *s);

/* ---- boot memory (recorded.c) ---------------------------------------------------------------- */

/** machine_recorded() - what a block showed when it was recorded; NULL once it has changed. */
const struct machine_recorded *machine_recorded(const struct machine *machine,
						const struct hp_block *block);
/** machine_phys_device() - the storage increment at the start of a block (s390); else 0. */
uint64_t machine_phys_device(const struct machine *machine, const struct hp_block *block);
/** machine_boot_bytes() - the size of boot memory in whole sections, which have struct pages. */
uint64_t machine_boot_bytes(const struct machine *machine);

#endif
