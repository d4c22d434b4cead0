/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine as a whole (machine.c). */
#ifndef MEMHP_MACHINE_MACHINE_H
#define MEMHP_MACHINE_MACHINE_H

#include "memhp/spec.h"

struct machine;

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

/* ---- memory that is there since boot (recorded.c) -------------------------------------------- */

/** machine_recorded() - what a block showed when it was recorded; NULL once it has changed. */
const struct machine_recorded *machine_recorded(const struct machine *machine,
						const struct hp_block *block);
/** machine_phys_device() - the storage increment that a block begins with (s390); else 0. */
uint64_t machine_phys_device(const struct machine *machine, const struct hp_block *block);

#endif
