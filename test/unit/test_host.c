// SPDX-License-Identifier: GPL-2.0-or-later
/* The host runs out of memory: that is EIO and a line of machine/log, and never ENOMEM. */
#include <errno.h>

#include "nomem.h"
#include "world.h"

#define SAYS "memhpfs: out of memory on the host"

static ssize_t write_state(struct world *w)
{
	return world_write(w, SYS_MEMORY "memory32/state", "online");
}

static ssize_t plug(struct world *w)
{
	return world_write(w, "machine/dimm/d0/plugged", "1");
}

static ssize_t make(struct world *w)
{
	return world_mkdir(w, "machine/virtio-mem/v");
}

static ssize_t change_mode(struct world *w)
{
	return world_chmod(w, SYS_MEMORY "memory1/state", 0600);
}

/* Each allocation fails once; what does not need it goes on. */
static void each_fails(ssize_t (*op)(struct world *w), bool is_plugged)
{
	unsigned int nr_failed = 0;
	long needed = 1;

	for (long n = -1; n < needed; n++) {
		struct world *w = world_new(NULL);
		ssize_t ret;

		assert_int_equal(world_mkdir(w, "machine/dimm/d0"), 0);
		assert_takes(w, "machine/dimm/d0/size", "1G");
		if (is_plugged)
			assert_takes(w, "machine/dimm/d0/plugged", "1");
		nomem_counted = 0;
		nomem_fail_at = n;
		ret = op(w);
		nomem_fail_at = -1;
		if (n < 0)
			needed = nomem_counted;
		if (ret < 0) {
			assert_int_equal(ret, -EIO);
			assert_non_null(strstr(world_read(w, "machine/log"), SAYS));
			nr_failed++;
		}
		world_free(w);
	}
	assert_true(nr_failed > 0);
}

static void host_has_none(void **state)
{
	each_fails(write_state, true);
	each_fails(plug, false);
	each_fails(make, false);
	each_fails(change_mode, false);
}

/* The emulated machine's memory is another matter. */
static void machine_has_none(void **state)
{
	struct world *w = world_new(NULL);

	assert_int_equal(world_mkdir(w, "machine/workload/w"), 0);
	assert_takes(w, "machine/workload/w/kind", "kernel");
	assert_writes(w, "machine/workload/w/size", "1T", -ENOMEM);
	assert_null(strstr(world_read(w, "machine/log"), SAYS));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_has_none),
		cmocka_unit_test(machine_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
