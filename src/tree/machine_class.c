// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kinds of objects of machine/: how each comes and goes, and the one place that decides whether
 * an object can be removed. A new kind is a row here.
 */
#include <errno.h>

#include "machine_tree.h"

/*
 * struct tree_class - a kind of objects that mkdir makes
 * @make: 0 or -errno
 * @unmake: 0; -EBUSY while the machine uses it
 */
struct tree_class {
	enum tree_kind_id kind;
	int (*make)(struct tree_obj *obj);
	int (*unmake)(struct tree_obj *obj);
};

static int dimm_make(struct tree_obj *obj)
{
	return machine_dimm_new(obj->tree->machine, &obj->dimm);
}

static int dimm_unmake(struct tree_obj *obj)
{
	return machine_dimm_free(obj->tree->machine, obj->dimm);
}

static int vmem_make(struct tree_obj *obj)
{
	return machine_vmem_new(obj->tree->machine, &obj->vmem);
}

static int vmem_unmake(struct tree_obj *obj)
{
	return machine_vmem_free(obj->tree->machine, obj->vmem);
}

static int dax_make(struct tree_obj *obj)
{
	return machine_dax_new(obj->tree->machine, obj->name, &obj->dax);
}

static int dax_unmake(struct tree_obj *obj)
{
	return machine_dax_free(obj->tree->machine, obj->dax);
}

/* What a plan holds up goes on when it is removed. */
static int fault_make(struct tree_obj *obj)
{
	return machine_fault_new(obj->tree->machine, obj->name, &obj->fault);
}

static int fault_unmake(struct tree_obj *obj)
{
	machine_fault_free(obj->tree->machine, obj->fault);
	return 0;
}

static int race_make(struct tree_obj *obj)
{
	return tree_gate_new(obj->tree, obj->name, &obj->gate);
}

/* So do requests that wait at a gate. */
static int race_unmake(struct tree_obj *obj)
{
	tree_gate_free(obj->tree, obj->gate);
	return 0;
}

static int workload_make(struct tree_obj *obj)
{
	return machine_workload_new(obj->tree->machine, obj->name, &obj->workload);
}

static int workload_unmake(struct tree_obj *obj)
{
	machine_workload_free(obj->tree->machine, obj->workload);
	return 0;
}

static const struct tree_class classes[] = {
	{ TREE_KIND_DIMM, dimm_make, dimm_unmake },
	{ TREE_KIND_VIRTIO_MEM, vmem_make, vmem_unmake },
	{ TREE_KIND_DAX, dax_make, dax_unmake },
	{ TREE_KIND_CONTAINER, tree_container_new, tree_container_free },
	{ TREE_KIND_FAULT, fault_make, fault_unmake },
	{ TREE_KIND_RACE, race_make, race_unmake },
	{ TREE_KIND_WORKLOAD, workload_make, workload_unmake },
};

static const struct tree_class *class_of(const struct tree_obj *obj)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(classes); i++) {
		if (classes[i].kind == obj->kind)
			return &classes[i];
	}
	return NULL;
}

int tree_machine_make(struct tree *tree, enum tree_collection collection, const char *name)
{
	struct tree_obj *obj = tree_obj_new(tree, collection, name, 0);
	int ret;

	if (!obj)
		return -ENOMEM;
	ret = class_of(obj)->make(obj);
	if (ret)
		tree_obj_remove(obj);
	return ret;
}

int tree_machine_unmake(struct tree_obj *obj)
{
	int ret;

	/* Whatever a write does, it does it to the object, when its turn comes or now. */
	if (obj->nr_stores)
		return machine_refuse(obj->tree->machine, -EBUSY,
				      "a write to one of its files has not been answered yet: wait "
				      "for that");
	ret = class_of(obj)->unmake(obj);
	if (!ret)
		tree_obj_remove(obj);
	return ret;
}
