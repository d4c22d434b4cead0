/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest does to devices, for the hypervisor's monitor. */
#ifndef MEMHP_MACHINE_MONITOR_H
#define MEMHP_MACHINE_MONITOR_H

#include "memhp/machine/machine.h"

struct machine_dimm;
struct machine_vmem;

/** MACHINE_OST_* - for what a status is reported with _OST: ACPI's notifications. */
#define MACHINE_OST_DEVICE_CHECK 1U
#define MACHINE_OST_EJECT_REQUEST 3U
#define MACHINE_OST_OSPM_EJECT 0x103U

/**
 * struct machine_monitor - callbacks to the hypervisor's monitor; every member must be set
 * @ost: the guest reports @status for the DIMM in @slot, which may be gone
 * @ejected: the guest has released a DIMM, which is in no slot any more
 * @settled: an insertion or eject has ended; the DIMM may be freed
 * @resized: the plugged size of a virtio-mem device has changed
 */
struct machine_monitor {
	void (*ost)(void *ctx, uint64_t slot, unsigned int source, int status);
	void (*ejected)(void *ctx, struct machine_dimm *dimm);
	void (*settled)(void *ctx, struct machine_dimm *dimm);
	void (*resized)(void *ctx, struct machine_vmem *vmem);
};

/** machine_set_monitor() - set the only monitor; NULL: none. */
void machine_set_monitor(struct machine *machine, const struct machine_monitor *monitor, void *ctx);

/** machine_ram() - bytes of RAM that the machine has been given, of one node or (-1) of all. */
uint64_t machine_ram(const struct machine *machine, int nid);
/** machine_window() - the addresses of memory devices: their start and size; false: none. */
bool machine_window(const struct machine *machine, uint64_t *ret_start, uint64_t *ret_size);

#endif
