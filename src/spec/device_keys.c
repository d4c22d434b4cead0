// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keys of devices and workloads. The kinds, and what can be set, are defined by the directories
 * of machine/, which are created from these lists.
 */
#include <stdlib.h>
#include <string.h>

#include "spec_private.h"

#define AT(member)                                                                                 \
	offsetof(struct machine_device, member), sizeof(((struct machine_device *)0)->member)
#define NAME                                                                                       \
	{                                                                                          \
		"name", &spec_text, AT(name), .required = true, .what = "name of a directory",     \
					      .allowed = "printable, without / or a dot in front", \
					      .valid = spec_is_name,                               \
					      .help = "name of its directory below machine/"       \
	}

static bool is_kind(const char *text)
{
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz-")];
}

const struct spec_key spec_device_keys[] = {
	{ "kind", &spec_text, AT(kind), .required = true, .what = "kind", .valid = is_kind,
	  .allowed = "a directory of machine/, as dimm", .help = "directory below machine/" },
	NAME,
	{ 0 },
};

const struct spec_key spec_workload_keys[] = { NAME, { 0 } };

void spec_device_check(struct spec_reader *reader, const struct spec_node *node, void *x)
{
	((struct machine_device *)x)->line = node->line;
}

void spec_devices_free(struct machine_device *devices, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		struct machine_device *d = &devices[i];

		for (size_t j = 0; j < d->nr_settings; j++) {
			free(d->settings[j].name);
			free(d->settings[j].value);
		}
		free(d->settings);
		free(d->kind);
		free(d->name);
	}
	free(devices);
}
