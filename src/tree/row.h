/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows: what a file, directory or link is, and the kinds that they make up.
 *
 * A directory tree is made of objects. Each has a kind; a kind is a table of rows, one per file,
 * directory or link below the object's own directory. Everything fixed (sys/devices/system/memory
 * itself, proc, machine) belongs to one object, the root. Blocks, nodes, CPUs, DIMMs and workloads
 * are objects with a limited lifetime, and appear in other directories as directories or as links.
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
#define TREE_SLOT_LINK 1024 /* from here on: links that exist only with another object */
#define TREE_SLOT_BUS 3072  /* the object's link in sys/bus/NAME/devices */

/*
 * Limit of objects of one kind made by mkdir: ENOSPC, mkdir(2)'s error for a directory that has no
 * room. In configfs only memory is limited (ENOMEM, which here means host memory). Only the owner
 * of the directory can make objects, so they count in no share (share.h).
 */
#define TREE_MADE_MAX 4096

enum tree_collection {
	TREE_BLOCKS,
	TREE_NODES,
	TREE_CPUS,
	TREE_ACPIS,
	TREE_PHYSICAL_NODES,
	TREE_FIRMWARE_MAPS,
	TREE_CONTAINER_DEVICES,
	TREE_DAX_REGIONS,
	TREE_DAX_DEVICES,
#define CLASS(NAME, name) TREE_##NAME##S,
	TREE_CLASSES(CLASS)
#undef CLASS
		TREE_NR_COLLECTIONS,
};

/* The filesystem that a file emulates; they differ in sizes, empty writes and poll. */
enum tree_fs {
	TREE_SYSFS,
	TREE_PROCFS,
	TREE_DEBUGFS,
	TREE_MACHINE,
	TREE_DEVICES,
};

/*
 * enum tree_sysctl - handlers of proc/sys (kernel/sysctl.c)
 *
 * Numbers are read in one piece, from the beginning only: what does not fit is lost. A write at
 * another position than the beginning counts as written and changes nothing.
 */
enum tree_sysctl {
	TREE_SYSCTL_NONE,
	TREE_SYSCTL_NUMBERS, /* proc_dointvec() and the like */
	TREE_SYSCTL_STRING,  /* proc_dostring() */
};

/*
 * struct tree_children - objects that appear in a directory
 * @member: whether @child appears in @dir's; NULL: all do
 * @link: the inode of the link that stands for it; NULL: its own directory
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

/*
 * struct tree_stream_ops - a file in which reads may wait for something new
 * @open: 0 or -errno
 * @ready: a read would not wait; @answer: is called then, also for a read that has waited
 * @poll: poll events
 * @seeks: a read at @off goes elsewhere, so that it may not have to wait; NULL: positions mean
 *	   nothing
 * @seek_data: SEEK_DATA or, with @hole, SEEK_HOLE; NULL: as in files
 */
struct tree_stream_ops {
	int (*open)(struct tree_file *file);
	void (*release)(struct tree_file *file);
	void (*read)(struct tree_file *file, struct tree_req *req, size_t size);
	bool (*ready)(const struct tree_file *file);
	void (*answer)(struct tree_file *file, struct tree_req *req, size_t size);
	unsigned int (*poll)(const struct tree_file *file);
	bool (*seeks)(const struct tree_file *file, off_t off);
	int (*seek_data)(struct tree_file *file, off_t off, bool hole);
};

typedef int tree_read_at_fn(struct tree_obj *obj, const struct tree_row *row, off_t off, size_t len,
			    struct base_buf *buf);
typedef size_t tree_size_fn(struct tree_obj *obj, const struct tree_row *row);

/*
 * struct tree_row - a file, link or directory of a kind
 * @path: below the object's directory; the parent's row comes before
 * @show, @store: NULL: reading or writing answers EIO, like a device attribute without them
 * @target: the text of a link; for a kind's first row: of the links of its objects that exist only
 *	    with another one, by slot number in @arg
 * @needs: features that a kernel must be built with for it, MACHINE_... (spec/config.h)
 * @since, @until: kernel versions that have it, see machine_kernel_has()
 * @visible: evaluated when the object is created; NULL: always
 * @children: for directories
 * @vanishes: a directory that comes and goes, as @visible says, or that has such directories in it
 * @locked: whether a read must wait for the device lock now
 * @fleeting: a store changes nothing that survives a restart: not in the journal
 * @is_query: whether what is written changes nothing; NULL: it always may
 * @tells_time: the text changes as time passes, even if nothing happens
 * @guarded: the show function leaves out what is not in the journal yet (journal.c)
 * @fixed: whether the text stays the same for the object's lifetime; NULL: it does not
 * @setting: for a file of machine/ whose type says how to read and write it (machine_tree.h)
 * @read_at: for a binary file, instead of @show: adds up to @len bytes at @off, or returns -errno
 * @takes: what a store of machine/ accepts, for human readers: "size (use 4G or 512M)"
 * @size: st_size, the length of the text; NULL: a page, as in sysfs
 * @dropped: for a text that lines are added to: how many bytes at its beginning are gone; readers
 *	     that reach the end can continue with added lines. NULL: reads stay in the text they
 *	     began
 * @stream: for a file in which reads may wait; @arg is its enum tree_stream_id
 * @sysctl: for a file of proc/sys: how its handler sees the position
 * @whole: a store gets all of a write, not only a page of it
 * @makes: for a directory: mkdir and rmdir make and remove objects of the first of @children
 */
struct tree_row {
	const char *path;
	mode_t mode;
	tree_show_fn *show;
	tree_store_fn *store;
	tree_show_fn *target;
	uint64_t needs;
	unsigned int since;
	unsigned int until;
	bool (*visible)(const struct tree_obj *obj, const struct tree_row *row);
	const struct tree_children *children[2];
	bool (*locked)(const struct tree_obj *obj);
	bool (*fixed)(const struct tree_obj *obj);
	const struct tree_setting *setting;
	tree_read_at_fn *read_at;
	const char *takes;
	enum tree_sysctl sysctl;
	bool makes;
	bool vanishes;
	const struct tree_stream_ops *stream;
	bool fleeting;
	bool whole;
	bool (*is_query)(const char *text, size_t len);
	bool tells_time;
	bool guarded;
	tree_size_fn *size;
	uint64_t (*dropped)(const struct tree_obj *obj);
	unsigned int arg;
};

#define TREE_DIR_ROW(p) .path = (p), .mode = S_IFDIR | 0755
#define TREE_LINK_ROW(p, fn) .path = (p), .mode = S_IFLNK | 0777, .target = (fn)
/* As DEVICE_ATTR_RW(): ATTR_RW(block, state) uses block_state_show() and block_state_store(). */
#define TREE_ATTR_RW(kind, name)                                                                   \
	.path = #name, .mode = S_IFREG | 0644, .show = kind##_##name##_show,                       \
	.store = kind##_##name##_store
#define TREE_ATTR_RO(kind, name) .path = #name, .mode = S_IFREG | 0444, .show = kind##_##name##_show
#define TREE_ATTR_WO(kind, name)                                                                   \
	.path = #name, .mode = S_IFREG | 0200, .store = kind##_##name##_store

/*
 * A row prepared for lookups: its position among its directory's entries
 * @len: of its path
 * @next: the slot of the entry after this one in the same directory, 0: none
 * @first, @end: of a directory: its entries, as positions in the kind's @order
 */
struct tree_slot {
	const struct tree_row *row;
	const char *leaf;
	uint32_t hash;
	uint16_t parent;
	uint16_t len;
	uint16_t next;
	uint16_t first, end;
	enum tree_fs fs;
};

/*
 * @parent: for objects whose directory is in that of another object of the collection @within: gets
 *	    the other one's name; NULL: it is in the directory of the collection
 */
struct tree_kind {
	const char *name;
	struct tree_slot *slots; /* by slot number; 0 is unused */
	uint16_t *order;	 /* slots by parent, then in the order of readdir */
	size_t nr;		 /* of slots, including the unused one */
	void (*parent)(const struct tree_obj *obj, char *name, size_t size);
	enum tree_collection within;
};

enum tree_kind_id {
	TREE_KIND_ROOT,
	TREE_KIND_BLOCK,
	TREE_KIND_NODE,
	TREE_KIND_CPU,
	TREE_KIND_ACPI,
	TREE_KIND_PHYSICAL_NODE,
	TREE_KIND_FIRMWARE_MAP,
	TREE_KIND_CONTAINER_DEVICE,
	TREE_KIND_DAX_REGION,
	TREE_KIND_DAX_DEVICE,
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

/* ---- kinds of directories (kind.c) ----------------------------------------------------------- */

/* The order of kernfs directories (kernfs_name_hash()). */
uint32_t tree_name_hash(const char *name);
int tree_name_cmp(uint32_t hash_a, const char *name_a, uint32_t hash_b, const char *name_b);
int tree_kind_init(struct tree_kind *kind, const char *name, enum tree_fs fs,
		   const struct tree_table *const *tables, size_t nr_tables);
void tree_kind_fini(struct tree_kind *kind);
/* Slot of @name in the directory @parent; 0 when there is none. */
unsigned int tree_kind_find(const struct tree_kind *kind, unsigned int parent, const char *name);
/* First slot of directory @parent after (hash, name); 0 when there is none. */
unsigned int tree_kind_next(const struct tree_kind *kind, unsigned int parent, uint32_t hash,
			    const char *name);

#endif
