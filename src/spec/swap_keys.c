/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of swap areas. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec_private.h"

#define AT(member)                                                                                 \
	offsetof(struct machine_swap_area, member), sizeof(((struct machine_swap_area *)0)->member)

const char *const machine_swap_type_names[MACHINE_NR_SWAP_TYPES] = { "partition", "file" };

#define SWAP_TYPES 32
#define SWAP_TYPES_MIGRATION 3
#define SWAP_TYPES_MARKER 1
#define SWAP_TYPES_POISON 1
#define SWAP_TYPES_DEVICE 4

/* The kernel uses some of the numbers of areas for page table entries of other kinds. */
int machine_spec_max_swap(const struct machine_spec *spec)
{
	int most = SWAP_TYPES - SWAP_TYPES_MARKER;

	if (machine_spec_has(spec, MACHINE_MIGRATION))
		most -= SWAP_TYPES_MIGRATION;
	if (machine_spec_has(spec, MACHINE_MEMORY_FAILURE))
		most -= SWAP_TYPES_POISON;
	if (machine_spec_has(spec, MACHINE_ZONE_DEVICE))
		most -= SWAP_TYPES_DEVICE;
	return most;
}

bool machine_spec_is_path(const char *text)
{
	return *text == '/' && spec_is_printable(text) && strlen(text) < 256;
}

static struct spec_bounds size_bounds(const struct machine_spec *spec)
{
	return (struct spec_bounds){ (uint64_t)MACHINE_SWAP_PAGES_MIN << spec->page_shift,
				     (uint64_t)MACHINE_SWAP_PAGES_MAX << spec->page_shift, 0 };
}

const struct spec_key spec_swap_keys[] = {
	{ "size", &spec_size, AT(size), .required = true, .stands_alone = true,
	  .bounds_of = size_bounds, .what = "size", .help = "bytes of the area" },
	{ "type", &spec_word, AT(type), .words = machine_swap_type_names,
	  .nr_words = MACHINE_NR_SWAP_TYPES, .otherwise = "partition", .what = "type",
	  .help = "partition or file" },
	{ "path", &spec_text, AT(path), .what = "path", .valid = machine_spec_is_path,
	  .allowed = "up to 255 printable characters, the first one a /",
	  .help = "what /proc/swaps calls it" },
	{ "priority", &spec_number, AT(priority), .base = 10,
	  .bounds = { 0, MACHINE_SWAP_PRIO_MAX, MACHINE_SWAP_PRIO_AUTO }, .what = "priority",
	  .help = "areas with a higher one are used first" },
	{ 0 },
};

/* Areas without a path get one by their number. */
static int name_all(struct machine_spec *spec)
{
	for (size_t i = 0; i < spec->nr_swap; i++) {
		struct machine_swap_area *area = &spec->swap[i];
		const char *dir = area->type == MACHINE_SWAP_FILE ? "/" : "/dev/";

		if (!area->path && asprintf(&area->path, "%sswap%zu", dir, i) < 0) {
			area->path = NULL;
			return -ENOMEM;
		}
	}
	return 0;
}

int spec_swap_check_all(struct spec_reader *reader)
{
	struct machine_spec *spec = reader->spec;
	int ret = name_all(spec), most = machine_spec_max_swap(spec);

	if (spec->nr_swap && !machine_spec_has(spec, MACHINE_SWAP))
		spec_say_key(&reader->doc, reader->doc.root, "swap",
			     "there is no swap without SWAP (left out; or kernel_config with "
			     "SWAP: y)");
	if (!ret && spec->nr_swap > (size_t)most)
		spec_say_key(&reader->doc, reader->doc.root, "swap",
			     "has %zu areas (at most %d on this kernel)", spec->nr_swap, most);
	for (size_t i = 0; !ret && i < spec->nr_swap; i++) {
		for (size_t j = 0; j < i; j++) {
			if (strcmp(spec->swap[i].path, spec->swap[j].path) != 0)
				continue;
			spec_say_key(&reader->doc, spec_doc_entry(&reader->doc, "swap", i), "path",
				     "\"%s\" is the path of swap[%zu] already", spec->swap[i].path,
				     j);
			break;
		}
	}
	return ret;
}
