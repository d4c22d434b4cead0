// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file of a fleet: comma-separated values, the first line names the columns. Every row is
 * checked, its machine included, before the first of them runs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"

#define MAX_COLUMNS 16
#define MAX_FILE (64u << 20)
#define MAX_NODES 64
#define MAX_MEMORY (64ULL << 40)

struct reader {
	const char *path;
	const struct plan_options *options;
	struct fleet *fleet;
	unsigned int line;
	struct base_buf what;
};

/* ---- columns --------------------------------------------------------------------------------- */

static bool set_name(struct reader *r, struct fleet_row *row, char *text)
{
	row->name = text;
	return true;
}

static bool set_machine(struct reader *r, struct fleet_row *row, char *text)
{
	unsigned int nodes;
	uint64_t size;

	row->machine = *text ? text : NULL;
	if (!row->machine || !fleet_parse_sizes(text, &nodes, &size))
		return true;
	if (nodes >= 1 && nodes <= MAX_NODES && size >= FLEET_GIB && size <= MAX_MEMORY / nodes &&
	    BASE_ALIGNED(size, FLEET_BLOCK))
		return true;
	base_buf_printf(&r->what,
			"\"%s\": a machine has 1 to %d nodes (2x64G), and each of them a multiple "
			"of 128M, from 1G to 64T in all",
			text, MAX_NODES);
	return false;
}

static bool set_growths(struct reader *r, struct fleet_row *row, char *text)
{
	char *word, *rest = text;

	while ((word = strsep(&rest, ";"))) {
		struct plan_course *course = &row->course;

		word += strspn(word, " ");
		if (!*word)
			continue;
		if (course->nr_growths == PLAN_MAX_GROWTHS) {
			base_buf_printf(&r->what, "no more than %d growths", PLAN_MAX_GROWTHS);
			return false;
		}
		if (!plan_parse_growth(word, &course->growth[course->nr_growths], &r->what))
			return false;
		course->nr_growths++;
	}
	return true;
}

static bool set_unmovable(struct reader *r, struct fleet_row *row, char *text)
{
	if (!*text ||
	    (!base_kstrtouint(text, 10, &row->course.unmovable) && row->course.unmovable <= 100))
		return true;
	base_buf_printf(&r->what, "\"%s\" is not a valid percentage (0 to 100)", text);
	return false;
}

static bool set_count(struct reader *r, struct fleet_row *row, char *text)
{
	if (!*text ||
	    (!base_kstrtouint(text, 10, &row->count) && row->count && row->count <= 100000000))
		return true;
	base_buf_printf(&r->what, "\"%s\" is not a number from 1 to 100000000", text);
	return false;
}

/* Adds "36G:5G": what is in use, and how much of it cannot move. @have: the memory by then */
static bool add_sample(struct reader *r, struct plan_course *course, char *text,
		       const struct plan_growth *model, uint64_t boot, uint64_t *have)
{
	struct plan_growth *growth = &course->growth[course->nr_growths];
	char *unmovable = strchr(text, ':');
	uint64_t total;

	if (course->nr_growths == PLAN_MAX_GROWTHS) {
		base_buf_printf(&r->what, "no more than %d samples", PLAN_MAX_GROWTHS);
		return false;
	}
	*growth = *model;
	growth->text = "use";
	if (unmovable)
		*unmovable++ = '\0';
	if (!unmovable || base_parse_size(text, &total) ||
	    base_parse_size(unmovable, &growth->unmovable) || growth->unmovable > total) {
		base_buf_printf(&r->what,
				"\"%s%s%s\" is not a valid sample (use 36G:5G: in use, and "
				"unmovable of it)",
				text, unmovable ? ":" : "", unmovable ? unmovable : "");
		return false;
	}
	course->nr_growths++;
	if (total <= *have) {
		growth->size = 0;
	} else if (model->virtio_mem) {
		*have = BASE_ROUND_UP(total, FLEET_BLOCK);
		growth->size = *have - boot;
	} else {
		growth->count = (unsigned int)((total - *have - 1) / model->size + 1);
		*have += growth->count * model->size;
	}
	return true;
}

/*
 * A time series, "20G:2G;36G:5G". The machine grows when there is not enough memory, by devices
 * like the one in the column grow, and never shrinks.
 */
static bool set_use(struct reader *r, struct fleet_row *row, char *text)
{
	struct plan_growth model = row->course.growth[0];
	struct machine_spec *spec;
	char *word, *rest = text;
	uint64_t have = 0, boot;

	if (!*text)
		return true;
	if (row->course.nr_growths != 1 || model.count != 1) {
		base_buf_puts(&r->what, "the column grow must have the size of a DIMM (+4G), or of "
					"a virtio-mem device (virtio-mem to 512G)");
		return false;
	}
	if (fleet_spec(row, &spec))
		return false;
	for (size_t i = 0; i < spec->nr_memory; i++)
		have += spec->memory[i].end - spec->memory[i].start + 1;
	machine_spec_free(spec);
	have = boot = BASE_ROUND_UP(have, FLEET_BLOCK);
	row->course.nr_growths = 0;
	while ((word = strsep(&rest, ";"))) {
		word += strspn(word, " ");
		if (!add_sample(r, &row->course, word, &model, boot, &have))
			return false;
	}
	return true;
}

/* In the order in which they are understood: the last one needs what the others have said. */
static const struct column {
	const char *name;
	bool (*set)(struct reader *r, struct fleet_row *row, char *text);
} columns[] = {
	{ "name", set_name },		{ "machine", set_machine }, { "grow", set_growths },
	{ "unmovable", set_unmovable }, { "count", set_count },	    { "use", set_use },
};

/* ---- lines ----------------------------------------------------------------------------------- */

static int say(struct reader *r, const char *column)
{
	if (r->what.len)
		fprintf(stderr, "memhpsim plan: %s:%u: %s%s%s\n", r->path, r->line, column,
			*column ? ": " : "", base_buf_text(&r->what));
	return -EINVAL;
}

/* Splits a line in place; a field may be in double quotes, in which "" is a quote. */
static int split(struct reader *r, char *line, char *field[MAX_COLUMNS])
{
	int nr = 0;

	for (char *at = line; at;) {
		char *to = at, *begin = at;
		bool quoted = *at == '"';

		if (nr == MAX_COLUMNS) {
			base_buf_printf(&r->what, "more than %d fields", MAX_COLUMNS);
			return say(r, "");
		}
		for (at += quoted; *at && (quoted || *at != ','); at++) {
			if (quoted && *at == '"') {
				if (at[1] != '"')
					quoted = false;
				at += at[1] == '"';
				if (!quoted)
					continue;
			}
			*to++ = *at;
		}
		if (quoted) {
			base_buf_puts(&r->what, "a quote is missing at the end");
			return say(r, "");
		}
		field[nr++] = begin;
		at = *at ? at + 1 : NULL;
		*to = '\0';
	}
	return nr;
}

static int find_columns(struct reader *r, char *line, int place[BASE_ARRAY_SIZE(columns)])
{
	char *field[MAX_COLUMNS];
	int nr = split(r, line, field);

	for (size_t i = 0; i < BASE_ARRAY_SIZE(columns); i++)
		place[i] = -1;
	for (int i = 0; i < nr; i++) {
		size_t which = 0;

		while (which < BASE_ARRAY_SIZE(columns) && strcmp(columns[which].name, field[i]))
			which++;
		if (which < BASE_ARRAY_SIZE(columns) && place[which] < 0) {
			place[which] = i;
			continue;
		}
		base_buf_printf(&r->what, "\"%s\" is not a valid column, or there twice (use",
				field[i]);
		for (which = 0; which < BASE_ARRAY_SIZE(columns); which++)
			base_buf_printf(&r->what, "%s %s", which ? "," : "", columns[which].name);
		base_buf_puts(&r->what, ")");
		return say(r, "");
	}
	return nr;
}

static int check_row(struct reader *r, const struct fleet_row *row)
{
	struct machine_spec *spec;
	bool good = true;

	if (!row->course.nr_growths) {
		base_buf_puts(&r->what, "nothing grows");
		return say(r, "grow");
	}
	if (fleet_spec(row, &spec)) {
		fprintf(stderr, "memhpsim plan: %s:%u: machine: see above\n", r->path, r->line);
		return -EINVAL;
	}
	for (unsigned int i = 0; good && i < row->course.nr_growths; i++)
		good = !row->course.growth[i].size ||
		       plan_check_growth(&row->course, i, spec, &r->what);
	machine_spec_free(spec);
	return good ? 0 : say(r, "grow");
}

static int read_row(struct reader *r, char *line, int nr_columns, const int *place)
{
	struct fleet *fleet = r->fleet;
	struct fleet_row *rows = reallocarray(fleet->row, fleet->nr + 1, sizeof(*rows)), *row;
	char *field[MAX_COLUMNS];
	int nr;

	if (!rows)
		return -ENOMEM;
	fleet->row = rows;
	nr = split(r, line, field);
	if (nr < 0)
		return nr;
	if (nr != nr_columns) {
		base_buf_printf(&r->what, "%d fields, and there are %d columns", nr, nr_columns);
		return say(r, "");
	}
	row = &rows[fleet->nr++];
	*row = (struct fleet_row){ .name = (char *)"", .count = 1, .line = r->line };
	row->course.unmovable = r->options->course.unmovable;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(columns); i++) {
		if (place[i] >= 0 && !columns[i].set(r, row, field[place[i]]))
			return say(r, columns[i].name);
	}
	return check_row(r, row);
}

static int read_rows(struct reader *r)
{
	int place[BASE_ARRAY_SIZE(columns)], nr_columns = 0, ret = 0;
	char *line, *rest = r->fleet->text;

	while (!ret && (line = strsep(&rest, "\n"))) {
		size_t len = strlen(line);

		r->line++;
		if (len && line[len - 1] == '\r')
			line[len - 1] = '\0';
		if (!*line || *line == '#')
			continue;
		if (nr_columns) {
			ret = read_row(r, line, nr_columns, place);
		} else {
			nr_columns = find_columns(r, line, place);
			ret = BASE_MIN(nr_columns, 0);
		}
	}
	if (!ret && !r->fleet->nr) {
		base_buf_puts(&r->what, "there is no machine in it");
		return say(r, "");
	}
	return ret;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* FNV-1a. */
static uint64_t hash(uint64_t at, const char *text)
{
	for (; *text; text++)
		at = (at ^ (unsigned char)*text) * 0x100000001b3;
	return at * 0x100000001b3;
}

static int read_text(const char *path, char **ret_text)
{
	FILE *in;
	char *text;
	size_t len;
	int ret = 0;

	errno = 0;
	in = fopen(path, "re");
	text = in ? malloc(MAX_FILE) : NULL;
	len = text ? fread(text, 1, MAX_FILE, in) : 0;
	if (!in || !text || ferror(in)) {
		ret = errno ? -errno : -EIO;
		fprintf(stderr, "memhpsim plan: %s: %s\n", path, strerror(-ret));
	} else if (len == MAX_FILE || memchr(text, '\0', len)) {
		ret = -EINVAL;
		fprintf(stderr, "memhpsim plan: %s: not a text of less than 64 MiB\n", path);
	} else {
		text[len] = '\0';
	}
	if (in)
		(void)fclose(in);
	if (ret) {
		free(text);
		return ret;
	}
	*ret_text = text;
	return 0;
}

int fleet_read(const char *path, const struct plan_options *options, struct fleet *ret_fleet)
{
	struct fleet fleet = { .hash = 0xcbf29ce484222325 };
	struct reader r = { .path = path, .options = options, .fleet = &fleet };
	char percent[12];
	int ret = read_text(path, &fleet.text);

	if (ret)
		return ret;
	snprintf(percent, sizeof(percent), "%u", options->course.unmovable);
	fleet.hash = hash(hash(fleet.hash, fleet.text), percent);
	for (unsigned int i = 0; i < options->nr_policies; i++)
		fleet.hash = hash(fleet.hash, options->policy[i].text);
	base_buf_init(&r.what);
	ret = read_rows(&r);
	base_buf_fini(&r.what);
	if (ret)
		fleet_fini(&fleet);
	else
		*ret_fleet = fleet;
	return ret;
}

int fleet_of_one(const struct plan_options *options, struct fleet *ret_fleet)
{
	struct fleet fleet = { .row = calloc(1, sizeof(*fleet.row)), .nr = 1 };

	if (!fleet.row)
		return -ENOMEM;
	*fleet.row = (struct fleet_row){ .name = (char *)"the machine",
					 .machine = (char *)options->machine,
					 .course = options->course,
					 .count = 1 };
	*ret_fleet = fleet;
	return 0;
}

char *fleet_keep(struct fleet *fleet, const char *text)
{
	char **grown = reallocarray(fleet->kept, fleet->nr_kept + 1, sizeof(*grown));
	char *copy = grown ? strdup(text) : NULL;

	if (grown)
		fleet->kept = grown;
	if (copy)
		grown[fleet->nr_kept++] = copy;
	return copy;
}

void fleet_fini(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->nr_kept; i++)
		free(fleet->kept[i]);
	free(fleet->kept);
	free(fleet->row);
	free(fleet->text);
}
