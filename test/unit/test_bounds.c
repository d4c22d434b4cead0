/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What clients can make the tree keep has an end, with an error of the kernel's; and there is room
 * again when some of it has gone.
 */
#include <limits.h>

#include "world.h"

#include "../../src/tree/tree_private.h"

static void objects(void **state)
{
	static const char *const dirs[] = {"dimm",  "virtio-mem", "dax",
					   "fault", "workload",	  "container"};
	struct world *w = *state;
	char path[64];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(dirs); i++) {
		for (int k = 0; k < TREE_MADE_MAX; k++) {
			snprintf(path, sizeof(path), "machine/%s/o%d", dirs[i], k);
			assert_int_equal(world_mkdir(w, path), 0);
		}
		snprintf(path, sizeof(path), "machine/%s/more", dirs[i]);
		assert_int_equal(world_mkdir(w, path), -ENOSPC);
		snprintf(path, sizeof(path), "machine/%s/o7", dirs[i]);
		assert_int_equal(world_mkdir(w, path), -EEXIST);
		assert_int_equal(world_rmdir(w, path), 0);
		assert_int_equal(world_mkdir(w, path), 0);
	}
}

static void names(void **state)
{
	struct world *w = *state;
	char name[NAME_MAX + 2];
	struct tree_attr attr;
	bool fixed;

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(tree_lookup(w->tree, world_ino(w, "machine/dimm"), name, &attr, &fixed),
			 -ENAMETOOLONG);
	assert_int_equal(tree_mkdir(w->tree, world_ino(w, "machine/dimm"), name, &attr),
			 -ENAMETOOLONG);
	/* which kernfs does not look at */
	assert_int_equal(tree_lookup(w->tree, world_ino(w, "sys"), name, &attr, &fixed), -ENOENT);
}

static void open_files(void **state)
{
	static struct tree_file *files[TREE_FILES_MAX];
	struct world *w = *state;
	struct tree_file *more;
	struct tree_dir *dir;

	for (size_t i = 0; i < TREE_FILES_MAX; i++)
		files[i] = world_open_good(w, SYS_MEMORY "memory1/state", O_RDONLY);
	assert_int_equal(world_open(w, SYS_MEMORY "memory1/state", O_RDONLY, &more), -ENFILE);
	assert_int_equal(world_open(w, "machine/uevents", O_RDONLY, &more), -ENFILE);
	assert_int_equal(tree_opendir(w->tree, world_ino(w, "sys"), &dir), -ENFILE);
	/* what is wrong for other reasons stays so */
	assert_int_equal(world_open(w, SYS_MEMORY "probe", O_RDONLY, &more), -EACCES);
	tree_release(files[0]);
	assert_int_equal(tree_opendir(w->tree, world_ino(w, "sys"), &dir), 0);
	assert_int_equal(world_open(w, SYS_MEMORY "memory1/state", O_RDONLY, &more), -ENFILE);
	tree_closedir(dir);
	files[0] = world_open_good(w, SYS_MEMORY "memory1/state", O_RDONLY);
	for (size_t i = 0; i < TREE_FILES_MAX; i++)
		tree_release(files[i]);
}

static void stream_readers(void **state)
{
	struct tree_file *files[TREE_STREAM_FILES_MAX], *more;
	struct world *w = *state;

	for (size_t i = 0; i < TREE_STREAM_FILES_MAX; i++)
		files[i] = world_open_good(w, "machine/uevents", O_RDONLY);
	assert_int_equal(world_open(w, "machine/uevents", O_RDONLY, &more), -ENFILE);
	assert_int_equal(world_open(w, "machine/trace", O_RDONLY, &more), 0);
	tree_release(more);
	tree_release(files[1]);
	files[1] = world_open_good(w, "machine/uevents", O_RDONLY);
	for (size_t i = 0; i < TREE_STREAM_FILES_MAX; i++)
		tree_release(files[i]);
}

/* Each keeps what it has not read yet, until there is too much of that. */
static void texts(void **state)
{
	static struct tree_file *files[TREE_FILES_MAX];
	struct world *w = *state;
	struct world_req r;
	size_t nr = 0;
	ssize_t ret;

	do {
		files[nr] = world_open_good(w, "proc/zoneinfo", O_RDONLY);
		ret = world_file_read(&r, files[nr++], 1, 0);
		world_req_fini(&r);
	} while (ret == 1 && nr < TREE_FILES_MAX);
	assert_int_equal(ret, -ENOMEM);
	assert_true(w->tree->text_bytes <= TREE_TEXT_BYTES_MAX);
	/* who reads to the end keeps nothing */
	ret = world_file_read(&r, files[0], 1 << 20, 1);
	assert_true(ret > 1000);
	world_req_fini(&r);
	assert_int_equal(files[0]->text_bytes, 0);
	assert_int_equal(world_file_read(&r, files[0], 1 << 20, ret + 1), 0);
	assert_int_equal(world_file_read(&r, files[nr - 1], 1, 0), 1);
	world_req_fini(&r);
	while (nr)
		tree_release(files[--nr]);
	assert_int_equal(w->tree->text_bytes, 0);
}

static void waiting_requests(void **state)
{
	static struct world_req reqs[TREE_REQS_MAX];
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, SYS_MEMORY "memory9/state", O_RDWR);
	struct world_req more;

	world_lock(w);
	for (size_t i = 0; i < TREE_REQS_MAX; i++)
		world_req_write(&reqs[i], file, "offline", 7);
	world_req_write(&more, file, "offline", 7);
	assert_true(more.done);
	assert_int_equal(more.result, -ENOMEM);
	assert_int_equal(world_file_read(&more, file, 1, 0), -ENOMEM);
	tree_interrupt(&reqs[5].req, true);
	assert_true(reqs[5].done);
	assert_int_equal(world_file_read(&more, file, 1, 0), 1);
	world_req_fini(&more);
	world_unlock(w);
	assert_int_equal(reqs[0].result, 7);
	assert_int_equal(reqs[TREE_REQS_MAX - 1].result, -EINVAL);
	assert_int_equal(w->tree->nr_reqs, 0);
	tree_release(file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(objects),	    WORLD_TEST(names), WORLD_TEST(open_files),
		WORLD_TEST(stream_readers), WORLD_TEST(texts), WORLD_TEST(waiting_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
