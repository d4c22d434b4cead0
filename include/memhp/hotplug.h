/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hotplug: memory blocks and their operations: add, online, offline, remove, with the steps,
 * checks, order and roll-back of the kernel's drivers/base/memory.c and mm/memory_hotplug.c.
 *
 * All changes of blocks are serialised by one lock (device_hotplug_lock), which is a queue of
 * calls here: hp_submit() runs each call at its turn. It runs in a coroutine, so that it may wait
 * anywhere while the daemon continues.
 *
 * Negative return values are errors of the emulated kernel.
 */
#ifndef MEMHP_HOTPLUG_H
#define MEMHP_HOTPLUG_H

#include "memhp/hotplug/block.h"
#include "memhp/hotplug/call.h"
#include "memhp/hotplug/hp.h"
#include "memhp/hotplug/notify.h"
#include "memhp/hotplug/pagemap.h"
#include "memhp/hotplug/resource.h"
#include "memhp/hotplug/uevent.h"

#endif
