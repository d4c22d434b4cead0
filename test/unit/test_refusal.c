/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each refusal below machine/ leaves one line in machine/log with the reason: for each writable
 * file, in each object of each kind, before and after it is switched on, with texts that are wrong
 * for one type or another; and for mkdir and rmdir. No kind and no file is named here.
 */
#include "refusal.h"

/* Texts that some type does not accept, interspersed with accepted ones. */
static const char *const texts[] = {
	"",
	"\n",
	"x",
	"8GB",
	"1.5G",
	"-1",
	"-2",
	"-99999999999999999999",
	"18446744073709551615",
	"18446744073709551616",
	"16777216T",
	"3",
	"99",
	"256",
	"4096",
	"101",
	"1",
	"0",
	"1 1",
	"none",
	"3M",
	"900G",
	"1023",
	"0xfffffff00000000",
	"0x200100000",
	"0xf0000000",
	"auto",
	"0x100000000",
	"every 0",
	"node 5000",
	"zone Nowhere",
	"5-3",
	"EWHATEVER",
	"a\nb",
	" a",
	"hang",
	"512M",
	"0x108000000",
	"anon",
	"kernel",
	"hugetlb",
	"2",
	"y",
	"n",
	"a text that is longer than anything that any of these files takes, which goes on and on, "
	"and on, until it has more than two hundred and fifty-five bytes, which is the longest "
	"that a pattern of a race gate may be, so that it is too long for these, too, and more",
};

/* ---- each file ------------------------------------------------------------------------------- */

typedef void visit_fn(struct world *w, const char *path);

/* Each writable file below a directory. */
static void visit(struct world *w, const char *dir, visit_fn *fn)
{
	char *names = strdup(world_list(w, dir)), *name, *save;

	assert_non_null(names);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		struct tree_attr attr;
		char path[300];

		snprintf(path, sizeof(path), "%s/%s", dir, name);
		attr = world_stat(w, path);
		if (S_ISDIR(attr.mode))
			visit(w, path, fn);
		else if (S_ISREG(attr.mode) && attr.mode & 0200)
			fn(w, path);
	}
	free(names);
}

static unsigned int nr_tried;

static void try_all(struct world *w, const char *path)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(texts); i++)
		refusal_try(w, path, texts[i]);
	nr_tried++;
}

/*
 * Sets a file that is not set yet to the first of these texts that it accepts, and switches it on.
 */
static void set(struct world *w, const char *path)
{
	static const char *const values[] = { "256M", "1", "anon" };

	if (!(world_stat(w, path).mode & 0400))
		return;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(values); i++) {
		const char *now = world_read(w, path);

		if (strcmp(now, "0\n") && strcmp(now, "\n"))
			return;
		(void)world_write(w, path, values[i]);
	}
}

static void inert(void **state)
{
	refusal_make_all(*state);
	nr_tried = 0;
	visit(*state, "machine", try_all);
	assert_true(nr_tried > 20);
}

static void live(void **state)
{
	struct world *w = *state;

	refusal_make_all(w);
	assert_takes(w, SYS_MEMORY "auto_online_blocks", "online_movable");
	visit(w, "machine", set);
	visit(w, "machine", set);
	visit(w, "machine", try_all);
	/* in whatever state that has left them */
	visit(w, "machine", set);
	visit(w, "machine", try_all);
}

/* Each file on its own: no earlier write to another one interferes. */
static struct world *fresh;

static void try_fresh(struct world *listed, const char *path)
{
	for (int is_live = 0; is_live < 2; is_live++) {
		fresh = world_new(NULL);
		refusal_make_all(fresh);
		if (is_live) {
			visit(fresh, "machine", set);
			visit(fresh, "machine", set);
		}
		try_all(fresh, path);
		world_free(fresh);
	}
}

static void one_by_one(void **state)
{
	refusal_make_all(*state);
	visit(*state, "machine", try_fresh);
}

/* ---- mkdir and rmdir ------------------------------------------------------------------------- */

static void try_make(struct world *w, const char *path, const char *name)
{
	uint64_t dir = world_ino(w, path);
	char at[600];
	struct tree_attr attr;
	size_t from = machine_log_text(w->machine)->len;
	int ret = tree_mkdir(w->tree, dir, name, &attr);

	snprintf(at, sizeof(at), "%s/%s", path, name);
	memmove(at, at + strlen("machine/"), strlen(at + strlen("machine/")) + 1);
	if (strlen(at) < 200)
		refusal_check(w, from, at, "mkdir", ret);
	if (!ret)
		tree_forget(w->tree, attr.ino, 1);
	from = machine_log_text(w->machine)->len;
	ret = tree_rmdir(w->tree, dir, name);
	if (strlen(at) < 200)
		refusal_check(w, from, at, "rmdir", ret);
}

static void try_makes(struct world *w, const char *dir)
{
	char long_name[300] = "";

	memset(long_name, 'n', sizeof(long_name) - 1);
	try_make(w, dir, NAME);
	try_make(w, dir, NAME);
	try_make(w, dir, "other");
	try_make(w, dir, "");
	try_make(w, dir, "..");
	try_make(w, dir, long_name);
}

static void making(void **state)
{
	struct world *w = *state;
	char *names = strdup(world_list(w, "machine")), *name, *save;

	assert_non_null(names);
	refusal_make_all(w);
	visit(w, "machine", set);
	visit(w, "machine", set);
	try_makes(w, "machine");
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		char path[300];

		snprintf(path, sizeof(path), "machine/%s", name);
		if (!S_ISDIR(world_stat(w, path).mode))
			continue;
		snprintf(path, sizeof(path), "machine/%s/" NAME, name);
		if (world_exists(w, path))
			try_makes(w, path);
		snprintf(path, sizeof(path), "machine/%s", name);
		try_makes(w, path);
	}
	free(names);
}

/* The maximum number. */
static void too_many(void **state)
{
	struct world *w = *state;
	char *names = strdup(world_list(w, "machine")), *name, *save;

	assert_non_null(names);
	refusal_make_all(w);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		int ret = 0;
		char path[300];

		snprintf(path, sizeof(path), "machine/%s/" NAME, name);
		for (int i = 0; world_exists(w, path) && !ret; i++) {
			size_t from = machine_log_text(w->machine)->len;
			char at[300];

			snprintf(at, sizeof(at), "machine/%s/n%d", name, i);
			ret = world_mkdir(w, at);
			refusal_check(w, from, at + strlen("machine/"), "mkdir", ret);
		}
	}
	free(names);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WORLD_TEST(inert),  WORLD_TEST(live),	  WORLD_TEST(one_by_one),
		WORLD_TEST(making), WORLD_TEST(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
