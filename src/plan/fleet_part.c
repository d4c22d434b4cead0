// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parts of a fleet's outcomes, as JSON: what a shard has found, with all that the others need
 * to add it up. A machine that computes no shard needs neither the file nor the machines.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fleet.h"
#include "memhp/cli/json_text.h"

static json_t *outcome_json(const struct fleet_outcome *o)
{
	return json_pack("[i, i, i, o, I, I, I]", o->error, (int)o->nr_unusable, o->exhausted,
			 isinf(o->ratio) ? json_null() : json_real(o->ratio), (json_int_t)o->added,
			 (json_int_t)o->removed, (json_int_t)o->certain);
}

static json_t *row_json(const struct fleet *fleet, unsigned int i,
			const struct plan_options *options, const struct fleet_outcome *outcomes)
{
	const struct fleet_row *row = &fleet->row[i];
	json_t *list = json_array();

	for (unsigned int p = 0; p < options->nr_policies; p++)
		json_array_append_new(list, outcome_json(&outcomes[i * options->nr_policies + p]));
	return json_pack("{s:i, s:o, s:i, s:o}", "row", (int)i, "name",
			 json_text(row->name, strlen(row->name)), "count", (int)row->count,
			 "outcomes", list);
}

int fleet_part_print(const struct fleet *fleet, const struct plan_options *options,
		     const struct fleet_outcome *outcomes, FILE *out)
{
	json_t *policies = json_array(), *rows = json_array(), *top;
	char hash[20];
	int ret;

	snprintf(hash, sizeof(hash), "%016" PRIx64, fleet->hash);
	for (unsigned int p = 0; p < options->nr_policies; p++)
		json_array_append_new(policies, json_text(options->policy[p].text,
							  strlen(options->policy[p].text)));
	for (unsigned int i = options->shard - 1; i < fleet->nr; i += options->shards)
		json_array_append_new(rows, row_json(fleet, i, options, outcomes));
	top = json_pack("{s:s, s:i, s:i, s:i, s:o, s:o}", "fleet", hash, "shard",
			(int)options->shard, "of", (int)options->shards, "rows", (int)fleet->nr,
			"policies", policies, "machines", rows);
	ret = top && !json_dumpf(top, out, JSON_COMPACT | JSON_REAL_PRECISION(17)) ? 0 : -ENOMEM;
	fputc('\n', out);
	json_decref(top);
	return ret;
}

/* ---- merging --------------------------------------------------------------------------------- */

/*
 * struct merger - parts that are put together
 * @hash, @shards: of the first part, and of all others
 * @seen: which shards have been read
 */
struct merger {
	struct plan_options *options;
	struct fleet *fleet;
	struct fleet_outcome *outcomes;
	char hash[20];
	unsigned int shards;
	bool *seen;
};

static int say(const char *path, const char *what)
{
	fprintf(stderr, "memhpsim plan: %s: %s\n", path, what);
	return -EINVAL;
}

static int take_policies(struct merger *m, json_t *list, const char *path)
{
	struct plan_options *options = m->options;
	struct base_buf what;
	bool good = json_array_size(list) <= PLAN_MAX_POLICIES;

	base_buf_init(&what);
	for (size_t i = 0; good && i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));
		const char *kept = text ? fleet_keep(m->fleet, text) : NULL;

		good = kept && plan_parse_policy(kept, &options->policy[i], &what);
		options->nr_policies += good;
	}
	base_buf_fini(&what);
	return good ? 0 : say(path, "its policies are not those of this memhpsim");
}

static int begin(struct merger *m, const char *hash, int shards, int rows, json_t *policies,
		 const char *path)
{
	if (strlen(hash) >= sizeof(m->hash) || shards < 1 || shards > 1000000 || rows < 1 ||
	    rows > 100000000 || !json_array_size(policies))
		return say(path, "not what --shard printed");
	strcpy(m->hash, hash);
	m->shards = (unsigned int)shards;
	m->fleet->nr = (unsigned int)rows;
	m->seen = calloc(m->shards, sizeof(*m->seen));
	m->fleet->row = calloc(m->fleet->nr, sizeof(*m->fleet->row));
	if (!m->seen || !m->fleet->row)
		return -ENOMEM;
	if (take_policies(m, policies, path))
		return -EINVAL;
	m->outcomes = fleet_outcomes_new(m->fleet->nr, m->options->nr_policies);
	return m->outcomes ? 0 : -ENOMEM;
}

static int take_outcome(struct fleet_outcome *o, json_t *json)
{
	json_t *ratio;
	json_int_t added, removed, certain;

	if (json_unpack(json, "[i, i, i, o, I, I, I!]", &o->error, (int *)&o->nr_unusable,
			&o->exhausted, &ratio, &added, &removed, &certain))
		return -EINVAL;
	o->ratio = json_is_null(ratio) ? INFINITY : json_number_value(ratio);
	o->added = (uint64_t)added;
	o->removed = (uint64_t)removed;
	o->certain = (uint64_t)certain;
	o->is_known = true;
	return 0;
}

static int take_row(struct merger *m, json_t *json)
{
	unsigned int nr = m->options->nr_policies;
	struct fleet_row *row;
	const char *name;
	json_t *outcomes;
	int i, count;

	if (json_unpack(json, "{s:i, s:s, s:i, s:o!}", "row", &i, "name", &name, "count", &count,
			"outcomes", &outcomes) ||
	    i < 0 || (unsigned int)i >= m->fleet->nr || count < 1 ||
	    json_array_size(outcomes) != nr)
		return -EINVAL;
	row = &m->fleet->row[i];
	if (row->count)
		return -EINVAL;
	row->name = fleet_keep(m->fleet, name);
	row->count = (unsigned int)count;
	if (!row->name)
		return -ENOMEM;
	for (unsigned int p = 0; p < nr; p++) {
		if (take_outcome(&m->outcomes[(unsigned int)i * nr + p],
				 json_array_get(outcomes, p)))
			return -EINVAL;
	}
	return 0;
}

static int take_part(struct merger *m, json_t *top, const char *path)
{
	json_t *policies, *rows;
	const char *hash;
	int shard, shards, nr, ret = 0;

	if (json_unpack(top, "{s:s, s:i, s:i, s:i, s:o, s:o!}", "fleet", &hash, "shard", &shard,
			"of", &shards, "rows", &nr, "policies", &policies, "machines", &rows))
		return say(path, "not what --shard printed");
	if (!m->shards)
		ret = begin(m, hash, shards, nr, policies, path);
	if (ret)
		return ret;
	if (strcmp(hash, m->hash) || (unsigned int)shards != m->shards ||
	    (unsigned int)nr != m->fleet->nr)
		return say(path, "a part of another fleet, or of other policies or shards");
	if (shard < 1 || shard > shards || m->seen[shard - 1])
		return say(path, "its shard has been merged before");
	m->seen[shard - 1] = true;
	for (size_t i = 0; !ret && i < json_array_size(rows); i++)
		ret = take_row(m, json_array_get(rows, i));
	return ret == -EINVAL ? say(path, "not what --shard printed") : ret;
}

static int check_complete(const struct merger *m)
{
	for (unsigned int i = 0; i < m->shards; i++) {
		if (m->seen[i])
			continue;
		fprintf(stderr, "memhpsim plan: --merge: shard %u/%u is missing\n", i + 1,
			m->shards);
		return -EINVAL;
	}
	for (unsigned int i = 0; i < m->fleet->nr; i++) {
		if (!m->fleet->row[i].count)
			return say("--merge", "a shard does not have all of its machines");
	}
	return 0;
}

int fleet_parts_read(struct plan_options *options, struct fleet *ret_fleet,
		     struct fleet_outcome **ret_outcomes)
{
	struct fleet fleet = { 0 };
	struct merger m = { .options = options, .fleet = &fleet };
	int ret = 0;

	for (unsigned int i = 0; !ret && i < options->nr_parts; i++) {
		json_error_t error;
		json_t *top = json_load_file(options->part[i], 0, &error);

		ret = top ? take_part(&m, top, options->part[i]) :
			    say(options->part[i], error.text);
		json_decref(top);
	}
	if (!ret)
		ret = check_complete(&m);
	free(m.seen);
	*ret_fleet = fleet;
	*ret_outcomes = m.outcomes;
	return ret;
}
