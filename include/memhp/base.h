/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base: the basics for every layer: the kernel's parsing primitives, a text buffer, node masks,
 * and the clock interface, which is the only source of time.
 *
 * There is no global state, and no function blocks.
 */
#ifndef MEMHP_BASE_H
#define MEMHP_BASE_H

#include "memhp/base/buf.h"
#include "memhp/base/clock.h"
#include "memhp/base/map.h"
#include "memhp/base/mask.h"
#include "memhp/base/parse.h"
#include "memhp/base/save.h"
#include "memhp/base/util.h"

#endif
