// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts memory blocks, and those that are online; linked statically, so that nothing can intercept
 * its calls. Prints "BLOCKS ONLINE".
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
	unsigned int online = 0;
	glob_t states;
	char word[16];

	if (glob("/sys/devices/system/memory/memory[0-9]*/state", 0, NULL, &states))
		return 1;
	for (size_t i = 0; i < states.gl_pathc; i++) {
		FILE *file = fopen(states.gl_pathv[i], "r");

		if (!file || fscanf(file, "%15s", word) != 1)
			return 1;
		online += !strcmp(word, "online");
		fclose(file);
	}
	printf("%zu %u\n", states.gl_pathc, online);
	globfree(&states);
	return 0;
}
