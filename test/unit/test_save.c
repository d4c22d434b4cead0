// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Invalid saved machines: damaged, truncated, of another machine, or loaded without memory; and
 * states that cannot be saved. Valid ones are tested in test_save_walk.
 */
#include "nomem.h"
#include "world.h"

#define HEAD_BYTES 16

/* Some of everything: each kind of object, held memory, and a driver that retries. */
static const char small[] = PC_LOW
	"  - {start: 0x100000, end: 0x1fffffff, node: 0}\n"
	"hotplug:\n  - {start: 4G, end: 0x1ffffffff, node: 0}\n"
	"faults:\n  - {name: f, phase: eject, block: every 3, delay_ms: 5, errno: none}\n"
	"devices:\n  - {kind: dimm, name: z, size: 128M, addr: 0x1f8000000, slot: 9, plugged: 1}\n"
	"workloads:\n  - {name: y, kind: slab, size: 1M}\n" ONE_CPU;

static struct world *busy_world(void)
{
	struct world *w = world_new(small);

	assert_plugs(w, "d", "size=256M backed=128M slot=7");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_movable");
	assert_int_equal(world_mkdir(w, "machine/virtio-mem/v"), 0);
	assert_takes(w, "machine/virtio-mem/v/size", "512M");
	assert_takes(w, "machine/virtio-mem/v/requested_size", "192M");
	assert_takes(w, SYS_MEMORY "auto_online_blocks", "online");
	assert_takes(w, "machine/virtio-mem/v/plugged", "1");
	assert_int_equal(world_mkdir(w, "machine/dax/x"), 0);
	assert_takes(w, "machine/dax/x/size", "128M");
	assert_takes(w, "machine/dax/x/plugged", "1");
	assert_takes(w, "machine/dax/x/system_ram", "1");
	assert_int_equal(world_mkdir(w, "machine/workload/w"), 0);
	assert_takes(w, "machine/workload/w/kind", "pagecache");
	assert_takes(w, "machine/workload/w/size", "40M");
	assert_int_equal(world_mkdir(w, "machine/dimm/e"), 0);
	assert_takes(w, "machine/dimm/e/size", "128M");
	assert_int_equal(world_mkdir(w, "machine/container/c"), 0);
	assert_takes(w, "machine/container/c/dimms", "e");
	assert_takes(w, "machine/container/c/plugged", "1");
	assert_int_equal(world_mkdir(w, "machine/race/r"), 0);
	assert_takes(w, "machine/race/r/path", "sys/*");
	assert_takes(w, SYS_MEMORY "hard_offline_page", "0x8001000");
	assert_int_equal(world_chmod(w, SYS_MEMORY "memory1/state", 0600), 0);
	/* Pages in use keep the driver from it, which retries. */
	assert_takes(w, "machine/workload/w/size", "500M");
	assert_takes(w, "machine/virtio-mem/v/requested_size", "0");
	return w;
}

static int load(struct world *w, const void *data, size_t len, struct base_buf *why)
{
	struct base_moment when;

	base_buf_reset(why);
	return tree_load(w->tree, data, len, &when, why);
}

/* Reads every readable file. */
static void read_below(struct world *w, const char *dir)
{
	char *names = strdup(world_list(w, dir)), *name, *save;

	assert_non_null(names);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		struct tree_attr attr;
		char path[512];

		snprintf(path, sizeof(path), "%s%s%s", dir, *dir ? "/" : "", name);
		/* In an inconsistent machine, not all listed entries need exist. */
		if (!world_exists(w, path))
			continue;
		attr = world_stat(w, path);
		if (S_ISDIR(attr.mode))
			read_below(w, path);
		else if (S_ISREG(attr.mode) && attr.mode & 0444 && strcmp(name, "uevents") &&
			 strcmp(name, "trace"))
			(void)world_read_result(w, path);
	}
	free(names);
}

/* Loads into a separate machine, which can be read then. */
static int try_load(const char *yaml, const void *data, size_t len, struct base_buf *why)
{
	struct world *w = world_new_to_load(yaml, NULL);
	int ret = load(w, data, len, why);

	if (ret)
		assert_true(why->len);
	else
		read_below(w, "");
	world_free(w);
	return ret;
}

static void save(struct world *w, struct base_buf *saved, struct base_buf *why)
{
	base_buf_init(saved);
	base_buf_init(why);
	assert_int_equal(tree_save(w->tree, saved), 0);
}

static void fini(struct base_buf *saved, struct base_buf *why)
{
	base_buf_fini(saved);
	base_buf_fini(why);
}

static void loads(void **state)
{
	struct world *w = busy_world(), *other = world_new_to_load(small, NULL);
	struct base_buf saved, why;

	save(w, &saved, &why);
	assert_int_equal(load(other, saved.data, saved.len, &why), 0);
	assert_reads(other, "machine/map", world_read(w, "machine/map"));
	assert_reads(other, "machine/log", world_read(w, "machine/log"));
	fini(&saved, &why);
	world_free(other);
	world_free(w);
}

/* The name of a listener that keeps a block from going online is restored, too. */
static void speaks_as_before(void **state)
{
	struct world *w = world_new(small), *loaded = world_new_to_load(small, NULL);
	struct base_buf saved, why;
	char *said;

	assert_int_equal(world_mkdir(w, "machine/virtio-mem/v"), 0);
	assert_takes(w, "machine/virtio-mem/v/size", "512M");
	assert_takes(w, "machine/virtio-mem/v/plugged", "1");
	assert_takes(w, SYS_MEMORY "probe", "0x108000000");
	save(w, &saved, &why);
	assert_int_equal(load(loaded, saved.data, saved.len, &why), 0);
	assert_int_equal(world_write(w, SYS_MEMORY "memory33/state", "online"), -EPERM);
	said = strdup(world_read(w, "machine/log"));
	assert_non_null(strstr(said, "memory33: virtio0 does not let it go online"));
	assert_int_equal(world_write(loaded, SYS_MEMORY "memory33/state", "online"), -EPERM);
	assert_string_equal(world_read(loaded, "machine/log"), said);
	free(said);
	world_free(loaded);
	world_free(w);
	fini(&saved, &why);
}

static void other_machines(void **state)
{
	static const struct {
		const char *yaml;
		const char *cmdline;
	} others[] = {
		{ NULL, NULL },
		{ small, "cma=16M" },
		{ "arch: arm64\nmemory:\n  - {start: 0, end: 0x1fffffff, node: 0}\n" ONE_CPU,
		  NULL },
	};
	struct world *w = world_new(small), *other;
	struct base_buf saved, why;

	save(w, &saved, &why);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(others); i++) {
		other = world_new_to_load(others[i].yaml, others[i].cmdline);
		assert_int_equal(load(other, saved.data, saved.len, &why), -EINVAL);
		assert_true(why.len);
		world_free(other);
	}
	fini(&saved, &why);
	world_free(w);
}

static void cut(void **state)
{
	struct world *w = world_new(small), *other = world_new_to_load(small, NULL);
	struct base_buf saved, why;

	save(w, &saved, &why);
	/* The checksum is wrong, so nothing is loaded, and the machine is unchanged. */
	for (size_t len = 0; len < saved.len; len++) {
		assert_int_equal(load(other, saved.data, len, &why), -EINVAL);
		assert_true(why.len);
	}
	base_buf_puts(&saved, "x");
	assert_int_equal(load(other, saved.data, saved.len, &why), -EINVAL);
	fini(&saved, &why);
	world_free(other);
	world_free(w);
}

static void cut_and_sealed(void **state)
{
	struct world *w = world_new(small);
	struct base_buf saved, why;
	char *copy;

	save(w, &saved, &why);
	copy = malloc(saved.len);
	assert_non_null(copy);
	for (size_t len = HEAD_BYTES; len < saved.len; len += 1 + len % 5) {
		memcpy(copy, saved.data, len);
		base_save_seal(copy, len);
		assert_int_equal(try_load(small, copy, len, &why), -EINVAL);
	}
	free(copy);
	fini(&saved, &why);
	world_free(w);
}

static void damaged(void **state)
{
	struct world *w = busy_world(), *other = world_new_to_load(small, NULL);
	struct base_buf saved, why;

	save(w, &saved, &why);
	for (size_t i = 0; i < saved.len; i++) {
		saved.data[i] ^= (char)(1 << i % 8);
		assert_int_equal(load(other, saved.data, saved.len, &why), -EINVAL);
		assert_true(why.len);
		saved.data[i] ^= (char)(1 << i % 8);
	}
	fini(&saved, &why);
	world_free(other);
	world_free(w);
}

/* Even with a valid checksum nothing may crash, whatever machine results. */
static void damaged_and_sealed(void **state)
{
	struct base_buf saved, why;
	struct world *w = busy_world();
	unsigned int nr_bad = 0;

	save(w, &saved, &why);
	for (size_t i = HEAD_BYTES; i < saved.len; i += 1 + i % 4) {
		char was = saved.data[i];

		saved.data[i] = (char)(i % 3 == 2 ? 0xff : was ^ 1 << i % 8);
		base_save_seal(saved.data, saved.len);
		nr_bad += try_load(small, saved.data, saved.len, &why) != 0;
		saved.data[i] = was;
	}
	assert_true(nr_bad > 100);
	fini(&saved, &why);
	world_free(w);
}

static void without_memory(void **state)
{
	struct world *w = busy_world(), *other;
	struct base_buf saved, why;
	int ret = -ENOMEM;

	save(w, &saved, &why);
	for (long nr = 0; ret; nr++) {
		other = world_new_to_load(small, NULL);
		nomem_fail_at = nr;
		ret = load(other, saved.data, saved.len, &why);
		nomem_fail_at = -1;
		assert_true(!ret || ret == -ENOMEM);
		world_free(other);
	}
	fini(&saved, &why);
	world_free(w);
}

static void not_now(void **state)
{
	struct world *w = world_new(small);
	struct base_buf saved;
	struct tree_file *file;
	struct world_req r;

	base_buf_init(&saved);
	world_lock(w);
	assert_int_equal(tree_save(w->tree, &saved), -EBUSY);
	world_unlock(w);
	assert_int_equal(world_mkdir(w, "machine/race/r"), 0);
	assert_takes(w, "machine/race/r/op", "write");
	assert_takes(w, "machine/race/r/enabled", "1");
	file = world_open_good(w, SYS_MEMORY "auto_online_blocks", O_WRONLY);
	world_set_caller(77, 0);
	world_req_write(&r, file, "online", strlen("online"));
	world_set_caller(0, 0);
	assert_false(r.done);
	assert_int_equal(tree_save(w->tree, &saved), -EBUSY);
	assert_takes(w, "machine/race/r/release", "1");
	assert_true(r.done);
	assert_int_equal(tree_save(w->tree, &saved), 0);
	world_req_fini(&r);
	tree_release(file);
	base_buf_fini(&saved);
	world_free(w);
}

/* Numbers of all sizes, and texts, are restored; what does not fit is an error. */
static void numbers(void **state)
{
	static const uint64_t values[] = { 0, 1, 127, 128, 1ULL << 32, UINT64_MAX };
	struct base_save s;
	struct base_buf out;
	char text[4] = "abc", *string = NULL;

	base_buf_init(&out);
	base_save_begin(&s, &out);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(values); i++) {
		base_save_number(&s, values[i]);
		base_save_near(&s, values[i], 100);
	}
	base_save_text(&s, text, sizeof(text));
	base_save_string(&s, &string);
	base_save_number(&s, 7);
	assert_int_equal(base_save_end(&s), 0);

	base_load_begin(&s, out.data, out.len);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(values); i++) {
		assert_int_equal(base_save_number(&s, 5), values[i]);
		assert_int_equal(base_save_near(&s, 5, 100), values[i]);
	}
	strcpy(text, "x");
	base_save_text(&s, text, sizeof(text));
	assert_string_equal(text, "abc");
	string = text;
	base_save_string(&s, &string);
	assert_null(string);
	assert_int_equal(base_save_below(&s, 0, 7), 0);
	assert_int_equal(base_load_end(&s), -EINVAL);
	assert_non_null(strstr(s.why, "7 is too large"));
	base_buf_fini(&out);
}

/* Saving reads only, even when something is wrong. */
static void saving_changes_nothing(void **state)
{
	struct base_save s;
	struct base_buf out;

	base_buf_init(&out);
	base_save_begin(&s, &out);
	assert_int_equal(base_save_below(&s, 7, 7), 7);
	assert_int_equal(s.error, -EINVAL);
	assert_int_equal(base_save_number(&s, 8), 8);
	assert_int_equal(base_save_near(&s, 9, 100), 9);
	assert_int_equal(base_save_below(&s, 10, 100), 10);
	assert_int_equal(base_save_end(&s), -EINVAL);
	base_buf_fini(&out);
}

/* The map that kexec has made has DIMMs of any size, which need not fill a section. */
static void after_kexec(void **state)
{
	struct world *w = world_new(small), *other = world_new_to_load(small, NULL);
	struct base_buf saved, why;

	assert_int_equal(world_mkdir(w, "machine/dimm/d"), 0);
	assert_takes(w, "machine/dimm/d/size", "130M");
	assert_takes(w, "machine/dimm/d/plugged", "1");
	assert_int_equal(world_mkdir(w, "machine/dimm/e"), 0);
	assert_takes(w, "machine/dimm/e/size", "256M");
	assert_takes(w, "machine/dimm/e/plugged", "1");
	assert_takes(w, "machine/kexec", "1");
	save(w, &saved, &why);
	assert_int_equal(load(other, saved.data, saved.len, &why), 0);
	assert_reads(other, "proc/iomem", world_read(w, "proc/iomem"));
	assert_reads(other, "machine/map", world_read(w, "machine/map"));
	fini(&saved, &why);
	world_free(other);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads),
		cmocka_unit_test(speaks_as_before),
		cmocka_unit_test(other_machines),
		cmocka_unit_test(cut),
		cmocka_unit_test(cut_and_sealed),
		cmocka_unit_test(damaged),
		cmocka_unit_test(damaged_and_sealed),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(not_now),
		cmocka_unit_test(numbers),
		cmocka_unit_test(saving_changes_nothing),
		cmocka_unit_test(after_kexec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
