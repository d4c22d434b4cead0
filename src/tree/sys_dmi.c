// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/class/dmi/id: what firmware says about the machine (drivers/firmware/dmi-id.c); and
 * sys/hypervisor, which is empty except on Xen (drivers/xen/sys-hypervisor.c).
 */
#include <ctype.h>
#include <string.h>

#include "tree_private.h"

#define DMI "sys/devices/virtual/dmi"
#define ID DMI "/id"
#define HYPERVISOR "sys/hypervisor"
#define POWER_BIT 2

static const struct machine_dmi *dmi_of(const struct tree_obj *obj)
{
	return machine_spec(obj->tree->machine)->dmi;
}

static bool has_dmi(const struct tree_obj *obj, const struct tree_row *row)
{
	return machine_spec(obj->tree->machine)->nr_dmi;
}

static bool has_field(const struct tree_obj *obj, const struct tree_row *row)
{
	return has_dmi(obj, row) && dmi_of(obj)->field[row->arg];
}

static int field_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", dmi_of(obj)->field[row->arg]);
	return 0;
}

/* get_modalias() */
static void put_modalias(const struct machine_dmi *dmi, struct base_buf *buf)
{
	static const struct {
		const char *prefix;
		enum machine_dmi_field field;
	} parts[] = {
		{ "bvn", MACHINE_DMI_BIOS_VENDOR },
		{ "bvr", MACHINE_DMI_BIOS_VERSION },
		{ "bd", MACHINE_DMI_BIOS_DATE },
		{ "br", MACHINE_DMI_BIOS_RELEASE },
		{ "efr", MACHINE_DMI_EC_FIRMWARE_RELEASE },
		{ "svn", MACHINE_DMI_SYS_VENDOR },
		{ "pn", MACHINE_DMI_PRODUCT_NAME },
		{ "pvr", MACHINE_DMI_PRODUCT_VERSION },
		{ "rvn", MACHINE_DMI_BOARD_VENDOR },
		{ "rn", MACHINE_DMI_BOARD_NAME },
		{ "rvr", MACHINE_DMI_BOARD_VERSION },
		{ "cvn", MACHINE_DMI_CHASSIS_VENDOR },
		{ "ct", MACHINE_DMI_CHASSIS_TYPE },
		{ "cvr", MACHINE_DMI_CHASSIS_VERSION },
		{ "sku", MACHINE_DMI_PRODUCT_SKU },
	};

	base_buf_puts(buf, "dmi");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(parts); i++) {
		const char *text = dmi->field[parts[i].field];

		if (!text)
			continue;
		base_buf_printf(buf, ":%s", parts[i].prefix);
		for (; *text; text++) {
			if (*text > ' ' && *text < 127 && *text != ':')
				base_buf_add(buf, text, 1);
		}
	}
	base_buf_puts(buf, ":\n");
}

static int modalias_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	put_modalias(dmi_of(obj), buf);
	return 0;
}

static int uevent_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, "MODALIAS=");
	put_modalias(dmi_of(obj), buf);
	return 0;
}

static ssize_t uevent_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			    size_t len, struct tree_req *req)
{
	int ret = hp_uevent_synth(obj->tree->hp, "/devices/virtual/dmi/id", "dmi", "dmi id", text,
				  len);

	return ret ? ret : (ssize_t)len;
}

static int subsystem_target(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, "../../../../class/dmi");
	return 0;
}

static int class_target(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, "../../devices/virtual/dmi/id");
	return 0;
}

/* ---- sys/hypervisor -------------------------------------------------------------------------- */

/* Kernels that support running on Xen have the directory everywhere, if only empty. */
static bool has_hypervisor(const struct tree_obj *obj, const struct tree_row *row)
{
	return machine_spec(obj->tree->machine)->arch->has_xen;
}

static bool on_xen(const struct tree_obj *obj, const struct tree_row *row)
{
	return machine_spec(obj->tree->machine)->hypervisor == MACHINE_XEN;
}

static const char *const xen_texts[] = {
	"xen",	"HVM", "4",
	"17",	".4",  "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64",
	"1000",
};

static int xen_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", xen_texts[row->arg]);
	return 0;
}

/* Xen gives its guest's identifier to the firmware, too. */
static int xen_uuid_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const char *uuid = has_dmi(obj, row) ? dmi_of(obj)->field[MACHINE_DMI_PRODUCT_UUID] : NULL;

	for (uuid = uuid ? uuid : "00000000-0000-0000-0000-000000000000"; *uuid; uuid++)
		base_buf_printf(buf, "%c", tolower((unsigned char)*uuid));
	base_buf_puts(buf, "\n");
	return 0;
}

#define XEN_ROW(name, which)                                                                       \
	{                                                                                          \
		.path = HYPERVISOR "/" name, .mode = S_IFREG | 0444, .visible = on_xen,            \
		.show = xen_show, .arg = (which)                                                   \
	}

static const struct tree_row dmi_rows[] = {
	{ TREE_DIR_ROW("sys/class") },
	{ TREE_DIR_ROW("sys/class/dmi"), .visible = has_dmi },
	{ TREE_LINK_ROW("sys/class/dmi/id", class_target) },
	{ TREE_DIR_ROW("sys/devices/virtual"), .visible = has_dmi },
	{ TREE_DIR_ROW(DMI) },
	{ TREE_DIR_ROW(ID) },
#define FIELD(NAME, name, bits)                                                                    \
	{ .path = ID "/" #name,                                                                    \
	  .mode = S_IFREG | (bits),                                                                \
	  .visible = has_field,                                                                    \
	  .show = field_show,                                                                      \
	  .arg = MACHINE_DMI_##NAME },
	MACHINE_DMI_FIELDS(FIELD)
#undef FIELD
		{ .path = ID "/modalias", .mode = S_IFREG | 0444, .show = modalias_show },
	{ .path = ID "/uevent",
	  .mode = S_IFREG | 0644,
	  .show = uevent_show,
	  .store = uevent_store },
	{ TREE_LINK_ROW(ID "/subsystem", subsystem_target) },
	TREE_POWER_ROWS(ID "/", POWER_BIT),
	{ TREE_DIR_ROW(HYPERVISOR), .visible = has_hypervisor },
	XEN_ROW("type", 0),
	XEN_ROW("guest_type", 1),
	{ .path = HYPERVISOR "/uuid",
	  .mode = S_IFREG | 0444,
	  .visible = on_xen,
	  .show = xen_uuid_show },
	{ TREE_DIR_ROW(HYPERVISOR "/version"), .visible = on_xen },
	XEN_ROW("version/major", 2),
	XEN_ROW("version/minor", 3),
	XEN_ROW("version/extra", 4),
	{ TREE_DIR_ROW(HYPERVISOR "/properties"), .visible = on_xen },
	XEN_ROW("properties/capabilities", 5),
	XEN_ROW("properties/pagesize", 6),
};

const struct tree_table tree_dmi_table = TREE_TABLE(dmi_rows);
