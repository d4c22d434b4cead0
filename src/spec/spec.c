/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptions of machines. A description is read from a machine file (node.c parses YAML, key.c
 * reads it by the tables of machine_keys.c, check.c checks relations between keys). After that, it
 * only changes when words are added to the command line.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spec_private.h"

#define SPEC_MAX_FILE_BYTES ((size_t)16 << 20)

static int spec_range_compare(const void *va, const void *vb)
{
	const struct machine_range *a = va, *b = vb;

	return (a->start > b->start) - (a->start < b->start);
}

/* A machine has at least one CPU: by default, CPU 0 is on the first node with memory. */
static void spec_add_first_cpu(struct machine_spec *spec)
{
	size_t i;

	for (i = 0; i < spec->nr_cpus; i++) {
		if (!base_mask_empty(&spec->cpus[i].list))
			return;
	}
	for (i = 0; i < spec->nr_cpus; i++) {
		if (spec->cpus[i].node == spec->memory[0].node)
			break;
	}
	spec->cpus[i].node = spec->memory[0].node;
	base_mask_set(&spec->cpus[i].list, 0);
	spec->nr_cpus = BASE_MAX(spec->nr_cpus, i + 1);
}

static int spec_fill(struct spec_reader *reader, const char *text, size_t len)
{
	struct machine_spec *spec = reader->spec;
	struct spec_doc *doc = &reader->doc;
	int r;

	r = spec_doc_parse(doc, text, len);
	if (r == 0)
		r = spec_read(reader, spec_machine_keys);
	if (r == 0)
		r = spec_check(spec, doc);
	if (r == 0 && doc->nr_errors > 0)
		r = -EINVAL;
	if (r == 0)
		r = machine_kernel_parse(spec->kernel, &spec->profile);
	if (r < 0)
		return r;
	qsort(spec->memory, spec->nr_memory, sizeof(*spec->memory), spec_range_compare);
	qsort(spec->hotplug, spec->nr_hotplug, sizeof(*spec->hotplug), spec_range_compare);
	qsort(spec->standby, spec->nr_standby, sizeof(*spec->standby), spec_range_compare);
	spec_add_first_cpu(spec);
	return 0;
}

int machine_spec_parse(const char *text, size_t len, const char *path, unsigned int first_line,
		       FILE *err, struct machine_spec **ret_spec)
{
	struct machine_spec *spec = calloc(1, sizeof(*spec));
	struct spec_reader reader = {
		.doc = { .path = path, .first_line = first_line, .err = err },
		.spec = spec,
	};
	int r = spec && (spec->path = strdup(path)) ? spec_fill(&reader, text, len) : -ENOMEM;

	spec_doc_fini(&reader.doc);
	if (r == -ENOMEM)
		fprintf(err, "%s: out of memory\n", path);
	if (r < 0)
		machine_spec_free(spec);
	else
		*ret_spec = spec;
	return r;
}

void machine_spec_write(const struct machine_spec *spec, struct base_buf *buf)
{
	spec_write(spec, spec_machine_keys, buf);
}

static int spec_read_file(const char *path, struct base_buf *buf)
{
	char chunk[16384];
	ssize_t len;
	int fd, r = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		len = read(fd, chunk, sizeof(chunk));
		if (len > 0)
			base_buf_add(buf, chunk, (size_t)len);
		if (len < 0 && errno != EINTR)
			r = -errno;
		else if (buf->failed)
			r = -ENOMEM;
		else if (buf->len > SPEC_MAX_FILE_BYTES)
			r = -EFBIG;
	} while (r == 0 && len != 0);
	close(fd);
	return r;
}

/* The length of the line at @text, including its newline. */
static size_t spec_line_len(const char *text, size_t len)
{
	const char *newline = memchr(text, '\n', len);

	return newline ? (size_t)(newline - text) + 1 : len;
}

static bool spec_line_is_blank(const char *line, size_t len)
{
	return strspn(line, " \t\r\n") >= len;
}

static bool spec_line_is_fence(const char *line, size_t len)
{
	return len >= 3 && !memcmp(line, "---", 3) && spec_line_is_blank(line + 3, len - 3);
}

/*
 * The first line "---" at or after @at, or @end; counts lines in @line. With @only_comments, NULL
 * if a line that is neither blank nor a comment comes first.
 */
static const char *spec_find_fence(const char *at, const char *end, bool only_comments,
				   unsigned int *line)
{
	size_t len;

	for (; at < end; at += len, (*line)++) {
		len = spec_line_len(at, (size_t)(end - at));
		if (spec_line_is_fence(at, len))
			return at;
		if (only_comments && *at != '#' && !spec_line_is_blank(at, len))
			return NULL;
	}
	return end;
}

/*
 * Narrows @text to the part between its first two lines "---", if only comments precede them: in a
 * recording, operations follow the machine.
 */
static void spec_find_machine(const char **text, size_t *len, unsigned int *first_line)
{
	const char *start, *end = *text + *len;
	unsigned int line = *first_line;

	start = spec_find_fence(*text, end, true, &line);
	if (!start || start == end)
		return;
	start += spec_line_len(start, (size_t)(end - start));
	*first_line = line + 1;
	*len = (size_t)(spec_find_fence(start, end, false, &line) - start);
	*text = start;
}

int machine_spec_load(const char *path, FILE *err, struct machine_spec **ret_spec)
{
	unsigned int first_line = 1;
	struct base_buf buf;
	const char *text;
	size_t len;
	int r;

	base_buf_init(&buf);
	r = spec_read_file(path, &buf);
	if (r < 0) {
		fprintf(err, "%s: cannot be read: %s\n", path, strerror(-r));
		goto out_buf;
	}
	text = base_buf_text(&buf);
	len = buf.len;
	spec_find_machine(&text, &len, &first_line);
	r = machine_spec_parse(text, len, path, first_line, err, ret_spec);
out_buf:
	base_buf_fini(&buf);
	return r;
}

void machine_spec_free(struct machine_spec *spec)
{
	if (!spec)
		return;
	free(spec->kernel);
	free(spec->cmdline);
	free(spec->memory);
	free(spec->hotplug);
	free(spec->standby);
	for (size_t i = 0; i < spec->nr_recorded; i++) {
		free(spec->recorded[i].zones);
		free(spec->recorded[i].removable);
	}
	free(spec->recorded);
	for (size_t i = 0; i < spec->nr_faults; i++)
		free(spec->faults[i].name);
	free(spec->faults);
	for (size_t i = 0; i < spec->nr_swap; i++)
		free(spec->swap[i].path);
	free(spec->swap);
	free(spec->cpus);
	spec_dmi_free(spec->dmi, spec->nr_dmi);
	free(spec->proximity_domains);
	spec_devices_free(spec->devices, spec->nr_devices);
	spec_devices_free(spec->workloads, spec->nr_workloads);
	free(spec->path);
	free(spec);
}

int machine_spec_set_kernel(struct machine_spec *spec, const char *release)
{
	struct machine_kernel profile;
	char *copy;

	if (machine_kernel_parse(release, &profile))
		return -EINVAL;
	copy = strdup(release);
	if (!copy)
		return -ENOMEM;
	free(spec->kernel);
	spec->kernel = copy;
	spec->profile = profile;
	return 0;
}

int machine_spec_add_cmdline(struct machine_spec *spec, const char *text)
{
	bool blank = *spec->cmdline != '\0' && *text != '\0';
	char *cmdline;

	if (asprintf(&cmdline, "%s%s%s", spec->cmdline, blank ? " " : "", text) < 0)
		return -ENOMEM;
	free(spec->cmdline);
	spec->cmdline = cmdline;
	return 0;
}
