// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The monitor: a message of a client is read, checked and carried out as QEMU does it
 * (qapi/qmp-dispatch.c). All commands are answered at once; what the guest does then is reported by
 * events.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "qmp_private.h"
#include "syntax.h"

/* struct request - a message that has been read; @args is owned by @message */
struct request {
	json_t *message;
	json_t *id;
	json_t *args;
	const char *name;
};

/* ---- answers --------------------------------------------------------------------------------- */

/* Takes over @value. */
static int answer(struct request *r, const char *key, json_t *value, struct base_buf *buf)
{
	json_t *message = json_pack("{s:o}", key, value);
	char *text;

	if (r->id)
		json_object_set(message, "id", r->id);
	text = message ? json_dumps(message, 0) : NULL;
	base_buf_puts(buf, text ? text : "");
	json_decref(message);
	json_decref(r->message);
	free(text);
	return text && !buf->failed ? 0 : -ENOMEM;
}

static int answer_error(struct request *r, const char *class, const char *desc,
			struct base_buf *buf)
{
	/* What comes from the message is UTF-8; other texts are not. */
	json_t *text = json_string(desc);

	return answer(r, "error",
		      json_pack("{s:s, s:o}", "class", class, "desc",
				text ? text : json_string("the error cannot be shown")),
		      buf);
}

/* ---- reading a message ----------------------------------------------------------------------- */

/* qmp_dispatch_check_obj(): what is wrong, in @why. */
static void check_members(struct request *r, struct base_buf *why)
{
	json_t *execute = json_object_get(r->message, "execute"), *value;
	const char *name;

	r->args = json_object_get(r->message, "arguments");
	json_object_foreach(r->message, name, value)
	{
		if (strcmp(name, "execute") && strcmp(name, "arguments") && strcmp(name, "id")) {
			base_buf_printf(why, "QMP input member '%s' is unexpected", name);
			return;
		}
	}
	if (execute && !json_is_string(execute))
		base_buf_puts(why, "QMP input member 'execute' must be a string");
	else if (r->args && !json_is_object(r->args))
		base_buf_puts(why, "QMP input member 'arguments' must be an object");
	else if (!execute)
		base_buf_puts(why, "QMP input lacks member 'execute'");
	else
		r->name = json_string_value(execute);
}

static void read_request(const char *text, size_t len, struct request *ret, struct base_buf *why)
{
	*ret = (struct request){ .message = qmp_read(text, len, why) };
	if (!ret->message)
		return;
	if (!json_is_object(ret->message)) {
		base_buf_puts(why, "QMP input must be a JSON object");
		return;
	}
	ret->id = json_object_get(ret->message, "id");
	check_members(ret, why);
}

bool qmp_is_query(const char *text, size_t len)
{
	const struct qmp_command *command = NULL;
	struct base_buf why;
	struct request r;

	base_buf_init(&why);
	read_request(text, len, &r, &why);
	if (!why.len)
		command = qmp_find_command(r.name);
	json_decref(r.message);
	base_buf_fini(&why);
	return !command || command->is_query;
}

/* ---- carrying it out ------------------------------------------------------------------------- */

static int run(struct qmp *q, struct request *r, const struct qmp_command *command,
	       struct base_buf *buf)
{
	json_t *args = r->args ? json_incref(r->args) : json_object(), *value = NULL;

	q->class = NULL;
	if (!command->args || qmp_check_all(q, args, command->args)) {
		qmp_sync(q);
		value = command->fn(q, args);
		qmp_tell_guest(q);
	}
	json_decref(args);
	if (value)
		return answer(r, "return", value, buf);
	if (q->class && !q->desc.failed)
		return answer_error(r, q->class, base_buf_text(&q->desc), buf);
	json_decref(r->message);
	return -ENOMEM;
}

static int not_found(struct request *r, struct base_buf *buf)
{
	struct base_buf desc;
	int ret;

	base_buf_init(&desc);
	base_buf_printf(&desc, "The command %s has not been found", r->name);
	ret = answer_error(r, QMP_NO_COMMAND, base_buf_text(&desc), buf);
	base_buf_fini(&desc);
	return ret;
}

int qmp_execute(struct qmp *q, const char *text, size_t len, struct base_buf *buf)
{
	const struct qmp_command *command;
	struct base_buf why;
	struct request r;
	int ret;

	base_buf_init(&why);
	read_request(text, len, &r, &why);
	command = why.len ? NULL : qmp_find_command(r.name);
	if (why.len)
		ret = answer_error(&r, QMP_GENERIC, base_buf_text(&why), buf);
	else
		ret = command ? run(q, &r, command, buf) : not_found(&r, buf);
	base_buf_fini(&why);
	return ret;
}

void qmp_negotiate(const char *text, size_t len, struct base_buf *buf, bool *ret_done)
{
	struct base_buf why;
	struct request r;
	json_t *enable;

	*ret_done = false;
	base_buf_init(&why);
	read_request(text, len, &r, &why);
	enable = json_object_get(r.args, "enable");
	if (why.len)
		(void)answer_error(&r, QMP_GENERIC, base_buf_text(&why), buf);
	else if (strcmp(r.name, "qmp_capabilities"))
		(void)answer_error(&r, QMP_NO_COMMAND,
				   "Expecting capabilities negotiation with 'qmp_capabilities'",
				   buf);
	else if (enable && !json_is_array(enable))
		(void)answer_error(&r, QMP_GENERIC,
				   "Invalid parameter type for 'enable', expected: array", buf);
	else if (json_array_size(enable))
		(void)answer_error(&r, QMP_GENERIC, "This monitor has no capabilities to enable",
				   buf);
	else
		*ret_done = !answer(&r, "return", json_object(), buf);
	base_buf_fini(&why);
}

void qmp_refuse(const char *text, size_t len, int err, struct base_buf *buf)
{
	struct base_buf why;
	struct request r;

	base_buf_init(&why);
	read_request(text, len, &r, &why);
	base_buf_reset(&why);
	base_buf_printf(&why, "a fault plan makes it fail: %s", strerror(-err));
	(void)answer_error(&r, QMP_GENERIC, base_buf_text(&why), buf);
	base_buf_fini(&why);
}

/* ---- creating and freeing it ----------------------------------------------------------------- */

void qmp_free(struct qmp *q)
{
	struct qmp_backend *b;
	struct qmp_device *d;

	if (!q)
		return;
	machine_set_monitor(q->machine, NULL, NULL);
	while ((d = TAILQ_FIRST(&q->devices)))
		qmp_device_free(q, d);
	while ((b = TAILQ_FIRST(&q->backends)))
		qmp_backend_free(q, b);
	base_buf_fini(&q->desc);
	free(q);
}

struct qmp *qmp_new(struct machine *machine, const struct qmp_host *host, void *ctx)
{
	struct qmp *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->machine = machine;
	q->host = host;
	q->ctx = ctx;
	TAILQ_INIT(&q->backends);
	TAILQ_INIT(&q->devices);
	base_buf_init(&q->desc);
	if (qmp_backends_boot(q) || (machine_spec(machine)->balloon && qmp_balloon_boot(q))) {
		qmp_free(q);
		return NULL;
	}
	machine_set_monitor(machine, &qmp_monitor, q);
	return q;
}

/*
 * The kernel that boots finds DIMMs, and hears of no request that the old one has not heard of. The
 * balloon's pages belonged to the old one; the new one fills it again.
 */
void qmp_reset(struct qmp *q)
{
	struct qmp_device *balloon = qmp_find_balloon(q), *d;

	TAILQ_FOREACH(d, &q->devices, link)
		d->must_insert = d->must_eject = false;

	if (balloon) {
		balloon->thing = NULL;
		balloon->actual = 0;
		balloon->must_resize = balloon->requested;
	}
	qmp_sync(q);
	qmp_tell_guest(q);
}
