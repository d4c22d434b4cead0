/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any machine, changed at random, and every file of it read. An input consists of bytes, each of
 * which decides something; if its first line is "# machine file", it starts with a machine file, up
 * to a line "---", which is followed by bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "every_file.h"
#include "random_machine.h"

#define MAX_CHANGES 40
#define HEADER "# machine file\n"
#define FENCE "\n---\n"

/* The text of a machine file at the beginning of the input; false: there is none. */
static bool take_text(struct dice *dice, struct base_buf *text)
{
	const char *start = (const char *)dice->data, *end;

	if (dice->left < strlen(HEADER) || memcmp(start, HEADER, strlen(HEADER)) != 0)
		return false;
	end = memmem(start, dice->left, FENCE, strlen(FENCE));
	if (!end)
		return false;
	base_buf_add(text, start, (size_t)(end - start) + 1);
	dice->left -= (size_t)(end - start) + strlen(FENCE);
	dice->data += (size_t)(end - start) + strlen(FENCE);
	return true;
}

static bool boot(struct fuzz_world *world, struct dice *dice)
{
	struct machine_spec *spec;
	struct base_buf text;
	char *said = NULL;
	size_t said_len;
	FILE *err = open_memstream(&said, &said_len);
	int ret;

	FUZZ_REQUIRE(err != NULL);
	base_buf_init(&text);
	if (!take_text(dice, &text))
		random_machine(dice, &text);
	fuzz_watch("boot", "");
	ret = machine_spec_parse(base_buf_text(&text), text.len, "input", 1, err, &spec);
	fclose(err);

	if (getenv("FUZZ_SHOW"))
		fputs(base_buf_text(&text), stderr);
	base_buf_fini(&text);
	free(said);
	ret = ret || !fuzz_world_init(world, spec);
	fuzz_watch(NULL, NULL);
	return !ret;
}

static void look(struct random_changes *changes)
{
	fuzz_world_check(changes->world);
	every_file_views(changes->world, random_changes_pending(changes));
	every_file_walk(changes->world, changes->dice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dice dice = { data, size };
	struct fuzz_world world;
	struct random_changes changes = { .world = &world, .dice = &dice };

	if (!boot(&world, &dice))
		return 0;
	look(&changes);
	for (int i = 0; dice.left && i < MAX_CHANGES; i++) {
		random_change(&changes);
		fuzz_world_check(&world);
	}
	look(&changes);
	random_changes_end(&changes);
	look(&changes);
	fuzz_world_fini(&world);
	return 0;
}
