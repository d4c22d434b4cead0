// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct engine_range pc_memory[] = {
	{ 0x1000, 0x9fc00, 0 },
	{ MIB(1), GIB(1), 0 },
	{ GIB(1), 0x7ffe0000, 1 },
	{ 0 },
};

const struct engine_config engine_pc = {
	.memory = pc_memory,
	.nr_cpus = 2,
	.cpu_nodes = "0-1",
};

static const struct engine_range plain_memory[] = {
	{ GIB(4), GIB(5), 0 },
	{ GIB(5), GIB(6), 1 },
	{ 0 },
};

const struct engine_config engine_plain = {
	.memory = plain_memory,
	.nr_cpus = 2,
	.cpu_nodes = "0",
};

static void on_block_added(void *ctx, const struct hp_block *block)
{
	struct engine *e = ctx;

	base_buf_printf(&e->news, " +memory%llu", (unsigned long long)hp_block_id(block));
}

static void on_block_removed(void *ctx, const struct hp_block *block)
{
	struct engine *e = ctx;

	base_buf_printf(&e->news, " -memory%llu", (unsigned long long)hp_block_id(block));
}

static void on_node_added(void *ctx, int nid)
{
	struct engine *e = ctx;

	base_buf_printf(&e->news, " +node%d", nid);
}

static void on_node_removed(void *ctx, int nid)
{
	struct engine *e = ctx;

	base_buf_printf(&e->news, " -node%d", nid);
}

static void on_uevent(void *ctx, const struct hp_uevent *event)
{
	struct engine *e = ctx;

	assert_int_equal(event->seqnum, e->last_seqnum + 1);
	assert_int_equal(event->seqnum, hp_uevent_seqnum(e->hp));
	e->last_seqnum = event->seqnum;
	e->nr_events++;
	base_buf_printf(&e->news, " %s@%s", event->action, strrchr(event->devpath, '/') + 1);
}

/* Reported once, after the change. */
static void on_block_changed(void *ctx, const struct hp_block *block)
{
	struct engine *e = ctx;

	assert_ptr_equal(hp_block_find(e->hp, hp_block_id(block)), block);
}

static void on_log(void *ctx, const char *line)
{
	struct engine *e = ctx;

	if (strncmp(line, "memhpfs: ", strlen("memhpfs: ")))
		base_buf_printf(&e->log, "%s\n", line);
}

static void on_step(void *ctx, const char *name, const struct hp_fault_at *at)
{
}

static const struct hp_observer engine_observer = {
	.block_added = on_block_added,
	.block_removed = on_block_removed,
	.block_changed = on_block_changed,
	.node_added = on_node_added,
	.node_removed = on_node_removed,
	.uevent = on_uevent,
	.step = on_step,
	.log = on_log,
};

static int engine_add_nid(void *ctx, uint64_t addr)
{
	const struct engine *e = ctx;

	(void)addr;
	return e->add_nid;
}

static unsigned int config_shift(const struct engine_config *config)
{
	return config->page_shift ? config->page_shift : 12;
}

static uint64_t config_block_size(const struct engine_config *config)
{
	return config->block_size ? config->block_size : MIB(128);
}

struct mm *engine_mm(const struct engine_config *config)
{
	unsigned int shift = config_shift(config);
	struct mm_config mm_config = {
		.page_shift = shift,
		.section_pages = (config->section_size ? config->section_size : MIB(128)) >> shift,
		.block_pages = config_block_size(config) >> shift,
		.subsection_pages = MIB(2) >> shift,
		.pageblock_pages = MIB(2) >> shift,
		.thp_pages = MIB(2) >> shift,
		.huge_pages = { [MM_HUGE_PMD] = MIB(2) >> shift, [MM_HUGE_PUD] = GIB(1) >> shift },
		.max_order = 10,
		.nr_cpus = config->nr_cpus ? config->nr_cpus : 1,
	};
	struct mm *mm;

	if (!config->no_low_zones) {
		mm_config.zone_end_pfn[MM_ZONE_DMA] =
			(config->dma_end ? config->dma_end : MIB(16)) >> shift;
		mm_config.zone_end_pfn[MM_ZONE_DMA32] =
			(config->dma32_end ? config->dma32_end : GIB(4)) >> shift;
	}
	mm = mm_new(&mm_config);
	assert_non_null(mm);
	for (const struct engine_range *r = config->memory; r->end; r++) {
		uint64_t start = BASE_ROUND_UP(r->start, 1ULL << shift) >> shift;

		assert_int_equal(mm_boot_add(mm, start, r->end >> shift, r->nid), 0);
	}
	assert_int_equal(mm_boot_finish(mm), 0);
	return mm;
}

void engine_init(struct engine *e, const struct engine_config *config)
{
	struct hp_config hp_config = {
		.block_size = config_block_size(config),
		.max_mappable = (1ULL << 46) - 1,
		.phys_bits = config->phys_bits ? config->phys_bits : 40,
		.boot_offline = !config->guard_boot,
		.add_nid = engine_add_nid,
		.add_nid_ctx = e,
		.clock = base_vclock_new(),
		.memmap_in_boot_memory = true,
	};

	assert_non_null(hp_config.clock);
	*e = (struct engine){ .add_nid = 0, .clock = hp_config.clock };
	base_buf_init(&e->news);
	base_buf_init(&e->log);
	base_buf_init(&e->taken);
	assert_int_equal(base_mask_parse(config->possible ? config->possible : "0-7",
					 &hp_config.possible_nodes),
			 0);
	assert_int_equal(base_mask_parse(config->cpu_nodes ? config->cpu_nodes : "",
					 &hp_config.cpu_nodes),
			 0);
	e->mm = engine_mm(config);
	e->hp = hp_new(e->mm, &hp_config);
	assert_non_null(e->hp);
	hp_set_observer(e->hp, &engine_observer, e);
	for (const struct engine_range *r = config->memory; r->end && !config->no_resources; r++)
		assert_int_equal(
			hp_resource_insert(e->hp, r->start, r->end - 1, "System RAM", true), 0);
	assert_int_equal(hp_boot(e->hp), 0);
	assert_string_equal(engine_news(e), "");
	e->last_seqnum = hp_uevent_seqnum(e->hp);
}

void engine_fini(struct engine *e)
{
	hp_free(e->hp);
	base_vclock_free(e->clock);
	mm_free(e->mm);
	base_buf_fini(&e->news);
	base_buf_fini(&e->log);
	base_buf_fini(&e->taken);
}

static const char *take(struct engine *e, struct base_buf *from)
{
	const char *text = base_buf_text(from);

	base_buf_reset(&e->taken);
	base_buf_puts(&e->taken, *text == ' ' ? text + 1 : text);
	base_buf_reset(from);
	return base_buf_text(&e->taken);
}

const char *engine_news(struct engine *e)
{
	return take(e, &e->news);
}

const char *engine_log(struct engine *e)
{
	return take(e, &e->log);
}

const char *engine_mm_zone(const struct mm *mm, int nid, enum mm_zone_type type, char text[96])
{
	struct mm_zone_info zone;
	int len;

	mm_zone_info(mm, nid, type, &zone);
	len = snprintf(text, 96,
		       "spanned=%llu present=%llu start_pfn=", (unsigned long long)zone.spanned,
		       (unsigned long long)zone.present);
	if (zone.present)
		snprintf(text + len, 96 - (size_t)len, "%llu", (unsigned long long)zone.start_pfn);
	else
		snprintf(text + len, 96 - (size_t)len, "-");
	return text;
}

const char *engine_zone(struct engine *e, int nid, enum mm_zone_type type)
{
	char text[96];

	base_buf_reset(&e->taken);
	base_buf_puts(&e->taken, engine_mm_zone(e->mm, nid, type, text));
	return base_buf_text(&e->taken);
}

const char *engine_valid_zones(struct engine *e, uint64_t id)
{
	enum mm_zone_type zones[3];
	unsigned int nr = hp_block_valid_zones(e->hp, engine_block(e, id), zones);

	base_buf_reset(&e->taken);
	for (unsigned int i = 0; i < nr; i++)
		base_buf_printf(&e->taken, "%s%s", i ? " " : "", mm_zone_name(zones[i]));
	return nr ? base_buf_text(&e->taken) : "none";
}

const char *engine_mask(struct engine *e, const struct base_mask *mask)
{
	base_buf_reset(&e->taken);
	base_mask_print_list(mask, &e->taken);
	return base_buf_text(&e->taken);
}

struct hp_block *engine_block(const struct engine *e, uint64_t id)
{
	struct hp_block *block = hp_block_find(e->hp, id);

	assert_non_null(block);
	return block;
}

struct engine_call {
	struct hp_call call;
	struct hp_add add;
	int result;
	unsigned int nr_done;
};

static void engine_done(struct hp_call *call, int ret)
{
	struct engine_call *c = base_container_of(call, struct engine_call, call);

	c->result = ret;
	c->nr_done++;
}

/* A waiting call is not awaited: it gets a signal. */
static int engine_call_result(struct engine_call *c)
{
	if (!c->nr_done)
		hp_call_interrupt(c->call.hp, &c->call, false);
	assert_int_equal(c->nr_done, 1);
	return c->result;
}

int engine_state(struct engine *e, uint64_t id, enum hp_type type)
{
	struct engine_call c = { .call.done = engine_done };

	hp_store_state(e->hp, engine_block(e, id), type, &c.call);
	return engine_call_result(&c);
}

int engine_online(struct engine *e, uint64_t id, bool online)
{
	struct engine_call c = { .call.done = engine_done };

	hp_store_online(e->hp, engine_block(e, id), online, &c.call);
	return engine_call_result(&c);
}

int engine_probe(struct engine *e, uint64_t addr)
{
	struct engine_call c = { .call.done = engine_done };

	hp_store_probe(e->hp, addr, &c.call);
	return engine_call_result(&c);
}

static int engine_add_run(struct hp_call *call)
{
	struct engine_call *c = base_container_of(call, struct engine_call, call);

	return hp_add_memory(call->hp, &c->add);
}

int engine_add(struct engine *e, uint64_t start, uint64_t size, int nid, struct hp_group *group)
{
	struct engine_call c = {
		.call = { .run = engine_add_run, .done = engine_done },
		.add = { .start = start,
			 .size = size,
			 .nid = nid,
			 .group = group,
			 .name = "System RAM" },
	};

	hp_submit(e->hp, &c.call);
	return engine_call_result(&c);
}

static int engine_remove_run(struct hp_call *call)
{
	struct engine_call *c = base_container_of(call, struct engine_call, call);

	return hp_remove_memory(call->hp, c->add.start, c->add.size);
}

int engine_remove(struct engine *e, uint64_t start, uint64_t size)
{
	struct engine_call c = {
		.call = { .run = engine_remove_run, .done = engine_done },
		.add = { .start = start, .size = size },
	};

	hp_submit(e->hp, &c.call);
	return engine_call_result(&c);
}
