// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory policies for the machine's nodes. Which pages of a program lie where is not emulated: a
 * page is said to be on the first node that the policy of its thread allows.
 */
#include <errno.h>
#include <linux/mempolicy.h>
#include <stdlib.h>
#include <string.h>

#include "run_calls.h"

enum {
	MAX_POLICIES = 1024, /* of threads; the oldest is forgotten */
	MAX_ANCESTORS = 64,
};

struct policy {
	pid_t tid;
	unsigned long long started; /* distinguishes threads that have the same number in turn */
	int mode;
	struct run_nodes nodes;
};

struct run_policies {
	struct policy list[MAX_POLICIES];
	size_t used;
};

struct run_policies *run_policies_new(void)
{
	return calloc(1, sizeof(struct run_policies));
}

/* ---- policies of threads --------------------------------------------------------------------- */

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
	struct run_thread thread;
	pid_t tid = call->tid;

	for (int i = 0; i < MAX_ANCESTORS && tid > 1 && run_thread_stat(tid, &thread); i++) {
		const struct policy *policy = find(call->policies, tid, thread.started);

		if (policy)
			return policy->mode == MPOL_DEFAULT ? NULL : policy;
		tid = thread.parent;
	}
	return NULL;
}

static void remember(const struct run_call *call, int mode, const struct run_nodes *nodes)
{
	struct run_policies *policies = call->policies;
	struct policy *policy;
	struct run_thread thread;

	if (!run_thread_stat(call->tid, &thread))
		return;
	policy = find(policies, call->tid, thread.started);
	if (!policy) {
		if (policies->used == MAX_POLICIES)
			memmove(&policies->list[0], &policies->list[1],
				--policies->used * sizeof(*policy));
		policy = &policies->list[policies->used++];
	}
	*policy = (struct policy){ call->tid, thread.started, mode, *nodes };
}

/* ---- checks (sanitize_mpol_flags(), mpol_new(), mpol_set_nodemask()) ------------------------- */

enum { MODE_FLAGS = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES | MPOL_F_NUMA_BALANCING };

/* Checks a policy; @nodes becomes what it allows. */
static int check_policy(const struct run_call *call, int mode, struct run_nodes *nodes)
{
	int flags = mode & MODE_FLAGS, kind = mode & ~MODE_FLAGS;
	struct run_nodes with_memory = run_nodes_of(call->run, "has_memory");

	if (kind < 0 || kind > MPOL_PREFERRED_MANY + 1)
		return -EINVAL;
	if ((flags & MPOL_F_STATIC_NODES) && (flags & MPOL_F_RELATIVE_NODES))
		return -EINVAL;
	if ((flags & MPOL_F_NUMA_BALANCING) && kind != MPOL_BIND && kind != MPOL_PREFERRED_MANY)
		return -EINVAL;
	if (kind == MPOL_DEFAULT)
		return run_nodes_none(nodes) ? 0 : -EINVAL;
	if (kind == MPOL_LOCAL || (kind == MPOL_PREFERRED && run_nodes_none(nodes)))
		return run_nodes_none(nodes) &&
				       !(flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)) ?
			       0 :
			       -EINVAL;
	run_nodes_keep(nodes, &with_memory);
	return run_nodes_none(nodes) ? -EINVAL : 0;
}

/* ---- the calls ------------------------------------------------------------------------------- */

int64_t run_set_mempolicy(const struct run_call *call)
{
	int mode = (int)call->args[0], err;
	struct run_nodes nodes;

	err = run_nodes_read(call, call->args[1], call->args[2], &nodes);
	if (!err)
		err = check_policy(call, mode, &nodes);
	if (err)
		return err;
	if (mode == MPOL_PREFERRED && run_nodes_none(&nodes))
		mode = MPOL_LOCAL;
	run_account_policy(call, mode, &nodes);
	remember(call, mode, &nodes);
	run_status_uncover(call->covers, call->tid);
	return 0;
}

int64_t run_mbind(const struct run_call *call)
{
	uint64_t start = call->args[0], flags = call->args[5];
	struct run_nodes nodes;
	int err;

	if (flags & ~(uint64_t)(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	if (start & 4095)
		return -EINVAL;
	err = run_nodes_read(call, call->args[3], call->args[4], &nodes);
	if (!err)
		err = check_policy(call, (int)call->args[2], &nodes);
	if (!err)
		run_account_range(call, (int)call->args[2], &nodes);
	return err;
}

static unsigned int node_of_pages(const struct run_call *call)
{
	const struct policy *policy = policy_of(call);
	struct run_nodes nodes = run_nodes_of(call->run, "has_memory");

	return run_nodes_first(policy && !run_nodes_none(&policy->nodes) ? &policy->nodes : &nodes);
}

static int write_policy(const struct run_call *call, int mode, const struct run_nodes *nodes)
{
	if (call->args[0] && run_call_write(call, call->args[0], &mode, sizeof(mode)))
		return -EFAULT;
	return call->args[1] ? run_nodes_write(call, call->args[1], call->args[2], nodes) : 0;
}

int64_t run_get_mempolicy(const struct run_call *call)
{
	static const struct run_nodes none;
	uint64_t maxnode = call->args[2], flags = call->args[4];
	struct run_nodes possible = run_nodes_of(call->run, "possible"), allowed;
	const struct policy *policy = policy_of(call);
	unsigned int last = RUN_MAX_NODES;

	while (last && !run_nodes_have(&possible, last - 1))
		last--;
	if ((call->args[1] && maxnode < last) ||
	    flags & ~(uint64_t)(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED))
		return -EINVAL;
	if (flags & MPOL_F_MEMS_ALLOWED) {
		if (flags & (MPOL_F_NODE | MPOL_F_ADDR))
			return -EINVAL;
		allowed = run_nodes_of(call->run, "has_memory");
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
	struct run_nodes from, to, with_memory = run_nodes_of(call->run, "has_memory");
	int err = run_nodes_read(call, call->args[2], call->args[1], &from);

	if (!err)
		err = run_nodes_read(call, call->args[3], call->args[1], &to);
	if (err)
		return err;
	run_nodes_keep(&to, &with_memory);
	if (run_nodes_none(&to))
		return -EINVAL;
	run_account_migrate(call, &from, &to, run_nodes_first(&with_memory));
	return 0;
}

/* Each page is where it should be already, or goes there. */
int64_t run_move_pages(const struct run_call *call)
{
	struct run_nodes with_memory = run_nodes_of(call->run, "has_memory");
	uint64_t count = call->args[1], nodes = call->args[3], status = call->args[4];
	uint64_t moved[RUN_MAX_NODES] = { 0 };
	int nid = (int)node_of_pages(call);

	if (call->args[5] & ~(uint64_t)(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	for (uint64_t i = 0; i < count; i++) {
		if (nodes && run_call_read(call, nodes + 4 * i, &nid, sizeof(nid)))
			return -EFAULT;
		if (nid < 0 || nid >= RUN_MAX_NODES ||
		    !run_nodes_have(&with_memory, (unsigned int)nid))
			return -ENODEV;
		moved[nid] += nodes != 0;
		if (status && run_call_write(call, status + 4 * i, &nid, sizeof(nid)))
			return -EFAULT;
	}
	run_account_move(call, moved, RUN_MAX_NODES);
	return 0;
}
