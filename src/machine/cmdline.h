/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of the kernel command line (cmdline.c), for its parser (cmdline_words.c). */
#ifndef MACHINE_CMDLINE_H
#define MACHINE_CMDLINE_H

#include "machine_private.h"

#define CMDLINE_IGNORED 1

/*
 * @value: NULL when there is no '='
 * Return: 0; -errno for a value that the kernel complains about; CMDLINE_IGNORED for an invalid
 * one that it accepts silently.
 */
typedef int cmdline_fn(struct machine *m, const char *value);

/*
 * How the kernel finds a word: as an early_param(); as a __setup(), which matches any word that
 * begins with its name (including "=" if it has one); as a module parameter or a core_param().
 */
enum cmdline_form {
	CMDLINE_EARLY,
	CMDLINE_SETUP,
	CMDLINE_SETUP_VALUE,
	CMDLINE_MODULE,
};

/* @allowed: valid values after "="; NULL: it needs no value; @needs: see struct tree_row */
struct cmdline_param {
	const char *name;
	cmdline_fn *fn;
	enum cmdline_form form;
	const char *allowed;
	uint64_t needs;
};

/* Whether @word is @name, or begins with it. */
bool cmdline_name_matches(const char *word, const char *name, bool prefix);
/* The parameter that a word sets, or one with a similar name, with or without module; or NULL. */
const struct cmdline_param *cmdline_find(const struct machine *m, const char *word,
					 const char *value);
const struct cmdline_param *cmdline_meant(const char *word);

#endif
