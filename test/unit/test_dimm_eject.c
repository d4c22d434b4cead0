/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ejecting DIMMs: the two passes over their blocks, the rollback when a block does not go offline,
 * and signals for the writer.
 */
#include "dimm.h"

#define OST_BUSY "130\n"

/* ---- ejecting ------------------------------------------------------------------------------- */

static void eject_mixed(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=512M node=1");
	assert_takes(w, STATE(32), "online_kernel");
	assert_takes(w, STATE(34), "online_movable");
	assert_takes(w, STATE(35), "online");
	world_watch(w);
	assert_unplugs(w, "d0");
	assert_string_equal(world_events(w), OFFLINE(32) OFFLINE(34) OFFLINE(35) REMOVE(32)
						     REMOVE(33) REMOVE(34) REMOVE(35));
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "0\n");
	assert_false(world_logged(w, "Offline failed."));
}

/* 32 Movable, 33 held, 34 offline, 35 Movable. */
static void plug_with_a_held_block(struct world *w)
{
	assert_plugs(w, "d0", "size=512M node=1");
	assert_takes(w, STATE(32), "online_movable");
	assert_takes(w, STATE(33), "online_kernel");
	assert_takes(w, STATE(35), "online_movable");
	assert_int_equal(world_hold(w, "w0", "block=33 size=4K"), 2);
}

static void eject_rolls_back(void **state)
{
	struct world *w = *state;
	const char *log;

	plug_with_a_held_block(w);
	world_watch(w);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w), OFFLINE(32) OFFLINE(35) ONLINE(32) ONLINE(35));
	assert_string_equal(world_dimm_read(w, "d0", "ost"), OST_BUSY);
	assert_string_equal(world_dimm_read(w, "d0", "plugged"), "1\n");
	/* With the plain type: Movable blocks come back as Normal. Offline ones stay offline. */
	assert_reads(w, ZONES(32), "Normal\n");
	assert_reads(w, ZONES(33), "Normal\n");
	assert_reads(w, STATE(34), "offline\n");
	assert_reads(w, ZONES(35), "Normal\n");
	assert_true(world_exists(w, SYS_MEMORY "memory32/firmware_node"));
	/* Once, for the block that stopped the second pass. */
	log = strstr(base_buf_text(machine_log_text(w->machine)), "memory33: Offline failed.\n");
	assert_non_null(log);
	assert_null(strstr(strchr(log, '\n'), "Offline failed."));

	assert_takes(w, "machine/workload/w0/size", "0");
	assert_unplugs(w, "d0");
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "0\n");
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
}

/* A type remembered from an earlier, refused word is used. */
static void eject_rolls_back_to_the_remembered_type(void **state)
{
	struct world *w = *state;

	plug_with_a_held_block(w);
	assert_writes(w, STATE(32), "online_movable", -EINVAL);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_reads(w, ZONES(32), "Movable\n");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_reads(w, ZONES(32), "Normal\n");
}

static void eject_cannot_roll_back(void **state)
{
	struct world *w = *state;

	plug_with_a_held_block(w);
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "-12");
	world_watch(w);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w), OFFLINE(32) OFFLINE(35));
	assert_string_equal(world_dimm_read(w, "d0", "ost"), OST_BUSY);
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "0");
	/* The next eject finds them offline, and leaves them offline. */
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w), "");
	assert_reads(w, STATE(32), "offline\n");
}

static void eject_vetoed(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=256M node=1");
	assert_takes(w, STATE(32), "online");
	assert_takes(w, STATE(33), "online");
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "-28");
	world_watch(w);
	/* Whatever the reason, the error is EBUSY. */
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w), "");
	assert_string_equal(world_dimm_read(w, "d0", "ost"), OST_BUSY);
	assert_reads(w, STATE(32), "online\n");
	assert_true(world_logged(w, "memory memory32: Offline failed.\n"));
	assert_false(world_logged(w, "memory memory33: Offline failed.\n"));
	assert_takes(w, SYS_INJECT "MEM_GOING_OFFLINE/error", "0");
	assert_unplugs(w, "d0");
}

/* ---- the two passes ------------------------------------------------------------------------- */

/* Vetoes offlining of block @block @vetoes times, and counts the calls. */
struct vetoer {
	struct hp_notifier notifier;
	uint64_t start_pfn;
	unsigned int vetoes;
	unsigned int asked;
};

static int veto(struct hp_notifier *notifier, enum hp_action action, const struct hp_notify *arg)
{
	struct vetoer *v = base_container_of(notifier, struct vetoer, notifier);

	if (action != HP_GOING_OFFLINE)
		return 0;
	v->asked++;
	if (arg->start_pfn != v->start_pfn || !v->vetoes)
		return 0;
	v->vetoes--;
	return -EAGAIN;
}

static void veto_register(struct world *w, struct vetoer *v, uint64_t block, unsigned int vetoes)
{
	*v = (struct vetoer){
		.notifier.call = veto,
		.start_pfn = block * hp_block_pages(w->hp),
		.vetoes = vetoes,
	};
	hp_notifier_register(w->hp, &v->notifier);
}

static void plug_online(struct world *w)
{
	assert_takes(w, SYS_MEMORY "auto_online_blocks", "online");
	assert_plugs(w, "d0", "size=512M node=1");
	world_watch(w);
}

static void second_pass_helps(void **state)
{
	struct world *w = *state;
	struct vetoer v;

	plug_online(w);
	veto_register(w, &v, 33, 1);
	assert_unplugs(w, "d0");
	assert_string_equal(world_events(w), OFFLINE(32) OFFLINE(34) OFFLINE(35) OFFLINE(33)
						     REMOVE(32) REMOVE(33) REMOVE(34) REMOVE(35));
	assert_int_equal(v.asked, 5);
	assert_false(world_logged(w, "Offline failed."));
	hp_notifier_unregister(w->hp, &v.notifier);
}

static void second_pass_stops(void **state)
{
	struct world *w = *state;
	struct vetoer first, second;

	plug_online(w);
	veto_register(w, &first, 33, 2);
	veto_register(w, &second, 34, 99);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	/* 32 to 35, then 33 again, and no more. */
	assert_int_equal(first.asked, 5);
	assert_int_equal(second.vetoes, 98);
	assert_string_equal(world_events(w), OFFLINE(32) OFFLINE(35) ONLINE(32) ONLINE(35));
	/* 33 goes offline in the first pass now, 34 never. */
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w),
			    OFFLINE(32) OFFLINE(33) OFFLINE(35) ONLINE(32) ONLINE(33) ONLINE(35));
	hp_notifier_unregister(w->hp, &first.notifier);
	hp_notifier_unregister(w->hp, &second.notifier);
	assert_unplugs(w, "d0");
}

/* Blocks that the second pass took offline are also onlined again. */
static void second_pass_rolls_back(void **state)
{
	struct world *w = *state;
	struct vetoer first, second;

	plug_online(w);
	veto_register(w, &first, 33, 1);
	veto_register(w, &second, 34, 99);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_string_equal(world_events(w),
			    OFFLINE(32) OFFLINE(35) OFFLINE(33) ONLINE(32) ONLINE(33) ONLINE(35));
	hp_notifier_unregister(w->hp, &first.notifier);
	hp_notifier_unregister(w->hp, &second.notifier);
}

/* Many blocks: an eject must not nest. */
static void many_blocks(void **state)
{
	struct world *w = *state;

	assert_plugs(w, "d0", "size=64G node=1");
	assert_reads(w, SYS_MEMORY "memory543/state", "offline\n");
	assert_takes(w, SYS_MEMORY "memory543/online", "1");
	assert_unplugs(w, "d0");
	assert_false(world_exists(w, SYS_MEMORY "memory543"));
}

/* The writer of an eject may be killed; the kernel continues. */
static void interrupted(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	assert_plugs(w, "d0", "size=128M node=1");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_movable");
	assert_int_equal(world_mkdir(w, "machine/workload/a"), 0);
	assert_takes(w, "machine/workload/a/kind", "anon");
	assert_takes(w, "machine/workload/a/block", "32");
	assert_takes(w, "machine/workload/a/size", "4M");
	assert_takes(w, "machine/clock/migrate_pages_per_ms", "1");
	file = world_open_good(w, "machine/dimm/d0/plugged", O_WRONLY);
	world_req_write(&r, file, "0", 1);
	assert_false(r.done);
	assert_reads(w, SYS_MEMORY "memory32/state", "going-offline\n");
	tree_interrupt(&r.req, false);
	assert_true(r.done);
	assert_int_equal(r.result, -EINTR);
	world_req_fini(&r);
	/* No other eject is accepted meanwhile, and it cannot be removed. */
	assert_int_equal(world_file_write(file, "0", 1), -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), -EBUSY);
	tree_release(file);
	assert_takes(w, "machine/clock/advance_ns", "2000000000");
	assert_reads(w, "machine/dimm/d0/plugged", "0\n");
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
}

/* While it waits for the lock, a fatal signal cancels it. */
static void interrupted_in_queue(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	assert_plugs(w, "d0", "size=128M node=1");
	file = world_open_good(w, "machine/dimm/d0/plugged", O_WRONLY);
	world_lock(w);
	world_req_write(&r, file, "0", 1);
	tree_interrupt(&r.req, false);
	assert_false(r.done);
	tree_interrupt(&r.req, true);
	assert_true(r.done);
	assert_int_equal(r.result, -EINTR);
	world_req_fini(&r);
	world_unlock(w);
	assert_reads(w, "machine/dimm/d0/plugged", "1\n");
	assert_int_equal(world_file_write(file, "0", 1), 1);
	tree_release(file);
}

/* What firmware has heard: nothing of a request in the queue, then that it is in progress. */
static void in_progress(void **state)
{
	struct world *w = *state;
	struct tree_file *file;
	struct world_req r;

	assert_plugs(w, "d0", "size=128M node=1");
	assert_takes(w, SYS_MEMORY "memory32/state", "online_movable");
	assert_true(world_hold(w, "k", "block=32 size=4K") > 0);
	file = world_open_good(w, "machine/dimm/d0/plugged", O_WRONLY);
	world_lock(w);
	world_req_write(&r, file, "0", 1);
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "none\n");
	tree_interrupt(&r.req, true);
	world_req_fini(&r);
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "0\n");
	world_req_write(&r, file, "0", 1);
	world_unlock(w);
	assert_takes(w, "machine/clock/advance_ns", "3600000000000");
	assert_false(r.done);
	assert_reads(w, SYS_MEMORY "memory32/state", "going-offline\n");
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "132\n");
	assert_int_equal(world_rmdir(w, "machine/workload/k"), 0);
	assert_takes(w, "machine/clock/advance_ns", "10000000");
	assert_true(r.done);
	assert_int_equal(r.result, 1);
	assert_string_equal(world_dimm_read(w, "d0", "ost"), "0\n");
	world_req_fini(&r);
	tree_release(file);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(eject_mixed),
		WORLD_TEST(eject_rolls_back),
		WORLD_TEST(eject_rolls_back_to_the_remembered_type),
		WORLD_TEST(eject_cannot_roll_back),
		WORLD_TEST(eject_vetoed),
		WORLD_TEST(second_pass_helps),
		WORLD_TEST(second_pass_stops),
		WORLD_TEST(second_pass_rolls_back),
		WORLD_TEST(many_blocks),
		WORLD_TEST(interrupted),
		WORLD_TEST(interrupted_in_queue),
		WORLD_TEST(in_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
