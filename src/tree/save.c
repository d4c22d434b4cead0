// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Saving a tree with its machine, and loading it. Objects are saved by collection, in the order of
 * its index, which makes inserting them there fastest; they are matched with the machine's parts by
 * the order in which both were made.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine_tree.h"

/* ---- objects --------------------------------------------------------------------------------- */

#define OBJ_ROWS(ROW)                                                                              \
	ROW(SKIP, tree, "the owner, set on creation")                                              \
	ROW(SKIP, serial, "saved before the other members")                                        \
	ROW(SKIP, refs, "no client refers to a loaded object")                                     \
	ROW(NUMBER, id)                                                                            \
	ROW(UNION, block, "set by obj_attach()")                                                   \
	ROW(NUMBER, born_ns)                                                                       \
	ROW(SKIP, name, "saved before the other members")                                          \
	ROW(SKIP, by_hash, "linkage of the index")                                                 \
	ROW(SKIP, hash, "computed from the name")                                                  \
	ROW(NUMBER, bits)                                                                          \
	ROW(SKIP, nr_stores, "no request is in progress")                                          \
	ROW(SKIP, kind, "determined by the collection")                                            \
	ROW(SKIP, dead, "removed objects are not saved")
BASE_SAVE_STRUCT(obj_save, struct tree_obj, void, OBJ_ROWS)

/* State that belongs to the object alone. */
static void obj_save_own(struct base_save *s, struct tree_obj *obj)
{
	if (obj->kind == TREE_KIND_FIRMWARE_MAP)
		tree_firmware_map_save(s, obj);
	else if (tree_classes[obj->kind] && tree_classes[obj->kind]->save)
		tree_classes[obj->kind]->save(s, obj);
}

/* Whether @name is a valid name that follows @last in the index. */
static bool name_follows(const char *name, const struct tree_obj *last)
{
	return name && *name && !strchr(name, '/') &&
	       (!last || tree_name_cmp(last->hash, last->name, tree_name_hash(name), name) < 0);
}

/* NULL: error. */
static struct tree_obj *obj_load(struct base_save *s, struct tree *tree,
				 enum tree_collection collection, const struct tree_obj *last)
{
	struct tree_obj *obj = NULL;
	char *name = NULL;
	uint64_t serial;

	base_save_string(s, &name);
	serial = base_save_number(s, 0);
	if (!s->error &&
	    (!name_follows(name, last) || !serial || serial >= UINT64_MAX >> TREE_SLOT_BITS ||
	     base_map_find(&tree->serials, serial)))
		base_save_fail(s, -EINVAL, "a file exists twice, or has no name");
	if (!s->error) {
		tree->last_serial = serial - 1;
		obj = tree_obj_alloc(tree, collection, name, 0);
		if (!obj)
			base_save_fail(s, -ENOMEM, "out of memory");
	}
	free(name);
	if (!obj)
		return NULL;
	tree_obj_index(obj, collection);
	obj_save(s, obj, NULL);
	obj_save_own(s, obj);
	return s->error ? NULL : obj;
}

static void collection_load(struct base_save *s, struct tree *tree, enum tree_collection collection)
{
	uint64_t nr = base_save_count(s, 0);
	struct tree_obj *last = NULL;

	while (nr-- && (last = obj_load(s, tree, collection, last)))
		;
}

static void collection_save(struct base_save *s, struct tree *tree, enum tree_collection collection)
{
	struct tree_obj *obj;

	base_save_count(s, tree->nr_objs[collection]);
	for (obj = tree_obj_next(tree, collection, 0, ""); obj; obj = tree_obj_after(obj)) {
		base_save_string(s, (char **)&obj->name);
		base_save_number(s, obj->serial);
		obj_save(s, obj, NULL);
		obj_save_own(s, obj);
	}
}

/* @last: by kind: the machine's part of the previous object */
static bool obj_attach(struct tree *tree, struct tree_obj *obj, void *last[TREE_NR_KINDS])
{
	const struct tree_class *class = tree_classes[obj->kind];

	if (class && class->next) {
		last[obj->kind] = class->next(tree, last[obj->kind]);
		if (!last[obj->kind])
			return false;
		if (class->attach)
			class->attach(tree, obj, last[obj->kind]);
		else
			obj->thing = last[obj->kind];
		return true;
	}
	switch (obj->kind) {
	case TREE_KIND_BLOCK:
		obj->block = hp_block_find(tree->hp, obj->id);
		return obj->block;
	case TREE_KIND_NODE:
		return obj->id < BASE_MASK_BITS &&
		       base_mask_test(hp_nodes_online(tree->hp), (unsigned int)obj->id);
	case TREE_KIND_DAX_REGION:
	case TREE_KIND_DAX_DEVICE:
		return tree_dax_attach(tree, obj);
	case TREE_KIND_CPU:
		return obj->id < BASE_MASK_BITS;
	default:
		return true;
	}
}

/*
 * Objects of a kind and their parts of the machine come and go together, so their order is the
 * same.
 */
static void objs_attach(struct base_save *s, struct tree *tree)
{
	void *last[TREE_NR_KINDS] = { NULL };
	struct tree_obj *obj;
	bool fits = true;

	for (obj = base_map_next(&tree->serials, 0); fits && obj;
	     obj = base_map_next(&tree->serials, obj->serial + 1))
		fits = obj_attach(tree, obj, last);
	for (int k = 0; fits && k < TREE_NR_KINDS; k++)
		fits = !tree_classes[k] || !tree_classes[k]->next ||
		       !tree_classes[k]->next(tree, last[k]);
	for (obj = tree_obj_next(tree, TREE_CONTAINER_DEVICES, 0, ""); fits && obj;
	     obj = tree_obj_after(obj))
		fits = obj->container ||
		       !strcmp(obj->name, machine_slots_container_name(tree->machine));
	if (!fits)
		base_save_fail(s, -EINVAL, "the files do not match the machine");
}

static void tree_objs(struct base_save *s, struct tree *tree, void *ctx)
{
	uint64_t last_serial = base_save_number(s, tree->last_serial);

	base_save_mark(s, obj_save_layout);
	for (int c = 0; c < TREE_NR_COLLECTIONS; c++) {
		if (base_save_loads(s))
			collection_load(s, tree, (enum tree_collection)c);
		else
			collection_save(s, tree, (enum tree_collection)c);
	}
	tree->last_serial = last_serial;
	if (base_save_loads(s) && !s->error)
		objs_attach(s, tree);
	qmp_save(tree->qmp, s);
	if (base_save_loads(s))
		tree_firmware_map_sort(s, tree);
}

static void tree_root(struct base_save *s, struct tree *tree, void *ctx)
{
	tree->root.born_ns = base_save_number(s, tree->root.born_ns);
	tree->root.bits = (uint16_t)base_save_number(s, tree->root.bits);
}

/* ---- changed attributes ---------------------------------------------------------------------- */

static void save_timespec(struct base_save *s, struct timespec *time)
{
	time->tv_sec = (time_t)base_save_number(s, (uint64_t)time->tv_sec);
	time->tv_nsec = (long)base_save_below(s, (uint64_t)time->tv_nsec, TREE_NS_PER_S);
}

/* The attributes that can be set. */
static void override_attr(struct base_save *s, struct tree_override *o, void *ctx)
{
	struct tree_attr *attr = &o->attr;

	attr->mode = (mode_t)base_save_number(s, attr->mode);
	attr->uid = (uid_t)base_save_number(s, attr->uid);
	attr->gid = (gid_t)base_save_number(s, attr->gid);
	save_timespec(s, &attr->atime);
	save_timespec(s, &attr->mtime);
	save_timespec(s, &attr->ctime);
}

#define OVERRIDE_ROWS(ROW)                                                                         \
	ROW(NUMBER, ino)                                                                           \
	ROW(NUMBER, valid)                                                                         \
	ROW(WITH, attr, override_attr)                                                             \
	ROW(SKIP, link, "linkage of the tree")
BASE_SAVE_STRUCT(override_save, struct tree_override, void, OVERRIDE_ROWS)

/* Attributes of removed objects are not saved. */
static bool override_lives(struct tree *tree, const struct tree_override *o)
{
	struct tree_obj *obj;
	unsigned int slot;

	return tree_inode(tree, o->ino, &obj, &slot) && !obj->dead;
}

static void override_load(struct base_save *s, struct tree *tree)
{
	struct tree_override *o = calloc(1, sizeof(*o));

	if (!o) {
		base_save_fail(s, -ENOMEM, "out of memory");
		return;
	}
	override_save(s, o, NULL);
	if (!s->error && override_lives(tree, o) && !RB_INSERT(tree_overrides, &tree->overrides, o))
		return;
	base_save_fail(s, -EINVAL, "attributes belong to a file that does not exist");
	free(o);
}

static void tree_attrs(struct base_save *s, struct tree *tree, void *ctx)
{
	struct tree_override *o;
	uint64_t nr = 0;

	base_save_mark(s, override_save_layout);
	if (base_save_loads(s)) {
		for (nr = base_save_count(s, 0); nr-- && !s->error;)
			override_load(s, tree);
		return;
	}
	RB_FOREACH(o, tree_overrides, &tree->overrides)
		nr += override_lives(tree, o);
	base_save_count(s, nr);
	RB_FOREACH(o, tree_overrides, &tree->overrides) {
		if (override_lives(tree, o))
			override_save(s, o, NULL);
	}
}

/* ---- the whole tree -------------------------------------------------------------------------- */

static void tree_machine_of(struct base_save *s, struct tree *tree, void *ctx)
{
	machine_save(tree->machine, s);
	/* A machine that has booted again has others. */
	tree->hp = machine_hp(tree->machine);
	tree->mm = machine_mm(tree->machine);
	/* Objects find their gates. */
	tree_race_save(tree, s);
}

#define TOLD "set by the layers above"
#define OPEN "state of open files and requests"

#define TREE_ROWS(ROW)                                                                             \
	ROW(WITH, machine, tree_machine_of)                                                        \
	ROW(SKIP, hp, "part of the machine")                                                       \
	ROW(SKIP, mm, "part of the machine")                                                       \
	ROW(SKIP, uid, "that of the mounting process")                                             \
	ROW(SKIP, gid, "that of the mounting process")                                             \
	ROW(SKIPS, kind, "set up when the tree is created")                                        \
	ROW(WITH, root, tree_root)                                                                 \
	ROW(SKIP, last_serial, "saved with the objects")                                           \
	ROW(NUMBER, next_memmap)                                                                   \
	ROW(SKIP, memmaps, "rebuilt from the objects")                                             \
	ROW(WITH, serials, tree_objs)                                                              \
	ROW(SKIPS, index, "rebuilt from the objects")                                              \
	ROW(SKIPS, nr_objs, "counted as the objects are loaded")                                   \
	ROW(SKIPS, home, "set up when the tree is created")                                        \
	ROW(SKIPS, home_known, "no client refers to a loaded directory")                           \
	ROW(SKIP, qmp, "saved with the objects")                                                   \
	ROW(SKIP, monitor, TOLD)                                                                   \
	ROW(SKIP, monitor_ctx, TOLD)                                                               \
	ROW(SKIP, watcher, TOLD)                                                                   \
	ROW(SKIP, watcher_ctx, TOLD)                                                               \
	ROW(SKIP, cache_listener, TOLD)                                                            \
	ROW(SKIP, cache_listener_ctx, TOLD)                                                        \
	ROW(WITH, overrides, tree_attrs)                                                           \
	ROW(SKIPS, stream, OPEN)                                                                   \
	ROW(SKIP, shares, OPEN)                                                                    \
	ROW(SKIP, tracer, TOLD)                                                                    \
	ROW(SKIP, tracer_ctx, TOLD)                                                                \
	ROW(SKIP, trace_what, TOLD)                                                                \
	ROW(SKIP, last_traced, OPEN)                                                               \
	ROW(SKIP, traced, OPEN)                                                                    \
	ROW(SKIP, journal, TOLD)                                                                   \
	ROW(NUMBER, real_ahead_ns)                                                                 \
	ROW(SKIP, command, TOLD)                                                                   \
	ROW(SKIP, command_ctx, TOLD)                                                               \
	ROW(SKIP, race, "saved with the machine")                                                  \
	ROW(TEXT, uevent_helper)                                                                   \
	ROW(SKIP, helper, TOLD)                                                                    \
	ROW(SKIP, helper_ctx, TOLD)                                                                \
	ROW(SKIP, nr_host_failures, "counts failures of this process")
BASE_SAVE_STRUCT(tree_save_rows, struct tree, void, TREE_ROWS)

static void save_moment(struct base_save *s, struct base_moment *when)
{
	when->ns = base_save_number(s, when->ns);
	when->steps = base_save_number(s, when->steps);
}

int tree_save(struct tree *tree, struct base_buf *out)
{
	struct base_clock *clock = hp_config(tree->hp)->clock;
	struct base_moment now = base_clock_moment(clock);
	struct base_save s;

	if (!machine_is_quiet(tree->machine) || tree->race.nr_held || tree->journal.inside ||
	    (clock->in_timer && clock->in_timer(clock)))
		return -EBUSY;
	if (tree_journal_settle(tree, true))
		return -EIO;
	base_save_begin(&s, out);
	save_moment(&s, &now);
	BASE_SAVE_ONE(&s, tree_save_rows, tree, NULL);
	return base_save_end(&s);
}

int tree_load(struct tree *tree, const void *data, size_t len, struct base_moment *ret_when,
	      struct base_buf *ret_why)
{
	struct base_save s;
	int ret;

	base_load_begin(&s, data, len);
	save_moment(&s, ret_when);
	if (!s.error) {
		tree_clear(tree);
		BASE_SAVE_ONE(&s, tree_save_rows, tree, NULL);
	}
	ret = base_load_end(&s);
	if (ret) {
		tree_clear(tree);
		base_buf_puts(ret_why, s.why);
	}
	return ret;
}
