// SPDX-License-Identifier: GPL-2.0-or-later
/* libmemhp: snapshots, forks, and threads. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "lib_test.h"

/* ---- every file ------------------------------------------------------------------------------ */

static void print_file(struct memhp *m, const char *path, FILE *out)
{
	char *text;
	size_t len;
	int ret = memhp_read(m, path, &text, &len);

	fprintf(out, "%s: %d\n", path, ret);
	if (!ret) {
		fwrite(text, 1, len, out);
		memhp_text_free(text);
	}
}

/* These have megabytes; one test reads them, too. */
static bool with_pages;

/* Reads of these wait, or consume something. */
static bool is_left_out(const char *path)
{
	if (!strncmp(path, "proc/kpage", strlen("proc/kpage")))
		return !with_pages;
	return !strcmp(path, "dev/kmsg") || !strcmp(path, "machine/uevents") ||
	       !strcmp(path, "machine/trace");
}

static void print_tree(struct memhp *m, const char *dir, FILE *out)
{
	char **names;

	assert_int_equal(memhp_list(m, dir, &names, NULL), 0);
	for (char **name = names; *name; name++) {
		struct memhp_stat st;
		char path[512], *target;

		snprintf(path, sizeof(path), "%s%s%s", dir, *dir ? "/" : "", *name);
		assert_int_equal(memhp_stat(m, path, &st, sizeof(st)), 0);
		fprintf(out, "%s %o %u\n", path, (unsigned int)st.mode, (unsigned int)st.nlink);
		if (S_ISDIR(st.mode)) {
			print_tree(m, path, out);
		} else if (S_ISLNK(st.mode)) {
			assert_int_equal(memhp_readlink(m, path, &target), 0);
			fprintf(out, "-> %s\n", target);
			memhp_text_free(target);
		} else if (!is_left_out(path)) {
			print_file(m, path, out);
		}
	}
	memhp_text_free(names);
}

/* Everything that a machine shows; some files are binary. */
struct whole {
	char *text;
	size_t len;
};

static struct whole whole(struct memhp *m)
{
	struct whole w;
	FILE *out = open_memstream(&w.text, &w.len);

	print_tree(m, "", out);
	fprintf(out, "time %llu\n", (unsigned long long)memhp_now(m));
	assert_int_equal(fclose(out), 0);
	assert_true(w.len > 10000);
	return w;
}

static void assert_is(struct memhp *m, const struct whole *expected)
{
	struct whole w = whole(m);

	assert_int_equal(w.len, expected->len);
	assert_true(!memcmp(w.text, expected->text, w.len));
	free(w.text);
}

static void assert_same(struct memhp *a, struct memhp *b)
{
	struct whole w = whole(a);

	assert_is(b, &w);
	free(w.text);
}

/* A machine that has been through something. */
static struct memhp *used(void)
{
	static const char *const held[] = { "kind=anon", "size=100M", NULL };
	static const char *const plan[] = { "phase=going_online", "count=1", "enabled=1", NULL };
	struct memhp *m = lib_boot();

	assert_int_equal(memhp_plug(m, "dimm", "d0", GIB, 1), 0);
	lib_write(m, BLOCKS "auto_online_blocks", "online_movable");
	assert_int_equal(memhp_plug(m, "virtio-mem", "v0", 4 * GIB, 0), 0);
	assert_int_equal(memhp_resize(m, "v0", GIB, NULL), 0);
	assert_int_equal(memhp_make(m, "workload", "w", held), 0);
	assert_int_equal(memhp_make(m, "fault", "f", plan), 0);
	assert_int_equal(memhp_write(m, BLOCKS "memory32/state", "online"), -EBUSY);
	lib_write(m, BLOCKS "memory8/state", "offline");
	assert_int_equal(memhp_advance(m, 12345), 0);
	return m;
}

static void test_fork(void **state)
{
	struct memhp *m = used(), *copy;
	struct whole before;

	with_pages = true;
	before = whole(m);
	assert_int_equal(memhp_fork(m, &copy), 0);
	assert_same(m, copy);
	/* They go on independently. */
	assert_int_equal(memhp_unplug(copy, "dimm", "d0"), 0);
	lib_write(copy, BLOCKS "memory8/state", "online");
	assert_int_equal(memhp_advance(copy, SECOND), 0);
	assert_is(m, &before);
	memhp_free(m);
	lib_expect(copy, BLOCKS "memory8/state", "online\n");
	memhp_free(copy);
	free(before.text);
	with_pages = false;
}

/* A fork goes on exactly as the original does. */
static void test_same_future(void **state)
{
	struct memhp *m[2];

	m[0] = used();
	assert_int_equal(memhp_fork(m[0], &m[1]), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(memhp_resize(m[i], "v0", 3 * GIB, NULL), 0);
		assert_int_equal(memhp_unplug(m[i], "dimm", "d0"), 0);
		memhp_write(m[i], "proc/sys/vm/nr_hugepages", "100");
		assert_int_equal(memhp_advance(m[i], 100 * SECOND), 0);
	}
	assert_same(m[0], m[1]);
	memhp_free(m[0]);
	memhp_free(m[1]);
}

static void test_restore(void **state)
{
	struct memhp *m = used(), *other;
	struct memhp_snapshot *snapshot;
	struct whole before = whole(m);

	assert_int_equal(memhp_snapshot(m, &snapshot), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(memhp_unplug(m, "dimm", "d0"), 0);
		lib_write(m, BLOCKS "memory9/state", "offline");
		assert_int_equal(memhp_advance(m, SECOND), 0);
		assert_int_equal(memhp_restore(m, snapshot), 0);
		assert_is(m, &before);
	}
	memhp_free(m);
	/* into a machine of another description */
	assert_int_equal(memhp_new(&other), 0);
	assert_int_equal(memhp_restore(other, snapshot), -EBADFD);
	assert_int_equal(memhp_boot(other), 0);
	assert_int_equal(memhp_restore(other, snapshot), 0);
	assert_is(other, &before);
	memhp_free(other);
	/* and into a new one, after all others are gone */
	assert_int_equal(memhp_from_snapshot(snapshot, &m), 0);
	memhp_snapshot_free(snapshot);
	memhp_snapshot_free(NULL);
	assert_is(m, &before);
	free(before.text);
	assert_int_equal(memhp_boot(m), -EBADFD);
	memhp_free(m);
}

static void count(void *ctx, const char *text)
{
	++*(unsigned int *)ctx;
}

static void test_restore_keeps_listeners(void **state)
{
	struct memhp *m = lib_boot();
	struct memhp_snapshot *snapshot;
	unsigned int uevents = 0, lines = 0;

	assert_int_equal(memhp_on_uevent(m, count, &uevents), 0);
	assert_int_equal(memhp_on_log(m, count, &lines), 0);
	assert_int_equal(memhp_snapshot(m, &snapshot), 0);
	lib_write(m, BLOCKS "memory8/state", "offline");
	assert_int_equal(uevents, 1);
	assert_int_equal(memhp_restore(m, snapshot), 0);
	assert_int_equal(uevents, 1);
	assert_int_equal(lines, 0);
	lib_write(m, BLOCKS "memory8/state", "offline");
	assert_int_equal(uevents, 2);
	assert_int_equal(memhp_write(m, BLOCKS "memory8/state", "offline"), -EINVAL);
	assert_int_equal(lines, 1);
	memhp_snapshot_free(snapshot);
	memhp_free(m);
}

static void ignore(void *ctx, uint64_t id, int result, const char *text, size_t len)
{
	++*(unsigned int *)ctx;
}

static void test_busy(void **state)
{
	static const char *const slow[] = { "phase=going_offline", "errno=none", "delay_ms=50",
					    "enabled=1", NULL };
	struct memhp *m = lib_boot(), *copy;
	struct memhp_snapshot *snapshot, *busy;
	unsigned int calls = 0;
	uint64_t id;

	assert_int_equal(memhp_make(m, "fault", "f", slow), 0);
	assert_int_equal(memhp_snapshot(m, &snapshot), 0);
	memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, ignore, &calls, &id);
	assert_int_equal(memhp_snapshot(m, &busy), -EBUSY);
	assert_string_equal(memhp_error(m), "an operation is in progress");
	assert_int_equal(memhp_fork(m, &copy), -EBUSY);
	assert_int_equal(memhp_restore(m, snapshot), 0);
	assert_int_equal(memhp_pending(m, id), -ENOENT);
	assert_int_equal(memhp_advance(m, SECOND), 0);
	assert_int_equal(calls, 0);
	lib_expect(m, BLOCKS "memory8/state", "online\n");
	memhp_snapshot_free(snapshot);
	memhp_free(m);
}

struct callback {
	struct memhp *m;
	struct memhp_snapshot *snapshot;
	int ret;
};

static void restore(void *ctx, const char *text)
{
	struct callback *callback = ctx;

	callback->ret = memhp_restore(callback->m, callback->snapshot);
}

static void test_restore_in_callback(void **state)
{
	struct memhp *m = lib_boot();
	struct callback callback = { .m = m };

	assert_int_equal(memhp_snapshot(m, &callback.snapshot), 0);
	assert_int_equal(memhp_on_uevent(m, restore, &callback), 0);
	lib_write(m, BLOCKS "memory8/state", "offline");
	assert_int_equal(callback.ret, -EBUSY);
	memhp_snapshot_free(callback.snapshot);
	memhp_free(m);
}

/* What was found about the command line comes along. */
static void test_warnings(void **state)
{
	struct memhp *m, *copy;

	assert_int_equal(memhp_new(&m), 0);
	assert_int_equal(memhp_add_cmdline(m, "memhp_default_stat=online"), 0);
	assert_int_equal(memhp_boot(m), 0);
	assert_int_equal(memhp_fork(m, &copy), 0);
	assert_string_equal(memhp_warnings(copy), memhp_warnings(m));
	assert_int_not_equal(*memhp_warnings(copy), '\0');
	memhp_free(m);
	memhp_free(copy);
}

/* ---- threads --------------------------------------------------------------------------------- */

struct other {
	struct memhp *m;
	int ret;
};

static void *read_file(void *ctx)
{
	struct other *other = ctx;
	char *text;

	other->ret = memhp_read(other->m, BLOCKS "memory8/state", &text, NULL);
	if (!other->ret)
		memhp_text_free(text);
	return NULL;
}

static void run_other(void *ctx, const char *text)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, read_file, ctx), 0);
	pthread_join(thread, NULL);
}

/* While one thread is in the machine, another one is refused; afterwards it is welcome. */
static void test_two_threads(void **state)
{
	struct memhp *m = lib_boot();
	struct other other = { .m = m };

	assert_int_equal(memhp_on_uevent(m, run_other, &other), 0);
	lib_write(m, BLOCKS "memory8/state", "offline");
	assert_int_equal(other.ret, -EDEADLK);
	run_other(&other, NULL);
	assert_int_equal(other.ret, 0);
	memhp_free(m);
}

static void *live(void *ctx)
{
	static char no_machine[] = "no machine", failed[] = "an operation failed";
	const struct memhp_snapshot *snapshot = ctx;

	for (int i = 0; i < 10; i++) {
		struct memhp *m;

		if (memhp_from_snapshot(snapshot, &m))
			return no_machine;
		if (memhp_unplug(m, "dimm", "d0") || memhp_plug(m, "dimm", "d1", 2 * GIB, 0) ||
		    memhp_advance(m, SECOND))
			return failed;
		memhp_free(m);
	}
	return NULL;
}

static void test_machines_in_threads(void **state)
{
	struct memhp *m = used();
	struct memhp_snapshot *snapshot;
	pthread_t threads[4];

	assert_int_equal(memhp_snapshot(m, &snapshot), 0);
	memhp_free(m);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, live, snapshot), 0);
	for (int i = 0; i < 4; i++) {
		void *wrong;

		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	memhp_snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_same_future),
		cmocka_unit_test(test_restore),
		cmocka_unit_test(test_restore_keeps_listeners),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_restore_in_callback),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_two_threads),
		cmocka_unit_test(test_machines_in_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
