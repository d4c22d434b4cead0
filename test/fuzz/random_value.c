/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random values for the files of a machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/hotplug.h"
#include "random_machine.h"

static const char *named_value(struct dice *dice)
{
	static const char *const values[] = {
		"0",
		"1",
		"-1",
		"2",
		"3",
		"y",
		"n",
		"on",
		"off",
		"auto",
		"any",
		"hang",
		"EBUSY",
		"none",
		"-16",
		"0x1000",
		"128M",
		"256M",
		"1G",
		"4K",
		"2M",
		"100",
		"1000",
		"10000000000",
		"add",
		"remove",
		"change 01234567-0123-0123-0123-0123456789ab A=1",
		"memory34",
		"node1",
		"every 2",
		"zone Movable",
		"node 0",
		"memory add count 1",
		"memory remove count 1",
		"memory add index 0x80000010",
		"memory remove indexed-count 0x80000010 2",
		"dimm/a",
		"dimm/a,dimm/b",
		"/bin/true",
		"",
		"\n",
		"online\n",
		"99999999999999999999",
		"hex",
		"18446744073709551615",
		"\xff\x80",
		"%s%n",
		"kernel",
		"movable",
	};

	return values[dice_roll(dice, BASE_ARRAY_SIZE(values))];
}

static const char *word_of(struct dice *dice, const char *(*word)(size_t i))
{
	size_t nr = 0;

	while (word(nr))
		nr++;
	return word(dice_roll(dice, nr));
}

/* Words that files accept, from their tables. */
static const char *table_value(struct dice *dice)
{
	switch (dice_roll(dice, 6)) {
	case 0:
		return hp_type_names[dice_roll(dice, HP_NR_TYPES)];
	case 1:
		return hp_policy_names[dice_roll(dice, HP_NR_POLICIES)];
	case 2:
		return hp_fault_names[dice_roll(dice, HP_NR_FAULTS)];
	case 3:
		return machine_mempolicy_names[dice_roll(dice, MACHINE_NR_MEMPOLICIES)];
	case 4:
		return machine_oom_names[dice_roll(dice, MACHINE_NR_OOM)];
	default:
		return word_of(dice, machine_workload_kind_word);
	}
}

/* An address where memory is, was, or may be added. */
static uint64_t any_address(struct dice *dice, const struct machine_spec *spec)
{
	size_t nr = spec->nr_memory + spec->nr_hotplug + spec->nr_standby;
	size_t which = dice_roll(dice, nr);
	const struct machine_range *range =
		which < spec->nr_memory ?
			&spec->memory[which] :
		which < spec->nr_memory + spec->nr_hotplug ?
			&spec->hotplug[which - spec->nr_memory] :
			&spec->standby[which - spec->nr_memory - spec->nr_hotplug];
	uint64_t blocks = (range->end - range->start) / spec->block_size + 1;
	uint64_t start = range->start + spec->block_size * dice_roll(dice, BASE_MIN(blocks, 256));

	if (!dice_roll(dice, 4))
		return start;
	return start + ((uint64_t)dice_roll(dice, 65536) << spec->page_shift);
}

void random_value(struct dice *dice, const struct machine_spec *spec, struct base_buf *text)
{
	unsigned long long address;

	switch (dice_roll(dice, 8)) {
	case 0:
	case 1:
		base_buf_puts(text, named_value(dice));
		break;
	case 2:
		base_buf_puts(text, table_value(dice));
		break;
	case 3:
		base_buf_printf(text, "%llu",
				(unsigned long long)spec->block_size * (1 + dice_roll(dice, 4)));
		break;
	case 4:
		address = any_address(dice, spec);
		base_buf_printf(text, "0x%llx",
				dice_roll(dice, 2) ? address : address >> spec->page_shift);
		break;
	case 5:
		base_buf_printf(text, "%llu",
				(unsigned long long)any_address(dice, spec) / spec->block_size);
		break;
	case 6:
		base_buf_printf(text, "%uM", 2 * dice_roll(dice, 1024));
		break;
	default:
		base_buf_printf(text, "%llu", (unsigned long long)dice_number(dice));
	}
}
