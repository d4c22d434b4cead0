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
	assert_log(w, "memhpfs: memory0: boot memory of several zones or nodes (DMA, DMA32), which "
		      "cannot go offline\n");
}

static void two_nodes(void **state)
{
	struct world *w = world_new("memory:\n"
				    "  - {start: 0, end: 0x43ffffff, node: 0}\n"
				    "  - {start: 0x44000000, end: 0x7fffffff, node: 1}\n");

	assert_writes(w, STATE(8), "offline", -EINVAL);
	assert_log(w, "memory8: boot memory of several zones or nodes (DMA32; nodes 0-1), which");
	world_free(w);
}

/* Huge pages that cannot migrate keep their block online in a kernel zone, used or not. */
static void huge_pages_stay(void **state)
{
	static const struct {
		const char *machine, *size;
	} cases[] = {
		{ "arch: s390x\nmemory: [{start: 0, end: 0xffffffff, node: 0}]\n", "1024" },
		{ "arch: ia64\nkernel: 6.6\nmemory: [{start: 0, end: 0x1ffffffff, node: 0}]\n",
		  "262144" },
		{ "memory: [{start: 0, end: 0xffffffff, node: 0}]\n", "2048" },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		bool stays = i < 2;
		struct world *w = world_new(cases[i].machine);
		uint64_t block_size = hp_config(w->hp)->block_size;
		uint64_t id = (4096ULL << 20) / block_size - 2;
		char nr[96], path[64];

		snprintf(nr, sizeof(nr), SYS_NODE "node0/hugepages/hugepages-%skB/nr_hugepages",
			 cases[i].size);
		snprintf(path, sizeof(path), SYS_MEMORY "memory%" PRIu64 "/state", id);
		/* None goes to Movable where they stay. */
		assert_takes(w, path, "offline");
		assert_takes(w, path, "online_movable");
		assert_takes(w, nr, "1");
		assert_int_equal(mm_kind_pages(w->mm, 0, MM_KIND_HUGETLB_FREE) > 0, 1);
		for (uint64_t b = 0; hp_block_find(w->hp, b); b++) {
			struct mm_usage usage;

			mm_range_usage(w->mm, b * hp_block_pages(w->hp), hp_block_pages(w->hp),
				       &usage);
			if (!usage.kind[MM_KIND_HUGETLB_FREE])
				continue;
			snprintf(path, sizeof(path), SYS_MEMORY "memory%" PRIu64 "/state", b);
			assert_int_equal(usage.zones == 1u << MM_ZONE_MOVABLE, !stays);
			break;
		}
		if (stays) {
			assert_writes(w, path, "offline", -EBUSY);
			assert_log(w, "page dumped because: unmovable page\n"
				      "memory offlining [mem ");
			assert_log(
				w,
				"of pool (free hugetlb) cannot migrate on this architecture, not "
				"even free ones: they have to leave their pool\n");
			assert_takes(w, nr, "0");
		}
		assert_takes(w, path, "offline");
		world_free(w);
	}
}

/* Only block= puts a page of the kernel into Movable, whose isolation succeeds: the kernel has no
 * message for it, and tries for ever. */
static void kernel_page_in_movable(void **state)
{
	struct world *w = *state;

	assert_takes(w, STATE(9), "offline");
	assert_takes(w, STATE(9), "online_movable");
	load(w, "k", "slab", "9");
	assert_takes(w, "machine/workload/k/size", "4K");
	offline_in_vain(w, STATE(9),
			"memhpfs: memory9: 1 page of k (slab) do not move, for as long as they "
			"are held\n");
	assert_false(world_logged(w, "migrating pfn"));
}

static void unaligned_dimm(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "a", "size=100M node=1");
	assert_plugs(w, "b", "size=128M node=1");
	assert_log(w, "acpi PNP0C80:00: acpi_memory_enable_device() error\n"
		      "memhpfs: the DIMM in slot 0 has no memory blocks: its size, 100M, is not a "
		      "multiple of the block size, 128M; the hypervisor asks for a multiple of 2M "
		      "only\n");
	assert_log(w,
		   "acpi PNP0C80:01: acpi_memory_enable_device() error\n"
		   "memhpfs: the DIMM in slot 1 has no memory blocks: its address, 0x106400000, is "
		   "not a multiple of the block size, 128M, as behind a DIMM whose size is none; "
		   "the hypervisor places DIMMs at multiples of 2M\n");
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
		cmocka_unit_test(two_nodes), cmocka_unit_test(huge_pages_stay),
		WORLD_TEST(unaligned_dimm),  WORLD_TEST(kernel_page_in_movable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
