/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model of memhpfs-view, on directories that look like a machine. */
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

#include "memhp/view.h"

#define MEMORY "sys/devices/system/memory/"
#define MAP_HEAD " block node zone state free movable unmovable pinned huge\n"

/** struct place - a directory, and what is seen in it */
struct place {
	char dir[32];
	struct view view;
	struct base_buf text;
};

static void put(const struct place *place, const char *how, const char *text, const char *name)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", place->dir, name);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	file = fopen(path, how);
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void put_block(const struct place *place, int number, const char *state, const char *zones)
{
	char name[80];

	snprintf(name, sizeof(name), MEMORY "memory%d/state", number);
	put(place, "w", state, name);
	snprintf(name, sizeof(name), MEMORY "memory%d/valid_zones", number);
	put(place, "w", zones, name);
	snprintf(name, sizeof(name), MEMORY "memory%d/node%d/x", number, number / 100);
	put(place, "w", "", name);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void drop_block(const struct place *place, int number)
{
	char path[120];

	snprintf(path, sizeof(path), "%s/" MEMORY "memory%d", place->dir, number);
	assert_int_equal(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	strcpy(place->dir, "/tmp/test_view.XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	put(place, "w", "8000000\n", MEMORY "block_size_bytes");
	put_block(place, 2, "online\n", "DMA32\n");
	put_block(place, 3, "online\n", "none\n");
	put_block(place, 100, "offline\n", "Normal Movable\n");
	put_block(place, 101, "online\n", "Movable\n");
	put(place, "w", "Node 1 MemTotal: 9 kB\nNode 1 MemFree: 5 kB\n",
	    "sys/devices/system/node/node1/meminfo");
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	view_close(&place->view);
	base_buf_fini(&place->text);
	nftw(place->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(place);
	return 0;
}

static struct view *look(struct place *place)
{
	struct base_text error;

	assert_int_equal(view_open(&place->view, place->dir, &error), 0);
	return &place->view;
}

static const char *explain(struct place *place, uint64_t number)
{
	base_buf_reset(&place->text);
	view_explain(&place->view, number, &place->text);
	return base_buf_text(&place->text);
}

static const char *event(const struct view *view, unsigned int back)
{
	assert_true(view->nr_events > back);
	return view->event[(view->nr_events - 1 - back) % VIEW_NR_EVENTS].text;
}

static void real_machine(void **state)
{
	struct view *view = look(*state);
	struct view_node sum = view_sum(view);

	assert_false(view->is_emulated);
	assert_int_equal(view->nr_blocks, 4);
	assert_int_equal(view->nr_nodes, 2);
	assert_int_equal(view->node[1].free, 5 << 10);
	assert_int_equal(sum.zone[VIEW_MOVABLE], MIB(128));
	assert_int_equal(sum.offline, MIB(128));
	assert_int_equal(view_kernel_bytes(&sum), MIB(256));
	assert_string_equal(explain(*state, 100), "memory100: offline, node 1\n"
						  "addresses 0x320000000-0x327ffffff, can become "
						  "Normal Movable\n");
	assert_string_equal(explain(*state, 3), "memory3: online, several zones, node 0\n"
						"addresses 0x18000000-0x1fffffff\n");
	assert_string_equal(explain(*state, 4), "memory4: there is no such block\n");
	base_buf_reset(&((struct place *)*state)->text);
	view_summary(view, &((struct place *)*state)->text);
	assert_string_equal(base_buf_text(&((struct place *)*state)->text),
			    "384M online: mixed 128M, DMA32 128M, Movable 128M; 128M "
			    "offline\nblocks of 128M\n");
}

/* Without uevents, blocks are seen by and by; nothing is missed for long. */
static void changes_without_uevents(void **state)
{
	struct view *view = look(*state);
	uint64_t before = view->changes;

	put_block(*state, 101, "going-offline\n", "Normal Movable\n");
	put_block(*state, 7, "online\n", "DMA\n");
	drop_block(*state, 2);
	for (int i = 0; i < 1000 && (view_find(view, 2) || !view_find(view, 7)); i++) {
		usleep(1000);
		assert_int_equal(view_refresh(view), 0);
	}
	assert_null(view_find(view, 2));
	assert_int_equal(view_find(view, 7)->zone, VIEW_DMA);
	assert_int_equal(view_find(view, 101)->state, VIEW_GOING_OFFLINE);
	assert_int_equal(view_find(view, 101)->zone, VIEW_MOVABLE);
	assert_true(view->changes >= before + 3);
	assert_int_equal(view->nr_blocks, 4);
	before = view->changes;
	assert_int_equal(view_refresh(view), 0);
	assert_int_equal(view->changes, before);
}

static void map_and_devices(void **state)
{
	struct place *place = *state;
	struct view *view;

	put(place, "w", "", "machine/log");
	put(place, "w", "0x320000000\n", "machine/virtio-mem/v0/addr");
	put(place, "w", "268435456\n", "machine/virtio-mem/v0/size");
	put(place, "w", "134217728\n", "machine/virtio-mem/v0/requested_size");
	put(place, "w", "2097152\n", "machine/virtio-mem/v0/plugged_size");
	put(place, "w", "1\n", "machine/virtio-mem/v0/plugged");
	put(place, "w",
	    MAP_HEAD "2 0 DMA32 online 1 2 3 4 5\n100 1 offline offline 0 0 0 0 0\n"
		     "524288 1 Movable online 7 0 0 0 0\n",
	    "machine/map");
	view = look(place);
	assert_true(view->is_emulated);
	assert_int_equal(view->nr_blocks, 3);
	assert_string_equal(explain(place, 2),
			    "memory2: online, DMA32, node 0, memory since boot\n"
			    "addresses 0x10000000-0x17ffffff\n"
			    "pages: 1 free, 2 movable, 3 unmovable, 4 pinned, 5 huge\n");
	assert_string_equal(
		explain(place, 100),
		"memory100: offline, node 1, virtio-mem v0 of 256M (gives 2M of 128M asked for)\n"
		"addresses 0x320000000-0x327ffffff, can become Normal Movable\n");
	assert_null(view_device_of(view, 102));
	put(place, "w", MAP_HEAD "2 0 DMA32 online 1 2 3 4 5\n101 1 Normal online 0 0 0 0 0\n",
	    "machine/map");
	for (int i = 0; i < 1000 && !view_find(view, 101); i++) {
		usleep(1000);
		assert_int_equal(view_refresh(view), 0);
	}
	assert_int_equal(view->nr_blocks, 2);
}

static void uevents_and_reasons(void **state)
{
	struct place *place = *state;
	struct view *view;

	put(place, "w", "", "machine/uevents");
	put(place, "w", "something else\nmemhpfs: memory2: 3 pages do not move\n", "machine/log");
	put(place, "w", "1500000000\n", "machine/clock/now_ns");
	view = look(place);
	assert_string_equal(view_why(view, 2), "3 pages do not move");
	assert_null(view_why(view, 3));
	assert_int_equal(view->event[0].time, 0);
	put_block(place, 100, "online\n", "Movable\n");
	put_block(place, 4, "offline\n", "DMA32\n");
	put_block(place, 5, "offline\n", "DMA32\n");
	put(place, "a",
	    "add@/devices/system/memory/memory4\nACTION=add\n\n"
	    "add@/devices/system/memory/memory5\nACTION=add\n\n"
	    "online@/devices/system/memory/memory100\nACTION=online\n\nadd@/devices/system/no",
	    "machine/uevents");
	put(place, "a",
	    "machine: dimm/d: too large\nmachine: dimm/d: too large\n"
	    "memhpfs: memory2: w is pinned\n",
	    "machine/log");
	assert_int_equal(view_refresh(view), 0);
	assert_string_equal(event(view, 0), "memory2: w is pinned");
	assert_string_equal(event(view, 1), "dimm/d: too large");
	assert_string_equal(event(view, 2), "memory100 online Movable");
	assert_string_equal(event(view, 3), "memory4-5 add ");
	assert_string_equal(view_why(view, 2), "w is pinned");
	assert_int_equal(view->event[1].time, 1500000000);
	assert_int_equal(view_find(view, 100)->zone, VIEW_MOVABLE);
	assert_non_null(view_find(view, 5));
	put(place, "a", "de/node7\n", "machine/uevents");
	assert_int_equal(view_refresh(view), 0);
	assert_string_equal(event(view, 0), "node7 add");
	assert_int_equal(view_poll_fd(view), -1);
	for (int i = 0; i < 3 * VIEW_NR_EVENTS; i++)
		put(place, "a", i % 2 ? "memhpfs: a\n" : "memhpfs: b\n", "machine/log");
	assert_int_equal(view_refresh(view), 0);
	assert_null(view_why(view, 2));
}

static void no_machine(void **state)
{
	struct base_text error;
	struct view view;

	assert_int_equal(view_open(&view, "/nonexistent", &error), -ENOENT);
	assert_string_equal(error.s, "No such file or directory");
	assert_int_equal(view_open(&view, "/proc/self", &error), -ENOENT);
	assert_string_equal(error.s, "sys/devices/system/memory: there is no memory that can be "
				     "hotplugged");
}

static void sizes(void **state)
{
	assert_string_equal(view_size_text(0).s, "0B");
	assert_string_equal(view_size_text(1536).s, "1.5K");
	assert_string_equal(view_size_text(GIB(100)).s, "100G");
	assert_string_equal(view_size_text(GIB(64) << 10).s, "64T");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(real_machine, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changes_without_uevents, set_up, tear_down),
		cmocka_unit_test_setup_teardown(map_and_devices, set_up, tear_down),
		cmocka_unit_test_setup_teardown(uevents_and_reasons, set_up, tear_down),
		cmocka_unit_test(no_machine),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
