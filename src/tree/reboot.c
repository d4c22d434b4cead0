// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A reboot, as the tree sees it: what the kernel had is gone for good, so that files of it that are
 * still open answer ENODEV; what the next one finds is new. machine/ has the hardware, which stays.
 */
#include <stdlib.h>

#include "machine_tree.h"

/* Objects that do not outlive the kernel. */
static const enum tree_collection of_the_kernel[] = {
	TREE_BLOCKS,	  TREE_NODES,	    TREE_CPUS,	TREE_ACPIS,	TREE_PHYSICAL_NODES,
	TREE_DAX_REGIONS, TREE_DAX_DEVICES, TREE_SWAPS, TREE_WORKLOADS,
};

static void forget_objs(struct tree *tree, enum tree_collection collection)
{
	struct tree_obj *obj;

	while ((obj = tree_obj_next(tree, collection, 0, "")))
		tree_obj_remove(obj);
}

/* Attributes of files that clients have changed, which the host's kernel may have kept. */
static void forget_overrides(struct tree *tree)
{
	struct tree_override *o, *next;
	struct tree_obj *obj;
	unsigned int slot;

	RB_FOREACH_SAFE(o, tree_overrides, &tree->overrides, next) {
		if (tree_inode(tree, o->ino, &obj, &slot) &&
		    (slot >= TREE_SLOT_LINK || tree_slot(obj, slot)->fs == TREE_MACHINE))
			continue;
		RB_REMOVE(tree_overrides, &tree->overrides, o);
		if (tree->watcher)
			tree->watcher(tree->watcher_ctx, o->ino);
		free(o);
	}
}

int tree_reboot(struct tree *tree, enum machine_boot_kind kind)
{
	int ret;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(of_the_kernel); i++)
		forget_objs(tree, of_the_kernel[i]);
	tree_firmware_map_forget(tree);
	ret = machine_reboot(tree->machine, kind);
	if (ret)
		return ret;
	tree->hp = machine_hp(tree->machine);
	tree->mm = machine_mm(tree->machine);
	tree->root.bits = 0;
	*tree->uevent_helper = '\0';
	forget_overrides(tree);
	ret = tree_objs_boot(tree);
	/* Who has not read them yet cannot, as a socket of the old kernel is gone. */
	tree_stream_forget(tree, TREE_STREAM_UEVENTS);
	qmp_reset(tree->qmp);
	tree_kmsg_changed(tree);
	return ret;
}
