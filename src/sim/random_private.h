/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internals of random operations files. */
#ifndef RANDOM_PRIVATE_H
#define RANDOM_PRIVATE_H

#include "memhp/hotplug.h"
#include "memhp/sim.h"
#include "memhp/sim/random.h"

#define RANDOM_MEMORY "sys/devices/system/memory"
#define RANDOM_NODE "sys/devices/system/node"
#define RANDOM_PARAMETERS "sys/module/memory_hotplug/parameters"

#define RANDOM_MIB (1ULL << 20)
#define RANDOM_GIB (1ULL << 30)
#define RANDOM_NAME 32 /* bytes for the name of an object of machine/ */

/* What an operation may have changed, and what is therefore read after it. */
#define RANDOM_LOOK_BLOCKS 0x1u
#define RANDOM_LOOK_ZONES 0x2u
#define RANDOM_LOOK_POOLS 0x4u
#define RANDOM_LOOK_POISON 0x8u
#define RANDOM_LOOK_NODES 0x10u
#define RANDOM_LOOK_PARAMETERS 0x20u
#define RANDOM_LOOK_PLUGGED (RANDOM_LOOK_BLOCKS | RANDOM_LOOK_ZONES | RANDOM_LOOK_NODES)

/** struct random_dice - a sequence of numbers that depends only on where it began */
struct random_dice {
	uint64_t state;
};

/** random_roll() - a number below @n, which is not 0 */
uint64_t random_roll(struct random_dice *dice, uint64_t n);
/** random_chance() - true in @percent of 100 calls */
bool random_chance(struct random_dice *dice, unsigned int percent);
/** random_of() - one of the words of @words, which NULL ends */
const char *random_of(struct random_dice *dice, const char *const *words);
/** random_weighted() - the index of one of @nr weights, not all of which are 0 */
size_t random_weighted(struct random_dice *dice, const unsigned int *weights, size_t nr);

/**
 * struct random - an operations file being written
 * @left: the number of operations that are still to be written
 * @answer: of the last operation
 * @boot_blocks: blocks from this number on were not online at boot
 * @nr_made: the number of objects made so far, for their names
 */
struct random {
	struct random_dice dice;
	struct sim *sim;
	FILE *out;
	uint64_t left;
	struct base_buf answer;
	uint64_t boot_blocks;
	unsigned int nr_made;
};

/** random_do() - write one operation and perform it; nothing happens once enough are written */
void random_do(struct random *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** random_write() - the same for "write PATH TEXT" with a text of any bytes, which is escaped */
void random_write(struct random *r, const char *path, const struct base_buf *text);
/** random_given() - write and perform a "given" line; @what: unmovable or movable */
void random_given(struct random *r, const char *what, const char *block);

/* ---- what the machine has (random_look.c) ---------------------------------------------------- */

/** random_block() - one of the blocks, rather one that was plugged; NULL if there is none */
const struct hp_block *random_block(struct random *r);
/** random_node() - a node that is online, or now and then any possible one */
int random_node(struct random *r);
/** random_object() - an object in @dir of machine/ whose name begins with @letter */
bool random_object(struct random *r, const char *dir, char letter, char ret_name[RANDOM_NAME]);
/** random_number() - the number after @field in a file; 0 if there is none */
uint64_t random_number(struct random *r, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** random_exists() - whether the path exists */
bool random_exists(struct random *r, const char *path);
/** random_name() - one of the names in @dir that begin with @prefix */
bool random_name(struct random *r, const char *dir, const char *prefix, char ret_name[RANDOM_NAME]);
/** random_look() - read what may have changed: some of it, or all */
void random_look(struct random *r, unsigned int looks);

/* ---- texts (random_words.c) ------------------------------------------------------------------ */

/** random_word() - one of the words, or sometimes something similar that may be wrong */
void random_word(struct random *r, const char *const *words, struct base_buf *buf);
/** random_value() - @value as text, or sometimes something similar that may be wrong */
void random_value(struct random *r, uint64_t value, struct base_buf *buf);

/* ---- generators ------------------------------------------------------------------------------ */

/**
 * struct random_generator - a kind of operation
 * @weight: how often it occurs, compared with the others
 * @possible: whether the machine has what it needs; NULL: always
 * @looks: what is read afterwards
 */
struct random_generator {
	const char *name;
	unsigned int weight;
	bool (*possible)(struct random *r);
	void (*fn)(struct random *r);
	unsigned int looks;
};

/* random_blocks.c */
/** random_offline() - take @block offline, or give up after some seconds */
void random_offline(struct random *r, const struct hp_block *block);
void random_gen_state(struct random *r);
void random_gen_online(struct random *r);
void random_gen_all_online(struct random *r);
void random_gen_background(struct random *r);
void random_gen_auto_online(struct random *r);
void random_gen_probe(struct random *r);
void random_gen_given(struct random *r);
void random_gen_uevent(struct random *r);
void random_gen_inject(struct random *r);
void random_gen_parameter(struct random *r);
void random_gen_any_file(struct random *r);
void random_gen_walk(struct random *r);
void random_gen_sleep(struct random *r);

/* random_memory.c */
void random_gen_offline_page(struct random *r);
void random_gen_pool(struct random *r);
void random_gen_demote(struct random *r);
void random_gen_hold(struct random *r);
void random_gen_free(struct random *r);
bool random_has_hold(struct random *r);

/* random_devices.c */
void random_gen_plug_dimm(struct random *r);
void random_gen_unplug_dimm(struct random *r);
void random_gen_eject(struct random *r);
void random_gen_plug_virtio_mem(struct random *r);
void random_gen_resize(struct random *r);
void random_gen_dlpar(struct random *r);
bool random_has_window(struct random *r);
bool random_has_dimm(struct random *r);
bool random_has_acpi(struct random *r);
bool random_has_virtio_mem(struct random *r);
bool random_takes_virtio_mem(struct random *r);
bool random_has_dlpar(struct random *r);

#endif
