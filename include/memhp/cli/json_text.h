/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_text: arbitrary bytes as JSON strings, which are UTF-8. */
#ifndef CMD_JSON_TEXT_H
#define CMD_JSON_TEXT_H

#include <jansson.h>

/**
 * json_text() - make a JSON string of arbitrary bytes
 *
 * UTF-8 characters are kept; every other byte becomes \xHH. Nothing is left out.
 *
 * Return: the string; NULL when out of memory.
 */
json_t *json_text(const char *text, size_t len);

#endif
