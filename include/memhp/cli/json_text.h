/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_text: texts of any bytes as strings of JSON, which are UTF-8. */
#ifndef CMD_JSON_TEXT_H
#define CMD_JSON_TEXT_H

#include <jansson.h>

/**
 * json_text() - a string for any bytes
 *
 * Characters of UTF-8 stand as they are; each byte that is of none reads \xHH: nothing is left out.
 *
 * Return: NULL when out of memory.
 */
json_t *json_text(const char *text, size_t len);

#endif
