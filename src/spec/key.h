/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of machine files as tables. One row describes a key completely; the same rows serve to
 * check a file's form, to read its values into a struct (key.c) and to write them (write.c).
 *
 * To add a key, add a member to struct machine_spec and a row to a table. Rows are read in the
 * order of the table, so a row may rely on the values of those above it. A value with its own
 * syntax needs its own struct spec_type. To add a list of mappings, add a row of type spec_entries
 * with a struct spec_list. The keys of a device other than its kind and its name are defined by the
 * rows of machine/ in the tree; &spec_list.rest keeps them for it.
 */
#ifndef SPEC_KEY_H
#define SPEC_KEY_H

#include "memhp/spec.h"
#include "node.h"

struct spec_key;

/**
 * struct spec_value - a value of a machine
 * @spec: contains the values read so far
 * @p: address of the value in @spec or in the entry of a list
 */
struct spec_value {
	const struct machine_spec *spec;
	const struct spec_key *key;
	void *p;
};

/**
 * struct spec_type - how values of a type are read and written
 * @kind: the kind of node; a list has no functions
 * @read: convert @text; 0, -EINVAL (the caller reports it) or -ENOMEM
 * @write: write the value as YAML; nothing if it equals that of an absent key
 * @preset: set the value of a key that is absent or invalid and has no &spec_key.otherwise;
 *	    NULL: leave it unchanged
 * @allow: describe valid values if there is no &spec_key.allowed
 */
struct spec_type {
	enum spec_kind kind;
	int (*read)(const struct spec_value *v, const char *text);
	void (*write)(const struct spec_value *v, struct base_buf *buf);
	void (*preset)(const struct spec_value *v);
	void (*allow)(const struct spec_value *v, struct base_buf *buf);
};

/** struct spec_bounds - range of a number; @preset: see &spec_type.preset. */
struct spec_bounds {
	uint64_t min;
	uint64_t max;
	uint64_t preset;
};

/** struct spec_reader - a machine file that is being read. */
struct spec_reader {
	struct spec_doc doc;
	struct machine_spec *spec;
};

/**
 * struct spec_list - a list of mappings
 * @keys: of an entry
 * @size: bytes of an entry
 * @nr_offset: of the number of entries in struct machine_spec, a size_t
 * @check: check an entry whose keys have been read
 * @done: check all entries; 0 or -ENOMEM
 * @rest: if entries may have keys other than @keys: offset in an entry of its
 *	  struct machine_setting *, which is followed by their number, a size_t; 0: they may not
 */
struct spec_list {
	const struct spec_key *keys;
	size_t size;
	size_t nr_offset;
	void (*check)(struct spec_reader *reader, const struct spec_node *node, void *x);
	int (*done)(struct spec_reader *reader);
	size_t rest;
};

/**
 * struct spec_map - a mapping of names to single values, each name once, that has no table of keys
 * @read: read and check it, or what a file without it means (NULL); reports errors
 * @write: write a line "  NAME: VALUE" for each; nothing if it equals an absent key
 */
struct spec_map {
	void (*read)(struct spec_reader *reader, const struct spec_node *mapping);
	void (*write)(const struct machine_spec *spec, struct base_buf *buf);
};

/**
 * struct spec_key - a key; a table of keys ends with one that has no name
 * @offset, @size: of the value in struct machine_spec, or in the entry of a list
 * @required: the file must have it
 * @stands_alone: in a list: a single value instead of the list is this one of the only entry
 * @otherwise: the value if the key is absent
 * @what: name of the value in messages, after "is not a valid"
 * @allowed: description of valid values
 * @preset, @allow: override those of the type
 * @valid: whether a printable text is valid; NULL: any
 * @base: of numbers: 10, or 0 for decimal and 0x...
 * @bounds: of a number; @bounds_of() if they depend on values read before
 * @list, @map: of a value that is not a single one
 * @words: the @nr_words valid words; the value is the index of one
 * @help: one line about the key
 */
struct spec_key {
	const char *name;
	const struct spec_type *type;
	size_t offset;
	size_t size;
	bool required;
	bool stands_alone;
	const char *otherwise;
	const char *what;
	const char *allowed;
	void (*preset)(const struct spec_value *v);
	void (*allow)(const struct spec_value *v, struct base_buf *buf);
	bool (*valid)(const char *text);
	unsigned int base;
	struct spec_bounds bounds;
	struct spec_bounds (*bounds_of)(const struct machine_spec *spec);
	const char *const *words;
	size_t nr_words;
	const struct spec_list *list;
	const struct spec_map *map;
	const char *help;
};

/** SPEC_MAX_KEYS - the largest number of rows in a table. */
#define SPEC_MAX_KEYS 32

/* The value is one printable line, a char *; ... */
extern const struct spec_type spec_text;
/* ... a list of numbers, a struct base_mask; ... */
extern const struct spec_type spec_mask;
/* ... a number; ... */
extern const struct spec_type spec_number;
/* ... an address, with a suffix if desired; ... */
extern const struct spec_type spec_address;
/* ... a size; ... */
extern const struct spec_type spec_size;
/* ... a size that is a power of two; ... */
extern const struct spec_type spec_power;
/* ... one of several words: an enum, or a bool; ... */
extern const struct spec_type spec_word;
/* ... an array of mappings, with @list; ... */
extern const struct spec_type spec_entries;
/* ... a mapping, with @map. */
extern const struct spec_type spec_mapping;

/** spec_bool_words - the words of a spec_word that is true or false. */
extern const char *const spec_bool_words[2];

/**
 * spec_read() - check the form of a file and read its values
 *
 * Return: 0, even if a value is invalid (&spec_doc.nr_errors); -EINVAL if the form is wrong, which
 * has been reported; -ENOMEM.
 */
int spec_read(struct spec_reader *reader, const struct spec_key *keys);
/** spec_write() - write @spec as a machine file that describes the same machine. */
void spec_write(const struct machine_spec *spec, const struct spec_key *keys, struct base_buf *buf);
/** spec_is_printable() - whether @text has no control characters. */
bool spec_is_printable(const char *text);
/** spec_put_quoted() - append @text as a quoted scalar. */
void spec_put_quoted(const char *text, struct base_buf *buf);

#endif
