// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ACPI containers: modules and nodes with several memory devices that are plugged at once (the
 * kernel's drivers/acpi/container.c, drivers/base/container.c). Their driver requires user space to
 * take their contents offline before they are ejected.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine_private.h"

#define SUBSYSTEM "container"

const char *const machine_container_hids[MACHINE_NR_CONTAINER_HIDS] = {
	"ACPI0004",
	"PNP0A05",
	"PNP0A06",
};

/*
 * @name: of its device, while it is plugged
 * @dimms: its DIMMs; @next: the one that is being plugged or ejected
 * @offline: user space has taken it offline
 * @asker: gets the result while @busy
 * @ost: status that the kernel has reported to the firmware; @ost_before: of the request before
 * @error, @reason: why plugging failed, for @asker after the roll-back
 */
struct machine_container {
	struct machine *machine;
	int hid;
	char name[24];
	struct machine_dimm **dimms;
	size_t nr_dimms;
	size_t next;
	bool plugged;
	bool offline;
	bool busy;
	int ost;
	int ost_before;
	int error;
	struct machine_reason reason;
	struct hp_completion then;
	struct hp_completion *asker;
	TAILQ_ENTRY(machine_container) link;
};

int machine_container_new(struct machine *m, struct machine_container **ret_container)
{
	struct machine_container *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->machine = m;
	TAILQ_INSERT_TAIL(&m->containers, c, link);
	*ret_container = c;
	return 0;
}

static void container_destroy(struct machine *m, struct machine_container *c)
{
	TAILQ_REMOVE(&m->containers, c, link);
	free(c->dimms);
	free(c);
}

static int refuse_in_use(const struct machine_container *c)
{
	return machine_refuse(c->machine, -EBUSY,
			      c->busy ? "it is just being plugged or ejected: wait for that" :
					"it is plugged: write 0 to plugged first");
}

int machine_container_free(struct machine *m, struct machine_container *c)
{
	if (c->plugged || c->busy)
		return refuse_in_use(c);
	container_destroy(m, c);
	return 0;
}

void machine_container_free_all(struct machine *m)
{
	struct machine_container *c;

	while ((c = TAILQ_FIRST(&m->containers)))
		container_destroy(m, c);
}

int machine_container_hid(const struct machine_container *c)
{
	return c->hid;
}

int machine_container_set_hid(struct machine_container *c, int hid)
{
	if (c->plugged || c->busy)
		return refuse_in_use(c);
	c->hid = hid;
	return 0;
}

int machine_container_ost(const struct machine_container *c)
{
	return c->ost;
}

bool machine_container_plugged(const struct machine_container *c)
{
	return c->plugged;
}

const char *machine_container_name(const struct machine_container *c)
{
	return c->name;
}

bool machine_container_holds(const struct machine *m, const struct machine_dimm *dimm)
{
	const struct machine_container *c;

	TAILQ_FOREACH(c, &m->containers, link) {
		for (size_t i = 0; (c->plugged || c->busy) && i < c->nr_dimms; i++) {
			if (c->dimms[i] == dimm)
				return true;
		}
	}
	return false;
}

static void device_uevent(struct machine *m, const char *name, const char *action, const char *key)
{
	char devpath[64];

	snprintf(devpath, sizeof(devpath), "/devices/system/container/%s", name);
	if (key)
		hp_uevent_send_key(m->hp, action, devpath, SUBSYSTEM, key);
	else
		hp_uevent_send(m->hp, action, devpath, SUBSYSTEM);
}

static void container_uevent(struct machine_container *c, const char *action, const char *key)
{
	device_uevent(c->machine, c->name, action, key);
}

static void container_answer(struct machine_container *c, int ret)
{
	struct hp_completion *asker = c->asker;

	/* acpi_device_hotplug(). If not all could be plugged, firmware never told the kernel. */
	if (c->error)
		c->ost = c->ost_before;
	else
		c->ost = !ret	       ? MACHINE_OST_SUCCESS :
			 ret == -EBUSY ? MACHINE_OST_DEVICE_BUSY :
					 MACHINE_OST_NON_SPECIFIC_FAILURE;
	c->busy = false;
	c->asker = NULL;
	if (asker)
		asker->fn(asker, ret);
}

/* ---- plugging and ejecting DIMMs one by one -------------------------------------------------- */

static void container_gone(struct machine_container *c)
{
	c->plugged = false;
	/* The DIMMs no longer belong to it and may be removed. */
	c->nr_dimms = 0;
	container_uevent(c, "remove", NULL);
	if (c->error)
		c->machine->reason = c->reason;
	container_answer(c, c->error);
}

/* Ejects the DIMMs before @next, the last one first. */
static void eject_next(struct machine_container *c)
{
	if (!c->next) {
		container_gone(c);
		return;
	}
	machine_dimm_plug(c->machine, c->dimms[--c->next], false, &c->then);
}

static void ejected(struct hp_completion *then, int ret)
{
	struct machine_container *c = base_container_of(then, struct machine_container, then);

	if (ret)
		container_answer(c, ret);
	else
		eject_next(c);
}

static void plug_next(struct machine_container *c)
{
	if (c->next == c->nr_dimms) {
		container_uevent(c, "online", NULL);
		container_answer(c, 0);
		return;
	}
	machine_dimm_plug(c->machine, c->dimms[c->next], true, &c->then);
}

static void plugged(struct hp_completion *then, int ret)
{
	struct machine_container *c = base_container_of(then, struct machine_container, then);

	if (!ret) {
		c->next++;
		plug_next(c);
		return;
	}
	/* Either all are plugged or none. */
	c->error = ret;
	c->reason = c->machine->reason;
	c->then.fn = ejected;
	eject_next(c);
}

static void name_choose(struct machine *m, struct machine_container *c)
{
	unsigned int *next = &m->next_container[c->hid];

	snprintf(c->name, sizeof(c->name), "%s:%02x", machine_container_hids[c->hid], (*next)++);
}

int machine_container_plug(struct machine *m, struct machine_container *c,
			   struct machine_dimm *const *dimms, size_t nr_dimms,
			   struct hp_completion *asker)
{
	struct machine_dimm **copy;

	if (c->busy)
		return refuse_in_use(c);
	for (size_t i = 0; i < nr_dimms; i++) {
		if (machine_dimm_plugged(dimms[i]) || machine_container_holds(m, dimms[i]))
			return machine_refuse(m, -EBUSY,
					      "DIMM number %zu of its dimms is plugged "
					      "already, or in another container",
					      i + 1);
	}
	copy = calloc(nr_dimms + 1, sizeof(struct machine_dimm *));
	if (!copy)
		return -ENOMEM;
	memcpy(copy, dimms, nr_dimms * sizeof(struct machine_dimm *));
	free(c->dimms);
	c->dimms = copy;
	c->nr_dimms = nr_dimms;
	c->next = 0;
	c->error = 0;
	c->plugged = true;
	c->offline = false;
	c->busy = true;
	c->ost_before = c->ost;
	c->ost = MACHINE_OST_NONE;
	c->asker = asker;
	c->then.fn = plugged;
	name_choose(m, c);
	return 0;
}

void machine_container_start(struct machine_container *c)
{
	container_uevent(c, "add", NULL);
	plug_next(c);
}

int machine_container_eject(struct machine *m, struct machine_container *c,
			    struct hp_completion *asker)
{
	if (c->busy)
		return refuse_in_use(c);
	/* acpi_scan_is_offline(): a uevent asks user space to take it offline. */
	if (!c->offline) {
		c->ost = MACHINE_OST_DEVICE_BUSY;
		container_uevent(c, "change", "EVENT=offline");
		return machine_refuse(m, -EBUSY,
				      "user space has been asked to take it offline, "
				      "but has not done so: write 0 to "
				      "sys/devices/system/container/%s/online first",
				      c->name);
	}
	c->busy = true;
	c->ost = MACHINE_OST_EJECT_IN_PROGRESS;
	c->asker = asker;
	c->error = 0;
	c->next = c->nr_dimms;
	c->then.fn = ejected;
	eject_next(c);
	return 0;
}

/* ---- states set by user space ---------------------------------------------------------------- */

bool machine_container_offline(const struct machine_container *c)
{
	return c->offline;
}

static bool dimm_is_used(const struct machine *m, const struct machine_dimm *dimm)
{
	uint64_t start = machine_dimm_get(dimm, MACHINE_DIMM_ADDR);
	uint64_t end = start + machine_dimm_get(dimm, MACHINE_DIMM_SIZE);
	uint64_t size = m->spec->block_size;

	/* It may have been ejected on its own. */
	if (!machine_dimm_plugged(dimm))
		return false;
	for (uint64_t id = start / size; id * size < end; id++) {
		const struct hp_block *block = hp_block_find(m->hp, id);

		if (block && hp_block_is_online(block))
			return true;
	}
	return false;
}

static bool is_used(const struct machine_container *c)
{
	for (size_t i = 0; i < c->nr_dimms; i++) {
		if (dimm_is_used(c->machine, c->dimms[i]))
			return true;
	}
	return false;
}

int machine_container_set_offline(struct machine_container *c, bool offline)
{
	if (offline == c->offline)
		return 0;
	/* acpi_container_offline() */
	if (offline && is_used(c))
		return -EBUSY;
	c->offline = offline;
	container_uevent(c, offline ? "offline" : "online", NULL);
	return 0;
}

/* ---- the firmware's container of the DIMM slots ---------------------------------------------- */

const char *machine_slots_container_name(const struct machine *m)
{
	return m->slots_name;
}

void machine_slots_container_init(struct machine *m)
{
	unsigned int nr = m->spec->arch->slot_container;

	snprintf(m->slots_name, sizeof(m->slots_name), "%s:%02x",
		 machine_container_hids[MACHINE_CONTAINER_PNP0A06], nr);
	/* Firmware uses the numbers up to this one. */
	m->next_container[MACHINE_CONTAINER_PNP0A06] = nr + 1;
}

bool machine_slots_offline(const struct machine *m)
{
	return m->slots_offline;
}

int machine_slots_set_offline(struct machine *m, bool offline)
{
	struct machine_dimm *dimm = NULL;

	if (offline == m->slots_offline)
		return 0;
	while ((dimm = machine_dimm_next(m, dimm))) {
		if (offline && !machine_container_holds(m, dimm) && dimm_is_used(m, dimm))
			return -EBUSY;
	}
	m->slots_offline = offline;
	device_uevent(m, m->slots_name, offline ? "offline" : "online", NULL);
	return 0;
}

/* ---- saving and loading ---------------------------------------------------------------------- */

static void container_dimms(struct base_save *s, struct machine_container *c, struct machine *m)
{
	c->nr_dimms = base_save_count(s, c->nr_dimms);
	if (base_save_loads(s)) {
		c->dimms = calloc(c->nr_dimms + 1, sizeof(struct machine_dimm *));
		if (!c->dimms) {
			c->nr_dimms = 0;
			base_save_fail(s, -ENOMEM, "out of memory");
		}
	}
	for (size_t i = 0; i < c->nr_dimms; i++) {
		machine_dimm_ref_save(s, &c->dimms[i]);
		if (!c->dimms[i])
			base_save_fail(s, -EINVAL, "a container has a DIMM that does not exist");
	}
}

#define CONTAINER_ROWS(ROW)                                                                        \
	ROW(SKIP, machine, "the owner, set on creation")                                           \
	ROW(BELOW, hid, MACHINE_NR_CONTAINER_HIDS)                                                 \
	ROW(TEXT, name)                                                                            \
	ROW(WITH, dimms, container_dimms)                                                          \
	ROW(SKIP, nr_dimms, "saved by container_dimms()")                                          \
	ROW(SKIP, next, "used by requests only")                                                   \
	ROW(NUMBER, plugged)                                                                       \
	ROW(NUMBER, offline)                                                                       \
	ROW(SKIP, busy, "no request is in progress")                                               \
	ROW(NUMBER, ost)                                                                           \
	ROW(SKIP, ost_before, "used by requests only")                                             \
	ROW(SKIP, error, "used by requests only")                                                  \
	ROW(SKIP, reason, "used by requests only")                                                 \
	ROW(SKIP, then, "used by requests only")                                                   \
	ROW(SKIP, asker, "used by requests only")                                                  \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(container_save, struct machine_container, struct machine, CONTAINER_ROWS)

static struct machine_container *container_make(struct machine *m)
{
	struct machine_container *c;

	return machine_container_new(m, &c) ? NULL : c;
}

void machine_containers_save(struct machine *m, struct base_save *s)
{
	BASE_SAVE_TAILQ(s, &m->containers, link, container_save, m, container_make(m));
}

bool machine_containers_are_quiet(const struct machine *m)
{
	const struct machine_container *c;

	TAILQ_FOREACH(c, &m->containers, link) {
		if (c->busy)
			return false;
	}
	return true;
}

struct machine_container *machine_container_next(const struct machine *m,
						 struct machine_container *c)
{
	return c ? TAILQ_NEXT(c, link) : TAILQ_FIRST(&m->containers);
}
