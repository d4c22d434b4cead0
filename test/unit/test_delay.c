// SPDX-License-Identifier: GPL-2.0-or-later
/* Steps delayed by a fault plan: the writer waits, others continue, and the result is unchanged. */
#include "world.h"

#define F "machine/fault/f/"
#define STATE(n) SYS_MEMORY "memory" #n "/state"
#define MS UINT64_C(1000000)

static void plan(struct world *w, const char *phase, const char *block, const char *delay,
		 const char *error)
{
	if (!world_exists(w, "machine/fault/f"))
		assert_int_equal(world_mkdir(w, "machine/fault/f"), 0);
	assert_takes(w, F "enabled", "0");
	assert_takes(w, F "phase", phase);
	assert_takes(w, F "block", block);
	assert_takes(w, F "delay_ms", delay);
	assert_takes(w, F "errno", error);
	assert_takes(w, F "enabled", "1");
}

static void begin(struct world *w, struct world_req *r, const char *path, const char *text)
{
	world_req_write(r, world_open_good(w, path, O_WRONLY), text, strlen(text));
}

static void end(struct world_req *r, ssize_t result)
{
	assert_true(r->done);
	assert_int_equal(r->result, result);
	tree_release(r->req.file);
	world_req_fini(r);
}

static void configure(struct world *w)
{
	assert_plugs(w, "d0", "size=512M node=1");
	assert_takes(w, STATE(33), "online_movable");
	assert_int_equal(world_mkdir(w, "machine/dimm/d1"), 0);
	assert_takes(w, "machine/dimm/d1/size", "256M");
	assert_takes(w, "machine/dimm/d1/node", "1");
}

/* Each step is delayed, once without failing and once with it. */
static void each_step(void **state)
{
	static const struct {
		const char *phase, *path, *text, *during;
		int error; /* what the writer gets for EIO */
	} rows[] = {
		{ "prepare_online", STATE(32), "online", "offline\n", EIO },
		{ "going_online", STATE(32), "online", "offline\n", EIO },
		{ "isolate", STATE(33), "offline", "going-offline\n", EIO },
		{ "going_offline", STATE(33), "offline", "going-offline\n", EIO },
		{ "dissolve", STATE(33), "offline", "going-offline\n", EIO },
		{ "plug", "machine/dimm/d1/plugged", "1", "0\n", EIO },
		{ "memmap_alloc", "machine/dimm/d1/plugged", "1", "1\n", 0 },
		{ "eject", "machine/dimm/d0/plugged", "0", "1\n", EIO },
	};

	(void)state;
	for (size_t i = 0; i < 2 * BASE_ARRAY_SIZE(rows); i++) {
		struct world *w = world_new(NULL);
		bool fails = i % 2;
		struct world_req r;

		i /= 2;
		configure(w);
		plan(w, rows[i].phase, "any", "250", fails ? "EIO" : "none");
		begin(w, &r, rows[i].path, rows[i].text);
		assert_reads(w, rows[i].path, rows[i].during);
		assert_reads(w, F "hits", "1\n");
		base_vclock_advance(w->clock, 249 * MS);
		assert_false(r.done);
		assert_reads(w, rows[i].path, rows[i].during);
		base_vclock_advance(w->clock, 2 * MS);
		end(&r, fails && rows[i].error ? -rows[i].error : (ssize_t)strlen(rows[i].text));
		/* the engine is unchanged */
		assert_int_equal(world_rmdir(w, "machine/fault/f"), 0);
		if (world_exists(w, STATE(35))) {
			assert_takes(w, STATE(35), "online");
			assert_takes(w, STATE(35), "offline");
		}
		world_free(w);
		i = 2 * i + fails;
	}
}

static void migration_takes_longer(void **state)
{
	struct world *w = *state;
	struct world_req r;

	configure(w);
	plan(w, "migrate", "33", "100", "none");
	begin(w, &r, STATE(33), "offline");
	base_vclock_advance(w->clock, 99 * MS);
	assert_false(r.done);
	base_vclock_advance(w->clock, 2 * MS);
	end(&r, 7);
}

static void others_go_on(void **state)
{
	struct world *w = *state;
	struct world_req r, other, killed, online;

	configure(w);
	plan(w, "going_online", "32", "hang", "none");
	begin(w, &r, STATE(32), "online_movable");
	begin(w, &other, STATE(34), "online");
	begin(w, &killed, STATE(35), "online");
	/* takes the device lock, which belongs to this block only */
	world_req_read(&online, world_open_good(w, SYS_MEMORY "memory32/online", O_RDONLY), 4096,
		       0);
	assert_reads(w, SYS_MEMORY "memory33/valid_zones", "Movable\n");
	assert_writes(w, STATE(35), "nonsense", -EINVAL);
	assert_true(w->mm && world_number(w, "proc/meminfo", "MemTotal:") > 0);
	base_vclock_advance(w->clock, 3600 * 1000 * MS);
	assert_false(r.done || other.done || killed.done || online.done);
	tree_interrupt(&killed.req, true);
	end(&killed, -EINTR);
	/* the lock holder is not affected */
	tree_interrupt(&r.req, true);
	assert_false(r.done);
	assert_takes(w, F "enabled", "0");
	base_vclock_advance(w->clock, 1);
	end(&r, 14);
	end(&other, 6);
	end(&online, 2);
	assert_reads(w, STATE(32), "online\n");
	assert_reads(w, STATE(34), "online\n");
	assert_reads(w, STATE(35), "offline\n");
	assert_non_null(
		strstr(world_read(w, "machine/log"), "fault f: going_online of memory32 hangs"));
}

static void removal_lets_go(void **state)
{
	struct world *w = *state;
	struct world_req r;

	configure(w);
	plan(w, "going_offline", "any", "hang", "EBUSY");
	begin(w, &r, STATE(33), "offline");
	assert_int_equal(world_rmdir(w, "machine/fault/f"), 0);
	base_vclock_advance(w->clock, 1);
	end(&r, -EBUSY);
	assert_reads(w, STATE(33), "online\n");
}

/* A signal takes effect after the notifiers. */
static void signal_counts_afterwards(void **state)
{
	struct world *w = *state;
	struct world_req r;

	configure(w);
	plan(w, "going_offline", "any", "500", "none");
	begin(w, &r, STATE(33), "offline");
	tree_interrupt(&r.req, false);
	assert_false(r.done);
	base_vclock_advance(w->clock, 500 * MS);
	end(&r, -EINTR);
	assert_reads(w, STATE(33), "online\n");
}

/* A plug of many blocks that are onlined automatically is delayed at each. */
static void each_block_of_a_plug(void **state)
{
	struct world *w = *state;
	struct world_req r;

	configure(w);
	assert_takes(w, SYS_MEMORY "auto_online_blocks", "online");
	plan(w, "going_online", "any", "10", "none");
	begin(w, &r, "machine/dimm/d1/plugged", "1");
	assert_reads(w, STATE(36), "offline\n");
	assert_reads(w, STATE(37), "offline\n");
	base_vclock_advance(w->clock, 10 * MS);
	assert_reads(w, STATE(36), "online\n");
	assert_reads(w, STATE(37), "offline\n");
	assert_false(r.done);
	base_vclock_advance(w->clock, 10 * MS);
	end(&r, 1);
	assert_reads(w, STATE(37), "online\n");
}

/*
 * Memory being added is not in use before it is complete: it is not allocated, and no file counts
 * it.
 */
static void not_there_before(void **state)
{
	static const char *const files[] = { "proc/buddyinfo", "proc/pagetypeinfo", "proc/meminfo",
					     "proc/vmstat" };
	struct world *w = *state;
	char *before[BASE_ARRAY_SIZE(files)];
	struct world_req r;

	configure(w);
	plan(w, "going_online", "32", "250", "none");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(files); i++)
		before[i] = strdup(world_read(w, files[i]));
	begin(w, &r, STATE(32), "online");
	assert_false(r.done);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(files); i++) {
		assert_reads(w, files[i], before[i]);
		free(before[i]);
	}
	assert_int_equal(world_hold(w, "early", "block=32 size=4K"), -ENOMEM);
	assert_false(mm_pfn_online(w->mm, 32ULL << 15));
	base_vclock_advance(w->clock, 250 * MS);
	end(&r, 6);
	assert_int_equal(world_hold(w, "late", "block=32 size=4K"), 2);
}

/* Its address is reserved: devices that need no lock go elsewhere. */
static void place_is_taken(void **state)
{
	struct world *w = *state;
	uint64_t dimm, dax;
	struct world_req r;

	configure(w);
	plan(w, "plug", "any", "hang", "none");
	begin(w, &r, "machine/dimm/d1/plugged", "1");
	assert_int_equal(world_mkdir(w, "machine/dax/x"), 0);
	assert_takes(w, "machine/dax/x/size", "256M");
	assert_takes(w, "machine/dax/x/plugged", "1");
	assert_int_equal(world_rmdir(w, "machine/fault/f"), 0);
	base_vclock_advance(w->clock, 1);
	end(&r, 1);
	dimm = strtoull(world_read(w, "machine/dimm/d1/addr"), NULL, 0);
	dax = strtoull(world_read(w, "machine/dax/x/addr"), NULL, 0);
	assert_true(dimm + MIB(256) <= dax || dax + MIB(256) <= dimm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step),
		WORLD_TEST(migration_takes_longer),
		WORLD_TEST(others_go_on),
		WORLD_TEST(removal_lets_go),
		WORLD_TEST(signal_counts_afterwards),
		WORLD_TEST(each_block_of_a_plug),
		WORLD_TEST(not_there_before),
		WORLD_TEST(place_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
