/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * machine: emulates firmware, boot loader, hypervisor and workloads. Lays out memory at boot as
 * Linux does, and owns the devices that add memory later. One header per subject.
 */
#ifndef MEMHP_MACHINE_H
#define MEMHP_MACHINE_H

#include "memhp/machine/cmdline.h"
#include "memhp/machine/container.h"
#include "memhp/machine/dax.h"
#include "memhp/machine/dax_dev.h"
#include "memhp/machine/dimm.h"
#include "memhp/machine/dlpar.h"
#include "memhp/machine/fault.h"
#include "memhp/machine/kmsg.h"
#include "memhp/machine/machine.h"
#include "memhp/machine/monitor.h"
#include "memhp/machine/refuse.h"
#include "memhp/machine/swap.h"
#include "memhp/machine/thp.h"
#include "memhp/machine/virtio_mem.h"
#include "memhp/machine/vm.h"
#include "memhp/machine/workload.h"
#include "memhp/spec.h"

#endif
