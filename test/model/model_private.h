/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations shared by the model's own files. */
#ifndef TEST_MODEL_PRIVATE_H
#define TEST_MODEL_PRIVATE_H

#include "model.h"

bool model_overlap(uint64_t a_start, uint64_t a_end, uint64_t b_start, uint64_t b_end);
/* Whole pages of the @i-th range of boot memory. */
struct model_span model_boot_pfns(const struct model *m, unsigned int i);
void model_span_grow(struct model_span *span, uint64_t start, uint64_t end);
/* Removes an offlined range from the zone. */
void model_zone_shrink(struct model *m, int nid, enum mm_zone_type zone, uint64_t start,
		       uint64_t end);

#endif
