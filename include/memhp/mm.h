/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm: physical memory as Linux sees it: nodes, zones and their online pages, holders of pages, and
 * the derived values (spans, watermarks, node states). All page numbers are pfns, all amounts
 * pages, unless a name says otherwise.
 *
 * Detail exists only where something lies: online memory is a set of extents, holders a set of
 * ranges; a terabyte of free memory costs one extent.
 *
 * Negative return values are errors of the emulated kernel. Nothing here waits or sends events.
 */
#ifndef MEMHP_MM_H
#define MEMHP_MM_H

#include "memhp/mm/hold.h"
#include "memhp/mm/hugetlb.h"
#include "memhp/mm/poison.h"
#include "memhp/mm/swap.h"
#include "memhp/mm/tune.h"
#include "memhp/mm/types.h"
#include "memhp/mm/usage.h"
#include "memhp/mm/zone.h"

#endif
