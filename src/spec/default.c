/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The default machine: machines/default.yaml, which is also shipped as a starting point for users,
 * is built into the program as text (see meson.build) and read like any other machine file.
 */
#include <default_text.h> /* made by meson */
#include <string.h>

#include "spec_private.h"

int machine_spec_default(struct machine_spec **ret_spec)
{
	struct machine_spec *spec;
	size_t i;
	int r;

	r = machine_spec_parse(DEFAULT_TEXT, strlen(DEFAULT_TEXT), "default machine", 1, stderr,
			       &spec);
	if (r < 0)
		return r;
	for (i = 0; i < spec->nr_memory; i++)
		spec->memory[i].line = 0;
	for (i = 0; i < spec->nr_hotplug; i++)
		spec->hotplug[i].line = 0;
	*ret_spec = spec;
	return 0;
}
