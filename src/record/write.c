// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes a machine file that shows the same as the recorded machine. Blocks that are online in a
 * kernel zone become boot memory, all others standby memory, since they contain nothing of the
 * booting kernel. A machine is booted from a draft to find zones that differ; only these are
 * stored.
 */
#include "record_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/hotplug.h"
#include "memhp/mm.h"

/* Consecutive blocks that are alike. */
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
	return is_online(block) &&
	       (block->booted || strncmp(block->text[RECORD_ZONES], "Movable", 7));
}

static unsigned int first_node(const struct record_block *block)
{
	return block->nodes ? base_mask_next(block->nodes, 0) : 0;
}

/* The second node of a block on two nodes; otherwise its only node. */
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

/* The run of blocks from @first on for which @same holds. */
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

/* ---- ranges of memory ------------------------------------------------------------------------ */

/* Adds an entry to a list of @nr entries of @size bytes in the machine; NULL: out of memory. */
static void *add_entry(struct record *record, void *list, size_t *nr, size_t size)
{
	char *entries;

	memcpy(&entries, list, sizeof(entries));
	entries = reallocarray(entries, *nr + 1, size);
	if (!entries) {
		record->failed = true;
		return NULL;
	}
	memcpy(list, &entries, sizeof(entries));
	return memset(entries + (*nr)++ * size, 0, size);
}

#define ADD_ENTRY(record, spec, list)                                                              \
	add_entry(record, &(spec)->list, &(spec)->nr_##list, sizeof(*(spec)->list))

static void set_range(struct machine_range *range, uint64_t start, uint64_t end, unsigned int node)
{
	if (range)
		*range = (struct machine_range){ .start = start, .end = end, .node = node };
}

/* Adds the RAM in [start, end]; if /proc/iomem shows none, all but the holes that every PC has. */
static void add_memory(struct record *record, struct machine_spec *spec, uint64_t start,
		       uint64_t end, unsigned int node)
{
	bool found = false;

	for (size_t i = 0; i < record->nr_ram; i++) {
		uint64_t from = BASE_MAX(start, record->ram[i].start);
		uint64_t to = BASE_MIN(end, record->ram[i].end);

		if (from >= to)
			continue;
		set_range(ADD_ENTRY(record, spec, memory), from, to, node);
		found = true;
	}
	if (found)
		return;
	if (!start && spec->arch->low_reserved) {
		set_range(ADD_ENTRY(record, spec, memory), 0x1000, 0x9fbff, node);
		start = spec->arch->low_reserved;
	}
	set_range(ADD_ENTRY(record, spec, memory), start, end, node);
}

/* Adds what the firmware says of boot memory in [start, end]; false if it says nothing. */
static bool add_affinity(struct record *record, struct machine_spec *spec, uint64_t start,
			 uint64_t end)
{
	bool found = false;

	for (size_t i = 0; record->boot && i < record->nr_affinity; i++) {
		const struct record_affinity *a = &record->affinity[i];
		uint64_t from = BASE_MAX(start, a->start), to = BASE_MIN(end, a->end);

		if (a->hotplug || from >= to)
			continue;
		add_memory(record, spec, from, to, a->node);
		found = true;
	}
	return found;
}

static void add_run(struct record *record, struct machine_spec *spec, struct run run)
{
	uint64_t start = run.first->id * record->block_size;
	uint64_t end = (run.last->id + 1) * record->block_size - 1;
	uint64_t middle = start + record->block_size / 2;
	unsigned int low = first_node(run.first), high = last_node(run.first);

	if (!is_boot(run.first)) {
		set_range(ADD_ENTRY(record, spec, standby), start, end, low);
	} else if (add_affinity(record, spec, start, end)) {
		return;
	} else if (low == high) {
		add_memory(record, spec, start, end, low);
	} else {
		add_memory(record, spec, start, middle - 1, low);
		add_memory(record, spec, middle, end, high);
	}
}

static void add_ranges(struct record *record, struct machine_spec *spec)
{
	struct record_block *block = RB_MIN(record_blocks, &record->blocks);

	while (block) {
		struct run run = run_from(record, block, same_place);

		add_run(record, spec, run);
		block = run_behind(record, run);
	}
}

/* ---- other keys ------------------------------------------------------------------------------ */

/* Whether the command line has the word at its end, or followed by a blank */
static bool has_word(const char *cmdline, const char *key, const char *value)
{
	const char *word = strstr(cmdline, key);

	if (!word)
		return false;
	word += strlen(key);
	return !strncmp(word, value, strlen(value)) &&
	       (!word[strlen(value)] || word[strlen(value)] == ' ');
}

/* Adds KEY=VALUE unless it is the default or already there; the last one counts. */
static void print_word(const struct record *record, const char *key, const char *value,
		       const char *otherwise, struct base_buf *buf)
{
	const char *given = record->boot && record->cmdline ? record->cmdline : "";

	if (!*value || has_word(given, key, value) ||
	    (!strcmp(value, otherwise) && !strstr(given, key)))
		return;
	base_buf_printf(buf, "%s%s%s", buf->len ? " " : "", key, value);
}

static void print_cmdline(const struct record *record, struct base_buf *buf)
{
	if (record->boot && record->cmdline)
		base_buf_puts(buf, record->cmdline);
	print_word(record, "memhp_default_state=", record->auto_online, "offline", buf);
	print_word(record, "memory_hotplug.online_policy=", record->policy, "contig-zones", buf);
	print_word(record, "memory_hotplug.memmap_on_memory=", record->memmap_on_memory, "N", buf);
}

/* The width of physical addresses: enough for twice the highest one of a block. */
static unsigned int phys_bits(struct record *record, const struct machine_arch *arch)
{
	const struct record_block *last = RB_MAX(record_blocks, &record->blocks);
	uint64_t end = 2 * (last->id + 1) * record->block_size;
	unsigned int bits = arch->phys_bits;

	while (bits < 63 && end > UINT64_C(1) << bits)
		bits++;
	return bits <= arch->max_phys_bits ? bits : arch->phys_bits;
}

/* The unit of phys_device is the increment. */
static uint64_t increment(struct record *record)
{
	struct record_block *block;
	uint64_t device;

	RB_FOREACH(block, record_blocks, &record->blocks) {
		if (!base_kstrtoull(block->text[RECORD_PHYS_DEVICE], 10, &device) && device)
			return block->id * record->block_size / device;
	}
	return 0;
}

static void add_cpus(struct record *record, struct machine_spec *spec)
{
	struct machine_cpus *cpus;
	unsigned int nid;

	BASE_MASK_FOREACH(nid, &record->nodes) {
		if (base_mask_empty(&record->cpus[nid]))
			continue;
		cpus = ADD_ENTRY(record, spec, cpus);
		if (cpus)
			*cpus = (struct machine_cpus){ .list = record->cpus[nid], .node = nid };
	}
}

/* The words remain owned by the blocks. */
static void add_recorded(struct record *record, struct machine_spec *spec)
{
	struct record_block *block = RB_MIN(record_blocks, &record->blocks);

	while (block) {
		char *removable = block->text[RECORD_REMOVABLE];
		struct run run = run_from(record, block, same_words);
		bool show_removable = *removable && strcmp(removable, "1");
		struct machine_recorded *recorded = NULL;

		if (!is_boot(block) || block->show_zones || show_removable)
			recorded = ADD_ENTRY(record, spec, recorded);
		if (recorded)
			*recorded = (struct machine_recorded){
				.first = run.first->id,
				.last = run.last->id,
				.online = is_online(block),
				.zones = block->show_zones ? block->text[RECORD_ZONES] : NULL,
				.removable = show_removable ? removable : NULL,
			};
		block = run_behind(record, run);
	}
}

static void put_machine(struct record *record, struct base_buf *buf)
{
	struct machine_spec spec = {
		.arch = machine_arch_find(record->arch),
		.block_size = record->block_size,
		.increment = increment(record),
	};
	struct base_buf cmdline, notes;

	machine_spec_take_config(&spec, record->config);
	base_buf_init(&notes);
	base_buf_init(&cmdline);
	print_cmdline(record, &cmdline);
	spec.cmdline = (char *)base_buf_text(&cmdline);
	spec.phys_bits = phys_bits(record, spec.arch);
	spec.page_shift = record->page_size ? (unsigned int)__builtin_ctzll(record->page_size) : 0;
	add_ranges(record, &spec);
	add_cpus(record, &spec);
	add_recorded(record, &spec);
	record_boot_describe(record, &spec, &notes);
	base_buf_puts(buf, "# A machine that was recorded. See memhpfs-machine(5).\n");
	base_buf_puts(buf, base_buf_text(&notes));
	machine_spec_write(&spec, buf);
	buf->failed = buf->failed || cmdline.failed || notes.failed || record->failed;
	free(spec.memory);
	free(spec.standby);
	free(spec.cpus);
	free(spec.recorded);
	free(spec.hotplug);
	base_buf_fini(&notes);
	base_buf_fini(&cmdline);
}

/* ---- zones that have to be stored ------------------------------------------------------------ */

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

static int check_arch(struct record *record)
{
	struct base_buf names;

	if (machine_arch_find(record->arch))
		return 0;
	base_buf_init(&names);
	machine_arch_print_names(&names);
	record_error(record, "architecture %s is not known (%s)", record->arch,
		     base_buf_text(&names));
	base_buf_fini(&names);
	return -EINVAL;
}

int record_write(struct record *record, struct base_buf *buf)
{
	struct record_block *block;
	struct base_buf draft;
	int ret;

	ret = check_arch(record);
	if (ret)
		return ret;
	RB_FOREACH(block, record_blocks, &record->blocks) {
		uint64_t start = block->id * record->block_size;

		block->booted = record_booted(record, start, start + record->block_size - 1);
		block->show_zones = is_online(block) && !is_boot(block);
	}
	base_buf_init(&draft);
	put_machine(record, &draft);
	ret = draft.failed ? -ENOMEM : compare(record, &draft);
	base_buf_fini(&draft);
	if (!ret)
		put_machine(record, buf);
	return ret;
}
