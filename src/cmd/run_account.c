// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that counts in the machine (--account). What a process takes while it has a memory policy
 * is on the nodes of that policy; for each of them, a workload of the machine has that size. The
 * memory is looked at before each change of a policy, and every now and then.
 */
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "run_account.h"

enum {
	MAX_ACCOUNTS = 256, /* each of them has two descriptors */
	INTERVAL_MS = 100,
	REST = 10, /* it rests at least so much longer than looking took */
};

/* MPOL_WEIGHTED_INTERLEAVE, since Linux 6.9, not in all headers. */
#define WEIGHTED_INTERLEAVE 6

struct run_accounts {
	const struct run *run;
	struct account *list[MAX_ACCOUNTS];
	size_t used;
	uint64_t due_ms;
};

struct run_accounts *run_accounts_new(const struct run *run)
{
	struct run_accounts *accounts = calloc(1, sizeof(*accounts));

	if (accounts)
		accounts->run = run;
	return accounts;
}

static struct account *find(const struct run_accounts *accounts, pid_t pid)
{
	for (size_t i = 0; i < accounts->used; i++) {
		if (accounts->list[i]->pid == pid)
			return accounts->list[i];
	}
	return NULL;
}

/* The numbers of a thread's process: here, and in the PID namespace of the view. */
static bool process_of(pid_t tid, pid_t *ret_pid, pid_t *ret_inner)
{
	char text[8192];
	const char *line;
	int numbers;

	if (!run_read_proc(tid, "status", text, sizeof(text)))
		return false;
	line = strstr(text, "\nNStgid:");
	numbers = line ? sscanf(line, "\nNStgid: %d %d", ret_pid, ret_inner) : 0;
	if (numbers == 1)
		*ret_inner = *ret_pid;
	return numbers >= 1;
}

/* The account of a thread's process, which is opened if needed; NULL: it is not possible. */
static struct account *account_of(struct run_accounts *accounts, pid_t tid)
{
	struct account *account;
	struct run_thread thread;
	pid_t pid, inner;

	if (!process_of(tid, &pid, &inner))
		return NULL;
	account = find(accounts, pid);
	if (account || accounts->used == MAX_ACCOUNTS)
		return account;
	account = calloc(1, sizeof(*account));
	if (!account)
		return NULL;
	account->pid = pid;
	account->inner = inner;
	if (!run_thread_stat(pid, &thread) || !account_open(account)) {
		free(account);
		return NULL;
	}
	account->started = thread.started;
	accounts->list[accounts->used++] = account;
	return account;
}

static void close_account(struct run_accounts *accounts, size_t i)
{
	struct account *account = accounts->list[i];

	for (size_t k = 0; k < account->nr_parts; k++)
		account_drop_part(accounts->run, account, &account->parts[k]);
	account_close(account);
	free(account);
	accounts->list[i] = accounts->list[--accounts->used];
}

void run_accounts_free(struct run_accounts *accounts)
{
	while (accounts && accounts->used)
		close_account(accounts, accounts->used - 1);
	free(accounts);
}

/* ---- looking at memory ----------------------------------------------------------------------- */

/* Adds to the nodes of a policy: to all if they are used in turn, otherwise to the first. */
static void add(struct account *account, const struct choice *choice, uint64_t bytes, bool is_bound)
{
	unsigned int count = run_nodes_count(&choice->nodes), nid = run_nodes_first(&choice->nodes);
	struct part *part;

	if (!count || !choice->in_turn) {
		part = account_part(account, count ? (int)nid : NO_NODE, choice->may_spill);
		*(is_bound ? &part->bound : &part->own) += bytes;
		return;
	}
	for (; nid < RUN_MAX_NODES; nid++) {
		if (!run_nodes_have(&choice->nodes, nid))
			continue;
		part = account_part(account, (int)nid, true);
		*(is_bound ? &part->bound : &part->own) += bytes / count;
	}
}

/* Memory that is given back is taken from all nodes in proportion. */
static void shrink(struct account *account, uint64_t bytes)
{
	for (size_t i = 0; i < account->nr_parts; i++) {
		struct part *part = &account->parts[i];

		part->own = (uint64_t)((double)part->own * (double)bytes / (double)account->rest);
	}
}

/* Looks at the memory of a process; false: it has ended. */
static bool look(const struct run_accounts *accounts, struct account *account)
{
	uint64_t total, bound = 0, rest;

	if (!account_total(account, &total))
		return false;
	for (size_t i = 0; i < account->nr_parts; i++)
		account->parts[i].bound = 0;
	for (size_t i = 0; i < account->nr_ranges; i++) {
		uint64_t bytes = account_resident(account, &account->ranges[i]);

		add(account, &account->ranges[i].choice, bytes, true);
		bound += bytes;
	}
	rest = total > bound ? total - bound : 0;
	if (rest >= account->rest)
		add(account, &account->choice, rest - account->rest, false);
	else
		shrink(account, rest);
	account->rest = rest;
	for (size_t i = 0; i < account->nr_parts; i++)
		account_apply(accounts->run, account, &account->parts[i]);
	return true;
}

/* Children have the policy of their parent. */
static void open_child(struct run_accounts *accounts, const struct account *parent, pid_t pid)
{
	struct account *child;

	if (find(accounts, pid))
		return;
	child = account_of(accounts, pid);
	if (child)
		child->choice = parent->choice;
}

static void open_children(struct run_accounts *accounts, const struct account *account)
{
	char name[64], text[8192], *at = text;

	if (run_nodes_none(&account->choice.nodes))
		return;
	snprintf(name, sizeof(name), "task/%d/children", (int)account->pid);
	run_read_proc(account->pid, name, text, sizeof(text));
	for (char *end; strtol(at, &end, 10) > 0 && *end == ' '; at = end)
		open_child(accounts, account, (pid_t)strtol(at, NULL, 10));
}

int run_accounts_look(struct run_accounts *accounts)
{
	uint64_t now = run_now_ms();
	clock_t since = clock();
	uint64_t rest_ms;

	if (!accounts || !accounts->used)
		return -1;
	if (now < accounts->due_ms)
		return (int)(accounts->due_ms - now);
	/* The list grows by children, which are looked at in the same round. */
	for (size_t i = 0; i < accounts->used;) {
		open_children(accounts, accounts->list[i]);
		if (look(accounts, accounts->list[i]))
			i++;
		else
			close_account(accounts, i);
	}
	rest_ms = (uint64_t)(clock() - since) * REST / (CLOCKS_PER_SEC / 1000);
	if (rest_ms < INTERVAL_MS)
		rest_ms = INTERVAL_MS;
	accounts->due_ms = run_now_ms() + rest_ms;
	return accounts->used ? (int)rest_ms : -1;
}

/* ---- changes --------------------------------------------------------------------------------- */

static struct choice choice_of(int mode, const struct run_nodes *nodes)
{
	int kind = mode & 0xff;

	return (struct choice){
		.nodes = *nodes,
		.in_turn = kind == MPOL_INTERLEAVE || kind == WEIGHTED_INTERLEAVE,
		.may_spill = kind != MPOL_BIND || run_nodes_count(nodes) > 1,
	};
}

/* The account of the caller, up to date; NULL: there is none. */
static struct account *current(const struct run_call *call)
{
	struct account *account = call->accounts ? account_of(call->accounts, call->tid) : NULL;

	return account && look(call->accounts, account) ? account : NULL;
}

/* The account of the process that the call names, if it is the caller, or has one already. */
static struct account *named(const struct run_call *call)
{
	struct account *account = current(call);
	pid_t inner = (pid_t)call->args[0];

	for (size_t i = 0; account && inner && i < call->accounts->used; i++) {
		if (call->accounts->list[i]->inner == inner)
			return call->accounts->list[i];
	}
	return inner ? NULL : account;
}

void run_account_policy(const struct run_call *call, int mode, const struct run_nodes *nodes)
{
	struct account *account = current(call);

	if (account)
		account->choice = choice_of(mode, nodes);
}

void run_account_range(const struct run_call *call, int mode, const struct run_nodes *nodes)
{
	struct range range = { .start = call->args[0], .choice = choice_of(mode, nodes) };
	struct account *account = current(call);

	range.end = range.start + call->args[1];
	if (account && range.end > range.start)
		account_bind(account, &range);
}

/* Takes memory from a part; returns how much there was. */
static uint64_t take(struct part *part, uint64_t bytes)
{
	bytes = bytes < part->own ? bytes : part->own;
	part->own -= bytes;
	return bytes;
}

void run_account_migrate(const struct run_call *call, const struct run_nodes *from,
			 const struct run_nodes *to, unsigned int otherwise)
{
	struct account *account = named(call);
	uint64_t bytes = 0;

	for (size_t i = 0; account && i < account->nr_parts; i++) {
		struct part *part = &account->parts[i];
		unsigned int nid = part->nid == NO_NODE ? otherwise : (unsigned int)part->nid;

		if (run_nodes_have(from, nid) && !run_nodes_have(to, nid))
			bytes += take(part, part->own);
	}
	if (bytes)
		account_part(account, (int)run_nodes_first(to), true)->own += bytes;
}

void run_account_move(const struct run_call *call, const uint64_t *pages, size_t nr_nodes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct account *account = named(call);

	for (size_t nid = 0; account && nid < nr_nodes; nid++) {
		uint64_t wanted = pages[nid] * page, bytes = 0;

		/* The first part is memory without a policy, if there is any. */
		for (size_t i = 0; i < account->nr_parts && bytes < wanted; i++) {
			if (account->parts[i].nid != (int)nid)
				bytes += take(&account->parts[i], wanted - bytes);
		}
		if (bytes)
			account_part(account, (int)nid, true)->own += bytes;
	}
}
