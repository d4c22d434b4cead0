// SPDX-License-Identifier: GPL-2.0-or-later
/* libmemhp: machines, their files, their devices. */
#include <sys/stat.h>

#include "lib_test.h"

static void test_version(void **state)
{
	assert_string_equal(memhp_version(), VERSION);
}

/* ---- machines -------------------------------------------------------------------------------- */

static void test_default(void **state)
{
	struct memhp *m;
	char *text;
	size_t len;

	assert_int_equal(memhp_new(&m), 0);
	assert_string_equal(memhp_error(m), "");
	assert_int_equal(memhp_now(m), 0);
	assert_int_equal(memhp_boot(m), 0);
	assert_string_equal(memhp_warnings(m), "");
	assert_int_equal(memhp_read(m, "/proc/meminfo", &text, &len), 0);
	assert_int_equal(len, strlen(text));
	assert_ptr_equal(strstr(text, "MemTotal: "), text);
	memhp_text_free(text);
	memhp_free(m);
	memhp_free(NULL);
	memhp_text_free(NULL);
}

static void test_by_name_and_file(void **state)
{
	static const char *const what[] = { "vm-8g", MACHINES "/vm-8g.yaml" };

	for (size_t i = 0; i < 2; i++) {
		struct memhp *m;

		memhp_new(&m);
		assert_int_equal(memhp_load(m, what[i]), 0);
		assert_int_equal(memhp_boot(m), 0);
		lib_expect(m, BLOCKS "block_size_bytes", "8000000\n");
		memhp_free(m);
	}
}

static void test_load_errors(void **state)
{
	static const struct {
		const char *what;
		int ret;
		const char *words;
	} cases[] = {
		{ "vm-9g", -ENOENT,
		  "vm-9g: neither a file nor the name of a machine (arm64-16k, " },
		{ "./vm-8g", -ENOENT, "./vm-8g: cannot be read: No such file or directory" },
		{ "/dev/null", -EINVAL, "/dev/null:1: memory: " },
	};
	struct memhp *m;

	memhp_new(&m);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(memhp_load(m, cases[i].what), cases[i].ret);
		assert_ptr_equal(strstr(memhp_error(m), cases[i].words), memhp_error(m));
	}
	assert_int_equal(memhp_load_text(m, "memory: 5\n", 10), -EINVAL);
	assert_string_equal(memhp_error(m), "machine:1: memory: must be a list");
	assert_int_equal(memhp_set_kernel(m, "5.10"), -EINVAL);
	assert_ptr_equal(strstr(memhp_error(m), "'5.10' is not a version of Linux"),
			 memhp_error(m));
	/* A mistake that was reported leaves what was set before. */
	assert_int_equal(memhp_boot(m), 0);
	memhp_free(m);
}

static void test_kernel_and_cmdline(void **state)
{
	struct memhp *m;
	char *text;

	memhp_new(&m);
	assert_int_equal(memhp_load_text(m, SMALL, strlen(SMALL)), 0);
	assert_int_equal(memhp_set_kernel(m, "6.12"), 0);
	assert_int_equal(memhp_set_kernel(m, "6.1"), 0);
	assert_int_equal(memhp_add_cmdline(m, "quiet"), 0);
	assert_int_equal(memhp_add_cmdline(m, "memhp_default_stat=online"), 0);
	assert_int_equal(memhp_boot(m), 0);
	lib_expect(m, "proc/sys/kernel/osrelease", "6.1\n");
	assert_int_equal(memhp_read(m, "proc/cmdline", &text, NULL), 0);
	assert_string_equal(text, "quiet memhp_default_stat=online\n");
	memhp_text_free(text);
	assert_non_null(strstr(memhp_warnings(m), "memhp_default_stat"));
	assert_int_equal(memhp_warnings(m)[strlen(memhp_warnings(m)) - 1], '\n');
	memhp_free(m);
}

static void test_boot_errors(void **state)
{
	static const char device[] = SMALL
		"devices:\n  - {kind: dimm, name: d0, size: 1, plugged: 1}\n";
	struct memhp *m;

	memhp_new(&m);
	assert_int_equal(memhp_load_text(m, device, strlen(device)), 0);
	assert_int_equal(memhp_boot(m), -EINVAL);
	assert_ptr_equal(strstr(memhp_error(m), "machine:8: devices[0].plugged: "), memhp_error(m));
	assert_int_equal(memhp_boot(m), -EBADFD);
	assert_int_equal(memhp_advance(m, 1), -EBADFD);
	memhp_free(m);
}

static void test_wrong_state(void **state)
{
	struct memhp_stat st;
	struct memhp *m;
	uint64_t id;
	size_t nr;
	char *text, **names;

	memhp_new(&m);
	assert_int_equal(memhp_read(m, "proc/meminfo", &text, NULL), -EBADFD);
	assert_string_equal(memhp_error(m), "the machine has not been booted");
	assert_int_equal(memhp_write(m, "proc/meminfo", "1"), -EBADFD);
	assert_int_equal(memhp_list(m, "", &names, &nr), -EBADFD);
	assert_int_equal(memhp_readlink(m, "", &text), -EBADFD);
	assert_int_equal(memhp_stat(m, "", &st, sizeof(st)), -EBADFD);
	assert_int_equal(memhp_mkdir(m, "machine/dimm/d0"), -EBADFD);
	assert_int_equal(memhp_rmdir(m, "machine/dimm/d0"), -EBADFD);
	assert_int_equal(memhp_begin_read(m, "proc/meminfo", NULL, NULL, &id), -EBADFD);
	assert_int_equal(memhp_begin_write(m, "proc/meminfo", "", 0, NULL, NULL, &id), -EBADFD);
	assert_int_equal(memhp_pending(m, 1), -EBADFD);
	assert_int_equal(memhp_wait(m, 1), -EBADFD);
	assert_int_equal(memhp_cancel(m, 1), -EBADFD);
	assert_int_equal(memhp_make(m, "dimm", "d0", NULL), -EBADFD);
	assert_int_equal(memhp_set(m, "dimm", "d0", "size", "1G"), -EBADFD);
	assert_int_equal(memhp_remove(m, "dimm", "d0"), -EBADFD);
	assert_int_equal(memhp_plug(m, "dimm", "d0", GIB, 0), -EBADFD);
	assert_int_equal(memhp_unplug(m, "dimm", "d0"), -EBADFD);
	assert_int_equal(memhp_resize(m, "v0", GIB, NULL), -EBADFD);
	assert_int_equal(memhp_set_actor(m, "a"), -EBADFD);
	assert_int_equal(memhp_advance(m, 1), -EBADFD);
	assert_int_equal(memhp_run(m, 1), -EBADFD);
	memhp_free(m);

	m = lib_boot();
	assert_int_equal(memhp_load(m, "vm-8g"), -EBADFD);
	assert_string_equal(memhp_error(m), "the machine has been booted already");
	assert_int_equal(memhp_load_text(m, SMALL, strlen(SMALL)), -EBADFD);
	assert_int_equal(memhp_set_kernel(m, "6.1"), -EBADFD);
	assert_int_equal(memhp_add_cmdline(m, "quiet"), -EBADFD);
	assert_int_equal(memhp_boot(m), -EBADFD);
	memhp_free(m);
}

/* What happens on one machine has no effect on others. */
static void test_ten_machines(void **state)
{
	struct memhp *m[10];
	char name[32];

	for (size_t i = 0; i < 10; i++)
		m[i] = lib_boot();
	for (size_t i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "dimm%zu", i);
		assert_int_equal(memhp_plug(m[i], "dimm", name, (i + 1) * 128 * MIB, 0), 0);
		assert_int_equal(memhp_advance(m[i], i), 0);
	}
	for (size_t i = 0; i < 10; i++) {
		char **names;
		size_t nr;

		assert_int_equal(memhp_list(m[i], "machine/dimm", &names, &nr), 0);
		snprintf(name, sizeof(name), "dimm%zu", i);
		assert_int_equal(nr, 1);
		assert_string_equal(names[0], name);
		assert_null(names[1]);
		memhp_text_free(names);
		assert_int_equal(memhp_list(m[i], "sys/bus/memory/devices", &names, &nr), 0);
		assert_int_equal(nr, 16 + i + 1);
		memhp_text_free(names);
		assert_int_equal(memhp_now(m[i]), i);
	}
	for (size_t i = 0; i < 10; i++)
		memhp_free(m[i]);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void test_read_write(void **state)
{
	struct memhp *m = lib_boot();
	char *text;
	size_t len;

	lib_expect(m, BLOCKS "memory8/state", "online\n");
	lib_write(m, BLOCKS "memory8/state", "offline\n");
	lib_expect(m, "/" BLOCKS "memory8/state", "offline\n");
	assert_int_equal(memhp_write_data(m, BLOCKS "memory8/state", "online_movable!", 14), 0);
	lib_expect(m, BLOCKS "memory8/valid_zones", "Movable\n");

	assert_int_equal(memhp_write(m, BLOCKS "memory8/state", "on"), -EINVAL);
	assert_string_equal(memhp_error(m), BLOCKS "memory8/state: Invalid argument");
	assert_int_equal(memhp_write(m, BLOCKS "memory99/state", "online"), -ENOENT);
	assert_string_equal(memhp_error(m), BLOCKS "memory99/state: No such file or directory");
	assert_int_equal(memhp_read(m, BLOCKS "probe", &text, &len), -EACCES);
	assert_int_equal(memhp_read(m, "sys", &text, &len), -EISDIR);
	assert_int_equal(memhp_write(m, BLOCKS "memory0/phys_index", "1"), -EACCES);
	memhp_free(m);
}

/* The words of an error end with the reason. */
static void test_reasons(void **state)
{
	struct memhp *m = lib_boot();

	assert_int_equal(memhp_mkdir(m, "machine/dimm/d0"), 0);
	assert_int_equal(memhp_write(m, "/machine/dimm/d0/node", "7"), -EINVAL);
	assert_string_equal(memhp_error(m), "/machine/dimm/d0/node: Invalid argument: "
					    "node 7 is not possible: possible are 0-1");
	/* of the kernel: its own line */
	assert_int_equal(memhp_write(m, BLOCKS "memory0/state", "offline"), -EINVAL);
	assert_ptr_equal(strstr(memhp_error(m), BLOCKS "memory0/state: Invalid argument: "
						       "memhpfs: memory0: "),
			 memhp_error(m));
	/* that of an earlier operation is not given again */
	assert_int_equal(memhp_write(m, BLOCKS "memory8/online", "2"), -EINVAL);
	assert_string_equal(memhp_error(m), BLOCKS "memory8/online: Invalid argument");
	memhp_free(m);
}

static void test_list_link_stat(void **state)
{
	struct memhp *m = lib_boot();
	struct memhp_stat st;
	char **names, *target;
	size_t nr;

	assert_int_equal(memhp_list(m, "sys/bus/memory/devices", &names, &nr), 0);
	assert_int_equal(nr, 16);
	assert_string_equal(names[9], "memory9");
	assert_string_equal(names[10], "memory10");
	assert_null(names[16]);
	memhp_text_free(names);
	assert_int_equal(memhp_list(m, "machine/dimm", &names, NULL), 0);
	assert_null(names[0]);
	memhp_text_free(names);
	assert_int_equal(memhp_list(m, "proc/meminfo", &names, &nr), -ENOTDIR);
	assert_string_equal(memhp_error(m), "proc/meminfo: Not a directory");

	assert_int_equal(memhp_readlink(m, "sys/bus/memory/devices/memory9", &target), 0);
	assert_string_equal(target, "../../../devices/system/memory/memory9");
	memhp_text_free(target);
	assert_int_equal(memhp_readlink(m, "proc/meminfo", &target), -EINVAL);

	assert_int_equal(memhp_stat(m, "sys/bus/memory/devices/memory9", &st, sizeof(st)), 0);
	assert_true(S_ISLNK(st.mode));
	assert_int_equal(memhp_stat(m, BLOCKS "memory9/state", &st, sizeof(st)), 0);
	assert_int_equal(st.mode, S_IFREG | 0644);
	assert_int_equal(st.size, 4096);
	assert_int_equal(st.nlink, 1);
	assert_int_equal(memhp_stat(m, "none", &st, sizeof(st)), -ENOENT);
	memhp_free(m);
}

/* A caller with another idea of the struct gets what it has room for, and zeros for the rest. */
static void test_stat_sizes(void **state)
{
	struct memhp *m = lib_boot();
	struct {
		struct memhp_stat st;
		uint64_t more;
	} big = { .more = 7 };
	uint32_t mode[2] = { 0, 7 };

	assert_int_equal(memhp_stat(m, "sys", &big.st, sizeof(big)), 0);
	assert_int_equal(big.more, 0);
	assert_int_equal(memhp_stat(m, "sys", (struct memhp_stat *)(void *)mode, 4), 0);
	assert_int_equal(mode[0], S_IFDIR | 0555);
	assert_int_equal(mode[1], 7);
	memhp_free(m);
}

/* ---- objects --------------------------------------------------------------------------------- */

static void test_make(void **state)
{
	static const char *const good[] = { "kind=anon", "node=0", "size=64M", NULL };
	static const char *const bad[] = { "kind=anon", "size=lots", NULL };
	static const char *const malformed[] = { "kind", NULL };
	struct memhp *m = lib_boot();

	assert_int_equal(memhp_make(m, "workload", "w", good), 0);
	lib_expect(m, "machine/workload/w/size", "67108864\n");
	assert_int_equal(memhp_set(m, "workload", "w", "size", "1M"), 0);
	lib_expect(m, "machine/workload/w/size", "1048576\n");
	assert_int_equal(memhp_make(m, "workload", "w", good), -EEXIST);
	assert_int_equal(memhp_remove(m, "workload", "w"), 0);
	assert_int_equal(memhp_remove(m, "workload", "w"), -ENOENT);
	assert_int_equal(memhp_make(m, "workload", "w", bad), -EINVAL);
	assert_ptr_equal(strstr(memhp_error(m),
				"machine/workload/w/size: Invalid argument: 'lots'"),
			 memhp_error(m));
	assert_int_equal(memhp_make(m, "workload", "w", malformed), -EINVAL);
	assert_string_equal(memhp_error(m), "machine/workload/w: 'kind' is not FILE=TEXT");
	assert_int_equal(memhp_set(m, "workload", "w", "size", "1M"), -ENOENT);
	assert_int_equal(memhp_make(m, "workload", "w", NULL), 0);
	assert_int_equal(memhp_make(m, "nothing", "w", NULL), -ENOENT);
	memhp_free(m);
}

static void test_dimm(void **state)
{
	struct memhp *m = lib_boot();
	char **names;
	size_t nr;

	assert_int_equal(memhp_plug(m, "dimm", "d0", GIB, 1), 0);
	lib_expect(m, "machine/dimm/d0/node", "1\n");
	assert_int_equal(memhp_list(m, "sys/bus/memory/devices", &names, &nr), 0);
	assert_int_equal(nr, 16 + 8);
	memhp_text_free(names);
	assert_int_equal(memhp_plug(m, "dimm", "d1", GIB + 1, -1), -EINVAL);
	assert_int_equal(memhp_rmdir(m, "machine/dimm/d1"), -ENOENT);
	assert_int_equal(memhp_unplug(m, "dimm", "d1"), -ENOENT);
	assert_int_equal(memhp_unplug(m, "dimm", "d0"), 0);
	assert_int_equal(memhp_list(m, "machine/dimm", &names, &nr), 0);
	assert_int_equal(nr, 0);
	memhp_text_free(names);
	memhp_free(m);
}

static void test_virtio_mem(void **state)
{
	struct memhp *m = lib_boot();
	uint64_t plugged;

	assert_int_equal(memhp_plug(m, "virtio-mem", "v0", 4 * GIB, -1), 0);
	assert_int_equal(memhp_resize(m, "v0", GIB, &plugged), 0);
	assert_int_equal(plugged, GIB);
	/* the driver waits until the first GiB is online */
	assert_int_equal(memhp_resize(m, "v0", 2 * GIB, &plugged), 0);
	assert_int_equal(plugged, GIB);
	assert_int_equal(memhp_resize(m, "v0", 512 * MIB, NULL), 0);
	lib_expect(m, "machine/virtio-mem/v0/plugged_size", "536870912\n");
	assert_int_equal(memhp_resize(m, "v0", 5 * GIB, &plugged), -EINVAL);
	assert_int_equal(memhp_resize(m, "v1", GIB, &plugged), -ENOENT);
	assert_int_equal(memhp_unplug(m, "virtio-mem", "v0"), 0);
	memhp_free(m);
}

static void test_dax(void **state)
{
	struct memhp *m = lib_boot();

	assert_int_equal(memhp_plug(m, "dax", "dax0.0", GIB, 1), 0);
	lib_expect(m, "machine/dax/dax0.0/plugged", "1\n");
	assert_int_equal(memhp_unplug(m, "dax", "dax0.0"), 0);
	memhp_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_by_name_and_file),
		cmocka_unit_test(test_load_errors),
		cmocka_unit_test(test_kernel_and_cmdline),
		cmocka_unit_test(test_boot_errors),
		cmocka_unit_test(test_wrong_state),
		cmocka_unit_test(test_ten_machines),
		cmocka_unit_test(test_read_write),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_list_link_stat),
		cmocka_unit_test(test_stat_sizes),
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_dimm),
		cmocka_unit_test(test_virtio_mem),
		cmocka_unit_test(test_dax),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
