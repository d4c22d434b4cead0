// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine file that shows what a recorded machine showed. Blocks that are online in a kernel zone
 * are boot memory, all others come as standby memory, since nothing of the booting kernel is in
 * them. A machine is booted from a draft to see where its zones differ: only these are said.
 */
#include "record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/hotplug.h"
#include "memhp/mm.h"

#define DEFAULT_PHYS_BITS 40

/* Blocks in a row that are alike. */
struct run {
	const struct record_block *first;
	const struct record_block *last;
};

static bool is_online(const struct record_block *block)
{
	return strcmp(block->text[RECORD_STATE], "offline") != 0;
}

static bool is_boot(const struct record_block *block)
{
	return is_online(block) && strncmp(block->text[RECORD_ZONES], "Movable", 7);
}

static unsigned int first_node(const struct record_block *block)
{
	return block->nodes ? base_mask_next(block->nodes, 0) : 0;
}

/* The second node of a block on two of them; the first one, if it is on one. */
static unsigned int last_node(const struct record_block *block)
{
	unsigned int nid = first_node(block);
	unsigned int next = block->nodes ? base_mask_next(block->nodes, nid + 1) : BASE_MASK_BITS;

	return next < BASE_MASK_BITS ? next : nid;
}

static bool same_place(const struct record_block *a, const struct record_block *b)
{
	return is_boot(a) == is_boot(b) && last_node(a) == first_node(b) &&
	       first_node(b) == last_node(b) && first_node(a) == last_node(a);
}

static bool same_words(const struct record_block *a, const struct record_block *b)
{
	return is_boot(a) == is_boot(b) && is_online(a) == is_online(b) &&
	       a->show_zones == b->show_zones &&
	       (!a->show_zones || !strcmp(a->text[RECORD_ZONES], b->text[RECORD_ZONES])) &&
	       !strcmp(a->text[RECORD_REMOVABLE], b->text[RECORD_REMOVABLE]);
}

/* From @first on as far as @same goes. */
static struct run run_from(struct record *record, struct record_block *first,
			   bool (*same)(const struct record_block *a, const struct record_block *b))
{
	struct run run = { first, first };
	struct record_block *next;

	while ((next = RB_NEXT(record_blocks, &record->blocks, (struct record_block *)run.last)) &&
	       next->id == run.last->id + 1 && same(run.last, next))
		run.last = next;
	return run;
}

static struct record_block *run_behind(struct record *record, struct run run)
{
	return RB_NEXT(record_blocks, &record->blocks, (struct record_block *)run.last);
}

/* ---- ranges ---------------------------------------------------------------------------------- */

static void put_range(struct base_buf *buf, uint64_t start, uint64_t end, unsigned int node)
{
	base_buf_printf(buf, "  - {start: 0x%" PRIx64 ", end: 0x%" PRIx64 ", node: %u}\n", start,
			end, node);
}

/* What of [start, end] is RAM; without a map of it all, but for what a PC never has. */
static void put_memory(struct record *record, struct base_buf *buf, uint64_t start, uint64_t end,
		       unsigned int node)
{
	bool found = false;

	for (size_t i = 0; i < record->nr_ram; i++) {
		uint64_t from = BASE_MAX(start, record->ram[i].start);
		uint64_t to = BASE_MIN(end, record->ram[i].end);

		if (from >= to)
			continue;
		put_range(buf, from, to, node);
		found = true;
	}
	if (found)
		return;
	if (!start && !strcmp(record->arch, "x86_64")) {
		put_range(buf, 0x1000, 0x9fbff, node);
		start = 1 << 20;
	}
	put_range(buf, start, end, node);
}

static void put_run(struct record *record, struct base_buf *buf, struct run run)
{
	uint64_t start = run.first->id * record->block_size;
	uint64_t end = (run.last->id + 1) * record->block_size - 1;
	unsigned int low = first_node(run.first), high = last_node(run.first);

	if (!is_boot(run.first)) {
		put_range(buf, start, end, low);
	} else if (low == high) {
		put_memory(record, buf, start, end, low);
	} else {
		put_memory(record, buf, start, start + record->block_size / 2 - 1, low);
		put_memory(record, buf, start + record->block_size / 2, end, high);
	}
}

static void put_ranges(struct record *record, struct base_buf *buf, const char *list, bool boot)
{
	struct record_block *block = RB_MIN(record_blocks, &record->blocks);
	bool first = true;

	while (block) {
		struct run run = run_from(record, block, same_place);

		if (is_boot(block) == boot) {
			if (first)
				base_buf_printf(buf, "%s:\n", list);
			first = false;
			put_run(record, buf, run);
		}
		block = run_behind(record, run);
	}
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void put_cmdline(const struct record *record, struct base_buf *buf)
{
	const char *online = record->auto_online, *policy = record->policy;
	const char *memmap = record->memmap_on_memory;

	base_buf_puts(buf, "cmdline: \"");
	if (*online && strcmp(online, "offline"))
		base_buf_printf(buf, "memhp_default_state=%s ", online);
	if (*policy && strcmp(policy, "contig-zones"))
		base_buf_printf(buf, "memory_hotplug.online_policy=%s ", policy);
	if (*memmap && strcmp(memmap, "N"))
		base_buf_printf(buf, "memory_hotplug.memmap_on_memory=%s ", memmap);
	if (buf->len && !buf->failed && buf->data[buf->len - 1] == ' ')
		buf->len--;
	base_buf_puts(buf, "\"\n");
}

/* Wide enough for all blocks, and for as much again. */
static void put_phys_bits(struct record *record, struct base_buf *buf)
{
	const struct record_block *last = RB_MAX(record_blocks, &record->blocks);
	uint64_t end = 2 * (last->id + 1) * record->block_size;
	const struct machine_arch *arch = machine_arch_find(record->arch);
	unsigned int bits = arch ? arch->phys_bits : DEFAULT_PHYS_BITS;

	while (bits < 63 && end > UINT64_C(1) << bits)
		bits++;
	if (arch && bits != arch->phys_bits && bits <= arch->max_phys_bits)
		base_buf_printf(buf, "phys_bits: %u\n", bits);
}

/* phys_device counts in increments. */
static void put_increment(struct record *record, struct base_buf *buf)
{
	struct record_block *block;
	uint64_t device;

	RB_FOREACH(block, record_blocks, &record->blocks) {
		if (base_kstrtoull(block->text[RECORD_PHYS_DEVICE], 10, &device) || !device)
			continue;
		base_buf_printf(buf, "increment: 0x%" PRIx64 "\n",
				block->id * record->block_size / device);
		return;
	}
}

static void put_cpus(struct record *record, struct base_buf *buf)
{
	bool first = true;
	unsigned int nid;

	BASE_MASK_FOREACH(nid, &record->nodes) {
		if (base_mask_empty(&record->cpus[nid]))
			continue;
		base_buf_puts(buf, first ? "cpus:\n" : "");
		first = false;
		base_buf_puts(buf, "  - {list: \"");
		base_mask_print_list(&record->cpus[nid], buf);
		base_buf_printf(buf, "\", node: %u}\n", nid);
	}
}

static void put_recorded(struct record *record, struct base_buf *buf)
{
	struct record_block *block = RB_MIN(record_blocks, &record->blocks);
	bool first = true;

	while (block) {
		const char *removable = block->text[RECORD_REMOVABLE];
		struct run run = run_from(record, block, same_words);
		bool show_removable = *removable && strcmp(removable, "1");

		if (!is_boot(block) || block->show_zones || show_removable) {
			base_buf_puts(buf, first ? "recorded:\n" : "");
			first = false;
			base_buf_printf(buf, "  - {blocks: \"%" PRIu64, run.first->id);
			if (run.first != run.last)
				base_buf_printf(buf, "-%" PRIu64, run.last->id);
			base_buf_printf(buf, "\", state: %s",
					is_online(block) ? "online" : "offline");
			if (block->show_zones)
				base_buf_printf(buf, ", zones: \"%s\"", block->text[RECORD_ZONES]);
			if (show_removable)
				base_buf_printf(buf, ", removable: \"%s\"", removable);
			base_buf_puts(buf, "}\n");
		}
		block = run_behind(record, run);
	}
}

static void put_machine(struct record *record, struct base_buf *buf)
{
	base_buf_puts(buf, "# A machine that was recorded. See memhpfs-machine(5).\n");
	base_buf_printf(buf, "arch: %s\n", record->arch);
	put_cmdline(record, buf);
	base_buf_printf(buf, "block_size: 0x%" PRIx64 "\n", record->block_size);
	if (record->page_size)
		base_buf_printf(buf, "page_size: %" PRIu64 "\n", record->page_size);
	put_phys_bits(record, buf);
	put_increment(record, buf);
	put_ranges(record, buf, "memory", true);
	put_ranges(record, buf, "standby", false);
	put_cpus(record, buf);
	put_recorded(record, buf);
}

/* ---- what has to be said --------------------------------------------------------------------- */

static void compare_zones(struct record *record, const struct machine *machine)
{
	struct record_block *block;
	struct base_buf buf;

	base_buf_init(&buf);
	RB_FOREACH(block, record_blocks, &record->blocks) {
		const struct hp_block *ours = hp_block_find(machine_hp(machine), block->id);

		base_buf_reset(&buf);
		if (ours)
			hp_block_print_zones(machine_hp(machine), ours, &buf);
		if (block->has & 1u << RECORD_ZONES)
			block->show_zones = (is_online(block) && !is_boot(block)) ||
					    strcmp(base_buf_text(&buf), block->text[RECORD_ZONES]);
	}
	base_buf_fini(&buf);
}

static int compare(struct record *record, const struct base_buf *draft)
{
	struct base_clock *clock = base_vclock_new();
	struct machine_spec *spec = NULL;
	struct machine *machine = NULL;
	int ret = clock ? 0 : -ENOMEM;

	if (!ret)
		ret = machine_spec_parse(base_buf_text(draft), draft->len, record->source, 1,
					 record->err, &spec);
	if (!ret) {
		ret = machine_new(spec, clock, &machine);
		if (ret && ret != -ENOMEM)
			record_error(record, "does not boot: %s", strerror(-ret));
	}
	if (!ret)
		compare_zones(record, machine);
	machine_free(machine);
	machine_spec_free(spec);
	base_vclock_free(clock);
	return ret;
}

int record_write(struct record *record, struct base_buf *buf)
{
	struct record_block *block;
	struct base_buf draft;
	int ret;

	RB_FOREACH(block, record_blocks, &record->blocks)
		block->show_zones = is_online(block) && !is_boot(block);
	base_buf_init(&draft);
	put_machine(record, &draft);
	ret = draft.failed ? -ENOMEM : compare(record, &draft);
	base_buf_fini(&draft);
	if (!ret)
		put_machine(record, buf);
	return ret;
}
