// SPDX-License-Identifier: GPL-2.0-or-later
/* ACPI memory devices: what they show, and ejecting a DIMM through them. */
#include "world.h"

#define DEVICE(nn) "sys/bus/acpi/devices/PNP0C80:" nn
#define REAL(nn) "sys/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:" nn
#define ENABLED "sys/firmware/acpi/hotplug/memory/enabled"

static void devices(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=256M node=1 slot=10");
	assert_string_equal(world_link(w, DEVICE("0a")),
			    "../../../devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:0a");
	assert_string_equal(world_link(w, SYS_MEMORY "memory33/firmware_node"),
			    "../../../LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/PNP0C80:0a");
	assert_string_equal(world_link(w, REAL("0a/subsystem")), "../../../../../bus/acpi");
	assert_reads(w, REAL("0a/status"), "15\n");
	assert_reads(w, REAL("0a/hid"), "PNP0C80\n");
	assert_reads(w, REAL("0a/uid"), "0x0A\n");
	assert_reads(w, REAL("0a/path"), "\\_SB_.MHPC.MP0A\n");
	assert_reads(w, REAL("0a/modalias"), "acpi:PNP0C80:\n");
	assert_reads(w, REAL("0a/uevent"), "MODALIAS=acpi:PNP0C80:\n");
	/* The slots exist from the start. */
	assert_reads(w, REAL("00/status"), "0\n");
	assert_true(world_exists(w, REAL("0f")));
	assert_false(world_exists(w, REAL("10")));
	assert_false(world_exists(w, REAL("00/physical_node")));
	/* The blocks are bound in their order. */
	assert_string_equal(world_link(w, REAL("0a/physical_node")),
			    "../../../../system/memory/memory32");
	assert_string_equal(world_link(w, REAL("0a/physical_node1")),
			    "../../../../system/memory/memory33");
	assert_false(world_exists(w, REAL("0a/physical_node2")));
	assert_non_null(strstr(world_list(w, REAL("0a")), "physical_node1 "));
	world_watch(w);
	assert_takes(w, REAL("0a/uevent"), "change");
	assert_string_equal(world_events(w), "change@/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04/"
					     "PNP0C80:0a ");
}

/* The first character decides; the answer does not wait. */
static void eject(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=256M node=1");
	assert_writes(w, REAL("00/eject"), "0", -EINVAL);
	assert_writes(w, REAL("00/eject"), " 1", -EINVAL);
	assert_writes(w, REAL("00/eject"), "yes", -EINVAL);
	assert_takes(w, SYS_MEMORY "memory32/state", "online");
	assert_int_equal(world_hold(w, "k", "block=32 size=4K"), 2);
	assert_takes(w, REAL("00/eject"), "1");
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "130\n");
	assert_string_equal(world_dimm_read(w, "d0", "plugged"), "1\n");
	assert_int_equal(world_rmdir(w, "machine/workload/k"), 0);
	world_lock(w);
	assert_takes(w, REAL("00/eject"), "1 and more");
	assert_reads(w, REAL("00/status"), "15\n");
	world_unlock(w);
	assert_reads(w, REAL("00/status"), "0\n");
	assert_writes(w, REAL("00/eject"), "1", -ENODEV);
	assert_string_equal(world_dimm_read(w, "d0", "plugged"), "0\n");
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
}

/* A DIMM without a whole block has no memory that the kernel could let go. */
static void too_small(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=64M node=1");
	assert_reads(w, REAL("00/status"), "15\n");
	assert_false(world_exists(w, REAL("00/physical_node")));
	assert_writes(w, REAL("00/eject"), "1", -ENODEV);
	assert_reads(w, REAL("00/status"), "15\n");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_reads(w, REAL("00/status"), "0\n");
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
}

/* arm64's QEMU has other slots; a machine file can say how many there are. */
static void slots(void **state)
{
	static const char few[] = "arch: arm64\nslots: 2\n"
				  "memory:\n  - {start: 0x40000000, end: 0x7fffffff, node: 0}\n"
				  "hotplug:\n  - {start: 0x80000000, end: 0xffffffff, node: 0}\n";
	struct world *w = world_new(few);

	(void)state;
	assert_string_equal(world_list(w, "sys/bus/acpi/devices"),
			    "PNP0C80:00 PNP0C80:01 PNP0A06:01 ");
	assert_reads(w, "sys/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:01/uid", "DIMM devices\n");
	assert_false(world_exists(w, "sys/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04"));
	assert_plugs(w, "d0", "size=256M node=0");
	assert_string_equal(world_link(w, SYS_MEMORY "memory16/firmware_node"),
			    "../../../LNXSYSTM:00/LNXSYBUS:00/PNP0A06:01/PNP0C80:00");
	assert_int_equal(world_plug(w, "d1", "size=256M node=0 slot=2"), -ENOSPC);
	assert_plugs(w, "d2", "size=256M node=0");
	assert_int_equal(world_plug(w, "d3", "size=256M node=0"), -ENOSPC);
	world_free(w);
}

static void switched_off(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=256M node=1");
	assert_reads(w, ENABLED, "1\n");
	assert_writes(w, ENABLED, "2", -EINVAL);
	assert_writes(w, ENABLED, "0x0", -EINVAL);
	assert_takes(w, ENABLED, "0\n");
	assert_reads(w, ENABLED, "0\n");
	assert_writes(w, REAL("00/eject"), "1", -ENODEV);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "128\n");
	/* plugging still works */
	assert_plugs(w, "d1", "size=128M node=1");
	assert_true(world_exists(w, SYS_MEMORY "memory34"));
	assert_takes(w, ENABLED, "1");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
}

/* No handler for DIMMs. */
static void no_handler(void **state)
{
	struct world *w = world_new_cmdline(NULL, "acpi_no_memhotplug");

	(void)state;
	assert_false(world_exists(w, "sys/firmware/acpi/hotplug/memory"));
	assert_plugs(w, "d0", "size=256M node=1");
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
	assert_reads(w, REAL("00/status"), "15\n");
	assert_writes(w, REAL("00/eject"), "1", -ENODEV);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	world_free(w);
	w = world_new("arch: s390x\nmemory:\n  - {start: 0, end: 0x3fffffff, node: 0}\n");
	assert_false(world_exists(w, "sys/bus/acpi"));
	assert_false(world_exists(w, "sys/devices/LNXSYSTM:00"));
	assert_false(world_exists(w, "sys/firmware"));
	world_free(w);
}

#define ACPI_CONTAINER "sys/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04"
#define CONTAINER "sys/devices/system/container/PNP0A06:04"

/* The container of the slots is a device, too: in use while a block of a slot is online. */
static void container(void **state)
{
	struct world *w = *state;

	assert_string_equal(world_link(w, ACPI_CONTAINER "/physical_node"),
			    "../../../system/container/PNP0A06:04");
	assert_string_equal(world_link(w, CONTAINER "/firmware_node"),
			    "../../../LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04");
	assert_string_equal(world_link(w, "sys/bus/acpi/devices/PNP0A06:04"),
			    "../../../devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04");
	assert_string_equal(world_link(w, "sys/bus/container/devices/PNP0A06:04"),
			    "../../../devices/system/container/PNP0A06:04");
	assert_takes(w, ACPI_CONTAINER "/power/control", "on");
	assert_reads(w, ACPI_CONTAINER "/power/control", "on\n");
	assert_plugs(w, "d0", "size=256M node=1");
	assert_takes(w, SYS_MEMORY "memory33/state", "online");
	world_watch(w);
	assert_writes(w, CONTAINER "/online", "0", -EBUSY);
	assert_string_equal(world_events(w), "");
	assert_takes(w, SYS_MEMORY "memory33/state", "offline");
	(void)world_events(w);
	assert_takes(w, CONTAINER "/online", "0");
	assert_reads(w, CONTAINER "/online", "0\n");
	assert_string_equal(world_events(w), "offline@/devices/system/container/PNP0A06:04 ");
	assert_takes(w, CONTAINER "/online", "0");
	assert_string_equal(world_events(w), "");
	assert_takes(w, CONTAINER "/online", "1");
	assert_string_equal(world_events(w), "online@/devices/system/container/PNP0A06:04 ");
	assert_writes(w, CONTAINER "/online", "2", -EINVAL);
	/* Containers of machine/container have no ACPI device. */
	assert_int_equal(world_mkdir(w, "machine/container/c"), 0);
	assert_takes(w, "machine/container/c/plugged", "1");
	assert_false(world_exists(w, "sys/devices/system/container/ACPI0004:00/firmware_node"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(devices),	 WORLD_TEST(eject),	   WORLD_TEST(too_small),
		cmocka_unit_test(slots), WORLD_TEST(switched_off), cmocka_unit_test(no_handler),
		WORLD_TEST(container),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
