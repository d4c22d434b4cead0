// SPDX-License-Identifier: GPL-2.0-or-later
/* A machine that is reached by system calls: a mount of memhpfs, or a real one. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live_private.h"

#define MAX_LINK 4096

static void pause_ms(struct sim *sim, uint64_t ms)
{
	/* in parts, because poll(2) cannot wait for longer than 2^31 ms */
	for (; ms > INT32_MAX && !sim->live->signal; ms -= INT32_MAX)
		live_pause(sim->live, -1, -1, INT32_MAX);
	live_pause(sim->live, -1, -1, (int)ms);
}

static int list(struct sim *sim, const char *dir, const char *prefix, struct base_buf *buf)
{
	return live_list(sim->live, dir, prefix, buf);
}

static int get_link(struct sim *sim, const char *path, struct base_buf *buf)
{
	int fd = live_open(sim->live, path, O_PATH | O_NOFOLLOW), ret;
	char target[MAX_LINK];
	struct stat st;
	ssize_t len;

	if (fd < 0)
		return fd;
	len = readlinkat(fd, "", target, sizeof(target));
	ret = len < 0 ? -errno : 0;
	/* readlinkat() on a descriptor says ENOENT where readlink() says EINVAL */
	if (ret == -ENOENT && !fstat(fd, &st) && !S_ISLNK(st.st_mode))
		ret = -EINVAL;
	if (!ret)
		base_buf_add(buf, target, (size_t)len);
	close(fd);
	return ret;
}

static int get_attr(struct sim *sim, const char *path, struct tree_attr *ret_attr)
{
	int fd = live_open(sim->live, path, O_PATH | O_NOFOLLOW), ret;
	struct stat st;

	if (fd < 0)
		return fd;
	ret = fstat(fd, &st) ? -errno : 0;
	if (!ret)
		*ret_attr = (struct tree_attr){ .mode = st.st_mode, .size = st.st_size };
	close(fd);
	return ret;
}

static int uevents(struct sim *sim, struct base_buf *buf)
{
	return live_events_read(sim->live, buf);
}

/* Adds the records of /dev/kmsg, without what is before and after their texts. */
static int get_kernel_log(struct sim *sim, struct base_buf *buf)
{
	int fd = live_open(sim->live, "dev/kmsg", O_RDONLY | O_NONBLOCK);
	char record[LIVE_RECORD_SIZE + 1];
	ssize_t n;

	if (fd < 0)
		return fd;
	/* EPIPE: some were lost */
	while ((n = read(fd, record, LIVE_RECORD_SIZE)) > 0 || (n < 0 && errno == EPIPE)) {
		const char *text;

		record[BASE_MAX(n, 0)] = '\0';
		text = strchr(record, ';');
		if (text)
			base_buf_printf(buf, "%.*s\n", (int)strcspn(text + 1, "\n"), text + 1);
	}
	close(fd);
	return 0;
}

static int get_log(struct sim *sim, struct base_buf *buf)
{
	return sim->live->kind == SIM_ROOT_MOUNT ? sim_machine_log(sim, buf) :
						   get_kernel_log(sim, buf);
}

static int hold(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	return sim->live->kind == SIM_ROOT_MOUNT ? sim_machine_hold(sim, w, buf) :
						   live_hold(sim, w, buf);
}

static int let_go(struct sim *sim, const struct sim_words *w, struct base_buf *buf)
{
	return sim->live->kind == SIM_ROOT_MOUNT ? sim_machine_free(sim, w, buf) :
						   live_free(sim, w, buf);
}

static void fini(struct sim *sim)
{
	struct sim_live *live = sim->live;

	live_workers_end(live);
	live_hold_fini(live);
	live_undo_fini(live);
	if (live->kmsg >= 0)
		close(live->kmsg);
	if (live->events >= 0)
		close(live->events);
	if (live->signals >= 0) {
		close(live->signals);
		sigprocmask(SIG_SETMASK, &live->old_signals, NULL);
	}
	if (live->root >= 0)
		close(live->root);
	free(live->stuck);
	free(live);
	sim_race_fini(sim);
}

static const struct sim_access live_access = {
	.start = live_job_start,
	.held = live_job_held,
	.leave = live_job_leave,
	.wait = live_job_wait,
	.wait_ms = live_job_wait_ms,
	.kill = live_job_kill,
	.sleep = pause_ms,
	.list = list,
	.link = get_link,
	.stat = get_attr,
	.uevents = uevents,
	.log = get_log,
	.hold = hold,
	.free = let_go,
	.fini = fini,
};

/* From here on, signals are read. */
static int take_signals(struct sim_live *live)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	live->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (live->signals < 0)
		return -errno;
	sigprocmask(SIG_BLOCK, &set, &live->old_signals);
	return 0;
}

/*
 * On a machine, all runs on one CPU, preferably of a node that had memory at boot: where the
 * kernel's pages for our system calls are, no memory can go offline.
 */
static void stay_on_first_cpu(void)
{
	cpu_set_t all, first;

	if (sched_getaffinity(0, sizeof(all), &all))
		return;
	CPU_ZERO(&first);
	for (int cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&first); cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &first);
	sched_setaffinity(0, sizeof(first), &first);
}

static int find_root(struct sim_live *live, const char *root)
{
	live->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return live->root < 0 ? -errno : 0;
}

int sim_live_new(const char *root, enum sim_root kind, FILE *err, struct sim **ret_sim)
{
	struct sim *sim = calloc(1, sizeof(*sim));
	struct sim_live *live = calloc(1, sizeof(*live));
	int ret;

	if (!sim || !live) {
		free(sim);
		free(live);
		return -ENOMEM;
	}
	*live = (struct sim_live){
		.kind = kind, .root = -1, .signals = -1, .events = -1, .kmsg = -1, .err = err
	};
	sim->live = live;
	sim->access = &live_access;
	if (kind == SIM_ROOT_MACHINE)
		stay_on_first_cpu();
	ret = find_root(live, root);
	if (!ret)
		ret = live_events_open(live);
	if (!ret)
		ret = take_signals(live);
	if (!ret)
		ret = live_workers_start(live);
	if (ret)
		sim_free(sim);
	else
		*ret_sim = sim;
	return ret;
}

int sim_live_signal(const struct sim *sim)
{
	return sim->live->signal;
}

bool sim_live_input(struct sim *sim, int fd)
{
	return live_pause(sim->live, fd, -1, -1) && !sim->live->signal;
}

int sim_live_write(struct sim *sim)
{
	int ret = live_undo_blocks(sim);

	if (!ret)
		live_given_open(sim);
	return ret;
}
