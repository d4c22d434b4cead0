/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random operations files (src/sim/random.c). */
#ifndef MEMHP_SIM_RANDOM_H
#define MEMHP_SIM_RANDOM_H

#include <stdint.h>
#include <stdio.h>

#include "memhp/base/buf.h"
#include "memhp/spec.h"

/* The most operations of a file. */
#define RANDOM_MAX_LENGTH 1000000

/**
 * random_machine() - the text of a random machine file
 * @seed: the same seed makes the same machine
 *
 * PCs are as QEMU's pc machine shows them to Linux, so that QEMU can run the same operations.
 */
void random_machine(uint64_t seed, struct base_buf *buf);

/**
 * random_operations() - write a file of random operations, one per line, without answers
 * @spec: the machine, which this takes over, even on failure
 * @machine: the text that describes it
 * @seed: the same seed, machine and length make the same file
 * @length: the number of operations
 * @out: gets the file; the caller looks for errors
 *
 * The machine boots and performs each operation, so that later ones find what earlier ones made.
 *
 * Return: 0, or -errno if the machine does not boot; then nothing is written.
 */
int random_operations(struct machine_spec *spec, const char *machine, uint64_t seed,
		      uint64_t length, FILE *out);

#endif
