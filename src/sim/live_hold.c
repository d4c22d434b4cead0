// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory of a real machine that somebody holds: a process for each `hold`, until its `free`. */
#include <errno.h>
#include <linux/mempolicy.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live_private.h"

#define MAX_NODES 1024
#define LONG_BITS (8 * sizeof(unsigned long))

/** struct kind - how memory of a kind is mapped */
struct kind {
	const char *name;
	int flags;
	bool locked;
};

static const struct kind *find_kind(const char *name)
{
	static const struct kind kinds[] = {
		{ "anon", MAP_PRIVATE },
		{ "mlock", MAP_PRIVATE, .locked = true },
		{ "hugetlb", MAP_PRIVATE | MAP_HUGETLB },
		{ "shmem", MAP_SHARED },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

bool sim_live_holds(const char *kind)
{
	return find_kind(kind);
}

/* ---- in the process that holds it ------------------------------------------------------------ */

/* Allocates and touches memory; @node: -1: anywhere. */
static int take(const struct kind *kind, uint64_t size, int64_t node)
{
	unsigned long nodes[MAX_NODES / LONG_BITS] = { 0 };
	volatile char *p;
	char *memory;

	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, kind->flags | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -errno;
	if (node >= 0) {
		nodes[(size_t)node / LONG_BITS] = 1ul << ((size_t)node % LONG_BITS);
		if (syscall(SYS_mbind, memory, size, MPOL_BIND, nodes, MAX_NODES, 0))
			return -errno;
	}
	if (kind->locked && mlock(memory, size))
		return -errno;
	p = memory;
	for (uint64_t i = 0; i < size; i += (uint64_t)sysconf(_SC_PAGESIZE))
		p[i] = 1;
	return 0;
}

static void run(const struct kind *kind, uint64_t size, int64_t node, int out)
{
	int ret;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ret = take(kind, size, node);
	if (write(out, &ret, sizeof(ret)) != sizeof(ret) || ret)
		_exit(1);
	close(out);
	for (;;)
		pause();
}

/* ---- in the process that has it -------------------------------------------------------------- */

static void let_go(struct live_hold *hold)
{
	kill(hold->pid, SIGKILL);
	while (waitpid(hold->pid, NULL, 0) < 0 && errno == EINTR)
		;
	LIST_REMOVE(hold, link);
	free(hold->id);
	free(hold);
}

void live_hold_fini(struct sim_live *live)
{
	while (!LIST_EMPTY(&live->holds))
		let_go(LIST_FIRST(&live->holds));
}

static struct live_hold *find_hold(const struct sim_live *live, const char *id)
{
	struct live_hold *hold;

	LIST_FOREACH(hold, &live->holds, link)
		if (!strcmp(hold->id, id))
			return hold;
	return NULL;
}

/* Waits until the process has its memory; a signal ends it. */
static int await(struct sim_live *live, int in)
{
	ssize_t n = -1;
	int ret;

	while (!live->signal && !live_pause(live, in, -1, -1))
		;
	if (live->signal)
		return -EINTR;
	n = read(in, &ret, sizeof(ret));
	/* if it says nothing, it was killed because there is no memory */
	return n == sizeof(ret) ? ret : -ENOMEM;
}

static int start(struct sim_live *live, const struct sim_words *w, uint64_t size, int64_t node)
{
	struct live_hold *hold = calloc(1, sizeof(*hold));
	int ends[2], ret;

	if (!hold)
		return -ENOMEM;
	hold->id = strdup(w->word[0]);
	if (!hold->id || pipe(ends)) {
		ret = hold->id ? -errno : -ENOMEM;
		free(hold->id);
		free(hold);
		return ret;
	}
	hold->pid = fork();
	if (!hold->pid) {
		close(ends[0]);
		run(find_kind(w->word[1]), size, node, ends[1]);
	}
	ret = hold->pid < 0 ? -errno : 0;
	close(ends[1]);
	if (ret) {
		free(hold->id);
		free(hold);
	} else {
		LIST_INSERT_HEAD(&live->holds, hold, link);
		ret = await(live, ends[0]);
		if (ret)
			let_go(hold);
	}
	close(ends[0]);
	return ret;
}

int live_hold(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	int64_t node;
	uint64_t size;
	int ret;

	if (!sim_live_holds(w->word[1]) || base_parse_size(w->word[2], &size) || !size ||
	    base_kstrtoll(w->word[3], 10, &node) || node < -1 || node >= MAX_NODES) {
		sim->what = SIM_LIVE_HOLD_USAGE;
		return SIM_SYNTAX;
	}
	ret = find_hold(sim->live, w->word[0]) ? -EEXIST : start(sim->live, w, size, node);
	if (!ret)
		base_buf_puts(buf, w->word[2]);
	return ret;
}

int live_free(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	struct live_hold *hold = find_hold(sim->live, w->word[0]);

	if (!hold)
		return -ENOENT;
	let_go(hold);
	base_buf_puts(buf, "0");
	return 0;
}
