// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ACPI memory devices, one per DIMM slot (drivers/acpi/device_sysfs.c), below QEMU's container for
 * them; and sys/firmware/acpi/hotplug/memory (drivers/acpi/sysfs.c).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tree_private.h"

#define SYSTEM_BUS TREE_ACPI_SYSTEM_BUS
#define BUS "sys/bus/acpi"
#define HOTPLUG "sys/firmware/acpi/hotplug"
#define MODALIAS "acpi:PNP0C80:"

/* ACPI_STA_DEVICE_PRESENT, _ENABLED, _UI and _FUNCTIONING */
#define STA_PRESENT 15

static bool has_acpi(const struct tree_obj *obj, const struct tree_row *row)
{
	return machine_spec(obj->tree->machine)->arch->has_acpi;
}

static bool has_memhotplug(const struct tree_obj *obj, const struct tree_row *row)
{
	return machine_acpi_has_memhotplug(obj->tree->machine);
}

/* The container. */
static const char *home(const struct tree_obj *obj)
{
	return tree_home_path(obj->tree, TREE_ACPIS);
}

/* ---- files of a device ----------------------------------------------------------------------- */

static ssize_t acpi_eject_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				size_t len, struct tree_req *req)
{
	int ret;

	/* QUIRK: anything after the first character is ignored. */
	if (*text != '1')
		return -EINVAL;
	ret = machine_acpi_eject(obj->tree->machine, obj->id);
	return ret ? ret : (ssize_t)len;
}

static int acpi_hid_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, "PNP0C80\n");
	return 0;
}

static int acpi_modalias_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_puts(buf, MODALIAS "\n");
	return 0;
}

static int acpi_path_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "\\_SB_.MHPC.MP%02X\n", (unsigned int)obj->id);
	return 0;
}

static int acpi_uid_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "0x%02X\n", (unsigned int)obj->id);
	return 0;
}

static int acpi_status_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n",
			machine_acpi_present(obj->tree->machine, obj->id) ? STA_PRESENT : 0);
	return 0;
}

static int acpi_uevent_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, "MODALIAS=" MODALIAS "\n");
	return 0;
}

static ssize_t acpi_uevent_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	char devpath[80], log_name[32];
	int ret;

	snprintf(devpath, sizeof(devpath), "%s/%s", &home(obj)[strlen("sys")], obj->name);
	snprintf(log_name, sizeof(log_name), "acpi %s", obj->name);
	ret = hp_uevent_synth(obj->tree->hp, devpath, "acpi", log_name, text, len);
	return ret ? ret : (ssize_t)len;
}

static int acpi_subsystem_target(struct tree_obj *obj, const struct tree_row *row,
				 struct base_buf *buf)
{
	base_buf_puts(buf, "../../../../../bus/acpi");
	return 0;
}

#define LINK_PHYSICAL_NODE(i) (TREE_SLOT_LINK + (unsigned int)(i))

/* Links of a device: itself on the bus, and the blocks that are bound to it in its directory. */
static int acpi_link_target(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	uint64_t first;

	if (row->arg == TREE_SLOT_BUS) {
		base_buf_printf(buf, "../../../%s/%s", &home(obj)[strlen("sys/")], obj->name);
		return 0;
	}
	(void)machine_acpi_blocks(obj->tree->machine, obj->id, &first);
	base_buf_printf(buf, "../../../../system/memory/memory%llu",
			(unsigned long long)(first + row->arg - LINK_PHYSICAL_NODE(0)));
	return 0;
}

/*
 * The kernel numbers the devices that are bound to an ACPI device (acpi_bind_one()). An object of
 * this collection is such a number; it stands for one link in each device that has so many blocks.
 */
static const struct tree_row physical_node_rows[] = {
	{ TREE_DIR_ROW("") },
};

const struct tree_table tree_physical_node_table = TREE_TABLE(physical_node_rows);

/* Later blocks of a DIMM have no link here. */
#define PHYSICAL_NODES_MAX (TREE_SLOT_BUS - TREE_SLOT_LINK)

static bool has_physical_node(const struct tree_obj *device, const struct tree_obj *node)
{
	uint64_t first;

	return node->id < machine_acpi_blocks(device->tree->machine, device->id, &first);
}

static uint64_t physical_node_link(const struct tree_obj *device, const struct tree_obj *node)
{
	return tree_ino(device, LINK_PHYSICAL_NODE(node->id));
}

static const struct tree_children physical_nodes = {
	.collection = TREE_PHYSICAL_NODES,
	.member = has_physical_node,
	.link = physical_node_link,
};

/* Makes the numbers that @nr blocks need. */
static void physical_nodes_appear(struct tree *tree, uint64_t nr)
{
	for (uint64_t i = tree->nr_objs[TREE_PHYSICAL_NODES];
	     i < BASE_MIN(nr, (uint64_t)PHYSICAL_NODES_MAX); i++) {
		char name[40] = "physical_node";

		if (i)
			snprintf(name, sizeof(name), "physical_node%llu", (unsigned long long)i);
		if (!tree_obj_new(tree, TREE_PHYSICAL_NODES, name, i))
			return;
	}
}

static const struct tree_row acpi_rows[] = {
	{ TREE_DIR_ROW(""), .target = acpi_link_target, .children = { &physical_nodes } },
	{ .path = "uevent",
	  .mode = S_IFREG | 0644,
	  .show = acpi_uevent_show,
	  .store = acpi_uevent_store },
	{ TREE_ATTR_WO(acpi, eject) },
	{ TREE_ATTR_RO(acpi, hid) },
	{ TREE_ATTR_RO(acpi, modalias) },
	{ TREE_ATTR_RO(acpi, path) },
	{ TREE_ATTR_RO(acpi, status) },
	{ TREE_ATTR_RO(acpi, uid) },
	{ TREE_LINK_ROW("subsystem", acpi_subsystem_target) },
	TREE_POWER_ROWS("", 0),
};

const struct tree_table tree_acpi_table = TREE_TABLE(acpi_rows);

void tree_acpi_appear(struct tree *tree, unsigned int slot)
{
	char name[16];
	uint64_t first;

	if (!has_acpi(&tree->root, NULL))
		return;
	snprintf(name, sizeof(name), "PNP0C80:%02x", slot);
	if (!tree_obj_find(tree, TREE_ACPIS, name))
		(void)tree_obj_new(tree, TREE_ACPIS, name, slot);
	physical_nodes_appear(tree, machine_acpi_blocks(tree->machine, slot, &first));
}

/* ---- files of the container ------------------------------------------------------------------ */

/* Whether a row, of this bus or of the devices on it, is that of the machine's container. */
static bool is_container(const struct tree_obj *obj, const struct tree_row *row)
{
	const struct machine *machine = obj->tree->machine;

	return has_acpi(obj, NULL) && strstr(row->path, machine_slots_container_name(machine));
}

static int text_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const char *leaf = strrchr(row->path, '/') + 1;
	static const struct {
		const char *leaf, *text;
	} texts[] = {
		{ "hid", "PNP0A06" }, { "modalias", "acpi:PNP0A06:" }, { "path", "\\_SB_.MHPC" },
		{ "status", "15" },   { "uid", "DIMM devices" },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(texts); i++)
		if (!strcmp(texts[i].leaf, leaf))
			base_buf_printf(buf, "%s\n", texts[i].text);
	return 0;
}

/* ---- files that always exist ----------------------------------------------------------------- */

static int enabled_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", machine_acpi_enabled(obj->tree->machine));
	return 0;
}

static ssize_t enabled_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			     size_t len, struct tree_req *req)
{
	uint32_t value;

	if (base_kstrtouint(text, 10, &value) || value > 1)
		return -EINVAL;
	machine_acpi_enable(obj->tree->machine, value);
	return (ssize_t)len;
}

static uint64_t bus_device_link(const struct tree_obj *bus, const struct tree_obj *device)
{
	return tree_ino(device, TREE_SLOT_BUS);
}

static const struct tree_children devices = { .collection = TREE_ACPIS };
static const struct tree_children links = { .collection = TREE_ACPIS, .link = bus_device_link };

#define ACPI_DIR_ROW(p) TREE_DIR_ROW(p), .visible = has_acpi

static int container_uevent_show(struct tree_obj *obj, const struct tree_row *row,
				 struct base_buf *buf)
{
	base_buf_puts(buf, "MODALIAS=acpi:PNP0A06:\n");
	return 0;
}

static ssize_t container_uevent_store(struct tree_obj *obj, const struct tree_row *row,
				      const char *text, size_t len, struct tree_req *req)
{
	const char *path = &home(obj)[strlen("sys")];
	char log_name[32];
	int ret;

	snprintf(log_name, sizeof(log_name), "acpi %s", strrchr(path, '/') + 1);
	ret = hp_uevent_synth(obj->tree->hp, path, "acpi", log_name, text, len);
	return ret ? ret : (ssize_t)len;
}

static int container_subsystem_target(struct tree_obj *obj, const struct tree_row *row,
				      struct base_buf *buf)
{
	base_buf_puts(buf, "../../../../bus/acpi");
	return 0;
}

static int container_device_target(struct tree_obj *obj, const struct tree_row *row,
				   struct base_buf *buf)
{
	base_buf_printf(buf, "../../../system/container/%s",
			machine_slots_container_name(obj->tree->machine));
	return 0;
}

static int container_bus_target(struct tree_obj *obj, const struct tree_row *row,
				struct base_buf *buf)
{
	base_buf_printf(buf, "../../../%s", &home(obj)[strlen("sys/")]);
	return 0;
}

#define CONTAINER_FILE_ROW(name, file)                                                             \
	{                                                                                          \
		.path = SYSTEM_BUS "/" name "/" file, .mode = S_IFREG | 0444, .show = text_show,   \
		.visible = is_container                                                            \
	}
#define CONTAINER_LINK_ROW(path, target)                                                           \
	{                                                                                          \
		TREE_LINK_ROW(path, target), .visible = is_container                               \
	}
#define CONTAINER_ROWS(name)                                                                       \
	{ TREE_DIR_ROW(SYSTEM_BUS "/" name), .visible = is_container, .children = { &devices } },  \
		CONTAINER_FILE_ROW(name, "hid"), CONTAINER_FILE_ROW(name, "modalias"),             \
		CONTAINER_FILE_ROW(name, "path"), CONTAINER_FILE_ROW(name, "status"),              \
		CONTAINER_FILE_ROW(name, "uid"),                                                   \
		{ .path = SYSTEM_BUS "/" name "/uevent",                                           \
		  .mode = S_IFREG | 0644,                                                          \
		  .show = container_uevent_show,                                                   \
		  .store = container_uevent_store,                                                 \
		  .visible = is_container },                                                       \
		CONTAINER_LINK_ROW(SYSTEM_BUS "/" name "/subsystem", container_subsystem_target),  \
		CONTAINER_LINK_ROW(SYSTEM_BUS "/" name "/physical_node", container_device_target), \
		TREE_POWER_ROWS_IF(SYSTEM_BUS "/" name "/", 2, is_container)

static const struct tree_row acpi_fixed_rows[] = {
	{ ACPI_DIR_ROW("sys/devices/LNXSYSTM:00") },
	{ ACPI_DIR_ROW(SYSTEM_BUS) },
	CONTAINER_ROWS("PNP0A06:04"),
	CONTAINER_ROWS("PNP0A06:01"),
	{ ACPI_DIR_ROW(BUS) },
	{ ACPI_DIR_ROW(BUS "/devices"), .children = { &links } },
	CONTAINER_LINK_ROW(BUS "/devices/PNP0A06:04", container_bus_target),
	CONTAINER_LINK_ROW(BUS "/devices/PNP0A06:01", container_bus_target),
	{ ACPI_DIR_ROW("sys/firmware") },
	{ ACPI_DIR_ROW("sys/firmware/acpi") },
	{ ACPI_DIR_ROW(HOTPLUG) },
	{ TREE_DIR_ROW(HOTPLUG "/memory"), .visible = has_memhotplug },
	{ .path = HOTPLUG "/memory/enabled",
	  .mode = S_IFREG | 0644,
	  .show = enabled_show,
	  .store = enabled_store,
	  .visible = has_memhotplug },
};

const struct tree_table tree_acpi_fixed_table = TREE_TABLE(acpi_fixed_rows);
