// SPDX-License-Identifier: GPL-2.0-or-later
/* What may stand in a machine file. What its words mean is spec_read.c's matter. */
#include "spec_schema.h"

#include "spec_yaml.h"

#define STRING(key, flags, type, member)                                                           \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), type, member, 0, CYAML_UNLIMITED)

#define MACHINE_KEY(member) STRING(#member, CYAML_FLAG_OPTIONAL, struct machine_yaml_text, member)
#define RANGE_KEY(member, flags) STRING(#member, flags, struct machine_yaml_range, member)

#define MACHINE_LIST(member, flags, entry)                                                         \
	CYAML_FIELD_SEQUENCE_COUNT(#member, CYAML_FLAG_POINTER | (flags),                          \
				   struct machine_yaml_text, member, nr_##member, entry, 0,        \
				   CYAML_UNLIMITED)

static const cyaml_schema_field_t memory_fields[] = {
	RANGE_KEY(start, CYAML_FLAG_DEFAULT),
	RANGE_KEY(end, CYAML_FLAG_DEFAULT),
	RANGE_KEY(node, CYAML_FLAG_DEFAULT),
	RANGE_KEY(nomap, CYAML_FLAG_OPTIONAL),
	RANGE_KEY(hotpluggable, CYAML_FLAG_OPTIONAL),
	RANGE_KEY(mirrored, CYAML_FLAG_OPTIONAL),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t hotplug_fields[] = {
	RANGE_KEY(start, CYAML_FLAG_DEFAULT),
	RANGE_KEY(end, CYAML_FLAG_DEFAULT),
	RANGE_KEY(node, CYAML_FLAG_DEFAULT),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t cpus_fields[] = {
	STRING("list", CYAML_FLAG_DEFAULT, struct machine_yaml_cpus, list),
	STRING("node", CYAML_FLAG_DEFAULT, struct machine_yaml_cpus, node),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t recorded_fields[] = {
	STRING("blocks", CYAML_FLAG_DEFAULT, struct machine_yaml_recorded, blocks),
	STRING("state", CYAML_FLAG_OPTIONAL, struct machine_yaml_recorded, state),
	STRING("zones", CYAML_FLAG_OPTIONAL, struct machine_yaml_recorded, zones),
	STRING("removable", CYAML_FLAG_OPTIONAL, struct machine_yaml_recorded, removable),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t memory_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct machine_yaml_range, memory_fields),
};

static const cyaml_schema_value_t hotplug_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct machine_yaml_range, hotplug_fields),
};

static const cyaml_schema_value_t cpus_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct machine_yaml_cpus, cpus_fields),
};

static const cyaml_schema_value_t recorded_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct machine_yaml_recorded, recorded_fields),
};

#define FAULT_KEY(key, member, flags) STRING(key, flags, struct machine_yaml_fault, member)

static const cyaml_schema_field_t fault_fields[] = {
	FAULT_KEY("name", name, CYAML_FLAG_DEFAULT),
	FAULT_KEY("phase", phase, CYAML_FLAG_DEFAULT),
	FAULT_KEY("block", block, CYAML_FLAG_OPTIONAL),
	FAULT_KEY("errno", error, CYAML_FLAG_OPTIONAL),
	FAULT_KEY("after", after, CYAML_FLAG_OPTIONAL),
	FAULT_KEY("count", count, CYAML_FLAG_OPTIONAL),
	FAULT_KEY("probability", probability, CYAML_FLAG_OPTIONAL),
	FAULT_KEY("seed", seed, CYAML_FLAG_OPTIONAL),
	FAULT_KEY("delay_ms", delay_ms, CYAML_FLAG_OPTIONAL),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t fault_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct machine_yaml_fault, fault_fields),
};

static const cyaml_schema_field_t machine_fields[] = {
	MACHINE_KEY(kernel),
	MACHINE_KEY(arch),
	MACHINE_KEY(cmdline),
	MACHINE_KEY(block_size),
	MACHINE_KEY(page_size),
	MACHINE_KEY(phys_bits),
	MACHINE_KEY(possible_nodes),
	MACHINE_LIST(memory, CYAML_FLAG_DEFAULT, &memory_entry),
	MACHINE_LIST(hotplug, CYAML_FLAG_OPTIONAL, &hotplug_entry),
	MACHINE_LIST(standby, CYAML_FLAG_OPTIONAL, &hotplug_entry),
	MACHINE_LIST(cpus, CYAML_FLAG_OPTIONAL, &cpus_entry),
	MACHINE_LIST(recorded, CYAML_FLAG_OPTIONAL, &recorded_entry),
	MACHINE_LIST(faults, CYAML_FLAG_OPTIONAL, &fault_entry),
	MACHINE_KEY(increment),
	MACHINE_KEY(kasan),
	MACHINE_KEY(kernel_pages),
	CYAML_FIELD_END,
};

const cyaml_schema_value_t machine_yaml_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct machine_yaml_text, machine_fields),
};
