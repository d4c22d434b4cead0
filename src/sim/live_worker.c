// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The processes that make system calls, which may wait in the kernel and can be killed there.
 *
 * They are made in advance and used again, and get what they need through shared memory: the
 * kernel's pages of new processes and of messages might be in memory that is to go offline.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live_private.h"

#define READ_SIZE 65536

/* ---- in the worker --------------------------------------------------------------------------- */

/* Lets the parent look. */
static void tell(const struct live_worker *me)
{
	if (write(me->tell, &(uint64_t){ 1 }, sizeof(uint64_t)) < 0)
		_exit(1);
}

/* Whether the next read would wait: at the present end of a stream */
static bool would_wait(int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	return poll(&poller, 1, 0) == 0;
}

static ssize_t read_all(int fd, struct live_shared *shared)
{
	ssize_t n;

	shared->len = 0;
	do {
		n = read(fd, shared->data + shared->len,
			 BASE_MIN((size_t)READ_SIZE, LIVE_ROOM - shared->len));
		if (n > 0)
			shared->len += (size_t)n;
		if (shared->len == LIVE_ROOM)
			return -EFBIG;
	} while (n > 0 && !would_wait(fd));
	return n < 0 ? -errno : 0;
}

static ssize_t do_file(const struct sim_live *live, const struct live_worker *me)
{
	struct live_shared *shared = me->shared;
	int fd = live_open(live, shared->path, shared->flags);
	ssize_t ret;

	if (fd < 0)
		return fd;
	shared->opened = true;
	tell(me);
	if (shared->op == TREE_OP_READ) {
		ret = read_all(fd, shared);
	} else {
		ret = write(fd, shared->data, shared->len);
		ret = ret < 0 ? -errno : ret;
	}
	close(fd);
	return ret;
}

static ssize_t do_make(const struct sim_live *live, struct live_shared *shared)
{
	char *path = shared->path, *name;
	int dir, ret;

	for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		path[len - 1] = '\0';
	name = strrchr(path, '/');
	if (name)
		*name++ = '\0';
	dir = live_open(live, name ? path : "", O_PATH | O_DIRECTORY);
	if (dir < 0)
		return dir;
	name = name ? name : path;
	ret = shared->op == TREE_OP_MKDIR ? mkdirat(dir, name, 0777) :
					    unlinkat(dir, name, AT_REMOVEDIR);
	ret = ret ? -errno : 0;
	close(dir);
	return ret;
}

static void serve(const struct sim_live *live, const struct live_worker *me)
{
	struct live_shared *shared = me->shared;
	uint64_t asked;

	while (read(me->ask, &asked, sizeof(asked)) == sizeof(asked)) {
		prctl(PR_SET_NAME, shared->actor);
		if (shared->op == TREE_OP_MKDIR || shared->op == TREE_OP_RMDIR)
			shared->result = do_make(live, shared);
		else
			shared->result = do_file(live, me);
		__atomic_store_n(&shared->done, true, __ATOMIC_RELEASE);
		tell(me);
	}
	_exit(0);
}

/* ---- in the process that has the workers ----------------------------------------------------- */

static void worker_free(struct live_worker *worker)
{
	int fds[] = { worker->ask, worker->tell, worker->life };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (worker->shared)
		munmap(worker->shared, sizeof(*worker->shared));
	free(worker);
}

/* Starts the process; its end of the pipe @life closes when it ends. */
static int start(struct sim_live *live, struct live_worker *worker)
{
	pid_t parent = getpid();
	int life[2];

	if (pipe2(life, O_CLOEXEC))
		return -errno;
	worker->life = life[0];
	worker->pid = fork();
	if (!worker->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		serve(live, worker);
	}
	close(life[1]);
	return worker->pid < 0 ? -errno : 0;
}

/* Gets a new worker, which is idle; returns 0 or -errno. */
static int hire(struct sim_live *live)
{
	struct live_worker *worker = calloc(1, sizeof(*worker));
	int ret = 0;

	if (!worker)
		return -ENOMEM;
	worker->life = -1;
	worker->ask = eventfd(0, EFD_CLOEXEC);
	worker->tell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	worker->shared = mmap(NULL, sizeof(*worker->shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (worker->shared == MAP_FAILED)
		worker->shared = NULL;
	if (worker->ask < 0 || worker->tell < 0 || !worker->shared)
		ret = -errno;
	if (!ret)
		ret = start(live, worker);
	if (ret)
		worker_free(worker);
	else
		LIST_INSERT_HEAD(&live->workers, worker, link);
	return ret;
}

int live_workers_start(struct sim_live *live)
{
	int ret = 0;

	for (unsigned int i = 0; !ret && i < LIVE_WORKERS; i++)
		ret = hire(live);
	return ret;
}

void live_worker_end(struct live_worker *worker)
{
	kill(worker->pid, SIGKILL);
	while (waitpid(worker->pid, NULL, 0) < 0 && errno == EINTR)
		;
	LIST_REMOVE(worker, link);
	worker_free(worker);
}

void live_workers_end(struct sim_live *live)
{
	struct live_worker *worker;

	while ((worker = LIST_FIRST(&live->workers)))
		live_worker_end(worker);
}

static struct live_worker *find_idle(const struct sim_live *live)
{
	struct live_worker *worker;

	LIST_FOREACH(worker, &live->workers, link)
		if (!worker->busy)
			return worker;
	return NULL;
}

int live_worker_ask(struct sim_job *job, const char *path)
{
	struct sim *sim = job->sim;
	struct live_worker *worker = find_idle(sim->live);
	struct live_shared *shared;
	int ret = 0;

	if (strlen(path) >= sizeof(shared->path))
		return -ENAMETOOLONG;
	if (job->data.len > LIVE_ROOM)
		return -EFBIG;
	if (!worker)
		ret = hire(sim->live);
	if (ret)
		return ret;
	worker = worker ? worker : LIST_FIRST(&sim->live->workers);
	shared = worker->shared;
	shared->op = job->op;
	shared->flags = job->flags;
	shared->opened = shared->done = false;
	strcpy(shared->path, path);
	snprintf(shared->actor, sizeof(shared->actor), "%s", sim->actor ? sim->actor : "memhpsim");
	shared->len = job->data.len;
	memcpy(shared->data, base_buf_text(&job->data), job->data.len);
	if (write(worker->ask, &(uint64_t){ 1 }, sizeof(uint64_t)) < 0)
		return -errno;
	worker->busy = true;
	job->worker = worker;
	return 0;
}

bool live_worker_listen(struct live_worker *worker)
{
	struct pollfd life = { .fd = worker->life };
	uint64_t told;

	if (read(worker->tell, &told, sizeof(told)) == sizeof(told))
		return true;
	return poll(&life, 1, 0) == 0;
}
