/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test world; see world.h. */
#include "world.h"

static struct tree_caller caller;

void world_set_caller(pid_t pid, uid_t uid)
{
	caller = (struct tree_caller){ .pid = pid, .uid = uid };
}

/* ---- lifetime ------------------------------------------------------------------------------- */

static struct machine_spec *spec_new(const char *yaml, const char *cmdline)
{
	struct machine_spec *spec;
	int ret;

	ret = yaml ? machine_spec_parse(yaml, strlen(yaml), "world.yaml", 1, stderr, &spec) :
		     machine_spec_default(&spec);
	assert_int_equal(ret, 0);
	if (cmdline)
		assert_int_equal(machine_spec_add_cmdline(spec, cmdline), 0);
	return spec;
}

static struct world *new_world(const char *yaml, const char *cmdline)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	world_set_caller(0, 0);
	w->spec = spec_new(yaml, cmdline);
	w->clock = base_vclock_new();
	assert_non_null(w->clock);
	assert_int_equal(tree_boot(w->spec, w->clock, &w->machine, &w->tree), 0);
	w->hp = machine_hp(w->machine);
	w->mm = machine_mm(w->machine);
	return w;
}

struct world *world_new_cmdline(const char *yaml, const char *cmdline)
{
	struct world *w = new_world(yaml, cmdline);

	assert_int_equal(tree_add_devices(w->tree, stderr), 0);
	return w;
}

struct world *world_new_to_load(const char *yaml, const char *cmdline)
{
	return new_world(yaml, cmdline);
}

struct world *world_new(const char *yaml)
{
	return world_new_cmdline(yaml, NULL);
}

int world_boot(const char *yaml, const char *cmdline)
{
	struct machine_spec *spec = spec_new(yaml, cmdline);
	struct base_clock *clock = base_vclock_new();
	struct machine *machine = NULL;
	int ret;

	ret = machine_new(spec, clock, &machine);
	machine_free(machine);
	base_vclock_free(clock);
	machine_spec_free(spec);
	return ret;
}

void world_free(struct world *w)
{
	if (w->locked)
		world_unlock(w);
	if (w->events)
		tree_release(w->events);
	tree_free(w->tree);
	machine_free(w->machine);
	base_vclock_free(w->clock);
	machine_spec_free(w->spec);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(w->text); i++)
		base_buf_fini(&w->text[i]);
	free(w);
}

int world_setup(void **state)
{
	*state = world_new(NULL);
	return 0;
}

int world_teardown(void **state)
{
	world_free(*state);
	return 0;
}

struct base_buf *world_next_text(struct world *w)
{
	struct base_buf *buf = &w->text[w->next_text++ % BASE_ARRAY_SIZE(w->text)];

	base_buf_reset(buf);
	return buf;
}

/* ---- requests ------------------------------------------------------------------------------- */

static void req_done(struct tree_req *req, ssize_t result)
{
	struct world_req *r = base_container_of(req, struct world_req, req);

	assert_false(r->done);
	r->done = true;
	r->result = result;
	if (req->op == TREE_OP_READ && result > 0)
		base_buf_add(&r->text, req->data, (size_t)result);
}

static void req_init(struct world_req *r, enum tree_op op)
{
	*r = (struct world_req){ .req = { .done = req_done, .op = op, .caller = caller } };
	base_buf_init(&r->text);
}

static void req_submit(struct world *w, struct world_req *r)
{
	tree_submit(w->tree, &r->req);
	assert_true(r->done);
}

/* ---- paths ---------------------------------------------------------------------------------- */

/* The inode of a path; holds a reference unless it is the root. */
static uint64_t path_get(struct world *w, const char *path, size_t len)
{
	uint64_t ino = TREE_ROOT_INO;
	struct tree_attr attr;

	for (const char *end = path + len; path < end;) {
		size_t n = strcspn(path, "/");
		uint64_t dir = ino;
		char name[256];
		bool fixed;
		int ret;

		n = BASE_MIN(n, (size_t)(end - path));
		assert_true(n && n < sizeof(name));
		memcpy(name, path, n);
		name[n] = '\0';
		path += n;
		path += *path == '/';
		ret = tree_lookup(w->tree, dir, name, &attr, &fixed);
		if (dir != TREE_ROOT_INO)
			tree_forget(w->tree, dir, 1);
		if (ret)
			return 0;
		ino = attr.ino;
	}
	return ino;
}

static void path_put(struct world *w, uint64_t ino)
{
	if (ino && ino != TREE_ROOT_INO)
		tree_forget(w->tree, ino, 1);
}

static uint64_t path_get_good(struct world *w, const char *path)
{
	uint64_t ino = path_get(w, path, strlen(path));

	if (!ino)
		fail_msg("there is no %s", path);
	return ino;
}

int world_lookup(struct world *w, uint64_t dir, const char *name, struct tree_attr *ret_attr)
{
	bool fixed;

	return tree_lookup(w->tree, dir, name, ret_attr, &fixed);
}

uint64_t world_ino(struct world *w, const char *path)
{
	uint64_t ino = path_get(w, path, strlen(path));

	path_put(w, ino);
	return ino;
}

bool world_exists(struct world *w, const char *path)
{
	return world_ino(w, path);
}

struct tree_attr world_stat(struct world *w, const char *path)
{
	uint64_t ino = path_get_good(w, path);
	struct tree_attr attr;

	assert_int_equal(tree_getattr(w->tree, ino, &attr), 0);
	path_put(w, ino);
	return attr;
}

const char *world_link(struct world *w, const char *path)
{
	uint64_t ino = path_get_good(w, path);
	struct base_buf *buf = world_next_text(w);

	assert_int_equal(tree_readlink(w->tree, ino, buf), 0);
	path_put(w, ino);
	return base_buf_text(buf);
}

static bool list_entry(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next)
{
	if (strcmp(name, ".") && strcmp(name, ".."))
		base_buf_printf(ctx, "%s ", name);
	return true;
}

const char *world_list(struct world *w, const char *path)
{
	uint64_t ino = path_get_good(w, path);
	struct base_buf *buf = world_next_text(w);
	struct tree_dir *dir;

	assert_int_equal(tree_opendir(w->tree, ino, 0, &dir), 0);
	path_put(w, ino);
	assert_int_equal(tree_readdir(dir, 0, list_entry, buf), 0);
	tree_closedir(dir);
	return base_buf_text(buf);
}

int world_open(struct world *w, const char *path, int flags, struct tree_file **ret_file)
{
	uint64_t ino = path_get_good(w, path);
	struct world_req r;

	req_init(&r, TREE_OP_OPEN);
	r.req.ino = ino;
	r.req.flags = flags;
	req_submit(w, &r);
	path_put(w, ino);
	if (!r.result)
		*ret_file = r.req.file;
	return (int)r.result;
}

struct tree_file *world_open_good(struct world *w, const char *path, int flags)
{
	struct tree_file *file;
	int ret = world_open(w, path, flags, &file);

	if (ret)
		fail_msg("open %s: %d", path, ret);
	return file;
}

const char *world_read(struct world *w, const char *path)
{
	struct tree_file *file = world_open_good(w, path, O_RDONLY);
	struct base_buf *buf = world_next_text(w);
	struct world_req r;
	ssize_t n;

	while ((n = world_file_read(&r, file, 65536, (off_t)buf->len)) > 0) {
		base_buf_puts(buf, base_buf_text(&r.text));
		world_req_fini(&r);
	}
	world_req_fini(&r);
	tree_release(file);
	if (n)
		fail_msg("read %s: %zd", path, n);
	return base_buf_text(buf);
}

ssize_t world_read_result(struct world *w, const char *path)
{
	struct tree_file *file = world_open_good(w, path, O_RDONLY);
	struct world_req r;
	ssize_t n = world_file_read(&r, file, 65536, 0);

	world_req_fini(&r);
	tree_release(file);
	return n;
}

ssize_t world_write_bytes(struct world *w, const char *path, const void *data, size_t len)
{
	struct tree_file *file;
	ssize_t n;
	int ret;

	ret = world_open(w, path, O_WRONLY, &file);
	if (ret)
		return ret;
	n = world_file_write(file, data, len);
	tree_release(file);
	return n;
}

ssize_t world_write(struct world *w, const char *path, const char *text)
{
	return world_write_bytes(w, path, text, strlen(text));
}

uint64_t world_number(struct world *w, const char *path, const char *label)
{
	const char *text = world_read(w, path), *at = strstr(text, label);

	if (!at)
		fail_msg("%s has no %s", path, label);
	at += strlen(label);
	return strtoull(at + strspn(at, ": "), NULL, 10);
}

int world_chmod(struct world *w, const char *path, mode_t mode)
{
	uint64_t ino = path_get_good(w, path);
	struct tree_attr attr = { .mode = mode };
	int ret;

	ret = tree_setattr(w->tree, ino, &attr, TREE_SET_MODE);
	path_put(w, ino);
	return ret;
}

static void req_make(struct world *w, struct world_req *r, enum tree_op op, const char *path,
		     const char *name)
{
	req_init(r, op);
	r->req.ino = path_get(w, path, (size_t)(name - path) - 1);
	r->req.name = name;
	req_submit(w, r);
	path_put(w, r->req.ino);
}

int world_mkdir(struct world *w, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	struct world_req r;

	req_make(w, &r, TREE_OP_MKDIR, path, name);
	if (!r.result)
		tree_forget(w->tree, r.req.attr.ino, 1);
	return (int)r.result;
}

int world_rmdir(struct world *w, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	struct world_req r;

	req_make(w, &r, TREE_OP_RMDIR, path, name);
	return (int)r.result;
}

/* ---- requests that may wait ----------------------------------------------------------------- */

void world_req_read(struct world_req *r, struct tree_file *file, size_t size, off_t off)
{
	req_init(r, TREE_OP_READ);
	tree_read(file, &r->req, size, off);
}

void world_req_write(struct world_req *r, struct tree_file *file, const char *data, size_t len)
{
	req_init(r, TREE_OP_WRITE);
	tree_write(file, &r->req, data, len);
}

void world_req_write_at(struct world_req *r, struct world *w, struct tree_file *file,
			const char *data, off_t off)
{
	req_init(r, TREE_OP_WRITE);
	r->req.file = file;
	r->req.data = data;
	r->req.len = strlen(data);
	r->req.off = off;
	tree_submit(w->tree, &r->req);
}

void world_req_fini(struct world_req *r)
{
	base_buf_fini(&r->text);
}

ssize_t world_file_read(struct world_req *r, struct tree_file *file, size_t size, off_t off)
{
	world_req_read(r, file, size, off);
	assert_true(r->done);
	return r->result;
}

void assert_file_reads(struct tree_file *file, size_t size, off_t off, const char *text)
{
	struct world_req r;

	assert_int_equal(world_file_read(&r, file, size, off), strlen(text));
	assert_string_equal(base_buf_text(&r.text), text);
	world_req_fini(&r);
}

void assert_file_answers(struct tree_file *file, size_t size, ssize_t ret)
{
	struct world_req r;

	assert_int_equal(world_file_read(&r, file, size, 0), ret);
	world_req_fini(&r);
}

ssize_t world_file_write(struct tree_file *file, const char *data, size_t len)
{
	struct world_req r;

	world_req_write(&r, file, data, len);
	assert_true(r.done);
	world_req_fini(&r);
	return r.result;
}
