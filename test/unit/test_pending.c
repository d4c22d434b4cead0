/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stores that need the hotplug lock while another call holds it: they wait in order of arrival,
 * invalid words are refused at once, and only a fatal signal ends the wait.
 */
#include "world.h"

enum { STATE, ONLINE, PROBE, PLUGGED, NR_STORES };

/* One of each; @bad: a text that is refused at once. */
static const struct {
	const char *path, *text, *bad;
	int bad_ret;
} stores[NR_STORES] = {
	[STATE] = { SYS_MEMORY "memory9/state", "offline", "off", -EINVAL },
	[ONLINE] = { SYS_MEMORY "memory10/online", "0", "2", -EINVAL },
	[PROBE] = { SYS_MEMORY "probe", "0x88000000", "0x88000001", -EINVAL },
	[PLUGGED] = { "machine/dimm/d0/plugged", "1\n", "", 0 },
};

struct waiting {
	struct tree_file *file[NR_STORES];
	struct world_req req[NR_STORES];
};

static void submit(struct world *w, struct waiting *s)
{
	assert_int_equal(world_mkdir(w, "machine/dimm/d0"), 0);
	assert_int_equal(world_dimm_write(w, "d0", "size", "128M"), 4);
	world_lock(w);
	for (size_t i = 0; i < NR_STORES; i++) {
		s->file[i] = world_open_good(w, stores[i].path, O_WRONLY);
		world_req_write(&s->req[i], s->file[i], stores[i].text, strlen(stores[i].text));
		assert_false(s->req[i].done);
	}
}

static void release(struct waiting *s)
{
	for (size_t i = 0; i < NR_STORES; i++)
		tree_release(s->file[i]);
}

static void assert_nothing_happened(struct world *w)
{
	assert_reads(w, SYS_MEMORY "memory9/state", "online\n");
	assert_reads(w, SYS_MEMORY "memory10/online", "1\n");
	assert_false(world_exists(w, SYS_MEMORY "memory17"));
	assert_false(world_exists(w, SYS_MEMORY "memory32"));
	assert_reads(w, "machine/dimm/d0/plugged", "0\n");
}

static void wait_for_the_lock(void **state)
{
	struct world *w = *state;
	struct waiting s;

	submit(w, &s);
	assert_nothing_happened(w);
	world_unlock(w);
	for (size_t i = 0; i < NR_STORES; i++) {
		assert_true(s.req[i].done);
		assert_int_equal(s.req[i].result, strlen(stores[i].text));
	}
	assert_reads(w, SYS_MEMORY "memory9/state", "offline\n");
	assert_reads(w, SYS_MEMORY "memory10/online", "0\n");
	assert_reads(w, SYS_MEMORY "memory17/state", "offline\n");
	assert_reads(w, SYS_MEMORY "memory32/state", "offline\n");
	release(&s);
}

static void bad_words_at_once(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_mkdir(w, "machine/dimm/d0"), 0);
	world_lock(w);
	for (size_t i = 0; i < NR_STORES; i++)
		assert_writes(w, stores[i].path, stores[i].bad, stores[i].bad_ret);
	assert_writes(w, SYS_MEMORY "memory9/state", "online ", -EINVAL);
	assert_writes(w, SYS_MEMORY "memory9/online", " 1", -EINVAL);
	assert_writes(w, SYS_MEMORY "probe", "x", -EINVAL);
	assert_writes(w, SYS_MEMORY "probe", "0x10000000000000000", -ERANGE);
	assert_writes(w, "machine/dimm/d0/plugged", "x", -EINVAL);
	world_unlock(w);
}

/* Operations that need no lock continue. */
static void others_go_on(void **state)
{
	struct world *w = *state;
	struct waiting s;

	submit(w, &s);
	assert_takes(w, SYS_MEMORY "auto_online_blocks", "online");
	assert_takes(w, SYS_PARAM "online_policy", "auto-movable");
	assert_takes(w, SYS_MEMORY "memory9/uevent", "change");
	assert_takes(w, SYS_MEMORY "memory9/power/control", "on");
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "-5");
	assert_reads(w, SYS_MEMORY "memory9/valid_zones", "DMA32\n");
	assert_true(world_number(w, "proc/meminfo", "MemTotal") > 0);
	assert_int_equal(world_hold(w, "w0", "size=4K"), 2);
	assert_int_equal(world_mkdir(w, "machine/dimm/d1"), 0);
	assert_int_equal(world_rmdir(w, "machine/dimm/d1"), 0);
	world_unlock(w);
	release(&s);
	/* Their changes count when the store acquires the lock. */
	assert_reads(w, SYS_MEMORY "memory32/state", "offline\n");
	assert_takes(w, SYS_INJECT "MEM_GOING_ONLINE/error", "0");
}

static void mild_signals_do_nothing(void **state)
{
	struct world *w = *state;
	struct waiting s;

	submit(w, &s);
	for (size_t i = 0; i < NR_STORES; i++) {
		tree_interrupt(&s.req[i].req, false);
		tree_interrupt(&s.req[i].req, false);
		assert_false(s.req[i].done);
	}
	world_unlock(w);
	for (size_t i = 0; i < NR_STORES; i++)
		assert_int_equal(s.req[i].result, strlen(stores[i].text));
	release(&s);
}

static void fatal_signals_end_it(void **state)
{
	struct world *w = *state;
	struct waiting s;

	submit(w, &s);
	for (size_t i = 0; i < NR_STORES; i++) {
		tree_interrupt(&s.req[i].req, true);
		assert_true(s.req[i].done);
		assert_int_equal(s.req[i].result, -EINTR);
		tree_interrupt(&s.req[i].req, true);
	}
	release(&s);
	world_unlock(w);
	assert_nothing_happened(w);
}

/* One in the middle of the queue, after a non-fatal signal. */
static void one_is_killed(void **state)
{
	struct world *w = *state;
	struct waiting s;

	submit(w, &s);
	tree_interrupt(&s.req[ONLINE].req, false);
	tree_interrupt(&s.req[ONLINE].req, true);
	assert_int_equal(s.req[ONLINE].result, -EINTR);
	world_unlock(w);
	assert_reads(w, SYS_MEMORY "memory9/state", "offline\n");
	assert_reads(w, SYS_MEMORY "memory10/state", "online\n");
	assert_reads(w, SYS_MEMORY "memory17/state", "offline\n");
	assert_int_equal(s.req[PLUGGED].result, 2);
	release(&s);
}

/* A DIMM whose insertion was cancelled is unchanged: it can be configured, plugged, removed. */
static void plug_given_up(void **state)
{
	struct world *w = *state;
	struct waiting s;

	submit(w, &s);
	tree_interrupt(&s.req[PLUGGED].req, true);
	assert_int_equal(s.req[PLUGGED].result, -EINTR);
	assert_int_equal(world_dimm_write(w, "d0", "size", "256M"), 4);
	world_unlock(w);
	release(&s);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "1"), 1);
	assert_true(world_exists(w, SYS_MEMORY "memory33"));

	world_lock(w);
	s.file[0] = world_open_good(w, "machine/dimm/d0/plugged", O_WRONLY);
	world_req_write(&s.req[0], s.file[0], "0", 1);
	tree_interrupt(&s.req[0].req, true);
	assert_int_equal(s.req[0].result, -EINTR);
	tree_release(s.file[0]);
	world_unlock(w);
	assert_reads(w, "machine/dimm/d0/plugged", "1\n");
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), 1);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), 0);
}

/* While the store waits, the DIMM is reserved. */
static void plug_waits(void **state)
{
	struct world *w = *state;
	struct waiting s;

	submit(w, &s);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "1"), -EBUSY);
	assert_int_equal(world_dimm_write(w, "d0", "plugged", "0"), -EBUSY);
	assert_int_equal(world_dimm_write(w, "d0", "size", "256M"), -EBUSY);
	assert_int_equal(world_rmdir(w, "machine/dimm/d0"), -EBUSY);
	world_unlock(w);
	assert_int_equal(s.req[PLUGGED].result, 2);
	release(&s);
}

/* ---- order ---------------------------------------------------------------------------------- */

static void first_come(void **state)
{
	static const char *const texts[] = { "offline", "offline", "online_movable",
					     "online",	"offline", "online_kernel" };
	static const ssize_t results[] = { 7, -EINVAL, 14, -EINVAL, 7, 13 };
	struct world *w = *state;
	struct tree_file *file = world_open_good(w, SYS_MEMORY "memory9/state", O_WRONLY);
	struct world_req req[BASE_ARRAY_SIZE(texts)];

	world_watch(w);
	world_lock(w);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(texts); i++) {
		world_req_write(&req[i], file, texts[i], strlen(texts[i]));
		assert_false(req[i].done);
	}
	world_unlock(w);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(texts); i++)
		assert_int_equal(req[i].result, results[i]);
	assert_string_equal(world_events(w), "offline@/devices/system/memory/memory9 "
					     "online@/devices/system/memory/memory9 "
					     "offline@/devices/system/memory/memory9 "
					     "online@/devices/system/memory/memory9 ");
	assert_reads(w, SYS_MEMORY "memory9/valid_zones", "DMA32\n");
	tree_release(file);
}

/* A block is removed while a store waits for it; a new one of its name is a different block. */
static void block_vanishes(void **state)
{
	struct world *w = *state;
	struct tree_file *unplug, *plug, *online, *states;
	struct world_req req[4];

	assert_plugs(w, "d0", "size=128M node=1");
	assert_int_equal(world_mkdir(w, "machine/dimm/d1"), 0);
	assert_int_equal(world_dimm_write(w, "d1", "size", "128M"), 4);
	unplug = world_open_good(w, "machine/dimm/d0/plugged", O_WRONLY);
	plug = world_open_good(w, "machine/dimm/d1/plugged", O_WRONLY);
	online = world_open_good(w, SYS_MEMORY "memory32/online", O_WRONLY);
	states = world_open_good(w, SYS_MEMORY "memory32/state", O_WRONLY);
	world_lock(w);
	world_req_write(&req[0], unplug, "0", 1);
	world_req_write(&req[1], plug, "1", 1);
	world_req_write(&req[2], online, "1", 1);
	world_req_write(&req[3], states, "online", 6);
	world_unlock(w);
	assert_int_equal(req[0].result, 1);
	assert_int_equal(req[1].result, 1);
	assert_int_equal(req[2].result, -ENODEV);
	assert_int_equal(req[3].result, -ENODEV);
	assert_reads(w, SYS_MEMORY "memory32/state", "offline\n");
	tree_release(unplug);
	tree_release(plug);
	tree_release(online);
	tree_release(states);
}

/* A store that is started while an earlier one is answered. */
struct chained {
	struct tree_req req;
	struct tree_file *file;
	struct world_req next;
	ssize_t result;
};

static void chained_done(struct tree_req *req, ssize_t result)
{
	struct chained *c = base_container_of(req, struct chained, req);

	c->result = result;
	world_req_write(&c->next, c->file, "online", 6);
}

static void store_from_an_answer(void **state)
{
	struct world *w = *state;
	struct chained c = { .req.done = chained_done };

	c.file = world_open_good(w, SYS_MEMORY "memory9/state", O_WRONLY);
	world_lock(w);
	tree_write(c.file, &c.req, "offline", 7);
	world_unlock(w);
	assert_int_equal(c.result, 7);
	assert_int_equal(c.next.result, 6);
	assert_reads(w, SYS_MEMORY "memory9/state", "online\n");
	tree_release(c.file);
}

/* ---- a block's device lock ------------------------------------------------------------------ */

/* A read of `online` waits while its block is going offline; only a fatal signal ends the wait. */
static void reads_wait_for_the_device(void **state)
{
	struct world *w = *state;
	struct tree_file *states = world_open_good(w, SYS_MEMORY "memory9/state", O_WRONLY);
	struct tree_file *online = world_open_good(w, SYS_MEMORY "memory9/online", O_RDONLY);
	struct world_req offlining, killed, patient;

	assert_int_equal(world_mkdir(w, "machine/workload/w"), 0);
	assert_takes(w, "machine/workload/w/kind", "pinned");
	assert_takes(w, "machine/workload/w/block", "9");
	assert_takes(w, "machine/workload/w/size", "4K");
	world_req_write(&offlining, states, "offline", 7);
	assert_false(offlining.done);
	world_req_read(&killed, online, 16, 0);
	world_req_read(&patient, online, 16, 0);
	assert_reads(w, SYS_MEMORY "memory10/online", "1\n");
	tree_interrupt(&killed.req, false);
	assert_false(killed.done);
	tree_interrupt(&killed.req, true);
	assert_int_equal(killed.result, -EINTR);
	assert_false(patient.done);
	assert_int_equal(world_rmdir(w, "machine/workload/w"), 0);
	assert_takes(w, "machine/clock/advance_ns", "10000000");
	assert_int_equal(offlining.result, 7);
	assert_int_equal(patient.result, 2);
	assert_string_equal(base_buf_text(&patient.text), "0\n");
	world_req_fini(&patient);
	tree_release(states);
	tree_release(online);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(wait_for_the_lock),	  WORLD_TEST(bad_words_at_once),
		WORLD_TEST(others_go_on),	  WORLD_TEST(mild_signals_do_nothing),
		WORLD_TEST(fatal_signals_end_it), WORLD_TEST(one_is_killed),
		WORLD_TEST(plug_given_up),	  WORLD_TEST(plug_waits),
		WORLD_TEST(first_come),		  WORLD_TEST(block_vanishes),
		WORLD_TEST(store_from_an_answer), WORLD_TEST(reads_wait_for_the_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
