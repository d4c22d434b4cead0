/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration of a kernel: the symbols of Kconfig that change what a machine shows, with
 * what they depend on or select. What a symbol changes is where the thing itself is: a row of the
 * tree, a counter or a parameter says by `.needs` which features it needs, and code asks
 * machine_spec_has().
 *
 * Mirrors mm/Kconfig, kernel/Kconfig.kexec, lib/Kconfig.debug and those of the drivers.
 */
#include <errno.h>
#include <string.h>

#include "memhp/hotplug.h"
#include "spec_private.h"

#define PREFIX "CONFIG_"
/* In the set of what a file says, next to features: how added memory goes online. */
#define GIVEN_ONLINE MACHINE_FEATURE(63)

/*
 * SYMBOL_BOOL, SYMBOL_TRISTATE: y or n, and m, as if the module were loaded; SYMBOL_WORD: how added
 * memory goes online; SYMBOL_CHOICE: y chooses @online, n nothing
 */
enum symbol_form {
	SYMBOL_BOOL,
	SYMBOL_TRISTATE,
	SYMBOL_WORD,
	SYMBOL_CHOICE,
};

/*
 * @needs: features that it depends on, or that it selects; @any: it needs at least one of these
 * @always: why no machine is without it; @instead: what describes it in a machine file
 * A feature is called by its first symbol.
 */
static const struct symbol {
	const char *name;
	uint64_t feature;
	uint64_t needs;
	uint64_t any;
	enum symbol_form form;
	enum hp_type online;
	const char *always;
	const char *instead;
} symbols[] = {
	{ "MEMORY_HOTPLUG",
	  .always = "without it there are neither sys/devices/system/memory nor devices" },
	{ "SPARSEMEM", .always = "MEMORY_HOTPLUG depends on it" },
	{ "MEMORY_ISOLATION", .always = "MEMORY_HOTPLUG selects it" },
	{ "MHP_DEFAULT_ONLINE_TYPE", .form = SYMBOL_WORD },
	{ "MHP_DEFAULT_ONLINE_TYPE_OFFLINE", .form = SYMBOL_CHOICE, .online = HP_OFFLINE },
	{ "MHP_DEFAULT_ONLINE_TYPE_ONLINE_AUTO", .form = SYMBOL_CHOICE, .online = HP_ONLINE },
	{ "MHP_DEFAULT_ONLINE_TYPE_ONLINE_KERNEL", .form = SYMBOL_CHOICE,
	  .online = HP_ONLINE_KERNEL },
	{ "MHP_DEFAULT_ONLINE_TYPE_ONLINE_MOVABLE", .form = SYMBOL_CHOICE,
	  .online = HP_ONLINE_MOVABLE },
	{ "MEMORY_HOTPLUG_DEFAULT_ONLINE", .form = SYMBOL_CHOICE, .online = HP_ONLINE },
	{ "MIGRATION", MACHINE_MIGRATION },
	{ "MEMORY_HOTREMOVE", MACHINE_MEMORY_HOTREMOVE, MACHINE_MIGRATION },
	{ "ARCH_MEMORY_PROBE", MACHINE_MEMORY_PROBE },
	{ "MHP_MEMMAP_ON_MEMORY", MACHINE_MEMMAP_ON_MEMORY },
	{ "NUMA", MACHINE_NUMA },
	{ "NUMA_BALANCING", MACHINE_NUMA_BALANCING, MACHINE_NUMA | MACHINE_MIGRATION },
	{ "ZONE_DMA", MACHINE_ZONE_DMA },
	{ "ZONE_DMA32", MACHINE_ZONE_DMA32 },
	{ "ZONE_DEVICE", MACHINE_ZONE_DEVICE, MACHINE_MEMORY_HOTREMOVE },
	{ "COMPACTION", MACHINE_COMPACTION, MACHINE_MIGRATION },
	{ "CMA", MACHINE_CMA, MACHINE_MIGRATION },
	{ "DMA_CMA", MACHINE_DMA_CMA, MACHINE_CMA },
	{ "TRANSPARENT_HUGEPAGE", MACHINE_THP, MACHINE_COMPACTION },
	{ "HUGETLBFS", MACHINE_HUGETLB },
	{ "HUGETLB_PAGE", MACHINE_HUGETLB },
	{ "HUGETLB_PAGE_OPTIMIZE_VMEMMAP", MACHINE_HUGETLB_VMEMMAP, MACHINE_HUGETLB },
	{ "MEMORY_FAILURE", MACHINE_MEMORY_FAILURE },
	{ "MEMORY_BALLOON", MACHINE_BALLOON },
	{ "BALLOON_COMPACTION", MACHINE_BALLOON_COMPACTION, MACHINE_BALLOON | MACHINE_COMPACTION },
	{ "KSM", MACHINE_KSM },
	{ "MEMCG", MACHINE_MEMCG },
	{ "VM_EVENT_COUNTERS", MACHINE_VM_EVENTS },
	{ "IOMMU_SUPPORT", MACHINE_IOMMU },
	{ "ZSMALLOC", MACHINE_ZSMALLOC, .form = SYMBOL_TRISTATE },
	{ "SWAP", MACHINE_SWAP },
	{ "ZSWAP", MACHINE_ZSWAP, MACHINE_SWAP },
	{ "VIRTIO_MEM", MACHINE_VIRTIO_MEM, MACHINE_MEMORY_HOTREMOVE, MACHINE_CONTIG_ALLOC,
	  SYMBOL_TRISTATE },
	{ "ACPI_HOTPLUG_MEMORY", MACHINE_ACPI_MEMORY },
	{ "DEV_DAX_KMEM", MACHINE_DEV_DAX_KMEM, MACHINE_THP, .form = SYMBOL_TRISTATE },
	{ "KEXEC_CORE", MACHINE_KEXEC_CORE },
	{ "CRASH_DUMP", MACHINE_CRASH_DUMP, MACHINE_KEXEC_CORE },
	{ "CRASH_HOTPLUG", MACHINE_CRASH_HOTPLUG, MACHINE_CRASH_DUMP },
	{ "PM", MACHINE_PM },
	{ "MODULES", MACHINE_MODULES },
	{ "FIRMWARE_MEMMAP", MACHINE_FIRMWARE_MEMMAP },
	{ "UEVENT_HELPER", MACHINE_UEVENT_HELPER },
	{ "DEBUG_FS", MACHINE_DEBUG_FS },
	{ "HWPOISON_INJECT", MACHINE_HWPOISON_INJECT, MACHINE_MEMORY_FAILURE,
	  .form = SYMBOL_TRISTATE },
	{ "NOTIFIER_ERROR_INJECTION", MACHINE_NOTIFIER_INJECT, MACHINE_DEBUG_FS,
	  .form = SYMBOL_TRISTATE },
	{ "MEMORY_NOTIFIER_ERROR_INJECT", MACHINE_MEMORY_NOTIFIER_INJECT, MACHINE_NOTIFIER_INJECT,
	  .form = SYMBOL_TRISTATE },
	{ "FAULT_INJECTION", MACHINE_FAULT_INJECTION },
	{ "FAIL_PAGE_ALLOC", MACHINE_FAIL_PAGE_ALLOC, MACHINE_FAULT_INJECTION },
	{ "FAULT_INJECTION_DEBUG_FS", MACHINE_FAULT_DEBUG_FS,
	  MACHINE_FAULT_INJECTION | MACHINE_DEBUG_FS },
	{ "KASAN", .instead = "kasan: true" },
	{ "X86_64", .instead = "arch: x86_64" },
	{ "ARM64", .instead = "arch: arm64" },
	{ "PPC64", .instead = "arch: ppc64le" },
	{ "S390", .instead = "arch: s390x" },
	{ "IA64", .instead = "arch: ia64" },
	{ "ARM64_16K_PAGES", .instead = "page_size: 16K" },
	{ "ARM64_64K_PAGES", .instead = "page_size: 64K" },
	{ "PPC_4K_PAGES", .instead = "page_size: 4K" },
};

const char *machine_config_symbol(size_t i)
{
	return i < BASE_ARRAY_SIZE(symbols) ? symbols[i].name : NULL;
}

const char *machine_config_name(uint64_t feature)
{
	size_t i = 0;

	while (i < BASE_ARRAY_SIZE(symbols) - 1 && symbols[i].feature != feature)
		i++;
	return symbols[i].name;
}

static const struct symbol *symbol_find(const char *name)
{
	size_t prefix = strlen(PREFIX);

	if (!strncmp(name, PREFIX, prefix))
		name += prefix;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(symbols); i++) {
		if (!strcmp(symbols[i].name, name))
			return &symbols[i];
	}
	return NULL;
}

static bool symbol_is_first(const struct symbol *s)
{
	for (const struct symbol *other = symbols; other < s; other++) {
		if (other->feature == s->feature)
			return false;
	}
	return s->feature;
}

/* The names of @features, with @between them. */
static void put_names(uint64_t features, const char *between, struct base_buf *buf)
{
	const char *before = "";

	for (size_t i = 0; i < BASE_ARRAY_SIZE(symbols); i++) {
		if (!(symbols[i].feature & features) || !symbol_is_first(&symbols[i]))
			continue;
		base_buf_printf(buf, "%s%s", before, symbols[i].name);
		before = between;
	}
}

/* ---- setting symbols ------------------------------------------------------------------------- */

static void refuse_unknown(struct base_buf *ret_why)
{
	base_buf_puts(ret_why, "unknown symbol (known: ");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(symbols); i++)
		base_buf_printf(ret_why, "%s%s", i ? ", " : "", symbols[i].name);
	base_buf_puts(ret_why, ")");
}

static int refuse_value(const struct symbol *s, const char *value, struct base_buf *ret_why)
{
	base_buf_printf(ret_why, "\"%s\" is not a valid value (", value);
	for (int i = 0; s->form == SYMBOL_WORD && i < HP_NR_TYPES; i++)
		base_buf_printf(ret_why, "%s%s", i ? ", " : "", hp_type_names[i]);
	if (s->form != SYMBOL_WORD)
		base_buf_puts(ret_why, s->form == SYMBOL_TRISTATE ? "y, n, m" : "y, n");
	base_buf_puts(ret_why, ")");
	return -EINVAL;
}

static int set_online(struct machine_spec *spec, enum hp_type type, uint64_t *given,
		      struct base_buf *ret_why)
{
	if (*given & GIVEN_ONLINE && spec->auto_online != type) {
		base_buf_printf(ret_why, "added memory is %s already (one of them is y)",
				hp_type_names[spec->auto_online]);
		return -EINVAL;
	}
	*given |= GIVEN_ONLINE;
	spec->auto_online = type;
	return 0;
}

static int set_feature(struct machine_spec *spec, const struct symbol *s, bool on, uint64_t *given,
		       struct base_buf *ret_why)
{
	bool is_on = !(spec->lacks & s->feature);

	if (*given & s->feature && on != is_on) {
		base_buf_puts(ret_why, "contradicts ");
		put_names(s->feature, "", ret_why);
		base_buf_printf(ret_why, ": %s (the same feature)", is_on ? "y" : "n");
		return -EINVAL;
	}
	if (spec->arch->fixed & s->feature && on != is_on) {
		base_buf_printf(ret_why, "is %s on every kernel of %s (%s, or left out)",
				is_on ? "y" : "n", spec->arch->name, is_on ? "y" : "n");
		return -EINVAL;
	}
	*given |= s->feature;
	spec->lacks = on ? spec->lacks & ~s->feature : spec->lacks | s->feature;
	return 0;
}

/* @given: what the file has set so far; if the value is refused, @ret_why gets the reason. */
static int symbol_set(struct machine_spec *spec, const struct symbol *s, const char *value,
		      uint64_t *given, struct base_buf *ret_why)
{
	bool is_module = !strcmp(value, "m"), on = !strcmp(value, "y") || is_module;

	if (s->form == SYMBOL_WORD) {
		int type = base_sysfs_match(hp_type_names, HP_NR_TYPES, value);

		return type < 0 ? refuse_value(s, value, ret_why) :
				  set_online(spec, type, given, ret_why);
	}
	if ((!on && strcmp(value, "n") != 0) || (is_module && s->form != SYMBOL_TRISTATE))
		return refuse_value(s, value, ret_why);
	if (s->instead) {
		base_buf_printf(ret_why, "is not set here (write %s)", s->instead);
		return -EINVAL;
	}
	if (s->always && !on) {
		base_buf_printf(ret_why, "cannot be n: %s (y, or left out)", s->always);
		return -EINVAL;
	}
	if (s->form == SYMBOL_CHOICE)
		return on ? set_online(spec, s->online, given, ret_why) : 0;
	return s->always ? 0 : set_feature(spec, s, on, given, ret_why);
}

/* ---- dependencies ---------------------------------------------------------------------------- */

static bool symbol_is_met(const struct symbol *s, uint64_t lacks)
{
	return !(s->needs & lacks) && (!s->any || s->any & ~lacks);
}

static int check_needs(const struct machine_spec *spec, const struct symbol *s,
		       struct base_buf *ret_why)
{
	if (!(s->feature & ~spec->lacks) || symbol_is_met(s, spec->lacks))
		return 0;
	base_buf_puts(ret_why, "cannot be y without ");
	if (s->needs & spec->lacks)
		put_names(s->needs & spec->lacks, " and ", ret_why);
	else
		put_names(s->any, " or ", ret_why);
	base_buf_puts(ret_why, ", which it depends on or selects (n, or left out)");
	return -EINVAL;
}

/* Without what it depends on, a symbol is n unless the file says y, which is checked later. */
static void settle(struct machine_spec *spec, uint64_t given)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < BASE_ARRAY_SIZE(symbols); i++) {
			const struct symbol *s = &symbols[i];

			if (s->feature & ~spec->lacks & ~given && !symbol_is_met(s, spec->lacks)) {
				spec->lacks |= s->feature;
				changed = true;
			}
		}
	}
}

/* ---- files of Kconfig ------------------------------------------------------------------------ */

/* Whether there is a line "CONFIG_NAME=y", or "=m". */
static bool config_has(const char *text, const char *name)
{
	char line[64];
	size_t len = (size_t)snprintf(line, sizeof(line), "\n" PREFIX "%s=", name);

	for (; (text = strstr(text, line)); text += len) {
		if (text[len] == 'y' || text[len] == 'm')
			return true;
	}
	return false;
}

void machine_spec_take_config(struct machine_spec *spec, const char *text)
{
	spec->lacks = spec->arch->lacks;
	for (size_t i = 0; text && i < BASE_ARRAY_SIZE(symbols); i++) {
		const struct symbol *s = &symbols[i];

		if (s->feature & spec->arch->fixed || !symbol_is_first(s))
			continue;
		if (config_has(text, s->name))
			spec->lacks &= ~s->feature;
		else
			spec->lacks |= s->feature;
	}
}

/* ---- the key of machine files ---------------------------------------------------------------- */

static void say(struct spec_doc *doc, const struct spec_node *value, struct base_buf *why)
{
	spec_say(doc, value, "%s", base_buf_text(why));
	base_buf_reset(why);
}

static void config_read(struct spec_reader *reader, const struct spec_node *mapping)
{
	size_t nr = mapping ? mapping->nr_children : 0;
	struct machine_spec *spec = reader->spec;
	unsigned int errors = reader->doc.nr_errors;
	struct base_buf why;
	uint64_t given = 0;

	machine_spec_take_config(spec, NULL);
	spec->auto_online = HP_OFFLINE;
	base_buf_init(&why);
	for (size_t i = 1; i < nr; i += 2) {
		const struct spec_node *value = mapping->child[i];
		const struct symbol *s = symbol_find(value->key->text);

		if (!s)
			refuse_unknown(&why);
		if (!s || symbol_set(spec, s, value->text, &given, &why))
			say(&reader->doc, value, &why);
	}
	settle(spec, given);
	for (size_t i = 1; i < nr && reader->doc.nr_errors == errors; i += 2) {
		const struct spec_node *value = mapping->child[i];

		if (check_needs(spec, symbol_find(value->key->text), &why))
			say(&reader->doc, value, &why);
	}
	base_buf_fini(&why);
}

static void config_write(const struct machine_spec *spec, struct base_buf *buf)
{
	uint64_t differs = spec->lacks ^ spec->arch->lacks;

	if (spec->auto_online != HP_OFFLINE)
		base_buf_printf(buf, "  MHP_DEFAULT_ONLINE_TYPE: %s\n",
				hp_type_names[spec->auto_online]);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(symbols); i++) {
		const struct symbol *s = &symbols[i];
		bool on = !(spec->lacks & s->feature);

		/* What follows from the others is left out. */
		if (s->feature & differs && symbol_is_first(s) &&
		    (on || symbol_is_met(s, spec->lacks)))
			base_buf_printf(buf, "  %s: %s\n", s->name, on ? "y" : "n");
	}
}

const struct spec_map spec_config_map = { config_read, config_write };
