// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving and loading virtio-mem devices, including their drivers' state and retries. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "virtio_mem.h"

static void vmem_region(struct base_save *s, struct machine_vmem *v, struct machine *m)
{
	machine_region_save(m, s, &v->region, v->plugged);
}

static void vmem_group(struct base_save *s, struct machine_vmem *v, struct machine *m)
{
	hp_group_save(s, &v->group);
}

static void vmem_fake(struct base_save *s, struct machine_vmem *v, struct machine *m)
{
	mm_holder_save(m->mm, s, &v->fake);
}

static void vmem_fresh(struct base_save *s, struct machine_vmem *v, struct machine *m)
{
	mm_holder_save(m->mm, s, &v->fresh);
}

/* Without a retry, the due time does not matter. */
static void vmem_retry(struct base_save *s, struct machine_vmem *v, struct machine *m)
{
	if (!base_save_loads(s) && !v->retry.impl)
		v->retry_number = 0;
	v->retry_number = base_save_number(s, v->retry_number);
	if (v->retry_number)
		v->retry_due_ns = base_save_number(s, v->retry_due_ns);
}

static bool units_make_sense(const struct machine_vmem *v)
{
	uint64_t block = v->machine->spec->block_size, unit = v->unit_size;

	if (!v->group || !v->fake || !v->fresh || !v->sb_size)
		return false;
	if (unit < block || !BASE_ALIGNED(unit, block))
		return false;
	if (v->sbs != (v->in_sbm ? block / v->sb_size : 1) || !v->sbs)
		return false;
	return v->first == (v->region.start + unit - 1) / unit && v->next >= v->first &&
	       v->next - v->first <= v->region.size / unit + 1;
}

/* Only units up to the last one that was ever used have a state. */
static void vmem_units(struct base_save *s, struct machine_vmem *v, struct machine *m)
{
	uint64_t known = v->next - v->first, room;

	if (!v->plugged || !vmem_has_driver(v))
		return;
	if (base_save_loads(s)) {
		if (!s->error && !units_make_sense(v))
			base_save_fail(s, -EINVAL, "a virtio-mem device is invalid");
		if (s->error)
			return;
		room = v->region.size / v->unit_size + 1;
		v->state = calloc(room, 1);
		v->plugged_sb = calloc(room, v->sbs);
		if (!v->state || !v->plugged_sb) {
			base_save_fail(s, -ENOMEM, "out of memory");
			return;
		}
	}
	base_save_bytes(s, v->state, known);
	base_save_bytes(s, v->plugged_sb, known * v->sbs);
	memset(v->count, 0, sizeof(v->count));
	for (uint64_t i = 0; i < known; i++) {
		if (v->state[i] < VMEM_NR_STATES)
			v->count[v->state[i]]++;
		else
			base_save_fail(s, -EINVAL, "a unit is in an invalid state");
	}
}

static void vmem_notifier(struct base_save *s, struct machine_vmem *v, struct machine *m)
{
	if (v->plugged)
		vmem_attach(v, s);
}

#define VMEM_ROWS(ROW)                                                                             \
	ROW(SKIP, machine, "the owner, set on creation")                                           \
	ROW(NUMBERS, field)                                                                        \
	ROW(NUMBER, plugged)                                                                       \
	ROW(SKIP, was_plugged, "used by reboots only")                                             \
	ROW(WITH, region, vmem_region)                                                             \
	ROW(NUMBER, usable)                                                                        \
	ROW(TEXT, name)                                                                            \
	ROW(NUMBER, id)                                                                            \
	ROW(WITH, group, vmem_group)                                                               \
	ROW(WITH, notifier, vmem_notifier)                                                         \
	ROW(WITH, fake, vmem_fake)                                                                 \
	ROW(WITH, fresh, vmem_fresh)                                                               \
	ROW(SKIP, work, "no work is in progress")                                                  \
	ROW(SKIP, queued, "no work is in progress")                                                \
	ROW(SKIP, active, "no work is in progress")                                                \
	ROW(SKIP, again, "no work is in progress")                                                 \
	ROW(NUMBER, config_changed)                                                                \
	ROW(NUMBER, broken)                                                                        \
	ROW(WITH, retry, vmem_retry)                                                               \
	ROW(NUMBER, retry_ms)                                                                      \
	ROW(SKIP, retry_due_ns, "saved by vmem_retry()")                                           \
	ROW(SKIP, retry_number, "saved by vmem_retry()")                                           \
	ROW(NUMBER, plugged_size)                                                                  \
	ROW(NUMBER, told_size)                                                                     \
	ROW(NUMBER, requested)                                                                     \
	ROW(NUMBER, offline_size)                                                                  \
	ROW(NUMBER, offline_threshold)                                                             \
	ROW(NUMBER, in_sbm)                                                                        \
	ROW(NUMBER, unit_size)                                                                     \
	ROW(NUMBER, first)                                                                         \
	ROW(NUMBER, next)                                                                          \
	ROW(NUMBER, end)                                                                           \
	ROW(SKIP, state, "saved by vmem_units()")                                                  \
	ROW(SKIPS, count, "counted from the states")                                               \
	ROW(NUMBER, sb_size)                                                                       \
	ROW(NUMBER, sbs)                                                                           \
	ROW(WITH, plugged_sb, vmem_units)                                                          \
	ROW(NUMBER, have_unplugged)                                                                \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(vmem_save, struct machine_vmem, struct machine, VMEM_ROWS)

static struct machine_vmem *vmem_make(struct machine *m)
{
	struct machine_vmem *v;

	return machine_vmem_new(m, &v) ? NULL : v;
}

static int by_retry(const void *a, const void *b)
{
	const struct machine_vmem *const *x = a, *const *y = b;

	return (*x)->retry_number < (*y)->retry_number ? -1 :
							 (*x)->retry_number > (*y)->retry_number;
}

/* Retries that are due at the same time run in the order in which they were started. */
static void retries_start(struct base_save *s, struct machine *m)
{
	struct machine_vmem **waiting, *v;
	size_t nr = 0;

	TAILQ_FOREACH(v, &m->vmems, link)
		nr += v->plugged && v->retry_number;
	waiting = calloc(nr + 1, sizeof(struct machine_vmem *));
	nr = 0;
	TAILQ_FOREACH(v, &m->vmems, link) {
		if (waiting && v->plugged && v->retry_number)
			waiting[nr++] = v;
	}
	if (nr)
		qsort(waiting, nr, sizeof(struct machine_vmem *), by_retry);
	for (size_t i = 0; i < nr && !s->error; i++) {
		if (waiting[i]->retry_due_ns < m->clock->now_ns(m->clock))
			base_save_fail(s, -EINVAL, "a virtio-mem retry is overdue");
		else if (vmem_retry_at(waiting[i], waiting[i]->retry_due_ns))
			base_save_fail(s, -ENOMEM, "out of memory");
	}
	if (!waiting)
		base_save_fail(s, -ENOMEM, "out of memory");
	free(waiting);
}

void machine_vmems_save(struct machine *m, struct base_save *s)
{
	BASE_SAVE_TAILQ(s, &m->vmems, link, vmem_save, m, vmem_make(m));
	if (base_save_loads(s) && !s->error)
		retries_start(s, m);
}

bool machine_vmems_are_quiet(const struct machine *m)
{
	const struct machine_vmem *v;

	TAILQ_FOREACH(v, &m->vmems, link) {
		if (v->queued || v->active || v->again)
			return false;
	}
	return true;
}

const char *machine_vmem_resource(const struct machine *m, uint64_t start, const char *text)
{
	const struct machine_vmem *v;

	TAILQ_FOREACH(v, &m->vmems, link) {
		if (v->plugged && v->region.start == start && !strcmp(v->name, text))
			return v->name;
	}
	return strcmp(text, vmem_resource_name) ? NULL : vmem_resource_name;
}
