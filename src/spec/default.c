/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The default machine, as text, so that it takes the same way as any other. The same text is
 * shipped as machines/default.yaml, for people to start from; a test compares the two.
 */
#include <stdlib.h>
#include <string.h>

#include "spec_private.h"

static const char default_text[] =
	"# The machine that memhpfs mounts when it is given no file: a PC with 2 GiB in two\n"
	"# nodes, a CPU in each, and 78 GiB of addresses for DIMMs. See memhpfs-machine(5).\n"
	"kernel: 6.12.117\n"
	"arch: x86_64\n"
	"cmdline: \"\"\n"
	"block_size: 128M\n"
	"possible_nodes: \"0-1\"\n"
	"memory:\n"
	"  - {start: 0x1000, end: 0x9fbff, node: 0}\n"
	"  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"
	"  - {start: 0x40000000, end: 0x7ffdffff, node: 1}\n"
	"hotplug:\n"
	"  - {start: 0x100000000, end: 0x147fffffff, node: 1}\n"
	"cpus:\n"
	"  - {list: \"0\", node: 0}\n"
	"  - {list: \"1\", node: 1}\n";

const char *machine_spec_default_text(void)
{
	return default_text;
}

int machine_spec_default(struct machine_spec **ret_spec)
{
	struct machine_spec *spec;
	size_t i;
	int r;

	r = machine_spec_parse(default_text, strlen(default_text), "default machine", 1, stderr,
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
