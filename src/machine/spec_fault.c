// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fault plans of a machine file. They are read by a plan that is thrown away, so that what is wrong
 * there is wrong here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spec_private.h"

#define AT(i, name) MACHINE_YAML_ENTRY("faults", i, name)

static void take_number(struct machine_yaml *yaml, size_t i, const char *key, const char *text,
			struct machine_fault *plan, enum machine_fault_field field)
{
	bool delay = field == MACHINE_FAULT_DELAY_MS, good = true;
	uint64_t value = MACHINE_FAULT_HANG;

	if (!text)
		return;
	if (!delay || strcmp(text, "hang") != 0)
		good = !base_kstrtoull(text, 0, &value) && (!delay || value != MACHINE_FAULT_HANG);
	if (!good || machine_fault_set(plan, field, value))
		machine_yaml_error(yaml, AT(i, key), "\"%s\" is no such number%s", text,
				   field == MACHINE_FAULT_PROBABILITY ? " (0 to 100)" :
				   delay			      ? " (or \"hang\")" :
									"");
}

static bool is_name(const char *text)
{
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == '/' || *at == '\x7f')
			return false;
	}
	return *text && *text != '.' && strlen(text) <= 255;
}

static void take_fault(struct machine_yaml *yaml, size_t i, struct machine_fault *plan)
{
	const struct machine_yaml_fault *text = &machine_yaml_text(yaml)->faults[i];
	int phase = base_sysfs_match(hp_fault_names, HP_NR_FAULTS, text->phase);

	if (!is_name(text->name))
		machine_yaml_error(yaml, AT(i, "name"), "\"%s\" is no name of a directory",
				   text->name);
	if (phase < 0)
		machine_yaml_error(yaml, AT(i, "phase"), "\"%s\" is not known (see memhpfs(7))",
				   text->phase);
	else
		(void)machine_fault_set_phase(plan, (enum hp_fault)phase);
	if (text->block && machine_fault_set_block(plan, text->block))
		machine_yaml_error(yaml, AT(i, "block"),
				   "\"%s\" are no blocks (any, 32-39, every 3, node 1, "
				   "zone Movable)",
				   text->block);
	if (text->error && machine_fault_set_errno(plan, text->error))
		machine_yaml_error(yaml, AT(i, "errno"), "\"%s\" is no errno (as EBUSY)",
				   text->error);
	take_number(yaml, i, "after", text->after, plan, MACHINE_FAULT_AFTER);
	take_number(yaml, i, "count", text->count, plan, MACHINE_FAULT_COUNT);
	take_number(yaml, i, "probability", text->probability, plan, MACHINE_FAULT_PROBABILITY);
	take_number(yaml, i, "seed", text->seed, plan, MACHINE_FAULT_SEED);
	take_number(yaml, i, "delay_ms", text->delay_ms, plan, MACHINE_FAULT_DELAY_MS);
}

struct named {
	const char *name;
	size_t index;
};

static int by_name(const void *va, const void *vb)
{
	const struct named *a = va, *b = vb;
	int ret = strcmp(a->name, b->name);

	return ret ? ret : (a->index > b->index) - (a->index < b->index);
}

/* Each name once; said of all that are like an earlier one. 0 or -ENOMEM */
static int check_names(struct machine_yaml *yaml, const struct machine_yaml_text *text)
{
	struct named *names = calloc(text->nr_faults + 1, sizeof(*names));
	size_t first = 0;

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < text->nr_faults; i++)
		names[i] = (struct named){ text->faults[i].name, i };
	qsort(names, text->nr_faults, sizeof(*names), by_name);
	for (size_t i = 1; i < text->nr_faults; i++) {
		if (strcmp(names[i].name, names[first].name) != 0)
			first = i;
		else
			machine_yaml_error(yaml, AT(names[i].index, "name"),
					   "\"%s\" is that of faults[%zu]", names[i].name,
					   names[first].index);
	}
	free(names);
	return 0;
}

int machine_spec_take_faults(struct machine_spec *spec, struct machine_yaml *yaml)
{
	const struct machine_yaml_text *text = machine_yaml_text(yaml);
	int ret = 0;

	spec->faults = calloc(text->nr_faults + 1, sizeof(*spec->faults));
	if (!spec->faults)
		return -ENOMEM;
	ret = check_names(yaml, text);
	for (size_t i = 0; !ret && i < text->nr_faults; i++) {
		ret = machine_fault_alloc(text->faults[i].name, &spec->faults[i]);
		if (ret)
			break;
		spec->nr_faults++;
		take_fault(yaml, i, spec->faults[i]);
	}
	return ret;
}
