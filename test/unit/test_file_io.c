/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and writing files: reads in pieces, texts that grow meanwhile, writes as whole stores.
 */
#include "world.h"

#define STATE SYS_MEMORY "memory9/state"

/* ---- reading -------------------------------------------------------------------------------- */

static void read_in_pieces(void **state)
{
	struct tree_file *file = world_open_good(*state, STATE, O_RDONLY);
	static const char text[] = "online\n";
	char piece[] = "x";

	for (off_t off = 0; off < 7; off++) {
		piece[0] = text[off];
		assert_file_reads(file, 1, off, piece);
	}
	assert_file_reads(file, 1, 7, "");
	assert_file_reads(file, 1, 7, "");
	tree_release(file);
}

static void read_anywhere(void **state)
{
	static const struct {
		off_t off;
		const char *text;
	} cases[] = {
		{ 0, "online\n" }, { 1, "nline\n" },  { 3, "ine\n" },  { 6, "\n" },
		{ 7, "" },	   { 8, "" },	      { 100, "" },     { 4095, "" },
		{ 4096, "" },	   { 1LL << 40, "" }, { 2, "line\n" },
	};
	struct tree_file *file = world_open_good(*state, STATE, O_RDONLY);

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++)
		assert_file_reads(file, 4096, cases[i].off, cases[i].text);
	assert_file_reads(file, 0, 0, "");
	assert_file_reads(file, 4096, 0, "online\n");
	tree_release(file);
}

/* The text is generated again at 0 and after a jump; in between it is kept. */
static void read_shows_anew(void **state)
{
	struct world *w = *state;
	struct tree_file *file;

	assert_plugs(w, "d0", "size=128M node=1");
	file = world_open_good(w, SYS_MEMORY "memory32/state", O_RDONLY);
	assert_file_reads(file, 3, 0, "off");
	assert_takes(w, SYS_MEMORY "memory32/state", "online");
	assert_file_reads(file, 3, 3, "lin");
	assert_file_reads(file, 99, 6, "e\n");
	assert_file_reads(file, 99, 8, "");
	assert_file_reads(file, 99, 7, "");
	assert_file_reads(file, 2, 0, "on");
	assert_takes(w, SYS_MEMORY "memory32/state", "offline");
	assert_file_reads(file, 2, 2, "li");
	/* backwards, and beyond what was read */
	assert_file_reads(file, 2, 2, "fl");
	assert_takes(w, SYS_MEMORY "memory32/state", "online");
	assert_file_reads(file, 2, 5, "e\n");
	/* also when the last read stopped at 0 */
	assert_file_reads(file, 0, 0, "");
	assert_takes(w, SYS_MEMORY "memory32/state", "offline");
	assert_file_reads(file, 99, 0, "offline\n");
	tree_release(file);
}

static void read_own_snapshot(void **state)
{
	struct world *w = *state;
	struct tree_file *a = world_open_good(w, SYS_MEMORY "auto_online_blocks", O_RDWR);
	struct tree_file *b = world_open_good(w, SYS_MEMORY "auto_online_blocks", O_RDONLY);

	assert_file_reads(a, 3, 0, "off");
	assert_int_equal(world_file_write(a, "online", 6), 6);
	assert_file_reads(b, 99, 0, "online\n");
	assert_file_reads(a, 99, 3, "line\n");
	assert_file_reads(a, 99, 0, "online\n");
	tree_release(a);
	tree_release(b);
}

static void read_error(void **state)
{
	struct tree_file *file =
		world_open_good(*state, SYS_MEMORY "power/autosuspend_delay_ms", O_RDONLY);
	struct world_req r;

	assert_int_equal(world_file_read(&r, file, 100, 0), -EIO);
	assert_null(r.req.data);
	assert_int_equal(world_file_read(&r, file, 100, 5), -EIO);
	assert_int_equal(world_file_read(&r, file, 100, 0), -EIO);
	tree_release(file);
}

static void read_long_text(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, "proc/zoneinfo", O_RDONLY);
	const char *whole = world_read(w, "proc/zoneinfo");
	size_t len = strlen(whole), at = 0;
	struct world_req r;
	ssize_t n;

	assert_true(len > 4096);
	while ((n = world_file_read(&r, file, 1000, (off_t)at)) > 0) {
		assert_memory_equal(base_buf_text(&r.text), whole + at, (size_t)n);
		at += (size_t)n;
		world_req_fini(&r);
	}
	assert_int_equal(at, len);
	tree_release(file);
}

static void read_what_has_no_show(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_chmod(w, SYS_MEMORY "probe", 0600), 0);
	assert_int_equal(world_read_result(w, SYS_MEMORY "probe"), -EIO);
	assert_reads(w, SYS_MEMORY "uevent", "");
}

/* ---- a text that lines are added to ---------------------------------------------------------- */

static void add_lines(struct world *w, unsigned int first, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		hp_log(machine_hp(w->machine), "line %06u", first + i);
}

#define LINE_BYTES 12
#define LINES_MAX (256 * 1024 / LINE_BYTES)

static off_t log_size(struct world *w)
{
	struct tree_attr attr;

	assert_int_equal(tree_getattr(w->tree, world_ino(w, "machine/log"), &attr), 0);
	assert_false(attr.attr_fixed);
	return attr.size;
}

static void read_what_is_added(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, "machine/log", O_RDONLY);

	assert_int_equal(log_size(w), 0);
	assert_file_reads(file, 100, 0, "");
	add_lines(w, 0, 2);
	assert_int_equal(log_size(w), 2 * LINE_BYTES);
	assert_file_reads(file, 5, 0, "line ");
	add_lines(w, 2, 1);
	assert_file_reads(file, 100, 5, "000000\nline 000001\n");
	assert_file_reads(file, 10, 24, "line 00000");
	assert_file_reads(file, 10, 34, "2\n");
	assert_file_reads(file, 10, 36, "");
	assert_file_reads(file, 10, 36, "");
	add_lines(w, 3, 1);
	assert_file_reads(file, 10, 36, "line 00000");
	/* re-reading gives the current text */
	assert_file_reads(file, 100, 24, "line 000002\nline 000003\n");
	assert_file_reads(file, 100, 1000, "");
	tree_release(file);
}

static void read_behind_what_is_gone(void **state)
{
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, "machine/log", O_RDONLY);
	struct tree_file *late = world_open_good(w, "machine/log", O_RDONLY);
	struct world_req r;
	off_t off;

	add_lines(w, 0, LINES_MAX);
	assert_file_reads(late, LINE_BYTES, 0, "line 000000\n");
	off = world_file_read(&r, file, 1 << 20, 0);
	world_req_fini(&r);
	assert_int_equal(off, LINES_MAX * LINE_BYTES);
	assert_file_reads(file, 100, off, "");
	/* the first half of the log is dropped */
	add_lines(w, LINES_MAX, 2);
	assert_true(log_size(w) < off);
	assert_file_reads(file, LINE_BYTES, off, "line 021845\n");
	assert_file_reads(file, 100, off + LINE_BYTES, "line 021846\n");
	assert_file_reads(file, 100, off + 2 * LINE_BYTES, "");
	add_lines(w, LINES_MAX + 2, 1);
	assert_file_reads(file, 100, off + 2 * LINE_BYTES, "line 021847\n");
	/* a reader in the middle of the text still has it */
	assert_file_reads(late, LINE_BYTES, LINE_BYTES, "line 000001\n");
	off = 2 * LINE_BYTES;
	off += world_file_read(&r, late, 1 << 20, off);
	world_req_fini(&r);
	assert_file_reads(late, LINE_BYTES, off, "line 021845\n");
	/* everything unread was dropped, and more */
	add_lines(w, 100000, 3 * LINES_MAX);
	off += LINE_BYTES;
	assert_file_reads(late, 100, off, "line 021846\nline 021847\n");
	off += 2 * LINE_BYTES;
	assert_int_equal(world_file_read(&r, late, 1 << 20, off), log_size(w));
	assert_memory_equal(r.text.data, "line 1", 6);
	assert_memory_equal(r.text.data + log_size(w) - LINE_BYTES, "line 165534\n", LINE_BYTES);
	world_req_fini(&r);
	tree_release(file);
	tree_release(late);
}

/* ---- writing -------------------------------------------------------------------------------- */

static void write_what_has_no_store(void **state)
{
	struct world *w = *state;

	assert_writes(w, SYS_MEMORY "block_size_bytes", "1", -EACCES);
	assert_int_equal(world_chmod(w, SYS_MEMORY "block_size_bytes", 0644), 0);
	assert_writes(w, SYS_MEMORY "block_size_bytes", "1", -EIO);
	assert_writes(w, SYS_MEMORY "block_size_bytes", "", 0);
	assert_reads(w, SYS_MEMORY "block_size_bytes", "8000000\n");
	assert_writes(w, SYS_MEMORY "power/autosuspend_delay_ms", "1", -EIO);
}

static void write_nothing(void **state)
{
	struct world *w = *state;

	assert_writes(w, STATE, "", 0);
	assert_writes(w, SYS_MEMORY "probe", "", 0);
	assert_writes(w, SYS_MEMORY "soft_offline_page", "", 0);
	assert_writes(w, SYS_MEMORY "memory9/uevent", "", 0);
	assert_int_equal(world_mkdir(w, "machine/dimm/d0"), 0);
	assert_writes(w, "machine/dimm/d0/size", "", 0);
	/* debugfs calls the store nevertheless. */
	assert_writes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "", -EINVAL);
	assert_reads(w, STATE, "online\n");
}

/* Only the first page is used, and its length is the result. */
static void write_cut_at_a_page(void **state)
{
	struct world *w = *state;
	char text[5001];

	memset(text, 'x', sizeof(text));
	text[0] = '1';
	assert_int_equal(world_write_bytes(w, SYS_MEMORY "memory9/online", text, 5001), 4096);
	assert_int_equal(world_write_bytes(w, SYS_MEMORY "memory9/online", text, 4096), 4096);
	assert_int_equal(world_write_bytes(w, SYS_MEMORY "memory9/online", text, 4095), 4095);
	/* A word that is complete up to the cut. */
	memset(text, '0', sizeof(text));
	text[4095] = '7';
	assert_int_equal(world_write_bytes(w, SYS_PARAM "auto_movable_ratio", text, 5000), 4096);
	assert_reads(w, SYS_PARAM "auto_movable_ratio", "7\n");
	memset(text, 'x', sizeof(text));
	assert_int_equal(world_write_bytes(w, STATE, text, sizeof(text)), -EINVAL);
	/* A word followed by NULs to the end of the page. */
	memset(text, 0, sizeof(text));
	memcpy(text, "online", 6);
	assert_int_equal(world_write_bytes(w, SYS_MEMORY "auto_online_blocks", text, 5000), 4096);
	assert_reads(w, SYS_MEMORY "auto_online_blocks", "online\n");
}

static void write_cut_at_a_large_page(void **state)
{
	struct world *w = world_new("arch: arm64\npage_size: 64K\nblock_size: 512M\n"
				    "memory:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n");
	static char text[65537];
	struct tree_attr attr = world_stat(w, SYS_MEMORY "memory2/online");

	assert_int_equal(attr.size, 65536);
	assert_int_equal(attr.blksize, 65536);
	text[0] = '1';
	assert_int_equal(world_write_bytes(w, SYS_MEMORY "memory2/online", text, 65537), 65536);
	world_free(w);
}

static void write_with_nul(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_write_bytes(w, SYS_MEMORY "auto_online_blocks", "online\0junk", 11),
			 11);
	assert_reads(w, SYS_MEMORY "auto_online_blocks", "online\n");
	assert_int_equal(world_write_bytes(w, SYS_MEMORY "auto_online_blocks", "\0online", 7),
			 -EINVAL);
	assert_int_equal(world_write_bytes(w, STATE, "offline\n\0\n", 10), 10);
	assert_reads(w, STATE, "offline\n");
	assert_int_equal(world_write_bytes(w, SYS_MEMORY "memory9/online", "1\0\0", 3), 3);
	assert_reads(w, STATE, "online\n");
	assert_int_equal(world_write_bytes(w, SYS_PARAM "auto_movable_ratio", "12\0x", 4), 4);
	assert_reads(w, SYS_PARAM "auto_movable_ratio", "12\n");
}

/* Each write is a whole store, regardless of the file position. */
static void write_after_write(void **state)
{
	struct tree_file *file = world_open_good(*state, STATE, O_RDWR);

	assert_int_equal(world_file_write(file, "off", 3), -EINVAL);
	assert_int_equal(world_file_write(file, "line", 4), -EINVAL);
	assert_int_equal(world_file_write(file, "offline", 7), 7);
	assert_int_equal(world_file_write(file, "offline", 7), -EINVAL);
	assert_int_equal(world_file_write(file, "online\n", 7), 7);
	assert_file_reads(file, 99, 0, "online\n");
	tree_release(file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(read_in_pieces),
		WORLD_TEST(read_anywhere),
		WORLD_TEST(read_shows_anew),
		WORLD_TEST(read_own_snapshot),
		WORLD_TEST(read_error),
		WORLD_TEST(read_long_text),
		WORLD_TEST(read_what_has_no_show),
		WORLD_TEST(read_what_is_added),
		WORLD_TEST(read_behind_what_is_gone),
		WORLD_TEST(write_what_has_no_store),
		WORLD_TEST(write_nothing),
		WORLD_TEST(write_cut_at_a_page),
		cmocka_unit_test(write_cut_at_a_large_page),
		WORLD_TEST(write_with_nul),
		WORLD_TEST(write_after_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
