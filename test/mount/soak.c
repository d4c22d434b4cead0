/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * soak MOUNT PID CHANGES: eight writers plug, unplug and switch blocks of a mount until that many
 * changes are made, while eight readers read everything that changes. A change is a successful
 * write that changed the state of a block or the presence of a DIMM.
 *
 * Fails if a reader sees a text that a kernel cannot print (soak_read.c), if a writer's own block
 * is not in the state that it set, or if the daemon, process PID, uses more memory at the end than
 * after the first changes. Prints both, their ratio, and changes per second.
 */
#include "soak.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NR_WRITERS 8
#define NR_READERS 8
#define ROUNDS 4 /* how often the blocks of a DIMM are switched before it is unplugged */
#define BLOCKS_PER_DIMM 2

/* After these, a daemon with that many clients has reached its usual size. */
#define WARM_CHANGES 10000

/*
 * One per cent, and the granularity of the measurement: malloc() requests memory from the kernel
 * in steps of 132 KiB, and a step may be late by chance.
 */
#define GROWTH_PERCENT 1
#define GROWTH_KIB 132

static struct soak *soak;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* 0 or an errno. */
static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = errno;

	if (fd < 0)
		return error;
	error = write(fd, text, strlen(text)) < 0 ? errno : 0;
	close(fd);
	return error;
}

static void must_put(const char *dir, const char *name, const char *text)
{
	char path[2 * SOAK_PATH_BYTES];
	int error;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	error = put(path, text);
	if (error)
		soak_fail(soak, "%s: '%s' is answered with %s", path, text, strerror(error));
}

static bool enough(void)
{
	return __atomic_load_n(&soak->changes, __ATOMIC_RELAXED) >= soak->wanted;
}

static void changed(void)
{
	__atomic_add_fetch(&soak->changes, 1, __ATOMIC_RELAXED);
}

/* ---- writers --------------------------------------------------------------------------------- */

static void expect_state(uint64_t block, const char *wanted)
{
	char path[SOAK_PATH_BYTES], text[64];

	snprintf(path, sizeof(path), SOAK_MEMORY "/memory%llu/state", (unsigned long long)block);
	if (soak_read(path, text, sizeof(text)) < 0 || strcmp(text, wanted))
		soak_fail(soak, "%s is '%s' after its only writer made it '%s'", path, text,
			  wanted);
}

/* Switches a block that no other writer uses, and back. */
static void switch_block(uint64_t block, unsigned int *seed)
{
	static const char *const words[] = { "online", "online_movable", "online_kernel" };
	char dir[SOAK_PATH_BYTES];

	snprintf(dir, sizeof(dir), SOAK_MEMORY "/memory%llu", (unsigned long long)block);
	if (rand_r(seed) % 3)
		must_put(dir, "state", words[rand_r(seed) % 3]);
	else
		must_put(dir, "online", "1");
	changed();
	expect_state(block, "online\n");
	if (rand_r(seed) % 3)
		must_put(dir, "state", "offline");
	else
		must_put(dir, "online", "0");
	changed();
	expect_state(block, "offline\n");
}

/* Switches a block that all writers share: only one of several concurrent writers succeeds. */
static void switch_shared(unsigned int *seed)
{
	char path[SOAK_PATH_BYTES];
	int error;

	snprintf(path, sizeof(path), SOAK_MEMORY "/memory%u/state",
		 SOAK_SHARED_BLOCK + (unsigned int)rand_r(seed) % 2);
	error = put(path, rand_r(seed) % 2 ? "online" : "offline");
	if (!error)
		changed();
	else if (error != EINVAL)
		soak_fail(soak, "%s: %s", path, strerror(error));
}

static void use_dimm(const char *dir, unsigned int *seed)
{
	char path[SOAK_PATH_BYTES + 8], text[64];
	uint64_t first;

	must_put(dir, "plugged", "1");
	changed();
	snprintf(path, sizeof(path), "%s/addr", dir);
	if (soak_read(path, text, sizeof(text)) < 0)
		soak_fail(soak, "%s: %s", path, strerror(errno));
	first = strtoull(text, NULL, 0) / SOAK_BLOCK_BYTES;
	for (int i = 0; i < ROUNDS && !enough(); i++) {
		for (uint64_t block = first; block < first + BLOCKS_PER_DIMM; block++)
			switch_block(block, seed);
		switch_shared(seed);
	}
	/* some of them are ejected while they are online */
	if (rand_r(seed) % 2) {
		snprintf(path, sizeof(path), SOAK_MEMORY "/memory%llu", (unsigned long long)first);
		must_put(path, "state", "online_movable");
		changed();
	}
	must_put(dir, "plugged", "0");
	changed();
}

static void writer(int number)
{
	unsigned int seed = (unsigned int)number + 1;
	char dir[SOAK_PATH_BYTES];

	snprintf(dir, sizeof(dir), "machine/dimm/soak%d", number);
	if (mkdir(dir, 0755))
		soak_fail(soak, "%s: %s", dir, strerror(errno));
	must_put(dir, "size", "256M");
	must_put(dir, "node", number % 2 ? "1" : "0");
	while (!enough())
		use_dimm(dir, &seed);
	if (rmdir(dir))
		soak_fail(soak, "%s: %s", dir, strerror(errno));
}

/* ---- main ------------------------------------------------------------------------------------ */

static pid_t start(void (*run)(int number), int number)
{
	pid_t pid = fork();

	if (pid < 0)
		err(EXIT_FAILURE, "fork");
	if (!pid) {
		run(number);
		exit(EXIT_SUCCESS);
	}
	return pid;
}

static void reader(int number)
{
	soak_reader(soak, (unsigned int)number);
}

/* In KiB; 0 if the process has ended. */
static unsigned long resident(const char *pid)
{
	char path[64], line[256];
	unsigned long kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "VmRSS: %lu kB", &kib);
	if (file)
		fclose(file);
	return kib;
}

static bool wait_all(pid_t *pids, int nr)
{
	bool well = true;
	int status;

	for (int i = 0; i < nr; i++) {
		waitpid(pids[i], &status, 0);
		well = well && WIFEXITED(status) && !WEXITSTATUS(status);
	}
	return well;
}

static struct soak *soak_new(uint64_t wanted)
{
	struct soak *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	*s = (struct soak){ .wanted = wanted };
	return s;
}

int main(int argc, char **argv)
{
	pid_t readers[NR_READERS], writers[NR_WRITERS];
	unsigned long early = 0, late;
	uint64_t begin;
	bool well;

	if (argc != 4)
		errx(EXIT_FAILURE, "usage: soak MOUNT PID CHANGES");
	soak = soak_new(strtoull(argv[3], NULL, 0));
	if (chdir(argv[1]))
		err(EXIT_FAILURE, "%s", argv[1]);
	begin = now_ns();
	for (int i = 0; i < NR_WRITERS; i++)
		writers[i] = start(writer, i);
	for (int i = 0; i < NR_READERS; i++)
		readers[i] = start(reader, i);
	while (!soak->failed && soak->changes < WARM_CHANGES && !enough())
		usleep(1000);
	early = resident(argv[2]);
	well = wait_all(writers, NR_WRITERS);
	soak->ended = true;
	well = wait_all(readers, NR_READERS) && well;
	late = resident(argv[2]);
	printf("%llu changes, %.0f/s; %llu texts read\n", (unsigned long long)soak->changes,
	       (double)soak->changes * 1e9 / (double)(now_ns() - begin),
	       (unsigned long long)soak->texts);
	printf("resident after %d changes %lu KiB, at the end %lu KiB: ratio %.4f\n", WARM_CHANGES,
	       early, late, (double)late / (double)early);
	if (!early || !late)
		errx(EXIT_FAILURE, "the daemon is gone");
	if (late > early + early * GROWTH_PERCENT / 100 + GROWTH_KIB)
		errx(EXIT_FAILURE, "the daemon has grown");
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
