/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine files on a disk: where the machine is in them, and those that cannot be read. */
#include <unistd.h>

#include "machine_file.h"

static int load_text(const char *text, char **ret_errors, struct machine_spec **ret_spec)
{
	char path[] = "/tmp/test_spec.XXXXXX";
	int fd = mkstemp(path), r;
	char *errors, *at;
	size_t len;
	FILE *err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	err = open_memstream(&errors, &len);
	r = machine_spec_load(path, err, ret_spec);
	fclose(err);
	unlink(path);
	/* The file's name is at the start of each line. */
	for (at = errors; *at != '\0'; at = strchr(at, '\n') + 1)
		assert_memory_equal(at, path, strlen(path));
	*ret_errors = errors;
	return r;
}

static void machine_within_file(void **state)
{
	static const struct {
		const char *text;
		unsigned int line; /* of the range; 0: refused */
	} rows[] = {
		{ RAM, 2 },
		{ "# comment\n\n#\n" RAM, 5 },
		{ "---\n" RAM, 3 },
		{ "# comment\n---\n" RAM, 4 },
		{ "# comment\n---\n" RAM "---\n> read sys\n< {: *&\n", 4 },
		{ "# comment\n \t\n--- \r\n" RAM "---\r\n\x01", 5 },
		{ "---\n" RAM "---", 3 },
		{ "arch: x86_64\n" RAM "---\n> read sys\n", 0 },
		{ "%YAML 1.1\n---\n" RAM, 4 },
		{ "# comment\n---\n---\n" RAM, 0 },
		{ "# only a comment", 0 },
		{ "---", 0 },
		{ "", 0 },
		{ "----\n" RAM, 0 },
	};
	struct machine_spec *spec;
	char *errors;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		r = load_text(rows[i].text, &errors, &spec);
		if (r != (rows[i].line > 0 ? 0 : -EINVAL) || (r == 0) != (*errors == '\0'))
			fail_msg("\"%s\": %d: %s", rows[i].text, r, errors);
		if (r == 0) {
			assert_int_equal(spec->memory[0].line, rows[i].line);
			machine_spec_free(spec);
		}
		free(errors);
	}
	assert_int_equal(load_text("# c\n---\n" RAM "x: y\n---\n> a\n", &errors, &spec), -EINVAL);
	assert_non_null(strstr(errors, ":5: x: unknown key"));
	free(errors);
}

static void unreadable_files(void **state)
{
	struct machine_spec *spec;
	char *errors;
	size_t len;
	FILE *err = open_memstream(&errors, &len);

	(void)state;
	assert_int_equal(machine_spec_load("/nowhere/m.yaml", err, &spec), -ENOENT);
	assert_int_equal(machine_spec_load("/tmp", err, &spec), -EISDIR);
	assert_int_equal(machine_spec_load("/dev/zero", err, &spec), -EFBIG);
	fclose(err);
	assert_string_equal(errors, "/nowhere/m.yaml: cannot be read: No such file or directory\n"
				    "/tmp: cannot be read: Is a directory\n"
				    "/dev/zero: cannot be read: File too large\n");
	free(errors);
}

/* What is found, without the temporary directory; "-": nothing, for the reason in @errors. */
static char *find(const char *what, char **ret_errors)
{
	char *path;
	size_t len;
	FILE *err = open_memstream(ret_errors, &len);
	int r = machine_name_find(what, err, &path);

	fclose(err);
	assert_true(r == 0 || r == -ENOENT);
	return r ? strdup("-") : path;
}

static void names(void **state)
{
	static const struct {
		const char *what;
		const char *found;
	} rows[] = {
		{ "vm", "machines/vm.yaml" },
		{ "both", "machines/both.yaml" },
		{ "./both", "./both" },
		{ "file", "file" },
		{ "nothing", "-" },
		{ "vm.yaml", "vm.yaml" },
		{ "machines/vm", "machines/vm" },
		{ "", "" },
	};
	char dir[] = "/tmp/test_names.XXXXXX", *errors, *found;
	struct base_buf list;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(system("mkdir machines; touch both file; "
				"echo '# One that  grows.\n# Unused.' >machines/vm.yaml; "
				"echo '# Two\n# lines. No\n' >machines/both.yaml; "
				"echo 'arch: x # no' >machines/none.yaml; touch machines/README"),
			 0);
	setenv("MEMHP_MACHINES", "machines", 1);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(rows); i++) {
		found = find(rows[i].what, &errors);
		assert_string_equal(found, rows[i].found);
		assert_true((*found == '-') == (*errors != '\0'));
		free(found);
		free(errors);
	}
	free(find("nothing", &errors));
	assert_non_null(strstr(errors, "nothing: neither a file nor the name of a machine "
				       "(both, none, vm)\n"));
	free(errors);
	base_buf_init(&list);
	machine_name_list(&list);
	assert_string_equal(base_buf_text(&list), "both\tTwo lines\nnone\t\nvm\tOne that grows\n");
	base_buf_fini(&list);
	unsetenv("MEMHP_MACHINES");
	assert_int_equal(system("rm -r \"$PWD\""), 0);
	assert_int_equal(chdir("/"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(machine_within_file),
		cmocka_unit_test(unreadable_files),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
