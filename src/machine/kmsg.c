// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log: for people as a text, with lines that are not the kernel's, and the kernel's as records
 * (kernel/printk/printk.c). The level of a message, and the device that it is about, follow from
 * how it begins.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine_private.h"

#define LOG_LIMIT (256 * 1024)
#define RECORDS_LIMIT (128 * 1024) /* LOG_BUF_SHIFT=17, as in distributions */
#define RECORD_MAX 1024		   /* PRINTKRB_RECORD_MAX */
#define LOG_USER 1
#define FACILITY_SHIFT 3
#define FACILITY_MASK 0xff
#define LEVEL_MASK 7
#define DEFAULT_LEVEL 4

enum { ERR = 3, WARNING, NOTICE, INFO, DEBUG, NOT_OF_THE_KERNEL };

/* The first row that fits counts. Messages that are not here are INFO. */
static const struct {
	const char *start;
	const char *contains; /* NULL: anything */
	int level;
} levels[] = {
	{ "memhpfs: ", NULL, NOT_OF_THE_KERNEL },
	{ "machine: ", NULL, NOT_OF_THE_KERNEL },
	{ "fault ", NULL, NOT_OF_THE_KERNEL },
	{ "Hotplug memory [", "exceeds", WARNING },
	{ "Block size [", NULL, ERR },
	{ "node ", "was absent from", WARNING },
	{ "removing memory fails", NULL, WARNING },
	{ "Boot memory [", NULL, WARNING },
	{ "Memory failure: ", "unhandlable page", INFO },
	{ "Memory failure: ", NULL, ERR },
	{ "page: pfn:", NULL, WARNING },
	{ "page dumped because", NULL, WARNING },
	{ "memory offlining [mem", NULL, DEBUG },
	{ "migrating pfn", NULL, WARNING },
	{ "FAULT_INJECTION: failed", NULL, WARNING },
	{ "FAULT_INJECTION: forcing", NULL, NOTICE },
	{ "name fail_page_alloc", NULL, NOTICE },
	{ "synth uevent: ", NULL, WARNING },
	{ "", "uevent: failed to send", ERR },
	{ "acpi PNP0C80", "add_memory failed", ERR },
	{ "acpi PNP0C80", "acpi_memory_enable_device() error", ERR },
	{ "memory memory", "Offline failed", WARNING },
	{ "Out of memory: ", NULL, ERR },
	{ "pseries-hotplug-mem: Failed", NULL, ERR },
	{ "dlpar: ", NULL, ERR },
	{ "min_free_kbytes is not updated", NULL, WARNING },
	{ "Ignoring unsupported", NULL, WARNING },
	{ "Malformed early option", NULL, WARNING },
	{ "Booting kernel: `", NULL, ERR },
	{ "Unknown kernel command line", NULL, NOTICE },
	{ "Kernel command line: ", NULL, NOTICE },
	{ "Linux version ", NULL, NOTICE },
	{ "cma: Config string", NULL, ERR },
	{ "cma: Failed", NULL, ERR },
	{ "crashkernel reservation failed", NULL, WARNING },
	{ "cannot allocate crashkernel", NULL, WARNING },
	{ "The system has no mirror memory", NULL, WARNING },
	{ "This configuration results in", NULL, WARNING },
};

/* "DRIVER DEVICE: " at the beginning of a message about a device of a subsystem (dev_printk()) */
static const struct {
	const char *driver;
	const char *subsystem;
} devices[] = {
	{ "memory ", "memory" },
	{ "node ", "node" },
	{ "acpi ", "acpi" },
	{ "virtio_mem ", "virtio" },
};

/* ---- the log as a text ----------------------------------------------------------------------- */

static void log_put(struct machine *m, const char *line)
{
	base_buf_printf(&m->log, "%s\n", line);
	/* A line that cannot be stored is lost; later lines are not. */
	m->log.failed = false;
	if (m->log.len > LOG_LIMIT) {
		/* Drop half of it, so that this happens rarely. */
		const char *keep = strchr(m->log.data + LOG_LIMIT / 2, '\n');
		size_t drop = keep ? (size_t)(keep + 1 - m->log.data) : m->log.len;

		m->log.len -= drop;
		m->log_dropped += drop;
		memmove(m->log.data, m->log.data + drop, m->log.len + 1);
	}
	if (m->observer)
		m->observer->log(m->observer_ctx, line);
}

uint64_t machine_log_dropped(const struct machine *m)
{
	return m->log_dropped;
}

const struct base_buf *machine_log_text(const struct machine *m)
{
	return &m->log;
}

/* ---- records --------------------------------------------------------------------------------- */

static int level_of(const char *line)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(levels); i++) {
		if (!strncmp(line, levels[i].start, strlen(levels[i].start)) &&
		    (!levels[i].contains || strstr(line, levels[i].contains)))
			return levels[i].level;
	}
	return INFO;
}

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c < 127 && c != '\\';
}

static void put_text(struct base_buf *buf, const char *text, size_t len)
{
	while (len) {
		size_t plain = 0;

		while (plain < len && is_plain((unsigned char)text[plain]))
			plain++;
		base_buf_add(buf, text, plain);
		if (plain < len)
			base_buf_printf(buf, "\\x%02x", (unsigned char)text[plain++]);
		text += plain;
		len -= plain;
	}
}

static void put_device(struct base_buf *buf, const char *line)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(devices); i++) {
		size_t len = strlen(devices[i].driver);
		const char *name = line + len, *end;

		if (strncmp(line, devices[i].driver, len))
			continue;
		end = strstr(name, ": ");
		/* The name of a device has no blanks: "node 3 was absent" is about none. */
		if (!end || memchr(name, ' ', (size_t)(end - name)))
			continue;
		base_buf_printf(buf, " SUBSYSTEM=%s\n DEVICE=+%s:", devices[i].subsystem,
				devices[i].subsystem);
		put_text(buf, name, (size_t)(end - name));
		base_buf_puts(buf, "\n");
		return;
	}
}

size_t machine_kmsg_length(const char *text)
{
	const char *end = strchr(text, '\n') + 1;

	while (*end == ' ')
		end = strchr(end, '\n') + 1;
	return (size_t)(end - text);
}

/* Removes the text of records that were overwritten. */
static void compact(struct machine_kmsg *kmsg)
{
	if (!kmsg->gone)
		return;
	kmsg->text.len -= kmsg->gone;
	memmove(kmsg->text.data, kmsg->text.data + kmsg->gone, kmsg->text.len + 1);
	kmsg->gone = 0;
}

/* The oldest records are overwritten, as many as necessary; their text goes from time to time. */
static void make_room(struct machine_kmsg *kmsg)
{
	while (kmsg->text.len - kmsg->gone > RECORDS_LIMIT) {
		size_t len = machine_kmsg_length(kmsg->text.data + kmsg->gone);

		kmsg->gone += len;
		kmsg->dropped += len;
	}
	if (kmsg->gone > RECORDS_LIMIT)
		compact(kmsg);
}

static void add(struct machine *m, unsigned int priority, const char *text, size_t len,
		const char *device_line)
{
	struct machine_kmsg *kmsg = &m->kmsg;
	size_t before = kmsg->text.len;

	base_buf_printf(&kmsg->text, "%u,%llu,%llu,-;", priority,
			(unsigned long long)kmsg->next_number,
			(unsigned long long)m->clock->now_ns(m->clock) / 1000);
	put_text(&kmsg->text, text, len);
	base_buf_puts(&kmsg->text, "\n");
	if (device_line)
		put_device(&kmsg->text, device_line);
	/* A record that cannot be stored is lost. */
	if (kmsg->text.failed) {
		kmsg->text.failed = false;
		kmsg->text.len = before;
		if (kmsg->text.data)
			kmsg->text.data[before] = '\0';
		return;
	}
	kmsg->next_number++;
	make_room(kmsg);
}

void machine_kmsg_line(struct machine *m, const char *line)
{
	int level = m->kmsg.is_on ? level_of(line) : NOT_OF_THE_KERNEL;

	if (level != NOT_OF_THE_KERNEL)
		add(m, (unsigned int)level, line, strlen(line), line);
}

void machine_log(struct machine *m, const char *line)
{
	machine_kmsg_line(m, line);
	log_put(m, line);
}

/* The number in "<N>"; false: the text does not begin like that. */
static bool take_priority(const char **text, size_t *len, unsigned int *ret_priority)
{
	const char *at = *text + 1, *end = *text + *len;
	uint64_t number = 0;

	if (!*len || **text != '<')
		return false;
	/* simple_strtoul(), cut to 32 bits */
	for (; at < end && *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	if (at == end || *at != '>')
		return false;
	*ret_priority = (unsigned int)number;
	*len = (size_t)(end - at - 1);
	*text = at + 1;
	return true;
}

int machine_kmsg_write(struct machine *m, const char *text, size_t len)
{
	unsigned int level = DEFAULT_LEVEL, facility = LOG_USER, given;
	struct base_buf line;

	if (len > RECORD_MAX)
		return -EINVAL;
	len = strnlen(text, len);
	if (take_priority(&text, &len, &given)) {
		level = given & LEVEL_MASK;
		/* Programs cannot pretend to be the kernel. */
		if (given >> FACILITY_SHIFT & FACILITY_MASK)
			facility = given >> FACILITY_SHIFT & FACILITY_MASK;
	}
	/* printk_sprint() strips one newline, if it has not been cut off. */
	len = BASE_MIN(len, RECORD_MAX - 1);
	if (len && text[len - 1] == '\n')
		len--;
	add(m, facility << FACILITY_SHIFT | level, text, len, NULL);
	base_buf_init(&line);
	put_text(&line, text, len);
	if (!line.failed)
		log_put(m, base_buf_text(&line));
	base_buf_fini(&line);
	return 0;
}

const char *machine_kmsg(const struct machine *m, size_t *ret_len)
{
	*ret_len = m->kmsg.text.len - m->kmsg.gone;
	return base_buf_text(&m->kmsg.text) + m->kmsg.gone;
}

uint64_t machine_kmsg_dropped(const struct machine *m)
{
	return m->kmsg.dropped;
}

/* ---- saving and loading ---------------------------------------------------------------------- */

#define KMSG_ROWS(ROW)                                                                             \
	ROW(BUF, text)                                                                             \
	ROW(SKIP, gone, "nothing, after compact()")                                                \
	ROW(NUMBER, dropped)                                                                       \
	ROW(NUMBER, next_number)                                                                   \
	ROW(NUMBER, is_on)
BASE_SAVE_STRUCT(kmsg_save, struct machine_kmsg, void, KMSG_ROWS)

/* Whether lines can be told apart: the first is a record, and the last ends. */
static bool is_sound(const struct base_buf *text)
{
	return !text->len || (text->data[0] != ' ' && text->data[text->len - 1] == '\n' &&
			      strlen(text->data) == text->len);
}

void machine_kmsg_save(struct machine *m, struct base_save *s)
{
	compact(&m->kmsg);
	BASE_SAVE_ONE(s, kmsg_save, &m->kmsg, NULL);
	if (base_save_loads(s) && !s->error && !is_sound(&m->kmsg.text))
		base_save_fail(s, -EINVAL, "the records of the log are damaged");
	if (s->error)
		base_buf_reset(&m->kmsg.text);
}
