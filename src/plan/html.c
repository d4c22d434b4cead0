// SPDX-License-Identifier: GPL-2.0-or-later
/* A plan as a page that needs nothing else: the picture, and below it the tables. */
#include <stdlib.h>

#include "memhp/cli/picture.h"
#include "plan_private.h"

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\">\n"
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<title>Onlining policies</title>\n"
	"<style>body{margin:1em auto;max-width:60em;padding:0 1em;font-family:sans-serif}"
	"svg{max-width:100%;height:auto}pre{overflow-x:auto;font-size:12px}"
	"@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}}</style>\n"
	"<h1>What onlining policies do to a machine that grows</h1>\n";

void plan_print_html(const struct plan_options *options, const struct plan_result *results,
		     FILE *out)
{
	char *tables = NULL;
	size_t len;
	FILE *text = open_memstream(&tables, &len);

	fputs(head, out);
	plan_print_svg(options, results, out);
	fputs("<h2>Step by step</h2>\n<pre tabindex=\"0\">", out);
	if (text)
		plan_print_text(options, results, text);
	if (text && !fclose(text))
		picture_escape(out, tables);
	fputs("</pre>\n</html>\n", out);
	free(tables);
}
