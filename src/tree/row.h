/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows: what a file, directory or link is, and the kinds that they make up.
 *
 * A directory tree is made of objects. Each has a kind; a kind is a table of rows, one per file,
 * directory or link below the object's own directory. Everything fixed (sys/devices/system/memory
 * itself, proc, machine) belongs to one object, the root. Blocks, nodes, CPUs, DIMMs and workloads
 * are objects that come and go, and appear in directories of others as directories or as links.
 */
#ifndef TREE_ROW_H
#define TREE_ROW_H

#include <sys/stat.h>

#include "memhp/hotplug.h"
#include "memhp/machine.h"
#include "memhp/tree.h"
#include "classes.h"

struct tree_obj;
struct tree_row;
struct tree_setting;

#define TREE_NS_PER_S 1000000000u
#define TREE_SLOT_BITS 12
#define TREE_SLOT_DIR 1	    /* the object's own directory: its table's first row */
#define TREE_SLOT_LINK 1024 /* from here on: links that only exist with another object */
#define TREE_SLOT_BUS 3072  /* the object's link in sys/bus/NAME/devices */

/*
 * Objects of one kind that mkdir makes: ENOSPC, mkdir(2)'s word for a directory that has no room.
 * In configfs memory alone is the limit (ENOMEM, which here means that of the host). Only who owns
 * the directory makes any, so that these are nobody's share (share.h).
 */
#define TREE_MADE_MAX 4096

enum tree_collection {
	TREE_BLOCKS,
	TREE_NODES,
	TREE_CPUS,
	TREE_ACPIS,
	TREE_MEMMAPS,
	TREE_CONTAINER_DEVICES,
#define CLASS(NAME, name) TREE_##NAME##S,
	TREE_CLASSES(CLASS)
#undef CLASS
		TREE_NR_COLLECTIONS,
};

/* Which filesystem a file stands for; they differ in sizes, empty writes and poll. */
enum tree_fs {
	TREE_SYSFS,
	TREE_PROCFS,
	TREE_DEBUGFS,
	TREE_MACHINE,
};

/*
 * struct tree_children - objects that appear in a directory
 * @member: whether @child appears in @dir's; NULL: all do
 * @link: the inode of the link that stands for it; NULL: its own directory does
 */
struct tree_children {
	enum tree_collection collection;
	bool (*member)(const struct tree_obj *dir, const struct tree_obj *child);
	uint64_t (*link)(const struct tree_obj *dir, const struct tree_obj *child);
};

/* A store that answers later returns this and calls tree_req_finish(). */
#define TREE_PENDING ((ssize_t)-4096)

typedef int tree_show_fn(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf);
typedef ssize_t tree_store_fn(struct tree_obj *obj, const struct tree_row *row, const char *text,
			      size_t len, struct tree_req *req);

typedef size_t tree_size_fn(struct tree_obj *obj, const struct tree_row *row);

/*
 * struct tree_row - a file, link or directory of a kind
 * @path: below the object's directory; the parent's row comes before
 * @show, @store: NULL: reading or writing answers EIO, as a device attribute without them does
 * @target: the text of a link; of a kind's first row: of the links of its objects that only exist
 *	    with another one, by slot number in @arg
 * @since, @until: kernel versions that have it, see machine_kernel_has()
 * @visible: NULL: always; decided once, when the object comes
 * @children: for directories
 * @locked: whether a read has to wait for the device lock now
 * @fleeting: a store changes nothing that is still there after a restart: not in the journal
 * @tells_time: the text is another one when the time has gone on, even if nothing has happened
 * @guarded: the show function leaves out what is not written down yet (journal.c)
 * @fixed: whether the text is the same as long as the object is there; NULL: it is not
 * @setting: of a file of machine/ whose type says how to read and write it (machine_tree.h)
 * @takes: of a store of machine/, for people: "size (use 4G or 512M)"
 * @size: what st_size is, the length of the text; NULL: a page, as in sysfs
 * @dropped: of a text that lines are added to: how many bytes at its beginning are gone; who has
 *	     read to the end can go on with what was added. NULL: reads go on in the text they began
 * @makes: of a directory: mkdir and rmdir make and remove objects of the first of @children
 */
struct tree_row {
	const char *path;
	mode_t mode;
	tree_show_fn *show;
	tree_store_fn *store;
	tree_show_fn *target;
	unsigned int since;
	unsigned int until;
	bool (*visible)(const struct tree_obj *obj, const struct tree_row *row);
	const struct tree_children *children[2];
	bool (*locked)(const struct tree_obj *obj);
	bool (*fixed)(const struct tree_obj *obj);
	const struct tree_setting *setting;
	const char *takes;
	bool makes;
	bool is_stream;
	bool fleeting;
	bool tells_time;
	bool guarded;
	tree_size_fn *size;
	uint64_t (*dropped)(const struct tree_obj *obj);
	unsigned int arg;
};

#define TREE_DIR_ROW(p) .path = (p), .mode = S_IFDIR | 0755
#define TREE_LINK_ROW(p, fn) .path = (p), .mode = S_IFLNK | 0777, .target = (fn)
/* As DEVICE_ATTR_RW(): ATTR_RW(block, state) takes block_state_show() and block_state_store(). */
#define TREE_ATTR_RW(kind, name)                                                                   \
	.path = #name, .mode = S_IFREG | 0644, .show = kind##_##name##_show,                       \
	.store = kind##_##name##_store
#define TREE_ATTR_RO(kind, name) .path = #name, .mode = S_IFREG | 0444, .show = kind##_##name##_show
#define TREE_ATTR_WO(kind, name)                                                                   \
	.path = #name, .mode = S_IFREG | 0200, .store = kind##_##name##_store

/* A row ready for look-ups: its place among its directory's entries. */
struct tree_slot {
	const struct tree_row *row;
	const char *leaf;
	uint32_t hash;
	uint16_t parent;
	enum tree_fs fs;
};

struct tree_kind {
	const char *name;
	struct tree_slot *slots; /* by slot number; 0 is not used */
	uint16_t *order;	 /* slots by parent, then in the order of readdir */
	size_t nr;		 /* of slots, with the unused one */
};

enum tree_kind_id {
	TREE_KIND_ROOT,
	TREE_KIND_BLOCK,
	TREE_KIND_NODE,
	TREE_KIND_CPU,
	TREE_KIND_ACPI,
	TREE_KIND_MEMMAP,
	TREE_KIND_CONTAINER_DEVICE,
#define CLASS(NAME, name) TREE_KIND_##NAME,
	TREE_CLASSES(CLASS)
#undef CLASS
		TREE_NR_KINDS,
};

struct tree_table {
	const struct tree_row *rows;
	size_t nr;
};
#define TREE_TABLE(rows)                                                                           \
	{                                                                                          \
		(rows), BASE_ARRAY_SIZE(rows)                                                      \
	}

/* ---- kinds (kind.c) -------------------------------------------------------------------------- */

/* The order of kernfs directories (kernfs_name_hash()). */
uint32_t tree_name_hash(const char *name);
int tree_name_cmp(uint32_t hash_a, const char *name_a, uint32_t hash_b, const char *name_b);
int tree_kind_init(struct tree_kind *kind, const char *name, enum tree_fs fs,
		   const struct tree_table *const *tables, size_t nr_tables);
void tree_kind_fini(struct tree_kind *kind);
/* Slot of @name in the directory @parent; 0 when there is none. */
unsigned int tree_kind_find(const struct tree_kind *kind, unsigned int parent, const char *name);
/* First slot of directory @parent behind (hash, name); 0 when there is none. */
unsigned int tree_kind_next(const struct tree_kind *kind, unsigned int parent, uint32_t hash,
			    const char *name);

#endif
