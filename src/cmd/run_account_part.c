// SPDX-License-Identifier: GPL-2.0-or-later
/* How much memory a process has, and the workloads that stand for it. */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run_account.h"

#define RETRY_MS 1000

/* ---- memory ---------------------------------------------------------------------------------- */

static int open_of(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

bool account_open(struct account *account)
{
	account->rollup = open_of(account->pid, "smaps_rollup");
	account->pagemap = open_of(account->pid, "pagemap");
	if (account->rollup >= 0 && account->pagemap >= 0)
		return true;
	account_close(account);
	return false;
}

void account_close(struct account *account)
{
	if (account->rollup >= 0)
		close(account->rollup);
	if (account->pagemap >= 0)
		close(account->pagemap);
}

/* Pages that processes share are divided among them. */
static bool read_rollup(int fd, uint64_t *ret_bytes)
{
	static const char *const labels[] = { "\nPss_Anon:", "\nSwapPss:" };
	char text[4096];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

	*ret_bytes = 0;
	if (len <= 0)
		return false;
	text[len] = '\0';
	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		const char *line = strstr(text, labels[i]);

		if (line)
			*ret_bytes += strtoull(line + strlen(labels[i]), NULL, 10) << 10;
	}
	return true;
}

bool account_total(struct account *account, uint64_t *ret_bytes)
{
	struct run_thread thread;

	if (read_rollup(account->rollup, ret_bytes))
		return true;
	if (!run_thread_stat(account->pid, &thread) || thread.started != account->started)
		return false;
	account_close(account);
	account->rollup = account->pagemap = -1;
	account->nr_ranges = 0;
	account->rest = 0;
	for (size_t i = 0; i < account->nr_parts; i++)
		account->parts[i].own = 0;
	return account_open(account) && read_rollup(account->rollup, ret_bytes);
}

/* Bits of the entries of /proc/PID/pagemap */
#define PAGE_IS_THERE (3ULL << 62) /* in memory or in swap */

uint64_t account_resident(const struct account *account, const struct range *range)
{
	uint64_t entries[4096], page = (uint64_t)sysconf(_SC_PAGESIZE), pages = 0;
	uint64_t at = range->start / page, end = (range->end + page - 1) / page;

	while (at < end) {
		size_t nr = end - at < 4096 ? (size_t)(end - at) : 4096;
		ssize_t len = pread(account->pagemap, entries, nr * sizeof(*entries),
				    (off_t)(at * sizeof(*entries)));

		nr = len > 0 ? (size_t)len / sizeof(*entries) : 0;
		if (!nr)
			break;
		for (size_t i = 0; i < nr; i++)
			pages += (entries[i] & PAGE_IS_THERE) != 0;
		at += nr;
	}
	return pages * page;
}

static void add_range(struct account *account, const struct range *range)
{
	if (range->start >= range->end)
		return;
	/* The oldest is forgotten. */
	if (account->nr_ranges == ACCOUNT_RANGES)
		memmove(&account->ranges[0], &account->ranges[1],
			--account->nr_ranges * sizeof(*range));
	account->ranges[account->nr_ranges++] = *range;
}

void account_bind(struct account *account, const struct range *range)
{
	struct range old[ACCOUNT_RANGES];
	size_t nr_old = account->nr_ranges;

	memcpy(old, account->ranges, nr_old * sizeof(*old));
	account->nr_ranges = 0;
	for (size_t i = 0; i < nr_old; i++) {
		struct range below = old[i], above = old[i];

		if (below.end > range->start)
			below.end = range->start;
		if (above.start < range->end)
			above.start = range->end;
		add_range(account, &below);
		add_range(account, &above);
	}
	if (!run_nodes_none(&range->choice.nodes))
		add_range(account, range);
}

/* ---- workloads ------------------------------------------------------------------------------- */

struct part *account_part(struct account *account, int nid, bool may_spill)
{
	struct part *part = account->parts;

	while (part < account->parts + account->nr_parts && part->nid != nid)
		part++;
	/* A process that uses so many nodes has the rest of its memory on the last one. */
	if (part == account->parts + ACCOUNT_PARTS)
		return part - 1;
	if (part == account->parts + account->nr_parts) {
		*part = (struct part){ .nid = nid, .may_spill = may_spill };
		account->nr_parts++;
	}
	return part;
}

static void workload_path(const struct run *run, const struct account *account,
			  const struct part *part, const char *file,
			  char path[static PATH_MAX + 96])
{
	snprintf(path, PATH_MAX + 96, "%s/machine/workload/pid%d-node%d%s", run->root,
		 (int)account->inner, part->nid, file);
}

static bool set(const struct run *run, const struct account *account, const struct part *part,
		const char *file, const char *text)
{
	char path[PATH_MAX + 96];
	bool good;
	int fd;

	workload_path(run, account, part, file, path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	good = fd >= 0 && write(fd, text, strlen(text)) >= 0;
	if (fd >= 0)
		close(fd);
	return good;
}

static bool make(const struct run *run, const struct account *account, struct part *part)
{
	char path[PATH_MAX + 96], node[16];

	workload_path(run, account, part, "", path);
	snprintf(node, sizeof(node), "%d", part->nid);
	part->is_made = !mkdir(path, 0755) && set(run, account, part, "/kind", "anon") &&
			set(run, account, part, "/node", node) &&
			set(run, account, part, "/policy", part->may_spill ? "prefer" : "bind");
	if (part->is_made)
		return true;
	warn("--account: %s", path);
	return false;
}

void account_apply(const struct run *run, const struct account *account, struct part *part)
{
	uint64_t wanted = part->own + part->bound, now;
	char size[32];

	if (part->nid == NO_NODE || wanted == part->held)
		return;
	now = run_now_ms();
	if (now < part->retry_ms && wanted > part->held)
		return;
	snprintf(size, sizeof(size), "%llu", (unsigned long long)wanted);
	if (!part->is_made && !make(run, account, part))
		part->retry_ms = UINT64_MAX;
	else if (!set(run, account, part, "/size", size))
		part->retry_ms = now + RETRY_MS;
	else
		part->held = wanted;
}

void account_drop_part(const struct run *run, const struct account *account, struct part *part)
{
	char path[PATH_MAX + 96];

	workload_path(run, account, part, "", path);
	if (part->is_made)
		rmdir(path);
}
