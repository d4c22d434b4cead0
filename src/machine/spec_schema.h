/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SPEC_SCHEMA_H
#define SPEC_SCHEMA_H

#include <cyaml/cyaml.h>

/* Of struct machine_yaml_text. */
extern const cyaml_schema_value_t machine_yaml_schema;

#endif
