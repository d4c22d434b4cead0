// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keys of a fault plan. The plan itself checks the values, so that a machine file and the tree
 * allow the same. An entry is a pointer to the plan, to which all of its keys apply.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "spec_private.h"

static struct machine_fault *plan_of(const struct spec_value *v)
{
	return *(struct machine_fault **)v->p;
}

/* spec_fault_open() has taken the name over. */
static int name_read(const struct spec_value *v, const char *text)
{
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == '/' || *at == '\x7f')
			return -EINVAL;
	}
	return *text && *text != '.' && strlen(text) <= 255 ? 0 : -EINVAL;
}

static void name_write(const struct spec_value *v, struct base_buf *buf)
{
	spec_put_quoted(machine_fault_name(plan_of(v)), buf);
}

static const struct spec_type name_type = { SPEC_SCALAR, name_read, name_write };

static int phase_read(const struct spec_value *v, const char *text)
{
	int phase = base_sysfs_match(hp_fault_names, HP_NR_FAULTS, text);

	return phase < 0 ? -EINVAL : machine_fault_set_phase(plan_of(v), (enum hp_fault)phase);
}

static void phase_write(const struct spec_value *v, struct base_buf *buf)
{
	base_buf_puts(buf, hp_fault_names[machine_fault_phase(plan_of(v))]);
}

static const struct spec_type phase_type = { SPEC_SCALAR, phase_read, phase_write };

static int block_read(const struct spec_value *v, const char *text)
{
	return machine_fault_set_block(plan_of(v), text);
}

static void block_write(const struct spec_value *v, struct base_buf *buf)
{
	machine_fault_print_block(plan_of(v), buf);
}

static const struct spec_type block_type = { SPEC_SCALAR, block_read, block_write };

static int errno_read(const struct spec_value *v, const char *text)
{
	return machine_fault_set_errno(plan_of(v), text);
}

static void errno_write(const struct spec_value *v, struct base_buf *buf)
{
	machine_fault_print_errno(plan_of(v), buf);
}

static const struct spec_type errno_type = { SPEC_SCALAR, errno_read, errno_write };

/* &spec_key.size is the number of the field. */
static enum machine_fault_field field_of(const struct spec_value *v)
{
	return (enum machine_fault_field)v->key->size;
}

static int field_read(const struct spec_value *v, const char *text)
{
	bool hang = field_of(v) == MACHINE_FAULT_DELAY_MS && !strcmp(text, "hang");
	uint64_t number = MACHINE_FAULT_HANG;

	if (!hang && (base_kstrtoull(text, 0, &number) || number > v->key->bounds.max))
		return -EINVAL;
	return machine_fault_set(plan_of(v), field_of(v), number);
}

static void field_write(const struct spec_value *v, struct base_buf *buf)
{
	uint64_t number = machine_fault_get(plan_of(v), field_of(v));

	if (field_of(v) == MACHINE_FAULT_DELAY_MS && number == MACHINE_FAULT_HANG)
		base_buf_puts(buf, "hang");
	else
		base_buf_printf(buf, "%" PRIu64, number);
}

static const struct spec_type field_type = { SPEC_SCALAR, field_read, field_write };

#define KEY(word, word_type, word_what, word_allowed, ...)                                         \
	{                                                                                          \
		word, &word_type, .what = word_what, .allowed = word_allowed, __VA_ARGS__          \
	}
#define NUMBER(word, field, top, word_what, word_allowed, text)                                    \
	KEY(word, field_type, word_what, word_allowed, .size = (field),                            \
	    .bounds = { .max = (top) }, .help = text)

const struct spec_key spec_fault_keys[] = {
	KEY("name", name_type, "name of a directory", "printable, without / or a dot in front",
	    .required = true, .help = "name of the plan below machine/fault"),
	KEY("phase", phase_type, "phase", "see memhpfs(7)", .required = true,
	    .help = "step that is to fail"),
	KEY("block", block_type, "block", "any, 32-39, every 3, node 1, zone Movable",
	    .help = "blocks that it applies to"),
	KEY("errno", errno_type, "errno", "EBUSY, 16 or none", .help = "error of the step"),
	NUMBER("after", MACHINE_FAULT_AFTER, UINT64_MAX, "number", "decimal or 0x...",
	       "steps that pass first"),
	NUMBER("count", MACHINE_FAULT_COUNT, UINT64_MAX, "number", "decimal or 0x...",
	       "steps that fail then; 0: unlimited"),
	NUMBER("probability", MACHINE_FAULT_PROBABILITY, 100, "probability", "0 to 100",
	       "percentage of steps that fail"),
	NUMBER("seed", MACHINE_FAULT_SEED, UINT64_MAX, "number", "decimal or 0x...",
	       "which steps these are"),
	NUMBER("delay_ms", MACHINE_FAULT_DELAY_MS, MACHINE_FAULT_HANG - 1, "delay",
	       "milliseconds, or hang", "time that the step is held up first"),
	{ 0 },
};

int spec_fault_open(const struct spec_node *node, void *x)
{
	return machine_fault_alloc(spec_node_get(node, "name")->text, x);
}

static int by_name(const void *va, const void *vb)
{
	const struct spec_node *const *a = va, *const *b = vb;
	int ret = strcmp(spec_node_get(*a, "name")->text, spec_node_get(*b, "name")->text);

	return ret ? ret : ((*a)->index > (*b)->index) - ((*a)->index < (*b)->index);
}

/* No two plans have the same name; reported for all that are like an earlier one. */
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
