/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc, and the corresponding files of nodes: their layout compared with a recording of the same
 * machine, line by line, and their numbers where they do not depend on that kernel's allocations.
 *
 * MEMHP_SOURCE_DIR is the directory of the sources; the recordings are in test/unit/formats/.
 */
#include <ctype.h>

#include "world.h"

static const char recorded_machine[] = "possible_nodes: \"0-1\"\n" PC_LOW
				       "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"
				       "  - {start: 0x40000000, end: 0x7ffdffff, node: 1}\n"
				       "hotplug:\n"
				       "  - {start: 0x100000000, end: 0x67fffffff, node: 1}\n"
				       "cpus:\n"
				       "  - {list: \"0\", node: 0}\n"
				       "  - {list: \"1\", node: 1}\n";

static struct world *after_boot(void)
{
	return world_new(recorded_machine);
}

static struct world *with_dimm(void)
{
	struct world *w = world_new(recorded_machine);

	assert_plugs(w, "d0", "size=512M node=1");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_kernel");
	assert_takes(w, SYS_MEMORY "memory33/state", "online_movable");
	assert_takes(w, SYS_MEMORY "memory34/state", "online_movable");
	return w;
}

static char *recording(const char *name, const char *when)
{
	char path[512], *text = calloc(1, 65536);
	FILE *file;

	snprintf(path, sizeof(path), MEMHP_SOURCE_DIR "/test/unit/formats/%s.%s.txt", name, when);
	file = fopen(path, "r");
	if (!file)
		fail_msg("there is no %s", path);
	assert_in_range(fread(text, 1, 65535, file), 1, 65534);
	fclose(file);
	return text;
}

/* ---- comparing ------------------------------------------------------------------------------ */

/* Normalises a line of a recording and ours for comparison; both can be changed. */
typedef void normalise_fn(char *line);

/* Right-aligned numbers in fields: the fields keep their width. */
static void mask_fields(char *line)
{
	for (char *at = line + strlen(line); at-- > line;) {
		if (isdigit((unsigned char)*at) || (*at == ' ' && at[1] == '#'))
			*at = '#';
	}
}

/* Numbers of any length. */
static void mask_numbers(char *line)
{
	char *to = line;

	for (const char *at = line; *at; at++) {
		if (!isdigit((unsigned char)*at))
			*to++ = *at;
		else if (to == line || to[-1] != '#')
			*to++ = '#';
	}
	*to = '\0';
}

/*
 * For a zone, only what does not depend on allocations must agree: its location and the values that
 * follow from its size.
 */
static void mask_zoneinfo(char *line)
{
	static const char *const fixed[] = {
		"Node",
		"        boost",
		"        spanned",
		"        present",
		"        cma",
		"    cpu:",
		"              batch:",
		"  vm stats threshold:",
		"  start_pfn",
		"  node_unreclaimable",
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(fixed); i++) {
		if (!strncmp(line, fixed[i], strlen(fixed[i])))
			return;
	}
	mask_numbers(line);
}

static void assert_like(const char *ours, const char *name, const char *when, normalise_fn *mask)
{
	char *recorded = recording(name, when), *theirs = recorded, *copy = strdup(ours),
	     *mine = copy;
	unsigned int nr = 0;

	while (*theirs && *mine) {
		char *their_line = strsep(&theirs, "\n"), *my_line = strsep(&mine, "\n");

		nr++;
		/* Both end with a newline. */
		assert_non_null(theirs);
		assert_non_null(mine);
		mask(their_line);
		mask(my_line);
		if (strcmp(their_line, my_line))
			fail_msg("%s.%s line %u: \"%s\", recorded is \"%s\"", name, when, nr,
				 my_line, their_line);
	}
	if (*theirs || *mine)
		fail_msg("%s.%s: lines behind %u: \"%.30s\", recorded are \"%.30s\"", name, when,
			 nr, mine, theirs);
	free(recorded);
	free(copy);
}

static void masks(void **state)
{
	char field[] = "DirectMap4k:       12160 kB", number[] = "nr_free 12 3 a4";

	mask_fields(field);
	assert_string_equal(field, "DirectMap#k:############ kB");
	mask_numbers(number);
	assert_string_equal(number, "nr_free # # a#");
}

/* ---- layout --------------------------------------------------------------------------------- */

struct compared {
	const char *path, *name;
	normalise_fn *mask;
};

static const struct compared files[] = {
	{ "proc/meminfo", "proc_meminfo", mask_fields },
	{ "proc/zoneinfo", "proc_zoneinfo", mask_zoneinfo },
	{ SYS_NODE "node1/meminfo", "node_node1_meminfo", mask_fields },
	{ SYS_NODE "node1/vmstat", "node_node1_vmstat", mask_numbers },
	{ SYS_NODE "node1/numastat", "node_node1_numastat", mask_numbers },
};

static void layout_after_boot(void **state)
{
	struct world *w = after_boot();

	for (size_t i = 0; i < BASE_ARRAY_SIZE(files); i++)
		assert_like(world_read(w, files[i].path), files[i].name, "boot", files[i].mask);
	world_free(w);
}

static void layout_with_dimm(void **state)
{
	struct world *w = with_dimm();

	for (size_t i = 0; i < BASE_ARRAY_SIZE(files); i++)
		assert_like(world_read(w, files[i].path), files[i].name, "dimm", files[i].mask);
	world_free(w);
}

/* The recorded machine had other devices; our lines must be there, in the same order. */
static void assert_iomem(struct world *w, const char *when)
{
	char *text = recording("proc_iomem", when), *copy = strdup(world_read(w, "proc/iomem"));
	char *mine = copy, *line, *theirs = text;
	unsigned int nr = 0;

	while ((line = strsep(&mine, "\n")) && *line) {
		char wanted[128];

		/* its kernel's data has another length */
		if (strstr(line, "Kernel data"))
			continue;
		snprintf(wanted, sizeof(wanted), "%s\n", line);
		theirs = strstr(theirs, wanted);
		if (!theirs)
			fail_msg("iomem.%s has no \"%s\" there", when, line);
		assert_true(theirs == text || theirs[-1] == '\n');
		theirs += strlen(wanted);
		nr++;
	}
	assert_true(nr >= 17);
	free(text);
	free(copy);
}

static void iomem(void **state)
{
	struct world *boot = after_boot(), *dimm = with_dimm();

	assert_iomem(boot, "boot");
	assert_iomem(dimm, "dimm");
	world_free(boot);
	world_free(dimm);
}

static void cmdline(void **state)
{
	struct world *w = *state, *other;

	assert_reads(w, "proc/cmdline", "\n");
	other = world_new_cmdline(NULL, "console=ttyS0 dyndbg=\"file x +p\" mem=1G");
	assert_reads(other, "proc/cmdline", "console=ttyS0 dyndbg=\"file x +p\" mem=1G\n");
	world_free(other);
}

/* ---- numbers -------------------------------------------------------------------------------- */

static uint64_t meminfo(struct world *w, const char *label)
{
	return world_number(w, "proc/meminfo", label);
}

static void meminfo_follows(void **state)
{
	struct world *w = after_boot();
	uint64_t total = meminfo(w, "MemTotal:"), map = meminfo(w, "DirectMap2M:");

	assert_int_equal(map, 2 << 20);
	assert_int_equal(meminfo(w, "CommitLimit:"), total / 4 / 2 * 4);
	assert_true(meminfo(w, "MemAvailable:") < meminfo(w, "MemFree:"));
	assert_plugs(w, "d0", "size=256M node=1");
	assert_int_equal(meminfo(w, "MemTotal:"), total);
	assert_int_equal(meminfo(w, "DirectMap2M:"), map + 2 * 131072);
	assert_takes(w, SYS_MEMORY "memory32/online", "1");
	assert_int_equal(meminfo(w, "MemTotal:"), total + 131072);
	assert_int_equal(meminfo(w, "CommitLimit:"), (total + 131072) / 4 / 2 * 4);
	assert_int_equal(meminfo(w, "DirectMap2M:"), map + 2 * 131072);
	assert_takes(w, SYS_MEMORY "memory32/online", "0");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(meminfo(w, "MemTotal:"), total);
	assert_int_equal(meminfo(w, "DirectMap2M:"), map);
	/* A whole GiB that is added at once is one page of the direct map. */
	assert_plugs(w, "d1", "size=1152M node=1 addr=0x140000000");
	assert_int_equal(meminfo(w, "DirectMap1G:"), 1 << 20);
	assert_int_equal(meminfo(w, "DirectMap2M:"), map + 131072);
	world_free(w);
}

/* The text of one zone, up to the next one. */
static const char *zone_text(struct world *w, const char *header)
{
	struct base_buf *buf = &w->text[w->next_text++ % BASE_ARRAY_SIZE(w->text)];
	const char *at = strstr(world_read(w, "proc/zoneinfo"), header), *end;

	base_buf_reset(buf);
	if (!at) {
		fail_msg("there is no %s", header);
		return "";
	}
	end = strstr(at + 1, "\nNode ");
	base_buf_add(buf, at, end ? (size_t)(end + 1 - at) : strlen(at));
	return base_buf_text(buf);
}

static const char empty_zone[] = "  pages free     0\n"
				 "        boost    0\n"
				 "        min      %u\n"
				 "        low      %u\n"
				 "        high     %u\n"
				 "        promo    %u\n"
				 "        spanned  0\n"
				 "        present  0\n"
				 "        managed  0\n"
				 "        cma      0\n"
				 "        protection: (0, 0, 0, 0, 0)\n";

static void assert_empty_zone(struct world *w, const char *header, unsigned int wmark)
{
	char text[512];
	int len = snprintf(text, sizeof(text), "%s\n", header);

	snprintf(text + len, sizeof(text) - (size_t)len, empty_zone, wmark, wmark, wmark, wmark);
	assert_string_equal(zone_text(w, header), text);
}

static void zones_of_a_new_node(void **state)
{
	struct world *w = world_new("possible_nodes: \"0-1\"\n" PC_LOW
				    "  - {start: 1M, end: 0x7fffffff, node: 0}\n"
				    "hotplug:\n  - {start: 4G, end: 0x1ffffffff, node: 1}\n");

	assert_null(strstr(world_read(w, "proc/zoneinfo"), "Node 1"));
	assert_plugs(w, "d0", "size=256M node=1");
	/* Nothing was computed for it yet: not even the 32 pages of an empty Movable zone. */
	assert_empty_zone(w, "Node 1, zone      DMA", 0);
	assert_empty_zone(w, "Node 1, zone   Normal", 0);
	assert_empty_zone(w, "Node 1, zone  Movable", 0);
	assert_empty_zone(w, "Node 1, zone   Device", 0);
	assert_takes(w, SYS_MEMORY "memory8/state", "offline");
	assert_empty_zone(w, "Node 1, zone  Movable", 32);
	assert_empty_zone(w, "Node 1, zone   Normal", 0);
	assert_takes(w, SYS_MEMORY "memory33/state", "online_movable");
	/* The first zone with pages includes the node's counters. */
	assert_non_null(strstr(zone_text(w, "Node 1, zone  Movable"),
			       "\n  per-node stats\n      nr_inactive_anon 0\n"));
	assert_non_null(strstr(zone_text(w, "Node 1, zone  Movable"),
			       "\n  start_pfn:           1081344\n"));
	assert_null(strstr(zone_text(w, "Node 1, zone   Normal"), "per-node"));
	assert_takes(w, SYS_MEMORY "memory32/state", "online_kernel");
	assert_non_null(strstr(zone_text(w, "Node 1, zone   Normal"), "per-node"));
	assert_null(strstr(zone_text(w, "Node 1, zone  Movable"), "per-node"));
	world_free(w);
}

/* CPUs are listed by number, regardless of their node. */
static void pagesets(void **state)
{
	struct world *w = world_new("memory:\n  - {start: 1M, end: 0x1fffffff, node: 0}\n"
				    "cpus:\n"
				    "  - {list: \"0,2\", node: 0}\n"
				    "  - {list: \"1,7\", node: 1}\n");
	static const unsigned int cpus[] = { 0, 1, 2, 7 };
	const char *at = zone_text(w, "Node 0, zone    DMA32");
	char line[32];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cpus); i++) {
		snprintf(line, sizeof(line), "\n    cpu: %u\n", cpus[i]);
		at = strstr(at, line);
		assert_non_null(at);
		at += strlen(line) - 1;
	}
	assert_null(strstr(at, "\n    cpu:"));
	world_free(w);
}

/* Zones that an architecture does not have are not shown, nor are columns for them. */
static void zones_of_other_machines(void **state)
{
	static const struct {
		const char *arch, *block_size, *zones, *protection, *direct_map;
	} cases[] = {
		{ "arm64", "128M", "DMA DMA32 Normal Movable Device ", "(0, 0, 0, 0, 0)", NULL },
		{ "ppc64le", "128M", "Normal Movable Device ", "(0, 0, 0)",
		  "DirectMap4k:           0 kB\nDirectMap64k:          0 kB\n"
		  "DirectMap2M:      524288 kB\nDirectMap1G:           0 kB\n" },
		{ "s390x", "256M", "DMA Normal Movable ", "(0, 0, 0)",
		  "DirectMap4k:           0 kB\nDirectMap1M:      524288 kB\n"
		  "DirectMap2G:           0 kB\n" },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct base_buf zones;
		const char *text;
		struct world *w;
		char yaml[128];

		snprintf(yaml, sizeof(yaml),
			 "arch: %s\nblock_size: %s\nmemory:\n  - {start: 0, end: 0x1fffffff, "
			 "node: 0}\n",
			 cases[i].arch, cases[i].block_size);
		w = world_new(yaml);
		base_buf_init(&zones);
		for (const char *at = world_read(w, "proc/zoneinfo");
		     (at = strstr(at, "Node 0, zone"));) {
			at += strlen("Node 0, zone");
			at += strspn(at, " ");
			base_buf_printf(&zones, "%.*s ", (int)strcspn(at, "\n"), at);
		}
		assert_string_equal(base_buf_text(&zones), cases[i].zones);
		assert_non_null(strstr(world_read(w, "proc/zoneinfo"), cases[i].protection));
		text = strstr(world_read(w, "proc/meminfo"), "DirectMap");
		if (cases[i].direct_map)
			assert_string_equal(text, cases[i].direct_map);
		else
			assert_null(text);
		base_buf_fini(&zones);
		world_free(w);
	}
}

static void files_are_read_only(void **state)
{
	struct world *w = *state;

	assert_string_equal(
		world_list(w, "proc"),
		"pagetypeinfo iomem sys kpagecgroup kpageflags cmdline kpagecount swaps "
		"vmstat zoneinfo version buddyinfo meminfo ");
	assert_int_equal(world_stat(w, "proc/meminfo").mode, S_IFREG | 0444);
	assert_writes(w, "proc/meminfo", "x", -EACCES);
}

/* The kernel stops counting free chunks at 100000, and says so. */
static void free_chunks_are_counted_so_far(void **state)
{
	static const struct {
		const char *size, *shown;
	} cases[] = {
		{ "399872M", " 99968 " },
		{ "400000M", ">100000 " },
		{ "400128M", ">100000 " },
	};

	(void)state;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct world *w = world_new_cmdline(
			PC_LOW "  - {start: 0x100000, end: 0xbfffffff, node: 0}\n"
			       "  - {start: 4G, end: 0x3ffffffff, node: 0}\n"
			       "hotplug:\n  - {start: 16G, end: 0xffffffffff, node: 0}\n" ONE_CPU,
			"memhp_default_state=online_movable");
		const char *text;
		char config[40];

		snprintf(config, sizeof(config), "size=%s node=0", cases[i].size);
		assert_plugs(w, "d0", config);
		text = strstr(world_read(w, "proc/pagetypeinfo"),
			      "Node    0, zone  Movable, type      Movable ");
		assert_non_null(text);
		text = strstr(text, cases[i].shown);
		assert_true(text && text[strlen(cases[i].shown)] == '\n');
		world_free(w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks),
		cmocka_unit_test(layout_after_boot),
		cmocka_unit_test(layout_with_dimm),
		cmocka_unit_test(iomem),
		WORLD_TEST(cmdline),
		cmocka_unit_test(meminfo_follows),
		cmocka_unit_test(zones_of_a_new_node),
		cmocka_unit_test(pagesets),
		cmocka_unit_test(zones_of_other_machines),
		cmocka_unit_test(free_chunks_are_counted_so_far),
		WORLD_TEST(files_are_read_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
