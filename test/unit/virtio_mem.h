/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of virtio-mem share: a machine with a device, and its blocks. */
#ifndef TEST_VIRTIO_MEM_H
#define TEST_VIRTIO_MEM_H

#include "world.h"

#define VM                                                                                         \
	PC_LOW "  - {start: 0x100000, end: 0x3fffffff, node: 0}\n"                                 \
	       "hotplug:\n  - {start: 4G, end: 0x7ffffffff, node: 0}\n" ONE_CPU
#define ONLINE "memhp_default_state=online"
#define MOVABLE "memhp_default_state=online_movable"
#define BLOCK (MIB(128) >> 12)

/* Writes an attribute of device @name. */
ssize_t vm_device_write(struct world *w, const char *name, const char *attr, const char *text);
/* A plugged device of 4 GiB, still empty. */
void vm_device_plug(struct world *w, const char *name);
/* The plugged size, in MiB. */
uint64_t vm_plugged(struct world *w, const char *name);
/* The same, after the hypervisor requested @size. */
uint64_t vm_resized(struct world *w, const char *name, const char *size);
/* A machine with the plugged device v0. */
struct world *vm_new(const char *cmdline);
/* MemTotal, in kB. */
uint64_t vm_total(struct world *w);
bool vm_has_block(struct world *w, unsigned int block);
ssize_t vm_block_write(struct world *w, unsigned int block, const char *text);
const char *vm_block_state(struct world *w, unsigned int block);
void vm_pass_s(struct world *w, uint64_t seconds);
/* A zone of node 0. */
struct mm_zone_info vm_zone(struct world *w, enum mm_zone_type type);

#define assert_device_takes(w, name, attr, text)                                                   \
	assert_int_equal(vm_device_write(w, name, attr, text), strlen(text))

#endif
