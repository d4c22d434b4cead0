/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saving a state as bytes, and loading it (save.c). */
#ifndef MEMHP_BASE_SAVE_H
#define MEMHP_BASE_SAVE_H

#include "memhp/base/buf.h"
#include "memhp/base/map.h"
#include "memhp/base/mask.h"
#include "memhp/base/util.h"

/**
 * struct base_save - a state that is being saved or loaded
 * @out: the destination when saving; NULL when loading
 * @error: 0, -EINVAL or -ENOMEM; after an error, nothing is written, and every value read is 0
 * @why: the error in words
 *
 * The same functions do both: saving writes a value and leaves it unchanged; loading sets it.
 * So the two formats cannot differ.
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

/** base_save_begin() - start saving to @out, which is empty; base_save_end() completes it. */
void base_save_begin(struct base_save *s, struct base_buf *out);
/** base_save_end() - complete @out for base_load_begin(); returns 0 or the error. */
int base_save_end(struct base_save *s);
/**
 * base_load_begin() - start loading what base_save_end() completed
 * @data: must stay valid until base_load_end()
 *
 * The checksum detects truncated and damaged data, which set the error of @s.
 */
void base_load_begin(struct base_save *s, const void *data, size_t len);
/** base_load_end() - end, with all bytes read; returns 0 or the error, which @why explains. */
int base_load_end(struct base_save *s);
/** base_save_seal() - set the checksum of saved data, as base_save_end() does. */
void base_save_seal(void *data, size_t len);
/** base_save_fail() - set @error and @why, as for invalid data; the first failure counts. */
void base_save_fail(struct base_save *s, int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static inline bool base_save_loads(const struct base_save *s)
{
	return !s->out;
}

/** base_save_number() - any number; small ones take less space. */
uint64_t base_save_number(struct base_save *s, uint64_t value);
/** base_save_near() - a number probably near @to, which is the same for saving and loading. */
uint64_t base_save_near(struct base_save *s, uint64_t value, uint64_t to);
/** base_save_count() - the number of entries that follow, each of at least one byte. */
uint64_t base_save_count(struct base_save *s, uint64_t nr);
/** base_save_below() - a number below @nr; otherwise an error, and 0. */
uint64_t base_save_below(struct base_save *s, uint64_t value, uint64_t nr);
void base_save_bytes(struct base_save *s, void *data, size_t len);
/** base_save_string() - a text that the caller owns, or NULL; the old one is not freed. */
void base_save_string(struct base_save *s, char **text);
/** base_save_text() - a text in an array of @size. */
void base_save_text(struct base_save *s, char *text, size_t size);
void base_save_buf(struct base_save *s, struct base_buf *buf);
void base_save_mask(struct base_save *s, struct base_mask *mask);
/** base_save_same() - must be @value again when loaded; otherwise the error names @what. */
void base_save_same(struct base_save *s, uint64_t value, const char *what);
/** base_save_mark() - record, or check, the layout of what follows. */
void base_save_mark(struct base_save *s, const char *layout);

/**
 * base_save_keep() - when loading, remember @object by a number of its kind (below 4)
 *
 * For references: saving writes the number, loading looks it up.
 */
void base_save_keep(struct base_save *s, unsigned int kind, uint64_t number, void *object);
/** base_save_kept() - get the object of a number; NULL for 0. An unknown number is an error. */
void *base_save_kept(struct base_save *s, unsigned int kind, uint64_t number);

/*
 * The members of a struct, as a table: a macro that passes each to its argument,
 *
 *	#define THING_ROWS(ROW)		\
 *		ROW(NUMBER, size)	\
 *		ROW(WITH, parts, parts)	\
 *		ROW(SKIP, link, "linkage of the list")
 *
 * BASE_SAVE_STRUCT(thing, struct thing, void, THING_ROWS) generates a function thing(s, x, ctx)
 * that handles the rows from top to bottom. It compiles only if each member has a row, in the order
 * of the struct.
 *
 * NUMBER, NUMBERS: integers, bools and arrays of them; a value that does not fit is an error.
 * BELOW(name, nr): an index or a code. NEAR(name, to): see base_save_near(). STRING, TEXT, BUF,
 * MASK: see above. WITH(name, fn): fn(s, x, ctx) does it. SKIP(name, why): it is not saved, for the
 * reason @why. WITHS and SKIPS are the last two for arrays; REST(name, fn) is a flexible array
 * member at the end, UNION(name, why) an anonymous union, named by its first member, which is
 * skipped.
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

/* Passes a member through v_; a bit-field or a narrow type may not hold the whole value. */
#define BASE_SAVE_PLACE_(place, by_way_of)                                                         \
	do {                                                                                       \
		uint64_t v_ = (uint64_t)(place);                                                   \
                                                                                                   \
		v_ = by_way_of;                                                                    \
		(place) = v_;                                                                      \
		if ((uint64_t)(place) != v_)                                                       \
			base_save_fail(s, -EINVAL, "%s is too large", #place);                     \
	} while (0)

/* Rejects duplicate names and missing rows: one initializer too many or too few is an error. */
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
 * BASE_SAVE_ONE() - a struct inside another one, or one that always exists
 * BASE_SAVE_TAILQ() - a list of them, empty before it is loaded
 * @make: when loading, creates an entry in the list; NULL when out of memory
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
