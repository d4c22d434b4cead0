/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_read LABEL=PATH...: time of open, read and close of each file, and its ratio to the first
 * one's; of a directory the time of a whole listing, for each entry. The paths take turns, and of
 * many turns the fastest counts, so that what else the computer does disturbs little.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TURNS 30
#define READS_PER_TURN 300

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[4096];

	if (fd < 0 || read(fd, text, sizeof(text)) <= 0)
		err(EXIT_FAILURE, "%s", path);
	close(fd);
}

static uint64_t time_file(const char *path)
{
	uint64_t begin = now_ns();

	for (int i = 0; i < READS_PER_TURN; i++)
		read_file(path);
	return (now_ns() - begin) / READS_PER_TURN;
}

static uint64_t time_directory(const char *path)
{
	uint64_t begin = now_ns(), entries = 0;
	DIR *dir = opendir(path);

	if (!dir)
		err(EXIT_FAILURE, "%s", path);
	errno = 0;
	while (readdir(dir))
		entries++;
	if (errno || !entries)
		err(EXIT_FAILURE, "%s", path);
	closedir(dir);
	return (now_ns() - begin) / entries;
}

static uint64_t time_turn(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		err(EXIT_FAILURE, "%s", path);
	return S_ISDIR(st.st_mode) ? time_directory(path) : time_file(path);
}

int main(int argc, char **argv)
{
	uint64_t *best = calloc((size_t)argc, sizeof(*best));

	if (!best)
		errx(EXIT_FAILURE, "out of memory");
	for (int turn = 0; turn < TURNS; turn++) {
		for (int i = 1; i < argc; i++) {
			const char *path = strchr(argv[i], '=');
			uint64_t ns;

			if (!path)
				errx(EXIT_FAILURE, "usage: %s LABEL=PATH...", argv[0]);
			ns = time_turn(path + 1);
			if (!best[i] || ns < best[i])
				best[i] = ns;
		}
	}
	for (int i = 1; i < argc; i++)
		printf("%-44.*s %10.2f us %8.2f\n", (int)strcspn(argv[i], "="), argv[i],
		       (double)best[i] / 1e3, (double)best[i] / (double)best[1]);
	free(best);
	return 0;
}
