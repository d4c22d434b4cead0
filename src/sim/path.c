/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Path walks over a tree, like those of the kernel's namei over a mount: links are followed from
 * the directory that contains them, ".." goes back along the walk, and every inode on the way stays
 * referenced until the walk is put.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/sim.h"

static int walk(struct tree *tree, struct sim_path *path, const char *text, bool follow,
		unsigned int *links);

uint64_t sim_path_ino(const struct sim_path *path)
{
	return path->depth ? path->ino[path->depth - 1] : TREE_ROOT_INO;
}

static void path_pop(struct tree *tree, struct sim_path *path)
{
	if (path->depth)
		tree_forget(tree, path->ino[--path->depth], 1);
}

void sim_path_put(struct tree *tree, struct sim_path *path)
{
	while (path->depth)
		path_pop(tree, path);
}

/* Replaces the link at the end of @path by its target. */
static int walk_link(struct tree *tree, struct sim_path *path, unsigned int *links)
{
	struct base_buf target;
	int ret;

	if (++*links > SIM_MAX_LINKS)
		return -ELOOP;
	base_buf_init(&target);
	ret = tree_readlink(tree, sim_path_ino(path), &target);
	if (!ret && target.failed)
		ret = -ENOMEM;
	if (!ret) {
		path_pop(tree, path);
		ret = walk(tree, path, base_buf_text(&target), true, links);
	}
	base_buf_fini(&target);
	return ret;
}

static int walk_component(struct tree *tree, struct sim_path *path, const char *name, size_t len,
			  bool follow, unsigned int *links)
{
	char component[NAME_MAX + 1];
	struct tree_attr attr;
	bool fixed;
	int ret;

	if (len > NAME_MAX || path->depth == SIM_MAX_DEPTH)
		return -ENAMETOOLONG;
	memcpy(component, name, len);
	component[len] = '\0';

	if (!strcmp(component, ".") || !strcmp(component, "..")) {
		ret = tree_getattr(tree, sim_path_ino(path), &attr);
		if (!ret && !S_ISDIR(attr.mode))
			ret = -ENOTDIR;
		if (!ret && component[1])
			path_pop(tree, path);
		return ret;
	}
	ret = tree_lookup(tree, sim_path_ino(path), component, &attr, &fixed);
	if (ret)
		return ret;
	path->ino[path->depth++] = attr.ino;
	return follow && S_ISLNK(attr.mode) ? walk_link(tree, path, links) : 0;
}

static int walk(struct tree *tree, struct sim_path *path, const char *text, bool follow,
		unsigned int *links)
{
	int ret = 0;

	if (*text == '/')
		sim_path_put(tree, path);
	for (text += strspn(text, "/"); !ret && *text;) {
		size_t len = strcspn(text, "/");
		const char *next = text + len;

		ret = walk_component(tree, path, text, len, follow || *next, links);
		text = next + strspn(next, "/");
	}
	return ret;
}

int sim_path_walk(struct tree *tree, const char *text, bool follow, struct sim_path *ret_path)
{
	struct sim_path path = { .depth = 0 };
	unsigned int links = 0;
	size_t len = strlen(text);
	int ret;

	ret = walk(tree, &path, text, follow, &links);
	if (!ret)
		ret = tree_getattr(tree, sim_path_ino(&path), &path.attr);
	if (!ret && len && text[len - 1] == '/' && !S_ISDIR(path.attr.mode))
		ret = -ENOTDIR;
	if (ret) {
		sim_path_put(tree, &path);
		return ret;
	}
	*ret_path = path;
	return 0;
}

/* ---- operations without an open file --------------------------------------------------------- */

static bool add_name(void *ctx, const char *name, uint64_t ino, mode_t type, off_t next)
{
	return sim_names_add(ctx, name);
}

int sim_path_names(struct tree *tree, const char *text, struct sim_names *names)
{
	struct sim_path path;
	struct tree_dir *dir;
	int ret;

	ret = sim_path_walk(tree, text, true, &path);
	if (ret)
		return ret;
	ret = tree_opendir(tree, sim_path_ino(&path), 0, &dir);
	if (!ret) {
		ret = tree_readdir(dir, 0, add_name, names);
		tree_closedir(dir);
	}
	sim_path_put(tree, &path);
	return ret;
}

int sim_path_list(struct tree *tree, const char *text, const char *prefix, struct base_buf *buf)
{
	struct sim_names names = { .prefix = prefix };

	return sim_names_end(&names, sim_path_names(tree, text, &names), buf);
}

int sim_path_link(struct tree *tree, const char *text, struct base_buf *buf)
{
	struct sim_path path;
	int ret;

	ret = sim_path_walk(tree, text, false, &path);
	if (ret)
		return ret;
	ret = tree_readlink(tree, sim_path_ino(&path), buf);
	sim_path_put(tree, &path);
	return ret;
}

int sim_path_stat(struct tree *tree, const char *text, struct tree_attr *ret_attr)
{
	struct sim_path path;
	int ret;

	ret = sim_path_walk(tree, text, false, &path);
	if (ret)
		return ret;
	*ret_attr = path.attr;
	sim_path_put(tree, &path);
	return 0;
}

int sim_path_parent(struct tree *tree, const char *text, struct sim_path *ret_path, char **ret_name)
{
	char *copy, *slash;
	int ret;

	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	for (size_t len = strlen(copy); len && copy[len - 1] == '/'; len--)
		copy[len - 1] = '\0';
	slash = strrchr(copy, '/');
	if (slash)
		*slash = '\0';
	ret = sim_path_walk(tree, slash ? copy : "", true, ret_path);
	if (ret) {
		free(copy);
		return ret;
	}
	if (slash)
		memmove(copy, slash + 1, strlen(slash + 1) + 1);
	*ret_name = copy;
	return 0;
}
