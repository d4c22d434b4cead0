// SPDX-License-Identifier: GPL-2.0-or-later
/* dev/kmsg: records of the kernel's log, and how they are read and written. */
#include "world.h"

#define KMSG "dev/kmsg"

/* Reads, also if @r, which was set to zero at first, has the data of an earlier read. */
static ssize_t read_again(struct world_req *r, struct tree_file *file, size_t size, off_t off)
{
	world_req_fini(r);
	return world_file_read(r, file, size, off);
}

/* Everything that a file still has, without the records' numbers and times: "PRIORITY;TEXT". */
static const char *all_of(struct world *w, struct tree_file *file)
{
	struct base_buf *text = world_next_text(w);
	struct world_req r = { .done = false };
	off_t off = 0;
	ssize_t len;

	base_buf_reset(text);
	while ((len = read_again(&r, file, 8192, off)) > 0) {
		const char *record = base_buf_text(&r.text);

		base_buf_printf(text, "%d%s", atoi(record), strchr(record, ';'));
		off += len;
		world_req_fini(&r);
	}
	assert_int_equal(len, -EAGAIN);
	world_req_fini(&r);
	return base_buf_text(text);
}

/* The same since the boot. */
static const char *records(struct world *w)
{
	struct tree_file *file = world_open_good(w, KMSG, O_RDONLY | O_NONBLOCK);
	const char *text = all_of(w, file);
	const char *boot = strstr(text, "HugeTLB: registered 2.00 MiB");

	tree_release(file);
	return boot ? strchr(boot, '\n') + 1 : text;
}

/* shared/formats/dmesg.txt, as far as this machine has such lines */
static void boot(void **state)
{
	static const char *const lines[] = {
		"6;BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable\n"
		"6;BIOS-e820: [mem 0x000000000009fc00-0x000000000009ffff] reserved\n"
		"6;BIOS-e820: [mem 0x00000000000f0000-0x00000000000fffff] reserved\n"
		"6;BIOS-e820: [mem 0x0000000000100000-0x000000007ffdffff] usable\n"
		"6;BIOS-e820: [mem 0x000000007ffe0000-0x000000007fffffff] reserved\n"
		"6;BIOS-e820: [mem 0x00000000fffc0000-0x00000000ffffffff] reserved\n"
		"6;BIOS-e820: [mem 0x000000fd00000000-0x000000ffffffffff] reserved\n"
		"6;e820: update [mem 0x00000000-0x00000fff] usable ==> reserved\n"
		"6;e820: remove [mem 0x000a0000-0x000fffff] usable\n",
		"6;Zone ranges:\n"
		"6;  DMA      [mem 0x0000000000001000-0x0000000000ffffff]\n"
		"6;  DMA32    [mem 0x0000000001000000-0x000000007ffdffff]\n"
		"6;  Normal   empty\n",
		"6;Movable zone start for each node\n"
		"6;Early memory node ranges\n"
		"6;  node   0: [mem 0x0000000000001000-0x000000000009efff]\n"
		"6;  node   0: [mem 0x0000000000100000-0x000000003fffffff]\n"
		"6;  node   1: [mem 0x0000000040000000-0x000000007ffdffff]\n"
		"6;Initmem setup node 0 [mem 0x0000000000001000-0x000000003fffffff]\n"
		"6;Initmem setup node 1 [mem 0x0000000040000000-0x000000007ffdffff]\n",
		"6;Fallback order for Node 0: 0 1 \n"
		"6;Fallback order for Node 1: 1 0 \n"
		"6;Built 2 zonelists, mobility grouping on.  Total pages: 524158\n"
		"6;Policy zone: DMA32\n",
		"K/2096632K available (8192K kernel code, 980K rwdata, 1672K rodata, ",
		"6;x86/mm: Memory block size: 128MB\n",
		"6;HugeTLB: registered 1.00 GiB page size, pre-allocated 0 pages\n",
		"5;Kernel command line: quiet movable_node=x\n",
	};
	struct world *w =
		world_new_cmdline("possible_nodes: \"0-1\"\n" PC_LOW
				  "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"
				  "  - {start: 0x40000000, end: 0x7ffdffff, node: 1}\n" ONE_CPU,
				  "quiet movable_node=x");
	struct tree_file *file = world_open_good(w, KMSG, O_RDONLY | O_NONBLOCK);
	const char *text = all_of(w, file);

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		if (!strstr(text, lines[i]))
			fail_msg("there is no\n%sin\n%s", lines[i], text);
	}
	/* Lines for people are not the kernel's. */
	assert_true(world_logged(w, "machine: cmdline: no effect here: quiet"));
	assert_null(strstr(text, "no effect here"));
	assert_false(world_logged(w, "zonelists"));
	tree_release(file);
	world_free(w);
}

static void levels(void **state)
{
	struct world *w = *state;

	assert_writes(w, SYS_MEMORY "memory9/uevent", "nothing", -EINVAL);
	assert_string_equal(records(w),
			    "4;synth uevent: /devices/system/memory/memory9: unknown "
			    "uevent action string\n"
			    "3;memory memory9: uevent: failed to send synthetic uevent: "
			    "-22\n SUBSYSTEM=memory\n DEVICE=+memory:memory9\n");
	assert_writes(w, SYS_MEMORY "memory0/state", "offline", -EINVAL);
	assert_true(world_logged(w, "memhpfs: memory0: "));
	assert_null(strstr(records(w), "memhpfs"));
	assert_writes(w, "machine/clock/migrate_pages_per_ms", "x", -EINVAL);
	assert_true(world_logged(w, "machine: clock/migrate_pages_per_ms: "));
	assert_null(strstr(records(w), "machine"));
}

static void writes(void **state)
{
	static const struct {
		const char *text, *record;
	} cases[] = {
		{ "plain\n", "12;plain\n" },
		{ "<6>info", "14;info\n" },
		{ "<30>daemon", "30;daemon\n" },
		{ "<0>kernel", "8;kernel\n" },
		{ "<2047>all bits", "2047;all bits\n" },
		{ "<2049>more bits", "9;more bits\n" },
		{ "<x>y", "12;<x>y\n" },
		{ "<>y", "8;y\n" },
		{ "<6", "12;<6\n" },
		{ "two\nlines\n", "12;two\\x0alines\n" },
		{ "memhpfs: not ours", "12;memhpfs: not ours\n" },
		{ "memory memory9: no device", "12;memory memory9: no device\n" },
		{ "\\\x7f\xff\t", "12;\\x5c\\x7f\\xff\\x09\n" },
		{ "\n", "12;\n" },
	};
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, KMSG, O_RDWR | O_NONBLOCK);
	char text[1026] = "";
	struct world_req r = { .done = false };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		(void)all_of(w, file);
		assert_writes(w, KMSG, cases[i].text, strlen(cases[i].text));
		assert_non_null(strstr(records(w), cases[i].record));
	}
	assert_true(world_logged(w, "two\\x0alines\n"));
	memset(text, 'x', 1025);
	assert_writes(w, KMSG, text, -EINVAL);
	text[1024] = '\0';
	assert_writes(w, KMSG, text, 1024);
	/* The last byte has no room. */
	assert_non_null(strstr(records(w), "12;xxx"));
	assert_null(strstr(records(w), text));
	text[1023] = '\0';
	assert_non_null(strstr(records(w), text));
	tree_release(file);
	world_req_fini(&r);
}

static void reader_waits(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, KMSG, O_RDWR);
	uint64_t end = (uint64_t)world_stat(w, KMSG).size;
	struct world_req r = { .done = false };
	unsigned int polled;

	world_req_read(&r, file, 8192, (off_t)end);
	assert_false(r.done);
	polled = tree_poll(file, NULL, NULL);
	assert_int_equal(polled, 0);
	assert_takes(w, KMSG, "<6>now");
	assert_true(r.done);
	assert_non_null(strstr(base_buf_text(&r.text), ",-;now\n"));
	assert_int_equal(r.result, (ssize_t)((uint64_t)world_stat(w, KMSG).size - end));
	world_req_fini(&r);
	/* A line for people wakes nobody. */
	world_req_read(&r, file, 8192, (off_t)end + r.result);
	assert_writes(w, "machine/clock/migrate_pages_per_ms", "x", -EINVAL);
	assert_false(r.done);
	tree_interrupt(&r.req, false);
	assert_int_equal(r.result, -EINTR);
	world_req_fini(&r);
	tree_release(file);
}

static void positions(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, KMSG, O_RDWR | O_NONBLOCK);
	struct world_req r = { .done = false };
	char first[128];
	ssize_t len = read_again(&r, file, 8192, 0);
	int err = 0;

	assert_in_range(len, 10, 127);
	snprintf(first, sizeof(first), "%s", base_buf_text(&r.text));
	assert_int_equal(read_again(&r, file, 8192, 0), len);
	assert_string_equal(base_buf_text(&r.text), first);
	/* What does not fit is skipped. */
	assert_int_equal(read_again(&r, file, 3, len), -EINVAL);
	assert_in_range(read_again(&r, file, 8192, len), 1, 8191);
	assert_true(!strncmp(base_buf_text(&r.text), "6,2,", 4));
	/* In the middle of a record: the next one. */
	assert_in_range(read_again(&r, file, 8192, 3), 1, 8191);
	assert_true(!strncmp(base_buf_text(&r.text), "6,1,", 4));
	assert_int_equal(read_again(&r, file, 8192, world_stat(w, KMSG).size), -EAGAIN);
	assert_true(tree_file_seek_data(file, 0, false, &err));
	assert_int_equal(err, 0);
	assert_int_equal(read_again(&r, file, 8192, 0), len);
	assert_true(tree_file_seek_data(file, 1, false, &err));
	assert_int_equal(err, -ESPIPE);
	assert_true(tree_file_seek_data(file, 0, true, &err));
	assert_int_equal(err, -EINVAL);
	world_req_fini(&r);
	tree_release(file);
}

static void overwritten(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, KMSG, O_RDWR | O_NONBLOCK);
	uint64_t number, size;
	struct world_req r = { .done = false };
	char text[1001] = "";

	memset(text, 'y', 1000);
	for (int i = 0; i < 200; i++)
		assert_takes(w, KMSG, text);
	size = (uint64_t)world_stat(w, KMSG).size;
	assert_true(size > 200 * 1000);
	assert_true(tree_poll(file, NULL, NULL) & POLLERR);
	assert_int_equal(read_again(&r, file, 8192, 0), -EPIPE);
	assert_in_range(read_again(&r, file, 8192, 0), 1000, 1040);
	number = strtoull(strchr(base_buf_text(&r.text), ',') + 1, NULL, 10);
	/* 128 KiB are left. */
	assert_in_range(number, 200 - 128, 260 - 120);
	world_req_fini(&r);
	tree_release(file);
}

/* A loaded machine has the records that are left, and no others. */
static void overwritten_and_saved(void **state)
{
	struct world *w = *state, *loaded = world_new_to_load(NULL, NULL);
	struct base_buf saved, why;
	struct base_moment when;
	const char *before, *after;
	size_t len, loaded_len;
	char text[1001] = "";

	base_buf_init(&saved);
	base_buf_init(&why);
	memset(text, 'y', 1000);
	for (int i = 0; i < 200; i++)
		assert_takes(w, KMSG, text);
	before = machine_kmsg(w->machine, &len);
	assert_int_equal(strlen(before), len);
	assert_in_range(len, (128 << 10) - 1100, 128 << 10);
	assert_int_equal(tree_save(w->tree, &saved), 0);
	assert_int_equal(tree_load(loaded->tree, saved.data, saved.len, &when, &why), 0);
	before = machine_kmsg(w->machine, &len);
	after = machine_kmsg(loaded->machine, &loaded_len);
	assert_int_equal(loaded_len, len);
	assert_string_equal(after, before);
	assert_int_equal(machine_kmsg_dropped(loaded->machine), machine_kmsg_dropped(w->machine));
	base_buf_fini(&saved);
	base_buf_fini(&why);
	world_free(loaded);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(boot),
		WORLD_TEST(levels),
		WORLD_TEST(writes),
		WORLD_TEST(reader_waits),
		WORLD_TEST(positions),
		WORLD_TEST(overwritten),
		WORLD_TEST(overwritten_and_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
