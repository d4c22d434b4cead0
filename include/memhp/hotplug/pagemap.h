/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory of devices that has a memmap, but is no System RAM: ZONE_DEVICE (pagemap.c). */
#ifndef MEMHP_HOTPLUG_PAGEMAP_H
#define MEMHP_HOTPLUG_PAGEMAP_H

#include "memhp/hotplug/hp.h"

/**
 * struct hp_pagemap - a range of device memory, bytes (struct dev_pagemap)
 * @nid: an online node, whose Device zone spans the range, and which pays for the memmap
 * @start, @size: multiples of a subsection; no other memory is in the range
 * @compound: bytes of the compound pages that the memmap describes; 0: single pages
 * @optimized: tail pages share their memmap (CONFIG_ARCH_WANT_OPTIMIZE_DAX_VMEMMAP)
 */
struct hp_pagemap {
	int nid;
	uint64_t start;
	uint64_t size;
	uint64_t compound;
	bool optimized;
};

/**
 * hp_pagemap_add() - give a range of device memory a memmap (memremap_pages())
 *
 * The pages are in the Device zone, but never present or managed.
 *
 * Return: 0; -EINVAL: the kernel cannot map it; -ENOMEM: no room for the memmap.
 */
int hp_pagemap_add(struct hp *hp, const struct hp_pagemap *map);
/** hp_pagemap_remove() - free it (memunmap_pages()); the Device zone goes on spanning the range. */
void hp_pagemap_remove(struct hp *hp, uint64_t start, uint64_t size);

#endif
