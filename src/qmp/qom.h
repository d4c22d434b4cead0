/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects of the object model. */
#ifndef QMP_QOM_H
#define QMP_QOM_H

#include "qmp_private.h"

enum qom_what {
	QOM_ROOT,
	QOM_MACHINE,
	QOM_OBJECTS,
	QOM_PERIPHERAL,
	QOM_ANON,
	QOM_BACKEND,
	QOM_DEVICE,
	QOM_INNER
};

/* struct qom - an object; @path: its canonical path */
struct qom {
	enum qom_what what;
	const char *type;
	struct qmp_backend *backend;
	struct qmp_device *device;
	struct base_buf path;
};

/* The type of the inner device of one on the PCI bus; NULL: it has none. */
extern const char *const qom_inner_types[QMP_NR_KINDS];

/*
 * Resolves a path, which may be partial. If there is no such object, the error is set; the caller
 * frees &qom.path in any case.
 */
bool qom_find(struct qmp *q, const char *text, struct qom *ret);

#endif
