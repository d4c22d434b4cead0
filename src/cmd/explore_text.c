// SPDX-License-Identifier: GPL-2.0-or-later
/* Texts, and the commands that show a finding again. */
#include <err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

char *explore_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		err(EXPLORE_FAILED, NULL);
	va_end(args);
	return text;
}

void *explore_grow(void *array, size_t nr, size_t size)
{
	char *more = reallocarray(array, nr + 1, size);

	if (!more)
		err(EXPLORE_FAILED, NULL);
	memset(more + nr * size, 0, size);
	return more;
}

void explore_quote(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-+=./,:@%";

	if (*word && !word[strspn(word, plain)]) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	}
	fputc('\'', out);
}

static void put_option(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(out, " --%s ", name);
	explore_quote(out, value);
}

static FILE *text_open(char **ret_text)
{
	static size_t len;
	FILE *out = open_memstream(ret_text, &len);

	if (!out)
		err(EXPLORE_FAILED, NULL);
	return out;
}

char *explore_command(const struct explore_options *o, const struct explore_run *run)
{
	char *text;
	FILE *out = text_open(&text);

	fputs("memhpfs-explore", out);
	put_option(out, "machine", run->machine ? run->machine : o->machine);
	put_option(out, "cmdline", o->cmdline);
	put_option(out, "kernel", o->kernel);
	put_option(out, "setup", o->setup);
	put_option(out, "check", o->check);
	put_option(out, "recover", o->recover);
	if (o->daemon)
		fputs(" --daemon", out);
	put_option(out, "poke", o->poke);
	put_option(out, "until", o->until);
	put_option(out, "settle", o->settle);
	put_option(out, "junit", o->junit);
	if (o->by_amount)
		fputs(" --compare amount", out);
	if (o->allow_partial)
		fputs(" --allow partial", out);
	for (size_t i = 0; i < o->nr_ok_status; i++)
		fprintf(out, " --ok-status %d", o->ok_status[i]);
	for (size_t i = 0; i < o->nr_ignore; i++)
		put_option(out, "ignore", o->ignore[i]);
	put_option(out, "fault", run->spec[0]);
	put_option(out, "fault", run->spec[1]);
	fputs(" --", out);
	for (char **word = o->command; *word; word++) {
		fputc(' ', out);
		explore_quote(out, *word);
	}
	fclose(out);
	return text;
}

char *explore_default_recover(const struct explore_options *o)
{
	char *text;
	FILE *out = text_open(&text);

	for (char **word = o->command; *word; word++) {
		if (word != o->command)
			fputc(' ', out);
		explore_quote(out, *word);
	}
	fclose(out);
	return text;
}

char *explore_point_text(const struct explore_point *point)
{
	return explore_format("%s %s %u", point->what, point->object, point->passing);
}

char *explore_read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = explore_format("%s", "");
	}
	fclose(file);
	return text;
}
