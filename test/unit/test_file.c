/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open files: who may open what, files of removed objects, poll, and requests. */
#include "world.h"

#define STATE SYS_MEMORY "memory9/state"
#define POLL_BOTH (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)

/* ---- opening -------------------------------------------------------------------------------- */

static int open_close(struct world *w, const char *path, int flags)
{
	struct tree_file *file;
	int ret = world_open(w, path, flags, &file);

	if (!ret)
		tree_release(file);
	return ret;
}

static void open_flags(void **state)
{
	static const struct {
		int flags, rw, ro, wo;
	} cases[] = {
		{ O_RDONLY, 0, 0, -EACCES },
		{ O_WRONLY, 0, -EACCES, 0 },
		{ O_RDWR, 0, -EACCES, -EACCES },
		{ O_WRONLY | O_APPEND, 0, -EACCES, 0 },
		{ O_WRONLY | O_TRUNC, 0, -EACCES, 0 },
		{ O_RDONLY | O_TRUNC, 0, 0, -EACCES },
		{ O_RDONLY | O_NONBLOCK, 0, 0, -EACCES },
		{ O_RDONLY | O_SYNC, 0, 0, -EACCES },
		/* neither reading nor writing */
		{ O_ACCMODE, 0, 0, 0 },
		{ O_RDONLY | O_DIRECT, -EINVAL, -EINVAL, -EACCES },
		{ O_WRONLY | O_DIRECT, -EINVAL, -EACCES, -EINVAL },
	};
	struct world *w = *state;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		assert_int_equal(open_close(w, STATE, cases[i].flags), cases[i].rw);
		assert_int_equal(open_close(w, SYS_MEMORY "block_size_bytes", cases[i].flags),
				 cases[i].ro);
		assert_int_equal(open_close(w, SYS_MEMORY "probe", cases[i].flags), cases[i].wo);
	}
}

static void open_no_file(void **state)
{
	struct world *w = *state;

	assert_int_equal(open_close(w, SYS_MEMORY "memory9", O_RDONLY), -EISDIR);
	assert_int_equal(open_close(w, SYS_MEMORY "memory9", O_WRONLY), -EISDIR);
	assert_int_equal(open_close(w, "", O_RDONLY), -EISDIR);
	assert_int_equal(open_close(w, SYS_MEMORY "memory9/subsystem", O_RDONLY), -ELOOP);
	assert_int_equal(open_close(w, SYS_MEMORY "memory9/node1", O_RDONLY), -ELOOP);
}

static void open_no_inode(void **state)
{
	struct world *w = *state;
	struct tree_file *file = NULL;

	assert_int_equal(tree_open(w->tree, 0, O_RDONLY, &file), -ENOENT);
	assert_int_equal(tree_open(w->tree, (uint64_t)9999 << 12 | 1, O_RDONLY, &file), -ENOENT);
	assert_null(file);
}

/* The mode also binds root; but root may change it. */
static void open_after_chmod(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_chmod(w, STATE, 0200), 0);
	assert_int_equal(open_close(w, STATE, O_RDONLY), -EACCES);
	assert_int_equal(open_close(w, STATE, O_WRONLY), 0);
	assert_int_equal(world_chmod(w, STATE, 0), 0);
	assert_int_equal(open_close(w, STATE, O_WRONLY), -EACCES);
	/* Any of the three bits is sufficient. */
	assert_int_equal(world_chmod(w, STATE, 0042), 0);
	assert_int_equal(open_close(w, STATE, O_RDWR), 0);
}

static void open_gone(void **state)
{
	struct world *w = *state;
	struct tree_attr dir, attr;
	struct tree_file *file;

	assert_plugs(w, "d0", "size=128M node=1");
	dir = world_stat(w, SYS_MEMORY "memory32");
	assert_int_equal(world_lookup(w, dir.ino, "state", &attr), 0);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(tree_getattr(w->tree, attr.ino, &attr), 0);
	assert_int_equal(tree_open(w->tree, attr.ino, O_RDONLY, &file), -ENOENT);
	tree_forget(w->tree, attr.ino, 1);
	assert_int_equal(tree_getattr(w->tree, attr.ino, &attr), -ENOENT);
}

/* ---- files of removed objects --------------------------------------------------------------- */

static void gone(void **state)
{
	struct world *w = *state;
	struct tree_file *file[3], *again;
	struct world_req r;

	assert_plugs(w, "d0", "size=128M node=1");
	file[0] = world_open_good(w, SYS_MEMORY "memory32/state", O_RDWR);
	file[1] = world_open_good(w, SYS_MEMORY "memory32/power/control", O_RDWR);
	file[2] = world_open_good(w, "machine/dimm/d0/size", O_RDWR);
	assert_file_reads(file[0], 3, 0, "off");
	assert_int_equal(tree_lseek_check(file[0]), 0);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
	/* A new object of the same name is a different one. */
	assert_plugs(w, "d0", "size=128M node=1");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(file); i++) {
		assert_int_equal(world_file_read(&r, file[i], 99, 0), -ENODEV);
		assert_int_equal(world_file_read(&r, file[i], 99, 3), -ENODEV);
		assert_int_equal(world_file_write(file[i], "online", 6), -ENODEV);
		assert_int_equal(world_file_write(file[i], "", 0), -ENODEV);
		assert_int_equal(tree_lseek_check(file[i]), -ENODEV);
		assert_int_equal(tree_poll(file[i], NULL, NULL), POLL_BOTH | POLLERR | POLLPRI);
		tree_release(file[i]);
	}
	again = world_open_good(w, SYS_MEMORY "memory32/state", O_RDONLY);
	assert_file_reads(again, 99, 0, "offline\n");
	tree_release(again);
}

/* ---- poll ----------------------------------------------------------------------------------- */

static void never_woken(void *ctx)
{
	fail();
}

static void poll_ready(void **state)
{
	static const struct {
		const char *path;
		unsigned int unread;
	} cases[] = {
		{ STATE, POLL_BOTH | POLLERR | POLLPRI },
		{ SYS_PARAM "online_policy", POLL_BOTH | POLLERR | POLLPRI },
		{ SYS_INJECT "MEM_GOING_ONLINE/error", POLL_BOTH },
		{ "proc/meminfo", POLL_BOTH },
		{ "machine/log", POLL_BOTH },
	};
	struct world *w = *state;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct tree_file *file = world_open_good(w, cases[i].path, O_RDONLY);
		struct world_req r;

		assert_false(tree_file_is_stream(file));
		assert_int_equal(tree_poll(file, never_woken, NULL), cases[i].unread);
		assert_true(world_file_read(&r, file, 9, 0) >= 0);
		world_req_fini(&r);
		assert_int_equal(tree_poll(file, never_woken, NULL), POLL_BOTH);
		tree_release(file);
	}
}

/* sysfs never notifies. */
static void poll_no_news(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, STATE, O_RDONLY);

	assert_file_reads(file, 99, 0, "online\n");
	assert_int_equal(tree_poll(file, never_woken, NULL), POLL_BOTH);
	assert_takes(w, STATE, "offline");
	assert_int_equal(tree_poll(file, never_woken, NULL), POLL_BOTH);
	assert_file_reads(file, 99, 0, "offline\n");
	tree_release(file);
}

/* ---- requests ------------------------------------------------------------------------------- */

/* A signal that arrives too late. */
static void interrupt_when_done(void **state)
{
	struct tree_file *file = world_open_good(*state, STATE, O_RDWR);
	struct world_req r;

	world_req_write(&r, file, "offline", 7);
	assert_true(r.done);
	tree_interrupt(&r.req, true);
	tree_interrupt(&r.req, false);
	assert_int_equal(r.result, 7);
	world_req_read(&r, file, 99, 0);
	tree_interrupt(&r.req, true);
	assert_int_equal(r.result, 8);
	world_req_fini(&r);
	tree_release(file);
}

/* The bytes need not outlive an answered write. */
static void write_borrows(void **state)
{
	struct tree_file *file = world_open_good(*state, SYS_MEMORY "auto_online_blocks", O_RDWR);
	char *text = strdup("online_movable");

	assert_int_equal(world_file_write(file, text, 6), 6);
	free(text);
	assert_file_reads(file, 99, 0, "online\n");
	tree_release(file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(open_flags),		 WORLD_TEST(open_no_file),
		WORLD_TEST(open_no_inode),	 WORLD_TEST(open_after_chmod),
		WORLD_TEST(open_gone),		 WORLD_TEST(gone),
		WORLD_TEST(poll_ready),		 WORLD_TEST(poll_no_news),
		WORLD_TEST(interrupt_when_done), WORLD_TEST(write_borrows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
