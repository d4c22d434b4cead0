/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine files, valid and invalid ones; see machine_file.h. */
#include "machine_file.h"

int machine_file_parse(const char *text, unsigned int first_line, char **ret_errors,
		       struct machine_spec **ret_spec)
{
	size_t len;
	FILE *err = open_memstream(ret_errors, &len);
	int r;

	assert_non_null(err);
	r = machine_spec_parse(text, strlen(text), "m.yaml", first_line, err, ret_spec);
	fclose(err);
	return r;
}

void assert_errors(const char *text, const char *expected, const char *errors)
{
	const char *want = expected, *have = errors;
	size_t len;

	for (; *want != '\0' && *have != '\0'; have = strchr(have, '\n') + 1) {
		len = strcspn(want, "\n");
		if (strncmp(have, want, len) != 0)
			break;
		want += len + (want[len] == '\n');
	}
	if (*want != '\0' || *have != '\0')
		fail_msg("\"%s\"\nwanted: %s\nhave: %s", text, expected, errors);
}

void assert_refused(const struct bad_file *rows, size_t nr)
{
	struct machine_spec *untouched = (struct machine_spec *)&untouched, *spec;
	char *errors;
	size_t i;

	for (i = 0; i < nr; i++) {
		spec = untouched;
		if (machine_file_parse(rows[i].text, 1, &errors, &spec) != -EINVAL)
			fail_msg("\"%s\" is not refused", rows[i].text);
		assert_ptr_equal(spec, untouched);
		assert_errors(rows[i].text, rows[i].errors, errors);
		free(errors);
	}
}

struct machine_spec *machine_file_good(const char *text)
{
	struct machine_spec *spec = NULL;
	char *errors;

	if (machine_file_parse(text, 1, &errors, &spec) || *errors)
		fail_msg("\"%s\" is refused: %s", text, errors);
	free(errors);
	return spec;
}
