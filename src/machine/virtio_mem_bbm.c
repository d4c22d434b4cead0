// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * virtio-mem in big-block mode: the device's blocks are memory blocks or larger, and each is
 * plugged and unplugged as a whole (virtio_mem_bbm_*() in the kernel's
 * drivers/virtio/virtio_mem.c).
 */
#include <errno.h>

#include "virtio_mem.h"

static int plug_and_add(struct machine_vmem *v, uint64_t id)
{
	int ret;

	v->plugged_size += v->unit_size;
	vmem_set_state(v, id, VMEM_OFFLINE);
	ret = vmem_add(v, id);
	if (ret) {
		v->plugged_size -= v->unit_size;
		vmem_set_state(v, id, VMEM_UNUSED);
	}
	return ret;
}

int vmem_bbm_plug(struct machine_vmem *v, uint64_t size)
{
	uint64_t nb = size / v->unit_size, id;
	int ret;

	for (id = v->first; nb && id < v->next && v->count[VMEM_UNUSED]; id++) {
		if (vmem_state(v, id) != VMEM_UNUSED)
			continue;
		ret = vmem_could_add(v, v->unit_size) ? plug_and_add(v, id) : -ENOSPC;
		if (ret)
			return ret;
		nb--;
	}
	for (; nb; nb--) {
		ret = vmem_could_add(v, v->unit_size) ? vmem_prepare_next(v, &id) : -ENOSPC;
		if (!ret)
			ret = plug_and_add(v, id);
		if (ret)
			return ret;
	}
	return 0;
}

/* Advances *@pfn to the next online section; false if there is none before @end. */
static bool next_online(const struct machine_vmem *v, uint64_t *pfn, uint64_t end)
{
	for (; *pfn < end; *pfn += mm_config(v->machine->mm)->section_pages) {
		if (mm_pfn_online(v->machine->mm, *pfn))
			return true;
	}
	return false;
}

static bool is_offline(const struct machine_vmem *v, uint64_t id)
{
	uint64_t pages = v->unit_size >> v->machine->spec->page_shift, pfn = id * pages;

	return !next_online(v, &pfn, (id + 1) * pages);
}

/* Whether all its online memory is in Movable. */
static bool is_movable(const struct machine_vmem *v, uint64_t id)
{
	uint64_t pages = v->unit_size >> v->machine->spec->page_shift, pfn = id * pages;

	while (next_online(v, &pfn, (id + 1) * pages)) {
		struct mm_usage usage;

		mm_range_usage(v->machine->mm, pfn, 1, &usage);
		if (usage.zones != 1u << MM_ZONE_MOVABLE)
			return false;
		pfn += mm_config(v->machine->mm)->section_pages;
	}
	return true;
}

/* Returns the online sections in [pfn, end) to the allocator. */
static void roll_back(struct machine_vmem *v, uint64_t id, uint64_t pfn, uint64_t end)
{
	unsigned int shift = v->machine->spec->page_shift;
	uint64_t section = mm_config(v->machine->mm)->section_pages;

	for (; next_online(v, &pfn, end); pfn += section)
		(void)vmem_fake_online(v, pfn << shift, section << shift);
	vmem_set_state(v, id, VMEM_OFFLINE);
}

static int unplug(struct machine_vmem *v, uint64_t id)
{
	unsigned int shift = v->machine->spec->page_shift;
	uint64_t section = mm_config(v->machine->mm)->section_pages;
	uint64_t start = id * (v->unit_size >> shift), end = start + (v->unit_size >> shift);
	int ret = 0;

	vmem_set_state(v, id, VMEM_FAKE_OFFLINE);
	for (uint64_t pfn = start; next_online(v, &pfn, end); pfn += section) {
		ret = vmem_fake_offline(v, pfn << shift, section << shift);
		if (ret) {
			roll_back(v, id, start, pfn);
			return ret;
		}
	}
	ret = vmem_offline_and_remove(v, id);
	if (ret) {
		roll_back(v, id, start, end);
		return ret;
	}
	v->plugged_size -= v->unit_size;
	vmem_set_state(v, id, VMEM_UNUSED);
	return 0;
}

/* Offline blocks first, then Movable ones, then all others. */
int vmem_bbm_unplug(struct machine_vmem *v, uint64_t size)
{
	uint64_t nb = size / v->unit_size;

	for (int pass = 0; nb && pass < 3; pass++) {
		for (uint64_t id = v->next; nb && id-- > v->first && v->count[VMEM_OFFLINE];) {
			int ret;

			if (vmem_state(v, id) != VMEM_OFFLINE ||
			    (pass == 0 && !is_offline(v, id)) || (pass == 1 && !is_movable(v, id)))
				continue;
			ret = unplug(v, id);
			if (ret && ret != -EBUSY)
				return ret;
			nb -= !ret;
		}
		if (pass == 0 && !v->machine->vmem_params.unplug_online)
			return 0;
	}
	return nb ? -EBUSY : 0;
}
