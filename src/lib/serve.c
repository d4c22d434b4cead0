// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mounted machines. A thread answers the mount's requests; it and the thread that calls functions
 * here take turns, by a lock that is held all the time that one of them is in the machine, but not
 * while a callback runs, which may use the mount. Meanwhile the machine's time is that of the host:
 * whoever gets the lock first lets it catch up.
 *
 * There is no event loop but poll(2), because a timer of a loop would run without the lock.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "lib_private.h"
#include "memhp/cli/needs.h"
#include "memhp/fuse.h"

#define NS_PER_S 1000000000ULL
/* If more timers than this are due at once, the machine skips the remaining time. */
#define MAX_TIMERS 32
/* What a request that waits for ever lets pass before its end, in steps of the clock. */
#define MAX_LAST_STEPS 1000

/**
 * struct lib_mount - a mounted machine
 * @turned: the thread has done something
 * @wake: lets the thread look again when it has to wake up, which is at @sleeps_until
 * @clock: the host's, with the timers of the mount, which @timers runs
 * @origin_ns: the host's time when the machine's was 0
 * @stops: the thread is to end
 */
struct lib_mount {
	struct memhp *m;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t turned;
	int wake;
	uint64_t sleeps_until;
	struct base_clock clock;
	struct base_clock *timers;
	uint64_t origin_ns;
	struct memfuse *fuse;
	bool ready;
	bool closed;
	bool stops;
};

/* ---- time ------------------------------------------------------------------------------------ */

static uint64_t host_ns(struct base_clock *clock)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static int timer_start(struct base_clock *clock, struct base_timer *timer, uint64_t delay_ns)
{
	struct lib_mount *mount = base_container_of(clock, struct lib_mount, clock);

	return mount->timers->start(mount->timers, timer, delay_ns);
}

static void timer_stop(struct base_clock *clock, struct base_timer *timer)
{
	struct lib_mount *mount = base_container_of(clock, struct lib_mount, clock);

	mount->timers->stop(mount->timers, timer);
}

static void catch_up(struct lib_mount *mount)
{
	struct base_clock *clock = mount->m->sim->clock;
	uint64_t host = host_ns(NULL), until = host - mount->origin_ns, due;
	unsigned int nr = 0;

	while (nr < MAX_TIMERS && base_vclock_due(clock, &due) && due <= until &&
	       base_vclock_step(clock))
		nr++;
	if (nr < MAX_TIMERS && until > clock->now_ns(clock))
		base_vclock_advance(clock, until - clock->now_ns(clock));
	/* Nor does it wait for the host if somebody has let it go ahead. */
	mount->origin_ns = host - clock->now_ns(clock);
}

/* When the thread has something to do, unless a request comes first. */
static uint64_t next_turn(const struct lib_mount *mount)
{
	uint64_t due, next = UINT64_MAX;

	if (base_vclock_due(mount->timers, &due))
		next = due;
	if (base_vclock_due(mount->m->sim->clock, &due))
		next = BASE_MIN(next, due + mount->origin_ns);
	return next;
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void on_ready(void *ctx)
{
	struct lib_mount *mount = ctx;

	mount->ready = true;
}

static void on_closed(void *ctx)
{
	struct lib_mount *mount = ctx;

	mount->closed = true;
}

static const struct memfuse_calls mount_calls = { .ready = on_ready, .closed = on_closed };

/* Does what is due; returns how long poll(2) may wait, rounded up. */
static int turn(struct lib_mount *mount)
{
	uint64_t now = host_ns(NULL), wait;

	base_vclock_advance(mount->timers, now - mount->timers->now_ns(mount->timers));
	catch_up(mount);
	memfuse_dispatch(mount->fuse);
	pthread_cond_broadcast(&mount->turned);
	mount->sleeps_until = next_turn(mount);
	if (mount->sleeps_until == UINT64_MAX)
		return -1;
	now = host_ns(NULL);
	wait = mount->sleeps_until > now ? mount->sleeps_until - now : 0;
	return (int)BASE_MIN((wait + 999999) / 1000000, 1000);
}

static void *serve(void *ctx)
{
	struct lib_mount *mount = ctx;
	struct pollfd fds[] = {
		{ .fd = memfuse_fd(mount->fuse), .events = POLLIN },
		{ .fd = mount->wake, .events = POLLIN },
	};
	uint64_t nr;
	int timeout;

	pthread_mutex_lock(&mount->lock);
	while (!mount->stops && !mount->closed) {
		timeout = turn(mount);
		if (mount->closed)
			break;
		pthread_mutex_unlock(&mount->lock);
		if (poll(fds, BASE_ARRAY_SIZE(fds), timeout) > 0 && fds[1].revents &&
		    read(mount->wake, &nr, sizeof(nr)) < 0)
			nr = 0;
		pthread_mutex_lock(&mount->lock);
	}
	pthread_cond_broadcast(&mount->turned);
	pthread_mutex_unlock(&mount->lock);
	return NULL;
}

static void wake_up(const struct lib_mount *mount)
{
	const uint64_t one = 1;

	while (write(mount->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* ---- for the thread that uses the machine ---------------------------------------------------- */

void lib_lock(const struct memhp *m)
{
	if (!m->mount)
		return;
	pthread_mutex_lock(&m->mount->lock);
	if (!m->mount->closed)
		catch_up(m->mount);
}

void lib_unlock(const struct memhp *m)
{
	struct lib_mount *mount = m->mount;

	if (!mount)
		return;
	catch_up(mount);
	if (next_turn(mount) < mount->sleeps_until)
		wake_up(mount);
	pthread_mutex_unlock(&mount->lock);
}

bool lib_served(const struct memhp *m)
{
	return m->mount && !m->mount->closed;
}

void lib_serve_wait(const struct memhp *m)
{
	struct lib_mount *mount = m->mount;

	wake_up(mount);
	pthread_cond_wait(&mount->turned, &mount->lock);
}

/* ---- mounting -------------------------------------------------------------------------------- */

/* The names of actors, and of the processes that use the mount. */
static void command(void *ctx, pid_t pid, char command[TREE_COMMAND_SIZE])
{
	struct memhp *m = ctx;

	if (!sim_actor_command(m->sim, pid, command))
		memfuse_command(NULL, pid, command);
}

static struct lib_mount *mount_new(struct memhp *m)
{
	struct lib_mount *mount = calloc(1, sizeof(*mount));

	if (!mount)
		return NULL;
	mount->m = m;
	mount->clock = (struct base_clock){
		.now_ns = host_ns,
		.start = timer_start,
		.stop = timer_stop,
	};
	mount->sleeps_until = UINT64_MAX;
	mount->origin_ns = host_ns(NULL) - m->sim->clock->now_ns(m->sim->clock);
	mount->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	mount->timers = base_vclock_new();
	if (mount->wake < 0 || !mount->timers) {
		if (mount->wake >= 0)
			close(mount->wake);
		base_vclock_free(mount->timers);
		free(mount);
		return NULL;
	}
	pthread_mutex_init(&mount->lock, NULL);
	pthread_cond_init(&mount->turned, NULL);
	return mount;
}

static void mount_free(struct lib_mount *mount)
{
	pthread_cond_destroy(&mount->turned);
	pthread_mutex_destroy(&mount->lock);
	base_vclock_free(mount->timers);
	close(mount->wake);
	free(mount);
}

/* Signals are for the threads of the program. */
static int start_thread(struct lib_mount *mount)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&mount->thread, NULL, serve, mount);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

static int mount_fuse(struct lib_mount *mount, const char *dir, const char *options)
{
	struct memhp *m = mount->m;
	struct base_buf why;
	int ret = -ENODEV;

	base_buf_init(&why);
	if (needs_fuse_why(false, &why))
		ret = memfuse_new(m->sim->tree, &mount->clock, dir, options, &mount_calls, mount,
				  &why, &mount->fuse);
	if (ret == -EIO) {
		base_buf_puts(&why, "\n");
		needs_mount_why(&why);
	}
	if (ret)
		lib_fail(m, ret, "%s", why.len ? base_buf_text(&why) : strerror(-ret));
	base_buf_fini(&why);
	return ret;
}

int lib_serve(struct memhp *m, const char *dir, const char *options)
{
	struct lib_mount *mount = mount_new(m);
	int ret;

	if (!mount)
		return lib_fail(m, -ENOMEM, "out of memory");
	ret = mount_fuse(mount, dir, options);
	if (!ret) {
		ret = start_thread(mount);
		if (ret) {
			memfuse_free(mount->fuse);
			lib_fail(m, ret, "no thread for the mount: %s", strerror(-ret));
		}
	}
	if (ret) {
		mount_free(mount);
		return ret;
	}
	tree_set_command(m->sim->tree, command, m);
	/* The function that mounts unlocks. */
	pthread_mutex_lock(&mount->lock);
	m->mount = mount;
	while (!mount->ready && !mount->closed)
		pthread_cond_wait(&mount->turned, &mount->lock);
	return 0;
}

void lib_serve_end(struct memhp *m, bool for_good)
{
	struct lib_mount *mount = m->mount;

	if (!mount)
		return;
	pthread_mutex_lock(&mount->lock);
	mount->stops = true;
	wake_up(mount);
	pthread_mutex_unlock(&mount->lock);
	pthread_join(mount->thread, NULL);
	m->mount = NULL;
	if (for_good) {
		lib_end_delays(m->sim);
		for (int i = 0; i < MAX_LAST_STEPS && !machine_is_quiet(m->sim->machine); i++)
			if (!base_vclock_step(m->sim->clock))
				break;
	}
	sim_race_init(m->sim);
	m->abandoned = !memfuse_free(mount->fuse);
	if (!m->abandoned)
		mount_free(mount);
}
