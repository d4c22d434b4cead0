/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flags of pages as in /proc/kpageflags. */
#ifndef HP_PAGE_FLAGS_H
#define HP_PAGE_FLAGS_H

#include "memhp/mm.h"

#define KPF(bit) (1ULL << (bit))
#define KPF_UPTODATE KPF(3)
#define KPF_LRU KPF(5)
#define KPF_SLAB KPF(7)
#define KPF_BUDDY KPF(10)
#define KPF_MMAP KPF(11)
#define KPF_ANON KPF(12)
#define KPF_SWAPBACKED KPF(14)
#define KPF_COMPOUND_HEAD KPF(15)
#define KPF_COMPOUND_TAIL KPF(16)
#define KPF_HUGE KPF(17)
#define KPF_UNEVICTABLE KPF(18)
#define KPF_HWPOISON KPF(19)
#define KPF_NOPAGE KPF(20)
#define KPF_THP KPF(22)
#define KPF_OFFLINE KPF(23)
#define KPF_PGTABLE KPF(26)
#define KPF_RESERVED KPF(32)
#define KPF_MLOCKED KPF(33)
#define KPF_OWNER_PRIVATE KPF(37)

/* poison_filter.c: the flags of pages of a kind, and the inode of their cgroup; 0: of none */
uint64_t hp_kind_flags(enum mm_kind kind);
uint64_t hp_kind_cgroup(enum mm_kind kind);

#endif
