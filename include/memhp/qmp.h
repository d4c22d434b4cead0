/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp: the monitor of a hypervisor, which speaks QEMU's protocol (QMP) about the machine. It takes
 * one message of a client and gives its answer; the transport is the business of others.
 */
#ifndef MEMHP_QMP_H
#define MEMHP_QMP_H

#include "memhp/base.h"
#include "memhp/machine.h"

struct qmp;

/** enum qmp_kind - devices that a monitor can add */
enum qmp_kind {
	QMP_DIMM,
	QMP_NVDIMM,
	QMP_VMEM,
	QMP_BALLOON,
	QMP_NR_KINDS,
};

/**
 * struct qmp_host - what the monitor needs from the layer above; every member must be set
 * @make: makes the object of machine/ that stands for a device, @ret_thing; 0, -EEXIST, -ENOMEM
 * @unmake: removes it
 * @name: the name of that object
 * @plugged: a DIMM has been plugged
 * @event: an event for all clients; @data: its data, as JSON; NULL: none. @by_guest: the guest
 *	   causes it, so that it comes after the answer of the command in progress
 * @reset, @quit: the commands of these names
 */
struct qmp_host {
	int (*make)(void *ctx, enum qmp_kind kind, const char *name, void **ret_thing);
	void (*unmake)(void *ctx, enum qmp_kind kind, void *thing);
	const char *(*name)(void *ctx, enum qmp_kind kind, const void *thing);
	void (*plugged)(void *ctx, const struct machine_dimm *dimm);
	void (*event)(void *ctx, const char *name, const char *data, bool by_guest);
	void (*reset)(void *ctx);
	void (*quit)(void *ctx);
};

/** qmp_new() - the monitor of @machine, which it must not outlive; NULL: out of memory. */
struct qmp *qmp_new(struct machine *machine, const struct qmp_host *host, void *ctx);
void qmp_free(struct qmp *q);
/**
 * qmp_execute() - carry out a message of a client that has negotiated capabilities
 * @buf: gets the answer, one line without its end
 *
 * Return: 0, also if the command fails; -ENOMEM.
 */
int qmp_execute(struct qmp *q, const char *text, size_t len, struct base_buf *buf);
/** qmp_is_query() - whether a message changes nothing. */
bool qmp_is_query(const char *text, size_t len);
/** qmp_refuse() - the answer to a message that a fault plan makes fail with @err. */
void qmp_refuse(const char *text, size_t len, int err, struct base_buf *buf);
/** qmp_reset() - the machine has booted again. */
void qmp_reset(struct qmp *q);
/** qmp_save() - save or load it, after the machine. */
void qmp_save(struct qmp *q, struct base_save *s);

/* ---- messages (message.c) -------------------------------------------------------------------- */

/**
 * qmp_message_len() - find the end of the first message in a stream
 * @ret_start: where it begins, behind blanks
 *
 * Return: the length from the beginning of @text; 0: it is not complete.
 */
size_t qmp_message_len(const char *text, size_t len, size_t *ret_start);
/**
 * qmp_negotiate() - carry out a message of a client that has not negotiated capabilities
 * @ret_done: whether it has done so now
 */
void qmp_negotiate(const char *text, size_t len, struct base_buf *buf, bool *ret_done);
/** qmp_greeting() - what a client gets first. */
void qmp_greeting(struct base_buf *buf);
/** qmp_event_text() - an event as it is sent. */
void qmp_event_text(const char *name, const char *data, uint64_t real_ns, struct base_buf *buf);
/** qmp_event_key() - for an event that is sent at most once a second: what it is about; or NULL. */
char *qmp_event_key(const char *name, const char *data);
/** qmp_canonical() - a message with sorted keys and without blanks; -EINVAL: it is none. */
int qmp_canonical(const char *text, size_t len, struct base_buf *buf);

#endif
