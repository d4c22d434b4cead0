/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of DIMMs share: files and events of blocks, and where a DIMM is plugged. */
#ifndef TEST_DIMM_H
#define TEST_DIMM_H

#include "world.h"

#define OFFLINE(n) "offline@/devices/system/memory/memory" #n " "
#define ONLINE(n) "online@/devices/system/memory/memory" #n " "
#define ADD(n) "add@/devices/system/memory/memory" #n " "
#define REMOVE(n) "remove@/devices/system/memory/memory" #n " "
#define STATE(n) SYS_MEMORY "memory" #n "/state"
#define ZONES(n) SYS_MEMORY "memory" #n "/valid_zones"

/* The start of a window for devices. */
static inline uint64_t window(struct world *w, size_t i)
{
	return w->spec->hotplug[i].start;
}

static inline void assert_at(struct world *w, const char *name, uint64_t addr, const char *slot)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%" PRIx64 "\n", addr);
	assert_string_equal(world_dimm_read(w, name, "addr"), text);
	assert_string_equal(world_dimm_read(w, name, "slot"), slot);
}

#endif
