/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files that read machine files. */
#ifndef SPEC_PRIVATE_H
#define SPEC_PRIVATE_H

#include "memhp/spec.h"
#include "key.h"

/** spec_machine_keys - the keys of a machine (machine_keys.c). */
extern const struct spec_key spec_machine_keys[];

/** spec_recorded_keys - the keys of recorded blocks (recorded_keys.c). */
extern const struct spec_key spec_recorded_keys[];
void spec_recorded_check(struct spec_reader *reader, const struct spec_node *node, void *x);

/** spec_config_map - what the kernel is built with (config.c). */
extern const struct spec_map spec_config_map;

/** spec_is_name() - whether @text can name an object of machine/. */
bool spec_is_name(const char *text);
/** spec_fault_keys - the keys of a fault plan (fault_keys.c). */
extern const struct spec_key spec_fault_keys[];
int spec_fault_check_all(struct spec_reader *reader);

/** spec_swap_keys - the keys of a swap area (swap_keys.c). */
extern const struct spec_key spec_swap_keys[];
int spec_swap_check_all(struct spec_reader *reader);

/** spec_device_keys - the keys common to all devices; the others are files below machine/. */
extern const struct spec_key spec_device_keys[], spec_workload_keys[];
void spec_device_check(struct spec_reader *reader, const struct spec_node *node, void *x);
void spec_devices_free(struct machine_device *devices, size_t nr);

/** spec_dmi_keys - the texts of firmware (dmi_keys.c), and the words for hypervisors. */
extern const struct spec_key spec_dmi_keys[];
void spec_dmi_check(struct spec_reader *reader, const struct spec_node *node, void *x);
void spec_dmi_free(struct machine_dmi *dmi, size_t nr);
#define SPEC_NR_HYPERVISORS (MACHINE_VMWARE + 1)
extern const char *const spec_hypervisor_words[SPEC_NR_HYPERVISORS];

/** spec_possible_preset() - the nodes that the file mentions (check.c). */
void spec_possible_preset(const struct spec_value *v);
/** spec_check() - check relations between keys (check.c); 0 or -ENOMEM. */
int spec_check(const struct machine_spec *spec, struct spec_doc *doc);

#endif
