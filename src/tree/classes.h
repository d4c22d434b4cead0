/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of objects that mkdir makes below machine/. */
#ifndef TREE_CLASSES_H
#define TREE_CLASSES_H

/*
 * CLASS(NAME, name) stands for tree_name_class, defined in a file of its own. These lines generate
 * TREE_KIND_NAME, the collection TREE_NAMES, the directory, machine/spec, and what is saved.
 */
#define TREE_CLASSES(CLASS)                                                                        \
	CLASS(DIMM, dimm)                                                                          \
	CLASS(VMEM, vmem)                                                                          \
	CLASS(DAX, dax)                                                                            \
	CLASS(CONTAINER, container)                                                                \
	CLASS(SWAP, swap)                                                                          \
	CLASS(WORKLOAD, workload)                                                                  \
	CLASS(RACE, race)                                                                          \
	CLASS(FAULT, fault)

#endif
