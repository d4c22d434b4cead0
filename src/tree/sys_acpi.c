// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ACPI memory devices, one per DIMM slot that was ever used (drivers/acpi/device_sysfs.c), below
 * QEMU's container for them; and sys/firmware/acpi/hotplug/memory (drivers/acpi/sysfs.c).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tree_private.h"

#define CONTAINER "sys/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0A06:04"
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

	snprintf(devpath, sizeof(devpath), "%s/%s", &CONTAINER[strlen("sys")], obj->name);
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

static int acpi_link_target(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "../../../%s/%s", &CONTAINER[strlen("sys/")], obj->name);
	return 0;
}

static const struct tree_row acpi_rows[] = {
	{ TREE_DIR_ROW(""), .target = acpi_link_target },
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

	snprintf(name, sizeof(name), "PNP0C80:%02x", slot);
	if (has_acpi(&tree->root, NULL) && !tree_obj_find(tree, TREE_ACPIS, name))
		(void)tree_obj_new(tree, TREE_ACPIS, name, slot);
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

static const struct tree_row acpi_fixed_rows[] = {
	{ ACPI_DIR_ROW("sys/devices/LNXSYSTM:00") },
	{ ACPI_DIR_ROW("sys/devices/LNXSYSTM:00/LNXSYBUS:00") },
	{ ACPI_DIR_ROW(CONTAINER), .children = { &devices } },
	{ ACPI_DIR_ROW(BUS) },
	{ ACPI_DIR_ROW(BUS "/devices"), .children = { &links } },
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
