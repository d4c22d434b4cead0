// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * machine/: the actions of firmware, hypervisor and workloads, in the style of configfs: mkdir
 * makes an inert object, attributes configure it, one attribute makes it live, rmdir removes it.
 */
#include "machine_tree.h"

static int machine_log_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	const struct base_buf *log = machine_log_text(obj->tree->machine);
	const struct base_buf *trouble = &obj->tree->journal.trouble;

	if (tree_journal_has_log(obj->tree))
		base_buf_add(buf, base_buf_text(log), log->len);
	base_buf_add(buf, base_buf_text(trouble), trouble->len);
	return 0;
}

static size_t machine_log_size(struct tree_obj *obj, const struct tree_row *row)
{
	size_t len = tree_journal_has_log(obj->tree) ? machine_log_text(obj->tree->machine)->len :
						       0;

	return len + obj->tree->journal.trouble.len;
}

static uint64_t machine_log_gone(const struct tree_obj *obj)
{
	return machine_log_dropped(obj->tree->machine);
}

static const struct tree_row machine_rows[] = {
	{ TREE_DIR_ROW("machine") },
	{ .path = "machine/uevents",
	  .mode = S_IFREG | 0444,
	  .stream = &tree_event_stream,
	  .arg = TREE_STREAM_UEVENTS },
	{ .path = "machine/trace",
	  .mode = S_IFREG | 0444,
	  .stream = &tree_event_stream,
	  .arg = TREE_STREAM_TRACE },
	{ .path = "machine/log",
	  .mode = S_IFREG | 0444,
	  .show = machine_log_show,
	  .size = machine_log_size,
	  .dropped = machine_log_gone,
	  .guarded = true },
	{ .path = "machine/spec",
	  .mode = S_IFREG | 0444,
	  .show = tree_spec_show,
	  .size = tree_spec_size },
	{ .path = "machine/map",
	  .mode = S_IFREG | 0444,
	  .show = tree_map_show,
	  .size = tree_map_size },
	{ .path = "machine/state",
	  .mode = S_IFREG | 0444,
	  .show = tree_state_show,
	  .size = tree_text_size },
	{ TREE_DIR_ROW("machine/clock") },
	{ .path = "machine/clock/mode", .mode = S_IFREG | 0444, .show = tree_clock_mode_show },
	{ .path = "machine/clock/now_ns",
	  .mode = S_IFREG | 0444,
	  .show = tree_clock_now_show,
	  .tells_time = true },
	{ .path = "machine/clock/advance_ns",
	  .mode = S_IFREG | 0200,
	  .store = tree_clock_advance_store,
	  .takes = "number of nanoseconds" },
	TREE_SETTING_ROW("machine/clock/rate", 0, TREE_RATE, tree_clock_rate, tree_clock_set_rate),
	{ .path = "machine/clock/migrate_pages_per_ms",
	  .mode = S_IFREG | 0644,
	  .show = tree_clock_migrate_show,
	  .store = tree_clock_migrate_store,
	  .takes = "number of pages (0: as many as there are)" },
};

const struct tree_table tree_machine_table = TREE_TABLE(machine_rows);
