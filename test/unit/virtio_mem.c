/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines with a virtio-mem device; see virtio_mem.h. */
#include "virtio_mem.h"

ssize_t vm_device_write(struct world *w, const char *name, const char *attr, const char *text)
{
	char path[80];

	snprintf(path, sizeof(path), "machine/virtio-mem/%s/%s", name, attr);
	return world_write(w, path, text);
}

void vm_device_plug(struct world *w, const char *name)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "machine/virtio-mem/%s", name);
	assert_int_equal(world_mkdir(w, dir), 0);
	assert_device_takes(w, name, "size", "4G");
	assert_device_takes(w, name, "plugged", "1");
}

uint64_t vm_plugged(struct world *w, const char *name)
{
	char path[80];

	snprintf(path, sizeof(path), "machine/virtio-mem/%s/plugged_size", name);
	return strtoull(world_read(w, path), NULL, 10) >> 20;
}

uint64_t vm_resized(struct world *w, const char *name, const char *size)
{
	assert_device_takes(w, name, "requested_size", size);
	return vm_plugged(w, name);
}

struct world *vm_new(const char *cmdline)
{
	struct world *w = world_new_cmdline(VM, cmdline);

	vm_device_plug(w, "v0");
	return w;
}

uint64_t vm_total(struct world *w)
{
	return world_number(w, "proc/meminfo", "MemTotal:");
}

bool vm_has_block(struct world *w, unsigned int block)
{
	char path[64];

	snprintf(path, sizeof(path), SYS_MEMORY "memory%u", block);
	return world_exists(w, path);
}

ssize_t vm_block_write(struct world *w, unsigned int block, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), SYS_MEMORY "memory%u/state", block);
	return world_write(w, path, text);
}

const char *vm_block_state(struct world *w, unsigned int block)
{
	char path[64];

	snprintf(path, sizeof(path), SYS_MEMORY "memory%u/state", block);
	return world_read(w, path);
}

void vm_pass_s(struct world *w, uint64_t seconds)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, seconds * UINT64_C(1000000000));
	assert_takes(w, "machine/clock/advance_ns", text);
}

struct mm_zone_info vm_zone(struct world *w, enum mm_zone_type type)
{
	struct mm_zone_info info;

	mm_zone_info(w->mm, 0, type, &info);
	return info;
}
