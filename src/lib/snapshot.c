// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Snapshots in memory. A machine is saved as for a state file, and restored into one that has been
 * built from the same description, which all of them share.
 */
#include <errno.h>
#include <stdlib.h>

#include "lib_private.h"

/** struct memhp_snapshot - see the public header; @warnings: those of the machine */
struct memhp_snapshot {
	struct lib_spec *spec;
	struct base_buf saved;
	struct base_buf warnings;
};

void memhp_snapshot_free(struct memhp_snapshot *snapshot)
{
	if (!snapshot)
		return;
	lib_spec_unref(snapshot->spec);
	base_buf_fini(&snapshot->saved);
	base_buf_fini(&snapshot->warnings);
	free(snapshot);
}

static int save(struct memhp *m, struct memhp_snapshot **ret_snapshot)
{
	struct memhp_snapshot *snapshot = calloc(1, sizeof(*snapshot));
	int ret = -ENOMEM;

	if (snapshot) {
		snapshot->spec = lib_spec_ref(m->spec);
		base_buf_init(&snapshot->saved);
		base_buf_init(&snapshot->warnings);
		base_buf_add(&snapshot->warnings, base_buf_text(&m->warnings), m->warnings.len);
		ret = tree_save(m->sim->tree, &snapshot->saved);
		if (!ret && snapshot->warnings.failed)
			ret = -ENOMEM;
	}
	if (!ret) {
		*ret_snapshot = snapshot;
		return 0;
	}
	memhp_snapshot_free(snapshot);
	return lib_fail(m, ret, ret == -EBUSY ? "an operation is in progress" : "out of memory");
}

/* Builds the machine of a snapshot; the only error is that there is no memory. */
static int load(const struct memhp_snapshot *snapshot, struct sim **ret_sim)
{
	struct base_buf why;
	int ret;

	base_buf_init(&why);
	ret = sim_load(snapshot->spec->spec, &snapshot->saved, &why, ret_sim);
	base_buf_fini(&why);
	return ret;
}

static int make(const struct memhp_snapshot *snapshot, struct memhp **ret_machine)
{
	struct memhp *m = lib_new();
	int ret;

	if (!m)
		return -ENOMEM;
	base_buf_add(&m->warnings, base_buf_text(&snapshot->warnings), snapshot->warnings.len);
	ret = m->warnings.failed ? -ENOMEM : load(snapshot, &m->sim);
	if (ret) {
		memhp_free(m);
		return ret;
	}
	m->spec = lib_spec_ref(snapshot->spec);
	*ret_machine = m;
	return 0;
}

int memhp_snapshot(struct memhp *m, struct memhp_snapshot **ret_snapshot)
{
	int ret = lib_enter(m, LIB_BOOTED);

	return ret ? ret : lib_leave(m, save(m, ret_snapshot));
}

int memhp_from_snapshot(const struct memhp_snapshot *snapshot, struct memhp **ret_machine)
{
	return make(snapshot, ret_machine);
}

int memhp_fork(struct memhp *m, struct memhp **ret_machine)
{
	struct memhp_snapshot *snapshot;
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	ret = save(m, &snapshot);
	if (!ret) {
		ret = make(snapshot, ret_machine);
		memhp_snapshot_free(snapshot);
		if (ret)
			lib_fail(m, ret, "out of memory");
	}
	return lib_leave(m, ret);
}

static void replace(struct memhp *m, const struct memhp_snapshot *snapshot, struct sim *sim)
{
	struct lib_spec *spec = m->spec;

	lib_requests_forget(m);
	lib_end(m->sim);
	lib_listen_forget(m);
	m->sim = sim;
	m->spec = lib_spec_ref(snapshot->spec);
	lib_spec_unref(spec);
	m->listeners.log_told = m->log_end = lib_log_end(m);
	lib_listen_trace(m);
}

int memhp_restore(struct memhp *m, const struct memhp_snapshot *snapshot)
{
	struct sim *sim;
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	/* The function that called back still uses the machine that would be replaced. */
	if (m->depth > 1)
		return lib_leave(m, lib_fail(m, -EBUSY, "a callback of the machine is running"));
	if (m->mount)
		return lib_leave(m, lib_fail(m, -EBUSY, "the machine is mounted"));
	ret = load(snapshot, &sim);
	if (ret)
		lib_fail(m, ret, "out of memory");
	else
		replace(m, snapshot, sim);
	return lib_leave(m, ret);
}
