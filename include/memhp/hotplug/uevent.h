/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Uevents (uevent.c). */
#ifndef MEMHP_HOTPLUG_UEVENT_H
#define MEMHP_HOTPLUG_UEVENT_H

#include "memhp/hotplug/hp.h"

/** hp_uevent_send() - number an event and pass it to the observer. */
void hp_uevent_send(struct hp *hp, const char *action, const char *devpath, const char *subsystem);
/** hp_uevent_send_key() - the same with an additional "KEY=value". */
void hp_uevent_send_key(struct hp *hp, const char *action, const char *devpath,
			const char *subsystem, const char *key);
/** hp_uevent_send_keys() - the same with @nr of them. */
void hp_uevent_send_keys(struct hp *hp, const char *action, const char *devpath,
			 const char *subsystem, const char *const *keys, size_t nr);
/**
 * hp_uevent_synth() - a write to a `uevent` file (kobject_synth_uevent())
 * @subsystem: NULL for devices whose events are filtered: the grammar is checked, nothing is sent
 * @log_name: the device in the kernel's log, NULL for an object that is not a device
 *
 * Return: 0 or -errno.
 */
int hp_uevent_synth(struct hp *hp, const char *devpath, const char *subsystem, const char *log_name,
		    const char *text, size_t len);
/** struct hp_synth - the object whose `uevent` file is written; @keys: "KEY=value" of its events */
struct hp_synth {
	const char *devpath;
	const char *subsystem;
	const char *log_name;
	const char *const *keys;
	size_t nr_keys;
};
/** hp_uevent_synth_device() - the same for a device whose events have keys of their own. */
int hp_uevent_synth_device(struct hp *hp, const struct hp_synth *of, const char *text, size_t len);
uint64_t hp_uevent_seqnum(const struct hp *hp);
/** hp_uevents_deliver() - deliver all events that are late now. */
void hp_uevents_deliver(struct hp *hp);

#endif
