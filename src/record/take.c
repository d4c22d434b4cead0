// SPDX-License-Identifier: GPL-2.0-or-later
/* Collects the contents of the files of a recorded machine, and checks their consistency. */
#include "record_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MEMORY "sys/devices/system/memory"
#define NODE "sys/devices/system/node"
#define PARAMETERS "sys/module/memory_hotplug/parameters"

static const char *const block_files[RECORD_NR_FILES] = {
	[RECORD_STATE] = "state",
	[RECORD_ZONES] = "valid_zones",
	[RECORD_REMOVABLE] = "removable",
	[RECORD_PHYS_INDEX] = "phys_index",
	[RECORD_PHYS_DEVICE] = "phys_device",
};

RB_GENERATE(record_blocks, record_block, link, record_block_cmp)

int record_block_cmp(const struct record_block *a, const struct record_block *b)
{
	return a->id < b->id ? -1 : a->id > b->id;
}

/* ---- paths of files -------------------------------------------------------------------------- */

/* Returns the part of @path after directory @dir and a slash; NULL: it is not below @dir. */
static const char *below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && path[len] == '/' ? path + len + 1 : NULL;
}

/*
 * Splits a path such as "memory12/state", with @prefix "memory", into the number and the rest.
 * @ret_rest: "state"; "" if nothing follows the number
 */
static bool numbered(const char *path, const char *prefix, uint64_t *ret_number,
		     const char **ret_rest)
{
	size_t len = strlen(prefix), digits;
	char number[24];

	if (strncmp(path, prefix, len))
		return false;
	path += len;
	digits = strspn(path, "0123456789");
	if (!digits || digits >= sizeof(number) || (path[digits] && path[digits] != '/'))
		return false;
	snprintf(number, sizeof(number), "%.*s", (int)digits, path);
	*ret_rest = path + digits + (path[digits] == '/');
	return !base_kstrtoull(number, 10, ret_number);
}

const char *const record_tops[] = {
	MEMORY, NODE, PARAMETERS, "sys/firmware/acpi/tables", "proc", RECORD_SPEC, NULL,
};

const char *record_own_path(const char *path)
{
	for (const char *at = path; at; at = strchr(at, '/')) {
		at += *at == '/';
		for (size_t i = 0; record_tops[i]; i++) {
			size_t len = strlen(record_tops[i]);

			if (!strncmp(at, record_tops[i], len) && (!at[len] || at[len] == '/'))
				return at;
		}
	}
	return NULL;
}

bool record_wants(const char *path)
{
	const char *rest, *in;
	uint64_t number;

	if (!strcmp(path, MEMORY) || !strcmp(path, NODE) || !strcmp(path, PARAMETERS) ||
	    record_wants_boot(path))
		return true;
	if ((rest = below(path, MEMORY)))
		return strncmp(rest, "power", 5) && !strstr(rest, "/power") &&
		       !strstr(rest, "uevent") && strcmp(rest, "probe");
	if ((rest = below(path, NODE)))
		return numbered(rest, "node", &number, &in) &&
		       (!*in || !strncmp(in, "memory", 6) || !strcmp(in, "cpulist"));
	if (below(path, PARAMETERS))
		return true;
	if (!strcmp(path, RECORD_SPEC))
		return true;
	rest = below(path, "proc");
	return rest &&
	       (!strcmp(rest, "cpuinfo") || !strcmp(rest, "iomem") || !strcmp(path, RECORD_CONFIG));
}

/* ---- contents of files ----------------------------------------------------------------------- */

static void copy_line(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%.*s", (int)BASE_MIN(strcspn(text, "\n"), size - 1), text);
}

static struct record_block *block_get(struct record *record, uint64_t id)
{
	struct record_block key = { .id = id };
	struct record_block *block = RB_FIND(record_blocks, &record->blocks, &key);

	if (block)
		return block;
	block = calloc(1, sizeof(*block));
	if (!block) {
		record->failed = true;
		return NULL;
	}
	block->id = id;
	RB_INSERT(record_blocks, &record->blocks, block);
	return block;
}

static void mask_add(struct record *record, struct base_mask **mask, uint64_t bit)
{
	if (!*mask)
		*mask = calloc(1, sizeof(**mask));
	if (!*mask)
		record->failed = true;
	else if (bit < BASE_MASK_BITS)
		base_mask_set(*mask, (unsigned int)bit);
}

static void take_block_file(struct record *record, uint64_t id, const char *name, const char *text)
{
	struct record_block *block = block_get(record, id);

	for (int i = 0; block && i < RECORD_NR_FILES; i++) {
		if (strcmp(name, block_files[i]))
			continue;
		block->has |= 1u << i;
		copy_line(block->text[i], sizeof(block->text[i]), text);
	}
}

static void take_block_size(struct record *record, const char *text)
{
	char hex[24];

	snprintf(hex, sizeof(hex), "0x%.*s", 20, text);
	if (base_kstrtoull(hex, 16, &record->block_size) || !record->block_size)
		record_error(record, MEMORY "/block_size_bytes: \"%.*s\" is not a valid size",
			     (int)strcspn(text, "\n"), text);
}

/* The kernel hides the addresses from unprivileged users: they see 0 for all. */
static void take_iomem(struct record *record, const char *text)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		struct record_ram ram, *grown;
		int named = 0;

		line += *line == '\n';
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " : %n", &ram.start, &ram.end, &named) <
			    2 ||
		    !named || *line == ' ' || strncmp(line + named, "System RAM", 10) || !ram.end)
			continue;
		grown = reallocarray(record->ram, record->nr_ram + 1, sizeof(*grown));
		if (!grown) {
			record->failed = true;
			return;
		}
		record->ram = grown;
		record->ram[record->nr_ram++] = ram;
	}
}

static void take_cpuinfo(struct record *record, const char *text)
{
	static const struct {
		const char *word, *arch;
	} words[] = {
		{ "GenuineIntel", "x86_64" },	{ "AuthenticAMD", "x86_64" },
		{ "CPU implementer", "arm64" }, { "IBM/S390", "s390x" },
		{ "POWER", "ppc64le" },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(words); i++) {
		if (strstr(text, words[i].word))
			copy_line(record->arch, sizeof(record->arch), words[i].arch);
	}
}

/* A configuration that is damaged is not one. */
static void take_config(struct record *record, const char *text, size_t len)
{
	char *unpacked = record_unpack(text, len);

	if (unpacked && !record->config && strstr(unpacked, "\nCONFIG_"))
		record->config = unpacked;
	else
		free(unpacked);
}

void record_file(struct record *record, const char *path, const char *text, size_t len)
{
	const char *rest, *in;
	char line[4096];
	uint64_t number;

	if (record_wants_boot(path)) {
		record_boot_file(record, path, text, len);
	} else if ((rest = below(path, MEMORY))) {
		if (numbered(rest, "memory", &number, &in))
			take_block_file(record, number, in, text);
		else if (!strcmp(rest, "block_size_bytes"))
			take_block_size(record, text);
		else if (!strcmp(rest, "auto_online_blocks"))
			copy_line(record->auto_online, sizeof(record->auto_online), text);
	} else if ((rest = below(path, NODE))) {
		copy_line(line, sizeof(line), text);
		if (numbered(rest, "node", &number, &in) && number < BASE_MASK_BITS &&
		    base_mask_parse(line, &record->cpus[number]))
			record_error(record, "%s: \"%s\" is not a valid list of CPUs", path, line);
	} else if ((rest = below(path, PARAMETERS))) {
		if (!strcmp(rest, "online_policy"))
			copy_line(record->policy, sizeof(record->policy), text);
		else if (!strcmp(rest, "memmap_on_memory"))
			copy_line(record->memmap_on_memory, sizeof(record->memmap_on_memory), text);
	} else if (!strcmp(path, RECORD_SPEC) && !record->spec) {
		record->spec = strdup(text);
		record->failed = record->failed || !record->spec;
	} else if (!strcmp(path, RECORD_CONFIG)) {
		take_config(record, text, len);
	} else if (!strcmp(path, "proc/iomem")) {
		take_iomem(record, text);
	} else if (!strcmp(path, "proc/cpuinfo")) {
		take_cpuinfo(record, text);
	}
}

void record_link(struct record *record, const char *path, const char *target)
{
	const char *rest, *in, *end, *name = strrchr(target, '/');
	struct record_block *block;
	uint64_t number, other;

	name = name ? name + 1 : target;
	if ((rest = below(path, MEMORY)) && numbered(rest, "memory", &number, &in) &&
	    numbered(in, "node", &other, &end)) {
		block = block_get(record, number);
		if (strcmp(name, in))
			record_error(record, "%s points to %s: a broken link", path, target);
		else if (block)
			mask_add(record, &block->nodes, other);
	} else if ((rest = below(path, NODE)) && numbered(rest, "node", &number, &in) &&
		   numbered(in, "memory", &other, &end)) {
		block = block_get(record, other);
		if (strcmp(name, in))
			record_error(record, "%s points to %s: a broken link", path, target);
		else if (block)
			mask_add(record, &block->linked, number);
	}
}

void record_directory(struct record *record, const char *path)
{
	const char *rest = below(path, MEMORY), *in;
	uint64_t number;

	if (rest && numbered(rest, "memory", &number, &in) && !*in)
		(void)block_get(record, number);
	rest = below(path, NODE);
	if (rest && numbered(rest, "node", &number, &in) && !*in && number < BASE_MASK_BITS)
		base_mask_set(&record->nodes, (unsigned int)number);
}

/* ---- checks of consistency ------------------------------------------------------------------- */

static void check_links(struct record *record, const struct record_block *block)
{
	static const struct base_mask none;
	const struct base_mask *nodes = block->nodes ? block->nodes : &none;
	const struct base_mask *linked = block->linked ? block->linked : &none;
	unsigned int nid;

	BASE_MASK_FOREACH(nid, nodes) {
		if (!base_mask_test(&record->nodes, nid))
			record_error(record, "memory%" PRIu64 "/node%u: there is no node%u",
				     block->id, nid, nid);
		else if (!base_mask_test(linked, nid))
			record_error(record, "node%u/memory%" PRIu64 " is missing", nid, block->id);
	}
	BASE_MASK_FOREACH(nid, linked) {
		if (!base_mask_test(nodes, nid))
			record_error(record, "memory%" PRIu64 "/node%u is missing", block->id, nid);
	}
}

static void check_block(struct record *record, const struct record_block *block)
{
	const char *state = block->text[RECORD_STATE], *index = block->text[RECORD_PHYS_INDEX];
	uint64_t id;

	if (!(block->has & 1u << RECORD_STATE))
		record_error(record, MEMORY "/memory%" PRIu64 "/state is missing", block->id);
	else if (strcmp(state, "online") && strcmp(state, "offline") &&
		 strcmp(state, "going-offline"))
		record_error(record, "memory%" PRIu64 "/state: \"%s\" is not a valid state",
			     block->id, state);
	if (*index && (base_kstrtoull(index, 16, &id) || id != block->id))
		record_error(record,
			     "memory%" PRIu64 "/phys_index: \"%s\" is another block: are there two "
			     "block sizes?",
			     block->id, index);
	if (!base_mask_empty(&record->nodes))
		check_links(record, block);
}

/* The architecture and page size of this machine apply only to a live tree. */
static void guess_live(struct record *record)
{
	struct utsname name;

	if (strcmp(record->source, "/") || uname(&name))
		return;
	copy_line(record->arch, sizeof(record->arch), name.machine);
	record->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Guesses from properties that only some architectures have. */
static const char *guess_arch(struct record *record)
{
	struct record_block *block, *first = RB_MIN(record_blocks, &record->blocks);
	bool dma = false, dma32 = false;

	RB_FOREACH(block, record_blocks, &record->blocks) {
		const char *device = block->text[RECORD_PHYS_DEVICE];

		if (*device && strcmp(device, "0"))
			return "s390x";
		dma32 = dma32 || strstr(block->text[RECORD_ZONES], "DMA32");
		dma = dma || strstr(block->text[RECORD_ZONES], "DMA");
	}
	if (first->id && !dma32)
		return "arm64";
	if (!dma && !strstr(first->text[RECORD_ZONES], "none") && record->block_size != 128 << 20)
		return "ppc64le";
	return "x86_64";
}

void record_check(struct record *record, const struct record_options *options)
{
	struct record_block *block;

	if (record->failed)
		return;
	if (RB_EMPTY(&record->blocks)) {
		record_error(record, "has no memory blocks (" MEMORY "/memoryN)");
		return;
	}
	if (!record->block_size && !record->nr_errors)
		record_error(record, MEMORY "/block_size_bytes is missing");
	RB_FOREACH(block, record_blocks, &record->blocks)
		check_block(record, block);
	guess_live(record);
	if (options->arch)
		copy_line(record->arch, sizeof(record->arch), options->arch);
	else if (!*record->arch)
		copy_line(record->arch, sizeof(record->arch), guess_arch(record));
	if (options->page_size)
		record->page_size = options->page_size;
}
