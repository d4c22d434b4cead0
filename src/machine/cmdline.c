// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel command line: words, perhaps in double quotes, NAME or NAME=VALUE, where - and _ are
 * one in names (the kernel's kernel/params.c). What is not in the table is ignored, as the kernel
 * does with what it does not know.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine_private.h"

/*
 * @value: NULL when there is no '='
 * Return: 0, or -errno for a value that the kernel complains of.
 */
typedef int param_fn(struct machine *m, const char *value);

static int param_default_state(struct machine *m, const char *value)
{
	int type = value ? base_sysfs_match(hp_type_names, HP_NR_TYPES, value) : -EINVAL;

	/* An early parameter: a wrong word passes in silence. */
	if (type >= 0)
		m->boot_params.auto_online = type;
	return 0;
}

static int param_movable_node(struct machine *m, const char *value)
{
	m->boot_params.movable_node = true;
	m->movable.movable_node = true;
	return 0;
}

/* A percentage leaves an earlier size alone and wins over it; a size ends a percentage. */
static int parse_core(const struct machine *m, const char *value, uint64_t *pages,
		      uint64_t *percent)
{
	const char *end;
	uint64_t number;

	if (!value)
		return -EINVAL;
	number = base_simple_strtoull(value, &end);
	if (*end == '%') {
		*percent = number;
		return 0;
	}
	*pages = base_memparse(value, NULL) >> m->spec->page_shift;
	*percent = 0;
	return 0;
}

/* Whether @word is one of the words between commas (parse_option_str()). */
static bool has_option(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (; text; text = strchr(text, ',')) {
		text += *text == ',';
		if (!strncmp(text, word, len) && (!text[len] || text[len] == ','))
			return true;
	}
	return false;
}

static int param_kernelcore(struct machine *m, const char *value)
{
	if (value && has_option(value, "mirror")) {
		m->movable.mirror = true;
		return 0;
	}
	return parse_core(m, value, &m->movable.kernelcore, &m->movable.kernelcore_percent);
}

static int param_movablecore(struct machine *m, const char *value)
{
	return parse_core(m, value, &m->movable.movablecore, &m->movable.movablecore_percent);
}

static int param_mem(struct machine *m, const char *value)
{
	uint64_t limit = value ? base_memparse(value, NULL) : 0;

	/* Only mem= with an amount says something; mem=nopentium and the like do not. */
	if (limit && m->spec->arch->mem_limits_amount)
		m->mem_limit = limit;
	else if (limit)
		/* What is cut off stays cut off. */
		m->mem_limit = BASE_MIN(m->mem_limit, limit);
	return 0;
}

static int param_free_vmemmap(struct machine *m, const char *value)
{
	return value ? base_kstrtobool(value, &m->free_vmemmap) : -EINVAL;
}

/* crashkernel=SIZE[@OFFSET]; the other forms are not known here. */
static int param_crashkernel(struct machine *m, const char *value)
{
	const char *end;

	m->crash_size = value ? base_memparse(value, &end) : 0;
	m->crash_start = m->crash_size && *end == '@' ? base_memparse(end + 1, NULL) : 0;
	return 0;
}

/* fail_page_alloc=INTERVAL,PROBABILITY,SPACE,TIMES (setup_fault_attr()) */
static int param_fail_alloc(struct machine *m, const char *value)
{
	unsigned long long interval, probability;
	int space, times;

	if (!value ||
	    sscanf(value, "%llu,%llu,%d,%d", &interval, &probability, &space, &times) < 4) {
		base_buf_puts(&m->log, "FAULT_INJECTION: failed to parse arguments\n");
		return 0;
	}
	m->fail_alloc[HP_FAIL_INTERVAL] = (int64_t)interval;
	m->fail_alloc[HP_FAIL_PROBABILITY] = (int64_t)probability;
	m->fail_alloc[HP_FAIL_SPACE] = space;
	m->fail_alloc[HP_FAIL_TIMES] = times;
	m->has_fail_alloc = true;
	return 0;
}

static int param_no_memhotplug(struct machine *m, const char *value)
{
	m->acpi_no_memhotplug = true;
	return 0;
}

/* cma=SIZE; where to put it (cma=SIZE@BASE) is ignored, as there is nothing in the way. */
static int param_cma(struct machine *m, const char *value)
{
	m->cma_bytes = value ? base_memparse(value, NULL) : 0;
	return 0;
}

static int param_policy(struct machine *m, const char *value)
{
	int policy = value ? base_sysfs_match(hp_policy_names, HP_NR_POLICIES, value) : -EINVAL;

	if (policy < 0)
		return policy;
	m->boot_params.policy = policy;
	return 0;
}

static int param_ratio(struct machine *m, const char *value)
{
	return value ? base_kstrtouint(value, 0, &m->boot_params.auto_movable_ratio) : -EINVAL;
}

static int param_numa_aware(struct machine *m, const char *value)
{
	/* A bool without a value is true. */
	return base_kstrtobool(value ? value : "1", &m->boot_params.auto_movable_numa_aware);
}

static int param_memmap(struct machine *m, const char *value)
{
	bool on;

	if (!value)
		return -EINVAL;
	if (!strcmp(value, "force") || !strcmp(value, "FORCE")) {
		m->boot_params.memmap_on_memory = HP_MEMMAP_FORCE;
		m->memmap_forced = true;
		return 0;
	}
	if (base_kstrtobool(value, &on))
		return -EINVAL;
	m->boot_params.memmap_on_memory = on ? HP_MEMMAP_Y : HP_MEMMAP_N;
	return 0;
}

/* @early: an early_param(), with a message of its own */
static int param_unplug_online(struct machine *m, const char *value)
{
	return base_kstrtobool(value ? value : "1", &m->vmem_params.unplug_online);
}

static int param_force_bbm(struct machine *m, const char *value)
{
	return base_kstrtobool(value ? value : "1", &m->vmem_params.force_bbm);
}

static int param_bbm_block_size(struct machine *m, const char *value)
{
	return value ? base_kstrtoull(value, 0, &m->vmem_params.bbm_block_size) : -EINVAL;
}

static const struct {
	const char *name;
	param_fn *fn;
	bool early;
} params[] = {
	{ "memhp_default_state", param_default_state, true },
	{ "movable_node", param_movable_node, true },
	{ "kernelcore", param_kernelcore, true },
	{ "movablecore", param_movablecore, true },
	{ "mem", param_mem, true },
	{ "cma", param_cma, true },
	{ "hugetlb_free_vmemmap", param_free_vmemmap, true },
	{ "crashkernel", param_crashkernel, true },
	{ "acpi_no_memhotplug", param_no_memhotplug, true },
	{ "fail_page_alloc", param_fail_alloc, true },
	{ "memory_hotplug.online_policy", param_policy },
	{ "memory_hotplug.auto_movable_ratio", param_ratio },
	{ "memory_hotplug.auto_movable_numa_aware", param_numa_aware },
	{ "memory_hotplug.memmap_on_memory", param_memmap },
	{ "virtio_mem.unplug_online", param_unplug_online },
	{ "virtio_mem.force_bbm", param_force_bbm },
	{ "virtio_mem.bbm_block_size", param_bbm_block_size },
};

const char *machine_cmdline_word(size_t i)
{
	return i < BASE_ARRAY_SIZE(params) ? params[i].name : NULL;
}

static bool name_equals(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	}
	return *a == *b;
}

/*
 * Cuts the next word out of @text, without its quotes: around the whole word, or around the value
 * (next_arg()). NULL at the end.
 */
static char *next_word(char **text, char **ret_value)
{
	char *start = *text + strspn(*text, " \t\n"), *end, *value = NULL;
	bool quoted = *start == '"', in_quotes = quoted;

	if (!*start)
		return NULL;
	start += quoted;
	for (end = start; *end && (in_quotes || !strchr(" \t\n", *end)); end++) {
		if (*end == '=' && !value)
			value = end + 1;
		if (*end == '"')
			in_quotes = !in_quotes;
	}
	*text = *end ? end + 1 : end;
	*end = '\0';
	if (value) {
		value[-1] = '\0';
		if (*value == '"') {
			value++;
			if (end > value && end[-1] == '"')
				end[-1] = '\0';
		}
	}
	if (quoted && end > start && end[-1] == '"')
		end[-1] = '\0';
	*ret_value = value;
	return start;
}

int machine_cmdline_apply(struct machine *m)
{
	char *copy = strdup(m->spec->cmdline), *text = copy, *word, *value;

	if (!copy)
		return -ENOMEM;
	m->mem_limit = UINT64_MAX;
	m->boot_params = (struct hp_params){
		.auto_online = HP_OFFLINE,
		.policy = HP_POLICY_CONTIG_ZONES,
		.auto_movable_ratio = 301,
		.auto_movable_numa_aware = true,
	};
	while ((word = next_word(&text, &value))) {
		/* What follows is for init. */
		if (!strcmp(word, "--") && !value)
			break;
		for (size_t i = 0; i < BASE_ARRAY_SIZE(params); i++) {
			if (!name_equals(word, params[i].name) || !params[i].fn(m, value))
				continue;
			if (params[i].early)
				base_buf_printf(&m->log, "Malformed early option '%s'\n", word);
			else
				base_buf_printf(&m->log,
						"Booting kernel: `%s' invalid for parameter `%s'\n",
						value ? value : "", word);
		}
	}
	free(copy);
	return 0;
}
