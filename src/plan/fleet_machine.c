// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The machines of a fleet: files, names, or sizes, for which a machine of x86_64 is made up whose
 * nodes can all grow.
 */
#include <errno.h>
#include <string.h>

#include "fleet.h"
#include "memhp/record.h"

#define WINDOW (2ULL << 40) /* the range of addresses in which each node can grow */

bool fleet_parse_sizes(const char *text, unsigned int *ret_nodes, uint64_t *ret_size)
{
	const char *times = strchr(text, 'x');
	char nodes[8];

	*ret_nodes = 1;
	if (times && (size_t)(times - text) < sizeof(nodes)) {
		memcpy(nodes, text, (size_t)(times - text));
		nodes[times - text] = '\0';
		if (base_kstrtouint(nodes, 10, ret_nodes))
			return false;
		text = times + 1;
	}
	return !base_parse_size(text, ret_size);
}

static void add_ranges(struct base_buf *yaml, unsigned int node, uint64_t size, uint64_t *at)
{
	while (size) {
		uint64_t low = *at < 3 * FLEET_GIB ? 3 * FLEET_GIB - *at : size;
		uint64_t take = BASE_MIN(size, low);

		base_buf_printf(yaml, "  - {start: 0x%llx, end: 0x%llx, node: %u}\n",
				(unsigned long long)(*at ? *at : 1 << 20),
				(unsigned long long)(*at + take - 1), node);
		size -= take;
		*at += take;
		if (*at == 3 * FLEET_GIB)
			*at = 4 * FLEET_GIB;
	}
}

static int sized_spec(const char *text, unsigned int nodes, uint64_t size,
		      struct machine_spec **ret_spec)
{
	struct base_buf yaml;
	uint64_t at = 0;
	int ret;

	base_buf_init(&yaml);
	base_buf_printf(&yaml,
			"arch: x86_64\nphys_bits: 48\nblock_size: 128M\nslots: 256\n"
			"possible_nodes: \"0-%u\"\n"
			"memory:\n  - {start: 0x1000, end: 0x9fbff, node: 0}\n",
			nodes - 1);
	for (unsigned int i = 0; i < nodes; i++)
		add_ranges(&yaml, i, size, &at);
	at = BASE_ROUND_UP(BASE_MAX(at, 4 * FLEET_GIB), FLEET_GIB);
	base_buf_puts(&yaml, "hotplug:\n");
	for (unsigned int i = 0; i < nodes; i++, at += WINDOW)
		base_buf_printf(&yaml, "  - {start: 0x%llx, end: 0x%llx, node: %u}\n",
				(unsigned long long)at, (unsigned long long)(at + WINDOW - 1), i);
	base_buf_puts(&yaml, "cpus:\n");
	for (unsigned int i = 0; i < nodes; i++)
		base_buf_printf(&yaml, "  - {list: \"%u\", node: %u}\n", i, i);
	ret = yaml.failed ?
		      -ENOMEM :
		      machine_spec_parse(base_buf_text(&yaml), yaml.len, text, 1, stderr, ret_spec);
	base_buf_fini(&yaml);
	return ret;
}

int fleet_spec(const struct fleet_row *row, struct machine_spec **ret_spec)
{
	unsigned int nodes;
	uint64_t size;

	if (!row->machine)
		return machine_spec_default(ret_spec);
	if (fleet_parse_sizes(row->machine, &nodes, &size))
		return sized_spec(row->machine, nodes, size, ret_spec);
	return record_load(row->machine, stderr, ret_spec);
}
