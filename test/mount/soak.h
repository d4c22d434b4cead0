/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MEMHP_TEST_SOAK_H
#define MEMHP_TEST_SOAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SOAK_PATH_BYTES 256
#define SOAK_MEMORY "sys/devices/system/memory" /* paths are below the mount */
#define SOAK_BLOCK_BYTES (128ull << 20)		/* of soak.sh's machine, as the next one */
#define SOAK_SHARED_BLOCK 9 /* boot memory; any writer switches this one and the next */

/*
 * struct soak - shared by all processes
 * @changes: made so far, @wanted: in the end; @texts: read and found valid
 * @ended: readers may end; @failed: a process has found an error, and all may end
 */
struct soak {
	uint64_t wanted;
	volatile uint64_t changes;
	volatile uint64_t texts;
	volatile bool ended;
	volatile bool failed;
};

/* Reports the error, and ends the process. */
void soak_fail(struct soak *soak, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));
/* Reads a file and adds a NUL; returns its length, or -1 and errno. */
ssize_t soak_read(const char *path, char *text, size_t size);
/* Reads until @ended. */
void soak_reader(struct soak *soak, unsigned int number);

#endif
