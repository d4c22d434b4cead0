// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Uevents: numbering, the kernel's limits, and the grammar of writes to `uevent` files
 * (lib/kobject_uevent.c).
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hp_private.h"

#define ENV_KEYS 64
#define ENV_BYTES 2048
#define UUID_LEN 36
#define MODALIAS "MODALIAS="

/* The environment of an event under construction (struct kobj_uevent_env). */
struct env {
	const char *key[ENV_KEYS];
	size_t nr;
	size_t len;
	char buf[ENV_BYTES];
};

static int __attribute__((format(printf, 2, 3))) env_add(struct env *env, const char *fmt, ...)
{
	size_t room = sizeof(env->buf) - env->len;
	va_list ap;
	int len;

	if (env->nr >= ENV_KEYS)
		return -ENOMEM;
	va_start(ap, fmt);
	len = vsnprintf(env->buf + env->len, room, fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= room)
		return -ENOMEM;
	env->key[env->nr++] = env->buf + env->len;
	env->len += (size_t)len + 1;
	return 0;
}

/* kobject_uevent_env(): the whole environment must fit, with the number as its last key. */
static int uevent_emit_late(struct hp *hp, const char *action, const char *devpath,
			    const char *subsystem, const struct env *extra, uint64_t delay_ns)
{
	struct env env = { .nr = 0 };
	struct hp_uevent event;
	size_t first;
	int ret;

	ret = env_add(&env, "ACTION=%s", action);
	if (!ret)
		ret = env_add(&env, "DEVPATH=%s", devpath);
	if (!ret)
		ret = env_add(&env, "SUBSYSTEM=%s", subsystem);
	first = env.nr;
	for (size_t i = 0; !ret && extra && i < extra->nr; i++) {
		/* No module is to be loaded for it (zap_modalias_env()). */
		if (strcmp(action, "unbind") || strncmp(extra->key[i], MODALIAS, strlen(MODALIAS)))
			ret = env_add(&env, "%s", extra->key[i]);
	}
	if (ret)
		return ret;
	event = (struct hp_uevent){
		.action = action,
		.devpath = devpath,
		.subsystem = subsystem,
		.env = env.key + first,
		.nr_env = env.nr - first,
		.seqnum = ++hp->seqnum,
	};
	ret = env_add(&env, "SEQNUM=%llu", (unsigned long long)event.seqnum);
	if (ret)
		return ret;
	hp_uevent_pass(hp, &event, delay_ns);
	return 0;
}

static int uevent_emit(struct hp *hp, const char *action, const char *devpath,
		       const char *subsystem, const struct env *extra)
{
	return uevent_emit_late(hp, action, devpath, subsystem, extra, 0);
}

static int env_add_all(struct env *env, const char *const *keys, size_t nr)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < nr; i++)
		ret = env_add(env, "%s", keys[i]);
	return ret;
}

void hp_uevent_send_keys(struct hp *hp, const char *action, const char *devpath,
			 const char *subsystem, const char *const *keys, size_t nr)
{
	struct env extra = { .nr = 0 };

	if (!env_add_all(&extra, keys, nr))
		(void)uevent_emit(hp, action, devpath, subsystem, &extra);
}

void hp_uevent_send_key(struct hp *hp, const char *action, const char *devpath,
			const char *subsystem, const char *key)
{
	hp_uevent_send_keys(hp, action, devpath, subsystem, &key, 1);
}

void hp_uevent_send(struct hp *hp, const char *action, const char *devpath, const char *subsystem)
{
	(void)uevent_emit(hp, action, devpath, subsystem, NULL); /* three short keys always fit */
}

void hp_uevent_block(struct hp *hp, const struct hp_block *block, const char *action,
		     const char *devpath)
{
	uint64_t delay_ns;

	/* A lost one has had its number, as when the socket of a listener is full. */
	if (hp_fault_uevent(hp, block, &delay_ns))
		hp->seqnum++;
	else
		(void)uevent_emit_late(hp, action, devpath, "memory", NULL, delay_ns);
}

void hp_node_uevent(struct hp *hp, int nid, const char *action)
{
	char devpath[64];

	if (hp->config.no_numa)
		return;
	snprintf(devpath, sizeof(devpath), "/devices/system/node/node%d", nid);
	hp_uevent_send(hp, action, devpath, "node");
}

uint64_t hp_uevent_seqnum(const struct hp *hp)
{
	return hp->seqnum;
}

static size_t drop_end(const char *text, size_t len)
{
	return len && (text[len - 1] == '\n' || text[len - 1] == '\0') ? len - 1 : len;
}

/* The action in the first word, or NULL; @ret_args: after the blank that ends it, or NULL. */
static const char *synth_action(const char *text, size_t len, const char **ret_args)
{
	static const char *const action[] = { "add",	"remove",  "change", "move",
					      "online", "offline", "bind",   "unbind" };
	const char *blank;

	len = drop_end(text, len);
	blank = memchr(text, ' ', len);
	*ret_args = blank ? blank + 1 : NULL;
	if (blank)
		len = (size_t)(blank - text);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(action); i++) {
		if (strlen(action[i]) == len && !memcmp(action[i], text, len))
			return action[i];
	}
	return NULL;
}

static bool is_uuid(const char *text)
{
	for (int i = 0; i < UUID_LEN; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

/* QUIRK: the kernel's isalnum() uses Latin-1. */
static bool is_word_char(char c)
{
	unsigned char u = (unsigned char)c;

	return u < 0x80 ? isalnum(u) : u >= 0xc0 && u != 0xd7 && u != 0xf7;
}

static size_t word_len(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && is_word_char(text[n]))
		n++;
	return n;
}

/* uuid { SP key "=" value } */
static int synth_args(const char *text, size_t len, struct env *env)
{
	len = drop_end(text, len);
	if (len < UUID_LEN || !is_uuid(text) || env_add(env, "SYNTH_UUID=%.*s", UUID_LEN, text))
		return -EINVAL;
	text += UUID_LEN;
	len -= UUID_LEN;
	while (len) {
		size_t key, value;

		if (*text != ' ')
			return -EINVAL;
		key = word_len(text + 1, len - 1);
		if (!key || key + 2 > len || text[1 + key] != '=')
			return -EINVAL;
		value = word_len(text + key + 2, len - key - 2);
		if (!value || (key + 2 + value < len && text[key + 2 + value] != ' '))
			return -EINVAL;
		if (env_add(env, "SYNTH_ARG_%.*s=%.*s", (int)key, text + 1, (int)value,
			    text + key + 2))
			return -EINVAL;
		text += key + 2 + value;
		len -= key + 2 + value;
	}
	return 0;
}

static int synth(struct hp *hp, const struct hp_synth *of, const char *text, size_t len,
		 const char **ret_reason)
{
	const char *args, *action = synth_action(text, len, &args);
	struct env env = { .nr = 0 };
	int ret;

	*ret_reason = "unknown uevent action string";
	if (!action)
		return -EINVAL;
	*ret_reason = "incorrect uevent action arguments";
	ret = args ? synth_args(args, len - (size_t)(args - text), &env) :
		     env_add(&env, "SYNTH_UUID=0");
	if (ret)
		return ret;
	*ret_reason = "failed to send uevent";
	ret = env_add_all(&env, of->keys, of->nr_keys);
	if (ret || !of->subsystem)
		return ret;
	return uevent_emit(hp, action, of->devpath, of->subsystem, &env);
}

int hp_uevent_synth_device(struct hp *hp, const struct hp_synth *of, const char *text, size_t len)
{
	const char *reason;
	int ret = synth(hp, of, text, len, &reason);

	if (!ret)
		return 0;
	hp_log(hp, "synth uevent: %s: %s", of->devpath, reason);
	if (of->log_name)
		hp_log(hp, "%s: uevent: failed to send synthetic uevent: %d", of->log_name, ret);
	return ret;
}

int hp_uevent_synth(struct hp *hp, const char *devpath, const char *subsystem, const char *log_name,
		    const char *text, size_t len)
{
	const struct hp_synth of = {
		.devpath = devpath,
		.subsystem = subsystem,
		.log_name = log_name,
	};

	return hp_uevent_synth_device(hp, &of, text, len);
}
