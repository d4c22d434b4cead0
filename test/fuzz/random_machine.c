/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random machine files. They are mostly valid: the machine is to be tested, not the file.
 */
#include <string.h>

#include "memhp/hotplug.h"
#include "random_machine.h"

#define MAX_RANGES 12
#define MAX_WORDS 6

static unsigned long long ull(uint64_t value)
{
	return value;
}

/* One of the names in "a, b (or d), c". */
static void put_one_of(struct dice *dice, const char *names, struct base_buf *text)
{
	unsigned int nr = 1, which;

	for (const char *at = names; (at = strchr(at, ',')); at++)
		nr++;
	for (which = dice_roll(dice, nr); which; which--)
		names = strchr(names, ',') + 2;
	base_buf_add(text, names, strcspn(names, ", "));
}

/* ---- the command line ------------------------------------------------------------------------ */

static void put_cmdline_value(struct dice *dice, struct base_buf *text)
{
	static const char *const values[] = {
		"0",
		"1",
		"y",
		"off",
		"on",
		"force",
		"mirror",
		"10%",
		"50%",
		"100%",
		"hang",
		"contig-zones",
		"auto-movable",
		"offline",
		"online",
		"online_kernel",
		"online_movable",
		"1,100,0,-1",
		"3,50,0,20",
		"64M@256M",
		"-1",
		"nopentium",
		"",
		"301",
		"100",
		"4G@1G",
	};
	unsigned int which = dice_roll(dice, 2 * BASE_ARRAY_SIZE(values));

	if (which < BASE_ARRAY_SIZE(values))
		base_buf_puts(text, values[which]);
	else if (which % 4)
		base_buf_printf(text, "%uM", 1u << dice_roll(dice, 15));
	else if (which % 8)
		base_buf_printf(text, "%uM", dice_roll(dice, 8192));
	else
		base_buf_printf(text, "%llu", ull(dice_number(dice)));
}

static void put_cmdline(struct dice *dice, struct base_buf *text)
{
	unsigned int nr = dice_roll(dice, MAX_WORDS + 1), words = 0;

	while (machine_cmdline_word(words))
		words++;
	base_buf_puts(text, "cmdline: '");
	for (unsigned int i = 0; i < nr; i++) {
		base_buf_printf(text, "%s%s", i ? " " : "",
				machine_cmdline_word(dice_roll(dice, words)));
		if (dice_roll(dice, 8) == 7)
			continue;
		base_buf_puts(text, "=");
		put_cmdline_value(dice, text);
	}
	base_buf_puts(text, "'\n");
}

/* ---- memory ---------------------------------------------------------------------------------- */

/*
 * struct layout - addresses used so far
 * @block: most ranges are multiples of a quarter of it
 */
struct layout {
	struct dice *dice;
	struct base_buf *text;
	uint64_t block;
	uint64_t at;
	unsigned int node[4];
	unsigned int nr_nodes;
};

static unsigned int any_node(struct layout *layout)
{
	return layout->node[dice_roll(layout->dice, layout->nr_nodes)];
}

/* (The compiler may evaluate an expression in any order, so each contains only one roll.) */
static void put_range(struct layout *layout, uint64_t size, const char *flags)
{
	base_buf_printf(layout->text, "  - {start: 0x%llx, end: 0x%llx, node: %u%s}\n",
			ull(layout->at), ull(layout->at + size - 1), any_node(layout), flags);
	layout->at += size;
}

static void put_memory(struct layout *layout)
{
	static const char *const flags[] = {
		"",
		"",
		"",
		"",
		", mirrored: true",
		", hotpluggable: true",
		", nomap: true",
		", mirrored: true, hotpluggable: true",
	};
	struct dice *dice = layout->dice;
	unsigned int nr = dice_roll(dice, MAX_RANGES) + 1;

	base_buf_puts(layout->text, "memory:\n");
	/* The first range of a PC, or memory that begins at a high address. */
	if (!dice_roll(dice, 3))
		layout->at = layout->block * dice_roll(dice, 40);
	put_range(layout, BASE_MAX(layout->block / 4, MIB(64)), "");
	for (unsigned int i = 0; i < nr; i++) {
		uint64_t size = layout->block / 4 * (1 + dice_roll(dice, 12));

		/* holes: none, of pages, of parts of a block, of blocks */
		switch (dice_roll(dice, 6)) {
		case 3:
			layout->at += 4096 * (uint64_t)(1 + dice_roll(dice, 5000));
			break;
		case 4:
			layout->at += layout->block / 8 * dice_roll(dice, 10);
			break;
		case 5:
			layout->at += layout->block * dice_roll(dice, 6);
			break;
		}
		if (dice_chance(dice, 6))
			size -= 1 + dice_roll(dice, 65536);
		put_range(layout, size, flags[dice_roll(dice, BASE_ARRAY_SIZE(flags))]);
	}
}

/* Ranges of whole blocks above the existing ones. */
static void put_blocks(struct layout *layout, const char *list, unsigned int most)
{
	unsigned int nr = dice_roll(layout->dice, 3);

	if (!nr)
		return;
	base_buf_printf(layout->text, "%s:\n", list);
	for (unsigned int i = 0; i < nr; i++) {
		layout->at = BASE_ROUND_UP(layout->at, layout->block) +
			     layout->block * dice_roll(layout->dice, 8);
		put_range(layout, layout->block * (1 + dice_roll(layout->dice, most)), "");
	}
}

static void put_cpus(struct layout *layout)
{
	if (!dice_roll(layout->dice, 2))
		return;
	base_buf_puts(layout->text, "cpus:\n");
	for (unsigned int i = 0; i < layout->nr_nodes; i++)
		base_buf_printf(layout->text, "  - {list: \"%u\", node: %u}\n",
				i + 4 * dice_roll(layout->dice, 200), layout->node[i]);
}

static void put_faults(struct dice *dice, struct base_buf *text)
{
	static const char *const delays[] = { "0", "1", "50", "hang" };
	unsigned int nr = dice_roll(dice, 3);

	if (!nr)
		return;
	base_buf_puts(text, "faults:\n");
	for (unsigned int i = 0; i < nr; i++) {
		base_buf_printf(text, "  - {name: boot%u, phase: %s, errno: EBUSY, ", i,
				hp_fault_names[dice_roll(dice, HP_NR_FAULTS)]);
		base_buf_printf(text, "count: %u, ", dice_roll(dice, 4));
		base_buf_printf(text, "after: %u, ", dice_roll(dice, 4));
		base_buf_printf(text, "delay_ms: %s}\n",
				delays[dice_roll(dice, BASE_ARRAY_SIZE(delays))]);
	}
}

static void put_swap(struct dice *dice, struct base_buf *text)
{
	unsigned int nr = dice_roll(dice, 5);

	if (nr < 2)
		return;
	if (nr == 2) {
		base_buf_printf(text, "swap: %uM\n", 1 + dice_roll(dice, 4096));
		return;
	}
	base_buf_puts(text, "swap:\n");
	for (; nr; nr--) {
		base_buf_printf(text, "  - {type: %s, ",
				machine_swap_type_names[dice_roll(dice, MACHINE_NR_SWAP_TYPES)]);
		base_buf_printf(text, "priority: %u, ", dice_roll(dice, 3));
		base_buf_printf(text, "size: %uM}\n", 1 + dice_roll(dice, 512));
	}
}

/* ---- all ------------------------------------------------------------------------------------- */

static unsigned int page_shift(struct dice *dice, const struct machine_arch *arch)
{
	unsigned int shift[64], nr = 0;

	for (unsigned int i = 0; i < 63; i++) {
		if (arch->page_sizes >> i & 1)
			shift[nr++] = i;
	}
	return shift[dice_roll(dice, nr)];
}

static const struct machine_arch *put_arch(struct dice *dice, struct base_buf *text)
{
	const struct machine_arch *arch;
	struct base_buf names, name;

	base_buf_init(&names);
	base_buf_init(&name);
	machine_arch_print_names(&names);
	put_one_of(dice, base_buf_text(&names), &name);
	base_buf_fini(&names);
	arch = machine_arch_find(base_buf_text(&name));
	FUZZ_REQUIRE(arch != NULL);
	base_buf_printf(text, "arch: %s\n", base_buf_text(&name));
	base_buf_fini(&name);
	return arch;
}

/* Not all that can be said is valid: some symbols depend on others. */
static void put_config(struct dice *dice, struct base_buf *text)
{
	unsigned int nr = 0, symbols = dice_roll(dice, 5);

	while (machine_config_symbol(nr))
		nr++;
	if (symbols)
		base_buf_puts(text, "kernel_config:\n");
	for (unsigned int i = 0; i < symbols; i++)
		base_buf_printf(text, "  %s: %s\n", machine_config_symbol(dice_roll(dice, nr)),
				dice_chance(dice, 4) ? "y" : "n");
}

void random_machine(struct dice *dice, struct base_buf *text)
{
	const struct machine_arch *arch = put_arch(dice, text);
	unsigned int shift = page_shift(dice, arch);
	struct layout layout = {
		.dice = dice,
		.text = text,
		.block = shift == 16 ? arch->section_size_64k : arch->section_size,
	};

	layout.block <<= dice_roll(dice, 4);
	layout.nr_nodes = 1 + dice_roll(dice, 4);
	base_buf_puts(text, "kernel: ");
	put_one_of(dice, "6.1, 6.2, 6.6.1, 6.8-rc1, 6.12", text);
	base_buf_puts(text, "\n");
	put_cmdline(dice, text);
	base_buf_printf(text, "page_size: %uK\nblock_size: 0x%llx\n", 1u << shift >> 10,
			ull(layout.block));
	for (unsigned int i = 0; i < layout.nr_nodes; i++)
		layout.node[i] = i + 5 * dice_roll(dice, 3) * i;
	put_memory(&layout);
	put_blocks(&layout, "standby", 3);
	put_blocks(&layout, "hotplug", 12);
	put_cpus(&layout);
	put_faults(dice, text);
	put_swap(dice, text);
	if (dice_chance(dice, 8))
		base_buf_puts(text, "kasan: true\n");
	if (dice_chance(dice, 8))
		base_buf_puts(text, "kernel_pages: boot\n");
	if (dice_chance(dice, 8))
		base_buf_puts(text, "increment: 256M\n");
	if (dice_chance(dice, 4))
		put_config(dice, text);
}
