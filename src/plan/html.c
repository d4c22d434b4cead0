// SPDX-License-Identifier: GPL-2.0-or-later
/* A plan as a page that needs nothing else: the picture, and below it the tables. */
#include <stdlib.h>

#include "memhp/cli/picture.h"
#include "plan_private.h"

void plan_print_html(const struct plan_options *options, const struct plan_result *results,
		     FILE *out)
{
	char *tables = NULL;
	size_t len;
	FILE *text = open_memstream(&tables, &len);

	picture_page(out, "Onlining policies");
	fputs("<h1>What onlining policies do to a machine that grows</h1>\n", out);
	plan_print_svg(options, results, out);
	fputs("<h2>Step by step</h2>\n<pre tabindex=\"0\">", out);
	if (text)
		plan_print_text(options, results, text);
	if (text && !fclose(text))
		picture_escape(out, tables);
	fputs("</pre>\n</html>\n", out);
	free(tables);
}
