/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DAX regions and devices below sys/ (sys_dax.c, sys_dax_bus.c). */
#ifndef SYS_DAX_H
#define SYS_DAX_H

#include "tree_private.h"

/* The driver of a device's object, which may be dead. */
enum machine_dax_driver tree_dax_driver(const struct tree_obj *dev);

#endif
