// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/container/NAME, and the devices of plugged containers in sys/devices/system/container. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine_tree.h"

#define MAX_DIMMS 256

/* ---- machine/container/NAME ------------------------------------------------------------------ */

static uint64_t container_hid_get(const struct tree_obj *obj, unsigned int arg)
{
	return machine_container_hid(obj->container->container);
}

static int container_hid_set(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	return machine_container_set_hid(obj->container->container, value);
}

static int container_dimms_show(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", obj->container->dimms ? obj->container->dimms : "");
	return 0;
}

/* The DIMMs named by a text, at most MAX_DIMMS; -ENOENT for a name that is no DIMM. */
static int find_dimms(struct tree *tree, const char *names, struct machine_dimm **dimms,
		      size_t *ret_nr)
{
	char *copy = strdup(names), *rest = copy, *name;
	int ret = copy ? 0 : -ENOMEM;

	*ret_nr = 0;
	while (!ret && (name = strsep(&rest, " "))) {
		const struct tree_obj *dimm = *name ? tree_obj_find(tree, TREE_DIMMS, name) : NULL;

		if (!*name)
			continue;
		for (size_t i = 0; dimm && i < *ret_nr; i++) {
			if (dimms[i] == dimm->dimm)
				ret = machine_refuse(tree->machine, -EEXIST,
						     "DIMM '%s' is named twice",
						     base_quote(name).s);
		}
		if (!dimm)
			ret = machine_refuse(tree->machine, -ENOENT,
					     "there is no DIMM '%s' in "
					     "machine/dimm",
					     base_quote(name).s);
		else if (*ret_nr == MAX_DIMMS)
			ret = machine_refuse(tree->machine, -E2BIG, "more than %d DIMMs",
					     MAX_DIMMS);
		else if (!ret)
			dimms[(*ret_nr)++] = dimm->dimm;
	}
	free(copy);
	return ret;
}

static ssize_t container_dimms_store(struct tree_obj *obj, const struct tree_row *row,
				     const char *text, size_t len, struct tree_req *req)
{
	struct machine_dimm *dimms[MAX_DIMMS];
	char *names = strndup(text, strcspn(text, "\n"));
	size_t nr;
	int ret = names ? 0 : -ENOMEM;

	if (!ret && machine_container_plugged(obj->container->container))
		ret = machine_refuse(obj->tree->machine, -EBUSY,
				     "it is plugged: write 0 to plugged first");
	if (!ret)
		ret = find_dimms(obj->tree, names, dimms, &nr);
	if (ret) {
		free(names);
		return ret;
	}
	free(obj->container->dimms);
	obj->container->dimms = names;
	return (ssize_t)len;
}

static int container_plugged_show(struct tree_obj *obj, const struct tree_row *row,
				  struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_container_plugged(obj->container->container));
	return 0;
}

/* The device exists while the container is plugged. */
static void device_update(struct tree *tree, struct tree_container *container)
{
	const char *name = machine_container_name(container->container);
	struct tree_obj *obj = tree_obj_find(tree, TREE_CONTAINER_DEVICES, name);
	bool plugged = machine_container_plugged(container->container);

	if (plugged && !obj) {
		obj = tree_obj_new(tree, TREE_CONTAINER_DEVICES, name, 0);
		if (obj)
			obj->container = container;
	} else if (!plugged && obj) {
		tree_obj_remove(obj);
	}
}

static void plug_answer(struct hp_completion *then, int ret)
{
	struct tree_container *container = base_container_of(then, struct tree_container, then);
	struct tree_req *req = container->req;
	ssize_t result = ret ? ret : (ssize_t)container->len;

	device_update(container->tree, container);
	container->busy = false;
	container->req = NULL;
	if (req)
		tree_req_finish(req, result);
}

/* The operation that firmware was asked for continues without its caller. */
static void plug_interrupt(struct tree_req *req, bool fatal)
{
	struct tree_container *container = req->impl;

	container->req = NULL;
	tree_req_finish(req, -EINTR);
}

static int container_plug(struct tree *tree, struct tree_container *container)
{
	struct machine_dimm *dimms[MAX_DIMMS];
	size_t nr;
	int ret = find_dimms(tree, container->dimms ? container->dimms : "", dimms, &nr);

	if (!ret)
		ret = machine_container_plug(tree->machine, container->container, dimms, nr,
					     &container->then);
	if (ret)
		return ret;
	device_update(tree, container);
	machine_container_start(container->container);
	return 0;
}

static ssize_t container_plugged_store(struct tree_obj *obj, const struct tree_row *row,
				       const char *text, size_t len, struct tree_req *req)
{
	struct tree_container *container = obj->container;
	bool plug;
	int ret = tree_take_switch(obj, text, &plug);

	if (ret)
		return ret;
	if (plug == machine_container_plugged(container->container))
		return (ssize_t)len;
	if (container->busy)
		return machine_refuse(obj->tree->machine, -EBUSY,
				      "it is just being plugged or ejected: wait for that");
	container->then.fn = plug_answer;
	container->busy = true;
	container->req = req;
	container->len = len;
	req->impl = container;
	req->interrupt = plug_interrupt;
	ret = plug ? container_plug(obj->tree, container) :
		     machine_container_eject(obj->tree->machine, container->container,
					     &container->then);
	if (!ret)
		return TREE_PENDING;
	req->impl = NULL;
	req->interrupt = NULL;
	container->busy = false;
	container->req = NULL;
	return ret;
}

static int container_ost_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	tree_print_ost(buf, machine_container_ost(obj->container->container));
	return 0;
}

static const struct tree_row container_rows[] = {
	{ TREE_DIR_ROW("") },
	TREE_SETTING_ROW("hid", 0, TREE_WORD, container_hid_get, container_hid_set,
			 machine_container_hids, MACHINE_NR_CONTAINER_HIDS),
	{ TREE_ATTR_RW(container, dimms) },
	{ TREE_ATTR_RW(container, plugged) },
	{ TREE_ATTR_RO(container, ost) },
};

static int container_make(struct tree_obj *obj)
{
	struct tree_container *container = calloc(1, sizeof(*container));
	int ret;

	if (!container)
		return -ENOMEM;
	container->tree = obj->tree;
	ret = machine_container_new(obj->tree->machine, &container->container);
	if (ret)
		free(container);
	else
		obj->container = container;
	return ret;
}

static void container_forget(struct tree_obj *obj)
{
	if (!obj->container)
		return;
	free(obj->container->dimms);
	free(obj->container);
	obj->container = NULL;
}

static int container_unmake(struct tree_obj *obj)
{
	int ret = machine_container_free(obj->tree->machine, obj->container->container);

	if (!ret)
		container_forget(obj);
	return ret;
}

/* ---- sys/devices/system/container ------------------------------------------------------------ */

/* The container of the slots is the machine's, and no object of machine/container. */
static int device_online_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	bool offline = obj->container ? machine_container_offline(obj->container->container) :
					machine_slots_offline(obj->tree->machine);

	base_buf_printf(buf, "%d\n", !offline);
	return 0;
}

static ssize_t device_online_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	bool online;
	int ret = base_kstrtobool(text, &online);

	if (!ret)
		ret = obj->container ?
			      machine_container_set_offline(obj->container->container, !online) :
			      machine_slots_set_offline(obj->tree->machine, !online);
	return ret ? ret : (ssize_t)len;
}

static ssize_t device_uevent_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	char devpath[64], log_name[48];
	int ret;

	snprintf(devpath, sizeof(devpath), "/devices/system/container/%s", obj->name);
	snprintf(log_name, sizeof(log_name), "container %s", obj->name);
	ret = hp_uevent_synth(obj->tree->hp, devpath, "container", log_name, text, len);
	return ret ? ret : (ssize_t)len;
}

static int device_subsystem_target(struct tree_obj *obj, const struct tree_row *row,
				   struct base_buf *buf)
{
	base_buf_puts(buf, "../../../../bus/container");
	return 0;
}

static int device_link_target(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_printf(buf, "../../../devices/system/container/%s", obj->name);
	return 0;
}

static bool is_of_slots(const struct tree_obj *obj, const struct tree_row *row)
{
	return !obj->container;
}

static int device_firmware_node_target(struct tree_obj *obj, const struct tree_row *row,
				       struct base_buf *buf)
{
	base_buf_printf(buf, "../../../%s/%s", &TREE_ACPI_SYSTEM_BUS[strlen("sys/devices/")],
			obj->name);
	return 0;
}

static const struct tree_row device_rows[] = {
	{ TREE_DIR_ROW(""), .target = device_link_target },
	{ .path = "uevent",
	  .mode = S_IFREG | 0644,
	  .show = tree_empty_show,
	  .store = device_uevent_store },
	{ .path = "online",
	  .mode = S_IFREG | 0644,
	  .show = device_online_show,
	  .store = device_online_store },
	{ TREE_LINK_ROW("subsystem", device_subsystem_target) },
	/* The ACPI devices of other containers are not emulated. */
	{ TREE_LINK_ROW("firmware_node", device_firmware_node_target), .visible = is_of_slots },
	TREE_POWER_ROWS("", 0),
};

const struct tree_table tree_container_device_table = TREE_TABLE(device_rows);

void tree_slots_container_appear(struct tree *tree)
{
	const char *name = machine_slots_container_name(tree->machine);

	/* After a reboot, it is there. */
	if (machine_spec(tree->machine)->arch->has_acpi &&
	    !tree_obj_find(tree, TREE_CONTAINER_DEVICES, name))
		(void)tree_obj_new(tree, TREE_CONTAINER_DEVICES, name, 0);
}

static bool has_containers(const struct tree_obj *obj, const struct tree_row *row)
{
	return machine_spec(obj->tree->machine)->arch->has_acpi;
}

static uint64_t bus_link(const struct tree_obj *bus, const struct tree_obj *device)
{
	return tree_ino(device, TREE_SLOT_BUS);
}

static const struct tree_children devices = { .collection = TREE_CONTAINER_DEVICES };
static const struct tree_children links = {
	.collection = TREE_CONTAINER_DEVICES,
	.link = bus_link,
};

static const struct tree_row fixed_rows[] = {
	{ TREE_DIR_ROW("sys/devices/system/container"), .children = { &devices } },
	{ TREE_DIR_ROW("sys/bus/container") },
	{ TREE_DIR_ROW("sys/bus/container/devices"), .children = { &links } },
};

const struct tree_table tree_container_fixed_table = TREE_TABLE(fixed_rows);

/* ---- saving and loading ---------------------------------------------------------------------- */

#define CONTAINER_ROWS(ROW)                                                                        \
	ROW(SKIP, tree, "set by container_attach()")                                               \
	ROW(SKIP, container, "part of the machine, which saves it")                                \
	ROW(STRING, dimms)                                                                         \
	ROW(SKIP, busy, "no request is in progress")                                               \
	ROW(SKIP, then, "used by requests only")                                                   \
	ROW(SKIP, req, "used by requests only")                                                    \
	ROW(SKIP, len, "used by requests only")
BASE_SAVE_STRUCT(container_save, struct tree_container, void, CONTAINER_ROWS)

static void container_obj_save(struct base_save *s, struct tree_obj *obj)
{
	if (base_save_loads(s))
		obj->container = calloc(1, sizeof(*obj->container));
	if (obj->container)
		BASE_SAVE_ONE(s, container_save, obj->container, NULL);
	else
		base_save_fail(s, -ENOMEM, "out of memory");
}

static void container_attach(struct tree *tree, struct tree_obj *obj, void *thing)
{
	struct machine_container *container = thing;
	const char *name = machine_container_name(container);
	struct tree_obj *device;

	obj->container->tree = tree;
	obj->container->container = container;
	device = machine_container_plugged(container) ?
			 tree_obj_find(tree, TREE_CONTAINER_DEVICES, name) :
			 NULL;
	if (device)
		device->container = obj->container;
}

static void *container_next(const struct tree *tree, void *last)
{
	return machine_container_next(tree->machine, last);
}

const struct tree_class tree_container_class = {
	.name = "container",
	.collection = TREE_CONTAINERS,
	TREE_CLASS_DIR("machine/container", TREE_CONTAINERS, .visible = has_containers),
	.table = TREE_TABLE(container_rows),
	.make = container_make,
	.unmake = container_unmake,
	.next = container_next,
	.attach = container_attach,
	.save = container_obj_save,
	.forget = container_forget,
};
