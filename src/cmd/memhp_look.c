// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking at a machine: waiting for states, dumps, the log; and the machines that there are. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "memhp/spec/name.h"
#include "memhp.h"

#define POLL_MS 10
#define FOLLOW_MS 100
#define MAX_PRINTED 16

bool memhp_need_root(const struct memhp_args *args)
{
	char path[PATH_MAX];

	if (!args->root) {
		warnx("no machine: --root or MEMHPFS_ROOT must name the directory on which one is "
		      "mounted");
		return false;
	}
	snprintf(path, sizeof(path), "%s/machine/log", args->root);
	if (!access(path, F_OK))
		return true;
	warnx("%s: memhpfs is not mounted there", args->root);
	return false;
}

int memhp_copy(int from, int to)
{
	char text[16384];
	ssize_t len;

	while ((len = read(from, text, sizeof(text))) > 0)
		for (ssize_t done = 0, n; done < len; done += n) {
			n = write(to, text + done, (size_t)(len - done));
			if (n < 0)
				return -1;
		}
	return len < 0 ? -1 : 0;
}

static void sleep_ms(long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* ---- wait ------------------------------------------------------------------------------------ */

static const char *const states[] = { "online", "offline", "going-offline" };

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool has_state(const char *memory, unsigned long block, const char *state)
{
	char path[PATH_MAX], text[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/memory%lu/state", memory, block);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fgets(text, sizeof(text), file))
		text[strcspn(text, "\n")] = '\0';
	fclose(file);
	return !strcmp(text, state);
}

/* Parses "memory32", "32", "memory32-39", "32-39". */
static bool parse_blocks(const char *word, unsigned long *first, unsigned long *last)
{
	const char *text = strncmp(word, "memory", 6) ? word : word + 6;
	char *end;

	errno = 0;
	*first = *last = strtoul(text, &end, 10);
	if (end != text && *end == '-' && end[1] >= '0' && end[1] <= '9')
		*last = strtoul(end + 1, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *first <= *last;
}

/* Prints up to @max blocks that are not in the state; returns whether there was none. */
static bool all_in_state(const struct memhp_args *args, const char *memory, unsigned int max)
{
	unsigned long first, last;
	unsigned int others = 0;

	for (unsigned int i = 2; i < args->nr; i++) {
		parse_blocks(args->word[i], &first, &last);
		for (unsigned long n = first; n <= last; n++) {
			if (has_state(memory, n, args->word[0]))
				continue;
			if (others++ == max) {
				fputs(max ? " ..." : "", stderr);
				return false;
			}
			fprintf(stderr, " memory%lu", n);
		}
	}
	return !others;
}

static bool check_wait(const struct memhp_args *args, double *ret_seconds)
{
	unsigned long first, last;
	bool known = false;
	char *end;

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		known = known || !strcmp(args->word[0], states[i]);
	if (!known)
		warnx("%s: no state (%s, %s or %s)", args->word[0], states[0], states[1],
		      states[2]);
	*ret_seconds = strtod(args->word[1], &end);
	if (end == args->word[1] || *end || !(*ret_seconds >= 0)) {
		warnx("%s: no number of seconds", args->word[1]);
		known = false;
	}
	for (unsigned int i = 2; i < args->nr; i++) {
		if (parse_blocks(args->word[i], &first, &last))
			continue;
		warnx("%s: no memory block (use memory32, 32 or 32-39)", args->word[i]);
		known = false;
	}
	return known;
}

int memhp_wait(const struct memhp_args *args)
{
	char memory[PATH_MAX];
	double seconds, start = now();

	if (!check_wait(args, &seconds))
		return MEMHP_USAGE;
	snprintf(memory, sizeof(memory), "%s/sys/devices/system/memory",
		 args->root ? args->root : "");
	while (!all_in_state(args, memory, 0)) {
		if (now() - start < seconds) {
			sleep_ms(POLL_MS);
			continue;
		}
		fprintf(stderr, "memhp wait: not %s:", args->word[0]);
		/* one that gets there at the last moment is in time */
		if (all_in_state(args, memory, MAX_PRINTED))
			fputs(" for a moment", stderr);
		fputs("\n", stderr);
		return MEMHP_FAILED;
	}
	return MEMHP_OK;
}

/* ---- dump ------------------------------------------------------------------------------------ */

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void dump_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while (file && (len = getline(&line, &room, file)) >= 0) {
		printf("%s:", path);
		fwrite(line, 1, (size_t)len, stdout);
		if (len && line[len - 1] != '\n')
			putchar('\n');
	}
	free(line);
	if (file)
		fclose(file);
}

static void dump_entry(const FTSENT *entry)
{
	char target[PATH_MAX];
	ssize_t len;

	if (entry->fts_info == FTS_SL || entry->fts_info == FTS_SLNONE) {
		len = readlink(entry->fts_accpath, target, sizeof(target));
		if (len >= 0)
			printf("%s: -> %.*s\n", entry->fts_path, (int)len, target);
	} else if (entry->fts_info == FTS_F && entry->fts_statp->st_mode & 0444) {
		dump_file(entry->fts_path);
	}
}

int memhp_dump(const struct memhp_args *args)
{
	static const char *const usual[] = { "sys/devices/system/memory", "sys/devices/system/node",
					     NULL };
	char *const *dirs = args->nr ? args->word : (char *const *)usual;
	int status = MEMHP_OK;
	FTSENT *entry;
	FTS *fts;

	if (!args->nr && chdir(args->root ? args->root : "/"))
		err(MEMHP_FAILED, "%s", args->root);
	fts = fts_open(dirs, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (!fts)
		err(MEMHP_FAILED, "%s", dirs[0]);
	while ((entry = fts_read(fts))) {
		dump_entry(entry);
		/* What vanishes meanwhile is left out; what was asked for must be there. */
		if (entry->fts_level == FTS_ROOTLEVEL &&
		    (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR)) {
			warnx("%s: %s", entry->fts_path, strerror(entry->fts_errno));
			status = MEMHP_FAILED;
		}
	}
	fts_close(fts);
	return status;
}

/* ---- log and machines ------------------------------------------------------------------------ */

int memhp_log(const struct memhp_args *args)
{
	char path[PATH_MAX];
	int fd, ret;

	if (!memhp_need_root(args))
		return MEMHP_FAILED;
	snprintf(path, sizeof(path), "%s/machine/log", args->root);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(MEMHP_FAILED, "%s", path);
	while (!(ret = memhp_copy(fd, STDOUT_FILENO)) && args->follow)
		sleep_ms(FOLLOW_MS);
	/* The machine has ended. */
	if (ret && args->follow && (errno == ENOTCONN || errno == ENODEV || errno == ECONNABORTED))
		ret = 0;
	if (ret)
		warn("%s", path);
	close(fd);
	return ret ? MEMHP_FAILED : MEMHP_OK;
}

static int print_machine(const char *name)
{
	char *path;
	int fd, ret;

	if (machine_name_find(name, stderr, &path))
		return MEMHP_FAILED;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ret = fd < 0 ? -1 : memhp_copy(fd, STDOUT_FILENO);
	if (ret)
		warn("%s", path);
	if (fd >= 0)
		close(fd);
	free(path);
	return ret ? MEMHP_FAILED : MEMHP_OK;
}

int memhp_machines(const struct memhp_args *args)
{
	struct base_buf list;
	char *line, *rest, *sentence;
	bool any;

	if (args->nr)
		return print_machine(args->word[0]);
	base_buf_init(&list);
	machine_name_list(&list);
	any = list.len && !list.failed;
	for (rest = list.data; any && (line = strsep(&rest, "\n")) && *line;) {
		sentence = strchr(line, '\t');
		*sentence++ = '\0';
		printf("%-15s %s\n", line, sentence);
	}
	base_buf_fini(&list);
	if (!any)
		warnx("there are none; MEMHP_MACHINES may name their directory");
	return any ? MEMHP_OK : MEMHP_FAILED;
}
