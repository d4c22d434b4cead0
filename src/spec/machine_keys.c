/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of a machine. Relations between them are checked in check.c.
 *
 * An invalid range is stored with end 0, an invalid node as BASE_MASK_BITS.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "spec_private.h"

#define MAX_BLOCK_SIZE (UINT64_C(64) << 30)
#define EDGE 256
#define INCREMENT_MIN MIB(1)

/* ---- values with a syntax of their own ------------------------------------------------------- */

static bool is_release(const char *text)
{
	struct machine_kernel kernel;

	return !machine_kernel_parse(text, &kernel);
}

static void release_allow(const struct spec_value *v, struct base_buf *buf)
{
	base_buf_puts(buf, "Linux ");
	machine_kernel_print_versions(buf);
	base_buf_puts(buf, ", as uname -r prints it");
}

static int arch_read(const struct spec_value *v, const char *text)
{
	const struct machine_arch **ret_arch = v->p;

	*ret_arch = machine_arch_find(text);
	return *ret_arch ? 0 : -EINVAL;
}

static void arch_write(const struct spec_value *v, struct base_buf *buf)
{
	base_buf_puts(buf, v->spec->arch->name);
}

static void arch_allow(const struct spec_value *v, struct base_buf *buf)
{
	machine_arch_print_names(buf);
}

static const struct spec_type arch_type = { SPEC_SCALAR, arch_read, arch_write, NULL, arch_allow };

/* Stored as a shift. */
static int page_size_read(const struct spec_value *v, const char *text)
{
	uint64_t size;

	if (base_parse_size(text, &size) || __builtin_popcountll(size) != 1 ||
	    !(size & v->spec->arch->page_sizes))
		return -EINVAL;
	*(unsigned int *)v->p = (unsigned int)__builtin_ctzll(size);
	return 0;
}

static void page_size_write(const struct spec_value *v, struct base_buf *buf)
{
	if (v->spec->page_shift)
		base_buf_puts(buf, base_size_text(UINT64_C(1) << v->spec->page_shift).s);
}

static void page_size_preset(const struct spec_value *v)
{
	*(unsigned int *)v->p = v->spec->arch->page_shift;
}

static void page_size_allow(const struct spec_value *v, struct base_buf *buf)
{
	const struct machine_arch *arch = v->spec->arch;
	const char *comma = "";

	for (uint64_t size = 1; size <= arch->page_sizes; size <<= 1) {
		if (!(arch->page_sizes & size))
			continue;
		base_buf_printf(buf, "%s%s", comma, base_size_text(size).s);
		comma = ", ";
	}
	base_buf_printf(buf, " on %s", arch->name);
}

static const struct spec_type page_size_type = {
	SPEC_SCALAR, page_size_read, page_size_write, page_size_preset, page_size_allow,
};

static struct spec_bounds phys_bits_bounds(const struct machine_spec *spec)
{
	return (struct spec_bounds){ 32, spec->arch->max_phys_bits, spec->arch->phys_bits };
}

static struct spec_bounds block_size_bounds(const struct machine_spec *spec)
{
	return (struct spec_bounds){ machine_spec_section_size(spec), MAX_BLOCK_SIZE,
				     machine_arch_block_size(spec) };
}

/* ---- checks of memory ranges ----------------------------------------------------------------- */

static bool in_width(struct spec_reader *reader, const struct spec_node *node, const char *key,
		     uint64_t address)
{
	uint64_t last = (UINT64_C(1) << reader->spec->phys_bits) - 1;

	if (address <= last)
		return true;
	/* A value that is not an address has been reported. */
	if (address < UINT64_MAX)
		spec_say_key(&reader->doc, node, key,
			     "0x%" PRIx64 " is beyond the physical address width of %u bits "
			     "(up to 0x%" PRIx64 "; phys_bits sets the width)",
			     address, reader->spec->phys_bits, last);
	return false;
}

static bool check_range(struct spec_reader *reader, const struct spec_node *node,
			struct machine_range *range)
{
	bool good = in_width(reader, node, "start", range->start);

	range->line = node->line;
	good &= in_width(reader, node, "end", range->end);
	if (good && range->end <= range->start) {
		spec_say_key(&reader->doc, node, "end",
			     "0x%" PRIx64 " is not above start 0x%" PRIx64
			     " (the address of the last byte)",
			     range->end, range->start);
		good = false;
	}
	if (!good)
		range->end = 0;
	return good;
}

/*
 * Firmware has no memory ranges with unaligned edges; an unaligned end is usually the address after
 * the last byte, given by mistake.
 */
static void check_memory(struct spec_reader *reader, const struct spec_node *node, void *x)
{
	struct machine_range *range = x;
	uint64_t end;

	if (!check_range(reader, node, range))
		return;
	end = range->end;
	if (!BASE_ALIGNED(range->start, EDGE)) {
		spec_say_key(&reader->doc, node, "start",
			     "0x%" PRIx64 " is not the address of a first byte (a multiple of %d)",
			     range->start, EDGE);
		range->end = 0;
	}
	if (!BASE_ALIGNED(end + 1, EDGE)) {
		spec_say_key(&reader->doc, node, "end",
			     "0x%" PRIx64 " is not the address of a last byte (a multiple of %d, "
			     "less 1; as 0x%" PRIx64 ")",
			     end, EDGE, (uint64_t)BASE_ROUND_UP(end, EDGE) - 1);
		range->end = 0;
	}
}

static int check_all_memory(struct spec_reader *reader)
{
	const struct machine_spec *spec = reader->spec;

	for (size_t i = 0; i < spec->nr_memory; i++) {
		if (!spec->memory[i].nomap)
			return 0;
	}
	spec_say_key(&reader->doc, reader->doc.root, "memory",
		     "has no System RAM (at least one range that is not nomap)");
	return 0;
}

/* A window begins with a block. It may end within one, as QEMU's do if RAM does. */
static void check_window(struct spec_reader *reader, const struct spec_node *node, void *x)
{
	uint64_t size = reader->spec->block_size;
	struct machine_range *range = x;

	if (check_range(reader, node, range) && !BASE_ALIGNED(range->start, size))
		spec_say_key(&reader->doc, node, "start",
			     "0x%" PRIx64 " is not the start of a block (a multiple of block_size "
			     "0x%" PRIx64 ")",
			     range->start, size);
}

/* Standby memory consists of storage increments; the kernel uses the whole blocks in it. */
static void check_standby(struct spec_reader *reader, const struct spec_node *node, void *x)
{
	struct machine_range *range = x;

	if (!check_range(reader, node, range))
		return;
	if (!BASE_ALIGNED(range->start, INCREMENT_MIN))
		spec_say_key(&reader->doc, node, "start",
			     "0x%" PRIx64 " is not the start of an increment (a multiple of 1M)",
			     range->start);
	if (!BASE_ALIGNED(range->end + 1, INCREMENT_MIN))
		spec_say_key(&reader->doc, node, "end",
			     "0x%" PRIx64 " is not the last byte of an increment (a multiple of "
			     "1M, less 1)",
			     range->end);
}

/* ---- checks of CPUs -------------------------------------------------------------------------- */

/* The entry of cpus that has a node or a CPU, counted from 1; 0: none. */
struct owners {
	size_t of_node[BASE_MASK_BITS + 1];
	size_t of_cpu[BASE_MASK_BITS];
};

static void check_owners(struct spec_reader *reader, size_t i, struct owners *owners)
{
	const struct spec_node *node = spec_doc_entry(&reader->doc, "cpus", i);
	const struct machine_cpus *cpus = &reader->spec->cpus[i];
	unsigned int cpu;

	if (cpus->node < BASE_MASK_BITS && owners->of_node[cpus->node] > 0)
		spec_say_key(&reader->doc, node, "node",
			     "node %u has its CPUs in cpus[%zu] (one entry per node)", cpus->node,
			     owners->of_node[cpus->node] - 1);
	owners->of_node[cpus->node] = i + 1;
	BASE_MASK_FOREACH(cpu, &cpus->list) {
		if (owners->of_cpu[cpu] > 0) {
			spec_say_key(&reader->doc, node, "list",
				     "CPU %u is in cpus[%zu] already (one node per CPU)", cpu,
				     owners->of_cpu[cpu] - 1);
			break;
		}
		owners->of_cpu[cpu] = i + 1;
	}
}

static int check_all_cpus(struct spec_reader *reader)
{
	struct owners owners = { 0 };

	for (size_t i = 0; i < reader->spec->nr_cpus; i++)
		check_owners(reader, i, &owners);
	return 0;
}

static int check_all_domains(struct spec_reader *reader)
{
	const struct machine_spec *spec = reader->spec;
	bool seen[256] = { false };

	for (size_t i = 0; i < spec->nr_proximity_domains; i++) {
		unsigned int domain = spec->proximity_domains[i].domain;

		if (domain < BASE_ARRAY_SIZE(seen) && seen[domain])
			spec_say_key(&reader->doc,
				     spec_doc_entry(&reader->doc, "proximity_domains", i), "domain",
				     "domain %u has a node already", domain);
		if (domain < BASE_ARRAY_SIZE(seen))
			seen[domain] = true;
	}
	return 0;
}

/* ---- the tables of keys ---------------------------------------------------------------------- */

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define RANGE(member) AT(machine_range, member)
#define KEY(member) AT(machine_spec, member)

#define NODE(at)                                                                                   \
	{                                                                                          \
		"node", &spec_number, at, .required = true, .base = 10,                            \
					  .bounds = { 0, BASE_MASK_BITS - 1, BASE_MASK_BITS },     \
					  .what = "node number", .help = "NUMA node"               \
	}
#define ADDRESS(member, text)                                                                      \
	{                                                                                          \
#member, &spec_address, RANGE(member),                                             \
			.required = true,                                                          \
			.bounds = { 0, UINT64_MAX - 1, UINT64_MAX },                               \
				    .what = "address",                                             \
				    .allowed = "decimal, 0x... or with a suffix K, M, G, T",       \
				    .help = text                                                   \
	}
#define FLAG(member, at, text)                                                                     \
	{                                                                                          \
#member, &spec_word, at, .words = spec_bool_words, .nr_words = 2,                  \
					 .otherwise = "false", .what = "flag", .help = text        \
	}
#define WINDOW_KEYS                                                                                \
	ADDRESS(start, "address of the first byte"), ADDRESS(end, "address of the last byte"),     \
		NODE(RANGE(node))

static const struct spec_key window_keys[] = { WINDOW_KEYS, { 0 } };

static const struct spec_key memory_keys[] = {
	WINDOW_KEYS,
	FLAG(nomap, RANGE(nomap), "firmware keeps the memory: it is not System RAM"),
	FLAG(hotpluggable, RANGE(hotpluggable), "firmware allows removal: for movable_node"),
	FLAG(mirrored, RANGE(mirrored), "hardware mirrors the memory: for kernelcore=mirror"),
	{ 0 },
};

static const struct spec_key cpus_keys[] = {
	{ "list", &spec_mask, AT(machine_cpus, list), .required = true, .what = "list of CPUs",
	  .allowed = "numbers up to 1023, as in 0-3,8", .help = "CPUs of the node" },
	NODE(AT(machine_cpus, node)),
	{ 0 },
};

static const struct spec_key domain_keys[] = {
	{ "domain", &spec_number, AT(machine_domain, domain), .required = true,
	  .bounds = { 0, 255, 0 }, .what = "proximity domain", .help = "its number in SRAT" },
	NODE(AT(machine_domain, node)),
	{ 0 },
};

#define LIST(member, keys, ...)                                                                    \
	{                                                                                          \
		keys, sizeof(*((struct machine_spec *)0)->member),                                 \
			offsetof(struct machine_spec, nr_##member), __VA_ARGS__                    \
	}

static const struct spec_list memory_list =
	LIST(memory, memory_keys, .check = check_memory, .done = check_all_memory);
static const struct spec_list hotplug_list = LIST(hotplug, window_keys, .check = check_window);
static const struct spec_list standby_list = LIST(standby, window_keys, .check = check_standby);
static const struct spec_list cpus_list = LIST(cpus, cpus_keys, .done = check_all_cpus);
static const struct spec_list proximity_domains_list =
	LIST(proximity_domains, domain_keys, .done = check_all_domains);
static const struct spec_list recorded_list =
	LIST(recorded, spec_recorded_keys, .check = spec_recorded_check);
static const struct spec_list faults_list =
	LIST(faults, spec_fault_keys, .done = spec_fault_check_all);
static const struct spec_list swap_list = LIST(swap, spec_swap_keys, .done = spec_swap_check_all);
static const struct spec_list devices_list =
	LIST(devices, spec_device_keys, .check = spec_device_check,
	     .rest = offsetof(struct machine_device, settings));
static const struct spec_list workloads_list =
	LIST(workloads, spec_workload_keys, .check = spec_device_check,
	     .rest = offsetof(struct machine_device, settings));

static const struct spec_list dmi_list = LIST(dmi, spec_dmi_keys, .check = spec_dmi_check);

static const char *const kernel_pages_words[] = {
	[MACHINE_KERNEL_PAGES_ZONELIST] = "zonelist",
	[MACHINE_KERNEL_PAGES_BOOT] = "boot",
};

static const char *const firmware_words[] = {
	[MACHINE_FIRMWARE_QEMU] = "qemu",
	[MACHINE_FIRMWARE_BARE_METAL] = "baremetal",
};

const struct spec_key spec_machine_keys[] = {
	{ "kernel", &spec_text, KEY(kernel), .valid = is_release, .otherwise = "6.12.117",
	  .what = "kernel release", .allow = release_allow, .help = "release of the kernel" },
	{ "arch", &arch_type, KEY(arch), .otherwise = "x86_64", .what = "architecture",
	  .help = "architecture, as uname -m prints it" },
	{ "kernel_config", &spec_mapping, .map = &spec_config_map,
	  .help = "symbols of its configuration that differ from the recorded kernels'" },
	{ "cmdline", &spec_text, KEY(cmdline), .otherwise = "", .what = "command line",
	  .allowed = "one line of printable text", .help = "kernel command line" },
	{ "page_size", &page_size_type, KEY(page_shift), .what = "page size",
	  .help = "bytes of a page" },
	{ "phys_bits", &spec_number, KEY(phys_bits), .bounds_of = phys_bits_bounds,
	  .what = "physical address width", .help = "bits of a physical address" },
	{ "increment", &spec_power, KEY(increment), .bounds = { 1 << 20, MAX_BLOCK_SIZE, 0 },
	  .what = "storage increment", .help = "bytes that phys_device counts in (s390x)" },
	{ "memory", &spec_entries, KEY(memory), .required = true, .list = &memory_list,
	  .help = "memory that is there at boot" },
	{ "block_size", &spec_power, KEY(block_size), .bounds_of = block_size_bounds,
	  .what = "block size", .help = "bytes of a memory block, at least those of a section" },
	{ "hotplug", &spec_entries, KEY(hotplug), .list = &hotplug_list,
	  .help = "windows of addresses where memory can be added" },
	{ "slots", &spec_number, KEY(slots), .bounds = { 1, 256, 0 }, .what = "number of slots",
	  .help = "DIMMs that the machine has room for" },
	{ "maxmem", &spec_size, KEY(maxmem), .bounds = { 1 << 20, UINT64_C(1) << 60, 0 },
	  .what = "most memory", .allowed = "a size of at least 1M",
	  .help = "bytes that memory and devices with memory may have together" },
	{ "firmware", &spec_word, KEY(firmware), .words = firmware_words,
	  .nr_words = BASE_ARRAY_SIZE(firmware_words), .otherwise = "qemu", .what = "firmware",
	  .help = "whether plugged DIMMs are boot memory after a reboot (baremetal)" },
	FLAG(nvdimm, KEY(nvdimm), "the hypervisor's monitor can add NVDIMMs"),
	{ "balloon", &spec_word, KEY(balloon), .words = spec_bool_words, .nr_words = 2,
	  .otherwise = "true", .what = "flag", .help = "the machine has a balloon at boot" },
	{ "standby", &spec_entries, KEY(standby), .list = &standby_list,
	  .help = "memory whose blocks are there, and offline, at boot" },
	{ "cpus", &spec_entries, KEY(cpus), .list = &cpus_list, .help = "CPUs of each node" },
	{ "proximity_domains", &spec_entries, KEY(proximity_domains),
	  .list = &proximity_domains_list,
	  .help = "firmware's numbers of nodes, if they are not the kernel's" },
	{ "kernel_pages", &spec_word, KEY(kernel_pages), .words = kernel_pages_words,
	  .nr_words = BASE_ARRAY_SIZE(kernel_pages_words), .otherwise = "zonelist",
	  .what = "place for kernel pages", .help = "where the kernel's own allocations land" },
	{ "recorded", &spec_entries, KEY(recorded), .list = &recorded_list,
	  .help = "what a recorded machine showed of its blocks" },
	FLAG(kasan, KEY(kasan), "the kernel has KASAN"),
	{ "hypervisor", &spec_word, KEY(hypervisor), .words = spec_hypervisor_words,
	  .nr_words = SPEC_NR_HYPERVISORS, .otherwise = "none", .what = "hypervisor",
	  .help = "on what the machine runs" },
	{ "dmi", &spec_entries, KEY(dmi), .list = &dmi_list,
	  .help = "what firmware says about the machine" },
	{ "faults", &spec_entries, KEY(faults), .list = &faults_list,
	  .help = "fault plans that are enabled after boot" },
	{ "swap", &spec_entries, KEY(swap), .list = &swap_list,
	  .help = "swap areas that are in use after boot, or the size of the only one" },
	{ "devices", &spec_entries, KEY(devices), .list = &devices_list,
	  .help = "objects below machine/ that are made after boot" },
	{ "workloads", &spec_entries, KEY(workloads), .list = &workloads_list,
	  .help = "workloads that are started after that" },
	{ "possible_nodes", &spec_mask, KEY(possible_nodes), .preset = spec_possible_preset,
	  .what = "list of nodes", .allowed = "0 to 1023, as in 0-1,3",
	  .help = "NUMA nodes that may have memory or CPUs" },
	{ 0 },
};
