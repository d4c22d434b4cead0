/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What clients can make the tree keep is bounded, with the kernel's errors; and there is room again
 * when some of it is released.
 */
#include <limits.h>

#include "world.h"

#include "../../src/tree/tree_private.h"

static void objects(void **state)
{
	static const char *const dirs[] = { "dimm",  "virtio-mem", "dax",
					    "fault", "workload",   "container" };
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
	/* which kernfs does not examine */
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
	assert_int_equal(tree_opendir(w->tree, world_ino(w, "sys"), 0, &dir), -ENFILE);
	/* other errors are unaffected */
	assert_int_equal(world_open(w, SYS_MEMORY "probe", O_RDONLY, &more), -EACCES);
	tree_release(files[0]);
	assert_int_equal(tree_opendir(w->tree, world_ino(w, "sys"), 0, &dir), 0);
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

/* Each open file keeps what it has not read yet, up to a common limit. */
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
	assert_true(w->tree->shares.taken[TREE_SHARE_TEXT_BYTES] <= TREE_TEXT_BYTES_MAX);
	/* a reader that reads to the end keeps nothing */
	ret = world_file_read(&r, files[0], 1 << 20, 1);
	assert_true(ret > 1000);
	world_req_fini(&r);
	assert_int_equal(files[0]->text_bytes, 0);
	assert_int_equal(world_file_read(&r, files[0], 1 << 20, ret + 1), 0);
	assert_int_equal(world_file_read(&r, files[nr - 1], 1, 0), 1);
	world_req_fini(&r);
	while (nr)
		tree_release(files[--nr]);
	assert_int_equal(w->tree->shares.taken[TREE_SHARE_TEXT_BYTES], 0);
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
	assert_int_equal(w->tree->shares.taken[TREE_SHARE_REQS], 0);
	tree_release(file);
}

/*
 * Users who take as much as possible: each leaves as much to everyone as it holds, all together
 * leave a quarter to the mount's owner, who gets the entire rest.
 */
static size_t take_all(struct world *w, uid_t uid, const char *path, struct tree_file **files)
{
	size_t nr = 0;

	world_set_caller(1, uid);
	while (!world_open(w, path, O_RDONLY, &files[nr]))
		nr++;
	return nr;
}

static void greedy_users(struct world *w, const char *path, size_t all)
{
	static struct tree_file *files[TREE_FILES_MAX];
	const uid_t me = w->tree->uid;
	size_t nr = 0, left = all - all / 4;

	for (uid_t uid = me + 1; left; uid++) {
		size_t got = take_all(w, uid, path, files + nr);

		/* one half of what is left, rounded up */
		assert_int_equal(got, (left + 1) / 2);
		nr += got;
		left -= got;
	}
	assert_int_equal(take_all(w, me, path, files + nr), all / 4);
	nr += all / 4;
	assert_int_equal(take_all(w, 0, path, files + nr), 0);
	/* the others release theirs: room for a new user, and for the owner */
	while (nr > all / 4)
		tree_release(files[--nr - all / 4]);
	assert_int_equal(take_all(w, me + 100, path, files), all / 4);
	assert_int_equal(take_all(w, me, path, files + all / 4), all / 2);
	for (nr = 0; nr < all; nr++)
		tree_release(files[nr]);
	assert_true(RB_EMPTY(&w->tree->shares.users));
}

static void users(void **state)
{
	struct world *w = *state;

	greedy_users(w, "machine/uevents", TREE_STREAM_FILES_MAX);
	greedy_users(w, "machine/trace", TREE_STREAM_FILES_MAX);
	greedy_users(w, SYS_MEMORY "memory1/state", TREE_FILES_MAX);
}

/* When a text is larger than what the others leave, each user still gets small ones. */
static void users_of_texts(void **state)
{
	struct world *w = *state;
	uid_t uid = w->tree->uid + 1;

	assert_true(tree_take(w->tree, uid, TREE_SHARE_TEXT_BYTES, 40u << 20));
	assert_false(tree_take(w->tree, uid, TREE_SHARE_TEXT_BYTES, 1));
	assert_false(tree_take(w->tree, uid + 1, TREE_SHARE_TEXT_BYTES, 9u << 20));
	assert_true(tree_take(w->tree, uid + 1, TREE_SHARE_TEXT_BYTES, 3u << 20));
	assert_true(tree_take(w->tree, uid + 1, TREE_SHARE_TEXT_BYTES, 1));
	assert_true(tree_take(w->tree, 0, TREE_SHARE_TEXT_BYTES, 16u << 20));
	tree_give(w->tree, uid, TREE_SHARE_TEXT_BYTES, 40u << 20);
	tree_give(w->tree, uid + 1, TREE_SHARE_TEXT_BYTES, (3u << 20) + 1);
	tree_give(w->tree, 0, TREE_SHARE_TEXT_BYTES, 16u << 20);
}

/*
 * @uid reads until a read does not wait: the number of waiting reads, and the answer to the last.
 */
static size_t wait_all(struct world *w, uid_t uid, struct tree_file *file, struct world_req *reqs,
		       ssize_t *ret_answer)
{
	size_t nr = 0;

	world_set_caller(1, uid);
	do
		world_req_read(&reqs[nr], file, 1, 0);
	while (!reqs[nr++].done);
	*ret_answer = reqs[--nr].result;
	world_req_fini(&reqs[nr]);
	return nr;
}

static void users_who_wait(void **state)
{
	static struct world_req reqs[TREE_REQS_MAX];
	struct world *w = *state;
	const uid_t me = w->tree->uid;
	struct tree_file *stream = world_open_good(w, "machine/uevents", O_RDONLY);
	struct tree_file *file = world_open_good(w, SYS_MEMORY "memory1/state", O_RDONLY);
	struct world_req more;
	ssize_t answer;
	size_t nr;

	nr = wait_all(w, me + 1, stream, reqs, &answer);
	assert_int_equal(nr, TREE_REQS_MAX / 8 * 3);
	assert_int_equal(answer, -ENOMEM);
	for (uid_t uid = me; uid <= me + 2; uid++) {
		world_set_caller(1, uid);
		assert_int_equal(world_file_read(&more, file, 1, 0), uid == me + 1 ? -ENOMEM : 1);
		world_req_fini(&more);
	}
	while (nr) {
		tree_interrupt(&reqs[--nr].req, true);
		world_req_fini(&reqs[nr]);
	}
	assert_int_equal(world_mkdir(w, "machine/race/g"), 0);
	assert_takes(w, "machine/race/g/op", "read");
	assert_takes(w, "machine/race/g/enabled", "1");
	nr = wait_all(w, me + 1, file, reqs, &answer);
	assert_int_equal(nr, TREE_HELD_MAX / 8 * 3);
	assert_int_equal(answer, -ENOMEM);
	world_set_caller(1, me + 2);
	world_req_read(&reqs[nr], file, 1, 0);
	assert_true(tree_req_held(&reqs[nr++].req));
	world_set_caller(0, me);
	assert_takes(w, "machine/race/g/enabled", "0");
	while (nr) {
		assert_int_equal(reqs[--nr].result, 1);
		world_req_fini(&reqs[nr]);
	}
	tree_release(file);
	tree_release(stream);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(objects),	    WORLD_TEST(names),
		WORLD_TEST(open_files),	    WORLD_TEST(stream_readers),
		WORLD_TEST(texts),	    WORLD_TEST(waiting_requests),
		WORLD_TEST(users),	    WORLD_TEST(users_of_texts),
		WORLD_TEST(users_who_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
