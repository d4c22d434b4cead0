// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory policies for the machine's nodes. Which pages of a program lie where is not emulated: a
 * page is said to be on the first node that the policy of its thread allows.
 */
#include <errno.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_calls.h"

enum {
	MAX_NODES = 1024,
	MASK_BYTES = MAX_NODES / 8,
	MAX_POLICIES = 1024, /* of threads; the oldest is forgotten */
	MAX_ANCESTORS = 64,
};

struct nodes {
	unsigned char bits[MASK_BYTES];
};

struct policy {
	pid_t tid;
	unsigned long long started; /* distinguishes threads that have the same number in turn */
	int mode;
	struct nodes nodes;
};

struct run_policies {
	struct policy list[MAX_POLICIES];
	size_t used;
};

struct run_policies *run_policies_new(void)
{
	return calloc(1, sizeof(struct run_policies));
}

/* ---- sets of nodes --------------------------------------------------------------------------- */

static bool has(const struct nodes *nodes, unsigned int nid)
{
	return nodes->bits[nid / 8] & 1 << nid % 8;
}

static bool is_empty(const struct nodes *nodes)
{
	static const struct nodes none;

	return !memcmp(nodes, &none, sizeof(none));
}

static void keep_common(struct nodes *nodes, const struct nodes *others)
{
	for (size_t i = 0; i < MASK_BYTES; i++)
		nodes->bits[i] &= others->bits[i];
}

static unsigned int first_of(const struct nodes *nodes)
{
	unsigned int nid = 0;

	while (nid < MAX_NODES - 1 && !has(nodes, nid))
		nid++;
	return nid;
}

/* The nodes that a file of the machine lists, such as "0-2,5". */
static struct nodes machine_nodes(const struct run *run, const char *name)
{
	struct nodes nodes = { { 0 } };
	char path[64], text[4096], *at = text;

	snprintf(path, sizeof(path), "sys/devices/system/node/%s", name);
	run_read_machine(run, path, text, sizeof(text));
	while (*at >= '0' && *at <= '9') {
		unsigned long first = strtoul(at, &at, 10), last = first;

		if (*at == '-')
			last = strtoul(at + 1, &at, 10);
		for (; first <= last && first < MAX_NODES; first++)
			nodes.bits[first / 8] |= (unsigned char)(1 << first % 8);
		if (*at == ',')
			at++;
	}
	return nodes;
}

void run_nodes_mask(const struct run *run, char text[static RUN_MASK_TEXT])
{
	struct nodes nodes = machine_nodes(run, "has_memory");
	size_t len = 0;

	for (size_t i = MASK_BYTES; i > 0; i -= 4)
		len += (size_t)snprintf(text + len, RUN_MASK_TEXT - len, "%02x%02x%02x%02x%s",
					nodes.bits[i - 1], nodes.bits[i - 2], nodes.bits[i - 3],
					nodes.bits[i - 4], i > 4 ? "," : "");
}

/*
 * Reads a caller's mask (get_nodes()).
 * @maxnode: one more than the number of its bits
 */
static int read_nodes(const struct run_call *call, uint64_t from, uint64_t maxnode,
		      struct nodes *ret_nodes)
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
	for (size_t i = MASK_BYTES; i < bytes; i++) {
		if (bits[i])
			return -EINVAL;
	}
	memcpy(ret_nodes, bits, bytes < MASK_BYTES ? bytes : MASK_BYTES);
	return 0;
}

/* Writes a mask of @maxnode - 1 bits, in whole words (copy_nodes_to_user()). */
static int write_nodes(const struct run_call *call, uint64_t to, uint64_t maxnode,
		       const struct nodes *nodes)
{
	unsigned char bits[4096] = { 0 };
	size_t word = call->is_32 ? 4 : 8, bytes = (size_t)(maxnode - 1 + 8 * word - 1) / 8;

	bytes -= bytes % word;
	if (bytes > sizeof(bits))
		return -EINVAL;
	memcpy(bits, nodes, bytes < MASK_BYTES ? bytes : MASK_BYTES);
	return run_call_write(call, to, bits, bytes);
}

/* ---- policies of threads --------------------------------------------------------------------- */

/* Takes the parent and the start of a thread from /proc/TID/stat; false: there is none. */
static bool thread_stat(pid_t tid, pid_t *ret_parent, unsigned long long *ret_started)
{
	char path[64], text[1024], *at;
	FILE *file;
	size_t len = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)tid);
	file = fopen(path, "re");
	if (file) {
		len = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
	}
	text[len] = '\0';
	at = strrchr(text, ')');
	return at && sscanf(at + 1,
			    " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
			    "%*d %*d %llu",
			    ret_parent, ret_started) == 2;
}

static struct policy *find(struct run_policies *policies, pid_t tid, unsigned long long started)
{
	for (size_t i = 0; i < policies->used; i++) {
		struct policy *policy = &policies->list[i];

		if (policy->tid == tid && policy->started == started)
			return policy;
	}
	return NULL;
}

/* The policy that a thread has set, or inherited from the process that started it; NULL: none. */
static const struct policy *policy_of(const struct run_call *call)
{
	unsigned long long started;
	pid_t tid = call->tid, parent;

	for (int i = 0; i < MAX_ANCESTORS && tid > 1 && thread_stat(tid, &parent, &started); i++) {
		const struct policy *policy = find(call->policies, tid, started);

		if (policy)
			return policy->mode == MPOL_DEFAULT ? NULL : policy;
		tid = parent;
	}
	return NULL;
}

static void remember(const struct run_call *call, int mode, const struct nodes *nodes)
{
	struct run_policies *policies = call->policies;
	struct policy *policy;
	unsigned long long started;
	pid_t parent;

	if (!thread_stat(call->tid, &parent, &started))
		return;
	policy = find(policies, call->tid, started);
	if (!policy) {
		if (policies->used == MAX_POLICIES)
			memmove(&policies->list[0], &policies->list[1],
				--policies->used * sizeof(*policy));
		policy = &policies->list[policies->used++];
	}
	*policy = (struct policy){ call->tid, started, mode, *nodes };
}

/* ---- checks (sanitize_mpol_flags(), mpol_new(), mpol_set_nodemask()) ------------------------- */

enum { MODE_FLAGS = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES | MPOL_F_NUMA_BALANCING };

/* Checks a policy; @nodes becomes what it allows. */
static int check_policy(const struct run_call *call, int mode, struct nodes *nodes)
{
	int flags = mode & MODE_FLAGS, kind = mode & ~MODE_FLAGS;
	struct nodes with_memory = machine_nodes(call->run, "has_memory");

	if (kind < 0 || kind > MPOL_PREFERRED_MANY + 1)
		return -EINVAL;
	if ((flags & MPOL_F_STATIC_NODES) && (flags & MPOL_F_RELATIVE_NODES))
		return -EINVAL;
	if ((flags & MPOL_F_NUMA_BALANCING) && kind != MPOL_BIND && kind != MPOL_PREFERRED_MANY)
		return -EINVAL;
	if (kind == MPOL_DEFAULT)
		return is_empty(nodes) ? 0 : -EINVAL;
	if (kind == MPOL_LOCAL || (kind == MPOL_PREFERRED && is_empty(nodes)))
		return is_empty(nodes) && !(flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)) ?
			       0 :
			       -EINVAL;
	keep_common(nodes, &with_memory);
	return is_empty(nodes) ? -EINVAL : 0;
}

/* ---- the calls ------------------------------------------------------------------------------- */

int64_t run_set_mempolicy(const struct run_call *call)
{
	int mode = (int)call->args[0], err;
	struct nodes nodes;

	err = read_nodes(call, call->args[1], call->args[2], &nodes);
	if (!err)
		err = check_policy(call, mode, &nodes);
	if (err)
		return err;
	if (mode == MPOL_PREFERRED && is_empty(&nodes))
		mode = MPOL_LOCAL;
	remember(call, mode, &nodes);
	run_status_uncover(call->covers, call->tid);
	return 0;
}

int64_t run_mbind(const struct run_call *call)
{
	uint64_t start = call->args[0], flags = call->args[5];
	struct nodes nodes;
	int err;

	if (flags & ~(uint64_t)(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	if (start & 4095)
		return -EINVAL;
	err = read_nodes(call, call->args[3], call->args[4], &nodes);
	return err ? err : check_policy(call, (int)call->args[2], &nodes);
}

static unsigned int node_of_pages(const struct run_call *call)
{
	const struct policy *policy = policy_of(call);
	struct nodes nodes = machine_nodes(call->run, "has_memory");

	return first_of(policy && !is_empty(&policy->nodes) ? &policy->nodes : &nodes);
}

static int write_policy(const struct run_call *call, int mode, const struct nodes *nodes)
{
	if (call->args[0] && run_call_write(call, call->args[0], &mode, sizeof(mode)))
		return -EFAULT;
	return call->args[1] ? write_nodes(call, call->args[1], call->args[2], nodes) : 0;
}

int64_t run_get_mempolicy(const struct run_call *call)
{
	static const struct nodes none;
	uint64_t maxnode = call->args[2], flags = call->args[4];
	struct nodes possible = machine_nodes(call->run, "possible"), allowed;
	const struct policy *policy = policy_of(call);
	unsigned int last = MAX_NODES;

	while (last && !has(&possible, last - 1))
		last--;
	if ((call->args[1] && maxnode < last) ||
	    flags & ~(uint64_t)(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED))
		return -EINVAL;
	if (flags & MPOL_F_MEMS_ALLOWED) {
		if (flags & (MPOL_F_NODE | MPOL_F_ADDR))
			return -EINVAL;
		allowed = machine_nodes(call->run, "has_memory");
		return write_policy(call, 0, &allowed);
	}
	if (!(flags & MPOL_F_ADDR) && call->args[3])
		return -EINVAL;
	if (flags & MPOL_F_NODE) {
		/* Without an address, the next node of an interleaved policy. */
		if (!(flags & MPOL_F_ADDR) && (!policy || policy->mode != MPOL_INTERLEAVE))
			return -EINVAL;
		return write_policy(call, (int)node_of_pages(call),
				    policy ? &policy->nodes : &none);
	}
	return write_policy(call, policy ? policy->mode : MPOL_DEFAULT,
			    policy ? &policy->nodes : &none);
}

int64_t run_migrate_pages(const struct run_call *call)
{
	struct nodes from, to, with_memory = machine_nodes(call->run, "has_memory");
	int err = read_nodes(call, call->args[2], call->args[1], &from);

	if (!err)
		err = read_nodes(call, call->args[3], call->args[1], &to);
	if (err)
		return err;
	keep_common(&to, &with_memory);
	return is_empty(&to) ? -EINVAL : 0;
}

/* Each page is where it should be already, or goes there. */
int64_t run_move_pages(const struct run_call *call)
{
	struct nodes with_memory = machine_nodes(call->run, "has_memory");
	uint64_t count = call->args[1], nodes = call->args[3], status = call->args[4];
	int nid = (int)node_of_pages(call);

	if (call->args[5] & ~(uint64_t)(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	for (uint64_t i = 0; i < count; i++) {
		if (nodes && run_call_read(call, nodes + 4 * i, &nid, sizeof(nid)))
			return -EFAULT;
		if (nid < 0 || nid >= MAX_NODES || !has(&with_memory, (unsigned int)nid))
			return -ENODEV;
		if (status && run_call_write(call, status + 4 * i, &nid, sizeof(nid)))
			return -EFAULT;
	}
	return 0;
}
