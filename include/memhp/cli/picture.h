/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all pictures have in common: a canvas of SVG, with light and dark. */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdio.h>

/** picture_begin() - begin a picture of that many pixels, which screen readers call @title */
void picture_begin(FILE *out, int width, int height, const char *title);
void picture_end(FILE *out);
/** picture_page() - begin a page of HTML that needs nothing else; </html> ends it */
void picture_page(FILE *out, const char *title);
/** picture_escape() - print a text as part of XML */
void picture_escape(FILE *out, const char *text);
/**
 * picture_text() - print a text
 * @class: of the style: "", "title", "small", "bad" or "warn"; several are separated by blanks
 * @anchor: where (@x, @y) is in it: "start", "middle" or "end"
 */
void picture_text(FILE *out, double x, double y, const char *class, const char *anchor,
		  const char *text);
/**
 * picture_box() - print a rectangle
 * @class: of the style, which gives its colour
 * @tip: what is shown when the mouse is over it; NULL: nothing
 */
void picture_box(FILE *out, double x, double y, double width, double height, const char *class,
		 const char *tip);
/** picture_line() - print a straight line */
void picture_line(FILE *out, double x1, double y1, double x2, double y2, const char *class);

#endif
