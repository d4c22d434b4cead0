// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words crashkernel= of the command line (kernel/crash_reserve.c): SIZE[@OFFSET], a list of
 * ranges of memory with a size for each, or SIZE,high with SIZE,low.
 */
#include <errno.h>
#include <string.h>

#include "crashkernel.h"

#define NAME "crashkernel="

static const char *const suffixes[] = { ",high", ",low" };

static size_t word_len(const char *word)
{
	return strcspn(word, " ");
}

static bool word_ends_with(const char *word, const char *suffix)
{
	size_t len = word_len(word), suffix_len = strlen(suffix);

	return len >= suffix_len && !memcmp(word + len - suffix_len, suffix, suffix_len);
}

static bool has_suffix(const char *word)
{
	return word_ends_with(word, suffixes[0]) || word_ends_with(word, suffixes[1]);
}

/* The value of the last word with @suffix, or with none (NULL); NULL: there is none. */
static const char *last_word(const char *cmdline, const char *suffix)
{
	const char *last = NULL;

	for (const char *p = strstr(cmdline, NAME); p; p = strstr(p + 1, NAME)) {
		if (suffix ? word_ends_with(p, suffix) : !has_suffix(p))
			last = p + strlen(NAME);
	}
	return last;
}

static int complain(struct base_buf *log, const char *what)
{
	base_buf_printf(log, "crashkernel: %s\n", what);
	return -EINVAL;
}

static int unrecognized(struct base_buf *log, char c)
{
	base_buf_printf(log, "crashkernel: unrecognized char: %c\n", c);
	return -EINVAL;
}

static bool take_value(const char **at, uint64_t *ret_value)
{
	const char *start = *at;

	*ret_value = base_memparse(start, at);
	return *at > start;
}

/* One range START-[END]:SIZE of a list. */
static int parse_range(const char **at, uint64_t ram, struct crash_request *r, struct base_buf *log)
{
	uint64_t start, end = UINT64_MAX, size;

	if (!take_value(at, &start))
		return complain(log, "Memory value expected");
	if (*(*at)++ != '-')
		return complain(log, "'-' expected");
	if (**at != ':') {
		if (!take_value(at, &end))
			return complain(log, "Memory value expected");
		if (end <= start)
			return complain(log, "end <= start");
	}
	if (*(*at)++ != ':')
		return complain(log, "':' expected");
	if (!take_value(at, &size))
		return complain(log, "Memory value expected");
	if (size >= ram)
		return complain(log, "invalid size");
	if (ram >= start && ram < end)
		r->size = size;
	return 0;
}

static int parse_ranges(const char *word, uint64_t ram, struct crash_request *r,
			struct base_buf *log)
{
	const char *at = word;

	do {
		int ret = parse_range(&at, ram, r, log);

		if (ret)
			return ret;
	} while (!r->size && *at++ == ',');
	if (!r->size) {
		base_buf_puts(log, "crashkernel size resulted in zero bytes\n");
		return 0;
	}
	at += strcspn(at, " @");
	if (*at != '@')
		return 0;
	at++;
	if (take_value(&at, &r->base))
		return 0;
	base_buf_puts(log, "Memory value expected after '@'\n");
	return -EINVAL;
}

static int parse_simple(const char *word, struct crash_request *r, struct base_buf *log)
{
	const char *at = word;

	if (!take_value(&at, &r->size))
		return complain(log, "memory value expected");
	if (*at == '@')
		r->base = base_memparse(at + 1, &at);
	else if (*at && *at != ' ')
		return unrecognized(log, *at);
	return 0;
}

static int parse_plain(const char *word, uint64_t ram, struct crash_request *r,
		       struct base_buf *log)
{
	if (memchr(word, ':', word_len(word)))
		return parse_ranges(word, ram, r, log);
	return parse_simple(word, r, log);
}

static int parse_suffix(const char *word, const char *suffix, uint64_t *ret_size,
			struct base_buf *log)
{
	const char *at = word;

	if (!take_value(&at, ret_size))
		return complain(log, "memory value expected");
	if (strncmp(at, suffix, strlen(suffix)))
		return unrecognized(log, *at);
	at += strlen(suffix);
	return *at && *at != ' ' ? unrecognized(log, *at) : 0;
}

int machine_crash_parse(const char *cmdline, uint64_t ram, uint64_t default_low,
			struct crash_request *ret_request, struct base_buf *log)
{
	const char *word = last_word(cmdline, NULL), *low = last_word(cmdline, suffixes[1]);
	struct crash_request r = { .size = 0 };
	int ret = 0;

	if (word) {
		ret = parse_plain(word, ram, &r, log);
	} else if (default_low && (word = last_word(cmdline, suffixes[0]))) {
		ret = parse_suffix(word, suffixes[0], &r.size, log);
		r.low_size = default_low;
		r.high = true;
		if (!ret && r.size && low)
			ret = parse_suffix(low, suffixes[1], &r.low_size, log);
	}
	if (!ret && r.size && r.size < ram) {
		*ret_request = r;
		return 0;
	}
	return -EINVAL;
}

bool machine_crash_is_valid(const char *value)
{
	struct crash_request r = { .size = 0 };
	struct base_buf log;
	uint64_t size;
	bool valid = false;

	base_buf_init(&log);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(suffixes); i++)
		if (word_ends_with(value, suffixes[i]))
			valid = valid || !parse_suffix(value, suffixes[i], &size, &log);
	if (!has_suffix(value))
		valid = !parse_plain(value, UINT64_MAX, &r, &log);
	base_buf_fini(&log);
	return valid;
}
