// SPDX-License-Identifier: GPL-2.0-or-later
/* ACPI containers: DIMMs that are plugged and unplugged together. */
#include "world.h"

#define C "machine/container/c/"
#define DEVICE "sys/devices/system/container/ACPI0004:00"
#define EVENT(action) action "@/devices/system/container/ACPI0004:00 "

/* Two unplugged DIMMs of a block each, and a container for them. */
static void make(struct world *w, const char *second)
{
	assert_int_equal(world_mkdir(w, "machine/dimm/a"), 0);
	assert_int_equal(world_mkdir(w, "machine/dimm/b"), 0);
	assert_int_equal(world_dimm_write(w, "a", "size", "128M"), 4);
	assert_int_equal(world_dimm_write(w, "a", "node", "1"), 1);
	assert_int_equal(world_dimm_write(w, "b", "size", second), strlen(second));
	assert_int_equal(world_dimm_write(w, "b", "node", "1"), 1);
	assert_int_equal(world_mkdir(w, "machine/container/c"), 0);
	assert_takes(w, C "dimms", "a b\n");
}

static void as_one(void **state)
{
	struct world *w = *state;

	make(w, "128M");
	assert_reads(w, C "dimms", "a b\n");
	world_watch(w);
	assert_takes(w, C "plugged", "1");
	assert_string_equal(world_events(w),
			    EVENT("add") "add@/devices/system/memory/memory32 "
					 "add@/devices/system/memory/memory33 " EVENT("online"));
	assert_string_equal(world_link(w, "sys/bus/container/devices/ACPI0004:00"),
			    "../../../devices/system/container/ACPI0004:00");
	assert_reads(w, DEVICE "/online", "1\n");
	assert_takes(w, SYS_MEMORY "memory33/state", "online_movable");
	/* user space is asked, and has to do it */
	assert_writes(w, C "plugged", "0", -EBUSY);
	assert_string_equal(world_events(w),
			    "online@/devices/system/memory/memory33 " EVENT("change"));
	assert_writes(w, DEVICE "/online", "0", -EBUSY);
	assert_takes(w, SYS_MEMORY "memory33/state", "offline");
	assert_takes(w, DEVICE "/online", "0");
	assert_reads(w, DEVICE "/online", "0\n");
	(void)world_events(w);
	assert_takes(w, C "plugged", "0");
	assert_string_equal(world_events(w),
			    "remove@/devices/system/memory/memory33 "
			    "remove@/devices/system/memory/memory32 " EVENT("remove"));
	assert_false(world_exists(w, DEVICE));
	assert_string_equal(world_dimm_read(w, "a", "plugged"), "0\n");
	/* a different one the next time */
	assert_takes(w, C "plugged", "1");
	assert_true(world_exists(w, "sys/devices/system/container/ACPI0004:01"));
}

static void all_or_nothing(void **state)
{
	struct world *w = *state;

	make(w, "3M");
	world_watch(w);
	assert_writes(w, C "plugged", "1", -EINVAL);
	assert_string_equal(world_events(w),
			    EVENT("add") "add@/devices/system/memory/memory32 "
					 "remove@/devices/system/memory/memory32 " EVENT("remove"));
	assert_reads(w, C "plugged", "0\n");
	assert_string_equal(world_dimm_read(w, "a", "plugged"), "0\n");
	assert_false(world_exists(w, DEVICE));
}

static void words(void **state)
{
	struct world *w = *state;

	make(w, "128M");
	assert_writes(w, C "dimms", "a x", -ENOENT);
	assert_writes(w, C "dimms", "a a", -EEXIST);
	assert_reads(w, C "dimms", "a b\n");
	assert_writes(w, C "hid", "PNP0C80", -EINVAL);
	assert_takes(w, C "hid", "PNP0A06");
	assert_int_equal(world_dimm_write(w, "b", "plugged", "1"), 1);
	assert_writes(w, C "plugged", "1", -EBUSY);
	assert_int_equal(world_dimm_write(w, "b", "plugged", "0"), 1);
	assert_takes(w, C "plugged", "1");
	assert_true(world_exists(w, "sys/devices/system/container/PNP0A06:05"));
	assert_writes(w, C "hid", "ACPI0004", -EBUSY);
	assert_writes(w, C "dimms", "a", -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/container/c"), -EBUSY);
	/* one of them alone: it is unplugged, but still belongs to the container */
	assert_int_equal(world_dimm_write(w, "a", "plugged", "0"), 1);
	assert_int_equal(world_rmdir(w, "machine/dimm/a"), -EBUSY);
	assert_takes(w, "sys/devices/system/container/PNP0A06:05/online", "0");
	assert_takes(w, C "plugged", "0");
	assert_int_equal(world_rmdir(w, "machine/dimm/a"), 0);
	assert_int_equal(world_rmdir(w, "machine/container/c"), 0);
}

/* A removed DIMM is no longer found. */
static void dimm_gone(void **state)
{
	struct world *w = *state;

	make(w, "128M");
	assert_int_equal(world_rmdir(w, "machine/dimm/b"), 0);
	assert_writes(w, C "plugged", "1", -ENOENT);
	assert_reads(w, C "plugged", "0\n");
}

/* A killed writer stops waiting; the container is plugged nevertheless. */
static void killed(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	make(w, "128M");
	file = world_open_good(w, C "plugged", O_WRONLY);
	world_lock(w);
	world_req_write(&r, file, "1", 1);
	assert_false(r.done);
	tree_interrupt(&r.req, true);
	assert_true(r.done);
	assert_int_equal(r.result, -EINTR);
	world_req_fini(&r);
	tree_release(file);
	assert_int_equal(world_rmdir(w, "machine/container/c"), -EBUSY);
	world_unlock(w);
	assert_reads(w, C "plugged", "1\n");
	assert_true(world_exists(w, SYS_MEMORY "memory33"));
}

static void status(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	make(w, "128M");
	assert_reads(w, C "ost", "0\n");
	file = world_open_good(w, C "plugged", O_WRONLY);
	world_lock(w);
	world_req_write(&r, file, "1", 1);
	assert_reads(w, C "ost", "none\n");
	world_unlock(w);
	assert_true(r.done);
	world_req_fini(&r);
	assert_reads(w, C "ost", "0\n");
	assert_writes(w, C "plugged", "0", -EBUSY);
	assert_reads(w, C "ost", "130\n");
	assert_takes(w, DEVICE "/online", "0");
	world_lock(w);
	world_req_write(&r, file, "0", 1);
	assert_reads(w, C "ost", "132\n");
	world_unlock(w);
	assert_true(r.done);
	assert_reads(w, C "ost", "0\n");
	world_req_fini(&r);
	tree_release(file);
}

/* Firmware tells the kernel of a container only when all its DIMMs are there. */
static void status_without_room(void **state)
{
	struct world *w = *state;

	make(w, "1T");
	assert_writes(w, C "plugged", "1", -ENOSPC);
	assert_reads(w, C "ost", "0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(as_one),
		WORLD_TEST(all_or_nothing),
		WORLD_TEST(words),
		WORLD_TEST(dimm_gone),
		WORLD_TEST(killed),
		WORLD_TEST(status),
		WORLD_TEST(status_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
