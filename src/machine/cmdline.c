// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parameters of the kernel command line: a function for each, and the table of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "crashkernel.h"

/* A size and nothing after it; the kernel accepts any text that begins with a size. */
static int take_size(const char *value, uint64_t *ret_size)
{
	const char *end;

	*ret_size = base_memparse(value, &end);
	return end == value || *end ? CMDLINE_IGNORED : 0;
}

static int param_default_state(struct machine *m, const char *value)
{
	int type = value ? base_sysfs_match(hp_type_names, HP_NR_TYPES, value) : -EINVAL;

	if (type < 0)
		return CMDLINE_IGNORED;
	m->boot_params.auto_online = type;
	return 0;
}

static int param_movable_node(struct machine *m, const char *value)
{
	m->boot_params.movable_node = true;
	m->movable.movable_node = true;
	return 0;
}

/* A percentage overrides an earlier size but keeps it; a size cancels a percentage. */
static int parse_core(const struct machine *m, const char *value, uint64_t *pages,
		      uint64_t *percent)
{
	const char *end;
	uint64_t number;
	int ret;

	if (!value)
		return -EINVAL;
	number = base_simple_strtoull(value, &end);
	if (*end == '%') {
		*percent = number;
		return end == value || end[1] ? CMDLINE_IGNORED : 0;
	}
	*percent = 0;
	ret = take_size(value, &number);
	*pages = number >> m->spec->page_shift;
	return ret;
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
	uint64_t limit = 0;
	int ret = value ? take_size(value, &limit) : -EINVAL;

	/* Only mem= with an amount has an effect; mem=nopentium and the like do not. */
	if (!limit)
		return value && m->spec->arch->mem_limits_amount ? CMDLINE_IGNORED : -EINVAL;
	/* If it is an address, a later mem= can only lower it. */
	if (!m->spec->arch->mem_limits_amount)
		limit = BASE_MIN(m->mem_limit, limit);
	m->mem_limit = limit;
	return ret;
}

static int param_free_vmemmap(struct machine *m, const char *value)
{
	return base_kstrtobool(value ? value : "1", &m->free_vmemmap);
}

/* Which of these words count is decided when memory is reserved (crashkernel.c). */
static int param_crashkernel(struct machine *m, const char *value)
{
	return value && machine_crash_is_valid(value) ? 0 : CMDLINE_IGNORED;
}

/*
 * fail_page_alloc=INTERVAL,PROBABILITY,SPACE,TIMES (setup_fault_attr(); the kernel reports
 * values that it cannot parse as unknown parameters)
 */
static int param_fail_alloc(struct machine *m, const char *value)
{
	unsigned long long interval, probability;
	int space, times;

	if (!value ||
	    sscanf(value, "%llu,%llu,%d,%d", &interval, &probability, &space, &times) < 4) {
		base_buf_puts(&m->log, "FAULT_INJECTION: failed to parse arguments\n");
		return -EINVAL;
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

/* cma=SIZE; a position (cma=SIZE@BASE) has no effect, as nothing else is in the way. */
static int param_cma(struct machine *m, const char *value)
{
	if (value)
		return machine_cma_parse(m, value) ? CMDLINE_IGNORED : 0;
	base_buf_puts(&m->log, "cma: Config string not provided\n");
	return -EINVAL;
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

	/* A kernel that is built without it does not look at the word. */
	if (!machine_kernel_has(&m->spec->profile, m->spec->arch->memmap_since, 0))
		return 0;
	if (!value)
		return -EINVAL;
	if (m->spec->profile.memmap_force && (!strcmp(value, "force") || !strcmp(value, "FORCE"))) {
		m->boot_params.memmap_on_memory = HP_MEMMAP_FORCE;
		m->memmap_forced = true;
		return 0;
	}
	if (base_kstrtobool(value, &on))
		return -EINVAL;
	m->boot_params.memmap_on_memory = on ? HP_MEMMAP_Y : HP_MEMMAP_N;
	return 0;
}

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

#define ALLOWED_CORE "a size, as 512M; 25%"
#define ALLOWED_BOOL "Y, N"

static const struct cmdline_param params[] = {
	{ "memhp_default_state", param_default_state, CMDLINE_SETUP_VALUE,
	  "offline, online, online_kernel, online_movable" },
	{ "movable_node", param_movable_node, CMDLINE_EARLY, NULL, MACHINE_MEMORY_HOTREMOVE },
	{ "kernelcore", param_kernelcore, CMDLINE_EARLY, ALLOWED_CORE "; mirror" },
	{ "movablecore", param_movablecore, CMDLINE_EARLY, ALLOWED_CORE },
	{ "mem", param_mem, CMDLINE_EARLY, "a size, as 4G" },
	{ "cma", param_cma, CMDLINE_EARLY, "a size, as 64M; 64M@2G; 64M@0-4G", MACHINE_DMA_CMA },
	{ "hugetlb_free_vmemmap", param_free_vmemmap, CMDLINE_MODULE, ALLOWED_BOOL,
	  MACHINE_HUGETLB_VMEMMAP },
	{ "crashkernel", param_crashkernel, CMDLINE_EARLY,
	  "a size, as 256M; 256M@1G; 1G-4G:64M,4G-:256M; 256M,high", MACHINE_CRASH_DUMP },
	{ "acpi_no_memhotplug", param_no_memhotplug, CMDLINE_SETUP, NULL, MACHINE_ACPI_MEMORY },
	{ "fail_page_alloc", param_fail_alloc, CMDLINE_SETUP_VALUE,
	  "four numbers: interval, probability, space, times; as 1,50,0,-1",
	  MACHINE_FAIL_PAGE_ALLOC },
	{ "memory_hotplug.online_policy", param_policy, CMDLINE_MODULE,
	  "contig-zones, auto-movable" },
	{ "memory_hotplug.auto_movable_ratio", param_ratio, CMDLINE_MODULE,
	  "a number of percent, as 301" },
	{ "memory_hotplug.auto_movable_numa_aware", param_numa_aware, CMDLINE_MODULE, ALLOWED_BOOL,
	  MACHINE_NUMA },
	{ "memory_hotplug.memmap_on_memory", param_memmap, CMDLINE_MODULE, "Y, N, force",
	  MACHINE_MEMMAP_ON_MEMORY },
	{ "virtio_mem.unplug_online", param_unplug_online, CMDLINE_MODULE, ALLOWED_BOOL,
	  MACHINE_VIRTIO_MEM },
	{ "virtio_mem.force_bbm", param_force_bbm, CMDLINE_MODULE, ALLOWED_BOOL,
	  MACHINE_VIRTIO_MEM },
	{ "virtio_mem.bbm_block_size", param_bbm_block_size, CMDLINE_MODULE, "a number of bytes",
	  MACHINE_VIRTIO_MEM },
};

const char *machine_cmdline_word(size_t i)
{
	return i < BASE_ARRAY_SIZE(params) ? params[i].name : NULL;
}

const char *machine_cmdline_allowed(size_t i)
{
	return i < BASE_ARRAY_SIZE(params) ? params[i].allowed : NULL;
}

bool cmdline_name_matches(const char *word, const char *name, bool prefix)
{
	for (; *word && *name; word++, name++) {
		if ((*word == '-' ? '_' : *word) != *name)
			return false;
	}
	return !*name && (prefix || !*word);
}

const struct cmdline_param *cmdline_find(const struct machine *m, const char *word,
					 const char *value)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(params); i++) {
		if (!machine_spec_has(m->spec, params[i].needs))
			continue;
		if (cmdline_name_matches(word, params[i].name, params[i].form == CMDLINE_SETUP) &&
		    (params[i].form != CMDLINE_SETUP_VALUE || value))
			return &params[i];
	}
	return NULL;
}

const struct cmdline_param *cmdline_meant(const char *word)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(params); i++) {
		const char *name = params[i].name, *dot = strchr(name, '.');

		if (base_is_near(word, name) || (dot && base_is_near(word, dot + 1)))
			return &params[i];
	}
	return NULL;
}
