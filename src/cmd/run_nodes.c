// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets of nodes: the machine's, and those that programs pass to system calls. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_calls.h"

bool run_nodes_have(const struct run_nodes *nodes, unsigned int nid)
{
	return nodes->bits[nid / 8] & 1 << nid % 8;
}

bool run_nodes_none(const struct run_nodes *nodes)
{
	static const struct run_nodes none;

	return !memcmp(nodes, &none, sizeof(none));
}

void run_nodes_keep(struct run_nodes *nodes, const struct run_nodes *others)
{
	for (size_t i = 0; i < RUN_NODES_BYTES; i++)
		nodes->bits[i] &= others->bits[i];
}

unsigned int run_nodes_count(const struct run_nodes *nodes)
{
	unsigned int count = 0;

	for (size_t i = 0; i < RUN_NODES_BYTES; i++)
		count += (unsigned int)__builtin_popcount(nodes->bits[i]);
	return count;
}

unsigned int run_nodes_first(const struct run_nodes *nodes)
{
	unsigned int nid = 0;

	while (nid < RUN_MAX_NODES - 1 && !run_nodes_have(nodes, nid))
		nid++;
	return nid;
}

struct run_nodes run_nodes_of(const struct run *run, const char *name)
{
	struct run_nodes nodes = { { 0 } };
	char path[64], text[4096], *at = text;

	snprintf(path, sizeof(path), "sys/devices/system/node/%s", name);
	run_read_machine(run, path, text, sizeof(text));
	while (*at >= '0' && *at <= '9') {
		unsigned long first = strtoul(at, &at, 10), last = first;

		if (*at == '-')
			last = strtoul(at + 1, &at, 10);
		for (; first <= last && first < RUN_MAX_NODES; first++)
			nodes.bits[first / 8] |= (unsigned char)(1 << first % 8);
		if (*at == ',')
			at++;
	}
	return nodes;
}

void run_nodes_mask(const struct run *run, char text[static RUN_MASK_TEXT])
{
	struct run_nodes nodes = run_nodes_of(run, "has_memory");
	size_t len = 0;

	for (size_t i = RUN_NODES_BYTES; i > 0; i -= 4)
		len += (size_t)snprintf(text + len, RUN_MASK_TEXT - len, "%02x%02x%02x%02x%s",
					nodes.bits[i - 1], nodes.bits[i - 2], nodes.bits[i - 3],
					nodes.bits[i - 4], i > 4 ? "," : "");
}

int run_nodes_read(const struct run_call *call, uint64_t from, uint64_t maxnode,
		   struct run_nodes *ret_nodes)
{
	unsigned char bits[4096];
	size_t bytes;

	memset(ret_nodes, 0, sizeof(*ret_nodes));
	if (!from || maxnode <= 1)
		return 0;
	maxnode--;
	if (maxnode > sizeof(bits) * 8)
		return -EINVAL;
	bytes = (size_t)(maxnode + 7) / 8;
	if (run_call_read(call, from, bits, bytes))
		return -EFAULT;
	if (maxnode % 8)
		bits[bytes - 1] &= (unsigned char)((1 << maxnode % 8) - 1);
	for (size_t i = RUN_NODES_BYTES; i < bytes; i++) {
		if (bits[i])
			return -EINVAL;
	}
	memcpy(ret_nodes, bits, bytes < RUN_NODES_BYTES ? bytes : RUN_NODES_BYTES);
	return 0;
}

int run_nodes_write(const struct run_call *call, uint64_t to, uint64_t maxnode,
		    const struct run_nodes *nodes)
{
	unsigned char bits[4096] = { 0 };
	size_t word = call->is_32 ? 4 : 8, bytes = (size_t)(maxnode - 1 + 8 * word - 1) / 8;

	bytes -= bytes % word;
	if (bytes > sizeof(bits))
		return -EINVAL;
	memcpy(bits, nodes, bytes < RUN_NODES_BYTES ? bytes : RUN_NODES_BYTES);
	return run_call_write(call, to, bits, bytes);
}
