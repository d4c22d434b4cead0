/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random_client MOUNT SEED SECONDS: system calls on a mount, at random, all that a program could
 * think of. Which follows from the seed alone, as far as the mount answers the same.
 *
 * What a call answers does not matter here, but that it answers: a signal every few milliseconds
 * ends whatever waits, so that a call that takes seconds was not ended by it. It fails when the
 * daemon is gone. Prints how many calls there were, how many of them were refused, how long the
 * longest took and how many writers were killed while they wrote.
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

/* Nothing outside of the mount can be reached by any path, as far as we may see to it. */
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
