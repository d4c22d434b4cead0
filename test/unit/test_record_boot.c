/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The description of a machine and what it booted with, from a directory with its files */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "memhp/base.h"
#include "memhp/record.h"

#define MEMORY "sys/devices/system/memory/"
#define NODE "sys/devices/system/node/"

static void put_bytes(const char *dir, const char *name, const void *data, size_t len)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void put(const char *dir, const char *name, const char *text)
{
	put_bytes(dir, name, text, strlen(text));
}

static void put_link(const char *dir, const char *target, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(symlink(target, path), 0);
}

static void put_block(const char *dir, unsigned int id, unsigned int node, const char *zone)
{
	char name[128], target[128];

	snprintf(name, sizeof(name), MEMORY "memory%u/state", id);
	put(dir, name, "online\n");
	snprintf(name, sizeof(name), MEMORY "memory%u/valid_zones", id);
	put(dir, name, zone);
	snprintf(name, sizeof(name), NODE "node%u/cpulist", node);
	put(dir, name, node ? "\n" : "0-1\n");
	snprintf(name, sizeof(name), MEMORY "memory%u/node%u", id, node);
	snprintf(target, sizeof(target), "../../node/node%u", node);
	put_link(dir, target, name);
	snprintf(name, sizeof(name), NODE "node%u/memory%u", node, id);
	snprintf(target, sizeof(target), "../../memory/memory%u", id);
	put_link(dir, target, name);
}

static void number(unsigned char *p, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (unsigned char)(value >> 8 * i);
}

static void memory_entry(unsigned char *p, unsigned int domain, uint64_t start, uint64_t len,
			 unsigned int flags)
{
	p[0] = 1;
	p[1] = 40;
	number(p + 2, domain, 4);
	number(p + 8, start, 8);
	number(p + 16, len, 8);
	number(p + 28, flags, 4);
}

/* Two CPUs in domains 7 and 3; memory of these, a window, and memory that is not enabled */
static void put_srat(const char *dir, size_t cut)
{
	unsigned char table[48 + 16 + 24 + 4 * 40] = "SRAT";
	unsigned char *p = table + 48;

	p[1] = 16; /* local APIC */
	p[2] = 7;
	number(p + 4, 1, 4);
	p += 16;
	p[0] = 2; /* local x2APIC */
	p[1] = 24;
	number(p + 4, 3, 4);
	number(p + 12, 1, 4);
	p += 24;
	memory_entry(p, 3, 0x20000000, 0x20000000, 1);
	memory_entry(p + 40, 7, 0, 0x20000000, 1);
	memory_entry(p + 80, 3, 0x100001000, 0x7ffff000, 3);
	memory_entry(p + 120, 9, 0x300000000, 0x10000000, 0);
	put_bytes(dir, "sys/firmware/acpi/tables/SRAT", table, sizeof(table) - cut);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

/* What record_print() makes of a machine of 1 GiB, whose upper half is in ZONE_MOVABLE at boot */
static void print(const char *cmdline, const char *version, size_t cut, bool plugged,
		  struct base_buf *buf)
{
	char dir[] = "/tmp/test_record.XXXXXX";

	assert_non_null(mkdtemp(dir));
	put(dir, MEMORY "block_size_bytes", "8000000\n");
	put(dir, MEMORY "auto_online_blocks", "online\n");
	for (unsigned int id = 0; id < 8; id++)
		put_block(dir, id, id / 4, id >= 4 ? "Movable\n" : id ? "DMA32\n" : "none\n");
	if (plugged)
		put_block(dir, 40, 1, "Movable\n");
	put(dir, NODE "possible", "0-1\n");
	put(dir, "proc/iomem", "00001000-0009fbff : System RAM\n00100000-3fffffff : System RAM\n");
	put(dir, "proc/cpuinfo", "vendor_id : GenuineIntel\n");
	put(dir, "proc/cmdline", cmdline);
	put(dir, "proc/version", version);
	put_srat(dir, cut);
	assert_int_equal(record_print(dir, stderr, buf), 0);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void expect(const struct base_buf *buf, const char *wanted, bool there)
{
	if (!strstr(base_buf_text(buf), wanted) == there)
		fail_msg("%s'%s' is in\n%s", there ? "not " : "", wanted, base_buf_text(buf));
}

static void test_boot(void **state)
{
	struct base_buf buf;

	base_buf_init(&buf);
	print("quiet movable_node memhp_default_state=online\n", "Linux version 6.12.9-cloud (x)\n",
	      0, false, &buf);
	expect(&buf, "\nkernel: \"6.12.9-cloud\"\n", true);
	expect(&buf, "\ncmdline: \"quiet movable_node memhp_default_state=online\"\n", true);
	expect(&buf, "\npossible_nodes: \"0-1\"\n", true);
	expect(&buf,
	       "memory:\n  - {start: 0x1000, end: 0x9fbff, node: 0}\n"
	       "  - {start: 0x100000, end: 0x1fffffff, node: 0}\n"
	       "  - {start: 0x20000000, end: 0x3fffffff, node: 1}\n",
	       true);
	/* from the first block in it; its domain is the second of the firmware */
	expect(&buf, "hotplug:\n  - {start: 0x108000000, end: 0x17fffffff, node: 1}\n", true);
	expect(&buf, "{domain: 7, node: 0}", true);
	expect(&buf, "{domain: 3, node: 1}", true);
	expect(&buf, "domain: 9", false);
	expect(&buf, "standby:", false);
	base_buf_fini(&buf);
}

/* What has changed since boot follows the command line; a kernel that is not known is a comment. */
static void test_changed(void **state)
{
	struct base_buf buf;

	base_buf_init(&buf);
	print("memhp_default_state=online_kernel\n", "Linux version 4.18.0 (x)\n", 0, true, &buf);
	expect(&buf,
	       "\ncmdline: \"memhp_default_state=online_kernel memhp_default_state=online\"\n",
	       true);
	expect(&buf, "# Its kernel is 4.18.0, which memhpfs does not know.\n", true);
	expect(&buf, "\nkernel:", false);
	/* in the window of the firmware, thus not there at boot */
	expect(&buf, "standby:\n  - {start: 0x140000000, end: 0x147ffffff, node: 1}\n", true);
	expect(&buf,
	       "hotplug:\n  - {start: 0x108000000, end: 0x13fffffff, node: 1}\n"
	       "  - {start: 0x148000000, end: 0x17fffffff, node: 1}\n",
	       true);
	base_buf_fini(&buf);
}

/* Of a table that is cut, the complete entries count. */
static void test_cut(void **state)
{
	struct base_buf buf;

	base_buf_init(&buf);
	print("\n", "Linux version 6.12.9 (x)\n", 41, false, &buf);
	expect(&buf, "hotplug:", false);
	expect(&buf, "  - {start: 0x20000000, end: 0x3fffffff, node: 1}\n", true);
	base_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
