// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The elements of SVG. Colours are classes of one style sheet, which has a second set for dark
 * screens; they can be told apart by people who are colour-blind, and in grey.
 */
#include "memhp/cli/picture.h"

static const char style[] =
	"<style>"
	"svg{background:#fff;font-family:sans-serif;font-size:13px}"
	"text{fill:#1c1c1c}.small{font-size:11px;fill:#555}.title{font-size:16px;font-weight:bold}"
	"text.bad{fill:#b3261e;font-weight:bold}text.warn{fill:#8a5a00}"
	".DMA{fill:#7a5195}.DMA32{fill:#4f6fad}.Normal{fill:#2f9ec4}.Movable{fill:#7fb800}"
	".none{fill:#8a8a8a}.offline{fill:#e3e3e3;stroke:#999;stroke-width:.5}"
	"rect.bad,path.bad{fill:#d1495b;stroke:#d1495b}path.warn{fill:#d98e04;stroke:#d98e04}"
	".free{fill:#2f9ec4;fill-opacity:.35}.ratio{fill:none;stroke:#4d7a00;stroke-width:2}"
	".best{fill:#bcd98a}.grid{stroke:#ccc}.axis{stroke:#555}.step{stroke:#222;stroke-width:.7}"
	"@media(prefers-color-scheme:dark){"
	"svg{background:#161616}text{fill:#eee}.small{fill:#aaa}text.bad{fill:#ff8a80}"
	"text.warn{fill:#ffc24d}.offline{fill:#3a3a3a;stroke:#777}.ratio{stroke:#b5e04f}"
	".best{fill:#4c5f2b}.grid{stroke:#444}.axis{stroke:#aaa}.step{stroke:#ddd}}"
	"</style>\n";

void picture_escape(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

void picture_begin(FILE *out, int width, int height, const char *title)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		"role=\"img\" aria-label=\"",
		width, height, width);
	picture_escape(out, title);
	fputs("\">\n", out);
	fputs(style, out);
}

void picture_end(FILE *out)
{
	fputs("</svg>\n", out);
}

void picture_page(FILE *out, const char *title)
{
	fputs("<!DOCTYPE html>\n"
	      "<html lang=\"en\">\n"
	      "<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n"
	      "<title>",
	      out);
	picture_escape(out, title);
	fputs("</title>\n"
	      "<style>body{margin:1em auto;max-width:60em;padding:0 1em;font-family:sans-serif}"
	      "svg{max-width:100%;height:auto}pre{overflow-x:auto;font-size:12px}"
	      "table{display:block;overflow-x:auto}th,td{text-align:left;padding:0 1em 0 0}"
	      "@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}}</style>\n",
	      out);
}

void picture_text(FILE *out, double x, double y, const char *class, const char *anchor,
		  const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">", x, y, class,
		anchor);
	picture_escape(out, text);
	fputs("</text>\n", out);
}

void picture_box(FILE *out, double x, double y, double width, double height, const char *class,
		 const char *tip)
{
	fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" class=\"%s\"", x,
		y, width, height, class);
	if (tip) {
		fputs("><title>", out);
		picture_escape(out, tip);
		fputs("</title></rect>\n", out);
	} else {
		fputs("/>\n", out);
	}
}

void picture_line(FILE *out, double x1, double y1, double x2, double y2, const char *class)
{
	fprintf(out, "<path d=\"M%.1f %.1fL%.1f %.1f\" class=\"%s\"/>\n", x1, y1, x2, y2, class);
}
