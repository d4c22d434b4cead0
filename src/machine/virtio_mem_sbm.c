// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio-mem in sub-block mode: memory is added to Linux in blocks, and plugged and unplugged by
 * the device in parts of blocks. The order in which blocks are filled and emptied decides which can
 * be removed later (virtio_mem_sbm_*() in the kernel's drivers/virtio/virtio_mem.c).
 */
#include <errno.h>
#include <string.h>

#include "virtio_mem.h"

static uint8_t *sub_blocks(const struct machine_vmem *v, uint64_t id)
{
	return v->plugged_sb + (id - v->first) * v->sbs;
}

static bool all_are(const struct machine_vmem *v, uint64_t id, bool plugged)
{
	return !memchr(sub_blocks(v, id), !plugged, v->sbs);
}

static uint64_t sb_addr(const struct machine_vmem *v, uint64_t id, uint32_t sb)
{
	return id * v->unit_size + sb * v->sb_size;
}

/* The device plugs or unplugs @count sub-blocks. */
static void sb_set(struct machine_vmem *v, uint64_t id, uint32_t sb, uint64_t count, bool plugged)
{
	memset(sub_blocks(v, id) + sb, plugged, count);
	if (plugged)
		v->plugged_size += count * v->sb_size;
	else
		v->plugged_size -= count * v->sb_size;
}

/* ---- plugging memory ------------------------------------------------------------------------- */

static int plug_and_add(struct machine_vmem *v, uint64_t id, uint64_t *nb_sb)
{
	uint64_t count = BASE_MIN(*nb_sb, v->sbs);
	int ret;

	sb_set(v, id, 0, count, true);
	vmem_set_state(v, id, count == v->sbs ? VMEM_OFFLINE : VMEM_OFFLINE_PARTIAL);
	ret = vmem_add(v, id);
	if (ret) {
		sb_set(v, id, 0, count, false);
		vmem_set_state(v, id, VMEM_UNUSED);
		return ret;
	}
	*nb_sb -= count;
	return 0;
}

/* The lowest run of unplugged sub-blocks, up to @most. */
static uint32_t find_unplugged(const struct machine_vmem *v, uint64_t id, uint64_t most,
			       uint64_t *ret_count)
{
	const uint8_t *sb = sub_blocks(v, id);
	uint32_t first = 0;
	uint64_t count = 0;

	while (first < v->sbs && sb[first])
		first++;
	while (first + count < v->sbs && count < most && !sb[first + count])
		count++;
	*ret_count = count;
	return first;
}

/* Plugs missing sub-blocks of a block that has already been added. */
static int plug_partial(struct machine_vmem *v, uint64_t id, uint64_t *nb_sb)
{
	enum vmem_state state = vmem_state(v, id);

	while (*nb_sb) {
		uint64_t count;
		uint32_t sb = find_unplugged(v, id, *nb_sb, &count);
		int ret;

		if (!count)
			break;
		if (state != VMEM_OFFLINE_PARTIAL) {
			ret = vmem_fake_online(v, sb_addr(v, id, sb), count * v->sb_size);
			if (ret)
				return ret;
		}
		sb_set(v, id, sb, count, true);
		*nb_sb -= count;
	}
	if (all_are(v, id, true))
		vmem_set_state(v, id, state - 1);
	return 0;
}

int vmem_sbm_plug(struct machine_vmem *v, uint64_t size)
{
	static const enum vmem_state partial[] = { VMEM_KERNEL_PARTIAL, VMEM_MOVABLE_PARTIAL,
						   VMEM_OFFLINE_PARTIAL };
	uint64_t nb_sb = size / v->sb_size, id;
	int ret = 0;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(partial); i++) {
		for (id = v->first; nb_sb && id < v->next && v->count[partial[i]]; id++) {
			if (vmem_state(v, id) == partial[i])
				ret = plug_partial(v, id, &nb_sb);
			if (ret)
				return ret;
		}
	}
	for (id = v->first; nb_sb && id < v->next && v->count[VMEM_UNUSED]; id++) {
		if (vmem_state(v, id) != VMEM_UNUSED)
			continue;
		ret = vmem_could_add(v, v->unit_size) ? plug_and_add(v, id, &nb_sb) : -ENOSPC;
		if (ret)
			return ret;
	}
	while (nb_sb) {
		ret = vmem_could_add(v, v->unit_size) ? vmem_prepare_next(v, &id) : -ENOSPC;
		if (!ret)
			ret = plug_and_add(v, id, &nb_sb);
		if (ret)
			return ret;
	}
	return 0;
}

/* ---- unplugging memory ----------------------------------------------------------------------- */

/* Unplugs from the top, regardless of the contents. */
static int unplug_offline(struct machine_vmem *v, uint64_t id, uint64_t *nb_sb)
{
	const uint8_t *sb = sub_blocks(v, id);

	for (uint32_t i = v->sbs; *nb_sb && i-- > 0;) {
		if (!sb[i])
			continue;
		sb_set(v, id, i, 1, false);
		--*nb_sb;
	}
	if (!all_are(v, id, true))
		vmem_set_state(v, id, VMEM_OFFLINE_PARTIAL);
	if (all_are(v, id, false)) {
		vmem_set_state(v, id, VMEM_UNUSED);
		return vmem_remove(v, id);
	}
	return 0;
}

static int unplug_online_sbs(struct machine_vmem *v, uint64_t id, uint32_t sb, uint32_t count)
{
	enum vmem_state state = vmem_state(v, id);
	int ret = vmem_fake_offline(v, sb_addr(v, id, sb), count * v->sb_size);

	if (ret)
		return ret;
	sb_set(v, id, sb, count, false);
	if (state == VMEM_KERNEL || state == VMEM_MOVABLE)
		vmem_set_state(v, id, state + 1);
	return 0;
}

/* Removes a block without plugged sub-blocks; a failure is retried later. */
static int remove_unplugged(struct machine_vmem *v, uint64_t id)
{
	int ret;

	if (!all_are(v, id, false))
		return 0;
	ret = vmem_offline_and_remove(v, id);
	if (!ret)
		vmem_set_state(v, id, VMEM_UNUSED);
	return ret;
}

/* Unplugs the whole block if possible, else sub-blocks from the top, skipping busy ones. */
static int unplug_online(struct machine_vmem *v, uint64_t id, uint64_t *nb_sb)
{
	const uint8_t *sb = sub_blocks(v, id);
	bool whole = false;
	int ret;

	if (*nb_sb >= v->sbs && all_are(v, id, true)) {
		ret = unplug_online_sbs(v, id, 0, v->sbs);
		if (ret && ret != -EBUSY)
			return ret;
		whole = !ret;
		if (whole)
			*nb_sb -= v->sbs;
	}
	for (uint32_t i = v->sbs; !whole && *nb_sb && i-- > 0;) {
		if (!sb[i])
			continue;
		ret = unplug_online_sbs(v, id, i, 1);
		if (ret && ret != -EBUSY)
			return ret;
		*nb_sb -= !ret;
	}
	if (remove_unplugged(v, id))
		v->have_unplugged = v->machine->spec->profile.vmem_removes_later;
	return 0;
}

int vmem_sbm_unplug(struct machine_vmem *v, uint64_t size)
{
	static const struct {
		enum vmem_state state;
		bool online;
	} order[] = {
		{ VMEM_OFFLINE_PARTIAL, false }, { VMEM_OFFLINE, false },
		{ VMEM_MOVABLE_PARTIAL, true },	 { VMEM_KERNEL_PARTIAL, true },
		{ VMEM_MOVABLE, true },		 { VMEM_KERNEL, true },
	};
	uint64_t nb_sb = size / v->sb_size;
	int ret = 0;

	for (size_t i = 0; nb_sb && i < BASE_ARRAY_SIZE(order); i++) {
		if (order[i].online && !v->machine->vmem_params.unplug_online)
			return 0;
		for (uint64_t id = v->next; nb_sb && id-- > v->first && v->count[order[i].state];) {
			if (vmem_state(v, id) != order[i].state)
				continue;
			ret = order[i].online ? unplug_online(v, id, &nb_sb) :
						unplug_offline(v, id, &nb_sb);
			if (ret)
				return ret;
		}
	}
	return nb_sb ? -EBUSY : 0;
}

void vmem_sbm_cleanup(struct machine_vmem *v)
{
	static const enum vmem_state partial[] = { VMEM_MOVABLE_PARTIAL, VMEM_KERNEL_PARTIAL,
						   VMEM_OFFLINE_PARTIAL };
	bool failed = false;

	if (!v->have_unplugged)
		return;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(partial); i++) {
		for (uint64_t id = v->first; id < v->next && v->count[partial[i]]; id++) {
			if (vmem_state(v, id) == partial[i] && remove_unplugged(v, id))
				failed = true;
		}
	}
	v->have_unplugged = failed;
}

/* ---- notifications from the hotplug core ----------------------------------------------------- */

int vmem_sbm_going_online(struct machine_vmem *v, uint64_t id)
{
	enum vmem_state state = vmem_state(v, id);

	if (state == VMEM_OFFLINE || state == VMEM_OFFLINE_PARTIAL)
		return 0;
	hp_log(v->machine->hp, "virtio_mem %s: memory block onlining denied", v->name);
	return -EPERM;
}

/* Keeps unplugged sub-blocks out of the allocator. */
int vmem_sbm_online_pages(struct machine_vmem *v, uint64_t id)
{
	unsigned int shift = v->machine->spec->page_shift;
	const uint8_t *sb = sub_blocks(v, id);
	int ret = 0;

	for (uint32_t i = 0, count; !ret && i < v->sbs; i += count) {
		for (count = 1; i + count < v->sbs && sb[i + count] == sb[i]; count++)
			;
		if (!sb[i])
			ret = mm_fake_offline(v->machine->mm, v->fresh, sb_addr(v, id, i) >> shift,
					      count * v->sb_size >> shift);
	}
	return ret;
}

void vmem_sbm_online(struct machine_vmem *v, uint64_t id, bool movable)
{
	bool partial = vmem_state(v, id) == VMEM_OFFLINE_PARTIAL;

	vmem_set_state(v, id, (movable ? VMEM_MOVABLE : VMEM_KERNEL) + partial);
}

void vmem_sbm_offline(struct machine_vmem *v, uint64_t id)
{
	enum vmem_state state = vmem_state(v, id);
	bool partial = state == VMEM_KERNEL_PARTIAL || state == VMEM_MOVABLE_PARTIAL;

	vmem_set_state(v, id, VMEM_OFFLINE + partial);
}
