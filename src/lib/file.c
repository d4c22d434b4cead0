// SPDX-License-Identifier: GPL-2.0-or-later
/* Files and directories: what needs no time is done at once, all else waits in virtual time. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib_private.h"

/* Waits for @job, and forgets it; its data is added to @buf, unless that is NULL. */
static int finish(struct memhp *m, struct sim_job *job, struct base_buf *buf)
{
	int ret = lib_finish(m, job);

	if (!ret && job->result < 0)
		ret = (int)job->result;
	if (!ret && buf) {
		base_buf_add(buf, base_buf_text(&job->data), job->data.len);
		if (job->data.failed || buf->failed)
			ret = -ENOMEM;
	}
	sim_job_kill(m->sim, job);
	return ret;
}

int lib_write(struct memhp *m, const char *path, const void *data, size_t len)
{
	struct sim_job *job;
	int ret = sim_job_write(m->sim, path, data, len, &job);

	return lib_answer(m, ret ? ret : finish(m, job, NULL), path);
}

int lib_make(struct memhp *m, enum tree_op op, const char *path)
{
	struct sim_job *job;
	int ret = sim_job_make(m->sim, op, path, &job);

	return lib_answer(m, ret ? ret : finish(m, job, NULL), path);
}

int lib_read(struct memhp *m, const char *path, struct base_buf *buf)
{
	struct sim_job *job;
	int ret = sim_job_read(m->sim, path, &job);

	return lib_answer(m, ret ? ret : finish(m, job, buf), path);
}

int lib_give(struct memhp *m, struct base_buf *buf, char **ret_text, size_t *ret_len)
{
	/* An empty text has no memory yet. */
	if (!buf->len) {
		base_buf_add(buf, "", 1);
		buf->len = 0;
	}
	if (buf->failed)
		return lib_fail(m, -ENOMEM, "out of memory");
	*ret_text = buf->data;
	if (ret_len)
		*ret_len = buf->len;
	base_buf_init(buf);
	return 0;
}

int memhp_read(struct memhp *m, const char *path, char **ret_text, size_t *ret_len)
{
	struct base_buf buf;
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	base_buf_init(&buf);
	ret = lib_read(m, path, &buf);
	if (!ret)
		ret = lib_give(m, &buf, ret_text, ret_len);
	base_buf_fini(&buf);
	return lib_leave(m, ret);
}

int memhp_write_data(struct memhp *m, const char *path, const void *data, size_t len)
{
	int ret = lib_enter(m, LIB_BOOTED);

	return ret ? ret : lib_leave(m, lib_write(m, path, data, len));
}

int memhp_write(struct memhp *m, const char *path, const char *text)
{
	return memhp_write_data(m, path, text, strlen(text));
}

/* Copies the names into one piece of memory: the pointers, then the texts. */
static char **pack(const struct sim_names *names)
{
	size_t size = (names->nr + 1) * sizeof(char *);
	char **list, *text;

	for (size_t i = 0; i < names->nr; i++)
		size += strlen(names->name[i]) + 1;
	list = malloc(size);
	if (!list)
		return NULL;
	text = (char *)(list + names->nr + 1);
	for (size_t i = 0; i < names->nr; i++) {
		list[i] = text;
		text = stpcpy(text, names->name[i]) + 1;
	}
	list[names->nr] = NULL;
	return list;
}

int memhp_list(struct memhp *m, const char *path, char ***ret_names, size_t *ret_nr)
{
	struct sim_names names = { .prefix = "" };
	char **list = NULL;
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	ret = sim_path_names(m->sim->tree, path, &names);
	if (!ret)
		ret = sim_names_sort(&names);
	if (!ret) {
		list = pack(&names);
		ret = list ? 0 : -ENOMEM;
	}
	if (!ret) {
		*ret_names = list;
		if (ret_nr)
			*ret_nr = names.nr;
	}
	sim_names_fini(&names);
	return lib_leave(m, lib_answer(m, ret, path));
}

int memhp_readlink(struct memhp *m, const char *path, char **ret_target)
{
	struct base_buf buf;
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	base_buf_init(&buf);
	ret = lib_answer(m, sim_path_link(m->sim->tree, path, &buf), path);
	if (!ret)
		ret = lib_give(m, &buf, ret_target, NULL);
	base_buf_fini(&buf);
	return lib_leave(m, ret);
}

int memhp_stat(struct memhp *m, const char *path, struct memhp_stat *ret_stat, size_t size)
{
	struct memhp_stat st = { .mode = 0 };
	struct tree_attr attr;
	int ret = lib_enter(m, LIB_BOOTED);

	if (ret)
		return ret;
	ret = lib_answer(m, sim_path_stat(m->sim->tree, path, &attr), path);
	if (!ret) {
		st.mode = attr.mode;
		st.nlink = (uint32_t)attr.nlink;
		st.size = (uint64_t)attr.size;
		memset(ret_stat, 0, size);
		memcpy(ret_stat, &st, BASE_MIN(size, sizeof(st)));
	}
	return lib_leave(m, ret);
}

int memhp_mkdir(struct memhp *m, const char *path)
{
	int ret = lib_enter(m, LIB_BOOTED);

	return ret ? ret : lib_leave(m, lib_make(m, TREE_OP_MKDIR, path));
}

int memhp_rmdir(struct memhp *m, const char *path)
{
	int ret = lib_enter(m, LIB_BOOTED);

	return ret ? ret : lib_leave(m, lib_make(m, TREE_OP_RMDIR, path));
}

void memhp_text_free(void *text)
{
	free(text);
}
