// SPDX-License-Identifier: GPL-2.0-or-later
/* libmemhp: a machine that is mounted, and used by files and functions at the same time. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib_test.h"

static char dir[] = "/tmp/test_lib_mount.XXXXXX";

static struct memhp *mounted(void)
{
	struct memhp *m = lib_boot();

	if (memhp_mount(m, dir, NULL))
		fail_msg("%s", memhp_error(m));
	return m;
}

static int open_file(const char *path, int flags)
{
	char whole[256];

	snprintf(whole, sizeof(whole), "%s/%s", dir, path);
	return open(whole, flags | O_CLOEXEC);
}

/* Returns 0 or -errno. */
static int put(const char *path, const char *text)
{
	int fd = open_file(path, O_WRONLY), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static void assert_file(const char *path, const char *text)
{
	char got[256];
	int fd = open_file(path, O_RDONLY);
	ssize_t len;

	assert_true(fd >= 0);
	len = read(fd, got, sizeof(got) - 1);
	close(fd);
	assert_true(len >= 0);
	got[len] = '\0';
	assert_string_equal(got, text);
}

static bool is_mounted(void)
{
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "%s/machine", dir);
	return !stat(path, &st);
}

static uint64_t host_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

/* Files and functions show the same machine. */
static void test_both(void **state)
{
	struct memhp *m = mounted();

	assert_file(BLOCKS "memory8/state", "online\n");
	assert_int_equal(put(BLOCKS "memory8/state", "offline"), 0);
	lib_expect(m, BLOCKS "memory8/state", "offline\n");
	lib_write(m, BLOCKS "memory8/state", "online_movable");
	assert_file(BLOCKS "memory8/valid_zones", "Movable\n");
	assert_int_equal(memhp_plug(m, "dimm", "d0", 256 * MIB, 0), 0);
	assert_file("machine/dimm/d0/plugged", "1\n");
	assert_int_equal(put("machine/dimm/d0/plugged", "0"), 0);
	assert_int_equal(memhp_remove(m, "dimm", "d0"), 0);
	assert_int_equal(put(BLOCKS "memory8/state", "x"), -EINVAL);
	assert_int_equal(memhp_unmount(m), 0);
	assert_false(is_mounted());
	lib_expect(m, BLOCKS "memory8/valid_zones", "Movable\n");
	memhp_free(m);
}

static void test_again(void **state)
{
	struct memhp *m = mounted(), *copy;

	assert_int_equal(memhp_mount(m, dir, NULL), -EBUSY);
	assert_string_equal(memhp_error(m), "the machine is mounted already");
	assert_int_equal(put(BLOCKS "memory8/state", "offline"), 0);
	/* a fork of a mounted machine is not mounted */
	assert_int_equal(memhp_fork(m, &copy), 0);
	assert_int_equal(memhp_mount(copy, dir, ""), -EBUSY);
	assert_non_null(strstr(memhp_error(copy), ": a memhpfs is already mounted here"));
	assert_int_equal(memhp_unmount(copy), -EINVAL);
	assert_string_equal(memhp_error(copy), "the machine is not mounted");
	assert_int_equal(memhp_unmount(m), 0);
	assert_int_equal(memhp_mount(copy, dir, "cache"), 0);
	assert_file(BLOCKS "memory8/state", "offline\n");
	memhp_free(copy);
	assert_false(is_mounted());
	memhp_free(m);
}

static void test_errors(void **state)
{
	struct memhp *m;

	assert_int_equal(memhp_new(&m), 0);
	assert_int_equal(memhp_mount(m, dir, NULL), -EBADFD);
	assert_int_equal(memhp_unmount(m), -EBADFD);
	assert_int_equal(memhp_boot(m), 0);
	assert_int_equal(memhp_mount(m, "/nowhere", NULL), -ENOENT);
	assert_string_equal(memhp_error(m), "/nowhere: No such file or directory");
	assert_int_equal(memhp_mount(m, "/dev/null", NULL), -ENOTDIR);
	assert_string_equal(memhp_error(m), "/dev/null: not a directory");
	memhp_free(m);
}

/* Time is the host's while it is mounted, and stands still before and after. */
static void test_time(void **state)
{
	static const char *const slow[] = { "phase=going_offline", "errno=none", "delay_ms=50",
					    "enabled=1", NULL };
	struct memhp *m = lib_boot();
	uint64_t before, after;

	assert_int_equal(memhp_make(m, "fault", "f", slow), 0);
	assert_int_equal(memhp_advance(m, 1000 * SECOND), 0);
	assert_int_equal(memhp_mount(m, dir, NULL), 0);
	before = host_ns();
	lib_write(m, BLOCKS "memory8/state", "offline");
	assert_true(host_ns() - before >= 50 * MS);
	before = host_ns();
	assert_int_equal(put(BLOCKS "memory9/state", "offline"), 0);
	assert_true(host_ns() - before >= 50 * MS);
	assert_true(memhp_now(m) >= 1000 * SECOND + 100 * MS);
	assert_true(memhp_now(m) < 1000 * SECOND + 100 * SECOND);
	/* it can be let go ahead */
	assert_int_equal(memhp_advance(m, 1000 * SECOND), 0);
	after = memhp_now(m);
	assert_true(after >= 2000 * SECOND);
	usleep(1000);
	assert_true(memhp_now(m) >= after + MS);
	assert_int_equal(memhp_unmount(m), 0);
	after = memhp_now(m);
	usleep(1000);
	assert_int_equal(memhp_now(m), after);
	memhp_free(m);
}

struct heard {
	unsigned int calls;
	char text[64];
};

/* A callback may use the mount. */
static void hear(void *ctx, const char *text)
{
	struct heard *heard = ctx;

	heard->calls++;
	snprintf(heard->text, sizeof(heard->text), "%.*s", (int)strcspn(text, "\n"), text);
	assert_file(BLOCKS "memory8/state", "offline\n");
}

/* What a client causes is told by the next function, in the thread that calls it. */
static void test_uevents(void **state)
{
	struct memhp *m = mounted();
	struct heard heard = { .calls = 0 };

	assert_int_equal(memhp_on_uevent(m, hear, &heard), 0);
	assert_int_equal(put(BLOCKS "memory8/state", "offline"), 0);
	assert_int_equal(heard.calls, 0);
	assert_int_equal(memhp_advance(m, 0), 0);
	assert_int_equal(heard.calls, 1);
	assert_string_equal(heard.text, "offline@/devices/system/memory/memory8");
	assert_int_equal(memhp_unmount(m), 0);
	memhp_free(m);
}

/* What a function waits for may be done by a client. */
static void *release(void *ctx)
{
	usleep(20000);
	assert_int_equal(put("machine/race/g/release", "1"), 0);
	return NULL;
}

static void test_client_ends_wait(void **state)
{
	static const char *const gate[] = { "op=write", "actor=agent", "enabled=1", NULL };
	struct memhp *m = mounted();
	pthread_t thread;
	uint64_t id;

	assert_int_equal(memhp_make(m, "race", "g", gate), 0);
	assert_int_equal(memhp_set_actor(m, "agent"), 0);
	assert_int_equal(
		memhp_begin_write(m, BLOCKS "memory8/state", "offline", 7, NULL, NULL, &id), 0);
	assert_int_equal(memhp_set_actor(m, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, release, NULL), 0);
	assert_int_equal(memhp_wait(m, id), 0);
	pthread_join(thread, NULL);
	assert_file(BLOCKS "memory8/state", "offline\n");
	memhp_free(m);
}

static void *write_offline(void *ctx)
{
	int *ret = ctx;

	*ret = put(BLOCKS "memory8/state", "offline");
	return NULL;
}

static void wait_until_busy(struct memhp *m)
{
	for (int i = 0; i < 1000; i++) {
		char *text;
		bool busy;

		assert_int_equal(memhp_read(m, "machine/fault/f/hits", &text, NULL), 0);
		busy = strcmp(text, "0\n");
		memhp_text_free(text);
		if (busy)
			return;
		usleep(5000);
	}
	fail_msg("the client does not write");
}

/* Clients that wait do not prevent the end, however long they would. */
static void test_end(void **state)
{
	static const char *const hang[] = { "phase=going_offline", "errno=none", "delay_ms=hang",
					    "enabled=1", NULL };
	struct memhp *m = mounted();
	int fd = open_file(BLOCKS "memory9/state", O_RDWR), ret = 1;
	pthread_t thread;

	assert_int_equal(memhp_make(m, "fault", "f", hang), 0);
	assert_int_equal(pthread_create(&thread, NULL, write_offline, &ret), 0);
	wait_until_busy(m);
	memhp_free(m);
	pthread_join(thread, NULL);
	assert_true(ret <= 0);
	assert_int_equal(write(fd, "offline", 7), -1);
	close(fd);
	assert_false(is_mounted());
}

/* Somebody else unmounts it. */
static void test_unmounted(void **state)
{
	struct memhp *m = mounted();

	if (umount2(dir, MNT_DETACH)) {
		/* as an ordinary user */
		char command[64];

		snprintf(command, sizeof(command), "fusermount3 -uz %s", dir);
		assert_int_equal(system(command), 0);
	}
	lib_write(m, BLOCKS "memory8/state", "offline");
	lib_expect(m, BLOCKS "memory8/state", "offline\n");
	assert_int_equal(memhp_unmount(m), 0);
	memhp_free(m);
}

/* Gates know clients by their names. */
static void test_client_names(void **state)
{
	static const char *const gate[] = { "op=write", "actor=test_lib_mount",
					    "path=*/memory8/state", "enabled=1", NULL };
	struct memhp *m = mounted();
	pthread_t thread;
	int ret = 1;

	assert_int_equal(memhp_make(m, "race", "g", gate), 0);
	assert_int_equal(pthread_create(&thread, NULL, write_offline, &ret), 0);
	for (int i = 0; i < 1000; i++) {
		char *text;
		bool waits;

		assert_int_equal(memhp_read(m, "machine/race/g/waiting", &text, NULL), 0);
		waits = !strcmp(text, "1\n");
		memhp_text_free(text);
		if (waits)
			break;
		usleep(5000);
	}
	assert_file(BLOCKS "memory8/state", "online\n");
	assert_int_equal(memhp_set(m, "race", "g", "release", "1"), 0);
	pthread_join(thread, NULL);
	assert_int_equal(ret, 0);
	memhp_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both),	     cmocka_unit_test(test_again),
		cmocka_unit_test(test_errors),	     cmocka_unit_test(test_time),
		cmocka_unit_test(test_uevents),	     cmocka_unit_test(test_client_ends_wait),
		cmocka_unit_test(test_end),	     cmocka_unit_test(test_unmounted),
		cmocka_unit_test(test_client_names),
	};
	int ret;

	if (!mkdtemp(dir))
		return 1;
	ret = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return ret;
}
