/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The monitor's state, and what its files share. */
#ifndef QMP_PRIVATE_H
#define QMP_PRIVATE_H

#include <bsd/sys/queue.h>
#include <jansson.h>

#include "memhp/qmp.h"

#define QMP_GENERIC "GenericError"
#define QMP_NOT_FOUND "DeviceNotFound"
#define QMP_NO_COMMAND "CommandNotFound"
#define QMP_NOT_ACTIVE "DeviceNotActive"

/*
 * struct qmp_backend - memory for a device (QEMU's memory-backend-*)
 * @type: index in qmp_backend_types
 * @threads: of prealloc
 * @is_boot: it backs a node's boot memory; @is_implied: it belongs to a device that was not added
 *	     here
 */
struct qmp_backend {
	char *id;
	unsigned int type;
	uint64_t size;
	bool share, dump, merge, prealloc, reserve, canonical;
	uint64_t threads;
	unsigned int policy;
	struct base_mask nodes;
	bool is_boot;
	bool is_implied;
	TAILQ_ENTRY(qmp_backend) link;
};

/* The machine's own devices without a name: a serial port, and the controller of that. */
#define QMP_ANONYMOUS 2

/*
 * struct qmp_device - a device
 * @id: NULL: anonymous; @number: of an anonymous one
 * @name: of its object in machine/
 * @thing: the machine's part; of a balloon: its pages, NULL while it has none
 * @memdev: the backend; NULL: a balloon
 * @is_implied: not added here; @is_builtin: a balloon that gives way to one that is added
 * @is_gone: a DIMM that the guest has released, whose object has not been removed yet
 * @slot: of a DIMM or NVDIMM
 * @requested: of virtio-mem, as clients see it; of a balloon: bytes that it should hold
 * @actual: bytes that a balloon holds
 * @inaccessible: unplugged-inaccessible, index in qmp_on_off_auto
 * @must_insert, @must_eject, @must_resize: what the guest has not been told yet
 */
struct qmp_device {
	char *id;
	unsigned int number;
	char *name;
	enum qmp_kind kind;
	void *thing;
	struct qmp_backend *memdev;
	bool is_implied;
	bool is_builtin;
	bool is_gone;
	uint64_t slot;
	uint64_t requested;
	uint64_t actual;
	uint64_t polling;
	unsigned int inaccessible;
	bool prealloc;
	bool must_insert, must_eject, must_resize;
	TAILQ_ENTRY(qmp_device) link;
};

/* The last status that the guest has reported for a slot. */
struct qmp_ost {
	unsigned int source;
	unsigned int status;
};

/*
 * struct qmp - a monitor
 * @is_paused: after `stop`
 * @class, @desc: of the error of the command in progress; @class NULL: none
 */
struct qmp {
	struct machine *machine;
	const struct qmp_host *host;
	void *ctx;
	TAILQ_HEAD(qmp_backends, qmp_backend) backends;
	TAILQ_HEAD(qmp_devices, qmp_device) devices;
	struct qmp_ost ost[MACHINE_DIMM_SLOTS];
	bool is_paused;
	const char *class;
	struct base_buf desc;
};

/* ---- errors and arguments (args.c) ----------------------------------------------------------- */

/* Sets the error of the command; returns NULL. */
json_t *qmp_fail(struct qmp *q, const char *class, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

enum qmp_type { QMP_END, QMP_STR, QMP_INT, QMP_UINT, QMP_BOOL, QMP_ARRAY, QMP_ANY };

/* An argument of a command. */
struct qmp_arg {
	const char *name;
	enum qmp_type type;
	bool is_optional;
};

/* Checks the arguments of @spec, up to QMP_END: false, and the error is set. */
bool qmp_check_args(struct qmp *q, json_t *args, const struct qmp_arg *spec);
/* The same, when these are all. */
bool qmp_check_all(struct qmp *q, json_t *args, const struct qmp_arg *spec);
/* An argument that nothing has taken, as QEMU finds it; NULL: there is none. */
const char *qmp_unexpected(json_t *args, const struct qmp_arg *const *specs, size_t nr);
/* Integers as they are, or as they are stored. */
bool qmp_uint(json_t *value, uint64_t *ret_value);
json_t *qmp_json_uint(uint64_t value);
/* Whether @id may name an object (id_wellformed()). */
bool qmp_is_id(const char *id);
static inline json_t *qmp_ok(void)
{
	return json_object();
}

/* ---- commands (commands.c) ------------------------------------------------------------------- */

typedef json_t *qmp_command_fn(struct qmp *q, json_t *args);

/* @args: up to QMP_END; NULL: the function checks them itself. @is_query: it changes nothing */
struct qmp_command {
	const char *name;
	qmp_command_fn *fn;
	const struct qmp_arg *args;
	bool is_query;
};
extern const struct qmp_command qmp_commands[];
const struct qmp_command *qmp_find_command(const char *name);

qmp_command_fn qmp_query_version, qmp_query_commands, qmp_query_schema, qmp_object_add,
	qmp_object_del, qmp_query_memdev, qmp_device_add, qmp_device_del, qmp_query_memory_devices,
	qmp_query_size_summary, qmp_query_ospm, qmp_qom_list, qmp_qom_get, qmp_qom_set, qmp_balloon,
	qmp_query_balloon, qmp_query_hotpluggable_cpus, qmp_query_cpus, qmp_human;

void qmp_version(json_t *into);

/* ---- backends (backend.c) -------------------------------------------------------------------- */

extern const char *const qmp_backend_types[];
extern const char *const qmp_policies[];
struct qmp_backend *qmp_backend_new(struct qmp *q, const char *id);
void qmp_backend_free(struct qmp *q, struct qmp_backend *b);
struct qmp_backend *qmp_backend_find(const struct qmp *q, const char *id);
bool qmp_backend_is_used(const struct qmp *q, const struct qmp_backend *b);
int qmp_backends_boot(struct qmp *q);

/* ---- devices (device.c, device_add.c, balloon.c) --------------------------------------------- */

extern const char *const qmp_drivers[QMP_NR_KINDS];
extern const char *const qmp_on_off_auto[];

struct qmp_device *qmp_device_new(struct qmp *q, enum qmp_kind kind, const char *id);
void qmp_device_free(struct qmp *q, struct qmp_device *d);
struct qmp_device *qmp_device_find(const struct qmp *q, const char *id);
struct qmp_device *qmp_device_of(const struct qmp *q, const void *thing);
/* The device of a path or id; NULL. */
struct qmp_device *qmp_device_at(const struct qmp *q, const char *path);
/* "/machine/peripheral/ID" */
void qmp_device_path(const struct qmp_device *d, struct base_buf *buf);
/* Its id and path, as events have them. */
json_t *qmp_device_about(const struct qmp_device *d);
/* The machine's parts of a kind: the first one (NULL), or the one after @last; or NULL. */
void *qmp_thing_next(const struct qmp *q, enum qmp_kind kind, void *last);
/* Makes the list match the machine, to which others add devices as well. */
void qmp_sync(struct qmp *q);
/* Lets the guest know what it has not been told yet, unless it is stopped. */
void qmp_tell_guest(struct qmp *q);
bool qmp_has_memory(const struct qmp_device *d);
uint64_t qmp_device_addr(const struct qmp_device *d);
uint64_t qmp_device_node(const struct qmp_device *d);
/* Bytes that the guest can use. */
uint64_t qmp_device_size(const struct qmp_device *d);
/* The devices with memory by address: the first one (NULL), or the one after @last; or NULL. */
struct qmp_device *qmp_memory_next(const struct qmp *q, const struct qmp_device *last);
unsigned int qmp_nodes(const struct qmp *q);
/* RAM with DIMMs, as balloons see it. */
uint64_t qmp_balloon_ram(const struct qmp *q);
struct qmp_device *qmp_find_balloon(const struct qmp *q);
int qmp_balloon_boot(struct qmp *q);
/* Lets the guest fill or empty it, or release it. */
void qmp_balloon_tell(struct qmp *q, struct qmp_device *d);
extern const struct machine_monitor qmp_monitor;

/* Emits an event; takes over @data, which may be NULL. */
void qmp_emit(struct qmp *q, const char *name, json_t *data, bool by_guest);

/* ---- properties (props.c) -------------------------------------------------------------------- */

#define QMP_MACHINE_TYPE "pc-i440fx-7.2-machine"

/*
 * A property of a type of QEMU
 * @value: as JSON, if nothing changes it; NULL: it has a value of its own, or cannot be read
 */
struct qmp_prop {
	const char *name;
	const char *type;
	const char *value;
};
/* The property of a type with an index, besides `type`; NULL: there are no more. */
const struct qmp_prop *qmp_prop_at(const char *type, size_t index);
const struct qmp_prop *qmp_prop_find(const char *type, const char *name);

#endif
