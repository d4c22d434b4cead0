/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved states: a header with a checksum, then numbers with seven bits per byte, lowest first, and
 * texts preceded by their lengths. Values are not tagged; marks detect that the loader has structs
 * with other members.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/base.h"

#define HEAD_MAGIC "memhpst1"
#define KINDS 4

struct head {
	char magic[8];
	uint64_t checksum; /* of all that follows */
};

/* FNV-1a, a word at a time: detects damage, not manipulation. */
static uint64_t checksum(const unsigned char *data, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325ULL ^ len, word;

	for (; len >= sizeof(word); data += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		hash = (hash ^ word) * 0x100000001b3ULL;
		hash ^= hash >> 32;
	}
	while (len--)
		hash = (hash ^ *data++) * 0x100000001b3ULL;
	return hash;
}

void base_save_seal(void *data, size_t len)
{
	struct head head = { HEAD_MAGIC };

	head.checksum = checksum((unsigned char *)data + sizeof(head), len - sizeof(head));
	memcpy(data, &head, sizeof(head));
}

void base_save_begin(struct base_save *s, struct base_buf *out)
{
	const struct head head = { "" };

	*s = (struct base_save){ .out = out };
	base_buf_add(out, &head, sizeof(head));
}

int base_save_end(struct base_save *s)
{
	if (!s->error && s->out->failed)
		s->error = -ENOMEM;
	if (!s->error)
		base_save_seal(s->out->data, s->out->len);
	return s->error;
}

void base_load_begin(struct base_save *s, const void *data, size_t len)
{
	struct head head;

	*s = (struct base_save){ .start = data };
	base_map_init(&s->kept);
	if (len < sizeof(head)) {
		base_save_fail(s, -EINVAL, "%zu bytes are too few for a saved state", len);
		return;
	}
	memcpy(&head, data, sizeof(head));
	s->at = s->start + sizeof(head);
	s->end = s->start + len;
	if (memcmp(head.magic, HEAD_MAGIC, sizeof(head.magic)))
		base_save_fail(s, -EINVAL, "it does not begin like a saved state");
	else if (head.checksum != checksum(s->at, len - sizeof(head)))
		base_save_fail(s, -EINVAL, "its checksum is wrong: it is damaged");
}

int base_load_end(struct base_save *s)
{
	if (!s->error && s->at != s->end)
		base_save_fail(s, -EINVAL, "it is longer than it should be");
	base_map_fini(&s->kept);
	return s->error;
}

void base_save_fail(struct base_save *s, int error, const char *fmt, ...)
{
	size_t len;
	va_list ap;

	if (s->error)
		return;
	s->error = error;
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
	len = strlen(s->why);
	if (s->at)
		snprintf(s->why + len, sizeof(s->why) - len, " (byte %zu)",
			 (size_t)(s->at - s->start));
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void number_write(struct base_buf *out, uint64_t value)
{
	unsigned char bytes[10];
	size_t len = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[len++] = (unsigned char)(value | 0x80);
	bytes[len++] = (unsigned char)value;
	base_buf_add(out, bytes, len);
}

static uint64_t number_read(struct base_save *s)
{
	const unsigned char *at = s->at;
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		if (at == s->end)
			break;
		value |= (uint64_t)(*at & 0x7f) << shift;
		if (*at++ & 0x80)
			continue;
		s->at = at;
		return value;
	}
	base_save_fail(s, -EINVAL, "a number does not end");
	return 0;
}

uint64_t base_save_number(struct base_save *s, uint64_t value)
{
	if (s->error)
		return base_save_loads(s) ? 0 : value;
	if (base_save_loads(s))
		return number_read(s);
	number_write(s->out, value);
	return value;
}

/* Maps differences of either sign to small numbers: 0, -1, 1, -2, ... */
uint64_t base_save_near(struct base_save *s, uint64_t value, uint64_t to)
{
	uint64_t diff = value - to;

	diff = base_save_number(s, diff << 1 ^ (diff >> 63 ? UINT64_MAX : 0));
	if (!base_save_loads(s))
		return value;
	return s->error ? 0 : to + (diff >> 1 ^ (diff & 1 ? UINT64_MAX : 0));
}

uint64_t base_save_count(struct base_save *s, uint64_t nr)
{
	nr = base_save_number(s, nr);
	if (!base_save_loads(s) || nr <= (uint64_t)(s->end - s->at))
		return nr;
	base_save_fail(s, -EINVAL, "%llu entries are more than it can contain",
		       (unsigned long long)nr);
	return 0;
}

uint64_t base_save_below(struct base_save *s, uint64_t value, uint64_t nr)
{
	value = base_save_number(s, value);
	if (value < nr)
		return value;
	base_save_fail(s, -EINVAL, "%llu is too large", (unsigned long long)value);
	return base_save_loads(s) ? 0 : value;
}

/* ---- bytes, texts and sets ------------------------------------------------------------------- */

void base_save_bytes(struct base_save *s, void *data, size_t len)
{
	if (!base_save_loads(s)) {
		base_buf_add(s->out, data, len);
		return;
	}
	if (!s->error && len > (size_t)(s->end - s->at))
		base_save_fail(s, -EINVAL, "it ends too early");
	if (s->error || !len) {
		memset(data, 0, len);
		return;
	}
	memcpy(data, s->at, len);
	s->at += len;
}

void base_save_string(struct base_save *s, char **text)
{
	size_t len = base_save_count(s, !base_save_loads(s) && *text ? strlen(*text) + 1 : 0);

	if (!base_save_loads(s)) {
		base_buf_add(s->out, *text, len);
		return;
	}
	*text = NULL;
	if (!len || s->error)
		return;
	*text = malloc(len);
	if (!*text) {
		base_save_fail(s, -ENOMEM, "out of memory");
		return;
	}
	base_save_bytes(s, *text, len);
	if (strnlen(*text, len) != len - 1)
		base_save_fail(s, -EINVAL, "the length of a text is wrong");
	(*text)[len - 1] = '\0';
}

void base_save_text(struct base_save *s, char *text, size_t size)
{
	char *copy = text;

	base_save_string(s, &copy);
	if (!base_save_loads(s))
		return;
	if (copy && strlen(copy) >= size)
		base_save_fail(s, -EINVAL, "a text is too long");
	snprintf(text, size, "%s", copy && !s->error ? copy : "");
	free(copy);
}

void base_save_buf(struct base_save *s, struct base_buf *buf)
{
	size_t len = base_save_count(s, buf->len);

	if (!base_save_loads(s)) {
		base_buf_add(s->out, buf->data, len);
		return;
	}
	base_buf_reset(buf);
	base_buf_add(buf, s->at, s->error ? 0 : len);
	if (buf->failed)
		base_save_fail(s, -ENOMEM, "out of memory");
	else
		s->at += buf->len;
}

void base_save_mask(struct base_save *s, struct base_mask *mask)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(mask->word); i++)
		mask->word[i] = base_save_number(s, mask->word[i]);
}

/* ---- identity and layout --------------------------------------------------------------------- */

void base_save_same(struct base_save *s, uint64_t value, const char *what)
{
	if (base_save_number(s, value) != value)
		base_save_fail(s, -EINVAL, "it belongs to another %s", what);
}

void base_save_mark(struct base_save *s, const char *layout)
{
	uint16_t mark = (uint16_t)checksum((const unsigned char *)layout, strlen(layout)), found;

	found = mark;
	base_save_bytes(s, &found, sizeof(found));
	if (found != mark)
		base_save_fail(s, -EINVAL, "another build saved it: no %.*s here",
			       (int)strcspn(layout, ":"), layout);
}

/* ---- references ------------------------------------------------------------------------------ */

void base_save_keep(struct base_save *s, unsigned int kind, uint64_t number, void *object)
{
	if (!s->error && base_map_insert(&s->kept, number * KINDS + kind, object))
		base_save_fail(s, -ENOMEM, "out of memory");
}

void *base_save_kept(struct base_save *s, unsigned int kind, uint64_t number)
{
	void *object = number ? base_map_find(&s->kept, number * KINDS + kind) : NULL;

	if (number && !object)
		base_save_fail(s, -EINVAL, "it refers to object %llu, which does not exist",
			       (unsigned long long)number);
	return object;
}
