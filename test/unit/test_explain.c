/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log's explanations, beside the kernel's own lines, when the kernel refuses an operation:
 * whose pages, which listener, which limit.
 */
#include "world.h"

#define STATE(n) SYS_MEMORY "memory" #n "/state"

static void assert_log(struct world *w, const char *line)
{
	const char *log = base_buf_text(machine_log_text(w->machine));

	if (!strstr(log, line))
		fail_msg("no line \"%s\" in\n%s", line, log);
}

/* An offlining that does not end until its writer is killed. */
static void offline_in_vain(struct world *w, const char *path, const char *line)
{
	struct tree_file *file = world_open_good(w, path, O_WRONLY);
	struct world_req r;

	world_req_write(&r, file, "offline", 7);
	assert_false(r.done);
	assert_log(w, line);
	tree_interrupt(&r.req, true);
	assert_int_equal(r.result, -EINTR);
	tree_release(file);
	world_req_fini(&r);
}

static void load(struct world *w, const char *name, const char *kind, const char *block)
{
	char path[80];

	snprintf(path, sizeof(path), "machine/workload/%s", name);
	assert_int_equal(world_mkdir(w, path), 0);
	snprintf(path, sizeof(path), "machine/workload/%s/kind", name);
	assert_takes(w, path, kind);
	snprintf(path, sizeof(path), "machine/workload/%s/block", name);
	assert_takes(w, path, block);
}

static void whose_pages(void **state)
{
	struct world *w = *state;

	load(w, "k", "kernel", "9");
	assert_takes(w, "machine/workload/k/size", "8K");
	assert_writes(w, STATE(9), "offline", -EBUSY);
	assert_log(w, "memhpfs: memory9: 2 pages of k (kernel) cannot be moved, only given back\n");
	load(w, "p", "anon", "10");
	assert_takes(w, "machine/workload/p/size", "4K");
	assert_takes(w, "machine/workload/p/kind", "pinned");
	offline_in_vain(w, STATE(10),
			"memhpfs: memory10: 1 page of p (pinned) do not move, for as "
			"long as they are held\n");
	load(w, "b", "balloon", "11");
	assert_takes(w, "machine/workload/b/size", "4K");
	assert_writes(w, STATE(11), "offline", -EBUSY);
	assert_log(w, "memhpfs: memory11: 1 page of b (balloon) keep the block from going "
		      "offline\n");
}

/* Allocates all free memory of a node. */
static void fill(struct world *w, const char *name, const char *node)
{
	uint64_t size = 0;
	char path[80], text[32];

	snprintf(path, sizeof(path), "machine/workload/%s", name);
	assert_int_equal(world_mkdir(w, path), 0);
	snprintf(path, sizeof(path), "machine/workload/%s/kind", name);
	assert_takes(w, path, "anon");
	snprintf(path, sizeof(path), "machine/workload/%s/node", name);
	assert_takes(w, path, node);
	snprintf(path, sizeof(path), "machine/workload/%s/size", name);
	for (uint64_t step = GIB(1); step >= 4096; step /= 2) {
		snprintf(text, sizeof(text), "%" PRIu64, size + step);
		if (world_write(w, path, text) > 0)
			size += step;
	}
}

static void no_room(void **state)
{
	struct world *w = *state;
	int nid = hp_block_nid(hp_block_find(w->hp, 9));
	char node[8], line[160];

	load(w, "a", "anon", "9");
	assert_takes(w, "machine/workload/a/size", "2M");
	snprintf(node, sizeof(node), "%d", !nid);
	fill(w, "hog", node);
	snprintf(line, sizeof(line),
		 "memhpfs: memory9: no room on other nodes for 512 pages of a "
		 "(anon): node %d has ",
		 !nid);
	offline_in_vain(w, STATE(9), line);
}

static void which_listener(void **state)
{
	struct world *w = *state;

	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "-5");
	assert_writes(w, STATE(9), "offline", -EIO);
	assert_log(w, "memhpfs: memory9: notifier-error-inject does not let it go offline (EIO)\n");
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "0");
	assert_takes(w, STATE(9), "offline");
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "-12");
	assert_writes(w, STATE(9), "online", -ENOMEM);
	assert_log(w, "memhpfs: memory9: notifier-error-inject does not let it go online "
		      "(ENOMEM)\n");
}

static void what_it_is(void **state)
{
	struct world *w = *state;

	assert_writes(w, STATE(9), "online", -EINVAL);
	assert_log(w, "memhpfs: memory9: it is online already\n");
	assert_takes(w, STATE(9), "offline");
	assert_writes(w, STATE(9), "offline", -EINVAL);
	assert_log(w, "memhpfs: memory9: it is offline already\n");
	/* no error, no line */
	assert_takes(w, SYS_MEMORY "memory10/online", "1");
	assert_null(strstr(base_buf_text(machine_log_text(w->machine)), "memory10"));
	assert_writes(w, STATE(0), "offline", -EINVAL);
	assert_log(w, "memhpfs: memory0: boot memory of several zones or nodes, which cannot go "
		      "offline\n");
}

static void what_is_taken(void **state)
{
	struct world *w = *state;

	assert_writes(w, SYS_MEMORY "probe", "0x48000000", -EEXIST);
	assert_log(w, "memhpfs: memory9: its addresses are taken by System RAM, 0x");
}

static void broken(void **state)
{
	struct world *w = *state;

	assert_takes(w, SYS_MEMORY "hard_offline_page", "0x48000000");
	assert_takes(w, STATE(9), "offline");
	assert_writes(w, STATE(9), "online", -EHWPOISON);
	assert_log(w, "memhpfs: memory9: it has a broken page, with which it cannot go online\n");
}

static void what_is_missing(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/virtio-mem/v"), 0);
	assert_takes(w, "machine/virtio-mem/v/size", "4G");
	assert_takes(w, "machine/virtio-mem/v/node", "1");
	assert_takes(w, "machine/virtio-mem/v/requested_size", "4G");
	assert_takes(w, "machine/virtio-mem/v/plugged", "1");
	assert_log(w, "memhpfs: virtio0: it has 1G of 4G: its region is full, or too much of it is "
		      "offline\n");
}

static void boot_memory(void **state)
{
	struct world *w = world_new("arch: arm64\n"
				    "memory:\n"
				    "  - {start: 1G, end: 0x7fffffff, node: 0}\n");
	char path[80];

	snprintf(path, sizeof(path), SYS_MEMORY "memory%" PRIu64 "/state",
		 hp_block_id(hp_block_next(w->hp, 0)));
	assert_writes(w, path, "offline", -EPERM);
	assert_log(w, "the guard of boot memory does not let it go offline (EPERM)\n");
	world_free(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(whose_pages),     WORLD_TEST(no_room),
		WORLD_TEST(which_listener),  WORLD_TEST(what_it_is),
		WORLD_TEST(what_is_taken),   WORLD_TEST(broken),
		WORLD_TEST(what_is_missing), cmocka_unit_test(boot_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
