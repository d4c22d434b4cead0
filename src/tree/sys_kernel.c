// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/kernel: the uevent number and helper (kernel/ksysfs.c); debugfs's notifier error injection
 * (lib/notifier-error-inject.c), failing page allocations (mm/fail_page_alloc.c) and poisoning of
 * pages (mm/hwpoison-inject.c).
 */
#include <errno.h>
#include <string.h>

#include "tree_private.h"

#define DEBUG "sys/kernel/debug"
#define INJECT DEBUG "/notifier-error-inject"
#define MAX_ERRNO 4095

static int uevent_seqnum_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n", (unsigned long long)hp_uevent_seqnum(obj->tree->hp));
	return 0;
}

static int uevent_helper_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", obj->tree->uevent_helper);
	return 0;
}

/* Any text is accepted as it is, except for a trailing newline. */
static void helper_changed(struct tree *tree)
{
	bool was_outside = tree->journal.outside;

	if (!tree->helper)
		return;
	tree->journal.outside = true;
	tree->helper->set(tree->helper_ctx, tree->uevent_helper);
	tree->journal.outside = was_outside;
}

static ssize_t uevent_helper_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	struct tree *tree = obj->tree;
	char *path = tree->uevent_helper;

	if (len + 1 > TREE_UEVENT_HELPER_SIZE)
		return -ENOENT;
	memcpy(path, text, len);
	path[len] = '\0';
	if (len && path[len - 1] == '\n')
		path[len - 1] = '\0';
	helper_changed(tree);
	return (ssize_t)len;
}

static int kexec_crash_size_show(struct tree_obj *obj, const struct tree_row *row,
				 struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n", (unsigned long long)machine_crash_size(obj->tree->machine));
	return 0;
}

static ssize_t kexec_crash_size_store(struct tree_obj *obj, const struct tree_row *row,
				      const char *text, size_t len, struct tree_req *req)
{
	uint64_t size;
	int ret = base_kstrtoull(text, 0, &size);

	/* QUIRK: a number that is too large is not ERANGE. */
	if (ret)
		return -EINVAL;
	ret = machine_crash_set_size(obj->tree->machine, size);
	return ret ? ret : (ssize_t)len;
}

static int dlpar_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, "memory,cpu,dt\n");
	return 0;
}

static ssize_t dlpar_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			   size_t len, struct tree_req *req)
{
	struct tree_call *c = tree_call_new(req, len);
	int ret;

	if (!c)
		return -ENOMEM;
	ret = machine_dlpar_store(obj->tree->machine, text, &c->call);
	if (!ret)
		return TREE_PENDING;
	tree_call_free(c);
	return ret;
}

static bool has_dlpar(const struct tree_obj *obj, const struct tree_row *row)
{
	return machine_spec(obj->tree->machine)->arch->dlpar;
}

static int inject_error_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%d\n", *hp_inject_error(obj->tree->hp, row->arg));
	return 0;
}

/* Only the first characters are examined; all count as written (simple_attr_write()). */
#define DEBUGFS_LOOKED_AT 23

static const char *debugfs_word(const char *text, size_t len, char word[DEBUGFS_LOOKED_AT + 1])
{
	len = BASE_MIN(len, DEBUGFS_LOOKED_AT);
	memcpy(word, text, len);
	word[len] = '\0';
	return word;
}

static int debugfs_number(const char *text, size_t len, uint64_t *ret_number)
{
	char word[DEBUGFS_LOOKED_AT + 1];

	return base_kstrtoull(debugfs_word(text, len, word), 0, ret_number);
}

static int debugfs_signed(const char *text, size_t len, int64_t *ret_number)
{
	char word[DEBUGFS_LOOKED_AT + 1];

	return base_kstrtoll(debugfs_word(text, len, word), 0, ret_number);
}

/* A signed number, truncated to an int, then clamped to the range of errnos. */
static ssize_t inject_error_store(struct tree_obj *obj, const struct tree_row *row,
				  const char *text, size_t len, struct tree_req *req)
{
	int64_t value;
	int ret = debugfs_signed(text, len, &value), error;

	if (ret)
		return ret;
	error = (int)value;
	*hp_inject_error(obj->tree->hp, row->arg) = BASE_MIN(BASE_MAX(error, -MAX_ERRNO), 0);
	return (ssize_t)len;
}

static int filter_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n",
			(unsigned long long)hp_poison_filter_get(obj->tree->hp, row->arg));
	return 0;
}

static ssize_t filter_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			    size_t len, struct tree_req *req)
{
	uint64_t value;
	int ret = debugfs_number(text, len, &value);

	if (ret)
		return ret;
	hp_poison_filter_set(obj->tree->hp, row->arg, value);
	return (ssize_t)len;
}

/* ---- the files of fail_page_alloc ------------------------------------------------------------ */

static int fail_unsigned_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_printf(buf, "%llu\n",
			(unsigned long long)hp_fail_alloc_get(obj->tree->hp, row->arg));
	return 0;
}

static ssize_t fail_unsigned_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	uint64_t value;
	int ret = debugfs_number(text, len, &value);

	if (ret)
		return ret;
	hp_fail_alloc_set(obj->tree->hp, row->arg, (int64_t)value);
	return (ssize_t)len;
}

static int fail_signed_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%lld\n", (long long)hp_fail_alloc_get(obj->tree->hp, row->arg));
	return 0;
}

static ssize_t fail_signed_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	int64_t value;
	int ret = debugfs_signed(text, len, &value);

	if (ret)
		return ret;
	hp_fail_alloc_set(obj->tree->hp, row->arg, value);
	return (ssize_t)len;
}

static int fail_bool_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, hp_fail_alloc_get(obj->tree->hp, row->arg) ? "Y\n" : "N\n");
	return 0;
}

/* QUIRK: a text that is no bool is accepted, and changes nothing (debugfs_write_file_bool()). */
static ssize_t fail_bool_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			       size_t len, struct tree_req *req)
{
	bool value;

	if (!base_kstrtobool(text, &value))
		hp_fail_alloc_set(obj->tree->hp, row->arg, value);
	return (ssize_t)len;
}

/* pfns */
static ssize_t hwpoison_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
			      size_t len, struct tree_req *req)
{
	uint64_t pfn;
	int ret = debugfs_number(text, len, &pfn);

	if (!ret)
		ret = row->arg ? hp_unpoison(obj->tree->hp, pfn) : hp_corrupt(obj->tree->hp, pfn);
	return ret ? ret : (ssize_t)len;
}

#define INJECT_ROWS(name, which)                                                                   \
	{ TREE_DIR_ROW(INJECT "/memory/actions/" name) },                                          \
	{                                                                                          \
		.path = INJECT "/memory/actions/" name "/error", .mode = S_IFREG | 0600,           \
		.show = inject_error_show, .store = inject_error_store, .arg = (which)             \
	}

#define FAIL_ROW(name, type, which)                                                                \
	{                                                                                          \
		.path = DEBUG "/fail_page_alloc/" name, .mode = S_IFREG | 0600,                    \
		.show = fail_##type##_show, .store = fail_##type##_store, .arg = (which)           \
	}

#define FILTER_ROW(name, which, features)                                                          \
	{                                                                                          \
		.path = DEBUG "/hwpoison/corrupt-filter-" name, .needs = (features),               \
		.mode = S_IFREG | 0600, .show = filter_show, .store = filter_store, .arg = (which) \
	}

static const struct tree_row kernel_rows[] = {
	{ .path = "sys/kernel/uevent_helper",
	  .needs = MACHINE_UEVENT_HELPER,
	  .mode = S_IFREG | 0644,
	  .show = uevent_helper_show,
	  .store = uevent_helper_store },
	{ .path = "sys/kernel/kexec_crash_size",
	  .needs = MACHINE_CRASH_DUMP,
	  .mode = S_IFREG | 0644,
	  .show = kexec_crash_size_show,
	  .store = kexec_crash_size_store },
	{ .path = "sys/kernel/dlpar",
	  .mode = S_IFREG | 0644,
	  .show = dlpar_show,
	  .store = dlpar_store,
	  .visible = has_dlpar },
	{ .path = "sys/kernel/uevent_seqnum", .mode = S_IFREG | 0444, .show = uevent_seqnum_show },
	{ .path = DEBUG, .needs = MACHINE_DEBUG_FS, .mode = S_IFDIR | 0700 },
	{ TREE_DIR_ROW(INJECT), .needs = MACHINE_NOTIFIER_INJECT },
	{ TREE_DIR_ROW(INJECT "/memory"), .needs = MACHINE_MEMORY_NOTIFIER_INJECT },
	{ TREE_DIR_ROW(INJECT "/memory/actions") },
	INJECT_ROWS("MEM_GOING_ONLINE", HP_INJECT_GOING_ONLINE),
	INJECT_ROWS("MEM_GOING_OFFLINE", HP_INJECT_GOING_OFFLINE),
	{ TREE_DIR_ROW(DEBUG "/fail_page_alloc"),
	  .needs = MACHINE_FAIL_PAGE_ALLOC | MACHINE_FAULT_DEBUG_FS },
	FAIL_ROW("probability", unsigned, HP_FAIL_PROBABILITY),
	FAIL_ROW("interval", unsigned, HP_FAIL_INTERVAL),
	FAIL_ROW("times", signed, HP_FAIL_TIMES),
	FAIL_ROW("space", signed, HP_FAIL_SPACE),
	FAIL_ROW("verbose", unsigned, HP_FAIL_VERBOSE),
	FAIL_ROW("verbose_ratelimit_interval_ms", unsigned, HP_FAIL_VERBOSE_INTERVAL_MS),
	FAIL_ROW("verbose_ratelimit_burst", unsigned, HP_FAIL_VERBOSE_BURST),
	FAIL_ROW("task-filter", bool, HP_FAIL_TASK_FILTER),
	FAIL_ROW("ignore-gfp-wait", bool, HP_FAIL_IGNORE_WAIT),
	FAIL_ROW("ignore-gfp-highmem", bool, HP_FAIL_IGNORE_HIGHMEM),
	FAIL_ROW("min-order", unsigned, HP_FAIL_MIN_ORDER),
	{ TREE_DIR_ROW(DEBUG "/hwpoison"), .needs = MACHINE_HWPOISON_INJECT },
	{ .path = DEBUG "/hwpoison/corrupt-pfn",
	  .mode = S_IFREG | 0200,
	  .store = hwpoison_store,
	  .arg = 0 },
	FILTER_ROW("enable", HP_FILTER_ENABLE, 0),
	FILTER_ROW("dev-major", HP_FILTER_DEV_MAJOR, 0),
	FILTER_ROW("dev-minor", HP_FILTER_DEV_MINOR, 0),
	FILTER_ROW("flags-mask", HP_FILTER_FLAGS_MASK, 0),
	FILTER_ROW("flags-value", HP_FILTER_FLAGS_VALUE, 0),
	FILTER_ROW("memcg", HP_FILTER_MEMCG, MACHINE_MEMCG),
	{ .path = DEBUG "/hwpoison/unpoison-pfn",
	  .mode = S_IFREG | 0200,
	  .store = hwpoison_store,
	  .arg = 1 },
};

const struct tree_table tree_kernel_table = TREE_TABLE(kernel_rows);
