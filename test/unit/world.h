/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The test world: a machine, its tree, and paths in it. A failure that a test did not ask for ends
 * the test.
 */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "memhp/hotplug.h"
#include "memhp/machine.h"
#include "memhp/mm.h"
#include "memhp/tree.h"

#define SYS_MEMORY "sys/devices/system/memory/"
#define SYS_NODE "sys/devices/system/node/"
#define SYS_PARAM "sys/module/memory_hotplug/parameters/"
#define SYS_INJECT "sys/kernel/debug/notifier-error-inject/memory/actions/"

/* Machine files: blocks are 128 MiB; PC_LOW is a PC's memory below 1 MiB. */
#define PC_LOW "memory:\n  - {start: 0x1000, end: 0x9fbff, node: 0}\n"
#define ONE_CPU "cpus:\n  - {list: \"0\", node: 0}\n"

/*
 * @events: machine/uevents, since world_watch() was called; else NULL
 * @lock: a call that holds the hotplug lock while @locked
 */
struct world {
	struct machine_spec *spec;
	struct base_clock *clock;
	struct machine *machine;
	struct tree *tree;
	struct hp *hp;
	struct mm *mm;
	struct tree_file *events;
	struct hp_call lock;
	bool locked;
	struct base_buf text[4];
	unsigned int next_text;
};

/* A read or a write that may wait; @text: what was read. */
struct world_req {
	struct tree_req req;
	bool done;
	ssize_t result;
	struct base_buf text;
};

/* The caller of world_open(), world_mkdir() and the like; initially none. */
void world_set_caller(pid_t pid, uid_t uid);

/* ---- lifetime ------------------------------------------------------------------------------- */

/* The world of a machine file's text; NULL: the default machine. */
struct world *world_new(const char *yaml);
/* The same with @cmdline on the kernel's command line. */
struct world *world_new_cmdline(const char *yaml, const char *cmdline);
/* Without the devices of the machine file: they come with the loaded state. */
struct world *world_new_to_load(const char *yaml, const char *cmdline);
void world_free(struct world *world);
/* The result of machine_new() for a machine file and a command line. */
int world_boot(const char *yaml, const char *cmdline);

int world_setup(void **state);
int world_teardown(void **state);
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)

/* ---- paths: "" is the root ------------------------------------------------------------------ */

/* The text of a function's result; valid for four calls. */
struct base_buf *world_next_text(struct world *world);

/* Looks up a name in a directory, and takes a reference to its inode. */
int world_lookup(struct world *world, uint64_t dir, const char *name, struct tree_attr *ret_attr);
/* The inode of a path, without a reference; 0 when there is none. */
uint64_t world_ino(struct world *world, const char *path);
bool world_exists(struct world *world, const char *path);
struct tree_attr world_stat(struct world *world, const char *path);
/* The target of a link. */
const char *world_link(struct world *world, const char *path);
/* The names in a directory without "." and "..", in readdir order, each followed by a blank. */
const char *world_list(struct world *world, const char *path);
int world_open(struct world *world, const char *path, int flags, struct tree_file **ret_file);
/* A file that must open. */
struct tree_file *world_open_good(struct world *world, const char *path, int flags);
/* The whole text of a readable file; valid for four calls. */
const char *world_read(struct world *world, const char *path);
/* The result of read(2): a count or -errno. */
ssize_t world_read_result(struct world *world, const char *path);
/* The result of write(2) for a whole text; it must be answered at once. */
ssize_t world_write(struct world *world, const char *path, const char *text);
ssize_t world_write_bytes(struct world *world, const char *path, const void *data, size_t len);
/* The number after @label in a file. */
uint64_t world_number(struct world *world, const char *path, const char *label);
int world_chmod(struct world *world, const char *path, mode_t mode);
int world_mkdir(struct world *world, const char *path);
int world_rmdir(struct world *world, const char *path);

#define assert_reads(world, path, text) assert_string_equal(world_read(world, path), text)
#define assert_writes(world, path, text, ret) assert_int_equal(world_write(world, path, text), ret)
/* A write that accepts the whole text. */
#define assert_takes(world, path, text)                                                            \
	assert_int_equal(world_write(world, path, text), strlen(text))

/* ---- machine -------------------------------------------------------------------------------- */

/*
 * Makes DIMM @name and plugs it; returns the result of the store to `plugged`
 * @config: "size=512M node=1", as its attributes
 */
ssize_t world_plug(struct world *world, const char *name, const char *config);
#define assert_plugs(world, name, config) assert_int_equal(world_plug(world, name, config), 1)
#define assert_unplugs(world, name)                                                                \
	assert_int_equal(world_dimm_write(world, name, "plugged", "0"), 1)
/* One attribute of machine/dimm/NAME. */
ssize_t world_dimm_write(struct world *world, const char *name, const char *attr, const char *text);
const char *world_dimm_read(struct world *world, const char *name, const char *attr);
/* A workload that holds kernel pages: "block=33 size=4K". */
ssize_t world_hold(struct world *world, const char *name, const char *config);
/* Whether machine/log has a text. */
bool world_logged(struct world *world, const char *text);

/* machine/uevents, opened for reading. */
struct tree_file *world_uevents(struct world *world, int flags);
/*
 * Starts recording events; world_events() gives "add@/devices/... " of those since the last call.
 */
void world_watch(struct world *world);
const char *world_events(struct world *world);

/* Takes the hotplug lock by a call that holds it until world_unlock(). */
void world_lock(struct world *world);
void world_unlock(struct world *world);

/* ---- requests that may wait ----------------------------------------------------------------- */

void world_req_read(struct world_req *r, struct tree_file *file, size_t size, off_t off);
void world_req_write(struct world_req *r, struct tree_file *file, const char *data, size_t len);
/* The same with pwrite(2). */
void world_req_write_at(struct world_req *r, struct world *world, struct tree_file *file,
			const char *data, off_t off);
void world_req_fini(struct world_req *r);
/* A read that must be answered at once: its result, and its text until the next one of @r. */
ssize_t world_file_read(struct world_req *r, struct tree_file *file, size_t size, off_t off);
ssize_t world_file_write(struct tree_file *file, const char *data, size_t len);
void assert_file_reads(struct tree_file *file, size_t size, off_t off, const char *text);
/* A read from the beginning with this result. */
void assert_file_answers(struct tree_file *file, size_t size, ssize_t ret);

#endif
