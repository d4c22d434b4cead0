/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base: what every layer needs and nothing else: the kernel's parsing primitives, a text
 * buffer, node masks, and the clock interface through which all time comes.
 *
 * Everything here is free of global state; no function blocks.
 */
#ifndef MEMHP_BASE_H
#define MEMHP_BASE_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BASE_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

#define BASE_ALIGNED(x, a) (((x) & ((a)-1)) == 0)
#define BASE_ROUND_DOWN(x, a) ((x) & ~((uint64_t)(a)-1))
#define BASE_ROUND_UP(x, a) (((x) + (uint64_t)(a)-1) & ~((uint64_t)(a)-1))
#define BASE_MIN(a, b) ((a) < (b) ? (a) : (b))
#define BASE_MAX(a, b) ((a) > (b) ? (a) : (b))
#define base_container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* ---- parsing (parse.c) ----------------------------------------------------------------------- */

/**
 * base_sysfs_streq() - compare as the kernel's sysfs_streq()
 *
 * Equal, but for one newline that either of the two may have at its end.
 */
bool base_sysfs_streq(const char *a, const char *b);

/**
 * base_sysfs_match() - index of @text among @words, as the kernel's sysfs_match_string()
 *
 * Return: the index, or -EINVAL.
 */
int base_sysfs_match(const char *const *words, size_t nr_words, const char *text);

/**
 * base_is_near() - whether @a may be @b misspelt
 *
 * Letters that are wrong, missing, too many, or changed places: one in words of up to 6 letters (of
 * @b), two in longer ones. Upper and lower case, - and _ are the same. Nothing is near to a word of
 * more than 63 letters.
 */
bool base_is_near(const char *a, const char *b);

/**
 * base_kstrtoull() - the kernel's kstrtoull()
 * @base: 0 (0x = 16, leading 0 = 8, else 10), or 2 to 16
 *
 * An optional single '+', digits, an optional single newline.
 *
 * Return: 0; -ERANGE on overflow (looked for before garbage behind the digits); -EINVAL.
 */
int base_kstrtoull(const char *text, unsigned int base, uint64_t *ret_value);

/** base_kstrtoll() - the kernel's kstrtoll(): as base_kstrtoull() with an optional '-'. */
int base_kstrtoll(const char *text, unsigned int base, int64_t *ret_value);

/** base_kstrtouint() - the kernel's kstrtouint(): as base_kstrtoull(), -ERANGE above 2^32-1. */
int base_kstrtouint(const char *text, unsigned int base, uint32_t *ret_value);

/**
 * base_kstrtobool() - the kernel's kstrtobool(): looks at the first one or two characters only
 *
 * Return: 0, or -EINVAL.
 */
int base_kstrtobool(const char *text, bool *ret_value);

/**
 * base_simple_strtoull() - the kernel's simple_strtoull() with base 0
 * @ret_end: where parsing stopped; @text itself when there is no number
 *
 * Return: the value, 0 without a number; overflow wraps, as in the kernel.
 */
uint64_t base_simple_strtoull(const char *text, const char **ret_end);

/**
 * base_memparse() - the kernel's memparse(): a number with an optional K M G T P E suffix
 * @ret_end: where parsing stopped (@text itself when there is no number); may be NULL
 *
 * Return: the value; overflow wraps, as in the kernel.
 */
uint64_t base_memparse(const char *text, const char **ret_end);

/**
 * base_parse_size() - a whole text that is one memparse() number, with an optional newline
 *
 * Return: 0, -EINVAL when anything else stands in the text, -ERANGE on overflow.
 */
int base_parse_size(const char *text, uint64_t *ret_bytes);

/* ---- text buffer (buf.c) --------------------------------------------------------------------- */

/**
 * struct base_buf - a text that grows
 *
 * A failed allocation is remembered in @failed and makes every later addition a no-op, so that
 * callers check once, at the end. The text is always NUL-terminated once anything was added.
 */
struct base_buf {
	char *data;
	size_t len;
	size_t cap;
	bool failed;
};

void base_buf_init(struct base_buf *buf);
void base_buf_fini(struct base_buf *buf);
/** base_buf_reset() - empty the text, keep the memory. */
void base_buf_reset(struct base_buf *buf);
/** base_buf_trim() - give back what a large text has not used of its memory. */
void base_buf_trim(struct base_buf *buf);
void base_buf_add(struct base_buf *buf, const void *data, size_t len);
void base_buf_puts(struct base_buf *buf, const char *text);
void base_buf_printf(struct base_buf *buf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void base_buf_vprintf(struct base_buf *buf, const char *fmt, va_list ap);
/** base_buf_text() - the text, "" when empty; valid until the next change. */
const char *base_buf_text(const struct base_buf *buf);

/* ---- short texts for messages (text.c) ------------------------------------------------------- */

/** struct base_text - a text that fits into a message; used at once: "%s", base_quote(word).s */
struct base_text {
	char s[80];
};

/** base_size_text() - bytes with the largest unit that leaves no rest, as "512M". */
struct base_text base_size_text(uint64_t bytes);
/**
 * base_quote() - what somebody has written, for a line of a log
 *
 * Without a newline at its end; what is not printable as \\ooo, and cut with dots when it is long.
 */
struct base_text base_quote(const char *text);

/* ---- sets of small numbers: nodes, CPUs (mask.c) --------------------------------------------- */

#define BASE_MASK_BITS 1024 /* MAX_NUMNODES of the largest configuration */

struct base_mask {
	uint64_t word[BASE_MASK_BITS / 64];
};

void base_mask_set(struct base_mask *mask, unsigned int bit);
void base_mask_clear(struct base_mask *mask, unsigned int bit);
bool base_mask_test(const struct base_mask *mask, unsigned int bit);
bool base_mask_empty(const struct base_mask *mask);
unsigned int base_mask_weight(const struct base_mask *mask);
/** base_mask_next() - first set bit at or above @from; BASE_MASK_BITS when there is none. */
unsigned int base_mask_next(const struct base_mask *mask, unsigned int from);
#define BASE_MASK_FOREACH(bit, mask)                                                               \
	for ((bit) = base_mask_next((mask), 0); (bit) < BASE_MASK_BITS;                            \
	     (bit) = base_mask_next((mask), (bit) + 1))

/**
 * base_mask_parse() - a range list as "0-1,3"; the empty text is the empty set
 *
 * Return: 0, -EINVAL (not a list, or a range that runs backwards), -ERANGE (a number too large).
 */
int base_mask_parse(const char *text, struct base_mask *ret_mask);
/** base_mask_print_list() - as the kernel's %*pbl, without newline. */
void base_mask_print_list(const struct base_mask *mask, struct base_buf *buf);
/** base_mask_print_hex() - as the kernel's %*pb for @nr_bits bits, without newline. */
void base_mask_print_hex(const struct base_mask *mask, unsigned int nr_bits, struct base_buf *buf);

/* ---- pointers by number (map.c) -------------------------------------------------------------- */

/** struct base_map - values by number; the members are its own */
struct base_map {
	void *root;
	unsigned int height;
};

void base_map_init(struct base_map *map);
/** base_map_fini() - the map is empty then; the values are the caller's. */
void base_map_fini(struct base_map *map);
/**
 * base_map_insert() - in the place of the value that @key had, if any
 * @value: not NULL
 *
 * Return: 0, -ENOMEM.
 */
int base_map_insert(struct base_map *map, uint64_t key, void *value);
/** base_map_erase() - does nothing when there is no such value; needs no memory. */
void base_map_erase(struct base_map *map, uint64_t key);
/** base_map_find() - NULL when there is none. */
void *base_map_find(const struct base_map *map, uint64_t key);
/** base_map_next() - the value of the first number at or above @key; NULL when there is none. */
void *base_map_next(const struct base_map *map, uint64_t key);

/* ---- a state as bytes, and back (save.c) ----------------------------------------------------- */

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

/* ---- chance (percent.c) ---------------------------------------------------------------------- */

/** base_percent() - the @nr-th throw of a seed's dice: a number below 100, the same each time. */
unsigned int base_percent(uint64_t seed, uint64_t nr);

/* ---- time ------------------------------------------------------------------------------------ */

struct base_clock;

/**
 * struct base_timer - one call in the future; embedded by its owner
 *
 * @fn runs once, from the clock's own context, never from within base_timer_start().
 */
struct base_timer {
	void (*fn)(struct base_timer *timer);
	void *impl; /* the clock's; NULL while not armed */
};

/**
 * struct base_clock - where time comes from: libevent in the daemons, a counter elsewhere
 */
struct base_clock {
	uint64_t (*now_ns)(struct base_clock *clock);
	/** arms @timer, which must not be armed; 0 or -ENOMEM */
	int (*start)(struct base_clock *clock, struct base_timer *timer, uint64_t delay_ns);
	/** disarms; harmless when not armed */
	void (*stop)(struct base_clock *clock, struct base_timer *timer);
	/**
	 * lets @ns pass, running timers that fall due in their order; 0, or -EBUSY from within a
	 * timer. NULL: time passes by itself
	 */
	int (*advance)(struct base_clock *clock, uint64_t ns);
	/**
	 * takes notice of the time that has passed, running what fell due: to be called before
	 * anything that comes from outside, which then has one time. NULL: nothing to do
	 */
	void (*sync)(struct base_clock *clock);
	/** how many timers have begun to run since it was made; NULL: nobody counts them */
	uint64_t (*steps)(struct base_clock *clock);
	/** whether a timer runs just now; NULL: nobody knows */
	bool (*in_timer)(struct base_clock *clock);
	/** told when all timers that were due at one time have run; NULL: nobody is */
	void (*ran)(void *ctx);
	void *ran_ctx;
};

/**
 * struct base_moment - a point in what a clock does
 * @ns: its time; @steps: how many timers have run. Several that are due at one time run one after
 *	the other, so that the time alone does not tell which of them have.
 */
struct base_moment {
	uint64_t ns;
	uint64_t steps;
};

/** base_clock_moment() - now. */
struct base_moment base_clock_moment(struct base_clock *clock);
/** base_moment_cmp() - below 0, 0, above 0: @a comes before @b, is the same, comes after it. */
int base_moment_cmp(const struct base_moment *a, const struct base_moment *b);

/** base_vclock_new() - a virtual clock at 0; NULL when out of memory. */
struct base_clock *base_vclock_new(void);
void base_vclock_free(struct base_clock *clock);
/** base_vclock_advance() - let @ns pass, as @advance of the clock; nothing within a timer. */
void base_vclock_advance(struct base_clock *clock, uint64_t ns);
/** base_vclock_step() - go to the next timer and run it; false when there is none. */
bool base_vclock_step(struct base_clock *clock);
/**
 * base_vclock_go() - to the moment @to: runs as many timers as are missing, and then none
 *
 * Return: 0; -EINVAL when this clock never comes to that moment: it has passed it, has no timer
 * that is due by then, or would have to run another one.
 */
int base_vclock_go(struct base_clock *clock, const struct base_moment *to);
/**
 * base_vclock_begin() - it is @at, before anything has happened
 *
 * Return: 0; -EINVAL when it is later already, or a timer is due before that.
 */
int base_vclock_begin(struct base_clock *clock, const struct base_moment *at);
/** base_vclock_due() - when the next timer is due; false when there is none. */
bool base_vclock_due(const struct base_clock *clock, uint64_t *ret_ns);

#endif
