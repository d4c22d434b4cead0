/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every key of a machine file: nonsense is refused, and the manual page has it. */
#include "machine_file.h"

#include "../../src/spec/spec_private.h"

/*
 * Values that are invalid, by YAML type, and the keys that accept them. (Blocks are checked only
 * where all ranges are valid: absent_blocks() of test_spec_ranges.c.)
 */
static const struct nonsense {
	const char *value;
	const char *accepted_by;
} nonsense[] = {
	{ "\"\\x07\"", "" },
	{ "\"\"", " cmdline possible_nodes list " },
	{ "no such thing", " cmdline name " },
	{ "-1", " cmdline name " },
	{ "0x", " cmdline name " },
	{ "1e9", " cmdline name " },
	{ "99999999999999999999", " cmdline name " },
	{ "18446744073709551615", " cmdline name seed after count block blocks " },
	{ "1KB", " cmdline name " },
};

static bool is_of_firmware(const char *key)
{
	const struct spec_key *dmi = spec_dmi_keys;

	while (dmi->name && strcmp(dmi->name, key) != 0)
		dmi++;
	return dmi->name;
}

/* Whether the value is valid for any machine. */
static bool makes_sense(const struct nonsense *n, const char *key)
{
	char word[64];

	/* Firmware may have any text, but the first two are none. */
	if (is_of_firmware(key))
		return n >= nonsense + 2;
	snprintf(word, sizeof(word), " %s ", key);
	return strstr(n->accepted_by, word);
}

/* A mapping in which all values, including those of lists in it, are the same nonsense. */
static void put_mapping(FILE *out, const struct spec_key *key, const char *value)
{
	const char *comma = "";

	fputc('{', out);
	for (; key->name; key++, comma = ", ") {
		fprintf(out, "%s%s: ", comma, key->name);
		if (key->list) {
			fputc('[', out);
			put_mapping(out, key->list->keys, value);
			fputc(']', out);
		} else if (key->map) {
			fprintf(out, "{NUMA: %s}", value);
		} else {
			fputs(value, out);
		}
	}
	fputc('}', out);
}

/* Each of them must have its line among the errors. */
static void assert_named(const struct spec_key *key, const char *place, const struct nonsense *n,
			 const char *errors)
{
	char line[160];

	for (; key->name; key++) {
		if (key->list) {
			snprintf(line, sizeof(line), "%s[0].", key->name);
			assert_named(key->list->keys, line, n, errors);
			continue;
		}
		snprintf(line, sizeof(line), "m.yaml:1: %s%s%s: ", place, key->name,
			 key->map ? ".NUMA" : "");
		if (!strstr(errors, line) != makes_sense(n, key->name))
			fail_msg("%s%s: %s is %s", place, key->name, n->value,
				 makes_sense(n, key->name) ? "refused" : "not refused");
	}
}

static void every_key(void **state)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(nonsense); i++) {
		char *text, *errors;
		size_t len;
		FILE *out = open_memstream(&text, &len);
		struct machine_spec *spec;

		put_mapping(out, spec_machine_keys, nonsense[i].value);
		fclose(out);
		assert_int_equal(machine_file_parse(text, 1, &errors, &spec), -EINVAL);
		assert_named(spec_machine_keys, "", &nonsense[i], errors);
		free(text);
		free(errors);
	}
}

/* Every row of a table is complete: every error of a value has a message. */
static void assert_complete(const struct spec_key *key)
{
	size_t nr = 0;

	for (; key->name; key++, nr++) {
		assert_non_null(key->help);
		assert_true(!key->list == (key->type->kind != SPEC_SEQUENCE));
		assert_true(!key->map == (key->type->kind != SPEC_MAPPING));
		if (key->list) {
			assert_complete(key->list->keys);
			continue;
		}
		if (key->map) {
			assert_true(key->map->read && key->map->write);
			continue;
		}
		assert_non_null(key->what);
		assert_true(key->allowed || key->allow || key->type->allow);
		assert_true(key->type->read && key->type->write);
		assert_true(key->type != &spec_word || key->words);
	}
	assert_in_range(nr, 1, SPEC_MAX_KEYS);
}

static char *read_page(void)
{
	FILE *in = fopen(MEMHP_SOURCE_DIR "/man/memhpfs-machine.5", "r");
	char *page = NULL;
	size_t size = 0;

	assert_non_null(in);
	assert_true(getdelim(&page, &size, '\0', in) > 0);
	fclose(in);
	return page;
}

/* The manual page has each key in bold, alone or among others. */
static void assert_documented(const struct spec_key *key, const char *page)
{
	for (; key->name; key++) {
		size_t len = strlen(key->name);
		bool found = false;

		for (const char *at = page; (at = strstr(at, "\n.B")) && !found; at++) {
			const char *end = strchr(at + 1, '\n');
			const char *word = strstr(at, key->name);

			found = word && word < end && word[-1] == ' ' && strchr(" \n", word[len]);
		}
		if (!found)
			fail_msg("the manual page lacks %s", key->name);
		if (key->list)
			assert_documented(key->list->keys, page);
	}
}

static void documented(void **state)
{
	char *page = read_page();

	assert_documented(spec_machine_keys, page);
	free(page);
}

static void complete_rows(void **state)
{
	assert_complete(spec_machine_keys);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key),
		cmocka_unit_test(complete_rows),
		cmocka_unit_test(documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
