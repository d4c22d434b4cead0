/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What firmware says about the machine (SMBIOS), and the hypervisor (dmi_keys.c). */
#ifndef MEMHP_SPEC_DMI_H
#define MEMHP_SPEC_DMI_H

/** MACHINE_DMI_FIELDS() - the fields, with the mode and the name of the file in dmi/id */
#define MACHINE_DMI_FIELDS(FIELD)                                                                  \
	FIELD(BIOS_VENDOR, bios_vendor, 0444)                                                      \
	FIELD(BIOS_VERSION, bios_version, 0444)                                                    \
	FIELD(BIOS_DATE, bios_date, 0444)                                                          \
	FIELD(BIOS_RELEASE, bios_release, 0444)                                                    \
	FIELD(EC_FIRMWARE_RELEASE, ec_firmware_release, 0444)                                      \
	FIELD(SYS_VENDOR, sys_vendor, 0444)                                                        \
	FIELD(PRODUCT_NAME, product_name, 0444)                                                    \
	FIELD(PRODUCT_VERSION, product_version, 0444)                                              \
	FIELD(PRODUCT_SERIAL, product_serial, 0400)                                                \
	FIELD(PRODUCT_UUID, product_uuid, 0400)                                                    \
	FIELD(PRODUCT_FAMILY, product_family, 0444)                                                \
	FIELD(PRODUCT_SKU, product_sku, 0444)                                                      \
	FIELD(BOARD_VENDOR, board_vendor, 0444)                                                    \
	FIELD(BOARD_NAME, board_name, 0444)                                                        \
	FIELD(BOARD_VERSION, board_version, 0444)                                                  \
	FIELD(BOARD_SERIAL, board_serial, 0400)                                                    \
	FIELD(BOARD_ASSET_TAG, board_asset_tag, 0444)                                              \
	FIELD(CHASSIS_VENDOR, chassis_vendor, 0444)                                                \
	FIELD(CHASSIS_TYPE, chassis_type, 0444)                                                    \
	FIELD(CHASSIS_VERSION, chassis_version, 0444)                                              \
	FIELD(CHASSIS_SERIAL, chassis_serial, 0400)                                                \
	FIELD(CHASSIS_ASSET_TAG, chassis_asset_tag, 0444)

enum machine_dmi_field {
#define FIELD(NAME, name, mode) MACHINE_DMI_##NAME,
	MACHINE_DMI_FIELDS(FIELD)
#undef FIELD
		MACHINE_NR_DMI,
};

/** struct machine_dmi - the fields that there are, owned; NULL: firmware has no such text */
struct machine_dmi {
	char *field[MACHINE_NR_DMI];
};

/** enum machine_hypervisor - on what the machine runs */
enum machine_hypervisor {
	MACHINE_BARE_METAL,
	MACHINE_KVM,
	MACHINE_XEN,
	MACHINE_HYPERV,
	MACHINE_VMWARE,
};

#endif
