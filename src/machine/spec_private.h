/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps from a machine file's texts to a description; both say what is wrong through
 * machine_yaml_error() and return 0 or -ENOMEM.
 */
#ifndef MACHINE_SPEC_PRIVATE_H
#define MACHINE_SPEC_PRIVATE_H

#include "memhp/machine.h"
#include "spec_yaml.h"

/** machine_spec_read() - take over each value (spec_read.c). */
int machine_spec_read(struct machine_spec *spec, struct machine_yaml *yaml);
/** machine_spec_take_faults() - take over the fault plans (spec_fault.c). */
int machine_spec_take_faults(struct machine_spec *spec, struct machine_yaml *yaml);
/** machine_spec_take_recorded() - take over what a real machine showed (spec_recorded.c). */
int machine_spec_take_recorded(struct machine_spec *spec, struct machine_yaml *yaml);
/** machine_spec_check() - take over the nodes, and check what spans keys (spec_check.c). */
int machine_spec_check(struct machine_spec *spec, struct machine_yaml *yaml);
/** machine_spec_default_text() - the machine file of the default machine (spec_default.c). */
const char *machine_spec_default_text(void);

#endif
