// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The classes of the objects of machine/ (classes.h), and the only place that decides whether an
 * object can be removed.
 */
#include <errno.h>

#include "machine_tree.h"

const struct tree_class *const tree_classes[TREE_NR_KINDS] = {
#define CLASS(NAME, name) [TREE_KIND_##NAME] = &tree_##name##_class,
	TREE_CLASSES(CLASS)
#undef CLASS
};

int tree_machine_make(struct tree *tree, enum tree_collection collection, const char *name)
{
	struct tree_obj *obj = tree_obj_new(tree, collection, name, 0);
	int ret;

	if (!obj)
		return -ENOMEM;
	ret = tree_classes[obj->kind]->make(obj);
	if (ret)
		tree_obj_remove(obj);
	return ret;
}

int tree_machine_unmake(struct tree_obj *obj)
{
	int ret;

	/* A write acts on the object now or when its turn comes. */
	if (obj->nr_stores)
		return machine_refuse(obj->tree->machine, -EBUSY,
				      "a write to one of its files has not been answered yet: wait "
				      "for that");
	ret = tree_classes[obj->kind]->unmake(obj);
	if (!ret)
		tree_obj_remove(obj);
	return ret;
}
