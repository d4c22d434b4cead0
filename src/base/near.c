// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Misspelt words: the number of letters that are wrong, missing, superfluous, or transposed with
 * the next one (optimal string alignment).
 */
#include <ctype.h>
#include <string.h>

#include "memhp/base.h"

#define NEAR_MAX_LEN 63 /* longer words are never near */
#define NEAR_SHORT 6	/* one wrong letter up to this length, two above */

/* Case is ignored, and - and _ are equivalent. */
static int near_letter(char c)
{
	return c == '-' ? '_' : tolower((unsigned char)c);
}

bool base_is_near(const char *a, const char *b)
{
	unsigned int rows[3][NEAR_MAX_LEN + 1], *above = rows[0], *row = rows[1], *next = rows[2];
	size_t len_a = strlen(a), len_b = strlen(b), most = len_b <= NEAR_SHORT ? 1 : 2;

	if (len_a > NEAR_MAX_LEN || len_b > NEAR_MAX_LEN || len_a > len_b + most ||
	    len_b > len_a + most)
		return false;
	for (unsigned int j = 0; j <= len_b; j++)
		row[j] = j;
	for (unsigned int i = 1; i <= len_a; i++) {
		unsigned int *free_row = above;

		next[0] = i;
		for (unsigned int j = 1; j <= len_b; j++) {
			bool same = near_letter(a[i - 1]) == near_letter(b[j - 1]);
			unsigned int least = BASE_MIN(row[j], next[j - 1]) + 1;

			least = BASE_MIN(least, row[j - 1] + !same);
			if (i > 1 && j > 1 && near_letter(a[i - 1]) == near_letter(b[j - 2]) &&
			    near_letter(a[i - 2]) == near_letter(b[j - 1]))
				least = BASE_MIN(least, above[j - 2] + 1);
			next[j] = least;
		}
		above = row;
		row = next;
		next = free_row;
	}
	return row[len_b] <= most;
}
