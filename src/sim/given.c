// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Why memory blocks of a real machine cannot go offline. Where the kernel's own pages are is chance
 * that a recording has to name in `given` lines; the kernel's log has it, as a debug message.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live_private.h"

#define CONTROL "sys/kernel/debug/dynamic_debug/control"
#define MESSAGE "failed due to"
#define QUERY "file memory_hotplug.c func offline_pages format \"" MESSAGE "\" "

static bool ask(struct sim *sim, const char *query)
{
	bool patient = sim->live->patient;
	ssize_t ret;

	/* not to be noted as a text that is put back */
	sim->live->patient = true;
	ret = sim_write(sim, CONTROL, query, strlen(query));
	sim->live->patient = patient;
	return ret > 0;
}

/* Whether the kernel can say it; @ret_says: whether it does so already */
static bool can_explain(struct sim *sim, bool *ret_says)
{
	struct base_buf control;
	char *rest, *line;
	bool found = false;

	base_buf_init(&control);
	rest = sim_read(sim, CONTROL, &control) ? NULL : control.data;
	while (!found && (line = strsep(&rest, "\n"))) {
		const char *flags = strstr(line, "]offline_pages =");

		found = flags && strstr(line, MESSAGE);
		if (found) {
			flags += strlen("]offline_pages =");
			*ret_says = memchr(flags, 'p', strcspn(flags, " "));
		}
	}
	base_buf_fini(&control);
	return found;
}

static uint64_t block_size(struct sim *sim)
{
	struct base_buf text;
	uint64_t size = 0;

	base_buf_init(&text);
	if (!sim_read(sim, LIVE_MEMORY "block_size_bytes", &text))
		size = strtoull(base_buf_text(&text), NULL, 16);
	base_buf_fini(&text);
	return size;
}

void live_given_open(struct sim *sim)
{
	struct sim_live *live = sim->live;
	bool says = false;

	live->block_size = block_size(sim);

	if (can_explain(sim, &says) && !says)
		says = live->explains = ask(sim, QUERY "+p");
	if (says)
		live->kmsg = live_open(live, "dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (live->kmsg >= 0)
		lseek(live->kmsg, 0, SEEK_END);
	else
		fputs("the kernel does not say why a block cannot go offline (" CONTROL
		      "): the recording has no \"given\" lines\n",
		      live->err);
}

bool live_given_close(struct sim *sim)
{
	if (!sim->live->explains || ask(sim, QUERY "-p"))
		return true;
	fputs("not put back: " CONTROL " still has \"" QUERY "+p\"\n", sim->live->err);
	return false;
}

/* ---- blocks with pages that cannot move ------------------------------------------------------ */

static uint64_t *find_stuck(const struct sim_live *live, uint64_t id)
{
	for (size_t i = 0; i < live->nr_stuck; i++)
		if (live->stuck[i] == id)
			return &live->stuck[i];
	return NULL;
}

/* Forgets those whose memory has been unplugged. */
static void drop_removed(struct sim *sim)
{
	struct sim_live *live = sim->live;
	struct tree_attr attr;
	struct base_buf path;

	base_buf_init(&path);
	for (size_t i = live->nr_stuck; i--;) {
		base_buf_reset(&path);
		base_buf_printf(&path, LIVE_MEMORY "memory%" PRIu64, live->stuck[i]);
		if (sim->access->stat(sim, base_buf_text(&path), &attr) == -ENOENT)
			live->stuck[i] = live->stuck[--live->nr_stuck];
	}
	base_buf_fini(&path);
}

static void add_stuck(struct sim_live *live, uint64_t id, struct base_buf *buf)
{
	uint64_t *grown;

	if (find_stuck(live, id))
		return;
	grown = reallocarray(live->stuck, live->nr_stuck + 1, sizeof(*grown));
	if (!grown) {
		buf->failed = true;
		return;
	}
	live->stuck = grown;
	live->stuck[live->nr_stuck++] = id;
	base_buf_printf(buf, "given unmovable memory%" PRIu64 "\n", id);
}

/* Whether a block has memory of a CMA area, which is why it stays online in any case */
static bool in_cma(struct sim *sim, uint64_t id)
{
	uint64_t size = sim->live->block_size, start, mib;
	struct base_buf log;
	bool found = false;
	const char *line;

	base_buf_init(&log);
	line = sim->access->log(sim, &log) ? NULL : base_buf_text(&log);
	while (!found && line && (line = strstr(line, "cma: Reserved "))) {
		found = sscanf(line, "cma: Reserved %" SCNu64 " MiB at %" SCNx64, &mib, &start) ==
				2 &&
			start < (id + 1) * size && start + (mib << 20) > id * size;
		line++;
	}
	base_buf_fini(&log);
	return found;
}

static void take_message(struct sim *sim, const char *text, struct base_buf *buf)
{
	static const char *const reasons[] = { "unmovable page", "failure to isolate range" };
	const char *message = strstr(text, "memory offlining [mem ");
	uint64_t start;
	int why = 0;

	if (!message ||
	    sscanf(message, "memory offlining [mem %" SCNx64 "-%*x] " MESSAGE " %n", &start, &why) <
		    1 ||
	    !why)
		return;
	start /= sim->live->block_size;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(reasons); i++)
		if (!strncmp(message + why, reasons[i], strlen(reasons[i])) && !in_cma(sim, start))
			add_stuck(sim->live, start, buf);
}

/* A block that has gone offline has no such pages any more. */
static void take_write(struct sim_live *live, const struct sim_checked *done, struct base_buf *buf)
{
	char file[8] = "";
	uint64_t id, *stuck;

	if (sscanf(done->write_path, LIVE_MEMORY "memory%" SCNu64 "/%7s", &id, file) != 2 ||
	    (strcmp(file, "state") && strcmp(file, "online")) ||
	    (strncmp(done->text, "offline", strlen("offline")) && *done->text != '0'))
		return;
	stuck = find_stuck(live, id);
	if (!stuck)
		return;
	*stuck = live->stuck[--live->nr_stuck];
	base_buf_printf(buf, "given movable memory%" PRIu64 "\n", id);
}

void sim_live_given(struct sim *sim, char *line, int ret, struct base_buf *buf)
{
	struct sim_live *live = sim->live;
	char record[LIVE_RECORD_SIZE + 1];
	struct sim_checked done;
	const char *what;
	ssize_t n;

	if (live->kmsg < 0)
		return;
	drop_removed(sim);
	/* EPIPE: some were lost */
	while ((n = read(live->kmsg, record, LIVE_RECORD_SIZE)) > 0 || (n < 0 && errno == EPIPE)) {
		record[BASE_MAX(n, 0)] = '\0';
		if (live->block_size)
			take_message(sim, record, buf);
	}
	if (!ret && !sim_check(live->kind, line, &done, &what) && done.write_path)
		take_write(live, &done, buf);
}
