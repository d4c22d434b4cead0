// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a booting kernel logs about its memory (arch/x86/kernel/e820.c, mm/mm_init.c,
 * mm/page_alloc.c), and after that what else this machine's kernel logged while it booted.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "machine_private.h"

#define RANGE "[mem 0x%016llx-0x%016llx]"
#define LOW_END 0xa0000 /* where PC's memory for programs ends */
#define HIGH_START 0x100000

static void __attribute__((format(printf, 2, 3))) say(struct machine *m, const char *fmt, ...)
{
	struct base_buf line;
	va_list ap;

	base_buf_init(&line);
	va_start(ap, fmt);
	base_buf_vprintf(&line, fmt, ap);
	va_end(ap);
	if (!line.failed)
		machine_kmsg_line(m, base_buf_text(&line));
	base_buf_fini(&line);
}

/* ---- the firmware's map of a PC -------------------------------------------------------------- */

static void e820_say(struct machine *m, uint64_t start, uint64_t end, bool usable)
{
	say(m, "BIOS-e820: " RANGE " %s", (unsigned long long)start, (unsigned long long)end,
	    usable ? "usable" : "reserved");
}

/* Firmware does not know that the kernel reserves the first page. */
static void e820_range(void *ctx, unsigned int depth, uint64_t start, uint64_t end,
		       const char *name)
{
	uint64_t page = 1ULL << ((struct machine *)ctx)->spec->page_shift;
	bool usable = !strcmp(name, "System RAM");

	if (depth || (!usable && (strcmp(name, "Reserved") != 0 || end < page)))
		return;
	e820_say(ctx, usable && start == page ? 0 : start, end, usable);
}

static void say_firmware_map(struct machine *m)
{
	if (!m->spec->arch->pc_resources)
		return;
	say(m, "BIOS-provided physical RAM map:");
	hp_resource_walk(m->hp, e820_range, m);
	say(m, "e820: update [mem 0x00000000-0x%08llx] usable ==> reserved",
	    (1ULL << m->spec->page_shift) - 1);
	say(m, "e820: remove [mem 0x%08x-0x%08x] usable", LOW_END, HIGH_START - 1);
}

/* ---- nodes and zones ------------------------------------------------------------------------- */

static bool has_zone(const struct machine *m, enum mm_zone_type type)
{
	return type >= MM_ZONE_NORMAL || mm_config(m->mm)->zone_end_pfn[type];
}

static void say_zones(struct machine *m)
{
	unsigned int shift = m->spec->page_shift;

	say(m, "Zone ranges:");
	for (int type = 0; type <= MM_ZONE_NORMAL; type++) {
		uint64_t low, high;

		if (!has_zone(m, type))
			continue;
		mm_boot_zone_limits(m->mm, type, &low, &high);
		if (low < high)
			say(m, "  %-8s " RANGE, mm_zone_name(type),
			    (unsigned long long)low << shift,
			    ((unsigned long long)high << shift) - 1);
		else
			say(m, "  %-8s empty", mm_zone_name(type));
	}
	if (!mm_config(m->mm)->no_zone_device)
		say(m, "  %-8s empty", mm_zone_name(MM_ZONE_DEVICE));
	say(m, "Movable zone start for each node");
	for (int nid = mm_node_next(m->mm, 0); nid >= 0; nid = mm_node_next(m->mm, nid + 1)) {
		struct mm_zone_info zone;

		mm_zone_info(m->mm, nid, MM_ZONE_MOVABLE, &zone);
		if (zone.spanned)
			say(m, "  Node %d: 0x%016llx", nid,
			    (unsigned long long)zone.start_pfn << shift);
	}
}

static void say_nodes(struct machine *m)
{
	uint64_t page = 1ULL << m->spec->page_shift;

	say(m, "Early memory node ranges");
	for (size_t i = 0; i < m->nr_memory; i++)
		say(m, "  node %3llu: " RANGE, (unsigned long long)m->memory[i].node,
		    (unsigned long long)BASE_ROUND_UP(m->memory[i].start, page),
		    (unsigned long long)BASE_ROUND_DOWN(m->memory[i].end + 1, page) - 1);
	for (int nid = mm_node_next(m->mm, 0); nid >= 0; nid = mm_node_next(m->mm, nid + 1)) {
		uint64_t start = UINT64_MAX, end = 0;

		for (size_t i = 0; i < m->nr_memory; i++) {
			if ((int)m->memory[i].node != nid)
				continue;
			start = BASE_MIN(start, m->memory[i].start);
			end = BASE_MAX(end, m->memory[i].end);
		}
		if (start < end)
			say(m, "Initmem setup node %d " RANGE, nid,
			    (unsigned long long)BASE_ROUND_UP(start, page),
			    (unsigned long long)BASE_ROUND_DOWN(end + 1, page) - 1);
	}
}

/* ---- amounts --------------------------------------------------------------------------------- */

static unsigned long long image_kb(const struct machine *m, const char *name)
{
	const struct machine_image *part = m->spec->arch->image;

	while (part && part->name && strcmp(part->name, name) != 0)
		part++;
	return part && part->name ? (part->end + 1 - part->start) >> 10 : 0;
}

/* What is freed after boot lies between data and bss. */
static unsigned long long init_kb(const struct machine *m)
{
	const struct machine_image *part = m->spec->arch->image;
	uint64_t data = 0, bss = 0;

	for (; part && part->name; part++) {
		if (!strcmp(part->name, "Kernel data"))
			data = part->end + 1;
		else if (!strcmp(part->name, "Kernel bss"))
			bss = part->start;
	}
	return (bss - data) >> 10;
}

static void say_memory(struct machine *m)
{
	unsigned int kb_shift = m->spec->page_shift - 10;
	uint64_t present = 0, cma = 0, managed = mm_total_managed(m->mm);

	for (int nid = mm_node_next(m->mm, 0); nid >= 0; nid = mm_node_next(m->mm, nid + 1)) {
		for (int type = 0; type < MM_NR_ZONES; type++) {
			struct mm_zone_info zone;

			mm_zone_info(m->mm, nid, type, &zone);
			present += zone.present;
			cma += zone.cma;
		}
	}
	say(m,
	    "Memory: %lluK/%lluK available (%lluK kernel code, %lluK rwdata, %lluK rodata, "
	    "%lluK init, %lluK bss, %lluK reserved, %lluK cma-reserved)",
	    (unsigned long long)mm_total_free(m->mm) << kb_shift,
	    (unsigned long long)present << kb_shift, image_kb(m, "Kernel code"),
	    image_kb(m, "Kernel data"), image_kb(m, "Kernel rodata"), init_kb(m),
	    image_kb(m, "Kernel bss"), (unsigned long long)(present - managed) << kb_shift,
	    (unsigned long long)cma << kb_shift);
}

/* string_get_size(): three digits */
static void say_huge_page(struct machine *m, uint64_t kb)
{
	static const char *const units[] = { "KiB", "MiB", "GiB" };
	size_t unit = 0;

	for (; kb >= 1024 && unit + 1 < BASE_ARRAY_SIZE(units); unit++)
		kb >>= 10;
	say(m, "HugeTLB: registered %llu%s %s page size, pre-allocated 0 pages",
	    (unsigned long long)kb,
	    kb < 10  ? ".00" :
	    kb < 100 ? ".0" :
		       "",
	    units[unit]);
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* What this kernel logged while it booted, except for what has been said already. */
static void say_log(struct machine *m)
{
	size_t from = m->log_booted > m->log_dropped ? m->log_booted - m->log_dropped : 0;
	struct base_buf copy;

	base_buf_init(&copy);
	base_buf_add(&copy, base_buf_text(&m->log) + from, m->log.len - from);
	for (char *rest = copy.data, *line; (line = strsep(&rest, "\n"));) {
		if (*line && *line != ' ' && strncmp(line, "Movable zone", 12) != 0)
			machine_kmsg_line(m, line);
	}
	base_buf_fini(&copy);
}

/* machine_log_text() does not begin with them. */
static void say_zonelists(struct machine *m)
{
	size_t len = m->log.len;

	hp_log_boot_zonelists(m->hp);
	m->log.len = BASE_MIN(len, m->log.len);
	if (m->log.data)
		m->log.data[m->log.len] = '\0';
}

void machine_kmsg_boot(struct machine *m)
{
	m->kmsg.is_on = true;
	say(m, MACHINE_BANNER, m->spec->kernel);
	if (m->spec->arch->pc_resources)
		say(m, "Command line: %s", m->cmdline);
	say_firmware_map(m);
	say_zones(m);
	say_nodes(m);
	say(m, "Kernel command line: %s", m->cmdline);
	say_log(m);
	say_zonelists(m);
	say_memory(m);
	if (m->spec->arch->pc_resources)
		say(m, "x86/mm: Memory block size: %lluMB",
		    (unsigned long long)m->spec->block_size >> 20);
	for (int size = MM_NR_HUGE - 1; size >= 0; size--) {
		if (mm_huge_kb(m->mm, size))
			say_huge_page(m, mm_huge_kb(m->mm, size));
	}
}
