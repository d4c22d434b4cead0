/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks between the keys of a machine file: ranges do not overlap, nodes are possible, each
 * possible node has memory, a window or a CPU, and blocks that are referred to can exist. Ranges
 * and nodes that are invalid by themselves (see machine_keys.c) have been reported and are skipped.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/mm.h"
#include "spec_private.h"

bool machine_spec_has_node(const struct machine_spec *spec, uint64_t nid,
			   struct base_buf *ret_possible)
{
	if (nid < BASE_MASK_BITS && base_mask_test(&spec->possible_nodes, (unsigned int)nid))
		return true;
	if (base_mask_empty(&spec->possible_nodes))
		base_buf_puts(ret_possible, "which is empty");
	else
		base_mask_print_list(&spec->possible_nodes, ret_possible);
	return false;
}

/* A range and its place in the file. */
struct spec_span {
	const struct machine_range *range;
	const char *list;
	size_t index;
};

static int spec_span_compare(const void *va, const void *vb)
{
	const struct spec_span *a = va, *b = vb;

	return (a->range->start > b->range->start) - (a->range->start < b->range->start);
}

/* If memory and a window start at the same line, the error is reported for the window. */
static bool spec_span_is_later(const struct spec_span *a, const struct spec_span *b)
{
	if (a->range->line != b->range->line)
		return a->range->line > b->range->line;
	return a->list == b->list ? a->index > b->index : strcmp(a->list, "memory") != 0;
}

static void spec_say_overlap(struct spec_doc *doc, const struct spec_span *a,
			     const struct spec_span *b)
{
	const struct spec_span *later = spec_span_is_later(a, b) ? a : b;
	const struct spec_span *other = later == a ? b : a;

	spec_say_key(doc, spec_doc_entry(doc, later->list, later->index), "start",
		     "0x%" PRIx64 "-0x%" PRIx64 " overlaps %s[%zu] in line %u, 0x%" PRIx64
		     "-0x%" PRIx64 " (ranges that lie apart)",
		     later->range->start, later->range->end, other->list, other->index,
		     other->range->line, other->range->start, other->range->end);
}

static size_t spec_collect(const struct machine_range *ranges, size_t nr, const char *list,
			   struct spec_span *spans)
{
	size_t i, nr_spans = 0;

	for (i = 0; i < nr; i++) {
		if (ranges[i].end > 0)
			spans[nr_spans++] = (struct spec_span){ &ranges[i], list, i };
	}
	return nr_spans;
}

static int spec_check_overlaps(const struct machine_spec *spec, struct spec_doc *doc)
{
	const struct spec_span *highest;
	struct spec_span *spans;
	size_t i, nr;

	spans = calloc(spec->nr_memory + spec->nr_hotplug + spec->nr_standby + 1, sizeof(*spans));
	if (!spans)
		return -ENOMEM;
	nr = spec_collect(spec->memory, spec->nr_memory, "memory", spans);
	nr += spec_collect(spec->hotplug, spec->nr_hotplug, "hotplug", spans + nr);
	nr += spec_collect(spec->standby, spec->nr_standby, "standby", spans + nr);
	qsort(spans, nr, sizeof(*spans), spec_span_compare);
	highest = spans;
	for (i = 1; i < nr; i++) {
		if (spans[i].range->start <= highest->range->end)
			spec_say_overlap(doc, highest, &spans[i]);
		if (spans[i].range->end > highest->range->end)
			highest = &spans[i];
	}
	free(spans);
	return 0;
}

/* Adds @node to @nodes if it is valid. */
static void spec_add_node(struct base_mask *nodes, unsigned int node)
{
	if (node < BASE_MASK_BITS)
		base_mask_set(nodes, node);
}

/*
 * @ret_named: the nodes that the file mentions outside possible_nodes
 * @ret_equipped: the nodes with memory, a window or a CPU
 */
static void spec_find_nodes(const struct machine_spec *spec, struct base_mask *ret_named,
			    struct base_mask *ret_equipped)
{
	struct base_mask named = { 0 }, equipped;
	size_t i;

	for (i = 0; i < spec->nr_memory; i++)
		spec_add_node(&named, spec->memory[i].node);
	for (i = 0; i < spec->nr_hotplug; i++)
		spec_add_node(&named, spec->hotplug[i].node);
	for (i = 0; i < spec->nr_standby; i++)
		spec_add_node(&named, spec->standby[i].node);
	for (i = 0; i < spec->nr_proximity_domains; i++)
		spec_add_node(&named, spec->proximity_domains[i].node);
	equipped = named;
	for (i = 0; i < spec->nr_cpus; i++) {
		spec_add_node(&named, spec->cpus[i].node);
		if (!base_mask_empty(&spec->cpus[i].list))
			spec_add_node(&equipped, spec->cpus[i].node);
	}
	*ret_named = named;
	*ret_equipped = equipped;
}

static void spec_check_possible(const struct machine_spec *spec, struct spec_doc *doc,
				const char *list, size_t i, unsigned int node)
{
	struct base_buf possible;

	/* An invalid node has been reported. */
	if (node >= BASE_MASK_BITS)
		return;
	if (node > 0 && !machine_spec_has(spec, MACHINE_NUMA)) {
		spec_say_key(doc, spec_doc_entry(doc, list, i), "node",
			     "there is no node %u without NUMA (0; or kernel_config with NUMA: y)",
			     node);
		return;
	}
	base_buf_init(&possible);
	if (!machine_spec_has_node(spec, node, &possible))
		spec_say_key(doc, spec_doc_entry(doc, list, i), "node",
			     "node %u is not in possible_nodes (%s)", node,
			     base_buf_text(&possible));
	base_buf_fini(&possible);
}

static void spec_say_bare(struct spec_doc *doc, const struct spec_node *mapping, const char *key,
			  unsigned int node)
{
	spec_say_key(doc, mapping, key,
		     "node %u has no memory, no hotplug window and no CPU (a possible node has one "
		     "of them)",
		     node);
}

void spec_possible_preset(const struct spec_value *v)
{
	struct base_mask equipped;

	spec_find_nodes(v->spec, v->p, &equipped);
}

static void spec_check_nodes(const struct machine_spec *spec, struct spec_doc *doc)
{
	struct base_mask named, equipped;
	unsigned int node;
	size_t i;

	spec_find_nodes(spec, &named, &equipped);
	for (i = 0; i < spec->nr_memory; i++)
		spec_check_possible(spec, doc, "memory", i, spec->memory[i].node);
	for (i = 0; i < spec->nr_hotplug; i++)
		spec_check_possible(spec, doc, "hotplug", i, spec->hotplug[i].node);
	for (i = 0; i < spec->nr_standby; i++)
		spec_check_possible(spec, doc, "standby", i, spec->standby[i].node);
	for (i = 0; i < spec->nr_proximity_domains; i++)
		spec_check_possible(spec, doc, "proximity_domains", i,
				    spec->proximity_domains[i].node);
	for (i = 0; i < spec->nr_cpus; i++) {
		spec_check_possible(spec, doc, "cpus", i, spec->cpus[i].node);
		if (spec->cpus[i].node < BASE_MASK_BITS &&
		    !base_mask_test(&equipped, spec->cpus[i].node))
			spec_say_bare(doc, spec_doc_entry(doc, "cpus", i), "node",
				      spec->cpus[i].node);
	}
	BASE_MASK_FOREACH(node, &spec->possible_nodes) {
		if (!base_mask_test(&named, node))
			spec_say_bare(doc, doc->root, "possible_nodes", node);
	}
}

/* Whether all ranges are valid. */
static bool spec_ranges_are_good(const struct machine_spec *spec)
{
	size_t left_out = 0;

	for (size_t i = 0; i < spec->nr_memory; i++)
		left_out += !spec->memory[i].end;
	for (size_t i = 0; i < spec->nr_hotplug; i++)
		left_out += !spec->hotplug[i].end;
	for (size_t i = 0; i < spec->nr_standby; i++)
		left_out += !spec->standby[i].end;
	return !left_out;
}

static bool has_block(const struct machine_range *ranges, size_t nr, uint64_t first, uint64_t last,
		      uint64_t block_size)
{
	for (size_t i = 0; i < nr; i++) {
		if (ranges[i].end && ranges[i].start / block_size <= last &&
		    ranges[i].end / block_size >= first)
			return true;
	}
	return false;
}

/* Blocks that are standby memory as a whole. */
static bool has_standby(const struct machine_spec *spec, uint64_t first, uint64_t last)
{
	uint64_t size = spec->block_size;

	for (size_t i = 0; i < spec->nr_standby; i++) {
		uint64_t start = BASE_ROUND_UP(spec->standby[i].start, size) / size;

		if (start <= last && first < (spec->standby[i].end + 1) / size &&
		    start < (spec->standby[i].end + 1) / size)
			return true;
	}
	return false;
}

/* Whether any of these blocks can ever exist. */
static bool spec_has_blocks(const struct machine_spec *spec, uint64_t first, uint64_t last)
{
	uint64_t size = spec->block_size;

	/* A probe accepts any address, and so do devices of a machine without windows. */
	if (machine_spec_has(spec, MACHINE_MEMORY_PROBE) || !spec->nr_hotplug)
		return first <= ((UINT64_C(1) << spec->phys_bits) - 1) / size;
	return has_block(spec->memory, spec->nr_memory, first, last, size) ||
	       has_block(spec->hotplug, spec->nr_hotplug, first, last, size) ||
	       has_standby(spec, first, last);
}

static bool spec_has_zone(const struct machine_spec *spec, enum mm_zone_type zone)
{
	uint64_t dma = machine_spec_zone_end(spec, MM_ZONE_DMA);

	if (zone == MM_ZONE_DMA)
		return dma > 0;
	if (zone == MM_ZONE_DMA32)
		return machine_spec_zone_end(spec, MM_ZONE_DMA32) > dma;
	return zone != MM_ZONE_DEVICE;
}

/* Whether any block can ever match the plan. */
static bool spec_can_match(const struct machine_spec *spec, const struct machine_fault_plan *plan)
{
	switch (plan->by) {
	case MACHINE_FAULT_NODE:
		return base_mask_test(&spec->possible_nodes, (unsigned int)plan->low);
	case MACHINE_FAULT_ZONE:
		return spec_has_zone(spec, (enum mm_zone_type)plan->low);
	case MACHINE_FAULT_RANGE:
		return spec_has_blocks(spec, plan->low, plan->high);
	default:
		return true;
	}
}

static void spec_check_faults(const struct machine_spec *spec, struct spec_doc *doc)
{
	for (size_t i = 0; i < spec->nr_faults; i++) {
		const struct spec_node *node = spec_doc_entry(doc, "faults", i);

		if (!spec_can_match(spec, &spec->faults[i]))
			spec_say_key(doc, node, "block",
				     "\"%s\" can never be there (a block of memory, hotplug or "
				     "standby; a possible node; a zone of %s)",
				     spec_node_get(node, "block")->text, spec->arch->name);
	}
}

/* Recorded blocks exist at boot; those that are offline are standby memory. */
static void spec_check_recorded(const struct machine_spec *spec, struct spec_doc *doc)
{
	uint64_t size = spec->block_size;

	for (size_t i = 0; i < spec->nr_recorded; i++) {
		const struct machine_recorded *recorded = &spec->recorded[i];
		const uint64_t ends[] = { recorded->first, recorded->last };

		/* An invalid range of blocks, which is empty, has been reported. */
		for (int end = 0; end < 2 && recorded->first <= recorded->last; end++) {
			uint64_t id = ends[end];

			if (has_standby(spec, id, id) ||
			    (recorded->online &&
			     has_block(spec->memory, spec->nr_memory, id, id, size)))
				continue;
			spec_say_key(doc, spec_doc_entry(doc, "recorded", i), "blocks",
				     "block %" PRIu64 " is not in %s", id,
				     recorded->online ? "memory or standby" :
							"standby (no other is offline)");
			break;
		}
	}
}

/* Memory must contain at least one whole page. */
static void spec_check_pages(const struct machine_spec *spec, struct spec_doc *doc)
{
	uint64_t page = UINT64_C(1) << spec->page_shift;

	if (!spec->nr_memory)
		return;
	for (size_t i = 0; i < spec->nr_memory; i++) {
		const struct machine_range *range = &spec->memory[i];

		/* Invalid ranges have been reported. */
		if (!range->end ||
		    BASE_ROUND_UP(range->start, page) < BASE_ROUND_DOWN(range->end + 1, page))
			return;
	}
	spec_say_key(doc, doc->root, "memory", "has not one whole page (of %" PRIu64 "K)",
		     page >> 10);
}

int spec_check(const struct machine_spec *spec, struct spec_doc *doc)
{
	spec_check_nodes(spec, doc);
	spec_check_pages(spec, doc);
	if (spec_ranges_are_good(spec)) {
		spec_check_recorded(spec, doc);
		spec_check_faults(spec, doc);
	}
	return spec_check_overlaps(spec, doc);
}
