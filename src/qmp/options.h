/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of device_add. */
#ifndef QMP_OPTIONS_H
#define QMP_OPTIONS_H

#include "qmp_private.h"

/*
 * struct qmp_options - options of a device
 * @id: NULL: anonymous
 * @slot: -1: any; @addr: 0: any
 */
struct qmp_options {
	enum qmp_kind kind;
	const char *id;
	struct qmp_backend *memdev;
	uint64_t node;
	int64_t slot;
	uint64_t addr;
	uint64_t block_size;
	uint64_t requested;
	unsigned int inaccessible;
	bool prealloc;
};

/* Takes driver, id and bus: false, and the error is set. */
bool qmp_options_head(struct qmp *q, json_t *args, struct qmp_options *ret_options);
/* Takes the properties. */
bool qmp_options_rest(struct qmp *q, json_t *args, struct qmp_options *options);

#endif
