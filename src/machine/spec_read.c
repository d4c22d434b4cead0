/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The values of a machine file: from text to numbers. Each key has a function that reads it, says
 * what is wrong with it, and then goes on with a value that is right, so that one run shows all
 * errors of a file. Only running out of memory ends it.
 *
 * A range that is wrong is left with end 0, a node that is wrong as BASE_MASK_BITS.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "spec_private.h"

#define SPEC_MAX_BLOCK_SIZE (UINT64_C(64) << 30)
#define SPEC_MIN_PHYS_BITS 32
#define SPEC_EDGE 256
#define SPEC_DEFAULT_KERNEL "6.12.117"
#define SPEC_DEFAULT_ARCH "x86_64"
#define SPEC_ADDRESS_FORM "decimal, 0x... or with a suffix K, M, G, T"
#define SPEC_NODE_FORM "0 to 1023"

#define KEY(name) MACHINE_YAML_KEY(name)
#define ENTRY(list, index, name) MACHINE_YAML_ENTRY(list, index, name)

static bool spec_is_power_of_two(uint64_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

/* ---- single values --------------------------------------------------------------------------- */

static int spec_take_text(struct machine_yaml *yaml, const char *key, const char *text,
			  const char *otherwise, char **ret_text)
{
	const char *at;
	char *copy;

	for (at = text ? text : ""; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || *at == '\x7f') {
			machine_yaml_error(yaml, KEY(key),
					   "has a control character (one line of printable text)");
			break;
		}
	}
	copy = strdup(text ? text : otherwise);
	if (!copy)
		return -ENOMEM;
	*ret_text = copy;
	return 0;
}

static int spec_take_kernel(struct machine_spec *spec, struct machine_yaml *yaml)
{
	const char *text = machine_yaml_text(yaml)->kernel;

	if (text && (*text == '\0' || strchr(text, ' ')))
		machine_yaml_error(yaml, KEY("kernel"),
				   "\"%s\" is no release name (one word, as uname -r prints it)",
				   text);
	return spec_take_text(yaml, "kernel", text, SPEC_DEFAULT_KERNEL, &spec->kernel);
}

static int spec_take_cmdline(struct machine_spec *spec, struct machine_yaml *yaml)
{
	return spec_take_text(yaml, "cmdline", machine_yaml_text(yaml)->cmdline, "",
			      &spec->cmdline);
}

static int spec_take_arch(struct machine_spec *spec, struct machine_yaml *yaml)
{
	const char *text = machine_yaml_text(yaml)->arch;

	spec->arch = machine_arch_find(text ? text : SPEC_DEFAULT_ARCH);
	if (spec->arch)
		return 0;
	machine_yaml_error(yaml, KEY("arch"), "\"%s\" is not known (%s)", text,
			   machine_arch_names());
	/* All else is then checked against an architecture that may be there. */
	spec->arch = machine_arch_find(SPEC_DEFAULT_ARCH);
	return 0;
}

static void spec_say_page_size(struct machine_yaml *yaml, const struct machine_arch *arch,
			       const char *text)
{
	struct base_buf buf;
	unsigned int shift;

	base_buf_init(&buf);
	for (shift = 0; shift < 32; shift++) {
		if (arch->page_sizes & 1U << shift)
			base_buf_printf(&buf, "%s%uK", buf.len > 0 ? ", " : "", 1U << shift >> 10);
	}
	machine_yaml_error(yaml, KEY("page_size"), "\"%s\" is no page size of %s (%s)", text,
			   arch->name, base_buf_text(&buf));
	base_buf_fini(&buf);
}

static int spec_take_page_size(struct machine_spec *spec, struct machine_yaml *yaml)
{
	const char *text = machine_yaml_text(yaml)->page_size;
	uint64_t size;

	spec->page_shift = spec->arch->page_shift;
	if (!text)
		return 0;
	if (base_parse_size(text, &size) < 0 || !spec_is_power_of_two(size) ||
	    !(size & spec->arch->page_sizes))
		spec_say_page_size(yaml, spec->arch, text);
	else
		spec->page_shift = (unsigned int)__builtin_ctzll(size);
	return 0;
}

static int spec_take_phys_bits(struct machine_spec *spec, struct machine_yaml *yaml)
{
	const char *text = machine_yaml_text(yaml)->phys_bits;
	uint32_t bits;

	spec->phys_bits = spec->arch->phys_bits;
	if (!text)
		return 0;
	if (base_kstrtouint(text, 0, &bits) < 0 || bits < SPEC_MIN_PHYS_BITS ||
	    bits > spec->arch->max_phys_bits)
		machine_yaml_error(yaml, KEY("phys_bits"),
				   "\"%s\" is no physical address width of %s (%d to %u)", text,
				   spec->arch->name, SPEC_MIN_PHYS_BITS, spec->arch->max_phys_bits);
	else
		spec->phys_bits = bits;
	return 0;
}

static int spec_take_increment(struct machine_spec *spec, struct machine_yaml *yaml)
{
	const char *text = machine_yaml_text(yaml)->increment;

	if (text && (base_parse_size(text, &spec->increment) < 0 ||
		     !spec_is_power_of_two(spec->increment) || spec->increment < 1 << 20 ||
		     spec->increment > SPEC_MAX_BLOCK_SIZE)) {
		machine_yaml_error(yaml, KEY("increment"),
				   "\"%s\" is no storage increment (a power of two from 1M to "
				   "64G)",
				   text);
		spec->increment = 0;
	}
	return 0;
}

static int spec_take_block_size(struct machine_spec *spec, struct machine_yaml *yaml)
{
	uint64_t section = machine_spec_section_size(spec), size;
	const char *text = machine_yaml_text(yaml)->block_size;

	spec->block_size = machine_arch_block_size(spec);
	if (!text)
		return 0;
	if (base_parse_size(text, &size) < 0 || !spec_is_power_of_two(size) || size < section ||
	    size > SPEC_MAX_BLOCK_SIZE)
		machine_yaml_error(yaml, KEY("block_size"),
				   "\"%s\" is no block size (a power of two from %" PRIu64
				   "M, a section of %s, to 64G)",
				   text, section >> 20, spec->arch->name);
	else
		spec->block_size = size;
	return 0;
}

static int spec_take_kernel_pages(struct machine_spec *spec, struct machine_yaml *yaml)
{
	static const char *const words[] = {
		[MACHINE_KERNEL_PAGES_ZONELIST] = "zonelist",
		[MACHINE_KERNEL_PAGES_BOOT] = "boot",
	};
	const char *text = machine_yaml_text(yaml)->kernel_pages;
	int word = text ? base_sysfs_match(words, BASE_ARRAY_SIZE(words), text) :
			  MACHINE_KERNEL_PAGES_ZONELIST;

	if (word < 0)
		machine_yaml_error(yaml, KEY("kernel_pages"), "\"%s\" is not known (%s, %s)", text,
				   words[0], words[1]);
	else
		spec->kernel_pages = (enum machine_kernel_pages)word;
	return 0;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static unsigned int spec_parse_node(struct machine_yaml *yaml, struct machine_yaml_at at,
				    const char *text)
{
	uint32_t node;

	if (base_kstrtouint(text, 10, &node) == 0 && node < BASE_MASK_BITS)
		return node;
	machine_yaml_error(yaml, at, "\"%s\" is no node number (" SPEC_NODE_FORM ")", text);
	return BASE_MASK_BITS;
}

static bool spec_parse_address(const struct machine_spec *spec, struct machine_yaml *yaml,
			       struct machine_yaml_at at, const char *text, uint64_t *ret_address)
{
	uint64_t address, last = (UINT64_C(1) << spec->phys_bits) - 1;

	if (base_parse_size(text, &address) < 0) {
		machine_yaml_error(yaml, at, "\"%s\" is no address (" SPEC_ADDRESS_FORM ")", text);
		return false;
	}
	if (address > last) {
		machine_yaml_error(yaml, at,
				   "0x%" PRIx64 " is beyond the physical address width of %u bits "
				   "(up to 0x%" PRIx64 "; phys_bits sets the width)",
				   address, spec->phys_bits, last);
		return false;
	}
	*ret_address = address;
	return true;
}

static bool spec_parse_bool(struct machine_yaml *yaml, struct machine_yaml_at at, const char *text)
{
	if (!text || !strcmp(text, "false"))
		return false;
	if (strcmp(text, "true") != 0)
		machine_yaml_error(yaml, at, "\"%s\" is not known (true, false)", text);
	return true;
}

static void spec_parse_range(const struct machine_spec *spec, struct machine_yaml *yaml,
			     const char *list, size_t i, const struct machine_yaml_range *text,
			     struct machine_range *range)
{
	bool ok;

	range->line = machine_yaml_line(yaml, ENTRY(list, i, NULL));
	range->node = spec_parse_node(yaml, ENTRY(list, i, "node"), text->node);
	range->nomap = spec_parse_bool(yaml, ENTRY(list, i, "nomap"), text->nomap);
	range->hotpluggable =
		spec_parse_bool(yaml, ENTRY(list, i, "hotpluggable"), text->hotpluggable);
	range->mirrored = spec_parse_bool(yaml, ENTRY(list, i, "mirrored"), text->mirrored);
	ok = spec_parse_address(spec, yaml, ENTRY(list, i, "start"), text->start, &range->start);
	ok = spec_parse_address(spec, yaml, ENTRY(list, i, "end"), text->end, &range->end) && ok;
	if (ok && range->end <= range->start) {
		machine_yaml_error(yaml, ENTRY(list, i, "end"),
				   "0x%" PRIx64 " is not above start 0x%" PRIx64
				   " (the address of the last byte)",
				   range->end, range->start);
		ok = false;
	}
	if (!ok)
		range->end = 0;
}

/*
 * A range of memory that begins or ends at an odd place is not meant so, as no firmware has such
 * ranges; mostly the end is the byte behind it.
 */
static bool spec_check_edges(struct machine_yaml *yaml, size_t i, const struct machine_range *range)
{
	uint64_t near_end = BASE_ROUND_UP(range->end, SPEC_EDGE) - 1;
	bool starts = BASE_ALIGNED(range->start, SPEC_EDGE);
	bool ends = BASE_ALIGNED(range->end + 1, SPEC_EDGE);

	if (!starts)
		machine_yaml_error(yaml, ENTRY("memory", i, "start"),
				   "0x%" PRIx64 " is not the address of a first byte (a multiple "
				   "of %d)",
				   range->start, SPEC_EDGE);
	if (!ends)
		machine_yaml_error(yaml, ENTRY("memory", i, "end"),
				   "0x%" PRIx64 " is not the address of a last byte (a multiple "
				   "of %d, less 1; as 0x%" PRIx64 ")",
				   range->end, SPEC_EDGE, near_end);
	return starts && ends;
}

static int spec_take_memory(struct machine_spec *spec, struct machine_yaml *yaml)
{
	const struct machine_yaml_text *text = machine_yaml_text(yaml);
	bool ram = false;
	size_t i;

	spec->memory = calloc(text->nr_memory + 1, sizeof(*spec->memory));
	if (!spec->memory)
		return -ENOMEM;
	spec->nr_memory = text->nr_memory;
	for (i = 0; i < spec->nr_memory; i++) {
		spec_parse_range(spec, yaml, "memory", i, &text->memory[i], &spec->memory[i]);
		if (spec->memory[i].end && !spec_check_edges(yaml, i, &spec->memory[i]))
			spec->memory[i].end = 0;
		ram = ram || !spec->memory[i].nomap;
	}
	if (!ram)
		machine_yaml_error(yaml, KEY("memory"),
				   "has no System RAM (at least one range that is not nomap)");
	return 0;
}

/* Ranges that begin and end with a block. */
static int spec_take_blocks(struct machine_spec *spec, struct machine_yaml *yaml, const char *list,
			    const struct machine_yaml_range *text, size_t nr,
			    struct machine_range **ret_ranges)
{
	struct machine_range *ranges = calloc(nr + 1, sizeof(*ranges));

	if (!ranges)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		struct machine_range *range = &ranges[i];

		spec_parse_range(spec, yaml, list, i, &text[i], range);
		if (range->end == 0)
			continue;
		if (!BASE_ALIGNED(range->start, spec->block_size))
			machine_yaml_error(yaml, ENTRY(list, i, "start"),
					   "0x%" PRIx64 " is not the start of a block "
					   "(a multiple of block_size 0x%" PRIx64 ")",
					   range->start, spec->block_size);
		if (!BASE_ALIGNED(range->end + 1, spec->block_size))
			machine_yaml_error(yaml, ENTRY(list, i, "end"),
					   "0x%" PRIx64 " is not the last byte of a block "
					   "(a multiple of block_size 0x%" PRIx64 ", less 1)",
					   range->end, spec->block_size);
	}
	*ret_ranges = ranges;
	return 0;
}

static int spec_take_hotplug(struct machine_spec *spec, struct machine_yaml *yaml)
{
	const struct machine_yaml_text *text = machine_yaml_text(yaml);

	spec->nr_hotplug = text->nr_hotplug;
	return spec_take_blocks(spec, yaml, "hotplug", text->hotplug, text->nr_hotplug,
				&spec->hotplug);
}

static int spec_take_standby(struct machine_spec *spec, struct machine_yaml *yaml)
{
	const struct machine_yaml_text *text = machine_yaml_text(yaml);

	spec->nr_standby = text->nr_standby;
	return spec_take_blocks(spec, yaml, "standby", text->standby, text->nr_standby,
				&spec->standby);
}

/* Which entry of cpus a node or a CPU came in first, counted from 1. */
struct spec_owners {
	size_t of_node[BASE_MASK_BITS + 1];
	size_t of_cpu[BASE_MASK_BITS];
};

static void spec_parse_cpus(struct machine_yaml *yaml, size_t i, struct machine_cpus *cpus,
			    struct spec_owners *owners)
{
	const struct machine_yaml_cpus *text = &machine_yaml_text(yaml)->cpus[i];
	unsigned int cpu;

	cpus->node = spec_parse_node(yaml, ENTRY("cpus", i, "node"), text->node);
	if (cpus->node < BASE_MASK_BITS && owners->of_node[cpus->node] > 0)
		machine_yaml_error(yaml, ENTRY("cpus", i, "node"),
				   "node %u has its CPUs in cpus[%zu] (one entry per node)",
				   cpus->node, owners->of_node[cpus->node] - 1);
	owners->of_node[cpus->node] = i + 1;
	if (base_mask_parse(text->list, &cpus->list) < 0)
		machine_yaml_error(yaml, ENTRY("cpus", i, "list"),
				   "\"%s\" is no list of CPUs (numbers up to %d, as in 0-3,8)",
				   text->list, BASE_MASK_BITS - 1);
	BASE_MASK_FOREACH(cpu, &cpus->list) {
		if (owners->of_cpu[cpu] > 0) {
			machine_yaml_error(yaml, ENTRY("cpus", i, "list"),
					   "CPU %u is in cpus[%zu] already (one node per CPU)", cpu,
					   owners->of_cpu[cpu] - 1);
			break;
		}
		owners->of_cpu[cpu] = i + 1;
	}
}

static int spec_take_cpus(struct machine_spec *spec, struct machine_yaml *yaml)
{
	const struct machine_yaml_text *text = machine_yaml_text(yaml);
	struct spec_owners owners = { 0 };
	size_t i;

	spec->cpus = calloc(text->nr_cpus + 1, sizeof(*spec->cpus));
	if (!spec->cpus)
		return -ENOMEM;
	spec->nr_cpus = text->nr_cpus;
	for (i = 0; i < spec->nr_cpus; i++)
		spec_parse_cpus(yaml, i, &spec->cpus[i], &owners);
	return 0;
}

static int spec_take_kasan(struct machine_spec *spec, struct machine_yaml *yaml)
{
	spec->kasan = spec_parse_bool(yaml, KEY("kasan"), machine_yaml_text(yaml)->kasan);
	return 0;
}

int machine_spec_read(struct machine_spec *spec, struct machine_yaml *yaml)
{
	static int (*const steps[])(struct machine_spec * spec, struct machine_yaml * yaml) = {
		spec_take_kernel,	    spec_take_arch,	  spec_take_cmdline,
		spec_take_page_size,	    spec_take_phys_bits,  spec_take_increment,
		spec_take_memory,	    spec_take_block_size, spec_take_hotplug,
		spec_take_standby,	    spec_take_cpus,	  spec_take_kernel_pages,
		machine_spec_take_recorded, spec_take_kasan,	  machine_spec_take_faults,
	};
	size_t i;
	int r = 0;

	for (i = 0; i < BASE_ARRAY_SIZE(steps) && r == 0; i++)
		r = steps[i](spec, yaml);
	return r;
}
