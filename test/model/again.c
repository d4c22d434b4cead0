// SPDX-License-Identifier: GPL-2.0-or-later
/* Repeating a machine's inputs, see again.h. */
#include "again.h"

struct again_input {
	struct tree_input input;
	char *text;
	bool has_ended;
	struct base_moment end;
	ssize_t result;
	/* of the repetition */
	struct tree_req req;
	struct again *again;
	bool has_ended_again;
};

struct again {
	struct world *first;
	struct world *second;
	struct again_input **inputs;
	size_t nr;
	char wrong[700];
};

static int again_begin(void *ctx, const struct tree_input *input, uint64_t *ret_id)
{
	struct again *again = ctx;
	struct again_input *i = calloc(1, sizeof(*i));

	assert_non_null(i);
	again->inputs = reallocarray(again->inputs, again->nr + 1, sizeof(*again->inputs));
	assert_non_null(again->inputs);
	again->inputs[again->nr++] = i;
	i->input = *input;
	i->text = calloc(1, input->len + 1);
	assert_non_null(i->text);
	memcpy(i->text, input->text, input->len);
	i->input.text = i->text;
	i->input.path = strdup(input->path);
	i->again = again;
	*ret_id = again->nr;
	return 0;
}

static int again_end(void *ctx, uint64_t id, const struct base_moment *when, ssize_t result)
{
	struct again *again = ctx;
	struct again_input *i = again->inputs[id - 1];

	assert_false(i->has_ended);
	i->has_ended = true;
	i->end = *when;
	i->result = result;
	return 0;
}

static int again_shown(void *ctx, const struct base_moment *when)
{
	return 0;
}

struct again *again_new(struct world *world)
{
	static const struct tree_journal journal = {
		.begin = again_begin,
		.end = again_end,
		.shown = again_shown,
	};
	struct again *again = calloc(1, sizeof(*again));

	assert_non_null(again);
	again->first = world;
	tree_set_journal(world->tree, &journal, again);
	return again;
}

void again_free(struct again *again)
{
	tree_set_journal(again->first->tree, NULL, NULL);
	for (size_t i = 0; i < again->nr; i++) {
		free((char *)again->inputs[i]->input.path);
		free(again->inputs[i]->text);
		free(again->inputs[i]);
	}
	free(again->inputs);
	free(again);
}

/* ---- the repetition -------------------------------------------------------------------------- */

static void ended(struct again_input *i, ssize_t result)
{
	struct again *again = i->again;
	struct base_moment when = base_clock_moment(again->second->clock);

	i->has_ended_again = true;
	if (!*again->wrong &&
	    (!i->has_ended || i->result != result || base_moment_cmp(&i->end, &when)))
		snprintf(again->wrong, sizeof(again->wrong),
			 "%s %s: %zd at %" PRIu64 " ns (step %" PRIu64
			 "), the first time %zd at %" PRIu64 " (%" PRIu64 ")",
			 tree_input_names[i->input.op], i->input.path, result, when.ns, when.steps,
			 i->result, i->end.ns, i->end.steps);
}

static void write_ended(struct tree_req *req, ssize_t result)
{
	ended(base_container_of(req, struct again_input, req), result);
	tree_release(req->file);
}

static void once_more(struct again *again, struct again_input *i)
{
	ssize_t ret;

	if (base_vclock_go(again->second->clock, &i->input.when)) {
		snprintf(again->wrong, sizeof(again->wrong), "%s %s: never comes to step %" PRIu64,
			 tree_input_names[i->input.op], i->input.path, i->input.when.steps);
		return;
	}
	if (i->input.op == TREE_INPUT_INTERRUPT) {
		struct again_input *of = again->inputs[i->input.ino - 1];

		assert_false(of->has_ended_again);
		tree_replay(again->second->tree, &i->input, &of->req);
		return;
	}
	i->req.done = write_ended;
	ret = tree_replay(again->second->tree, &i->input, &i->req);
	if (i->input.op == TREE_INPUT_GATE || i->input.op == TREE_INPUT_LOG)
		assert_int_equal(ret, 0);
	else if (i->input.op != TREE_INPUT_WRITE || ret)
		ended(i, ret);
}

/* ---- all texts ------------------------------------------------------------------------------- */

/* The files of pages are long. */
#define COMPARED_BYTES (256u << 10)

static bool is_stream(const char *path)
{
	return !strcmp(path, "machine/uevents") || !strcmp(path, "machine/trace");
}

/* The text of a file as far as it is compared, or the error; a read that waits gets a signal. */
static ssize_t read_whole(struct world *w, const char *path, struct base_buf *text)
{
	struct tree_file *file = world_open_good(w, path, O_RDONLY);
	struct world_req r;

	do {
		world_req_read(&r, file, 65536, (off_t)text->len);
		if (!r.done)
			tree_interrupt(&r.req, true);
		assert_true(r.done);
		base_buf_add(text, base_buf_text(&r.text), r.text.len);
		world_req_fini(&r);
	} while (r.result > 0 && text->len < COMPARED_BYTES);
	tree_release(file);
	return r.result;
}

static void compare_file(struct again *again, const char *path)
{
	struct base_buf one, two;
	ssize_t ret_one, ret_two;

	base_buf_init(&one);
	base_buf_init(&two);
	ret_one = read_whole(again->first, path, &one);
	ret_two = read_whole(again->second, path, &two);
	if (ret_one != ret_two || one.len != two.len ||
	    (one.len && memcmp(one.data, two.data, one.len)))
		snprintf(again->wrong, sizeof(again->wrong),
			 "%s is another text (%zu bytes and %zd, and %zu and %zd)", path, one.len,
			 ret_one, two.len, ret_two);
	base_buf_fini(&one);
	base_buf_fini(&two);
}

static bool same_times(const struct tree_attr *a, const struct tree_attr *b)
{
	return !memcmp(&a->atime, &b->atime, sizeof(a->atime)) &&
	       !memcmp(&a->mtime, &b->mtime, sizeof(a->mtime)) &&
	       !memcmp(&a->ctime, &b->ctime, sizeof(a->ctime));
}

static void compare_attr(struct again *again, const char *path, const struct tree_attr *one)
{
	const struct tree_attr two = world_stat(again->second, path);

	if (one->ino != two.ino || one->mode != two.mode || one->nlink != two.nlink ||
	    one->size != two.size || !same_times(one, &two))
		snprintf(again->wrong, sizeof(again->wrong), "%s has other attributes", path);
	else if (S_ISLNK(one->mode) &&
		 strcmp(world_link(again->first, path), world_link(again->second, path)))
		snprintf(again->wrong, sizeof(again->wrong), "%s is another link", path);
}

static void compare_below(struct again *again, const char *dir)
{
	char *names = strdup(world_list(again->first, dir)), *name, *save;

	assert_non_null(names);
	if (strcmp(names, world_list(again->second, dir)))
		snprintf(again->wrong, sizeof(again->wrong), "%s is another directory", dir);
	for (name = strtok_r(names, " ", &save); name && !*again->wrong;
	     name = strtok_r(NULL, " ", &save)) {
		struct tree_attr attr;
		char path[512];

		snprintf(path, sizeof(path), "%s%s%s", dir, *dir ? "/" : "", name);
		attr = world_stat(again->first, path);
		compare_attr(again, path, &attr);
		if (*again->wrong)
			break;
		if (S_ISDIR(attr.mode))
			compare_below(again, path);
		else if (S_ISREG(attr.mode) && (attr.mode & 0444) && !is_stream(path))
			compare_file(again, path);
	}
	free(names);
}

static void go_on(struct again *again, size_t from)
{
	struct base_moment now = base_clock_moment(again->first->clock);

	for (size_t i = from; i < again->nr; i++)
		again->inputs[i]->has_ended_again = false;
	for (size_t i = from; i < again->nr && !*again->wrong; i++)
		once_more(again, again->inputs[i]);
	if (!*again->wrong && base_vclock_go(again->second->clock, &now))
		snprintf(again->wrong, sizeof(again->wrong), "never comes to its end");
	for (size_t i = from; i < again->nr && !*again->wrong; i++) {
		if (again->inputs[i]->has_ended && !again->inputs[i]->has_ended_again)
			snprintf(again->wrong, sizeof(again->wrong), "%s %s has not ended",
				 tree_input_names[again->inputs[i]->input.op],
				 again->inputs[i]->input.path);
	}
	if (!*again->wrong)
		compare_below(again, "");
}

const char *again_compare(struct again *again, struct world *other)
{
	again->second = other;
	tree_set_born_ns(other->tree, tree_born_ns(again->first->tree));
	go_on(again, 0);
	return *again->wrong ? again->wrong : NULL;
}

/* ---- copies ---------------------------------------------------------------------------------- */

size_t again_inputs(const struct again *again)
{
	return again->nr;
}

static void load(struct again *again, struct world *fresh, const struct base_buf *saved)
{
	struct base_moment when;
	struct base_buf why;
	int ret;

	base_buf_init(&why);
	ret = tree_load(fresh->tree, saved->data, saved->len, &when, &why);
	if (ret)
		snprintf(again->wrong, sizeof(again->wrong), "not loaded: %s", base_buf_text(&why));
	else if (base_vclock_begin(fresh->clock, &when))
		snprintf(again->wrong, sizeof(again->wrong), "the clock does not go there");
	base_buf_fini(&why);
}

int again_copy(struct again *again, struct world *fresh, const char **ret_wrong)
{
	struct base_buf saved, twice;
	int ret;

	base_buf_init(&saved);
	base_buf_init(&twice);
	ret = tree_save(again->first->tree, &saved);
	again->second = fresh;
	if (!ret)
		load(again, fresh, &saved);
	if (!ret && !*again->wrong)
		compare_below(again, "");
	if (!ret && !*again->wrong &&
	    (tree_save(fresh->tree, &twice) || saved.len != twice.len ||
	     memcmp(saved.data, twice.data, saved.len)))
		snprintf(again->wrong, sizeof(again->wrong), "saved again, it differs");
	*ret_wrong = *again->wrong ? again->wrong : NULL;
	base_buf_fini(&saved);
	base_buf_fini(&twice);
	return ret;
}

const char *again_compare_copy(struct again *again, struct world *copy, size_t inputs)
{
	again->second = copy;
	go_on(again, inputs);
	return *again->wrong ? again->wrong : NULL;
}
