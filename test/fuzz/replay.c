/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target over stored inputs, without libFuzzer: files, and all files of directories.
 * Prints the name of each before it runs, so that the last one is the one that failed.
 */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz.h"

static void run_file(const char *path)
{
	FILE *in = fopen(path, "rb");
	uint8_t *data;
	struct stat st;

	printf("%s\n", path);
	fflush(stdout);
	if (!in || fstat(fileno(in), &st))
		err(EXIT_FAILURE, "%s", path);
	/* exactly as large as the input, so that out-of-bounds reads are detected */
	data = malloc((size_t)st.st_size);
	if (st.st_size && (!data || fread(data, (size_t)st.st_size, 1, in) != 1))
		err(EXIT_FAILURE, "%s", path);
	fclose(in);
	LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	free(data);
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int run_directory(const char *path)
{
	struct dirent **entry;
	int nr = scandir(path, &entry, is_input, alphasort);

	if (nr < 0)
		err(EXIT_FAILURE, "%s", path);
	for (int i = 0; i < nr; i++) {
		char *name;

		if (asprintf(&name, "%s/%s", path, entry[i]->d_name) < 0)
			err(EXIT_FAILURE, "%s", path);
		run_file(name);
		free(name);
		free(entry[i]);
	}
	free(entry);
	return nr;
}

int main(int argc, char **argv)
{
	int nr = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (!stat(argv[i], &st) && S_ISDIR(st.st_mode)) {
			nr += run_directory(argv[i]);
		} else {
			run_file(argv[i]);
			nr++;
		}
	}
	if (!nr)
		errx(EXIT_FAILURE, "no input; usage: %s FILE|DIRECTORY...", argv[0]);
	return 0;
}
