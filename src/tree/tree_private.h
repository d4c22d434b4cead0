/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of tree that its own files share.
 *
 * A directory tree is made of objects. Each has a kind; a kind is a table of rows, one per file,
 * directory or link below the object's own directory. Everything fixed (sys/devices/system/memory
 * itself, proc, machine) belongs to one object, the root. Blocks, nodes, CPUs, DIMMs and workloads
 * are objects that come and go, and appear in directories of others as directories or as links.
 */
#ifndef TREE_PRIVATE_H
#define TREE_PRIVATE_H

#include <bsd/sys/queue.h>
#include <bsd/sys/tree.h>

#include "memhp/hotplug.h"
#include "memhp/machine.h"
#include "memhp/mm.h"
#include "memhp/tree.h"
#include "classes.h"
#include "door/race.h"
#include "share.h"

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
 * @make, @unmake: of a directory: mkdir and rmdir, for an object of the first of @children; each 0
 *	  or -errno
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
	int (*make)(struct tree *tree, enum tree_collection collection, const char *name);
	int (*unmake)(struct tree_obj *obj);
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

/*
 * A container, for its object in machine/ and for its device
 * @dimms: their names
 * @busy: firmware has been asked to plug or to eject it, and @then gets the answer
 * @req: the write of @len bytes that waits for that; NULL: nobody does any more
 */
struct tree_container {
	struct tree *tree;
	struct machine_container *container;
	char *dimms;
	bool busy;
	struct hp_completion then;
	struct tree_req *req;
	size_t len;
};

/*
 * struct tree_obj - an object
 * @serial: in its inode numbers; never reused
 * @refs: lookups and open files; a dead object goes with the last
 * @bits: small settings of attributes that only remember what was written
 * @nr_stores: writes to its files that have entered and have no answer yet
 * @id: block, node or CPU number
 * @born_ns: since the tree was made, by the clock outside
 * @name: lies behind it
 *
 * There may be half a million: it is kept small.
 */
struct tree_obj {
	struct tree *tree;
	uint64_t serial;
	uint64_t refs;
	uint64_t id;
	union {
		const struct hp_block *block;
		struct machine_dimm *dimm;
		struct machine_vmem *vmem;
		struct machine_dax *dax;
		struct machine_fault *fault;
		struct tree_gate *gate;
		struct tree_memmap *memmap;
		struct tree_container *container;
		struct machine_workload *workload;
		void *thing; /* any of these */
	};
	uint64_t born_ns;
	const char *name;
	RB_ENTRY(tree_obj) by_hash;
	uint32_t hash;
	uint16_t bits;
	enum tree_kind_id kind : 8;
	bool dead;
	uint32_t nr_stores;
};
RB_HEAD(tree_names, tree_obj);

/* What chmod, chown and utimes left on an inode. */
struct tree_override {
	uint64_t ino;
	unsigned int valid;
	struct tree_attr attr;
	RB_ENTRY(tree_override) link;
};
RB_HEAD(tree_overrides, tree_override);
int tree_override_cmp(const struct tree_override *a, const struct tree_override *b);
RB_PROTOTYPE(tree_overrides, tree_override, link, tree_override_cmp)

struct tree_event {
	uint64_t number;
	size_t len;
	TAILQ_ENTRY(tree_event) link;
	char text[];
};

/*
 * A file that gives each reader what happens from when he opened it
 * @events: those that somebody has still to read; @bytes: how large they are
 */
struct tree_stream {
	TAILQ_HEAD(, tree_event) events;
	size_t bytes;
	uint64_t last_event;
	TAILQ_HEAD(, tree_file) files;
};

struct tree_note;

/*
 * struct tree_journaling - what is written down, and what is still to be (journal.c)
 * @to: NULL: nobody writes it down
 * @notes: inputs that could not be refused, in their order; @nr_logs: of them, lines for
 *	   machine/log, which nothing else shows
 * @written: the last moment that is written down
 * @inside: an input is being done, which will be done again; @outside: in the middle of that, or of
 *	    a timer, something happens that will not
 * @is_troubled: it could not be written the last time; @trouble: lines about that for machine/log
 * @is_lost: something that happened can never be written down
 * @is_replaying: an input is done again
 */
struct tree_journaling {
	const struct tree_journal *to;
	void *ctx;
	TAILQ_HEAD(, tree_note) notes;
	unsigned int nr_notes;
	unsigned int nr_logs;
	struct base_moment written;
	unsigned int inside;
	bool outside;
	bool is_troubled;
	bool is_lost;
	bool is_replaying;
	struct base_buf trouble;
};

#define TREE_UEVENT_HELPER_SIZE 256 /* UEVENT_HELPER_PATH_LEN */

struct tree {
	struct machine *machine;
	struct hp *hp;
	struct mm *mm;
	uid_t uid;
	gid_t gid;
	struct tree_kind kind[TREE_NR_KINDS];
	struct tree_obj root;
	uint64_t last_serial;
	uint64_t next_memmap;
	TAILQ_HEAD(, tree_memmap) memmaps; /* ascending by their start */
	struct base_map serials;	   /* objects by theirs */
	struct tree_names index[TREE_NR_COLLECTIONS];
	size_t nr_objs[TREE_NR_COLLECTIONS];
	/* the directory that a collection lies in, and whether anybody knows its attributes */
	uint64_t home[TREE_NR_COLLECTIONS];
	bool home_known[TREE_NR_COLLECTIONS];
	tree_watch_fn *watcher;
	void *watcher_ctx;
	const struct tree_keeper *keeper;
	void *keeper_ctx;
	struct tree_overrides overrides;
	struct tree_stream stream[TREE_NR_STREAMS];
	struct tree_shares shares;
	tree_trace_fn *tracer;
	void *tracer_ctx;
	bool trace_always;
	uint64_t last_traced;
	LIST_HEAD(, tree_traced) traced;
	struct tree_journaling journal;
	uint64_t real_ahead_ns; /* how much later than the machine's clock the one outside is */
	tree_command_fn *command;
	void *command_ctx;
	struct tree_race race;
	char uevent_helper[TREE_UEVENT_HELPER_SIZE];
	const struct tree_helper *helper;
	void *helper_ctx;
};

/* A read of a stream that waits. */
struct tree_reader {
	struct tree_req *req;
	size_t size;
	TAILQ_ENTRY(tree_reader) link;
};

/*
 * struct tree_file - an open file
 * @text, @read_pos: the text that reads go on in, and where the last one stopped
 * @text_at: the position in the file of the first byte of @text; @dropped: of a text that lines are
 *	     added to: what the position 0 stands for
 * @uid: whose share it is in; @text_bytes: what it has of TREE_SHARE_TEXT_BYTES there
 * @event, @next_event, @event_pos: a stream's place: the next event, NULL when it has read all, and
 *	its number; @lost: events were dropped before it read them
 * @readers: reads that wait for an event
 */
struct tree_file {
	struct tree_obj *obj;
	const struct tree_slot *slot;
	struct base_buf text;
	size_t text_bytes;
	off_t read_pos;
	off_t text_at;
	uint64_t dropped;
	bool was_read;
	int flags;
	uid_t uid;
	struct tree_event *event;
	uint64_t next_event;
	size_t event_pos;
	uint64_t nr_lost;
	struct tree_stream *stream;
	TAILQ_HEAD(, tree_reader) readers;
	void (*wake)(void *ctx);
	void *wake_ctx;
	TAILQ_ENTRY(tree_file) link;
};

/* ---- rows of the kinds, one file per directory kind ------------------------------------------ */

struct tree_table {
	const struct tree_row *rows;
	size_t nr;
};
#define TREE_TABLE(rows)                                                                           \
	{                                                                                          \
		(rows), BASE_ARRAY_SIZE(rows)                                                      \
	}

extern const struct tree_table tree_top_table, tree_memory_table, tree_nodes_table, tree_bus_table,
	tree_module_table, tree_kernel_table, tree_proc_table, tree_machine_table,
	tree_virtio_mem_module_table, tree_acpi_fixed_table, tree_memmap_fixed_table,
	tree_container_fixed_table, tree_cpu_fixed_table;
extern const struct tree_table tree_block_table, tree_node_table, tree_cpu_table, tree_acpi_table,
	tree_memmap_table, tree_container_device_table;

/* sys/firmware/memmap becomes as /proc/iomem is now; and frees what a live entry of it has. */
void tree_memmap_update(struct tree *tree);
void tree_memmap_free(struct tree_obj *obj);
void tree_memmap_save(struct base_save *s, struct tree_obj *obj);
/* Once all are loaded: they are kept in another order than they come. */
void tree_memmaps_sort(struct base_save *s, struct tree *tree);
/* The ACPI device of a DIMM slot is there from now on, where there is ACPI (sys_acpi.c). */
void tree_acpi_appear(struct tree *tree, unsigned int slot);

/* power/ of a device without power management; @bit remembers `control`. */
#define TREE_POWER_ROWS(prefix, bit)                                                               \
	{ TREE_DIR_ROW(prefix "power") },                                                          \
		{ .path = prefix "power/autosuspend_delay_ms", .mode = S_IFREG | 0644 },           \
		{ .path = prefix "power/control",                                                  \
		  .mode = S_IFREG | 0644,                                                          \
		  .show = tree_power_control_show,                                                 \
		  .store = tree_power_control_store,                                               \
		  .arg = (bit) },                                                                  \
		{ .path = prefix "power/runtime_active_time",                                      \
		  .mode = S_IFREG | 0444,                                                          \
		  .show = tree_zero_show },                                                        \
		{ .path = prefix "power/runtime_status",                                           \
		  .mode = S_IFREG | 0444,                                                          \
		  .show = tree_power_status_show },                                                \
	{                                                                                          \
		.path = prefix "power/runtime_suspended_time", .mode = S_IFREG | 0444,             \
		.show = tree_zero_show                                                             \
	}

/* The length of a text that has to be made for that. */
tree_size_fn tree_text_size;
tree_show_fn tree_power_control_show, tree_power_status_show, tree_zero_show, tree_empty_show;
tree_store_fn tree_device_uevent_store, tree_power_control_store, tree_accept_store,
	tree_unsupported_store;

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

/* ---- objects and inodes (obj.c, inode.c) ----------------------------------------------------- */

static inline uint64_t tree_ino(const struct tree_obj *obj, unsigned int slot)
{
	return obj->serial << TREE_SLOT_BITS | slot;
}

struct tree_obj *tree_obj_new(struct tree *tree, enum tree_collection collection, const char *name,
			      uint64_t id);
/* The two halves of it: one that is not in its collection's index yet, and is put there. */
struct tree_obj *tree_obj_alloc(struct tree *tree, enum tree_collection collection,
				const char *name, uint64_t id);
void tree_obj_index(struct tree_obj *obj, enum tree_collection collection);
/* Takes it out of the tree; it is freed once nobody refers to it. */
void tree_obj_remove(struct tree_obj *obj);
void tree_obj_put(struct tree_obj *obj, uint64_t nr);
/* Whoever refers to it. */
void tree_obj_free(struct tree_obj *obj);
/* All objects and attributes, without what is the machine's (tree.c). */
void tree_clear(struct tree *tree);
/* Where collections lie, once the tables are there. */
void tree_find_homes(struct tree *tree);
/* Now, as files have it: since the tree was made. */
uint64_t tree_time_ns(const struct tree *tree);
/* Now, since the epoch, outside. */
uint64_t tree_real_ns(void);
enum tree_collection tree_obj_collection(const struct tree_obj *obj);
struct tree_obj *tree_obj_find(const struct tree *tree, enum tree_collection collection,
			       const char *name);
/* First object of a collection behind (hash, name); NULL when there is none. */
struct tree_obj *tree_obj_next(const struct tree *tree, enum tree_collection collection,
			       uint32_t hash, const char *name);
/* The object of the same collection behind @obj; NULL when there is none. */
struct tree_obj *tree_obj_after(struct tree_obj *obj);
/* The object and slot of an inode; false when there is no such inode. */
bool tree_inode(struct tree *tree, uint64_t ino, struct tree_obj **ret_obj, unsigned int *ret_slot);
bool tree_slot_visible(const struct tree_obj *obj, unsigned int slot);
const struct tree_slot *tree_slot(const struct tree_obj *obj, unsigned int slot);

/* ---- traces (trace.c): each does nothing while nobody listens ------------------------------- */
void tree_trace_uevent(struct tree *tree, const struct hp_uevent *event);
/* A block or node is another one now, by the request whose call has the hotplug lock. */
void tree_trace_change(struct tree *tree, enum tree_kind_id kind, const char *name,
		       const char *text);
/* The number by which the engine tells whose call it was; 0: of a request that is not traced. */
uint64_t tree_trace_id(const struct tree_req *req);
/* Whether there is a gate that may hold a request. */
bool tree_has_gates(const struct tree *tree);
/* A gate holds a request; the request's own line comes at its end. */
void tree_trace_held(struct tree *tree, pid_t pid, const char *path, const char *gate);
/* The path of a file below the mount. */
void tree_put_path(const struct tree_obj *obj, const struct tree_slot *slot, struct base_buf *buf);
/* The name of the program of @pid, or "". */
void tree_command(struct tree *tree, pid_t pid, char command[TREE_COMMAND_SIZE]);

/* ---- what comes from outside (journal.c) ----------------------------------------------------- */

/* Before any of it, so that it has one time. */
static inline void tree_sync(struct tree *tree)
{
	struct base_clock *clock = hp_config(tree->hp)->clock;

	if (clock->sync)
		clock->sync(clock);
}
void tree_journal_init(struct tree *tree);
void tree_journal_fini(struct tree *tree);
/*
 * Before anything is shown to anybody: 0, or -EIO when it must not be, as it might not hold.
 * @with_time: the time is shown, too
 */
int tree_journal_settle(struct tree *tree, bool with_time);
/* The same before something of an inode, or that there is none (0), is shown. */
int tree_inode_settle(struct tree *tree, uint64_t ino);
/* What has happened and is to be written down before anything else is. */
void tree_journal_note(struct tree *tree, enum tree_input_op op, uint64_t ino, const char *text);
/* Whether all lines of machine/log are written down. */
bool tree_journal_has_log(struct tree *tree);
/* A line of machine/log is there; and one that comes from outside. */
void tree_journal_logged(struct tree *tree, const char *line);
void tree_journal_log(struct tree *tree, const char *line);
/* An interrupt of the write @id. */
void tree_journal_interrupt(struct tree *tree, uint64_t id, bool fatal);

/* ---- what the door asks kernfs for (file.c, dir.c, inode.c) ---------------------------------- */

/* As the function of the same name in memhp/tree.h, without its stages. */
int kernfs_lookup(struct tree *tree, uint64_t dir, const char *name, struct tree_attr *ret_attr,
		  bool *ret_fixed);
int kernfs_getattr(struct tree *tree, uint64_t ino, struct tree_attr *ret_attr);
int kernfs_setattr(struct tree *tree, uint64_t ino, const struct tree_attr *attr,
		   unsigned int valid);
int kernfs_readlink(struct tree *tree, uint64_t ino, struct base_buf *buf);
int kernfs_opendir(struct tree *tree, uint64_t ino, uid_t uid, struct tree_dir **ret_dir);
struct tree *kernfs_dir_tree(const struct tree_dir *dir);
int kernfs_readdir(struct tree_dir *dir, off_t off, tree_dirent_fn *fn, void *ctx);
/* @uid: whose share the file is in */
int kernfs_open(struct tree *tree, uint64_t ino, int flags, uid_t uid, struct tree_file **ret_file);
void kernfs_read(struct tree_req *req);
/* A store: of what is at most a page long, except in debugfs. */
void kernfs_write(struct tree_req *req);
uint64_t kernfs_file_ino(const struct tree_file *file);
unsigned int kernfs_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx);
/* A file that is open, whatever its mode says. */
int tree_file_new(struct tree_obj *obj, unsigned int slot, int flags, uid_t uid,
		  struct tree_file **ret_file);

/* ---- requests, texts, streams ---------------------------------------------------------------- */

/* The answer of a file, a store or a stage: hands the request back to the door. */
void tree_req_finish(struct tree_req *req, ssize_t result);
/* Sees to it that the file has the text for a read at @off; 0, -ENOMEM, or as the file's show. */
int tree_text_for(struct tree_file *file, off_t off);
/* From @off in the text that the file has; what has been read to its end is not kept. */
void tree_text_answer(struct tree_file *file, struct tree_req *req, size_t size, size_t off);
void tree_text_drop(struct tree_file *file);
/* 0, -ENFILE. */
int tree_stream_open(struct tree_file *file);
void tree_stream_release(struct tree_file *file);
void tree_stream_read(struct tree_file *file, struct tree_req *req, size_t size);
unsigned int tree_stream_poll(struct tree_file *file, void (*wake)(void *ctx), void *ctx);
/* A text for all readers of a stream; without any it is lost. */
void tree_stream_put(struct tree *tree, enum tree_stream_id id, const char *text, size_t len);
void tree_stream_uevent(struct tree *tree, const struct hp_uevent *event);
/* Another text is in @uevent_helper, or the same one again (tree.c). */
void tree_helper_changed(struct tree *tree);
void tree_stream_init(struct tree *tree);
void tree_stream_fini(struct tree *tree);

/* A read that waits for a device lock, to be done then. */
struct tree_wait {
	struct hp_waiter waiter;
	struct tree_req *req;
	size_t size;
	off_t off;
};

/* Runs an engine call for a store: `start` hands it to the engine, the answer ends @req. */
struct tree_call {
	struct hp_call call;
	struct tree_req *req;
	size_t len;
};
struct tree_call *tree_call_new(struct tree_req *req, size_t len);
/* For one that was not submitted. */
void tree_call_free(struct tree_call *call);

/* ---- texts ----------------------------------------------------------------------------------- */

/* sys_cpu.c: a set of CPUs as hex words, as wide as the machine's CPU ids. */
void tree_print_cpumap(const struct tree *tree, const struct base_mask *cpus, struct base_buf *buf);
/* Files of proc/ that have a source file of their own (proc_*.c). */
tree_show_fn tree_meminfo_show, tree_vmstat_show, tree_buddyinfo_show, tree_pagetypeinfo_show;

/* ---- members of other kinds' directories ----------------------------------------------------- */

extern const struct tree_children tree_node_blocks, tree_bus_blocks, tree_bus_nodes;

#endif
