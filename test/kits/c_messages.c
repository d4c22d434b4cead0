/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests whose assertions fail. c.sh compares what they print; each failing line says FAILS. */
#include <memhp-test.h>

#define GIB (1ull << 30)
#define STATE "sys/devices/system/memory/memory32/state"

static void words_of_a_call(void **state)
{
	assert_memhp(*state, memhp_plug(*state, "dimm", "d0", GIB, 7)); /* FAILS */
}

static void call_that_should_fail(void **state)
{
	assert_memhp_fails(*state, memhp_plug(*state, "dimm", "d0", GIB, 7), EINVAL);
	assert_memhp_fails(*state, memhp_plug(*state, "dimm", "d0", GIB, 1), EBUSY); /* FAILS */
}

static void another_errno(void **state)
{
	assert_write_fails(*state, "machine/dimm", "1", EBUSY); /* FAILS */
}

static void refused_write(void **state)
{
	assert_memhp(*state, memhp_plug(*state, "dimm", "d0", GIB, 1));
	assert_fault(*state, "f", "phase=going_online", "block=32", "errno=ENOMEM");
	assert_write_fails(*state, STATE, "online", ENOMEM);
	assert_write(*state, "machine/fault/f/enabled", "0");
	assert_write(*state, STATE, "online");
	assert_write(*state, STATE, "onlin"); /* FAILS */
}

static void state_and_its_log(void **state)
{
	assert_memhp(*state, memhp_plug(*state, "dimm", "d0", GIB, 1));
	assert_online(*state, 32, NULL);
	assert_offline(*state, 32);
	assert_fault(*state, "f", "phase=going_online", "block=32-33", "errno=ENOMEM");
	assert_write_fails(*state, STATE, "online", ENOMEM);
	assert_block_state(*state, 32, "offline");
	assert_block_state(*state, 32, "online"); /* FAILS */
}

static void zones(void **state)
{
	assert_zones(*state, 3, "DMA32");
	assert_zones(*state, 3, "Movable"); /* FAILS */
}

static void no_such_block(void **state)
{
	assert_zones(*state, 32, "Movable"); /* FAILS */
}

static void text(void **state)
{
	assert_read(*state, "sys/devices/system/node/online", "0"); /* FAILS */
}

static void online(void **state)
{
	assert_online(*state, 40, "movable"); /* FAILS */
}

static void offline(void **state)
{
	assert_offline(*state, 0); /* FAILS */
}

static void uevents(void **state)
{
	assert_no_uevents(*state);
	assert_memhp(*state, memhp_plug(*state, "dimm", "d0", 256 << 20, 1));
	assert_online(*state, 32, NULL);
	assert_uevents(*state, "add memory32", "add memory33", "online memory32");
	assert_offline(*state, 32);
	assert_online(*state, 32, NULL);
	assert_uevents(*state, "offline memory32", "online memory33"); /* FAILS */
}

static void too_many_uevents(void **state)
{
	assert_memhp(*state, memhp_plug(*state, "dimm", "d0", 256 << 20, 1));
	assert_uevents(*state, "add memory32"); /* FAILS */
}

static void too_few_uevents(void **state)
{
	assert_uevents(*state, "add memory34"); /* FAILS */
}

/* Passes: code that uses files finds the machine. */
static void mounted(void **state)
{
	const char *root = assert_mount(*state);
	char path[4200], text[16] = "";
	FILE *file;

	assert_memhp(*state, memhp_plug(*state, "dimm", "d0", GIB, 1));
	snprintf(path, sizeof(path), "%s/%s", root, STATE);
	file = fopen(path, "r+");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	assert_string_equal(text, "offline\n");
	assert_true(fputs("online", file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_block_state(*state, 32, "online");
	assert_ptr_equal(assert_mount(*state), root);
}

/* Passes: the machine is the one that is asked for. */
static void which_machine(void **state)
{
	assert_read(*state, "sys/devices/system/node/possible", "0-3");
	assert_read(*state, "sys/devices/system/memory/auto_online_blocks", "online");
	assert_read(*state, "proc/sys/kernel/osrelease", "6.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		memhp_unit_test(words_of_a_call),
		memhp_unit_test(call_that_should_fail),
		memhp_unit_test(another_errno),
		memhp_unit_test(refused_write),
		memhp_unit_test(state_and_its_log),
		memhp_unit_test(zones),
		memhp_unit_test(no_such_block),
		memhp_unit_test(text),
		memhp_unit_test(online),
		memhp_unit_test(offline),
		memhp_unit_test(uevents),
		memhp_unit_test(too_many_uevents),
		memhp_unit_test(too_few_uevents),
		memhp_unit_test(mounted),
		memhp_unit_test(mounted),
		memhp_unit_test_on(which_machine, .machine = "four-nodes", .kernel = "6.1",
				   .cmdline = "memhp_default_state=online"),
		memhp_unit_test_on(which_machine, "no-such-machine"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
