/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fault plans of a machine (fault.c). */
#ifndef MEMHP_MACHINE_FAULT_H
#define MEMHP_MACHINE_FAULT_H

#include "memhp/spec.h"

struct machine;

struct machine_fault;

/** machine_fault_next() - the first plan (NULL), or the one after @fault; NULL: none. */
struct machine_fault *machine_fault_next(const struct machine *machine,
					 struct machine_fault *fault);
const char *machine_fault_name(const struct machine_fault *fault);
/** machine_fault_new() - create a plan that is not enabled; 0 or -ENOMEM. */
int machine_fault_new(struct machine *machine, const char *name, struct machine_fault **ret_fault);
void machine_fault_free(struct machine *machine, struct machine_fault *fault);
/**
 * machine_fault_phase() - the step that fails
 *
 * The setters below return -EBUSY while the plan is enabled, and -EINVAL for an invalid value.
 */
enum hp_fault machine_fault_phase(const struct machine_fault *fault);
int machine_fault_set_phase(struct machine_fault *fault, enum hp_fault phase);
/** machine_fault_print_block() - "any", "32-39", "every 3", "node 1" or "zone Movable". */
void machine_fault_print_block(const struct machine_fault *fault, struct base_buf *buf);
int machine_fault_set_block(struct machine_fault *fault, const char *text);
/** machine_fault_print_errno() - its name, such as "EBUSY"; "none" if the step does not fail. */
void machine_fault_print_errno(const struct machine_fault *fault, struct base_buf *buf);
int machine_fault_set_errno(struct machine_fault *fault, const char *text);
uint64_t machine_fault_get(const struct machine_fault *fault, enum machine_fault_field field);
int machine_fault_set(struct machine_fault *fault, enum machine_fault_field field, uint64_t value);
bool machine_fault_enabled(const struct machine_fault *fault);
/** machine_fault_enable() - enabling resets the counts, disabling ends delays; returns 0. */
int machine_fault_enable(struct machine_fault *fault, bool enable);

#endif
