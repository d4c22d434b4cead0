// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Putting back what operations wrote on a real machine: the states of memory blocks, and the texts
 * of files that can be read and written.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "live_private.h"

/* How long a block may take to change its state at the end */
#define BLOCK_MS 30000

/* ---- rules ----------------------------------------------------------------------------------- */

enum how {
	UNDO_TEXT,  /* the text that the file has is written again */
	UNDO_BLOCK, /* the states of all blocks are compared at the end */
	UNDO_NONE,
};

/** struct rule - what happens to files whose path below the root matches a pattern */
struct rule {
	const char *pattern;
	enum how how;
	const char *explanation;
};

static const struct rule *find_rule(const char *path)
{
	static const struct rule rules[] = {
		{ LIVE_MEMORY "memory*/state", UNDO_BLOCK,
		  "the block's state is put back at the end" },
		{ LIVE_MEMORY "memory*/online", UNDO_BLOCK,
		  "the block's state is put back at the end" },
		{ LIVE_MEMORY "probe", UNDO_NONE, "memory that is added stays" },
		{ LIVE_MEMORY "*_offline_page", UNDO_NONE,
		  "a page that is taken out of use stays so until the machine boots again" },
		{ "sys/kernel/dlpar", UNDO_NONE,
		  "memory that is added or removed stays so; the states of other blocks are put "
		  "back" },
		{ "*/uevent", UNDO_NONE, "an event is sent; it changes nothing in the kernel" },
		{ "*/compact", UNDO_NONE, "memory is compacted; nothing is to be put back" },
		{ "*/demote", UNDO_NONE, "huge pages are demoted, and stay so" },
		{ "*", UNDO_TEXT, "the text that it has is put back at the end" },
	};
	size_t i = 0;

	path += strspn(path, "/");
	while (fnmatch(rules[i].pattern, path, 0))
		i++;
	return &rules[i];
}

const char *sim_undo_explain(const char *path)
{
	return find_rule(path)->explanation;
}

/* ---- texts of files -------------------------------------------------------------------------- */

int live_undo_note(struct sim *sim, const char *path)
{
	struct sim_live *live = sim->live;
	struct live_saved *saved;

	if (live->patient || find_rule(path)->how != UNDO_TEXT)
		return 0;
	LIST_FOREACH(saved, &live->saved, link)
		if (!strcmp(saved->path, path))
			return 0;
	saved = calloc(1, sizeof(*saved));
	if (!saved)
		return -ENOMEM;
	base_buf_init(&saved->text);
	saved->path = strdup(path);
	/* What cannot be read cannot be written either, or has no state. */
	if (!saved->path || sim_read(sim, path, &saved->text)) {
		bool failed = !saved->path || saved->text.failed;

		free(saved->path);
		base_buf_fini(&saved->text);
		free(saved);
		return failed ? -ENOMEM : 0;
	}
	LIST_INSERT_HEAD(&live->saved, saved, link);
	return 0;
}

/* Whether the file has its text again; @now gets the text that it has. */
static bool is_back(struct sim *sim, const struct live_saved *saved, struct base_buf *now)
{
	base_buf_reset(now);
	if (sim_read(sim, saved->path, now))
		base_buf_puts(now, "(cannot be read)");
	return now->len == saved->text.len &&
	       !memcmp(base_buf_text(now), base_buf_text(&saved->text), now->len);
}

/* Writes the text again; of a choice such as "always [madvise] never" the chosen word. */
static ssize_t put_back(struct sim *sim, const struct live_saved *saved)
{
	const char *text = base_buf_text(&saved->text);
	const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;

	if (close)
		return sim_write(sim, saved->path, open + 1, (size_t)(close - open - 1));
	return sim_write(sim, saved->path, text, saved->text.len);
}

static void put_texts_back(struct sim *sim)
{
	struct live_saved *saved;
	struct base_buf now;

	base_buf_init(&now);
	LIST_FOREACH(saved, &sim->live->saved, link)
		if (!is_back(sim, saved, &now))
			put_back(sim, saved);
	base_buf_fini(&now);
}

static unsigned int report_texts(struct sim *sim)
{
	struct live_saved *saved;
	unsigned int nr = 0;
	struct base_buf now, text;

	base_buf_init(&now);
	base_buf_init(&text);
	LIST_FOREACH(saved, &sim->live->saved, link) {
		if (is_back(sim, saved, &now))
			continue;
		nr++;
		base_buf_reset(&text);
		base_buf_puts(&text, "\"");
		sim_text_escape(base_buf_text(&saved->text), saved->text.len, &text);
		base_buf_puts(&text, "\", now \"");
		sim_text_escape(base_buf_text(&now), now.len, &text);
		fprintf(sim->live->err, "not put back: %s was %s\"\n", saved->path,
			base_buf_text(&text));
	}
	base_buf_fini(&now);
	base_buf_fini(&text);
	return nr;
}

/* ---- states of blocks ------------------------------------------------------------------------ */

/* Gets the first word of a file of a block; "" if it cannot be read. */
static void block_word(struct sim *sim, uint64_t id, const char *name, char *word, size_t size)
{
	struct base_buf path, text;

	base_buf_init(&path);
	base_buf_init(&text);
	base_buf_printf(&path, LIVE_MEMORY "memory%llu/%s", (unsigned long long)id, name);
	if (sim_read(sim, base_buf_text(&path), &text))
		base_buf_reset(&text);
	snprintf(word, size, "%.*s", (int)strcspn(base_buf_text(&text), " \n"),
		 base_buf_text(&text));
	base_buf_fini(&path);
	base_buf_fini(&text);
}

/* The zone of a block; "" if it is offline */
static void block_zone(struct sim *sim, struct live_block *block)
{
	char state[16];

	block->zone[0] = '\0';
	block_word(sim, block->id, "state", state, sizeof(state));
	if (!strcmp(state, "online"))
		block_word(sim, block->id, "valid_zones", block->zone, sizeof(block->zone));
}

static int find_blocks(struct sim *sim, struct live_block **ret_blocks, size_t *ret_nr)
{
	struct live_block *blocks = NULL;
	struct base_buf names;
	char *rest, *name;
	size_t nr = 0;
	int ret;

	base_buf_init(&names);
	ret = sim->access->list(sim, LIVE_MEMORY, "memory", &names);
	rest = ret ? NULL : names.data;
	while (!ret && (name = strsep(&rest, " "))) {
		struct live_block *grown = reallocarray(blocks, nr + 1, sizeof(*grown));

		if (!grown) {
			ret = -ENOMEM;
			break;
		}
		blocks = grown;
		if (!base_kstrtoull(name + strlen("memory"), 10, &blocks[nr].id))
			block_zone(sim, &blocks[nr++]);
	}
	base_buf_fini(&names);
	if (ret) {
		free(blocks);
		return ret;
	}
	*ret_blocks = blocks;
	*ret_nr = nr;
	return 0;
}

int live_undo_blocks(struct sim *sim)
{
	return find_blocks(sim, &sim->live->blocks, &sim->live->nr_blocks);
}

static const struct live_block *find_block(const struct live_block *blocks, size_t nr, uint64_t id)
{
	for (size_t i = 0; i < nr; i++)
		if (blocks[i].id == id)
			return &blocks[i];
	return NULL;
}

static void set_state(struct sim *sim, uint64_t id, const char *word)
{
	struct sim_job *job;
	struct base_buf path;

	base_buf_init(&path);
	base_buf_printf(&path, LIVE_MEMORY "memory%llu/state", (unsigned long long)id);
	if (!path.failed && !sim_job_write(sim, base_buf_text(&path), word, strlen(word), &job)) {
		sim->access->wait_ms(sim, job, BLOCK_MS);
		sim_job_kill(sim, job);
	}
	base_buf_fini(&path);
}

/* A block is never in several zones once it was offline, so any kernel zone is as good. */
static bool same_zone(const char *a, const char *b)
{
	return !*a == !*b && !strcmp(a, "Movable") == !strcmp(b, "Movable");
}

static void put_blocks_back(struct sim *sim)
{
	for (size_t i = 0; i < sim->live->nr_blocks; i++) {
		const struct live_block *was = &sim->live->blocks[i];
		struct live_block now = { .id = was->id };

		block_zone(sim, &now);
		if (same_zone(was->zone, now.zone))
			continue;
		if (*now.zone)
			set_state(sim, was->id, "offline");
		if (*was->zone)
			set_state(sim, was->id,
				  strcmp(was->zone, "Movable") ? "online_kernel" :
								 "online_movable");
	}
}

static const char *zone_text(const char *zone)
{
	return *zone ? zone : "offline";
}

static unsigned int report_blocks(struct sim *sim)
{
	const struct sim_live *live = sim->live;
	struct live_block *now = NULL;
	unsigned int bad = 0;
	size_t nr = 0;

	if (find_blocks(sim, &now, &nr)) {
		fputs("not put back: the memory blocks cannot be listed\n", live->err);
		return 1;
	}
	for (size_t i = 0; i < live->nr_blocks; i++) {
		const struct live_block *was = &live->blocks[i];
		const struct live_block *is = find_block(now, nr, was->id);

		if (is && same_zone(was->zone, is->zone))
			continue;
		bad++;
		fprintf(live->err, "not put back: memory%llu was %s, now %s\n",
			(unsigned long long)was->id, zone_text(was->zone),
			is ? zone_text(is->zone) : "removed");
	}
	for (size_t i = 0; i < nr; i++) {
		if (find_block(live->blocks, live->nr_blocks, now[i].id))
			continue;
		bad++;
		fprintf(live->err, "not put back: memory%llu is new\n",
			(unsigned long long)now[i].id);
	}
	free(now);
	return bad;
}

/* ---- both ------------------------------------------------------------------------------------ */

unsigned int sim_live_restore(struct sim *sim)
{
	struct sim_live *live = sim->live;
	struct sim_job *job, *next;
	unsigned int bad = 0;

	live->patient = true;
	for (job = LIST_FIRST(&sim->jobs); job; job = next) {
		next = LIST_NEXT(job, link);
		sim_job_kill(sim, job);
	}
	live_hold_fini(live);
	/* Faults and policies first, which concern blocks; then pools, which need the blocks. */
	put_texts_back(sim);
	put_blocks_back(sim);
	put_texts_back(sim);
	if (!live_given_close(sim))
		bad++;
	bad += report_texts(sim);
	if (live->blocks)
		bad += report_blocks(sim);
	return bad;
}

void live_undo_fini(struct sim_live *live)
{
	struct live_saved *saved;

	while ((saved = LIST_FIRST(&live->saved))) {
		LIST_REMOVE(saved, link);
		free(saved->path);
		base_buf_fini(&saved->text);
		free(saved);
	}
	free(live->blocks);
}
