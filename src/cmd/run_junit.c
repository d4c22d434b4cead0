// SPDX-License-Identifier: GPL-2.0-or-later
/* Which test cases of a JUnit report have failed. Of XML, it knows what test programs write. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/cli/json_text.h"
#include "run_trial.h"

/* Appends the value of an attribute of the tag @tag, which ends at @end. */
static void put_attribute(FILE *out, const char *tag, const char *end, const char *name)
{
	static const struct {
		const char *text;
		char c;
	} entities[] = { { "&amp;", '&' },  { "&lt;", '<' },	{ "&gt;", '>' },
			 { "&quot;", '"' }, { "&apos;", '\'' }, { "&#39;", '\'' } };
	size_t len = strlen(name);
	const char *at = tag;

	while (at < end && !(strchr(" \n\t", at[0]) && !strncmp(at + 1, name, len) &&
			     at[len + 1] == '=' && strchr("\"'", at[len + 2])))
		at++;
	if (at >= end)
		return;
	at += len + 2;
	for (char quote = *at++; at < end && *at != quote;) {
		size_t i = 0, nr = sizeof(entities) / sizeof(*entities);

		while (i < nr && strncmp(at, entities[i].text, strlen(entities[i].text)) != 0)
			i++;
		fputc(i < nr ? entities[i].c : *at, out);
		at += i < nr ? strlen(entities[i].text) : 1;
	}
}

/* "class: name" of a test case. */
static json_t *name_of(const char *tag, const char *end)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	json_t *name;

	if (!out)
		return NULL;
	put_attribute(out, tag, end, "classname");
	fflush(out);
	if (len)
		fputs(": ", out);
	put_attribute(out, tag, end, "name");
	fclose(out);
	name = json_text(text, len);
	free(text);
	return name;
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* The end of what begins at @at: of a tag, a comment or a text that is no markup. */
static const char *end_of(const char *at)
{
	const char *what = begins(at, "<!--") ? "-->" : begins(at, "<![CDATA[") ? "]]>" : NULL;
	char quote = '\0';

	if (what) {
		at = strstr(at, what);
		return at ? at + strlen(what) - 1 : NULL;
	}
	for (; *at && (quote || *at != '>'); at++) {
		if (quote == *at)
			quote = '\0';
		else if (!quote && strchr("\"'", *at))
			quote = *at;
	}
	return *at ? at : NULL;
}

json_t *run_junit_failed(const char *path)
{
	FILE *file = fopen(path, "re");
	json_t *failed = NULL, *name = NULL;
	const char *at, *end;
	char *text = NULL;
	size_t size = 0;

	if (file && getdelim(&text, &size, '\0', file) > 0 && strstr(text, "<testsuite"))
		failed = json_array();
	for (at = text; failed && (at = strchr(at, '<')) && (end = end_of(at)); at = end) {
		if (begins(at, "<testcase")) {
			json_decref(name);
			name = name_of(at, end);
		} else if (begins(at, "<failure") || begins(at, "<error")) {
			if (name)
				json_array_append(failed, name);
			json_decref(name);
			name = NULL;
		}
	}
	json_decref(name);
	free(text);
	if (file)
		fclose(file);
	return failed;
}
