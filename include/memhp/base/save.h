/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A state as bytes, and back (save.c). */
#ifndef MEMHP_BASE_SAVE_H
#define MEMHP_BASE_SAVE_H

#include "memhp/base/buf.h"
#include "memhp/base/map.h"
#include "memhp/base/mask.h"
#include "memhp/base/util.h"

/**
 * struct base_save - a state on its way to bytes, or back
 * @out: saving: where it goes; NULL: loading
 * @error: 0, -EINVAL, -ENOMEM: from then on nothing is written, and what is read is 0
 * @why: in words
 *
 * The same functions do both: saving, a value is written and stays as it is; loading, it is set.
 * So what is saved and what is loaded cannot differ.
 */
struct base_save {
	struct base_buf *out;
	const unsigned char *start;
	const unsigned char *at;
	const unsigned char *end;
	struct base_map kept;
	int error;
	char why[160];
};

/** base_save_begin() - save to @out, which is empty; base_save_end() makes it whole. */
void base_save_begin(struct base_save *s, struct base_buf *out);
/** base_save_end() - 0, or what went wrong; in @out is what base_load_begin() takes. */
int base_save_end(struct base_save *s);
/**
 * base_load_begin() - load from what base_save_end() left
 * @data: must live until base_load_end()
 *
 * Bytes that are not whole, or damaged, are known by their checksum: @s has an error then.
 */
void base_load_begin(struct base_save *s, const void *data, size_t len);
/** base_load_end() - 0, or what went wrong, with words in @why; all bytes must have been read. */
int base_load_end(struct base_save *s);
/** base_save_seal() - set the checksum of what was saved, as base_save_end() does. */
void base_save_seal(void *data, size_t len);
/** base_save_fail() - what is loaded cannot be; the first failure counts. */
void base_save_fail(struct base_save *s, int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static inline bool base_save_loads(const struct base_save *s)
{
	return !s->out;
}

/** base_save_number() - any number; small ones take less room. */
uint64_t base_save_number(struct base_save *s, uint64_t value);
/** base_save_near() - a number that is probably near @to, which is the same on both ways. */
uint64_t base_save_near(struct base_save *s, uint64_t value, uint64_t to);
/** base_save_count() - how many follow that take a byte at least. */
uint64_t base_save_count(struct base_save *s, uint64_t nr);
/** base_save_below() - a number below @nr; 0 when it is not. */
uint64_t base_save_below(struct base_save *s, uint64_t value, uint64_t nr);
void base_save_bytes(struct base_save *s, void *data, size_t len);
/** base_save_string() - NULL, or a text that is the caller's; the old one is not freed. */
void base_save_string(struct base_save *s, char **text);
/** base_save_text() - a text in an array of @size. */
void base_save_text(struct base_save *s, char *text, size_t size);
void base_save_buf(struct base_save *s, struct base_buf *buf);
void base_save_mask(struct base_save *s, struct base_mask *mask);
/** base_save_same() - a value that must be @value when it is loaded: else it is another @what. */
void base_save_same(struct base_save *s, uint64_t value, const char *what);
/** base_save_mark() - what follows is laid out like this. */
void base_save_mark(struct base_save *s, const char *layout);

/**
 * base_save_keep() - loading: remember @object by a number of its kind (below 4)
 *
 * For references: who saves them writes the number, who loads looks it up.
 */
void base_save_keep(struct base_save *s, unsigned int kind, uint64_t number, void *object);
/** base_save_kept() - NULL for number 0; one that nobody kept is an error. */
void *base_save_kept(struct base_save *s, unsigned int kind, uint64_t number);

/*
 * The members of a struct, as a table: a macro that hands each to its argument,
 *
 *	#define THING_ROWS(ROW)		\
 *		ROW(NUMBER, size)	\
 *		ROW(WITH, parts, parts)	\
 *		ROW(SKIP, link, "the list's")
 *
 * BASE_SAVE_STRUCT(thing, struct thing, void, THING_ROWS) makes of it a function
 * thing(s, x, ctx), which goes through the rows from top to bottom. It does not compile unless each
 * member has a row, where it stands in the struct.
 *
 * NUMBER, NUMBERS: integers, bools and arrays of them; what does not fit in is an error. Those that
 * are indexes or stand for something are BELOW(name, nr). NEAR(name, to): see base_save_near().
 * STRING, TEXT, BUF, MASK: see above. WITH(name, fn): fn(s, x, ctx) does it. SKIP(name, why). Of
 * arrays the last two are WITHS and SKIPS; REST(name, fn) is the array without a size at the end,
 * UNION(name, why) a union without a name, by its first member, which is skipped.
 */
#define BASE_SAVE_STRUCT(fn, type, context, ROWS)                                                  \
	BASE_SAVE_ALL_ROWS(fn, type, ROWS)                                                         \
	static const char fn##_layout[] = #type ": " ROWS(BASE_SAVE_LAYOUT_);                      \
	static void fn(struct base_save *s, type *x, context *ctx)                                 \
	{                                                                                          \
		ROWS(BASE_SAVE_ROW_)                                                               \
	}

#define BASE_SAVE_LAYOUT_(kind, name, ...) #kind " " #name "; "
#define BASE_SAVE_ROW_(kind, ...) BASE_SAVE_ROW_##kind(__VA_ARGS__);
#define BASE_SAVE_ROW_NUMBER(name) BASE_SAVE_PLACE_(x->name, base_save_number(s, v_))
#define BASE_SAVE_ROW_NEAR(name, to) BASE_SAVE_PLACE_(x->name, base_save_near(s, v_, to))
#define BASE_SAVE_ROW_BELOW(name, nr) BASE_SAVE_PLACE_(x->name, base_save_below(s, v_, nr))
#define BASE_SAVE_ROW_NUMBERS(name)                                                                \
	for (size_t i_ = 0; i_ < BASE_ARRAY_SIZE(x->name); i_++)                                   \
	BASE_SAVE_PLACE_(x->name[i_], base_save_number(s, v_))
#define BASE_SAVE_ROW_STRING(name) base_save_string(s, (char **)&x->name)
#define BASE_SAVE_ROW_TEXT(name) base_save_text(s, x->name, sizeof(x->name))
#define BASE_SAVE_ROW_BUF(name) base_save_buf(s, &x->name)
#define BASE_SAVE_ROW_MASK(name) base_save_mask(s, &x->name)
#define BASE_SAVE_ROW_WITH(name, fn) fn(s, x, ctx)
#define BASE_SAVE_ROW_WITHS(name, fn) fn(s, x, ctx)
#define BASE_SAVE_ROW_REST(name, fn) fn(s, x, ctx)
#define BASE_SAVE_ROW_SKIP(name, why) (void)0
#define BASE_SAVE_ROW_SKIPS(name, why) (void)0
#define BASE_SAVE_ROW_UNION(name, why) (void)0

/* What a member holds, by way of v_; a bit-field or a narrow type may not hold all of it. */
#define BASE_SAVE_PLACE_(place, by_way_of)                                                         \
	do {                                                                                       \
		uint64_t v_ = (uint64_t)(place);                                                   \
                                                                                                   \
		v_ = by_way_of;                                                                    \
		(place) = v_;                                                                      \
		if ((uint64_t)(place) != v_)                                                       \
			base_save_fail(s, -EINVAL, "%s is too large", #place);                     \
	} while (0)

/* No name twice, and as many as there are members: one initializer more or less is an error. */
#define BASE_SAVE_ALL_ROWS(fn, type, ROWS)                                                         \
	struct fn##_rows_ {                                                                        \
		ROWS(BASE_SAVE_MEMBER_)                                                            \
	};                                                                                         \
	_Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wmissing-braces\"")      \
		_Pragma("GCC diagnostic error \"-Wmissing-field-initializers\"") static inline     \
		__attribute__((unused)) void fn##_all_rows_(const type *x)                         \
	{                                                                                          \
		type all = { ROWS(BASE_SAVE_INIT_) };                                              \
                                                                                                   \
		(void)all;                                                                         \
	}                                                                                          \
	_Pragma("GCC diagnostic pop")
#define BASE_SAVE_MEMBER_(kind, name, ...) char name;
#define BASE_SAVE_INIT_(kind, name, ...) BASE_SAVE_INIT_##kind(name)
#define BASE_SAVE_INIT_NUMBER(name) x->name,
#define BASE_SAVE_INIT_NEAR(name) x->name,
#define BASE_SAVE_INIT_BELOW(name) x->name,
#define BASE_SAVE_INIT_STRING(name) x->name,
#define BASE_SAVE_INIT_BUF(name) x->name,
#define BASE_SAVE_INIT_MASK(name) x->name,
#define BASE_SAVE_INIT_WITH(name) x->name,
#define BASE_SAVE_INIT_SKIP(name) x->name,
#define BASE_SAVE_INIT_NUMBERS(name) { 0 },
#define BASE_SAVE_INIT_TEXT(name) "",
#define BASE_SAVE_INIT_WITHS(name) { 0 },
#define BASE_SAVE_INIT_SKIPS(name) { 0 },
#define BASE_SAVE_INIT_UNION(name) { x->name },
#define BASE_SAVE_INIT_REST(name)

/**
 * BASE_SAVE_ONE() - a struct in another one, or one that is always there
 * BASE_SAVE_TAILQ() - a list of them, empty before it is loaded
 * @make: loading: a new one, in the list; NULL: out of memory
 */
#define BASE_SAVE_ONE(s, fn, x, ctx)                                                               \
	do {                                                                                       \
		base_save_mark(s, fn##_layout);                                                    \
		fn(s, x, ctx);                                                                     \
	} while (0)
#define BASE_SAVE_TAILQ(s, head, link, fn, ctx, make)                                              \
	do {                                                                                       \
		__typeof__(TAILQ_FIRST(head)) e_ = NULL;                                           \
		uint64_t nr_ = 0;                                                                  \
                                                                                                   \
		base_save_mark(s, fn##_layout);                                                    \
		if (!base_save_loads(s))                                                           \
			TAILQ_FOREACH(e_, head, link)                                              \
				nr_++;                                                             \
		nr_ = base_save_count(s, nr_);                                                     \
		while (nr_-- && !(s)->error) {                                                     \
			if (base_save_loads(s))                                                    \
				e_ = (make);                                                       \
			else                                                                       \
				e_ = e_ ? TAILQ_NEXT(e_, link) : TAILQ_FIRST(head);                \
			if (e_)                                                                    \
				fn(s, e_, ctx);                                                    \
			else                                                                       \
				base_save_fail(s, -ENOMEM, "out of memory");                       \
		}                                                                                  \
	} while (0)

#endif
