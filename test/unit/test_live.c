/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations by system calls, as on a real machine, on a directory that looks like one: what may be
 * done, and what is put back.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "memhp/sim/live.h"

#define MEMORY "sys/devices/system/memory/"
/* A pipe here: a write waits until somebody reads. Its text is not noted, as it is a block's. */
#define WAITS MEMORY "memory0/online"

/** struct fake - a directory, the operations on it, and the notes about what was not put back */
struct fake {
	char dir[32];
	struct sim *sim;
	FILE *err;
	char *notes;
	size_t len;
};

static void path_of(const struct fake *fake, const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", fake->dir, name);
}

static void make_dirs(const struct fake *fake, const char *name)
{
	char path[256];

	path_of(fake, name, path);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

static void put(const struct fake *fake, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	make_dirs(fake, name);
	path_of(fake, name, path);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void expect(const struct fake *fake, const char *name, const char *wanted)
{
	char path[256], text[256];
	size_t len;
	FILE *file;

	path_of(fake, name, path);
	file = fopen(path, "re");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	assert_string_equal(text, wanted);
}

static int setup(void **state)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	assert_non_null(fake);
	strcpy(fake->dir, "/tmp/test_live.XXXXXX");
	assert_non_null(mkdtemp(fake->dir));
	fake->err = open_memstream(&fake->notes, &fake->len);
	put(fake, MEMORY "memory0/state", "online");
	put(fake, MEMORY "memory0/valid_zones", "Normal");
	put(fake, MEMORY "memory1/state", "online");
	put(fake, MEMORY "memory1/valid_zones", "Movable");
	put(fake, MEMORY "memory2/state", "offline");
	put(fake, MEMORY "memory2/valid_zones", "Normal Movable");
	put(fake, MEMORY "auto_online_blocks", "offline\n");
	put(fake, MEMORY "block_size_bytes", "8000000\n");
	put(fake, MEMORY "probe", "");
	put(fake, "sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	put(fake, "sys/kernel/debug/dynamic_debug/control",
	    "mm/memory_hotplug.c:2110 [memory_hotplug]offline_pages =p \"memory offlining "
	    "[mem %#010llx-%#010llx] failed due to %s\\n\"\n");
	put(fake, "dev/kmsg", "6,1,0,-;cma: Reserved 16 MiB at 0x0000000010000000 on node -1\n");
	assert_int_equal(sim_live_new(fake->dir, SIM_ROOT_MACHINE, fake->err, &fake->sim), 0);
	assert_int_equal(sim_live_write(fake->sim), 0);
	*state = fake;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int teardown(void **state)
{
	struct fake *fake = *state;

	assert_true(sim_free(fake->sim));
	fclose(fake->err);
	nftw(fake->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(fake->notes);
	free(fake);
	return 0;
}

/* Does an operation; its answer must be @wanted. */
static void operation(struct fake *fake, const char *text, const char *wanted)
{
	char *line = strdup(text), answer[256];
	struct base_buf buf;
	int ret;

	base_buf_init(&buf);
	ret = sim_operation(fake->sim, line, &buf);
	snprintf(answer, sizeof(answer), "%s%s", ret ? "err " : "",
		 ret ? sim_errno_name(ret) : base_buf_text(&buf));
	assert_string_equal(answer, wanted);
	base_buf_fini(&buf);
	free(line);
}

static void expect_notes(struct fake *fake, const char *wanted)
{
	fflush(fake->err);
	assert_string_equal(fake->notes, wanted);
}

/* ---- operations ------------------------------------------------------------------------------ */

static void test_files(void **state)
{
	struct fake *fake = *state;

	operation(fake, "read " MEMORY "memory2/valid_zones", "Normal Movable");
	operation(fake, "read /" MEMORY "memory0/../memory1/state", "online");
	/* valgrind does not know it; then the path would lead out of the root */
	if (syscall(SYS_openat2, -1, NULL, NULL, 0) && errno != ENOSYS)
		operation(fake, "read ../../../../" MEMORY "memory1/state", "online");
	operation(fake, "read " MEMORY "memory9/state", "err ENOENT");
	operation(fake, "list " MEMORY " memory", "memory0 memory1 memory2");
	operation(fake, "list " MEMORY "probe", "err ENOTDIR");
	operation(fake, "stat " MEMORY "block_size_bytes", "file 0644 8");
	operation(fake, "link " MEMORY "probe", "err EINVAL");
	operation(fake, "write " MEMORY "auto_online_blocks online\\n", "7");
	operation(fake, "delta " MEMORY "memory0/state online", "err ENODATA");
	operation(fake, "uevents", "");
	operation(fake, "sleep 1", "0");
	expect(fake, MEMORY "auto_online_blocks", "online\n");
}

/* A write that waits, here for a reader of a pipe, is pending; then it is done, or killed. */
static void test_pending(void **state)
{
	struct fake *fake = *state;
	char path[256], text[16];
	int fd;

	path_of(fake, WAITS, path);
	assert_int_equal(mkfifo(path, 0600), 0);
	operation(fake, "start-write w " WAITS " abc", "started");
	operation(fake, "join w 1", "pending");
	operation(fake, "timed-write 1 " WAITS " x", "killed");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	operation(fake, "join w 1000", "3");
	assert_int_equal(read(fd, text, sizeof(text)), 3);
	operation(fake, "join w 1", "err ENOENT");
	close(fd);
}

static void test_hold(void **state)
{
	struct fake *fake = *state;

	operation(fake, "hold h anon 65536 -1", "65536");
	operation(fake, "hold h anon 65536 -1", "err EEXIST");
	operation(fake, "hold s shmem 65536 0", "65536");
	operation(fake, "free h", "0");
	operation(fake, "free h", "err ENOENT");
}

/* A signal ends an operation that waits, and not the process. */
static void test_signal(void **state)
{
	struct fake *fake = *state;
	char path[256];

	path_of(fake, WAITS, path);
	assert_int_equal(mkfifo(path, 0600), 0);
	operation(fake, "write " MEMORY "memory0/state offline", "7");
	kill(getpid(), SIGTERM);
	operation(fake, "write " WAITS " x", "err EINTR");
	assert_int_equal(sim_live_signal(fake->sim), SIGTERM);
	sim_live_restore(fake->sim);
	expect(fake, MEMORY "memory0/state", "online_kernel");
}

/* ---- putting back ---------------------------------------------------------------------------- */

static void test_put_back(void **state)
{
	struct fake *fake = *state;

	operation(fake, "write " MEMORY "auto_online_blocks online_movable", "14");
	operation(fake, "write " MEMORY "auto_online_blocks online", "6");
	operation(fake, "write sys/kernel/mm/transparent_hugepage/enabled always", "6");
	assert_int_equal(sim_live_restore(fake->sim), 1);
	expect(fake, MEMORY "auto_online_blocks", "offline\n");
	expect(fake, "sys/kernel/mm/transparent_hugepage/enabled", "madvise");
	expect_notes(fake, "not put back: sys/kernel/mm/transparent_hugepage/enabled was \"always "
			   "[madvise] never\\n\", now \"madvise\"\n");
}

/* What a block of this directory reads afterwards is the word that was written to it. */
static void test_blocks_back(void **state)
{
	struct fake *fake = *state;

	put(fake, MEMORY "memory1/state", "offline");
	put(fake, MEMORY "memory2/state", "online");
	assert_int_not_equal(sim_live_restore(fake->sim), 0);
	expect(fake, MEMORY "memory0/state", "online");
	expect(fake, MEMORY "memory1/state", "online_movable");
	expect(fake, MEMORY "memory2/state", "offline");
	expect_notes(fake, "not put back: memory1 was Movable, now offline\n");
}

static void test_wrong_zone(void **state)
{
	struct fake *fake = *state;

	put(fake, MEMORY "memory1/valid_zones", "Normal");
	sim_live_restore(fake->sim);
	expect(fake, MEMORY "memory1/state", "online_movable");
}

static void test_new_block(void **state)
{
	struct fake *fake = *state;

	put(fake, MEMORY "memory3/state", "offline");
	assert_int_equal(sim_live_restore(fake->sim), 1);
	expect_notes(fake, "not put back: memory3 is new\n");
}

static void test_explanations(void **state)
{
	assert_string_equal(sim_undo_explain(MEMORY "memory12/state"),
			    "the block's state is put back at the end");
	assert_string_equal(sim_undo_explain("/" MEMORY "probe"), "memory that is added stays");
	assert_non_null(strstr(sim_undo_explain(MEMORY "hard_offline_page"), "boots again"));
	assert_non_null(strstr(sim_undo_explain("proc/sys/vm/x"), "text that it has"));
}

/* ---- why blocks cannot go offline ------------------------------------------------------------ */

static void given(struct fake *fake, const char *text, int ret, const char *wanted)
{
	char *line = strdup(text);
	struct base_buf buf;

	base_buf_init(&buf);
	sim_live_given(fake->sim, line, ret, &buf);
	assert_string_equal(base_buf_text(&buf), wanted);
	base_buf_fini(&buf);
	free(line);
}

static void kernel_says(const struct fake *fake, const char *text)
{
	char path[256];
	FILE *log;

	path_of(fake, "dev/kmsg", path);
	log = fopen(path, "ae");
	assert_non_null(log);
	fprintf(log, "7,1,1,-;%s\n", text);
	fclose(log);
}

static void test_given(void **state)
{
	struct fake *fake = *state;
	const char *offline = "write " MEMORY "memory1/state offline";

	kernel_says(fake, "memory offlining [mem 0x08000000-0x0fffffff] failed due to unmovable "
			  "page");
	given(fake, offline, -EBUSY, "given unmovable memory1\n");
	kernel_says(fake, "memory offlining [mem 0x08000000-0x0fffffff] failed due to unmovable "
			  "page");
	given(fake, offline, -EBUSY, "");
	given(fake, "write " MEMORY "memory1/state online", 0, "");
	given(fake, "write " MEMORY "memory0/state offline", 0, "");
	given(fake, offline, 0, "given movable memory1\n");
	kernel_says(fake, "memory offlining [mem 0x08000000-0x0fffffff] failed due to signal "
			  "backoff");
	given(fake, offline, -EINTR, "");
	/* of CMA, which needs no given line */
	kernel_says(fake, "memory offlining [mem 0x10000000-0x17ffffff] failed due to unmovable "
			  "page");
	given(fake, "write " MEMORY "memory2/state offline", -EBUSY, "");
	operation(fake, "cma-area", "0x10000000 16M");
}

/* ---- what may be done ------------------------------------------------------------------------ */

static void check(enum sim_root kind, const char *text, const char *wanted, const char *path)
{
	char *line = strdup(text);
	struct sim_checked checked;
	const char *what = NULL;

	assert_int_equal(sim_check(kind, line, &checked, &what), wanted ? SIM_SYNTAX : 0);
	if (wanted)
		assert_non_null(strstr(what, wanted));
	else if (path)
		assert_string_equal(checked.write_path, path);
	else
		assert_null(checked.write_path);
	free(line);
}

static void test_check(void **state)
{
	static const char *const machine_only[] = {
		"plug dimm d size=1G node=0",
		"unplug d",
		"resize v requested=0",
		"race r",
		"release r",
		"mkdir machine/dimm/d",
		"rmdir sys/x",
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(machine_only); i++) {
		check(SIM_ROOT_MACHINE, machine_only[i], "only a mount of memhpfs", NULL);
		check(SIM_ROOT_MOUNT, machine_only[i], NULL, NULL);
	}
	check(SIM_ROOT_MACHINE, "read ./machine/log", "has no machine/", NULL);
	check(SIM_ROOT_MACHINE, "read machines", NULL, NULL);
	check(SIM_ROOT_MACHINE, "write etc/passwd x", "only files below sys/", NULL);
	check(SIM_ROOT_MACHINE, "write sys/../etc/passwd x", "only files below sys/", NULL);
	check(SIM_ROOT_MACHINE, "start-write w proc/1/mem x", "only files below sys/", NULL);
	check(SIM_ROOT_MACHINE, "timed-write 1 proc/sys/vm/x 1", NULL, "proc/sys/vm/x");
	check(SIM_ROOT_MACHINE, "as a write /sys/x 1", NULL, "/sys/x");
	check(SIM_ROOT_MACHINE, "hold h pinned 1 -1", "anon, mlock, hugetlb or shmem", NULL);
	check(SIM_ROOT_MACHINE, "hold h mlock 1 -1", NULL, NULL);
	check(SIM_ROOT_MOUNT, "hold h pinned 1 -1", NULL, NULL);
	check(SIM_ROOT_MOUNT, "write", "write PATH TEXT", NULL);
	check(SIM_ROOT_MOUNT, "fetch x", "no such operation", NULL);
	check(SIM_ROOT_MOUNT, "as", "no such operation", NULL);
	check(SIM_ROOT_MOUNT, "as a", "no such operation", NULL);
	check(SIM_ROOT_MOUNT, "as a join b 1", "as ACTOR requires", NULL);
}

/* A directory that only looks like a machine is none. */
static void test_root(void **state)
{
	struct fake *fake = *state;
	enum sim_root kind;
	struct base_buf why;

	base_buf_init(&why);
	assert_int_equal(sim_live_root(fake->dir, &kind, &why), -EINVAL);
	assert_non_null(strstr(base_buf_text(&why), "neither those of memhpfs nor"));
	base_buf_reset(&why);
	assert_int_equal(sim_live_root("/nowhere", &kind, &why), -EINVAL);
	assert_non_null(strstr(base_buf_text(&why), "No such file"));
	base_buf_reset(&why);
	assert_int_equal(sim_live_root("/dev", &kind, &why), -EINVAL);
	assert_non_null(strstr(base_buf_text(&why), "there is no " MEMORY));
	base_buf_fini(&why);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files),
		TEST(pending),
		TEST(hold),
		TEST(signal),
		TEST(put_back),
		TEST(blocks_back),
		TEST(wrong_zone),
		TEST(new_block),
		TEST(given),
		TEST(root),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_explanations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
