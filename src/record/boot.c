// SPDX-License-Identifier: GPL-2.0-or-later
/* What a machine booted with: the release of its kernel, its command line, the firmware's SRAT. */
#include "record_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CMDLINE "proc/cmdline"
#define VERSION "proc/version"
#define POSSIBLE "sys/devices/system/node/possible"
#define SRAT "sys/firmware/acpi/tables/SRAT"

/* The header of the table, before its entries */
#define SRAT_HEADER 48
#define MEMORY_ENABLED 1u
#define MEMORY_HOTPLUG 2u

/* ---- SRAT ------------------------------------------------------------------------------------ */

static uint64_t number(const unsigned char *p, size_t len)
{
	uint64_t value = 0;

	while (len--)
		value = value << 8 | p[len];
	return value;
}

/* The node of a proximity domain: the kernel counts them as it meets them. */
static unsigned int domain_node(struct record *record, unsigned int domain)
{
	size_t i = 0;

	while (i < record->nr_domains && record->domains[i].domain != domain)
		i++;
	if (i == record->nr_domains && i < BASE_MASK_BITS)
		record->domains[record->nr_domains++] =
			(struct machine_domain){ .domain = domain, .node = (unsigned int)i };
	return (unsigned int)i;
}

/** struct srat_entry - where an entry has its domain, by type (ACPI 6.5, 5.2.16) */
struct srat_entry {
	size_t size;
	size_t domain;
	size_t domain_size;
	size_t flags;
	bool memory;
};

static const struct srat_entry srat_entries[] = {
	[0] = { .size = 16, .domain = 2, .domain_size = 1, .flags = 4 }, /* local APIC */
	[1] = { .size = 40, .domain = 2, .domain_size = 4, .flags = 28, .memory = true },
	[2] = { .size = 24, .domain = 4, .domain_size = 4, .flags = 12 }, /* local x2APIC */
	[3] = { .size = 18, .domain = 2, .domain_size = 4, .flags = 10 }, /* GICC */
};

static void take_affinity(struct record *record, const unsigned char *p, uint32_t flags,
			  unsigned int node)
{
	uint64_t start = number(p + 8, 8), len = number(p + 16, 8);
	struct record_affinity *grown;

	if (!len)
		return;
	grown = reallocarray(record->affinity, record->nr_affinity + 1, sizeof(*grown));
	if (!grown) {
		record->failed = true;
		return;
	}
	record->affinity = grown;
	record->affinity[record->nr_affinity++] = (struct record_affinity){
		.start = start,
		.end = start + len - 1,
		.node = node,
		.hotplug = flags & MEMORY_HOTPLUG,
	};
}

/* Takes the enabled entries for memory, or those for CPUs, which the kernel looks at first. */
static void take_entries(struct record *record, const unsigned char *table, size_t len, bool memory)
{
	size_t size;

	for (size_t at = SRAT_HEADER; at + 2 <= len; at += size) {
		const unsigned char *p = table + at;
		const struct srat_entry *entry;
		unsigned int domain;
		uint32_t flags;

		size = p[1];
		if (size < 2 || size > len - at)
			return;
		if (p[0] >= BASE_ARRAY_SIZE(srat_entries))
			continue;
		entry = &srat_entries[p[0]];
		if (entry->memory != memory || size < entry->size)
			continue;
		flags = (uint32_t)number(p + entry->flags, 4);
		if (!(flags & MEMORY_ENABLED))
			continue;
		domain = (unsigned int)number(p + entry->domain, entry->domain_size);
		/* of an APIC, three more bytes are elsewhere */
		if (p[0] == 0)
			domain |= (unsigned int)number(p + 9, 3) << 8;
		domain = domain_node(record, domain);
		if (memory && domain < BASE_MASK_BITS)
			take_affinity(record, p, flags, domain);
	}
}

/* ---- taking files ---------------------------------------------------------------------------- */

bool record_wants_boot(const char *path)
{
	static const char *const paths[] = { CMDLINE, VERSION, POSSIBLE, SRAT };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(paths); i++)
		if (!strcmp(path, paths[i]))
			return true;
	return false;
}

static void take_version(struct record *record, const char *text)
{
	struct machine_kernel kernel;
	char release[64];

	if (sscanf(text, "Linux version %63s", release) != 1)
		return;
	record->kernel_known = !machine_kernel_parse(release, &kernel);
	free(record->kernel);
	record->kernel = strdup(release);
	record->failed = record->failed || !record->kernel;
}

void record_boot_file(struct record *record, const char *path, const char *text, size_t len)
{
	char line[4096];

	snprintf(line, sizeof(line), "%.*s", (int)BASE_MIN(strcspn(text, "\n"), sizeof(line) - 1),
		 text);
	if (!strcmp(path, CMDLINE)) {
		free(record->cmdline);
		record->cmdline = strdup(line);
		record->failed = record->failed || !record->cmdline;
	} else if (!strcmp(path, VERSION)) {
		take_version(record, text);
	} else if (!strcmp(path, POSSIBLE)) {
		if (base_mask_parse(line, &record->possible))
			record_error(record, "%s: \"%s\" is not a valid list of nodes", path, line);
	} else if (!strcmp(path, SRAT)) {
		take_entries(record, (const unsigned char *)text, len, false);
		take_entries(record, (const unsigned char *)text, len, true);
	}
}

/* ---- the description ------------------------------------------------------------------------- */

bool record_booted(const struct record *record, uint64_t start, uint64_t end)
{
	for (size_t i = 0; record->boot && i < record->nr_affinity; i++) {
		const struct record_affinity *a = &record->affinity[i];

		if (!a->hotplug && a->start <= end && a->end >= start)
			return true;
	}
	return false;
}

/* The first of the ranges that ends at or above an address; NULL: none */
static const struct machine_range *range_above(const struct machine_range *ranges, size_t nr,
					       uint64_t start)
{
	const struct machine_range *first = NULL;

	for (size_t i = 0; i < nr; i++)
		if (ranges[i].end >= start && (!first || ranges[i].start < first->start))
			first = &ranges[i];
	return first;
}

/* Adds what of a window is free of memory that is there; each part begins with a block. */
static void add_window(const struct record *record, struct machine_spec *spec,
		       const struct record_affinity *a)
{
	uint64_t start = BASE_ROUND_UP(a->start, record->block_size);

	while (start < a->end) {
		const struct machine_range *memory =
			range_above(spec->memory, spec->nr_memory, start);
		const struct machine_range *next =
			range_above(spec->standby, spec->nr_standby, start);
		uint64_t end = a->end;

		if (!next || (memory && memory->start < next->start))
			next = memory;
		if (next && next->start <= end)
			end = next->start - 1;
		if (!next || next->start > start)
			spec->hotplug[spec->nr_hotplug++] = (struct machine_range){
				.start = start, .end = end, .node = a->node
			};
		if (!next || next->start > a->end)
			break;
		start = BASE_ROUND_UP(next->end + 1, record->block_size);
	}
}

static void add_windows(struct record *record, struct machine_spec *spec)
{
	spec->hotplug = calloc(record->nr_affinity * (spec->nr_memory + spec->nr_standby + 1) + 1,
			       sizeof(*spec->hotplug));
	record->failed = record->failed || !spec->hotplug;
	for (size_t i = 0; spec->hotplug && i < record->nr_affinity; i++)
		if (record->affinity[i].hotplug)
			add_window(record, spec, &record->affinity[i]);
}

void record_boot_describe(struct record *record, struct machine_spec *spec, struct base_buf *notes)
{
	bool differ = false;

	if (!record->boot)
		return;
	if (record->kernel && record->kernel_known)
		spec->kernel = record->kernel;
	else if (record->kernel)
		base_buf_printf(notes, "# Its kernel is %s, which memhpfs does not know.\n",
				record->kernel);
	spec->possible_nodes = record->possible;
	add_windows(record, spec);
	for (size_t i = 0; i < record->nr_domains; i++)
		differ = differ || record->domains[i].domain != record->domains[i].node;
	if (differ) {
		spec->proximity_domains = record->domains;
		spec->nr_proximity_domains = record->nr_domains;
	}
}

void record_boot_fini(struct record *record)
{
	free(record->kernel);
	free(record->cmdline);
	free(record->affinity);
}
