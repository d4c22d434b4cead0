// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of a fault plan. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "spec_private.h"

bool spec_is_name(const char *text)
{
	return *text && *text != '.' && !strchr(text, '/') && strlen(text) <= 255;
}

/* The value is the plan. */
static int block_read(const struct spec_value *v, const char *text)
{
	return machine_plan_parse_block(v->p, text);
}

static void block_write(const struct spec_value *v, struct base_buf *buf)
{
	machine_plan_print_block(v->p, buf);
}

static const struct spec_type block_type = { SPEC_SCALAR, block_read, block_write };

/* The value is the plan. */
static int errno_read(const struct spec_value *v, const char *text)
{
	return machine_plan_parse_errno(v->p, text);
}

static void errno_write(const struct spec_value *v, struct base_buf *buf)
{
	machine_plan_print_errno(v->p, buf);
}

static const struct spec_type errno_type = { SPEC_SCALAR, errno_read, errno_write };

static int delay_read(const struct spec_value *v, const char *text)
{
	if (strcmp(text, "hang") != 0)
		return spec_number.read(v, text);
	*(uint64_t *)v->p = MACHINE_FAULT_HANG;
	return 0;
}

static void delay_write(const struct spec_value *v, struct base_buf *buf)
{
	if (*(uint64_t *)v->p == MACHINE_FAULT_HANG)
		base_buf_puts(buf, "hang");
	else
		spec_number.write(v, buf);
}

static const struct spec_type delay_type = { SPEC_SCALAR, delay_read, delay_write };

#define AT(member)                                                                                 \
	offsetof(struct machine_fault_plan, member),                                               \
		sizeof(((struct machine_fault_plan *)0)->member)
#define COUNTER(word, which, text)                                                                 \
	{                                                                                          \
		word, &spec_number, AT(number[which]), .bounds = { .max = UINT64_MAX },            \
						       .what = "number",                           \
						       .allowed = "decimal or 0x...", .help = text \
	}

const struct spec_key spec_fault_keys[] = {
	{ "name", &spec_text, AT(name), .required = true, .valid = spec_is_name,
	  .what = "name of a directory", .allowed = "printable, without / or a dot in front",
	  .help = "name of the plan below machine/fault" },
	{ "phase", &spec_word, AT(phase), .required = true, .words = hp_fault_names,
	  .nr_words = HP_NR_FAULTS, .what = "phase", .allowed = "see memhpfs(7)",
	  .help = "step that is to fail" },
	{ "block", &block_type, 0, .otherwise = "any", .what = "block",
	  .allowed = "any, 32-39, every 3, node 1, zone Movable",
	  .help = "blocks that it applies to" },
	{ "errno", &errno_type, 0, .otherwise = "EBUSY", .what = "errno",
	  .allowed = "EBUSY, 16 or none", .help = "error of the step" },
	COUNTER("after", MACHINE_FAULT_AFTER, "steps that pass first"),
	COUNTER("count", MACHINE_FAULT_COUNT, "steps that fail then; 0: unlimited"),
	{ "probability", &spec_number, AT(number[MACHINE_FAULT_PROBABILITY]),
	  .bounds = { 0, 100, 100 }, .what = "probability",
	  .help = "percentage of steps that fail" },
	COUNTER("seed", MACHINE_FAULT_SEED, "which steps these are"),
	{ "delay_ms", &delay_type, AT(number[MACHINE_FAULT_DELAY_MS]),
	  .bounds = { 0, MACHINE_FAULT_MAX_DELAY_MS, 0 }, .what = "delay",
	  .allowed = "milliseconds, or hang", .help = "time that the step is held up first" },
	{ 0 },
};

static int by_name(const void *va, const void *vb)
{
	const struct spec_node *const *a = va, *const *b = vb;
	int ret = strcmp(spec_node_get(*a, "name")->text, spec_node_get(*b, "name")->text);

	return ret ? ret : ((*a)->index > (*b)->index) - ((*a)->index < (*b)->index);
}

/* Reports each plan that has the name of an earlier one. */
int spec_fault_check_all(struct spec_reader *reader)
{
	size_t nr = reader->spec->nr_faults;
	const struct spec_node **nodes = calloc(nr + 1, sizeof(*nodes)), *first;

	if (!nodes)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		nodes[i] = spec_doc_entry(&reader->doc, "faults", i);
	qsort(nodes, nr, sizeof(*nodes), by_name);
	first = nodes[0];
	for (size_t i = 1; i < nr; i++) {
		const char *name = spec_node_get(nodes[i], "name")->text;

		if (strcmp(name, spec_node_get(first, "name")->text) != 0)
			first = nodes[i];
		else
			spec_say_key(&reader->doc, nodes[i], "name",
				     "\"%s\" is that of faults[%zu]", name, first->index);
	}
	free(nodes);
	return 0;
}
