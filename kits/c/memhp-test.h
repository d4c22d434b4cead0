/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memhp-test.h: machines of libmemhp in tests with cmocka. Link with memhp and cmocka.
 *
 *	static void my_test(void **state)
 *	{
 *		struct memhp *m = *state;
 *		...
 *	}
 *	const struct CMUnitTest tests[] = { memhp_unit_test(my_test) };
 *
 * Each test has a machine of its own, which has been booted. An assertion that fails prints what
 * the machine says about it, and the line of the test.
 */
#ifndef MEMHP_TEST_H
#define MEMHP_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <memhp.h>

/**
 * struct memhp_test_machine - the machine of a test
 * @machine: a file, or the name of a machine that comes with memhpfs; NULL: the default one
 * @cmdline: words to add to the kernel's command line; NULL: none
 * @kernel: the version of Linux; NULL: that of the machine
 */
struct memhp_test_machine {
	const char *machine;
	const char *cmdline;
	const char *kernel;
};

/* ---- fixtures -------------------------------------------------------------------------------- */

/** memhp_unit_test() - a test with the default machine */
#define memhp_unit_test(test)                                                                      \
	cmocka_unit_test_setup_teardown(test, memhp_test_setup, memhp_test_teardown)

/** memhp_unit_test_on() - a test with a struct memhp_test_machine: @..., its initializer */
#define memhp_unit_test_on(test, ...)                                                              \
	cmocka_unit_test_prestate_setup_teardown(test, memhp_test_setup, memhp_test_teardown,      \
						 (&(struct memhp_test_machine){ __VA_ARGS__ }))

/** memhp_test_setup() - boot the machine that *@state describes, a struct memhp_test_machine */
static inline int memhp_test_setup(void **state)
{
	const struct memhp_test_machine *which = *state;
	struct memhp *m;
	int ret;

	ret = memhp_new(&m);
	if (ret)
		return ret;
	if (which && which->machine)
		ret = memhp_load(m, which->machine);
	if (!ret && which && which->kernel)
		ret = memhp_set_kernel(m, which->kernel);
	if (!ret && which && which->cmdline)
		ret = memhp_add_cmdline(m, which->cmdline);
	if (!ret)
		ret = memhp_boot(m);
	if (ret) {
		print_error("ERROR: %s\n", memhp_error(m));
		memhp_free(m);
		return ret;
	}
	*state = m;
	return 0;
}

/* The directory on which assert_mount() has mounted the machine of the present test; "": none. */
static inline char *memhp_test_dir(void)
{
	static char dir[4096];

	return dir;
}

/** memhp_test_teardown() - free the machine, which unmounts it */
static inline int memhp_test_teardown(void **state)
{
	char *dir = memhp_test_dir();

	memhp_free(*state);
	if (*dir && rmdir(dir))
		print_error("ERROR: %s: %s\n", dir, strerror(errno));
	*dir = '\0';
	return 0;
}

/* ---- assertions ------------------------------------------------------------------------------ */

/** assert_memhp() - a call of libmemhp must succeed: assert_memhp(m, memhp_plug(m, ...)) */
#define assert_memhp(m, call) memhp_test_call(m, call, 0, #call, "", __FILE__, __LINE__)

/** assert_memhp_fails() - a call must fail with this errno, such as EBUSY; 0: it must succeed */
#define assert_memhp_fails(m, call, error)                                                         \
	memhp_test_call(m, call, error, #call, "", __FILE__, __LINE__)

/** assert_write() - writing @text to the file @path must succeed */
#define assert_write(m, path, text) assert_write_fails(m, path, text, 0)

/** assert_write_fails() - writing must fail with this errno; 0: it must succeed */
#define assert_write_fails(m, path, text, error)                                                   \
	memhp_test_call(m, memhp_write(m, path, text), error, "write", path, __FILE__, __LINE__)

/** assert_read() - the file @path must read as @text; a newline at its end does not matter */
#define assert_read(m, path, text) memhp_test_read(m, path, text, NULL, __FILE__, __LINE__)

/** assert_block_state() - memory block @block must be "online", "offline" or "going-offline" */
#define assert_block_state(m, block, state)                                                        \
	memhp_test_block(m, block, "state", state, __FILE__, __LINE__)

/** assert_zones() - the file valid_zones of memory block @block must read like this: "Movable" */
#define assert_zones(m, block, zones)                                                              \
	memhp_test_block(m, block, "valid_zones", zones, __FILE__, __LINE__)

/** assert_online() - a memory block must go online; @zone: "kernel", "movable", or NULL */
#define assert_online(m, block, zone) memhp_test_online(m, block, zone, __FILE__, __LINE__)

/** assert_offline() - a memory block must go offline */
#define assert_offline(m, block) memhp_test_change(m, block, "offline", __FILE__, __LINE__)

/** assert_fault() - enable a fault plan: assert_fault(m, "f", "block=34", "errno=ENOMEM") */
#define assert_fault(m, name, ...)                                                                 \
	assert_memhp(m, memhp_make(m, "fault", name,                                               \
				   (const char *const[]){ __VA_ARGS__, "enabled=1", NULL }))

/**
 * assert_mount() - mount the machine for code that uses files, until the test ends
 *
 * Return: the directory; the same one when it is mounted already.
 */
#define assert_mount(m) memhp_test_mount(m, __FILE__, __LINE__)

/** assert_uevents() - exactly these must have happened: assert_uevents(m, "add memory32", ...) */
#define assert_uevents(m, ...)                                                                     \
	memhp_test_uevents(m, (const char *const[]){ __VA_ARGS__, NULL }, __FILE__, __LINE__)

/** assert_no_uevents() - none must have happened since the last assertion about them, or boot */
#define assert_no_uevents(m)                                                                       \
	memhp_test_uevents(m, (const char *const[]){ NULL }, __FILE__, __LINE__)

/* ---- what the macros call -------------------------------------------------------------------- */

/* @ret: of the call that @what and @path name; @error: what -@ret should be */
static inline void memhp_test_call(struct memhp *m, int ret, int error, const char *what,
				   const char *path, const char *file, int line)
{
	if (ret == -error)
		return;
	if (ret)
		print_error("ERROR: %s: %s\n", what, memhp_error(m));
	else
		print_error("ERROR: %s%s%s: success\n", what, *path ? ": " : "", path);
	if (error)
		print_error("expected: %s\n", strerror(error));
	_fail(file, line);
}

/* With auto_unmount, the mount ends with this process even if it is killed. */
static inline const char *memhp_test_mount(struct memhp *m, const char *file, int line)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = memhp_test_dir();

	if (*dir)
		return dir;
	snprintf(dir, 4096, "%s/memhp-test.%d", tmp ? tmp : "/tmp", (int)getpid());
	if (mkdir(dir, 0700)) {
		print_error("ERROR: %s: %s\n", dir, strerror(errno));
		*dir = '\0';
		_fail(file, line);
	}
	memhp_test_call(m, memhp_mount(m, dir, "auto_unmount"), 0, "memhp_mount", "", file, line);
	return dir;
}

/* Prints the lines of machine/log with this word. */
static inline void memhp_test_log(struct memhp *m, const char *word)
{
	size_t len = strlen(word);
	char *log, *text, *end;

	if (memhp_read(m, "machine/log", &log, NULL))
		return;
	for (text = log; (end = strchr(text, '\n')); text = end + 1) {
		const char *found;

		*end = '\0';
		found = strstr(text, word);
		if (found && !strchr("0123456789", found[len] ? found[len] : ' '))
			print_error("machine/log: %s\n", text);
	}
	memhp_text_free(log);
}

/* @word: what the lines of the log are about; NULL: none are printed */
static inline void memhp_test_read(struct memhp *m, const char *path, const char *wanted,
				   const char *word, const char *file, int line)
{
	size_t len;
	char *text;

	memhp_test_call(m, memhp_read(m, path, &text, &len), 0, "read", path, file, line);
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	if (strcmp(text, wanted)) {
		print_error("ERROR: %s is \"%s\", not \"%s\"\n", path, text, wanted);
		if (word)
			memhp_test_log(m, word);
		memhp_text_free(text);
		_fail(file, line);
		return;
	}
	memhp_text_free(text);
}

static inline void memhp_test_block(struct memhp *m, unsigned int block, const char *name,
				    const char *wanted, const char *file, int line)
{
	char path[96], word[32];

	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%u/%s", block, name);
	snprintf(word, sizeof(word), "memory%u", block);
	memhp_test_read(m, path, wanted, word, file, line);
}

/* Writes the action and the name of the device of the uevent at @text; returns what follows it. */
static inline const char *memhp_test_uevent(const char *text, char *ret_event, size_t size)
{
	const char *end = strstr(text, "\n\n"), *at = strchr(text, '@');
	const char *eol = strchr(text, '\n'), *name = eol;

	while (name > text && name[-1] != '/')
		name--;
	snprintf(ret_event, size, "%.*s %.*s", (int)(at - text), text, (int)(eol - name), name);
	return end ? end + 2 : "";
}

static inline void memhp_test_uevents(struct memhp *m, const char *const *wanted, const char *file,
				      int line)
{
	const char *next;
	char *text, event[128];
	int differ = 0;

	memhp_test_call(m, memhp_uevents(m, &text), 0, "memhp_uevents", "", file, line);
	for (next = text; *next; wanted += !!*wanted) {
		next = memhp_test_uevent(next, event, sizeof(event));
		if (*wanted && !strcmp(event, *wanted))
			continue;
		print_error("ERROR: uevent \"%s\", not \"%s\"\n", event, *wanted ? *wanted : "");
		differ = 1;
	}
	memhp_text_free(text);
	for (; *wanted; wanted++, differ = 1)
		print_error("ERROR: no uevent \"%s\"\n", *wanted);
	if (differ)
		_fail(file, line);
}

static inline void memhp_test_change(struct memhp *m, unsigned int block, const char *state,
				     const char *file, int line)
{
	char path[96];

	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%u/state", block);
	memhp_test_call(m, memhp_write(m, path, state), 0, "write", path, file, line);
}

static inline void memhp_test_online(struct memhp *m, unsigned int block, const char *zone,
				     const char *file, int line)
{
	char state[32];

	snprintf(state, sizeof(state), "online%s%s", zone ? "_" : "", zone ? zone : "");
	memhp_test_change(m, block, state, file, line);
}

#endif
