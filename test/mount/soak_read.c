/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readers: each text must be complete and one that a kernel can print, whatever happens meanwhile.
 * Files of removed objects are gone (ENOENT by name, ENODEV if open); no other error may occur.
 */
#include "soak.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_BYTES (256 * 1024)
#define MAX_BLOCK 96
#define NR_NODES 2

#define COUNT "[0-9]+"
#define ZONE "(DMA|DMA32|Normal|Movable)"
#define STAT "[a-z0-9_]+ +-?" COUNT

/*
 * @path: below the mount; %u is a number below @limit
 * @line: expression for each of its lines; @nr_lines: how many there are, 0: any number
 */
static const struct grammar {
	const char *path;
	unsigned int limit;
	const char *line;
	unsigned int nr_lines;
} grammars[] = {
	{ "sys/devices/system/memory/memory%u/state", MAX_BLOCK, "(online|offline|going-offline)",
	  1 },
	{ "sys/devices/system/memory/memory%u/online", MAX_BLOCK, "[01]", 1 },
	{ "sys/devices/system/memory/memory%u/removable", MAX_BLOCK, "1", 1 },
	{ "sys/devices/system/memory/memory%u/phys_index", MAX_BLOCK, "[0-9a-f]{8}", 1 },
	{ "sys/devices/system/memory/memory%u/phys_device", MAX_BLOCK, "0", 1 },
	{ "sys/devices/system/memory/memory%u/valid_zones", MAX_BLOCK,
	  "(none|" ZONE "|" ZONE " Movable|Movable " ZONE ")", 1 },
	{ "sys/devices/system/memory/auto_online_blocks", 1, "offline", 1 },
	{ "sys/devices/system/memory/block_size_bytes", 1, "8000000", 1 },
	{ "sys/devices/system/node/node%u/meminfo", NR_NODES,
	  "Node [01] [A-Za-z_()]+: +" COUNT "( kB)?", 0 },
	{ "sys/devices/system/node/node%u/vmstat", NR_NODES, STAT, 0 },
	{ "sys/devices/system/node/has_memory", 1, "0-1", 1 },
	{ "sys/devices/system/node/online", 1, "0-1", 1 },
	{ "proc/meminfo", 1, "[A-Za-z0-9_()]+: +" COUNT "( kB)?", 0 },
	{ "proc/vmstat", 1, STAT, 0 },
	{ "proc/buddyinfo", 1, "Node [01], zone +" ZONE "( +" COUNT ")+ ", 0 },
	{ "proc/zoneinfo", 1,
	  "(Node [01], zone +(" ZONE "|Device)|  per-node stats|  pagesets|    cpu: " COUNT
	  "|  pages free +" COUNT "|  vm stats threshold: " COUNT
	  "|  (node_unreclaimable|start_pfn): +" COUNT "|        protection: \\(" COUNT "(, " COUNT
	  ")*\\)| +(count|high|batch|high_min|high_max): +" COUNT "| +" STAT ")",
	  0 },
	{ "proc/iomem", 1, " *[0-9a-f]{8,}-[0-9a-f]{8,} : .+", 0 },
	{ "sys/kernel/uevent_seqnum", 1, COUNT, 1 },
};
#define NR_GRAMMARS (sizeof(grammars) / sizeof(*grammars))

void soak_fail(struct soak *soak, const char *fmt, ...)
{
	va_list args;

	soak->failed = true;
	soak->wanted = 0; /* stops all processes */
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	exit(EXIT_FAILURE);
}

ssize_t soak_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;
	size_t len = 0;
	ssize_t n = 0;

	text[0] = '\0';
	if (fd < 0)
		return -1;
	while (len + 1 < size && (n = read(fd, text + len, size - len - 1)) > 0)
		len += (size_t)n;
	error = errno;
	close(fd);
	errno = error;
	text[len] = '\0';
	return n < 0 ? -1 : (ssize_t)len;
}

static void check_text(struct soak *soak, const struct grammar *g, const regex_t *line, char *text)
{
	unsigned int nr = 0;
	char *end;

	for (char *at = text; *at; at = end + 1, nr++) {
		end = strchr(at, '\n');
		if (!end)
			soak_fail(soak, "%s: the last line has no end: '%s'", g->path, at);
		*end = '\0';
		if (regexec(line, at, 0, NULL, 0))
			soak_fail(soak, "%s: line %u is '%s'", g->path, nr + 1, at);
	}
	if (!nr || (g->nr_lines && nr != g->nr_lines))
		soak_fail(soak, "%s: %u lines", g->path, nr);
}

static uint64_t kib_of(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	return line ? strtoull(line + strlen(name), NULL, 10) : 0;
}

static void read_file(struct soak *soak, const struct grammar *g, const regex_t *line, char *text,
		      unsigned int *seed)
{
	char path[SOAK_PATH_BYTES];
	ssize_t len;

	snprintf(path, sizeof(path), g->path, (unsigned int)rand_r(seed) % g->limit);
	len = soak_read(path, text, TEXT_BYTES);
	if (len < 0 && g->limit == MAX_BLOCK && (errno == ENOENT || errno == ENODEV))
		return;
	if (len < 0)
		soak_fail(soak, "%s: %s", path, strerror(errno));
	if (kib_of(text, "MemFree:") > kib_of(text, "MemTotal:"))
		soak_fail(soak, "%s: more is free than there is: %s", path, text);
	if (strlen(text) != (size_t)len)
		soak_fail(soak, "%s: a NUL", path);
	check_text(soak, g, line, text);
}

/* Lists directories: each name once, including those that are never removed. */
static void list(struct soak *soak)
{
	bool seen[MAX_BLOCK] = { false };
	unsigned int number, nr = 0;
	struct dirent *entry;
	DIR *dir = opendir(SOAK_MEMORY);

	if (!dir)
		soak_fail(soak, SOAK_MEMORY ": %s", strerror(errno));
	while ((entry = readdir(dir))) {
		if (sscanf(entry->d_name, "memory%u", &number) != 1)
			continue;
		if (number >= MAX_BLOCK || seen[number])
			soak_fail(soak, SOAK_MEMORY ": %s is listed twice, or never was",
				  entry->d_name);
		seen[number] = true;
		nr += number <= SOAK_SHARED_BLOCK;
	}
	closedir(dir);
	if (nr != SOAK_SHARED_BLOCK + 1)
		soak_fail(soak, SOAK_MEMORY ": blocks from boot are missing");
}

void soak_reader(struct soak *soak, unsigned int number)
{
	unsigned int seed = 1000 + number, which;
	regex_t lines[NR_GRAMMARS];
	char *text = malloc(TEXT_BYTES), whole[512];

	for (size_t i = 0; i < NR_GRAMMARS; i++) {
		snprintf(whole, sizeof(whole), "^(%s)$", grammars[i].line);
		if (!text || regcomp(&lines[i], whole, REG_EXTENDED | REG_NOSUB))
			soak_fail(soak, "the grammar of %s is none", grammars[i].path);
	}
	while (!soak->ended && !soak->failed) {
		which = (unsigned int)rand_r(&seed) % (NR_GRAMMARS + 1);
		if (which == NR_GRAMMARS)
			list(soak);
		else
			read_file(soak, &grammars[which], &lines[which], text, &seed);
		__atomic_add_fetch(&soak->texts, 1, __ATOMIC_RELAXED);
	}
	for (size_t i = 0; i < NR_GRAMMARS; i++)
		regfree(&lines[i]);
	free(text);
}
