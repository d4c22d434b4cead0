// SPDX-License-Identifier: GPL-2.0-or-later
/* sys/class/dmi/id and sys/hypervisor: what firmware and Xen say about the machine. */
#include "world.h"

#define ID "sys/devices/virtual/dmi/id/"
#define RAM "memory: [{start: 0, end: 0x3fffffff, node: 0}]\n"

static void texts(void **state)
{
	struct world *w =
		world_new(RAM "dmi: [{sys_vendor: 'QEMU ', product_name: \"PC (1996) a:b\\xe9\","
			      " product_uuid: 0A-b, chassis_type: '1', product_sku: s,"
			      " bios_release: 1.2, ec_firmware_release: '3.4'}]\n");

	(void)state;
	assert_string_equal(world_link(w, "sys/class/dmi/id"), "../../devices/virtual/dmi/id");
	assert_string_equal(world_link(w, ID "subsystem"), "../../../../class/dmi");
	assert_reads(w, ID "sys_vendor", "QEMU \n");
	assert_reads(w, ID "product_uuid", "0A-b\n");
	assert_int_equal(world_stat(w, ID "product_uuid").mode, S_IFREG | 0400);
	assert_int_equal(world_stat(w, ID "sys_vendor").mode, S_IFREG | 0444);
	assert_false(world_exists(w, ID "board_vendor"));
	/* In an order of its own, without blanks, colons and what is not ASCII. */
	assert_reads(w, ID "modalias", "dmi:br1.2:efr3.4:svnQEMU:pnPC(1996)ab:ct1:skus:\n");
	assert_reads(w, ID "uevent", "MODALIAS=dmi:br1.2:efr3.4:svnQEMU:pnPC(1996)ab:ct1:skus:\n");
	world_watch(w);
	assert_takes(w, ID "uevent", "change");
	assert_string_equal(world_events(w), "change@/devices/virtual/dmi/id ");
	assert_string_equal(world_list(w, "sys/hypervisor"), "");
	world_free(w);
}

static void absent(void **state)
{
	struct world *w = world_new(RAM "arch: ppc64le\nblock_size: 256M\n");

	(void)state;
	assert_false(world_exists(w, "sys/class/dmi"));
	assert_false(world_exists(w, "sys/devices/virtual"));
	assert_false(world_exists(w, "sys/hypervisor"));
	world_free(w);
}

static void xen(void **state)
{
	struct world *w = world_new(RAM "hypervisor: xen\ndmi: [{product_uuid: 0A-B}]\n");
	struct world *none = world_new(RAM "hypervisor: xen\n");

	(void)state;
	assert_reads(w, "sys/hypervisor/type", "xen\n");
	assert_reads(w, "sys/hypervisor/uuid", "0a-b\n");
	assert_reads(w, "sys/hypervisor/version/extra", ".4\n");
	assert_reads(none, "sys/hypervisor/uuid", "00000000-0000-0000-0000-000000000000\n");
	world_free(w);
	world_free(none);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(absent),
		cmocka_unit_test(xen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
