/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random_client MOUNT SEED SECONDS: random system calls on a mount, of every kind. They follow from
 * the seed alone, as long as the mount gives the same answers.
 *
 * The results do not matter, only that calls return: a signal every few milliseconds ends any wait,
 * so that a call that takes seconds was not ended by it. Fails if the daemon is gone. Prints the
 * number of calls, the number of refused ones, the duration of the longest, and how many writers
 * were killed while they wrote.
 */
#include "random_client.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SIGNAL_EVERY_US 50000
#define CALLS_PER_WALK 2000
#define SLOW_NS 5000000000ull

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void on_alarm(int sig)
{
}

/* Confines the process to the mount, as far as its privileges permit. */
static void client_init(struct client *c, const char *mount, uint64_t seed)
{
	const struct itimerval timer = { { 0, SIGNAL_EVERY_US }, { 0, SIGNAL_EVERY_US } };
	struct sigaction action = { .sa_handler = on_alarm };

	*c = (struct client){ .pick.state = seed, .text = calloc(2, PICK_TEXT_MAX) };
	for (size_t i = 0; i < RANDOM_FDS; i++)
		c->fds[i] = -1;
	if (!c->text || pipe2(c->pipe, O_CLOEXEC | O_NONBLOCK))
		err(EXIT_FAILURE, "cannot begin");
	if (chdir(mount) || (!geteuid() && (chroot(".") || chdir("/"))))
		err(EXIT_FAILURE, "%s", mount);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void client_fini(struct client *c)
{
	for (size_t i = 0; i < RANDOM_FDS; i++)
		random_close(c, i);
	close(c->pipe[0]);
	close(c->pipe[1]);
	pick_fini(&c->pick);
	free(c->text);
}

int main(int argc, char **argv)
{
	uint64_t seed, end, begin, longest_ns = 0;
	struct client c;

	if (argc != 4)
		errx(EXIT_FAILURE, "usage: random_client MOUNT SEED SECONDS");
	seed = strtoull(argv[2], NULL, 0);
	end = now_ns() + strtoull(argv[3], NULL, 0) * 1000000000;
	client_init(&c, argv[1], seed);
	for (uint64_t i = 0; now_ns() < end; i++) {
		int error = i % CALLS_PER_WALK ? 0 : pick_walk(&c.pick);

		if (error && error != -EINTR)
			errx(EXIT_FAILURE, "walk: %s", strerror(-error));
		begin = now_ns();
		random_call(&c);
		if (now_ns() - begin > longest_ns)
			longest_ns = now_ns() - begin;
	}
	client_fini(&c);
	printf("seed %llu: %llu calls, %llu refused, the longest %llu ms, %llu writers killed\n",
	       (unsigned long long)seed, (unsigned long long)c.nr_calls,
	       (unsigned long long)c.nr_refused, (unsigned long long)(longest_ns / 1000000),
	       (unsigned long long)c.nr_killed);
	return longest_ns < SLOW_NS ? EXIT_SUCCESS : EXIT_FAILURE;
}
